"""The QML module `Kiosk`: what Python gives to QML, one instance of each for each engine.

A new view model gets a line in `SINGLETONS` and one in `Objects`; qmllint knows it from there on (tests/gui
writes the type description from these classes).
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtQml import QQmlApplicationEngine, QQmlEngine, qmlRegisterSingletonType, qmlRegisterType

from kiosk.session.view import SessionView
from ui.bridge import Bridge
from ui.facade import KioskFacade
from ui.images import add_image_providers
from ui.live_view import LiveView
from ui.navigator import Navigator
from ui.theme import Theme
from ui.translator import Translator
from ui.view_models.capture import CaptureViewModel
from ui.view_models.photo_list import PhotoListModel
from ui.view_models.session import SessionViewModel

MODULE = "Kiosk"

SINGLETONS: dict[str, type[QObject]] = {
    "Theme": Theme,
    "Translator": Translator,
    "Navigator": Navigator,
    "Session": SessionViewModel,
    "Capture": CaptureViewModel,
}
"""QML name and class of each object that exists once a window."""

TYPES: dict[str, type[QObject]] = {"LiveView": LiveView}
"""Items that QML makes itself."""

MODELS: tuple[type[QObject], ...] = (PhotoListModel,)
"""Classes that QML meets only as the value of a property."""

_registered: list[str] = []


class KioskEngine(QQmlApplicationEngine):
    """A QML engine with the objects of one kiosk; they follow its events until `close`."""

    def __init__(self, kiosk: KioskFacade) -> None:
        register_module()
        super().__init__()
        self.kiosk = kiosk
        translator = Translator(self)
        theme = Theme(self)
        navigator = Navigator(self)
        session = SessionViewModel(kiosk, translator, self)
        capture = CaptureViewModel(kiosk, translator, self)
        self.objects: dict[str, QObject] = {
            "Theme": theme,
            "Translator": translator,
            "Navigator": navigator,
            "Session": session,
            "Capture": capture,
        }
        # The page turns last, when everything that it draws from is there.
        self._shows: list[Callable[[SessionView], None]] = [
            lambda view: translator.show_language(view.language),
            lambda view: theme.show_language(view.language),
            session.show,
            capture.show,
            navigator.show,
        ]
        self.bridge = Bridge(kiosk, self)
        self.bridge.viewChanged.connect(self.show_view)
        self.bridge.facesSeen.connect(capture.see)
        add_image_providers(self, kiosk)
        self.show_view(kiosk.view)

    def show_view(self, view: SessionView) -> None:
        """Hands a snapshot to all view models, in order."""
        for show in self._shows:
            show(view)

    def close(self) -> None:
        """Hears no more events."""
        self.bridge.close()


def register_module() -> None:
    """Makes the module known to QML; once for the process."""
    if _registered:
        return
    _registered.append(MODULE)
    # The stubs ask for bytes where the functions take str only.
    for name, singleton in SINGLETONS.items():
        qmlRegisterSingletonType(singleton, MODULE, 1, 0, name, _instance(name))  # type: ignore[call-overload]
    for name, kind in TYPES.items():
        qmlRegisterType(kind, MODULE, 1, 0, name)  # type: ignore[call-overload]


def _instance(name: str) -> Callable[[QQmlEngine], QObject]:
    def of_engine(engine: QQmlEngine) -> QObject:
        if not isinstance(engine, KioskEngine):
            raise TypeError(f"{name} needs a KioskEngine")
        return engine.objects[name]

    return of_engine
