"""Brings the previews of the event on the screen in advance, so that a visitor waits for none."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.events import Event, EventBus
from kiosk.photos.types import PreviewSize, preview_key
from kiosk.runtime.priority import work_in_the_background
from kiosk.sync.fetch_queue import Flight
from kiosk.sync.fetched_store import FetchedObjectStore

_log = structlog.get_logger(__name__)

_PHOTOS_AT_ONCE = 200
_FLIGHTS = 2
_GENTLE_PAUSE_S = 0.2
_MOST_A_SECOND = 50.0
"""Half of the files that a centre lets a kiosk ask for: the rest is for what visitors look at."""
_LOOK_EVERY_S = 5.0
_SWEEP_EVERY_S = 600.0
_TELL_EVERY_S = 1.0
_PATIENCE_S = 60.0
_LONGEST_WAIT_S = 1.0


class Pace(StrEnum):
    """How much may be done now: nobody is there, somebody looks at photos, somebody is before the camera."""

    FULL = "full"
    GENTLE = "gentle"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class PhotoAhead:
    """A photo on sale whose previews may be wanted."""

    photo_id: str
    taken_at: datetime
    is_public: bool


class PhotosAhead(Protocol):
    """The photos of an event from the newest on. Raises KnownError DATABASE_*."""

    def newest(self, event_id: str, after: PhotoAhead | None, limit: int) -> list[PhotoAhead]:
        """Those on sale that come `after` one in the order of time, the newest first."""
        ...

    def count(self, event_id: str) -> int:
        """Photos on sale."""
        ...


@dataclass(frozen=True, slots=True)
class PreviewProgress:
    """How many of the wanted previews of an event are here. `is_full` where the quota or the disk holds no
    more, `is_waiting` while the centre cannot be reached; `missing` came damaged, or the centre has them not.
    """

    event_id: str
    wanted: int = 0
    here: int = 0
    missing: int = 0
    is_full: bool = False
    is_waiting: bool = False
    is_done: bool = False


@dataclass(frozen=True, slots=True)
class PreviewsMoved(Event):
    """The previews of the event on the screen stand like this; at most once a second."""

    progress: PreviewProgress


@dataclass(frozen=True, slots=True)
class _Round:
    """Previews of one size, of all photos or of those that the first pages show."""

    size: PreviewSize
    of_public: bool = False


# What stands on the first pages, then the strip of the basket and the phone, the grid, and the large view.
_ROUNDS = (
    _Round(PreviewSize.SMALL, of_public=True),
    _Round(PreviewSize.WATERMARKED, of_public=True),
    _Round(PreviewSize.MEDIUM),
    _Round(PreviewSize.LARGE),
    _Round(PreviewSize.WATERMARKED),
)


class Prefetch:
    """`run` is a worker's job. A sweep goes through the rounds, each from the newest photo on, and fetches
    what is not here; it can be ended anywhere, and goes on where files are missing. Between them, and every
    few seconds, it looks at the newest photos first. An older photo never drives out a newer one, so a full
    quota holds the newest and what was looked at last.

    It works in the background, two at a time, one with pauses while somebody looks at photos, and not at all
    while somebody is before the camera; and never asks the centre so often that others had to wait.
    """

    def __init__(
        self,
        store: FetchedObjectStore,
        photos: PhotosAhead,
        event_id: Callable[[], str | None],
        pace: Callable[[], Pace],
        has_room: Callable[[], bool],
        bus: EventBus,
        most_a_second: float = _MOST_A_SECOND,
    ) -> None:
        """`event_id` is of the event on the screen; `has_room` whether the disk has room to spare;
        `most_a_second` how many previews are asked for at most."""
        self._store = store
        self._photos = photos
        self._event_id = event_id
        self._pace = pace
        self._has_room = has_room
        self._bus = bus
        self._apart_s = 1.0 / most_a_second
        self._next_s = 0.0
        self._news = threading.Event()
        self._looked_s = 0.0
        self._told_s = 0.0
        self._count = -1
        self.progress = PreviewProgress("")

    def look_now(self) -> None:
        """There may be new photos. Any thread."""
        self._news.set()

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. Raises KnownError DATABASE_*."""
        work_in_the_background()
        while not stop.is_set():
            event_id = self._event_id()
            if event_id is None:
                stop.wait(_LONGEST_WAIT_S)
                continue
            self._sweep(event_id, stop)
            rest_until_s = time.monotonic() + _SWEEP_EVERY_S
            while not stop.is_set() and time.monotonic() < rest_until_s and self._is_on(event_id):
                self._news.wait(_LONGEST_WAIT_S)
                self._look_at_newest(event_id, stop)

    def sweep_once(self, stop: threading.Event) -> PreviewProgress:
        """One sweep, for a script; the progress at its end."""
        event_id = self._event_id()
        if event_id is not None:
            self._sweep(event_id, stop)
        return self.progress

    # -- one sweep --------------------------------------------------------------------------------

    def _sweep(self, event_id: str, stop: threading.Event) -> None:
        self._count = self._photos.count(event_id)
        self.progress = PreviewProgress(event_id)
        for each in _ROUNDS:
            has_room = True
            for part in self._parts(event_id):
                if not self._goes_on(event_id, stop):
                    return
                has_room = self._bring_part(event_id, part, each, stop, counts=True)
                if not has_room:
                    break
        if self._goes_on(event_id, stop):
            self._tell(is_done=True)

    def _parts(self, event_id: str) -> Iterator[list[PhotoAhead]]:
        last = None
        while part := self._photos.newest(event_id, last, _PHOTOS_AT_ONCE):
            yield part
            last = part[-1]

    def _look_at_newest(self, event_id: str, stop: threading.Event) -> None:
        """Where photos came in, the newest of all sizes at once: somebody is looking for theirs already."""
        is_told, is_due = self._news.is_set(), time.monotonic() - self._looked_s >= _LOOK_EVERY_S
        if not is_told and not is_due:
            return
        self._news.clear()
        self._looked_s = time.monotonic()
        count = self._photos.count(event_id)
        if count == self._count and not is_told:
            return
        self._count = count
        part = self._photos.newest(event_id, None, _PHOTOS_AT_ONCE)
        for each in _ROUNDS:
            if not self._goes_on(event_id, stop):
                return
            self._bring_part(event_id, part, each, stop, counts=False)

    def _bring_part(
        self, event_id: str, part: Sequence[PhotoAhead], each: _Round, stop: threading.Event, *, counts: bool
    ) -> bool:
        """Fetches what is missing of these photos; False where there is no room for more."""
        ranks = {
            preview_key(event_id, photo.photo_id, each.size): int(photo.taken_at.timestamp() * 1000)
            for photo in part
            if photo.is_public or not each.of_public
        }
        missing = self._store.missing(list(ranks))
        is_counted = counts and not (each.size is PreviewSize.WATERMARKED and each.of_public)
        if is_counted:
            here = len(ranks) - len(missing)
            self._tell(wanted=self.progress.wanted + len(ranks), here=self.progress.here + here)
        waiting = iter(missing)
        flights: list[Flight] = []
        has_room = True
        while self._goes_on(event_id, stop):
            if counts:
                self._look_at_newest(event_id, stop)
            pace = self._paced(stop)
            most = _FLIGHTS if pace is Pace.FULL else 1
            while has_room and len(flights) < most and (key := next(waiting, None)) is not None:
                if not self._has_room():
                    has_room = False
                    break
                self._keep_apart(stop)
                flights.append(self._store.begin_ahead(key, ranks[key]))
            if not flights:
                break
            is_stored = self._landed(flights.pop(0), is_counted, stop)
            has_room = has_room and is_stored
        if not has_room:
            self._tell(is_full=True)
        return has_room

    def _landed(self, flight: Flight, is_counted: bool, stop: threading.Event) -> bool:
        """Waits for one; False where there was no room for it."""
        while not stop.is_set():
            try:
                flight.wait(_PATIENCE_S)
            except KnownError as error:
                if error.code is not ErrorCode.OBJECT_STORE_UNREACHABLE:
                    _log.info("preview_not_here", code=error.code)
                    self._tell(missing=self.progress.missing + is_counted)
                    return True
                self._tell(is_waiting=True)
                stop.wait(min(_LONGEST_WAIT_S, self._store.silent_for_s() + 0.05))
                flight = self._store.begin_ahead(flight.object_key, flight.rank_ms or 0)
                continue
            if flight.is_stored:
                self._tell(here=self.progress.here + is_counted, is_waiting=False)
            return flight.is_stored
        return True

    # -- when to go on ----------------------------------------------------------------------------

    def _paced(self, stop: threading.Event) -> Pace:
        """Waits as long as it must not disturb, and says how much may be done then."""
        while (pace := self._pace()) is Pace.PAUSED and not stop.is_set():
            stop.wait(_GENTLE_PAUSE_S)
        if pace is Pace.GENTLE:
            stop.wait(_GENTLE_PAUSE_S)
        return pace

    def _keep_apart(self, stop: threading.Event) -> None:
        now_s = time.monotonic()
        if now_s < self._next_s:
            stop.wait(self._next_s - now_s)
        self._next_s = max(now_s, self._next_s) + self._apart_s

    def _is_on(self, event_id: str) -> bool:
        return self._event_id() == event_id

    def _goes_on(self, event_id: str, stop: threading.Event) -> bool:
        return not stop.is_set() and self._is_on(event_id)

    def _tell(
        self,
        *,
        wanted: int | None = None,
        here: int | None = None,
        missing: int | None = None,
        is_full: bool | None = None,
        is_waiting: bool | None = None,
        is_done: bool = False,
    ) -> None:
        before = self.progress
        self.progress = replace(
            before,
            wanted=before.wanted if wanted is None else wanted,
            here=before.here if here is None else here,
            missing=before.missing if missing is None else missing,
            is_full=before.is_full if is_full is None else is_full,
            is_waiting=before.is_waiting if is_waiting is None else is_waiting,
            is_done=is_done,
        )
        is_turn = (self.progress.is_waiting, is_done) != (before.is_waiting, before.is_done)
        if is_turn or time.monotonic() - self._told_s >= _TELL_EVERY_S:
            self._told_s = time.monotonic()
            self._bus.publish(PreviewsMoved(self.progress))
