"""Pickled weights are read without running anything, and the network built from them is right."""

from __future__ import annotations

import hashlib
import io
import os
import pickle
import struct
import sys
import types
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from installer.downloads import DOWNLOADS, check, member, sha256_of
from installer.mobilefacenet import GraphBuilder, build_mobilefacenet
from installer.pfld import Bottleneck, PfldGraph, build_pfld
from installer.state_dict import UnsafePickleError, read_state_dict
from installer.weights import read_manifest

MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
Arrays = dict[str, NDArray[Any]]


class Storage:
    """Stands for a storage while a test file is written."""

    def __init__(self, kind: type, values: NDArray[Any], claimed: int | None = None) -> None:
        self.kind, self.values, self.claimed = kind, values, claimed


@pytest.fixture
def torch_names(monkeypatch: pytest.MonkeyPatch) -> types.SimpleNamespace:
    """The names under which PyTorch writes its objects, so that a test can write such a file without it."""
    modules = ("torch", "torch._utils", "torch.nn.modules.conv", "torch.nn.modules.container")
    for name in modules:
        monkeypatch.setitem(sys.modules, name, types.ModuleType(name))

    def named(module: str, name: str, base: type = object) -> Any:
        made = type(name, (base,), {"__module__": module})
        setattr(sys.modules[module], name, made)
        return made

    def rebuild(*_: Any) -> None:
        raise AssertionError("only its name is written")

    rebuild.__module__, rebuild.__qualname__, rebuild.__name__ = "torch._utils", *["_rebuild_tensor_v2"] * 2
    sys.modules["torch._utils"]._rebuild_tensor_v2 = rebuild  # type: ignore[attr-defined]
    return types.SimpleNamespace(
        float_storage=named("torch", "FloatStorage"),
        long_storage=named("torch", "LongStorage"),
        conv=named("torch.nn.modules.conv", "Conv2d"),
        sequential=named("torch.nn.modules.container", "Sequential"),
        rebuild=rebuild,
    )


class Tensor:
    """Written as PyTorch writes a tensor: a call of its rebuilding function on a storage."""

    def __init__(self, names: types.SimpleNamespace, values: NDArray[Any], offset: int = 0) -> None:
        kind = names.float_storage if values.dtype == np.float32 else names.long_storage
        strides = tuple(step // values.itemsize for step in values.strides)
        self.storage = Storage(kind, values.reshape(-1))
        self._call = (names.rebuild, (self.storage, offset, values.shape, strides, False, OrderedDict()))

    def __reduce__(self) -> Any:
        return self._call


class LegacyPickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, 2)
        self.storages: dict[str, Storage] = {}

    def persistent_id(self, obj: object) -> Any:
        if not isinstance(obj, Storage):
            return None
        key = next((key for key, known in self.storages.items() if known is obj), str(len(self.storages)))
        self.storages[key] = obj
        return ("storage", obj.kind, key, "cuda:0", obj.claimed or len(obj.values), None)


def legacy_file(root: object) -> bytes:
    """The bytes that PyTorch's format before 1.6 gives for `root`."""
    file = io.BytesIO()
    for head in (MAGIC, PROTOCOL, {"little_endian": True}):
        pickle.dump(head, file, 2)
    pickler = LegacyPickler(file)
    pickler.dump(root)
    pickle.dump(sorted(pickler.storages), file, 2)
    for key in sorted(pickler.storages):
        values = pickler.storages[key].values
        file.write(struct.pack("<q", len(values)) + values.tobytes())
    return file.getvalue()


def test_a_plain_state_dict_is_read_value_for_value(torch_names: types.SimpleNamespace) -> None:
    weight = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    count = np.array(7, np.int64)
    root = OrderedDict(
        {"module.a.weight": Tensor(torch_names, weight), "module.a.n": Tensor(torch_names, count)}
    )
    read = read_state_dict(legacy_file(root))
    assert set(read) == {"a.weight", "a.n"}
    np.testing.assert_array_equal(read["a.weight"], weight)
    assert read["a.n"] == 7


