"""Orders as they go over the wire, and how what two machines know of one order becomes one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.changes import note_change
from kiosk.database.outbox import add_to_outbox
from kiosk.database.tables import DeliveryRow, OrderLineRow, OrderPackageRow, OrderRow, PaymentRow
from kiosk.delivery.types import DeliveryState
from kiosk.payments.settlement import DELIVERABLE, OPEN, how_far
from kiosk.payments.types import PaymentState
from kiosk.sales import orders
from kiosk.sales.types import OrderState
from kiosk.sync.records import DeliveryRecord, Kind, OrderRecord, PaymentRecord

_DELIVERY_RANK = {
    DeliveryState.PENDING: 0,
    DeliveryState.READY: 1,
    DeliveryState.WAITING_FOR_STAFF: 2,
    DeliveryState.DONE: 3,
}
_PAYMENT_FIELDS = tuple(PaymentRecord.model_fields)
_ORDER_FIELDS = (
    "order_id",
    "kiosk_id",
    "code",
    "event_id",
    "language",
    "state",
    "total_satang",
    "discount_satang",
    "created_at",
    "paid_at",
    "voucher_code",
)


_FINAL = frozenset({*DELIVERABLE, PaymentState.DUPLICATE})
"""Here staff's word on a payment stands: nobody can confirm it again at the same machine."""


@dataclass(frozen=True, slots=True, order=True)
class Confirmation:
    """Which money of a payment somebody of the staff saw on the account."""

    staff: str
    received_satang: int


@dataclass(frozen=True, slots=True)
class ConfirmedTwice:
    """A payment that staff confirmed at two machines, which did not hear of each other: it may be the same
    money or not. The two are in the same order on every machine."""

    payment_id: str
    confirmations: tuple[Confirmation, Confirmation]


@dataclass(frozen=True, slots=True)
class Merged:
    """What taking an order from another machine did. `paid_twice` are payments of its full price that came on
    top of another one's: their money is to be given back. Of `confirmed_twice` one confirmation is kept, and
    staff decide what it means."""

    has_changed: bool
    is_newly_paid: bool
    paid_twice: tuple[str, ...] = ()
    confirmed_twice: tuple[ConfirmedTwice, ...] = ()


def tell_order(session: Session, order: OrderRow, at: datetime) -> None:
    """Tells the centre, or at the centre the kiosks, how an order stands now: in the caller's transaction,
    after its last change."""
    session.flush()
    add_to_outbox(session, Kind.ORDER, order_record(session, order), at)
    note_change(session, Kind.ORDER, order.order_id, order.tenant_id)


def order_record(session: Session, order: OrderRow) -> OrderRecord:
    """An order with all that hangs on it, as it stands in this transaction."""
    order_id = order.order_id
    lines = select(OrderLineRow).where(OrderLineRow.order_id == order_id).order_by(OrderLineRow.position)
    packages = (
        select(OrderPackageRow).where(OrderPackageRow.order_id == order_id).order_by(OrderPackageRow.position)
    )
    payments = select(PaymentRow).where(PaymentRow.order_id == order_id)
    deliveries = select(DeliveryRow).where(DeliveryRow.order_id == order_id)
    return OrderRecord.model_validate(
        {
            **_values(order, _ORDER_FIELDS),
            "lines": session.scalars(lines).all(),
            "packages": session.scalars(packages).all(),
            "payments": session.scalars(payments.order_by(PaymentRow.ordinal, PaymentRow.payment_id)).all(),
            "deliveries": session.scalars(deliveries.order_by(DeliveryRow.delivery_id)).all(),
        }
    )


def merge_order(session: Session, record: OrderRecord, tenant_id: str, *, takes_open: bool) -> Merged:
    """Takes in what another machine knows of an order: of each part the state further along is kept.

    So it does not matter in which order, how often and by which way machines hear of each other: all of them
    end with the same order. What never changes (code, lines, price) is taken once. An order of another tenant
    is left as it is. Between its open states a payment goes to and fro, and only the kiosk that made the
    order moves it back: `takes_open` says that the record comes from there. That it was asked for, and its
    code, are taken from every kiosk: a visitor may stand at another with the code on its screen.
    """
    order = session.get(OrderRow, record.order_id, with_for_update=True)
    if order is None:
        order = _add(session, record, tenant_id)
        has_changed, was_paid = True, False
    elif order.tenant_id != tenant_id:
        return Merged(has_changed=False, is_newly_paid=False)
    else:
        was_paid = orders.how_far(OrderState(order.state)) >= orders.how_far(OrderState.PAID)
        has_changed = _merge_state(order, record)
    confirmed_twice = _confirmed_twice(session, record)  # before one of the two is written over
    has_changed |= _merge_payments(session, record, takes_open)
    has_changed |= _merge_deliveries(session, record)
    session.flush()
    paid_twice = _give_back_what_came_twice(session, order)
    is_paid = orders.how_far(OrderState(order.state)) >= orders.how_far(OrderState.PAID)
    return Merged(has_changed or bool(paid_twice), is_paid and not was_paid, paid_twice, confirmed_twice)


def _add(session: Session, record: OrderRecord, tenant_id: str) -> OrderRow:
    order = OrderRow(tenant_id=tenant_id, **_values(record, _ORDER_FIELDS))
    session.add(order)
    session.flush()
    session.add_all(
        OrderLineRow(order_id=order.order_id, position=place, **line.model_dump())
        for place, line in enumerate(record.lines)
    )
    session.add_all(
        OrderPackageRow(order_id=order.order_id, position=place, **package.model_dump())
        for place, package in enumerate(record.packages)
    )
    session.flush()
    return order


