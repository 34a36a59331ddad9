"""What the challenge of liveness adds to a live frame, beside the bare network on the same face."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from statistics import median

from kiosk.benchmarks.bare import first_frames
from kiosk.benchmarks.event import benchmark_event
from kiosk.benchmarks.figure import Figure, Goal
from kiosk.camera.types import Frame
from kiosk.capture.challenger import Challenger
from kiosk.capture.live_view import LOOKS_PER_S
from kiosk.capture.ring import LiveFace
from kiosk.paths import models_folder
from kiosk.settings import Settings
from kiosk.vision.landmarks import LandmarkFinder
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.quality import LIVE_RULES

_FRAMES = 60
_FEW_PHOTOS = 2


def measure_challenge(frames: int = _FRAMES) -> list[Figure]:
    """Processor milliseconds of a challenger's look at a visitor who stands still, so that it goes on asking.

    Raises what `benchmark_event` raises, and KnownError WEIGHTS_*.
    """
    engine = OpenFaceEngine(models_folder(), threads=Settings().vision.threads)
    landmarks = LandmarkFinder(models_folder())
    landmarks.warm_up()
    challenger = Challenger(landmarks, engine)
    floors: list[float] = []
    looks: list[float] = []
    with benchmark_event(_FEW_PHOTOS, _FEW_PHOTOS, of_the_visitor=1) as event:
        pictures = first_frames(event.standing, frames)
    for sequence, pixels in enumerate(pictures):
        frame = Frame(sequence, sequence / LOOKS_PER_S, pixels)
        face = LiveFace.among(frame, engine.detect(pixels), LIVE_RULES)
        if face is not None:
            floors.append(_cpu_ms(partial(landmarks.find, pixels, face.detection.box)))
            looks.append(_cpu_ms(partial(challenger.look, face)))
    floor_is = "the bare network of the landmarks"
    return [Figure("challenge.look", median(looks), "cpu ms", median(floors), floor_is, Goal(at_most=20))]


def _cpu_ms(work: Callable[[], object]) -> float:
    began_s = time.process_time()
    work()
    return (time.process_time() - began_s) * 1000
