"""Words as pixels, Thai set as it must be: by HarfBuzz, which puts marks where the font wants them. Pillow
can do so only where the system has a library that Windows lacks."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import uharfbuzz

from kiosk.vision.types import Pixels

_Point = tuple[float, float]
_STEPS = 8
_SHIFT = 4
"""Points are given to OpenCV in sixteenths of a pixel."""


class _Outline:
    """The contours of one glyph, curves as short lines."""

    def __init__(self) -> None:
        self.contours: list[list[_Point]] = []

    def move_to(self, x: float, y: float) -> None:
        self.contours.append([(x, y)])

    def line_to(self, x: float, y: float) -> None:
        self.contours[-1].append((x, y))

    def quadratic_to(self, x1: float, y1: float, x: float, y: float) -> None:
        x0, y0 = self.contours[-1][-1]
        for step in range(1, _STEPS + 1):
            share = step / _STEPS
            first, second, third = (1 - share) ** 2, 2 * share * (1 - share), share**2
            self.line_to(first * x0 + second * x1 + third * x, first * y0 + second * y1 + third * y)


def write(pixels: Pixels, text: str, font_file: Path, place: _Point, size_px: float) -> None:
    """Writes black words on a picture; `place` is where the line begins on its base."""
    face = uharfbuzz.Face(font_file.read_bytes())
    font = uharfbuzz.Font(face)
    scale = size_px / face.upem
    line = uharfbuzz.Buffer()
    line.add_str(text)
    line.guess_segment_properties()
    uharfbuzz.shape(font, line)
    drawing = _drawing()
    x, y = place
    for glyph, position in zip(line.glyph_infos, line.glyph_positions, strict=True):
        outline = _Outline()
        font.draw_glyph(glyph.codepoint, drawing, outline)
        at = (x + position.x_offset * scale, y - position.y_offset * scale)
        _fill(pixels, outline.contours, at, scale)
        x += position.x_advance * scale


def _drawing() -> uharfbuzz.DrawFuncs:
    """How HarfBuzz draws into an outline; the project's fonts have no curves of the third degree."""
    drawing = uharfbuzz.DrawFuncs()
    drawing.set_move_to_func(lambda x, y, outline: outline.move_to(x, y))
    drawing.set_line_to_func(lambda x, y, outline: outline.line_to(x, y))
    drawing.set_quadratic_to_func(lambda x1, y1, x, y, outline: outline.quadratic_to(x1, y1, x, y))
    drawing.set_close_path_func(lambda outline: None)
    return drawing


def _fill(pixels: Pixels, contours: list[list[_Point]], at: _Point, scale: float) -> None:
    shapes = [
        np.round((np.array(contour) * (scale, -scale) + at) * 2**_SHIFT).astype(np.int32)
        for contour in contours
    ]
    if shapes:
        cv2.fillPoly(pixels, shapes, (0, 0, 0), lineType=cv2.LINE_AA, shift=_SHIFT)
