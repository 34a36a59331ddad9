"""From basket to paid order: charged once, nothing paid is lost, every command can be repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.checkout.checkout import Checkout
from kiosk.checkout.types import CheckoutStore, OrderPaid, PaymentChanged
from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.orders import SqlCheckoutStore
from kiosk.delivery.types import DeliveryKind, DeliveryState
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import (
    Basket,
    Finish,
    LineKind,
    Order,
    OrderState,
    PrintItem,
    PrintSize,
    Quote,
    Voucher,
    VoucherKind,
)
from tests.fake_checkout_store import FakeCheckoutStore
from tests.fake_gateway import FakeGateway

S = PaymentState
BASKET = Basket(
    digital=("photo-1", "photo-2"), prints=(PrintItem("photo-1", PrintSize.S10X15, Finish.GLOSSY, 2),)
)
PRICES = {PrintSize.S10X15: 5000}


def a_quote(total_satang: int = 25800, voucher: str | None = None) -> Quote:
    return Quote(2, (), 15800, 15800, 10000, 25800 - total_satang, total_satang, None, voucher)


@dataclass
class Shop:
    """A checkout with all that it talks to."""

    clock: ManualClock = field(default_factory=ManualClock)
    bus: EventBus = field(default_factory=EventBus)
    store: CheckoutStore = field(default_factory=FakeCheckoutStore)
    codes: Iterator[str] = field(default_factory=lambda: (f"K7-{number:04d}" for number in range(999)))
    confirms_by_itself: bool = True

    def __post_init__(self) -> None:
        self.gateway = FakeGateway(self.clock, confirms_by_itself=self.confirms_by_itself)
        self.paid: list[str] = []
        self.changes: list[PaymentState] = []
        self.bus.subscribe(OrderPaid, lambda event: self.paid.append(event.order_id))
        self.bus.subscribe(PaymentChanged, lambda event: self.changes.append(event.state))
        self.restart()

    def restart(self) -> None:
        """As after a power cut: only what is stored is left."""
        self.checkout = Checkout(
            self.store, self.gateway, self.clock, self.bus, lambda: next(self.codes), PRICES
        )

    def place(self, total_satang: int = 25800, voucher: str | None = None) -> tuple[Order, Payment]:
        return self.checkout.place(BASKET, a_quote(total_satang, voucher), "run", Language.THAI)

    def pending(self, total_satang: int = 25800) -> tuple[Order, Payment]:
        order, payment = self.place(total_satang)
        return order, self.checkout.request_payment(payment.payment_id)

    def pay(self, payment: Payment, amount_satang: int | None = None) -> None:
        assert payment.provider_reference is not None
        self.gateway.pay(payment.provider_reference, amount_satang)

    def state(self, order: Order) -> OrderState:
        return self.store.order(order.order_id).state


@pytest.fixture(params=["memory", "sql"])
def shop(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shop]:
    if request.param == "memory":
        yield Shop()
        return
    database = open_database(tmp_path / "kiosk.db")
    yield Shop(store=SqlCheckoutStore(database))
    database.close()


# -- placing and asking ---------------------------------------------------------------------------


def test_placing_stores_order_and_intent_and_asks_nobody(shop: Shop) -> None:
    order, payment = shop.place()
    assert shop.gateway.created == []
    assert (payment.state, payment.amount_satang, payment.requested_at) == (S.CREATED, 25800, None)
    assert shop.store.order(order.order_id) == order
    assert shop.store.payments(order.order_id) == [payment]
    assert [(line.kind, line.photo_id, line.amount_satang, line.copies) for line in order.lines] == [
        (LineKind.DIGITAL, "photo-1", 0, 1),
        (LineKind.DIGITAL, "photo-2", 0, 1),
        (LineKind.PRINT, "photo-1", 10000, 2),
    ]


def test_placing_again_makes_another_order_and_charges_nobody(shop: Shop) -> None:
    (first, _), (second, _) = shop.place(), shop.place()
    assert first.order_id != second.order_id
    assert first.code != second.code
    assert shop.gateway.created == []


def test_an_empty_basket_is_refused(shop: Shop) -> None:
    with pytest.raises(KnownError) as refused:
        shop.checkout.place(Basket(), a_quote(0), "run", Language.THAI)
    assert refused.value.code is ErrorCode.BASKET_EMPTY


def test_a_code_in_use_is_not_given_again(shop: Shop) -> None:
    shop.codes = iter(["K7-AAAA", "K7-AAAA", "K7-AAAA", "K7-CCCC"])
    assert [shop.place()[0].code, shop.place()[0].code] == ["K7-AAAA", "K7-CCCC"]


def test_the_offer_is_stored_with_the_amount_that_the_gateway_asks_for(shop: Shop) -> None:
    order, payment = shop.pending()
    assert (payment.state, payment.amount_satang, payment.due_satang) == (S.PENDING, 25800, 25824)
    assert payment.qr_payload is not None
    assert payment.receiver_name == "Fake"
    assert payment.requested_at == shop.clock.now()
    assert shop.store.payments(order.order_id) == [payment]
    assert shop.gateway.created == [payment.idempotency_key]


def test_requesting_again_shows_the_same_offer(shop: Shop) -> None:
    _, payment = shop.pending()
    shop.restart()
    assert shop.checkout.request_payment(payment.payment_id) == payment
    assert len(shop.gateway.created) == 1


def test_many_threads_requesting_charge_once(shop: Shop) -> None:
    _, payment = shop.place()
    threads = [
        threading.Thread(target=shop.checkout.request_payment, args=(payment.payment_id,)) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(shop.gateway.created) == 1
    assert shop.store.payment(payment.payment_id).state is S.PENDING


@pytest.mark.parametrize("code", [ErrorCode.GATEWAY_TIMEOUT, ErrorCode.GATEWAY_NONSENSE])
def test_a_request_without_a_clear_answer_is_unknown_and_never_charged_again(
    shop: Shop, code: ErrorCode
) -> None:
    order, payment = shop.place()
    shop.gateway.fail_next["create"] = [code]
    assert shop.checkout.request_payment(payment.payment_id).state is S.UNKNOWN
    for again in (
        lambda: shop.checkout.request_payment(payment.payment_id),
        lambda: shop.checkout.check(payment.payment_id),
        lambda: shop.checkout.pay_rest(order.order_id),
    ):
        assert again().state is S.UNKNOWN
    shop.checkout.reconcile()
    shop.checkout.sweep()
    assert len(shop.gateway.created) == 1
    assert len(shop.store.payments(order.order_id)) == 1
    assert [found.payment_id for found in shop.checkout.payments_for_staff()] == [payment.payment_id]


def test_an_order_whose_code_was_never_seen_can_be_cancelled(shop: Shop) -> None:
    order, payment = shop.place()
    shop.gateway.fail_next["create"] = [ErrorCode.GATEWAY_TIMEOUT]
    shop.checkout.request_payment(payment.payment_id)
    for _ in range(2):
        assert shop.checkout.cancel(order.order_id).state is OrderState.CANCELLED
    assert shop.store.payment(payment.payment_id).state is S.CANCELLED
    assert shop.checkout.payments_for_staff() == []


def test_a_request_that_was_never_answered_can_be_renewed_since_its_code_was_never_seen(shop: Shop) -> None:
    order, payment = shop.place()
    shop.gateway.fail_next["create"] = [ErrorCode.GATEWAY_TIMEOUT]
    shop.checkout.request_payment(payment.payment_id)
    renewed = shop.checkout.renew(order.order_id)
    assert renewed.payment_id != payment.payment_id
    assert renewed.idempotency_key != payment.idempotency_key
    assert shop.checkout.request_payment(renewed.payment_id).state is S.PENDING
    assert shop.store.payment(payment.payment_id).state is S.CANCELLED


def test_staff_call_an_unknown_payment_off_and_the_visitor_goes_on(shop: Shop) -> None:
    order, payment = shop.place()
    shop.gateway.fail_next["create"] = [ErrorCode.GATEWAY_TIMEOUT]
    shop.checkout.request_payment(payment.payment_id)
    assert shop.checkout.confirm_by_staff(payment.payment_id, 0, "Ploy").state is S.CANCELLED
    fresh = shop.checkout.request_payment(shop.checkout.renew(order.order_id).payment_id)
    assert fresh.state is S.PENDING
    assert fresh.idempotency_key != payment.idempotency_key


def test_a_gateway_that_is_away_can_be_asked_again_safely(shop: Shop) -> None:
    _, payment = shop.place()
    shop.gateway.fail_next["create"] = [ErrorCode.GATEWAY_UNREACHABLE]
    with pytest.raises(KnownError) as away:
        shop.checkout.request_payment(payment.payment_id)
    assert away.value.code is ErrorCode.GATEWAY_UNREACHABLE
    stored = shop.store.payment(payment.payment_id)
    assert (stored.state, stored.requested_at) == (S.CREATED, None)
    assert shop.checkout.request_payment(payment.payment_id).state is S.PENDING
    assert shop.gateway.created == [payment.idempotency_key]


def test_a_refused_request_is_asked_for_anew(shop: Shop) -> None:
    order, payment = shop.place()
    shop.gateway.fail_next["create"] = [ErrorCode.GATEWAY_REFUSED]
    with pytest.raises(KnownError):
        shop.checkout.request_payment(payment.payment_id)
    assert shop.store.payment(payment.payment_id).state is S.REFUSED
    again = shop.checkout.request_payment(payment.payment_id)
    assert again.state is S.PENDING
    assert shop.checkout.request_payment(payment.payment_id) == again
    assert [found.state for found in shop.store.payments(order.order_id)] == [S.REFUSED, S.PENDING]
    assert len(shop.gateway.created) == 1


# -- money ----------------------------------------------------------------------------------------


def test_full_money_pays_the_order_and_owes_link_and_prints_once(shop: Shop) -> None:
    order, payment = shop.pending()
    assert shop.checkout.check(payment.payment_id).state is S.PENDING
    shop.pay(payment)
    for _ in range(3):
        assert shop.checkout.check(payment.payment_id).state is S.PAID
    shop.checkout.sweep()
    shop.checkout.reconcile()
    assert shop.state(order) is OrderState.PAID
    assert [delivery.kind for delivery in shop.checkout.deliveries(order.order_id)] == [
        DeliveryKind.PHONE_LINK,
        DeliveryKind.PRINT,
    ]
    assert shop.paid == [order.order_id]
    assert shop.changes == [S.CREATED, S.PENDING, S.PAID]


def test_money_that_came_is_found_though_nobody_asked_at_the_time(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.pay(payment)
    shop.restart()
    shop.checkout.reconcile()
    assert shop.state(order) is OrderState.PAID
    assert len(shop.checkout.deliveries_pending()) == 2


def test_too_much_money_lets_the_photos_go_and_tells_staff(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.pay(payment, 30000)
    over = shop.checkout.check(payment.payment_id)
    assert (over.state, over.received_satang) == (S.OVER, 30000)
    assert shop.state(order) is OrderState.PAID
    assert shop.checkout.payments_for_staff() == [over]


def test_a_code_that_is_paid_twice_becomes_over(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.pay(payment)
    shop.checkout.check(payment.payment_id)
    shop.pay(payment)
    shop.checkout.reconcile()
    assert shop.store.payment(payment.payment_id).state is S.OVER
    assert shop.paid == [order.order_id]
    assert len(shop.checkout.deliveries(order.order_id)) == 2


def test_short_money_is_kept_and_the_rest_can_be_paid(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.pay(payment, 20000)
    short = shop.checkout.check(payment.payment_id)
    assert (short.state, short.received_satang) == (S.SHORT, 20000)
    assert shop.state(order) is OrderState.AWAITING_PAYMENT
    rest = shop.checkout.pay_rest(order.order_id)
    assert (rest.state, rest.amount_satang) == (S.CREATED, 5800)
    assert shop.checkout.pay_rest(order.order_id) == rest
    rest = shop.checkout.request_payment(rest.payment_id)
    assert shop.checkout.pay_rest(order.order_id) == rest
    shop.pay(rest)
    assert shop.checkout.check(rest.payment_id).state is S.PAID
    assert shop.state(order) is OrderState.PAID
    assert shop.checkout.pay_rest(order.order_id).state is S.PAID
    assert shop.checkout.cancel(order.order_id).state is OrderState.PAID


def test_the_missing_satang_alone_do_not_hold_photos_back(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.pay(payment, payment.amount_satang)
    assert shop.checkout.check(payment.payment_id).state is S.SHORT
    assert shop.checkout.pay_rest(order.order_id).state is S.PAID
    assert shop.state(order) is OrderState.PAID


def test_a_rest_that_expires_is_renewed_over_the_same_rest(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.pay(payment, 20000)
    shop.checkout.check(payment.payment_id)
    shop.checkout.request_payment(shop.checkout.pay_rest(order.order_id).payment_id)
    shop.clock.advance(17 * 60)
    assert shop.checkout.renew(order.order_id).amount_satang == 5800


def test_late_money_is_kept_for_staff_who_hand_the_photos_out(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.clock.advance(16 * 60 + 1)
    shop.checkout.sweep()
    assert shop.store.payment(payment.payment_id).state is S.EXPIRED
    shop.pay(payment)
    shop.checkout.reconcile()
    late = shop.store.payment(payment.payment_id)
    assert (late.state, late.received_satang) == (S.LATE, payment.due_satang)
    assert shop.state(order) is OrderState.AWAITING_PAYMENT
    taken = shop.checkout.confirm_by_staff(payment.payment_id, late.received_satang, "Ploy")
    assert (taken.state, taken.confirmed_by) == (S.PAID, "Ploy")
    assert shop.state(order) is OrderState.PAID


def test_an_order_that_is_paid_twice_keeps_the_second_money_as_duplicate(shop: Shop) -> None:
    order, first = shop.pending()
    shop.clock.advance(17 * 60)
    second = shop.checkout.request_payment(shop.checkout.renew(order.order_id).payment_id)
    shop.pay(second)
    shop.checkout.check(second.payment_id)
    shop.pay(first)
    assert shop.checkout.check(first.payment_id).state is S.DUPLICATE
    assert shop.paid == [order.order_id]
    assert len(shop.checkout.deliveries(order.order_id)) == 2
    assert shop.checkout.confirm_by_staff(first.payment_id, 25824, "Ploy").state is S.DUPLICATE


def test_a_gateway_that_does_not_answer_a_check_changes_nothing(shop: Shop) -> None:
    _, payment = shop.pending()
    for code in (ErrorCode.GATEWAY_TIMEOUT, ErrorCode.GATEWAY_UNREACHABLE, ErrorCode.GATEWAY_NONSENSE):
        shop.gateway.fail_next["check"] = [code]
        with pytest.raises(KnownError):
            shop.checkout.check(payment.payment_id)
        assert shop.store.payment(payment.payment_id) == payment


def test_photos_alone_owe_a_link_and_prints_alone_owe_none(shop: Shop) -> None:
    for basket, kinds in (
        (Basket(digital=("photo-1",)), [DeliveryKind.PHONE_LINK]),
        (Basket(prints=BASKET.prints), [DeliveryKind.PRINT]),
    ):
        order, payment = shop.checkout.place(basket, a_quote(), "run", Language.ENGLISH)
        payment = shop.checkout.request_payment(payment.payment_id)
        shop.pay(payment)
        shop.checkout.check(payment.payment_id)
        assert [delivery.kind for delivery in shop.checkout.deliveries(order.order_id)] == kinds


def test_deliveries_are_pending_until_they_are_handed_over(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.pay(payment)
    shop.checkout.check(payment.payment_id)
    link, printed = shop.checkout.deliveries_pending()
    shop.checkout.set_delivery(link.delivery_id, DeliveryState.DONE)
    shop.restart()
    assert shop.checkout.deliveries_pending() == [printed]
    assert [found.state for found in shop.checkout.deliveries(order.order_id)] == [
        DeliveryState.DONE,
        DeliveryState.PENDING,
    ]


# -- free, renewed, cancelled ---------------------------------------------------------------------


def test_an_order_that_costs_nothing_is_paid_at_once_and_asks_no_gateway(shop: Shop) -> None:
    order, payment = shop.place(0)
    assert (payment.state, order.state) == (S.PAID, OrderState.PAID)
    assert shop.checkout.request_payment(payment.payment_id) == payment
    assert shop.gateway.created == []
    assert len(shop.checkout.deliveries(order.order_id)) == 2
    assert shop.paid == [order.order_id]


def test_a_voucher_cannot_be_used_again_by_an_order_placed_later() -> None:
    store = FakeCheckoutStore()
    store.vouchers["FREE"] = Voucher("FREE", VoucherKind.FREE, 0)
    shop = Shop(store=store)
    shop.place(0, "FREE")
    with pytest.raises(KnownError) as refused:
        shop.place(0, "FREE")
    assert refused.value.code is ErrorCode.VOUCHER_USED
    assert store.vouchers["FREE"].used == 1


def test_an_expired_payment_is_renewed_and_renewing_again_gives_the_same(shop: Shop) -> None:
    order, old = shop.pending()
    assert shop.checkout.renew(order.order_id) == old
    shop.clock.advance(15 * 60 + 1)
    fresh = shop.checkout.renew(order.order_id)
    assert fresh.state is S.CREATED
    assert shop.checkout.renew(order.order_id) == fresh
    fresh = shop.checkout.request_payment(fresh.payment_id)
    assert shop.checkout.renew(order.order_id) == fresh
    assert [found.state for found in shop.store.payments(order.order_id)] == [S.EXPIRED, S.PENDING]


def test_renewing_finds_money_that_came_in_the_last_second(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.clock.advance(14 * 60)
    shop.pay(payment)
    shop.clock.advance(61)
    assert shop.checkout.renew(order.order_id).state is S.PAID
    assert len(shop.gateway.created) == 1
    assert shop.state(order) is OrderState.PAID


def test_nothing_is_renewed_while_the_gateway_cannot_be_asked(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.clock.advance(17 * 60)
    shop.gateway.fail_next["check"] = [ErrorCode.GATEWAY_UNREACHABLE]
    with pytest.raises(KnownError):
        shop.checkout.renew(order.order_id)
    assert shop.store.payments(order.order_id) == [payment]


def test_a_payment_expires_only_after_a_last_look_at_sixteen_minutes(shop: Shop) -> None:
    _, payment = shop.pending()
    shop.clock.advance(15 * 60 + 30)
    shop.checkout.sweep()
    assert shop.store.payment(payment.payment_id).state is S.PENDING
    shop.clock.advance(30)
    shop.gateway.fail_next["check"] = [ErrorCode.GATEWAY_UNREACHABLE]
    shop.checkout.sweep()
    assert shop.store.payment(payment.payment_id).state is S.PENDING
    shop.checkout.sweep()
    assert shop.store.payment(payment.payment_id).state is S.EXPIRED


def test_a_clock_that_is_set_makes_no_money_late_and_no_code_last_for_a_day(shop: Shop) -> None:
    shop.gateway.tells_when = False
    _, payment = shop.pending()
    shop.clock.set_by(86_400)
    shop.pay(payment)
    assert shop.checkout.check(payment.payment_id).state is S.PAID
    _, payment = shop.pending()
    shop.clock.set_by(-86_400)
    shop.clock.advance(16 * 60 + 1)
    assert shop.checkout.check(payment.payment_id).state is S.EXPIRED


def test_one_payment_that_cannot_be_checked_does_not_keep_the_others_waiting(shop: Shop) -> None:
    shop.pending()
    order, payment = shop.pending()
    shop.pay(payment)
    shop.gateway.fail_next["check"] = [ErrorCode.GATEWAY_NONSENSE]
    shop.checkout.sweep()
    assert shop.state(order) is OrderState.PAID


def test_cancelling_takes_the_payment_back_and_is_harmless_again(shop: Shop) -> None:
    order, payment = shop.pending()
    for _ in range(2):
        assert shop.checkout.cancel(order.order_id).state is OrderState.CANCELLED
    assert shop.store.payment(payment.payment_id).state is S.CANCELLED
    assert shop.checkout.request_payment(payment.payment_id).state is S.CANCELLED
    assert shop.checkout.renew(order.order_id).state is S.CANCELLED
    assert shop.checkout.check(payment.payment_id).state is S.CANCELLED
    assert len(shop.gateway.created) == 1


def test_an_order_that_was_paid_meanwhile_is_not_cancelled(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.pay(payment)
    assert shop.checkout.cancel(order.order_id).state is OrderState.PAID


@pytest.mark.parametrize("method", ["check", "cancel"])
def test_an_order_is_not_cancelled_while_its_code_may_still_be_paid(shop: Shop, method: str) -> None:
    order, payment = shop.pending()
    shop.gateway.fail_next[method] = [ErrorCode.GATEWAY_UNREACHABLE]
    assert shop.checkout.cancel(order.order_id).state is OrderState.AWAITING_PAYMENT
    shop.pay(payment)
    shop.checkout.sweep()
    assert shop.state(order) is OrderState.PAID


def test_money_for_a_cancelled_order_is_late_and_staff_can_hand_the_photos_out(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.checkout.cancel(order.order_id)
    shop.pay(payment)
    shop.checkout.reconcile()
    assert shop.store.payment(payment.payment_id).state is S.LATE
    assert shop.paid == []
    assert shop.checkout.confirm_by_staff(payment.payment_id, 25824, "Ploy").state is S.PAID
    assert shop.state(order) is OrderState.PAID


# -- staff ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received_satang", "state"), [(25824, S.PAID), (25800, S.PAID), (25825, S.OVER), (25799, S.SHORT)]
)
def test_staff_confirm_what_came_and_confirming_again_changes_nothing(
    shop: Shop, received_satang: int, state: PaymentState
) -> None:
    order, payment = shop.pending()
    for _ in range(2):
        confirmed = shop.checkout.confirm_by_staff(payment.payment_id, received_satang, "Ploy")
        assert (confirmed.state, confirmed.received_satang) == (state, received_satang)
        assert confirmed.confirmed_by == "Ploy"
    assert (shop.state(order) is OrderState.PAID) is (state is not S.SHORT)
    assert len(shop.paid) == (state is not S.SHORT)


def test_staff_take_money_for_a_payment_that_was_called_off(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.checkout.confirm_by_staff(payment.payment_id, 0, "Ploy")
    assert shop.store.payment(payment.payment_id).state is S.CANCELLED
    assert shop.checkout.confirm_by_staff(payment.payment_id, 25824, "Ploy").state is S.PAID
    assert shop.paid == [order.order_id]


def test_staff_cannot_confirm_less_than_nothing(shop: Shop) -> None:
    _, payment = shop.pending()
    with pytest.raises(KnownError) as refused:
        shop.checkout.confirm_by_staff(payment.payment_id, -1, "Ploy")
    assert refused.value.code is ErrorCode.AMOUNT_INVALID


# -- a full disk ----------------------------------------------------------------------------------


def _full(*_: object) -> bool:
    raise KnownError(ErrorCode.DISK_FULL, "full")


def test_nobody_is_asked_for_money_while_the_intent_cannot_be_stored(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, payment = shop.place()
    with monkeypatch.context() as full:
        full.setattr(shop.store, "update_payment", _full)
        with pytest.raises(KnownError) as refused:
            shop.checkout.request_payment(payment.payment_id)
    assert refused.value.code is ErrorCode.DISK_FULL
    assert shop.gateway.created == []
    assert shop.checkout.request_payment(payment.payment_id).state is S.PENDING


def test_money_that_comes_while_the_disk_is_full_is_found_when_there_is_room(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    order, payment = shop.pending()
    shop.pay(payment)
    with monkeypatch.context() as full:
        full.setattr(shop.store, "settle", _full)
        with pytest.raises(KnownError):
            shop.checkout.check(payment.payment_id)
    assert (shop.paid, shop.changes) == ([], [S.CREATED, S.PENDING])
    shop.checkout.sweep()
    assert shop.paid == [order.order_id]


# -- after a power cut ----------------------------------------------------------------------------


def _placed_and_cut_before_the_answer(shop: Shop) -> tuple[Order, Payment]:
    """The request went out, and the process died before the answer was stored."""
    order, payment = shop.place()
    real = shop.store.update_payment

    def cut(changed: Payment, expected: PaymentState) -> bool:
        if changed.state is S.PENDING:
            raise KeyboardInterrupt
        return real(changed, expected)

    shop.store.update_payment = cut  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        shop.checkout.request_payment(payment.payment_id)
    shop.store.update_payment = real  # type: ignore[method-assign]
    shop.restart()
    return order, payment


@pytest.mark.parametrize("resume", ["reconcile", "request"])
def test_a_request_lost_in_a_power_cut_is_unknown_and_never_sent_again(shop: Shop, resume: str) -> None:
    order, payment = _placed_and_cut_before_the_answer(shop)
    if resume == "reconcile":
        shop.checkout.reconcile()
    else:
        shop.checkout.request_payment(payment.payment_id)
    assert shop.store.payment(payment.payment_id).state is S.UNKNOWN
    assert len(shop.gateway.created) == 1
    assert shop.checkout.renew(order.order_id).idempotency_key not in shop.gateway.created


def test_a_lost_request_that_no_gateway_heard_of_is_simply_made_again() -> None:
    shop = Shop(confirms_by_itself=False)
    _, payment = _placed_and_cut_before_the_answer(shop)
    shop.checkout.reconcile()
    assert shop.store.payment(payment.payment_id).state is S.CREATED
    assert shop.checkout.request_payment(payment.payment_id).state is S.PENDING


def test_what_only_staff_can_confirm_is_never_asked_about() -> None:
    shop = Shop(confirms_by_itself=False)
    shop.pending()
    shop.gateway.fail_next["check"] = [ErrorCode.GATEWAY_TIMEOUT]
    shop.checkout.sweep()
    shop.checkout.reconcile()
    assert shop.gateway.fail_next["check"] == [ErrorCode.GATEWAY_TIMEOUT]


def test_an_order_placed_before_a_power_cut_is_asked_for_safely_after_it(shop: Shop) -> None:
    order, payment = shop.place()
    shop.restart()
    shop.checkout.reconcile()
    assert shop.store.payment(payment.payment_id) == payment
    found = shop.checkout.order_by_code(order.code)
    assert shop.checkout.request_payment(shop.checkout.payments(found.order_id)[-1].payment_id).state is (
        S.PENDING
    )


def test_a_payment_of_another_gateway_is_left_to_staff(shop: Shop) -> None:
    order, payment = shop.pending()
    shop.gateway.name = "another"
    shop.restart()
    shop.checkout.reconcile()
    shop.clock.advance(3600)
    shop.checkout.sweep()
    assert shop.checkout.cancel(order.order_id).state is OrderState.AWAITING_PAYMENT
    assert shop.store.payment(payment.payment_id) == payment


def test_sweeping_and_reconciling_from_many_threads_settles_once(shop: Shop) -> None:
    orders = [shop.pending() for _ in range(4)]
    for _, payment in orders:
        shop.pay(payment)
    jobs: list[Callable[[], object]] = [shop.checkout.sweep, shop.checkout.reconcile] * 3
    threads = [threading.Thread(target=job) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(shop.paid) == sorted(order.order_id for order, _ in orders)
    assert len(shop.checkout.deliveries_pending()) == 8


def test_late_money_is_looked_for_during_a_day(shop: Shop) -> None:
    _, payment = shop.pending()
    shop.clock.advance(17 * 60)
    shop.checkout.sweep()
    shop.clock.advance(timedelta(hours=20).total_seconds())
    shop.pay(payment)
    shop.checkout.reconcile()
    assert shop.store.payment(payment.payment_id).state is S.LATE


def test_an_order_without_money_is_cancelled_after_a_day_and_one_with_money_never(shop: Shop) -> None:
    abandoned, payment = shop.place()
    shop.checkout.request_payment(payment.payment_id)
    short, short_payment = shop.place()
    asked = shop.checkout.request_payment(short_payment.payment_id)
    assert asked.provider_reference is not None
    shop.gateway.pay(asked.provider_reference, 100)
    shop.checkout.sweep()
    shop.clock.advance(25 * 3600)
    shop.checkout.reconcile()
    assert shop.checkout.order(abandoned.order_id).state is OrderState.CANCELLED
    assert shop.checkout.order(short.order_id).state is OrderState.AWAITING_PAYMENT


def test_a_payment_is_asked_for_where_its_intent_says_though_the_gateway_changes_meanwhile() -> None:
    class Changing(FakeCheckoutStore):
        def update_payment(self, payment: Payment, expected: PaymentState) -> bool:
            shop.checkout.use_gateway(other)
            return super().update_payment(payment, expected)

    shop = Shop(store=Changing())
    other = FakeGateway(shop.clock)
    other.name = "other"
    _, payment = shop.place()
    payment = shop.checkout.request_payment(payment.payment_id)
    assert (payment.gateway, shop.gateway.created) == ("fake", [payment.idempotency_key])
    assert not other.created
    assert payment.provider_reference is not None
    shop.gateway.pay(payment.provider_reference)
    assert shop.checkout.check(payment.payment_id).state is S.PAID
