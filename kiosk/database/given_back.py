"""Money that was given back, in SQL: parts of the checkout's transaction, and what the staff's desk reads."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kiosk.checkout.types import Refund
from kiosk.database.bulk import among
from kiosk.database.changes import KEEPS_CHANGES
from kiosk.database.engine import Database
from kiosk.database.staff_tables import GivenBackRow, PrintJobRow
from kiosk.database.tables import DeliveryRow, LinkRow, MetaRow, OrderRow, VoucherRow
from kiosk.delivery.types import DeliveryKind, DeliveryState
from kiosk.printing.types import PrintState

REFUNDED = "refunded"
"""The detail of deliveries that are owed no more because their money was given back."""
_NOT_BEGUN = (PrintState.WAITING.value, PrintState.HELD.value)


class SqlRefundBook:
    """What was given back (`kiosk.staff.ports.RefundBook`); `SqlCheckoutStore.give_back` writes. Any
    thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of_payments(self, payment_ids: Collection[str]) -> dict[str, int]:
        with self._database.reading() as session:
            query = (
                select(GivenBackRow.payment_id, func.sum(GivenBackRow.amount_satang))
                .where(among(session, GivenBackRow.payment_id, payment_ids))
                .group_by(GivenBackRow.payment_id)
            )
            return {row[0]: int(row[1]) for row in session.execute(query)}


def is_given_back(session: Session, refund_id: str) -> bool:
    """Whether this refund is noted."""
    return session.get(GivenBackRow, refund_id) is not None


def given_before(session: Session, refund: Refund) -> int:
    """What was given back of the same payment, or of the same order's price, so far."""
    query = select(func.sum(GivenBackRow.amount_satang)).where(
        GivenBackRow.order_id == refund.order_id, GivenBackRow.payment_id == refund.payment_id
    )
    return int(session.scalar(query) or 0)


def add_refund(session: Session, refund: Refund) -> None:
    """Notes a refund in the caller's transaction."""
    session.add(
        GivenBackRow(
            refund_id=refund.refund_id,
            order_id=refund.order_id,
            payment_id=refund.payment_id,
            amount_satang=refund.amount_satang,
            reason=refund.reason,
            staff_name=refund.staff_name,
            at=refund.at,
        )
    )


def refunds_of(session: Session, order_id: str) -> list[Refund]:
    """The refunds of an order, the oldest first."""
    query = select(GivenBackRow).where(GivenBackRow.order_id == order_id)
    rows = session.scalars(query.order_by(GivenBackRow.at, GivenBackRow.refund_id))
    return [
        Refund(
            refund_id=row.refund_id,
            order_id=row.order_id,
            payment_id=row.payment_id,
            amount_satang=row.amount_satang,
            reason=row.reason,
            staff_name=row.staff_name,
            at=row.at,
        )
        for row in rows
    ]


def end_order(session: Session, order: OrderRow, at: datetime) -> None:
    """What an order whose price was given back owes no more: its links end, prints that have not begun are
    cancelled, and its voucher can be used again where nobody but this kiosk counts its uses. A print that is
    at the printer already is the print desk's to cancel."""
    links = update(LinkRow).where(LinkRow.order_id == order.order_id, LinkRow.expires_at > at)
    session.execute(links.values(expires_at=at))
    jobs = update(PrintJobRow).where(
        PrintJobRow.order_id == order.order_id, PrintJobRow.state.in_(_NOT_BEGUN)
    )
    session.execute(jobs.values(state=PrintState.CANCELLED.value, changed_at=at))
    owed = update(DeliveryRow).where(
        DeliveryRow.order_id == order.order_id,
        DeliveryRow.kind == DeliveryKind.PRINT.value,
        DeliveryRow.state != DeliveryState.DONE.value,
    )
    session.execute(owed.values(state=DeliveryState.DONE.value, detail=REFUNDED))
    _give_voucher_back(session, order)


def _give_voucher_back(session: Session, order: OrderRow) -> None:
    """At a centre, and at a kiosk that has one, uses are never unused (`kiosk.database.voucher_holds`)."""
    is_counted_elsewhere = session.info.get(KEEPS_CHANGES) or session.get(MetaRow, "central_enrolled_at")
    if order.voucher_code is None or is_counted_elsewhere:
        return
    voucher = session.get(VoucherRow, (order.tenant_id, order.voucher_code), with_for_update=True)
    if voucher is not None and voucher.used > 0:
        voucher.used -= 1
