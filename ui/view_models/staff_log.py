"""The log of what was done here, the newest first; and what ends a day."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.staff.told import AuditListed, PaperSaved
from kiosk.staff.types import AuditEntry
from ui import moment as clock
from ui.staff_facade import StaffCommands
from ui.translator import Translator, Venue, show_day
from ui.view_models.row_list import RowListModel
from ui.view_models.staff_log_words import detail_word, who_word
from ui.view_models.staff_words import Row, StaffPart, when_word


class StaffLogViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffLog`."""

    changed = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._entries: list[AuditEntry] = []
        self._model = RowListModel(("auditId", "when", "who", "what", "detail"), self)
        self._has_more = False
        self._is_waiting = False
        words.languageChanged.connect(self._draw)

    def turn(self, place: str) -> None:
        super().turn(place)
        self._entries.clear()
        if place == "log":
            self._ask(None)
        self._draw()

    def take(self, event: AuditListed) -> None:
        """The newest, or those before what is there."""
        if self._place != "log":
            return
        known = {entry.audit_id for entry in self._entries}
        self._entries += [entry for entry in event.entries if entry.audit_id not in known]
        self._has_more, self._is_waiting = event.has_more, False
        self._draw()

    def _ask(self, before_id: int | None) -> None:
        self._is_waiting = True
        self._staff.list_audit(before_id)

    @Slot()
    def more(self) -> None:
        """The end of what was read comes into sight."""
        if self._has_more and not self._is_waiting and self._entries:
            self._ask(self._entries[-1].audit_id)

    def _draw(self) -> None:
        self._model.show([self._row(entry) for entry in self._entries])
        self.changed.emit()

    def _row(self, entry: AuditEntry) -> Row:
        return {
            "auditId": entry.audit_id,
            "when": when_word(entry.at, self._words),
            "who": who_word(entry, self._words),
            "what": self._say(f"staff.log.{entry.action}"),
            "detail": detail_word(entry, self._words),
        }

    rows = Property(QObject, lambda self: self._model, constant=True)
    isWaiting = Property(bool, lambda self: self._is_waiting, notify=changed)


class StaffClosingViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffClosing`: the day to close, the span of payouts, and the papers that
    were written while the page is shown."""

    changed = Signal()
    daysChanged = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._day = self._first = self._last = _today()
        self._papers: list[PaperSaved] = []
        words.languageChanged.connect(self.daysChanged)

    def turn(self, place: str) -> None:
        super().turn(place)
        self._day = self._last = _today()
        self._first = self._last.replace(day=1)
        self._papers.clear()
        self.daysChanged.emit()
        self.changed.emit()

    def take(self, event: PaperSaved) -> None:
        """A paper lies in a file."""
        self._papers.insert(0, event)
        self.changed.emit()

    papers = Property(
        list,
        lambda self: [
            {"what": self._say(f"staff.paper.{paper.what}") or paper.what, "path": paper.path}
            for paper in self._papers
        ],
        notify=changed,
    )
    day = Property(str, lambda self: self._day_word(self._day), notify=daysChanged)
    first = Property(str, lambda self: self._day_word(self._first), notify=daysChanged)
    last = Property(str, lambda self: self._day_word(self._last), notify=daysChanged)
    isToday = Property(bool, lambda self: self._day >= _today(), notify=daysChanged)
    isLastToday = Property(bool, lambda self: self._last >= _today(), notify=daysChanged)

    def _day_word(self, day: date) -> str:
        named = show_day(day, self._words.now_language)
        return self._say("staff.day.today", day=named) if day == _today() else named

    @Slot(int)
    def moveDay(self, days: int) -> None:
        """The day to close, earlier or later."""
        self._day = min(self._day + timedelta(days=days), _today())
        self.daysChanged.emit()

    @Slot(int)
    def moveFirst(self, days: int) -> None:
        """The first day of the span."""
        self._first = min(self._first + timedelta(days=days), self._last)
        self.daysChanged.emit()

    @Slot(int)
    def moveLast(self, days: int) -> None:
        """The last day of the span."""
        self._last = max(min(self._last + timedelta(days=days), _today()), self._first)
        self.daysChanged.emit()

    @Slot()
    def closeDay(self) -> None:
        """Its report is written."""
        self._staff.close_day(self._day)

    @Slot()
    def savePayouts(self) -> None:
        """What is to be paid out for the span is written."""
        self._staff.save_payouts(self._first, self._last)


def _today() -> date:
    return clock.now().astimezone(Venue.zone).date()