def test_a_whole_tree_of_layers_gives_dotted_names(torch_names: types.SimpleNamespace) -> None:
    inner, outer = torch_names.conv(), torch_names.sequential()
    values = np.ones((2, 2), np.float32)
    inner.__dict__ = {
        "_parameters": OrderedDict(weight=Tensor(torch_names, values), bias=None),
        "stride": (1, 1),
    }
    outer.__dict__ = {"_modules": OrderedDict({"0": inner}), "training": False}
    assert list(read_state_dict(legacy_file(outer))) == ["0.weight"]


class Malicious:
    def __init__(self, trace: Path) -> None:
        self.trace = trace

    def __reduce__(self) -> Any:
        return (os.mkdir, (str(self.trace),))


def test_a_malicious_pickle_is_refused_and_runs_nothing(tmp_path: Path) -> None:
    trace = tmp_path / "it-ran"
    for place in (0, 2, 3):
        parts: list[object] = [MAGIC, PROTOCOL, {}, OrderedDict(), []]
        parts[place] = Malicious(trace)
        with pytest.raises(UnsafePickleError, match="mkdir"):
            read_state_dict(b"".join(pickle.dumps(part, 2) for part in parts))
        assert not trace.exists()


@pytest.mark.parametrize("name", ["eval", "getattr", "exec", "__import__"])
def test_no_builtin_can_be_reached(name: str) -> None:
    content = b"\x80\x02cbuiltins\n" + name.encode() + b"\n."
    with pytest.raises(UnsafePickleError, match=name):
        read_state_dict(content)


def test_a_tensor_that_reaches_outside_its_storage_is_refused(torch_names: types.SimpleNamespace) -> None:
    values = np.zeros((4, 4), np.float32)
    for offset in (1, -1):
        with pytest.raises(UnsafePickleError, match="outside"):
            read_state_dict(legacy_file(OrderedDict(w=Tensor(torch_names, values, offset))))


def test_damaged_weights_are_refused(torch_names: types.SimpleNamespace) -> None:
    whole = legacy_file(OrderedDict(w=Tensor(torch_names, np.zeros(100, np.float32))))
    for damaged in (b"", b"not a pickle", whole[:40], whole[:-1], pickle.dumps(1, 2) * 5):
        with pytest.raises(UnsafePickleError):
            read_state_dict(damaged)
    lying = Tensor(torch_names, np.zeros(100, np.float32))
    lying.storage.claimed = 1000
    with pytest.raises(UnsafePickleError, match="does not fit"):
        read_state_dict(legacy_file(OrderedDict(w=lying)))


