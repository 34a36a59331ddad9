"""Builds FaceX-Zoo's MobileFaceNet as an ONNX graph from its weights.

Input `image` [n, 3, 112, 112] float32, blue-green-red, (pixel - 127.5) / 128; output `embedding` [n, 512]
float32, not normalised (its length is of use as a quality sign). The architecture is that of Chen et al.,
"MobileFaceNets", 2018, as FaceX-Zoo trained it. Each batch normalisation is folded into the convolution
before it. A PReLU is written as Relu(x) + slope * -Relu(-x), the second factor as a 1x1 depthwise
convolution: the same function, two to three times as fast on a processor. Equal weights give equal bytes.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

_EPSILON = 1e-5  # of every batch normalisation in the trained network
_OPSET = 13
_IR_VERSION = 8

Weights = dict[str, NDArray[Any]]


class GraphBuilder:
    """Adds layers one after the other; each method takes and returns the name of a value in the graph."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def convolution(self, value: str, name: str, stride: int = 1, padding: int = 0) -> str:
        """`{name}.conv` with `{name}.bn` folded in; one input channel per filter means depthwise."""
        kernel = self._weights[f"{name}.conv.weight"]
        scale, shift = self._folded(f"{name}.bn")
        depthwise = kernel.shape[1] == 1
        return self._node(
            "Conv",
            [
                value,
                self._constant(f"{name}.weight", kernel * scale[:, None, None, None]),
                self._constant(f"{name}.bias", shift),
            ],
            name,
            group=kernel.shape[0] if depthwise else 1,
            kernel_shape=list(kernel.shape[2:]),
            pads=[padding] * 4,
            strides=[stride, stride],
        )

    def prelu(self, value: str, name: str) -> str:
        """`{name}.weight` holds one slope per channel."""
        slope = self._weights[f"{name}.weight"].astype(np.float64)
        # The sign change is a convolution too: onnxruntime then keeps its blocked layout (a fifth faster).
        negated = self._per_channel(value, -np.ones_like(slope), f"{name}.negated")
        below = self._node("Relu", [negated], f"{name}.below")
        scaled = self._per_channel(below, -slope, f"{name}.scaled")
        above = self._node("Relu", [value], f"{name}.above")
        return self._node("Add", [above, scaled], name)

    def block(self, value: str, name: str, stride: int = 1, padding: int = 0) -> str:
        """Convolution, batch normalisation, PReLU."""
        return self.prelu(self.convolution(value, name, stride, padding), f"{name}.prelu")

    def bottleneck(self, value: str, name: str, stride: int, residual: bool) -> str:
        """1x1 widening, 3x3 depthwise, 1x1 linear projection; with `residual` the input is added."""
        wide = self.block(value, f"{name}.conv")
        mixed = self.block(wide, f"{name}.conv_dw", stride=stride, padding=1)
        projected = self.convolution(mixed, f"{name}.project")
        return self._node("Add", [value, projected], f"{name}.sum") if residual else projected

    def dense(self, value: str, name: str, normalisation: str, output: str) -> str:
        """Fully connected layer without its own bias; `normalisation` is folded in."""
        flat = self._node("Flatten", [value], f"{name}.flat", axis=1)
        scale, shift = self._folded(normalisation)
        weight = self._weights[f"{name}.weight"] * scale[:, None]
        constants = [self._constant(f"{name}.weight", weight), self._constant(f"{name}.bias", shift)]
        return self._node("Gemm", [flat, *constants], output, transB=1)

    def model(self, graph_name: str, image: tuple[str, list[int]], output: tuple[str, int]) -> bytes:
        """The finished file; `image` is the input's name and [channels, height, width]."""
        graph = helper.make_graph(
            self._nodes,
            graph_name,
            [helper.make_tensor_value_info(image[0], TensorProto.FLOAT, ["n", *image[1]])],
            [helper.make_tensor_value_info(output[0], TensorProto.FLOAT, ["n", output[1]])],
            self._constants,
        )
        model = helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", _OPSET)],
            ir_version=_IR_VERSION,
            producer_name="photo-kiosk",
        )
        onnx.checker.check_model(model, full_check=True)
        return bytes(model.SerializeToString(deterministic=True))

    def _per_channel(self, value: str, factors: NDArray[np.float64], name: str) -> str:
        constant = self._constant(f"{name}.factors", factors[:, None, None, None])
        return self._node("Conv", [value, constant], name, group=len(factors), kernel_shape=[1, 1])

    def _folded(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """A batch normalisation as factor and summand, in double precision."""
        gain, bias, mean, variance = (
            self._weights[f"{name}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(variance + _EPSILON)
        return scale, bias - mean * scale

    def _constant(self, name: str, values: NDArray[np.float64]) -> str:
        array = np.ascontiguousarray(values, "<f4")
        self._constants.append(
            helper.make_tensor(name, TensorProto.FLOAT, array.shape, array.tobytes(), raw=True)
        )
        return name

    def _node(self, operator: str, inputs: list[str], name: str, **attributes: Any) -> str:
        self._nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name


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
    value = graph.convolution(value, "conv_6_dw")
    graph.dense(value, "linear", normalisation="bn", output="embedding")
    return graph.model("mobilefacenet", ("image", [3, 112, 112]), ("embedding", 512))