def _merge_state(order: OrderRow, record: OrderRecord) -> bool:
    before = (order.state, order.paid_at)
    if orders.how_far(OrderState(record.state)) > orders.how_far(OrderState(order.state)):
        order.state = record.state
    if record.paid_at is not None:
        order.paid_at = min(record.paid_at, order.paid_at or record.paid_at)
    return (order.state, order.paid_at) != before


def _confirmed_twice(session: Session, record: OrderRecord) -> tuple[ConfirmedTwice, ...]:
    twice = []
    for payment in record.payments:
        row = session.get(PaymentRow, payment.payment_id, with_for_update=True)
        if row is None or row.order_id != record.order_id or not _is_confirmed_apart(payment, row):
            continue
        both = (Confirmation(each.confirmed_by or "", each.received_satang) for each in (row, payment))
        one, other = sorted(both)
        twice.append(ConfirmedTwice(payment.payment_id, (one, other)))
    return tuple(twice)


def _is_confirmed_apart(payment: PaymentRecord, row: PaymentRow) -> bool:
    """Whether staff confirmed it at two machines, neither of which knew of the other's.

    Who confirms after somebody else keeps the time at which the money came: short money that another of the
    staff accepts, or that the rest comes for, is one story. So is what the bank adds to a confirmation.
    """
    if payment.confirmed_by is None or row.confirmed_by is None:
        return False
    if payment.settled_at != row.settled_at:
        return True
    are_final = PaymentState(payment.state) in _FINAL and PaymentState(row.state) in _FINAL
    return are_final and payment.confirmed_by != row.confirmed_by


def _merge_payments(session: Session, record: OrderRecord, takes_open: bool) -> bool:
    has_changed = False
    for payment in record.payments:
        row = session.get(PaymentRow, payment.payment_id, with_for_update=True)
        if row is None:
            session.add(PaymentRow(order_id=record.order_id, **payment.model_dump()))
            has_changed = True
        elif row.order_id == record.order_id and _is_further(payment, row, takes_open):
            for name in _PAYMENT_FIELDS:
                setattr(row, name, getattr(payment, name))
            has_changed = True
    return has_changed


def _is_further(payment: PaymentRecord, row: PaymentRow, takes_open: bool) -> bool:
    """Of two that are as far the one that says more is taken, the same one on every machine."""
    before, after = PaymentState(row.state), PaymentState(payment.state)
    if before in OPEN and after in OPEN:
        reached, told = _asked(before, row), _asked(after, payment)
        return told > reached or (takes_open and told == reached and _told(payment) != _told(row))
    here = (*how_far(before, row.received_satang), _told(row))
    there = (*how_far(after, payment.received_satang), _told(payment))
    return there > here


def _asked(state: PaymentState, payment: PaymentRecord | PaymentRow) -> tuple[int, bool]:
    """How far asking for an open payment has come, which is never undone: whether it was asked for, and
    whether there is a code that somebody may be paying, at whichever kiosk."""
    return how_far(state, 0)[0], payment.provider_reference is not None


def _told(payment: PaymentRecord | PaymentRow) -> tuple[str, ...]:
    """Every word of a payment that may change, in an order that all machines agree on."""
    moments = (payment.requested_at, payment.expires_at, payment.settled_at)
    words = (payment.provider_reference, payment.confirmed_by, payment.qr_payload, payment.state)
    told = [*(word or "" for word in words), str(payment.due_satang).zfill(20), payment.gateway]
    return (*told, *(moment.isoformat() if moment else "" for moment in moments), payment.receiver_name)


def _merge_deliveries(session: Session, record: OrderRecord) -> bool:
    has_changed = False
    for delivery in record.deliveries:
        row = session.get(DeliveryRow, delivery.delivery_id)
        if row is None:
            session.add(DeliveryRow(order_id=record.order_id, **delivery.model_dump()))
            has_changed = True
        elif row.order_id == record.order_id:
            has_changed |= _merge_delivery(row, delivery)
    return has_changed


def _merge_delivery(row: DeliveryRow, delivery: DeliveryRecord) -> bool:
    """Owed since the earlier of two machines' payments."""
    before = (row.state, row.detail, row.created_at)
    here, there = ((_DELIVERY_RANK[DeliveryState(one.state)], one.detail) for one in (row, delivery))
    if there > here:
        row.state, row.detail = delivery.state, delivery.detail
    row.created_at = min(row.created_at, delivery.created_at)
    return (row.state, row.detail, row.created_at) != before


def _give_back_what_came_twice(session: Session, order: OrderRow) -> tuple[str, ...]:
    """Two kiosks that did not hear of each other may each have taken the whole price of one order. The
    payment begun first counts, which all machines see alike; the other is for staff to give back."""
    query = select(PaymentRow).where(
        PaymentRow.order_id == order.order_id,
        PaymentRow.state.in_([state.value for state in DELIVERABLE]),
        PaymentRow.amount_satang == order.total_satang,
        PaymentRow.amount_satang > 0,
    )
    came = sorted(session.scalars(query), key=_begun)
    twice = [row for row in came[1:] if row.state == PaymentState.PAID.value]
    for row in twice:
        row.state = PaymentState.DUPLICATE.value
    session.flush()
    return tuple(row.payment_id for row in twice)


def _begun(row: PaymentRow) -> tuple[datetime, str]:
    return row.created_at, row.payment_id


def _values(source: object, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(source, name) for name in names}
