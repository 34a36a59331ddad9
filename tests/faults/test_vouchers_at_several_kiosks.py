"""A voucher of one use is used once, also when kiosks are off line: the rule, at two kiosks of a centre."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import PaymentState
from kiosk.sales.types import OrderState, Voucher, VoucherKind
from tests.central_kiosk import CentralKiosk, kiosks
from tests.money_centre import MoneyCentre, money_centre

VOUCHER = Voucher("ONCE", VoucherKind.FREE, 0, use_limit=1)


@dataclass
class Venue:
    """A centre and two kiosks."""

    centre: MoneyCentre
    clock: ManualClock
    a: CentralKiosk
    b: CentralKiosk

    @property
    def counted(self) -> SqlVoucherRepository:
        """The vouchers as the centre counts them."""
        return SqlVoucherRepository(self.centre.server.centre.database, self.clock, self.centre.tenant_id)

    def issue(self, voucher: Voucher = VOUCHER) -> None:
        """At the centre; both kiosks hear of it."""
        self.counted.add_voucher(voucher)
        self.sync()

    def sync(self) -> None:
        for _ in range(2):
            self.a.sync()
            self.b.sync()

    def used(self, code: str = "ONCE") -> int:
        found = self.counted.voucher(code)
        assert found is not None
        return found.used


@pytest.fixture
def venue(tmp_path: Path) -> Iterator[Venue]:
    clock = ManualClock()
    with money_centre(clock) as centre, kiosks(tmp_path, centre, clock, "K1", "K2") as (a, b):
        yield Venue(centre, clock, a, b)


def refusal(kiosk: CentralKiosk, total_satang: int = 0, code: str = "ONCE") -> ErrorCode:
    """Why a voucher cannot be used there now."""
    with pytest.raises(KnownError) as no:
        kiosk.place(total_satang, code)
    return no.value.code


def test_a_voucher_of_the_centre_is_used_at_one_of_two_kiosks(venue: Venue) -> None:
    venue.issue()
    order, payment = venue.a.place(0, "ONCE")
    assert (order.state, payment.state) == (OrderState.PAID, PaymentState.PAID)
    assert refusal(venue.b) is ErrorCode.VOUCHER_USED  # before anything was synchronised
    venue.sync()
    assert venue.used() == 1
    assert refusal(venue.b) is ErrorCode.VOUCHER_USED


def test_off_line_a_voucher_of_the_centre_waits_for_the_network_and_staff_hear_why(venue: Venue) -> None:
    venue.issue()
    venue.a.is_off = venue.b.is_off = True
    for kiosk in (venue.a, venue.b):
        assert refusal(kiosk) is ErrorCode.VOUCHER_NEEDS_CENTRE
        assert [each.code for each in kiosk.notices.open_notices()] == [ErrorCode.VOUCHER_NEEDS_CENTRE]
    venue.a.is_off = False
    venue.a.place(0, "ONCE")


def test_a_voucher_of_a_kiosk_is_good_there_off_line_and_nowhere_else(venue: Venue) -> None:
    home = Voucher("HOME", VoucherKind.FREE, 0, use_limit=1, home_kiosk_id=venue.a.id)
    venue.a.vouchers.add_voucher(home)
    venue.sync()
    venue.a.is_off = venue.b.is_off = True
    assert refusal(venue.b, code="HOME") is ErrorCode.VOUCHER_ELSEWHERE
    venue.a.place(0, "HOME")
    assert refusal(venue.a, code="HOME") is ErrorCode.VOUCHER_USED
    venue.a.is_off = venue.b.is_off = False
    venue.sync()
    assert venue.used("HOME") == 1
    assert refusal(venue.b, code="HOME") is ErrorCode.VOUCHER_ELSEWHERE


def test_a_voucher_without_a_limit_is_good_everywhere_also_off_line(venue: Venue) -> None:
    venue.issue(Voucher("ALL", VoucherKind.PERCENT, 10, use_limit=None))
    venue.a.is_off = venue.b.is_off = True
    for kiosk in (venue.a, venue.b):
        kiosk.place(0, "ALL")
    venue.a.is_off = venue.b.is_off = False
    venue.sync()
    assert venue.used("ALL") == 2


def test_a_visitor_who_changes_the_basket_keeps_the_voucher(venue: Venue) -> None:
    """The order of before is cancelled, and its use is free before the centre hears of that by message."""
    venue.issue()
    first, _ = venue.a.place(10000, "ONCE")
    assert venue.a.checkout.cancel(first.order_id).state is OrderState.CANCELLED
    second, _ = venue.a.place(12000, "ONCE")
    venue.sync()
    assert venue.a.store.order(second.order_id).state is OrderState.AWAITING_PAYMENT
    assert refusal(venue.b, 100) is ErrorCode.VOUCHER_USED


def test_an_answer_that_was_lost_does_not_take_the_voucher_away(venue: Venue) -> None:
    venue.issue()
    venue.a.loses_answers = 1
    assert refusal(venue.a) is ErrorCode.VOUCHER_NEEDS_CENTRE
    venue.a.place(0, "ONCE")
    venue.sync()
    assert venue.used() == 1


@pytest.mark.slow
def test_a_power_cut_between_the_hold_and_the_order_gives_the_use_back(venue: Venue) -> None:
    venue.issue()
    venue.a.desk.hold("ONCE", "never-made")
    venue.a.desk.resume()
    assert refusal(venue.b, 100) is ErrorCode.VOUCHER_USED  # it is being placed
    venue.a.restart()
    venue.a.desk.resume()
    venue.b.place(0, "ONCE")
    venue.sync()
    assert venue.used() == 1


def test_an_order_that_was_cancelled_off_line_frees_the_voucher_when_the_network_is_back(
    venue: Venue,
) -> None:
    venue.issue()
    order, _ = venue.a.place(10000, "ONCE")
    venue.sync()
    venue.a.is_off = True
    venue.a.checkout.cancel(order.order_id)
    assert refusal(venue.b, 100) is ErrorCode.VOUCHER_USED
    venue.a.is_off = False
    venue.sync()
    venue.b.place(0, "ONCE")


def test_a_kiosk_that_lost_its_database_and_used_its_voucher_again_is_told_to_staff_of_both(
    venue: Venue,
) -> None:
    home = Voucher("HOME", VoucherKind.FREE, 0, use_limit=1, home_kiosk_id=venue.a.id)
    venue.a.vouchers.add_voucher(home)
    venue.a.sync()
    venue.a.place(0, "HOME")
    venue.a.sync()
    venue.a.forget_uses("HOME")
    venue.a.place(0, "HOME")
    venue.sync()
    assert venue.used("HOME") == 2
    for kiosk in (venue.a, venue.b):
        assert [each.code for each in kiosk.notices.open_notices()] == [ErrorCode.VOUCHER_OVERUSED]
