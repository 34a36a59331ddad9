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
    rows, columns = np.mgrid[top:bottom, left:right].astype(np.float32)
    opacity = _ellipse(rows, columns, box, _MARGIN)
    for other in kept:
        yielding = opacity * (1.0 - _ellipse(rows, columns, other, _KEPT_MARGIN))
        opacity = np.maximum(yielding, _ellipse(rows, columns, box, 1.0))
    share = opacity[:, :, None]
    region[:] = np.rint(region * (1.0 - share) + patch * share).astype(np.uint8)


def _ellipse(rows: FloatArray, columns: FloatArray, box: Box, margin: float) -> FloatArray:
    """1 inside the ellipse that fills `box` times `margin`, 0 outside, a soft edge between."""
    center_x, center_y = box.center
    half_w, half_h = max(1.0, box.width * margin / 2), max(1.0, box.height * margin / 2)
    distance = np.hypot((columns - center_x) / half_w, (rows - center_y) / half_h)
    inside: FloatArray = np.clip((1.0 - distance) / _SOFT_EDGE, 0.0, 1.0)
    return inside
