"""The one subscriber to kiosk events: carries them from whatever thread to the UI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Qt, Signal, Slot

from kiosk.capture.types import CameraChanged, FacesSeen
from kiosk.events import Event, EventBus
from kiosk.session.view import SessionChanged
from kiosk.sync.status import SyncStatusChanged
from ui.facade import KioskFacade

Subject = tuple[object, ...]
"""What an event tells of: its kind, and whatever tells two of a kind apart."""


class NewestEvents(QObject):
    """Hands events to `_show` on the thread that it lives on. Of each `_subject`, which is a kind of event
    unless said otherwise, only the newest is kept: what comes faster than the screen can draw is passed over,
    never queued."""

    _waiting = Signal()

    def __init__(self, bus: EventBus, kinds: Iterable[type[Event]], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._newest: dict[Subject, Event] = {}
        self._waiting.connect(self._deliver, Qt.ConnectionType.QueuedConnection)
        self._unsubscribe: list[Callable[[], None]] = [bus.subscribe(kind, self._keep) for kind in kinds]

    def close(self) -> None:
        """Hears nothing any more."""
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        self._unsubscribe.clear()

    def _subject(self, event: Event) -> Subject:
        """What only the newest event is wanted of."""
        return (type(event),)

    def _show(self, event: Event) -> None:
        raise NotImplementedError

    def _keep(self, event: Event) -> None:
        subject = self._subject(event)
        with self._lock:
            is_first = not self._newest
            self._newest.pop(subject, None)  # in the order in which they came
            self._newest[subject] = event
        if is_first:
            self._waiting.emit()

    @Slot()
    def _deliver(self) -> None:
        with self._lock:
            newest, self._newest = self._newest, {}
        for event in newest.values():
            self._show(event)


class Bridge(NewestEvents):
    """Emits `viewChanged(SessionView)`, `facesSeen(FacesSeen)`, `cameraChanged(CameraChanged)` and
    `syncChanged(SyncStatus)`."""

    viewChanged = Signal(object)
    facesSeen = Signal(object)
    cameraChanged = Signal(object)
    syncChanged = Signal(object)

    def __init__(self, kiosk: KioskFacade, parent: QObject | None = None) -> None:
        super().__init__(kiosk.bus, (SessionChanged, FacesSeen, CameraChanged, SyncStatusChanged), parent)

    def _show(self, event: Event) -> None:
        if isinstance(event, SessionChanged):
            self.viewChanged.emit(event.view)
        elif isinstance(event, FacesSeen):
            self.facesSeen.emit(event)
        elif isinstance(event, CameraChanged):
            self.cameraChanged.emit(event)
        elif isinstance(event, SyncStatusChanged):
            self.syncChanged.emit(event.status)
