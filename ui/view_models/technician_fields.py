"""A setting as a row of a form, made from its own description."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kiosk.technician.told import FieldKind, Scalar, SettingField
from ui.translator import Translator
from ui.view_models.technician_words import number_text, said

ROLES = (
    "name",
    "kind",
    "title",
    "words",
    "value",
    "unit",
    "standardText",
    "worksText",
    "problem",
    "choices",
    "choice",
    "isOn",
    "rows",
    "isChanged",
    "isFixed",
)
BLOT = "•"
"""Stands in a value that is nobody else's business."""
_FRACTIONS = frozenset({"seconds", "gigabytes", ""})
"""Units of which there are parts; also numbers without one, such as shares."""


def name_of(field: SettingField) -> str:
    """ "section.key"."""
    return f"{field.section}.{field.key}"


def title_of(field: SettingField, words: Translator) -> str:
    """What the setting is called."""
    return said(field.title_key, words, otherwise=field.key)


def unit_of(field: SettingField, words: Translator) -> str:
    """What its numbers count, in words."""
    return said(f"unit.{field.unit}", words, otherwise=field.unit) if field.unit else ""


def is_of_numbers(field: SettingField) -> bool:
    """Whether the rows of a table hold numbers."""
    if field.kind is not FieldKind.TABLE:
        return False
    tables = [table for table in (field.value, field.standard) if isinstance(table, Mapping)]
    values = [value for table in tables for value in table.values()]
    return bool(values) and all(isinstance(value, int | float) for value in values)


def may_be_fraction(field: SettingField) -> bool:
    """Whether a number may have a part behind the point."""
    known = [value for value in (field.value, field.standard) if isinstance(value, int | float)]
    has_point = any(isinstance(value, float) for value in known)
    return not is_of_numbers(field) and (has_point or not known or field.unit in _FRACTIONS - {""})


def value_of(field: SettingField, text: str) -> Scalar:
    """What was typed, as the desk takes it: a number for a number, nothing for one that may be left open."""
    if not text and field.standard is None:
        return None
    if field.kind is not FieldKind.NUMBER and not is_of_numbers(field):
        return text
    number = float(text)
    return int(number) if number.is_integer() else number


def field_row(field: SettingField, is_pending: bool, problem: str, words: Translator) -> dict[str, Any]:
    """The setting as the page draws it."""
    return {
        "name": name_of(field),
        "kind": str(field.kind),
        "title": title_of(field, words),
        "words": said(field.text_key, words),
        "value": _value(field, field.value, words),
        "unit": unit_of(field, words),
        "standardText": words.translate("tech.field.standard", {"value": _standard(field, words)}),
        "worksText": _works(field, is_pending, words),
        "problem": problem,
        "choices": [_choice(field, choice, words) for choice in field.choices],
        "choice": field.choices.index(str(field.value)) if str(field.value) in field.choices else -1,
        "isOn": field.value is True,
        "rows": _rows(field, words),
        "isChanged": field.value != field.standard,
        "isFixed": field.by_environment,
    }


def _value(field: SettingField, value: Scalar | Mapping[str, Scalar], words: Translator) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{_row_name(name, words)}: {number_text(row)}" for name, row in value.items())
    if isinstance(value, bool):
        return words.translate("tech.field.on" if value else "tech.field.off", {})
    if field.kind is FieldKind.CHOICE and value is not None:
        return _choice(field, str(value), words)
    return number_text(value)


def _standard(field: SettingField, words: Translator) -> str:
    text = _value(field, field.standard, words) or words.translate("tech.field.empty", {})
    has_unit = field.unit and isinstance(field.standard, int | float)
    return f"{text}\u00a0{unit_of(field, words)}" if has_unit else text


def _works(field: SettingField, is_pending: bool, words: Translator) -> str:
    if field.by_environment:
        variable = f"KIOSK_{field.section}__{field.key}".upper()
        return words.translate("tech.field.fixed", {"name": variable})
    key = "at_once" if field.is_live else "pending" if is_pending else "next_start"
    return words.translate(f"tech.field.{key}", {})


def _choice(field: SettingField, choice: str, words: Translator) -> str:
    return said(f"setting.{name_of(field)}.{choice}", words, otherwise=choice)


def _row_name(name: str, words: Translator) -> str:
    """Rows may be named by a sentence, as the packages of the price list are."""
    return said(name, words, otherwise=name)


def _rows(field: SettingField, words: Translator) -> list[dict[str, str]]:
    if not isinstance(field.value, Mapping):
        return []
    return [
        {"row": name, "title": _row_name(name, words), "value": number_text(value)}
        for name, value in field.value.items()
    ]
