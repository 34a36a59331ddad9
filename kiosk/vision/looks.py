"""Looking at a picture in one or several sizes, and making one list of faces of what was seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.errors import BugError
from kiosk.vision.types import Box, Detection, Pixels

_CLOSE_UP_PX = 160
_WORTH_A_CLOSE_UP = 1.2  # the picture against its largest look
_CLOSE_UP_FACES = 2.2  # a close-up's side over its face's

_SAME_FACE_OVERLAP = 0.4

Look = Callable[[Pixels], list[Detection]]


@dataclass(frozen=True, slots=True)
class Looks:
    """How a picture is searched: its long side is made `long_sides` pixels, one after the other; then a face
    that was seen smaller than `close_up_below_px` gets a look of its own in the picture's own resolution.

    The close-up is for the landmarks, on which the embedding rests: measured on one picture of several
    hundred faces, faces seen 10 / 20 / 30 pixels wide came to a cosine of 0.33 / 0.79 / 0.88 with the same
    faces seen large, and to 0.92 / 0.94 / 0.93 after the close-up, at about 2 ms a face.
    """

    long_sides: tuple[int, ...]
    close_up_below_px: float = 0.0


LIVE_LOOKS = Looks((640,))
"""For live frames: the visitor is near, and time is short."""
PHOTO_LOOKS = Looks((640, 1280), close_up_below_px=64.0)
"""For photos: the faces of a group count as well."""


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


def find_faces(pixels: Pixels, looks: Looks, look: Look) -> list[Detection]:
    """Faces that `look` finds in a picture, in pixels of the picture itself, the largest first.

    A size that would show nothing new (the picture is no larger than the one before) is left out. Raises
    BugError for what is no picture.
    """
    pixels = checked_pixels(pixels)
    height, width = pixels.shape[:2]
    found: list[Detection] = []
    seen = 0
    for long_side in looks.long_sides:
        if min(long_side, max(width, height)) <= seen:
            continue
        small = scaled_down(pixels, long_side)
        seen = max(small.shape[:2])
        ratio = (width / small.shape[1], height / small.shape[0])
        found.extend(_stretched(detection, *ratio) for detection in look(small))
    faces = one_per_face(found)
    zoom = max(width, height) / seen
    if zoom > _WORTH_A_CLOSE_UP:
        faces = one_per_face(
            [
                _close_up(pixels, face, look) if face.box.width < looks.close_up_below_px * zoom else face
                for face in faces
            ]
        )
    return sorted(faces, key=lambda face: face.box.area, reverse=True)


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


def _close_up(pixels: Pixels, face: Detection, look: Look) -> Detection:
    """The face as seen in a cut-out of the picture; the face as it was where it is not seen there again."""
    half = max(face.box.width, face.box.height) * _CLOSE_UP_FACES / 2
    x, y = face.box.center
    x1, y1 = max(0, int(x - half)), max(0, int(y - half))
    cut = pixels[y1 : max(y1 + 1, int(y + half)), x1 : max(x1 + 1, int(x + half))]
    small = scaled_down(np.ascontiguousarray(cut), _CLOSE_UP_PX)
    ratio = (cut.shape[1] / small.shape[1], cut.shape[0] / small.shape[0])
    again = [_moved(_stretched(found, *ratio), x1, y1) for found in look(small)]
    best = max(again, key=lambda found: overlap(found.box, face.box), default=face)
    return best if overlap(best.box, face.box) >= _SAME_FACE_OVERLAP else face


def _moved(detection: Detection, x: int, y: int) -> Detection:
    box = detection.box
    return Detection(
        box=Box(box.x1 + x, box.y1 + y, box.x2 + x, box.y2 + y),
        score=detection.score,
        landmarks=detection.landmarks + np.array([x, y], dtype=np.float32),
    )


def _stretched(detection: Detection, x: float, y: float) -> Detection:
    if x == 1.0 and y == 1.0:
        return detection
    box = detection.box
    return Detection(
        box=Box(box.x1 * x, box.y1 * y, box.x2 * x, box.y2 * y),
        score=detection.score,
        landmarks=detection.landmarks * np.array([x, y], dtype=np.float32),
    )
