"""The people behind a kiosk: the staff's desk, the technician's, the books and the flight recorder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from kiosk import __version__, fleet
from kiosk.adapters import choose_slip_checker
from kiosk.archive import Archive
from kiosk.capture.live_view import LiveView
from kiosk.checkout.checkout import Checkout
from kiosk.database.restored import last_restored
from kiosk.database.shares import SqlShareStore
from kiosk.database.visitor_counts import SqlVisitorCounts
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.fleet import Fact, KioskMetrics, MetricsServer
from kiosk.hand_over import Messages, Prints
from kiosk.order_desk import OrderDesk
from kiosk.payments.types import PaymentGateway
from kiosk.printing.office_printer import OfficePrinter
from kiosk.revenue.day_book import DayBook
from kiosk.runtime.crash import PreviousCrash
from kiosk.runtime.health import machine_facts
from kiosk.runtime.worker import Supervised, Worker
from kiosk.session.session import Session
from kiosk.staff.desk import StaffDesk
from kiosk.staff.slip_scan import SlipScan
from kiosk.staff.told import notice_of
from kiosk.staff.visitors import VisitorTally
from kiosk.staff_parts import PAPERS_FOLDER, Surroundings, staff_parts
from kiosk.sync.status import SyncState, SyncStatus
from kiosk.technician.desk import TechnicianDesk
from kiosk.technician.live import LiveSettings
from kiosk.technician.ports import Around
from kiosk.technician.recorder import FlightRecorder
from kiosk.updates.care import UpdateCare


@dataclass(frozen=True, slots=True)
class Behind:
    """The parts of a kiosk that its people work with."""

    archive: Archive
    bus: EventBus
    settings: LiveSettings
    session: Session
    checkout: Checkout
    orders: OrderDesk
    camera: LiveView
    slips: SlipScan
    prints: Prints
    messages: Messages
    gateway: Callable[[], PaymentGateway]
    sync_status: Callable[[], SyncStatus | None]
    look_now: Callable[[], None]
    submit: Callable[[Callable[[], None]], None]
    facts: Callable[[], dict[str, Fact]]
    updates: UpdateCare


class Staffed:
    """Puts desks and books together. `tick` is called once a second; `workers` live with the kiosk's."""

    def __init__(self, kiosk: Behind) -> None:
        archive = kiosk.archive
        self.books = _books(kiosk)
        parts = staff_parts(archive, _surroundings(kiosk, self.books))
        self.staff = StaffDesk(parts)
        self.recorder = FlightRecorder(archive.home, kiosk.bus, archive.clock)
        around = _around(kiosk, self.staff)
        self.technician = TechnicianDesk(archive, kiosk.bus, kiosk.settings, self.recorder, around)
        to_tell = fleet.ToTell(
            kiosk.prints.desk, kiosk.messages.sendings, lambda: len(parts.lists.undecided())
        )
        self.facts = partial(_facts, kiosk, to_tell)
        metrics = MetricsServer(archive.settings.kiosk.metrics, KioskMetrics(kiosk.bus, self._all_facts))
        self._home = archive.home
        self._repaired = archive.database.repaired
        self._visitors = VisitorTally(kiosk.session, SqlVisitorCounts(archive.database), kiosk.submit)
        self.workers: tuple[Supervised, ...] = (
            Worker("recorder", self.recorder.run, kiosk.bus),
            Worker(metrics.name, metrics.run, kiosk.bus),
            *self.staff.workers,
            *self.technician.workers,
        )

    def note_start(self, problem: KnownError | None, crash: PreviousCrash | None) -> None:
        """The recorder hears that the kiosk begins, what was wrong with the settings' file, and how the run
        before ended badly, of which staff are told as well."""
        if crash is not None:
            code = crash.code or ErrorCode.SCREEN_CRASHED.value
            self.recorder.note("error", "crashed", code, {"worker": crash.where})
            self.staff.greet_with(notice_of(KnownError(ErrorCode(code), crash.summary)))
        self.recorder.note("system", "started", facts={"version": __version__})
        if self._repaired is not None:
            facts = {"reason": self._repaired.way.value}
            self.recorder.note("error", "database_restored", ErrorCode.DATABASE_RESTORED.value, facts)
        if problem is not None:
            self.recorder.note("error", "settings_invalid", problem.code.value)

    def tick(self) -> None:
        """Signs out whoever has gone; brings the staff's pages up to date."""
        self.staff.tick()

    def _all_facts(self) -> dict[str, Fact]:
        return {**machine_facts(self._home), **self.facts()}


def _facts(kiosk: Behind, to_tell: fleet.ToTell) -> dict[str, Fact]:
    """What the centre is told of this kiosk besides the machine. Raises KnownError DATABASE_*."""
    return {**kiosk.facts(), **fleet.facts_of(to_tell), **_backup_facts(kiosk.archive)}


def _backup_facts(archive: Archive) -> dict[str, Fact]:
    """How old the newest backup is, and whether the database had to be put right."""
    backup, last = archive.database.newest_backup(), last_restored(archive.database)
    return {
        "backup_age_h": round((archive.clock.now() - backup) / timedelta(hours=1)) if backup else None,
        "database_restored": last.way.value if last else "",
        "database_restored_at": last.at.isoformat(timespec="seconds") if last else None,
    }


def _books(kiosk: Behind) -> DayBook:
    archive = kiosk.archive
    zone = ZoneInfo(archive.settings.kiosk.timezone)
    shares = SqlShareStore(archive.database, archive.clock, zone)
    folder = archive.home / PAPERS_FOLDER
    return DayBook(shares, folder, zone, archive.clock, lambda: kiosk.settings.settings.revenue)


def _surroundings(kiosk: Behind, books: DayBook) -> Surroundings:
    return Surroundings(
        bus=kiosk.bus,
        settings=lambda: kiosk.settings.settings,
        checkout=kiosk.checkout,
        links=kiosk.orders,
        slip_scan=kiosk.slips,
        look_now=kiosk.look_now,
        centre=partial(_centre, kiosk),
        slip_checker=choose_slip_checker(kiosk.archive.settings.payment),
        prints=kiosk.prints.desk,
        courier=kiosk.messages.courier,
        sendings=kiosk.messages.sendings,
        new_photos=kiosk.messages.new_photos,
        day_book=books,
        sheet_printer=OfficePrinter(),
    )


def _centre(kiosk: Behind) -> tuple[bool, datetime | None] | None:
    """Whether the centre is reached, and since when that is so; None where there is none."""
    status = kiosk.sync_status()
    if status is None or status.state is SyncState.OFF:
        return None
    return status.state is SyncState.ONLINE, status.since


def _around(kiosk: Behind, staff: StaffDesk) -> Around:
    return Around(
        allowed=staff.allowed,
        audit=staff.audit,
        tell=staff.tell,
        camera=kiosk.camera,
        printer=lambda: kiosk.prints.printer,
        supplies=kiosk.prints.desk.supplies,
        count=kiosk.prints.desk.count,
        gateway=kiosk.gateway,
        sync_status=kiosk.sync_status,
        language=lambda: staff.view.language,
        updates=kiosk.updates,
    )
