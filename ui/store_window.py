"""The window of store mode: the wall of live pictures, people, visits, reports, and what is held."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from PySide6.QtCore import QEvent, QObject, QTimer

from ui.application import application
from ui.screen_window import ScreenWindow
from ui.store_engine import StoreEngine
from ui.store_facade import StoreFacade
from ui.window_size import LANDSCAPE, Size

_log = structlog.get_logger(__name__)
REST_MS = 180_000
"""After so long without a touch nobody stands before the screen."""
_TOUCHES = frozenset(
    {QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.TouchUpdate, QEvent.Type.KeyPress}
)


class StoreWindow(ScreenWindow):
    """The window of a store with everything behind it; the store goes on without it."""

    def __init__(self, store: StoreFacade, *, size: Size = LANDSCAPE, is_fullscreen: bool = False) -> None:
        self.engine = StoreEngine(store)
        super().__init__(self.engine, "store/StoreMain.qml", size=size, is_fullscreen=is_fullscreen)
        self.engine.navigator.closeAsked.connect(self._close_as_asked)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self.engine.navigator.rest)
        self.window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Every touch and key tells that somebody is there."""
        if event.type() in _TOUCHES:
            self._rest.start(REST_MS)
        return super().eventFilter(watched, event)

    def _close_as_asked(self) -> None:
        if self.lock is not None:
            self.lock.release()
        self.window.close()

    def close(self) -> None:
        self._rest.stop()
        super().close()


def run_store_window(
    store: StoreFacade,
    *,
    size: Size = LANDSCAPE,
    is_fullscreen: bool = False,
    when_shown: Callable[[StoreWindow], None] | None = None,
) -> int:
    """Opens the window and serves it until it is closed; returns the exit status. Main thread only.

    `when_shown` is called once the loop runs.
    """
    app = application()
    window = StoreWindow(store, size=size, is_fullscreen=is_fullscreen)
    if when_shown is not None:
        QTimer.singleShot(0, lambda: when_shown(window))
    status = app.exec()
    window.close()
    _log.info("store_window_closed", status=status)
    return status
