"""The list of all orders: searched, filtered, page by page; and the order of one."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtQuick import QQuickItem

from kiosk.language import Language
from kiosk.staff.told import OrdersListed
from tests.gui.conftest import Screen
from tests.gui.fake_staff import LATEST, NOW, PAGE, a_row, at, many_orders
from tests.gui.staff_places import OpenScreen, at_place, done, named
from tests.gui.visiting import says, touch
from ui import moment
from ui.translator import Translator
from ui.view_models.staff_orders import StaffOrderModel, rows_of
from ui.view_models.staff_words import satang_of, typed_baht

MANY = 5000


@pytest.fixture(autouse=True)
def _at_08_24(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW)


def with_many(open_screen: OpenScreen, count: int = MANY) -> Screen:
    """The list with so many orders."""
    screen = at_place(open_screen, "today")
    screen.kiosk.staff.orders = many_orders(count)
    screen.objects["StaffNavigator"].go("orders")  # type: ignore[attr-defined]
    screen.wait_for("orders.order.order-0")
    return screen


def list_of(screen: Screen) -> QQuickItem:
    return screen.wait_for("orders.list")


def scrolled_to_the_end(view: QQuickItem) -> bool:
    """Of what is laid out by now."""
    return bool(view.setProperty("contentY", view.property("contentHeight") - view.height()))


def codes(screen: Screen) -> list[str]:
    """Of the orders in the list."""
    return [row["code"] for row in rows_of(screen.objects["StaffOrders"].property("rows"))]


def test_a_page_after_the_other_is_read_as_somebody_scrolls(open_screen: OpenScreen) -> None:
    screen = with_many(open_screen)
    view = list_of(screen)
    assert view.property("count") <= 2 * PAGE
    for _ in range(3):
        before = view.property("count")
        screen.until(lambda before=before: scrolled_to_the_end(view) and view.property("count") > before)
    assert view.property("count") >= 4 * PAGE
    asked = [call for call in screen.kiosk.staff.calls if call[0] == "find_orders"]
    assert [call[3] for call in asked] == [PAGE * number for number in range(len(asked))]
    there = len(named(screen, "orders.order."))
    assert there < view.property("count") / 2  # only what is seen, and what is kept for the next rows


def test_the_end_is_reached_and_no_more_is_asked_for(open_screen: OpenScreen) -> None:
    screen = with_many(open_screen, PAGE + 5)
    orders = screen.objects["StaffOrders"]
    orders.more()  # type: ignore[attr-defined]
    screen.until(lambda: len(codes(screen)) == PAGE + 5)
    screen.until(lambda: not orders.property("hasMore"))
    screen.kiosk.staff.calls.clear()
    orders.more()  # type: ignore[attr-defined]
    assert screen.kiosk.staff.calls == []


def test_an_order_is_found_by_a_part_of_its_code(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "orders")
    touch(screen, "orders.search")
    sheet = screen.wait_for("StaffCodeSheet")
    sheet.setProperty("code", "4q")
    assert done(screen, "keyDone") == [("find_orders", "4Q", "", 0)]
    screen.until(lambda: codes(screen) == ["K7-4Q9T", "K7-4Q2M"])
    assert done(screen, "orders.clear") == [("find_orders", "", "", 0)]


def test_a_code_that_is_nobodys_is_told(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "orders")
    screen.objects["StaffOrders"].search("K7-ZZZZ")  # type: ignore[attr-defined]
    screen.until(lambda: says(screen, "No order has this code."))


def test_orders_of_one_state_are_listed_alone(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "orders")
    assert done(screen, "orders.state.1") == [("find_orders", "", "to_decide", 0)]
    screen.until(lambda: codes(screen) == ["K7-4Q2M", "K7-3H8P"])
    touch(screen, "orders.state.0")
    screen.until(lambda: len(codes(screen)) == len(LATEST))


def test_an_answer_to_another_question_is_passed_over(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "orders")
    stranger = (a_row("K7-0000", at(8, 0), 1, 7900, "handed_out"),)
    screen.kiosk.staff.publish(OrdersListed("K7-OTHER", "", 0, stranger, False))
    screen.serve(40)
    assert list_of(screen).property("count") == len(LATEST)


def test_a_new_order_is_on_top_for_whoever_has_not_scrolled(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "orders")
    new = a_row("K7-5A2B", at(8, 23), 2, 15800, "sending")
    screen.kiosk.staff.orders.insert(0, new)
    screen.kiosk.staff.show(replace(screen.kiosk.staff.view, latest=(new, *LATEST)))
    screen.wait_for("orders.order.order-5a2b")


def test_whoever_comes_back_from_an_order_finds_the_search_as_it_was(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "orders")
    screen.objects["StaffOrders"].search("4Q")  # type: ignore[attr-defined]
    screen.until(lambda: len(codes(screen)) == 2)
    touch(screen, "orders.order.order-4q9t")
    screen.wait_for("staff.page.order")
    screen.until(lambda: says(screen, "K7-4Q9T"))
    touch(screen, "staff.back")
    screen.wait_for("staff.page.orders")
    assert screen.objects["StaffOrders"].property("text") == "4Q"
    touch(screen, "rail.today")
    assert screen.objects["StaffOrders"].property("text") == ""


def test_without_the_right_an_order_has_no_buttons(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "order")
    shown = replace(screen.kiosk.staff.shown, can_reprint=False, can_resend=False, can_refund=False)
    screen.kiosk.staff.publish(shown)
    screen.until(lambda: named(screen, "order.") == [])


def test_rows_are_put_into_words_only_when_they_are_seen(qapp: object) -> None:
    words = Translator()
    words.show_language(Language.ENGLISH)
    model = StaffOrderModel(words)
    model.show(LATEST, 0)
    assert [row["code"] for row in rows_of(model)] == [card.code for card in LATEST]
    assert rows_of(model)[1]["state"] == "printed 1 of 2"
    heard: list[int] = []
    model.dataChanged.connect(lambda first, _last: heard.append(first.row()))
    model.show((*LATEST[:2], replace(LATEST[2], state="handed_out"), *LATEST[3:]), 0)
    assert heard == [2]
    words.show_language(Language.THAI)
    assert rows_of(model)[1]["state"].replace("\u200b", "") == "พิมพ์ 1 จาก 2"


@pytest.mark.parametrize(
    ("text", "satang"),
    [("300", 30000), ("99.24", 9924), ("99.2", 9920), ("0", 0), ("", None), (".5", None), ("1.234", None)],
)
def test_a_sum_is_read_as_it_is_typed(text: str, satang: int | None) -> None:
    assert satang_of(text) == satang
    if satang is not None:
        assert satang_of(typed_baht(satang)) == satang


def test_nonsense_is_no_sum() -> None:
    for text in ("1e3", "12a", "-5", "٣", "1..2", "99999999999"):
        assert satang_of(text) is None
