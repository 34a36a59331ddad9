"""The screen that calls staff, in both shapes, with its hidden gesture; and a screen that sleeps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from kiosk.supervisor.rules import RESTART
from tests.gui.conftest import PORTRAIT, WIDE, Screen
from tests.gui.fake_kiosk import FakeKiosk
from tests.gui.visiting import OpenScreen
from ui.call_staff import CallStaffWindow
from ui.theme import load_fonts

LEFT, NONE = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier


def drawn(window: CallStaffWindow) -> QImage:
    """What is on it, drawn as the raster window draws it: no scene graph, no graphics card."""
    image = QImage(window.size(), QImage.Format.Format_RGB32)
    painter = QPainter(image)
    window.paint(painter)
    painter.end()
    return image


def inked_rows(image: QImage) -> list[int]:
    """The rows with something else than the ground on them."""
    ground = image.pixel(2, 2)
    return [
        y
        for y in range(image.height())
        if any(image.pixel(x, y) != ground for x in range(0, image.width(), 4))
    ]


@pytest.fixture
def exits(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    asked: list[int] = []
    monkeypatch.setattr(QGuiApplication, "exit", asked.append)
    return asked


@pytest.fixture
def calling(qtbot: QtBot) -> Iterator[CallStaffWindow]:
    load_fonts()
    window = CallStaffWindow("A-108", 300)
    window.resize(*PORTRAIT)
    window.show()
    yield window
    window.close()


@pytest.mark.parametrize("size", [PORTRAIT, WIDE, (1280, 720), (768, 1024)])
def test_it_fits_every_screen(calling: CallStaffWindow, size: tuple[int, int]) -> None:
    calling.resize(*size)
    image = drawn(calling)
    rows = inked_rows(image)
    assert len(rows) > 0.1 * size[1]
    assert rows[-1] < 0.95 * size[1]


def test_another_try_is_offered_to_whoever_holds_the_corner_and_to_nobody_else(
    calling: CallStaffWindow, qtbot: QtBot, exits: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.call_staff.HOLD_MS", 200)
    button = QPoint(PORTRAIT[0] // 2, PORTRAIT[1] - 150)
    for at in (QPoint(500, 900), button, QPoint(60, 400)):
        QTest.mousePress(calling, LEFT, NONE, at)
        qtbot.wait(300)
        QTest.mouseRelease(calling, LEFT, NONE, at)
    QTest.mouseClick(calling, LEFT, NONE, QPoint(60, 60))  # too short
    qtbot.wait(300)
    assert not calling.is_offered
    assert exits == []
    before = drawn(calling)
    QTest.mousePress(calling, LEFT, NONE, QPoint(60, 60))
    qtbot.waitUntil(lambda: calling.is_offered)
    QTest.mouseRelease(calling, LEFT, NONE, QPoint(60, 60))
    assert drawn(calling) != before
    QTest.mouseClick(calling, LEFT, NONE, QPoint(500, 900))
    assert exits == []
    QTest.mouseClick(calling, LEFT, NONE, button)
    assert exits == [RESTART]


def test_a_finger_that_leaves_the_corner_is_no_gesture(
    calling: CallStaffWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.call_staff.HOLD_MS", 200)
    QTest.mousePress(calling, LEFT, NONE, QPoint(60, 60))
    QTest.mouseMove(calling, QPoint(600, 600))
    qtbot.wait(300)
    assert not calling.is_offered


class System:
    """What of the system can switch the screen off."""

    def __init__(self) -> None:
        self.told: list[str] = []

    def stay_awake(self) -> None:
        self.told.append("awake")

    def may_sleep(self) -> None:
        self.told.append("may sleep")


def asleep(screen: Screen, system: System, hours: dict[str, bool]) -> bool:
    sleep = screen.kiosk_window.engine.sleep
    sleep.follow(screen.window, lambda: hours["open"], system)
    sleep._untouched.stop()  # five minutes have passed
    sleep.look()
    return bool(sleep.property("isDark"))


def test_the_screen_never_sleeps_while_it_is_open(open_screen: OpenScreen) -> None:
    screen, system = open_screen(FakeKiosk()), System()
    assert not asleep(screen, system, {"open": True})
    assert system.told == ["awake"]
    assert screen.find("grid") is not None


def test_closed_it_goes_dark_and_a_touch_wakes_it_and_does_nothing_else(open_screen: OpenScreen) -> None:
    screen, system, hours = open_screen(FakeKiosk()), System(), {"open": False}
    screen.wait_for("page.attract")
    assert asleep(screen, system, hours)
    assert system.told == ["may sleep"]
    assert screen.find("grid") is None
    assert screen.window.color().name() == "#000000"
    before = [call for call in screen.kiosk.calls if call[0] != "keep_alive"]
    QTest.mouseClick(screen.window, LEFT, NONE, QPoint(540, 1680))  # where the gold action is
    assert screen.find("grid") is not None
    assert [call for call in screen.kiosk.calls if call[0] != "keep_alive"] == before
    sleep = screen.kiosk_window.engine.sleep
    sleep.look()
    assert not sleep.property("isDark")  # somebody is there
    sleep._untouched.stop()
    hours["open"] = True
    sleep.look()
    assert not sleep.property("isDark")
    assert system.told == ["may sleep", "awake"]
