"""Events, photos and their faces; the ports of their store of rows and their store of files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import PurePath
from typing import BinaryIO, Protocol

from kiosk.gallery.types import FaceKey
from kiosk.vision.types import Box, Embedding, ShirtNumber


@dataclass(frozen=True, slots=True)
class PhotoEvent:
    """An event whose photos are on sale. `name_th` falls back to `name` when the event has one name only.

    `tenant_id` is whose event it is at a centre; a kiosk has its own tenant's only. The organiser's choices:
    `reads_numbers` has the numbers on shirts read on import, `blurs_bystanders` blurs the faces of others in
    the previews that a visitor sees.
    """

    event_id: str
    name: str
    name_th: str
    created_at: datetime
    place: str = ""
    reads_numbers: bool = False
    blurs_bystanders: bool = True
    tenant_id: str = ""


class PhotoState(StrEnum):
    """Whether visitors can see a photo."""

    ON_SALE = "on_sale"
    WITHDRAWN = "withdrawn"
    TO_APPROVE = "to_approve"  # staff have not looked at it yet


class PreviewSize(StrEnum):
    """The watermark-free thumbnails, sides in pixels at most 150, 300 and 800x600; and the marked preview."""

    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    WATERMARKED = "watermarked"


@dataclass(frozen=True, slots=True)
class Face:
    """A face found in a photo; `ordinal` is its place in it, `box` in pixels of the upright original."""

    ordinal: int
    box: Box
    score: float
    embedding: Embedding


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo of an event. Pixels of the upright (EXIF-rotated) original; times in UTC.

    `number` is the photo number that people type, from 1 within the event; `content_hash` is the sha256 of
    the file's bytes and recognises duplicates. `taken_at` is the camera's word, or where it has none the
    file's own time, which is good for an order and never told as a fact: `is_time_known` is False then.
    """

    photo_id: str
    event_id: str
    number: int
    file_name: str
    content_hash: str
    width: int
    height: int
    taken_at: datetime
    imported_at: datetime
    state: PhotoState = PhotoState.ON_SALE
    photographer: str = ""
    camera: str = ""
    place: str = ""
    latitude: float | None = None
    longitude: float | None = None
    is_public: bool = False
    is_time_known: bool = True


@dataclass(frozen=True, slots=True)
class PhotoFilter:
    """Narrows a listing; None means any. Times are UTC, `until` exclusive; photos without a known time are in
    none."""

    since: datetime | None = None
    until: datetime | None = None
    place: str | None = None
    photographer: str | None = None


class PhotoRepository(Protocol):
    """The rows of events, photos and faces. Each method is one transaction.

    Raises KnownError DATABASE_*, DISK_FULL.
    """

    def add_event(self, event: PhotoEvent) -> None: ...

    def event(self, event_id: str) -> PhotoEvent:
        """Raises KnownError(EVENT_UNKNOWN)."""
        ...

    def event_by_name(self, name: str) -> PhotoEvent | None: ...

    def events(self) -> list[PhotoEvent]:
        """All, the newest first."""
        ...

    def next_number(self, event_id: str) -> int:
        """The photo number after the greatest one in use."""
        ...

    def add_photo(
        self, photo: Photo, faces: Sequence[Face], numbers: Sequence[ShirtNumber] | None = None
    ) -> None:
        """Photo, faces and numbers at once, so that no photo is ever on sale half known; None: its numbers
        were not read."""
        ...

    def has_content(self, event_id: str, content_hash: str) -> bool: ...

    def photo(self, photo_id: str) -> Photo:
        """Raises KnownError(PHOTO_UNKNOWN)."""
        ...

    def photos(self, event_id: str, photo_filter: PhotoFilter | None = None) -> list[Photo]:
        """Those on sale, in time order (then by number)."""
        ...

    def photos_by_id(self, photo_ids: Iterable[str]) -> dict[str, Photo]:
        """Those of the given ones that exist and are on sale."""
        ...

    def photo_by_number(self, event_id: str, number: int) -> Photo | None: ...

    def set_state(self, photo_id: str, state: PhotoState) -> None: ...

    def count(self, event_id: str) -> int:
        """Photos on sale."""
        ...

    def face_count(self, event_id: str) -> int:
        """Faces in all photos of the event, of any contract: quick."""
        ...

    def ids_on_sale(self, event_id: str) -> set[str]:
        """The ids of the photos on sale: quick."""
        ...

    def faces(self, event_id: str, contract_id: str) -> Iterator[tuple[str, Face]]:
        """(photo_id, face) of all photos on sale, streamed, of one embedding contract."""
        ...

    def photo_faces(self, photo_id: str) -> list[Face]: ...

    def face_keys(self, event_id: str, contract_id: str) -> set[FaceKey]:
        """The keys of what `faces` streams, without the embeddings: quick."""
        ...

    def face_boxes(self, photo_ids: Iterable[str]) -> dict[tuple[str, int], Box]:
        """Where the faces of these photos are, by photo_id and ordinal."""
        ...


