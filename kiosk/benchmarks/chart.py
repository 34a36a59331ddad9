"""One picture of all measured ratios: a horizontal bar for each floor and peer, as an SVG file.

Written by hand: a drawing library would be a larger dependency than everything that it draws here. The
colours are the theme's.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from kiosk.benchmarks.figure import Figure, NotMeasured, short
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import resources_folder

_WIDTH, _MARGIN = 1200, 32
_NAMES_END, _BARS_END = 400, 1020
_TITLE_HEIGHT, _HEAD_HEIGHT, _BAR_HEIGHT, _GAP = 124, 34, 26, 14
_TITLE = "The kiosk beside the bare work and beside other software"
_AXIS = "left of the line: better than the kiosk; right of it: so many times longer, or fewer found"
_LEGEND = (
    ("gold", "the kiosk is ahead, or level"),
    ("bad", "the other is ahead"),
    ("edge", "floor: the bare work"),
)
_FONT = "IBM Plex Sans Thai, IBM Plex Sans, Noto Sans, sans-serif"


@dataclass(frozen=True, slots=True)
class Bar:
    """How many times worse than the kiosk something is (below 1: better), or why there is no bar."""

    name: str
    is_floor: bool
    times: float | None
    said: str


def write_chart(path: Path, outcomes: Sequence[Figure | NotMeasured]) -> None:
    """Writes the chart of all figures that have a floor or peers. Raises KnownError(FOLDER_NOT_WRITABLE)."""
    try:
        path.write_text(chart(outcomes), encoding="utf-8")
    except OSError as error:
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"{path} cannot be written: {error.strerror}.",
            "Name another file.",
        ) from error


def chart(outcomes: Sequence[Figure | NotMeasured]) -> str:
    """The SVG text."""
    groups = [(each, bars_of(each)) for each in outcomes if isinstance(each, Figure)]
    groups = [(figure, bars) for figure, bars in groups if bars]
    scale = _Scale.around([bar.times for _, bars in groups for bar in bars if bar.times is not None])
    top = _TITLE_HEIGHT
    body: list[str] = []
    for figure, bars in groups:
        body.append(_text(_MARGIN, top + 22, _head(figure), "text", 17, weight=600))
        top += _HEAD_HEIGHT
        for bar in bars:
            body.extend(_drawn(bar, top, scale))
            top += _BAR_HEIGHT
        top += _GAP
    height = top + _MARGIN
    colours = _colours()
    drawing = "\n".join([*_frame(height), *_grid(scale, top), *body, "</svg>"])
    for name, value in colours.items():
        drawing = drawing.replace(f'"@{name}"', f'"{value}"')
    return drawing + "\n"


def bars_of(figure: Figure) -> list[Bar]:
    """The floor's bar, then the peers'; for each, how many times longer it takes or fewer it finds."""
    bars = []
    if figure.floor:
        bars.append(_bar("floor", True, figure.times_better(figure.floor), figure.floor, figure.unit))
    for peer in figure.peers:
        if peer.value is None:
            bars.append(Bar(peer.name, False, None, "not measured"))
        else:
            bars.append(_bar(peer.name, False, figure.times_better(peer.value), peer.value, figure.unit))
    return bars


def _bar(name: str, is_floor: bool, times: float | None, value: float, unit: str) -> Bar:
    ratio = "" if times is None else f" ({times:.2g} x)" if times < 10 else f" ({times:.0f} x)"
    # A ratio of 0 has no place on a scale of powers of ten.
    return Bar(name, is_floor, times if times and times > 0 else None, f"{short(value)} {unit}{ratio}")


@dataclass(frozen=True, slots=True)
class _Scale:
    """Powers of ten from `low` to `high` between the names and the right margin."""

    low: int
    high: int

    @classmethod
    def around(cls, times: Sequence[float]) -> _Scale:
        powers = [math.log10(each) for each in times] or [0.0]
        return cls(min(-1, math.floor(min(powers))), max(1, math.ceil(max(powers))))

    def x(self, times: float) -> float:
        share = (math.log10(times) - self.low) / (self.high - self.low)
        return _NAMES_END + share * (_BARS_END - _NAMES_END)


def _head(figure: Figure) -> str:
    met = "" if figure.is_met is None else " ✓ goal met" if figure.is_met else " ✗ goal not met"
    return f"{figure.name}: {short(figure.value)} {figure.unit}{met}"


def _drawn(bar: Bar, top: float, scale: _Scale) -> list[str]:
    drawn = [_text(_MARGIN + 24, top + 18, bar.name, "text2", 15)]
    one = scale.x(1.0)
    if bar.times is None:
        return [*drawn, _text(one + 8, top + 18, bar.said, "text2", 14)]
    end = scale.x(bar.times)
    left, width = min(one, end), max(2.0, abs(end - one))
    colour = "edge" if bar.is_floor else "gold" if bar.times >= 1 else "bad"
    drawn.append(
        f'<rect x="{left:.1f}" y="{top + 4}" width="{width:.1f}" height="{_BAR_HEIGHT - 8}" rx="4" '
        f'fill="@{colour}"/>'
    )
    drawn.append(_text(max(one, end) + 8, top + 18, bar.said, "text", 14))
    return drawn


def _frame(height: float) -> list[str]:
    return [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height:.0f}" role="img" '
        f'font-family="{_FONT}">',
        f"<title>{escape(_TITLE)}</title>",
        f'<rect width="{_WIDTH}" height="{height:.0f}" fill="@bg"/>',
        _text(_MARGIN, 46, _TITLE, "text", 24, weight=600),
        _text(_MARGIN, 74, _AXIS, "text2", 15),
        *_legend(),
    ]


def _legend() -> list[str]:
    drawn = []
    for place, (colour, said) in enumerate(_LEGEND):
        left = _MARGIN + 280 * place
        drawn.append(f'<rect x="{left}" y="92" width="24" height="14" rx="4" fill="@{colour}"/>')
        drawn.append(_text(left + 32, 104, said, "text2", 14))
    return drawn


def _grid(scale: _Scale, bottom: float) -> list[str]:
    lines = []
    for power in range(scale.low, scale.high + 1):
        x, colour = scale.x(10.0**power), "gold" if power == 0 else "line"
        lines.append(
            f'<line x1="{x:.1f}" y1="{_TITLE_HEIGHT}" x2="{x:.1f}" y2="{bottom}" stroke="@{colour}"/>'
        )
        lines.append(_text(x, bottom + 18, f"{10.0**power:g} x", "text2", 13, anchor="middle"))
    return lines


def _text(
    x: float, y: float, said: str, colour: str, size: int, weight: int = 400, anchor: str = "start"
) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="@{colour}" font-size="{size}" font-weight="{weight}" '
        f'text-anchor="{anchor}">{escape(said)}</text>'
    )


def _colours() -> dict[str, str]:
    theme: dict[str, dict[str, str]] = json.loads(
        (resources_folder() / "theme.json").read_text(encoding="utf-8")
    )
    return theme["colours"]
