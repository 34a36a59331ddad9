"""Each way out of the locked window is tried; none leads anywhere, and what visitors need still works."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import (
    QCloseEvent,
    QContextMenuEvent,
    QDesktopServices,
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QKeyEvent,
    QWindow,
)
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from shiboken6 import isValid

from tests.gui.fake_kiosk import FakeKiosk
from tests.gui.fake_store import FakeStore
from ui.application import KioskWindow
from ui.lock_down import may_pass
from ui.store_window import StoreWindow
from ui.theme import load_fonts

K, M, B = Qt.Key, Qt.KeyboardModifier, Qt.MouseButton
CTRL, ALT, SHIFT, SUPER, NONE = (
    M.ControlModifier,
    M.AltModifier,
    M.ShiftModifier,
    M.MetaModifier,
    M.NoModifier,
)
WAYS_OUT = [
    *((key, ALT) for key in (K.Key_F4, K.Key_Tab, K.Key_Escape, K.Key_Space, K.Key_F2, K.Key_F1, K.Key_Left)),
    *((key, CTRL) for key in (K.Key_Q, K.Key_W, K.Key_N, K.Key_T, K.Key_O, K.Key_P, K.Key_S, K.Key_L)),
    *((key, CTRL) for key in (K.Key_A, K.Key_C, K.Key_V, K.Key_X, K.Key_Z, K.Key_F4, K.Key_Escape)),
    *((key, CTRL | ALT) for key in (K.Key_Delete, K.Key_Backspace, K.Key_T, K.Key_F1, K.Key_F7, K.Key_Up)),
    *((key, CTRL | SHIFT) for key in (K.Key_Escape, K.Key_I, K.Key_Q, K.Key_Tab)),
    *((key, SUPER) for key in (K.Key_D, K.Key_E, K.Key_L, K.Key_R, K.Key_Tab, K.Key_Left, K.Key_Print)),
    *((key, NONE) for key in (K.Key_F1, K.Key_F3, K.Key_F5, K.Key_F11, K.Key_F12, K.Key_Print, K.Key_SysReq)),
    *((key, NONE) for key in (K.Key_Super_L, K.Key_Meta, K.Key_Menu, K.Key_Alt, K.Key_Control)),
    *((key, NONE) for key in (K.Key_PowerOff, K.Key_Sleep, K.Key_LogOff, K.Key_HomePage, K.Key_Back)),
    *((key, NONE) for key in (K.Key_LaunchMail, K.Key_Explorer, K.Key_Calculator, K.Key_Search, K.Key_Help)),
    (K.Key_S, CTRL | SHIFT | ALT),
    (K.Key_Tab, CTRL),
    (K.Key_F4, ALT | SHIFT),
]


@pytest.fixture
def locked(qtbot: QtBot) -> Iterator[KioskWindow]:
    load_fonts()
    kiosk_window = KioskWindow(FakeKiosk(), is_fullscreen=True)
    qtbot.waitExposed(kiosk_window.window)
    yield kiosk_window
    kiosk_window.close()
    assert not isValid(kiosk_window.window)
    assert QGuiApplication.overrideCursor() is None


def assert_still_locked(window: QWindow) -> None:
    assert window.isVisible()
    assert window.visibility() == QWindow.Visibility.FullScreen


@pytest.mark.parametrize(("key", "modifiers"), WAYS_OUT)
def test_no_key_leads_out(key: Qt.Key, modifiers: Qt.KeyboardModifier) -> None:
    for kind in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride, QEvent.Type.KeyRelease):
        assert not may_pass(QKeyEvent(kind, key, modifiers))


@pytest.mark.parametrize(
    ("key", "modifiers", "text"),
    [
        (K.Key_A, NONE, "a"),
        (K.Key_K, SHIFT, "K"),
        (K.Key_5, NONE, "5"),
        (K.Key_unknown, NONE, "ก"),
        *((key, NONE, "") for key in (K.Key_Tab, K.Key_Return, K.Key_Escape, K.Key_Left, K.Key_Backspace)),
        (K.Key_Backtab, SHIFT, ""),
        (K.Key_Space, NONE, " "),
        (K.Key_S, CTRL | SHIFT, "\x13"),
    ],
)
def test_what_visitors_and_staff_need_passes(key: Qt.Key, modifiers: Qt.KeyboardModifier, text: str) -> None:
    assert may_pass(QKeyEvent(QEvent.Type.KeyPress, key, modifiers, text))


def test_every_key_in_the_window_leaves_it_as_it_is(locked: KioskWindow, qtbot: QtBot) -> None:
    page = locked.engine.objects["Navigator"].property("page")
    for key, modifiers in WAYS_OUT:
        QTest.keyClick(locked.window, key, modifiers)
    qtbot.wait(200)
    assert_still_locked(locked.window)
    assert locked.engine.objects["Navigator"].property("page") == page


def test_the_staffs_door_opens_by_its_key(locked: KioskWindow, qtbot: QtBot) -> None:
    QTest.keyClick(locked.window, K.Key_S, CTRL | SHIFT)
    kiosk = locked.engine.kiosk
    qtbot.waitUntil(lambda: kiosk.staff.view.is_open)


def test_nobody_closes_it_but_staff(locked: KioskWindow, qtbot: QtBot) -> None:
    asked = QCloseEvent()
    QGuiApplication.sendEvent(locked.window, asked)
    assert not asked.isAccepted()
    locked.window.close()
    qtbot.wait(50)
    assert_still_locked(locked.window)


@pytest.mark.parametrize("state", ["showMinimized", "showNormal", "hide", "lower"])
def test_it_takes_the_whole_screen_back(locked: KioskWindow, qtbot: QtBot, state: str) -> None:
    getattr(locked.window, state)()
    qtbot.waitUntil(
        lambda: locked.window.isVisible() and locked.window.visibility() == QWindow.Visibility.FullScreen
    )
    assert locked.window.geometry() == locked.window.screen().geometry()


def test_it_takes_the_focus_back(locked: KioskWindow, qtbot: QtBot) -> None:
    other = QWindow()
    other.show()
    other.requestActivate()
    qtbot.waitUntil(locked.window.isActive)
    other.close()


def test_it_is_frameless_and_in_front(locked: KioskWindow) -> None:
    flags = locked.window.flags()
    assert flags & Qt.WindowType.FramelessWindowHint
    assert flags & Qt.WindowType.WindowStaysOnTopHint


def test_no_menu_comes_and_nothing_can_be_dropped(locked: KioskWindow) -> None:
    window = locked.window
    menu = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(200, 200), QPoint(200, 200))
    QGuiApplication.sendEvent(window, menu)
    assert not menu.isAccepted()
    data = QMimeData()
    data.setUrls([QUrl("file:///etc/passwd")])
    action, at = Qt.DropAction.CopyAction, QPointF(200, 200)
    for event in (
        QDragEnterEvent(at, action, data, B.LeftButton, NONE),
        QDropEvent(at, action, data, B.LeftButton, NONE),
    ):
        QGuiApplication.sendEvent(window, event)
        assert not event.isAccepted()


@pytest.mark.parametrize("button", [B.RightButton, B.MiddleButton, B.BackButton, B.ForwardButton])
def test_other_buttons_of_a_mouse_do_nothing(
    locked: KioskWindow, qtbot: QtBot, button: Qt.MouseButton
) -> None:
    before = list(locked.engine.kiosk.calls)
    centre = QPoint(locked.window.width() // 2, int(locked.window.height() * 0.875))
    QTest.mouseClick(locked.window, button, NONE, centre)
    qtbot.wait(50)
    since = [call[0] for call in locked.engine.kiosk.calls if call not in before]
    assert set(since) <= {"keep_alive"}
    assert_still_locked(locked.window)


@pytest.mark.parametrize(
    "link", ["https://example.org", "http://127.0.0.1", "file:///etc/passwd", "mailto:a@b.c", "tel:123"]
)
def test_no_link_opens_anything(locked: KioskWindow, link: str) -> None:
    assert QDesktopServices.openUrl(QUrl(link))  # it went to the lock, which did nothing with it
    assert_still_locked(locked.window)


def test_fingers_that_come_in_from_an_edge_find_nothing(locked: KioskWindow, qtbot: QtBot) -> None:
    window = locked.window
    finger = QTest.createTouchDevice()
    w, h = window.width(), window.height()
    for start, end in (
        ((0, h // 2), (w // 2, h // 2)),
        ((w - 1, h // 2), (w // 2, h // 2)),
        ((w // 2, 0), (w // 2, h // 2)),
        ((w // 2, h - 1), (w // 2, h // 2)),
    ):
        QTest.touchEvent(window, finger).press(0, QPoint(*start))
        QTest.touchEvent(window, finger).move(0, QPoint(*end))
        QTest.touchEvent(window, finger).release(0, QPoint(*end))
    for place in range(4):  # four fingers at once
        QTest.touchEvent(window, finger).press(place, QPoint(200 + 100 * place, 400))
    qtbot.wait(50)
    assert_still_locked(window)
    assert QGuiApplication.overrideCursor().shape() == Qt.CursorShape.BlankCursor


def test_the_cursor_is_seen_only_while_a_mouse_moves(
    locked: KioskWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.lock_down._CURSOR_MS", 100)
    assert QGuiApplication.overrideCursor().shape() == Qt.CursorShape.BlankCursor
    QTest.mouseMove(locked.window, QPoint(100, 100))
    QTest.mouseMove(locked.window, QPoint(102, 101))  # nobody holds it
    assert QGuiApplication.overrideCursor() is not None
    QTest.mouseMove(locked.window, QPoint(300, 300))
    assert QGuiApplication.overrideCursor() is None
    qtbot.waitUntil(lambda: QGuiApplication.overrideCursor() is not None)


def test_the_screen_of_a_shop_is_locked_alike(qtbot: QtBot) -> None:
    load_fonts()
    store_window = StoreWindow(FakeStore(), is_fullscreen=True)
    window = store_window.window
    qtbot.waitExposed(window)
    for key, modifiers in WAYS_OUT:
        QTest.keyClick(window, key, modifiers)
    window.close()
    window.showMinimized()
    qtbot.waitUntil(lambda: window.visibility() == QWindow.Visibility.FullScreen)
    assert_still_locked(window)
    store_window.close()
    assert not isValid(window)


def test_a_developers_window_is_not_locked(qtbot: QtBot) -> None:
    load_fonts()
    kiosk_window = KioskWindow(FakeKiosk())
    assert kiosk_window.lock is None
    assert QGuiApplication.overrideCursor() is None
    kiosk_window.window.close()
    assert not kiosk_window.window.isVisible()
    kiosk_window.close()
