"""Money as whole satang (1 baht = 100 satang); never a float."""

from __future__ import annotations

import re

from kiosk.errors import ErrorCode, KnownError

SATANG_PER_BAHT = 100
_AMOUNT = re.compile(r"(\d{1,10})(?:\.(\d{1,2}))?")


def satang(baht: int) -> int:
    """Whole baht as satang."""
    return baht * SATANG_PER_BAHT


def parse_baht(text: str) -> int:
    """Satang of a decimal amount such as "100.24", "30" or "30.5".

    Raises KnownError(AMOUNT_INVALID) for anything else: a sign, more than two decimals, letters.
    """
    match = _AMOUNT.fullmatch(text.strip().replace(",", ""))
    if match is None:
        raise KnownError(
            ErrorCode.AMOUNT_INVALID, f"{text!r} is not an amount in baht.", "Write it like 100.24."
        )
    return int(match[1]) * SATANG_PER_BAHT + int((match[2] or "").ljust(2, "0"))


def decimal_baht(amount_satang: int) -> str:
    """An amount with two decimals and no separators, for payloads: 29900 -> "299.00"."""
    sign = "-" if amount_satang < 0 else ""
    baht, rest = divmod(abs(amount_satang), SATANG_PER_BAHT)
    return f"{sign}{baht}.{rest:02d}"


def display_baht(amount_satang: int) -> str:
    """An amount for people: thousands separated, satang only when not zero: 149900 -> "1,499"."""
    sign = "-" if amount_satang < 0 else ""
    baht, rest = divmod(abs(amount_satang), SATANG_PER_BAHT)
    return f"{sign}{baht:,}" + (f".{rest:02d}" if rest else "")
