"""Reading a file part by part, so that little of it is in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from kiosk.errors import BugError

PART_BYTES = 256 * 1024


def parts_of(file: BinaryIO, size: int) -> Iterator[bytes]:
    """The next `size` bytes of a file. Raises BugError when it has less."""
    left = size
    while left:
        part = file.read(min(PART_BYTES, left))
        if not part:
            raise BugError(f"a file of {size} bytes ends {left} bytes too early")
        left -= len(part)
        yield part
