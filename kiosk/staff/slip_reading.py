"""The code of a payment slip in a picture: on glass or paper, small, tilted or a little blurred."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from kiosk.vision.types import Pixels

_LARGEST_PX = 1600
"""Pictures are not scaled up beyond: finding takes time with the square of it."""
_QUIET_PX = 24


def slip_code(pixels: Pixels) -> str | None:
    """The text of a code in the picture, whatever it says; None where none can be read. Takes some tens of
    milliseconds, up to a third of a second for a picture in which there is hardly anything."""
    detector = cv2.QRCodeDetector()
    for tried in _tries(pixels):
        try:
            text, _, _ = detector.detectAndDecode(tried)
        except cv2.error:  # its corners were no square: as good as not found
            continue
        if text:
            return str(text)
    return None


def _tries(pixels: Pixels) -> Iterator[Pixels]:
    """The picture in the ways in which codes come out of it, the cheapest first."""
    grey = cv2.cvtColor(pixels, cv2.COLOR_BGR2GRAY) if pixels.ndim == 3 else pixels
    yield grey
    scale = min(2.0, _LARGEST_PX / max(grey.shape))
    large = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC) if scale > 1 else grey
    yield large
    soft = cv2.GaussianBlur(large, (0, 0), 3)
    yield _framed(cv2.addWeighted(large, 2.5, soft, -1.5, 0))
    _, black_and_white = cv2.threshold(large, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    yield _framed(black_and_white)


def _framed(grey: Pixels) -> Pixels:
    """With a white edge, for a code that fills the picture."""
    edge = (_QUIET_PX,) * 4
    return np.asarray(cv2.copyMakeBorder(grey, *edge, cv2.BORDER_CONSTANT, value=255), dtype=np.uint8)
