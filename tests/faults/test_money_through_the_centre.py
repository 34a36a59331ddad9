"""A payment through the centre is one sale, whoever dies in the middle of it, whoever hears of it first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.database.orders import SqlCheckoutStore
from kiosk.delivery.types import DeliveryKind, DeliveryState
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.simulator.faults import FaultKind
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import Order, OrderState
from tests.central_kiosk import CentralKiosk, kiosks
from tests.money_centre import MoneyCentre, money_centre

S = PaymentState


@dataclass
class Venue:
    """A centre with its bank, and the kiosks at it."""

    centre: MoneyCentre
    clock: ManualClock
    a: CentralKiosk
    b: CentralKiosk

    def at_centre(self, order: Order) -> OrderState:
        """How the centre knows an order."""
        return SqlCheckoutStore(self.centre.server.centre.database).order(order.order_id).state

    def pay(self, payment: Payment) -> None:
        assert payment.provider_reference is not None
        self.centre.pay(payment.provider_reference)

    def sync(self) -> None:
        for _ in range(2):
            for kiosk in (self.a, self.b):
                kiosk.sync()

    def assert_sold_once(self, order: Order) -> None:
        """At every machine the order is paid once, with what is owed for it once."""
        for kiosk in (self.a, self.b):
            assert kiosk.checkout.order(order.order_id).state is OrderState.PAID
            came = [p.state for p in kiosk.checkout.payments(order.order_id)]
            assert came.count(S.PAID) == 1
            assert came.count(S.OVER) == 0
            assert len(kiosk.deliveries(order)) == 2
        assert self.a.deliveries(order) == self.b.deliveries(order)
        assert self.at_centre(order) is OrderState.PAID


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    clock = ManualClock()
    with (
        money_centre(clock, has_webhook=True) as centre,
        kiosks(tmp_path, centre, clock, "K1", "K2") as (a, b),
    ):
        yield Venue(centre, clock, a, b)


def test_a_centre_killed_while_the_code_is_on_screen_and_staff_who_confirm_make_one_sale(
    venue: Venue,
) -> None:
    order, payment = venue.a.code_on_screen()
    reference = venue.centre.reference(payment.provider_reference or "")
    venue.centre.server.stop()
    with pytest.raises(KnownError) as away:
        venue.a.checkout.check(payment.payment_id)
    assert away.value.code is ErrorCode.GATEWAY_UNREACHABLE
    venue.a.checkout.sweep()
    assert venue.a.store.payment(payment.payment_id).state is S.PENDING
    venue.centre.bank.pay(reference)  # the notice finds nobody
    venue.a.checkout.confirm_by_staff(payment.payment_id, 29900, "Ploy")
    assert venue.a.paid == [order.order_id]

    venue.centre.server.start()
    venue.clock.advance(5)
    venue.sync()
    venue.a.checkout.reconcile()
    venue.sync()
    venue.assert_sold_once(order)
    after = venue.a.store.payment(payment.payment_id)
    assert (after.state, after.confirmed_by, after.received_satang) == (S.PAID, "Ploy", payment.due_satang)
    assert venue.a.paid == [order.order_id]
    assert venue.a.notices.open_notices() == []


@pytest.mark.slow
def test_a_centre_killed_before_its_answer_leaves_nothing_that_anybody_could_pay_twice(venue: Venue) -> None:
    order, payment = venue.a.place()
    venue.centre.bank.fail(FaultKind.SLOW, delay_s=6.5)  # longer than a centre that ends waits for answers
    asked = threading.Thread(target=venue.a.checkout.request_payment, args=(payment.payment_id,))
    asked.start()
    while not venue.centre.bank.transactions:
        asked.join(0.02)
    venue.centre.server.stop()
    asked.join()
    lost = venue.a.store.payment(payment.payment_id)
    assert (lost.state, lost.has_code) == (S.UNKNOWN, False)

    venue.centre.server.start()
    again = venue.a.checkout.renew(order.order_id)
    again = venue.a.checkout.request_payment(again.payment_id)
    assert again.state is S.PENDING
    assert again.idempotency_key != payment.idempotency_key
    venue.pay(again)
    venue.sync()
    venue.assert_sold_once(order)
    assert [t.received_satang > 0 for t in venue.centre.bank.transactions] == [False, True]


def test_an_answer_lost_on_the_way_is_fetched_under_its_key_at_once(venue: Venue) -> None:
    """The cable, not the centre: the second asking finds the charge of the first."""
    _, payment = venue.a.place()
    venue.a.loses_answers = 1
    assert venue.a.checkout.request_payment(payment.payment_id).state is S.PENDING
    assert len(venue.centre.bank.transactions) == 1


@pytest.mark.slow
def test_money_that_comes_while_the_kiosk_is_away_is_in_time_when_it_is_back(venue: Venue) -> None:
    order, payment = venue.a.code_on_screen()
    venue.a.is_off = True
    venue.pay(payment)
    venue.clock.advance(3600)
    venue.a.checkout.sweep()
    assert venue.a.store.payment(payment.payment_id).state is S.PENDING
    venue.a.is_off = False
    venue.sync()
    venue.assert_sold_once(order)


def test_staff_and_the_banks_notice_tell_of_the_same_money_once(venue: Venue) -> None:
    order, payment = venue.a.code_on_screen()
    venue.a.checkout.confirm_by_staff(payment.payment_id, payment.due_satang, "Ploy")
    venue.pay(payment)
    venue.sync()
    venue.a.checkout.reconcile()
    venue.sync()
    venue.assert_sold_once(order)
    assert venue.a.paid == [order.order_id]
    assert [p.state for p in venue.a.checkout.payments(order.order_id)] == [S.PAID]


def test_a_code_that_is_paid_again_after_staff_confirmed_is_over_and_for_staff(venue: Venue) -> None:
    _, payment = venue.a.code_on_screen()
    venue.a.checkout.confirm_by_staff(payment.payment_id, 29900, "Ploy")
    venue.pay(payment)
    venue.pay(payment)
    venue.sync()
    assert venue.a.store.payment(payment.payment_id).state is S.OVER


@pytest.mark.slow
def test_money_at_another_kiosk_after_staff_confirmed_here_is_told_as_paid_twice(venue: Venue) -> None:
    order, payment = venue.a.code_on_screen()
    venue.sync()
    venue.a.is_off = True
    venue.a.checkout.confirm_by_staff(payment.payment_id, 29900, "Ploy")
    venue.clock.advance(17 * 60)
    second = venue.b.checkout.renew(order.order_id)
    second = venue.b.checkout.request_payment(second.payment_id)
    assert second.payment_id != payment.payment_id
    venue.pay(second)
    venue.b.sync()
    assert venue.b.checkout.check(second.payment_id).state is S.PAID
    venue.b.sync()
    venue.a.is_off = False
    venue.sync()
    venue.sync()
    venue.assert_sold_once(order)
    for kiosk in (venue.a, venue.b):
        states = {p.payment_id: p.state for p in kiosk.checkout.payments(order.order_id)}
        assert states == {payment.payment_id: S.PAID, second.payment_id: S.DUPLICATE}
        # The bank has nothing of what staff confirmed at A, which may have come by another way.
        told = {each.code: each.subject for each in kiosk.notices.open_notices()}
        assert told == {
            ErrorCode.PAYMENT_TWICE: second.payment_id,
            ErrorCode.PAYMENT_NOT_AT_BANK: payment.payment_id,
        }


def test_one_payment_that_staff_confirmed_at_two_kiosks_is_told_at_both(venue: Venue) -> None:
    order, payment = venue.a.code_on_screen()
    venue.sync()
    venue.a.is_off = venue.b.is_off = True
    venue.a.checkout.confirm_by_staff(payment.payment_id, 29900, "Ann")
    venue.clock.advance(60)
    venue.b.checkout.confirm_by_staff(payment.payment_id, 29900, "Bob")
    venue.a.is_off = venue.b.is_off = False
    venue.sync()
    venue.assert_sold_once(order)
    for kiosk in (venue.a, venue.b):
        (notice,) = kiosk.notices.open_notices()
        assert (notice.code, notice.subject) == (ErrorCode.PAYMENT_CONFIRMED_TWICE, payment.payment_id)
        assert all(word in notice.detail for word in (order.code, "Ann", "Bob", "299.00"))


@pytest.mark.slow
def test_paid_at_b_although_made_at_a_which_is_dead(venue: Venue) -> None:
    order, payment = venue.a.code_on_screen()
    venue.sync()
    venue.a.is_off = True
    found = venue.b.checkout.order_by_code(order.code)
    shown = venue.b.checkout.payments(found.order_id)[-1]
    assert (shown.payment_id, shown.qr_payload) == (payment.payment_id, payment.qr_payload)
    venue.pay(shown)
    venue.b.checkout.follow(found.order_id)
    assert venue.b.paid == [order.order_id]
    assert len(venue.b.deliveries(order)) == 2
    venue.a.is_off = False
    venue.sync()
    venue.assert_sold_once(order)


def test_an_order_that_a_placed_and_never_asked_for_is_asked_for_at_b_under_the_same_key(
    venue: Venue,
) -> None:
    order, payment = venue.a.place()
    venue.sync()
    at_b = venue.b.checkout.request_payment(payment.payment_id)
    at_a = venue.a.checkout.request_payment(payment.payment_id)
    assert at_a.qr_payload == at_b.qr_payload
    assert len(venue.centre.bank.transactions) == 1
    venue.pay(at_b)
    venue.sync()
    venue.assert_sold_once(order)


def test_both_kiosks_settle_the_same_payment_at_once_and_it_is_one_sale(venue: Venue) -> None:
    order, payment = venue.a.code_on_screen()
    venue.sync()
    venue.pay(payment)
    both = [
        threading.Thread(target=kiosk.checkout.check, args=(payment.payment_id,))
        for kiosk in (venue.a, venue.b)
    ]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert (venue.a.paid, venue.b.paid) == ([order.order_id], [order.order_id])
    venue.sync()
    venue.assert_sold_once(order)
    assert venue.a.notices.open_notices() == []


@pytest.mark.slow
def test_what_was_paid_at_one_kiosk_is_handed_over_and_reprinted_at_the_other(
    venue: Venue, tmp_path: Path
) -> None:
    order, payment = venue.a.code_on_screen()
    venue.pay(payment)
    venue.sync()
    found = venue.b.checkout.order_by_code(order.code)
    link = venue.b.order_desk(tmp_path).link_of(found.order_id)
    assert link.url.startswith("http://K2.test/d/")
    (printed,) = [d for d in venue.b.checkout.deliveries(order.order_id) if d.kind is DeliveryKind.PRINT]
    venue.b.checkout.set_delivery(printed.delivery_id, DeliveryState.DONE, "handed out")
    venue.sync()
    states = {d.kind: d.state for d in venue.a.checkout.deliveries(order.order_id)}
    assert states == {DeliveryKind.PHONE_LINK: DeliveryState.READY, DeliveryKind.PRINT: DeliveryState.DONE}
    venue.b.checkout.set_delivery(printed.delivery_id, DeliveryState.DONE, "printed anew")
    venue.sync()
    assert [d.detail for d in venue.a.checkout.deliveries(order.order_id)][-1] == "printed anew"
    venue.assert_sold_once(order)


def test_an_order_that_another_kiosk_renewed_is_looked_after_there_when_its_maker_is_dead(
    venue: Venue,
) -> None:
    order, _ = venue.a.code_on_screen()
    venue.sync()
    venue.a.is_off = True
    venue.clock.advance(17 * 60)
    renewed = venue.b.checkout.renew(order.order_id)
    renewed = venue.b.checkout.request_payment(renewed.payment_id)
    venue.pay(renewed)
    venue.b.sync()  # nobody stands there any more: the centre's news is enough
    assert venue.b.paid == [order.order_id]
    venue.a.is_off = False
    venue.sync()
    venue.assert_sold_once(order)
