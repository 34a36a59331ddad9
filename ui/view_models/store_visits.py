"""Visits by site and span, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.visits.told import PersonSaved, StoreView, VisitsListed
from kiosk.visits.types import Visit
from ui.store_facade import StoreFacade
from ui.translator import Translator, Venue, show_time
from ui.view_models.store_period import PeriodViewModel
from ui.view_models.store_words import AROUND_PEOPLE, day_word, has_failed


class VisitsViewModel(QObject):
    """Lives on the UI thread; QML: `Visits`. Which site and which days `Period` says. Holds no visit while
    another page is shown."""

    changed = Signal()

    def __init__(
        self,
        store: StoreFacade,
        translator: Translator,
        period: PeriodViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._period = period
        self._view = store.view
        self._visits: tuple[Visit, ...] = ()
        self._pages: list[int] = [0]
        self._has_more = False
        self._is_only_here = False
        self._is_open = False
        self._is_waiting = False
        translator.languageChanged.connect(self.changed)
        period.changed.connect(self._restart)

    def show(self, view: StoreView) -> None:
        """The names of cameras and sites, and whether it is still waited for."""
        before, self._view = self._view, view
        if has_failed(before, view):
            self._is_waiting = False
        if self._is_open:
            self.changed.emit()

    def turn(self, place: str) -> None:
        """Another page is shown. Whoever comes back from a person finds the list where it was."""
        if place == "visits":
            self._is_open = True
            self._period.open()
            self._ask()
            return
        if place not in AROUND_PEOPLE:
            self._pages = [0]
        if self._is_open:
            self._is_open = self._is_waiting = self._has_more = False
            self._visits = ()
            self.changed.emit()

    def take(self, event: VisitsListed) -> None:
        """A page of visits; one that is not waited for any more is passed over."""
        if not self._is_open or event.offset != self._pages[-1]:
            return
        self._visits, self._has_more = event.visits, event.has_more
        self._is_only_here = not event.covers_chain
        self._is_waiting = False
        self.changed.emit()

    def take_saved(self, event: PersonSaved) -> None:
        """Names may have changed."""
        if self._is_open:
            self._ask()

    def _restart(self) -> None:
        if self._is_open:
            self._pages = [0]
            self._ask()

    def _ask(self) -> None:
        since, until = self._period.moments()
        self._is_waiting = True
        self._store.reports.list_visits(since, until, self._period.one_site, self._pages[-1])
        self.changed.emit()

    def _place(self) -> str:
        if not self._visits:
            return ""
        first = self._pages[-1] + 1
        return self._translator.translate(
            "store.visits.place", {"first": first, "last": first + len(self._visits) - 1}
        )

    rows = Property(
        list,
        lambda self: [visit_row(visit, self._view, self._translator) for visit in self._visits],
        notify=changed,
    )
    count = Property(int, lambda self: len(self._visits), notify=changed)
    isWaiting = Property(bool, lambda self: self._is_waiting, notify=changed)
    isOnlyHere = Property(bool, lambda self: self._is_only_here, notify=changed)
    hasMore = Property(bool, lambda self: self._has_more, notify=changed)
    hasBefore = Property(bool, lambda self: len(self._pages) > 1, notify=changed)
    place = Property(str, _place, notify=changed)

    @Slot()
    def goOn(self) -> None:
        """To the page after this one."""
        if self._has_more and not self._is_waiting:
            self._pages.append(self._pages[-1] + len(self._visits))
            self._ask()

    @Slot()
    def goBack(self) -> None:
        """To the page before this one."""
        if len(self._pages) > 1 and not self._is_waiting:
            self._pages.pop()
            self._ask()


def visit_row(visit: Visit, view: StoreView, words: Translator) -> dict[str, Any]:
    """A visit as a row of a list draws it."""
    say = words.translate
    camera = next((card.stream.name for card in view.streams if card.stream.stream_id == visit.stream_id), "")
    site = next((site.name for site in view.sites if site.site_id == visit.site_id), "")
    is_known = visit.person_id is not None
    number = visit.number
    return {
        "visitId": visit.visit_id,
        "personId": visit.person_id or "",
        "name": visit.name or say("store.people.nameless" if is_known else "store.visits.visitor", {}),
        "isKnown": is_known,
        "isReturning": visit.is_returning,
        "numberText": say("store.visits.number", {"n": number}) if number is not None else "",
        "pictureKey": visit.picture_key or "",
        "whenText": say(
            "store.visits.when",
            {
                "day": day_word(visit.began_at, words),
                "times": _times(visit.began_at, visit.ended_at, words),
            },
        ),
        "camera": " · ".join(part for part in (camera, site if len(view.sites) > 1 else "") if part),
        "genderText": say(f"store.facts.gender.{visit.gender}", {}),
    }


def _times(began: datetime, ended: datetime | None, words: Translator) -> str:
    if ended is None:
        return words.translate("store.visits.still", {"since": show_time(began)})
    is_same_day = began.astimezone(Venue.zone).date() == ended.astimezone(Venue.zone).date()
    until = show_time(ended) if is_same_day else f"{show_time(ended)} ({day_word(ended, words)})"
    return words.translate("store.visits.span", {"since": show_time(began), "until": until})
