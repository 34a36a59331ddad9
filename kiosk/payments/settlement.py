"""What a gateway's word means for a payment: pure rules, no clock, no store.

| money that came                                     | becomes   |
|-----------------------------------------------------|-----------|
| none, before the sweep                              | pending   |
| none, at the sweep (16 min) or after                | expired   |
| none, and the gateway gave up before the code ended | refused   |
| exactly what was due, in time                       | paid      |
| less, in time                                       | short     |
| more, in time (a code that was paid twice, too)     | over      |
| any, after the end or after a cancellation          | late      |
| any, when the order is paid by another payment      | duplicate |

"In time" is told by the gateway's own time of the money where it gives one; else money counts as in time that
is first seen while the code is valid or by the sweep's check. Later sightings are ambiguous: late, for staff.
A payment that has no end (`expires_at` None) is never late and never expires. What staff confirmed and the
gateway tells of afterwards is the same money, and over only beyond what was due.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.payments.types import GatewayStatus, Payment, PaymentReport, PaymentState

POLL_EVERY_S = 3.0
VALID_FOR_S = 15 * 60
SWEEP_AFTER_END_S = 60  # the last check before a payment is called expired: 16 minutes after it began
_SWEEP_TAKES_S = 30  # a sweep may wait for its turn and for a slow gateway

_S = PaymentState

TRANSITIONS: dict[PaymentState, frozenset[PaymentState]] = {
    _S.CREATED: frozenset(_S) - {_S.CREATED},
    _S.PENDING: frozenset(_S) - {_S.CREATED, _S.PENDING},
    _S.UNKNOWN: frozenset(_S) - {_S.CREATED, _S.UNKNOWN},
    _S.SHORT: frozenset({_S.PAID, _S.OVER, _S.LATE}),  # more came, or staff accept it
    _S.LATE: frozenset({_S.PAID, _S.OVER, _S.DUPLICATE}),  # staff accept it, or another payment was quicker
    _S.PAID: frozenset({_S.OVER, _S.DUPLICATE}),  # its code was paid again; another kiosk's was paid first
    _S.EXPIRED: frozenset({_S.LATE, _S.DUPLICATE, _S.PAID, _S.OVER}),  # the last two only by staff
    _S.CANCELLED: frozenset({_S.LATE, _S.DUPLICATE}),
    _S.REFUSED: frozenset({_S.LATE, _S.DUPLICATE}),
    _S.OVER: frozenset(),
    _S.DUPLICATE: frozenset(),
}

_RANK: dict[PaymentState, int] = {
    _S.CREATED: 0,
    _S.PENDING: 1,
    _S.UNKNOWN: 1,
    _S.CANCELLED: 2,
    _S.REFUSED: 3,
    _S.EXPIRED: 4,
    _S.SHORT: 5,
    _S.LATE: 6,
    _S.PAID: 7,
    _S.DUPLICATE: 8,
    _S.OVER: 9,
}
"""How far along a state is: no transition leads down. Where two machines know a payment in two states, the
one further along is true, whichever of them heard of the other first."""

OPEN = frozenset({_S.CREATED, _S.PENDING, _S.UNKNOWN})
DELIVERABLE = frozenset({_S.PAID, _S.OVER})
_CLOSED = frozenset({_S.EXPIRED, _S.CANCELLED, _S.REFUSED})


def move(state: PaymentState, to: PaymentState) -> PaymentState:
    """The state after a change from `state` to `to`. Raises BugError where the table does not allow it."""
    if to not in TRANSITIONS[state]:
        raise BugError(f"a payment cannot go from {state} to {to}")
    return to


def how_far(state: PaymentState, received_satang: int) -> tuple[int, int]:
    """Compares what two machines know of one payment: the greater is true, equal ones are as good as each
    other."""
    return _RANK[state], received_satang


def sweep_at(payment: Payment) -> datetime | None:
    """When the last check is due, after which a payment without money is expired; None = never."""
    if payment.expires_at is None:
        return None
    return payment.expires_at + timedelta(seconds=SWEEP_AFTER_END_S)


def judge(payment: Payment, report: PaymentReport, now: datetime, order_is_paid: bool) -> PaymentState:
    """The state of `payment` after the gateway's `report` at `now` (UTC); its present state where nothing
    changed. `order_is_paid` tells whether *another* payment has paid the order. The table of this module,
    and: money once seen is never unseen, and what is settled changes only by further money.
    """
    if report.received_satang > payment.received_satang:
        to = _with_money(payment, report, now, order_is_paid)
    elif payment.state in OPEN:
        to = _without_money(payment, report, now)
    elif payment.state is _S.LATE and order_is_paid:
        to = _S.DUPLICATE
    else:
        to = payment.state
    return to if to is payment.state else move(payment.state, to)


def _with_money(payment: Payment, report: PaymentReport, now: datetime, order_is_paid: bool) -> PaymentState:
    """The state when more money is there than was known."""
    if payment.state in {_S.OVER, _S.DUPLICATE}:
        return payment.state
    if payment.state is _S.PAID and payment.confirmed_by is not None:
        # Staff saw the money first and may have told the price without the gateway's satang: it is the same.
        return _S.OVER if report.received_satang > payment.due_satang else _S.PAID
    if payment.state is _S.PAID or (payment.state is _S.SHORT and order_is_paid):
        # The short part counted for the order already, so only what came on top is given back.
        return _S.OVER
    if order_is_paid:
        return _S.DUPLICATE
    if payment.state is _S.LATE or payment.state in _CLOSED or _is_late(payment, report, now):
        return _S.LATE
    if report.received_satang < payment.due_satang:
        return _S.SHORT
    return _S.OVER if report.received_satang > payment.due_satang else _S.PAID


def _is_late(payment: Payment, report: PaymentReport, now: datetime) -> bool:
    if payment.expires_at is None:
        return False
    if report.settled_at is not None:
        return report.settled_at > payment.expires_at
    return now > payment.expires_at + timedelta(seconds=SWEEP_AFTER_END_S + _SWEEP_TAKES_S)


def _without_money(payment: Payment, report: PaymentReport, now: datetime) -> PaymentState:
    """The state of an open payment that no money came for."""
    sweep = sweep_at(payment)
    if sweep is not None and now >= sweep:
        return _S.EXPIRED
    has_ended = payment.expires_at is not None and now >= payment.expires_at
    if report.status is GatewayStatus.FAILED and not has_ended:
        return _S.REFUSED
    if report.status is GatewayStatus.COMPLETED:
        return _S.UNKNOWN  # paid, it says, but not how much
    return _S.PENDING


def after_failed_create(error: KnownError) -> PaymentState:
    """The state of a payment whose `PaymentGateway.create` raised `error`: REFUSED where nothing can have
    happened, else UNKNOWN. An UNKNOWN one is never created again: a new payment is, under a new key, once
    staff or a check have decided on it."""
    certain = {ErrorCode.GATEWAY_UNREACHABLE, ErrorCode.GATEWAY_REFUSED, ErrorCode.GATEWAY_NOT_CONFIGURED}
    return _S.REFUSED if error.code in certain | {ErrorCode.AMOUNT_INVALID} else _S.UNKNOWN
