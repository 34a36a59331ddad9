"""The default recogniser, run by onnxruntime: each face is averaged with its mirror image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from kiosk.errors import BugError
from kiosk.vision.manifest import Preprocessing
from kiosk.vision.onnx_session import as_input, open_session, unusable
from kiosk.vision.types import EMBEDDING_SIZE, FloatArray, Pixels

AVERAGING = "mirror-mean"
"""Part of the contract id: vectors of one crop alone are not quite the same thing."""


class MobileFaceNet:
    """Turns aligned faces into unit vectors. Safe from several threads (onnxruntime's own guarantee)."""

    def __init__(self, weights: bytes, preprocessing: Preprocessing, threads: int = 1) -> None:
        """`weights` are the bytes of the ONNX file; `threads` for one call.

        Raises KnownError(WEIGHTS_UNUSABLE) when they are not a network from n x 3 x 112 x 112 to n x 512.
        """
        self._preprocessing = preprocessing
        self._session = open_session(weights, threads, "the recogniser")
        self._input = self._session.get_inputs()[0].name
        shape = self._session.get_outputs()[0].shape
        if list(shape[1:]) != [EMBEDDING_SIZE]:
            raise unusable("the recogniser", f"its output is {shape}, not n x {EMBEDDING_SIZE}")

    def embed(self, faces: Sequence[Pixels]) -> FloatArray:
        """n x 512 float32 of length 1, one for each aligned face (112 x 112 x 3, uint8, BGR)."""
        # One face and its mirror image at a time: what the layers hand on stays in the processor's cache.
        # Sixteen at once take 1.6 times as long for each.
        return np.concatenate([np.empty((0, EMBEDDING_SIZE), np.float32), *map(self._embedded, faces)])

    def _embedded(self, face: Pixels) -> FloatArray:
        tensor = as_input(np.stack([face, face[:, ::-1]]), self._preprocessing)
        vectors = unit(np.asarray(self._session.run(None, {self._input: tensor})[0], np.float32))
        return unit(vectors[:1] + vectors[1:])


def unit(vectors: FloatArray) -> FloatArray:
    """Each row scaled to length 1. Raises BugError for a row of zeros or of no numbers."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths < 1e-9):
        raise BugError("the recogniser gave a vector without direction")
    return np.asarray(vectors / lengths, dtype=np.float32)
