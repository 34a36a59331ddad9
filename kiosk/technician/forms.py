"""Settings as forms: every field is made from the setting's own description in `kiosk.settings`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from kiosk.errors import ErrorCode, KnownError
from kiosk.settings import PackageEntry, Secrecy, Settings, Unit
from kiosk.technician.live import is_live
from kiosk.technician.masking import masked, without_credentials
from kiosk.technician.told import FieldKind, Scalar, SettingField

Shown = Scalar | Mapping[str, Scalar]
"""A value as a form shows it; a table by its rows."""

_EVERY_PHOTO = "all"


def fields_of(settings: Settings, environment: Mapping[str, str] | None = None) -> tuple[SettingField, ...]:
    """A field for each setting, in the order of the settings' file."""
    variables = {name.upper() for name in (os.environ if environment is None else environment)}
    standard = Settings()
    return tuple(
        _field(section, key, info, getattr(settings, section), getattr(standard, section), variables)
        for section, key, info in described()
    )


def described() -> Iterator[tuple[str, str, FieldInfo]]:
    """Section, key and description of each setting."""
    for section, section_info in Settings.model_fields.items():
        kind = section_info.annotation
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            for key, info in kind.model_fields.items():
                yield section, key, info


def variable_of(section: str, key: str) -> str:
    """The variable of the environment that wins over the file."""
    return f"KIOSK_{section}__{key}".upper()


def shown(section: str, key: str, value: object) -> Shown:
    """A setting's value as the form shows it."""
    is_blotted = any(isinstance(one, Secrecy) for one in _described(section, key).metadata)
    return _shown(value, is_blotted)


def typed(section: str, key: str, value: Shown, before: object) -> object:
    """What was typed or chosen, as the settings' file holds it; None takes the key out of the file. A value
    that is still as it was shown, blots and all, is the one `before`.

    Raises KnownError: SETTING_UNKNOWN, SETTING_INVALID.
    """
    info = _described(section, key)
    if value == shown(section, key, before):
        return _plain(before)
    facts = _facts(info)
    if value is None or (value == "" and facts.is_optional):
        return None
    if facts.rows is PackageEntry:
        return [_package(name, text) for name, text in _rows(section, key, value).items()]
    if facts.rows is tuple:
        return list(_rows(section, key, value).values())
    if facts.kind is FieldKind.TABLE and facts.row_kind is FieldKind.TEXT:
        return {name: str(row) for name, row in _rows(section, key, value).items() if row not in ("", None)}
    if facts.kind is FieldKind.TABLE:
        return {name: row for name, row in _rows(section, key, value).items() if row not in ("", None)}
    return _number(value) if facts.kind is FieldKind.NUMBER else _of_choices(value, facts)


@dataclass(slots=True)
class _Facts:
    kind: FieldKind = FieldKind.TEXT
    unit: str = ""
    lowest: float | None = None
    highest: float | None = None
    choices: tuple[str, ...] = ()
    values: tuple[object, ...] = ()
    is_optional: bool = False
    rows: type | None = None
    row_kind: FieldKind = FieldKind.TEXT


def _described(section: str, key: str) -> FieldInfo:
    for one_section, one_key, info in described():
        if (one_section, one_key) == (section, key):
            return info
    raise KnownError(
        ErrorCode.SETTING_UNKNOWN, f"There is no setting {f'{section}.{key}'!r}.", "Choose one from the list."
    )


def _field(
    section: str, key: str, info: FieldInfo, now: BaseModel, standard: BaseModel, variables: set[str]
) -> SettingField:
    facts = _facts(info)
    return SettingField(
        section=section,
        key=key,
        kind=facts.kind,
        title_key=f"setting.{section}.{key}.title",
        text_key=f"setting.{section}.{key}.text",
        value=shown(section, key, getattr(now, key)),
        standard=_shown(getattr(standard, key), False),
        unit=facts.unit,
        lowest=facts.lowest,
        highest=facts.highest,
        choices=facts.choices,
        is_live=is_live(section, key),
        by_environment=variable_of(section, key) in variables,
    )


def _facts(info: FieldInfo) -> _Facts:
    facts = _Facts()
    _read_kind(info.annotation, facts)
    _read_bounds(info.metadata, facts)
    return facts


