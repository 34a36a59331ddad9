"""The QML module `Kiosk` as the kiosk's window has it: one instance of each object for each engine.

A new view model gets a line in `SINGLETONS` and one in `objects`; qmllint knows it from there on (tests/gui
writes the type description from these classes). What the store's window has is in ui/store_engine.py.
"""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject

from kiosk.language import Language
from kiosk.session.states import Screen
from kiosk.session.view import SessionView
from ui import staff_objects, technician_objects
from ui.bridge import Bridge
from ui.facade import KioskFacade
from ui.live_view import LiveView
from ui.navigator import Navigator
from ui.pictures import PhotoView, PictureLoader
from ui.screen_engine import ScreenEngine
from ui.screen_sleep import ScreenSleep
from ui.staff_objects import StaffObjects
from ui.technician_objects import TechnicianObjects
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

SINGLETONS: dict[str, type[QObject]] = {
    "Theme": Theme,
    "Translator": Translator,
    "ScreenSleep": ScreenSleep,
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
    **staff_objects.SINGLETONS,
    **technician_objects.SINGLETONS,
}
"""QML name and class of each object that exists once a window."""

TYPES: dict[str, type[QObject]] = {"LiveView": LiveView, "PhotoView": PhotoView}
"""Items that QML makes itself."""

MODELS: tuple[type[QObject], ...] = (PhotoListModel, PhotoIdModel, PrintListModel, *staff_objects.MODELS)
"""Classes that QML meets only as the value of a property."""


class KioskEngine(ScreenEngine):
    """A QML engine with the objects of one kiosk; they follow its events until `close`."""

    def __init__(self, kiosk: KioskFacade) -> None:
        super().__init__(SINGLETONS, TYPES)
        self.kiosk = kiosk
        self.pictures = PictureLoader(kiosk, self)
        self._screen: Screen | None = None
        self._visitor_language = kiosk.view.language
        self.is_idle_warning = False
        Venue.zone = ZoneInfo(kiosk.view.timezone)
        translator = self.translator
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
        self.objects |= {
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
        self.staff = StaffObjects(kiosk.staff, translator, self)
        self._technician = TechnicianObjects(kiosk.technician, kiosk.staff, translator, self)
        self.staff.navigator.placeChanged.connect(self._technician.turn)
        self.objects |= self.staff.objects | self._technician.objects
        results.lookChanged.connect(self.pictures.begin_look)
        together.facesChanged.connect(self.pictures.begin_look)
        # The page turns last, when everything that it draws from is there.
        self._shows: list[Callable[[SessionView], None]] = [
            lambda _view: self._speak(),
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
        translator.languageAsked.connect(self._ask_for_language)
        self.staff.languageChanged.connect(self._speak)
        self.show_view(kiosk.view)
        self.staff.show_view(kiosk.staff.view)

    def show_view(self, view: SessionView) -> None:
        """Hands a snapshot to all view models, in order. A new visitor starts without the last one's aids."""
        if view.screen is Screen.ATTRACT and self._screen is not Screen.ATTRACT:
            self.theme.reset_aids()
        self._screen = view.screen
        self._visitor_language = view.language
        self.is_idle_warning = view.is_idle_warning
        for show in self._shows:
            show(view)

    def _speak(self) -> None:
        """For whoever is there: in the language of staff, and without the visitor's aids, while their pages
        lie over the visitor's."""
        self.theme.set_plain(self.staff.language is not None)
        language = self.staff.language or self._visitor_language
        self.translator.show_language(language)
        self.theme.show_language(language)

    def _ask_for_language(self, language: str) -> None:
        """Staff who speak another language leave the visitor's as it is."""
        if self.staff.language is None:
            self.kiosk.journey.set_language(Language(language))
        else:
            self.kiosk.staff.show_language(Language(language))

    def rest(self) -> None:
        """Nobody has touched the screen for long. Pages of a visit are cleared by the kiosk itself; on those
        without one this clears what somebody left there: half a code in a sheet, aids, language, a notice."""
        if self._screen not in (Screen.ATTRACT, Screen.OUT_OF_SERVICE):
            return
        self._navigator.closeSheet()
        self.theme.reset_aids()
        if self._screen is Screen.ATTRACT:
            self.kiosk.journey.close()

    def close(self) -> None:
        """Hears no more events, loads no more pictures."""
        self.bridge.close()
        self.staff.close()
        self._technician.close()
        self.pictures.close()
        super().close()
