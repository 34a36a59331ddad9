"""What the delivery page hands over with, as the visitor meets it: prints, e-mail, LINE, new photos, the
receipt; and the slip on the payment pages."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from kiosk.language import Language
from kiosk.sending.types import SendingState, Way
from kiosk.session.states import Screen as Page
from kiosk.session.view import HandingView, MessageView, PrintsView, Problem, SlipView
from tests.gui.conftest import PORTRAIT, WIDE, Screen
from tests.gui.fake_kiosk import DELIVERING, FIVE, HANDING, RECEIPT, a_problem, a_shop, a_small_shop
from tests.gui.visiting import SHAPES, OpenScreen, on_page, says, touch, touched

UNTIL = DELIVERING.expires_at


def delivered(open_screen: OpenScreen, size: tuple[int, int] = PORTRAIT, **changes: Any) -> Screen:
    return on_page(open_screen, Page.DELIVERY, size, handing=replace(HANDING, **changes))


def typed(screen: Screen, text: str) -> None:
    for letter in text:
        QTest.keyClick(screen.window, letter)
    QTest.keyClick(screen.window, Qt.Key.Key_Return)


@SHAPES
def test_nothing_is_offered_that_is_not_set_up(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    screen = on_page(open_screen, Page.DELIVERY, size)
    for name in ("delivery.mail", "delivery.line", "delivery.keep", "delivery.prints"):
        assert screen.find(name) is None, name
    assert screen.find("delivery.receipt") is not None


@pytest.mark.parametrize(
    ("prints", "sentences"),
    [
        (
            PrintsView(2, 0, "printing", tray="right"),
            ("Printing 1 of 2", "Take them from the tray on the right"),
        ),
        (PrintsView(2, 1, "waiting"), ("Your prints come next", "Take them from the printer")),
        (
            PrintsView(2, 1, "waiting", "deliver.print.wait"),
            ("Your prints are waiting", "Waiting for paper. Our staff know. Your prints are kept for you."),
        ),
        (
            PrintsView(2, 1, "held", "deliver.print.held"),
            ("Our staff are looking after your prints", "Show our staff code K7-4Q2M."),
        ),
        (PrintsView(2, 2, "done", tray="Desk 4"), ("Your prints are in the tray", "Desk 4")),
    ],
    ids=["printing", "next", "paper", "held", "done"],
)
def test_the_prints_say_how_they_come_along_and_where_they_lie(
    open_screen: OpenScreen, prints: PrintsView, sentences: tuple[str, str]
) -> None:
    screen = delivered(open_screen, prints=prints)
    screen.wait_for("delivery.prints")
    for sentence in sentences:
        assert says(screen, sentence), sentence


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("is_larger", [False, True], ids=["usual", "larger"])
def test_the_prints_leave_the_buttons_below_them_free(
    open_screen: OpenScreen, language: Language, is_larger: bool
) -> None:
    waiting = PrintsView(2, 1, "waiting", "deliver.print.wait")
    handing = replace(HANDING, prints=waiting, can_keep=True, keeps_until=UNTIL)
    screen = on_page(open_screen, Page.DELIVERY, WIDE, handing=handing, language=language)
    screen.objects["Theme"].setProperty("largerText", is_larger)
    screen.serve(30)
    screen.window.grabWindow()
    card, button = screen.wait_for("delivery.prints"), screen.wait_for("delivery.mail")
    assert card.mapRectToScene(card.boundingRect()).bottom() <= button.mapToScene(QPointF(0, 0)).y()


def test_an_address_is_checked_as_it_is_typed_and_sent_once(open_screen: OpenScreen) -> None:
    screen = delivered(open_screen)
    touch(screen, "delivery.mail")
    screen.wait_for("MailSheet")
    assert says(screen, "Used once for this order, then deleted")
    screen.kiosk.calls.clear()
    typed(screen, "somchai@example")
    screen.until(lambda: says(screen, "Please check the e-mail address: it needs an @ and a dot."))
    assert not any(call[0] == "send" for call in screen.kiosk.calls)
    touch(screen, "key..com")
    assert not says(screen, "Please check the e-mail address")
    touch(screen, "key.done")
    screen.until(lambda: screen.find("MailSheet") is None)
    assert [call for call in screen.kiosk.calls if call[0] == "send"] == [
        ("send", Way.MAIL, "somchai@example.com")
    ]


@SHAPES
def test_what_became_of_a_message_is_said(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    sent = MessageView(Way.MAIL, SendingState.SENT, "s…@example.com")
    screen = delivered(open_screen, size, messages=(sent,))
    assert says(screen, "Sent to s…@example.com")
    for message, sentence in (
        (MessageView(Way.MAIL, SendingState.WAITING, "s…@example.com"), "Sending to s…@example.com"),
        (
            MessageView(Way.MAIL, SendingState.WAITING, "s…@example.com", is_tried=True),
            "Will be sent as soon as there is a network",
        ),
        (
            MessageView(Way.LINE, SendingState.FAILED, reason_key="deliver.line.blocked"),
            "Our account is blocked in your LINE.",
        ),
    ):
        handing = replace(HANDING, messages=(message,))
        screen.kiosk.show(replace(screen.kiosk.view, handing=handing))
        screen.until(lambda sentence=sentence: says(screen, sentence))  # type: ignore[misc]


def test_line_is_opened_by_the_visitors_own_phone(open_screen: OpenScreen) -> None:
    screen = delivered(open_screen)
    touch(screen, "delivery.line")
    screen.wait_for("LineSheet")
    assert says(screen, "A chat opens with your order code in it.")
    assert touched(screen, "line.close") == []


@pytest.mark.parametrize(("ways", "chosen"), [(frozenset({Way.MAIL}), ()), (frozenset(Way), ("keep.mail",))])
def test_new_photos_are_asked_for_apart_and_nothing_is_chosen_beforehand(
    open_screen: OpenScreen, ways: frozenset[Way], chosen: tuple[str, ...]
) -> None:
    line_url = HANDING.line_url if Way.LINE in ways else ""
    screen = delivered(open_screen, ways=ways, line_url=line_url, can_keep=True, keeps_until=UNTIL)
    touch(screen, "delivery.keep")
    screen.wait_for("KeepSheet")
    assert says(screen, "For this we keep the numbers of your face until 20 Dec 2026.")
    assert {screen.wait_for(name).property("kind") for name in ("keep.yes", "keep.no")} == {"secondary"}
    screen.kiosk.calls.clear()
    touch(screen, "keep.yes")
    for name in chosen:
        touch(screen, name)
    screen.wait_for("KeepMailSheet")
    typed(screen, "nok@example.com")
    screen.until(lambda: screen.find("KeepMailSheet") is None)
    assert [call for call in screen.kiosk.calls if call[0] == "keep_face"] == [
        ("keep_face", Way.MAIL, "nok@example.com")
    ]


def test_who_says_no_has_the_face_deleted_at_once(open_screen: OpenScreen) -> None:
    screen = delivered(open_screen, can_keep=True, keeps_until=UNTIL)
    touch(screen, "delivery.keep")
    screen.wait_for("KeepSheet")
    assert touched(screen, "keep.no") == [("drop_face",)]


def test_kept_numbers_are_told_and_can_be_called_back(open_screen: OpenScreen) -> None:
    screen = delivered(open_screen, is_kept=True, keeps_until=UNTIL)
    assert says(screen, "We will add new photos of you to this link")
    touch(screen, "foot.myData")
    screen.wait_for("MyDataSheet")
    assert says(screen, "Face numbers are kept for new photos until 20 Dec 2026")
    assert touched(screen, "myData.stopKeeping") == [("stop_keeping",)]


@SHAPES
def test_a_slip_is_held_before_the_camera_which_is_let_go_of(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, Page.PAYMENT, size, slip=SlipView(is_offered=True))
    assert touched(screen, "payment.slip") == [("scan_slip",)]
    screen.wait_for("SlipSheet")
    assert says(screen, "No face is looked for, no picture is kept.")
    for slip, sentence in (
        (
            SlipView(True, "failed", "error.slip_unreadable"),
            "The slip is hard to read. Hold it a little closer and straight.",
        ),
        (SlipView(True, "failed", "error.slip_used"), "This slip already belongs to another order."),
        (
            SlipView(True, "noted"),
            "Your slip is with our staff. Once they confirm it, your photos open here.",
        ),
    ):
        screen.kiosk.show(replace(screen.kiosk.view, slip=slip))
        screen.until(lambda sentence=sentence: says(screen, sentence))  # type: ignore[misc]
    assert touched(screen, "slip.close") == [("stop_scanning",)]
    screen.until(lambda: screen.find("SlipSheet") is None)


def test_a_slip_is_asked_for_only_where_staff_confirm(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.PAYMENT)
    assert screen.find("payment.slip") is None
    problem = a_problem(Problem.UNKNOWN)
    screen = on_page(open_screen, Page.PROBLEM, pay=problem, slip=SlipView(is_offered=True))
    assert screen.find("problem.slip") is not None


@SHAPES
def test_the_receipt_says_why_and_can_be_had_on_paper(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    screen = on_page(open_screen, Page.THANKS, size, receipt=replace(RECEIPT, can_print=True))
    for sentence in ("so that you can save them", "tax law asks for a record of each sale"):
        assert says(screen, sentence)
    assert touched(screen, "thanks.print") == [("print_receipt",)]
    screen.kiosk.show(replace(screen.kiosk.view, receipt=RECEIPT))
    screen.until(lambda: screen.find("thanks.print") is None)


def test_kept_numbers_are_on_the_receipt_and_not_among_what_is_deleted(open_screen: OpenScreen) -> None:
    receipt = replace(RECEIPT, numbers_until=UNTIL, owes_message=True)
    screen = on_page(open_screen, Page.THANKS, WIDE, receipt=receipt)
    gone = screen.objects["Delivery"].property("deleted")
    assert [row["text"] for row in gone] == ["Picture of your face", "Everything you looked at here"]
    kept = {row["text"]: row["when"] for row in screen.objects["Delivery"].property("kept")}
    assert kept["Face numbers (template)"] == "until 20 Dec 2026"
    assert kept["Your e-mail or LINE address"] == "until it is sent"


def test_a_photo_that_is_too_small_is_told_before_it_is_bought(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.BASKET, shop=a_small_shop())
    assert says(screen, "Printed here, ready in about 2 minutes")
    touch(screen, "basket.addPrint")
    screen.wait_for("PrintSheet")
    touch(screen, f"print.photo.{FIVE[0]}")
    touch(screen, "print.size.1")
    screen.until(lambda: says(screen, "This photo is sharp up to 10 × 15 cm."))
    assert not screen.wait_for("print.matte").isEnabled()
    touch(screen, "print.size.0")
    screen.until(lambda: not says(screen, "This photo is sharp up to"))


def test_without_paper_the_sizes_say_so_and_digital_goes_on(open_screen: OpenScreen) -> None:
    shop = a_small_shop()
    out = tuple(replace(offer, finishes=()) for offer in shop.print_offers)
    screen = on_page(open_screen, Page.BASKET, shop=replace(shop, print_offers=out))
    assert says(screen, "No paper of this size right now. Digital photos are ready as usual.")
    touch(screen, "basket.addPrint")
    screen.wait_for("PrintSheet")
    assert says(screen, "10 × 15 cm: out of paper")
    assert not screen.wait_for("print.add").isEnabled()


def test_the_only_photo_is_the_one_to_print(open_screen: OpenScreen) -> None:
    shop = replace(a_shop(FIVE[0], prints=True), print_minutes=1)
    screen = on_page(open_screen, Page.BASKET, shop=shop)
    assert says(screen, "Printed here, ready in about 1 minute")
    assert not says(screen, "1 minutes")
    touch(screen, "basket.addPrint")
    screen.wait_for("PrintSheet")
    assert screen.wait_for("print.add").isEnabled()


def test_in_thai_the_delivery_page_says_it_too(open_screen: OpenScreen) -> None:
    handing = HandingView(prints=PrintsView(2, 0, "printing", tray="right"))
    screen = on_page(open_screen, Page.DELIVERY, handing=handing, language=Language.THAI)
    assert says(screen, "กำลังพิมพ์แผ่นที่ 1 จาก 2")
