"""The QML module `Kiosk` as the store's window has it: one instance of each object for each engine.

A new view model gets a line in `SINGLETONS` and one in `objects`; qmllint knows it from there on.
"""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from PySide6.QtCore import QObject

from kiosk.language import Language
from kiosk.visits.told import StoreView
from ui.screen_engine import ScreenEngine
from ui.screen_sleep import ScreenSleep
from ui.store_bridge import StoreBridge
from ui.store_facade import StoreFacade
from ui.store_faces import FaceLoader, FaceView
from ui.store_navigator import StoreNavigator
from ui.stream_pictures import StreamPictures
from ui.stream_view import StreamView
from ui.theme import Theme
from ui.translator import Translator, Venue
from ui.view_models.row_list import RowListModel
from ui.view_models.store import StoreViewModel
from ui.view_models.store_enrol import EnrolmentViewModel
from ui.view_models.store_held import HeldViewModel
from ui.view_models.store_pairing import MergeViewModel, SplitViewModel
from ui.view_models.store_people import PeopleViewModel
from ui.view_models.store_period import PeriodViewModel
from ui.view_models.store_person import PersonViewModel
from ui.view_models.store_reports import ReportsViewModel
from ui.view_models.store_streams import StreamsViewModel
from ui.view_models.store_typing import TypingViewModel
from ui.view_models.store_visits import VisitsViewModel
from ui.view_models.store_wall import WallViewModel
from ui.view_models.stream_line import LineViewModel

SINGLETONS: dict[str, type[QObject]] = {
    "Theme": Theme,
    "Translator": Translator,
    "ScreenSleep": ScreenSleep,
    "StoreNavigator": StoreNavigator,
    "Store": StoreViewModel,
    "Wall": WallViewModel,
    "Streams": StreamsViewModel,
    "StreamLine": LineViewModel,
    "Held": HeldViewModel,
    "Period": PeriodViewModel,
    "Reports": ReportsViewModel,
    "Visits": VisitsViewModel,
    "People": PeopleViewModel,
    "Person": PersonViewModel,
    "Enrolment": EnrolmentViewModel,
    "Merge": MergeViewModel,
    "Split": SplitViewModel,
    "Typing": TypingViewModel,
}
"""QML name and class of each object that exists once a window."""

TYPES: dict[str, type[QObject]] = {"StreamView": StreamView, "FaceView": FaceView}
"""Items that QML makes itself."""

MODELS: tuple[type[QObject], ...] = (RowListModel,)
"""Classes that QML meets only as the value of a property."""


class StoreEngine(ScreenEngine):
    """A QML engine with the objects of one store; they follow its events until `close`. Items that show
    pictures find here whom to ask."""

    def __init__(self, store: StoreFacade) -> None:
        super().__init__(SINGLETONS, TYPES)
        self.store = store
        self.stream_pictures = StreamPictures(store.pictures)
        self.frame_threads.add(self.stream_pictures)
        self.faces = FaceLoader(store.pictures, self)
        Venue.zone = ZoneInfo(store.view.timezone)
        theme, translator = self.theme, self.translator
        self.navigator = StoreNavigator(self)
        shop = StoreViewModel(store, translator, self)
        wall = WallViewModel(store, translator, self)
        line = LineViewModel(self)
        streams = StreamsViewModel(store, translator, line, self)
        held = HeldViewModel(store, translator, self)
        period = PeriodViewModel(store, translator, self)
        reports = ReportsViewModel(store, translator, period, self)
        visits = VisitsViewModel(store, translator, period, self)
        people = PeopleViewModel(store, translator, self)
        person = PersonViewModel(store, translator, self)
        enrolment = EnrolmentViewModel(store, translator, self)
        merge = MergeViewModel(store, translator, person, self)
        split = SplitViewModel(store, translator, person, self)
        typing = TypingViewModel(self)
        self.objects |= {
            "StoreNavigator": self.navigator,
            "Store": shop,
            "Wall": wall,
            "Streams": streams,
            "StreamLine": line,
            "Held": held,
            "Period": period,
            "Reports": reports,
            "Visits": visits,
            "People": people,
            "Person": person,
            "Enrolment": enrolment,
            "Merge": merge,
            "Split": split,
            "Typing": typing,
        }
        self._shows: list[Callable[[StoreView], None]] = [
            lambda view: translator.show_language(view.language),
            lambda view: theme.show_language(view.language),
            wall.show,
            streams.show,
            held.show,
            period.show,
            reports.show,
            visits.show,
            people.show,
            person.show,
            enrolment.show,
            merge.show,
            split.show,
            shop.show,  # last: whoever hears of a notice finds the rest as it is now
        ]
        self.bridge = StoreBridge(store.bus, self)
        self.bridge.viewChanged.connect(self.show_view)
        self.bridge.facesSeen.connect(self.stream_pictures.see)
        self.bridge.statusChanged.connect(wall.stand)
        self.bridge.statusChanged.connect(streams.stand)
        self.bridge.purged.connect(held.take)
        self.bridge.peopleListed.connect(people.take)
        self.bridge.peopleListed.connect(merge.take)
        self.bridge.personShown.connect(person.take)
        self.bridge.enrolmentChanged.connect(enrolment.take)
        self.bridge.reportReady.connect(reports.take)
        self.bridge.reportSaved.connect(reports.take_saved)
        self.bridge.visitsListed.connect(visits.take)
        # Merging and splitting end before the person of their page is asked for again.
        for heard in (merge, split, enrolment, person, people, visits):
            self.bridge.personSaved.connect(heard.take_saved)
        # What a page is about is let go of when another one comes; an enrolment ends before the list is read.
        for turned in (enrolment, merge, split, person, people, visits, reports, typing):
            self.navigator.placeChanged.connect(turned.turn)
        translator.languageAsked.connect(lambda language: store.show_language(Language(language)))
        self.show_view(store.view)

    def show_view(self, view: StoreView) -> None:
        """Hands a snapshot to all view models, in order."""
        for show in self._shows:
            show(view)

    def close(self) -> None:
        """Hears no more events, loads no more pictures."""
        self.bridge.close()
        self.faces.close()
        super().close()
