"""Weights are used only when they are those of the manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import models_folder
from kiosk.vision.manifest import embedding_contract_id, read_manifest, read_weights
from kiosk.vision.open_engine import OpenFaceEngine

Change = Callable[[dict[str, Any]], object]


def manifest_with(folder: Path, change: Change) -> Path:
    content = json.loads((models_folder() / "manifest.json").read_text(encoding="utf-8"))
    change(content)
    (folder / "manifest.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def copied(weights: Path, folder: Path) -> Path:
    for entry in read_manifest(weights).weights:
        shutil.copy(weights / entry.file, folder / entry.file)
    shutil.copy(weights / "manifest.json", folder / "manifest.json")
    return folder


def test_the_shipped_manifest_is_valid() -> None:
    manifest = read_manifest(models_folder())
    assert manifest.entry("detector").preprocessing.colour_order == "BGR"


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        read_manifest(tmp_path)
    assert caught.value.code is ErrorCode.WEIGHTS_MISSING
    assert caught.value.next_step


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"format": 1}', "\xff"])
def test_a_manifest_that_is_no_manifest_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "manifest.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(KnownError) as caught:
        read_manifest(tmp_path)
    assert caught.value.code is ErrorCode.MANIFEST_INVALID


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("format", lambda it: it.update(format=2)),
        ("sha256", lambda it: it["weights"][0].update(sha256="abc")),
        ("file", lambda it: it["weights"][0].update(file="../elsewhere.onnx")),
        ("slot", lambda it: it["weights"][0].update(slot="nose")),
        ("detector", lambda it: it["weights"].pop(0)),
        ("contract", lambda it: it["weights"][1].pop("contract")),
    ],
)
def test_a_wrong_field_is_named(tmp_path: Path, field: str, change: Change) -> None:
    with pytest.raises(KnownError) as caught:
        read_manifest(manifest_with(tmp_path, change))
    assert caught.value.code is ErrorCode.MANIFEST_INVALID
    assert field in caught.value.detail


def test_missing_weights_are_named_at_the_first_use_and_not_before(tmp_path: Path) -> None:
    engine = OpenFaceEngine(manifest_with(tmp_path, lambda _: None))
    with pytest.raises(KnownError) as caught:
        engine.warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_MISSING
    assert "installer" in caught.value.next_step


@pytest.mark.parametrize("slot", ["detector", "recogniser"])
def test_weights_with_another_hash_are_never_loaded(weights: Path, tmp_path: Path, slot: Any) -> None:
    folder = copied(weights, tmp_path)
    path = folder / read_manifest(folder).entry(slot).file
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(KnownError) as caught:
        OpenFaceEngine(folder).warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_HASH
    assert path.name in caught.value.detail


@pytest.mark.parametrize("slot", ["detector", "recogniser"])
@pytest.mark.parametrize("garbage", [b"", b"not a network", b"\x08\x07" * 5000])
def test_weights_that_are_no_network_are_unusable(
    weights: Path, tmp_path: Path, slot: Any, garbage: bytes
) -> None:
    folder = copied(weights, tmp_path)
    name = read_manifest(folder).entry(slot).file

    def claim_garbage(content: dict[str, Any]) -> None:
        for entry in content["weights"]:
            if entry["file"] == name:
                entry["sha256"] = hashlib.sha256(garbage).hexdigest()

    manifest_with(folder, claim_garbage)
    (folder / name).write_bytes(garbage)
    with pytest.raises(KnownError) as caught:
        OpenFaceEngine(folder).warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_UNUSABLE


def test_a_network_of_another_kind_is_no_recogniser(weights: Path, tmp_path: Path) -> None:
    folder = copied(weights, tmp_path)
    detector, recogniser = (read_manifest(folder).entry(slot) for slot in ("detector", "recogniser"))
    shutil.copy(folder / detector.file, folder / recogniser.file)
    manifest_with(folder, lambda it: it["weights"][1].update(sha256=detector.sha256))
    with pytest.raises(KnownError) as caught:
        OpenFaceEngine(folder).warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_UNUSABLE


def test_an_engine_recovers_once_its_weights_are_there(weights: Path, tmp_path: Path) -> None:
    folder = manifest_with(tmp_path, lambda _: None)
    engine = OpenFaceEngine(folder)
    with pytest.raises(KnownError):
        engine.warm_up()
    copied(weights, folder)
    engine.warm_up()


def test_weights_are_the_bytes_that_were_hashed(weights: Path) -> None:
    entry = read_manifest(weights).entry("recogniser")
    assert hashlib.sha256(read_weights(weights, entry)).hexdigest() == entry.sha256


@pytest.mark.parametrize(
    "change",
    [
        lambda it: it["weights"][1].update(sha256="0" * 64),
        lambda it: it["weights"][1]["contract"].update(version="1.1"),
        lambda it: it["weights"][1]["contract"].update(model="another"),
        lambda it: it["weights"][1]["preprocessing"].update(colour_order="RGB"),
        lambda it: it["weights"][1]["preprocessing"].update(scale=0.007843137),
    ],
)
def test_the_contract_id_changes_with_whatever_makes_embeddings_differ(
    tmp_path: Path, change: Change
) -> None:
    shipped = embedding_contract_id(read_manifest(models_folder()).entry("recogniser"), "method")
    changed = embedding_contract_id(
        read_manifest(manifest_with(tmp_path, change)).entry("recogniser"), "method"
    )
    assert changed != shipped
    assert shipped != embedding_contract_id(read_manifest(models_folder()).entry("recogniser"), "other")


def test_thresholds_do_not_change_the_contract_id(tmp_path: Path) -> None:
    folder = manifest_with(
        tmp_path, lambda it: it["weights"][1].update(thresholds={"match": 0.5, "maybe": 0.3})
    )
    assert OpenFaceEngine(folder).contract_id == OpenFaceEngine(models_folder()).contract_id
