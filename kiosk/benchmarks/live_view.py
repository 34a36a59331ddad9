"""The live view measured on a clip, beside its floor: the bare decode and the bare detector."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import psutil

from kiosk.camera.clip_camera import ClipCamera
from kiosk.camera.types import Frame
from kiosk.capture.live_view import LiveView
from kiosk.capture.types import FacesSeen
from kiosk.clock import SystemClock
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.vision.types import FaceEngine

_FLOOR_FRAMES = 30
_FIRST_FRAME_S = 10.0


def measure_live_view(clip: Path, engine: FaceEngine, seconds: float = 10.0) -> dict[str, float]:
    """Runs the live view on `clip`, at its own size and pace, for so many seconds.

    `frames_per_s`, `boxes_per_s`; `box_age_p50_ms`, `box_age_p95_ms` from a frame's capture to the telling
    of its boxes; `cores` in use. Floor: `decode_ms` and `detect_ms` for one frame by themselves,
    `floor_cores` what these two must take at the measured rates, `cores_ratio` against it.
    Raises KnownError for a clip that cannot be read and for weights that are missing.
    """
    decode_ms, detect_ms = _floor(clip, engine)
    bus = EventBus()
    view = LiveView(lambda: ClipCamera(clip), engine, bus, SystemClock())
    ages_ms: list[float] = []

    def note(seen: FacesSeen) -> None:
        ages_ms.append((time.monotonic() - seen.captured_at_s) * 1000)

    view.start()
    try:
        _newest(view)
        bus.subscribe(FacesSeen, note)
        view.begin_shot()
        first, busy_s, began_s = _newest(view), _busy_s(), time.monotonic()
        time.sleep(seconds)
        last, busy_s, took_s = _newest(view), _busy_s() - busy_s, time.monotonic() - began_s
    finally:
        view.stop()
    frames_per_s, boxes_per_s = (last.sequence - first.sequence) / took_s, len(ages_ms) / took_s
    cores, floor_cores = busy_s / took_s, (frames_per_s * decode_ms + boxes_per_s * detect_ms) / 1000
    return {
        "frames_per_s": frames_per_s,
        "boxes_per_s": boxes_per_s,
        "box_age_p50_ms": float(np.percentile(ages_ms, 50)),
        "box_age_p95_ms": float(np.percentile(ages_ms, 95)),
        "cores": cores,
        "decode_ms": decode_ms,
        "detect_ms": detect_ms,
        "floor_cores": floor_cores,
        "cores_ratio": cores / floor_cores,
    }


def _floor(clip: Path, engine: FaceEngine) -> tuple[float, float]:
    """Processor milliseconds for decoding one frame and for detecting in it, the median of many."""
    capture = cv2.VideoCapture(str(clip), cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    decode_ms: list[float] = []
    detect_ms: list[float] = []
    while len(decode_ms) < _FLOOR_FRAMES:
        began_s = time.thread_time()
        is_whole, pixels = capture.read()
        decoded_s = time.thread_time()
        if not is_whole:
            break
        engine.detect(pixels)
        decode_ms.append((decoded_s - began_s) * 1000)
        detect_ms.append((time.thread_time() - decoded_s) * 1000)
    capture.release()
    if not decode_ms:
        raise KnownError(ErrorCode.CLIP_UNREADABLE, f"{clip.name} holds no picture.", "Take another clip.")
    return float(np.median(decode_ms)), float(np.median(detect_ms))


def _newest(view: LiveView) -> Frame:
    """The frame that is shown; the first one is waited for."""
    deadline_s = time.monotonic() + _FIRST_FRAME_S
    while (frame := view.newest_frame()) is None:
        if time.monotonic() > deadline_s:
            raise BugError("a clip that was just read gives no frame")
        time.sleep(0.01)
    return frame


def _busy_s() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)
