"""What the cameras see, on its way into the visit book, off the threads that look."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial

import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.crash import record_crash
from kiosk.runtime.types import WorkerFailed
from kiosk.runtime.worker import STOP_TIMEOUT_S, Worker
from kiosk.streams.waiting import Crossings, Presence, Waiting
from kiosk.visits.ports import VisitBook
from kiosk.visits.types import Sighting

_log = structlog.get_logger(__name__)

TOUCH_S = 5.0
LINES_S = 3.0
END_S = 10.0
MOST_TRIES = 3
_FIRST_DELAY_S = 0.5
_LONGEST_DELAY_S = 10.0
_LAST_DELAY_S = 0.1
_AWAY = frozenset(
    {
        ErrorCode.DISK_FULL,
        ErrorCode.DATABASE_DAMAGED,
        ErrorCode.DATABASE_UNREACHABLE,
        ErrorCode.DATABASE_NEWER,
        ErrorCode.FOLDER_NOT_WRITABLE,
        ErrorCode.STREAM_LEASE_LOST,
    }
)
"""Faults of the place where things are written: all waits until it is mended, or for as long as the stream
is counted here."""


class Counting:
    """Tells the visit book who was seen, who is still there and what crossed the lines.

    One worker thread; every command returns at once and may come from any thread. While the book cannot be
    written nothing that matters is lost: sightings wait in their order, of touches the newest counts,
    crossings add up by the hour, and it is tried again with a pause that grows to 10 s. What the book refuses
    for another reason, or because of a bug, is tried three times and passed over: the rest goes on.
    """

    name = "counting"

    def __init__(self, book: VisitBook, bus: EventBus, clock: Clock) -> None:
        self._book = book
        self._bus = bus
        self._clock = clock
        self._waiting = Waiting()
        # In this order: whoever was in view until now must not be ended for want of being told.
        self._rounds = [
            _Round(TOUCH_S, clock, self._touch),
            _Round(LINES_S, clock, self._cross),
            _Round(END_S, clock, self._end),
        ]
        self._worker = Worker(self.name, self._work, bus)
        self._end_by_s: float | None = None

    @property
    def is_alive(self) -> bool:
        return self._worker.is_alive

    def start(self) -> None:
        """Starts the thread; what was told before waits for it."""
        self._worker.start()

    def revive(self) -> None:
        self._worker.revive()

    def request_stop(self) -> None:
        self._worker.request_stop()
        self._waiting.wake()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Writes what waits, as far as the time allows, and ends."""
        self._end_by_s = time.monotonic() + timeout_s * 0.8
        self.request_stop()
        return self._worker.stop(timeout_s)

    def saw(self, presence: Presence, sighting: Sighting) -> None:
        """Somebody was decided on; the book's answer is put into `presence.stay`."""
        self._waiting.add(presence, sighting)

    def still_there(self, presence: Presence, at: datetime) -> None:
        """They were in view then."""
        self._waiting.touch(presence, at)

    def lines(self, stream_id: str, came_in: int, went_out: int) -> None:
        """The stream's line was crossed so often just now."""
        self._waiting.cross(stream_id, self._clock.now(), came_in, went_out)

    def write(self, *, everything: bool = False) -> None:
        """What the worker does again and again: sightings at once, the rest when it is due, or `everything`.
        Raises KnownError DATABASE_*, DISK_FULL, and keeps what could not be written."""
        while (waiting := self._waiting.first()) is not None:
            if not self._try(partial(self._see, *waiting)):
                self._waiting.drop(*waiting)
        for one in self._rounds:
            if everything or one.is_due:
                one.run()

    def _work(self, stop: threading.Event) -> None:
        failures = 0
        while not stop.is_set():
            self._waiting.wait(stop, min(one.due_in_s for one in self._rounds))
            failures = self._written(failures)
            if failures:
                stop.wait(min(_LONGEST_DELAY_S, _FIRST_DELAY_S * 2 ** min(failures - 1, 10)))
        end_by_s = self._end_by_s or time.monotonic() + STOP_TIMEOUT_S / 2
        while (failures := self._written(failures, everything=True)) and time.monotonic() < end_by_s:
            time.sleep(_LAST_DELAY_S)
        if failures:
            _log.warning("counting_ended_unwritten", sightings=len(self._waiting))

    def _written(self, failures: int, *, everything: bool = False) -> int:
        """How often in a row it could not be written: 0 now that it could."""
        try:
            self.write(everything=everything)
        except KnownError as fault:
            if not failures:
                _log.warning("counting_waits", code=fault.code, detail=fault.detail)
                self._bus.publish(WorkerFailed(self.name, fault.code, has_given_up=False))
            return failures + 1
        return 0

    def _try(self, job: Callable[[], object], tries: int = MOST_TRIES) -> bool:
        """Whether it is done. False: it was refused, and that is recorded. Raises KnownError while the place
        is away."""
        refusal: Exception | None = None
        for _ in range(tries):
            try:
                job()
                return True
            except KnownError as refused:
                if refused.code in _AWAY:
                    raise
                refusal = refused
            except Exception as bug:  # noqa: BLE001 - one that is bad must not keep the others from being counted
                refusal = bug
        if isinstance(refusal, KnownError):
            _log.warning("counting_passes_over", code=refusal.code, detail=refusal.detail)
        elif refusal is not None:
            record_crash(self.name, refusal)
            self._bus.publish(WorkerFailed(self.name, "", has_given_up=False))
        return False

    def _see(self, presence: Presence, sighting: Sighting) -> None:
        earlier = presence.stay.stay_id if presence.stay is not None else None
        presence.stay = self._book.see(replace(sighting, stay_id=earlier))
        self._waiting.seen(presence, sighting)

    def _touch(self) -> None:
        touches = self._waiting.touches()
        newest: dict[str, datetime] = {}
        for presence, at in touches.items():
            if presence.stay is not None:
                stay_id = presence.stay.stay_id
                newest[stay_id] = max(at, newest.get(stay_id, at))
        if newest:
            self._try(partial(self._book.touch, newest))
        self._waiting.touched(touches)

    def _cross(self) -> None:
        crossings = self._waiting.take_crossings()
        while crossings:
            try:
                self._try(partial(self._count, crossings[0]), tries=1)  # again, it might count twice
            except KnownError:
                self._waiting.put_back(crossings)
                raise
            del crossings[0]

    def _count(self, one: Crossings) -> None:
        self._book.count_line(one.stream_id, one.at, one.came_in, one.went_out)

    def _end(self) -> None:
        now = self._clock.now()
        self._try(partial(self._book.end_due, now))


class _Round:
    """Something that is done every so often; again at once when it could not be done."""

    def __init__(self, pause_s: float, clock: Clock, job: Callable[[], None]) -> None:
        self._pause_s = pause_s
        self._clock = clock
        self._job = job
        self._done_s = clock.monotonic_s()

    @property
    def due_in_s(self) -> float:
        return max(0.0, self._done_s + self._pause_s - self._clock.monotonic_s())

    @property
    def is_due(self) -> bool:
        return self.due_in_s <= 0

    def run(self) -> None:
        self._job()
        self._done_s = self._clock.monotonic_s()
