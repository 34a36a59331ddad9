"""The default recogniser, run by onnxruntime: each face is averaged with its mirror image."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import onnxruntime

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.vision.manifest import Preprocessing
from kiosk.vision.types import EMBEDDING_SIZE, FloatArray, Pixels

AVERAGING = "mirror-mean"
"""Part of the contract id: vectors of one crop alone are not quite the same thing."""
_FACES_AT_ONCE = 1
"""A face and its mirror image: what the layers hand on stays in the processor's cache. Sixteen at once take
1.6 times as long for each."""


class MobileFaceNet:
    """Turns aligned faces into unit vectors. Safe from several threads (onnxruntime's own guarantee)."""

    def __init__(self, weights: bytes, preprocessing: Preprocessing, threads: int = 1) -> None:
        """`weights` are the bytes of the ONNX file; `threads` for one call.

        Raises KnownError(WEIGHTS_UNUSABLE) when they are not a network from n x 3 x 112 x 112 to n x 512.
        """
        self._preprocessing = preprocessing
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 4
        # Spinning threads eat the core that the live view needs; they win no time here.
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        try:
            self._session = onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
            self._input = self._session.get_inputs()[0].name
            shape = self._session.get_outputs()[0].shape
        except Exception as error:  # what onnxruntime raises has no common base
            raise _unusable(f"{type(error).__name__}") from error
        if list(shape[1:]) != [EMBEDDING_SIZE]:
            raise _unusable(f"its output is {shape}, not n x {EMBEDDING_SIZE}")

    def embed(self, faces: Sequence[Pixels]) -> FloatArray:
        """n x 512 float32 of length 1, one for each aligned face (112 x 112 x 3, uint8, BGR)."""
        if not faces:
            return np.empty((0, EMBEDDING_SIZE), np.float32)
        parts = [
            self._run(np.stack(faces[start : start + _FACES_AT_ONCE]))
            for start in range(0, len(faces), _FACES_AT_ONCE)
        ]
        return np.concatenate(parts)

    def _run(self, faces: Pixels) -> FloatArray:
        image = self._preprocessing
        if image.colour_order == "RGB":
            faces = faces[..., ::-1]
        both = np.concatenate([faces, faces[:, :, ::-1]]).transpose(0, 3, 1, 2)
        tensor = (np.ascontiguousarray(both, dtype=np.float32) - image.mean) * image.scale
        vectors = unit(np.asarray(self._session.run(None, {self._input: tensor})[0], np.float32))
        return unit(vectors[: len(faces)] + vectors[len(faces) :])


def unit(vectors: FloatArray) -> FloatArray:
    """Each row scaled to length 1. Raises BugError for a row of zeros or of no numbers."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    if not np.all(np.isfinite(lengths)) or np.any(lengths < 1e-9):
        raise BugError("the recogniser gave a vector without direction")
    return np.asarray(vectors / lengths, dtype=np.float32)


def _unusable(why: str) -> KnownError:
    return KnownError(
        ErrorCode.WEIGHTS_UNUSABLE,
        f"The recogniser's weights cannot be loaded: {why}.",
        "Fetch the weights again: python3 -m installer run",
    )