@dataclass(frozen=True, slots=True)
class NumberHits:
    """Photos found by the number on a shirt, in time order: those that show it, and those that show one with
    a digit replaced, missing or too many."""

    sure: tuple[str, ...]
    maybe: tuple[str, ...]


class ShirtNumberRepository(Protocol):
    """The numbers read on shirts. Raises KnownError DATABASE_*, DISK_FULL."""

    def add_numbers(self, photo_id: str, numbers: Sequence[ShirtNumber]) -> None:
        """What was read in a photo; harmless when it is said again."""
        ...

    def numbers(self, photo_id: str) -> list[ShirtNumber]: ...

    def unread(self, event_id: str) -> list[str]:
        """The photos on sale whose numbers were never read."""
        ...

    def find(self, event_id: str, digits: str) -> NumberHits:
        """By the digits as a visitor types them; zeros before them count for nothing."""
        ...


class ObjectStream(Protocol):
    """An object on its way out of a store, part by part; `close` it when it is not read to its end."""

    @property
    def size(self) -> int:
        """In bytes, of the whole object."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """Once. Raises KnownError OBJECT_STORE_UNREACHABLE when it breaks off: what came is not whole."""
        ...

    def close(self) -> None: ...


class ObjectStore(Protocol):
    """Files by key, such as `events/{event_id}/originals/{photo_id}.jpg`.

    Raises KnownError OBJECT_MISSING, OBJECT_STORE_UNREACHABLE, DISK_FULL. Keys are relative, `/`-separated,
    without `..`; anything else is a BugError.
    """

    def put(self, object_key: str, data: bytes) -> None:
        """Stores whole or not at all; replaces."""
        ...

    def put_stream(self, object_key: str, file: BinaryIO, size: int) -> None:
        """As `put`, with the next `size` bytes of a file, of which little is in memory at a time. Raises
        BugError when the file has less."""
        ...

    def get(self, object_key: str) -> bytes: ...

    def get_stream(self, object_key: str, start: int = 0) -> ObjectStream:
        """The object without having it whole in memory, from the byte `start` on, which it has."""
        ...

    def presigned_get(self, object_key: str, seconds: float, file_name: str = "") -> str | None:
        """An address at which anybody gets the object until so many seconds (at most seven days) are over;
        the browser saves it as `file_name`. None where the store has no addresses: stream it instead.

        Nobody is asked whether the object is there.
        """
        ...

    def has(self, object_key: str) -> bool: ...

    def delete(self, object_key: str) -> None:
        """Harmless when it is not there."""
        ...

    def keys(self, prefix: str) -> Iterator[str]:
        """In lexical order."""
        ...


def original_key(event_id: str, photo_id: str, suffix: str = ".jpg") -> str:
    """Where a photo's original is kept; `suffix` is the file's own, lower case."""
    return f"events/{event_id}/originals/{photo_id}{suffix}"


def key_of_original(photo: Photo) -> str:
    """Where the original of a photo is kept, under its file's own ending."""
    suffix = PurePath(photo.file_name).suffix.lower()
    return original_key(photo.event_id, photo.photo_id, suffix if suffix[1:].isalnum() else "")


def preview_key(event_id: str, photo_id: str, size: PreviewSize) -> str:
    """Where a photo's thumbnail or watermarked preview is kept."""
    if size is PreviewSize.WATERMARKED:
        return f"events/{event_id}/watermarked/{photo_id}_wm.jpg"
    return f"events/{event_id}/thumbnails/{size}/{photo_id}.jpg"
