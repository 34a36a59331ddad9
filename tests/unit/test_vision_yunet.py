"""The default detector sees what OpenCV's own implementation of it sees."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.manifest import read_manifest, read_weights
from kiosk.vision.types import Detection, FloatArray, Pixels
from kiosk.vision.yunet import MIN_SCORE, YuNet


@pytest.fixture(scope="module")
def yunet(weights: Path) -> YuNet:
    entry = read_manifest(weights).entry("detector")
    return YuNet(read_weights(weights, entry), entry.preprocessing)


def as_row(detection: Detection) -> list[float]:
    box = detection.box
    return [box.x1, box.y1, box.width, box.height, *detection.landmarks.ravel(), detection.score]


def in_order(rows: FloatArray) -> FloatArray:
    return rows[np.lexsort((rows[:, 1], rows[:, 0]))]


def as_opencv_sees(weights: Path, pixels: Pixels) -> FloatArray:
    path = weights / read_manifest(weights).entry("detector").file
    size = (pixels.shape[1], pixels.shape[0])
    _, rows = cv2.FaceDetectorYN.create(str(path), "", size, MIN_SCORE, 0.3, 5000).detect(pixels)
    return np.zeros((0, 15), np.float32) if rows is None else np.asarray(rows, np.float32)


@pytest.mark.parametrize(
    "name",
    ["*__t1.jpg", "*ultralight__imgs__1.jpg", "*ultralight__imgs__26.jpg", "*bbt3.jpg", "*kit_with_rose.jpg"],
)
def test_groups_and_crowds_give_the_same_faces(
    yunet: YuNet, weights: Path, real_faces: Path, name: str
) -> None:
    (path,) = (real_faces / "extras").glob(name)
    pixels = np.asarray(cv2.imread(str(path)), np.uint8)
    mine = np.array([as_row(detection) for detection in yunet.detect(pixels)], np.float32)
    theirs = as_opencv_sees(weights, pixels)
    assert len(mine) == len(theirs) > 1
    assert in_order(mine) == pytest.approx(in_order(theirs), abs=0.01)


@pytest.mark.parametrize("shape", [(250, 250), (33, 31), (1, 1), (640, 7)])
def test_sizes_that_are_no_multiple_of_the_strides_are_searched(
    yunet: YuNet, weights: Path, shape: tuple[int, int]
) -> None:
    pixels = np.random.default_rng(4).integers(0, 255, (*shape, 3), dtype=np.uint8)
    assert yunet.detect(pixels) == []
    assert len(as_opencv_sees(weights, pixels)) == 0
