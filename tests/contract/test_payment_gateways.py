"""What every payment gateway does, on the fake, on PayNoi over HTTP, on PromptPay with staff, and on a centre
over HTTP that asks PayNoi."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import pytest

from kiosk.clock import ManualClock
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.promptpay import parse
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.payments.types import GatewayStatus, PaymentGateway, PaymentRequest
from kiosk.sync.central_gateway import CentralGateway
from tests.fake_gateway import FakeGateway
from tests.money_centre import money_centre

REQUEST = PaymentRequest("key-1", 29900, "K7-4Q2M")


@dataclass(frozen=True)
class Bench:
    """A gateway with its clock and its payer."""

    gateway: PaymentGateway
    clock: ManualClock
    pay: Callable[[str, int | None], None]


@contextmanager
def bench_with(kind: str) -> Iterator[Bench]:
    clock = ManualClock()
    if kind == "fake":
        fake = FakeGateway(clock)
        yield Bench(fake, clock, fake.pay)
    elif kind == "promptpay":
        # The payer pays the shop's account, which this gateway never sees.
        yield Bench(PromptPayGateway("0801234567", "Riverside Photo"), clock, lambda reference, amount: None)
    elif kind == "central":
        with money_centre(clock) as centre:
            yield Bench(CentralGateway(lambda: centre.client, clock), clock, centre.pay)
    else:
        with PayNoiSimulator(clock=clock) as simulator:
            gateway = PayNoiGateway(
                simulator.base_url,
                simulator.api_key,
                "key-id",
                "0801234567",
                AccountType.PHONE,
                receiver_name="Riverside Photo",
                clock=clock,
            )
            yield Bench(gateway, clock, simulator.pay)


@pytest.fixture(params=["fake", "paynoi", "promptpay", "central"])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    with bench_with(request.param) as made:
        yield made


@pytest.fixture(params=["fake", "paynoi", "central"])
def seeing(request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Only the gateways that see money come."""
    with bench_with(request.param) as made:
        yield made


def test_an_offer_asks_for_the_price_give_or_take_less_than_a_baht(bench: Bench) -> None:
    offer = bench.gateway.create(REQUEST)
    assert abs(offer.due_satang - REQUEST.amount_satang) < 100
    assert offer.provider_reference
    assert offer.receiver_name


def test_the_code_asks_for_exactly_the_amount_due(bench: Bench) -> None:
    offer = bench.gateway.create(REQUEST)
    assert offer.qr_payload is not None
    assert parse(offer.qr_payload).amount_satang == offer.due_satang


def test_a_gateway_that_sees_money_gives_15_minutes_by_the_kiosks_clock(bench: Bench) -> None:
    offer = bench.gateway.create(REQUEST)
    if bench.gateway.confirms_by_itself:
        assert offer.expires_at == bench.clock.now() + timedelta(minutes=15)
    else:
        assert offer.expires_at is None


def test_asking_again_with_the_same_key_is_the_same_payment(bench: Bench) -> None:
    assert bench.gateway.create(REQUEST) == bench.gateway.create(REQUEST)


def test_another_key_is_another_payment(bench: Bench) -> None:
    other = bench.gateway.create(PaymentRequest("key-2", 29900, "K7-AAAA"))
    assert other.provider_reference != bench.gateway.create(REQUEST).provider_reference


def test_a_new_payment_is_pending_and_nothing_came(bench: Bench) -> None:
    offer = bench.gateway.create(REQUEST)
    report = bench.gateway.check(offer.provider_reference)
    assert (report.status, report.received_satang) == (GatewayStatus.PENDING, 0)


def test_cancelling_is_harmless_however_often(bench: Bench) -> None:
    offer = bench.gateway.create(REQUEST)
    bench.gateway.cancel(offer.provider_reference)
    bench.gateway.cancel(offer.provider_reference)
    bench.gateway.cancel("nobody-knows-this")
    assert bench.gateway.check(offer.provider_reference).received_satang == 0


def test_names_are_stable_because_they_are_stored(bench: Bench) -> None:
    assert bench.gateway.name in {"fake", "paynoi", "promptpay", "central"}


@pytest.mark.parametrize("difference", [0, -5000, 100])
def test_money_is_reported_as_it_came(seeing: Bench, difference: int) -> None:
    offer = seeing.gateway.create(REQUEST)
    seeing.pay(offer.provider_reference, offer.due_satang + difference)
    report = seeing.gateway.check(offer.provider_reference)
    assert report.status is GatewayStatus.COMPLETED
    assert report.received_satang == offer.due_satang + difference


def test_a_code_that_is_paid_twice_reports_both(seeing: Bench) -> None:
    offer = seeing.gateway.create(REQUEST)
    seeing.pay(offer.provider_reference, None)
    seeing.pay(offer.provider_reference, None)
    assert seeing.gateway.check(offer.provider_reference).received_satang == 2 * offer.due_satang


def test_without_money_a_payment_fails_after_its_time(seeing: Bench) -> None:
    offer = seeing.gateway.create(REQUEST)
    seeing.clock.advance(15 * 60)
    assert seeing.gateway.check(offer.provider_reference).status is GatewayStatus.FAILED


def test_money_that_comes_late_is_reported_all_the_same(seeing: Bench) -> None:
    offer = seeing.gateway.create(REQUEST)
    seeing.clock.advance(20 * 60)
    seeing.pay(offer.provider_reference, None)
    assert seeing.gateway.check(offer.provider_reference).received_satang == offer.due_satang


def test_a_paid_payment_stays_paid_when_it_is_cancelled(seeing: Bench) -> None:
    offer = seeing.gateway.create(REQUEST)
    seeing.pay(offer.provider_reference, None)
    seeing.gateway.cancel(offer.provider_reference)
    assert seeing.gateway.check(offer.provider_reference).status is GatewayStatus.COMPLETED


def test_money_that_only_staff_can_see_stays_pending() -> None:
    with bench_with("promptpay") as made:
        offer = made.gateway.create(REQUEST)
        made.pay(offer.provider_reference, None)
        made.clock.advance(24 * 3600)
        assert made.gateway.check(offer.provider_reference).status is GatewayStatus.PENDING
        assert not made.gateway.confirms_by_itself
