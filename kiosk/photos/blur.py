"""Bystanders are made unrecognisable in previews."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from kiosk.vision.types import Box, Pixels

_MARGIN = 1.5
"""How much wider and higher than the face's box the blurred ellipse is: chin, ears and hairline go too."""
_CELLS = 5
"""Numbers that are left of a face along each side; nothing in them tells two people apart."""


def blur_faces(pixels: Pixels, boxes: Iterable[Box]) -> Pixels:
    """A copy of the picture in which the faces are smooth patches of their own colours, with soft edges.

    Each region is averaged down to 5 x 5 values before it is drawn again, so no sharpening brings it back.
    """
    blurred = pixels.copy()
    for box in boxes:
        _blur_region(blurred, box)
    return blurred


def _blur_region(pixels: Pixels, box: Box) -> None:
    height, width = pixels.shape[:2]
    center_x, center_y = box.center
    half_w, half_h = max(1.0, box.width * _MARGIN / 2), max(1.0, box.height * _MARGIN / 2)
    left, right = max(0, int(center_x - half_w)), min(width, int(center_x + half_w) + 1)
    top, bottom = max(0, int(center_y - half_h)), min(height, int(center_y + half_h) + 1)
    if left >= right or top >= bottom:
        return
    region = pixels[top:bottom, left:right]
    size = (right - left, bottom - top)
    coarse = cv2.resize(region, (_CELLS, _CELLS), interpolation=cv2.INTER_AREA)
    patch = cv2.resize(coarse, size, interpolation=cv2.INTER_CUBIC)
    rows, columns = np.mgrid[top:bottom, left:right].astype(np.float32)
    distance = np.hypot((columns - center_x) / half_w, (rows - center_y) / half_h)
    opacity = np.clip((1.0 - distance) / 0.12, 0.0, 1.0)[:, :, None]
    region[:] = np.rint(region * (1 - opacity) + patch * opacity).astype(np.uint8)
