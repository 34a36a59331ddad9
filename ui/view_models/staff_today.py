"""The day so far: figures, hours, the latest orders, printers and paper, outbox, import."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, QTimer, Signal

from kiosk.staff.told import DayFigures, StaffView
from ui import moment as clock
from ui.staff_facade import StaffCommands
from ui.translator import Translator, Venue, show_number, show_time, show_year
from ui.view_models.staff_words import Row, StaffPart, order_row, time_word

_TICK_MS = 10_000


class StaffTodayViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffToday`."""

    changed = Signal()
    timeChanged = Signal()
    figuresChanged = Signal()
    latestChanged = Signal()
    outboxChanged = Signal()
    importsChanged = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        for signal in (self.figuresChanged, self.latestChanged, self.outboxChanged, self.importsChanged):
            self.changed.connect(signal)
        self.changed.connect(self.timeChanged)
        self._tick = QTimer(self)
        self._tick.timeout.connect(self.timeChanged)

    def show(self, view: StaffView) -> None:
        before = self._view
        super().show(view)
        if view.today != before.today:
            self.figuresChanged.emit()
        if view.latest != before.latest:
            self.latestChanged.emit()
        if view.outbox != before.outbox:
            self.outboxChanged.emit()
        if view.imports != before.imports:
            self.importsChanged.emit()

    def turn(self, place: str) -> None:
        super().turn(place)
        if place == "today":
            self._tick.start(_TICK_MS)
            self.timeChanged.emit()
        else:
            self._tick.stop()

    def _time_line(self) -> str:
        local = clock.now().astimezone(Venue.zone)
        return self._say(
            "staff.moment",
            weekday=self._say(f"store.weekday.{local.weekday()}.long"),
            day=str(local.day),
            month=self._say(f"store.month.{local.month}"),
            year=show_year(local.year, self._words.now_language),
            time=local.strftime("%H:%M"),
        )

    timeLine = Property(str, _time_line, notify=timeChanged)

    # figures

    def _figures(self) -> list[Row]:
        day = self._view.today
        if day is None:
            return []
        delivered = self._words.counted("staff.today.delivered", day.delivered)
        printing = self._say("staff.today.printing", n=day.printing) if day.printing else ""
        return [
            self._figure("sales", self._words.baht(day.satang), self._sales_note(day), "common.baht"),
            self._figure("orders", show_number(day.orders), _joined(delivered, printing)),
            self._figure(
                "photos",
                show_number(day.digital + day.prints),
                self._say(
                    "staff.today.photos.note",
                    digital=day.digital,
                    prints=self._words.counted("staff.count.prints", day.prints),
                ),
            ),
            self._figure(
                "visitors",
                show_number(day.visitors),
                self._say("staff.today.visitors.note", found=day.found, not_found=day.not_found),
            ),
        ]

    def _sales_note(self, day: DayFigures) -> str:
        if day.refunded_satang:
            return self._say("staff.today.sales.refunded", amount=self._words.baht(day.refunded_satang))
        return self._say("staff.today.sales.note")

    def _figure(self, name: str, value: str, note: str, unit: str = "") -> Row:
        title = self._say(f"staff.today.{name}")
        return {"title": title, "value": value, "note": note, "unit": self._say(unit) if unit else ""}

    figures = Property(list, _figures, notify=figuresChanged)

    def _hours(self) -> list[Row]:
        """From the first hour with a sale to the last, at least six."""
        day = self._view.today
        sold = {bar.hour: bar for bar in day.hours if bar.orders} if day else {}
        if not sold:
            return []
        first, last = min(sold), max(sold)
        first = max(0, min(first, last - 5))
        last = min(23, max(last, first + 5))
        return [
            {
                "hour": str(hour),
                "satang": sold[hour].satang if hour in sold else 0,
                "orders": sold[hour].orders if hour in sold else 0,
                "spoken": self._say(
                    "staff.today.hour",
                    hour=str(hour),
                    orders=sold[hour].orders if hour in sold else 0,
                    amount=self._words.baht(sold[hour].satang if hour in sold else 0),
                ),
            }
            for hour in range(first, last + 1)
        ]

    hours = Property(list, _hours, notify=figuresChanged)

    # the latest orders

    latest = Property(
        list,
        lambda self: [order_row(card, self._words) for card in self._view.latest],
        notify=latestChanged,
    )

    # outbox

    def _outbox_note(self) -> str:
        outbox = self._view.outbox
        if not outbox.has_centre:
            return self._say("staff.outbox.no_centre")
        if outbox.waiting == 0:
            return self._say("staff.outbox.nothing")
        if outbox.oldest_at is None:
            return self._say("staff.outbox.by_itself")
        return self._say("staff.outbox.oldest", time=time_word(outbox.oldest_at, self._words))

    def _outbox_trouble(self) -> str:
        outbox = self._view.outbox
        parts = [
            self._words.counted(f"staff.outbox.count.{name}", count)
            for name, count in (
                ("parked", outbox.parked),
                ("failed", outbox.messages_failed),
                ("notices", outbox.notices),
            )
            if count
        ]
        return " · ".join(parts)

    outboxWaiting = Property(
        int, lambda self: self._view.outbox.waiting + self._view.outbox.messages_waiting, notify=outboxChanged
    )
    outboxNote = Property(str, _outbox_note, notify=outboxChanged)
    outboxTrouble = Property(str, _outbox_trouble, notify=outboxChanged)

    # import

    def _import_note(self) -> str:
        imports = self._view.imports
        parts = []
        if imports.is_running:
            parts.append(self._say("staff.import.running", n=max(0, imports.total - imports.done)))
        if imports.unreadable:
            parts.append(self._say("staff.import.unreadable", n=imports.unreadable))
        if imports.last_at is not None:
            parts.append(self._say("staff.import.last", time=show_time(imports.last_at)))
        return " · ".join(parts) or self._say("staff.import.none")

    importCount = Property(
        str,
        lambda self: self._words.counted("staff.count.photos", self._view.imports.photos),
        notify=importsChanged,
    )
    importNote = Property(str, _import_note, notify=importsChanged)
    importShare = Property(
        float,
        lambda self: (
            self._view.imports.done / self._view.imports.total
            if self._view.imports.is_running and self._view.imports.total
            else 1.0
            if self._view.imports.photos
            else 0.0
        ),
        notify=importsChanged,
    )
    isImporting = Property(bool, lambda self: self._view.imports.is_running, notify=importsChanged)


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
