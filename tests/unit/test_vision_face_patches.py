"""Parts of a face that moved against each other are told from a face that moved as a whole."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.vision.face_patches import FacePatches, Likeness
from kiosk.vision.types import FloatArray, Pixels
from tests.drawn_points import drawn_points


def textured(seed: int = 1) -> Pixels:
    """A picture whose every patch is like no other, 320 x 240."""
    chance = np.random.default_rng(seed)
    coarse = chance.integers(0, 255, (60, 80, 3)).astype(np.float32)
    picture = cv2.resize(coarse, (320, 240), interpolation=cv2.INTER_CUBIC)
    return np.clip(picture, 0, 255).astype(np.uint8)


def moved(picture: Pixels, points: FloatArray, matrix: list[list[float]]) -> tuple[Pixels, FloatArray]:
    plane = np.array(matrix, np.float64)
    warped = cv2.warpAffine(picture, plane, (320, 240), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(warped, np.uint8), np.asarray(points @ plane[:, :2].T + plane[:, 2], np.float32)


@pytest.mark.parametrize(
    "matrix",
    [[[1, 0, 9], [0, 1, -4]], [[0.8, 0, 30], [0, 1, 0]], [[0.96, -0.2, 20], [0.2, 0.96, -20]]],
    ids=["slid", "foreshortened", "rolled"],
)
def test_a_sheet_that_moves_stays_like_itself(matrix: list[list[float]]) -> None:
    picture, points = textured(), drawn_points()
    likeness = FacePatches(picture, points).compare(*moved(picture, points, matrix))
    assert likeness.nose > 0.93
    assert likeness.rest > 0.8


def test_a_nose_that_moves_against_the_rest_is_unlike_while_the_rest_is_like() -> None:
    picture, points = textured(), drawn_points()
    x, y = (int(value) for value in points[54])
    other = picture.copy()
    other[y - 8 : y + 18, x - 14 : x + 26] = picture[y - 8 : y + 18, x - 26 : x + 14]
    likeness = FacePatches(picture, points).compare(other, points)
    assert likeness.nose < 0.6
    assert likeness.rest > 0.95


def test_another_picture_is_unlike() -> None:
    likeness = FacePatches(textured(1), drawn_points()).compare(textured(2), drawn_points())
    assert likeness.nose < 0.7
    assert likeness.rest < 0.8


@pytest.mark.parametrize(
    ("picture", "points"),
    [
        (np.full((240, 320, 3), 128, np.uint8), drawn_points()),
        (textured(), np.zeros((106, 2), np.float32)),
        (textured(), np.full((106, 2), np.inf, np.float32)),
        (textured(), drawn_points() - 5000),
    ],
    ids=["flat grey", "points in one place", "no numbers", "far outside"],
)
def test_what_cannot_be_compared_is_unlike(picture: Pixels, points: FloatArray) -> None:
    assert FacePatches(picture, points).compare(picture, points) == Likeness(0.0, 0.0, 0.0)
    nose = FacePatches(textured(), drawn_points()).compare(picture, points).nose
    assert nose < 0.7
