"""What becomes of a payment: every case of money that comes late, short, twice, or not at all."""

from __future__ import annotations

import itertools
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.payments.settlement import (
    DELIVERABLE,
    OPEN,
    TRANSITIONS,
    after_failed_create,
    judge,
    move,
    sweep_at,
)
from kiosk.payments.types import GatewayStatus, Payment, PaymentReport, PaymentState

S, G = PaymentState, GatewayStatus
START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
DUE = 29924


def payment(state: PaymentState, received: int = 0, has_end: bool = True) -> Payment:
    return Payment(
        payment_id="p",
        order_id="o",
        idempotency_key="k",
        gateway="fake",
        state=state,
        amount_satang=29900,
        due_satang=DUE,
        received_satang=received,
        created_at=START,
        expires_at=START + timedelta(minutes=15) if has_end else None,
    )


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)


PEND, FAIL, DONE, ENDED = G.PENDING, G.FAILED, G.COMPLETED, G.EXPIRED

# state, known money, gateway's word, money now, minute, paid by another payment -> state
CASES = [
    # No money: the code stays on screen until the sweep at 16 minutes, whatever the gateway thinks of time.
    (S.PENDING, 0, PEND, 0, 1, False, S.PENDING),
    (S.PENDING, 0, PEND, 0, 15.5, False, S.PENDING),
    (S.PENDING, 0, FAIL, 0, 15.5, False, S.PENDING),
    (S.PENDING, 0, ENDED, 0, 15.5, False, S.PENDING),
    (S.PENDING, 0, PEND, 0, 16, False, S.EXPIRED),
    (S.PENDING, 0, FAIL, 0, 16, False, S.EXPIRED),
    (S.PENDING, 0, ENDED, 0, 600, False, S.EXPIRED),
    # The gateway gives up while the code is valid.
    (S.PENDING, 0, FAIL, 0, 5, False, S.REFUSED),
    # An unclear payment becomes clear by asking.
    (S.UNKNOWN, 0, PEND, 0, 1, False, S.PENDING),
    (S.CREATED, 0, PEND, 0, 1, False, S.PENDING),
    (S.UNKNOWN, 0, DONE, DUE, 1, False, S.PAID),
    (S.UNKNOWN, 0, FAIL, 0, 1, False, S.REFUSED),
    (S.UNKNOWN, 0, DONE, DUE, 90, False, S.LATE),
    # "Completed" without a sum is no payment.
    (S.PENDING, 0, DONE, 0, 1, False, S.UNKNOWN),
    # Money in time, to the end and to the sweep's own check.
    (S.PENDING, 0, DONE, DUE, 1, False, S.PAID),
    (S.PENDING, 0, DONE, DUE, 15, False, S.PAID),
    (S.PENDING, 0, DONE, DUE, 16.2, False, S.PAID),
    (S.PENDING, 0, DONE, DUE - 1, 1, False, S.SHORT),
    (S.PENDING, 0, DONE, DUE - 24, 1, False, S.SHORT),
    (S.PENDING, 0, DONE, DUE + 1, 1, False, S.OVER),
    (S.PENDING, 0, DONE, 2 * DUE, 1, False, S.OVER),
    # Money after the end is for staff to decide.
    (S.PENDING, 0, DONE, DUE, 17, False, S.LATE),
    (S.PENDING, 0, DONE, DUE - 1, 17, False, S.LATE),
    (S.EXPIRED, 0, DONE, DUE, 20, False, S.LATE),
    (S.CANCELLED, 0, DONE, DUE, 2, False, S.LATE),
    (S.REFUSED, 0, DONE, DUE, 2, False, S.LATE),
    (S.EXPIRED, 0, PEND, 0, 20, False, S.EXPIRED),
    (S.CANCELLED, 0, FAIL, 0, 2, False, S.CANCELLED),
    # Another payment was quicker.
    (S.PENDING, 0, DONE, DUE, 1, True, S.DUPLICATE),
    (S.EXPIRED, 0, DONE, DUE, 20, True, S.DUPLICATE),
    (S.CANCELLED, 0, DONE, DUE - 5, 20, True, S.DUPLICATE),
    (S.LATE, DUE, DONE, DUE, 20, True, S.DUPLICATE),
    (S.PENDING, 0, PEND, 0, 1, True, S.PENDING),
    # A short payment: the rest comes by the same code, by another one, or not.
    (S.SHORT, 10000, DONE, 10000, 3, False, S.SHORT),
    (S.SHORT, 10000, DONE, 15000, 3, False, S.SHORT),
    (S.SHORT, 10000, DONE, DUE, 3, False, S.PAID),
    (S.SHORT, 10000, DONE, DUE + 1, 3, False, S.OVER),
    (S.SHORT, 10000, DONE, 10000, 600, True, S.SHORT),
    (S.SHORT, 10000, DONE, DUE, 3, True, S.OVER),
    # What is settled is never unsettled, and changes only by further money.
    (S.PAID, DUE, PEND, 0, 600, False, S.PAID),
    (S.PAID, DUE, DONE, DUE, 600, False, S.PAID),
    (S.PAID, DUE, DONE, 2 * DUE, 2, False, S.OVER),
    (S.OVER, DUE + 1, DONE, 3 * DUE, 2, False, S.OVER),
    (S.LATE, DUE, DONE, DUE, 600, False, S.LATE),
    (S.LATE, DUE, DONE, 2 * DUE, 600, False, S.LATE),
    (S.DUPLICATE, DUE, DONE, 2 * DUE, 600, True, S.DUPLICATE),
]


