"""How synchronisation stands: for the staff's corner of the screen, and for other processes."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import Event, EventBus

_STORED_EVERY_S = 15.0
STALE_AFTER_S = 60.0
"""A status that nobody has renewed for so long is of a kiosk that does not run."""

_AWAY = frozenset(
    {
        ErrorCode.CENTRE_UNREACHABLE,
        ErrorCode.CENTRE_FAILED,
        ErrorCode.CENTRE_BUSY,
    }
)
"""A hotel's login page is none of these: it waits until somebody has logged in."""


class SyncState(StrEnum):
    """OFF: there is no centre, or none that knows this kiosk. OFFLINE mends itself; TROUBLE wants staff."""

    OFF = "off"
    ONLINE = "online"
    OFFLINE = "offline"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """`since` is when the state began; `code`, `detail` and `next_step` say why it is not ONLINE. `waiting`
    and `parked` count messages, `notices` what staff have not settled. `clock_off_s` is how far this
    machine's clock is ahead of the centre's; with CLOCK_OFF sync goes on."""

    state: SyncState
    since: datetime
    code: str = ""
    detail: str = ""
    next_step: str = ""
    cursor: int = 0
    waiting: int = 0
    parked: int = 0
    notices: int = 0
    last_pull_at: datetime | None = None
    last_push_at: datetime | None = None
    clock_off_s: int = 0


@dataclass(frozen=True, slots=True)
class SyncStatusChanged(Event):
    """Synchronisation stands otherwise than before."""

    status: SyncStatus


class StoredStatus(Protocol):
    """Where other processes read it. Raises KnownError DATABASE_*."""

    def store(self, told: Mapping[str, Any]) -> None: ...


class StatusBoard:
    """Holds how sync stands now, tells it on the bus and keeps it in the database. Any thread."""

    def __init__(self, stored: StoredStatus, clock: Clock, bus: EventBus) -> None:
        self._stored = stored
        self._clock = clock
        self._bus = bus
        self._lock = threading.Lock()
        self._status = SyncStatus(SyncState.OFF, clock.now())
        self._stored_s = float("-inf")
        self._published: SyncStatus | None = None

    @property
    def status(self) -> SyncStatus:
        return self._status

    def note_pull(self, at: datetime) -> None:
        """Everything was taken in; shown with the next `show`."""
        with self._lock:
            self._status = replace(self._status, last_pull_at=at)

    def note_push(self, at: datetime) -> None:
        """Everything was told; shown with the next `show`."""
        with self._lock:
            self._status = replace(self._status, last_push_at=at)

    def show(self, error: KnownError | None, **facts: Any) -> None:
        """Why sync does not go on (None: it does), and what else is known. Raises KnownError DATABASE_*."""
        with self._lock:
            before = self._status
            state = state_of(error)
            now = self._clock.now()
            status = replace(
                before,
                state=state,
                since=before.since if state is before.state else now,
                code=error.code.value if error else "",
                detail=error.detail if error else "",
                next_step=error.next_step if error else "",
                **facts,
            )
            self._status = status
            is_due = self._clock.monotonic_s() - self._stored_s >= _STORED_EVERY_S
            is_news = _without_times(status) != _without_times(before)
            if is_news or is_due:
                self._stored_s = self._clock.monotonic_s()
        if status != self._published:
            self._published = status
            self._bus.publish(SyncStatusChanged(status))
        if is_news or is_due:
            self._stored.store({**asdict(status), "as_of": now.isoformat()})


def state_of(error: KnownError | None) -> SyncState:
    """What an error means for sync."""
    if error is None:
        return SyncState.ONLINE
    if error.code is ErrorCode.NOT_ENROLLED:
        return SyncState.OFF
    return SyncState.OFFLINE if error.code in _AWAY else SyncState.TROUBLE


def _without_times(status: SyncStatus) -> SyncStatus:
    return replace(status, last_pull_at=None, last_push_at=None, clock_off_s=status.clock_off_s // 10)
