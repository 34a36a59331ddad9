"""What may be written down: a white list of value types, and blots over numbers and secrets of people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import Enum
from pathlib import PurePath
from uuid import UUID

BLOT = "[blotted]"
_LONGEST_TEXT = 8_000
_MOST_ITEMS = 32
_DEEPEST = 4

_FORBIDDEN_WORDS = (
    "pixels|still|picture|image|frame|face|embedding|vector|probe|landmarks|"
    "phone|mobile|promptpay|payee|email|citizen|national_id|"
    "token|secret|password|passwd|api_?key|authorization|cookie|signature|credentials?|pin"
)
# A whole word of the key; a count, a size or a state of the forbidden thing is no secret.
_FORBIDDEN_KEY = re.compile(
    rf"(?:^|_)(?:{_FORBIDDEN_WORDS})(?:$|_(?:id|data|bytes|value|number|hash|code))", re.I
)
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_PHONE = re.compile(r"(?<![\w.])(?:\+?66|0066|0)(?:[\s-]?\d){8,9}(?!\w)")
_LONG_NUMBER = re.compile(r"(?<![\w.])\d(?:[\s-]?\d){12}(?:\d\d)?(?!\w)")
_PROMPTPAY_PAYLOAD = re.compile(r"000201\S{20,}")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
# Random keys mix cases and digits; names in code and hexadecimal ids of rows do not.
_RANDOM_KEY = re.compile(r"(?<![\w-])(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*\d)[\w-]{20,}")
_HEX_KEY = re.compile(r"(?<![0-9A-Za-z])[0-9a-fA-F]{64,}(?![0-9A-Za-z])")
# Libraries put what they choke on into the texts of their errors: embeddings as rows of numbers, pictures and
# messages as bytes or base64.
_ROW_OF_NUMBERS = re.compile(r"(?:-?\d*\.\d{2,}(?:e[-+]?\d+)?[\s,;]+){8,}", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{120,}={0,2}")
_BYTES = re.compile(r"""\bb(?:'(?:[^'\\\n]|\\.){24,}'|"(?:[^"\\\n]|\\.){24,}")""")

_PATTERNS = (
    *(_PROMPTPAY_PAYLOAD, _BYTES, _BASE64, _ROW_OF_NUMBERS),
    *(_RANDOM_KEY, _HEX_KEY, _EMAIL, _PHONE, _LONG_NUMBER),
)


def blot_text(text: str) -> str:
    """`text` with phone numbers, identity numbers, payment payloads, addresses, secrets, and whatever may be
    a face blotted out."""
    text = _CREDENTIALS.sub(BLOT + "@", text)
    for pattern in _PATTERNS:
        text = pattern.sub(BLOT, text)
    return text[:_LONGEST_TEXT]


def is_forbidden_key(key: str) -> bool:
    """Whether values under this name are never written down, whatever they are."""
    return _FORBIDDEN_KEY.search(key) is not None


def blot_value(value: object, depth: int = 0) -> object:
    """`value` if its type may be written down, made fit for JSON; else a blot that names the type.

    Allowed are plain values, times, paths, ids, enums, and short collections of them; long rows of numbers
    are refused, for an embedding is one.
    """
    if isinstance(value, Enum):
        return blot_value(value.value, depth)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return blot_text(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, PurePath | UUID):
        return blot_text(str(value))
    if depth < _DEEPEST and isinstance(value, Mapping):
        return blot_fields(value, depth + 1)
    if depth < _DEEPEST and isinstance(value, list | tuple | set | frozenset) and len(value) <= _MOST_ITEMS:
        return [blot_value(item, depth + 1) for item in value]
    return f"{BLOT} {type(value).__name__}"


def blot_fields(fields: Mapping[object, object], depth: int = 0) -> dict[str, object]:
    """The fields with forbidden names and values blotted out."""
    return {
        str(key): BLOT if is_forbidden_key(str(key)) else blot_value(value, depth)
        for key, value in fields.items()
    }
