"""The pictures that are held up to measure the challenge move as they say, and the same way for a seed."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.benchmarks.held_up_pictures import HEIGHT, WIDTH, Motion, held_up, picture_sheet
from kiosk.vision.types import Box, Pixels


def sheet() -> Pixels:
    """White, so that it stands out from any room."""
    return picture_sheet(np.full((300, 300, 3), 255, np.uint8), Box(100, 100, 200, 200))


def shown(motion: Motion, seed: int = 3, frames: int = 30) -> np.ndarray:
    return np.stack(list(held_up(sheet(), motion, seed, frames, 15)))


def edges(frames: np.ndarray) -> np.ndarray:
    """The width of the white in each frame's middle row."""
    return np.asarray((frames[:, HEIGHT // 2] > 190).all(axis=2).sum(axis=1))


@pytest.mark.parametrize("motion", Motion)
def test_a_held_up_picture_is_in_view_all_the_while(motion: Motion) -> None:
    frames = shown(motion)
    assert frames.shape == (30, HEIGHT, WIDTH, 3)
    assert frames.dtype == np.uint8
    lit = (frames > 120).all(axis=3).mean(axis=(1, 2))
    assert lit.min() > 0.15


def test_the_same_seed_gives_the_same_frames_and_another_gives_others() -> None:
    assert np.array_equal(shown(Motion.EVERYTHING), shown(Motion.EVERYTHING))
    assert not np.array_equal(shown(Motion.EVERYTHING), shown(Motion.EVERYTHING, seed=4))


def test_a_picture_that_is_turned_grows_narrower_and_one_that_is_held_does_not() -> None:
    assert np.ptp(edges(shown(Motion.HOLD))) < 0.08 * WIDTH
    assert np.ptp(edges(shown(Motion.TURN))) > 0.1 * WIDTH


def test_a_picture_that_is_bent_is_narrower_than_a_flat_one() -> None:
    flat, bent = edges(shown(Motion.HOLD)), edges(shown(Motion.TURN_BENT_UPRIGHT))
    assert bent.max() < flat.min()
