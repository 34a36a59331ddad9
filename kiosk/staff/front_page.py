"""What the staff's first page shows, read anew: each part of it only for who has the right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from kiosk.printing.types import PrinterStatus, PrintJob, Supply
from kiosk.sending.types import SendingState
from kiosk.staff.decisions import Circumstances, decisions_of
from kiosk.staff.ports import StaffParts
from kiosk.staff.told import DayFigures, OrderRowCard, OutboxCard, StaffView
from kiosk.staff.types import Decision, Right, StaffMember

_LATEST = 12


@dataclass(frozen=True, slots=True)
class FrontPage:
    """All that is read for the view; what somebody has no right to is as if there was nothing."""

    updated_at: datetime
    today: DayFigures | None
    decisions: tuple[Decision, ...]
    latest: tuple[OrderRowCard, ...]
    printers: tuple[PrinterStatus, ...]
    supplies: tuple[Supply, ...]
    held_prints: tuple[PrintJob, ...]
    outbox: OutboxCard
    photos: int
    to_approve: int
    watch_folder: str
    wishes: int

    def on(self, view: StaffView) -> StaffView:
        """The view with this in it."""
        return replace(
            view,
            updated_at=self.updated_at,
            today=self.today,
            decisions=self.decisions,
            latest=self.latest,
            printers=self.printers,
            supplies=self.supplies,
            held_prints=self.held_prints,
            outbox=self.outbox,
            imports=replace(
                view.imports,
                photos=self.photos,
                to_approve=self.to_approve,
                watch_folder=self.watch_folder,
            ),
            wishes=self.wishes,
        )


def read_front_page(parts: StaffParts, who: StaffMember) -> FrontPage:
    """Raises KnownError DATABASE_*."""
    sells, prints = who.may(Right.SEE_SALES), parts.prints if who.may(Right.PRINT) else None
    now = parts.clock.now()
    today = now.astimezone(ZoneInfo(parts.settings().kiosk.timezone)).date()
    event = parts.event() if who.may(Right.PHOTOS) else None
    new_photos = parts.new_photos if who.may(Right.SEND) else None
    return FrontPage(
        updated_at=now,
        today=parts.lists.day(today) if sells else None,
        decisions=tuple(open_decisions(parts)) if who.may(Right.DECIDE_PAYMENTS) else (),
        latest=tuple(parts.lists.find(most=_LATEST)[0]) if sells else (),
        printers=tuple(prints.statuses()) if prints else (),
        supplies=tuple(prints.supplies()) if prints else (),
        held_prints=tuple(prints.held()) if prints else (),
        outbox=_outbox(parts) if who.may(Right.OUTBOX) else OutboxCard(),
        photos=parts.photo_import.photos(event.event_id) if event else 0,
        to_approve=parts.approval.count(event.event_id) if event else 0,
        watch_folder=parts.settings().event.watch_folder if event else "",
        wishes=len(new_photos.listed()) if new_photos else 0,
    )


def open_decisions(parts: StaffParts) -> list[Decision]:
    """All that waits for staff, the oldest first. Raises KnownError DATABASE_*."""
    found = _decisions(parts, parts.lists.undecided())
    return sorted(found, key=lambda decision: (decision.at, decision.payment_id))


def order_decisions(parts: StaffParts, order_id: str) -> list[Decision]:
    """What waits for staff of one order. Raises KnownError ORDER_UNKNOWN, DATABASE_*."""
    return _decisions(parts, [order_id])


def _decisions(parts: StaffParts, order_ids: Sequence[str]) -> list[Decision]:
    """What was given back and which slips were shown is asked once for all."""
    checkout = parts.checkout
    orders = [(checkout.order(order_id), checkout.payments(order_id)) for order_id in order_ids]
    payments = [payment for _, of_order in orders for payment in of_order]
    ids = [payment.payment_id for payment in payments]
    known = Circumstances(
        frozenset(each.payment_id for each in payments if checkout.is_confirmed_by_itself(each)),
        parts.refunds.of_payments(ids),
        frozenset(parts.slips.of_payments(ids)),
    )
    return [each for order, of_order in orders for each in decisions_of(order, of_order, known)]


def _outbox(parts: StaffParts) -> OutboxCard:
    card = parts.outbox.card()
    if parts.sendings is None:
        return card
    waiting = parts.sendings.listed((SendingState.WAITING,))
    failed = parts.sendings.listed((SendingState.FAILED,))
    return replace(card, messages_waiting=len(waiting), messages_failed=len(failed))
