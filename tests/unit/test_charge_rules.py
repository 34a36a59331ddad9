"""When money counts as come that a gateway gives no time of: pure rules of charges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kiosk.payments.charge import Charge, ChargeStatus, after_offer, after_report
from kiosk.payments.types import GatewayStatus, PaymentOffer, PaymentReport

START = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
END = START + timedelta(minutes=15)
S, G = ChargeStatus, GatewayStatus


def pending() -> Charge:
    charge = Charge("c" * 32, "river", "kiosk-a", "key-1", "K7-4Q2M", 29900, START)
    return after_offer(charge, PaymentOffer("T1", 29924, END))


@pytest.mark.parametrize("minute", [1, 14.9, 15, 16, 16.4])
def test_money_seen_by_the_last_look_came_in_time(minute: float) -> None:
    seen = after_report(pending(), PaymentReport(G.COMPLETED, 29924), START + timedelta(minutes=minute))
    assert seen.settled_at is not None
    assert seen.settled_at < END
    assert seen.settled_at <= START + timedelta(minutes=minute)


@pytest.mark.parametrize("minute", [16.6, 60])
def test_money_seen_later_came_late(minute: float) -> None:
    seen = after_report(pending(), PaymentReport(G.COMPLETED, 29924), START + timedelta(minutes=minute))
    assert seen.settled_at == START + timedelta(minutes=minute)


def test_money_once_seen_is_never_unseen_whatever_older_word_comes_after_it() -> None:
    seen = after_report(pending(), PaymentReport(G.COMPLETED, 29924), START)
    for status in G:
        after = after_report(seen, PaymentReport(status, 0), START + timedelta(minutes=30))
        assert (after.status, after.received_satang) == (S.COMPLETED, 29924)
        assert after.settled_at == seen.settled_at


def test_an_older_word_does_not_open_again_what_is_over() -> None:
    expired = after_report(pending(), PaymentReport(G.PENDING, 0), START + timedelta(minutes=16))
    assert expired.status is S.EXPIRED
    assert after_report(expired, PaymentReport(G.PENDING, 0), START).status is S.EXPIRED
    failed = after_report(pending(), PaymentReport(G.FAILED, 0), START)
    assert after_report(failed, PaymentReport(G.PENDING, 0), START).status is S.FAILED
    assert after_report(failed, PaymentReport(G.COMPLETED, 29924), START).status is S.COMPLETED


def test_an_answer_that_comes_after_the_charge_was_given_up_counts_and_one_that_is_over_stays() -> None:
    given_up = Charge("c" * 32, "river", "kiosk-a", "key-1", "K7-4Q2M", 29900, START, S.UNKNOWN)
    offer = PaymentOffer("T1", 29924, END)
    assert after_offer(given_up, offer).status is S.PENDING
    refused = Charge("c" * 32, "river", "kiosk-a", "key-1", "K7-4Q2M", 29900, START, S.REFUSED)
    assert after_offer(refused, offer) is refused
