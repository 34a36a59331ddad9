"""Whether parts of a face moved against each other between two frames, read from the pixels themselves.

The landmark network knows how faces look, and places the nose of a bent print where that of a turned head
would be. The pixels tell: on a print, however it is moved or bent, the patch around the nose lies between
eyes and lip where it lay before, and looks the same; on a head that turns it is elsewhere and looks
different.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.vision.alignment import warped
from kiosk.vision.types import FloatArray, Pixels

_SIDE_PX = 128
_EYES_APART = 0.36  # of the side
_EYES_DOWN = 0.36
_FLAT = 1.0  # deviation below which a patch has nothing to be found by
_SOFT = 1.0  # sigma in pixels: what noise and the weave of a screen add is taken out of both pictures

_LEFT_EYE, _RIGHT_EYE = tuple(range(66, 74)), tuple(range(75, 83))
_CORNERS = (66, 70, 75, 79, 84, 90)  # of the eyes and the mouth
_INNER_CORNERS = ((70,), (75,))
_LIP = (86, 87, 88)
_NOSE = (54, 58, 59, 60, 61, 62)
_BETWEEN_BROWS = (51,)

Plane = NDArray[np.float64]
"""A 2 x 3 matrix that takes points of one picture to another."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How well patches of a face match those of the face before, -1..1 (normalised cross-correlation).

    `nose` is looked for only where a print would have it; `brows` is the patch between the brows and `rest`
    the worst of it and the inner corners of the eyes, each looked for in its neighbourhood.
    """

    nose: float
    brows: float
    rest: float


class FacePatches:
    """A face with its 106 points (in pixels of the picture), kept at 128 x 128 to compare others with."""

    def __init__(self, pixels: Pixels, points: FloatArray) -> None:
        places = points.astype(np.float64)
        matrix = _upright(places)
        self._is_whole = matrix is not None
        if matrix is None:
            matrix, places = np.eye(2, 3), np.zeros_like(places)
        self._face = _soft(warped(pixels, matrix, _SIDE_PX))
        self._points = places @ matrix[:, :2].T + matrix[:, 2]

    def compare(self, pixels: Pixels, points: FloatArray) -> Likeness:
        """How much the face of another frame is like this one, after the corners of its eyes and mouth are
        laid over this face's. What cannot be compared is unlike (0)."""
        matrix = _plane(points[list(_CORNERS)].astype(np.float64), self._points[list(_CORNERS)])
        if not self._is_whole or matrix is None:
            return Likeness(0.0, 0.0, 0.0)
        other = _soft(warped(pixels, matrix, _SIDE_PX))
        inner = [self._found(other, corner, (10, 8), (8, 5)) for corner in _INNER_CORNERS]
        lip = self._found(other, _LIP, (14, 6), (8, 5))
        brows = self._found(other, _BETWEEN_BROWS, (12, 8), (6, 5))
        eyes_y, lip_y, nose_y = (self._points[list(part), 1].mean() for part in ((70, 75), _LIP, _NOSE))
        share = float((nose_y - eyes_y) / (lip_y - eyes_y)) if lip_y - eyes_y > 1.0 else 0.5
        eyes_shift = (inner[0].shift + inner[1].shift) / 2
        expected = eyes_shift * (1 - share) + lip.shift * share
        nose = self._found(other, _NOSE, (14, 12), (3, 4), expected)
        rest = min(inner[0].score, inner[1].score, brows.score)
        return Likeness(nose.score, brows.score, rest)

    def _found(
        self,
        other: Pixels,
        part: tuple[int, ...],
        half: tuple[int, int],
        play: tuple[int, int],
        expected: NDArray[np.float64] | None = None,
    ) -> _Found:
        """Where the patch around a part (of twice `half` across and down) lies in the other face, no further
        than `play` from where it is expected."""
        here = np.rint(self._points[list(part)].mean(axis=0)).astype(int)
        there = here if expected is None else np.rint(here + expected).astype(int)
        patch = _cut(self._face, here, half)
        field = _cut(other, there, (half[0] + play[0], half[1] + play[1]))
        if patch is None or field is None or patch.std() < _FLAT:
            return _Found(np.zeros(2), 0.0)
        scores = cv2.matchTemplate(field, patch, cv2.TM_CCOEFF_NORMED)
        _, best, _, at = cv2.minMaxLoc(scores)
        return _Found(np.array([at[0] - play[0], at[1] - play[1]], np.float64) + (there - here), float(best))


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    shift: NDArray[np.float64]
    score: float


def _upright(places: NDArray[np.float64]) -> Plane | None:
    """Turns and scales a face so that its eyes are level and a fixed share of the side apart."""
    if not np.isfinite(places).all():
        return None
    left, right = places[list(_LEFT_EYE)].mean(axis=0), places[list(_RIGHT_EYE)].mean(axis=0)
    across = right - left
    distance = float(np.hypot(*across))
    if distance < 1.0:
        return None
    cos, sin = across / distance * (_SIDE_PX * _EYES_APART / distance)
    turn = np.array([[cos, sin], [-sin, cos]])
    shift = np.array([_SIDE_PX / 2, _SIDE_PX * _EYES_DOWN]) - turn @ ((left + right) / 2)
    return np.column_stack([turn, shift])


def _plane(source: NDArray[np.float64], target: NDArray[np.float64]) -> Plane | None:
    """The affine map that takes `source` nearest to `target`; None where the points lie in a line."""
    if not np.isfinite(source).all():
        return None
    extended = np.column_stack([source, np.ones(len(source))])
    solved, _, rank, _ = np.linalg.lstsq(extended, target, rcond=None)
    matrix = np.asarray(solved.T, np.float64)
    return matrix if rank == 3 and abs(np.linalg.det(matrix[:, :2])) > 1e-6 else None


def _soft(face: Pixels) -> Pixels:
    grey = cv2.cvtColor(face, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), _SOFT), np.uint8)


def _cut(face: Pixels, middle: NDArray[np.int_], half: tuple[int, int]) -> Pixels | None:
    x1, y1 = int(middle[0]) - half[0], int(middle[1]) - half[1]
    x2, y2 = int(middle[0]) + half[0] + 1, int(middle[1]) + half[1] + 1
    if x1 < 0 or y1 < 0 or x2 > face.shape[1] or y2 > face.shape[0]:
        return None
    return face[y1:y2, x1:x2]
