"""Views are taken where they help: at once while nobody is decided on, now and then afterwards."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from kiosk.streams.views import Attention, due, glance, is_change
from kiosk.vision.types import Box


def attention(
    track_id: int = 1,
    *,
    decided: bool = False,
    first: float | None = 10.0,
    last: float | None = 10.0,
    doubted: float | None = None,
) -> Attention:
    return Attention(track_id, decided, first, last, doubted)


@pytest.mark.parametrize(
    ("face", "after_s", "is_due"),
    [
        (attention(first=None, last=None), 0.0, True),
        (attention(), 0.05, False),
        (attention(), 0.1, True),
        (attention(decided=True), 0.9, False),
        (attention(decided=True), 1.0, True),
        (attention(decided=True, doubted=10.0), 0.1, True),  # a view contradicts, or the track broke off
        (attention(first=1.0), 0.1, False),  # nobody could be decided on for seconds: as rarely as others
        (attention(first=1.0), 1.0, True),
        (attention(decided=True, doubted=1.0), 0.1, False),
    ],
)
def test_when_a_view_is_due(face: Attention, after_s: float, is_due: bool) -> None:
    assert due([face], 10.0 + after_s) == ([1] if is_due else [])


def test_the_unsettled_come_first_and_of_these_whoever_waits_longest() -> None:
    faces = [
        attention(1, decided=True, last=1.0),
        attention(2, last=10.1),
        attention(3, first=None, last=None),
        attention(4, decided=True, doubted=10.0, last=10.2),
        attention(5, last=10.15),
    ]

    assert due(faces, 10.3) == [3, 2, 5, 4, 1]


def spots(seed: int) -> np.ndarray:
    coarse = np.random.default_rng(seed).integers(40, 215, (10, 10, 3), dtype=np.uint8)
    return np.asarray(cv2.resize(coarse, (100, 100), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_at_a_glance_another_face_is_another_and_other_light_is_not() -> None:
    before, other = np.full((2, 720, 1280, 3), 90, np.uint8)
    before[200:300, 400:500], other[200:300, 400:500] = spots(1), spots(2)
    moved = np.roll(before, 40, axis=1)
    darker = (before * 0.6 + 10).astype(np.uint8)
    box = Box(400, 200, 500, 300)
    face = glance(before, box)

    assert not is_change(face, glance(moved, Box(441, 201, 540, 299)))
    assert not is_change(face, glance(darker, box))
    assert is_change(face, glance(other, box))


def test_a_glance_at_what_is_outside_the_picture_tells_nothing_and_does_no_harm() -> None:
    pixels = np.full((720, 1280, 3), 90, np.uint8)
    inside, outside = glance(pixels, Box(10, 10, 60, 60)), glance(pixels, Box(1400, 0, 1500, 100))

    assert outside.size == 0
    assert is_change(inside, outside)
    assert np.isfinite(inside).all()
