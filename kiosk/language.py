"""The languages of the screens and their sentences, from `resources/translations/<language>.json`."""

from __future__ import annotations

import json
from enum import StrEnum
from functools import cache

from kiosk.errors import BugError
from kiosk.paths import resources_folder


class Language(StrEnum):
    """A language that a visitor can choose."""

    THAI = "th"
    ENGLISH = "en"


@cache
def sentences(language: Language) -> dict[str, str]:
    """All sentences of a language by key; `{name}` marks a value to fill in."""
    path = resources_folder() / "translations" / f"{language}.json"
    loaded = json.loads(path.read_text(encoding="utf-8"))
    return {str(key): str(text) for key, text in loaded.items()}


def sentence(language: Language, key: str, **params: object) -> str:
    """The sentence behind `key` with its values filled in. An unknown key is a bug and raises BugError."""
    try:
        return sentences(language)[key].format(**params)
    except KeyError as missing:
        raise BugError(f"sentence {key!r} or its value {missing} is missing in {language}") from missing
