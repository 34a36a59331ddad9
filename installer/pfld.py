"""Builds FaceX-Zoo's 106-point landmark network as an ONNX graph from its weights.

Input `image` [n, 3, 112, 112] float32, blue-green-red, pixel / 255; output `landmarks` [n, 212] float32: x
and y of one point after the other, as shares of the picture's side. The architecture is PFLD (Guo et al.,
2019) on the bottlenecks of MobileNetV3 (Howard et al., 2019), as FaceX-Zoo trained it. Each batch
normalisation is folded into the convolution before it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from installer.onnx_graph import OnnxGraph, Weights

POINTS = 106


@dataclass(frozen=True, slots=True)
class Bottleneck:
    """A row of the architecture's table; the numbers of channels are read from the weights."""

    name: str
    stride: int = 1
    padding: int = 1
    weighs: bool = False
    swish: bool = False
    adds: bool = False


_TRUNK = (
    Bottleneck("conv_bn2", adds=True),
    Bottleneck("conv3_1", stride=2),
    Bottleneck("block3_2", adds=True),
    Bottleneck("block3_3", stride=2, padding=2, weighs=True),
    Bottleneck("block3_4", padding=2, weighs=True, adds=True),
    Bottleneck("block3_5", padding=2, weighs=True, adds=True),
    Bottleneck("conv4_1", stride=2),
    Bottleneck("conv5_1", swish=True, adds=True),
    Bottleneck("block5_2", weighs=True, swish=True),
    Bottleneck("block5_3", weighs=True, swish=True, adds=True),
    Bottleneck("block5_4", weighs=True, swish=True),
    Bottleneck("conv6_1", swish=True),
)


class PfldGraph(OnnxGraph):
    """Adds layers one after the other; each method takes and returns the name of a value in the graph."""

    def layer(self, value: str, name: str, place: int, stride: int = 1, padding: int = 0) -> str:
        """The convolution at `place` of the sequence `name`, with the normalisation after it folded in."""
        kernel, normalisation = f"{name}.{place}.weight", f"{name}.{place + 1}"
        return self.normalised_convolution(value, kernel, normalisation, f"{name}.{place}", stride, padding)

    def swish(self, value: str, name: str) -> str:
        """x * min(max(x / 6 + 1/2, 0), 1)."""
        return self.node("Mul", [value, self._gate(value, f"{name}.gate")], name)

    def bottleneck(self, value: str, row: Bottleneck) -> str:
        """1x1 widening, depthwise convolution, channels weighed if wanted, 1x1 linear projection."""
        name = f"{row.name}.conv"
        wide = self._active(self.layer(value, name, 0), f"{name}.2", row.swish)
        mixed = self.layer(wide, name, 3, row.stride, row.padding)
        if row.weighs:
            mixed = self._weighed(mixed, f"{name}.5")
        narrow = self.layer(self._active(mixed, f"{name}.6", row.swish), name, 7)
        return self.node("Add", [value, narrow], row.name) if row.adds else narrow

    def plain(self, value: str, name: str, stride: int, padding: int) -> str:
        """A convolution with a bias of its own."""
        weights, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.convolution(value, weights, bias, name, stride, padding)

    def head(self, scales: list[str], name: str, output: str) -> str:
        """Values of several scales, flattened, side by side, through a fully connected layer."""
        flat = [self.node("Flatten", [scale], f"{scale}.flat", axis=1) for scale in scales]
        together = self.node("Concat", flat, f"{name}.scales", axis=1)
        constants = [
            self.constant(f"{name}.{part}", self.weight(f"{name}.{part}")) for part in ("weight", "bias")
        ]
        return self.node("Gemm", [together, *constants], output, transB=1)

    def mean(self, value: str, name: str) -> str:
        """One number for each channel."""
        return self.node("GlobalAveragePool", [value], name)

    def _active(self, value: str, name: str, swish: bool) -> str:
        return self.swish(value, name) if swish else self.node("Relu", [value], name)

    def _gate(self, value: str, name: str) -> str:
        return self.node("HardSigmoid", [value], name, alpha=1 / 6, beta=0.5)

    def _weighed(self, value: str, name: str) -> str:
        """Squeeze and excitation (Hu et al., 2018): each channel times a factor read from all of them."""
        squeezed = self.mean(value, f"{name}.mean")
        few = self.node("Relu", [self._one_by_one(squeezed, f"{name}.fc.0")], f"{name}.few")
        factors = self._gate(self._one_by_one(few, f"{name}.fc.2"), f"{name}.factors")
        return self.node("Mul", [value, factors], name)

    def _one_by_one(self, value: str, name: str) -> str:
        weights = self.weight(f"{name}.weight")[:, :, None, None]
        return self.convolution(value, weights, np.zeros(len(weights)), name)


def build_pfld(weights: Weights) -> bytes:
    """The network as the bytes of an ONNX file. A missing layer raises KeyError with its name."""
    graph = PfldGraph(weights)
    value = graph.swish(graph.layer("image", "conv_bn1", 0, padding=1), "conv_bn1.2")
    for row in _TRUNK:
        value = graph.bottleneck(value, row)
    near = graph.mean(value, "avg_pool1")
    value = graph.plain(value, "conv7", stride=2, padding=1)
    middle = graph.mean(value, "avg_pool2")
    far = graph.plain(value, "conv8", stride=1, padding=0)
    graph.head([near, middle, far], "fc", "landmarks")
    return graph.model("pfld-106", ("image", [3, 112, 112]), ("landmarks", 2 * POINTS))
