"""What every checkout store does: the one in SQL, and the one in memory that other tests use."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.checkout.rules import deliveries_of
from kiosk.checkout.types import CheckoutStore, Refund
from kiosk.database.engine import Database, open_database
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.delivery.types import DeliveryKind, DeliveryState
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import (
    Finish,
    LineKind,
    Order,
    OrderLine,
    OrderState,
    Package,
    PackageUse,
    PrintSize,
    Voucher,
    VoucherKind,
)
from kiosk.sync.records import OrderRecord, read_record
from tests.fake_checkout_store import FakeCheckoutStore

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
S = PaymentState


@dataclass(frozen=True)
class Subject:
    """A store, and what lies behind it."""

    store: CheckoutStore
    add_voucher: Callable[[Voucher], None]
    voucher: Callable[[str], Voucher | None]
    told: Callable[[], list[str]]


_WORDS = {"awaiting_payment": "order_created", "paid": "order_paid", "cancelled": "order_cancelled"}


def _told(database: Database) -> list[str]:
    """What became of the orders, each word once, as the messages tell it."""
    told: list[tuple[str, str]] = []
    with database.reading() as session:
        for row in session.scalars(select(OutboxRow).order_by(OutboxRow.outbox_id)):
            record = read_record(row.kind, json.loads(row.payload))
            if isinstance(record, OrderRecord) and (record.order_id, record.state) not in told:
                told.append((record.order_id, record.state))
    return [_WORDS[state] for _, state in told]


@pytest.fixture(params=["memory", "sql"])
def subject(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Subject]:
    if request.param == "memory":
        fake = FakeCheckoutStore()
        yield Subject(
            fake, lambda v: fake.vouchers.update({v.code: v}), fake.vouchers.get, lambda: list(fake.told)
        )
        return
    database = open_database(tmp_path / "kiosk.db")
    vouchers = SqlVoucherRepository(database)
    yield Subject(SqlCheckoutStore(database), vouchers.add_voucher, vouchers.voucher, lambda: _told(database))
    database.close()


@pytest.fixture
def store(subject: Subject) -> CheckoutStore:
    return subject.store


def an_order(name: str = "a", code: str = "K7-4Q2M", voucher: str | None = None) -> Order:
    return Order(
        order_id=f"order-{name}",
        code=code,
        event_id="run",
        language="th",
        state=OrderState.AWAITING_PAYMENT,
        lines=(
            OrderLine(f"line-{name}-2", LineKind.DIGITAL, "photo-2"),
            OrderLine(f"line-{name}-1", LineKind.DIGITAL, "photo-1"),
            OrderLine(f"line-{name}-0", LineKind.PRINT, "photo-1", 10000, PrintSize.S10X15, Finish.MATTE, 2),
        ),
        total_satang=39900,
        discount_satang=1000,
        created_at=NOW,
        voucher_code=voucher,
        packages=(PackageUse(Package("starter", "package.starter", 5, 29900), 1),),
    )


def a_payment(order: Order, name: str = "1") -> Payment:
    return Payment(
        payment_id=f"pay-{order.order_id}-{name}",
        order_id=order.order_id,
        idempotency_key=f"key-{order.order_id}-{name}",
        gateway="fake",
        state=S.CREATED,
        amount_satang=order.total_satang,
        due_satang=order.total_satang,
        received_satang=0,
        created_at=NOW,
    )


def opened(store: CheckoutStore, order: Order | None = None) -> tuple[Order, Payment]:
    order = order or an_order()
    payment = a_payment(order)
    assert store.open_order(order, payment)
    return order, payment


def paid(payment: Payment) -> Payment:
    return replace(payment, state=S.PAID, received_satang=payment.due_satang, settled_at=NOW)


def test_an_order_comes_back_as_it_was_stored(store: CheckoutStore) -> None:
    order, payment = opened(store)
    assert store.order(order.order_id) == order
    assert store.order_by_code(order.code) == order
    assert store.payment(payment.payment_id) == payment
    assert store.payments(order.order_id) == [payment]
    assert store.deliveries(order.order_id) == []


def test_opening_the_same_order_again_changes_nothing(subject: Subject) -> None:
    order, payment = opened(subject.store)
    assert subject.store.open_order(order, payment)
    assert subject.store.payments(order.order_id) == [payment]
    assert subject.told() == ["order_created"]


def test_a_code_is_given_to_one_order_only(store: CheckoutStore) -> None:
    opened(store)
    second = an_order("b")
    assert not store.open_order(second, a_payment(second))
    with pytest.raises(KnownError) as unknown:
        store.order(second.order_id)
    assert unknown.value.code is ErrorCode.ORDER_UNKNOWN


def test_what_is_not_there_is_said_to_be_unknown(store: CheckoutStore) -> None:
    for ask in (
        lambda: store.order("x"),
        lambda: store.order_by_code("K7-0000"),
        lambda: store.payment("x"),
        lambda: store.payments("x"),
        lambda: store.cancel_order("x", NOW),
        lambda: store.set_delivery("x", DeliveryState.DONE),
    ):
        with pytest.raises(KnownError) as unknown:
            ask()
        assert unknown.value.code is ErrorCode.ORDER_UNKNOWN


def test_everything_of_an_offer_is_kept(store: CheckoutStore) -> None:
    _, payment = opened(store)
    pending = replace(
        payment,
        state=S.PENDING,
        due_satang=39924,
        requested_at=NOW,
        expires_at=NOW + timedelta(minutes=15),
        provider_reference="T1",
        qr_payload="0002",
        qr_png=b"\x89PNG",
        receiver_name="Shop",
    )
    assert store.update_payment(pending, S.CREATED)
    assert store.payment(payment.payment_id) == pending


def test_a_change_to_a_payment_that_moved_on_is_dropped(store: CheckoutStore) -> None:
    _, payment = opened(store)
    pending = replace(payment, state=S.PENDING)
    assert store.update_payment(pending, S.CREATED)
    assert not store.update_payment(replace(payment, state=S.UNKNOWN), S.CREATED)
    assert store.payment(payment.payment_id) == pending


def test_settling_pays_the_order_and_writes_what_is_owed_at_once(subject: Subject) -> None:
    store = subject.store
    order, payment = opened(store)
    owed = deliveries_of(order, NOW)
    assert store.settle(paid(payment), S.CREATED, owed, NOW).state is S.PAID
    assert store.order(order.order_id) == replace(order, state=OrderState.PAID, paid_at=NOW)
    assert store.deliveries(order.order_id) == list(owed)
    assert [(delivery.kind, delivery.line_id) for delivery in owed] == [
        (DeliveryKind.PHONE_LINK, None),
        (DeliveryKind.PRINT, "line-a-0"),
    ]
    assert subject.told() == ["order_created", "order_paid"]


def test_settling_again_changes_nothing(subject: Subject) -> None:
    store = subject.store
    order, payment = opened(store)
    owed = deliveries_of(order, NOW)
    store.settle(paid(payment), S.CREATED, owed, NOW)
    later = NOW + timedelta(minutes=1)
    assert store.settle(paid(payment), S.CREATED, owed, later).state is S.PAID
    assert store.order(order.order_id).paid_at == NOW
    assert len(store.deliveries(order.order_id)) == 2
    assert subject.told().count("order_paid") == 1


def test_a_second_full_payment_is_a_duplicate_and_pays_nothing(subject: Subject) -> None:
    store = subject.store
    order, first = opened(store)
    store.update_payment(replace(first, state=S.EXPIRED), S.CREATED)
    second = store.add_payment(a_payment(order, "2"))
    store.settle(paid(second), S.CREATED, deliveries_of(order, NOW), NOW)
    twice = store.settle(paid(first), S.EXPIRED, deliveries_of(order, NOW), NOW)
    assert twice.state is store.payment(first.payment_id).state is S.DUPLICATE
    assert len(store.deliveries(order.order_id)) == 2
    assert subject.told().count("order_paid") == 1


def test_money_for_a_cancelled_order_is_late_until_staff_take_it(store: CheckoutStore) -> None:
    order, payment = opened(store)
    pending = replace(payment, state=S.PENDING)
    store.update_payment(pending, S.CREATED)
    store.cancel_order(order.order_id, NOW)
    cancelled = store.payment(payment.payment_id)
    assert cancelled.state is S.CANCELLED
    late = replace(cancelled, state=S.LATE, received_satang=39900)
    assert store.update_payment(late, S.CANCELLED)
    assert store.deliveries(order.order_id) == []
    taken = replace(late, state=S.PAID, confirmed_by="staff")
    assert store.settle(taken, S.LATE, deliveries_of(order, NOW), NOW).state is S.PAID
    assert store.order(order.order_id).state is OrderState.PAID


def test_cancelling_ends_open_payments_only_and_never_a_paid_order(subject: Subject) -> None:
    store = subject.store
    order, payment = opened(store)
    assert store.cancel_order(order.order_id, NOW).state is OrderState.CANCELLED
    assert store.cancel_order(order.order_id, NOW).state is OrderState.CANCELLED
    assert store.payment(payment.payment_id).state is S.CANCELLED
    other, other_payment = opened(store, an_order("b", "K7-ABCD"))
    store.settle(paid(other_payment), S.CREATED, (), NOW)
    assert store.cancel_order(other.order_id, NOW).state is OrderState.PAID
    assert subject.told() == ["order_created", "order_cancelled", "order_created", "order_paid"]


def test_an_order_has_one_open_payment_at_most(store: CheckoutStore) -> None:
    order, first = opened(store)
    assert store.add_payment(a_payment(order, "2")) == first
    store.update_payment(replace(first, state=S.EXPIRED), S.CREATED)
    second = store.add_payment(a_payment(order, "2"))
    assert store.add_payment(a_payment(order, "3")) == second
    assert store.add_payment(second) == second
    assert [payment.payment_id for payment in store.payments(order.order_id)] == [
        first.payment_id,
        second.payment_id,
    ]


def test_many_threads_add_one_payment(store: CheckoutStore) -> None:
    order, first = opened(store)
    store.update_payment(replace(first, state=S.REFUSED), S.CREATED)
    added: list[Payment] = []
    threads = [
        threading.Thread(target=lambda n=n: added.append(store.add_payment(a_payment(order, str(n)))))
        for n in range(2, 10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({payment.payment_id for payment in added}) == 1
    assert len(store.payments(order.order_id)) == 2


def test_payments_are_found_by_state_and_age(store: CheckoutStore) -> None:
    _, payment = opened(store)
    fresh = an_order("b", "K7-ABCD")
    later = replace(a_payment(fresh), created_at=NOW + timedelta(hours=1))
    store.open_order(fresh, later)
    assert store.payments_in({S.CREATED, S.PENDING}) == [payment, later]
    assert store.payments_in({S.CREATED}, NOW + timedelta(minutes=1)) == [later]
    assert store.payments_in({S.PAID}) == []


def test_deliveries_are_found_by_state_until_they_are_done(store: CheckoutStore) -> None:
    order, payment = opened(store)
    store.settle(paid(payment), S.CREATED, deliveries_of(order, NOW), NOW)
    link, printed = store.deliveries(order.order_id)
    store.set_delivery(link.delivery_id, DeliveryState.DONE)
    store.set_delivery(link.delivery_id, DeliveryState.DONE)
    store.set_delivery(printed.delivery_id, DeliveryState.WAITING_FOR_STAFF, "no paper")
    assert store.deliveries_in({DeliveryState.PENDING}) == []
    assert [found.detail for found in store.deliveries_in({DeliveryState.WAITING_FOR_STAFF})] == ["no paper"]


def test_a_voucher_is_counted_when_its_order_is_paid_and_refused_when_used_up(subject: Subject) -> None:
    store = subject.store
    subject.add_voucher(Voucher("SONGKRAN", VoucherKind.AMOUNT, 1000, use_limit=1))
    _, payment = opened(store, an_order(voucher="SONGKRAN"))
    before = subject.voucher("SONGKRAN")
    assert before is not None
    assert before.used == 0
    store.settle(paid(payment), S.CREATED, (), NOW)
    store.settle(paid(payment), S.CREATED, (), NOW)
    after = subject.voucher("SONGKRAN")
    assert after is not None
    assert after.used == 1
    second = an_order("b", "K7-ABCD", voucher="SONGKRAN")
    with pytest.raises(KnownError) as refused:
        store.open_order(second, a_payment(second))
    assert refused.value.code is ErrorCode.VOUCHER_USED


def test_a_vouchers_last_use_is_held_by_the_order_that_is_being_paid(subject: Subject) -> None:
    store = subject.store
    subject.add_voucher(Voucher("SONGKRAN", VoucherKind.AMOUNT, 1000, use_limit=1))
    first, _ = opened(store, an_order(voucher="SONGKRAN"))
    second = an_order("b", "K7-ABCD", voucher="SONGKRAN")
    with pytest.raises(KnownError) as refused:
        store.open_order(second, a_payment(second))
    assert refused.value.code is ErrorCode.VOUCHER_USED
    store.cancel_order(first.order_id, NOW)
    assert store.open_order(second, a_payment(second))


def test_abandoned_are_this_kiosks_orders_that_await_their_money_since_before(store: CheckoutStore) -> None:
    order, _ = opened(store)
    other = replace(order, order_id="other", code="K9-0000", kiosk_id="other-kiosk", lines=(), packages=())
    store.open_order(other, a_payment(other, "2"))
    assert store.abandoned(NOW) == []
    assert store.abandoned(NOW + timedelta(days=3)) == [order.order_id]
    store.cancel_order(order.order_id, NOW)
    assert store.abandoned(NOW + timedelta(days=3)) == []


def test_an_abandoned_order_lets_go_of_its_voucher(subject: Subject) -> None:
    store = subject.store
    subject.add_voucher(Voucher("SONGKRAN", VoucherKind.AMOUNT, 1000, use_limit=1))
    opened(store, an_order(voucher="SONGKRAN"))
    later = replace(an_order("b", "K7-ABCD", voucher="SONGKRAN"), created_at=NOW + timedelta(minutes=21))
    assert store.open_order(later, a_payment(later))


def test_orders_are_listed_by_when_they_were_made_the_newest_first(subject: Subject) -> None:
    store = subject.store
    first, _ = opened(store, an_order())
    second = replace(an_order("b", "K7-ABCD"), created_at=NOW + timedelta(minutes=1))
    store.open_order(second, a_payment(second))
    listed = store.orders(NOW, NOW + timedelta(minutes=2))
    assert [order.order_id for order in listed] == [second.order_id, first.order_id]
    assert [order.order_id for order in store.orders(NOW, NOW + timedelta(minutes=1))] == [first.order_id]


def refund(order: Order, satang: int, name: str = "1", payment: Payment | None = None) -> Refund:
    payment_id = payment.payment_id if payment else ""
    return Refund(f"refund-{name}", order.order_id, payment_id, satang, "a reason", "Malee", NOW)


def settled_order(store: CheckoutStore, voucher: str | None = None) -> tuple[Order, Payment]:
    order, payment = opened(store, an_order(voucher=voucher))
    return order, store.settle(paid(payment), S.CREATED, deliveries_of(order, NOW), NOW)


def test_an_order_is_refunded_once_all_of_its_price_was_given_back(subject: Subject) -> None:
    store = subject.store
    subject.add_voucher(Voucher("TEN", VoucherKind.PERCENT, 10))
    order, _ = settled_order(store, "TEN")
    part, rest = refund(order, 10000), refund(order, 29900, "2")
    assert store.give_back(part).state is OrderState.PAID
    assert store.give_back(part).state is OrderState.PAID
    assert store.give_back(rest).state is OrderState.REFUNDED
    assert store.give_back(rest).state is OrderState.REFUNDED
    assert store.refunds(order.order_id) == [part, rest]
    prints = [each for each in store.deliveries(order.order_id) if each.kind is DeliveryKind.PRINT]
    assert [each.state for each in prints] == [DeliveryState.DONE]
    voucher = subject.voucher("TEN")
    assert voucher is not None
    assert voucher.used == 0


@pytest.mark.parametrize("satang", [0, -1, 39901])
def test_no_more_is_given_back_than_the_order_cost(store: CheckoutStore, satang: int) -> None:
    order, _ = settled_order(store)
    with pytest.raises(KnownError) as too_much:
        store.give_back(refund(order, satang))
    assert too_much.value.code is ErrorCode.REFUND_TOO_MUCH
    assert store.refunds(order.order_id) == []


def test_nothing_is_given_back_of_the_price_of_an_order_that_nobody_paid(store: CheckoutStore) -> None:
    order, _ = opened(store)
    with pytest.raises(KnownError) as too_much:
        store.give_back(refund(order, 1))
    assert too_much.value.code is ErrorCode.REFUND_TOO_MUCH


def test_short_money_that_is_given_back_ends_the_order(subject: Subject) -> None:
    store = subject.store
    order, payment = opened(store)
    short = replace(payment, state=S.SHORT, received_satang=20000)
    assert store.update_payment(short, S.CREATED)
    assert store.give_back(refund(order, 20000, payment=payment)).state is OrderState.CANCELLED
    assert store.payment(payment.payment_id).state is S.SHORT
    assert subject.told()[-1] == "order_cancelled"


def test_money_that_came_twice_leaves_the_order_paid(store: CheckoutStore) -> None:
    order, _ = settled_order(store)
    second = store.add_payment(a_payment(order, "2"))
    twice = store.settle(paid(second), S.CREATED, (), NOW)
    assert twice.state is S.DUPLICATE
    assert store.give_back(refund(order, 39900, payment=twice)).state is OrderState.PAID
    with pytest.raises(KnownError):
        store.give_back(refund(order, 1, "2", payment=twice))
