"""What a picture's EXIF says, with everything that cannot be true left out."""

from __future__ import annotations

import math
import struct
import threading
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from PIL import Image
from PIL.ExifTags import GPS, IFD, Base

BANGKOK = ZoneInfo("Asia/Bangkok")
_WARNINGS_LOCK = threading.Lock()


@dataclass(frozen=True, slots=True)
class ExifFacts:
    """`orientation` is 1..8 as in EXIF; `taken_at` in UTC; latitude and longitude in degrees, north and east
    positive. None or "" for what is missing or nonsense."""

    orientation: int = 1
    taken_at: datetime | None = None
    camera: str = ""
    photographer: str = ""
    latitude: float | None = None
    longitude: float | None = None


@contextmanager
def quiet_pillow() -> Iterator[None]:
    """Keeps Pillow's remarks on odd metadata to itself. Short use only: Python's warning filters belong to
    the whole process, so one thread at a time may change them."""
    with _WARNINGS_LOCK, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def read_exif(image: Image.Image, zone: tzinfo = BANGKOK) -> ExifFacts:
    """The facts of an opened picture; `zone` is where a camera's clock was set whose EXIF names no offset.

    Never raises: damaged EXIF gives what can be read of it.
    """
    with quiet_pillow():
        try:
            exif = image.getexif()
            main, detail, gps = dict(exif), exif.get_ifd(IFD.Exif), exif.get_ifd(IFD.GPSInfo)
        except (ValueError, TypeError, KeyError, OSError, SyntaxError, struct.error, OverflowError):
            return ExifFacts()
    orientation = main.get(Base.Orientation, 1)
    latitude = _degrees(gps, GPS.GPSLatitude, GPS.GPSLatitudeRef, "S", 90)
    longitude = _degrees(gps, GPS.GPSLongitude, GPS.GPSLongitudeRef, "W", 180)
    has_place = latitude is not None and longitude is not None
    return ExifFacts(
        orientation=orientation if isinstance(orientation, int) and 1 <= orientation <= 8 else 1,
        taken_at=_taken_at(main, detail, zone),
        camera=_camera(_text(main.get(Base.Make)), _text(main.get(Base.Model))),
        photographer=_text(main.get(Base.Artist)),
        latitude=latitude if has_place else None,
        longitude=longitude if has_place else None,
    )


def _text(value: object) -> str:
    if isinstance(value, bytes):
        value = value.decode("utf-8", "replace")
    if not isinstance(value, str):
        return ""
    with suppress(UnicodeError):  # EXIF says ASCII, Pillow reads Latin-1, and cameras write UTF-8
        value = value.encode("latin-1").decode("utf-8")
    return "".join(letter for letter in value if letter.isprintable()).strip()[:80]


def _camera(make: str, model: str) -> str:
    """Make and model, the make once: many models begin with it."""
    if not make or model.casefold().startswith(make.split()[0].casefold()):
        return model
    return f"{make} {model}".strip()


def _taken_at(main: Mapping[int, object], detail: Mapping[int, object], zone: tzinfo) -> datetime | None:
    for time, offset in (
        (detail.get(Base.DateTimeOriginal), detail.get(Base.OffsetTimeOriginal)),
        (detail.get(Base.DateTimeDigitized), detail.get(Base.OffsetTimeDigitized)),
        (main.get(Base.DateTime), detail.get(Base.OffsetTime)),
    ):
        try:
            local = datetime.strptime(_text(time), "%Y:%m:%d %H:%M:%S")
            return local.replace(tzinfo=_offset(_text(offset)) or zone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    return None


def _offset(text: str) -> tzinfo | None:
    """The zone of "+07:00"; None when it is not one."""
    try:
        sign = {"+": 1, "-": -1}[text[0]]
        return timezone(sign * timedelta(hours=int(text[1:3]), minutes=int(text[4:6])))
    except (ValueError, LookupError):
        return None


def _degrees(
    gps: Mapping[int, object], tag: int, reference: int, negative: str, limit: float
) -> float | None:
    try:
        degrees, minutes, seconds = (float(part) for part in gps[tag])  # type: ignore[attr-defined]
        value = degrees + minutes / 60 + seconds / 3600
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    if not math.isfinite(value) or not 0 <= value <= limit:
        return None
    return -value if _text(gps.get(reference)).upper() == negative else value
