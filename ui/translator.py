"""Sentences, dates and money for the screens, in the language of the moment.

QML reads them through the singleton `I18n` (qml/components/I18n.qml), whose functions read `revision`, so
that every text follows a change of language at once.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import structlog
from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.errors import BugError
from kiosk.language import Language, sentence, sentences
from kiosk.money import SATANG_PER_BAHT, display_baht
from ui.thai_breaks import mark_breaks

_log = structlog.get_logger(__name__)

_COUNTED = re.compile(
    r"(\d) (?=baht|photos?\b|(?:s|min|h|d)\b|บาท|รูป|แผ่น|ครั้ง|วินาที|นาที|ชั่วโมง|วัน|คน|ภาพ|ชุด|น\.)"
)
"""A number stays on one line with what it counts."""

BUDDHIST_OFFSET = 543
_MONTHS_TH = ("ม.ค.", "ก.พ.", "มี.ค.", "เม.ย.", "พ.ค.", "มิ.ย.", "ก.ค.", "ส.ค.", "ก.ย.", "ต.ค.", "พ.ย.", "ธ.ค.")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Venue:
    """Where the kiosk stands; dates and times are shown as they are there. Set before the first page."""

    zone: tzinfo = ZoneInfo("Asia/Bangkok")


def tr(language: Language, key: str, **params: object) -> str:
    """The sentence with its values, Thai with break marks. A missing one is logged and shown as nothing in
    its place, so that a page never shows a key to a visitor."""
    try:
        text = sentence(language, key, **params)
    except BugError:
        _log.error("sentence_missing", key=key, language=str(language))
        return ""
    text = _COUNTED.sub("\\1\u00a0", text)
    return mark_breaks(text) if language is Language.THAI else text


def show_date(moment: datetime, language: Language) -> str:
    """Day, month and year at the venue: "20 Nov 2026", in Thai "20 พ.ย. 2569" (Buddhist year)."""
    local = moment.astimezone(Venue.zone)
    if language is Language.THAI:
        return f"{local.day} {_MONTHS_TH[local.month - 1]} {show_year(local.year, language)}"
    return f"{local.day} {_MONTHS_EN[local.month - 1]} {local.year}"


def show_day(day: date, language: Language) -> str:
    """Day and month: "20 Nov", in Thai "20 พ.ย."."""
    months = _MONTHS_TH if language is Language.THAI else _MONTHS_EN
    return f"{day.day} {months[day.month - 1]}"


def show_year(year: int, language: Language) -> str:
    """A year as it is written: in Thai the Buddhist one."""
    return str(year + BUDDHIST_OFFSET if language is Language.THAI else year)


def show_time(moment: datetime) -> str:
    """24-hour time at the venue, "14:05"; sentences in Thai carry their own น."""
    return moment.astimezone(Venue.zone).strftime("%H:%M")


def show_hour(moment: datetime) -> str:
    """A full hour at the venue as a span, "06:00–07:00"."""
    return f"{show_time(moment)}–{show_time(moment + timedelta(hours=1))}"


def show_number(number: int) -> str:
    """A count with its thousands apart: 12480 -> "12,480"."""
    return f"{number:,}"


class Translator(QObject):
    """Lives on the UI thread; one for each window."""

    languageChanged = Signal()
    languageAsked = Signal(str)
    """Somebody touched the other language; the window's engine passes it on."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._language = Language.THAI
        self._revision = 0

    def show_language(self, language: Language) -> None:
        """Everything translated is asked for again."""
        if language is not self._language:
            self._language = language
            self._revision += 1
            self.languageChanged.emit()

    revision = Property(int, lambda self: self._revision, notify=languageChanged)
    language = Property(str, lambda self: str(self._language), notify=languageChanged)

    @property
    def now_language(self) -> Language:
        """The language as Python sees it."""
        return self._language

    @Slot(str)
    def ask(self, language: str) -> None:
        """`th` or `en`, from now on and on the same page."""
        self.languageAsked.emit(language)

    @Slot(str, "QVariantMap", result=str)
    def translate(self, key: str, params: dict[str, Any]) -> str:
        """The sentence behind `key`; numbers among `params` get their thousands apart."""
        return tr(self._language, key, **{name: _shown(value) for name, value in params.items()})

    @Slot(str, int, result=str)
    def counted(self, key: str, n: int) -> str:
        """The sentence behind `key` with its `{n}`; for exactly one, `<key>_one` where there is one."""
        one = f"{key}_one"
        return self.translate(one if n == 1 and one in sentences(self._language) else key, {"n": n})

    @Slot(str, str, "QVariantMap", result=str)
    def translateIn(self, language: str, key: str, params: dict[str, Any]) -> str:
        """As `translate`, in a language of one's own choice (pages that show both)."""
        return tr(Language(language), key, **{name: _shown(value) for name, value in params.items()})

    def breakable(self, text: str) -> str:
        """A text that is not ours (an event's name) with marks where its Thai may wrap."""
        return mark_breaks(text)

    @Slot("qlonglong", result=str)
    def baht(self, satang: int) -> str:
        """The number alone: 149900 -> "1,499"."""
        return display_baht(satang)

    @Slot("qlonglong", result=str)
    def wholeBaht(self, satang: int) -> str:
        """The number before the point."""
        return f"{satang // SATANG_PER_BAHT:,}"

    @Slot("qlonglong", result=str)
    def satangPart(self, satang: int) -> str:
        """The point and the satang, nothing when they are zero: 39924 -> ".24"."""
        rest = satang % SATANG_PER_BAHT
        return f".{rest:02d}" if rest else ""


def _shown(value: object) -> object:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return show_number(value) if isinstance(value, int) and not isinstance(value, bool) else value
