"""What a technician does on the staff's pages, for the tests of their places."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from tests.gui.conftest import WIDE, Screen
from tests.gui.fake_kiosk import FakeKiosk
from tests.gui.fake_staff import TOM, a_staff_view
from tests.gui.fake_technician import FakeTechnician
from tests.gui.visiting import touch

OpenScreen = Callable[..., Screen]
LEAST_TARGET = 64
Prepare = Callable[[FakeTechnician], object]


def at_place(
    open_screen: OpenScreen,
    place: str,
    size: tuple[int, int] = WIDE,
    prepare: Prepare | None = None,
    **changes: Any,
) -> Screen:
    """A technician is signed in, and this place is shown."""
    kiosk = FakeKiosk()
    if prepare is not None:
        prepare(kiosk.technician)
    kiosk.staff.view = a_staff_view(TOM, is_set_up=place != "wizard", **changes)
    screen = open_screen(kiosk, size)
    screen.objects["StaffNavigator"].go(place)  # type: ignore[attr-defined]
    screen.wait_for(f"page.{place}")
    screen.serve(30)
    return screen


def calls_of(screen: Screen, *names: str) -> list[tuple[Any, ...]]:
    """The commands of these names that came to the desk, in order."""
    return [call for call in screen.kiosk.technician.calls if call[0] in names]


def controls(screen: Screen, page: str) -> list[QQuickItem]:
    """What can be touched on a page."""
    place = screen.wait_for(page)
    return [
        item for item in screen.items() if item.inherits("QQuickAbstractButton") and place.isAncestorOf(item)
    ]


def too_small(screen: Screen, page: str) -> list[str]:
    """Controls that are less than 64 pixels of the grid high or wide."""
    return [
        item.objectName()
        for item in controls(screen, page)
        if min(item.width(), item.height()) < LEAST_TARGET
    ]


def nameless(screen: Screen, page: str) -> list[str]:
    """Controls that a screen reader has no words for."""
    found = []
    for item in controls(screen, page):
        heard = QAccessible.queryAccessibleInterface(item)
        if not heard or not heard.text(QAccessible.Text.Name).strip():
            found.append(item.objectName())
    return found


def clipped(screen: Screen, page: str) -> list[str]:
    """Words of a page that do not fit the room they have; what may be cut says so by an ellipsis."""
    place = screen.wait_for(page)
    words = [item for item in screen.items() if item.inherits("QQuickText") and place.isAncestorOf(item)]
    return [str(item.property("text")) for item in words if item.property("text") and _is_cut(item)]


def _is_cut(words: QQuickItem) -> bool:
    is_wider = float(words.property("contentWidth")) > words.width() + 1
    return is_wider or (bool(words.property("truncated")) and int(words.property("maximumLineCount")) > 1)


def walked(screen: Screen, first: str, most: int = 100) -> list[str]:
    """What keyboard and switch come to in one round from the control `first` on, of its page alone."""
    names: list[str] = []
    for _ in range(most):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        at = screen.window.activeFocusItem()
        names.append(at.objectName() if at else "")
    start = names.index(first)
    end = names.index(first, start + 1)
    return [name for name in names[start:end] if name.partition(".")[0] == first.partition(".")[0]]


def write(screen: Screen, text: str, sheet: str = "TextSheet") -> None:
    """Types on the keyboard what the open sheet asks for, over what stood there."""
    screen.wait_for(sheet)
    screen.serve(30)
    field = "text.field" if sheet == "TextSheet" else "number.field"
    for _ in range(len(str(screen.wait_for(field).property("text")))):
        QTest.keyClick(screen.window, "\b")
    for letter in text:
        QTest.keyClick(screen.window, letter)


def enter(screen: Screen, text: str, sheet: str = "TextSheet") -> None:
    """Types it and says that it is done."""
    write(screen, text, sheet)
    touch(screen, "key.done" if sheet == "TextSheet" else "number.done")
    screen.until(lambda: screen.find(sheet) is None)
