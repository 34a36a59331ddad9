"""What a day's books say, from the rows of orders, payments and refunds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kiosk.database.staff_tables import GivenBackRow, SaleShareRow
from kiosk.database.tables import OrderLineRow, OrderRow, PaymentRow
from kiosk.payments.types import PaymentState
from kiosk.revenue.types import DayReport, Payout
from kiosk.sales.types import LineKind, OrderState

_SOLD = (OrderState.PAID.value, OrderState.REFUNDED.value)
_FULL = (PaymentState.PAID.value, PaymentState.OVER.value)
_BROUGHT = (
    *_FULL,
    PaymentState.SHORT.value,
    PaymentState.DUPLICATE.value,
    PaymentState.LATE.value,
)


def day_figures(
    session: Session,
    kiosk_id: str,
    day: date,
    since: datetime,
    until: datetime,
    payouts: Sequence[Payout],
) -> DayReport:
    """The books of [since, until): of orders that were made at this kiosk and paid then, and of money that
    was given back then."""
    of_kiosk = (OrderRow.tenant_id == "", OrderRow.kiosk_id.in_(("", kiosk_id)))
    sold = (*of_kiosk, OrderRow.state.in_(_SOLD), OrderRow.paid_at >= since, OrderRow.paid_at < until)
    orders, paid, discounts, vouchers = session.execute(
        select(
            func.count(),
            func.coalesce(func.sum(OrderRow.total_satang), 0),
            func.coalesce(func.sum(OrderRow.discount_satang), 0),
            func.count(OrderRow.voucher_code),
        ).where(*sold)
    ).one()
    came = _came(session, of_kiosk, since, until)
    of_price, of_extra = _given_back(session, of_kiosk, since, until)
    return DayReport(
        day=day,
        orders=int(orders),
        paid_satang=int(paid),
        discounts_satang=int(discounts),
        vouchers=int(vouchers),
        photos=_lines(session, sold, LineKind.DIGITAL),
        sheets=_lines(session, sold, LineKind.PRINT),
        payouts=tuple(payouts),
        code_satang=came.code_satang,
        extra_satang=came.extra_satang,
        by_gateway=dict(sorted(came.by_gateway.items())),
        by_staff_satang=came.by_staff_satang,
        given_back_satang=of_price,
        extra_given_back_satang=of_extra,
    )


def _lines(session: Session, sold: tuple[ColumnElement[bool], ...], kind: LineKind) -> int:
    """Photos, or sheets of paper, in these orders."""
    query = (
        select(func.sum(OrderLineRow.copies))
        .join(OrderRow, OrderRow.order_id == OrderLineRow.order_id)
        .where(*sold, OrderLineRow.kind == kind.value)
    )
    return int(session.scalar(query) or 0)


@dataclass(slots=True)
class _Came:
    """Money beyond the prices, and by which way the prices were paid."""

    code_satang: int = 0
    extra_satang: int = 0
    by_staff_satang: int = 0
    by_gateway: dict[str, int] = field(default_factory=dict)

    def note(self, row: PaymentRow, of_price_satang: int) -> None:
        """A payment, of which so much paid its order."""
        if row.state in _BROUGHT:
            beyond = row.received_satang - of_price_satang
            asked_beyond = max(0, row.due_satang - row.amount_satang) if row.state in _FULL else 0
            of_code = min(beyond, asked_beyond)
            self.code_satang += of_code
            self.extra_satang += beyond - of_code
        if of_price_satang:
            self.by_gateway[row.gateway] = self.by_gateway.get(row.gateway, 0) + of_price_satang
            self.by_staff_satang += of_price_satang if row.confirmed_by else 0


def _came(
    session: Session, of_kiosk: tuple[ColumnElement[bool], ...], since: datetime, until: datetime
) -> _Came:
    in_span = (PaymentRow.settled_at >= since, PaymentRow.settled_at < until)
    query = (
        select(PaymentRow, OrderRow)
        .join(OrderRow, OrderRow.order_id == PaymentRow.order_id)
        .where(*of_kiosk, PaymentRow.order_id.in_(select(PaymentRow.order_id).where(*in_span)))
        .order_by(PaymentRow.created_at.desc(), PaymentRow.payment_id)
    )
    came = _Came()
    unpaid: dict[str, int] = {}
    for row, order in session.execute(query):
        of_price = _of_price(row, unpaid.setdefault(order.order_id, order.total_satang), order)
        unpaid[order.order_id] -= of_price
        if row.settled_at is not None and since <= row.settled_at < until:
            came.note(row, of_price)
    return came


def _of_price(row: PaymentRow, unpaid_satang: int, order: OrderRow) -> int:
    """What of a payment paid its order. Of one that came short and was topped up what it had brought by then:
    so the later payments of an order are asked first."""
    is_for_it = row.state in _FULL or (row.state == PaymentState.SHORT.value and order.state in _SOLD)
    return min(row.amount_satang, row.received_satang, unpaid_satang) if is_for_it else 0


def _given_back(
    session: Session, of_kiosk: tuple[ColumnElement[bool], ...], since: datetime, until: datetime
) -> tuple[int, int]:
    """Of prices, wherever it was done, as their shares have it; and of what came besides."""
    of_price = session.scalar(
        select(func.sum(-SaleShareRow.amount_satang)).where(
            SaleShareRow.refund_id != "", SaleShareRow.at >= since, SaleShareRow.at < until
        )
    )
    of_extra = session.scalar(
        select(func.sum(GivenBackRow.amount_satang))
        .join(OrderRow, OrderRow.order_id == GivenBackRow.order_id)
        .where(*of_kiosk, GivenBackRow.payment_id != "", GivenBackRow.at >= since, GivenBackRow.at < until)
    )
    return int(of_price or 0), int(of_extra or 0)
