"""The screen by opening hours: awake while it is open, dark when it is closed and nobody is there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import Property, QEvent, QObject, QTimer, Signal, Slot

LOOK_EVERY_MS = 20_000
DARK_AFTER_MS = 300_000
"""When it is closed, after so long without a touch."""
WAKING_MS = 700
"""So long whatever belongs to the touch that woke the screen is for nothing else."""
_TOUCHES = frozenset(
    {QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.KeyPress, QEvent.Type.MouseMove}
)
_ALL = _TOUCHES | {
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
    QEvent.Type.TouchUpdate,
    QEvent.Type.TouchEnd,
    QEvent.Type.KeyRelease,
    QEvent.Type.ShortcutOverride,
}


class Wakeful(Protocol):
    """What can keep this machine's screen on."""

    def stay_awake(self) -> None: ...

    def may_sleep(self) -> None: ...


class ScreenSleep(QObject):
    """Lives on the UI thread; QML: `ScreenSleep`. Does nothing before `follow`. Closed, the window is black:
    that works on every display; whether the backlight goes off as well is up to the system."""

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._is_dark = False
        self._is_open: Callable[[], bool] | None = None
        self._was_open: bool | None = None
        self._system: Wakeful | None = None
        self._look = QTimer(self)
        self._look.timeout.connect(self.look)
        self._waking = QTimer(self)
        self._waking.setSingleShot(True)
        self._untouched = QTimer(self)
        self._untouched.setSingleShot(True)
        self._untouched.timeout.connect(self.look)

    def follow(self, window: QObject, is_open: Callable[[], bool], system: Wakeful) -> None:
        """From now on by these hours, and by the touches of the window."""
        self._is_open, self._system = is_open, system
        window.installEventFilter(self)
        self._untouched.start(DARK_AFTER_MS)
        self._look.start(LOOK_EVERY_MS)
        self.look()

    @Slot()
    def look(self) -> None:
        """Is it open now?"""
        if self._is_open is None or self._system is None:
            return
        is_open = self._is_open()
        if is_open != self._was_open:
            self._was_open = is_open
            (self._system.stay_awake if is_open else self._system.may_sleep)()
        self._darken(not is_open and not self._untouched.isActive())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A touch wakes the screen, and is for nothing else."""
        if event.type() in _TOUCHES:
            self._untouched.start(DARK_AFTER_MS)
            if self._is_dark:
                self._darken(False)
                self._waking.start(WAKING_MS)
        if self._waking.isActive() and event.type() in _ALL:
            return True
        return super().eventFilter(watched, event)

    def _darken(self, is_dark: bool) -> None:
        if is_dark != self._is_dark:
            self._is_dark = is_dark
            self.changed.emit()

    isDark = Property(bool, lambda self: self._is_dark, notify=changed)
