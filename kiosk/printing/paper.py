"""Papers in pixels and millimetres, and as print servers name their sizes."""

from __future__ import annotations

from collections.abc import Sequence

from kiosk.sales.types import PrintSize

DPI = 300
_MM_PER_INCH = 25.4
_NEAR = 600
"""Papers are sold by the names of their sizes, and made in inches: 10x15 is 4 x 6 in, 13x18 is 5 x 7 in,
20x25 is 8 x 10 in. The widest apart are 4 mm; in hundredths of a millimetre."""


def millimetres(size: PrintSize) -> tuple[int, int]:
    """Width and height of the paper when it stands."""
    width, height = size.value.split("x")
    return int(width) * 10, int(height) * 10


def pixels(size: PrintSize) -> tuple[int, int]:
    """Width and height of the standing paper at 300 dpi."""
    width, height = millimetres(size)
    return round(width / _MM_PER_INCH * DPI), round(height / _MM_PER_INCH * DPI)


def hundredths(size: PrintSize) -> tuple[int, int]:
    """Width and height of the standing paper in hundredths of a millimetre, as print servers count."""
    width, height = millimetres(size)
    return width * 100, height * 100


def nearest_size(size: PrintSize, offered: Sequence[tuple[int, int]]) -> tuple[int, int] | None:
    """What a printer offers for a paper, in hundredths of a millimetre; None where nothing is like it."""
    width, height = hundredths(size)

    def apart(other: tuple[int, int]) -> int:
        short, long = sorted(other)
        return max(abs(short - width), abs(long - height))

    nearest = min(offered, key=apart, default=None)
    return nearest if nearest is not None and apart(nearest) <= _NEAR else None
