"""What staff confirmed and the bank does not have: the centre, which knows both, tells staff."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.central_tables import ChargeRow
from kiosk.database.notices import is_noted, note_once_for_staff
from kiosk.database.tables import OrderRow, PaymentRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.money import decimal_baht
from kiosk.payments.charge import ChargeStatus

_GATEWAY = "central"
"""Payments of this gateway have a charge at the centre, under their own key."""
_OVER = frozenset({ChargeStatus.COMPLETED, ChargeStatus.FAILED, ChargeStatus.EXPIRED})
"""Here the bank has said its word. One that it refused or never heard of it did not watch."""
_CONFIRMED = (
    PaymentRow.gateway == _GATEWAY,
    PaymentRow.confirmed_by.is_not(None),
    PaymentRow.received_satang > 0,
)


def compare_order(session: Session, order: OrderRow, at: datetime) -> None:
    """Adds a notice for each payment of an order that staff confirmed and whose charge is over without that
    money; in the caller's transaction, once for each payment."""
    query = select(PaymentRow).where(PaymentRow.order_id == order.order_id, *_CONFIRMED)
    for payment in session.scalars(query.order_by(PaymentRow.payment_id)).all():
        if is_noted(session, ErrorCode.PAYMENT_NOT_AT_BANK, payment.payment_id, order.tenant_id):
            continue
        # Locked, so that a charge which ends at this moment in another transaction is not missed by both.
        charge = session.scalar(
            select(ChargeRow)
            .where(
                ChargeRow.tenant_id == order.tenant_id, ChargeRow.idempotency_key == payment.idempotency_key
            )
            .with_for_update()
        )
        if charge is not None:
            _compare(session, order, payment, charge, at)


def compare_charge(session: Session, charge: ChargeRow, at: datetime) -> None:
    """As `compare_order`, for the payment of a charge that has changed and that the caller has locked."""
    query = (
        select(PaymentRow, OrderRow)
        .join(OrderRow, OrderRow.order_id == PaymentRow.order_id)
        .where(
            PaymentRow.idempotency_key == charge.idempotency_key,
            OrderRow.tenant_id == charge.tenant_id,
            *_CONFIRMED,
        )
    )
    for payment, order in session.execute(query).all():
        _compare(session, order, payment, charge, at)


def _compare(session: Session, order: OrderRow, payment: PaymentRow, charge: ChargeRow, at: datetime) -> None:
    is_over = ChargeStatus(charge.status) in _OVER
    if is_over and charge.received_satang < payment.received_satang:
        error = _not_at_bank(order.code, payment.received_satang, charge.received_satang)
        note_once_for_staff(session, error, payment.payment_id, at, order.tenant_id)


def _not_at_bank(order_code: str, confirmed_satang: int, received_satang: int) -> KnownError:
    confirmed = decimal_baht(confirmed_satang)
    bank_has = f"{decimal_baht(received_satang)} baht" if received_satang else "none"
    return KnownError(
        ErrorCode.PAYMENT_NOT_AT_BANK,
        f"Order {order_code}: staff confirmed {confirmed} baht, the bank has {bank_has}.",
        "Look at the account; refund the order or keep it, by hand.",
    )
