"""Lists as CSV: RFC 4180, in UTF-8 with the mark by which Excel knows it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

_BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_bytes(header: Sequence[str], lines: Iterable[Sequence[object]]) -> bytes:
    """The file. What a spreadsheet would take for a formula, such as somebody's name, is text to it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)  # its line ends are those of RFC 4180
    writer.writerow(header)
    writer.writerows([_harmless(value) for value in line] for line in lines)
    return text.getvalue().encode("utf-8-sig")


def _harmless(value: object) -> object:
    if isinstance(value, str) and value.lstrip(" ").startswith(_BEGIN_FORMULAS):
        return f"'{value}"
    return value