@pytest.mark.parametrize(("state", "known", "word", "received", "minute", "other_paid", "expected"), CASES)
def test_every_case_of_money(
    state: PaymentState,
    known: int,
    word: GatewayStatus,
    received: int,
    minute: float,
    other_paid: bool,
    expected: PaymentState,
) -> None:
    report = PaymentReport(word, received)
    assert judge(payment(state, known), report, at(minute), other_paid) is expected


@pytest.mark.parametrize(("settled", "expected"), [(14.9, S.PAID), (15, S.PAID), (15.1, S.LATE)])
def test_the_gateways_own_time_of_the_money_decides_what_is_late(
    settled: float, expected: PaymentState
) -> None:
    report = PaymentReport(DONE, DUE, settled_at=at(settled))
    assert judge(payment(S.PENDING), report, at(300), False) is expected


def test_a_code_without_an_end_is_never_late_and_never_expires() -> None:
    waiting = payment(S.PENDING, has_end=False)
    assert sweep_at(waiting) is None
    assert judge(waiting, PaymentReport(PEND, 0), at(60 * 24), False) is S.PENDING
    assert judge(waiting, PaymentReport(DONE, DUE), at(60 * 24), False) is S.PAID


def test_the_sweep_is_16_minutes_after_the_beginning() -> None:
    assert sweep_at(payment(S.PENDING)) == at(16)


@given(
    state=st.sampled_from(PaymentState),
    known=st.integers(min_value=0, max_value=2 * DUE),
    word=st.sampled_from(GatewayStatus),
    received=st.integers(min_value=0, max_value=3 * DUE),
    minute=st.floats(min_value=0, max_value=60),
    other_paid=st.booleans(),
)
def test_no_report_ever_leads_outside_the_table_or_lets_photos_out_unpaid(
    state: PaymentState, known: int, word: GatewayStatus, received: int, minute: float, other_paid: bool
) -> None:
    before = payment(state, known)
    after = judge(before, PaymentReport(word, received), at(minute), other_paid)
    assert after is state or after in TRANSITIONS[state]
    if after in DELIVERABLE and state not in DELIVERABLE:
        assert received > known
        assert received >= DUE or other_paid
    if received > known:
        assert after not in OPEN | {S.EXPIRED, S.CANCELLED, S.REFUSED}


@pytest.mark.parametrize(("state", "to"), list(itertools.product(PaymentState, PaymentState)))
def test_only_the_transitions_of_the_table_are_possible(state: PaymentState, to: PaymentState) -> None:
    if to in TRANSITIONS[state]:
        assert move(state, to) is to
    else:
        with pytest.raises(BugError):
            move(state, to)


def test_nothing_returns_to_created_and_paid_money_is_never_forgotten() -> None:
    for state, following in TRANSITIONS.items():
        assert S.CREATED not in following
        if state in {S.PAID, S.OVER, S.SHORT, S.LATE, S.DUPLICATE}:
            assert not following & (OPEN | {S.EXPIRED, S.CANCELLED, S.REFUSED})


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (ErrorCode.GATEWAY_UNREACHABLE, S.REFUSED),
        (ErrorCode.GATEWAY_REFUSED, S.REFUSED),
        (ErrorCode.AMOUNT_INVALID, S.REFUSED),
        (ErrorCode.GATEWAY_TIMEOUT, S.UNKNOWN),
        (ErrorCode.GATEWAY_NONSENSE, S.UNKNOWN),
        (ErrorCode.DISK_FULL, S.UNKNOWN),
    ],
)
def test_a_failed_asking_is_refused_only_where_nothing_can_have_happened(
    code: ErrorCode, state: PaymentState
) -> None:
    assert after_failed_create(KnownError(code, "x")) is state
    assert state in TRANSITIONS[S.CREATED]


@pytest.mark.parametrize(("told", "state"), [(DUE, S.PAID), (DUE + 1, S.OVER), (2 * DUE, S.OVER)])
def test_what_staff_confirmed_and_the_gateway_tells_of_later_is_the_same_money(
    told: int, state: PaymentState
) -> None:
    """Staff told the price, without the satang that the gateway put on top."""
    confirmed = replace(payment(S.PAID, 29900), confirmed_by="Ploy")
    assert judge(confirmed, PaymentReport(G.COMPLETED, told), at(20), False) is state
