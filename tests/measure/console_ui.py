"""The staff's list of orders on the screen: does it scroll smoothly through a hundred thousand of them?

The software renderer draws it, so no graphics card helps; a desk that answers at once takes the real one's
place, so that only the screen is measured.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QObject, QTimer
from PySide6.QtQuick import QQuickItem, QQuickWindow

from kiosk.benchmarks.figure import Figure, Goal
from kiosk.errors import BugError
from kiosk.session.states import Screen
from kiosk.staff.told import OrdersListed
from tests.gui.fake_kiosk import FakeKiosk, a_view
from tests.gui.fake_staff import PLOY, a_staff_view, many_orders
from tests.gui.render_pages import SIZES, serve
from ui.application import KioskWindow, application
from ui.responsiveness import Responsiveness, ResponsivenessMeter

_ORDERS = 100_000
_ROW = 72
_PACES = {"read": 12.0, "flicked": 200.0}
"""Rows a second: as somebody reads, and as somebody throws the list."""
_FRAME_MS = 16
"""Without a screen nothing sets the pace: as often as one of 60 Hz would."""


def measure_console_ui(orders: int = _ORDERS, seconds: float = 6.0) -> list[Figure]:
    """Frames a second while the list of so many orders moves, for `seconds` at each pace; floor: as many as
    the same window draws while nothing on it moves. Raises BugError where the list cannot be reached."""
    figures: list[Figure] = []
    for shape, size in SIZES.items():
        with _list(orders, size) as (window, view):
            for pace, rows_per_s in _PACES.items():
                still, _ = _moved(window, view, 0.0, seconds / 2)
                fps, waits = _moved(window, view, rows_per_s * _ROW, seconds)
                name = f"console_ui.{shape}.{pace}"
                floor_is = "the page drawn again and again, nothing moves"
                figures.append(
                    Figure(f"{name}.fps", fps, "1/s", still, floor_is, Goal(at_least=30), more_is_better=True)
                )
                figures.append(Figure(f"{name}.p99", waits.p99_ms, "ms", goal=Goal(at_most=50)))
    return figures


@contextmanager
def _list(orders: int, size: tuple[int, int]) -> Iterator[tuple[QQuickWindow, QQuickItem]]:
    """The window with all orders in its list."""
    os.environ["QT_QPA_UPDATE_IDLE_TIME"] = str(_FRAME_MS)
    application()
    kiosk = FakeKiosk(a_view(Screen.ATTRACT))
    kiosk.staff.view = a_staff_view(PLOY)
    window = KioskWindow(kiosk, size=size)
    serve(300)
    window.engine.staff.navigator.go("orders")
    serve(500)
    kiosk.staff.publish(OrdersListed("", "", 0, tuple(many_orders(orders)), False))
    serve(1500)
    view = window.window.findChild(QQuickItem, "orders.list")
    if view is None or view.property("count") != orders:
        raise BugError("the orders page has not listed them all")
    yield window.window, view
    window.close()


def _moved(
    window: QQuickWindow, view: QQuickItem, pixels_per_s: float, seconds: float
) -> tuple[float, Responsiveness]:
    """Frames a second while the list moves down so fast, and what touches would have waited for."""
    mover = _Mover(window, view, pixels_per_s)
    meter = ResponsivenessMeter()
    meter.start()
    mover.begin()
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()
    fps = mover.end()
    return fps, meter.stop()


class _Mover(QObject):
    """Moves the list on with each frame, by the time that has passed, and counts the frames."""

    def __init__(self, window: QQuickWindow, view: QQuickItem, pixels_per_s: float) -> None:
        super().__init__()
        self._window, self._view, self._pixels_per_s = window, view, pixels_per_s
        self._frames = 0
        self._began_s = 0.0

    def begin(self) -> None:
        """From the top of the list."""
        self._view.setProperty("contentY", 0.0)
        self._began_s = time.monotonic()
        self._window.frameSwapped.connect(self._frame)
        self._window.update()

    def end(self) -> float:
        """Frames a second since `begin`."""
        self._window.frameSwapped.disconnect(self._frame)
        return self._frames / (time.monotonic() - self._began_s)

    def _frame(self) -> None:
        self._frames += 1
        way = self._pixels_per_s * (time.monotonic() - self._began_s)
        room = float(self._view.property("contentHeight")) - self._view.height()
        if way:
            self._view.setProperty("contentY", min(way, room))
        self._window.update()
