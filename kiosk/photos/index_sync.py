"""Keeps the index what SQL says: compared at start and before an import, repaired where it differs."""

from __future__ import annotations

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
    wanted = photos.face_keys(event_id, index.contract_id)
    missing, surplus = wanted - held, held - wanted
    if surplus:
        # Photos go as a whole: what else the index held of them is missing then, and added again.
        index.remove_photos(event_id, sorted({face.photo_id for face in surplus}))
        _add_faces(index, photos, event_id, wanted - index.faces(event_id))
    else:
        _add_faces(index, photos, event_id, missing)
    state = IndexState.INCOMPLETE if missing or surplus else IndexState.INTACT
    return IndexRepair(state if is_usable else IndexState.UNUSABLE, len(missing), len(surplus))


def _add_faces(index: VectorIndex, photos: PhotoRepository, event_id: str, missing: set[FaceKey]) -> None:
    """Adds these faces from SQL, in batches."""
    if not missing:
        return
    batch: list[tuple[FaceKey, Face]] = []
    for photo_id, face in photos.faces(event_id, index.contract_id):
        key = FaceKey(photo_id, face.ordinal)
        if key in missing:
            batch.append((key, face))
        if len(batch) == _BATCH:
            _add(index, event_id, batch)
            batch = []
    _add(index, event_id, batch)


def _add(index: VectorIndex, event_id: str, batch: list[tuple[FaceKey, Face]]) -> None:
    index.add(event_id, [key for key, _ in batch], [face.embedding for _, face in batch])
