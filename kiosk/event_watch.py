"""The event on the screens: its card, its index, and whether anybody can be found in it by face."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from typing import Protocol

import structlog

from kiosk.archive import Archive
from kiosk.database.price_lists import SqlPriceLists
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.index_sync import IndexSync
from kiosk.photos.types import PhotoEvent
from kiosk.sales.packages import PackageSet
from kiosk.session.found import distinct, hours_of
from kiosk.session.session import Session
from kiosk.session.view import EventCard

_log = structlog.get_logger(__name__)

_LOOK_EVERY_S = 1.0
_REST = 4.0
"""So many times as long as looking at the event took, nobody looks again, at most `_LONGEST_REST_S`."""
_LONGEST_REST_S = 2.0


class Network(Protocol):
    """Weights that a search by face needs. `warm_up` loads them, and raises what is wrong with them."""

    def warm_up(self) -> None: ...


class EventWatch:
    """Keeps the event card and the index true to the database; notices unfit weights. `run` on one thread;
    `look_now` from any."""

    def __init__(self, archive: Archive, session: Session, networks: Sequence[Network]) -> None:
        self._archive = archive
        self._session = session
        self._networks = networks
        self._price_lists = SqlPriceLists(archive.database)
        self._index_sync = IndexSync(archive.index, archive.photos)
        self._news = threading.Event()
        self._is_stale = threading.Event()
        self._seen: tuple[object, ...] | None = None

    def look_now(self) -> None:
        """There is something new, or the watch is to end."""
        self._news.set()

    def look_anew(self) -> None:
        """Photos that are here may have changed, which their number does not tell."""
        self._is_stale.set()
        self.look_now()

    def run(self, stop: threading.Event) -> None:
        """At once for photos of the watched folder, within a second or so for those that another process
        takes in. Looking takes longer in a large event, and then is done less often."""
        while not stop.is_set():
            self._news.clear()
            began_s = time.monotonic()
            self._look_at_weights()
            event = self._archive.current_event()
            if event is not None:
                self._look_at(event)
            took_s = time.monotonic() - began_s
            stop.wait(min(_LONGEST_REST_S, _REST * took_s))
            self._news.wait(_LOOK_EVERY_S)

    def _look_at_weights(self) -> None:
        """Weights that are missing or not ours close the way with the face; put right, they open it again."""
        session = self._session
        try:
            for network in self._networks:
                network.warm_up()
            fault = ""
        except KnownError as failed:
            fault = failed.code
            if fault != session.face_search_fault:
                _log.error("no_face_search", code=failed.code, detail=failed.detail)
        with session.lock:
            session.face_search_fault = fault

    def _look_at(self, event: PhotoEvent) -> None:
        photos = self._archive.photos
        if self._is_stale.is_set():
            self._is_stale.clear()
            self._seen = None
        # What changes when photos come or go, and is quickly told.
        packages = self._price_list(event)
        stamp = (event, photos.count(event.event_id), photos.next_number(event.event_id), packages)
        if stamp != self._seen or not self._index_sync.is_sound(event.event_id):
            self._make_index_true(event)
        if stamp != self._seen:
            with self._session.change():
                self._session.event = self._card(event, packages)
            self._seen = stamp

    def _make_index_true(self, event: PhotoEvent) -> None:
        """Tried again at the next look if it fails; photos are on sale without it, too."""
        try:
            self._index_sync.update(event.event_id)
        except KnownError as failed:
            _log.error("index_not_verified", code=failed.code, detail=failed.detail)

    def _price_list(self, event: PhotoEvent) -> PackageSet | None:
        """The event's own; one that no price can be made of is as none."""
        try:
            return self._price_lists.of_event(event.event_id)
        except KnownError as unusable:
            if unusable.code is not ErrorCode.SETTING_INVALID:
                raise
            _log.error("price_list_unusable", code=unusable.code, detail=unusable.detail)
            return None

    def _card(self, event: PhotoEvent, packages: PackageSet | None) -> EventCard:
        photos = self._archive.photos.photos(event.event_id)
        return EventCard(
            event_id=event.event_id,
            name=event.name,
            name_th=event.name_th,
            photo_count=len(photos),
            latest_import=max((photo.imported_at for photo in photos), default=None),
            public_photo_ids=tuple(photo.photo_id for photo in photos if photo.is_public),
            times=hours_of(photos),
            places=distinct(photo.place for photo in photos),
            photographers=distinct(photo.photographer for photo in photos),
            blurs_bystanders=event.blurs_bystanders,
            reads_numbers=event.reads_numbers,
            packages=packages,
        )
