"""What was seen and is not in the book of visits yet."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from kiosk.visits.types import Sighting, Stay

_log = structlog.get_logger(__name__)

MOST_WAITING = 10_000
"""Sightings that wait while the book is away, more than a day of a busy shop; then the oldest are lost."""
MOST_PICTURES = 100
"""Of those that wait so many keep their picture, of up to 300 kB each."""


@dataclass(slots=True, eq=False)
class Presence:
    """Somebody in view, as one track follows them. `stay` is what the book answered last, None until then:
    written by the counting thread, read by the one that looks."""

    stay: Stay | None = None


@dataclass(frozen=True, slots=True)
class Crossings:
    """How often a line was crossed within an hour; `at` is the last time."""

    stream_id: str
    at: datetime
    came_in: int
    went_out: int


class Waiting:
    """Sightings in their order, the newest touch of each presence, crossings added up by the hour. Safe from
    any thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._sightings: dict[Presence, Sighting] = {}
        self._pictured: dict[Presence, None] = {}  # those with a picture, in the order of their coming
        self._touches: dict[Presence, datetime] = {}
        self._crossings: dict[tuple[str, datetime], Crossings] = {}

    def __len__(self) -> int:
        """Sightings that wait."""
        with self._changed:
            return len(self._sightings)

    def wait(self, stop: threading.Event, timeout_s: float) -> None:
        """Until there is a sighting, or `wake` is called after `stop` was set; at most so long."""
        with self._changed:
            self._changed.wait_for(lambda: stop.is_set() or bool(self._sightings), timeout_s)

    def wake(self) -> None:
        """Ends a `wait`."""
        with self._changed:
            self._changed.notify_all()

    def add(self, presence: Presence, sighting: Sighting) -> None:
        """Adds a sighting. One of the same presence that still waits is replaced, and keeps its place and its
        time: only the newest decision counts, from when they were decided on first."""
        with self._changed:
            before = self._sightings.get(presence)
            if before is not None:
                sighting = replace(sighting, at=before.at)
            self._sightings[presence] = sighting
            if sighting.picture is not None:
                self._pictured[presence] = None
            self._keep_bounds()
            self._changed.notify_all()

    def first(self) -> tuple[Presence, Sighting] | None:
        """The sighting whose turn it is; it stays until it is `seen` or dropped."""
        with self._changed:
            return next(iter(self._sightings.items()), None)

    def seen(self, presence: Presence, sighting: Sighting) -> None:
        """This one is in the book; a newer one of the same presence stays."""
        with self._changed:
            if self._sightings.get(presence) is sighting:
                del self._sightings[presence]
                self._pictured.pop(presence, None)

    def drop(self, presence: Presence, sighting: Sighting) -> None:
        """The book will never take it."""
        self.seen(presence, sighting)
        with self._changed:
            self._touches.pop(presence, None)

    def touch(self, presence: Presence, at: datetime) -> None:
        """They were in view then. Passed over where the book does not know them and is not about to."""
        with self._changed:
            if presence.stay is not None or presence in self._sightings:
                self._touches[presence] = at

    def touches(self) -> dict[Presence, datetime]:
        """The newest touch of each presence that the book knows."""
        with self._changed:
            return {one: at for one, at in self._touches.items() if one.stay is not None}

    def touched(self, touches: dict[Presence, datetime]) -> None:
        """These are in the book; newer ones stay."""
        with self._changed:
            for presence, at in touches.items():
                if self._touches.get(presence) == at:
                    del self._touches[presence]

    def cross(self, stream_id: str, at: datetime, came_in: int, went_out: int) -> None:
        """A line was crossed so often."""
        if not came_in and not went_out:
            return
        key = stream_id, at.replace(minute=0, second=0, microsecond=0)
        with self._changed:
            before = self._crossings.get(key)
            if before is not None:
                came_in, went_out = came_in + before.came_in, went_out + before.went_out
            self._crossings[key] = Crossings(stream_id, at, came_in, went_out)

    def take_crossings(self) -> list[Crossings]:
        """All crossings; `put_back` what could not be written."""
        with self._changed:
            taken, self._crossings = list(self._crossings.values()), {}
            return taken

    def put_back(self, crossings: list[Crossings]) -> None:
        """They are added up with what has come meanwhile."""
        for one in crossings:
            self.cross(one.stream_id, one.at, one.came_in, one.went_out)

    def _keep_bounds(self) -> None:
        if len(self._pictured) > MOST_PICTURES:
            oldest = next(iter(self._pictured))
            del self._pictured[oldest]
            self._sightings[oldest] = replace(self._sightings[oldest], picture=None)
        if len(self._sightings) > MOST_WAITING:
            oldest = next(iter(self._sightings))
            del self._sightings[oldest]
            self._pictured.pop(oldest, None)
            self._touches.pop(oldest, None)
            _log.warning("sighting_lost", waiting=MOST_WAITING)
