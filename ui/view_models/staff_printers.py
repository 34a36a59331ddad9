"""How the printers stand and what to do about it; what is left of paper and ink; prints that are held."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.printing.types import PrinterState, PrinterStatus, Supply
from kiosk.staff.told import StaffView
from ui.staff_facade import StaffCommands
from ui.translator import Translator
from ui.view_models.staff_order import print_row
from ui.view_models.staff_words import Row, StaffPart, paper_word, when_word

_GOOD = frozenset({PrinterState.READY, PrinterState.PRINTING})
_PACKS = 10
"""A bar is full with ten times of what the warning comes at: how much was there once nobody knows."""


class StaffPrintersViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffPrinters`. `counted` is the supply whose sheet is open."""

    changed = Signal()
    suppliesChanged = Signal()
    heldChanged = Signal()
    countedChanged = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._counted = ""
        for signal in (self.suppliesChanged, self.heldChanged, self.countedChanged):
            words.languageChanged.connect(signal)

    def show(self, view: StaffView) -> None:
        before = self._view
        super().show(view)
        if view.supplies != before.supplies:
            self.suppliesChanged.emit()
        if view.held_prints != before.held_prints:
            self.heldChanged.emit()

    def _drawn(self, view: StaffView) -> object:
        return view.printers

    printers = Property(
        list, lambda self: [self._printer(one) for one in self._view.printers], notify=changed
    )

    def _printer(self, printer: PrinterStatus) -> Row:
        state = f"staff.printer.{printer.state}"
        ink = printer.ink_percent
        return {
            "queue": printer.queue,
            "state": self._say(state),
            "todo": "" if printer.state in _GOOD else self._say(f"{state}.todo"),
            "message": printer.message,
            "ink": "" if ink is None else self._say("staff.printer.ink", n=ink),
            "sign": "dot" if printer.state in _GOOD else "diamond",
            "canResume": printer.is_paused or printer.state not in _GOOD,
        }

    @Slot(str)
    def resume(self, queue: str) -> None:
        """It goes on."""
        self._staff.resume_printer(queue)

    # paper and ink

    supplies = Property(
        list, lambda self: [self._supply(one) for one in self._view.supplies], notify=suppliesChanged
    )
    lowNote = Property(str, lambda self: self._low_note(), notify=suppliesChanged)

    def _supply(self, supply: Supply) -> Row:
        left = supply.left
        return {
            "name": supply.name,
            "title": paper_word(supply.name, self._words),
            "left": self._say("staff.supply.uncounted")
            if left is None
            else self._words.counted("staff.supply.left", left),
            "share": 0.0 if left is None else min(1.0, left / max(1, supply.warn_at * _PACKS)),
            "isLow": supply.is_low,
            "isOut": supply.is_out,
            "note": self._say("staff.supply.stop", n=supply.stop_at)
            if not supply.is_out
            else self._say("staff.supply.out"),
            "counted": self._say("staff.supply.counted", when=when_word(supply.counted_at, self._words))
            if supply.counted_at
            else "",
        }

    def _low_note(self) -> str:
        """Of the first that runs out: from when on it is sold no more."""
        low = next((supply for supply in self._view.supplies if supply.is_low), None)
        if low is None:
            return ""
        key = "staff.supply.low.out" if low.is_out else "staff.supply.low"
        return self._say(key, paper=paper_word(low.name, self._words), n=low.stop_at)

    @Slot(str)
    def beginCount(self, name: str) -> None:
        """Somebody counts what is left of it."""
        self._counted = name
        self.countedChanged.emit()

    @Slot(int)
    def count(self, left: int) -> None:
        """So many sheets."""
        self._staff.count_supply(self._counted, left)

    countedTitle = Property(
        str,
        lambda self: paper_word(self._counted, self._words) if self._counted else "",
        notify=countedChanged,
    )

    # prints that wait

    held = Property(
        list,
        lambda self: [print_row(job, self._words) for job in self._view.held_prints],
        notify=heldChanged,
    )

    @Slot(str)
    def printAgain(self, job_id: str) -> None:
        """It is printed from the beginning."""
        self._staff.reprint(job_id)

    @Slot(str)
    def cancel(self, job_id: str) -> None:
        """It is not printed."""
        self._staff.cancel_print(job_id)
