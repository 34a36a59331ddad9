"""A real kiosk in a real window for benchmarks, walked through by a script on the UI thread."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter

from PySide6.QtCore import QCoreApplication, QObject, QTimer
from PySide6.QtQuick import QQuickItem

from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.benchmarks.event import BenchmarkEvent
from kiosk.errors import BugError
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.session.states import Screen
from ui.application import KioskWindow, run_window
from ui.facade import KioskFacade
from ui.navigator import PAGES
from ui.run import with_camera
from ui.window_size import PORTRAIT

Step = Iterator[None]
_LOOK_EVERY_MS = 5
_PATIENCE_S = 60.0
_FRAME_MS = "16"
"""Without a screen nothing sets the pace of drawing: as often as one of 60 Hz would."""


@contextmanager
def benchmark_kiosk(event: BenchmarkEvent, camera: Path) -> Iterator[Kiosk]:
    """A started kiosk on the event, with a clip as its camera and a bank that pays at once."""
    with PayNoiSimulator(auto_pay_after_s=0.0) as simulator:
        gateway = PayNoiGateway(
            simulator.base_url,
            simulator.api_key,
            key_id="bench",
            account="0000000000",
            account_type=AccountType.PHONE,
        )
        kiosk = open_kiosk(event.home, with_camera(event.settings, str(camera)), Outside(gateway=gateway))
        kiosk.start()
        try:
            yield kiosk
        finally:
            kiosk.stop()


class Scene(QObject):
    """The window of a kiosk and what a script needs of it. UI thread."""

    def __init__(self, kiosk: KioskFacade, window: KioskWindow) -> None:
        super().__init__()
        self.kiosk = kiosk
        self.engine = window.engine
        self.window = window.window
        self._host = next(
            item for item in self.window.findChildren(QQuickItem) if item.property("shownPage") is not None
        )

    @property
    def page(self) -> str:
        """The page that is on the screen, as `ui.navigator.PAGES` names it."""
        return str(self._host.property("shownPage"))

    def until(self, is_so: Callable[[], bool], what: str) -> Step:
        """Waits. Raises BugError after a minute."""
        deadline_s = perf_counter() + _PATIENCE_S
        while not is_so():
            if perf_counter() > deadline_s:
                raise BugError(f"waited in vain for {what} on the page {self.kiosk.view.screen}")
            yield

    def shown(self, screen: Screen) -> Step:
        """Waits until the page of a state is on the screen."""
        yield from self.until(lambda: self.page == PAGES[screen], f"the page {screen}")

    def pause(self, seconds: float) -> Step:
        """Lets time pass."""
        end_s = perf_counter() + seconds
        while perf_counter() < end_s:
            yield

    def to_results(self) -> Step:
        """From the attract page to the visitor's photos."""
        yield from self.until(lambda: self.kiosk.view.event is not None, "the event")
        yield from self.shown(Screen.ATTRACT)
        self.kiosk.journey.begin()
        yield from self.shown(Screen.CONSENT)
        self.kiosk.journey.agree()
        yield from self.shown(Screen.RESULTS)


def in_window(
    kiosk: Kiosk,
    script: Callable[[Scene], Step],
    size: tuple[int, int] = PORTRAIT,
    every_ms: int = _LOOK_EVERY_MS,
) -> None:
    """Opens the window and goes on with the script every few milliseconds until it ends. Main thread only.

    Raises what the script raises.
    """
    os.environ.setdefault("QT_QPA_UPDATE_IDLE_TIME", _FRAME_MS)
    failures: list[Exception] = []

    def begin(window: KioskWindow) -> None:
        steps = script(Scene(kiosk, window))
        timer = QTimer(window)

        def go_on() -> None:
            try:
                next(steps)
            except StopIteration:
                timer.stop()
                QCoreApplication.quit()
            except Exception as failed:  # noqa: BLE001 - carried out of Qt's loop, which would swallow it
                failures.append(failed)
                timer.stop()
                QCoreApplication.quit()

        timer.timeout.connect(go_on)
        timer.start(every_ms)

    run_window(kiosk, size=size, when_shown=begin)
    if failures:
        raise failures[0]
