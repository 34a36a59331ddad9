"""The first page: its photos, and an order code typed there."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from PySide6.QtCore import QMetaObject
from PySide6.QtTest import QTest

from kiosk.photos.types import PreviewSize
from kiosk.session.states import Screen as Page
from kiosk.session.view import Notice
from kiosk.vision.types import Pixels
from tests.gui.fake_kiosk import FakeKiosk, a_view
from tests.gui.visiting import SHAPES, OpenScreen, on_page, says, touched


def test_a_photo_of_the_first_page_stays_until_it_has_faded_out(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    page = screen.wait_for("page.attract")
    screen.objects["Theme"].setProperty("lessMotion", False)

    def shown() -> set[str]:
        return {item.property("photoId") for item in screen.items() if item.inherits("QQuickItem")} - {None}

    screen.until(lambda: shown() == {"photo-0"})
    page.setProperty("turn", 1)
    screen.serve(100)
    assert shown() == {"photo-0", "photo-1"}
    screen.until(lambda: shown() == {"photo-1"})
    page.setProperty("turn", 2)
    screen.serve(100)
    assert shown() == {"photo-1", "photo-2"}


def test_the_first_page_turns_only_to_a_photo_that_is_there(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk()
    is_there = threading.Event()
    usual = kiosk.pictures.photo_pixels

    def slow(photo_id: str, size: PreviewSize) -> Pixels:
        if photo_id == "photo-1":
            is_there.wait(5)
        return usual(photo_id, size)

    kiosk.pictures.photo_pixels = slow  # type: ignore[method-assign]
    screen = open_screen(kiosk)
    page = screen.wait_for("page.attract")
    page.setProperty("isDue", True)
    QMetaObject.invokeMethod(page, "advance")
    screen.serve(50)
    assert page.property("turn") == 0
    is_there.set()
    screen.until(lambda: page.property("turn") == 1)


def test_the_first_page_passes_over_a_photo_that_cannot_be_had(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk()
    kiosk.missing.add("photo-1")
    screen = open_screen(kiosk)
    page = screen.wait_for("page.attract")
    screen.serve(200)
    page.setProperty("isDue", True)
    QMetaObject.invokeMethod(page, "advance")
    screen.until(lambda: page.property("turn") == 1)
    assert {item.property("photoId") for item in screen.items()} - {None} == {"photo-2"}


def test_new_photos_of_the_event_do_not_take_the_shown_one_away(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    event = screen.kiosk.view.event
    assert event is not None
    newer = replace(event, public_photo_ids=("photo-20", *event.public_photo_ids))
    screen.kiosk.show(a_view(Page.ATTRACT, event=newer))
    screen.serve(50)
    assert {item.property("photoId") for item in screen.items()} - {None} == {"photo-0"}
    screen.kiosk.show(a_view(Page.ATTRACT, event=replace(event, public_photo_ids=("photo-20",))))
    screen.until(lambda: {item.property("photoId") for item in screen.items()} - {None} == {"photo-20"})


@SHAPES
@pytest.mark.parametrize("page", [Page.ATTRACT, Page.MANUAL, Page.OUT_OF_SERVICE])
def test_a_wrong_order_code_is_told_once(open_screen: OpenScreen, page: Page, size: tuple[int, int]) -> None:
    screen = on_page(open_screen, page, size)
    screen.objects["Navigator"].openSheet("OrderSheet")
    screen.wait_for("OrderSheet")
    for letter in "K74Q2M":
        QTest.keyClick(screen.window, letter)
    assert touched(screen, "keyDone") == [("open_order", "K74Q2M")]
    screen.kiosk.show(replace(screen.kiosk.view, notice=Notice("error.order_unknown")))
    screen.until(lambda: says(screen, "No order with this code yet."))
    shown = [item for item in screen.items() if "No order with this code" in str(item.property("text"))]
    assert len([item for item in shown if item.inherits("QQuickText")]) == 1
    screen.objects["Navigator"].closeSheet()
    screen.until(lambda: screen.find("OrderSheet") is None)
    assert not says(screen, "No order with this code yet.")
