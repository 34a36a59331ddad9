"""Landmarks are brought to the template by turning, scaling and moving only."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import BugError
from kiosk.vision.alignment import ALIGNED_SIZE, TEMPLATE, align, similarity_transform


def placed(scale: float, turn: float, x: float, y: float) -> np.ndarray:
    cos, sin = np.cos(turn) * scale, np.sin(turn) * scale
    return (TEMPLATE @ np.array([[cos, sin], [-sin, cos]]) + [x, y]).astype(np.float32)


@given(scale=st.floats(0.1, 20), turn=st.floats(-3, 3), x=st.floats(-3000, 3000), y=st.floats(-3000, 3000))
def test_a_turned_scaled_and_moved_template_comes_back(scale: float, turn: float, x: float, y: float) -> None:
    landmarks = placed(scale, turn, x, y)
    matrix = similarity_transform(landmarks)
    back = landmarks @ matrix[:, :2].T + matrix[:, 2]
    assert np.allclose(back, TEMPLATE, atol=0.05)


def test_the_transform_is_the_one_of_least_squares() -> None:
    noise = np.random.default_rng(3)
    landmarks = (placed(2.0, 0.3, 50, 20) + noise.normal(0, 4, (5, 2))).astype(np.float32)
    best = similarity_transform(landmarks)

    def error(matrix: np.ndarray) -> float:
        return float(np.sum((landmarks @ matrix[:, :2].T + matrix[:, 2] - TEMPLATE) ** 2))

    real, imaginary = best[0, 0], best[1, 0]
    for step in (-1e-3, 1e-3):
        for a, b, dx, dy in ((step, 0, 0, 0), (0, step, 0, 0), (0, 0, step * 50, 0), (0, 0, 0, step * 50)):
            turned = np.array([[real + a, -(imaginary + b)], [imaginary + b, real + a]])
            assert error(np.column_stack([turned, best[:, 2] + [dx, dy]])) >= error(best)


@pytest.mark.parametrize("landmarks", [np.zeros((5, 2)), np.full((5, 2), np.nan), np.full((5, 2), 7.5)])
def test_landmarks_without_extent_are_a_bug(landmarks: np.ndarray) -> None:
    with pytest.raises(BugError):
        similarity_transform(landmarks.astype(np.float32))


@pytest.mark.parametrize("scale", [0.6, 1.0, 1.7, 2.0, 3.4, 9.0])
@pytest.mark.parametrize("turn", [0.0, 0.4])
def test_a_face_looks_the_same_whatever_its_size_in_the_picture(scale: float, turn: float) -> None:
    size = int(ALIGNED_SIZE * scale * 2)
    landmarks = placed(scale, turn, size * 0.35, size * 0.2)
    matrix = similarity_transform(landmarks)
    wanted = np.zeros((ALIGNED_SIZE, ALIGNED_SIZE, 3), np.uint8)
    for number, (x, y) in enumerate(TEMPLATE):
        cv2.circle(wanted, (round(float(x)), round(float(y))), 9, (40 * number + 60, 255, 120), -1)
    wanted = cv2.GaussianBlur(wanted, (0, 0), 3)
    back = cv2.invertAffineTransform(matrix)
    picture = cv2.warpAffine(wanted, back, (size, size), flags=cv2.INTER_CUBIC)
    difference = np.abs(align(picture, landmarks).astype(int) - wanted.astype(int))
    assert difference.mean() < 2.5
    assert difference.max() < 40


def test_a_face_beyond_the_border_is_black_there() -> None:
    picture = np.full((60, 60, 3), 200, np.uint8)
    aligned = align(picture, TEMPLATE)
    assert aligned.shape == (ALIGNED_SIZE, ALIGNED_SIZE, 3)
    assert aligned[20, 20].tolist() == [200, 200, 200]
    assert aligned[100, 100].tolist() == [0, 0, 0]
    assert not align(picture, TEMPLATE + np.float32(5000)).any()


def test_pictures_wider_than_a_warp_allows_can_be_aligned() -> None:
    picture = np.full((150, 40_000, 3), 90, np.uint8)
    aligned = align(picture, TEMPLATE + np.array([39_000, 10], np.float32))
    assert (aligned == 90).all()
