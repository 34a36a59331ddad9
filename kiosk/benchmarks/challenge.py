"""What the challenge of liveness adds to a live frame, beside the bare detector on the same frame."""

from __future__ import annotations

import time
from statistics import median

from kiosk.benchmarks.bare import first_frames
from kiosk.benchmarks.event import benchmark_event
from kiosk.benchmarks.figure import Figure, Goal
from kiosk.camera.types import Frame
from kiosk.capture.challenger import Challenger
from kiosk.capture.ring import LiveFace
from kiosk.paths import models_folder
from kiosk.settings import Settings
from kiosk.vision.landmarks import LandmarkFinder
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.quality import LIVE_RULES, assess, main_face

_FRAMES = 60
_LOOKS_PER_S = 10.0
_FEW_PHOTOS = 2


def measure_challenge(frames: int = _FRAMES) -> list[Figure]:
    """Processor milliseconds of a challenger's look at a visitor who stands still, so that it goes on asking.

    Raises what `benchmark_event` raises, and KnownError WEIGHTS_*.
    """
    engine = OpenFaceEngine(models_folder(), threads=Settings().vision.threads)
    landmarks = LandmarkFinder(models_folder())
    landmarks.warm_up()
    challenger = Challenger(landmarks, engine)
    detects: list[float] = []
    looks: list[float] = []
    with benchmark_event(_FEW_PHOTOS, _FEW_PHOTOS, of_the_visitor=1) as event:
        pictures = first_frames(event.standing, frames)
    for sequence, pixels in enumerate(pictures):
        began_s = time.process_time()
        detections = engine.detect(pixels)
        detects.append((time.process_time() - began_s) * 1000)
        main = main_face(detections, (pixels.shape[1], pixels.shape[0]))
        if main is None:
            continue
        others = (*detections[:main], *detections[main + 1 :])
        quality = assess(pixels, detections[main], others, LIVE_RULES)
        frame = Frame(sequence, sequence / _LOOKS_PER_S, pixels)
        face = LiveFace(frame, detections[main], others, quality)
        began_s = time.process_time()
        challenger.look(face)
        looks.append((time.process_time() - began_s) * 1000)
    floor_is = "the bare detector"
    return [Figure("challenge.look", median(looks), "cpu ms", median(detects), floor_is, Goal(at_most=20))]
