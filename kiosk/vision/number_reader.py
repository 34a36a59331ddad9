"""The numbers that people wear, read in two steps: where text stands, then what it says."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import numpy as np

from kiosk.vision.looks import checked_pixels, scaled
from kiosk.vision.manifest import read_manifest, read_weights
from kiosk.vision.text_finder import TextFinder, TextLine
from kiosk.vision.text_reader import ReadText, TextReader, cut_line
from kiosk.vision.types import Box, Pixels, ShirtNumber

LOOKED_AT_PX = 960
"""Long side at which text is looked for. On drawn numbers 16 to 120 pixels high in pictures 3000 wide, 960
finds as many as 1280 (0.93) in half the time; 640 finds 0.84. Looking only beneath the faces takes a third of
it, cuts numbers at the borders of its cut-outs, and finds nobody whose face is unseen."""
MIN_SCORE = 0.7
_MIN_SCORE_ALONE = 0.9
"""For a single digit: any stroke is a 1, any ring a 0."""
_MOST_LINES = 40
"""Read in one picture, the largest first: a wall of advertisements is not to hold up an import."""
_NARROWEST, _WIDEST = 0.25, 6.0
"""Width over height of what can be one to six digits."""
_WORN = re.compile(r"(?:[A-Za-z]{1,2}[- ]?(?=\d{3}))?(\d{1,6})", re.ASCII)
"""Digits alone, or three and more after the letters of a class (F1234). Clock times, dates, distances (10K,
42.195) and telephone numbers are none of it."""


class ShirtNumberReader:
    """Reads with the networks of a folder of weights, which are loaded with the first use.

    Text is looked for in a small copy of the whole picture and read at the size that it has, so that what is
    found small is read sharp. Safe from several threads; one at a time looks for text, since each that does
    needs 150 MB, and the others have lines to read meanwhile.
    """

    def __init__(self, models: Path, threads: int = 1) -> None:
        """`threads` for one call of a network."""
        self._models = models
        self._threads = threads
        self._lock = threading.Lock()
        self._one_looks = threading.Lock()
        self._networks: tuple[TextFinder, TextReader] | None = None

    def warm_up(self) -> None:
        """Loads the networks now.

        Raises KnownError: MANIFEST_INVALID, WEIGHTS_MISSING, WEIGHTS_HASH, WEIGHTS_UNUSABLE.
        """
        self._loaded()

    def read(self, pixels: Pixels) -> list[ShirtNumber]:
        """Numbers tilted up to 45 degrees, the largest first; the first call raises what `warm_up` raises.

        Raises BugError for what is no picture.
        """
        finder, reader = self._loaded()
        pixels = checked_pixels(pixels)
        small = scaled(pixels, LOOKED_AT_PX)
        ratio = pixels.shape[1] / small.shape[1]
        with self._one_looks:
            lines = _likely(finder.find(small))
        if not lines:
            return []
        cuts = [
            cut_line(pixels, line.corners * np.float32(ratio), line.width * ratio, line.height * ratio)
            for line in lines
        ]
        numbers = [_number(read, line, ratio) for read, line in zip(reader.read(cuts), lines, strict=True)]
        return [number for number in numbers if number is not None]

    def _loaded(self) -> tuple[TextFinder, TextReader]:
        with self._lock:
            if self._networks is None:
                self._networks = load_networks(self._models, self._threads)
            return self._networks


def load_networks(models: Path, threads: int) -> tuple[TextFinder, TextReader]:
    """Both networks of a folder of weights. Raises KnownError MANIFEST_INVALID, WEIGHTS_*."""
    manifest = read_manifest(models)
    finder, reader = manifest.entry("text_finder"), manifest.entry("text_reader")
    return (
        TextFinder(read_weights(models, finder), finder.preprocessing, threads),
        TextReader(read_weights(models, reader), reader.preprocessing, threads),
    )


def digits_of(text: str) -> str:
    """The number that a line of text is; empty where it is none."""
    worn = _WORN.fullmatch(text.strip().lstrip("#"))
    return worn.group(1) if worn else ""


def _likely(lines: list[TextLine]) -> list[TextLine]:
    """Lines whose shape can be a number's, the largest first."""
    likely = [line for line in lines if _NARROWEST * line.height <= line.width <= _WIDEST * line.height]
    return sorted(likely, key=lambda line: line.height, reverse=True)[:_MOST_LINES]


def _number(read: ReadText, line: TextLine, ratio: float) -> ShirtNumber | None:
    digits = digits_of(read.text)
    if not digits or read.score < (MIN_SCORE if len(digits) > 1 else _MIN_SCORE_ALONE):
        return None
    left, top = (float(side) for side in line.corners.min(axis=0) * ratio)
    right, bottom = (float(side) for side in line.corners.max(axis=0) * ratio)
    return ShirtNumber(digits, read.score, Box(left, top, right, bottom))
