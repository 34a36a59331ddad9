"""Keeps the index what SQL says: compared at start and before an import, repaired where it differs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import FaceKey, VectorIndex
from kiosk.photos.types import Face, PhotoRepository

_log = structlog.get_logger(__name__)
_BATCH = 1000


class IndexState(StrEnum):
    """How an event's index was found."""

    INTACT = "intact"
    INCOMPLETE = "incomplete"
    UNUSABLE = "unusable"


@dataclass(frozen=True, slots=True)
class IndexRepair:
    """What was found and done; `added` and `removed` count faces."""

    state: IndexState
    added: int = 0
    removed: int = 0


def verify_and_rebuild(index: VectorIndex, photos: PhotoRepository, event_id: str) -> IndexRepair:
    """Makes the index hold exactly the faces that SQL has on sale for the event, in the index's contract.

    One that is damaged or of another contract is dropped and filled anew. Doing it again is harmless.
    Raises KnownError: INDEX_UNREACHABLE, INDEX_LOCKED, DISK_FULL, DATABASE_*.
    """
    try:
        held = index.faces(event_id)
        is_usable = True
    except KnownError as error:
        if error.code not in (ErrorCode.INDEX_DAMAGED, ErrorCode.CONTRACT_MISMATCH):
            raise
        _log.warning("index_rebuilt", event_id=event_id, code=str(error.code))
        index.drop(event_id)
        held, is_usable = set(), False
    wanted, added = _add_missing(index, event_id, held, photos.faces(event_id, index.contract_id))
    surplus = sorted({face.photo_id for face in held - wanted})
    if surplus:
        index.remove_photos(event_id, surplus)
        # A photo may keep some of its faces: those went with the others and come back here.
        _add_missing(index, event_id, index.faces(event_id), photos.faces(event_id, index.contract_id))
    removed = len(held - wanted)
    state = IndexState.INCOMPLETE if added or removed else IndexState.INTACT
    return IndexRepair(state if is_usable else IndexState.UNUSABLE, added, removed)


def _add_missing(
    index: VectorIndex, event_id: str, held: set[FaceKey], rows: Iterable[tuple[str, Face]]
) -> tuple[set[FaceKey], int]:
    """Adds the faces that the index lacks, in batches; returns all keys of SQL, and how many were added."""
    wanted: set[FaceKey] = set()
    batch: list[tuple[FaceKey, Face]] = []
    added = 0
    for photo_id, face in rows:
        key = FaceKey(photo_id, face.ordinal)
        wanted.add(key)
        if key not in held:
            batch.append((key, face))
        if len(batch) == _BATCH:
            added += _add(index, event_id, batch)
            batch = []
    return wanted, added + _add(index, event_id, batch)


def _add(index: VectorIndex, event_id: str, batch: list[tuple[FaceKey, Face]]) -> int:
    index.add(event_id, [key for key, _ in batch], [face.embedding for _, face in batch])
    return len(batch)
