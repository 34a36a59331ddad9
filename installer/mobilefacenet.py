"""Builds FaceX-Zoo's MobileFaceNet as an ONNX graph from its weights.

Input `image` [n, 3, 112, 112] float32, blue-green-red, (pixel - 127.5) / 128; output `embedding` [n, 512]
float32, not normalised (its length is of use as a quality sign). The architecture is that of Chen et al.,
"MobileFaceNets", 2018, as FaceX-Zoo trained it. Each batch normalisation is folded into the convolution
before it. A PReLU is written as Relu(x) + slope * -Relu(-x), the second factor as a 1x1 depthwise
convolution: the same function, two to three times as fast on a processor.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from installer.onnx_graph import OnnxGraph, Weights


class GraphBuilder(OnnxGraph):
    """Adds layers one after the other; each method takes and returns the name of a value in the graph."""

    def layer(self, value: str, name: str, stride: int = 1, padding: int = 0) -> str:
        """`{name}.conv` with `{name}.bn` folded in."""
        kernel, normalisation = f"{name}.conv.weight", f"{name}.bn"
        return self.normalised_convolution(value, kernel, normalisation, name, stride, padding)

    def prelu(self, value: str, name: str) -> str:
        """`{name}.weight` holds one slope per channel."""
        slope = self.weight(f"{name}.weight").astype(np.float64)
        # The sign change is a convolution too: onnxruntime then keeps its blocked layout (a fifth faster).
        negated = self._per_channel(value, -np.ones_like(slope), f"{name}.negated")
        below = self.node("Relu", [negated], f"{name}.below")
        scaled = self._per_channel(below, -slope, f"{name}.scaled")
        above = self.node("Relu", [value], f"{name}.above")
        return self.node("Add", [above, scaled], name)

    def block(self, value: str, name: str, stride: int = 1, padding: int = 0) -> str:
        """Convolution, batch normalisation, PReLU."""
        return self.prelu(self.layer(value, name, stride, padding), f"{name}.prelu")

    def bottleneck(self, value: str, name: str, stride: int, residual: bool) -> str:
        """1x1 widening, 3x3 depthwise, 1x1 linear projection; with `residual` the input is added."""
        wide = self.block(value, f"{name}.conv")
        mixed = self.block(wide, f"{name}.conv_dw", stride=stride, padding=1)
        projected = self.layer(mixed, f"{name}.project")
        return self.node("Add", [value, projected], f"{name}.sum") if residual else projected

    def dense(self, value: str, name: str, normalisation: str, output: str) -> str:
        """Fully connected layer without its own bias; `normalisation` is folded in."""
        flat = self.node("Flatten", [value], f"{name}.flat", axis=1)
        scale, shift = self.folded(normalisation)
        weight = self.weight(f"{name}.weight") * scale[:, None]
        constants = [self.constant(f"{name}.weight", weight), self.constant(f"{name}.bias", shift)]
        return self.node("Gemm", [flat, *constants], output, transB=1)

    def _per_channel(self, value: str, factors: NDArray[np.float64], name: str) -> str:
        constant = self.constant(f"{name}.factors", factors[:, None, None, None])
        return self.node("Conv", [value, constant], name, group=len(factors), kernel_shape=[1, 1])


def build_mobilefacenet(weights: Weights) -> bytes:
    """The network as the bytes of an ONNX file. A missing layer raises KeyError with its name."""
    graph = GraphBuilder(weights)
    value = graph.block("image", "conv1", stride=2, padding=1)
    value = graph.block(value, "conv2_dw", padding=1)
    for widening, stage, repeats in (
        ("conv_23", "conv_3", 4),
        ("conv_34", "conv_4", 6),
        ("conv_45", "conv_5", 2),
    ):
        value = graph.bottleneck(value, widening, stride=2, residual=False)
        for step in range(repeats):
            value = graph.bottleneck(value, f"{stage}.model.{step}", stride=1, residual=True)
    value = graph.block(value, "conv_6_sep")
    value = graph.layer(value, "conv_6_dw")
    graph.dense(value, "linear", normalisation="bn", output="embedding")
    return graph.model("mobilefacenet", ("image", [3, 112, 112]), ("embedding", 512))
