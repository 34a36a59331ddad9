"""A window on a fake kiosk, in a display that nobody sees; a warning of Qt or QML fails the test."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QObject, QPointF, Qt, QtMsgType
from PySide6.QtGui import QGuiApplication
from PySide6.QtQuick import QQuickItem, QQuickWindow
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from tests.gui.fake_kiosk import FakeKiosk
from tests.gui.fake_store import FakeStore
from ui.application import KioskWindow
from ui.environment import prepare_environment
from ui.store_window import StoreWindow
from ui.theme import load_fonts

prepare_environment()

PORTRAIT, WIDE = (1080, 1920), (1920, 1080)
_WORRIES = (QtMsgType.QtWarningMsg, QtMsgType.QtCriticalMsg, QtMsgType.QtFatalMsg)


@pytest.fixture(scope="session")
def qapp_cls() -> type[QGuiApplication]:
    return QGuiApplication


class Glass:
    """A window as somebody before it meets it."""

    def __init__(self, window: QQuickWindow, objects: dict[str, QObject], bot: QtBot) -> None:
        self.window = window
        self.objects = objects
        self._bot = bot

    def wait_for(self, name: str) -> QQuickItem:
        """The visible item of that name, once it is there and its page has come to rest."""
        self._bot.waitUntil(lambda: self.find(name) is not None, timeout=5000)
        item = self.find(name)
        assert item is not None
        return item

    def find(self, name: str) -> QQuickItem | None:
        """The visible item of that name, or None."""
        return next((item for item in self.items() if item.objectName() == name), None)

    def items(self) -> list[QQuickItem]:
        """All visible items, in the order in which they are drawn."""
        return list(_visible(self.window.contentItem()))

    def touch(self, item: QQuickItem) -> None:
        """A finger in the middle of the item, where it stands on the screen."""
        middle = item.mapToScene(QPointF(item.width() / 2, item.height() / 2)).toPoint()
        QTest.mouseClick(self.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, middle)

    def serve(self, milliseconds: int) -> None:
        """Lets the window live so long."""
        self._bot.wait(milliseconds)

    def until(self, fact: Callable[[], bool]) -> None:
        """Serves the window until the fact holds; fails after 5 s."""
        self._bot.waitUntil(fact, timeout=5000)


class Screen(Glass):
    """The kiosk's window as a visitor meets it."""

    def __init__(self, kiosk: FakeKiosk, kiosk_window: KioskWindow, bot: QtBot) -> None:
        super().__init__(kiosk_window.window, kiosk_window.engine.objects, bot)
        self.kiosk = kiosk
        self.kiosk_window = kiosk_window


class StoreScreen(Glass):
    """The store's window as staff meet it."""

    def __init__(self, store: FakeStore, store_window: StoreWindow, bot: QtBot) -> None:
        super().__init__(store_window.window, store_window.engine.objects, bot)
        self.store = store
        self.store_window = store_window

    def go(self, place: str) -> None:
        """To a page, and waits for it."""
        self.store_window.engine.navigator.go(place)
        self.wait_for(f"page.{place}")


def _visible(item: QQuickItem) -> Iterator[QQuickItem]:
    for child in item.childItems():
        if child.isVisible() and child.opacity() > 0:
            yield child
            yield from _visible(child)


@pytest.fixture
def open_screen(qtbot: QtBot, qtlog: Any) -> Iterator[Callable[..., Screen]]:
    """Opens a window on a fake kiosk; animations are off, so that everything stands where it belongs."""
    opened: list[Screen] = []

    def open_on(kiosk: FakeKiosk, size: tuple[int, int] = PORTRAIT) -> Screen:
        load_fonts()
        screen = Screen(kiosk, KioskWindow(kiosk, size=size), qtbot)
        screen.objects["Theme"].setProperty("lessMotion", True)
        opened.append(screen)
        return screen

    yield open_on
    for screen in opened:
        screen.kiosk_window.close()
    assert [record.message for record in qtlog.records if record.type in _WORRIES] == []


@pytest.fixture
def open_store(qtbot: QtBot, qtlog: Any) -> Iterator[Callable[..., StoreScreen]]:
    """Opens a window on a fake store, as `open_screen` does on a kiosk."""
    opened: list[StoreScreen] = []

    def open_on(store: FakeStore, size: tuple[int, int] = WIDE) -> StoreScreen:
        load_fonts()
        screen = StoreScreen(store, StoreWindow(store, size=size), qtbot)
        screen.objects["Theme"].setProperty("lessMotion", True)
        opened.append(screen)
        screen.wait_for("page.wall")
        return screen

    yield open_on
    for screen in opened:
        screen.store_window.close()
    assert [record.message for record in qtlog.records if record.type in _WORRIES] == []
