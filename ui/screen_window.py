"""What the windows of the kiosk and of the store have in common: an engine, its window, and their end."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QUrl
from PySide6.QtQuick import QQuickWindow

from kiosk.errors import BugError
from ui.lock_down import LockDown
from ui.screen_engine import ScreenEngine
from ui.window_size import Size

_QML = Path(__file__).parent / "qml"


class ScreenWindow(QObject):
    """The window that `engine` makes of a file in ui/qml. UI thread. `close` ends it; on the whole screen
    nothing else does (`LockDown`)."""

    def __init__(self, engine: ScreenEngine, file_name: str, *, size: Size, is_fullscreen: bool) -> None:
        super().__init__()
        self._engine = engine
        self._is_closed = False
        # The engine belongs to Qt: were Python to delete it, it would hold its lock while it waits for the
        # image thread, which needs that lock.
        engine.setParent(QCoreApplication.instance())
        width, height = size
        engine.setInitialProperties({"width": width, "height": height})
        engine.load(QUrl.fromLocalFile(str(_QML / file_name)))
        window = engine.scene_window()
        if window is None:
            raise BugError("The window's QML cannot be loaded; the log says why.")
        self.window: QQuickWindow = window
        self.lock: LockDown | None = LockDown(window) if is_fullscreen else None
        if is_fullscreen:
            # Where no window manager does it, nobody but us makes the window as large as the screen.
            window.setGeometry(window.screen().geometry())
            window.showFullScreen()
        else:
            window.show()

    def close(self) -> None:
        """Takes the window away and hears no more events; harmless the second time."""
        if self._is_closed:
            return
        self._is_closed = True
        if self.lock is not None:
            self.lock.release()
        self._engine.close()
        self.window.close()
        self._engine.deleteLater()
        QCoreApplication.sendPostedEvents(self._engine, QEvent.Type.DeferredDelete.value)
