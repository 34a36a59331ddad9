"""The page that a technician prints to see whether a printer is well."""

from __future__ import annotations

import io
from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from kiosk.paths import resources_folder
from kiosk.printing.lettering import write
from kiosk.printing.paper import DPI, pixels
from kiosk.printing.sheet import page_with
from kiosk.printing.types import Paper, PrintPage
from kiosk.vision.types import Pixels

_BOLD, _PLAIN = "IBMPlexSansThai_600SemiBold.ttf", "IBMPlexSansThai_400Regular.ttf"
_GREYS = 11
_COLOURS = (
    (0, 160, 200),
    (204, 47, 142),
    (230, 201, 43),
    (26, 26, 26),
    (200, 67, 59),
    (62, 142, 90),
    (59, 91, 169),
    (226, 175, 140),
    (168, 110, 70),
)
"""Each ink alone, their mixtures, and skin."""
_LINES = 22
_CIRCLES = 7
_BLACK = (0, 0, 0)
_THAI = "ทดสอบ กี่ปู่ฟ้าจ้ำ"
"""Marks above, below and above each other: what goes wrong first where Thai is not set well."""


def test_page(paper: Paper) -> PrintPage:
    """A grey wedge, colours, lines from one pixel on, circles that are round, and Thai; on lying paper."""
    high, wide = pixels(paper.size)
    sheet = np.full((high, wide, 3), 255, np.uint8)
    edge, row = round(wide * 0.06), round(high * 0.15)
    inner = wide - 2 * edge
    greys = [(round(step * 255 / (_GREYS - 1)),) * 3 for step in range(_GREYS)]
    _draw_patches(sheet, (edge, edge, inner, row), greys)
    _draw_patches(sheet, (edge, round(edge + row * 1.25), inner, round(row * 1.2)), _COLOURS)
    top = round(edge + row * 2.75)
    _draw_lines(sheet, (edge, top, round(inner * 0.44), round(row * 1.3)))
    _draw_circles(sheet, (round(edge + inner * 0.76), round(top + row * 0.95)), round(row * 0.95))
    fonts = resources_folder() / "fonts"
    size = paper.size.value.replace("x", "×")
    write(sheet, _THAI, fonts / _BOLD, (edge, top + row * 2.15), row * 0.55)
    write(sheet, f"Test {size} cm, {DPI} dpi", fonts / _PLAIN, (edge, top + row * 2.75), row * 0.38)
    jpeg = io.BytesIO()
    Image.fromarray(sheet).save(jpeg, "JPEG", quality=95, subsampling=0, dpi=(DPI, DPI))
    page = page_with(jpeg.getvalue(), paper.size, is_lying=True)
    return PrintPage(page, paper, copies=1, jpeg=jpeg.getvalue())


def _draw_patches(
    sheet: Pixels,
    place: tuple[int, int, int, int],
    colours: Sequence[tuple[int, ...]],
) -> None:
    left, top, wide, high = place
    for number, colour in enumerate(colours):
        first, last = (left + wide * step // len(colours) for step in (number, number + 1))
        sheet[top : top + high, first:last] = colour


def _draw_lines(sheet: Pixels, place: tuple[int, int, int, int]) -> None:
    """From one pixel on, one more with every fourth."""
    left, top, wide, high = place
    for number in range(_LINES):
        first = left + wide * number // _LINES
        sheet[top : top + high, first : first + 1 + number // 4] = _BLACK


def _draw_circles(sheet: Pixels, middle: tuple[int, int], radius: int) -> None:
    for number in range(1, _CIRCLES + 1):
        cv2.circle(sheet, middle, radius * number // _CIRCLES, _BLACK, thickness=2, lineType=cv2.LINE_AA)
