"""The QML module `Kiosk`: what Python gives to QML, one instance of each for each engine.

A new view model gets a line in `SINGLETONS` and one in `Objects`; qmllint knows it from there on (tests/gui
writes the type description from these classes).
"""

from __future__ import annotations

from collections.abc import Callable
from weakref import WeakSet
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject
from PySide6.QtQml import QQmlApplicationEngine, QQmlEngine, qmlRegisterSingletonType, qmlRegisterType
from PySide6.QtQuick import QQuickWindow

from kiosk.session.states import Screen
from kiosk.session.view import SessionView
from ui.bridge import Bridge
from ui.facade import KioskFacade
from ui.images import add_image_providers
from ui.incubation import PageIncubator
from ui.live_view import FrameThread, LiveView
from ui.navigator import Navigator
from ui.pictures import PhotoView, PictureLoader
from ui.pyside_faults import keep_true_alive
from ui.theme import Theme
from ui.translator import Translator, Venue
from ui.view_models.basket import BasketViewModel
from ui.view_models.capture import CaptureViewModel
from ui.view_models.delivery import DeliveryViewModel
from ui.view_models.lightbox import LightboxViewModel
from ui.view_models.manual import ManualViewModel
from ui.view_models.payment import PaymentViewModel
from ui.view_models.photo_ids import PhotoIdModel
from ui.view_models.photo_list import PhotoListModel
from ui.view_models.print_list import PrintListModel
from ui.view_models.results import ResultsViewModel
from ui.view_models.session import SessionViewModel
from ui.view_models.sync import SyncViewModel
from ui.view_models.together import TogetherViewModel

MODULE = "Kiosk"

SINGLETONS: dict[str, type[QObject]] = {
    "Theme": Theme,
    "Translator": Translator,
    "Navigator": Navigator,
    "Session": SessionViewModel,
    "Capture": CaptureViewModel,
    "Results": ResultsViewModel,
    "Together": TogetherViewModel,
    "Lightbox": LightboxViewModel,
    "Basket": BasketViewModel,
    "Payment": PaymentViewModel,
    "Delivery": DeliveryViewModel,
    "Manual": ManualViewModel,
    "Sync": SyncViewModel,
}
"""QML name and class of each object that exists once a window."""

TYPES: dict[str, type[QObject]] = {"LiveView": LiveView, "PhotoView": PhotoView}
"""Items that QML makes itself."""

MODELS: tuple[type[QObject], ...] = (PhotoListModel, PhotoIdModel, PrintListModel)
"""Classes that QML meets only as the value of a property."""

_registered: list[str] = []


class KioskEngine(QQmlApplicationEngine):
    """A QML engine with the objects of one kiosk; they follow its events until `close`."""

    def __init__(self, kiosk: KioskFacade) -> None:
        register_module()
        super().__init__()
        self.kiosk = kiosk
        self._incubator = PageIncubator(self)
        self.setIncubationController(self._incubator)
        self.pictures = PictureLoader(kiosk, self)
        self.frame_threads: WeakSet[FrameThread] = WeakSet()
        self._screen: Screen | None = None
        self.is_idle_warning = False
        Venue.zone = ZoneInfo(kiosk.view.timezone)
        translator = Translator(self)
        self._theme = theme = Theme(self)
        self._navigator = navigator = Navigator(self)
        session = SessionViewModel(kiosk, translator, self)
        capture = CaptureViewModel(kiosk, translator, self)
        results = ResultsViewModel(kiosk, translator, self)
        together = TogetherViewModel(kiosk, translator, self)
        lightbox = LightboxViewModel(kiosk, translator, self)
        basket = BasketViewModel(kiosk, translator, self)
        payment = PaymentViewModel(kiosk, translator, self)
        delivery = DeliveryViewModel(kiosk, translator, self)
        manual = ManualViewModel(kiosk, translator, self)
        sync = SyncViewModel(kiosk, translator, self)
        self.objects: dict[str, QObject] = {
            "Theme": theme,
            "Translator": translator,
            "Navigator": navigator,
            "Session": session,
            "Capture": capture,
            "Results": results,
            "Together": together,
            "Lightbox": lightbox,
            "Basket": basket,
            "Payment": payment,
            "Delivery": delivery,
            "Manual": manual,
            "Sync": sync,
        }
        results.lookChanged.connect(self.pictures.begin_look)
        together.facesChanged.connect(self.pictures.begin_look)
        # The page turns last, when everything that it draws from is there.
        self._shows: list[Callable[[SessionView], None]] = [
            lambda view: translator.show_language(view.language),
            lambda view: theme.show_language(view.language),
            session.show,
            capture.show,
            results.show,
            together.show,
            lightbox.show,
            basket.show,
            payment.show,
            delivery.show,
            manual.show,
            navigator.show,
        ]
        self.bridge = Bridge(kiosk, self)
        self.bridge.viewChanged.connect(self.show_view)
        self.bridge.facesSeen.connect(capture.see)
        self.bridge.syncChanged.connect(sync.show)
        add_image_providers(self)
        self.show_view(kiosk.view)

    def show_view(self, view: SessionView) -> None:
        """Hands a snapshot to all view models, in order. A new visitor starts without the last one's aids."""
        if view.screen is Screen.ATTRACT and self._screen is not Screen.ATTRACT:
            self._theme.reset_aids()
        self._screen = view.screen
        self.is_idle_warning = view.is_idle_warning
        for show in self._shows:
            show(view)

    def rest(self) -> None:
        """Nobody has touched the screen for long. Pages of a visit are cleared by the kiosk itself; on those
        without one this clears what somebody left there: half a code in a sheet, aids, language, a notice."""
        if self._screen not in (Screen.ATTRACT, Screen.OUT_OF_SERVICE):
            return
        self._navigator.closeSheet()
        self._theme.reset_aids()
        if self._screen is Screen.ATTRACT:
            self.kiosk.journey.close()

    def scene_window(self) -> QQuickWindow | None:
        """The window, once it is loaded."""
        roots = self.rootObjects()
        return roots[0] if roots and isinstance(roots[0], QQuickWindow) else None

    def close(self) -> None:
        """Hears no more events, loads no more pictures."""
        self.bridge.close()
        self.pictures.close()
        for thread in self.frame_threads:
            thread.stop()


def register_module() -> None:
    """Makes the module known to QML; once for the process."""
    if _registered:
        return
    _registered.append(MODULE)
    keep_true_alive()
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
