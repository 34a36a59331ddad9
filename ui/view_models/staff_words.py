"""What the staff's pages share: how they write times, sums, papers and what went wrong."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from PySide6.QtCore import QObject, Signal

from kiosk.language import sentences
from kiosk.money import SATANG_PER_BAHT
from kiosk.staff.told import OrderRowCard, StaffView
from ui import moment as clock
from ui.staff_facade import StaffCommands
from ui.translator import Translator, Venue, show_day, show_time

Row = dict[str, Any]
MOST_SATANG = 100_000_000
"""No order of a kiosk costs a million baht: more was typed by mistake."""


class StaffPart(QObject):
    """What one of the staff's pages draws from. Lives on the UI thread. `changed` is told only where what
    `_drawn` names is another, so that nothing that is being touched is drawn anew without need."""

    changed: ClassVar[Signal]
    """Each class has its own, for a property of QML knows only a signal of its own class."""

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._staff = staff
        self._words = words
        self._view = staff.view
        self._place = ""
        words.languageChanged.connect(self.changed)

    def show(self, view: StaffView) -> None:
        """Draws from `view` from now on."""
        before, self._view = self._view, view
        if self._drawn(view) != self._drawn(before):
            self.changed.emit()

    def turn(self, place: str) -> None:
        """Another page is shown: what was read for this one is let go of, or asked for."""
        self._place = place

    def _drawn(self, view: StaffView) -> object:
        return None

    def _say(self, key: str, **params: object) -> str:
        return self._words.translate(key, params)


def amount(satang: int) -> str:
    """A sum in a list, always with its satang: 30000 -> "300.00"."""
    return f"{satang // SATANG_PER_BAHT:,}.{satang % SATANG_PER_BAHT:02d}"


def satang_of(text: str) -> int | None:
    """What was typed in baht, "300" or "99.24", as satang; None where it is no sum."""
    baht, _, rest = text.partition(".")
    if not baht.isascii() or not baht.isdigit() or len(rest) > 2 or (rest and not rest.isdigit()):
        return None
    satang = int(baht) * SATANG_PER_BAHT + int(rest.ljust(2, "0"))
    return satang if satang <= MOST_SATANG else None


def typed_baht(satang: int) -> str:
    """A sum as somebody would type it: 30000 -> "300", 9924 -> "99.24"."""
    rest = satang % SATANG_PER_BAHT
    return f"{satang // SATANG_PER_BAHT}" + (f".{rest:02d}" if rest else "")


def time_word(moment: datetime, words: Translator) -> str:
    """ "08:24", in Thai with its น."""
    return words.translate("staff.time", {"time": show_time(moment)})


def when_word(moment: datetime, words: Translator) -> str:
    """The time alone for today, else with the day: "20 Nov, 08:24"."""
    local = moment.astimezone(Venue.zone).date()
    if local == clock.now().astimezone(Venue.zone).date():
        return time_word(moment, words)
    day = show_day(local, words.now_language)
    return words.translate("staff.day_time", {"day": day, "time": show_time(moment)})


def paper_word(name: str, words: Translator) -> str:
    """ "10x15/glossy" -> "10×15 glossy"; "ink/dnp" -> "Ink · dnp"."""
    size, _, finish = name.partition("/")
    if size == "ink":
        return words.translate("staff.ink", {"queue": finish})
    return f"{size.replace('x', '×')} {words.translate(f'staff.finish.{finish}', {})}"


def error_word(code: str, words: Translator, params: dict[str, str] | None = None) -> str:
    """What a known error means for staff, with what to do next; nothing for no code."""
    if not code:
        return ""
    key = f"staff.error.{code}"
    if key not in sentences(words.now_language):
        key = "staff.error.other"
    if (params or {}).get("n") == "1" and f"{key}_one" in sentences(words.now_language):
        key = f"{key}_one"
    values = {"n": "", "until": "", "code": code, **(params or {})}
    if values["until"]:
        values["until"] = time_word(datetime.fromisoformat(values["until"]), words)
    return words.translate(key, values)


def package_word(key: str, words: Translator) -> str:
    """The name of a package in the language of the moment; an owner's own name as it is."""
    return words.translate(key, {}) if key in sentences(words.now_language) else key


_SIGNS = {
    "handed_out": "dot",
    "sending": "dot",
    "printing": "dot",
    "print_held": "diamond",
    "cancelled": "none",
    "refunded": "none",
}


def order_row(card: OrderRowCard, words: Translator) -> Row:
    """A line of a list of orders as it is drawn."""
    things = [words.counted("staff.count.photos", card.photos)] if card.photos else []
    if card.sheets:
        things.append(words.counted("staff.count.prints", card.sheets))
    elif card.package_key:
        things.append(package_word(card.package_key, words))
    state = f"staff.order.state.{card.state}"
    return {
        "orderId": card.order_id,
        "code": card.code,
        "when": when_word(card.at, words),
        "time": show_time(card.at),
        "what": " · ".join(things),
        "total": amount(card.total_satang),
        "state": words.translate(state, {"done": card.sheets_done, "sheets": card.sheets}),
        "sign": _SIGNS.get(card.state, "ring"),
    }
