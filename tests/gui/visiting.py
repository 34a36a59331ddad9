"""What a visitor does and sees on a page, for the tests of the shop's pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtQuick import QQuickItem

from kiosk.session.states import Screen as Page
from kiosk.session.view import PhotoTile
from tests.gui.conftest import PORTRAIT, WIDE, Glass, Screen
from tests.gui.fake_kiosk import (
    TILES,
    FakeKiosk,
    a_view,
)

SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])
OpenScreen = Callable[..., Screen]
MANY = 5000
ALIVE = ("keep_alive",)


def on_page(open_screen: OpenScreen, page: Page, size: tuple[int, int] = PORTRAIT, **changes: Any) -> Screen:
    screen = open_screen(FakeKiosk(a_view(page, **changes)), size)
    screen.wait_for(f"page.{page}")
    screen.serve(30)
    return screen


def touched(screen: Screen, name: str) -> list[tuple[Any, ...]]:
    """Touches the control once it stands still (what just appeared is laid out with the next frame); the
    commands that came of it."""
    screen.kiosk.calls.clear()
    touch(screen, name)
    return [call for call in screen.kiosk.calls if call != ALIVE]


def touch(glass: Glass, name: str) -> None:
    """A finger on the control, once it stands still."""
    before = None
    while before != (before := _place(glass.wait_for(name))):
        glass.window.grabWindow()  # draws a frame, and so lays everything out
    glass.touch(glass.wait_for(name))


def _place(item: QQuickItem) -> tuple[float, float]:
    where = item.mapToScene(QPointF(0, 0))
    return where.x(), where.y()


def says(screen: Glass, text: str) -> bool:
    shown = (str(item.property("text") or "") for item in screen.items() if item.inherits("QQuickText"))
    return any(text in words.replace("\u200b", "").replace("\u00a0", " ") for words in shown)


def many_tiles() -> tuple[PhotoTile, ...]:
    first = TILES[0]
    return tuple(
        replace(
            first,
            photo_id=f"photo-{number}",
            number=number,
            taken_at=first.taken_at + timedelta(seconds=number),
        )
        for number in range(MANY)
    )
