"""The staff's corner: how the kiosk stands with its centre, on every page, in nobody's way."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.language import Language
from kiosk.session.states import Screen as Page
from kiosk.sync.status import SyncState, SyncStatus
from tests.gui.conftest import PORTRAIT, WIDE, Screen
from tests.gui.fake_kiosk import SYNCED, FakeKiosk, a_view
from tests.gui.sync_pictures import STATES
from tests.gui.visiting import SHAPES, OpenScreen, on_page

NAME = "staffCorner"


def words(screen: Screen) -> str:
    """What stands in the corner; empty when there is nothing."""
    corner = screen.find(NAME)
    if corner is None:
        return ""
    texts = [item for item in corner.childItems() if item.inherits("QQuickText")]
    return str(texts[0].property("text")).replace("\u200b", "")


def shown(screen: Screen, status: SyncStatus, text: str) -> None:
    screen.kiosk.sync(status)
    screen.until(lambda: words(screen) == text)


def area(item: QQuickItem) -> QRectF:
    """Where it is drawn, as far as nothing around it cuts it off."""
    corner = item.mapToScene(QPointF(0, 0))
    end = item.mapToScene(QPointF(item.width(), item.height()))
    place, around = QRectF(corner, end), item.parentItem()
    while around is not None:
        if around.clip():
            place = place.intersected(area(around))
        around = around.parentItem()
    return place


def test_a_kiosk_without_a_centre_shows_nothing(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    assert screen.find(NAME) is None
    screen.kiosk.sync(replace(SYNCED, state=SyncState.OFF))
    screen.serve(50)
    assert screen.find(NAME) is None


def test_how_it_stands_when_the_window_opens_is_shown_at_once(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk(a_view(Page.ATTRACT))
    kiosk.sync_status = STATES["offline"]
    screen = open_screen(kiosk)
    screen.wait_for("page.attract")
    assert words(screen) == "Offline · N-101 · 1,234 to send"


@SHAPES
@pytest.mark.parametrize(
    ("language", "texts"),
    [
        (
            Language.ENGLISH,
            {
                "online": "Online",
                "sending": "Online · 12 to send",
                "offline": "Offline · N-101 · 1,234 to send",
                "login-page": "N-105 · staff · 12 to send",
                "trouble": "N-104 · staff",
                "not-enrolled": "N-113 · staff",
                "notices": "Online · 1 notice",
                "everything": "N-104 · staff · 1,234 to send · 23 notices",
            },
        ),
        (
            Language.THAI,
            {
                "online": "ออนไลน์",
                "sending": "ออนไลน์ · รอส่ง 12 รายการ",
                "offline": "ออฟไลน์ · N-101 · รอส่ง 1,234 รายการ",
                "login-page": "N-105 · เจ้าหน้าที่ · รอส่ง 12 รายการ",
                "trouble": "N-104 · เจ้าหน้าที่",
                "not-enrolled": "N-113 · เจ้าหน้าที่",
                "notices": "ออนไลน์ · มีแจ้งเตือน 1 เรื่อง",
                "everything": "N-104 · เจ้าหน้าที่ · รอส่ง 1,234 รายการ · มีแจ้งเตือน 23 เรื่อง",
            },
        ),
    ],
)
def test_each_state_has_its_words_in_both_languages_and_none_is_cut(
    open_screen: OpenScreen, size: tuple[int, int], language: Language, texts: dict[str, str]
) -> None:
    screen = on_page(open_screen, Page.RESULTS, size, language=language)
    screen.objects["Theme"].setProperty("largerText", True)
    assert set(texts) == set(STATES)
    for name, text in texts.items():
        shown(screen, STATES[name], text)
        line = next(item for item in screen.wait_for(NAME).childItems() if item.inherits("QQuickText"))
        assert not line.property("truncated")
        assert line.height() <= screen.wait_for(NAME).height()


def test_a_state_is_told_by_its_shape_too(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    sync = screen.objects["Sync"]
    signs = {}
    for name, status in STATES.items():
        screen.kiosk.sync(status)
        screen.serve(20)
        signs[name] = sync.property("sign")
    assert signs == {
        "online": "dot",
        "sending": "dot",
        "offline": "ring",
        "login-page": "diamond",
        "trouble": "diamond",
        "not-enrolled": "diamond",
        "notices": "diamond",
        "everything": "diamond",
    }


def test_it_follows_the_language_and_what_happens(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.PAYMENT)
    shown(screen, STATES["offline"], "Offline · N-101 · 1,234 to send")
    screen.kiosk.show(a_view(Page.PAYMENT, language=Language.THAI))
    screen.until(lambda: words(screen) == "ออฟไลน์ · N-101 · รอส่ง 1,234 รายการ")
    shown(screen, SYNCED, "ออนไลน์")


@SHAPES
@pytest.mark.parametrize("page", Page)
def test_on_every_page_it_stands_in_the_same_place_and_over_nothing(
    open_screen: OpenScreen, page: Page, size: tuple[int, int]
) -> None:
    kiosk = FakeKiosk(a_view(page))
    kiosk.sync_status = STATES["everything"]
    screen = open_screen(kiosk, size)
    screen.wait_for(f"page.{page}")
    screen.serve(350)  # the page has come to rest
    corner = screen.wait_for(NAME)
    place = area(corner)
    width, height = size
    assert (place.x(), place.y()) == ((64, 1870) if size == PORTRAIT else (48, 1036))
    assert QRectF(0, 0, width, height).contains(place)
    own = {corner, *corner.childItems()}
    for item in screen.items():
        if item in own or not (item.inherits("QQuickText") or item.inherits("QQuickAbstractButton")):
            continue
        assert not area(item).intersects(place), item.property("text")


@SHAPES
def test_neither_keyboard_nor_finger_meets_it(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    screen = on_page(open_screen, Page.RESULTS, size)
    shown(screen, STATES["everything"], "N-104 · staff · 1,234 to send · 23 notices")
    corner = screen.wait_for(NAME)
    met = set()
    for _ in range(60):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        met.add(screen.window.activeFocusItem())
    assert len(met) > 5
    assert corner not in met
    screen.kiosk.calls.clear()
    screen.touch(corner)
    screen.serve(50)
    assert [call for call in screen.kiosk.calls if call != ("keep_alive",)] == []
    assert screen.objects["Navigator"].property("sheet") == ""


def test_it_has_a_name_for_those_who_hear_the_screen(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    shown(screen, STATES["offline"], "Offline · N-101 · 1,234 to send")
    told = QAccessible.queryAccessibleInterface(screen.wait_for(NAME))
    assert told is not None
    assert told.text(QAccessible.Text.Name) == "For staff: Offline · N-101 · 1,234 to send"
    assert told.role() == QAccessible.Role.StaticText


def test_times_that_move_on_draw_nothing_anew(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT, WIDE)
    shown(screen, SYNCED, "Online")
    changes: list[None] = []
    screen.objects["Sync"].changed.connect(lambda: changes.append(None))  # type: ignore[attr-defined]
    screen.kiosk.sync(replace(SYNCED, last_pull_at=SYNCED.since, cursor=9))
    screen.serve(50)
    assert changes == []
