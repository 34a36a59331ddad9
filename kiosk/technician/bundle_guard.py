"""The guard at the door of the support bundle: refuses whatever looks like a person or a key.

What goes in is picked by white lists already; the guard knows nothing of those, and looks at the bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.blotting import blot_text

_MAGIC = (
    (b"\xff\xd8\xff", "a picture"),
    (b"\x89PNG", "a picture"),
    (b"GIF8", "a picture"),
    (b"BM", "a picture"),
    (b"RIFF", "a picture"),
    (b"II*\x00", "a picture"),
    (b"MM\x00*", "a picture"),
    (b"SQLite format 3", "a database"),
    (b"PK\x03\x04", "an archive"),
    (b"\x93NUMPY", "face numbers"),
)
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{120,}|;base64,", re.A)
_NUMBERS = re.compile(r"(?:-?\d*\.\d{3,}(?:e-?\d+)?[\s,;]+){8,}", re.I)
_WHOLE_NUMBERS = re.compile(r"(?:-?\d{1,4}[\s,;]+){48,}")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]+-----")
_LONG_HEX = re.compile(r"(?<![0-9a-zA-Z])[0-9a-fA-F]{40,}(?![0-9a-zA-Z])")
_PROMPTPAY = re.compile(r"000201\d\d|A0000006770101")
_LINE_USER = re.compile(r"(?<!\w)U[0-9a-f]{32}(?!\w)")
_DIGITS = re.compile(r"(?<![\w.])\d[\d\s().-]{7,18}\d(?![\w])")
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d(:\d\d(:\d\d(\.\d+)?)?)?)?")
_LONGEST_LINE = 4000
SHORTEST_KNOWN = 4
"""Shorter ones would stand in half of all words."""


def check(name: str, data: bytes, known: Iterable[str] = ()) -> None:
    """Raises KnownError(BUNDLE_UNSAFE) with what a member of the bundle looks like it holds; `known` are
    secrets and numbers of this kiosk, none of which may stand in it."""
    found = unsafe(data, known)
    if found is not None:
        raise KnownError(
            ErrorCode.BUNDLE_UNSAFE,
            f"The bundle was not made: {name} would hold {found}.",
            "Send the version and what you see on the screen instead, and tell the makers of this code.",
        )


def unsafe(data: bytes, known: Iterable[str] = ()) -> str | None:
    """What bytes look like that must not go out; None where there is nothing."""
    for magic, what in _MAGIC:
        if data.startswith(magic) or (len(magic) > 3 and magic in data):
            return what
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return "something that is no text"
    bare = re.sub(r"[\s().+-]", "", text)
    if any(len(one) >= SHORTEST_KNOWN and (one in text or one in bare) for one in known):
        return "a secret or an account of this kiosk"
    return next(filter(None, map(unsafe_line, text.splitlines())), None)


def unsafe_line(line: str) -> str | None:
    """The same of one line of text."""
    if len(line) > _LONGEST_LINE:
        return "a line that is too long"
    patterns = (
        (_PROMPTPAY, "a payment code"),
        (_PRIVATE_KEY, "a key"),
        (_LINE_USER, "a LINE user"),
        (_BASE64, "a picture or a key"),
        (_LONG_HEX, "a key"),
        (_NUMBERS, "face numbers"),
        (_WHOLE_NUMBERS, "face numbers"),
    )
    for pattern, what in patterns:
        if pattern.search(line):
            return what
    timeless = _TIME.sub("", line)
    if blot_text(timeless) != timeless:
        return "a phone number, an address or a key"
    for found in _DIGITS.finditer(timeless):
        if len(re.sub(r"\D", "", found[0])) >= 9:
            return "a long number"
    return None
