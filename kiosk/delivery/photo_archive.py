"""An order's originals as one ZIP, made while it is sent: at most one photo in memory at a time."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import structlog

from kiosk.delivery.file_names import photo_file_name
from kiosk.delivery.purchases import PaidOrders, Purchase
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language, sentence
from kiosk.photos.types import Photo

_log = structlog.get_logger(__name__)

METADATA_FILE = "metadata.json"
METADATA_FORMAT = 1
_CHUNK_BYTES = 64 * 1024
_EARLIEST_ZIP_YEAR = 1980


class _Outlet(io.RawIOBase):
    """Where the ZIP is written to: keeps only what was not taken yet.

    It lets `zipfile` seek back within the entry being written, so that sizes and checksums stand in the local
    headers: phones that unpack as a stream refuse stored entries with a trailing descriptor.
    """

    def __init__(self) -> None:
        self._taken = 0
        self._rest = io.BytesIO()

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        return self._rest.write(data)

    def tell(self) -> int:
        return self._taken + self._rest.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if whence != io.SEEK_SET or offset < self._taken:
            raise io.UnsupportedOperation("only back into what was not sent yet")
        return self._taken + self._rest.seek(offset - self._taken)

    def take(self) -> memoryview:
        """All that was written since the last call."""
        rest = self._rest.getbuffer()
        self._taken += len(rest)
        self._rest = io.BytesIO()
        return rest


def stream_archive(
    orders: PaidOrders, purchase: Purchase, language: Language, zone: ZoneInfo, made_at: datetime
) -> Iterator[bytes]:
    """The bytes of the ZIP: originals stored as they are, then `metadata.json`.

    A missing original is left out and said in the metadata. File times are local (`zone`), as ZIP has no
    zones. Raises KnownError where a store fails otherwise: the transfer then breaks off, visibly unfinished.
    """
    outlet = _Outlet()
    entries: list[dict[str, object]] = []
    event_name = purchase.event_name(language)
    with zipfile.ZipFile(outlet, "w", zipfile.ZIP_STORED) as archive:
        for photo_id in purchase.photo_ids:
            photo = purchase.photos.get(photo_id)
            name = photo_file_name(event_name, photo) if photo else None
            is_there = photo is not None and name is not None and _add(archive, orders, photo, name, zone)
            entries.append(_photo_entry(photo, name if is_there else None))
            yield from _chunks(outlet.take())
        text = _metadata(purchase, entries, language, made_at)
        archive.writestr(_entry_info(METADATA_FILE, made_at.astimezone(zone)), text)
    yield from _chunks(outlet.take())


def _add(archive: zipfile.ZipFile, orders: PaidOrders, photo: Photo, name: str, zone: ZoneInfo) -> bool:
    try:
        with orders.open_original(photo) as original:
            archive.writestr(_entry_info(name, photo.taken_at.astimezone(zone)), original.read())
    except KnownError as error:
        if error.code is not ErrorCode.OBJECT_MISSING:
            raise
        _log.warning("original_missing", photo_id=photo.photo_id, code=error.code)
        return False
    return True


def _entry_info(name: str, local_time: datetime) -> zipfile.ZipInfo:
    year = max(local_time.year, _EARLIEST_ZIP_YEAR)
    moment = (year, local_time.month, local_time.day, local_time.hour, local_time.minute, local_time.second)
    info = zipfile.ZipInfo(name, moment)
    info.external_attr = 0o644 << 16
    return info


def _photo_entry(photo: Photo | None, file: str | None) -> dict[str, object]:
    """One photo in the metadata: nothing of faces, nothing of who else is in the picture."""
    entry: dict[str, object] = {"file": file, "is_missing": file is None}
    if photo is not None:
        entry |= {
            "number": photo.number,
            "original_name": photo.file_name,
            "taken_at": _utc(photo.taken_at) if photo.is_time_known else None,
            "place": photo.place,
            "photographer": photo.photographer,
            "width": photo.width,
            "height": photo.height,
            "sha256": photo.content_hash,
        }
    return entry


def _metadata(
    purchase: Purchase, entries: list[dict[str, object]], language: Language, made_at: datetime
) -> str:
    missing = sum(bool(entry["is_missing"]) for entry in entries)
    deleted = sum(photo_id not in purchase.photos for photo_id in purchase.photo_ids)
    code = purchase.order.code
    counts = {"phone.some_missing": missing - deleted, "phone.some_deleted": deleted}
    notes = [sentence(language, key, n=count, code=code) for key, count in counts.items() if count]
    content = {
        "format": METADATA_FORMAT,
        "order_code": code,
        "event": {
            "name": purchase.event.name,
            "name_th": purchase.event.name_th,
            "place": purchase.event.place,
        },
        "made_at": _utc(made_at),
        "licence": sentence(language, "phone.licence"),
        "missing_count": missing,
        "note": " ".join(notes),
        "photos": entries,
    }
    return json.dumps(content, ensure_ascii=False, indent=2)


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _chunks(data: memoryview) -> Iterator[bytes]:
    for start in range(0, len(data), _CHUNK_BYTES):
        yield bytes(data[start : start + _CHUNK_BYTES])
