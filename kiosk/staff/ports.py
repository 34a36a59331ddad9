"""What the staff's desk needs of the rest: each part as a port, and all of them together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from kiosk.checkout.checkout import Checkout
from kiosk.clock import Clock
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.photos.approval import WaitingPhoto
from kiosk.photos.import_report import ImportProgress, ImportReport
from kiosk.photos.types import PhotoEvent
from kiosk.printing.types import PrinterStatus, PrintJob, Supply
from kiosk.sales.types import Voucher
from kiosk.sending.types import NewPhotosWish, Sending, SendingState
from kiosk.session.types import ShownLink
from kiosk.settings import Settings
from kiosk.staff.slip_scan import SlipScan
from kiosk.staff.told import DayFigures, OrderRowCard, OutboxCard, OutboxEntry
from kiosk.staff.types import AuditLog, SlipChecker, SlipUse, StaffRepository


class SalesLists(Protocol):
    """What the pages list of orders, quick with 100,000 of them. Raises KnownError DATABASE_*."""

    def day(self, day: date) -> DayFigures:
        """A day of the venue's, so far as this kiosk sold."""
        ...

    def find(
        self, text: str = "", state: str = "", offset: int = 0, most: int = 50
    ) -> tuple[list[OrderRowCard], bool]:
        """Orders, the newest first, and whether there are more. `text` is a code or a part of one, `state`
        as in OrderRowCard; empty for any."""
        ...

    def undecided(self) -> list[str]:
        """The ids of this kiosk's orders of which a payment waits for staff."""
        ...

    def vouchers(self, most: int = 500) -> list[Voucher]:
        """The newest first."""
        ...

    def discounts(self, codes: Collection[str]) -> Mapping[str, int]:
        """What each of these vouchers took off paid orders, in satang."""
        ...


class RefundBook(Protocol):
    """What was given back, to be read (`Checkout.give_back` writes). Raises KnownError DATABASE_*."""

    def of_payments(self, payment_ids: Collection[str]) -> Mapping[str, int]:
        """Satang given back of each of these payments; those of which nothing was are left out."""
        ...


class SlipBook(Protocol):
    """Slips that were shown or taken. Raises KnownError DATABASE_*."""

    def find(self, bank: str, reference: str) -> SlipUse | None: ...

    def take(self, slip: SlipUse) -> None:
        """Keeps a slip for its order; what is known of it better since (`staff_name`, amount) is brought up
        to date. Raises KnownError(SLIP_USED) where it stands for something else (`SlipUse.is_of`)."""
        ...

    def of_payments(self, payment_ids: Collection[str]) -> Mapping[str, SlipUse]:
        """The slip shown last for each of these payments."""
        ...


class VisitorCounts(Protocol):
    """Visitors in each hour, numbers only. Raises KnownError DATABASE_*."""

    def add(self, event_id: str, at: datetime, visitors: int, found: int, not_found: int) -> None: ...


class VoucherShelf(Protocol):
    """Takes in new vouchers; `kiosk.database.vouchers.SqlVoucherRepository`."""

    def add_voucher(self, voucher: Voucher) -> None:
        """Raises KnownError VOUCHER_TAKEN, DATABASE_*."""
        ...


class PhotoApproval(Protocol):
    """Photos that staff look at before visitors do; `kiosk.photos.approval.PhotoApproval`."""

    def count(self, event_id: str) -> int: ...

    def waiting(self, event_id: str, most: int = 200) -> list[WaitingPhoto]:
        """The oldest first."""
        ...

    def approve(self, photo_ids: Sequence[str]) -> int:
        """Puts on sale those of these that wait; how many. Raises KnownError INDEX_*, DATABASE_*."""
        ...

    def reject(self, photo_ids: Sequence[str]) -> int:
        """Withdraws those of these that wait; how many."""
        ...


class PhotoImport(Protocol):
    """Takes the photos of a folder into the event on the screen."""

    def photos(self, event_id: str) -> int:
        """How many are on sale."""
        ...

    def import_folder(self, folder: Path, progress: Callable[[ImportProgress], None]) -> ImportReport:
        """Raises what `PhotoImporter.import_folder` raises."""
        ...


