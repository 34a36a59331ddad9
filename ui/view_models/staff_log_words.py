"""How the log of what was done is written for people: sums in baht, settings by their titles, no ids."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kiosk.language import sentences
from kiosk.sales.types import VoucherKind
from kiosk.staff.types import AuditAction, AuditEntry
from ui.translator import Translator
from ui.view_models.staff_words import amount, paper_word

_SUMS = frozenset({"satang", "received_satang"})
_COMMAND_LINE = "command line"
_ID = re.compile(r"[0-9a-f]{32}")
_DAYS = re.compile(r"(\d+) days")


def who_word(entry: AuditEntry, words: Translator) -> str:
    """Who did it; what was typed at the machine itself has no name."""
    if entry.staff_name:
        return entry.staff_name
    at_machine = entry.detail.get("by") == _COMMAND_LINE
    return words.translate("staff.log.command_line" if at_machine else "staff.log.nobody", {})


def detail_word(entry: AuditEntry, words: Translator) -> str:
    """What it was about, and the rest, in a line."""
    detail = {name: value for name, value in entry.detail.items() if (name, value) != ("by", _COMMAND_LINE)}
    parts = [_subject(entry, words)]
    if detail.get("kind") in list(VoucherKind) and "value" in detail:
        parts.append(_voucher(VoucherKind(detail.pop("kind")), detail.pop("value"), words))
    parts += [_fact(name, value, words) for name, value in detail.items()]
    return " · ".join(part for part in parts if part)


def _subject(entry: AuditEntry, words: Translator) -> str:
    """An id says nothing to anybody."""
    subject, action = entry.subject, entry.action
    if not subject or _ID.fullmatch(subject):
        return ""
    if action is AuditAction.SUPPLY_COUNTED:
        return paper_word(subject, words)
    days = _DAYS.fullmatch(subject) if action is AuditAction.VOUCHER_MADE else None
    if days:
        return words.counted("staff.log.days", int(days[1]))
    titles = {
        AuditAction.SETTINGS_CHANGED: f"setting.{subject}.title",
        AuditAction.CALIBRATED: f"setting.{subject}.title",
        AuditAction.SELF_TEST: f"test.{subject}.title",
        AuditAction.REPORT_SAVED: f"staff.paper.{subject}",
    }
    return _known(titles.get(action, ""), words) or subject


def _voucher(kind: VoucherKind, value: str, words: Translator) -> str:
    """What one is worth: percent, or satang."""
    is_sum = kind is VoucherKind.AMOUNT and value.isdecimal()
    return words.translate(f"staff.log.voucher.{kind}", {"value": amount(int(value)) if is_sum else value})


def _fact(name: str, value: str, words: Translator) -> str:
    if name in _SUMS and value.isdecimal():
        shown = amount(int(value))
    elif name == "action":
        shown = _known(f"staff.log.{value}", words) or value
    else:
        shown = _known(f"staff.log.value.{value}", words) or value
    key = f"staff.log.detail.{name}"
    one = _known(f"{key}_one", words, {"value": shown}) if value == "1" else ""
    return one or _known(key, words, {"value": shown}) or f"{name}: {shown}"


def _known(key: str, words: Translator, params: Mapping[str, object] | None = None) -> str:
    """The sentence behind a key; empty where there is none."""
    return words.translate(key, dict(params or {})) if key in sentences(words.now_language) else ""
