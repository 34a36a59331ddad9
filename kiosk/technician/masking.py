"""What is shown of a value that is nobody else's business."""

from __future__ import annotations

import re

BLOT = "•"
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+(?=@)")
_SHOWN = 4


def masked(text: str) -> str:
    """The last four signs, and a dot for each other: enough to tell one account from another."""
    shown = text[-_SHOWN:] if len(text) > 2 * _SHOWN else ""
    return BLOT * (len(text) - len(shown)) + shown


def without_credentials(text: str) -> str:
    """An address without the name and password that may stand in it."""
    return _CREDENTIALS.sub(BLOT * 3, text)
