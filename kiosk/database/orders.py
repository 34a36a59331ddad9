"""Orders, payments and deliveries in SQL (`kiosk.checkout.types.CheckoutStore`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kiosk.checkout.rules import after_refund, settled
from kiosk.checkout.types import VOUCHER_HELD_FOR, Refund
from kiosk.clock import Clock, SystemClock
from kiosk.database.changes import KEEPS_CHANGES
from kiosk.database.engine import Database
from kiosk.database.given_back import add_refund, end_order, given_before, is_given_back, refunds_of
from kiosk.database.meta import SqlMeta
from kiosk.database.order_records import tell_order
from kiosk.database.order_rows import (
    add_order,
    delivery_of,
    delivery_row,
    order_of,
    payment_of,
    payment_row,
    write_payment,
)
from kiosk.database.tables import DeliveryRow, OrderLineRow, OrderRow, PaymentRow, VoucherRow
from kiosk.database.voucher_holds import follow_order
from kiosk.delivery.types import Delivery, DeliveryState
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.payments.settlement import DELIVERABLE, OPEN
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.orders import move
from kiosk.sales.types import Order, OrderState


class SqlCheckoutStore:
    """Each method is one transaction; those that write lock what they read first. Any thread."""

    def __init__(
        self,
        database: Database,
        clock: Clock | None = None,
        tenant_id: str = "",
        customer_id: str | None = None,
    ) -> None:
        """`tenant_id` is whose orders they are at a centre, and `customer_id` the account that new ones are
        made for; a kiosk has its own only, made for nobody by name."""
        self._database = database
        self._clock = clock or SystemClock()
        self._tenant_id = tenant_id
        self._customer_id = customer_id
        self.kiosk_id = SqlMeta(database).kiosk_id()

    def open_order(self, order: Order, payment: Payment) -> bool:
        with self._database.writing() as session:
            if session.get(OrderRow, order.order_id) is not None:
                return True
            if session.scalar(_by_code(order.code, self._tenant_id)) is not None:
                return False
            _check_voucher(session, order, self._tenant_id)
            add_order(session, order, self._tenant_id)
            session.flush()
            session.add(payment_row(payment, 0))
            row = _order_row(session, order.order_id)
            row.customer_id = self._customer_id
            tell_order(session, row, order.created_at)
            return True

    def order(self, order_id: str) -> Order:
        with self._database.reading() as session:
            return order_of(session, _order_row(session, order_id))

    def has_order(self, order_id: str) -> bool:
        """Whether it is stored here."""
        with self._database.reading() as session:
            return session.get(OrderRow, order_id) is not None

    def orders(self, since: datetime, until: datetime) -> list[Order]:
        made = OrderRow.created_at
        query = select(OrderRow).where(made >= since, made < until).order_by(made.desc(), OrderRow.code)
        with self._database.reading() as session:
            return [order_of(session, row) for row in session.scalars(query)]

    def abandoned(self, made_before: datetime) -> list[str]:
        query = select(OrderRow.order_id).where(
            OrderRow.tenant_id == self._tenant_id,
            OrderRow.kiosk_id.in_(("", self.kiosk_id)),
            OrderRow.state == OrderState.AWAITING_PAYMENT.value,
            OrderRow.created_at < made_before,
        )
        with self._database.reading() as session:
            return list(session.scalars(query.order_by(OrderRow.created_at)))

    def order_by_code(self, code: str) -> Order:
        with self._database.reading() as session:
            rows = session.scalars(_by_code(code, self._tenant_id).limit(2)).all()
            if not rows:
                raise _unknown(f"order with the code {code}")
            if len(rows) > 1:
                raise KnownError(
                    ErrorCode.ORDER_CODE_TWICE,
                    f"Two kiosks gave the code {code}: they bear the same code_prefix.",
                    "Ask for the time of the order; give each kiosk a prefix of its own.",
                )
            return order_of(session, rows[0])

    def payment(self, payment_id: str) -> Payment:
        with self._database.reading() as session:
            return payment_of(_payment_row(session, payment_id))

    def payments(self, order_id: str) -> list[Payment]:
        with self._database.reading() as session:
            _order_row(session, order_id)
            return [payment_of(row) for row in _payment_rows(session, order_id)]

    def payments_in(
        self,
        states: Collection[PaymentState],
        created_since: datetime | None = None,
        *,
        made_here: bool = False,
    ) -> list[Payment]:
        query = select(PaymentRow).where(PaymentRow.state.in_([state.value for state in states]))
        if made_here:
            query = query.join(OrderRow, OrderRow.order_id == PaymentRow.order_id).where(
                OrderRow.kiosk_id.in_(("", self.kiosk_id))
            )
        if created_since is not None:
            query = query.where(PaymentRow.created_at >= created_since)
        with self._database.reading() as session:
            rows = session.scalars(query.order_by(PaymentRow.created_at, PaymentRow.ordinal))
            return [payment_of(row) for row in rows]

    def add_payment(self, payment: Payment) -> Payment:
        with self._database.writing() as session:
            order = _order_row(session, payment.order_id, is_locking=True)
            present = _payment_rows(session, payment.order_id)
            for row in present:
                if row.payment_id == payment.payment_id or PaymentState(row.state) in OPEN:
                    return payment_of(row)
            session.add(payment_row(payment, len(present)))
            tell_order(session, order, payment.created_at)
            return payment

    def update_payment(self, payment: Payment, expected: PaymentState) -> bool:
        with self._database.writing() as session:
            order = _order_row(session, payment.order_id, is_locking=True)
            row = _payment_row(session, payment.payment_id, is_locking=True)
            if row.state != expected.value:
                return False
            write_payment(row, payment)
            tell_order(session, order, self._clock.now())
            return True

    def settle(
        self, payment: Payment, expected: PaymentState, deliveries: Sequence[Delivery], at: datetime
    ) -> Payment:
        if payment.state not in DELIVERABLE:
            raise BugError(f"a payment that is {payment.state} settles nothing")
        with self._database.writing() as session:
            order = _order_row(session, payment.order_id, is_locking=True)
            row = _payment_row(session, payment.payment_id, is_locking=True)
            if row.state != expected.value:
                return payment_of(row)
            was_paid = order.state != OrderState.AWAITING_PAYMENT and order.state != OrderState.CANCELLED
            after = settled(payment, expected, OrderState(order.state))
            write_payment(row, after)
            if after.state in DELIVERABLE and not was_paid:
                _mark_paid(session, order, at)
                session.add_all(delivery_row(delivery) for delivery in deliveries)
                follow_order(session, order, at)
            tell_order(session, order, at)
            return after

    def cancel_order(self, order_id: str, at: datetime) -> Order:
        with self._database.writing() as session:
            row = _order_row(session, order_id, is_locking=True)
            if row.state == OrderState.AWAITING_PAYMENT:
                _cancel(session, row, at)
            return order_of(session, row)

    def give_back(self, refund: Refund) -> Order:
        with self._database.writing() as session:
            row = _order_row(session, refund.order_id, is_locking=True)
            if is_given_back(session, refund.refund_id):
                return order_of(session, row)
            payment = _payment_row(session, refund.payment_id) if refund.payment_id else None
            before = given_before(session, refund)
            known = payment_of(payment) if payment is not None else None
            after = after_refund(order_of(session, row), known, before, refund)
            add_refund(session, refund)
            if after is OrderState.CANCELLED and row.state == OrderState.AWAITING_PAYMENT:
                _cancel(session, row, refund.at)
            elif after.value != row.state:
                row.state = move(OrderState(row.state), after).value
                end_order(session, row, refund.at)
                tell_order(session, row, refund.at)
            return order_of(session, row)

    def refunds(self, order_id: str) -> list[Refund]:
        with self._database.reading() as session:
            return refunds_of(session, order_id)

    def deliveries(self, order_id: str) -> list[Delivery]:
        with self._database.reading() as session:
            rows = session.scalars(_select_deliveries().where(DeliveryRow.order_id == order_id))
            return [delivery_of(row) for row in rows]

    def deliveries_in(self, states: Collection[DeliveryState]) -> list[Delivery]:
        query = _select_deliveries().where(DeliveryRow.state.in_([state.value for state in states]))
        with self._database.reading() as session:
            return [delivery_of(row) for row in session.scalars(query)]

    def set_delivery(self, delivery_id: str, state: DeliveryState, detail: str = "") -> None:
        with self._database.writing() as session:
            row = session.get(DeliveryRow, delivery_id)
            if row is None:
                raise _unknown(f"delivery {delivery_id}")
            row.state = state.value
            row.detail = detail
            tell_order(session, _order_row(session, row.order_id), self._clock.now())


def _cancel(session: Session, order: OrderRow, at: datetime) -> None:
    order.state = move(OrderState(order.state), OrderState.CANCELLED).value
    for payment in _payment_rows(session, order.order_id):
        if PaymentState(payment.state) in OPEN:
            payment.state = PaymentState.CANCELLED.value
    follow_order(session, order, at)
    tell_order(session, order, at)


def _mark_paid(session: Session, order: OrderRow, at: datetime) -> None:
    order.state = move(OrderState(order.state), OrderState.PAID).value
    order.paid_at = at
    if order.voucher_code is not None and not session.info.get(KEEPS_CHANGES):  # else `follow_order` counts
        key = (order.tenant_id, order.voucher_code)
        voucher = session.get(VoucherRow, key, with_for_update=True)
        if voucher is not None:
            voucher.used += 1


def _check_voucher(session: Session, order: Order, tenant_id: str) -> None:
    """The basket was priced a while ago: another order may have used the voucher up since."""
    if order.voucher_code is None:
        return
    voucher = session.get(VoucherRow, (tenant_id, order.voucher_code))
    if voucher is None or voucher.use_limit is None:
        return
    held = select(func.count()).where(
        OrderRow.tenant_id == tenant_id,
        OrderRow.voucher_code == order.voucher_code,
        OrderRow.state == OrderState.AWAITING_PAYMENT,
        OrderRow.created_at > order.created_at - VOUCHER_HELD_FOR,
    )
    if voucher.used + (session.scalar(held) or 0) >= voucher.use_limit:
        raise KnownError(ErrorCode.VOUCHER_USED, f"The voucher was used {voucher.used} times already.")


def _by_code(code: str, tenant_id: str) -> Select[OrderRow]:
    mine = (OrderRow.tenant_id == tenant_id, OrderRow.code == code)
    return select(OrderRow).where(*mine).order_by(OrderRow.created_at)


def _order_row(session: Session, order_id: str, *, is_locking: bool = False) -> OrderRow:
    row = session.get(OrderRow, order_id, with_for_update=is_locking)
    if row is None:
        raise _unknown(f"order {order_id}")
    return row


def _payment_row(session: Session, payment_id: str, *, is_locking: bool = False) -> PaymentRow:
    row = session.get(PaymentRow, payment_id, with_for_update=is_locking)
    if row is None:
        raise _unknown(f"payment {payment_id}")
    return row


def _payment_rows(session: Session, order_id: str) -> list[PaymentRow]:
    query = select(PaymentRow).where(PaymentRow.order_id == order_id)
    return list(session.scalars(query.order_by(PaymentRow.ordinal, PaymentRow.payment_id)))


def _select_deliveries() -> Select[DeliveryRow]:
    """The oldest orders first; in each the phone link, then the prints in the order's sequence."""
    return (
        select(DeliveryRow)
        .outerjoin(OrderLineRow, OrderLineRow.line_id == DeliveryRow.line_id)
        .order_by(DeliveryRow.created_at, DeliveryRow.order_id, DeliveryRow.kind, OrderLineRow.position)
    )


def _unknown(what: str) -> KnownError:
    return KnownError(ErrorCode.ORDER_UNKNOWN, f"There is no {what}.")
