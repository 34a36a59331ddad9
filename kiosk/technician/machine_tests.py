"""Tests of the machine: touch, disk and clock, network, e-mail and LINE."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

from kiosk.adapters import ReadSecret
from kiosk.clock import Clock
from kiosk.database.engine import Database
from kiosk.database.files import OLD_BACKUP
from kiosk.database.restored import last_restored
from kiosk.delivery.phone_server import local_address
from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.health import DiskState, disk_state
from kiosk.settings import Settings
from kiosk.sync.client import CLOCK_OFF_S
from kiosk.sync.door import CentreDoor
from kiosk.sync.status import SyncStatus
from kiosk.technician.looks import ask_centre, log_in_to_mail, show_line_token
from kiosk.technician.measuring import Measured, milliseconds
from kiosk.technician.told import TestState

TOUCH_POINTS = 9
_LARGEST_ERROR_MM = 6.0
_GB = 1e9


class TouchTest:
    """Nine points that somebody touches; until then there is nothing to say."""

    name = room = "touch"
    params: Mapping[str, str] = {}
    actions = ("touch",)

    def __init__(self) -> None:
        self._points = 0
        self._error_mm: float | None = None

    def note(self, points: int, largest_error_mm: float) -> None:
        """What the page of nine points measured."""
        self._points, self._error_mm = points, largest_error_mm

    def measure(self, stop: threading.Event) -> Measured:
        if self._error_mm is None:
            return Measured(TestState.SKIPPED, "words.untried", {"all": str(TOUCH_POINTS)})
        params = {"points": str(self._points), "all": str(TOUCH_POINTS), "mm": f"{self._error_mm:.1f}"}
        if self._points < TOUCH_POINTS:
            return Measured(TestState.FAILED, "words.missed", params, "advice.missed", ErrorCode.TOUCH_OFF)
        if self._error_mm > _LARGEST_ERROR_MM:
            return Measured(TestState.LOOK, params=params, advice="advice.off", code=ErrorCode.TOUCH_OFF)
        return Measured(params=params)


class DiskTest:
    """Room on the disk, and how far the clock is off where the centre tells the time."""

    name = room = "disk"
    params: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()

    def __init__(self, home: Path, status: Callable[[], SyncStatus | None]) -> None:
        self._home = home
        self._status = status

    def measure(self, stop: threading.Event) -> Measured:
        disk = disk_state(self._home)
        status = self._status()
        knows_time = status is not None and status.last_pull_at is not None
        off_s = status.clock_off_s if status is not None else 0
        params = {"free": f"{disk.free_bytes / _GB:,.0f}", "off": f"{abs(off_s)}"}
        words = "words" if knows_time else "words.no_clock"
        if disk.state is DiskState.FULL:
            return Measured(TestState.FAILED, words, params, "advice.full", ErrorCode.DISK_FULL)
        if knows_time and abs(off_s) > CLOCK_OFF_S:
            return Measured(TestState.LOOK, words, params, "advice.clock", ErrorCode.CLOCK_OFF)
        if disk.state is DiskState.LOW:
            return Measured(TestState.LOOK, words, params, "advice.low")
        return Measured(words=words, params=params)


class BackupTest:
    """How old the newest copy of the database is, and whether it had to be put right."""

    name = room = "backup"
    params: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def measure(self, stop: threading.Event) -> Measured:
        made_at, last = self._database.newest_backup(), last_restored(self._database)
        facts = (("test.fact.put_right", f"{last.at:%Y-%m-%d %H:%M}"),) if last else ()
        if made_at is None:
            return Measured(TestState.LOOK, "words.none", advice="advice.none", facts=facts)
        params = {"hours": f"{max(0, round((self._clock.now() - made_at) / timedelta(hours=1))):,}"}
        if self._clock.now() - made_at > OLD_BACKUP:
            return Measured(TestState.LOOK, params=params, advice="advice.none", facts=facts)
        return Measured(params=params, facts=facts)


class NetworkTest:
    """The centre and what waits for it; of a kiosk that stands alone its address on the local network."""

    name = room = "network"
    params: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()

    def __init__(
        self,
        centre: CentreDoor | None,
        status: Callable[[], SyncStatus | None],
        settings: Callable[[], Settings],
    ) -> None:
        self._centre = centre
        self._status = status
        self._settings = settings

    def measure(self, stop: threading.Event) -> Measured:
        address = local_address()
        facts = (("test.fact.address", f"{address}:{self._settings().delivery.port}"),)
        if self._centre is None:
            if address.startswith("127."):
                return Measured(TestState.LOOK, "words.no_network", advice="advice.no_network", facts=facts)
            return Measured(words="words.alone", params={"address": address}, facts=facts)
        status = self._status()
        params = {
            "waiting": f"{status.waiting:,}" if status else "0",
            "parked": f"{status.parked:,}" if status else "0",
        }
        began_s = time.perf_counter()
        try:
            ask_centre(self._centre)
        except KnownError as error:
            params |= {"code": error.code, "ms": milliseconds(began_s)}
            return Measured(TestState.FAILED, "words.away", params, "advice.away", error.code, facts)
        params["ms"] = milliseconds(began_s)
        if status is not None and status.parked:
            return Measured(TestState.LOOK, "words.parked", params, "advice.parked", facts=facts)
        return Measured(params=params, facts=facts)


class MailTest:
    """Whether the mail server lets us in; nothing is sent."""

    name = room = "mail"
    params: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()

    def __init__(self, settings: Callable[[], Settings], read_secret: ReadSecret) -> None:
        self._settings = settings
        self._read_secret = read_secret

    def measure(self, stop: threading.Event) -> Measured:
        mail = self._settings().mail
        if not mail.server:
            return Measured(TestState.SKIPPED, "words.none")
        began_s = time.perf_counter()
        log_in_to_mail(mail, self._read_secret)
        return Measured(params={"ms": milliseconds(began_s)})


class LineTest:
    """Whether LINE takes the token; nothing is sent."""

    name = room = "line"
    params: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()

    def __init__(self, settings: Callable[[], Settings], read_secret: ReadSecret) -> None:
        self._settings = settings
        self._read_secret = read_secret

    def measure(self, stop: threading.Event) -> Measured:
        line = self._settings().line
        if not line.account:
            return Measured(TestState.SKIPPED, "words.none")
        began_s = time.perf_counter()
        show_line_token(line, self._read_secret)
        return Measured(params={"ms": milliseconds(began_s), "account": line.account})
