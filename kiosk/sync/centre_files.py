"""Where a file of a photo is at the centre, and who gets it from there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Protocol

from kiosk.photos.types import PreviewSize
from kiosk.sync.door import CentreDoor

_PREVIEW_LIMIT = 32 * 1024 * 1024
_ORIGINAL_LIMIT = 256 * 1024 * 1024
_ID = r"(?P<photo_id>[0-9A-Za-z_-]{1,64})"
_EVENT = r"events/[^/]+/"
_THUMBNAIL = re.compile(rf"{_EVENT}thumbnails/(?P<size>small|medium|large)/{_ID}\.jpg")
_WATERMARKED = re.compile(rf"{_EVENT}watermarked/{_ID}_wm\.jpg")
_ORIGINAL = re.compile(rf"{_EVENT}originals/{_ID}(\.[0-9a-z]+)?")


class CentreFiles(Protocol):
    """The files of the centre (`kiosk.sync.client.CentralClient`)."""

    def get_file(self, path: str, *, limit_bytes: int) -> bytes:
        """The file behind a path, whole: as long and with the sha256 as the centre says.

        Raises KnownError: FILE_DAMAGED for another one, OBJECT_MISSING or PHOTO_UNKNOWN where it has none,
        CENTRE_*, NETWORK_LOGIN_PAGE, DEVICE_REVOKED, NOT_ENROLLED, CLOCK_OFF.
        """
        ...


class FilesBehindDoor:
    """The files of the centre that this kiosk is enrolled at now (`CentreFiles`)."""

    def __init__(self, door: CentreDoor) -> None:
        self._door = door

    def get_file(self, path: str, *, limit_bytes: int) -> bytes:
        """As the port says, and SECRET_MISSING, SETTING_INVALID, DATABASE_*."""
        return self._door.client().get_file(path, limit_bytes=limit_bytes)


@dataclass(frozen=True, slots=True)
class CentrePlace:
    """What to ask the centre for, and how long an answer may be."""

    path: str
    limit_bytes: int
    is_original: bool


def place_of(object_key: str) -> CentrePlace | None:
    """Where the centre has the file of this key; None for a key that is not of a photo."""
    if found := _THUMBNAIL.fullmatch(object_key):
        return _preview(found["photo_id"], PreviewSize(found["size"]))
    if found := _WATERMARKED.fullmatch(object_key):
        return _preview(found["photo_id"], PreviewSize.WATERMARKED)
    if found := _ORIGINAL.fullmatch(object_key):
        return CentrePlace(f"/api/photos/{found['photo_id']}/original", _ORIGINAL_LIMIT, is_original=True)
    return None


def _preview(photo_id: str, size: PreviewSize) -> CentrePlace:
    return CentrePlace(f"/api/photos/{photo_id}/preview/{size}", _PREVIEW_LIMIT, is_original=False)
