"""Every page, in both languages and both orientations: it loads, fits, and can be touched and reached."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.capture.types import CameraState
from kiosk.language import Language
from kiosk.session.states import Screen as Page
from kiosk.session.view import Notice
from tests.gui.conftest import PORTRAIT, WIDE, Screen
from tests.gui.fake_kiosk import FakeKiosk, a_view
from tests.gui.render_pages import PICTURES, Scene
from ui import navigator

LEAST_TARGET = 54  # 15 mm on the 24 inch screen
SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])
LANGUAGES = pytest.mark.parametrize("language", list(Language))
OpenScreen = Callable[..., Screen]


def _rect(item: QQuickItem) -> QRectF:
    return item.mapRectToScene(QRectF(0, 0, item.width(), item.height()))


def _is_button(item: QQuickItem) -> bool:
    return item.inherits("QQuickAbstractButton") and item.isEnabled()


def _open_picture(open_screen: OpenScreen, name: str, language: Language, size: tuple[int, int]) -> Screen:
    view, step = PICTURES[name]
    kiosk = FakeKiosk(replace(view, language=language))
    screen = open_screen(kiosk, size)
    screen.wait_for(f"page.{view.screen}")
    if step is not None:
        step(Scene(kiosk, screen.kiosk_window))
    if view.is_idle_warning:
        screen.wait_for("IdleSheet")
    screen.serve(30)
    return screen


@pytest.mark.parametrize("name", list(PICTURES))
@pytest.mark.parametrize(
    ("language", "size"),
    [
        pytest.param(Language.THAI, PORTRAIT, id="th-portrait"),
        pytest.param(Language.ENGLISH, WIDE, id="en-wide"),
        pytest.param(Language.THAI, WIDE, id="th-wide", marks=pytest.mark.slow),
        pytest.param(Language.ENGLISH, PORTRAIT, id="en-portrait", marks=pytest.mark.slow),
    ],
)
def test_on_every_page_words_stay_whole_and_buttons_are_large_and_apart(
    open_screen: OpenScreen, name: str, language: Language, size: tuple[int, int]
) -> None:
    screen = _open_picture(open_screen, name, language, size)
    _check_words(screen, size)
    buttons = [item for item in screen.items() if _is_button(item)]
    assert buttons
    for button in buttons:
        where = _rect(button)
        assert min(where.width(), where.height()) >= LEAST_TARGET, (button.objectName(), where)
    _check_apart([button for button in buttons if not _is_clipped(button)])


def _check_words(screen: Screen, size: tuple[int, int]) -> None:
    words = [item for item in screen.items() if item.inherits("QQuickText") and item.property("text")]
    assert words
    page = QRectF(0, 0, *size)
    for item in words:
        text = item.property("text")
        assert not item.property("truncated"), text
        assert item.property("contentWidth") <= item.width() + 1, text
        if not _is_clipped(item):
            assert page.adjusted(-1, -1, 1, 1).contains(_rect(item)), text


def _is_clipped(item: QQuickItem | None) -> bool:
    while item is not None:
        if item.clip():
            return True
        item = item.parentItem()
    return False


def _check_apart(buttons: list[QQuickItem]) -> None:
    for index, one in enumerate(buttons):
        for other in buttons[index + 1 :]:
            if one.isAncestorOf(other) or other.isAncestorOf(one):
                continue
            shared = _rect(one).intersected(_rect(other))
            assert min(shared.width(), shared.height()) <= 0, (one.objectName(), other.objectName())


@pytest.mark.parametrize(
    ("page", "name", "command"),
    [
        (Page.ATTRACT, "attract.begin", ("begin",)),
        (Page.ATTRACT, "attract.manual", ("go_manual",)),
        (Page.CONSENT, "consent.agree", ("agree",)),
        (Page.CONSENT, "consent.decline", ("decline",)),
        (Page.CONSENT, "foot.back", ("back",)),
        (Page.CAPTURE, "capture.takeNow", ("take_now",)),
        (Page.SEARCHING, "foot.back", ("back",)),
    ],
)
@SHAPES
def test_a_touch_gives_its_command_once(
    open_screen: OpenScreen, page: Page, name: str, command: tuple[str], size: tuple[int, int]
) -> None:
    screen = open_screen(FakeKiosk(a_view(page)), size)
    screen.wait_for(f"page.{page}")
    screen.touch(screen.wait_for(name))
    assert [call for call in screen.kiosk.calls if call != ("keep_alive",)] == [command]
    assert ("keep_alive",) in screen.kiosk.calls


def test_a_search_that_stopped_can_be_tried_again_with_the_same_picture(open_screen: OpenScreen) -> None:
    screen = open_screen(FakeKiosk(a_view(Page.SEARCHING, notice=Notice("error.search_failed"))))
    screen.touch(screen.wait_for("searching.again"))
    assert ("search_again",) in screen.kiosk.calls


def test_without_a_camera_the_way_without_a_face_is_the_gold_one(open_screen: OpenScreen) -> None:
    view = a_view(Page.ATTRACT, camera=CameraState.NONE, notice=Notice("error.camera_none"))
    screen = open_screen(FakeKiosk(view))
    screen.touch(screen.wait_for("attract.begin"))
    assert ("go_manual",) in screen.kiosk.calls
    assert screen.find("attract.manual") is None


@SHAPES
def test_a_change_of_language_keeps_the_page_and_changes_every_word(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = open_screen(FakeKiosk(a_view(Page.CONSENT)), size)
    page = screen.wait_for("page.consent")
    assert page.findChild(QQuickItem, "consent.decline").property("text") == "Go on without my face"
    screen.touch(screen.wait_for("foot.thai"))
    screen.until(lambda: "ใบหน้า" in page.findChild(QQuickItem, "consent.decline").property("text"))
    assert screen.find("page.consent") == page


def test_every_page_and_sheet_is_known_to_the_navigator() -> None:
    files = Path(navigator.__file__).parent / "qml" / "pages"
    known = {*navigator.PAGES.values(), *navigator.SHEETS}
    assert known == {file.stem for file in files.glob("*.qml")}


def test_touches_inside_a_sheet_do_not_reach_the_page(open_screen: OpenScreen) -> None:
    screen = open_screen(FakeKiosk(a_view(Page.CONSENT)))
    agree = screen.wait_for("consent.agree")
    screen.touch(screen.wait_for("foot.aids"))
    screen.wait_for("AidsSheet")
    screen.touch(agree)
    assert ("agree",) not in screen.kiosk.calls


def test_the_idle_warning_lies_over_everything_and_staying_is_one_touch_anywhere(
    open_screen: OpenScreen,
) -> None:
    kiosk = FakeKiosk(a_view(Page.CONSENT))
    screen = open_screen(kiosk)
    screen.touch(screen.wait_for("foot.myData"))
    screen.wait_for("MyDataSheet")
    kiosk.show(replace(kiosk.view, is_idle_warning=True))
    screen.wait_for("IdleSheet")
    assert screen.find("MyDataSheet") is None
    kiosk.calls.clear()
    outside = screen.wait_for("outside")
    QTest.mouseClick(
        screen.window,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
        outside.mapToScene(QPointF(500, 200)).toPoint(),
    )
    assert ("keep_alive",) in kiosk.calls
    screen.touch(screen.wait_for("idle.finish"))
    assert ("finish",) in kiosk.calls


@pytest.mark.parametrize("name", ["idle.finish", "idle.stay"])
def test_the_idle_warning_stays_under_the_finger_until_it_is_lifted(
    open_screen: OpenScreen, name: str
) -> None:
    kiosk = FakeKiosk(a_view(Page.CONSENT, is_idle_warning=True))
    kiosk.ends_warning_when_touched = True
    screen = open_screen(kiosk)
    screen.wait_for("IdleSheet")
    screen.serve(30)
    middle = _rect(screen.wait_for(name)).center().toPoint()
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(screen.window, left, none, middle)
    screen.serve(60)
    assert screen.find("IdleSheet") is not None
    QTest.mouseRelease(screen.window, left, none, middle)
    assert kiosk.calls[-1] == (("finish",) if name == "idle.finish" else ("keep_alive",))
    screen.until(lambda: screen.find("IdleSheet") is None)


def test_what_somebody_left_on_the_first_page_is_gone_for_the_next(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk(a_view(Page.ATTRACT))
    screen = open_screen(kiosk)
    screen.touch(screen.wait_for("attract.orderCode"))
    screen.wait_for("OrderSheet")
    screen.objects["Theme"].setProperty("largerText", True)
    screen.kiosk_window.engine.rest()
    screen.until(lambda: screen.find("OrderSheet") is None)
    assert not screen.objects["Theme"].property("largerText")
    assert kiosk.calls[-1] == ("close",)


def test_a_visit_is_never_cleared_by_the_screens(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk(a_view(Page.PAYMENT))
    screen = open_screen(kiosk)
    screen.touch(screen.wait_for("payment.noApp"))
    screen.wait_for("NoBankAppSheet")
    screen.kiosk_window.engine.rest()
    screen.serve(30)
    assert screen.find("NoBankAppSheet") is not None
    assert ("close",) not in kiosk.calls


@pytest.mark.parametrize(("page", "is_paid"), [(Page.PAYMENT, False), (Page.DELIVERY, True)])
def test_only_a_paid_order_is_called_paid(open_screen: OpenScreen, page: Page, is_paid: bool) -> None:
    screen = open_screen(FakeKiosk(a_view(page, is_idle_warning=True)))
    screen.wait_for("IdleSheet")
    assert (screen.find("idle.paid") is not None) is is_paid


def test_what_was_typed_outlives_the_idle_warning(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk(a_view(Page.MANUAL))
    screen = open_screen(kiosk)
    screen.touch(screen.wait_for("manual.order"))
    sheet = screen.wait_for("OrderSheet")
    sheet.setProperty("code", "K74Q")
    kiosk.show(replace(kiosk.view, is_idle_warning=True))
    screen.wait_for("IdleSheet")
    kiosk.show(replace(kiosk.view, is_idle_warning=False))
    assert screen.wait_for("OrderSheet").property("code") == "K74Q"


def test_the_focus_returns_to_the_page_when_a_sheet_is_closed(open_screen: OpenScreen) -> None:
    screen = open_screen(FakeKiosk(a_view(Page.CONSENT)))
    screen.window.requestActivate()
    aids = screen.wait_for("foot.aids")
    aids.forceActiveFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(screen.window, Qt.Key.Key_Return)
    screen.wait_for("AidsSheet")
    QTest.keyClick(screen.window, Qt.Key.Key_Escape)
    screen.until(lambda: screen.find("AidsSheet") is None)
    screen.until(lambda: screen.window.activeFocusItem() == aids)


def test_the_face_is_deleted_only_after_a_second_yes(open_screen: OpenScreen) -> None:
    screen = open_screen(FakeKiosk(a_view(Page.SEARCHING)))
    screen.touch(screen.wait_for("foot.myData"))
    screen.touch(screen.wait_for("myData.deleteFace"))
    assert ("withdraw",) not in screen.kiosk.calls
    screen.touch(screen.wait_for("myData.deleteFace"))
    assert ("withdraw",) in screen.kiosk.calls


def test_my_data_says_so_when_nothing_of_the_face_is_held(open_screen: OpenScreen) -> None:
    screen = open_screen(FakeKiosk(a_view(Page.CONSENT)))
    screen.touch(screen.wait_for("foot.myData"))
    screen.wait_for("MyDataSheet")
    assert screen.find("myData.deleteFace") is None


def test_an_order_code_is_typed_on_the_screen(open_screen: OpenScreen) -> None:
    screen = open_screen(FakeKiosk(a_view(Page.OUT_OF_SERVICE)))
    screen.wait_for("page.out_of_service")
    screen.touch(screen.wait_for("outOfService.orderCode"))
    screen.wait_for("OrderSheet")
    for letter in "K74Q2M":
        key = next(item for item in screen.items() if _is_button(item) and item.property("text") == letter)
        screen.touch(key)
    screen.touch(screen.wait_for("keyDone"))
    assert ("open_order", "K74Q2M") in screen.kiosk.calls


def test_the_next_visitor_starts_without_the_aids_of_the_last_one(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk(a_view(Page.CONSENT))
    screen = open_screen(kiosk)
    screen.touch(screen.wait_for("foot.aids"))
    screen.touch(screen.wait_for("aids.largerText"))
    assert screen.objects["Theme"].property("largerText")
    kiosk.show(a_view(Page.ATTRACT))
    screen.wait_for("page.attract")
    assert not screen.objects["Theme"].property("largerText")


@pytest.mark.parametrize("page", [Page.ATTRACT, Page.CONSENT, Page.CAPTURE, Page.OUT_OF_SERVICE])
@SHAPES
def test_keyboard_and_switch_reach_every_control_and_show_where_they_are(
    open_screen: OpenScreen, page: Page, size: tuple[int, int]
) -> None:
    screen = open_screen(FakeKiosk(a_view(page)), size)
    screen.wait_for(f"page.{page}")
    screen.window.requestActivate()
    buttons = {item for item in screen.items() if _is_button(item)}
    reached: set[QQuickItem] = set()
    for _ in range(2 * len(buttons) + 4):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        focused = screen.window.activeFocusItem()
        if focused is not None and _is_button(focused):
            reached.add(focused)
            assert focused.property("visualFocus")
    assert buttons <= reached


def test_return_presses_what_has_the_focus(open_screen: OpenScreen) -> None:
    screen = open_screen(FakeKiosk(a_view(Page.CONSENT)))
    decline = screen.wait_for("consent.decline")
    decline.forceActiveFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(screen.window, Qt.Key.Key_Return)
    assert ("decline",) in screen.kiosk.calls
