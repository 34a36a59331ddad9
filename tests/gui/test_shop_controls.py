"""Every control from the results to the thanks page gives its command, and is reached without touch."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from kiosk.session.states import Screen as Page
from tests.gui.visiting import SHAPES, OpenScreen, on_page, touched


@pytest.mark.parametrize(
    ("page", "name", "command"),
    [
        (Page.RESULTS, "results.tile.photo-1", ("open_photo", "photo-1")),
        (Page.RESULTS, "results.disc.photo-1", ("choose", "photo-1")),
        (Page.RESULTS, "results.disc.photo-2", ("unchoose", "photo-2")),
        (Page.RESULTS, "results.basket", ("open_basket",)),
        (Page.RESULTS, "results.slideshow", ("open_photo", "photo-1")),
        (Page.RESULTS, "foot.back", ("back",)),
        (Page.LIGHTBOX, "lightbox.choose", ("choose", "photo-9")),
        (Page.LIGHTBOX, "lightbox.close", ("close_photo",)),
        (Page.LIGHTBOX, "lightbox.next", ("open_photo", "photo-10")),
        (Page.LIGHTBOX, "lightbox.previous", ("open_photo", "photo-8")),
        (Page.LIGHTBOX, "lightbox.favourite", ("toggle_favourite", "photo-9")),
        (Page.LIGHTBOX, "lightbox.notMe", ("not_me", "photo-9")),
        (Page.LIGHTBOX, "foot.back", ("back",)),
        (Page.BASKET, "basket.pay", ("pay",)),
        (Page.BASKET, "basket.remove.photo-3", ("unchoose", "photo-3")),
        (Page.BASKET, "foot.back", ("back",)),
        (Page.PAYMENT, "payment.check", ("check_payment",)),
        (Page.PAYMENT, "foot.back", ("back",)),
        (Page.PROBLEM, "problem.payRest", ("pay_rest",)),
        (Page.PROBLEM, "problem.staff", ("ask_staff",)),
        (Page.PROBLEM, "problem.refund", ("ask_staff",)),
        (Page.DELIVERY, "delivery.finish", ("finish",)),
        (Page.THANKS, "thanks.close", ("close",)),
        (Page.NO_MATCH, "noMatch.retake", ("retake",)),
        (Page.NO_MATCH, "noMatch.time", ("go_manual",)),
        (Page.NO_MATCH, "noMatch.number", ("go_manual",)),
        (Page.NO_MATCH, "noMatch.all", ("find_all",)),
        (Page.MANUAL, "manual.all", ("find_all",)),
        (Page.MANUAL, "manual.search", ("find_by_time", None, None, None)),
        (Page.MANUAL, "foot.back", ("back",)),
    ],
)
@SHAPES
def test_a_touch_gives_its_command_once(
    open_screen: OpenScreen, page: Page, name: str, command: tuple[Any, ...], size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, page, size)
    assert touched(screen, name) == [command]


@pytest.mark.parametrize(
    "page",
    [
        Page.NO_MATCH,
        Page.MANUAL,
        Page.LIGHTBOX,
        Page.BASKET,
        Page.PAYMENT,
        Page.PROBLEM,
        Page.DELIVERY,
        Page.THANKS,
    ],
)
@SHAPES
def test_keyboard_and_switch_reach_every_control(
    open_screen: OpenScreen, page: Page, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, page, size)
    screen.window.requestActivate()
    buttons = {
        item.objectName()
        for item in screen.items()
        if item.inherits("QQuickAbstractButton") and item.isEnabled()
    }
    reached = set()
    for _ in range(2 * len(buttons) + 4):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        focused = screen.window.activeFocusItem()
        if focused is not None:
            reached.add(focused.objectName())
    assert buttons <= reached
