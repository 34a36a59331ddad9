"""Tests of the camera: whether it gives pictures, and whether a face is found in them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping

from kiosk.camera.types import Frame
from kiosk.capture.types import CameraState
from kiosk.errors import ErrorCode, KnownError
from kiosk.settings import CameraSection
from kiosk.technician.masking import without_credentials
from kiosk.technician.measuring import Measured, milliseconds
from kiosk.technician.ports import CameraUnderTest
from kiosk.technician.told import TestState
from kiosk.vision.quality import LIVE_RULES, assess, main_face
from kiosk.vision.types import FaceEngine, RejectionReason

_FIRST_FRAME_S = 8.0
_COUNTED_S = 1.5
_SLOWEST_FPS = 10.0
_OLDEST_MS = 400
_SHOT_S = 3.0
_DARK, _BRIGHT = 50.0, 215.0

_WORDS = {
    RejectionReason.NO_FACE: "none",
    RejectionReason.TOO_DARK: "dark",
    RejectionReason.TOO_BRIGHT: "bright",
    RejectionReason.BLURRED: "blurred",
    RejectionReason.UNCERTAIN: "blurred",
}


class HeldCamera:
    """The live view while tests look through it: switched on by the first, and off again by `let_go` where it
    was off before."""

    def __init__(self, camera: CameraUnderTest) -> None:
        self._camera = camera
        self._was_off = False
        self._failed: KnownError | None = None

    def let_go(self) -> None:
        self._failed = None
        if self._was_off:
            self._was_off = False
            self._camera.stop()

    def frame(self, stop: threading.Event, newer_than: int | None = None) -> Frame:
        """The next frame. Raises KnownError(CAMERA_LOST) where none comes within 8 s, or `stop` is set; then
        also for those who look after, without a wait."""
        if self._failed is not None:
            raise self._failed
        if self._camera.state is CameraState.OFF:
            self._was_off = True
            self._camera.start()
        until_s = time.monotonic() + _FIRST_FRAME_S
        while time.monotonic() < until_s and not stop.is_set():
            frame = self._camera.newest_frame()
            if frame is not None and frame.sequence != newer_than:
                return frame
            time.sleep(0.005)
        code = ErrorCode.CAMERA_NOT_FOUND if self._camera.state is CameraState.NONE else ErrorCode.CAMERA_LOST
        self._failed = KnownError(
            code, "The camera gives no picture.", "Look at its cable and at camera.source."
        )
        raise self._failed


class CameraTest:
    """Size, pictures a second, and how old the newest one is."""

    name = room = "camera"
    params: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()

    def __init__(self, held: HeldCamera, wished: Callable[[], CameraSection]) -> None:
        self._held = held
        self._wished = wished

    def measure(self, stop: threading.Event) -> Measured:
        first = last = self._held.frame(stop)
        began_s = time.monotonic()
        ages_ms = []
        while time.monotonic() - began_s < _COUNTED_S and not stop.is_set():
            last = self._held.frame(stop, newer_than=last.sequence)
            ages_ms.append((time.monotonic() - last.captured_at_s) * 1000)
        fps = (last.sequence - first.sequence) / max(time.monotonic() - began_s, 0.001)
        height, width = last.pixels.shape[:2]
        age = round(sorted(ages_ms)[len(ages_ms) // 2]) if ages_ms else 0
        params = {"width": str(width), "height": str(height), "fps": f"{fps:.1f}", "age": f"{age:,}"}
        wish = self._wished()
        facts = (
            ("test.fact.source", without_credentials(wish.source)),
            ("test.fact.wished", f"{wish.width}×{wish.height}, {wish.fps}"),
            ("test.fact.got", f"{width}×{height}, {fps:.1f}"),
        )
        advice = "advice.slow" if fps < _SLOWEST_FPS else "advice.late" if age > _OLDEST_MS else ""
        state = TestState.LOOK if advice else TestState.PASSED
        return Measured(state, params=params, advice=advice, facts=facts)


class ShotTest:
    """Whether a face is found in what the camera sees, how fast, and what is wrong with light and
    sharpness. Of the pictures nothing stays."""

    name = room = "shot"
    params: Mapping[str, str] = {}
    actions = ("test_shot",)

    def __init__(self, held: HeldCamera, engine: Callable[[], FaceEngine]) -> None:
        self._held = held
        self._engine = engine

    def measure(self, stop: threading.Event) -> Measured:
        engine = self._engine()
        engine.warm_up()
        until_s = time.monotonic() + _SHOT_S
        sequence: int | None = None
        found = Measured()
        while True:
            frame = self._held.frame(stop, newer_than=sequence)
            sequence = frame.sequence
            found = _looked_at(frame, engine)
            if found.state is TestState.PASSED or time.monotonic() >= until_s or stop.is_set():
                return found


def _looked_at(frame: Frame, engine: FaceEngine) -> Measured:
    began_s = time.perf_counter()
    detections = engine.detect(frame.pixels)
    took = milliseconds(began_s)
    light = float(frame.pixels.mean())
    facts = (("test.fact.light", f"{light:.0f}"), ("test.fact.faces", str(len(detections))))
    params = {"ms": took, "light": f"{light:.0f}"}
    height, width = frame.pixels.shape[:2]
    main = main_face(detections, (width, height))
    if main is None:
        words = "dark" if light < _DARK else "bright" if light > _BRIGHT else "none"
        return Measured(TestState.LOOK, f"words.{words}", params, f"advice.{words}", facts=facts)
    others = [one for place, one in enumerate(detections) if place != main]
    quality = assess(frame.pixels, detections[main], others, LIVE_RULES)
    if quality.is_good:
        return Measured(params=params, facts=facts)
    words = _WORDS.get(quality.reasons[0], "turned")
    return Measured(TestState.LOOK, f"words.{words}", params, f"advice.{words}", facts=facts)
