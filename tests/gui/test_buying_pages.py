"""Basket, payment, problem, delivery and thanks: what each state says and what can be done."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest

from kiosk.language import Language
from kiosk.payments.qr import qr_png
from kiosk.sales.types import Finish, PrintItem, PrintSize
from kiosk.session.states import Screen as Page
from kiosk.session.view import Notice, PayStage, Problem
from tests.gui.conftest import WIDE
from tests.gui.fake_kiosk import (
    DELIVERING,
    FIVE,
    PAYING,
    RECEIPT,
    VOUCHER,
    a_problem,
    a_shop,
    a_view,
)
from tests.gui.visiting import SHAPES, OpenScreen, on_page, says, touched
from ui.view_models.photo_ids import PhotoIdModel


def test_prints_are_offered_only_where_they_are_sold(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.BASKET)
    assert screen.find("basket.addPrint") is None
    screen.kiosk.show(a_view(Page.BASKET, shop=a_shop("photo-2", prints=True)))
    screen.until(lambda: screen.find("basket.more.0") is not None)
    size, glossy = PrintSize.S10X15, Finish.GLOSSY
    assert touched(screen, "basket.more.0") == [("set_print", "photo-2", size, glossy, 3)]
    assert touched(screen, "basket.fewer.0") == [("set_print", "photo-2", size, glossy, 1)]
    assert touched(screen, "basket.matte.0") == [("change_finish", "photo-2", size, Finish.MATTE)]
    assert touched(screen, "basket.glossy.0") == []


def test_the_keyboard_stays_where_it_is_while_copies_and_paper_change(open_screen: OpenScreen) -> None:
    first = PrintItem("photo-2", PrintSize.S10X15, Finish.GLOSSY, 2)
    second = PrintItem("photo-3", PrintSize.S13X18, Finish.GLOSSY, 1)
    shop = a_shop("photo-2", "photo-3", prints=True)

    def show(*prints: PrintItem) -> None:
        screen.kiosk.show(a_view(Page.BASKET, shop=replace(shop, basket=replace(shop.basket, prints=prints))))
        screen.serve(30)

    screen = on_page(open_screen, Page.BASKET, shop=shop)
    screen.window.requestActivate()
    show(first, second)
    more = screen.wait_for("basket.more.0")
    more.forceActiveFocus()
    show(replace(first, copies=3), second)
    assert screen.window.activeFocusItem() is more
    matte = screen.wait_for("basket.matte.0")
    matte.forceActiveFocus()
    show(second, replace(first, copies=3, finish=Finish.MATTE))
    assert screen.window.activeFocusItem() is matte
    assert touched(screen, "basket.more.0") == [
        ("set_print", "photo-2", PrintSize.S10X15, Finish.MATTE, 4),
    ]


def test_a_print_is_added_by_photo_size_and_paper(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.BASKET, WIDE, shop=a_shop("photo-2", "photo-3", prints=True))
    screen.objects["Navigator"].openSheet("PrintSheet")
    screen.wait_for("PrintSheet")
    assert not screen.wait_for("print.add").isEnabled()
    touched(screen, "print.photo.photo-3")
    touched(screen, "print.size.1")
    touched(screen, "print.matte")
    assert touched(screen, "print.add") == [("set_print", "photo-3", PrintSize.S13X18, Finish.MATTE, 1)]
    screen.until(lambda: screen.find("PrintSheet") is None)


def test_a_voucher_is_typed_and_its_refusal_stays_on_the_sheet(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.BASKET)
    touched(screen, "basket.voucher")
    screen.wait_for("VoucherSheet")
    for letter in "run50":
        QTest.keyClick(screen.window, letter)
    assert touched(screen, "keyDone") == [("apply_voucher", "RUN50")]
    screen.kiosk.show(replace(screen.kiosk.view, notice=Notice("error.voucher_unknown")))
    screen.until(lambda: says(screen, "This code is not known here"))
    assert screen.find("VoucherSheet") is not None
    screen.kiosk.show(a_view(Page.BASKET, shop=a_shop(*FIVE, voucher=VOUCHER)))
    screen.until(lambda: screen.find("VoucherSheet") is None)
    assert says(screen, "Voucher RUN50: 50 baht off")
    assert touched(screen, "basket.voucherRemove") == [("remove_voucher",)]


def test_the_basket_says_which_package_is_in_use_and_what_it_saves(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.BASKET)
    assert says(screen, "Starter: 5 photos")
    assert says(screen, "This is the lowest price for 5 photos")
    assert says(screen, "One by one this would be 395 baht")
    assert [pack["times"] for pack in screen.objects["Basket"].property("packages")] == [0, 1, 0, 0, 0]


def test_an_empty_basket_cannot_be_paid_and_says_so(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.BASKET, shop=a_shop())
    assert not screen.wait_for("basket.pay").isEnabled()
    assert says(screen, "Nothing chosen yet")


def test_taking_one_photo_out_moves_one_thumbnail(qtbot: Any) -> None:
    model = PhotoIdModel()
    model.show(FIVE)
    told: list[tuple[str, int]] = []
    model.rowsRemoved.connect(lambda _at, first, _last: told.append(("out", first)))
    model.rowsInserted.connect(lambda _at, first, _last: told.append(("in", first)))
    model.modelReset.connect(lambda: told.append(("reset", 0)))
    model.show(FIVE[:2] + FIVE[3:])
    model.show((*FIVE[:2], *FIVE[3:], "photo-1"))
    assert told == [("out", 2), ("in", 4)]
    assert [model.data(model.index(row), next(iter(model.roleNames()))) for row in range(5)] == [
        *FIVE[:2],
        *FIVE[3:],
        "photo-1",
    ]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Waiting for your bank. This page moves on by itself."),
        ({"is_last_quarter": True}, "This code works until 14:52."),
        ({"stage": PayStage.CHECKING}, "Asking the bank"),
        ({"stage": PayStage.NOT_YET}, "Not here yet. Banks sometimes need a minute."),
        ({"stage": PayStage.STAFF, "confirms_by_itself": False}, "Our staff confirm it by this code."),
        ({"stage": PayStage.EXPIRED}, "This code has ended"),
    ],
)
@SHAPES
def test_each_stage_of_paying_says_what_goeson_page(
    open_screen: OpenScreen, changes: dict[str, Any], sentence: str, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, Page.PAYMENT, size, pay=replace(PAYING, **changes))
    assert says(screen, sentence)


@pytest.mark.parametrize(
    ("changes", "satang"),
    [
        ({}, "24"),
        ({"due_satang": 39908}, "08"),
        ({"due_satang": 39950, "price_satang": 39950}, None),
        ({"due_satang": 39900}, None),
        ({"due_satang": 9850, "confirms_by_itself": False, "stage": PayStage.STAFF}, None),
    ],
)
def test_satang_are_explained_only_where_the_gateway_adds_them(
    open_screen: OpenScreen, changes: dict[str, Any], satang: str | None
) -> None:
    screen = on_page(open_screen, Page.PAYMENT, pay=replace(PAYING, **changes))
    assert says(screen, "satang tell us that the payment is yours.") is (satang is not None)
    if satang is not None:
        assert says(screen, f"The {satang} satang")


@SHAPES
def test_where_the_price_itself_is_asked_the_basket_speaks_of_no_satang(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, Page.BASKET, size)
    assert says(screen, "The payment code may add a few satang.")
    screen.kiosk.show(a_view(Page.BASKET, shop=replace(a_shop(*FIVE), amounts_vary=False)))
    screen.until(lambda: not says(screen, "satang"))


@SHAPES
def test_where_staff_confirm_they_are_shown_the_order_code(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, Page.PAYMENT, size)
    assert screen.find("payment.code") is None
    pay = replace(PAYING, stage=PayStage.STAFF, confirms_by_itself=False)
    screen.kiosk.show(a_view(Page.PAYMENT, pay=pay))
    assert screen.wait_for("payment.code").property("text") == "K7-4Q2M"
    screen.kiosk.show(a_view(Page.PAYMENT, pay=pay, notice=Notice("common.staff_called")))
    screen.until(lambda: says(screen, "Once they confirm it, your photos open here."))


def test_the_end_of_a_code_is_said_only_in_its_last_quarter(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.PAYMENT)
    assert not says(screen, "14:52")


def test_while_the_code_is_prepared_nothing_can_be_checked(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.PAYMENT, pay=None)
    assert not screen.wait_for("payment.check").isEnabled()
    assert not says(screen, "Pay exactly")


def test_while_the_bank_is_asked_a_second_touch_does_nothing(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.PAYMENT, pay=replace(PAYING, stage=PayStage.CHECKING))
    assert touched(screen, "payment.check") == []


def test_an_ended_code_is_taken_away_and_a_new_one_is_the_first_choice(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.PAYMENT, pay=replace(PAYING, stage=PayStage.EXPIRED))
    assert not says(screen, "PromptPay")
    assert touched(screen, "payment.renew") == [("renew_payment",)]
    assert touched(screen, "payment.check") == [("check_payment",)]


@pytest.mark.parametrize(
    ("notice", "headline"),
    [
        ("error.qr_failed", "The payment code did not come"),
        ("error.pay_network", "We cannot reach the bank right now"),
    ],
)
@SHAPES
def test_a_code_that_did_not_come_says_so_and_who_helps(
    open_screen: OpenScreen, notice: str, headline: str, size: tuple[int, int]
) -> None:
    pay = replace(PAYING, stage=PayStage.EXPIRED, qr_payload=None)
    screen = on_page(open_screen, Page.PAYMENT, size, pay=pay, notice=Notice(notice))
    assert says(screen, headline)
    assert says(screen, "Nothing was charged.")
    assert not says(screen, "Scan to pay")
    assert screen.wait_for("payment.code").property("text") == "K7-4Q2M"
    assert touched(screen, "payment.renew") == [("renew_payment",)]
    assert touched(screen, "payment.askStaff") == [("ask_staff",)]


def test_a_gateways_own_picture_is_shown_as_it_is(open_screen: OpenScreen) -> None:
    pay = replace(PAYING, qr_payload=None, qr_png=qr_png("anything"))
    screen = on_page(open_screen, Page.PAYMENT, pay=pay)
    image = next(item for item in screen.items() if item.inherits("QQuickImage") and item.width() > 300)
    screen.until(lambda: image.property("implicitWidth") > 100)


def test_without_a_bank_app_the_staff_are_called(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.PAYMENT)
    assert touched(screen, "payment.noApp") == []
    assert touched(screen, "payment.askStaff") == [("ask_staff",)]
    screen.kiosk.show(replace(screen.kiosk.view, notice=Notice("common.staff_called")))
    screen.until(lambda: says(screen, "Please call our staff over."))


@pytest.mark.parametrize(
    ("problem", "title", "control", "command"),
    [
        (Problem.SHORT, "99.24 baht still to pay", "problem.payRest", "pay_rest"),
        (Problem.LATE, "Your payment came a little later", "problem.check", "check_payment"),
        (Problem.OVER, "We received 100.76 baht more", "problem.check", "check_payment"),
        (Problem.TWICE, "Your payment arrived twice", "problem.check", "check_payment"),
        (Problem.UNKNOWN, "We are asking the bank", "problem.check", "check_payment"),
    ],
)
def test_each_problem_says_what_came_and_what_to_do(
    open_screen: OpenScreen, problem: Problem, title: str, control: str, command: str
) -> None:
    screen = on_page(open_screen, Page.PROBLEM, pay=a_problem(problem))
    assert says(screen, title)
    assert says(screen, "K7-4Q2M")
    assert touched(screen, control) == [(command,)]
    assert (screen.find("problem.refund") is not None) is (problem is Problem.SHORT)


def test_the_way_by_wifi_is_told_only_where_there_is_one(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.DELIVERY)
    assert says(screen, "PhotoKiosk")
    assert says(screen, "Works until 20 Dec 2026, up to 10 downloads")
    screen.kiosk.show(a_view(Page.DELIVERY, deliver=replace(DELIVERING, wifi_name="")))
    screen.until(lambda: not says(screen, "Wi-Fi"))


@SHAPES
def test_the_bought_photos_are_seen_beside_their_code_without_scrolling(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    deliver = replace(DELIVERING, photo_count=2, photo_ids=FIVE[:2])
    screen = on_page(open_screen, Page.DELIVERY, size, language=Language.THAI, deliver=deliver)
    photos = [item for item in screen.items() if item.property("photoId") in FIVE[:2]]
    assert {item.property("photoId") for item in photos} == set(FIVE[:2])
    finish = screen.wait_for("delivery.receipt").mapToScene(QPointF(0, 0)).y()
    assert all(item.mapToScene(QPointF(0, item.height())).y() <= finish for item in photos)


def test_the_receipt_holds_code_lines_total_and_time(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.DELIVERY, deliver=replace(DELIVERING, print_copies=2))
    touched(screen, "delivery.receipt")
    screen.wait_for("ReceiptSheet")
    for words in ("K7-4Q2M", "5 photos", "× 2", "20 Nov 2026 · 08:16", "399", ".24"):
        assert says(screen, words)


def test_the_privacy_receipt_names_only_what_was_there(open_screen: OpenScreen) -> None:
    receipt = replace(RECEIPT, face_deleted_at=None, had_consent=False)
    screen = on_page(open_screen, Page.THANKS, receipt=receipt)
    assert not says(screen, "Picture of your face")
    assert not says(screen, "Record that you agreed")
    assert says(screen, "Everything you looked at here")
    assert says(screen, "Your 5 photos, for download")
    assert says(screen, "until 20 Dec 2026")


def test_thai_dates_count_buddhist_years(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.THANKS, language=Language.THAI)
    assert says(screen, "20 พ.ย. 2569")
