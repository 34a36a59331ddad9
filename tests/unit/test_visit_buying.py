"""From basket to delivery: one order a basket, the bank's word decides, nothing paid is lost from sight."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import PaymentState
from kiosk.sales.types import Finish, OrderState, PrintSize, Voucher, VoucherKind
from kiosk.session.states import Screen
from kiosk.session.view import PayStage, Problem
from tests.visit import START, Visit, match, photo


@pytest.fixture
def visit() -> Visit:
    return Visit([photo(number) for number in range(1, 11)], [match(number) for number in range(1, 8)])


def notice(visit: Visit) -> str:
    shown = visit.view.notice
    return shown.key if shown else ""


def test_the_basket_costs_the_least_and_says_when_a_package_is_cheaper(visit: Visit) -> None:
    visit.find()
    for number in (1, 2, 3):
        visit.buying.choose(f"{number:032x}")
    shop = visit.view.shop
    assert shop is not None
    assert shop.quote.total_satang == 23700
    assert shop.quote.hint is not None
    assert (shop.quote.hint.extra_photos, shop.quote.hint.price_satang) == (2, 29900)


def test_what_was_not_found_for_this_visitor_cannot_be_bought(visit: Visit) -> None:
    visit.find()
    visit.buying.choose("../../etc/passwd")
    visit.buying.set_print("\ud800", PrintSize.S10X15, Finish.GLOSSY, 1)
    assert notice(visit) == "error.photo_missing"
    assert visit.session.visitor.basket.is_empty


def test_the_amount_shown_is_the_one_the_gateway_asks_for(visit: Visit) -> None:
    visit.go_to_payment(1)
    pay = visit.view.pay
    assert pay is not None
    assert (pay.price_satang, pay.due_satang, pay.stage) == (7900, 7924, PayStage.WAITING)


def test_the_page_moves_on_by_itself_when_the_money_comes(visit: Visit) -> None:
    visit.go_to_payment(1, 2)
    visit.pay()
    assert visit.screen is Screen.DELIVERY
    deliver = visit.view.deliver
    assert deliver is not None
    assert deliver.photo_count == 2
    assert deliver.url.startswith("http://kiosk/d/")


def test_paying_for_an_unchanged_basket_twice_is_one_order(visit: Visit) -> None:
    visit.go_to_payment(1)
    first = visit.view.order_code
    visit.journey.back()
    assert visit.screen is Screen.BASKET
    visit.buying.pay()
    visit.buying.pay()
    visit.jobs.run()
    assert visit.view.order_code == first
    assert len(visit.gateway.created) == 1


def test_a_changed_basket_is_a_new_order_and_the_old_one_is_cancelled(visit: Visit) -> None:
    visit.go_to_payment(1)
    old = visit.session.visitor.order
    assert old is not None
    visit.journey.back()
    visit.journey.back()
    visit.buying.choose(f"{2:032x}")
    visit.buying.open_basket()
    visit.buying.pay()
    visit.jobs.run()
    assert visit.view.order_code != old.code
    assert visit.checkout.order(old.order_id).state is OrderState.CANCELLED


def paid_unseen(visit: Visit, amount_satang: int | None = None) -> None:
    """The visitor's bank pays; the kiosk has not looked yet."""
    payment = visit.session.visitor.payment
    assert payment is not None
    assert payment.provider_reference is not None
    visit.gateway.pay(payment.provider_reference, amount_satang)


@pytest.mark.parametrize(("amount", "page"), [(None, Screen.DELIVERY), (5000, Screen.PROBLEM)])
def test_a_basket_changed_after_its_code_was_paid_asks_for_no_second_payment(
    visit: Visit, amount: int | None, page: Screen
) -> None:
    visit.go_to_payment(1)
    paid_unseen(visit, amount)
    visit.journey.back()
    visit.buying.choose(f"{2:032x}")
    visit.buying.pay()
    visit.jobs.run()
    assert visit.screen is page
    assert len(visit.gateway.created) == 1


def test_an_order_that_cannot_be_stored_leaves_the_visitor_at_their_basket(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visit.store, "open_order", refuse)
    visit.go_to_payment(1)
    assert visit.screen is Screen.BASKET
    assert notice(visit) == "error.storage_full"


