"""Films for the RTSP server: pictures with their numbers drawn in, encoded once so that serving is cheap."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from kiosk.camera.types import Pixels

PYTHON = "/usr/bin/python3"
LONGEST = 1 << 12
_CELL = 16
_CELLS = 16
_MARGIN = 4


@dataclass(frozen=True, slots=True)
class FilmClock:
    """When the pictures of a film go out that is served over and over: picture 0 first at `began_s`
    (monotonic). Good in every process of the machine."""

    began_s: float
    fps: int
    length: int

    def sent_at_s(self, number: int, now_s: float) -> float:
        """When the picture with this number was sent last."""
        newest = int((now_s - self.began_s) * self.fps)
        return self.began_s + (newest - (newest - number) % self.length) / self.fps

    def age_s(self, pixels: Pixels, now_s: float) -> float | None:
        """How long ago the picture was sent; None where its number cannot be read."""
        number = drawn_number(pixels)
        return None if number is None else now_s - self.sent_at_s(number, now_s)


def bare_environment() -> dict[str, str]:
    """Not that of the tests: OpenCV leads other programs to libraries of its own."""
    return {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}


def draw_number(pixels: Pixels, number: int) -> None:
    """Draws a number below 4096 into the upper left corner, as black and white squares with a check."""
    word = number << 4 | _check(number)
    for place in range(_CELLS):
        is_white = word >> (_CELLS - 1 - place) & 1
        pixels[:_CELL, place * _CELL : (place + 1) * _CELL] = 255 if is_white else 0


def drawn_number(pixels: Pixels) -> int | None:
    """The number that was drawn; None where there is none, or it is spoilt."""
    word = 0
    for place in range(_CELLS):
        left = place * _CELL
        cell = pixels[_MARGIN : _CELL - _MARGIN, left + _MARGIN : left + _CELL - _MARGIN]
        word = word << 1 | int(float(np.mean(cell)) > 127)
    return word >> 4 if word & 15 == _check(word >> 4) else None


def write_film(path: Path, pictures: Iterable[Pixels], fps: int, kbit: int = 3000) -> Path:
    """Encodes pictures of one size, numbered from 0 on, with one that stands by itself each second."""
    encoder: subprocess.Popen[bytes] | None = None
    with path.open("wb") as out:
        for number, pixels in enumerate(pictures):
            assert number < LONGEST
            picture = np.ascontiguousarray(pixels).copy()
            draw_number(picture, number)
            if encoder is None:
                height, width = picture.shape[:2]
                words = [PYTHON, str(Path(__file__).with_name("film_program.py"))]
                words += map(str, (width, height, fps, kbit))
                encoder = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=out, env=bare_environment())
            assert encoder.stdin is not None
            encoder.stdin.write(picture.data)
    assert encoder is not None
    encoder.communicate()
    assert encoder.returncode == 0
    return path


def _check(number: int) -> int:
    return (number ^ number >> 4 ^ number >> 8 ^ 0b1010) & 15
