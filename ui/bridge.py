"""The one subscriber to kiosk events: carries them from whatever thread to the UI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.capture.types import CameraChanged, FacesSeen
from kiosk.events import Event
from kiosk.session.view import SessionChanged
from kiosk.sync.status import SyncStatusChanged
from ui.facade import KioskFacade


class Bridge(QObject):
    """Emits `viewChanged(SessionView)`, `facesSeen(FacesSeen)`, `cameraChanged(CameraChanged)` and
    `syncChanged(SyncStatus)` on the thread that it lives on. Of each kind only the newest is kept: events
    that come faster than the screen can draw are passed over, never queued."""

    viewChanged = Signal(object)
    facesSeen = Signal(object)
    cameraChanged = Signal(object)
    syncChanged = Signal(object)
    _waiting = Signal()

    def __init__(self, kiosk: KioskFacade, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._newest: dict[type[Event], Event] = {}
        self._waiting.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe: list[Callable[[], None]] = [
            kiosk.bus.subscribe(SessionChanged, self._keep),
            kiosk.bus.subscribe(FacesSeen, self._keep),
            kiosk.bus.subscribe(CameraChanged, self._keep),
            kiosk.bus.subscribe(SyncStatusChanged, self._keep),
        ]

    def close(self) -> None:
        """Hears nothing any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()

    def _keep(self, event: Event) -> None:
        with self._lock:
            is_first = not self._newest
            self._newest[type(event)] = event
        if is_first:
            self._waiting.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, {}
        for event in newest.values():
            if isinstance(event, SessionChanged):
                self.viewChanged.emit(event.view)
            elif isinstance(event, FacesSeen):
                self.facesSeen.emit(event)
            elif isinstance(event, CameraChanged):
                self.cameraChanged.emit(event)
            elif isinstance(event, SyncStatusChanged):
                self.syncChanged.emit(event.status)
