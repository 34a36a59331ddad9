"""Reports on the screen: a chart and a table of the days and the shop that `Period` says."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.visits.report_folding import ALL_SITES
from kiosk.visits.report_words import labels_in
from kiosk.visits.reports import Figures, Report, ReportQuery, ReportRow, Span
from kiosk.visits.told import ReportReady, ReportSaved, StoreView
from ui import moment
from ui.store_facade import StoreFacade
from ui.translator import Translator, Venue, show_day, show_number
from ui.view_models.store_period import Days, PeriodViewModel
from ui.view_models.store_words import has_failed

MOST_TICKS = 5
_HOUR = timedelta(hours=1)


class ReportsViewModel(QObject):
    """Lives on the UI thread; QML: `Reports`. Asks while its page is open, again whenever something else is
    chosen; an answer to what was chosen before is passed over."""

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
        self._by = Span.HOUR
        self._report: Report | None = None
        self._asked: ReportQuery | None = None
        self._saving = ""
        self._saved_path = ""
        self._has_failed = False
        translator.languageChanged.connect(self.changed)
        period.changed.connect(self._follow)

    def show(self, view: StoreView) -> None:
        """What failed is waited for no longer."""
        before, self._view = self._view, view
        if has_failed(before, view) and (self._saving or self._is_waiting()):
            self._has_failed = self._is_waiting()
            self._saving = ""
            self.changed.emit()

    def turn(self, place: str) -> None:
        """Another page is shown: asks when it is theirs, else lets go of the report."""
        if place == "reports":
            self._period.open()
            self._ask()
        elif self._asked is not None:
            self._asked = self._report = None
            self._saving = self._saved_path = ""
            self.changed.emit()

    def take(self, event: ReportReady) -> None:
        """The report asked for."""
        if event.report.query == self._asked:
            self._report = event.report
            self._has_failed = False
            self.changed.emit()

    def take_saved(self, event: ReportSaved) -> None:
        """The file is written."""
        if self._asked is not None:
            self._saving, self._saved_path = "", str(event.path)
            self.changed.emit()

    def _follow(self) -> None:
        """Of one day the hours are of interest, of several the days, unless somebody chose otherwise."""
        if self._period.chosen is Days.TODAY:
            self._by = Span.HOUR
        elif self._by is Span.HOUR:
            self._by = Span.DAY
        if self._asked is not None:
            self._ask()

    def _ask(self) -> None:
        since, until = self._period.days
        site = self._period.one_site
        self._asked = ReportQuery(self._by, since, until, () if site == ALL_SITES else (site,))
        self._saved_path, self._has_failed = "", False
        self._store.reports.ask(self._asked)
        self.changed.emit()

    def _is_waiting(self) -> bool:
        is_there = self._report is not None and self._report.query == self._asked
        return self._asked is not None and not is_there and not self._has_failed

    # rows

    def _rows_of_all(self) -> list[ReportRow]:
        return [row for row, _ in self._labelled()]

    def _labelled(self) -> list[tuple[ReportRow, str]]:
        """The rows with what they are called. Of the hours of one day those before the first visitor and
        after the last are left out."""
        if self._report is None:
            return []
        query = self._report.query
        rows = [row for row in self._report.rows if row.site_id == ALL_SITES]
        begins = [_local(row.begins) for row in rows]
        labels = labels_in(self._translator.now_language, query, begins, with_year=False)
        labelled = list(zip(rows, labels, strict=True))
        busy = [place for place, row in enumerate(rows) if row.figures != Figures()]
        if query.by is not Span.HOUR or not self._is_one_day() or not busy:
            return labelled
        return labelled[busy[0] : busy[-1] + 1]

    def _running(self) -> int:
        """The row that the moment is in; -1 where it is in none."""
        if self._report is None or self._by is Span.WEEKDAY or self._report.query.until < self._period.today:
            return -1
        now = moment.now()
        begun = [row for row in self._rows_of_all() if _local(row.begins) <= now]
        is_over = bool(begun) and self._span() is Span.HOUR and now - _local(begun[-1].begins) >= _HOUR
        return -1 if is_over else len(begun) - 1

    def _table(self) -> list[dict[str, Any]]:
        running = self._running()
        return [
            {
                **_cells(row.figures),
                "label": self._translator.breakable(label),
                "short": self._short(row),
                "isRunning": place == running,
            }
            for place, (row, label) in enumerate(self._labelled())
        ]

    def _total(self) -> dict[str, Any]:
        of_all = [row for row in self._report.total if row.site_id == ALL_SITES] if self._report else []
        return _cells(of_all[0].figures) if of_all else {}

    def _by_site(self) -> list[dict[str, Any]]:
        if self._report is None:
            return []
        names = self._report.site_names
        return [
            {**_cells(row.figures), "label": names.get(row.site_id, "")}
            for row in self._report.total
            if row.site_id != ALL_SITES
        ]

    def _short(self, row: ReportRow) -> str:
        """Below a bar."""
        begins = _local(row.begins)
        language = self._translator.now_language
        match self._span():
            case Span.HOUR:
                is_new_day = begins.hour == 0 and not self._is_one_day()
                return show_day(begins.date(), language) if is_new_day else f"{begins.hour:02d}"
            case Span.WEEKDAY:
                return self._translator.translate(f"store.weekday.{begins.weekday()}", {})
            case Span.MONTH:
                return show_day(begins.date(), language).partition(" ")[2]
            case Span.WEEK:
                return show_day(begins.date(), language)
        return str(begins.day)

    def _span(self) -> Span:
        return self._report.query.by if self._report else self._by

    def _is_one_day(self) -> bool:
        return self._report is not None and self._report.query.since == self._report.query.until

    def _axis(self) -> list[int]:
        return axis_of(max((row.figures.visitors for row in self._rows_of_all()), default=0))

    rows = Property(list, _table, notify=changed)
    total = Property(dict, _total, notify=changed)
    bySite = Property(list, _by_site, notify=changed)
    axis = Property(list, _axis, notify=changed)
    by = Property(str, lambda self: str(self._by), notify=changed)
    hasReport = Property(bool, lambda self: self._report is not None, notify=changed)
    isEmpty = Property(
        bool,
        lambda self: (
            self._report is not None and all(row.figures == Figures() for row in self._rows_of_all())
        ),
        notify=changed,
    )
    isWaiting = Property(bool, _is_waiting, notify=changed)
    hasFailed = Property(bool, lambda self: self._has_failed, notify=changed)
    isOnlyHere = Property(
        bool, lambda self: self._report is not None and not self._report.covers_chain, notify=changed
    )
    saving = Property(str, lambda self: self._saving, notify=changed)
    savedPath = Property(str, lambda self: self._saved_path, notify=changed)

    # commands

    @Slot(str)
    def divide(self, by: str) -> None:
        """What a row is: hour, day, weekday, week or month."""
        self._by = Span(by)
        self._ask()

    @Slot(str)
    def save(self, ending: str) -> None:
        """As a file, "csv" or "pdf"; where it went is in `savedPath`."""
        if self._report is not None and not self._is_waiting():
            self._saving, self._saved_path = ending, ""
            self._store.reports.save(ending)
            self.changed.emit()


def axis_of(most: int) -> list[int]:
    """Round numbers from 0 up to at least `most`, at most MOST_TICKS of them above 0."""
    power = 1
    while True:
        for step in (power, 2 * power, 5 * power):
            if step * MOST_TICKS >= most:
                ticks = max(1, -(-most // step))
                return [step * tick for tick in range(ticks + 1)]
        power *= 10


def _cells(figures: Figures) -> dict[str, Any]:
    return {
        "visitors": figures.visitors,
        "new": figures.new,
        "returning": figures.returning,
        "texts": [
            show_number(number)
            for number in (
                figures.visitors,
                figures.new,
                figures.returning,
                figures.female,
                figures.male,
                figures.unknown,
                figures.came_in,
                figures.went_out,
            )
        ],
    }


def _local(moment: datetime) -> datetime:
    """A row's beginning as it is at the venue, with its zone."""
    return moment.replace(tzinfo=Venue.zone) if moment.tzinfo is None else moment.astimezone(Venue.zone)
