"""Numbers are drawn where they are said to be, and reading them is measured."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.benchmarks.drawn_numbers import Look, draw_numbers
from kiosk.benchmarks.numbers import measure_numbers
from kiosk.vision.types import Pixels


@pytest.fixture
def ground() -> Pixels:
    rough = np.random.default_rng(1).integers(60, 120, (40, 60, 3), np.uint8)
    return np.asarray(cv2.resize(rough, (1500, 1000), interpolation=cv2.INTER_CUBIC), np.uint8)


def test_a_number_stands_in_its_box_in_its_size_and_nowhere_else(ground: Pixels) -> None:
    picture, drawn = draw_numbers(ground, [Look(height_px=60.0)] * 3, np.random.default_rng(2), digits=3)
    assert [len(one.digits) for one in drawn] == [3, 3, 3]
    changed = (picture != ground).any(axis=2)
    for one in drawn:
        box = one.box
        assert box.height == pytest.approx(60, abs=1)
        assert changed[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)].mean() > 0.99
    assert changed.mean() < 0.5


def test_the_same_seed_draws_the_same_picture(ground: Pixels) -> None:
    looks = [Look(angle=20.0, turn=30.0, blur=0.05, contrast=0.5, waves=0.05)] * 2
    one, other = (draw_numbers(ground, looks, np.random.default_rng(3))[0] for _ in range(2))
    assert np.array_equal(one, other)


def test_no_place_is_no_number(ground: Pixels) -> None:
    _, drawn = draw_numbers(ground, [Look(height_px=120.0)] * 40, np.random.default_rng(4))
    assert 0 < len(drawn) < 40


@pytest.mark.slow
def test_reading_is_measured_by_how_numbers_are_worn_and_beside_the_bare_networks(
    weights: Path, ground: Pixels
) -> None:
    figures = {figure.name: figure for figure in measure_numbers(1, [ground])}
    assert {"numbers.height_px_16", "numbers.angle_30", "numbers.blur_0.1", "numbers.wrong"} <= set(figures)
    assert figures["numbers.height_px_64"].value == 1.0
    assert figures["numbers.time"].ratio is not None
