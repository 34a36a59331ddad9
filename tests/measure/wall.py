"""The store's wall by itself: what drawing four live 720p pictures with moving boxes costs.

Drawn pictures and told faces take the place of cameras and recognition, so that only the screen is measured.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np
import psutil

from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.camera.types import Frame, Pixels
from kiosk.vision.types import Box
from kiosk.visits.told import StreamCard, StreamFaces
from kiosk.visits.types import FaceKind, SeenFace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtQuick import QQuickItem

from tests.gui.drawn_shop import draw_place
from tests.gui.fake_store import FakeStore, a_store_view, a_stream, live
from ui.application import application
from ui.pictures import middle_cut
from ui.responsiveness import ResponsivenessMeter
from ui.store_window import StoreWindow
from ui.stream_view import StreamView

_PLACES = ("door", "aisle", "counter", "back")
_PICTURES_PER_S, _LOOKS_PER_S = 25, 10
_LOOK_TAKES_S = 0.06
_SECONDS = 15.0
_WINDOW = (1920, 1080)


class _Feeder(threading.Thread):
    """Gives each stream 25 pictures a second, and ten times a second the faces of one, a moment later."""

    def __init__(self, store: FakeStore) -> None:
        super().__init__(name="feeder", daemon=True)
        self._store = store
        self._pixels = {place: _moving(draw_place(place)) for place in _PLACES}
        self._looked: dict[str, Frame] = {}
        self._is_over = threading.Event()
        store.pictures.looked_frame = self._looked.get  # type: ignore[method-assign]

    def run(self) -> None:
        number = 0
        while not self._is_over.wait(1 / _PICTURES_PER_S):
            number += 1
            for offset, place in enumerate(_PLACES):
                pixels = self._pixels[place][number % len(self._pixels[place])]
                frame = Frame(number, time.monotonic(), pixels)
                self._store.pictures.frames[place] = frame
                if (number + offset) % (_PICTURES_PER_S // _LOOKS_PER_S) == 0:
                    threading.Timer(_LOOK_TAKES_S, self._tell, (place, frame)).start()

    def _tell(self, place: str, frame: Frame) -> None:
        shift = 200 + 150 * np.sin(frame.captured_at_s)
        kinds = (FaceKind.KNOWN, FaceKind.STAFF, FaceKind.VISITOR)
        faces = tuple(
            SeenFace(index, Box(x, 200.0, x + 90, 310.0), kind, ("Mali", "Nok", "")[index], 5)
            for index, kind in enumerate(kinds)
            for x in [float(shift + index * 250)]
        )
        self._looked[place] = frame
        self._store.publish(
            StreamFaces(place, frame.sequence, frame.captured_at_s, frame.pixels.shape[1], 720, faces)
        )

    def stop(self) -> None:
        self._is_over.set()
        self.join()


def _moving(picture: Pixels, count: int = 6) -> list[Pixels]:
    return [np.ascontiguousarray(np.roll(picture, 8 * step, axis=1)) for step in range(count)]


@contextmanager
def _wall() -> Iterator[tuple[StoreWindow, FakeStore]]:
    application()
    cards = tuple(StreamCard(a_stream(place, place.title(), "webcam:0"), live(place)) for place in _PLACES)
    store = FakeStore(a_store_view(streams=cards))
    window = StoreWindow(store, size=_WINDOW)
    feeder = _Feeder(store)
    feeder.start()
    try:
        yield window, store
    finally:
        feeder.stop()
        window.close()


def measure_wall(seconds: float = _SECONDS) -> list[Figure]:
    """Cores of the screen, pictures a second, age of boxes when they are shown, and what touches wait."""
    with _wall() as (window, _):
        ages_ms: list[float] = []
        waiting: list[float] = []

        def shown() -> None:
            now_s = time.monotonic()
            ages_ms.extend((now_s - at_s) * 1000 for at_s in waiting)
            waiting.clear()

        _serve(2.0)
        views = list(_views(window.window.contentItem()))
        window.engine.bridge.facesSeen.connect(lambda seen: waiting.append(seen.captured_at_s))
        window.window.frameSwapped.connect(shown)
        meter = ResponsivenessMeter()
        meter.start()
        before, busy_s, began_s = sum(view.shown_pictures for view in views), _busy_s(), time.monotonic()
        _serve(seconds)
        took_s = time.monotonic() - began_s
        cores = (_busy_s() - busy_s) / took_s
        pictures = (sum(view.shown_pictures for view in views) - before) / took_s / len(views)
        waits = meter.stop()
        width, height = round(views[0].width()), round(views[0].height())
    floor = pictures * len(views) * _bare_ms(width, height) / 1000
    return [
        Figure(
            "wall.cores",
            cores,
            "cores",
            floor,
            "bare cutting and painting of these pictures",
            Goal(at_most=0.4),
        ),
        Figure("wall.pictures", pictures, "1/s", goal=Goal(at_least=8), more_is_better=True),
        Figure(
            "wall.box_age_p95",
            percentile(ages_ms, 95),
            "ms",
            _LOOK_TAKES_S * 1000,
            "the look itself",
            Goal(at_most=200),
        ),
        Figure("wall.touch_waits_p99", waits.p99_ms, "ms", goal=Goal(at_most=50)),
    ]


def _views(item: QQuickItem) -> Iterator[StreamView]:
    for child in item.childItems():
        if isinstance(child, StreamView) and child.isVisible():
            yield child
        yield from _views(child)


def _bare_ms(width: int, height: int, times: int = 40) -> float:
    """Processor milliseconds of cutting one frame to the tile's size and painting it once."""
    pixels = draw_place("door")
    screen = QImage(width, height, QImage.Format.Format_RGB32)
    painter = QPainter(screen)
    began_s = time.thread_time()
    for _ in range(times):
        four = cv2.cvtColor(middle_cut(pixels, width, height), cv2.COLOR_BGR2BGRA)
        painter.drawImage(0, 0, QImage(four.data, width, height, 4 * width, QImage.Format.Format_RGB32))
    painter.end()
    return (time.thread_time() - began_s) * 1000 / times


def _serve(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def _busy_s() -> float:
    times = psutil.Process().cpu_times()
    return float(times.user + times.system)
