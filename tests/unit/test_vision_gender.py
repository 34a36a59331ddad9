"""Gender is read from a pack that knows it, as the pack's own library reads it, and from no other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.insightface_gender import InsightFaceGender
from kiosk.vision.types import Box, Detection, Pixels

FACE = Detection(Box(40, 50, 80, 90), 0.9, np.zeros((5, 2), np.float32))


def network(outputs: int = 3) -> bytes:
    """A woman for red, a man for blue; age is the green."""
    weights = np.zeros((3, outputs), np.float32)
    weights[0, 0] = weights[2, 1] = 4.0
    nodes = [
        helper.make_node("GlobalAveragePool", ["data"], ["means"]),
        helper.make_node("Flatten", ["means"], ["flat"]),
        helper.make_node("MatMul", ["flat", "weights"], ["fc1"]),
    ]
    graph = helper.make_graph(
        nodes,
        "genderage",
        [helper.make_tensor_value_info("data", TensorProto.FLOAT, [1, 3, 96, 96])],
        [helper.make_tensor_value_info("fc1", TensorProto.FLOAT, [1, outputs])],
        [helper.make_tensor("weights", TensorProto.FLOAT, weights.shape, weights.ravel())],
    )
    opset = [helper.make_opsetid("", 13)]
    return bytes(helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString())


def pack(folder: Path, content: bytes) -> Path:
    (folder / "genderage.onnx").write_bytes(content)
    return folder


def picture(blue: int, red: int) -> Pixels:
    """The face's surroundings in these colours; the rest of the picture in the opposite ones."""
    pixels = np.zeros((160, 160, 3), np.uint8)
    pixels[..., 0], pixels[..., 2] = red, blue
    pixels[38:102, 28:92, 0], pixels[38:102, 28:92, 2] = blue, red
    return pixels


def test_a_pack_that_knows_tells_women_from_men(tmp_path: Path) -> None:
    reader = InsightFaceGender.of_pack(pack(tmp_path, network()))
    assert reader is not None
    reader.warm_up()

    assert reader.female_share(picture(blue=20, red=230), FACE) > 0.95
    assert reader.female_share(picture(blue=230, red=20), FACE) < 0.05
    assert reader.female_share(picture(blue=128, red=128), FACE) == pytest.approx(0.5)


def test_it_reads_what_the_library_reads(tmp_path: Path) -> None:
    from insightface.app.common import Face
    from insightface.model_zoo.attribute import Attribute

    file = pack(tmp_path, network()) / "genderage.onnx"
    reader, library = InsightFaceGender(file), Attribute(model_file=str(file))
    noise = np.random.default_rng(1).integers(0, 255, (12, 160, 160, 3), dtype=np.uint8)
    for red, pixels in enumerate(noise):
        pixels[..., 2] = np.clip(pixels[..., 2].astype(int) + 10 * (red - 6), 0, 255)
        box = FACE.box
        is_male, _ = library.get(pixels, Face(bbox=np.array([box.x1, box.y1, box.x2, box.y2])))

        assert (reader.female_share(pixels, FACE) < 0.5) == bool(is_male)


def test_a_pack_without_the_file_knows_nothing(tmp_path: Path) -> None:
    (tmp_path / "det_10g.onnx").write_bytes(b"")

    assert InsightFaceGender.of_pack(tmp_path) is None


@pytest.mark.parametrize("content", [b"no network", network(outputs=2)])
def test_what_is_not_that_network_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    reader = InsightFaceGender.of_pack(pack(tmp_path, content))
    assert reader is not None

    with pytest.raises(KnownError, match="genderage") as refused:
        reader.female_share(picture(0, 0), FACE)
    assert refused.value.code == ErrorCode.WEIGHTS_UNUSABLE
