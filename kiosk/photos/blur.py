"""Bystanders are made unrecognisable in previews."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from kiosk.vision.types import Box, FloatArray, Pixels

_MARGIN = 1.5
"""How much wider and higher than the face's box the blurred ellipse is: chin, ears and hairline go too."""
_KEPT_MARGIN = 1.2
_SOFT_EDGE = 0.12
_CELLS = 5
"""Numbers that are left of a face along each side; nothing in them tells two people apart."""


def blur_faces(pixels: Pixels, boxes: Iterable[Box], keep: Iterable[Box] = ()) -> Pixels:
    """A copy of the picture in which the faces are smooth patches of their own colours, with soft edges.

    Each region is averaged down to 5 x 5 values before it is drawn again, so no sharpening brings it back.
    Faces to `keep` that stand cheek to cheek with a blurred one stay whole: only the other's margin yields.
    """
    blurred = pixels.copy()
    kept = tuple(keep)
    for box in boxes:
        _blur_region(blurred, box, kept)
    return blurred


def _blur_region(pixels: Pixels, box: Box, kept: tuple[Box, ...]) -> None:
    height, width = pixels.shape[:2]
    center_x, center_y = box.center
    half_w, half_h = max(1.0, box.width * _MARGIN / 2), max(1.0, box.height * _MARGIN / 2)
    left, right = max(0, int(center_x - half_w)), min(width, int(center_x + half_w) + 1)
    top, bottom = max(0, int(center_y - half_h)), min(height, int(center_y + half_h) + 1)
    if left >= right or top >= bottom:
        return
    region = pixels[top:bottom, left:right]
    coarse = cv2.resize(region, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    patch = cv2.resize(coarse, (right - left, bottom - top), interpolation=cv2.INTER_CUBIC)
    rows = np.arange(top, bottom, dtype=np.float32)[:, None]
    columns = np.arange(left, right, dtype=np.float32)[None, :]
    opacity = _ellipse(rows, columns, box, _MARGIN)
    for other in kept:
        if not _reaches(other, _KEPT_MARGIN, (left, top, right, bottom)):
            continue
        yielding = opacity * (1.0 - _ellipse(rows, columns, other, _KEPT_MARGIN))
        opacity = np.maximum(yielding, _ellipse(rows, columns, box, 1.0))
    region[:] = cv2.blendLinear(patch, region, opacity, 1.0 - opacity)


def _ellipse(rows: FloatArray, columns: FloatArray, box: Box, margin: float) -> FloatArray:
    """1 inside the ellipse that fills `box` times `margin`, 0 outside, a soft edge between; for each of
    `rows` [n x 1] and `columns` [1 x m]."""
    center_x, center_y = box.center
    half_w, half_h = max(1.0, box.width * margin / 2), max(1.0, box.height * margin / 2)
    across, down = (columns - center_x) / half_w, (rows - center_y) / half_h
    distance = np.sqrt(across * across + down * down)
    inside: FloatArray = np.clip((1.0 - distance) * (1.0 / _SOFT_EDGE), 0.0, 1.0)
    return inside


def _reaches(box: Box, margin: float, region: tuple[int, int, int, int]) -> bool:
    """Whether the ellipse of a box can touch a region (left, top, right, bottom)."""
    center_x, center_y = box.center
    half_w, half_h = max(1.0, box.width * margin / 2), max(1.0, box.height * margin / 2)
    left, top, right, bottom = region
    return left - half_w < center_x < right + half_w and top - half_h < center_y < bottom + half_h