class PrintDesk(Protocol):
    """The prints; `kiosk.printing.print_desk.PrintDesk`. Raises KnownError PRINT_*, PRINTER_*, DATABASE_*."""

    def statuses(self) -> Sequence[PrinterStatus]: ...

    def supplies(self) -> Sequence[Supply]: ...

    def held(self) -> Sequence[PrintJob]: ...

    def jobs_of(self, order_id: str) -> Sequence[PrintJob]: ...

    def job(self, job_id: str) -> PrintJob: ...

    def reprint(self, job_id: str) -> PrintJob:
        """Raises KnownError PHOTOS_DELETED, NOTHING_TO_DECIDE where nobody is owed it any more."""
        ...

    def cancel(self, job_id: str) -> object: ...

    def resume(self, queue: str) -> object: ...

    def count(self, name: str, left: int) -> object: ...

    def wake(self) -> None: ...


class Courier(Protocol):
    """The messages to buyers; `kiosk.sending.courier.Courier`. Raises KnownError SENDING_UNKNOWN,
    DATABASE_*."""

    def of_order(self, order_id: str) -> Sequence[Sending]: ...

    def again(self, order_id: str) -> object:
        """The messages of an order once more."""
        ...

    def retry(self, sending_id: str) -> object: ...

    def cancel(self, sending_id: str) -> object: ...


class SendingBook(Protocol):
    """The messages by their state; `kiosk.sending.types.SendingStore`."""

    def listed(self, states: Collection[SendingState], most: int = 200) -> list[Sending]: ...


class NewPhotos(Protocol):
    """The wishes to hear of new photos; `kiosk.sending.new_photos.NewPhotos`."""

    def listed(self) -> Sequence[NewPhotosWish]: ...

    def withdraw(self, order_id: str) -> object:
        """Forgets face numbers and address; harmless without a wish."""
        ...


class OutboxBook(Protocol):
    """What waits for the centre, and notices; `kiosk.database.staff_outbox.SqlOutboxBook`."""

    def card(self) -> OutboxCard: ...

    def entries(self) -> list[OutboxEntry]: ...

    def retry(self, message_id: str) -> bool:
        """A parked message is told again; whether there is one."""
        ...

    def settle(self, notice_id: str) -> bool:
        """Whether there is such an open one."""
        ...


class LinkDesk(Protocol):
    """The links of paid orders; `kiosk.order_desk.OrderDesk`."""

    def link_of(self, order_id: str) -> ShownLink:
        """The valid one, made where there is none. Raises KnownError ORDER_UNKNOWN, PHOTOS_DELETED."""
        ...

    def renew(self, order_id: str) -> ShownLink:
        """A fresh link with all its downloads; the one before ends. Raises as `link_of`."""
        ...

    def shown(self, order_id: str) -> tuple[datetime, int] | None:
        """Until when the newest link is good, and its downloads so far; None where there never was one."""
        ...


class DayBook(Protocol):
    """The papers of the day: closing report and payouts. Raises KnownError DATABASE_*, DISK_FULL."""

    def is_over(self, day: date) -> bool:
        """Whether the day can be closed."""
        ...

    def close_day(self, day: date, staff_name: str, language: Language) -> Path:
        """Where the report lies; closing a day again gives the report as it was; of a day that
        is not over the figures so far."""
        ...

    def save_payouts(self, first: date, last: date, language: Language) -> Path: ...


class SheetPrinter(Protocol):
    """Puts a sheet of A4 on the office printer."""

    def print_sheet(self, pdf: bytes, name: str) -> None:
        """Raises KnownError PRINTER_UNREACHABLE, PRINTER_UNKNOWN, PRINT_REFUSED."""
        ...


@dataclass(frozen=True, slots=True)
class StaffParts:
    """Everything that the desk works with. What a kiosk does not have is None. `folder` is where papers are
    saved; `settings` and `event` tell those of now; `has_centre` whether this kiosk is
    enrolled at one: the vouchers that it issues are at home here then."""

    bus: EventBus
    clock: Clock
    settings: Callable[[], Settings]
    event: Callable[[], PhotoEvent | None]
    folder: Path
    staff: StaffRepository
    audit: AuditLog
    checkout: Checkout
    kiosk_id: str
    lists: SalesLists
    refunds: RefundBook
    slips: SlipBook
    slip_scan: SlipScan
    vouchers: VoucherShelf
    outbox: OutboxBook
    links: LinkDesk
    approval: PhotoApproval
    photo_import: PhotoImport
    slip_checker: SlipChecker | None = None
    prints: PrintDesk | None = None
    courier: Courier | None = None
    sendings: SendingBook | None = None
    new_photos: NewPhotos | None = None
    day_book: DayBook | None = None
    sheet_printer: SheetPrinter | None = None
    has_centre: Callable[[], bool] = lambda: False
