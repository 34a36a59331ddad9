"""Finding without a face: a time and a place, the number on a shirt, a photo number, or every photo."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.photos.shirt_numbers import MOST_DIGITS
from kiosk.session.finding import MOST_PHOTO_DIGITS
from kiosk.session.states import Screen
from kiosk.session.view import SessionView
from ui.facade import KioskFacade
from ui.translator import Translator, show_hour

BY_TIME, BY_BIB, BY_NUMBER = "time", "bib", "number"
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Picked:
    """What a visitor has picked and typed so far; -1 is any hour, any place."""

    way: str = BY_TIME
    hour: int = -1
    place: int = -1
    bib: str = ""
    number: str = ""


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
        self._picked = _Picked()

    def show(self, view: SessionView) -> None:
        """Takes over the event's hours and places; the next visitor starts with nothing picked, and nobody
        stays with a way that the event does not offer."""
        event = view.event
        if view.screen in (Screen.ATTRACT, Screen.THANKS):
            self._set(_Picked())
        elif self._picked.way == BY_BIB and not (event and event.reads_numbers):
            self._pick(way=BY_TIME)
        times, places = (event.times, event.places) if event else ((), ())
        if (times, places) != (self._times, self._places):
            self._times, self._places = times, places
            self.changed.emit()

    def _pick(self, **changes: Any) -> None:
        self._set(replace(self._picked, **changes))

    def _set(self, picked: _Picked) -> None:
        if picked != self._picked:
            self._picked = picked
            self.pickedChanged.emit()

    hours = Property(list, lambda self: [show_hour(hour) for hour in self._times], notify=changed)
    places = Property(
        list, lambda self: [self._translator.breakable(place) for place in self._places], notify=changed
    )
    way = Property(str, lambda self: self._picked.way, notify=pickedChanged)
    hour = Property(int, lambda self: self._picked.hour, notify=pickedChanged)
    place = Property(int, lambda self: self._picked.place, notify=pickedChanged)
    bib = Property(str, lambda self: self._picked.bib, notify=pickedChanged)
    number = Property(str, lambda self: self._picked.number, notify=pickedChanged)
    mostDigits = Property(
        int,
        lambda self: MOST_DIGITS if self._picked.way == BY_BIB else MOST_PHOTO_DIGITS,
        notify=pickedChanged,
    )

    @Slot(str)
    def goBy(self, way: str) -> None:
        """`time` (and place), `bib` or `number`."""
        self._pick(way=way)

    @Slot(int)
    def pickHour(self, index: int) -> None:
        """One of `hours`; -1 for any time."""
        self._pick(hour=index)

    @Slot(int)
    def pickPlace(self, index: int) -> None:
        """One of `places`; -1 for any place."""
        self._pick(place=index)

    @Slot(str)
    def typeBib(self, bib: str) -> None:
        """What stands in the field for the number on the shirt."""
        self._pick(bib=bib)

    @Slot(str)
    def typeNumber(self, number: str) -> None:
        """What stands in the field for the photo number."""
        self._pick(number=number)

    @Slot()
    def search(self) -> None:
        """Shows what the picked way finds."""
        finding, picked = self._kiosk.finding, self._picked
        if picked.way == BY_BIB:
            finding.find_by_shirt_number(picked.bib)
        elif picked.way == BY_NUMBER:
            finding.find_by_number(picked.number)
        else:
            since = self._times[picked.hour] if 0 <= picked.hour < len(self._times) else None
            place = self._places[picked.place] if 0 <= picked.place < len(self._places) else None
            finding.find_by_time(since, since + _HOUR if since else None, place)
