"""What the technician's pages share: how they say values, moments and what went wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kiosk.language import Language, sentences
from kiosk.staff.told import StaffNotice
from kiosk.technician.told import Scalar
from ui import moment as clock
from ui.translator import Translator, Venue, show_day, show_time
from ui.view_models.staff_words import error_word

_KNOWN = frozenset(sentences(Language.ENGLISH))
MOST_DECIMALS = 6


def is_sentence(key: str) -> bool:
    """Whether there is a sentence behind `key`; what a desk tells may have none of its own."""
    return key in _KNOWN


def said(key: str, words: Translator, params: Mapping[str, str] | None = None, *, otherwise: str = "") -> str:
    """The sentence behind `key`, else `otherwise`."""
    return words.translate(key, dict(params or {})) if key in _KNOWN else otherwise


def number_text(value: Scalar) -> str:
    """A number as it is typed: 90.0 -> "90", 0.002 -> "0.002"; nothing for None."""
    if isinstance(value, float):
        return f"{value:.{MOST_DECIMALS}f}".rstrip("0").rstrip(".")
    return "" if value is None else str(value)


def code_text(code: str, words: Translator) -> str:
    """The sentence of an error's code for staff, the one without values where there is one; nothing for a
    code without any."""
    bare = f"staff.error.{code}_bare"
    return said(bare if is_sentence(bare) else f"staff.error.{code}", words, {"code": code}) if code else ""


def notice_text(notice: StaffNotice, words: Translator) -> str:
    """What a notice says, and its code where there is no sentence."""
    if notice.code and notice.key == f"staff.error.{notice.code}" and is_sentence(notice.key):
        return error_word(notice.code, words, dict(notice.params))
    usual = words.translate("tech.refused", {"code": notice.code})
    return said(notice.key, words, notice.params, otherwise=usual)


def when_text(moment: datetime, words: Translator) -> str:
    """Time, with the day before it where that is not today: "14:31", "19 Nov, 14:31"."""
    day = moment.astimezone(Venue.zone).date()
    if day == clock.now().astimezone(Venue.zone).date():
        return show_time(moment)
    return f"{show_day(day, words.now_language)}, {show_time(moment)}"
