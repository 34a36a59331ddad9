"""The window suits the screen that there is."""

from __future__ import annotations

import pytest

from ui.window_size import LANDSCAPE, PORTRAIT, Size, design_for, fitted


@pytest.mark.parametrize(
    ("screen", "design"),
    [
        ((1920, 1080), LANDSCAPE),
        ((1366, 768), LANDSCAPE),
        ((1080, 1920), PORTRAIT),
        ((800, 1280), PORTRAIT),
        ((1024, 1024), PORTRAIT),
    ],
)
def test_the_shape_of_the_screen_chooses_the_design(screen: Size, design: Size) -> None:
    assert design_for(screen) == design


@pytest.mark.parametrize("available", [(1920, 1080), (1366, 728), (1080, 1920), (640, 480)])
@pytest.mark.parametrize("design", [PORTRAIT, LANDSCAPE])
def test_a_window_lies_whole_on_the_screen_in_the_shape_of_its_design(design: Size, available: Size) -> None:
    width, height = fitted(design, available)
    assert width <= 0.9 * available[0] + 1
    assert height <= 0.9 * available[1] + 1
    assert width / height == pytest.approx(design[0] / design[1], rel=0.01)
    assert max(width / available[0], height / available[1]) == pytest.approx(0.9, abs=0.01)


def test_a_window_on_a_huge_screen_is_no_larger_than_it_was_drawn() -> None:
    assert fitted(LANDSCAPE, (3840, 2160)) == LANDSCAPE
