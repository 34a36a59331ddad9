"""The bar chart of a report, in shares of its place: new visitors on those who returned, span by span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kiosk.visits.reports import Figures

_STEPS = (1, 2, 5)
_MOST_LINES = 5
_WIDEST_BAR = 0.06


@dataclass(frozen=True, slots=True)
class Bar:
    """One span. All are shares of the chart (0..1): `x` of its left edge, the width, and the heights of both
    parts; returning visitors stand below."""

    x: float
    width: float
    returning: float
    new: float
    visitors: int


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars, and the values of the lines behind them; the highest line is the chart's upper edge."""

    bars: tuple[Bar, ...]
    lines: tuple[int, ...]


def chart_of(figures: Sequence[Figures]) -> Chart:
    """The chart of spans one behind the other."""
    top = max((each.visitors for each in figures), default=0)
    lines = _lines(top)
    place = 1 / max(len(figures), 1)
    width = min(place * 0.72, _WIDEST_BAR)
    bars = tuple(
        Bar(
            x=place * (number + 0.5) - width / 2,
            width=width,
            returning=each.returning / lines[-1],
            new=each.new / lines[-1],
            visitors=each.visitors,
        )
        for number, each in enumerate(figures)
    )
    return Chart(bars, lines)


def _lines(top: int) -> tuple[int, ...]:
    """Round numbers from 0 up to at least `top`, at even distances, and few of them."""
    power = 1
    while True:
        for step in (factor * power for factor in _STEPS):
            if step * (_MOST_LINES - 1) >= top:
                count = max(1, -(-top // step))
                return tuple(step * number for number in range(count + 1))
        power *= 10


def shown_ticks(ticks: Sequence[str], most: int) -> list[int]:
    """Which of the ticks that say something are drawn, where at most so many have room: each, each second,
    each third …"""
    saying = [number for number, tick in enumerate(ticks) if tick]
    return saying[:: max(1, -(-len(saying) // most))]
