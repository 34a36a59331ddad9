"""Where text stands in a picture: PaddleOCR's differentiable binarization network (Liao et al., 2020)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from kiosk.vision.manifest import Preprocessing
from kiosk.vision.onnx_session import as_input, open_session, unusable
from kiosk.vision.types import FloatArray, Pixels

_STRIDE = 32
_MIN_PIXEL_SCORE = 0.3
_MIN_SCORE = 0.5
_MIN_SIDE_PX = 3
_GROWTH = 1.6
"""The network is taught shrunken text: a line is grown again by area x this / perimeter on each side."""


@dataclass(frozen=True, slots=True, eq=False)
class TextLine:
    """A line of text: `corners` 4 x 2 float32 pixels, clockwise from the upper left as it is read; `width`
    along the text and `height` across it, in pixels; `score` in 0..1."""

    corners: FloatArray
    width: float
    height: float
    score: float


class TextFinder:
    """Finds lines of text in a picture at the size that it has. Safe from several threads."""

    def __init__(self, weights: bytes, preprocessing: Preprocessing, threads: int = 1) -> None:
        """`weights` are the bytes of the ONNX file; `threads` for one call.

        Raises KnownError(WEIGHTS_UNUSABLE) when they are not a network from n x 3 x h x w to n x 1 x h x w.
        """
        self._preprocessing = preprocessing
        self._session = open_session(weights, threads, "the text finder")
        self._input = self._session.get_inputs()[0].name
        try:
            probe = self.score_map(np.zeros((_STRIDE, 2 * _STRIDE, 3), np.uint8))
        except Exception as error:  # what onnxruntime raises has no common base
            raise unusable("the text finder", type(error).__name__) from error
        if probe.shape != (_STRIDE, 2 * _STRIDE):
            raise unusable("the text finder", f"its output is {probe.shape}")

    def find(self, pixels: Pixels) -> list[TextLine]:
        """Lines of text, tilted up to 45 degrees, with corners in the picture's pixels."""
        scores = self.score_map(pixels)
        mask = (scores > _MIN_PIXEL_SCORE).astype(np.uint8)
        contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
        lines = (_line(contour, scores) for contour in contours)
        return [line for line in lines if line is not None]

    def score_map(self, pixels: Pixels) -> FloatArray:
        """height x width float32: how surely each pixel of the picture belongs to text, 0..1.

        This is the bare network, which a benchmark takes for its floor.
        """
        height, width = pixels.shape[:2]
        image = cv2.copyMakeBorder(pixels, 0, -height % _STRIDE, 0, -width % _STRIDE, cv2.BORDER_REPLICATE)
        tensor = as_input(np.asarray(image, np.uint8)[None], self._preprocessing)
        scores = self._session.run(None, {self._input: tensor})[0]
        return np.asarray(scores[0, 0, :height, :width], np.float32)


def _line(contour: Sequence[object], scores: FloatArray) -> TextLine | None:
    """The upright rectangle around a spot of text, grown; None for a spot too small or too faint."""
    center, sides, degrees = cv2.minAreaRect(np.asarray(contour))
    if min(sides) < _MIN_SIDE_PX:
        return None
    score = _mean_within(scores, cv2.boxPoints((center, sides, degrees)))
    if score < _MIN_SCORE:
        return None
    growth = 2 * sides[0] * sides[1] * _GROWTH / (2 * (sides[0] + sides[1]))
    width, height, degrees = _as_read(sides[0] + growth, sides[1] + growth, degrees)
    # cv2.boxPoints orders from the lowest corner on, which changes with the tilt: corners are made by hand.
    turn = np.deg2rad(degrees)
    along = np.array([np.cos(turn), np.sin(turn)]) * width / 2
    across = np.array([-np.sin(turn), np.cos(turn)]) * height / 2
    middle = np.array(center)
    corners = np.stack([-along - across, along - across, along + across, -along + across]) + middle
    return TextLine(corners.astype(np.float32), width, height, score)


def _as_read(width: float, height: float, degrees: float) -> tuple[float, float, float]:
    """A rectangle's sides and tilt, chosen so that the tilt is within 45 degrees: text is worn upright."""
    while degrees > 45:
        width, height, degrees = height, width, degrees - 90
    while degrees < -45:
        width, height, degrees = height, width, degrees + 90
    return width, height, degrees


def _mean_within(scores: FloatArray, corners: FloatArray) -> float:
    x1, y1 = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    x2, y2 = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = scores[y1:y2, x1:x2]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [np.round(corners - (x1, y1)).astype(np.int32)], (1,))
    return float(cv2.mean(part, mask)[0])
