"""Scripts that walk through a kiosk's window on the UI thread: a generator waits with each `yield from`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from time import perf_counter

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtQuick import QQuickItem

from kiosk.errors import BugError
from kiosk.session.states import Screen
from ui.application import KioskWindow
from ui.facade import KioskFacade
from ui.navigator import PAGES
from ui.screen_window import ScreenWindow

Step = Iterator[None]
_PATIENCE_S = 60.0


class StuckError(BugError):
    """The script waited in vain; says for what."""


class WindowScene(QObject):
    """A window and what a script needs of it. UI thread."""

    def __init__(self, window: ScreenWindow) -> None:
        super().__init__()
        self.window = window.window
        self._began_s = perf_counter()
        self._host = next(
            item for item in self.window.findChildren(QQuickItem) if item.property("shownPage") is not None
        )

    @property
    def page(self) -> str:
        """The page that is on the screen, as the navigators' PAGES name it."""
        return str(self._host.property("shownPage"))

    def until(self, is_so: Callable[[], bool], what: str) -> Step:
        """Waits. Raises StuckError after a minute."""
        deadline_s = perf_counter() + _PATIENCE_S
        while not is_so():
            if perf_counter() > deadline_s:
                raise StuckError(f"waited for {what} on the page {self.page}")
            yield

    def pause(self, seconds: float) -> Step:
        """Lets time pass."""
        end_s = perf_counter() + seconds
        while perf_counter() < end_s:
            yield

    def touch(self, object_name: str) -> Step:
        """Presses and releases in the middle of a control, as a finger would once it is there."""
        content = self.window.contentItem()
        yield from self.until(lambda: _touchable(content, object_name) is not None, object_name)
        item = _touchable(content, object_name)
        if item is None:
            raise StuckError(f"{object_name} went away")
        at = item.mapToScene(QPointF(item.width() / 2, item.height() / 2))
        held = Qt.MouseButton.LeftButton
        for kind, buttons in (
            (QEvent.Type.MouseButtonPress, held),
            (QEvent.Type.MouseButtonRelease, Qt.MouseButton.NoButton),
        ):
            event = QMouseEvent(kind, at, at, held, buttons, Qt.KeyboardModifier.NoModifier)
            event.setTimestamp(round(1000 * (perf_counter() - self._began_s)))
            QCoreApplication.sendEvent(self.window, event)


class Scene(WindowScene):
    """The window of a kiosk."""

    def __init__(self, kiosk: KioskFacade, window: KioskWindow) -> None:
        super().__init__(window)
        self.kiosk = kiosk
        self.engine = window.engine

    def shown(self, screen: Screen) -> Step:
        """Waits until the page of a state is on the screen."""
        yield from self.until(lambda: self.page == PAGES[screen], f"the page {screen}")

    def to_results(self) -> Step:
        """From the attract page to the visitor's photos."""
        yield from self.until(lambda: self.kiosk.view.event is not None, "the event")
        yield from self.shown(Screen.ATTRACT)
        self.kiosk.journey.begin()
        yield from self.shown(Screen.CONSENT)
        self.kiosk.journey.agree()
        yield from self.shown(Screen.RESULTS)


def play(
    script: Step, window: ScreenWindow, every_ms: int, ended: Callable[[Exception | None], None]
) -> None:
    """Goes on with the script every few milliseconds; leaves Qt's loop when it ends, `ended` told of what it
    raised: the loop would swallow it."""
    timer = QTimer(window)

    def go_on() -> None:
        failure: Exception | None = None
        try:
            next(script)
            return
        except StopIteration:
            pass
        except Exception as failed:  # noqa: BLE001 - carried out of Qt's loop
            failure = failed
        timer.stop()
        ended(failure)
        QCoreApplication.quit()

    timer.timeout.connect(go_on)
    timer.start(every_ms)


def _touchable(root: QQuickItem, object_name: str) -> QQuickItem | None:
    """The control of that name that can be touched now, the topmost first: what is drawn last is on top."""
    for item in reversed(root.childItems()):
        if item.isVisible() and item.isEnabled():
            found = _touchable(item, object_name)
            if found is not None:
                return found
            if item.objectName() == object_name and item.width() > 0:
                return item
    return None
