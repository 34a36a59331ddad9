"""How large the window is: the shape of the screen decides between the two designs."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

Size = tuple[int, int]
"""Width and height in pixels."""

PORTRAIT: Size = (1080, 1920)
LANDSCAPE: Size = (1920, 1080)
_SHARE_OF_SCREEN = 0.9
"""A window with its frame and the desktop's bars beside it."""


def design_for(screen: Size) -> Size:
    """The design that suits a screen of this shape; portrait for a square one."""
    width, height = screen
    return LANDSCAPE if width > height else PORTRAIT


def fitted(design: Size, available: Size) -> Size:
    """The design in its shape, as large as 90 % of what is available, never larger than it was drawn."""
    width, height = design
    scale = min(1.0, *(_SHARE_OF_SCREEN * room / side for room, side in zip(available, design, strict=True)))
    return round(width * scale), round(height * scale)


def size_on_screen(*, is_fullscreen: bool, design: Size | None = None) -> Size:
    """The window's size on the screen that there is: all of it, or the design fitted into what the desktop
    leaves free. `design` None takes the one that suits the screen. There has to be an application."""
    screen = QGuiApplication.primaryScreen()
    if is_fullscreen:
        return screen.size().width(), screen.size().height()
    free = screen.availableSize()
    available = free.width(), free.height()
    return fitted(design or design_for(available), available)