def _read_kind(kind: Any, facts: _Facts) -> None:
    """From the type: what it is typed with, and the bounds of what is inside of it."""
    origin, inside = get_origin(kind), get_args(kind)
    if origin is Annotated:
        _read_kind(inside[0], facts)
        _read_bounds(inside[1:], facts)
    elif origin in (Union, UnionType):
        facts.is_optional = True
        _read_kind(next(one for one in inside if one is not type(None)), facts)
    elif origin is Literal:
        facts.kind, facts.values = FieldKind.CHOICE, inside
    elif origin in (dict, tuple):
        _read_kind(inside[-1] if origin is dict else inside[0], facts)
        facts.row_kind = facts.kind
        facts.kind, facts.rows = FieldKind.TABLE, PackageEntry if inside[0] is PackageEntry else origin
    elif isinstance(kind, type) and issubclass(kind, StrEnum):
        facts.kind, facts.values = FieldKind.CHOICE, tuple(one.value for one in kind)
    elif kind is bool:
        facts.kind = FieldKind.SWITCH
    elif kind in (int, float):
        facts.kind = FieldKind.NUMBER
    elif kind is Path:
        facts.kind = FieldKind.PATH
    facts.choices = tuple(str(value) for value in facts.values)


def _read_bounds(metadata: Any, facts: _Facts) -> None:
    for one in metadata:
        if isinstance(one, FieldInfo):
            _read_bounds(one.metadata, facts)
        elif isinstance(one, Unit):
            facts.unit = one.name
        elif isinstance(one, annotated_types.Ge):
            facts.lowest = float(str(one.ge))
        elif isinstance(one, annotated_types.Gt):
            facts.lowest = float(str(one.gt))
        elif isinstance(one, annotated_types.Le):
            facts.highest = float(str(one.le))
        elif isinstance(one, annotated_types.Lt):
            facts.highest = float(str(one.lt))


def _shown(value: object, is_blotted: bool) -> Shown:
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return int(value)
    if isinstance(value, Mapping):
        return {str(getattr(name, "value", name)): _row(row) for name, row in value.items()}
    if isinstance(value, tuple):
        return {
            one.name if isinstance(one, PackageEntry) else str(place): _row(one)
            for place, one in enumerate(value, 1)
        }
    text = without_credentials(str(value))
    return masked(text) if is_blotted else text


def _row(value: object) -> Scalar:
    if isinstance(value, PackageEntry):
        return f"{_EVERY_PHOTO if value.photos is None else value.photos}: {value.baht}"
    return value if isinstance(value, str | int | float) else str(value)


def _plain(value: object) -> object:
    """As TOML holds it."""
    if isinstance(value, Mapping):
        return {str(getattr(name, "value", name)): row for name, row in value.items()}
    if isinstance(value, tuple):
        return [one.model_dump(exclude_none=True) if isinstance(one, PackageEntry) else one for one in value]
    if isinstance(value, StrEnum):
        return value.value
    return str(value) if isinstance(value, Path) else value


def _rows(section: str, key: str, value: Shown) -> dict[str, Scalar]:
    if not isinstance(value, Mapping):
        raise _invalid(f"{section}.{key}", "it is a table with a name and a value in each row")
    return {str(name).strip(): _number(row) for name, row in value.items() if str(name).strip()}


def _package(name: str, row: Scalar) -> dict[str, object]:
    """A row such as "5: 299": so many photos, or all, for so much baht."""
    photos, colon, baht = (part.strip() for part in str(row).partition(":"))
    if not colon or not baht.isdecimal() or not (photos.isdecimal() or photos.casefold() == _EVERY_PHOTO):
        raise _invalid("sales.packages", 'write how many photos for how much baht, as "5: 299" or "all: 599"')
    package: dict[str, object] = {"name": name, "baht": int(baht)}
    return package | ({"photos": int(photos)} if photos.isdecimal() else {})


def _number(value: Scalar | Shown) -> Any:
    """What looks like a number is one: a keyboard gives text."""
    if not isinstance(value, str):
        return int(value) if isinstance(value, float) and value.is_integer() else value
    text = value.strip()
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _of_choices(value: Shown, facts: _Facts) -> object:
    """The choice itself, which is not always a text; what is none of them is refused by the settings."""
    if facts.kind is not FieldKind.CHOICE:
        return value
    return next((one for one in facts.values if str(one) == str(value)), value)


def _invalid(name: str, why: str) -> KnownError:
    return KnownError(ErrorCode.SETTING_INVALID, f"Setting {name!r}: {why}.", "Correct its value.")
