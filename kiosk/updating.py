"""A kiosk's care for its updates, put together: where packages come from, when it is quiet, who hears."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk.archive import Archive
from kiosk.checkout.types import CheckoutStore
from kiosk.database.audit import SqlAuditLog
from kiosk.database.notices import SqlNotices
from kiosk.database.print_jobs import SqlPrintStore
from kiosk.database.sendings import SqlSendings
from kiosk.database.sync_state import SqlOutbox
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.paths import update_keys
from kiosk.payments.types import PaymentState
from kiosk.printing.types import PrintState
from kiosk.sending.types import SendingState
from kiosk.settings import Settings
from kiosk.staff.types import AuditAction
from kiosk.sync.packages import CentrePackages
from kiosk.updates.care import Around, Hours, UpdateCare
from kiosk.updates.journal import Outcome, Result
from kiosk.updates.package import this_machine
from kiosk.updates.places import RootPlaces, StagingPlaces
from kiosk.updates.staging import Staging

_AWAITED_FOR = timedelta(minutes=20)
"""Longer than any code to pay is good for. What waits for longer (an order left unpaid, paper that is out, a
centre or a mail server that is away) waits in the database, which an update keeps, and keeps none away."""
_AWAITED = (PaymentState.CREATED, PaymentState.PENDING, PaymentState.UNKNOWN)
_NOTHING_TO_DO = frozenset({ErrorCode.UPDATE_INTERRUPTED.value, ErrorCode.UPDATE_OLDER.value})
"""It is tried again, or has been done already."""
_ON_THE_WAY = (PrintState.SENDING, PrintState.SPOOLED)


@dataclass(frozen=True, slots=True)
class Sales:
    """Whether anything that visitors paid for, or are about to, is on its way at a kiosk: money, paper,
    messages, and what the centre (None: there is none) is still to hear."""

    checkout: CheckoutStore
    prints: SqlPrintStore
    sendings: SqlSendings
    outbox: SqlOutbox | None

    def are_quiet(self, now: datetime) -> bool:
        """Raises KnownError DATABASE_*."""
        since = now - _AWAITED_FOR
        if self.checkout.payments_in(_AWAITED, since, made_here=True) or self.prints.jobs_in(_ON_THE_WAY):
            return False
        if self.outbox is not None and self.outbox.has_unsent(since):
            return False
        waiting = [job.created_at for job in self.prints.jobs_in((PrintState.WAITING,))]
        waiting += [each.created_at for each in self.sendings.listed((SendingState.WAITING,), most=1)]
        return all(at < since for at in waiting)


def sales_of(archive: Archive, checkout: CheckoutStore, *, has_centre: bool) -> Sales:
    """The sales of one kiosk."""
    database, clock = archive.database, archive.clock
    outbox = SqlOutbox(database, clock) if has_centre else None
    return Sales(checkout, SqlPrintStore(database, clock), SqlSendings(database), outbox)


def update_care(
    archive: Archive, bus: EventBus, settings: Callable[[], Settings], is_quiet: Callable[[], bool]
) -> UpdateCare:
    """The care of one kiosk. `is_quiet`: nobody is there, and nothing that was paid is on its way."""
    places, installed = StagingPlaces(archive.home), this_machine()
    around = Around(
        is_quiet=is_quiet,
        hours=lambda: hours_of(settings()),
        is_open=lambda now: is_open(settings(), now),
        by_itself=lambda: settings().updates.by_itself,
        hear=lambda result: hear(archive, result),
    )
    return UpdateCare(
        Staging(places, update_keys(), installed),
        places,
        RootPlaces(),
        installed,
        update_keys(),
        around,
        archive.clock,
        bus,
        CentrePackages(archive.centre.client) if archive.centre else None,
    )


def hours_of(settings: Settings) -> Hours:
    """When updates are applied, as the settings say."""
    updates = settings.updates
    zone = ZoneInfo(settings.kiosk.timezone)
    if not updates.begin or not updates.end:
        return Hours(time(0), time(0), zone)
    return Hours(time.fromisoformat(updates.begin), time.fromisoformat(updates.end), zone)


def is_open(settings: Settings, now: datetime) -> bool:
    """Whether opening hours are set, and it is one."""
    hours, zone = settings.hours, ZoneInfo(settings.kiosk.timezone)
    return bool(hours.opens and hours.closes) and hours.are_open(now.astimezone(zone))


def hear(archive: Archive, result: Result) -> None:
    """The log has it, and staff what they must know of. Raises KnownError DATABASE_*."""
    now = archive.clock.now()
    detail = {"outcome": result.outcome.value, "from": result.from_version, "code": result.code}
    log = SqlAuditLog(archive.database)
    log.add(now, None, AuditAction.UPDATE_ENDED, result.version, {k: v for k, v in detail.items() if v})
    if result.outcome in (Outcome.ROLLED_BACK, Outcome.STUCK) or (
        result.outcome is Outcome.REFUSED and result.code not in _NOTHING_TO_DO
    ):
        code = ErrorCode(result.code) if result.code else ErrorCode.UPDATE_NOT_INSTALLED
        words = KnownError(code, f"Update to {result.version}: {result.detail}", "Tell the technician.")
        SqlNotices(archive.database, archive.clock).add(words, result.version)
