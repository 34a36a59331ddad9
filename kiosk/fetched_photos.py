"""A kiosk's photos that lie at its centre: previews in advance, and originals for whoever paid."""

from __future__ import annotations

from kiosk.archive import Archive
from kiosk.database.photos_ahead import SqlPhotosAhead
from kiosk.events import EventBus
from kiosk.runtime.health import DiskState, disk_state
from kiosk.runtime.pulse import PATIENT_S
from kiosk.runtime.worker import Worker
from kiosk.session.session import Session
from kiosk.session.states import Screen
from kiosk.sync.fetched_store import FetchedObjectStore
from kiosk.sync.kept_originals import KeptOriginals
from kiosk.sync.previews import Pace, Prefetch
from kiosk.sync.status import SyncStatus, SyncStatusChanged

_NOBODY = frozenset({Screen.ATTRACT, Screen.OUT_OF_SERVICE})
_BEFORE_THE_CAMERA = frozenset({Screen.CAPTURE, Screen.SEARCHING})


class FetchedPhotos:
    """Composes what fetches beside the visitors of one kiosk; what they look at is fetched by the store."""

    def __init__(self, archive: Archive, store: FetchedObjectStore, session: Session, bus: EventBus) -> None:
        self._archive = archive
        self._store = store
        self._session = session
        self._cursor = -1
        self.originals = KeptOriginals(store)
        self.previews = Prefetch(
            store, SqlPhotosAhead(archive.database), self._event_id, self._pace, self._has_room, bus
        )
        self.workers = (
            Worker("originals", self.originals.run, bus, silent_s=PATIENT_S),
            Worker("previews", self.previews.run, bus, silent_s=PATIENT_S),
        )
        bus.subscribe(SyncStatusChanged, lambda event: self._hear(event.status))

    def facts(self) -> dict[str, int | bool]:
        """How far it is, for staff."""
        progress = self.previews.progress
        return {
            "previews_here": progress.here,
            "previews_wanted": progress.wanted,
            "previews_full": progress.is_full,
            "fetched_mb": self._store.passing_bytes // 1_000_000,
            "originals_mb": self._store.kept_bytes // 1_000_000,
        }

    def _hear(self, status: SyncStatus) -> None:
        """What came from the centre may have been photos."""
        if status.cursor != self._cursor:
            self._cursor = status.cursor
            self.previews.look_now()

    def _event_id(self) -> str | None:
        event = self._session.event
        return event.event_id if event is not None else None

    def _pace(self) -> Pace:
        screen = self._session.screen
        if screen in _BEFORE_THE_CAMERA:
            return Pace.PAUSED
        return Pace.FULL if screen in _NOBODY else Pace.GENTLE

    def _has_room(self) -> bool:
        return disk_state(self._archive.home).state is DiskState.OK


def fetched_photos(archive: Archive, session: Session, bus: EventBus) -> FetchedPhotos | None:
    """None where all photos are here: no centre, or a store that has them all."""
    if not isinstance(archive.store, FetchedObjectStore):
        return None
    return FetchedPhotos(archive, archive.store, session, bus)
