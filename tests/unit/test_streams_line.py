"""In and out by a line: once each, the right way, and not by jitter or past its ends."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pytest

from kiosk.streams.line import Crossing, LineGate
from kiosk.vision.types import Box
from kiosk.visits.types import Line

FRAME = (1280, 720)
DOORSTEP = Line(0.2, 0.5, 0.8, 0.5)  # from left to right: its left hand is above
IN, OUT = Crossing.IN, Crossing.OUT


def at(x: float, y: float, width: float = 60) -> Box:
    x, y = x * FRAME[0], y * FRAME[1]
    return Box(x - width / 2, y - width / 2, x + width / 2, y + width / 2)


def crossings(line: Line, path: Iterable[tuple[float, float]], track_id: int = 1) -> list[Crossing]:
    gate = LineGate(line)
    return [one for x, y in path if (one := gate.step(track_id, at(x, y), FRAME)) is not None]


def straight(
    start: tuple[float, float], end: tuple[float, float], steps: int = 20
) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in np.linspace(start, end, steps)]


@pytest.mark.parametrize(
    ("line", "path", "expected"),
    [
        (DOORSTEP, straight((0.5, 0.2), (0.5, 0.8)), IN),
        (DOORSTEP, straight((0.5, 0.8), (0.5, 0.2)), OUT),
        (Line(0.8, 0.5, 0.2, 0.5), straight((0.5, 0.2), (0.5, 0.8)), OUT),
        (Line(0.5, 0.1, 0.5, 0.9), straight((0.8, 0.5), (0.2, 0.5)), IN),  # down: its left is the right
        (Line(0.5, 0.9, 0.5, 0.1), straight((0.2, 0.5), (0.8, 0.5)), IN),
        (Line(0.2, 0.8, 0.8, 0.2), straight((0.3, 0.3), (0.7, 0.7)), IN),
        (DOORSTEP, [(0.5, 0.2), (0.5, 0.8)], IN),  # so quick that nobody saw it on the line
    ],
)
def test_whoever_crosses_is_counted_once_in_the_right_way(
    line: Line, path: list[tuple[float, float]], expected: Crossing
) -> None:
    assert crossings(line, path) == [expected]


def test_in_and_back_is_in_and_out() -> None:
    there = straight((0.5, 0.2), (0.5, 0.8))

    assert crossings(DOORSTEP, [*there, *reversed(there)]) == [IN, OUT]


def test_swaying_on_the_line_counts_once() -> None:
    sway = [(0.5, 0.5 + 0.02 * float(np.sin(step))) for step in range(200)]

    assert crossings(DOORSTEP, sway) == []
    assert crossings(DOORSTEP, [(0.5, 0.2), *sway, (0.5, 0.8)]) == [IN]
    assert crossings(DOORSTEP, [(0.5, 0.2), *sway, (0.5, 0.2)]) == []


def test_past_its_ends_nobody_crosses() -> None:
    past = straight((0.05, 0.2), (0.05, 0.8))

    assert crossings(DOORSTEP, past) == []
    # Past its end to the other side, and back across it: that is out alone.
    assert crossings(DOORSTEP, [*past, *straight((0.5, 0.8), (0.5, 0.2))]) == [OUT]


def test_each_face_has_its_own_side() -> None:
    gate = LineGate(DOORSTEP)
    steps = [(1, 0.2), (2, 0.8), (1, 0.3), (2, 0.7), (1, 0.7), (2, 0.3)]

    found = [(track, gate.step(track, at(0.5, y), FRAME)) for track, y in steps]

    assert [one for one in found if one[1]] == [(1, IN), (2, OUT)]


def test_a_track_that_has_ended_is_forgotten() -> None:
    gate = LineGate(DOORSTEP)
    gate.step(1, at(0.5, 0.2), FRAME)
    gate.step(2, at(0.5, 0.2), FRAME)
    gate.forget(1)
    gate.forget(7)

    assert gate.step(1, at(0.5, 0.8), FRAME) is None
    assert gate.step(2, at(0.5, 0.8), FRAME) is IN


def test_a_line_without_length_is_never_crossed() -> None:
    assert crossings(Line(0.5, 0.5, 0.5, 0.5), straight((0.5, 0.2), (0.5, 0.8))) == []
