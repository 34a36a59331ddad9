"""dlib with the weights of `face_recognition_models`: what many photo-finding services run.

Both come with the `peers` extra: `dlib-bin` (Boost licence) and `face_recognition_models` (MIT; the two files
used here, five landmarks and ResNet, are public domain by their author). The package of the weights cannot be
imported where setuptools is absent, so its files are found by the installed distribution's own list.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from kiosk.benchmarks.figure import NotMeasured
from kiosk.benchmarks.peers.types import INSTALL, PeerFace, largest_first
from kiosk.vision.types import Box, FloatArray, Pixels

_DISTRIBUTION = "face_recognition_models"
_LANDMARKS = "shape_predictor_5_face_landmarks.dat"
_RECOGNISER = "dlib_face_recognition_resnet_model_v1.dat"
_ENLARGED_ONCE = 1


class DlibPeer:
    """HOG detector on the picture enlarged once, five landmarks, ResNet to 128 numbers, one crop: the
    defaults of the `face_recognition` library. One thread at a time."""

    name = "dlib HOG + ResNet"

    def __init__(self, dlib: Any, landmarks: Path, recogniser: Path) -> None:
        self._detect = dlib.get_frontal_face_detector()
        self._landmarks = dlib.shape_predictor(str(landmarks))
        self._recognise = dlib.face_recognition_model_v1(str(recogniser))

    def faces(self, pixels: Pixels) -> list[PeerFace]:
        """All faces, the largest first; vectors are 128 numbers, not of length 1."""
        rgb = np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB), np.uint8)
        return largest_first([self._face(rgb, place) for place in self._detect(rgb, _ENLARGED_ONCE)])

    def similarities(self, probe: FloatArray, faces: FloatArray) -> FloatArray:
        """1 - Euclidean distance, which is how this network compares; its customary limit of 0.6 is 0.4."""
        return np.asarray(1.0 - np.linalg.norm(faces - probe, axis=1), np.float32)

    def _face(self, rgb: Pixels, place: Any) -> PeerFace:
        vector = self._recognise.compute_face_descriptor(rgb, self._landmarks(rgb, place), 1)
        box = Box(place.left(), place.top(), place.right(), place.bottom())
        return PeerFace(box, np.asarray(vector, np.float32))


def open_dlib() -> DlibPeer | NotMeasured:
    """dlib with its weights loaded, or what is missing."""
    try:
        import dlib
    except ImportError:
        return NotMeasured(DlibPeer.name, f"dlib-bin is not installed. {INSTALL}")
    try:
        listed = files(_DISTRIBUTION) or []
    except PackageNotFoundError:
        return NotMeasured(DlibPeer.name, f"{_DISTRIBUTION} is not installed. {INSTALL}")
    found = {one.name: Path(str(one.locate())) for one in listed}
    if not all(found.get(name, Path()).is_file() for name in (_LANDMARKS, _RECOGNISER)):
        return NotMeasured(DlibPeer.name, f"{_DISTRIBUTION} lacks its weights. {INSTALL}")
    return DlibPeer(dlib, found[_LANDMARKS], found[_RECOGNISER])
