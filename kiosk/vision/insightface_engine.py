"""A face engine from any folder of InsightFace's ONNX files, for a site that holds a licence for them."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.alignment import ALIGNED_SIZE, align
from kiosk.vision.finding import find_faces
from kiosk.vision.looks import LANDMARKS, LIVE_SIDES, checked_pixels, exact_landmarks
from kiosk.vision.manifest import contract_hash
from kiosk.vision.mobilefacenet import AVERAGING, unit
from kiosk.vision.onnx_session import session_options
from kiosk.vision.types import EMBEDDING_SIZE, Box, Detection, Embedding, FloatArray, Pixels

MIN_SCORE = 0.5
_NEXT_STEP = (
    "Put the pack's detection and recognition ONNX files into the folder, or choose the default engine."
)


class InsightFaceEngine:
    """A `FaceEngine`. Safe from several threads; detection takes one at a time.

    Nothing but the files' bytes is read at first (for the contract id); `insightface` is imported and the
    networks are loaded with the first use, or with `warm_up`. Raises KnownError WEIGHTS_MISSING and
    WEIGHTS_UNUSABLE.
    """

    def __init__(self, folder: Path, *, threads: int = 1, long_sides: Sequence[int] = LIVE_SIDES) -> None:
        """`threads` are used for one call of a network; `long_sides` as in `OpenFaceEngine`."""
        self._folder = folder
        self._threads = threads
        self._long_sides = tuple(long_sides)
        self._contract_id = _contract_id(folder)
        self._load_lock = threading.Lock()
        self._detect_lock = threading.Lock()
        self._models: dict[str, Any] = {}  # one dictionary for all copies, see `with_sides`

    @property
    def contract_id(self) -> str:
        return self._contract_id

    def with_sides(self, long_sides: Sequence[int]) -> InsightFaceEngine:
        """An engine over the same networks (loaded once) that searches pictures in other sizes."""
        other = copy(self)
        other._long_sides = tuple(long_sides)
        return other

    def warm_up(self) -> None:
        """Loads both networks now."""
        self._model("detection")

    def detect(self, pixels: Pixels) -> list[Detection]:
        """All faces, the largest first; BugError for anything but a picture (see `Pixels`)."""
        return find_faces(pixels, self._long_sides, self._look, MIN_SCORE)

    def embed(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Embedding]:
        """One embedding for each detection: landmarks from close-ups, averaged with the mirror image."""
        pixels = checked_pixels(pixels)
        faces = [align(pixels, exact_landmarks(pixels, one, self._look, MIN_SCORE)) for one in detections]
        recogniser = self._model("recognition")
        return [
            Embedding(unit(plain + mirrored)[0], self._contract_id)
            for plain, mirrored in (
                self._features(recogniser, [face, np.ascontiguousarray(face[:, ::-1])]) for face in faces
            )
        ]

    def _look(self, pixels: Pixels, min_score: float) -> list[Detection]:
        detector = self._model("detection")
        side = -(-max(pixels.shape[:2]) // 32) * 32  # the network's strides ask for multiples of 32
        with self._detect_lock:  # it keeps its anchors and its threshold between calls
            detector.det_thresh = min_score
            rows, points = detector.detect(pixels, input_size=(side, side))
        if points is None:
            raise _unusable(self._folder, "its detector gives no landmarks")
        return [
            Detection(Box(*(float(value) for value in row[:4])), float(row[4]), np.asarray(face, np.float32))
            for row, face in zip(rows, points, strict=True)
        ]

    @staticmethod
    def _features(recogniser: Any, faces: list[Pixels]) -> tuple[FloatArray, FloatArray]:
        # One by one: packs may have a fixed batch of 1.
        plain, mirrored = (unit(np.asarray(recogniser.get_feat(face), np.float32)) for face in faces)
        return plain, mirrored

    def _model(self, task: str) -> Any:
        with self._load_lock:
            if not self._models:
                self._models.update(self._load())
            return self._models[task]

    def _load(self) -> dict[str, Any]:
        try:
            # Half a second and much memory: only who has a pack pays for it.
            from insightface.app import FaceAnalysis

            analysis = FaceAnalysis(
                name=str(self._folder),
                allowed_modules=["detection", "recognition"],
                providers=["CPUExecutionProvider"],
                sess_options=session_options(self._threads),
            )
            analysis.prepare(ctx_id=-1, det_thresh=MIN_SCORE, det_size=(640, 640))
        except AssertionError as error:
            raise _unusable(self._folder, "there is no detector in it") from error
        except Exception as error:  # the library and onnxruntime have no common base for what they raise
            raise _unusable(self._folder, type(error).__name__) from error
        recogniser = analysis.models.get("recognition")
        if recogniser is None:
            raise _unusable(self._folder, "there is no recogniser in it")
        if (
            tuple(recogniser.input_size) != (ALIGNED_SIZE, ALIGNED_SIZE)
            or recogniser.output_shape[-1] != EMBEDDING_SIZE
        ):
            raise _unusable(
                self._folder, f"its recogniser is not {ALIGNED_SIZE} x {ALIGNED_SIZE} to {EMBEDDING_SIZE}"
            )
        return dict(analysis.models)


def _contract_id(folder: Path) -> str:
    """Names all ONNX files of a folder by their bytes, and how their outputs are averaged."""
    try:
        files = sorted(path for path in folder.iterdir() if path.suffix == ".onnx")
        hashes = [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]
    except OSError as error:
        raise KnownError(
            ErrorCode.WEIGHTS_MISSING, f"{folder} cannot be read: {error.strerror}.", _NEXT_STEP
        ) from error
    if not hashes:
        raise KnownError(ErrorCode.WEIGHTS_MISSING, f"{folder} holds no ONNX file.", _NEXT_STEP)
    return contract_hash("insightface", "arcface-5-point-112", LANDMARKS, AVERAGING, *hashes)


def _unusable(folder: Path, why: str) -> KnownError:
    return KnownError(ErrorCode.WEIGHTS_UNUSABLE, f"{folder} cannot be used: {why}.", _NEXT_STEP)