def test_a_database_that_fails_in_the_middle_of_paying_is_told_to_the_visitor(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit.go_to_payment(1)
    monkeypatch.setattr(visit.store, "payments", refuse)
    visit.buying.renew_payment()
    visit.jobs.run()
    assert visit.screen is Screen.PAYMENT
    assert notice(visit) == "error.storage_full"


def refuse(*_: object) -> None:
    raise KnownError(ErrorCode.DISK_FULL, "on demand")


def test_back_from_the_payment_of_an_order_code_never_leads_to_an_empty_basket(visit: Visit) -> None:
    visit.go_to_payment(1)
    code = visit.view.order_code
    assert code is not None
    visit.journey.close()
    visit.buying.open_order(code)
    visit.jobs.run()
    visit.journey.back()
    assert visit.screen is Screen.MANUAL


def test_an_order_whose_visitor_left_while_it_was_made_is_not_shown_after_a_power_cut(visit: Visit) -> None:
    visit.find()
    visit.buying.choose(f"{1:032x}")
    visit.buying.open_basket()
    visit.buying.pay()
    visit.journey.close()
    visit.jobs.run()
    assert visit.records.open_order is None


def test_an_order_resumed_while_somebody_else_begins_is_not_theirs(visit: Visit) -> None:
    visit.go_to_payment(1)
    paid_unseen(visit)
    visit.cut_the_power()
    visit.checkout.reconcile()
    visit.journey.begin()
    visit.buying.resume()
    assert visit.screen is Screen.CONSENT
    assert visit.view.order_code is None


def test_too_many_prints_are_told_and_the_basket_stays(visit: Visit) -> None:
    visit.find()
    visit.buying.set_print(f"{1:032x}", PrintSize.S10X15, Finish.MATTE, 51)
    assert notice(visit) == "error.print_limit"
    assert visit.session.visitor.basket.is_empty


def test_a_code_that_is_left_without_an_end_makes_way_for_the_next_visitor(visit: Visit) -> None:
    visit.go_to_payment(1)
    assert visit.session.pay is not None
    visit.session.pay = replace(visit.session.pay, stage=PayStage.STAFF, expires_at=None)
    visit.wait(16 * 60)
    assert visit.screen is Screen.PAYMENT
    visit.wait(30)
    assert visit.screen is Screen.ATTRACT
    assert visit.view.pay is None


def test_money_that_comes_while_the_visitor_looks_at_more_photos_leads_to_delivery(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.journey.back()
    visit.journey.back()
    assert visit.screen is Screen.RESULTS
    visit.pay()
    assert visit.screen is Screen.DELIVERY


def test_i_have_paid_asks_the_bank_and_says_not_yet(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.buying.check_payment()
    assert visit.view.pay is not None
    assert visit.view.pay.stage is PayStage.CHECKING
    visit.jobs.run()
    assert visit.view.pay.stage is PayStage.NOT_YET
    assert notice(visit) == "pay.not_yet"


def test_a_short_payment_shows_the_rest_and_paying_it_delivers(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.pay(5000)
    assert visit.screen is Screen.PROBLEM
    pay = visit.view.pay
    assert pay is not None
    assert (pay.problem, pay.received_satang) == (Problem.SHORT, 5000)
    visit.buying.pay_rest()
    visit.jobs.run()
    assert visit.screen is Screen.PAYMENT
    assert visit.view.pay is not None
    assert visit.view.pay.due_satang == 7900 - 5000 + 24
    visit.pay()
    assert visit.screen is Screen.DELIVERY
    assert visit.view.deliver is not None
    assert visit.view.deliver.over_satang == 0


def test_a_rest_that_is_paid_twice_is_what_came_over(visit: Visit) -> None:
    visit.go_to_payment(1)
    short = visit.session.visitor.payment
    assert short is not None
    assert short.provider_reference is not None
    visit.pay(5000)
    visit.buying.pay_rest()
    visit.jobs.run()
    visit.pay()
    visit.gateway.pay(short.provider_reference, 2924)
    visit.checkout.reconcile()
    visit.jobs.run()
    visit.journey.finish()
    visit.journey.close()
    visit.buying.open_order(visit.checkout.order(short.order_id).code)
    visit.jobs.run()
    assert visit.view.deliver is not None
    assert visit.view.deliver.over_satang == 2900


def test_more_money_than_asked_delivers_and_says_that_staff_give_the_rest_back(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.pay(10000)
    assert visit.screen is Screen.DELIVERY
    assert notice(visit) == "problem.over.text"
    assert visit.view.deliver is not None
    assert visit.view.deliver.over_satang == 10000 - 7924


def test_a_code_that_ended_can_be_had_anew_and_nobody_is_charged_twice(visit: Visit) -> None:
    visit.go_to_payment(1)
    first = visit.session.visitor.payment
    visit.clock.advance(17 * 60)
    visit.checkout.sweep()
    visit.jobs.run()
    assert visit.view.pay is not None
    assert visit.view.pay.stage is PayStage.EXPIRED
    visit.buying.renew_payment()
    visit.jobs.run()
    second = visit.session.visitor.payment
    assert first is not None
    assert second is not None
    assert first.payment_id != second.payment_id
    assert visit.view.pay.stage is PayStage.WAITING
    visit.pay()
    assert visit.screen is Screen.DELIVERY


def test_the_end_of_a_code_is_said_only_in_its_last_quarter(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.wait(10 * 60)
    assert visit.view.pay is not None
    assert not visit.view.pay.is_last_quarter
    visit.wait(2 * 60)
    assert visit.view.pay.is_last_quarter


def test_a_gateway_that_is_away_says_so_and_asking_again_is_safe(visit: Visit) -> None:
    visit.gateway.fail_next["create"] = [ErrorCode.GATEWAY_UNREACHABLE]
    visit.go_to_payment(1)
    assert notice(visit) == "error.pay_network"
    assert visit.view.pay is not None
    assert visit.view.pay.stage is PayStage.EXPIRED
    visit.buying.renew_payment()
    visit.jobs.run()
    assert visit.view.pay.stage is PayStage.WAITING
    assert len(visit.gateway.created) == 1


def test_a_gateway_that_never_answered_gives_a_new_code_since_nobody_saw_the_first(visit: Visit) -> None:
    visit.gateway.fail_next["create"] = [ErrorCode.GATEWAY_TIMEOUT]
    visit.go_to_payment(1)
    assert visit.screen is Screen.PAYMENT
    assert notice(visit) == "error.qr_failed"
    visit.buying.renew_payment()
    visit.jobs.run()
    assert visit.view.pay is not None
    assert visit.view.pay.stage is PayStage.WAITING
    visit.pay()
    assert visit.screen is Screen.DELIVERY


def test_a_bank_that_cannot_be_asked_changes_nothing(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.gateway.fail_next["check"] = [ErrorCode.GATEWAY_TIMEOUT]
    visit.buying.check_payment()
    visit.jobs.run()
    assert visit.screen is Screen.PAYMENT
    assert visit.session.visitor.payment is not None
    assert visit.session.visitor.payment.state is PaymentState.PENDING
    assert visit.view.pay is not None
    assert visit.view.pay.stage is PayStage.WAITING


def poll(visit: Visit, *, is_away: bool) -> None:
    """The kiosk looks for money, as it does every few seconds."""
    if is_away:
        visit.gateway.fail_next["check"] = [ErrorCode.GATEWAY_UNREACHABLE]
    visit.checkout.sweep()
    visit.buying.refresh()
    visit.jobs.run()


def test_a_bank_that_is_away_for_two_looks_is_told_until_it_is_back(visit: Visit) -> None:
    visit.go_to_payment(1)
    poll(visit, is_away=True)
    assert notice(visit) == ""
    poll(visit, is_away=False)
    poll(visit, is_away=True)
    assert notice(visit) == ""
    for _ in range(3):
        poll(visit, is_away=True)
        assert notice(visit) == "error.pay_network"
        assert visit.view.pay is not None
        assert (visit.view.pay.stage, visit.view.pay.qr_payload is None) == (PayStage.WAITING, False)
    poll(visit, is_away=False)
    assert notice(visit) == ""
    poll(visit, is_away=True)
    poll(visit, is_away=True)
    visit.pay()
    assert visit.screen is Screen.DELIVERY
    assert notice(visit) == ""


def test_a_bank_that_is_away_unsays_nothing_of_staff_and_is_told_on_no_other_page(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.buying.ask_staff()
    for _ in range(3):
        poll(visit, is_away=True)
        assert notice(visit) == "common.staff_called"
    poll(visit, is_away=False)
    assert notice(visit) == "common.staff_called"
    visit.journey.back()
    for _ in range(3):
        poll(visit, is_away=True)
        assert notice(visit) == ""


def test_i_have_paid_while_the_bank_is_away_is_told_until_it_is_back(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.gateway.fail_next["check"] = [ErrorCode.GATEWAY_TIMEOUT]
    visit.buying.check_payment()
    visit.jobs.run()
    assert notice(visit) == "error.pay_network"
    poll(visit, is_away=False)
    assert notice(visit) == ""


def test_a_code_that_did_not_come_keeps_its_sentence_while_others_are_asked_about(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.journey.back()
    visit.journey.back()
    visit.buying.choose(f"{2:032x}")
    visit.buying.open_basket()
    visit.gateway.fail_next["create"] = [ErrorCode.GATEWAY_UNREACHABLE]
    visit.buying.pay()
    visit.jobs.run()
    assert notice(visit) == "error.pay_network"
    poll(visit, is_away=False)
    assert notice(visit) == "error.pay_network"


def test_an_order_code_leads_to_the_photos_of_a_paid_order(visit: Visit) -> None:
    visit.go_to_payment(1, 2)
    visit.pay()
    code = visit.view.order_code
    assert code is not None
    visit.journey.finish()
    visit.journey.close()
    visit.buying.open_order(code.lower().replace("-", ""))
    visit.jobs.run()
    assert visit.screen is Screen.DELIVERY
    assert visit.view.deliver is not None
    assert visit.view.deliver.photo_count == 2


def test_an_order_code_leads_back_to_an_open_payment(visit: Visit) -> None:
    visit.go_to_payment(1)
    code = visit.view.order_code
    assert code is not None
    visit.journey.close()
    visit.buying.open_order(code)
    visit.jobs.run()
    assert visit.screen is Screen.PAYMENT
    assert len(visit.gateway.created) == 1


@pytest.mark.parametrize("is_after_power_cut", [False, True])
def test_an_order_whose_code_was_never_asked_for_gets_one_when_it_is_picked_up(
    visit: Visit, is_after_power_cut: bool
) -> None:
    visit.gateway.fail_next["create"] = [ErrorCode.GATEWAY_UNREACHABLE]
    visit.go_to_payment(1)
    code = visit.view.order_code
    assert code is not None
    if is_after_power_cut:
        visit.cut_the_power()
        visit.buying.resume()
    else:
        visit.journey.close()
        visit.buying.open_order(code)
    visit.jobs.run()
    assert visit.screen is Screen.PAYMENT
    assert visit.view.pay is not None
    assert visit.view.pay.stage is PayStage.WAITING
    assert len(visit.gateway.created) == 1


@pytest.mark.parametrize("typed", ["", "K1-0000", "nonsense", "K1-4Q2", "🙂"])
def test_an_unknown_order_code_is_told_and_the_page_stays(visit: Visit, typed: str) -> None:
    visit.buying.open_order(typed)
    visit.jobs.run()
    assert visit.screen is Screen.ATTRACT
    assert notice(visit) == "error.order_unknown"


def test_order_codes_cannot_be_guessed_one_after_the_other(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.pay()
    code = visit.view.order_code
    assert code is not None
    visit.journey.close()
    for _ in range(10):
        visit.buying.open_order("K1-0000")
        visit.jobs.run()
        assert notice(visit) == "error.order_unknown"
    visit.buying.open_order(code)
    visit.jobs.run()
    assert (visit.screen, notice(visit)) == (Screen.ATTRACT, "error.too_many_codes")
    visit.clock.advance(600)
    visit.buying.open_order(code)
    visit.jobs.run()
    assert visit.screen is Screen.DELIVERY


def test_a_voucher_lowers_the_total_and_can_be_taken_out(visit: Visit) -> None:
    visit.records.voucher_list["WELCOME"] = Voucher("WELCOME", VoucherKind.PERCENT, 10)
    visit.find()
    visit.buying.choose(f"{1:032x}")
    visit.buying.open_basket()
    visit.buying.apply_voucher(" wel-come ")
    visit.jobs.run()
    assert visit.view.shop is not None
    assert visit.view.shop.quote.total_satang == 7110
    visit.buying.remove_voucher()
    assert visit.view.shop.quote.total_satang == 7900


def test_a_voucher_that_cannot_be_used_says_why(visit: Visit) -> None:
    visit.records.voucher_list["OLD"] = Voucher(
        "OLD", VoucherKind.FREE, 0, valid_until=START.replace(year=2025)
    )
    visit.find()
    visit.buying.choose(f"{1:032x}")
    visit.buying.open_basket()
    for typed, key in (("none", "error.voucher_unknown"), ("old", "error.voucher_expired")):
        visit.buying.apply_voucher(typed)
        visit.jobs.run()
        assert notice(visit) == key


def test_a_voucher_of_another_kiosk_is_refused_in_the_basket_already(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def elsewhere(_: Voucher) -> None:
        raise KnownError(ErrorCode.VOUCHER_ELSEWHERE, "on demand")

    monkeypatch.setattr(visit.checkout, "check_voucher", elsewhere)
    visit.records.voucher_list["THERE"] = Voucher("THERE", VoucherKind.FREE, 0, home_kiosk_id="another")
    visit.find()
    visit.buying.choose(f"{1:032x}")
    visit.buying.open_basket()
    visit.buying.apply_voucher("there")
    visit.jobs.run()
    assert notice(visit) == "error.voucher_elsewhere"
    assert visit.session.voucher is None
    assert visit.session.visitor.basket.voucher_code is None


def test_a_free_order_is_delivered_without_a_bank(visit: Visit) -> None:
    visit.records.voucher_list["GIFT"] = Voucher("GIFT", VoucherKind.FREE, 0)
    visit.find()
    visit.buying.choose(f"{1:032x}")
    visit.buying.open_basket()
    visit.buying.apply_voucher("gift")
    visit.jobs.run()
    visit.buying.pay()
    visit.jobs.run()
    assert visit.screen is Screen.DELIVERY
    assert visit.gateway.created == []


def test_what_comes_back_from_the_bank_is_never_shown_to_the_next_visitor(visit: Visit) -> None:
    visit.go_to_payment(1)
    order = visit.session.visitor.order
    assert order is not None
    payment = visit.session.visitor.payment
    assert payment is not None
    assert payment.provider_reference is not None
    visit.journey.close()
    visit.find()
    visit.gateway.pay(payment.provider_reference)
    visit.checkout.sweep()
    visit.jobs.run()
    assert visit.screen is Screen.RESULTS
    assert visit.view.deliver is None
    assert visit.checkout.order(order.order_id).state is OrderState.PAID


def test_an_empty_basket_cannot_be_paid(visit: Visit) -> None:
    visit.find()
    visit.buying.open_basket()
    visit.buying.pay()
    visit.jobs.run()
    assert visit.screen is Screen.BASKET


def test_after_a_power_cut_the_visitor_finds_their_paid_photos_on_the_screen(visit: Visit) -> None:
    visit.go_to_payment(1)
    payment = visit.session.visitor.payment
    assert payment is not None
    assert payment.provider_reference is not None
    visit.gateway.pay(payment.provider_reference)
    visit.cut_the_power()
    visit.checkout.reconcile()
    visit.buying.resume()
    assert visit.screen is Screen.DELIVERY
    assert notice(visit) == "error.power_back"


def test_after_a_power_cut_photos_that_their_buyer_deleted_are_not_shown(
    visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deleted(_: str) -> None:
        raise KnownError(ErrorCode.PHOTOS_DELETED, "on demand")

    visit.go_to_payment(1)
    visit.pay()
    visit.cut_the_power()
    monkeypatch.setattr(visit.records, "link_of", deleted)
    visit.buying.resume()
    assert visit.screen is Screen.ATTRACT
    assert visit.view.notice is None


def test_after_a_power_cut_an_open_payment_shows_the_same_code(visit: Visit) -> None:
    visit.go_to_payment(1)
    payload = visit.view.pay.qr_payload if visit.view.pay else None
    visit.cut_the_power()
    visit.checkout.reconcile()
    visit.buying.resume()
    assert visit.screen is Screen.PAYMENT
    assert visit.view.pay is not None
    assert visit.view.pay.qr_payload == payload
    assert len(visit.gateway.created) == 1


def test_an_order_is_not_shown_again_after_its_visit_ended_or_long_after_the_cut(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.journey.close()
    visit.jobs.run()
    visit.buying.resume()
    assert visit.screen is Screen.ATTRACT
    visit.go_to_payment(1)
    visit.cut_the_power()
    visit.clock.advance(16 * 60)
    visit.buying.resume()
    assert visit.screen is Screen.ATTRACT


def test_whoever_comes_by_order_code_gets_the_photos_and_not_the_right_to_delete(visit: Visit) -> None:
    visit.go_to_payment(1)
    visit.pay()
    code = visit.view.order_code
    assert code is not None
    visit.journey.finish()
    assert visit.view.receipt is not None
    assert visit.view.receipt.url is not None
    visit.journey.close()
    visit.buying.open_order(code)
    visit.jobs.run()
    assert visit.view.deliver is not None
    visit.journey.finish()
    assert visit.view.receipt is not None
    assert visit.view.receipt.url is None
