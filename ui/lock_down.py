"""No way out of the window: not by key, close button, menu, drag, link or focus; only staff end it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPointF, Qt, QTimer, QUrl, Slot
from PySide6.QtGui import (
    QDesktopServices,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPointerEvent,
    QPointingDevice,
    QWindow,
)

_Type = QEvent.Type
_KEYS = frozenset({_Type.KeyPress, _Type.KeyRelease, _Type.ShortcutOverride})
_BUTTONS = frozenset({_Type.MouseButtonPress, _Type.MouseButtonRelease, _Type.MouseButtonDblClick})
_DRAGS = frozenset({_Type.DragEnter, _Type.DragMove, _Type.DragLeave, _Type.Drop, _Type.ContextMenu})
_LOST = frozenset({_Type.FocusOut, _Type.WindowDeactivate, _Type.Hide, _Type.WindowStateChange})
_TOUCHES = frozenset({_Type.TouchBegin, _Type.TouchUpdate})
_MODIFIERS = (
    Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
)
_WALKING = frozenset(
    {
        *(Qt.Key.Key_Tab, Qt.Key.Key_Backtab, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Escape),
        *(Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Space, Qt.Key.Key_Shift),
        *(Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down),
        *(Qt.Key.Key_Home, Qt.Key.Key_End, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_CapsLock),
    }
)
"""What keyboard and switch need to reach everything."""
_STAFF_DOOR = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
_LINKS = ("http", "https", "file", "mailto", "ftp", "tel")
_TAKE_BACK_MS = 100
_CURSOR_MS = 5000
_TREMBLE_PX = 8.0
"""A mouse that nobody holds is not seen to move."""


class LockDown(QObject):
    """Keeps a window on the whole screen, in front and in focus until `release`. UI thread.

    What leads out of a program is a list without end, so keys go by a list of what may pass: letters, and
    what a keyboard or a switch needs to walk the pages; with Ctrl, Alt or Super nothing but the staff's door.
    What no program sees (Ctrl+Alt+Del, the change of console) is the session's to switch off.
    """

    def __init__(self, window: QWindow) -> None:
        super().__init__(window)
        self._window = window
        self._is_on = True
        self._mouse_at: QPointF | None = None
        self._is_cursor_hidden = False
        self._back = QTimer(self)
        self._back.setSingleShot(True)
        self._back.timeout.connect(self._take_back)
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.timeout.connect(self._hide_cursor)
        window.setFlags(
            window.flags() | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint
        )
        for scheme in _LINKS:
            # The stubs ask for bytes where the function takes str only.
            QDesktopServices.setUrlHandler(scheme, self, "refuse")  # type: ignore[arg-type]
        window.installEventFilter(self)
        self._hide_cursor()

    def release(self) -> None:
        """From now on the window can be closed."""
        if not self._is_on:
            return
        self._is_on = False
        for timer in (self._back, self._still):
            timer.stop()
        self._window.removeEventFilter(self)
        if _can_grab_keys():
            self._window.setKeyboardGrabEnabled(False)
        for scheme in _LINKS:
            QDesktopServices.unsetUrlHandler(scheme)
        self._show_cursor()

    @Slot(QUrl)
    def refuse(self, _url: QUrl) -> None:
        """A link that something wants to open outside of the kiosk."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """True for what goes no further."""
        kind = event.type()
        if kind in _KEYS and isinstance(event, QKeyEvent):
            return not may_pass(event)
        if kind in _BUTTONS and isinstance(event, QMouseEvent):
            return event.button() != Qt.MouseButton.LeftButton
        if kind is _Type.Close or kind in _DRAGS:
            event.ignore()
            return True
        if kind in _LOST:
            self._back.start(_TAKE_BACK_MS)
        elif kind is _Type.Expose and _can_grab_keys():
            self._window.setKeyboardGrabEnabled(True)
        elif kind in _TOUCHES:
            self._hide_cursor()
        elif kind is _Type.MouseMove and isinstance(event, QPointerEvent):
            self._follow_mouse(event)
        return super().eventFilter(watched, event)

    def _take_back(self) -> None:
        """The whole screen, the front and the focus, as often as something takes them."""
        window = self._window
        if window.visibility() is not QWindow.Visibility.FullScreen:
            window.setGeometry(window.screen().geometry())
            window.showFullScreen()
        window.raise_()
        window.requestActivate()

    def _follow_mouse(self, event: QPointerEvent) -> None:
        """A mouse that is moved shows its cursor, a finger never does."""
        if event.pointerType() == QPointingDevice.PointerType.Finger:
            self._hide_cursor()
            return
        at = event.points()[0].globalPosition()
        if self._mouse_at is None:
            self._mouse_at = at  # where it is when the window comes
        elif (at - self._mouse_at).manhattanLength() > _TREMBLE_PX:
            self._mouse_at = at
            self._show_cursor()
            self._still.start(_CURSOR_MS)

    def _hide_cursor(self) -> None:
        if not self._is_cursor_hidden:
            self._is_cursor_hidden = True
            QGuiApplication.setOverrideCursor(Qt.CursorShape.BlankCursor)

    def _show_cursor(self) -> None:
        if self._is_cursor_hidden:
            self._is_cursor_hidden = False
            QGuiApplication.restoreOverrideCursor()


def _can_grab_keys() -> bool:
    """Where another program could be beside the kiosk; `cage` shows nothing else."""
    return QGuiApplication.platformName() in ("xcb", "windows")


def may_pass(event: QKeyEvent) -> bool:
    """Whether a key is one of those that lead nowhere but to the pages."""
    modifiers = event.modifiers()
    if modifiers & _MODIFIERS:
        return event.key() == Qt.Key.Key_S and modifiers == _STAFF_DOOR
    text = event.text()
    return event.key() in _WALKING or (bool(text) and text.isprintable())
