"""Networks as ONNX graphs, built layer by layer from their weights. Equal weights give equal bytes."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper

_EPSILON = 1e-5  # of every batch normalisation in the trained networks
_OPSET = 13
_IR_VERSION = 8

Weights = dict[str, NDArray[Any]]


class OnnxGraph:
    """Nodes and constants in the order in which they are added; a value goes by its node's name."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def weight(self, name: str) -> NDArray[Any]:
        """One trained tensor. Raises KeyError with the name of a missing one."""
        return self._weights[name]

    def normalised_convolution(
        self, value: str, kernel: str, normalisation: str, name: str, stride: int = 1, padding: int = 0
    ) -> str:
        """A convolution with the batch normalisation after it folded in; `kernel` and `normalisation` are the
        weights' names. One input channel per filter means depthwise."""
        weights = self._weights[kernel]
        scale, shift = self.folded(normalisation)
        return self.convolution(value, weights * scale[:, None, None, None], shift, name, stride, padding)

    def convolution(
        self,
        value: str,
        weights: NDArray[Any],
        bias: NDArray[Any],
        name: str,
        stride: int = 1,
        padding: int = 0,
    ) -> str:
        """A convolution with these weights [filters, inputs, height, width] and one bias per filter."""
        constants = [self.constant(f"{name}.weight", weights), self.constant(f"{name}.bias", bias)]
        return self.node(
            "Conv",
            [value, *constants],
            name,
            group=weights.shape[0] if weights.shape[1] == 1 else 1,
            kernel_shape=list(weights.shape[2:]),
            pads=[padding] * 4,
            strides=[stride, stride],
        )

    def folded(self, name: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """A batch normalisation as factor and summand, in double precision."""
        gain, bias, mean, variance = (
            self._weights[f"{name}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(variance + _EPSILON)
        return scale, bias - mean * scale

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """A tensor that is part of the file, float32."""
        array = np.ascontiguousarray(values, "<f4")
        self._constants.append(
            helper.make_tensor(name, TensorProto.FLOAT, array.shape, array.tobytes(), raw=True)
        )
        return name

    def node(self, operator: str, inputs: list[str], name: str, **attributes: Any) -> str:
        """One operation; its name is also that of its value."""
        self._nodes.append(helper.make_node(operator, inputs, [name], name=name, **attributes))
        return name

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
