"""A file of a folder as it was read: its bytes, and what they are called and weigh."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.decoding import MAX_MEGAPIXELS, picture_size, read_picture_file
from kiosk.photos.folder_scan import place_of


@dataclass(frozen=True, slots=True)
class PhotoSource:
    """`content_hash` is the sha256 of `data`; `place` is the subfolder's word for where it was taken."""

    file_name: str
    place: str
    modified_at: datetime
    data: bytes
    content_hash: str

    @property
    def weight_bytes(self) -> int:
        """What the photo takes in memory on its way: its file, its pixels, and half as much again in smaller
        sizes. One that will be refused for its size takes nothing but its file."""
        width, height = picture_size(self.data)
        pixels = width * height if width * height <= MAX_MEGAPIXELS * 1e6 else 0
        return len(self.data) + pixels * 3 * 3 // 2


def read_source(path: Path, folder: Path) -> PhotoSource:
    """Reads a file of the folder. Raises KnownError like `read_picture_file`."""
    data = read_picture_file(path)
    try:
        modified_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as error:
        raise KnownError(ErrorCode.PHOTO_UNREADABLE, "The file went away while it was read.") from error
    return PhotoSource(
        file_name=printable(path.name),
        place=printable(place_of(path, folder)),
        modified_at=modified_at,
        data=data,
        content_hash=hashlib.sha256(data).hexdigest(),
    )


def name_in(folder: Path, path: Path) -> str:
    """What a report calls a file of the folder."""
    return printable(path.relative_to(folder).as_posix())


def printable(name: str) -> str:
    """A file name as text that a database takes, also when its bytes are not UTF-8."""
    return name.encode("utf-8", "replace").decode("utf-8")
