"""Reading numbers on shirts: how many drawn ones are read, by how they are worn, and what a photo costs.

Drawn numbers prove that finding, cutting and reading work together at each size, tilt, blur and contrast, and
what each costs. They do not prove how many worn numbers are read: real shirts are folded, covered by arms and
hair, wet, printed in letters nobody thought of, and photographed against the sun.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from kiosk.benchmarks.camera_card import demo_pictures
from kiosk.benchmarks.drawn_numbers import FONT, DrawnNumber, Look, draw_numbers
from kiosk.benchmarks.figure import Figure
from kiosk.paths import models_folder
from kiosk.vision.looks import scaled
from kiosk.vision.number_reader import LOOKED_AT_PX, ShirtNumberReader, load_networks
from kiosk.vision.text_reader import LINE_HEIGHT_PX
from kiosk.vision.types import Pixels, ShirtNumber

_SIZE = (3000, 2000)
_A_PICTURE = 8
_SEED = 11
_LINE_WIDTH_PX = 112
"""Of a number with three digits, which is what the floor's lines are."""
_USUAL = Look()
_BINS: dict[str, tuple[Look, ...]] = {
    "height_px": tuple(replace(_USUAL, height_px=float(px)) for px in (16, 24, 32, 48, 64, 96, 120)),
    "angle": tuple(replace(_USUAL, angle=float(degrees)) for degrees in (10, 20, 30, 40)),
    "turn": tuple(replace(_USUAL, turn=float(degrees)) for degrees in (20, 40, 60)),
    "blur": tuple(replace(_USUAL, blur=sigma) for sigma in (0.05, 0.1, 0.15)),
    "contrast": tuple(replace(_USUAL, contrast=share) for share in (0.5, 0.3, 0.2)),
    "waves": tuple(replace(_USUAL, waves=depth) for depth in (0.05, 0.1)),
}
"""One thing at a time away from a number 64 pixels high that is seen straight and sharp."""


@dataclass(slots=True)
class _Tally:
    """What was counted, over all pictures."""

    pictures: int = 0
    lines: int = 0
    wrong: int = 0
    read_ms: float = 0.0


def measure_numbers(
    each: int = 24, backgrounds: Sequence[Pixels] = (), fonts: Sequence[Path] = (FONT,)
) -> list[Figure]:
    """The share read of `each` numbers a bin, wrong numbers a photo, and milliseconds a photo on one core.

    `backgrounds` are the demo's pictures where none are given. Raises KnownError FOLDER_MISSING, WEIGHTS_*.
    """
    grounds = list(backgrounds) or _grounds()
    reader = ShirtNumberReader(models_folder())
    reader.warm_up()
    rng, tally = np.random.default_rng(_SEED), _Tally()
    figures = []
    for name, looks in _BINS.items():
        for look in looks:
            read, drawn = _read_bin(reader, look, each, grounds, fonts, rng, tally)
            figures.append(Figure(f"numbers.{name}_{getattr(look, name):g}", read / drawn, "read"))
    floor_ms = _floor_ms(grounds[0], round(tally.lines / tally.pictures))
    floor_is = f"both networks once on {LOOKED_AT_PX} pixels and as many lines, one core"
    figures.append(Figure("numbers.wrong", tally.wrong / tally.pictures, "a photo"))
    figures.append(Figure("numbers.time", tally.read_ms / tally.pictures, "ms", floor_ms, floor_is))
    return figures


def _grounds() -> list[Pixels]:
    pictures = [cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR) for path in demo_pictures()]
    return [np.asarray(cv2.resize(one, _SIZE, interpolation=cv2.INTER_CUBIC), np.uint8) for one in pictures]


def _read_bin(
    reader: ShirtNumberReader,
    look: Look,
    each: int,
    grounds: Sequence[Pixels],
    fonts: Sequence[Path],
    rng: np.random.Generator,
    tally: _Tally,
) -> tuple[int, int]:
    """How many numbers of one look were read, and how many were drawn."""
    read = count = 0
    while count < each:
        ground = grounds[tally.pictures % len(grounds)]
        picture, drawn = draw_numbers(ground, [look] * min(_A_PICTURE, each - count), rng, fonts)
        began_s = time.thread_time()
        found = reader.read(picture)
        tally.read_ms += (time.thread_time() - began_s) * 1000
        read += sum(any(_is_of(number, one) for number in found) for one in drawn)
        tally.wrong += sum(not any(_is_of(number, one) for one in drawn) for number in found)
        tally.lines += len(drawn)
        tally.pictures += 1
        count += len(drawn)
    return read, count


def _is_of(number: ShirtNumber, drawn: DrawnNumber) -> bool:
    """Whether this is the number, read whole and found where it stands."""
    x, y = drawn.box.center
    box = number.box
    return number.digits == drawn.digits and box.x1 <= x <= box.x2 and box.y1 <= y <= box.y2


def _floor_ms(picture: Pixels, lines: int) -> float:
    """Processor time of the bare networks for one photo."""
    finder, reader = load_networks(models_folder(), threads=1)
    small = scaled(picture, LOOKED_AT_PX)
    cuts = [np.full((LINE_HEIGHT_PX, _LINE_WIDTH_PX, 3), 127, np.uint8)] * lines
    took: list[float] = []
    for _ in range(6):
        began_s = time.thread_time()
        finder.score_map(small)
        reader.scores(cuts)
        took.append((time.thread_time() - began_s) * 1000)
    return float(np.median(took[1:]))
