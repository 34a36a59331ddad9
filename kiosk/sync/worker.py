"""Keeps kiosk and centre together: tells what waits and takes in what is new, whenever there is some."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog
from tenacity import RetryCallState, Retrying, wait_exponential

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.priority import work_in_the_background
from kiosk.runtime.worker import STOP_TIMEOUT_S, Worker
from kiosk.sync.answers import pause_of
from kiosk.sync.client import CLOCK_OFF_S, CentralClient
from kiosk.sync.door import CentreDoor
from kiosk.sync.pull import Pulled, Puller, PullStore
from kiosk.sync.push import Outbox, Pusher, Troubles
from kiosk.sync.records import HealthRecord
from kiosk.sync.status import StatusBoard
from kiosk.sync.wire import PROTOCOL

_log = structlog.get_logger(__name__)

STREAM_PATH = f"/api/sync/stream?protocol={PROTOCOL}"
HEALTH_EVERY_S = 60.0
_LOOK_EVERY_S = 0.5
"""At the own outbox, which other processes write to as well."""
_PRUNE_EVERY_S = 3600.0
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 15.0
_SHORTENED_TO = 0.6
"""By chance, also at its longest, so that kiosks do not all come at the same moment."""
_SILENT_S = 300.0
"""A page that is taken in, or a call, takes no longer than that."""
_LOCKED_OUT_PAUSE_S = 60.0
"""Asking more often would only keep the lock shut."""

_NOBODY_ANSWERS = frozenset(
    {
        ErrorCode.CENTRE_UNREACHABLE,
        ErrorCode.NETWORK_LOGIN_PAGE,
        ErrorCode.CENTRE_BUSY,
        ErrorCode.CENTRE_LOGIN_REFUSED,
        ErrorCode.DEVICE_REVOKED,
        ErrorCode.LOGIN_LOCKED,
        ErrorCode.NOT_ENROLLED,
        ErrorCode.SECRET_MISSING,
    }
)
"""After one of these there is no use in asking for the other half."""
_LOCKED_OUT = frozenset({ErrorCode.CENTRE_LOGIN_REFUSED, ErrorCode.DEVICE_REVOKED, ErrorCode.LOGIN_LOCKED})


class SyncOutbox(Outbox, Protocol):
    """The outbox as the worker watches it. Raises KnownError DATABASE_*."""

    def newest(self) -> int:
        """Grows with every message that is written."""
        ...

    def counts(self) -> tuple[int, int]:
        """How many wait, and how many are parked."""
        ...

    def add_health(self, record: HealthRecord) -> None:
        """How the kiosk is now, in place of an older word that still waits."""
        ...


class Backoff:
    """Pauses that double from a second to a quarter of a minute, with jitter, until something succeeds."""

    def __init__(self) -> None:
        self._wait = wait_exponential(multiplier=_FIRST_PAUSE_S, max=_LONGEST_PAUSE_S)
        self._failures = 0

    def succeeded(self) -> None:
        self._failures = 0

    def pause_s(self) -> float:
        """After one more failure."""
        self._failures += 1
        state = RetryCallState(retry_object=Retrying(), fn=None, args=(), kwargs={})
        state.attempt_number = self._failures
        return self._wait(state) * random.uniform(_SHORTENED_TO, 1.0)


class Sync:
    """Both directions, once: `kiosk sync --once`, and the worker again and again. One thread at a time."""

    def __init__(
        self,
        door: CentreDoor,
        outbox: SyncOutbox,
        store: PullStore,
        board: StatusBoard,
        clock: Clock,
        take_news: Callable[[Pulled], None],
        open_notices: Callable[[], int],
        health: Callable[[], HealthRecord] | None = None,
    ) -> None:
        """`take_news` hears of each part that was taken in; `health` says how the kiosk is."""
        self._door = door
        self._outbox = outbox
        self._store = store
        self._board = board
        self._clock = clock
        self._take_news = take_news
        self._open_notices = open_notices
        self._health = health
        self._health_told_s = float("-inf")
        self._troubles = Troubles()

    def once(self, is_over: Callable[[], bool] = lambda: False) -> KnownError | None:
        """Pushes, then pulls, till nothing is left; what went wrong first, after showing how sync stands."""
        first = self._done(self._push, is_over, self._board.note_push)
        if first is None or first.code not in _NOBODY_ANSWERS:
            second = self._done(self._pull, is_over, self._board.note_pull)
            first = first or second
        if first is not None and not is_over():
            _log.info("sync_interrupted", code=first.code, detail=first.detail)
        self._show(first)
        return first

    def _done(
        self,
        half: Callable[[CentralClient, Callable[[], bool]], None],
        is_over: Callable[[], bool],
        note: Callable[[datetime], None],
    ) -> KnownError | None:
        try:
            half(self._door.client(), is_over)
        except KnownError as error:
            return error
        note(self._clock.now())
        return None

    def _push(self, client: CentralClient, is_over: Callable[[], bool]) -> None:
        now_s = self._clock.monotonic_s()
        if self._health is not None and now_s - self._health_told_s >= HEALTH_EVERY_S:
            self._outbox.add_health(self._health())
            self._health_told_s = now_s
        Pusher(client, self._outbox, self._troubles).push(is_over)

    def _pull(self, client: CentralClient, is_over: Callable[[], bool]) -> None:
        for pulled in Puller(client, self._store).pull(is_over):
            self._take_news(pulled)

    def _show(self, error: KnownError | None) -> None:
        waiting, parked = self._outbox.counts()
        off_s = self._clock_off_s()
        if error is None and abs(off_s) > CLOCK_OFF_S:
            error = clock_off(off_s)
        self._board.show(
            error,
            cursor=self._store.cursor(),
            waiting=waiting,
            parked=parked,
            notices=self._open_notices(),
            clock_off_s=round(off_s),
        )

    def _clock_off_s(self) -> float:
        try:
            return self._door.client().clock_off_s
        except KnownError:
            return 0.0


class SyncWorker:
    """A worker for both directions and one that holds the stream of news; `poll_s` stands behind it."""

    name = "sync"

    def __init__(
        self,
        door: CentreDoor,
        sync: Sync,
        outbox: SyncOutbox,
        prune: Callable[[], object],
        poll_s: float,
        bus: EventBus,
    ) -> None:
        self._door = door
        self._sync = sync
        self._outbox = outbox
        self._prune = prune
        self._poll_s = poll_s
        self._news = threading.Event()
        self._is_listening = threading.Event()
        self._mover = Worker(self.name, self._move, bus, silent_s=_SILENT_S)
        self._listener = Worker(f"{self.name}-stream", self._listen, bus)

    @property
    def is_alive(self) -> bool:
        return self._mover.is_alive

    @property
    def is_listening(self) -> bool:
        """Whether the centre's news come at once."""
        return self._is_listening.is_set()

    def look_now(self) -> None:
        """There is something to tell or to hear; from any thread."""
        self._news.set()

    def start(self) -> None:
        self._mover.start()
        self._listener.start()

    def request_stop(self) -> None:
        """Also ends a call that hangs, for good: what another worker asks the centre, too."""
        self._mover.request_stop()
        self._listener.request_stop()
        self._door.close()
        self._news.set()

    def revive(self) -> None:
        self._mover.revive()
        self._listener.revive()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        self.request_stop()
        has_ended = self._mover.stop(timeout_s)
        return self._listener.stop(timeout_s) and has_ended

    def _move(self, stop: threading.Event) -> None:
        work_in_the_background()
        backoff = Backoff()
        pruned_s = float("-inf")
        while not stop.is_set():
            self._news.clear()
            if time.monotonic() - pruned_s >= _PRUNE_EVERY_S:
                self._prune()
                pruned_s = time.monotonic()
            seen = self._outbox.newest()
            error = self._sync.once(stop.is_set)
            if error is None:
                backoff.succeeded()
                self._wait_for_news(stop, self._poll_s, seen)
            elif error.code is ErrorCode.NOT_ENROLLED:
                stop.wait(self._poll_s)
            elif error.code in _LOCKED_OUT or error.code is ErrorCode.CENTRE_BUSY:
                stop.wait(_pause_after(error, backoff))
            else:
                stop.wait(_LOOK_EVERY_S)
                self._wait_for_news(stop, backoff.pause_s(), seen)

    def _wait_for_news(self, stop: threading.Event, longest_s: float, seen: int) -> None:
        """In the own outbox or from the centre."""
        until_s = time.monotonic() + longest_s
        while not stop.is_set() and (left_s := until_s - time.monotonic()) > 0:
            if self._news.wait(min(_LOOK_EVERY_S, left_s)) or self._outbox.newest() > seen:
                return

    def _listen(self, stop: threading.Event) -> None:
        work_in_the_background()
        backoff = Backoff()

        def heard() -> None:
            backoff.succeeded()
            stop.is_set()  # the centre's heartbeat is this thread's, too

        while not stop.is_set():
            try:
                with self._door.client().events(STREAM_PATH) as stream:
                    self._is_listening.set()
                    self._news.set()  # what came while nobody listened
                    for event in stream.listen(heard):
                        if event.name == "revision" and _is_revision(event.data):
                            self._news.set()
                    self._is_listening.clear()  # it was closed here, as by enrolling anew
            except KnownError as error:
                self._is_listening.clear()
                stop.wait(_pause_after(error, backoff))


def _pause_after(error: KnownError, backoff: Backoff) -> float:
    if error.code in _LOCKED_OUT:
        return _LOCKED_OUT_PAUSE_S
    return max(pause_of(error), backoff.pause_s())


def clock_off(off_s: float) -> KnownError:
    """That this machine's clock is not the centre's."""
    way = "ahead of" if off_s > 0 else "behind"
    return KnownError(
        ErrorCode.CLOCK_OFF,
        f"This machine's clock is {abs(off_s) / 60:.0f} minutes {way} the centre's; sync goes on.",
        "Set the clock, best by a time server: receipts and links bear its time.",
    )


def _is_revision(data: str) -> bool:
    try:
        return isinstance(json.loads(data)["revision"], int)
    except (ValueError, LookupError, TypeError):
        return False
