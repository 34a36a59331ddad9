"""Up to which size a photo prints sharp, and how long prints take. Pure."""

from __future__ import annotations

from kiosk.sales.types import PrintSize

SHARP_DPI = 200
"""Fewer pixels to the inch than this are seen at arm's length."""
_SHEET_S, _BEGIN_S = 20, 30
"""A photo printer takes 10 to 20 s for a sheet, after it has warmed up."""
_CM_PER_INCH = 2.54
_SIZES = tuple(PrintSize)


def sharp_up_to(width: int, height: int) -> PrintSize | None:
    """The largest paper on which a photo of so many pixels is sharp; None: it is so on none."""
    sharp = [size for size in _SIZES if _is_sharp(min(width, height), max(width, height), size)]
    return sharp[-1] if sharp else None


def minutes_for(sheets: int) -> int:
    """About how many minutes until the last of so many sheets lies there; at least one."""
    return -(-(_BEGIN_S + sheets * _SHEET_S) // 60)


def is_smaller(size: PrintSize, than: PrintSize) -> bool:
    """Whether a paper is smaller than another."""
    return _SIZES.index(size) < _SIZES.index(than)


def _is_sharp(short: int, long: int, size: PrintSize) -> bool:
    short_cm, long_cm = sorted(int(side) for side in size.value.split("x"))
    return short >= short_cm / _CM_PER_INCH * SHARP_DPI and long >= long_cm / _CM_PER_INCH * SHARP_DPI
