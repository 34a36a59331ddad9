"""Money that staff decide on: no sum that nobody saw, no slip twice, nothing lost that came too much."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.slip import Slip, SlipFacts
from kiosk.payments.types import PaymentState
from kiosk.sales.types import OrderState, Voucher, VoucherKind
from kiosk.staff.ports import StaffParts
from kiosk.staff.slip_notes import VisitorSlips
from kiosk.staff.slip_scan import SlipScan
from kiosk.staff.told import SlipLooked
from kiosk.staff.types import DecisionAction, DecisionKind
from tests.fake_gateway import FakeGateway
from tests.staff_room import StaffShop

A = DecisionAction
SLIP = Slip("002", "0002123123121200011")


class HandScan(SlipScan):
    """Looks only when the test holds a slip up; of each look what it was begun with is kept."""

    def __init__(self) -> None:
        self.looks: list[tuple[Callable[[Slip], bool], Callable[[KnownError], None]]] = []

    def look(self, found: Callable[[Slip], bool], failed: Callable[[KnownError], None]) -> None:
        self.looks.append((found, failed))

    def stop(self) -> None:
        """Nothing runs."""

    def show(self, slip: Slip, look: int = -1) -> None:
        found, failed = self.looks[look]
        try:
            found(slip)
        except KnownError as error:
            failed(error)


class Service:
    """Tells `facts`; `is_asked` is set while it thinks, until `goes_on`."""

    def __init__(self, facts: SlipFacts) -> None:
        self.facts = facts
        self.is_asked, self.goes_on = threading.Event(), threading.Event()
        self.goes_on.set()

    def check(self, bank: str, reference: str) -> SlipFacts:
        self.is_asked.set()
        assert self.goes_on.wait(10)
        return self.facts


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "kiosk.db"
    open_database(path).close()
    return path


@pytest.fixture
def service() -> Service:
    return Service(SlipFacts(29900, "xxx-1234", None, is_ours=True))


class SlipShop(StaffShop):
    """Only staff see its money; slips are held up by hand."""

    def parts(self) -> StaffParts:
        self.hand = HandScan()
        return replace(super().parts(), slip_scan=self.hand)


@pytest.fixture
def shop(tmp_path: Path, empty: Path, service: Service) -> Iterator[SlipShop]:
    """Malee, a manager, is signed in."""
    shop = SlipShop(tmp_path, empty, hears_of_money=False, checker=service)
    shop.hire("Malee", "Niran")
    shop.listen(SlipLooked)
    shop.sign_in("Malee")
    yield shop
    shop.close()


def test_a_slip_is_taken_once_also_for_the_rest_of_its_order(shop: SlipShop, service: Service) -> None:
    order = shop.order(29900)
    first = shop.payment(order)
    service.facts = SlipFacts(15000, "xxx-1234", None, is_ours=True)
    shop.desk.scan_slip(first.payment_id)
    shop.hand.show(SLIP)
    shop.desk.take_slip(15000)
    shop.settle()
    assert shop.checkout.payment(first.payment_id).state is PaymentState.SHORT
    rest = shop.checkout.request_payment(shop.checkout.pay_rest(order.order_id).payment_id)
    shop.desk.scan_slip(rest.payment_id)
    shop.hand.show(SLIP)
    assert (shop.told(SlipLooked).stage, shop.told(SlipLooked).code) == ("failed", ErrorCode.SLIP_USED)
    parts = shop.parts()
    with pytest.raises(KnownError) as used:
        VisitorSlips(parts.slips, parts.slip_checker, ManualClock()).note(
            SLIP, order.order_id, rest.payment_id
        )
    assert used.value.code is ErrorCode.SLIP_USED


def test_a_slip_that_a_slow_service_finds_too_late_is_taken_for_nothing(
    shop: SlipShop, service: Service
) -> None:
    first, second = shop.order(29900), shop.order(19900)
    service.goes_on.clear()
    shop.desk.scan_slip(shop.payment(first).payment_id)
    late = threading.Thread(target=shop.hand.show, args=(SLIP,))
    late.start()
    assert service.is_asked.wait(10)
    shop.desk.stop_scanning()
    shop.desk.scan_slip(shop.payment(second).payment_id)
    service.goes_on.set()
    late.join(10)
    assert shop.told(SlipLooked) == SlipLooked("looking", shop.payment(second).payment_id)
    shop.desk.take_slip(29900)
    shop.settle()
    assert {shop.checkout.order(each.order_id).state for each in (first, second)} == {
        OrderState.AWAITING_PAYMENT
    }


def test_money_that_was_paid_before_the_order_is_not_for_it(shop: SlipShop, service: Service) -> None:
    order = shop.order(29900)
    service.facts = replace(service.facts, paid_at=order.created_at - timedelta(hours=3))
    shop.desk.scan_slip(shop.payment(order).payment_id)
    shop.hand.show(SLIP)
    assert shop.told(SlipLooked).code == ErrorCode.SLIP_MISMATCH
    service.facts = replace(service.facts, paid_at=order.created_at - timedelta(minutes=2))
    shop.hand.show(SLIP)
    assert shop.told(SlipLooked).stage == "found"


def test_a_slip_for_nothing_is_refused_and_stays_free(shop: SlipShop, service: Service) -> None:
    order = shop.order(29900)
    service.facts = replace(service.facts, amount_satang=0)
    shop.desk.scan_slip(shop.payment(order).payment_id)
    shop.hand.show(SLIP)
    shop.desk.take_slip(0)
    shop.settle()
    assert shop.logged()[-1].detail["code"] == ErrorCode.AMOUNT_INVALID
    assert shop.payment(order).state is PaymentState.PENDING
    assert shop.parts().slips.find(SLIP.bank, SLIP.reference) is None


def test_nothing_that_came_confirms_nothing(shop: SlipShop) -> None:
    order = shop.order(29900)
    shop.desk.decide(shop.payment(order).payment_id, A.CONFIRM, 0)
    shop.settle()
    assert shop.logged()[-1].detail["code"] == ErrorCode.AMOUNT_INVALID
    assert shop.payment(order).state is PaymentState.PENDING


def test_a_rest_that_is_too_little_pays_nothing_and_one_too_large_is_given_back(shop: SlipShop) -> None:
    order = shop.order(29900)
    payment = shop.payment(order)
    shop.desk.decide(payment.payment_id, A.CONFIRM, 10000)
    shop.desk.decide(payment.payment_id, A.TAKE_REST, 5000)
    shop.settle()
    assert shop.logged()[-1].detail["code"] == ErrorCode.AMOUNT_INVALID
    assert shop.payment(order).received_satang == 10000
    shop.desk.decide(payment.payment_id, A.TAKE_REST, 20000)
    shop.settle()
    assert shop.checkout.order(order.order_id).state is OrderState.PAID
    (decision,) = shop.desk.view.decisions
    assert (decision.kind, decision.give_back_satang) == (DecisionKind.OVER, 100)


def test_what_came_late_and_too_much_is_accepted_and_the_rest_given_back(tmp_path: Path, empty: Path) -> None:
    shop = StaffShop(tmp_path, empty)
    shop.hire("Malee")
    order = shop.order(29900)
    payment = shop.payment(order)
    shop.clock.advance(7200)
    shop.checkout.sweep()
    shop.checkout.cancel(order.order_id)
    assert payment.provider_reference is not None
    shop.gateway.pay(payment.provider_reference, 35000)
    shop.checkout.reconcile()
    shop.sign_in("Malee")
    shop.desk.decide(payment.payment_id, A.CONFIRM)
    shop.settle()
    assert shop.checkout.order(order.order_id).state is OrderState.PAID
    (decision,) = shop.desk.view.decisions
    assert (decision.kind, decision.give_back_satang) == (DecisionKind.OVER, 5100)
    shop.desk.decide(payment.payment_id, A.GIVE_BACK)
    shop.settle()
    assert shop.desk.view.decisions == ()
    shop.close()


def test_a_payment_of_a_gateway_that_is_no_more_is_for_staff(tmp_path: Path, empty: Path) -> None:
    shop = StaffShop(tmp_path, empty, hears_of_money=False)
    shop.hire("Malee")
    order = shop.order(29900)
    shop.close()
    shop.gateway = FakeGateway(shop.clock, extra_satang=0)
    shop.gateway.name = "another"
    shop.open()
    shop.sign_in("Malee")
    (decision,) = shop.desk.view.decisions
    shop.desk.decide(decision.payment_id, A.CONFIRM)
    shop.settle()
    assert shop.checkout.order(order.order_id).state is OrderState.PAID
    shop.close()


def test_short_money_given_back_gives_the_use_of_the_voucher_back_too(shop: SlipShop) -> None:
    shop.vouchers.add_voucher(Voucher("HAPPY", VoucherKind.AMOUNT, 5000))
    order = shop.order(24900, voucher="HAPPY")
    payment = shop.payment(order)
    shop.desk.decide(payment.payment_id, A.CONFIRM, 10000)
    shop.desk.decide(payment.payment_id, A.GIVE_BACK)
    shop.settle()
    assert shop.checkout.order(order.order_id).state is OrderState.CANCELLED
    assert shop.holds.released == [("HAPPY", order.order_id)]
