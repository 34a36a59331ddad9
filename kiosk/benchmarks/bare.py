"""The floors: the work that cannot be left out, done by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import cv2
import numpy as np

from kiosk.benchmarks.event import random_units
from kiosk.errors import ErrorCode, KnownError
from kiosk.vision.quality import main_face
from kiosk.vision.types import FaceEngine, FloatArray, Pixels

_TIMES = 15
_SEED = 3


def median_ms(work: Callable[[], object], times: int = _TIMES) -> float:
    """Milliseconds that `work` takes, after one run that is not counted."""
    work()
    took: list[float] = []
    for _ in range(times):
        began_s = time.perf_counter()
        work()
        took.append((time.perf_counter() - began_s) * 1000)
    return median(took)


def bare_models_ms(engine: FaceEngine, frame: Pixels) -> float:
    """One look at a visitor: the detector on the frame, then landmarks and recogniser on the largest face.

    Raises KnownError WEIGHTS_*, CLIP_UNREADABLE (no face in the frame).
    """
    detections = engine.detect(frame)
    main = main_face(detections, (frame.shape[1], frame.shape[0]))
    if main is None:
        raise KnownError(ErrorCode.CLIP_UNREADABLE, "There is no face in the frame.", "Take another clip.")

    def look() -> None:
        engine.detect(frame)
        engine.embed(frame, [detections[main]])

    return median_ms(look)


def bare_product_ms(faces: int) -> float:
    """A matrix of `faces` x 512 float32, in memory and in one piece, times one vector."""
    vectors = random_units(faces, np.random.default_rng(_SEED))
    probe: FloatArray = vectors[0].copy()
    return median_ms(lambda: vectors @ probe)


def first_frame(clip: Path) -> Pixels:
    """The first frame of a clip. Raises KnownError(CLIP_UNREADABLE)."""
    frames = first_frames(clip, 1)
    return frames[0]


def first_frames(clip: Path, count: int) -> list[Pixels]:
    """So many frames of a clip, or as many as there are. Raises KnownError(CLIP_UNREADABLE) for none."""
    capture = cv2.VideoCapture(str(clip), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    frames: list[Pixels] = []
    while len(frames) < count:
        is_whole, pixels = capture.read()
        if not is_whole:
            break
        frames.append(pixels)
    capture.release()
    if not frames:
        raise KnownError(ErrorCode.CLIP_UNREADABLE, f"{clip.name} holds no picture.", "Take another clip.")
    return frames


def bare_decode_ms(clip: Path, frames: int = 30) -> float:
    """Processor milliseconds for decoding one frame of a clip on one thread. Raises KnownError."""
    began_s = time.thread_time()
    count = len(first_frames(clip, frames))
    return (time.thread_time() - began_s) * 1000 / count


def bare_detect_ms(engine: FaceEngine, clip: Path, frames: int = 30) -> float:
    """Processor milliseconds for detecting the faces of one frame of a clip. Raises KnownError."""
    pictures = first_frames(clip, frames)
    engine.detect(pictures[0])
    began_s = time.process_time()
    for pixels in pictures:
        engine.detect(pixels)
    return (time.process_time() - began_s) * 1000 / len(pictures)
