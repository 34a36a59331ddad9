"""Looking at a picture in one or several sizes, and making one list of faces of what was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np

from kiosk.errors import BugError
from kiosk.vision.types import Box, Detection, Pixels

LIVE_SIDES: tuple[int, ...] = (640,)
"""Longest side, in pixels, at which live frames are searched: the visitor is near, and time is short."""
PHOTO_SIDES: tuple[int, ...] = (640, 1280)
"""Longest sides at which photos are searched: the second look finds the faces of a group."""
_SAME_FACE_OVERLAP = 0.4

Look = Callable[[Pixels], list[Detection]]


def checked_pixels(pixels: Pixels) -> Pixels:
    """The picture, contiguous. Raises BugError when it is not height x width x 3, uint8, with any pixels."""
    if not isinstance(pixels, np.ndarray) or pixels.dtype != np.uint8:
        kind = getattr(pixels, "dtype", type(pixels).__name__)
        raise BugError(f"a picture must be an array of uint8, not {kind}")
    if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.size == 0:
        raise BugError(f"a picture must be height x width x 3 and not empty, not {pixels.shape}")
    return np.ascontiguousarray(pixels)


def scaled_down(pixels: Pixels, long_side: int) -> Pixels:
    """The picture with its long side at most `long_side`; never larger than it was."""
    height, width = pixels.shape[:2]
    factor = long_side / max(width, height)
    if factor >= 1.0:
        return pixels
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def look_in_sizes(pixels: Pixels, long_sides: Sequence[int], look: Look) -> list[Detection]:
    """Faces found by `look` at each of the sizes, in pixels of the picture itself, the largest first.

    A size that would show nothing new (the picture is no larger than the one before) is left out.
    """
    pixels = checked_pixels(pixels)
    height, width = pixels.shape[:2]
    found: list[Detection] = []
    seen = 0
    for long_side in long_sides:
        if min(long_side, max(width, height)) <= seen:
            continue
        small = scaled_down(pixels, long_side)
        seen = max(small.shape[:2])
        ratio = (width / small.shape[1], height / small.shape[0])
        found.extend(_stretched(detection, *ratio) for detection in look(small))
    return sorted(one_per_face(found), key=lambda detection: detection.box.area, reverse=True)


def one_per_face(detections: Sequence[Detection]) -> list[Detection]:
    """Of detections that overlap, the surest one only."""
    kept: list[Detection] = []
    for detection in sorted(detections, key=lambda one: one.score, reverse=True):
        if all(overlap(detection.box, other.box) < _SAME_FACE_OVERLAP for other in kept):
            kept.append(detection)
    return kept


def overlap(one: Box, other: Box) -> float:
    """Intersection over union of two boxes, 0..1."""
    width = min(one.x2, other.x2) - max(one.x1, other.x1)
    height = min(one.y2, other.y2) - max(one.y1, other.y1)
    if width <= 0 or height <= 0:
        return 0.0
    shared = width * height
    return shared / (one.area + other.area - shared)


def _stretched(detection: Detection, x: float, y: float) -> Detection:
    if x == 1.0 and y == 1.0:
        return detection
    box = detection.box
    return Detection(
        box=Box(box.x1 * x, box.y1 * y, box.x2 * x, box.y2 * y),
        score=detection.score,
        landmarks=detection.landmarks * np.array([x, y], dtype=np.float32),
    )
