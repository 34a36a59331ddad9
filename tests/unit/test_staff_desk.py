"""The staff's desk: rights, the log, money decided once, and nothing shown to nobody."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from kiosk.database.engine import open_database
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.payments.types import GatewayStatus, PaymentState
from kiosk.photos.approval import WaitingPhoto
from kiosk.printing.types import PrintState
from kiosk.sales.types import OrderState, Voucher, VoucherKind
from kiosk.staff.told import (
    AuditListed,
    OrderShown,
    OrdersListed,
    OutboxListed,
    PaperSaved,
    PhotosListed,
    StaffChanged,
    VoucherMade,
    VouchersListed,
    notice_of,
)
from kiosk.staff.types import AuditAction, DecisionAction, DecisionKind, Right, Role, StaffMember
from tests.staff_room import QUICK_HASHES, StaffShop, a_print

A, K, S = DecisionAction, DecisionKind, PaymentState


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("empty") / "kiosk.db"
    open_database(path).close()
    return path


@pytest.fixture
def shop(tmp_path: Path, empty: Path) -> Iterator[StaffShop]:
    shop = StaffShop(tmp_path, empty)
    shop.hire("Somchai", "Malee", "Niran")
    yield shop
    shop.close()


@pytest.fixture
def by_hand(tmp_path: Path, empty: Path) -> Iterator[StaffShop]:
    """A shop whose money only staff can see."""
    shop = StaffShop(tmp_path, empty, hears_of_money=False)
    shop.hire("Somchai", "Malee", "Niran")
    yield shop
    shop.close()


@contextmanager
def held(shop: StaffShop) -> Iterator[None]:
    """What is asked for inside is done afterwards."""
    goes_on = threading.Event()
    shop.desk._jobs.submit(lambda: goes_on.wait(10) and None)
    yield
    goes_on.set()
    shop.settle()


def member_of(shop: StaffShop, staff_id: str) -> StaffMember:
    return next(each for each in shop.desk.view.members if each.staff_id == staff_id)


def only_decision(shop: StaffShop) -> tuple[DecisionKind, tuple[DecisionAction, ...]]:
    shop.desk._is_stale = True
    shop.desk.tick()
    shop.settle()
    (decision,) = shop.desk.view.decisions
    return decision.kind, decision.actions


# -- coming and going -------------------------------------------------------------------------------


def test_while_nobody_is_signed_in_the_view_holds_the_keypad_only(shop: StaffShop) -> None:
    shop.paid()
    shop.desk.open()
    shop.settle()
    view = shop.desk.view
    assert view.is_open
    assert view.is_set_up
    assert {each.name for each in view.members} == {"Somchai", "Malee", "Niran"}
    assert (view.who, view.today, view.latest, view.decisions, view.held_prints) == (None, None, (), (), ())


def test_whoever_signs_in_sees_the_day_by_their_rights(shop: StaffShop) -> None:
    shop.paid(29900)
    shop.sign_in("Niran")
    view = shop.desk.view
    assert view.who is not None
    assert view.who.name == "Niran"
    assert view.today is not None
    assert (view.today.orders, view.today.satang) == (1, 29900)
    assert len(view.latest) == 1
    assert Right.REFUND not in view.rights
    shop.desk.close()
    shop.sign_in("Somchai")
    assert shop.desk.view.today is None
    assert shop.desk.view.printers


def test_half_a_character_that_is_typed_is_refused_in_words(shop: StaffShop) -> None:
    order = shop.paid()
    shop.sign_in("Malee")
    shop.desk.refund(order.order_id, order.total_satang, "\ud800")
    shop.settle()
    assert shop.desk.view.notice is not None
    assert shop.desk.view.notice.code == ErrorCode.TEXT_INVALID
    assert shop.checkout.order(order.order_id).state is OrderState.PAID


def test_five_wrong_pins_lock_one_person_out_across_a_restart(shop: StaffShop) -> None:
    for left in (4, 3, 2, 1):
        shop.sign_in("Niran", "0000")
        assert member_of(shop, "niran").failed_tries == 5 - left
        assert shop.desk.view.notice is not None
        assert shop.desk.view.notice.code == ErrorCode.PIN_WRONG
    shop.sign_in("Niran", "0000")
    assert member_of(shop, "niran").locked_until is not None
    assert member_of(shop, "malee").locked_until is shop.desk.view.paced_until is None
    shop.close()
    shop.open()
    shop.sign_in("Niran")
    assert shop.desk.view.who is None
    shop.sign_in("Malee")
    assert shop.desk.view.who is not None
    shop.desk.close()
    shop.clock.advance(15 * 60)
    shop.sign_in("Niran")
    assert shop.desk.view.who is not None
    assert shop.actions().count("sign_in_failed") == 6
    assert shop.actions().count("locked_out") == 1


def test_the_pages_close_by_themselves_when_nobody_touches_them(shop: StaffShop) -> None:
    shop.sign_in("Malee")
    shop.clock.advance(170)
    shop.desk.touch()
    shop.clock.advance(170)
    shop.desk.tick()
    assert shop.desk.view.who is not None
    shop.clock.advance(15)
    shop.desk.tick()
    shop.settle()
    assert (shop.desk.view.is_open, shop.desk.view.who, shop.desk.view.today) == (False, None, None)
    assert shop.actions()[-1] == "signed_out"


def test_an_answer_for_somebody_who_has_left_is_told_to_nobody(shop: StaffShop) -> None:
    shop.paid()
    shop.sign_in("Malee")
    shop.listen(OrdersListed)
    who = shop.desk.view.who
    assert who is not None
    shop.desk.close()
    shop.desk._tell(who, OrdersListed("", "", 0, (), False))
    shop.settle()
    assert shop.events == []


def test_whoever_has_left_leaves_no_sentence_and_no_name_behind(shop: StaffShop) -> None:
    order = shop.paid()
    shop.sign_in("Malee")
    with held(shop):
        shop.desk.refund(order.order_id, 100, "x")
        shop.desk.close()
        shop.desk.open()
        shop.desk.close()
    assert (shop.desk.view.notice, shop.desk.view.members) == (None, ())
    shop.desk.find_orders()  # of which a closed page says that it needs a right
    shop.desk.open()
    assert shop.desk.view.notice is None


def test_a_pin_that_was_typed_before_the_pages_closed_lets_nobody_in_after(shop: StaffShop) -> None:
    shop.desk.open()
    with held(shop):
        shop.desk.sign_in("malee", "738264")
        shop.desk.close()
        shop.desk.open()
        shop.desk.sign_in("niran", "0000")
    assert shop.desk.view.who is None
    assert member_of(shop, "niran").failed_tries == 1
    assert AuditAction.SIGNED_IN.value not in shop.actions()


def test_an_import_that_breaks_is_over(shop: StaffShop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop.photos, "import_folder", lambda *_: 1 // 0)
    shop.sign_in("Niran")
    shop.desk.start_import(Path("/media/card"))
    shop.settle()
    assert not shop.desk.view.imports.is_running


def test_the_view_is_told_when_something_changes_and_not_otherwise(shop: StaffShop) -> None:
    shop.sign_in("Malee")
    shop.listen(StaffChanged)
    for _ in range(3):
        shop.desk.tick()
        shop.desk._jobs.finish(5)
    assert shop.events == []
    shop.paid()
    shop.desk.tick()
    shop.settle()
    assert len(shop.events) == 1
    assert shop.desk.view.today is not None
    assert shop.desk.view.today.orders == 1


def test_the_language_of_the_pages_is_the_staffs_own(shop: StaffShop) -> None:
    shop.sign_in("Malee")
    shop.desk.show_language(Language.ENGLISH)
    assert shop.desk.view.language is Language.ENGLISH


# -- rights and the log -----------------------------------------------------------------------------


def test_without_the_right_a_command_does_nothing_but_say_so(shop: StaffShop) -> None:
    order = shop.paid()
    shop.sign_in("Niran")
    shop.desk.refund(order.order_id, 29900, "no")
    shop.desk.make_vouchers(VoucherKind.FREE, 0, 1, 1, 30)
    shop.settle()
    assert shop.desk.view.notice is not None
    assert shop.desk.view.notice.code == ErrorCode.RIGHT_MISSING
    assert shop.checkout.refunds(order.order_id) == []
    assert shop.vouchers.vouchers() == []


def test_a_command_that_fails_is_in_the_log_with_its_code(shop: StaffShop) -> None:
    order = shop.paid()
    shop.sign_in("Malee")
    shop.desk.refund(order.order_id, 29901, "too much")
    shop.settle()
    asked, failed = shop.logged()[-2:]
    assert (asked.action, asked.subject, asked.detail) == (
        AuditAction.REFUNDED,
        order.code,
        {"satang": "29901"},
    )
    assert (failed.action, failed.detail["code"]) == (AuditAction.FAILED, ErrorCode.REFUND_TOO_MUCH)
    assert "too much" not in str(shop.logged())
    assert shop.desk.view.notice is not None
    assert shop.desk.view.notice.code == ErrorCode.REFUND_TOO_MUCH


def test_the_log_is_whole_and_holds_no_pin(shop: StaffShop) -> None:
    shop.sign_in("Malee")
    shop.desk.add_member("Prasert", Role.STAFF, "8264")
    shop.settle()
    shop.desk.set_pin("niran", "6193")
    shop.settle()
    assert shop.log.verify() == len(shop.logged())
    said = str(shop.logged())
    assert not [pin for pin in ("8264", "6193", "738264") if pin in said]
    shop.listen(AuditListed)
    shop.desk.list_audit()
    shop.settle()
    assert len(shop.told(AuditListed).entries) == len(shop.logged())


# -- decisions --------------------------------------------------------------------------------------


def test_short_money_is_completed_by_the_rest_that_came_another_way(shop: StaffShop) -> None:
    order = shop.order(29900)
    shop.pay(shop.payment(order), 20000)
    shop.sign_in("Niran")
    assert only_decision(shop) == (K.SHORT, (A.GIVE_BACK, A.TAKE_REST))
    assert shop.desk.view.decisions[0].missing_satang == 9900
    shop.desk.decide(shop.payment(order).payment_id, A.TAKE_REST)
    shop.settle()
    assert shop.checkout.order(order.order_id).state is OrderState.PAID
    assert shop.desk.view.decisions == ()


def test_short_money_given_back_ends_the_order_once(shop: StaffShop) -> None:
    order = shop.order(29900)
    payment = shop.pay(shop.payment(order), 20000)
    shop.sign_in("Niran")
    for _ in range(2):
        shop.desk.decide(payment.payment_id, A.GIVE_BACK)
        shop.settle()
    (refund,) = shop.checkout.refunds(order.order_id)
    assert (refund.amount_satang, refund.payment_id, refund.staff_name) == (
        20000,
        payment.payment_id,
        "Niran",
    )
    assert shop.checkout.order(order.order_id).state is OrderState.CANCELLED
    assert shop.desk.view.decisions == ()
    assert shop.logged()[-1].detail["code"] == ErrorCode.NOTHING_TO_DECIDE


def test_the_code_of_a_rest_that_nobody_is_to_pay_any_more_is_taken_back(shop: StaffShop) -> None:
    order = shop.order(29900)
    short = shop.pay(shop.payment(order), 20000)
    rest = shop.checkout.request_payment(shop.checkout.pay_rest(order.order_id).payment_id)
    assert rest.state is S.PENDING
    assert rest.provider_reference is not None
    shop.sign_in("Niran")
    shop.desk.decide(short.payment_id, A.GIVE_BACK)
    shop.settle()
    assert shop.payment(order).state is S.CANCELLED
    assert shop.gateway.check(rest.provider_reference).status is GatewayStatus.FAILED
    assert shop.desk.view.decisions == ()


def test_late_money_is_accepted_or_given_back(shop: StaffShop) -> None:
    orders = [shop.order(29900) for _ in range(2)]
    shop.clock.advance(20 * 60)
    for order in orders:
        shop.pay(shop.payment(order), 29900)
        assert shop.payment(order).state is S.LATE
    shop.sign_in("Niran")
    first, second = shop.desk.view.decisions
    assert (first.kind, first.late_minutes, first.actions) == (K.LATE, 5, (A.GIVE_BACK, A.CONFIRM))
    shop.desk.decide(first.payment_id, A.CONFIRM)
    shop.desk.decide(second.payment_id, A.GIVE_BACK)
    shop.settle()
    assert shop.checkout.order(first.order_id).state is OrderState.PAID
    assert shop.checkout.refunds(second.order_id)[0].amount_satang == 29900
    assert shop.desk.view.decisions == ()


def test_money_over_is_given_back_each_time_that_more_comes(shop: StaffShop) -> None:
    order = shop.order(29900)
    payment = shop.pay(shop.payment(order), 30000)
    shop.sign_in("Niran")
    assert only_decision(shop) == (K.OVER, (A.GIVE_BACK,))
    assert shop.desk.view.decisions[0].give_back_satang == 100
    shop.desk.decide(payment.payment_id, A.GIVE_BACK)
    shop.settle()
    assert shop.desk.view.decisions == ()
    assert [each.amount_satang for each in shop.checkout.refunds(order.order_id)] == [100]
    assert shop.checkout.order(order.order_id).state is OrderState.PAID


def test_money_that_came_twice_is_given_back(shop: StaffShop) -> None:
    order = shop.order(29900)
    first = shop.payment(order)
    shop.clock.advance(17 * 60)
    shop.checkout.sweep()
    second = shop.checkout.request_payment(shop.checkout.renew(order.order_id).payment_id)
    shop.pay(second, 29900)
    shop.pay(first, 29900)
    shop.sign_in("Niran")
    assert only_decision(shop) == (K.TWICE, (A.GIVE_BACK,))
    shop.desk.decide(first.payment_id, A.GIVE_BACK)
    shop.settle()
    assert shop.desk.view.decisions == ()


def test_where_only_staff_see_the_money_they_confirm_or_call_off(by_hand: StaffShop) -> None:
    orders = [by_hand.order(29900) for _ in range(2)]
    by_hand.sign_in("Niran")
    first, second = by_hand.desk.view.decisions
    assert (first.kind, first.actions) == (K.WAITING, (A.CALL_OFF, A.SCAN_SLIP, A.CONFIRM))
    by_hand.desk.decide(first.payment_id, A.CONFIRM)
    by_hand.desk.decide(second.payment_id, A.CALL_OFF)
    by_hand.settle()
    states = {by_hand.payment(order).state for order in orders}
    assert states == {S.PAID, S.CANCELLED}
    assert by_hand.desk.view.decisions == ()
    assert [each.detail for each in by_hand.logged()[-2:]] == [{"how": "confirm"}, {"how": "call_off"}]


def test_a_payment_of_unknown_fate_is_asked_about(shop: StaffShop) -> None:
    shop.gateway.fail_next["create"] = [ErrorCode.GATEWAY_TIMEOUT]
    order = shop.order(29900)
    assert shop.payment(order).state is S.UNKNOWN
    shop.sign_in("Niran")
    kind, actions = only_decision(shop)
    assert (kind, actions[0], actions[-1]) == (K.UNKNOWN, A.CALL_OFF, A.CONFIRM)
    shop.desk.decide(shop.payment(order).payment_id, A.CALL_OFF)
    shop.settle()
    assert shop.desk.view.decisions == ()


def test_a_button_that_is_touched_twice_is_one_command(shop: StaffShop) -> None:
    order = shop.paid()
    shop.sign_in("Malee")
    for _ in range(3):
        shop.desk.refund(order.order_id, 1000, "a print less")
    shop.settle()
    assert [each.amount_satang for each in shop.checkout.refunds(order.order_id)] == [1000]


# -- refunds ----------------------------------------------------------------------------------------


def test_a_whole_refund_ends_the_order_with_all_that_is_owed(shop: StaffShop) -> None:
    shop.vouchers.add_voucher(Voucher("WELCOME", VoucherKind.AMOUNT, 5000))
    order = shop.paid(29900, voucher="WELCOME", prints=1)
    shop.prints.jobs = [
        a_print(order, PrintState.SPOOLED),
        a_print(order, PrintState.PRINTED, "job-2"),
    ]
    shop.sign_in("Malee")
    shop.listen(OrderShown)
    shop.desk.refund(order.order_id, 10000, "half of it")
    shop.settle()
    shown = shop.told(OrderShown)
    assert (shown.order.state, shown.refundable_satang, shown.can_refund) == (OrderState.PAID, 19900, True)
    shop.desk.refund(order.order_id, 19900, "the rest")
    shop.settle()
    shown = shop.told(OrderShown)
    assert (shown.order.state, shown.refundable_satang, shown.can_refund) == (OrderState.REFUNDED, 0, False)
    assert [each.reason for each in shown.refunds] == ["half of it", "the rest"]
    assert shop.prints.calls == [("cancel", "job-1")]
    voucher = shop.vouchers.voucher("WELCOME")
    assert voucher is not None
    assert voucher.used == 0
    assert shop.desk.view.today is not None
    assert (shop.desk.view.today.satang, shop.desk.view.today.refunded_satang) == (0, 29900)


# -- the rest ---------------------------------------------------------------------------------------


def test_orders_are_found_shown_and_sent_again(shop: StaffShop) -> None:
    order = shop.paid()
    shop.sign_in("Niran")
    shop.listen(OrdersListed, OrderShown)
    shop.desk.find_orders(order.code[-4:].lower())
    shop.desk.show_order(order.order_id)
    shop.settle()
    (row,) = shop.told(OrdersListed).rows
    assert (row.code, row.photos, row.package_key, row.state) == (order.code, 2, "package.popular", "sending")
    assert shop.told(OrderShown).can_resend
    shop.desk.resend(order.order_id)
    shop.settle()
    assert shop.links.renewed == [order.order_id]
    assert shop.told(OrderShown).downloads == 2
    assert (shop.logged()[-1].action, shop.logged()[-1].subject) == (AuditAction.RESENT, order.code)


def test_vouchers_are_made_listed_and_put_on_paper(shop: StaffShop) -> None:
    shop.sign_in("Malee")
    shop.listen(VoucherMade, VouchersListed, PaperSaved)
    shop.desk.make_vouchers(VoucherKind.PERCENT, 20, 3, 1, 30)
    shop.settle()
    made = shop.told(VoucherMade).vouchers
    assert len({voucher.code for voucher in made}) == 3
    assert all(len(voucher.code) == 8 and voucher.value == 20 for voucher in made)
    order = shop.paid(29900, voucher=made[0].code)
    shop.desk.list_vouchers()
    shop.settle()
    assert shop.told(VouchersListed).discounts == {made[0].code: 5000}
    assert order.voucher_code == made[0].code
    shop.desk.print_vouchers([voucher.code for voucher in made])
    shop.settle()
    assert Path(shop.told(PaperSaved).path).read_bytes().startswith(b"%PDF")
    for wrong in ((VoucherKind.PERCENT, 101, 1), (VoucherKind.AMOUNT, 150, 1), (VoucherKind.FREE, 0, 201)):
        shop.desk.make_vouchers(*wrong, 1, 30)
        shop.settle()
        assert shop.desk.view.notice is not None
        assert shop.desk.view.notice.code == ErrorCode.SETTING_INVALID


def test_photos_are_taken_in_and_looked_at(shop: StaffShop, tmp_path: Path) -> None:
    at = datetime(2026, 11, 20, tzinfo=UTC)
    shop.photos.waits = [WaitingPhoto(f"p{n}", n, f"{n}.jpg", at, "Ploy", 1) for n in (1, 2, 3)]
    shop.sign_in("Niran")
    shop.listen(PhotosListed)
    shop.desk.start_import(tmp_path)
    shop.settle()
    assert shop.photos.imported == [tmp_path]
    imports = shop.desk.view.imports
    assert (imports.is_running, imports.done, imports.total) == (False, 3, 3)
    shop.desk.list_photos()
    shop.desk.approve(["p1"])
    shop.desk.reject(["p2", "p1"])
    shop.settle()
    assert (shop.told(PhotosListed).total, shop.told(PhotosListed).photos[0].photo_id) == (1, "p3")
    assert [each.detail for each in shop.logged()[-2:]] == [{"count": "1"}, {"count": "2"}]


def test_printers_and_days(shop: StaffShop) -> None:
    shop.sign_in("Malee")
    shop.listen(PaperSaved, OutboxListed)
    shop.desk.reprint("job-1")
    shop.desk.cancel_print("job-2")
    shop.desk.resume_printer("dnp")
    shop.desk.count_supply("10x15/glossy", 40)
    shop.desk.close_day(date(2026, 11, 20))
    shop.desk.list_outbox()
    shop.settle()
    calls = [call for call in shop.prints.calls if call[0] != "wake"]
    assert calls[1:] == [("cancel", "job-2"), ("resume", "dnp"), ("count", ("10x15/glossy", 40))]
    assert shop.days.closed == [date(2026, 11, 20)]
    assert shop.told(PaperSaved).what == "day"
    assert shop.told(OutboxListed).entries == ()


# -- staff themselves -------------------------------------------------------------------------------


def test_the_first_one_is_a_technician_who_is_signed_in_at_once(tmp_path: Path, empty: Path) -> None:
    shop = StaffShop(tmp_path, empty)
    try:
        shop.desk.open()
        shop.settle()
        assert not shop.desk.view.is_set_up
        shop.desk.add_member("Ann", Role.STAFF, "4821")
        shop.settle()
        assert shop.desk.view.notice is not None
        assert shop.desk.view.notice.code == ErrorCode.LAST_TECHNICIAN
        shop.desk.add_member("Ann", Role.TECHNICIAN, "1234")
        shop.settle()
        assert shop.desk.view.notice.code == ErrorCode.PIN_WEAK
        shop.desk.add_member("Ann", Role.TECHNICIAN, "4821")
        shop.settle()
        assert shop.desk.view.who is not None
        assert shop.desk.view.is_set_up
        shop.desk.close()
        shop.desk.add_member("Bob", Role.TECHNICIAN, "4821")
        shop.settle()
        assert [each.name for each in shop.staff.members()] == ["Ann"]
    finally:
        shop.close()


def test_nobody_gets_more_rights_by_their_own_hand(shop: StaffShop) -> None:
    shop.sign_in("Malee")
    shop.desk.change_member("malee", "Malee", Role.TECHNICIAN, True)
    shop.settle()
    shop.desk.set_pin("somchai", "6193")
    shop.settle()
    shop.desk.add_member("Eve", Role.TECHNICIAN, "6193")
    shop.settle()
    assert shop.staff.member("malee").role is Role.MANAGER
    assert QUICK_HASHES.is_pin("4821", shop.staff.pin_hash("somchai"))
    assert len(shop.staff.members()) == 3
    shop.desk.close()
    shop.sign_in("Niran")
    shop.desk.set_pin("niran", "6193")
    shop.settle()
    assert QUICK_HASHES.is_pin("6193", shop.staff.pin_hash("niran"))


def test_whoever_does_not_work_here_any_more_cannot_sign_in(shop: StaffShop) -> None:
    shop.sign_in("Somchai")
    shop.desk.change_member("niran", "Niran", Role.STAFF, False)
    shop.settle()
    shop.desk.change_member("somchai", "Somchai", Role.STAFF, True)
    shop.settle()
    assert shop.desk.view.notice is not None
    assert shop.desk.view.notice.code == ErrorCode.LAST_TECHNICIAN
    shop.desk.close()
    shop.sign_in("Niran")
    assert shop.desk.view.who is None


def test_whoever_was_let_go_while_signed_in_changes_nothing_any_more(shop: StaffShop) -> None:
    order = shop.paid()
    shop.sign_in("Malee")
    shop.staff.change(replace(shop.staff.member("malee"), is_active=False))
    shop.desk.refund(order.order_id, 100, "x")
    shop.settle()
    assert shop.checkout.refunds(order.order_id) == []
    notice = shop.desk.view.notice
    assert notice is not None
    assert notice.code == ErrorCode.RIGHT_MISSING


def test_how_the_run_before_ended_is_read_until_somebody_can_look_after_it(shop: StaffShop) -> None:
    notice = notice_of(KnownError(ErrorCode.SCREEN_FROZEN, "It gave no sign of life for 15 s."))
    shop.desk.greet_with(notice)
    read = []
    for name in ("Niran", "Somchai", "Malee"):
        shop.sign_in(name)
        read.append(shop.desk.view.notice)
        shop.desk.close()
        shop.settle()
    assert read == [notice, notice, None]  # Somchai is the technician
