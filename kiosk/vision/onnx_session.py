"""Opening a network on the processor alone, within a bound of threads, and what it takes a picture as."""

from __future__ import annotations

import numpy as np
import onnxruntime

from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.manifest import Preprocessing
from kiosk.vision.types import FloatArray, Pixels


def session_options(threads: int) -> onnxruntime.SessionOptions:
    """What every network is opened with; `threads` for one call."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    # Spinning threads eat the core that the live view needs; they win no time here.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return options


def open_session(weights: bytes, threads: int, name: str) -> onnxruntime.InferenceSession:
    """A session on the bytes of an ONNX file; `threads` for one call, `name` for the message.

    Raises KnownError(WEIGHTS_UNUSABLE) when the bytes are no network that onnxruntime can run.
    """
    options = session_options(threads)
    try:
        return onnxruntime.InferenceSession(weights, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # what onnxruntime raises has no common base
        raise unusable(name, type(error).__name__) from error


def as_input(pictures: Pixels, preprocessing: Preprocessing) -> FloatArray:
    """Pictures of n x height x width x 3 (uint8, BGR) as n x 3 x height x width float32."""
    if preprocessing.colour_order == "RGB":
        pictures = pictures[..., ::-1]
    tensor = np.ascontiguousarray(pictures.transpose(0, 3, 1, 2), dtype=np.float32)
    tensor -= preprocessing.mean
    tensor *= preprocessing.scale
    return tensor


def unusable(name: str, why: str) -> KnownError:
    """That weights are there and are not the network that they should be."""
    return KnownError(
        ErrorCode.WEIGHTS_UNUSABLE,
        f"The weights of {name} cannot be loaded: {why}.",
        "Fetch the weights again: python3 -m installer run",
    )
