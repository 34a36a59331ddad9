"""What staff do about orders from the command line: told in words, noted once, refused where in vain."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from kiosk.archive import DATABASE_FILE, Archive
from kiosk.checkout.checkout import Checkout
from kiosk.clock import SystemClock
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.payments.types import PaymentState
from kiosk.sales.types import Basket, OrderState, Quote
from kiosk.shop_commands import confirm_order, issue_voucher, list_orders
from kiosk.staff.types import AuditAction
from kiosk.staff_commands import audit_entries
from tests.command_line import answer, kiosk, refusal

TOTAL = 29900


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A kiosk that staff confirm at, with the open orders K1-AAAA and K1-CCCC of 299 baht each."""
    (tmp_path / "kiosk.toml").write_text("[payment]\npromptpay_id = '0800000000'\n")
    database = open_database(tmp_path / DATABASE_FILE)
    codes = iter(["K1-AAAA", "K1-CCCC"])
    checkout = Checkout(
        SqlCheckoutStore(database),
        PromptPayGateway("0800000000", ""),
        SystemClock(),
        EventBus(),
        lambda: next(codes),
        {},
    )
    for _ in range(2):
        quote = Quote(1, (), TOTAL, TOTAL, 0, 0, TOTAL, None, None)
        _, payment = checkout.place(Basket(digital=("photo",)), quote, "run", Language.THAI)
        checkout.request_payment(payment.payment_id)
    database.close()
    return tmp_path


def waiting(home: Path) -> set[str]:
    return {each.order.code for each in list_orders(home, 1, only_waiting=True)}


def test_what_is_still_missing_is_said_and_the_next_sum_is_the_whole_one(home: Path) -> None:
    short = confirm_order(home, "aaaa", 23260, "Nok")
    assert (short.in_words, short.missing_satang) == ("66.40 baht still missing", 6640)
    assert "K1-AAAA" in waiting(home)
    paid = confirm_order(home, "K1-AAAA", TOTAL, "Nok")
    assert (paid.in_words, paid.missing_satang) == ("paid", 0)
    assert paid.payment.received_satang == TOTAL
    assert waiting(home) == {"K1-CCCC"}
    assert {each.order.code for each in list_orders(home, 1)} == {"K1-AAAA", "K1-CCCC"}


def test_what_was_confirmed_at_the_command_line_is_in_the_log(home: Path) -> None:
    confirm_order(home, "K1-AAAA", TOTAL, "Nok")
    confirm_order(home, "K1-CCCC", 0, "Nok")
    called_off, confirmed = audit_entries(home, 10)
    assert (called_off.action, called_off.subject) == (AuditAction.PAYMENT_CALLED_OFF, "K1-CCCC")
    assert (confirmed.action, confirmed.subject) == (AuditAction.PAYMENT_CONFIRMED, "K1-AAAA")
    assert confirmed.detail == {"by": "command line", "staff": "Nok", "received_satang": str(TOTAL)}


def test_too_much_money_pays_and_waits_for_staff_to_give_it_back(home: Path) -> None:
    over = confirm_order(home, "K1-AAAA", TOTAL + 2000, "Nok")
    assert over.order.state is OrderState.PAID
    assert over.in_words == "paid; 20 baht too much came, to be given back"
    assert "K1-AAAA" in waiting(home)


def test_that_no_money_came_is_not_called_paid(home: Path) -> None:
    none = confirm_order(home, "K1-AAAA", 0, "Nok")
    assert (none.payment.state, none.order.state) == (PaymentState.CANCELLED, OrderState.AWAITING_PAYMENT)
    assert none.in_words.startswith("not paid")


def test_money_for_an_order_that_is_paid_is_never_passed_over_as_paid(home: Path) -> None:
    confirm_order(home, "K1-AAAA", TOTAL, "Nok")
    with pytest.raises(KnownError) as refused:
        confirm_order(home, "K1-AAAA", TOTAL, "Nok")
    assert refused.value.code is ErrorCode.ORDER_PAID_ALREADY
    assert "give it back" in refused.value.next_step
    (order,) = (each for each in list_orders(home, 1) if each.order.code == "K1-AAAA")
    assert order.received_satang == TOTAL


def test_a_program_reads_the_same_of_a_confirmation(home: Path) -> None:
    arguments = ("confirm", "K1-AAAA", "--staff", "Nok", "--received")
    told = answer(kiosk(home, *arguments, "100", "--json"))
    assert (told["payment"], told["received_satang"], told["missing_satang"]) == ("short", 10000, 19900)
    done = kiosk(home, *arguments, "299")
    assert done.stdout == "Order K1-AAAA: paid.\n"
    assert refusal(kiosk(home, *arguments, "299", "--json")) == ErrorCode.ORDER_PAID_ALREADY
    rows = answer(kiosk(home, "orders", "--waiting", "--json"))
    assert [row["code"] for row in rows] == ["K1-CCCC"]


@pytest.mark.parametrize("is_enrolled", [False, True])
def test_a_kiosk_of_a_centre_issues_vouchers_that_are_good_at_home(tmp_path: Path, is_enrolled: bool) -> None:
    database = open_database(tmp_path / DATABASE_FILE)
    own_id = SqlMeta(database).kiosk_id()
    if is_enrolled:
        SqlEnrolment(database).enrol("River", "K7")
    archive = cast(Archive, SimpleNamespace(database=database, clock=SystemClock()))
    issue_voucher(archive, "welcome", 10, None, False, "", 1, 30)
    found = SqlVoucherRepository(database).voucher("WELCOME")
    database.close()
    assert found is not None
    assert found.home_kiosk_id == (own_id if is_enrolled else None)
