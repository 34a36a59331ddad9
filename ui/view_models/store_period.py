"""Which days and which shop reports and the list of visits are about: chosen once, for both."""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.visits.report_folding import ALL_SITES
from kiosk.visits.report_spans import moments_of
from kiosk.visits.told import StoreView
from kiosk.visits.types import Site
from ui import moment
from ui.store_facade import StoreFacade
from ui.translator import Translator, Venue, show_date, show_year

_DAY = timedelta(days=1)
_WEEKS_SHOWN = 6


class Days(StrEnum):
    """What can be chosen with one touch; OTHER are any days, from a calendar."""

    TODAY = "today"
    WEEK = "week"
    MONTH = "month"
    LAST_MONTH = "last_month"
    OTHER = "other"


def days_of(choice: Days, today: date) -> tuple[date, date]:
    """First and last day, both included, up to today. A week begins on Monday."""
    first_of_month = today.replace(day=1)
    match choice:
        case Days.WEEK:
            return today - timedelta(days=today.weekday()), today
        case Days.MONTH:
            return first_of_month, today
        case Days.LAST_MONTH:
            last = first_of_month - _DAY
            return last.replace(day=1), last
    return today, today


class PeriodViewModel(QObject):
    """Lives on the UI thread; QML: `Period`. Days are those at the venue."""

    changed = Signal()
    pickingChanged = Signal()
    sitesChanged = Signal()

    def __init__(self, store: StoreFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._translator = translator
        self._view = store.view
        self._choice = Days.TODAY
        self._since = self._until = self.today
        self._site_id = store.view.site.site_id
        self._picked: tuple[date, date] = (self._since, self._until)
        self._month = self._since.replace(day=1)
        for signal in (self.changed, self.pickingChanged, self.sitesChanged):
            translator.languageChanged.connect(signal)

    def show(self, view: StoreView) -> None:
        """Takes over the shops of the chain; one that is gone is not asked about any more."""
        before, self._view = self._view, view
        if before.sites == view.sites and before.site == view.site:
            return
        if self._site_id not in (ALL_SITES, *(site.site_id for site in self._offered())):
            self._site_id = view.site.site_id
            self.changed.emit()
        self.sitesChanged.emit()

    # as Python asks for it

    @property
    def today(self) -> date:
        """The day at the venue."""
        return moment.now().astimezone(Venue.zone).date()

    @property
    def days(self) -> tuple[date, date]:
        """First and last, both included."""
        return self._since, self._until

    @property
    def chosen(self) -> Days:
        """How they were chosen."""
        return self._choice

    @property
    def one_site(self) -> str:
        """The shop, or ALL_SITES."""
        return self._site_id

    def moments(self) -> tuple[datetime, datetime]:
        """When the first day begins and when the one after the last does, in UTC."""
        return moments_of(self._since, self._until, Venue.zone)

    def open(self) -> None:
        """A page that is about it opens: "today" is the day that it is now."""
        if self._choice is Days.OTHER:
            return
        days = days_of(self._choice, self.today)
        if days != self.days:
            self._since, self._until = days
            self.changed.emit()

    # which shop

    def _offered(self) -> tuple[Site, ...]:
        here = self._view.site
        return (here, *(site for site in self._view.sites if site.site_id != here.site_id))

    def _site_rows(self) -> list[dict[str, str]]:
        say = self._translator.translate
        here, *others = self._offered()
        rows = [{"siteId": here.site_id, "text": say("store.period.here", {})}]
        if others:
            rows.append({"siteId": ALL_SITES, "text": say("store.period.chain", {})})
        return rows + [{"siteId": site.site_id, "text": site.name} for site in others]

    def _site_text(self) -> str:
        if self._site_id == ALL_SITES:
            return self._translator.translate("store.period.chain", {})
        return next((site.name for site in self._offered() if site.site_id == self._site_id), "")

    sites = Property(list, _site_rows, notify=sitesChanged)
    site = Property(str, lambda self: self._site_id, notify=changed)
    siteText = Property(str, _site_text, notify=changed)

    @Slot(str)
    def pickSite(self, site_id: str) -> None:
        """One of `sites`."""
        if site_id != self._site_id:
            self._site_id = site_id
            self.changed.emit()

    # which days

    choice = Property(str, lambda self: str(self._choice), notify=changed)
    text = Property(str, lambda self: self._span_text(self._since, self._until), notify=changed)

    @Slot(str)
    def pick(self, choice: str) -> None:
        """One of `Days`; for OTHER the calendar is asked (`beginPicking`, `takePicked`)."""
        self._choice = Days(choice)
        self._since, self._until = days_of(self._choice, self.today)
        self.changed.emit()

    def _span_text(self, since: date, until: date) -> str:
        texts = [
            show_date(datetime.combine(day, time(12), Venue.zone), self._translator.now_language)
            for day in (since, until)
        ]
        return texts[0] if since == until else " – ".join(texts)

    # the calendar

    @Slot()
    def beginPicking(self) -> None:
        """Opens the calendar at the days chosen now."""
        self._picked = (self._since, self._until)
        self._month = self._until.replace(day=1)
        self.pickingChanged.emit()

    @Slot(int)
    def turnMonth(self, by: int) -> None:
        """To a month before or after."""
        months = self._month.year * 12 + self._month.month - 1 + by
        self._month = date(months // 12, months % 12 + 1, 1)
        self.pickingChanged.emit()

    @Slot(str)
    def pickDay(self, day: str) -> None:
        """The first touch is a day, a second one after it the last day; then it begins anew."""
        picked = date.fromisoformat(day)
        since, until = self._picked
        is_second = since == until and picked > since
        self._picked = (since, picked) if is_second else (picked, picked)
        self.pickingChanged.emit()

    @Slot()
    def takePicked(self) -> None:
        """These days it is."""
        self._choice = Days.OTHER
        self._since, self._until = self._picked
        self.changed.emit()

    def _cells(self) -> list[dict[str, Any]]:
        first = self._month - timedelta(days=self._month.weekday())
        since, until = self._picked
        cells = []
        for number in range(7 * _WEEKS_SHOWN):
            day = first + timedelta(days=number)
            cells.append(
                {
                    "iso": day.isoformat(),
                    "text": str(day.day),
                    "isOfMonth": day.month == self._month.month,
                    "isAhead": day > self.today,
                    "isToday": day == self.today,
                    "isEnd": day in (since, until),
                    "isWithin": since <= day <= until,
                }
            )
        return cells

    def _month_title(self) -> str:
        say = self._translator.translate
        name = say(f"store.month.{self._month.month}", {})
        year = show_year(self._month.year, self._translator.now_language)
        return say("store.period.month_of", {"month": name, "year": year})

    cells = Property(list, _cells, notify=pickingChanged)
    monthTitle = Property(str, _month_title, notify=pickingChanged)
    weekdays = Property(
        list,
        lambda self: [self._translator.translate(f"store.weekday.{n}", {}) for n in range(7)],
        notify=pickingChanged,
    )
    pickedText = Property(str, lambda self: self._span_text(*self._picked), notify=pickingChanged)
    hasNextMonth = Property(
        bool,
        lambda self: self._month + timedelta(days=_days_in(self._month)) <= self.today,
        notify=pickingChanged,
    )


def _days_in(month: date) -> int:
    return calendar.monthrange(month.year, month.month)[1]