def convolved(image: NDArray[Any], kernel: NDArray[Any], stride: int, padding: int) -> NDArray[Any]:
    """Convolution in plain numpy, double precision; one input channel per filter means depthwise."""
    padded = np.pad(image, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    windows = np.lib.stride_tricks.sliding_window_view(padded, kernel.shape[2:], axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]
    if kernel.shape[1] == 1:
        return np.einsum("nchwij,cij->nchw", windows, kernel[:, 0])
    return np.einsum("nchwij,ocij->nohw", windows, kernel)


class Reference:
    """The trained network's layers one by one, nothing folded."""

    def __init__(self, weights: Arrays) -> None:
        self.weights = {name: values.astype(np.float64) for name, values in weights.items()}

    def normalised(self, value: NDArray[Any], name: str) -> NDArray[Any]:
        gain, bias, mean, variance = (
            self.weights[f"{name}.{part}"].reshape(1, -1, *[1] * (value.ndim - 2))
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        return (value - mean) / np.sqrt(variance + 1e-5) * gain + bias

    def convolution(self, value: NDArray[Any], name: str, stride: int = 1, padding: int = 0) -> NDArray[Any]:
        kernel = self.weights[f"{name}.conv.weight"]
        return self.normalised(convolved(value, kernel, stride, padding), f"{name}.bn")

    def block(self, value: NDArray[Any], name: str, stride: int = 1, padding: int = 0) -> NDArray[Any]:
        value = self.convolution(value, name, stride, padding)
        slope = self.weights[f"{name}.prelu.weight"][None, :, None, None]
        return np.where(value >= 0, value, slope * value)

    def bottleneck(self, value: NDArray[Any], name: str, stride: int, residual: bool) -> NDArray[Any]:
        wide = self.block(self.block(value, f"{name}.conv"), f"{name}.conv_dw", stride, 1)
        out = self.convolution(wide, f"{name}.project")
        return value + out if residual else out


class TinyWeights:
    """Random weights under the names that the layers ask for."""

    def __init__(self) -> None:
        self.chance = np.random.default_rng(3)
        self.arrays: Arrays = {}

    def normal(self, name: str, *shape: int) -> None:
        self.arrays[name] = self.chance.normal(0, 0.5, shape).astype(np.float32)

    def normalisation(self, name: str, channels: int) -> None:
        for part in ("weight", "bias", "running_mean"):
            self.normal(f"{name}.{part}", channels)
        self.arrays[f"{name}.running_var"] = self.chance.uniform(0.2, 2, channels).astype(np.float32)

    def block(self, name: str, filters: int, inputs: int, side: int, sloped: bool = True) -> None:
        self.normal(f"{name}.conv.weight", filters, inputs, side, side)
        self.normalisation(f"{name}.bn", filters)
        if sloped:
            self.normal(f"{name}.prelu.weight", filters)

    def bottleneck(self, name: str, inputs: int, wide: int, outputs: int) -> None:
        self.block(f"{name}.conv", wide, inputs, 1)
        self.block(f"{name}.conv_dw", wide, 1, 3)
        self.block(f"{name}.project", outputs, wide, 1, sloped=False)


def test_the_graph_computes_what_the_layers_compute_one_by_one() -> None:
    tiny = TinyWeights()
    tiny.block("stem", 4, 3, 3)
    tiny.bottleneck("narrow", 4, 8, 6)
    tiny.bottleneck("same", 6, 8, 6)
    tiny.block("last", 6, 1, 4, sloped=False)
    tiny.normal("linear.weight", 5, 6)
    tiny.normalisation("bn", 5)

    graph = GraphBuilder(tiny.arrays)
    value = graph.block("image", "stem", stride=2, padding=1)
    value = graph.bottleneck(value, "narrow", stride=2, residual=False)
    value = graph.bottleneck(value, "same", stride=1, residual=True)
    value = graph.layer(value, "last")
    graph.dense(value, "linear", normalisation="bn", output="embedding")
    content = graph.model("tiny", ("image", [3, 16, 16]), ("embedding", 5))

    images = np.random.default_rng(4).normal(0, 1, (3, 3, 16, 16)).astype(np.float32)
    reference = Reference(tiny.arrays)
    expected = reference.block(images.astype(np.float64), "stem", 2, 1)
    expected = reference.bottleneck(expected, "narrow", 2, residual=False)
    expected = reference.bottleneck(expected, "same", 1, residual=True)
    expected = reference.convolution(expected, "last").reshape(3, -1)
    expected = reference.normalised(expected @ reference.weights["linear.weight"].T, "bn")

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (computed,) = session.run(None, {"image": images})
    np.testing.assert_allclose(computed, expected, rtol=1e-4, atol=1e-4)
    (alone,) = session.run(None, {"image": images[:1]})
    np.testing.assert_allclose(alone, expected[:1], rtol=1e-4, atol=1e-4)


class TinyPfld(TinyWeights):
    """The same for the landmark network, whose layers are numbered."""

    def numbered(self, name: str, place: int, filters: int, inputs: int, side: int) -> None:
        self.normal(f"{name}.{place}.weight", filters, inputs, side, side)
        self.normalisation(f"{name}.{place + 1}", filters)


class PfldReference(Reference):
    """The landmark network's layers one by one, nothing folded."""

    def numbered(self, value: NDArray[Any], name: str, stride: int = 1, padding: int = 0) -> NDArray[Any]:
        stem, _, place = name.rpartition(".")
        kernel = self.weights[f"{name}.weight"]
        return self.normalised(convolved(value, kernel, stride, padding), f"{stem}.{int(place) + 1}")

    @staticmethod
    def gate(value: NDArray[Any]) -> NDArray[Any]:
        return np.clip(value + 3, 0, 6) / 6

    def weighed(self, value: NDArray[Any], name: str) -> NDArray[Any]:
        few = np.maximum(value.mean((2, 3)) @ self.weights[f"{name}.fc.0.weight"].T, 0)
        return value * self.gate(few @ self.weights[f"{name}.fc.2.weight"].T)[:, :, None, None]

    def numbered_bottleneck(
        self, value: NDArray[Any], name: str, stride: int, swish: bool, weighs: bool
    ) -> NDArray[Any]:
        def active(x: NDArray[Any]) -> NDArray[Any]:
            return x * self.gate(x) if swish else np.maximum(x, 0)

        wide = active(self.numbered(value, f"{name}.conv.0"))
        mixed = self.numbered(wide, f"{name}.conv.3", stride, 1)
        mixed = self.weighed(mixed, f"{name}.conv.5") if weighs else mixed
        return self.numbered(active(mixed), f"{name}.conv.7")


def test_the_landmark_graph_computes_what_the_layers_compute_one_by_one() -> None:
    tiny = TinyPfld()
    tiny.numbered("stem", 0, 4, 3, 3)
    for name, inputs, outputs in (("narrow", 4, 6), ("same", 6, 6)):
        tiny.numbered(f"{name}.conv", 0, 8, inputs, 1)
        tiny.numbered(f"{name}.conv", 3, 8, 1, 3)
        tiny.numbered(f"{name}.conv", 7, outputs, 8, 1)
    tiny.normal("same.conv.5.fc.0.weight", 2, 8)
    tiny.normal("same.conv.5.fc.2.weight", 8, 2)
    tiny.normal("last.weight", 5, 6, 3, 3)
    tiny.normal("last.bias", 5)
    tiny.normal("fc.weight", 7, 11)
    tiny.normal("fc.bias", 7)

    graph = PfldGraph(tiny.arrays)
    value = graph.swish(graph.layer("image", "stem", 0, padding=1), "stem.2")
    value = graph.bottleneck(value, Bottleneck("narrow", stride=2))
    value = graph.bottleneck(value, Bottleneck("same", weighs=True, swish=True, adds=True))
    near = graph.mean(value, "near")
    far = graph.mean(graph.plain(value, "last", stride=2, padding=1), "far")
    graph.head([near, far], "fc", "landmarks")
    content = graph.model("tiny", ("image", [3, 12, 12]), ("landmarks", 7))

    images = np.random.default_rng(5).normal(0, 1, (2, 3, 12, 12)).astype(np.float32)
    reference = PfldReference(tiny.arrays)
    value = reference.numbered(images.astype(np.float64), "stem.0", padding=1)
    value = value * reference.gate(value)
    value = reference.numbered_bottleneck(value, "narrow", 2, swish=False, weighs=False)
    value = value + reference.numbered_bottleneck(value, "same", 1, swish=True, weighs=True)
    bias = reference.weights["last.bias"][:, None, None]
    last = convolved(value, reference.weights["last.weight"], 2, 1) + bias
    scales = np.concatenate([value.mean((2, 3)), last.mean((2, 3))], axis=1)
    expected = scales @ reference.weights["fc.weight"].T + reference.weights["fc.bias"]

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    (computed,) = session.run(None, {"image": images})
    np.testing.assert_allclose(computed, expected, rtol=1e-4, atol=1e-4)


def test_every_weight_of_the_manifest_comes_out_of_its_archive_byte_for_byte() -> None:
    weights = read_manifest()
    assert {weight.conversion for weight in weights} == {"none", "mobilefacenet", "pfld"}
    for weight in weights:
        archive = DOWNLOADS / weight.archive.file
        if sha256_of(archive) != weight.archive.sha256:
            pytest.skip("the archives are not here; the set-up fetches them")
        content = member(archive, weight.member, weight.member_sha256)
        if weight.conversion != "none":
            build = {"mobilefacenet": build_mobilefacenet, "pfld": build_pfld}[weight.conversion]
            content = build(read_state_dict(content))
        assert check(weight.file, content, weight.sha256) == content
        assert hashlib.sha256(content).hexdigest() == weight.sha256
