"""A kiosk without a screen for the staff's desk: real rows, real checkout, a bank by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from kiosk.camera.types import Frame
from kiosk.checkout.checkout import Checkout
from kiosk.checkout.types import NoHolds
from kiosk.clock import ManualClock
from kiosk.database.audit import SqlAuditLog
from kiosk.database.engine import Database, open_database
from kiosk.database.given_back import SqlRefundBook
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.slips import SqlSlipBook
from kiosk.database.staff import SqlStaffRepository
from kiosk.database.staff_lists import SqlSalesLists
from kiosk.database.staff_outbox import SqlOutboxBook
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import Event, EventBus
from kiosk.language import Language
from kiosk.payments.slip import SlipChecker
from kiosk.payments.types import Payment
from kiosk.photos.approval import WaitingPhoto
from kiosk.photos.import_report import ImportProgress, ImportReport
from kiosk.photos.types import PhotoEvent
from kiosk.printing.types import Paper, PrinterState, PrinterStatus, PrintJob, PrintState, Supply
from kiosk.sales.types import (
    Basket,
    Finish,
    Order,
    Package,
    PackageUse,
    PrintItem,
    PrintSize,
    Quote,
)
from kiosk.session.types import ShownLink
from kiosk.settings import Settings
from kiosk.staff.desk import StaffDesk
from kiosk.staff.pins import PinHashes
from kiosk.staff.ports import StaffParts
from kiosk.staff.slip_scan import SlipScan
from kiosk.staff.types import AuditEntry, Role, StaffMember
from tests.fake_gateway import FakeGateway

RUN = PhotoEvent("run", "Riverside Run", "วิ่งริมน้ำ", datetime.fromisoformat("2026-11-20T00:00:00+00:00"))
PACKAGE = PackageUse(Package("popular", "package.popular", 10, 49900), 1)
QUICK_HASHES = PinHashes(time_cost=1, memory_kib=1024)
PINS = {"Somchai": "4821", "Malee": "738264", "Niran": "9173"}
ROLES = {"Somchai": Role.TECHNICIAN, "Malee": Role.MANAGER, "Niran": Role.STAFF}

E = TypeVar("E", bound=Event)


class StillCamera:
    """Shows one frame, which a test puts before it."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.is_open = False

    def start(self) -> None:
        self.is_open = True

    def stop(self) -> None:
        self.is_open = False

    def newest_frame(self) -> Frame | None:
        return self.frame


@dataclass
class HandPrints:
    """The print desk, as the staff's desk sees it."""

    jobs: list[PrintJob] = field(default_factory=list)
    calls: list[tuple[str, object]] = field(default_factory=list)

    def statuses(self) -> list[PrinterStatus]:
        return [PrinterStatus("dnp", PrinterState.READY)]

    def supplies(self) -> list[Supply]:
        return [Supply("10x15/glossy", 100, 10, 0)]

    def held(self) -> list[PrintJob]:
        return [job for job in self.jobs if job.state is PrintState.HELD]

    def jobs_of(self, order_id: str) -> list[PrintJob]:
        return [job for job in self.jobs if job.order_id == order_id]

    def job(self, job_id: str) -> PrintJob:
        for job in self.jobs:
            if job.job_id == job_id:
                return job
        raise KnownError(ErrorCode.PRINT_JOB_UNKNOWN, "There is no such print.")

    def reprint(self, job_id: str) -> PrintJob:
        self.calls.append(("reprint", job_id))
        return self.jobs[0]

    def cancel(self, job_id: str) -> None:
        self.calls.append(("cancel", job_id))
        self.jobs = [
            replace(job, state=PrintState.CANCELLED) if job.job_id == job_id else job for job in self.jobs
        ]

    def resume(self, queue: str) -> None:
        self.calls.append(("resume", queue))

    def count(self, name: str, left: int) -> None:
        self.calls.append(("count", (name, left)))

    def wake(self) -> None:
        self.calls.append(("wake", None))


