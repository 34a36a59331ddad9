"""Fetches files, a few at a time, each once, whoever waits for it; what a visitor looks at comes first."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import IntEnum

from kiosk.errors import ErrorCode, KnownError

FETCHED_AT_ONCE = 4
_AHEAD_AT_ONCE = 2


class Urgency(IntEnum):
    """Who waits: somebody before the screen, somebody who has paid, or nobody yet."""

    SHOWN = 0
    PAID = 1
    AHEAD = 2


class Flight:
    """A file on its way. `is_forgotten` when it is deleted meanwhile: then it must not stay here."""

    def __init__(self, object_key: str, urgency: Urgency, rank_ms: int | None) -> None:
        self.object_key = object_key
        self.urgency = urgency
        self.rank_ms = rank_ms
        self.is_forgotten = False
        self.is_stored = False
        self._data: bytes | None = None
        self._error: Exception | None = None
        self._done = threading.Event()

    def wait(self, timeout_s: float) -> bytes:
        """The file. Raises what kept it from coming, and OBJECT_STORE_UNREACHABLE where that takes longer."""
        if not self._done.wait(timeout_s):
            raise KnownError(
                ErrorCode.OBJECT_STORE_UNREACHABLE,
                f"{self.object_key} did not come from the centre within {timeout_s:.0f} s.",
                "The network is slow; it is asked for again.",
            )
        if self._error is not None:
            raise self._error
        return self._data or b""

    def is_over(self, timeout_s: float) -> bool:
        """Whether it has landed or failed, waiting so long for it."""
        return self._done.wait(timeout_s)

    def land(self, data: bytes, *, is_stored: bool) -> None:
        """It is here; `is_stored` where there was room for it."""
        self._data, self.is_stored = data, is_stored
        self._done.set()

    def fail(self, error: Exception) -> None:
        """It does not come."""
        self._error = error
        self._done.set()


class FetchQueue:
    """Runs `bring(flight)` on threads of its own, `FETCHED_AT_ONCE` at a time, by urgency and then in order;
    of what nobody waits for yet only some, so that whoever comes finds a thread. One flight for each file.

    Callable from any thread. The threads begin with the first flight; `close` ends them soon.
    """

    def __init__(self, bring: Callable[[Flight], None]) -> None:
        self._bring = bring
        self._waiting: list[Flight] = []
        self._flights: dict[str, Flight] = {}
        self._ahead_now = 0
        self._threads = 0
        self._idle = 0
        self._changed = threading.Condition()
        self._is_over = False

    def begin(self, object_key: str, urgency: Urgency, rank_ms: int | None = None) -> Flight:
        """The flight that brings this file, a new one or the one under way. `rank_ms` is when the file counts
        as used, where that is not now."""
        with self._changed:
            flight = self._flights.get(object_key)
            if flight is None:
                flight = self._flights[object_key] = Flight(object_key, urgency, rank_ms)
                if self._is_over:
                    flight.fail(_closed(object_key))
                    return self._flights.pop(object_key)
                self._waiting.append(flight)
                self._start_thread()
            elif urgency < flight.urgency and flight in self._waiting:
                flight.urgency, flight.rank_ms = urgency, rank_ms
            self._changed.notify_all()
            return flight

    def forget(self, object_key: str) -> None:
        """The file is deleted: what is on its way must not stay here."""
        with self._changed:
            if object_key in self._flights:
                self._flights[object_key].is_forgotten = True

    def close(self) -> None:
        """Nothing more is fetched; whoever waits is told. Does not wait for what is under way."""
        with self._changed:
            self._is_over = True
            for flight in self._waiting:
                self._flights.pop(flight.object_key, None)
                flight.fail(_closed(flight.object_key))
            self._waiting.clear()
            self._changed.notify_all()

    def _start_thread(self) -> None:
        if self._threads < FETCHED_AT_ONCE and self._idle < len(self._waiting):
            self._threads += 1
            threading.Thread(target=self._work, name=f"fetch-{self._threads}", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._idle += 1
                self._changed.wait_for(lambda: self._is_over or self._next() is not None)
                self._idle -= 1
                flight = self._next()
                if self._is_over or flight is None:
                    return
                self._waiting.remove(flight)
                is_ahead = flight.urgency is Urgency.AHEAD
                self._ahead_now += is_ahead
            try:
                self._bring(flight)
            except Exception as error:  # noqa: BLE001 - whoever waits for the file decides what it means
                flight.fail(error)
            with self._changed:
                self._ahead_now -= is_ahead
                self._flights.pop(flight.object_key, None)
                self._changed.notify_all()

    def _next(self) -> Flight | None:
        """The most urgent one that may begin now."""
        may_be_ahead = self._ahead_now < _AHEAD_AT_ONCE
        free = (each for each in self._waiting if may_be_ahead or each.urgency is not Urgency.AHEAD)
        return min(free, key=lambda each: each.urgency, default=None)


def _closed(object_key: str) -> KnownError:
    return KnownError(
        ErrorCode.OBJECT_STORE_UNREACHABLE, f"{object_key} is not fetched any more: the kiosk ends."
    )
