"""The results page: sure photos and those that may be the visitor, filters, the bar with count and price."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.gallery.types import GroupRule
from kiosk.session.view import ResultsView, SessionView
from ui.facade import KioskFacade
from ui.translator import Translator, show_hour
from ui.view_models.photo_list import PhotoListModel

_HOUR = timedelta(hours=1)


class ResultsViewModel(QObject):
    """Lives on the UI thread; QML: `Results`. The two lists live as long as the window; a new search empties
    and fills them."""

    changed = Signal()
    lookChanged = Signal()
    """Another visitor, others than before, or another picture of them: whose face is blurred in a photo is
    not what it was."""

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kiosk = kiosk
        self._translator = translator
        self._results: ResultsView | None = None
        self._hidden = ""
        self._sure = PhotoListModel(self)
        self._maybe = PhotoListModel(self)
        self._chosen: frozenset[str] = frozenset()
        translator.languageChanged.connect(self.changed)

    def show(self, view: SessionView) -> None:
        """Brings the lists up to date by their differences; the rest is small."""
        before, results = self._results, view.results
        if view.shop is not None:
            self._chosen = frozenset(view.shop.basket.digital)
        if results == before:
            return
        self._results = results
        if _look(before) != _look(results):
            self.lookChanged.emit()
        self._sure.show(results.sure if results else ())
        self._maybe.show(results.maybe if results else ())
        self.changed.emit()

    sure = Property(QObject, lambda self: self._sure, constant=True)
    maybe = Property(QObject, lambda self: self._maybe, constant=True)

    # what was found

    def _of(self, name: str, otherwise: Any) -> Any:
        return otherwise if self._results is None else getattr(self._results, name)

    def _title(self) -> str:
        by_face, total = self._of("by_face", False), int(self._of("total", 0))
        maybe = len(self._of("maybe", ()))
        if not total and maybe:
            return self._translator.counted("none.maybe", maybe)
        if self._is_of_all() and not total:
            return self._translator.translate("results.all.none", {})
        return self._translator.counted(self._title_key(by_face), total)

    def _title_key(self, by_face: bool) -> str:
        if not by_face:
            return "package.photos"
        if len(self._of("people", ())) < 2:
            return "results.title"
        return "results.title.together" if self._is_of_all() else "results.title.group"

    def _is_of_all(self) -> bool:
        return self._of("rule", GroupRule.ANY) is GroupRule.ALL

    def _not_me(self) -> str:
        if self._is_of_all():
            return self._translator.translate("results.not_all", {})
        is_group = len(self._of("people", ())) > 1
        return self._translator.translate("results.not_us" if is_group else "results.not_me", {})

    def _is_me(self) -> str:
        is_group = len(self._of("people", ())) > 1
        return self._translator.translate("results.is_us" if is_group else "results.is_me", {})

    notMeText = Property(str, _not_me, notify=changed)
    isMeText = Property(str, _is_me, notify=changed)
    isBlurred = Property(bool, lambda self: bool(self._of("is_blurred", False)), notify=changed)
    title = Property(str, _title, notify=changed)
    isByFace = Property(bool, lambda self: bool(self._of("by_face", False)), notify=changed)
    total = Property(int, lambda self: int(self._of("total", 0)), notify=changed)
    shownCount = Property(int, lambda self: len(self._of("sure", ())), notify=changed)
    areLandscape = Property(
        bool, lambda self: all(tile.width > tile.height for tile in self._of("sure", ())), notify=changed
    )
    """Whether all photos shown lie; asked for a few only."""
    maybeCount = Property(int, lambda self: len(self._of("maybe", ())), notify=changed)

    # the filter

    def _hours(self) -> list[dict[str, Any]]:
        since = self._of("filter_since", None)
        return [{"text": show_hour(hour), "isOn": hour == since} for hour in self._of("times", ())]

    def _words(self, choices: str, chosen: str) -> list[dict[str, Any]]:
        wanted = self._of(chosen, None)
        breakable = self._translator.breakable
        return [{"text": breakable(word), "isOn": word == wanted} for word in self._of(choices, ())]

    def _filter_text(self) -> str:
        since: datetime | None = self._of("filter_since", None)
        words = [
            show_hour(since) if since else "",
            self._of("filter_place", None) or "",
            self._of("filter_photographer", None) or "",
        ]
        return " · ".join(word for word in words if word)

    hours = Property(list, _hours, notify=changed)
    places = Property(list, lambda self: self._words("places", "filter_place"), notify=changed)
    photographers = Property(
        list, lambda self: self._words("photographers", "filter_photographer"), notify=changed
    )
    filterText = Property(str, _filter_text, notify=changed)
    areFavouritesOnly = Property(bool, lambda self: bool(self._of("favourites_only", False)), notify=changed)
    canFilter = Property(
        bool,
        lambda self: max(len(self._of(name, ())) for name in ("times", "places", "photographers")) > 1,
        notify=changed,
    )

    def _filter(self, **changes: Any) -> None:
        kept = {
            "since": self._of("filter_since", None),
            "until": self._of("filter_until", None),
            "place": self._of("filter_place", None),
            "photographer": self._of("filter_photographer", None),
            "favourites_only": bool(self._of("favourites_only", False)),
        }
        self._kiosk.finding.set_filter(**(kept | changes))

    @Slot(int)
    def filterHour(self, index: int) -> None:
        """Only photos of one of `hours`; -1 for any time."""
        times = self._of("times", ())
        since = times[index] if 0 <= index < len(times) else None
        self._filter(since=since, until=since + _HOUR if since else None)

    @Slot(int)
    def filterPlace(self, index: int) -> None:
        """Only photos of one of `places`; -1 for any place."""
        places = self._of("places", ())
        self._filter(place=places[index] if 0 <= index < len(places) else None)

    @Slot(int)
    def filterPhotographer(self, index: int) -> None:
        """Only photos by one of `photographers`; -1 for all."""
        names = self._of("photographers", ())
        self._filter(photographer=names[index] if 0 <= index < len(names) else None)

    @Slot()
    def filterFavourites(self) -> None:
        """Favourites only, or no longer."""
        self._filter(favourites_only=not self._of("favourites_only", False))

    @Slot()
    def showAll(self) -> None:
        """Without any filter."""
        self._kiosk.finding.set_filter()

    # commands

    @Slot(str)
    def openPhoto(self, photo_id: str) -> None:
        """To the lightbox."""
        self._kiosk.finding.open_photo(photo_id)

    @Slot(str)
    def toggleChosen(self, photo_id: str) -> None:
        """Into the basket, or out of it."""
        if photo_id in self._chosen:
            self._kiosk.buying.unchoose(photo_id)
        else:
            self._kiosk.buying.choose(photo_id)

    @Slot(str)
    def thisIsMe(self, photo_id: str) -> None:
        """A "maybe" becomes sure."""
        self._kiosk.corrections.this_is_me(photo_id)

    @Slot(str)
    def notMe(self, photo_id: str) -> None:
        """Takes a wrong photo out; `undoNotMe` brings the last one back."""
        self._hidden = photo_id
        self._kiosk.corrections.not_me(photo_id)

    @Slot()
    def undoNotMe(self) -> None:
        """Shows the photo again that was taken out last."""
        self._kiosk.corrections.undo_not_me(self._hidden)

    @Slot()
    def openBasket(self) -> None:
        """To the basket."""
        self._kiosk.buying.open_basket()

    @Slot()
    def showMaybe(self) -> None:
        """From "not found yet" to the photos that may be the visitor."""
        self._kiosk.finding.show_maybe()

    @Slot()
    def findAll(self) -> None:
        """Every photo of the event."""
        self._kiosk.finding.find_all()


def _look(results: ResultsView | None) -> tuple[object, ...] | None:
    """What decides which faces are sharp."""
    return (results.by_face, results.is_blurred, results.people, results.faces) if results else None
