"""The window: a clean Qt environment, fonts, engine, and the loop."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import structlog
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, QUrl
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickWindow
from PySide6.QtQuickControls2 import QQuickStyle

from kiosk.errors import BugError
from ui.facade import KioskFacade
from ui.messages import log_qt_messages
from ui.qml_module import KioskEngine
from ui.theme import load_fonts
from ui.window_size import PORTRAIT, Size

_log = structlog.get_logger(__name__)
_QML = Path(__file__).parent / "qml"
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


def prepare_environment() -> None:
    """Before the application: forgets the Qt 5 that OpenCV's wheel points at, and draws in software where
    there is no screen or KIOSK_SOFTWARE=1 asks for it."""
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):
        os.environ.pop(name, None)
    is_headless = os.environ.get("QT_QPA_PLATFORM") in ("offscreen", "minimal")
    if is_headless or os.environ.get("KIOSK_SOFTWARE") == "1":
        os.environ.setdefault("QT_QUICK_BACKEND", "software")
    # One thread for everything that is drawn: a render thread would wait for Python's lock at each frame.
    os.environ.setdefault("QSG_RENDER_LOOP", "basic")
    os.environ.setdefault("QT_LOGGING_RULES", "qt.qpa.*=false")


def application() -> QGuiApplication:
    """The process's Qt application, made at the first call, with our fonts and the Basic style."""
    existing = QGuiApplication.instance()
    if isinstance(existing, QGuiApplication):
        load_fonts()
        return existing
    prepare_environment()
    log_qt_messages()
    QQuickStyle.setStyle("Basic")
    app = QGuiApplication(["kiosk"])
    load_fonts()
    return app


class KioskWindow(QObject):
    """The window of a kiosk with everything behind it. UI thread. `close` ends it; the kiosk goes on."""

    def __init__(self, kiosk: KioskFacade, *, size: Size = PORTRAIT, is_fullscreen: bool = False) -> None:
        super().__init__()
        self._kiosk = kiosk
        self._last_alive_s = 0.0
        self._is_closed = False
        self.engine = KioskEngine(kiosk)
        # The engine belongs to Qt: were Python to delete it, it would hold its lock while it waits for the
        # image thread, which needs that lock.
        self.engine.setParent(QCoreApplication.instance())
        width, height = size
        self.engine.setInitialProperties({"width": width, "height": height})
        self.engine.load(QUrl.fromLocalFile(str(_QML / "Main.qml")))
        roots = self.engine.rootObjects()
        if not roots or not isinstance(roots[0], QQuickWindow):
            raise BugError("The window's QML cannot be loaded; the log says why.")
        self.window: QQuickWindow = roots[0]
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.engine.rest)
        self.window.installEventFilter(self)
        if is_fullscreen:
            # Where no window manager does it, nobody but us makes the window as large as the screen.
            self.window.setGeometry(self.window.screen().geometry())
            self.window.showFullScreen()
        else:
            self.window.show()

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
        return super().eventFilter(watched, event)

    def close(self) -> None:
        """Takes the window away and hears no more events; harmless the second time."""
        if self._is_closed:
            return
        self._is_closed = True
        self._rest.stop()
        self.engine.close()
        self.window.close()
        self.engine.deleteLater()
        QCoreApplication.sendPostedEvents(self.engine, QEvent.Type.DeferredDelete.value)


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
