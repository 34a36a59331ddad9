"""The one line of text or the one number that a technician types on a sheet of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Property, QObject, Signal, Slot

from ui.translator import Translator
from ui.view_models.technician_words import number_text

LONGEST = 400


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be typed. `kind` is "text", "path", "address", "secret", "pin" or "number"; a number lies
    between `lowest` and `highest`, and is whole unless it `may_be_fraction`; a text has so many letters."""

    label: str
    kind: str = "text"
    text: str = ""
    hint: str = ""
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    may_be_fraction: bool = False
    may_be_empty: bool = True
    shortest: int = 0
    longest: int = LONGEST


class TechnicianEntryViewModel(QObject):
    """Lives on the UI thread; QML: `TechnicianEntry`. Whoever asked is called once with what was entered, and
    what is typed for one page never reaches another."""

    changed = Signal()

    def __init__(self, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._translator = translator
        self._wanted = Wanted("")
        self._heard: Callable[[str], None] | None = None

    def ask(self, wanted: Wanted, heard: Callable[[str], None]) -> None:
        """Before the sheet opens."""
        self._wanted, self._heard = wanted, heard
        self.changed.emit()

    def forget(self) -> None:
        """Another page is shown."""
        self._wanted, self._heard = Wanted(""), None
        self.changed.emit()

    @Slot(str)
    def enter(self, text: str) -> None:
        """This is what was typed; harmless when it does not fit."""
        heard = self._heard
        if heard is None or self.problem(text):
            return
        self.forget()
        heard(text.strip())

    @Slot(str, result=str)
    def problem(self, text: str) -> str:
        """Why this cannot be entered, with what to do; empty when it can."""
        wanted, typed = self._wanted, text.strip()
        if not typed:
            return "" if wanted.may_be_empty else self._translator.translate("tech.entry.empty", {})
        if len(typed) < wanted.shortest:
            return self._translator.translate("tech.entry.too_short", {"n": wanted.shortest})
        return self._problem_of_number(typed) if wanted.kind == "number" else ""

    def _problem_of_number(self, typed: str) -> str:
        say = self._translator.translate
        try:
            value = float(typed)
        except ValueError:
            return say("tech.entry.no_number", {})
        if not self._wanted.may_be_fraction and not value.is_integer():
            return say("tech.entry.whole", {})
        lowest, highest = self._wanted.lowest, self._wanted.highest
        if (lowest is not None and value < lowest) or (highest is not None and value > highest):
            return self._range()
        return ""

    def _range(self) -> str:
        """ "From 1 to 120 fps": what fits, in words; empty where everything does."""
        wanted = self._wanted
        bounds = {"low": number_text(wanted.lowest), "high": number_text(wanted.highest), "unit": wanted.unit}
        which = {(True, True): "between", (True, False): "from", (False, True): "up_to"}
        key = which.get((wanted.lowest is not None, wanted.highest is not None))
        return self._translator.translate(f"tech.entry.{key}", bounds).strip() if key else ""

    def _sheet(self) -> str:
        is_number = self._wanted.kind in ("number", "pin")
        return "technician/NumberSheet" if is_number else "technician/TextSheet"

    sheet = Property(str, _sheet, notify=changed)
    """On which it is typed."""
    label = Property(str, lambda self: self._wanted.label, notify=changed)
    kind = Property(str, lambda self: self._wanted.kind, notify=changed)
    text = Property(str, lambda self: self._wanted.text, notify=changed)
    hint = Property(str, lambda self: self._wanted.hint, notify=changed)
    unit = Property(str, lambda self: self._wanted.unit, notify=changed)
    range = Property(str, _range, notify=changed)
    longest = Property(int, lambda self: self._wanted.longest, notify=changed)
    mayBeFraction = Property(bool, lambda self: self._wanted.may_be_fraction, notify=changed)
    mayBeEmpty = Property(bool, lambda self: self._wanted.may_be_empty, notify=changed)
