"""What the staff's desk works with on a kiosk: its rows and rooms, put together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.archive import Archive, importer_for
from kiosk.checkout.checkout import Checkout
from kiosk.database.audit import SqlAuditLog
from kiosk.database.given_back import SqlRefundBook
from kiosk.database.meta import SqlMeta
from kiosk.database.slips import SqlSlipBook
from kiosk.database.staff import SqlStaffRepository
from kiosk.database.staff_lists import SqlSalesLists
from kiosk.database.staff_outbox import SqlOutboxBook
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.database.waiting_photos import SqlWaitingPhotos
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.payments.slip import SlipChecker
from kiosk.photos.approval import PhotoApproval
from kiosk.photos.import_report import ImportProgress, ImportReport
from kiosk.runtime.priority import work_in_the_background
from kiosk.settings import Settings
from kiosk.staff.ports import (
    Courier,
    DayBook,
    LinkDesk,
    NewPhotos,
    PrintDesk,
    SendingBook,
    SheetPrinter,
    StaffParts,
)
from kiosk.staff.slip_scan import SlipScan

PAPERS_FOLDER = "papers"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The parts that live elsewhere on the kiosk. `look_now` hears that photos came on sale; `centre` tells
    whether the centre is reached and since when, None where there is none."""

    bus: EventBus
    settings: Callable[[], Settings]
    checkout: Checkout
    links: LinkDesk
    slip_scan: SlipScan
    look_now: Callable[[], None]
    centre: Callable[[], tuple[bool, datetime | None] | None]
    slip_checker: SlipChecker | None = None
    prints: PrintDesk | None = None
    courier: Courier | None = None
    sendings: SendingBook | None = None
    new_photos: NewPhotos | None = None
    day_book: DayBook | None = None
    sheet_printer: SheetPrinter | None = None


def staff_parts(archive: Archive, around: Surroundings) -> StaffParts:
    """All of it. Raises KnownError DATABASE_*."""
    database, clock = archive.database, archive.clock
    zone = ZoneInfo(archive.settings.kiosk.timezone)
    enrolment = SqlEnrolment(database, clock)
    return StaffParts(
        bus=around.bus,
        clock=clock,
        settings=around.settings,
        event=archive.current_event,
        folder=archive.home / PAPERS_FOLDER,
        staff=SqlStaffRepository(database),
        audit=SqlAuditLog(database),
        checkout=around.checkout,
        kiosk_id=SqlMeta(database).kiosk_id(),
        lists=SqlSalesLists(database, zone, lambda: around.checkout.hearing),
        refunds=SqlRefundBook(database),
        slips=SqlSlipBook(database),
        slip_scan=around.slip_scan,
        vouchers=SqlVoucherRepository(database),
        outbox=SqlOutboxBook(database, clock, around.centre),
        links=around.links,
        approval=PhotoApproval(SqlWaitingPhotos(database), archive.photos, archive.index, around.look_now),
        photo_import=ArchiveImport(archive, around.look_now),
        slip_checker=around.slip_checker,
        prints=around.prints,
        courier=around.courier,
        sendings=around.sendings,
        new_photos=around.new_photos,
        day_book=around.day_book,
        sheet_printer=around.sheet_printer,
        has_centre=lambda: enrolment.enrolled() is not None,
    )


class ArchiveImport:
    """Takes a folder's photos into the event on the screen, out of the visitor's way
    (`kiosk.staff.ports.PhotoImport`)."""

    def __init__(self, archive: Archive, look_now: Callable[[], None]) -> None:
        self._archive = archive
        self._look_now = look_now

    def photos(self, event_id: str) -> int:
        return self._archive.photos.count(event_id)

    def import_folder(self, folder: Path, progress: Callable[[ImportProgress], None]) -> ImportReport:
        event = self._archive.current_event()
        if event is None:
            raise KnownError(
                ErrorCode.EVENT_NONE, "There is no event to import into.", "Make an event first."
            )
        work_in_the_background()
        try:
            return importer_for(self._archive, event).import_folder(folder, progress)
        finally:
            self._look_now()
