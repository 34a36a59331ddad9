"""Orders at the centre: whose they are, what pays them, and giving the money back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kiosk.clock import Clock
from kiosk.database.central_tables import RefundRow
from kiosk.database.engine import Database
from kiosk.database.order_records import tell_order
from kiosk.database.order_rows import order_of
from kiosk.database.tables import EventPackageRow, EventRow, LinkRow, OrderRow, PaymentRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.settlement import DELIVERABLE
from kiosk.payments.types import PaymentState
from kiosk.sales.orders import move
from kiosk.sales.packages import STANDARD_PACKAGES, PackageSet
from kiosk.sales.types import Order, OrderState, Package


@dataclass(frozen=True, slots=True)
class Refund:
    """What is to be given back for an order, since when, and why."""

    order_id: str
    order_code: str
    at: datetime
    reason: str
    amount_satang: int


class SqlCentralOrders:
    """Orders of all tenants. What is another tenant's, or another customer's, is as unknown as what is not
    there. Each method is one transaction; any thread."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def order(self, tenant_id: str, order_id: str, customer_id: str | None = None) -> Order:
        """An order of the tenant, and of the customer where one is named. Raises KnownError ORDER_UNKNOWN."""
        with self._database.reading() as session:
            return order_of(session, _order_row(session, tenant_id, order_id, customer_id))

    def own_payment(self, tenant_id: str, charge_id: str, own_id: str) -> str | None:
        """The payment that a charge is of, where its order was made at this centre."""
        query = (
            select(PaymentRow.payment_id)
            .join(OrderRow, OrderRow.order_id == PaymentRow.order_id)
            .where(
                PaymentRow.provider_reference == charge_id,
                OrderRow.tenant_id == tenant_id,
                OrderRow.kiosk_id == own_id,
            )
        )
        with self._database.reading() as session:
            return session.scalar(query)

    def is_customers(self, tenant_id: str, charge_id: str, customer_id: str) -> bool:
        """Whether a charge pays an order of this customer."""
        query = (
            select(func.count())
            .select_from(PaymentRow)
            .join(OrderRow, OrderRow.order_id == PaymentRow.order_id)
            .where(
                PaymentRow.provider_reference == charge_id,
                OrderRow.tenant_id == tenant_id,
                OrderRow.customer_id == customer_id,
            )
        )
        with self._database.reading() as session:
            return bool(session.scalar(query))

    def packages(self, tenant_id: str, event_id: str) -> PackageSet:
        """The price list of an event; the standard one where it has none of its own. Raises KnownError
        EVENT_UNKNOWN, SETTING_INVALID."""
        with self._database.reading() as session:
            event = session.get(EventRow, event_id)
            if event is None or event.tenant_id != tenant_id:
                raise KnownError(ErrorCode.EVENT_UNKNOWN, f"There is no event {event_id}.")
            query = select(EventPackageRow).where(EventPackageRow.event_id == event_id)
            rows = session.scalars(query.order_by(EventPackageRow.position)).all()
            listed = tuple(Package(r.package_id, r.name_key, r.photo_count, r.price_satang) for r in rows)
        return PackageSet(listed) if listed else STANDARD_PACKAGES

    def refund(self, tenant_id: str, order_id: str, refunded_by: str, reason: str) -> Refund:
        """Marks a paid order as refunded, ends its links here and tells the kiosks; harmless when it is
        refunded already. The money itself is given back by staff.

        Raises KnownError: ORDER_UNKNOWN, REQUEST_INVALID for an order that was not paid.
        """
        with self._database.writing() as session:
            order = _order_row(session, tenant_id, order_id, None, is_locking=True)
            done = session.get(RefundRow, order_id)
            if done is not None:
                return _refund(order, done)
            if order.state != OrderState.PAID:
                raise KnownError(
                    ErrorCode.REQUEST_INVALID,
                    f"Order {order.code} is {order.state}: there is nothing to give back.",
                    "Refund an order that was paid.",
                )
            at = self._clock.now()
            order.state = move(OrderState.PAID, OrderState.REFUNDED).value
            done = RefundRow(
                order_id=order_id,
                at=at,
                refunded_by=refunded_by,
                reason=reason,
                amount_satang=_received(session, order_id),
            )
            session.add(done)
            links = update(LinkRow).where(LinkRow.order_id == order_id, LinkRow.expires_at > at)
            session.execute(links.values(expires_at=at))
            tell_order(session, order, at)
            return _refund(order, done)


def _order_row(
    session: Session, tenant_id: str, order_id: str, customer_id: str | None, *, is_locking: bool = False
) -> OrderRow:
    row = session.get(OrderRow, order_id, with_for_update=is_locking)
    is_theirs = row is not None and row.tenant_id == tenant_id
    if row is None or not is_theirs or (customer_id is not None and row.customer_id != customer_id):
        raise KnownError(ErrorCode.ORDER_UNKNOWN, f"There is no order {order_id}.")
    return row


def _received(session: Session, order_id: str) -> int:
    """All that came and counted for the order."""
    states = [state.value for state in (*DELIVERABLE, PaymentState.SHORT)]
    query = select(func.sum(PaymentRow.received_satang)).where(
        PaymentRow.order_id == order_id, PaymentRow.state.in_(states)
    )
    return int(session.scalar(query) or 0)


def _refund(order: OrderRow, row: RefundRow) -> Refund:
    return Refund(order.order_id, order.code, row.at, row.reason, row.amount_satang)
