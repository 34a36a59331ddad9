"""What staff do on their pages, for the tests of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtQuick import QQuickItem

from kiosk.session.states import Screen as Page
from kiosk.staff.types import StaffMember
from tests.gui.conftest import WIDE, Screen
from tests.gui.fake_kiosk import FakeKiosk, a_view
from tests.gui.fake_staff import PLOY, a_staff_view
from tests.gui.visiting import touch

OpenScreen = Callable[..., Screen]


def at_place(
    open_screen: OpenScreen,
    place: str,
    size: tuple[int, int] = WIDE,
    member: StaffMember = PLOY,
    **changes: Any,
) -> Screen:
    """Somebody is signed in, and this place is shown; `changes` are fields of StaffView."""
    kiosk = FakeKiosk(a_view(Page.ATTRACT))
    kiosk.staff.view = a_staff_view(member, **changes)
    screen = open_screen(kiosk, size)
    if place == "order":
        screen.objects["StaffOrder"].open("order-4q9t")  # type: ignore[attr-defined]
    screen.objects["StaffNavigator"].go(place)  # type: ignore[attr-defined]
    screen.wait_for(f"staff.page.{place}")
    screen.serve(30)
    return screen


def done(screen: Screen, name: str) -> list[tuple[Any, ...]]:
    """Touches the control; the commands that came to the desk."""
    screen.kiosk.staff.calls.clear()
    touch(screen, name)
    screen.serve(20)
    return [call for call in screen.kiosk.staff.calls if call[0] not in ("touch", "clear_notice")]


def type_on_keypad(screen: Screen, text: str) -> None:
    """On the keypad of the open sheet."""
    for letter in text:
        touch(screen, f"key{letter}")


def named(screen: Screen, beginning: str) -> list[QQuickItem]:
    """The visible items whose names begin so."""
    return [item for item in screen.items() if item.objectName().startswith(beginning)]
