"""Reads the tensors of a pickled PyTorch file without PyTorch and without running any code of the file.

The layout (PyTorch's format before 1.6): four pickles (magic number, protocol version, machine facts, the
object), a pickled list of storage keys, then each storage as an int64 element count and its raw bytes. The
object is a state dict or a whole module tree; of a tree only the `_parameters`, `_buffers` and `_modules` of
each layer are read. Every name in the pickle is looked up in a closed list of inert stand-ins.
"""

from __future__ import annotations

import io
import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MAGIC = 0x1950A86A20F9469CFC6C
_PROTOCOL = 1001
_ELEMENT_TYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class UnsafePickleError(Exception):
    """The file asks for something that plain weights do not need; nothing of it was run."""


class Layer:
    """What any `torch.nn.Module` of the file becomes: a bag of attributes."""

    def __setstate__(self, state: dict[str, Any]) -> None:
        if not isinstance(state, dict):
            raise UnsafePickleError("a layer whose state is not a dictionary")
        self.__dict__["attributes"] = state


@dataclass(slots=True)
class _Storage:
    kind: np.dtype[Any]
    count: int
    values: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True)
class _Tensor:
    """A view of a storage that is not read yet; `offset`, `shape` and `strides` count elements."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def array(self) -> NDArray[Any]:
        """The tensor's own copy of its values. Raises UnsafePickleError where the view leaves the storage."""
        values = self.storage.values
        if values is None:
            raise UnsafePickleError("a tensor whose storage is not in the file")
        last = self.offset + sum(
            (size - 1) * stride for size, stride in zip(self.shape, self.strides, strict=True)
        )
        if min(self.offset, *self.strides, *self.shape, 0) < 0 or (
            0 not in self.shape and last >= len(values)
        ):
            raise UnsafePickleError("a tensor that reaches outside its storage")
        byte_strides = tuple(stride * values.itemsize for stride in self.strides)
        return np.lib.stride_tricks.as_strided(values[self.offset :], self.shape, byte_strides).copy()


def _tensor(
    storage: _Storage, offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: object
) -> _Tensor:
    if not isinstance(storage, _Storage):
        raise UnsafePickleError("a tensor without a storage")
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


def _parameter(data: _Tensor, *_: object) -> _Tensor:
    return data


def _nothing(*_: object) -> None:
    return None


_LAYERS = (
    ("torch.nn.parallel.data_parallel", "DataParallel"),
    ("torch.nn.modules.container", "Sequential"),
    ("torch.nn.modules.conv", "Conv2d"),
    ("torch.nn.modules.linear", "Linear"),
    ("torch.nn.modules.activation", "PReLU"),
    ("torch.nn.modules.activation", "ReLU"),
    ("torch.nn.modules.batchnorm", "BatchNorm1d"),
    ("torch.nn.modules.batchnorm", "BatchNorm2d"),
    ("torch.nn.modules.pooling", "AdaptiveAvgPool2d"),
    ("torch.nn.modules.pooling", "AvgPool2d"),
    *(
        ("models.network_def.mobilefacenet_def", name)
        for name in ("MobileFaceNet", "Conv_block", "Linear_block", "Depth_Wise", "Residual", "Flatten")
    ),
    *(
        ("models.network_def.mobilev3_pfld", name)
        for name in ("PFLDInference", "MobileBottleneck", "SEModule", "Hswish", "Hsigmoid", "Identity")
    ),
)
_ALLOWED: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("torch", "device"): _nothing,
    ("torch.nn.backends.thnn", "_get_thnn_function_backend"): _nothing,
    **{("torch", name): kind for name, kind in _ELEMENT_TYPES.items()},
    **dict.fromkeys(_LAYERS, Layer),
}


class _WeightsUnpickler(pickle.Unpickler):
    """An unpickler that knows the names of `_ALLOWED` and refuses every other."""

    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file)
        self.storages: dict[str, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _ALLOWED[module, name]
        except KeyError:
            raise UnsafePickleError(f"the weights ask for {module}.{name}, which is not allowed") from None

    def persistent_load(self, pid: Any) -> Any:
        match pid:
            case ("module", kind, str(), str()):
                return kind
            case ("storage", np.dtype() as kind, str(key), str(), int(count), None):
                return self.storages.setdefault(key, _Storage(kind, count))
        raise UnsafePickleError("the weights name an object that is neither a layer nor a storage")


def read_state_dict(content: bytes) -> dict[str, NDArray[Any]]:
    """The tensors of a pickled PyTorch file by dotted name (`conv1.bn.running_mean`), float32 or int64.

    A leading `module.` (left by data-parallel training) is dropped. Raises UnsafePickleError where the file
    asks for any name that weights do not need, or is damaged.
    """
    file = io.BytesIO(content)
    try:
        header = [_WeightsUnpickler(file).load() for _ in range(3)]
        unpickler = _WeightsUnpickler(file)
        root = unpickler.load()
        keys = _WeightsUnpickler(file).load()
    except (pickle.UnpicklingError, EOFError, ValueError, TypeError, AttributeError, IndexError) as broken:
        raise UnsafePickleError(f"the weights are damaged: {broken}") from broken
    if header[:2] != [_MAGIC, _PROTOCOL]:
        raise UnsafePickleError("this is not a file of PyTorch weights in the expected layout")
    for key in keys:
        _read_storage(file, unpickler.storages, key)
    tensors: dict[str, NDArray[Any]] = {}
    _collect(root, "", tensors)
    return {name.removeprefix("module."): array for name, array in tensors.items()}


def _read_storage(file: io.BytesIO, storages: dict[str, _Storage], key: object) -> None:
    storage = storages.get(key) if isinstance(key, str) else None
    head = file.read(8)
    if storage is None or len(head) < 8 or struct.unpack("<q", head)[0] != storage.count:
        raise UnsafePickleError("the weights are damaged: a storage does not fit its description")
    content = file.read(storage.count * storage.kind.itemsize)
    if len(content) < storage.count * storage.kind.itemsize:
        raise UnsafePickleError("the weights are damaged: the file ends too early")
    storage.values = np.frombuffer(content, storage.kind)


def _collect(node: object, prefix: str, into: dict[str, NDArray[Any]]) -> None:
    if isinstance(node, Layer):
        attributes = vars(node).get("attributes", {})
        for part in ("_parameters", "_buffers", "_modules"):
            _collect(attributes.get(part), prefix, into)
    elif isinstance(node, dict):
        for name, child in node.items():
            if isinstance(child, _Tensor):
                into[f"{prefix}{name}"] = child.array()
            elif isinstance(child, (Layer, dict)):
                _collect(child, f"{prefix}{name}.", into)
