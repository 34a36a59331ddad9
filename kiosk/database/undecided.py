"""Which orders have a payment that waits for staff: the question in SQL, without reading each payment.

It finds every order that `kiosk.staff.decisions` would say something about, and hardly another.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from kiosk.database.staff_tables import GivenBackRow
from kiosk.database.tables import OrderRow, PaymentRow
from kiosk.payments.types import BY_STAFF, PaymentState
from kiosk.sales.types import OrderState

_NOT_PAID = (OrderState.AWAITING_PAYMENT.value, OrderState.CANCELLED.value)


def undecided_orders(kiosk_id: str) -> Select[str]:
    """The ids of this kiosk's orders with money that waits, or whose fate is not known."""
    given = (
        select(func.coalesce(func.sum(GivenBackRow.amount_satang), 0))
        .where(GivenBackRow.payment_id == PaymentRow.payment_id)
        .scalar_subquery()
    )
    row, left = PaymentRow, PaymentRow.received_satang - given
    whole = row.state.in_((PaymentState.LATE.value, PaymentState.DUPLICATE.value)) & (left > 0)
    over = (row.state == PaymentState.OVER.value) & or_(given == 0, left > row.due_satang)
    short = and_(row.state == PaymentState.SHORT.value, OrderRow.state.in_(_NOT_PAID), left > 0)
    unknown = row.state == PaymentState.UNKNOWN.value
    return _of_kiosk(kiosk_id, or_(unknown, whole, over, short))


def awaited_by_staff(kiosk_id: str, hearing: Collection[str]) -> Select[str]:
    """The ids of this kiosk's orders with a code on a screen of which only staff can see the money: none of a
    gateway in `hearing`, or one that is by staff all the same."""
    is_shown = (PaymentRow.state == PaymentState.PENDING.value) & (
        OrderRow.state == OrderState.AWAITING_PAYMENT.value
    )
    is_by_staff = PaymentRow.provider_reference.startswith(BY_STAFF)
    return _of_kiosk(kiosk_id, is_shown & or_(PaymentRow.gateway.not_in(sorted(hearing)), is_by_staff))


def _of_kiosk(kiosk_id: str, which: ColumnElement[bool]) -> Select[str]:
    states = tuple(
        state.value
        for state in (
            PaymentState.PENDING,
            PaymentState.UNKNOWN,
            PaymentState.LATE,
            PaymentState.DUPLICATE,
            PaymentState.OVER,
            PaymentState.SHORT,
        )
    )
    return (
        select(PaymentRow.order_id)
        .join(OrderRow, OrderRow.order_id == PaymentRow.order_id)
        .where(PaymentRow.state.in_(states), OrderRow.kiosk_id.in_(("", kiosk_id)), which)
        .distinct()
    )
