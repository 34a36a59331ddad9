"""A passive liveness model that a site brings is checked, loaded and asked; none comes with the kiosk."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.passive_liveness import DESCRIPTION_NAME, PassivePack
from kiosk.vision.types import Box, Pixels

FACE = Box(40, 40, 80, 80)


def network() -> bytes:
    """Two classes: the second grows with the mean of the picture's blue channel, the first stays."""
    nodes = [
        helper.make_node("GlobalAveragePool", ["image"], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["logits"]),
    ]
    weights = helper.make_tensor("weights", TensorProto.FLOAT, [3, 2], [0, 10, 0, 0, 0, 0])
    graph = helper.make_graph(
        nodes,
        "passive",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 3, 16, 16])],
        [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 2])],
        [weights],
    )
    opset = [helper.make_opsetid("", 13)]
    return bytes(helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString())


def pack(folder: Path, content: bytes | None = None, **changes: Any) -> Path:
    content = network() if content is None else content
    (folder / "passive.onnx").write_bytes(content)
    image = {"input_width": 16, "input_height": 16, "colour_order": "BGR", "mean": 128, "scale": 1 / 128}
    description = {
        "file": "passive.onnx",
        "sha256": hashlib.sha256(content).hexdigest(),
        "margin": 1.5,
        "live_class": 1,
        "threshold": 0.8,
        "preprocessing": image,
    }
    (folder / DESCRIPTION_NAME).write_text(json.dumps({**description, **changes}), encoding="utf-8")
    return folder


def picture(blue: int) -> Pixels:
    pixels = np.zeros((120, 120, 3), np.uint8)
    pixels[..., 0] = blue
    return pixels


def test_a_face_is_as_live_as_the_network_says(tmp_path: Path) -> None:
    model = PassivePack(pack(tmp_path))
    assert model.score(picture(128), FACE) == pytest.approx(0.5, abs=0.01)
    assert model.is_live(picture(250), FACE)
    assert not model.is_live(picture(140), FACE)
    assert not model.is_live(picture(5), FACE)


def test_the_other_order_of_colours_is_honoured(tmp_path: Path) -> None:
    image = {"input_width": 16, "input_height": 16, "colour_order": "RGB", "mean": 128, "scale": 1 / 128}
    assert not PassivePack(pack(tmp_path, preprocessing=image)).is_live(picture(250), FACE)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"sha256": "0" * 64}, ErrorCode.WEIGHTS_HASH),
        ({"file": "other.onnx"}, ErrorCode.WEIGHTS_MISSING),
        ({"file": "../passive.onnx"}, ErrorCode.MANIFEST_INVALID),
        ({"live_class": 2}, ErrorCode.WEIGHTS_UNUSABLE),
        ({"threshold": 0}, ErrorCode.MANIFEST_INVALID),
        (
            {"preprocessing": {"colour_order": "BGR", "mean": 0, "scale": 1}},
            ErrorCode.MANIFEST_INVALID,
        ),
    ],
)
def test_a_pack_that_is_not_what_it_says_is_refused_by_name(
    tmp_path: Path, changes: dict[str, Any], code: ErrorCode
) -> None:
    with pytest.raises(KnownError) as caught:
        PassivePack(pack(tmp_path, **changes)).warm_up()
    assert caught.value.code is code
    assert caught.value.next_step


def test_what_is_no_network_and_what_is_no_pack_are_refused(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        PassivePack(tmp_path / "none").warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_MISSING
    with pytest.raises(KnownError) as caught:
        PassivePack(pack(tmp_path, content=b"no network")).warm_up()
    assert caught.value.code is ErrorCode.WEIGHTS_UNUSABLE
    (tmp_path / DESCRIPTION_NAME).write_bytes(b"\xff{")
    with pytest.raises(KnownError) as caught:
        PassivePack(tmp_path).warm_up()
    assert caught.value.code is ErrorCode.MANIFEST_INVALID
