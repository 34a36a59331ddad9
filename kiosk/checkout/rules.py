"""Pure rules of checkout: what an order owes, what is delivered for it, what money is worth to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from kiosk.checkout.types import Refund
from kiosk.delivery.types import Delivery, DeliveryKind, DeliveryState
from kiosk.errors import ErrorCode, KnownError
from kiosk.money import display_baht
from kiosk.payments.settlement import OPEN, move
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import Basket, LineKind, Order, OrderLine, OrderState, PrintSize

_S = PaymentState


def order_lines(
    basket: Basket, print_prices: Mapping[PrintSize, int], new_id: Callable[[], str]
) -> tuple[OrderLine, ...]:
    """A line for each digital photo and each print of the basket, in the basket's order."""
    digital = [OrderLine(new_id(), LineKind.DIGITAL, photo_id) for photo_id in dict.fromkeys(basket.digital)]
    prints = [
        OrderLine(
            line_id=new_id(),
            kind=LineKind.PRINT,
            photo_id=item.photo_id,
            amount_satang=print_prices[item.size] * item.copies,
            print_size=item.size,
            finish=item.finish,
            copies=item.copies,
        )
        for item in basket.prints
    ]
    return (*digital, *prints)


def deliveries_of(order: Order, at: datetime) -> tuple[Delivery, ...]:
    """What is owed for a paid order: one phone link for all digital photos, and each print line.

    The ids follow from the order, so that the same debt can never stand twice.
    """
    owed: list[tuple[DeliveryKind, str | None]] = [
        (DeliveryKind.PRINT, line.line_id) for line in order.lines if line.kind is LineKind.PRINT
    ]
    if order.digital_photo_ids:
        owed.insert(0, (DeliveryKind.PHONE_LINK, None))
    return tuple(
        Delivery(
            delivery_id=uuid5(NAMESPACE_OID, f"{order.order_id}/{line_id or kind}").hex,
            order_id=order.order_id,
            kind=kind,
            state=DeliveryState.PENDING,
            created_at=at,
            line_id=line_id,
        )
        for kind, line_id in owed
    )


def missing_satang(order: Order, payments: Iterable[Payment]) -> int:
    """What is still to be paid after the payments that came short."""
    came = sum(payment.received_satang for payment in payments if payment.state is _S.SHORT)
    return max(0, order.total_satang - came)


def settled(payment: Payment, before: PaymentState, order_state: OrderState) -> Payment:
    """Full money (`payment` is PAID or OVER, and was `before`) by the order that it meets.

    It pays an open order. For one that is paid by another payment it is a duplicate; where it tops up money
    that counted already, the rest is over. For a cancelled order it is late, unless staff confirmed it, and
    late money that grows stays late.
    """
    state = payment.state
    if order_state in (OrderState.PAID, OrderState.REFUNDED):
        state = _S.OVER if before is _S.SHORT else _S.DUPLICATE
    elif order_state is OrderState.CANCELLED and payment.confirmed_by is None:
        state = _S.LATE
    return replace(payment, state=before if state is before else move(before, state))


def after_refund(order: Order, payment: Payment | None, given_before: int, refund: Refund) -> OrderState:
    """The order's state once money is given back. `payment` is the one that it is of, None for the order's
    price; `given_before` was given back of the same before.

    A whole price ends the order; short money ends one that nobody pays any more. Raises KnownError
    (REFUND_TOO_MUCH): more than there is to give back.
    """
    if payment is not None:
        most = payment.received_satang
    else:
        most = order.total_satang if order.state in (OrderState.PAID, OrderState.REFUNDED) else 0
    if not 0 < refund.amount_satang <= most - given_before:
        raise KnownError(
            ErrorCode.REFUND_TOO_MUCH,
            f"Of order {order.code} no more than {display_baht(max(0, most - given_before))} baht can be "
            "given back.",
            "Look at what was given back before.",
            {"amount": display_baht(max(0, most - given_before))},
        )
    if payment is None and given_before + refund.amount_satang == most:
        return OrderState.REFUNDED
    is_short = payment is not None and payment.state is _S.SHORT
    if is_short and order.state is OrderState.AWAITING_PAYMENT:
        return OrderState.CANCELLED
    return order.state


def confirmed(payment: Payment, received_satang: int, staff: str, at: datetime) -> Payment:
    """The payment as staff found it on the account: full money, short money, or none (0: called off).

    What is over already and short stays for staff (LATE): they give it back or ask for the rest.
    """
    is_open = payment.state in OPEN or payment.state is _S.SHORT
    if received_satang == 0:
        return replace(payment, state=_S.CANCELLED) if payment.state in OPEN else payment
    if received_satang < payment.amount_satang:
        state = _S.SHORT if is_open else _S.LATE
    elif received_satang > payment.due_satang:
        state = _S.OVER
    else:
        state = _S.PAID
    return replace(
        payment,
        state=state,
        received_satang=received_satang,
        settled_at=payment.settled_at or at,
        confirmed_by=staff,
    )
