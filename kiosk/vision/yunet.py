"""YuNet, the default detector (Wu et al., 2023), run by OpenCV."""

from __future__ import annotations

import threading

import cv2
import numpy as np

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.types import Box, Detection, FloatArray, Pixels

MIN_SCORE = 0.6
_SUPPRESSION_OVERLAP = 0.3
_MOST_CANDIDATES = 5000
_BUILD_LOCK = threading.Lock()


class YuNet:
    """Finds faces in a picture at the size that it has. Safe from several threads: each has its own network,
    since OpenCV keeps the input's size in it."""

    def __init__(self, weights: bytes, min_score: float = MIN_SCORE) -> None:
        """`weights` are the bytes of the ONNX file. Raises KnownError(WEIGHTS_UNUSABLE)."""
        self._weights = np.frombuffer(weights, np.uint8)
        self._min_score = min_score
        self._per_thread = threading.local()
        self._per_thread.network = self._build()

    def detect(self, pixels: Pixels) -> list[Detection]:
        """Faces scoring at least `min_score`, boxes and landmarks in the picture's pixels."""
        network = getattr(self._per_thread, "network", None)
        if network is None:
            network = self._per_thread.network = self._build()
        height, width = pixels.shape[:2]
        network.setInputSize((width, height))
        _, rows = network.detect(pixels)
        return [] if rows is None else [_detection(row) for row in rows]

    def _build(self) -> cv2.FaceDetectorYN:
        with _BUILD_LOCK:
            level = cv2.utils.logging.getLogLevel()
            # OpenCV 5 warns that its new engine knows one target only; there is no other to choose.
            cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
            try:
                return cv2.FaceDetectorYN.create(
                    "onnx",
                    self._weights,
                    np.empty(0, np.uint8),
                    (320, 320),
                    self._min_score,
                    _SUPPRESSION_OVERLAP,
                    _MOST_CANDIDATES,
                )
            except cv2.error as error:
                raise KnownError(
                    ErrorCode.WEIGHTS_UNUSABLE,
                    f"The detector's weights cannot be loaded: {error.err or 'not an ONNX file'}.",
                    "Fetch the weights again: python3 -m installer run",
                ) from error
            finally:
                cv2.utils.logging.setLogLevel(level)


def _detection(row: FloatArray) -> Detection:
    """A row is x, y, width, height, five points (the person's right eye first), score."""
    x, y, width, height = (float(value) for value in row[:4])
    return Detection(
        box=Box(x, y, x + width, y + height),
        score=min(1.0, float(row[14])),
        landmarks=row[4:14].reshape(5, 2).astype(np.float32),
    )
