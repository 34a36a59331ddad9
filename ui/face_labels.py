"""Where the labels of faces stand: beside their face, on no face, on no other label, inside the picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = 8.0
"""Between a box and its label."""


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle: its upper left corner and size."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Area) -> bool:
        """Whether the two share a point inside."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def is_inside(self, edge: float, width: float, height: float) -> bool:
        """Whether it is at least `edge` off the border of a picture of that size."""
        right, bottom = self.x + self.width, self.y + self.height
        return self.x >= edge and self.y >= edge and right <= width - edge and bottom <= height - edge


def place_labels(
    boxes: Sequence[Area],
    sizes: Sequence[tuple[float, float] | None],
    width: float,
    height: float,
    edge: float = 0.0,
) -> list[Area | None]:
    """For each box the place of its label of that size, in a picture of `width` x `height`, `edge` off its
    border; None where there is no label, or no room for it."""
    placed: list[Area] = []
    places: list[Area | None] = []
    for box, size in zip(boxes, sizes, strict=True):
        found = next(
            (
                spot
                for spot in (_spots(box, size, edge, width - edge) if size is not None else ())
                if spot.is_inside(edge, width, height)
                and not any(spot.meets(other) for other in (*boxes, *placed))
            ),
            None,
        )
        if found is not None:
            placed.append(found)
        places.append(found)
    return places


def _spots(box: Area, size: tuple[float, float], first: float, last: float) -> Iterator[Area]:
    """Above, below, right, left; above and below each flush left, flush right, in the middle."""
    wide, high = size
    flush = (box.x, box.x + box.width - wide, box.x + (box.width - wide) / 2)
    for y in (box.y - GAP - high, box.y + box.height + GAP):
        for x in flush:
            yield Area(max(first, min(x, last - wide)), y, wide, high)
    for x in (box.x + box.width + GAP, box.x - GAP - wide):
        for y in (box.y, box.y + box.height - high):
            yield Area(x, y, wide, high)
