"""The live view in the window, beside the bare decode, the bare detector and the bare drawing."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
from PySide6.QtGui import QImage, QPainter

from kiosk.app import Kiosk
from kiosk.benchmarks.bare import bare_decode_ms, bare_detect_ms, first_frame
from kiosk.benchmarks.event import benchmark_event
from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.capture.types import FacesSeen
from kiosk.session.states import Screen
from ui.bench_window import benchmark_kiosk, in_window
from ui.live_view import LiveView, mirrored_cut
from ui.window_script import Scene, Step

_FEW_PHOTOS, _FEW_FACES = 200, 500
_SETTLE_S = 2.0


class LiveWatch:
    """Counts pictures and boxes that reach the screen, and how old the boxes are then. UI thread."""

    def __init__(self) -> None:
        self.is_on = False
        self.boxes = 0
        self.ages_ms: list[float] = []
        self._waiting: list[float] = []

    def boxes_came(self, seen: FacesSeen) -> None:
        """New boxes are handed to the capture page; the next frame shows them."""
        if self.is_on:
            self.boxes += 1
            self._waiting.append(seen.captured_at_s)

    def frame(self) -> None:
        """The window has shown a frame."""
        now_s = time.monotonic()
        self.ages_ms.extend((now_s - captured_at_s) * 1000 for captured_at_s in self._waiting)
        self._waiting.clear()


def measure_live_view(seconds: float = 10.0) -> list[Figure]:
    """Pictures and boxes a second, age of the boxes on the screen, and cores of the whole process."""
    with (
        benchmark_event(_FEW_PHOTOS, _FEW_FACES) as event,
        benchmark_kiosk(event, event.pacing) as kiosk,
    ):
        engine = kiosk.archive.engines.live
        decode_ms, detect_ms = bare_decode_ms(event.pacing), bare_detect_ms(engine, event.pacing)
        draw: list[float] = []
        rates = _watch(kiosk, seconds, event.pacing, draw)
    pictures_per_s, boxes_per_s, age_ms, cores = rates
    bare_cores = (pictures_per_s * (decode_ms + draw[0]) + boxes_per_s * detect_ms) / 1000
    floor_is = "the clip's own pace"
    return [
        Figure("live_view.pictures", pictures_per_s, "1/s", 30.0, floor_is, Goal(at_least=29.5)),
        Figure("live_view.boxes", boxes_per_s, "1/s", goal=Goal(at_least=10)),
        Figure("live_view.box_age_p95", age_ms, "ms", detect_ms, "the bare detector", Goal(at_most=150)),
        Figure(
            "live_view.cores",
            cores,
            "cores",
            bare_cores,
            "bare decode, detector and drawing at these rates",
            Goal(at_most=1.2),
        ),
    ]


def _watch(kiosk: Kiosk, seconds: float, clip: Path, draw: list[float]) -> tuple[float, float, float, float]:
    watch = LiveWatch()
    rates: list[float] = []

    def script(scene: Scene) -> Step:
        scene.engine.bridge.facesSeen.connect(watch.boxes_came)
        scene.window.frameSwapped.connect(watch.frame)
        yield from scene.until(lambda: kiosk.view.event is not None, "the event")
        yield from scene.shown(Screen.ATTRACT)
        kiosk.journey.begin()
        yield from scene.shown(Screen.CONSENT)
        kiosk.journey.agree()
        yield from scene.shown(Screen.CAPTURE)
        [mirror] = scene.window.findChildren(LiveView)
        yield from scene.until(lambda: mirror.shown_frames > 0, "the first picture")
        draw.append(_draw_ms(clip, round(mirror.width()), round(mirror.height())))
        yield from scene.pause(_SETTLE_S)
        watch.is_on = True
        pictures, busy_s, began_s = mirror.shown_frames, _busy_s(), time.monotonic()
        yield from scene.pause(seconds)
        took_s = time.monotonic() - began_s
        rates.extend([(mirror.shown_frames - pictures) / took_s, watch.boxes / took_s])
        rates.extend([percentile(watch.ages_ms, 95), (_busy_s() - busy_s) / took_s])

    in_window(kiosk, script, every_ms=50)
    return rates[0], rates[1], rates[2], rates[3]


def _draw_ms(clip: Path, width: int, height: int, times: int = 30) -> float:
    """Processor milliseconds for cutting a frame to the mirror's size and painting it once."""
    frame = first_frame(clip)
    screen = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(screen)
    began_s = time.thread_time()
    for _ in range(times):
        four = mirrored_cut(frame, width, height)
        painter.drawImage(0, 0, QImage(four.data, width, height, 4 * width, QImage.Format.Format_RGB32))
    painter.end()
    return (time.thread_time() - began_s) * 1000 / times


def _busy_s() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)
