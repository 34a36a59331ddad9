"""The streams that a camera worker may run right now, and that it counts nothing a moment longer."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

import structlog
from sqlalchemy.orm import Session

from kiosk.clock import Clock
from kiosk.database.engine import Database
from kiosk.database.leases import Leased, SqlLeases, is_held
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.types import Stream

_log = structlog.get_logger(__name__)
_OF_A_LEASE = 0.9
"""The worker's own clock may run a little slow: it lets go before the database's clock says so."""
_CLOCK_OFF_S = 30.0
"""Workers that share a book of visits must have the right time."""


@dataclass(frozen=True, slots=True)
class _Held:
    """A lease, until when by the worker's own clock, and whether it is to be given back."""

    leased: Leased
    until_s: float
    is_leaving: bool = False


class LeasedStreams:
    """What one worker holds. Any thread; `step` and `let_go` are called by one. `unwatched` counts the
    streams that no worker has room for.

    The worker's clock goes on while the process is stopped or the machine sleeps: whoever wakes up late finds
    its leases over before it does anything.
    """

    def __init__(self, leases: SqlLeases, holder: str, most: int, lease_s: float, clock: Clock) -> None:
        self.holder = holder
        self._leases = leases
        self._most = most
        self._lease_s = lease_s
        self._clock = clock
        self._lock = threading.Lock()
        self._held: dict[str, _Held] = {}
        self.unwatched = 0
        self._is_clock_off = False

    def streams(self) -> list[Stream]:
        """Those to be watched now, by name."""
        with self._lock:
            held = [
                one.leased.stream
                for one in self._held.values()
                if not one.is_leaving and self._is_in_time(one)
            ]
        return sorted(held, key=lambda one: (one.name, one.stream_id))

    def tenants(self) -> frozenset[str]:
        """Whose streams are held."""
        with self._lock:
            return frozenset(one.leased.tenant_id for one in self._held.values())

    def tenant_of(self, stream_id: str) -> str:
        """Whose a stream is. Raises KnownError(STREAM_LEASE_LOST)."""
        with self._lock:
            held = self._held.get(stream_id)
        if held is None or not self._is_in_time(held):
            raise lease_lost()
        return held.leased.tenant_id

    def is_held(self, stream_id: str) -> bool:
        """Whether a stream is the worker's as far as it knows; its time may be over."""
        with self._lock:
            return stream_id in self._held

    def step(self) -> None:
        """Renews what is held, takes what is free, and marks what is to be given back: whatever is beyond the
        worker's share or was switched off. Raises KnownError DATABASE_*."""
        self._renew()
        asked_s = self._clock.since_boot_s()
        taken = self._leases.take(self.holder, self._most, self._lease_s)
        self.unwatched = taken.unwatched
        self._compare_clocks(taken.at)
        with self._lock:
            for leased in taken.leased:
                _log.info("stream_taken", stream=leased.stream.stream_id)
                self._held[leased.stream.stream_id] = _Held(leased, self._until(asked_s))
            leaving = sum(one.is_leaving and one.leased.stream.is_on for one in self._held.values())
            staying = [stream_id for stream_id, one in self._held.items() if not one.is_leaving]
            for stream_id in staying[len(staying) - max(0, taken.too_many - leaving) :]:
                self._held[stream_id] = replace(self._held[stream_id], is_leaving=True)

    def let_go(self) -> None:
        """Gives back what is no longer watched. Raises KnownError DATABASE_*."""
        with self._lock:
            leaving = [stream_id for stream_id, one in self._held.items() if one.is_leaving]
        if leaving:
            self._leases.release(self.holder, leaving)
            with self._lock:
                for stream_id in leaving:
                    del self._held[stream_id]
            _log.info("streams_given_back", streams=leaving)

    def leave(self) -> None:
        """Gives back everything, at the end. Raises KnownError DATABASE_*."""
        with self._lock:
            self._held.clear()
        self._leases.leave(self.holder)

    def _renew(self) -> None:
        asked_s = self._clock.since_boot_s()
        with self._lock:
            stream_ids = list(self._held)
        if not stream_ids:
            return
        renewed = {
            one.stream.stream_id: one for one in self._leases.renew(self.holder, stream_ids, self._lease_s)
        }
        with self._lock:
            for stream_id in stream_ids:
                leased = renewed.get(stream_id)
                if leased is None:
                    del self._held[stream_id]
                    _log.warning("stream_lost", code=ErrorCode.STREAM_LEASE_LOST, stream=stream_id)
                else:
                    leaves = self._held[stream_id].is_leaving or not leased.stream.is_on
                    self._held[stream_id] = _Held(leased, self._until(asked_s), leaves)

    def _compare_clocks(self, at: datetime) -> None:
        is_off = abs((self._clock.now() - at).total_seconds()) > _CLOCK_OFF_S
        if is_off and not self._is_clock_off:
            _log.warning("clock_off", code=ErrorCode.CLOCK_OFF, database=at.isoformat(timespec="seconds"))
        self._is_clock_off = is_off

    def _until(self, asked_s: float) -> float:
        return asked_s + self._lease_s * _OF_A_LEASE

    def _is_in_time(self, held: _Held) -> bool:
        return self._clock.since_boot_s() < held.until_s


class FencedDatabase(TenantDatabase):
    """A tenant's database as the worker that runs a stream writes it: as long as the lease is the worker's
    when the transaction ends, and not at all otherwise, however long the worker was paused in between."""

    def __init__(self, database: Database, clock: Clock, leased: LeasedStreams, stream_id: str) -> None:
        """Raises KnownError(STREAM_LEASE_LOST)."""
        super().__init__(database, leased.tenant_of(stream_id), clock)
        self._leased = leased
        self._stream_id = stream_id

    @contextmanager
    def writing(self, *, waits_for_disk: bool = True) -> Iterator[Session]:
        """As `TenantDatabase.writing`. Raises KnownError(STREAM_LEASE_LOST); nothing is written then."""
        self._leased.tenant_of(self._stream_id)
        with super().writing(waits_for_disk=waits_for_disk) as session:
            yield session
            session.flush()
            if not is_held(session, self._leased.holder, self._stream_id):
                raise lease_lost()


def lease_lost() -> KnownError:
    """That the stream is another worker's by now, or may be."""
    return KnownError(
        ErrorCode.STREAM_LEASE_LOST,
        "The lease of the stream is over: another camera worker may run it.",
        "Nothing is lost; look whether the worker was paused, or its way to the database cut.",
    )
