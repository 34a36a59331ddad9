"""The store window's subscriber to events: carries them from whatever thread to the UI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, SignalInstance

from kiosk.events import Event, EventBus
from kiosk.visits.told import (
    EnrolmentChanged,
    PeopleListed,
    PersonSaved,
    PersonShown,
    Purged,
    ReportReady,
    ReportSaved,
    StoreChanged,
    StreamFaces,
    StreamStatusChanged,
    VisitsListed,
)
from ui.bridge import NewestEvents, Subject


class StoreBridge(NewestEvents):
    """Emits a signal for each kind of event with the event itself; `viewChanged` with the view."""

    viewChanged = Signal(object)
    facesSeen = Signal(object)
    statusChanged = Signal(object)
    peopleListed = Signal(object)
    personShown = Signal(object)
    personSaved = Signal(object)
    enrolmentChanged = Signal(object)
    reportReady = Signal(object)
    reportSaved = Signal(object)
    visitsListed = Signal(object)
    purged = Signal(object)

    def __init__(self, bus: EventBus, parent: QObject | None = None) -> None:
        self._signals: dict[type[Event], SignalInstance] = {}
        kinds = (StoreChanged, StreamFaces, StreamStatusChanged, PeopleListed, PersonShown, PersonSaved)
        asked = (EnrolmentChanged, ReportReady, ReportSaved, VisitsListed, Purged)
        super().__init__(bus, (*kinds, *asked), parent)
        self._signals |= {
            StreamFaces: self.facesSeen,
            StreamStatusChanged: self.statusChanged,
            PeopleListed: self.peopleListed,
            PersonShown: self.personShown,
            PersonSaved: self.personSaved,
            EnrolmentChanged: self.enrolmentChanged,
            ReportReady: self.reportReady,
            ReportSaved: self.reportSaved,
            VisitsListed: self.visitsListed,
            Purged: self.purged,
        }

    def _subject(self, event: Event) -> Subject:
        """Of each stream its own, and no outcome of a command gets lost over another's."""
        if isinstance(event, StreamFaces):
            return type(event), event.stream_id
        if isinstance(event, StreamStatusChanged):
            return type(event), event.status.stream_id
        if isinstance(event, PersonSaved):
            return type(event), event.person_id, event.what
        if isinstance(event, VisitsListed):
            return type(event), event.offset
        return (type(event),)

    def _show(self, event: Event) -> None:
        if isinstance(event, StoreChanged):
            self.viewChanged.emit(event.view)
        else:
            self._signals[type(event)].emit(event)