class HandLinks:
    """Gives links that go nowhere."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.renewed: list[str] = []

    def link_of(self, order_id: str) -> ShownLink:
        until = self._clock.now() + timedelta(days=30)
        return ShownLink("http://phone/d", "http://phone/r", until, 10, 0)

    def renew(self, order_id: str) -> ShownLink:
        self.renewed.append(order_id)
        return self.link_of(order_id)

    def shown(self, order_id: str) -> tuple[datetime, int] | None:
        return (self._clock.now() + timedelta(days=30), 2) if order_id in self.renewed else None


@dataclass
class HandPhotos:
    """Photos that wait, and an import that takes what it is told to."""

    waits: list[WaitingPhoto] = field(default_factory=list)
    imported: list[Path] = field(default_factory=list)
    steps: int = 3

    def count(self, event_id: str) -> int:
        return len(self.waits)

    def waiting(self, event_id: str, most: int = 200) -> list[WaitingPhoto]:
        return self.waits[:most]

    def approve(self, photo_ids: object) -> int:
        return self._judge(photo_ids)

    def reject(self, photo_ids: object) -> int:
        return self._judge(photo_ids)

    def _judge(self, photo_ids: object) -> int:
        before = len(self.waits)
        self.waits = [photo for photo in self.waits if photo.photo_id not in photo_ids]  # type: ignore[operator]
        return before - len(self.waits)

    def photos(self, event_id: str) -> int:
        return 12

    def import_folder(self, folder: Path, progress: Callable[[ImportProgress], None]) -> ImportReport:
        for done in range(1, self.steps + 1):
            progress(ImportProgress(done, self.steps, f"{done}.jpg", done, 0, 0))
        self.imported.append(folder)
        return ImportReport(self.steps, 0, (), 4, 1.0)


class HandDays:
    """Closes days on paper that is not there."""

    def __init__(self) -> None:
        self.closed: list[date] = []
        self.today = date(2026, 11, 21)

    def is_over(self, day: date) -> bool:
        return day < self.today

    def close_day(self, day: date, staff_name: str, language: Language) -> Path:
        self.closed.append(day)
        return Path("/papers/day.pdf")

    def save_payouts(self, first: date, last: date, language: Language) -> Path:
        return Path("/papers/payouts.pdf")


class HandHolds(NoHolds):
    """Of vouchers that others count as well: which orders gave their use back."""

    def __init__(self) -> None:
        self.released: list[tuple[str, str]] = []

    def release(self, code: str, order_id: str) -> None:
        self.released.append((code, order_id))


class StaffShop:
    """The desk with all that it works with. `tell` of `events` is what came over the bus."""

    def __init__(
        self,
        folder: Path,
        empty: Path | None = None,
        settings: Settings | None = None,
        *,
        hears_of_money: bool = True,
        checker: SlipChecker | None = None,
    ) -> None:
        self.folder = folder
        self.path = folder / "kiosk.db"
        if empty is not None:
            shutil.copyfile(empty, self.path)
        self.clock = ManualClock()
        self.bus = EventBus()
        self.settings = settings or Settings()
        self.camera = StillCamera()
        self.prints, self.photos, self.days = HandPrints(), HandPhotos(), HandDays()
        self.links = HandLinks(self.clock)
        self.gateway = FakeGateway(self.clock, extra_satang=0, confirms_by_itself=hears_of_money)
        self.holds = HandHolds()
        self._checker = checker
        self._codes = iter(f"K1-{number:04d}" for number in range(10_000))
        self.events: list[Event] = []
        self.open()

    def open(self) -> None:
        """Also after a restart: only what is stored is left."""
        self.database: Database = open_database(self.path, self.clock)
        self.store = SqlCheckoutStore(self.database, self.clock)
        prices = {PrintSize.S10X15: 5000}
        self.checkout = Checkout(
            self.store, self.gateway, self.clock, self.bus, lambda: next(self._codes), prices, self.holds
        )
        self.staff = SqlStaffRepository(self.database)
        self.log = SqlAuditLog(self.database)
        self.vouchers = SqlVoucherRepository(self.database, self.clock)
        self.scan = SlipScan(self.camera, self.bus)
        self.desk = StaffDesk(self.parts(), QUICK_HASHES)
        for worker in self.desk.workers:
            worker.start()

    def parts(self) -> StaffParts:
        return StaffParts(
            bus=self.bus,
            clock=self.clock,
            settings=lambda: self.settings,
            event=lambda: RUN,
            folder=self.folder / "papers",
            staff=self.staff,
            audit=self.log,
            checkout=self.checkout,
            kiosk_id=self.store.kiosk_id,
            lists=SqlSalesLists(self.database, ZoneInfo("Asia/Bangkok"), lambda: self.checkout.hearing),
            refunds=SqlRefundBook(self.database),
            slips=SqlSlipBook(self.database),
            slip_scan=self.scan,
            vouchers=self.vouchers,
            outbox=SqlOutboxBook(self.database, self.clock, lambda: None),
            links=self.links,
            approval=self.photos,
            photo_import=self.photos,
            slip_checker=self._checker,
            prints=self.prints,
            day_book=self.days,
        )

    def close(self) -> None:
        self.scan.stop()
        for worker in self.desk.workers:
            worker.stop()
        self.database.close()

    # -- staff ------------------------------------------------------------------------------------

    def hire(self, *names: str) -> None:
        for name in names:
            self.staff.add(
                StaffMember(name.lower(), name, ROLES[name], self.clock.now()), QUICK_HASHES.hash(PINS[name])
            )

    def sign_in(self, name: str, pin: str | None = None) -> None:
        self.desk.open()
        self.desk.sign_in(name.lower(), PINS[name] if pin is None else pin)
        self.settle()

    def settle(self) -> None:
        """Waits for all that was asked for."""
        for queue in (self.desk._jobs, self.desk._imports, self.desk._jobs):
            assert queue.finish(10)
        self.clock.advance(2)  # beyond the moment in which a command that is given twice is one

    def listen(self, *kinds: type[Event]) -> None:
        for kind in kinds:
            self.bus.subscribe(kind, self.events.append)

    def told(self, kind: type[E]) -> E:
        """The newest event of a kind."""
        return [event for event in self.events if isinstance(event, kind)][-1]

    def logged(self) -> list[AuditEntry]:
        """The oldest first."""
        return self.log.entries(most=1000)[::-1]

    def actions(self) -> list[str]:
        return [entry.action.value for entry in self.logged()]

    # -- visitors ---------------------------------------------------------------------------------

    def order(self, total_satang: int = 29900, voucher: str | None = None, prints: int = 0) -> Order:
        """One with a code on the screen."""
        basket = Basket(
            digital=("photo-1", "photo-2"),
            prints=(PrintItem("photo-1", PrintSize.S10X15, Finish.GLOSSY, prints),) if prints else (),
        )
        full = total_satang + (5000 if voucher else 0)
        quote = Quote(2, (PACKAGE,), full, full, 0, full - total_satang, total_satang, None, voucher)
        order, payment = self.checkout.place(basket, quote, RUN.event_id, Language.THAI)
        self.checkout.request_payment(payment.payment_id)
        return order

    def paid(self, total_satang: int = 29900, voucher: str | None = None, prints: int = 0) -> Order:
        order = self.order(total_satang, voucher, prints)
        self.pay(self.payment(order), total_satang)
        return self.checkout.order(order.order_id)

    def payment(self, order: Order) -> Payment:
        return self.checkout.payments(order.order_id)[-1]

    def pay(self, payment: Payment, satang: int) -> Payment:
        assert payment.provider_reference is not None
        self.gateway.pay(payment.provider_reference, satang)
        return self.checkout.check(payment.payment_id)


def a_print(order: Order, state: PrintState, job_id: str = "job-1") -> PrintJob:
    paper = Paper(PrintSize.S10X15, Finish.GLOSSY)
    line = order.lines[-1]
    at = order.created_at
    return PrintJob(job_id, order.order_id, line.line_id, order.code, line.photo_id, paper, 1, state, at, at)
