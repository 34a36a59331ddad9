"""What the payment, problem and delivery pages show of an order and its payment. Pure."""

from __future__ import annotations

from datetime import datetime

from kiosk.payments.settlement import DELIVERABLE
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import LineKind, Order
from kiosk.session.types import ShownLink
from kiosk.session.view import DeliverView, PayStage, PayView, Problem

_S = PaymentState

_PROBLEMS: dict[PaymentState, Problem] = {
    _S.SHORT: Problem.SHORT,
    _S.LATE: Problem.LATE,
    _S.UNKNOWN: Problem.UNKNOWN,
    _S.OVER: Problem.OVER,
    _S.DUPLICATE: Problem.TWICE,
}
_FINAL_QUARTER = 0.75


def problem_of(payment: Payment) -> Problem | None:
    """Why a payment needs an explanation; None for one that goes its usual way, or can be asked for anew."""
    if payment.state is _S.UNKNOWN and not payment.has_code:
        return None
    return _PROBLEMS.get(payment.state)


def is_in_last_quarter(payment: Payment, now: datetime) -> bool:
    """Whether the time that a payment code is valid has come to its last quarter."""
    if payment.expires_at is None or payment.requested_at is None:
        return False
    whole = payment.expires_at - payment.requested_at
    return now - payment.requested_at >= whole * _FINAL_QUARTER


def stage_of(payment: Payment, confirms_by_itself: bool) -> PayStage:
    """What the payment page says of a payment that nobody is asking about at the moment."""
    match payment.state:
        case _S.CREATED:
            return PayStage.PREPARING
        case _S.PENDING:
            return PayStage.WAITING if confirms_by_itself else PayStage.STAFF
        case _S.PAID | _S.OVER | _S.DUPLICATE:
            return PayStage.PAID
        case _S.EXPIRED | _S.CANCELLED | _S.REFUSED:
            return PayStage.EXPIRED
        case _S.UNKNOWN if not payment.has_code:
            return PayStage.EXPIRED
        case _:
            return PayStage.CHECKING


def pay_view(
    order: Order, payment: Payment, stage: PayStage, now: datetime, confirms_by_itself: bool
) -> PayView:
    """The payment page, and the problem page where there is one."""
    return PayView(
        order_code=order.code,
        stage=stage,
        due_satang=payment.due_satang,
        price_satang=order.total_satang,
        received_satang=payment.received_satang,
        received_at=payment.settled_at,
        expires_at=payment.expires_at,
        is_last_quarter=is_in_last_quarter(payment, now),
        qr_payload=payment.qr_payload,
        qr_png=payment.qr_png,
        receiver_name=payment.receiver_name,
        confirms_by_itself=confirms_by_itself,
        problem=problem_of(payment),
    )


def deliver_view(order: Order, payments: list[Payment], link: ShownLink, wifi_name: str) -> DeliverView:
    """The delivery page of a paid order."""
    return DeliverView(
        order_code=order.code,
        url=link.url,
        receipt_url=link.receipt_url,
        photo_count=len(order.digital_photo_ids),
        photo_ids=order.digital_photo_ids,
        expires_at=link.expires_at,
        download_limit=link.download_limit,
        downloads=link.downloads,
        wifi_name=wifi_name,
        print_copies=sum(line.copies for line in order.lines if line.kind is LineKind.PRINT),
        paid_satang=order.total_satang,
        paid_at=order.paid_at,
        over_satang=_over_satang(order, payments),
    )


def _over_satang(order: Order, payments: list[Payment]) -> int:
    """What came beyond the price and the satang that the gateway asked for on top of it."""
    on_top = sum(p.due_satang - p.amount_satang for p in payments if p.state in DELIVERABLE)
    return max(0, sum(p.received_satang for p in payments) - order.total_satang - on_top)
