"""Faces cut out of a picture so that eyes, nose and mouth always lie at the same place.

The template is the five points of ArcFace (Deng et al., 2019) for 112 x 112 pixels; the transform is the
least-squares similarity of Umeyama (1991), in closed form for the plane.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from kiosk.errors import BugError
from kiosk.vision.types import Box, FloatArray, Pixels

ALIGNED_SIZE = 112
TEMPLATE: FloatArray = np.array(
    [[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041]],
    dtype=np.float32,
)
_MARGIN_PX = 2  # around the part of the picture that an aligned face is taken from


def similarity_transform(points: FloatArray) -> NDArray[np.float64]:
    """The 2 x 3 matrix that takes 5 x 2 `points` nearest to the template by turning, scaling and moving.

    Raises BugError when the points coincide, or are not finite.
    """
    source = points[:, 0].astype(np.float64) + 1j * points[:, 1].astype(np.float64)
    target = TEMPLATE[:, 0].astype(np.float64) + 1j * TEMPLATE[:, 1].astype(np.float64)
    source_centre, target_centre = source.mean(), target.mean()
    source = source - source_centre
    spread = float(np.sum(np.abs(source) ** 2))
    if not np.isfinite(spread) or spread < 1e-6:
        raise BugError("landmarks that coincide or are not finite cannot be aligned")
    turn = np.sum(np.conj(source) * (target - target_centre)) / spread
    shift = target_centre - turn * source_centre
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])


def align(pixels: Pixels, landmarks: FloatArray) -> Pixels:
    """The face with these landmarks (5 x 2 pixels), upright, 112 x 112 x 3; black beyond the border."""
    return warped(pixels, similarity_transform(landmarks), ALIGNED_SIZE)


def warped(pixels: Pixels, matrix: NDArray[np.float64], side: int) -> Pixels:
    """The square of `side` pixels that the 2 x 3 `matrix` takes a part of the picture to, black beyond the
    border. What is made smaller is averaged."""
    matrix = matrix.copy()
    x1, y1, x2, y2 = _source_area(matrix, side, pixels.shape[1], pixels.shape[0])
    if x1 >= x2 or y1 >= y2:
        return np.zeros((side, side, 3), np.uint8)
    # Only the square's part is warped: OpenCV's warp is limited to 32,767 pixels a side.
    part = pixels[y1:y2, x1:x2]
    matrix[:, 2] += matrix[:, :2] @ np.array([x1, y1], dtype=np.float64)
    # A warp takes single pixels; a large face is first made smaller by areas, or it would alias.
    shrink = int(1.0 / max(float(np.hypot(matrix[0, 0], matrix[1, 0])), 1e-6))
    if shrink >= 2:
        width, height = max(1, part.shape[1] // shrink), max(1, part.shape[0] // shrink)
        ratio = np.array([part.shape[1] / width, part.shape[0] / height])
        part = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA)
        # Pixel centres: big = (small + 0.5) * ratio - 0.5
        matrix[:, 2] += matrix[:, :2] @ (0.5 * ratio - 0.5)
        matrix[:, :2] *= ratio
    square = cv2.warpAffine(np.ascontiguousarray(part), matrix, (side, side), flags=cv2.INTER_LINEAR)
    return np.asarray(square, dtype=np.uint8)


def square_around(pixels: Pixels, box: Box, margin: float, side_px: int) -> tuple[Pixels, FloatArray, int]:
    """The upright square around a face, `margin` times as wide as the longer side of its box, scaled to
    `side_px`; with its corner and its side in the picture. Black beyond the border."""
    side = max(2, int(max(box.width, box.height) * margin))
    x1, y1 = (int(middle) - side // 2 for middle in box.center)
    left, above = min(side, max(0, -x1)), min(side, max(0, -y1))
    part = pixels[max(0, y1) : max(0, y1 + side), max(0, x1) : max(0, x1 + side)]
    square = np.zeros((side, side, 3), np.uint8)
    square[above : above + part.shape[0], left : left + part.shape[1]] = part
    interpolation = cv2.INTER_AREA if side > side_px else cv2.INTER_LINEAR
    cut = cv2.resize(square, (side_px, side_px), interpolation=interpolation)
    return np.asarray(cut, np.uint8), np.array([x1, y1], np.float32), side


def _source_area(
    matrix: NDArray[np.float64], side: int, width: int, height: int
) -> tuple[int, int, int, int]:
    """The rectangle of the picture, clipped to it, that the square is taken from."""
    corners = np.array([[0, 0], [side, 0], [0, side], [side, side]], dtype=np.float64)
    back = np.linalg.solve(matrix[:, :2], (corners - matrix[:, 2]).T).T
    scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    margin = _MARGIN_PX + 1.0 / scale
    low = np.floor(back.min(axis=0) - margin)
    high = np.ceil(back.max(axis=0) + margin)
    x1, x2 = np.clip([low[0], high[0]], 0, width)
    y1, y2 = np.clip([low[1], high[1]], 0, height)
    return int(x1), int(y1), int(x2), int(y2)
