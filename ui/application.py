"""The window: a clean Qt environment, fonts, engine, and the loop."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import structlog
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QGuiApplication

from ui.environment import prepare_environment
from ui.facade import KioskFacade
from ui.messages import log_qt_messages
from ui.qml_module import KioskEngine
from ui.screen_window import ScreenWindow
from ui.theme import load_fonts
from ui.window_size import PORTRAIT, Size

_log = structlog.get_logger(__name__)
_ALIVE_PACE_S = 1.0
REST_MS = 90_000
"""After so long without a touch nobody stands before the screen."""
_ENDINGS = frozenset({QEvent.Type.MouseButtonRelease, QEvent.Type.TouchEnd, QEvent.Type.KeyRelease})
_TOUCHES = _ENDINGS | {
    QEvent.Type.MouseButtonPress,
    QEvent.Type.TouchBegin,
    QEvent.Type.TouchUpdate,
    QEvent.Type.KeyPress,
}


def application() -> QGuiApplication:
    """The process's Qt application, made at the first call, with our fonts and the Basic style."""
    existing = QGuiApplication.instance()
    if isinstance(existing, QGuiApplication):
        load_fonts()
        return existing
    prepare_environment()
    log_qt_messages()
    app = QGuiApplication(["kiosk"])
    load_fonts()
    return app


class KioskWindow(ScreenWindow):
    """The window of a kiosk with everything behind it; the kiosk goes on without it."""

    def __init__(self, kiosk: KioskFacade, *, size: Size = PORTRAIT, is_fullscreen: bool = False) -> None:
        self._kiosk = kiosk
        self._last_alive_s = 0.0
        self.engine = KioskEngine(kiosk)
        super().__init__(self.engine, "Main.qml", size=size, is_fullscreen=is_fullscreen)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.engine.rest)
        self.window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Every touch and key tells the kiosk that somebody is there, at most once a second.

        Under the idle warning only the end of a touch does: the warning goes with it, and no control may
        vanish under the finger that presses it.
        """
        if event.type() in (_ENDINGS if self.engine.is_idle_warning else _TOUCHES):
            now_s = monotonic()
            if now_s - self._last_alive_s >= _ALIVE_PACE_S:
                self._last_alive_s = now_s
                self._rest.start(REST_MS)
                self._kiosk.journey.keep_alive()
                if self.engine.staff.language is not None:
                    self._kiosk.staff.touch()
        return super().eventFilter(watched, event)

    def close(self) -> None:
        self._rest.stop()
        super().close()


def run_window(
    kiosk: KioskFacade,
    *,
    size: Size = PORTRAIT,
    is_fullscreen: bool = False,
    when_shown: Callable[[KioskWindow], None] | None = None,
) -> int:
    """Opens the window and serves it until it is closed; returns the exit status. Main thread only.

    `when_shown` is called once the loop runs (a scripted visitor starts there).
    """
    app = application()
    kiosk_window = KioskWindow(kiosk, size=size, is_fullscreen=is_fullscreen)
    if when_shown is not None:
        QTimer.singleShot(0, lambda: when_shown(kiosk_window))
    status = app.exec()
    kiosk_window.close()
    _log.info("window_closed", status=status)
    return status
