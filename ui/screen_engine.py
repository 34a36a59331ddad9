"""What the engines of both windows, the kiosk's and the store's, have in common: the QML module `Kiosk`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol
from weakref import WeakSet

from PySide6.QtCore import QObject
from PySide6.QtQml import QQmlApplicationEngine, QQmlEngine, qmlRegisterSingletonType, qmlRegisterType
from PySide6.QtQuick import QQuickWindow

from ui.images import add_image_providers
from ui.incubation import PageIncubator
from ui.pyside_faults import empty_at_its_end, keep_true_alive
from ui.screen_sleep import ScreenSleep
from ui.theme import Theme
from ui.translator import Translator

MODULE = "Kiosk"

_registered: set[str] = set()


class Stoppable(Protocol):
    """A thread that a view started."""

    def stop(self) -> None:
        """Ends soon; does not wait."""
        ...


class ScreenEngine(QQmlApplicationEngine):
    """A QML engine with the objects of one window in `objects`; `Theme`, `Translator` and
    `ScreenSleep` are in each."""

    def __init__(self, singletons: Mapping[str, type[QObject]], types: Mapping[str, type[QObject]]) -> None:
        register_module(singletons, types)
        super().__init__()
        self._incubator = PageIncubator(self)
        self.setIncubationController(self._incubator)
        self.frame_threads: WeakSet[Stoppable] = WeakSet()
        self.theme = Theme(self)
        self.translator = Translator(self)
        self.sleep = ScreenSleep(self)
        self.objects: dict[str, QObject] = {
            "Theme": self.theme,
            "Translator": self.translator,
            "ScreenSleep": self.sleep,
        }
        add_image_providers(self)

    def scene_window(self) -> QQuickWindow | None:
        """The window, once it is loaded."""
        roots = self.rootObjects()
        return roots[0] if roots and isinstance(roots[0], QQuickWindow) else None

    def close(self) -> None:
        """Prepares no more pictures."""
        for thread in self.frame_threads:
            thread.stop()


def register_module(singletons: Mapping[str, type[QObject]], types: Mapping[str, type[QObject]]) -> None:
    """Makes what is new of these known to QML, each once for the process."""
    if not _registered:
        keep_true_alive()
    # The stubs ask for bytes where the functions take str only.
    for name, singleton in singletons.items():
        if name not in _registered:
            qmlRegisterSingletonType(singleton, MODULE, 1, 0, name, _instance(name))  # type: ignore[call-overload]
    for name, kind in types.items():
        if name not in _registered:
            qmlRegisterType(kind, MODULE, 1, 0, name)  # type: ignore[call-overload]
    _registered.update(singletons, types)


def _instance(name: str) -> Callable[[QQmlEngine], QObject]:
    def of_engine(engine: QQmlEngine) -> QObject:
        if not isinstance(engine, ScreenEngine):
            raise TypeError(f"{name} needs a ScreenEngine")
        singleton = engine.objects[name]
        empty_at_its_end(singleton)
        return singleton

    return of_engine
