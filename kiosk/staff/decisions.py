"""Which payments wait for staff, and what can be done about each: pure rules.

| what came                        | kind    | what staff can do                            |
|----------------------------------|---------|----------------------------------------------|
| too little, and the order waits  | short   | take the rest, or give it back               |
| after the end, or too late       | late    | accept it in full, take the rest, give back  |
| too much                         | over    | give back what is over                       |
| again, for a paid order          | twice   | give it back                                 |
| nobody knows                     | unknown | ask the bank, confirm, scan a slip, call off |
| what only staff can see          | waiting | confirm, scan a slip, call off               |

What was given back is decided. Money of an order that is paid by it is none of these.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from kiosk.checkout.rules import missing_satang
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import Order, OrderState
from kiosk.staff.types import Decision, DecisionAction, DecisionKind

_S, _K, _A = PaymentState, DecisionKind, DecisionAction
_COUNTS = frozenset({_S.SHORT, _S.PAID, _S.OVER})


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What else decides: of which payments the gateway tells by itself; what was given back of which payment,
    in satang; for which payments a slip was shown."""

    confirmed_by_itself: Collection[str]
    given_back: Mapping[str, int] = field(default_factory=dict)
    with_slip: Collection[str] = ()


def decisions_of(order: Order, payments: Sequence[Payment], known: Circumstances) -> list[Decision]:
    """What waits for staff of one order's payments (all of them, the oldest first)."""
    found = (_decision(order, payments, payment, known) for payment in payments)
    return [each for each in found if each is not None]


def decided_with(decisions: Sequence[Decision], payment_id: str, action: DecisionAction) -> Decision:
    """The decision that `action` decides. Raises KnownError(NOTHING_TO_DECIDE): it is decided already, or
    that is none of what can be done about it."""
    for decision in decisions:
        if decision.payment_id == payment_id and action in decision.actions:
            return decision
    raise KnownError(
        ErrorCode.NOTHING_TO_DECIDE,
        f"There is nothing to {action.value.replace('_', ' ')} about this payment any more.",
        "Look at the order: somebody was quicker, or the money came.",
    )


def _decision(
    order: Order, payments: Sequence[Payment], payment: Payment, known: Circumstances
) -> Decision | None:
    match payment.state:
        case _S.SHORT:
            return _short(order, payments, payment, known)
        case _S.LATE:
            return _late(order, payment, known)
        case _S.OVER:
            owed = order.total_satang + max(0, payment.due_satang - payment.amount_satang)
            came = sum(each.received_satang for each in payments if each.state in _COUNTS)
            return _over(order, payment, _K.OVER, min(came - owed, payment.received_satang), known)
        case _S.DUPLICATE:
            return _over(order, payment, _K.TWICE, payment.received_satang, known)
        case _S.UNKNOWN:
            return _made(order, payment, _K.UNKNOWN, known, actions=_unknown_actions(payment, known))
        case _S.PENDING if payment.payment_id not in known.confirmed_by_itself:
            waits = order.state is OrderState.AWAITING_PAYMENT
            actions = (_A.CALL_OFF, _A.SCAN_SLIP, _A.CONFIRM)
            return _made(order, payment, _K.WAITING, known, actions=actions) if waits else None
        case _:
            return None


def _short(
    order: Order, payments: Sequence[Payment], payment: Payment, known: Circumstances
) -> Decision | None:
    if order.state not in (OrderState.AWAITING_PAYMENT, OrderState.CANCELLED):
        return None  # the rest came, and this counted
    left = _left(payment, known)
    if left <= 0:
        return None
    is_last = payment is [each for each in payments if each.state is _S.SHORT][-1]
    can_take = is_last and order.state is OrderState.AWAITING_PAYMENT and left == payment.received_satang
    actions = (_A.GIVE_BACK, _A.TAKE_REST) if can_take else (_A.GIVE_BACK,)
    missing = missing_satang(order, payments)
    return _made(order, payment, _K.SHORT, known, left, actions=actions, missing=missing)


def _late(order: Order, payment: Payment, known: Circumstances) -> Decision | None:
    left = _left(payment, known)
    if left <= 0:
        return None
    missing = max(0, payment.amount_satang - payment.received_satang)
    is_open = order.state in (OrderState.AWAITING_PAYMENT, OrderState.CANCELLED)
    is_whole = is_open and left == payment.received_satang
    if is_whole and not missing:
        actions: tuple[DecisionAction, ...] = (_A.GIVE_BACK, _A.CONFIRM)
    elif is_whole:
        actions = (_A.TAKE_REST, _A.GIVE_BACK)
    else:
        actions = (_A.GIVE_BACK,)
    return _made(order, payment, _K.LATE, known, left, actions=actions, missing=missing)


def _over(
    order: Order, payment: Payment, kind: DecisionKind, over: int, known: Circumstances
) -> Decision | None:
    left = over - known.given_back.get(payment.payment_id, 0)
    return _made(order, payment, kind, known, left, actions=(_A.GIVE_BACK,)) if left > 0 else None


def _unknown_actions(payment: Payment, known: Circumstances) -> tuple[DecisionAction, ...]:
    by_staff = (_A.CALL_OFF, _A.SCAN_SLIP, _A.CONFIRM)
    can_ask = payment.payment_id in known.confirmed_by_itself and payment.provider_reference is not None
    return (*by_staff, _A.ASK_BANK) if can_ask else by_staff


def _left(payment: Payment, known: Circumstances) -> int:
    return payment.received_satang - known.given_back.get(payment.payment_id, 0)


def _made(
    order: Order,
    payment: Payment,
    kind: DecisionKind,
    known: Circumstances,
    give_back: int = 0,
    *,
    actions: tuple[DecisionAction, ...],
    missing: int = 0,
) -> Decision:
    return Decision(
        payment_id=payment.payment_id,
        order_id=order.order_id,
        order_code=order.code,
        kind=kind,
        at=payment.settled_at or payment.created_at,
        due_satang=payment.due_satang,
        received_satang=payment.received_satang,
        missing_satang=missing,
        give_back_satang=give_back,
        late_minutes=_late_minutes(payment) if kind is _K.LATE else 0,
        has_slip=payment.payment_id in known.with_slip,
        actions=actions,
    )


def _late_minutes(payment: Payment) -> int:
    """Whole minutes after the code's end, rounded up; 0 where the money was late for another reason."""
    if payment.expires_at is None or payment.settled_at is None:
        return 0
    late = max(timedelta(), payment.settled_at - payment.expires_at)
    return math.ceil(late / timedelta(minutes=1))
