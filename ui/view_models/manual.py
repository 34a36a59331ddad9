"""Finding without a face: a time and a place, a photo number, or every photo."""

from __future__ import annotations

from datetime import datetime, timedelta

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.session.states import Screen
from kiosk.session.view import SessionView
from ui.facade import KioskFacade
from ui.translator import Translator, show_hour

BY_TIME, BY_NUMBER = "time", "number"
_HOUR = timedelta(hours=1)


class ManualViewModel(QObject):
    """Lives on the UI thread; QML: `Manual`. What was picked stays as long as the visit."""

    changed = Signal()
    pickedChanged = Signal()

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kiosk = kiosk
        self._translator = translator
        self._times: tuple[datetime, ...] = ()
        self._places: tuple[str, ...] = ()
        self._way = BY_TIME
        self._hour = self._place = -1
        self._number = ""

    def show(self, view: SessionView) -> None:
        """Takes over the event's hours and places; the next visitor starts with nothing picked."""
        if view.screen in (Screen.ATTRACT, Screen.THANKS):
            self._pick(BY_TIME, -1, -1, "")
        times, places = (view.event.times, view.event.places) if view.event else ((), ())
        if (times, places) != (self._times, self._places):
            self._times, self._places = times, places
            self.changed.emit()

    def _pick(self, way: str, hour: int, place: int, number: str) -> None:
        if (way, hour, place, number) != (self._way, self._hour, self._place, self._number):
            self._way, self._hour, self._place, self._number = way, hour, place, number
            self.pickedChanged.emit()

    hours = Property(list, lambda self: [show_hour(hour) for hour in self._times], notify=changed)
    places = Property(
        list, lambda self: [self._translator.breakable(place) for place in self._places], notify=changed
    )
    way = Property(str, lambda self: self._way, notify=pickedChanged)
    hour = Property(int, lambda self: self._hour, notify=pickedChanged)
    place = Property(int, lambda self: self._place, notify=pickedChanged)
    number = Property(str, lambda self: self._number, notify=pickedChanged)

    @Slot(str)
    def goBy(self, way: str) -> None:
        """`time` (and place) or `number`."""
        self._pick(way, self._hour, self._place, self._number)

    @Slot(int)
    def pickHour(self, index: int) -> None:
        """One of `hours`; -1 for any time."""
        self._pick(self._way, index, self._place, self._number)

    @Slot(int)
    def pickPlace(self, index: int) -> None:
        """One of `places`; -1 for any place."""
        self._pick(self._way, self._hour, index, self._number)

    @Slot(str)
    def typeNumber(self, number: str) -> None:
        """What stands in the field."""
        self._pick(self._way, self._hour, self._place, number)

    @Slot()
    def search(self) -> None:
        """Shows what the picked way finds."""
        finding = self._kiosk.finding
        if self._way == BY_NUMBER:
            finding.find_by_number(self._number)
            return
        since = self._times[self._hour] if 0 <= self._hour < len(self._times) else None
        place = self._places[self._place] if 0 <= self._place < len(self._places) else None
        finding.find_by_time(since, since + _HOUR if since else None, place)
