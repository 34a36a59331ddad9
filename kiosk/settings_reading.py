"""Settings read: a TOML file under what variables of the environment say, checked, errors naming the key."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from kiosk.errors import ErrorCode, KnownError

FILE_NAME = "kiosk.toml"
ENVIRONMENT_PREFIX = "KIOSK_"
NOT_SETTINGS = frozenset({"KIOSK_HOME", "KIOSK_SOFTWARE", "KIOSK_HEARTBEAT_FD"})

AnySettings = TypeVar("AnySettings", bound=BaseModel)


def read_settings(
    kind: type[AnySettings],
    path: Path,
    prefix: str,
    not_settings: frozenset[str],
    environment: dict[str, str] | None = None,
) -> AnySettings:
    """Settings of a kind from a TOML file, under what variables with the prefix say; a missing file means the
    defaults. Raises KnownError: SETTING_UNKNOWN, SETTING_INVALID."""
    written = path.read_bytes() if path.exists() else b""
    return settings_of(kind, written, path.name, prefix, not_settings, environment)


def settings_of(
    kind: type[AnySettings],
    written: bytes,
    file_name: str = FILE_NAME,
    prefix: str = ENVIRONMENT_PREFIX,
    not_settings: frozenset[str] = NOT_SETTINGS,
    environment: dict[str, str] | None = None,
) -> AnySettings:
    """As `read_settings`, of what is written in a file."""
    values: dict[str, Any] = {}
    try:
        values = tomllib.loads(written.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as broken:
        raise KnownError(
            ErrorCode.SETTING_INVALID, f"{file_name} is not valid TOML: {broken}.", "Mend that line."
        ) from broken
    found = dict(os.environ) if environment is None else environment
    own = {name: text for name, text in found.items() if name.startswith(prefix) and name not in not_settings}
    _overlay(values, own, prefix, frozenset(kind.model_fields))
    try:
        return kind.model_validate(values)
    except ValidationError as invalid:
        raise _first_error(invalid) from invalid


def _overlay(
    values: dict[str, Any], variables: dict[str, str], prefix: str, sections: frozenset[str]
) -> None:
    """Puts PREFIX_SECTION__KEY variables over the file's values. Raises KnownError(SETTING_UNKNOWN)."""
    for name, text in variables.items():
        section, separator, key = name.removeprefix(prefix).lower().partition("__")
        if separator:
            entries = values.setdefault(section, {})
            if isinstance(entries, dict):
                entries[key] = text
        elif section.partition("_")[0] in sections:
            raise KnownError(
                ErrorCode.SETTING_UNKNOWN,
                f"The variable {name} names no setting.",
                f"Write it as {prefix}SECTION__KEY, with two underscores; the README lists all settings.",
            )


def _first_error(invalid: ValidationError) -> KnownError:
    error = invalid.errors()[0]
    key = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return KnownError(
            ErrorCode.SETTING_UNKNOWN,
            f"There is no setting {key!r}.",
            "Correct its name or remove it; the README lists all settings.",
        )
    return KnownError(ErrorCode.SETTING_INVALID, f"Setting {key!r}: {error['msg']}.", "Correct its value.")
