"""Who crosses a line in the picture, and which way: a pure computation."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from kiosk.vision.types import Box
from kiosk.visits.types import Line

_SURE_WIDTHS = 0.5

_Point = tuple[float, float]


class Crossing(StrEnum):
    """Which way a line was crossed; see `Line`."""

    IN = "in"
    OUT = "out"


@dataclass(frozen=True, slots=True)
class _Sure:
    """Where a face was last surely on one side: positive is to the right of the line's own way."""

    point: _Point
    side: int


class LineGate:
    """The line of one stream. It remembers where each face was last seen surely on one side: half the face's
    width from the line, so that somebody who stands on it and sways is not counted again and again."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._sure: dict[int, _Sure] = {}

    def step(self, track_id: int, box: Box, frame_size: tuple[int, int]) -> Crossing | None:
        """Where a track's face is now, in a picture of (width, height); whether it has crossed the line."""
        width, height = frame_size
        start = self._line.x1 * width, self._line.y1 * height
        end = self._line.x2 * width, self._line.y2 * height
        distance = _distance(start, end, box.center)
        if distance is None or abs(distance) < _SURE_WIDTHS * box.width:
            return None
        now = _Sure(box.center, 1 if distance > 0 else -1)
        before = self._sure.get(track_id)
        self._sure[track_id] = now
        if before is None or before.side == now.side or not _meet(before.point, now.point, start, end):
            return None
        return Crossing.IN if now.side > 0 else Crossing.OUT

    def forget(self, track_id: int) -> None:
        """The track has ended."""
        self._sure.pop(track_id, None)


def _cross(one: _Point, other: _Point, point: _Point) -> float:
    """Twice the area of the triangle; positive where `point` lies to the right of the way from `one` to
    `other` in a picture, whose y grows downwards."""
    return (other[0] - one[0]) * (point[1] - one[1]) - (other[1] - one[1]) * (point[0] - one[0])


def _distance(start: _Point, end: _Point, point: _Point) -> float | None:
    """How far to the right of the line a point lies; None for a line without length."""
    length = ((end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2) ** 0.5
    return _cross(start, end, point) / length if length > 0 else None


def _meet(one: _Point, other: _Point, start: _Point, end: _Point) -> bool:
    """Whether the way from `one` to `other` passes between the ends of a line that lies between them."""
    return _cross(one, other, start) * _cross(one, other, end) <= 0
