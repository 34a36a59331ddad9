"""Keeps the index what SQL says: compared whole at start, then by what came and went.

Keys are compared whole, and a key stands for one embedding: a photo's id is made of its event and its bytes,
its faces are written with it and never changed, and the contract names weights and preprocessing. Faces of
photos that came in while the kiosk ran are compared by their embeddings.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import FaceKey, VectorIndex
from kiosk.photos.types import Face, PhotoRepository, PhotoState

_log = structlog.get_logger(__name__)
_BATCH = 1000
_MOST_NEW_PHOTOS = 2000
"""From more on the whole comparison, one stream through SQL, is the quicker way."""
_ROUNDING = 1e-5
"""An index may hold embeddings turned by a secret, and so give them back a little off."""
_UNUSABLE = (ErrorCode.INDEX_DAMAGED, ErrorCode.CONTRACT_MISMATCH)


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
        if error.code not in _UNUSABLE:
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


def index_again(index: VectorIndex, photos: PhotoRepository, photo_id: str) -> None:
    """Makes the index hold the faces of one photo where it is on sale, and none where it is not.

    Raises KnownError: PHOTO_UNKNOWN, INDEX_*, DATABASE_*.
    """
    photo = photos.photo(photo_id)
    if photo.state is not PhotoState.ON_SALE:
        index.remove_photos(photo.event_id, [photo_id])
        return
    of_contract = [
        face for face in photos.photo_faces(photo_id) if face.embedding.contract_id == index.contract_id
    ]
    keys = [FaceKey(photo_id, face.ordinal) for face in of_contract]
    index.add(photo.event_id, keys, [face.embedding for face in of_contract])


@dataclass(frozen=True, slots=True)
class _Known:
    """What an event was when the index was last true to it."""

    event_id: str
    photo_ids: frozenset[str]
    faces: int


class IndexSync:
    """Keeps one index true to SQL while a kiosk runs. Lives on one thread.

    The first look at an event compares everything, the next ones only the photos that came on sale or went;
    after damage, or where the index holds less than it did, everything again.
    """

    def __init__(self, index: VectorIndex, photos: PhotoRepository) -> None:
        self._index = index
        self._photos = photos
        self._known: _Known | None = None

    def update(self, event_id: str) -> IndexRepair:
        """Makes the index hold the faces on sale of an event. Raises what `verify_and_rebuild` does."""
        known, self._known = self._known, None
        on_sale = frozenset(self._photos.ids_on_sale(event_id))
        if (
            known is None
            or len(on_sale - known.photo_ids) > _MOST_NEW_PHOTOS
            or not self._still_holds(known, event_id)
        ):
            repair = verify_and_rebuild(self._index, self._photos, event_id)
        else:
            repair = self._follow(known, on_sale)
        self._known = _Known(event_id, on_sale, self._index.count(event_id))
        return repair

    def is_sound(self, event_id: str) -> bool:
        """Whether the index answers and holds no less than when this last made it true; quick."""
        return self._known is not None and self._still_holds(self._known, event_id)

    def _still_holds(self, known: _Known, event_id: str) -> bool:
        try:
            return known.event_id == event_id and self._index.count(event_id) >= known.faces
        except KnownError:
            return False

    def _follow(self, known: _Known, on_sale: frozenset[str]) -> IndexRepair:
        gone = sorted(known.photo_ids - on_sale)
        before = self._index.count(known.event_id)
        if gone:
            self._index.remove_photos(known.event_id, gone)
        removed = before - self._index.count(known.event_id)
        added = 0
        batch: list[tuple[FaceKey, Face]] = []
        for photo_id in sorted(on_sale - known.photo_ids):
            batch += [(FaceKey(photo_id, face.ordinal), face) for face in self._photos.photo_faces(photo_id)]
            if len(batch) >= _BATCH:
                added += self._add_changed(known.event_id, batch)
                batch = []
        added += self._add_changed(known.event_id, batch)
        return IndexRepair(IndexState.INCOMPLETE if added or removed else IndexState.INTACT, added, removed)

    def _add_changed(self, event_id: str, batch: list[tuple[FaceKey, Face]]) -> int:
        """Adds those of these faces that the index lacks or holds with another embedding."""
        fitting = [pair for pair in batch if pair[1].embedding.contract_id == self._index.contract_id]
        held = self._index.embeddings(event_id, [key for key, _ in fitting])
        changed = [
            (key, face)
            for key, face in fitting
            if key not in held or np.abs(held[key].vector - face.embedding.vector).max() > _ROUNDING
        ]
        _add(self._index, event_id, changed)
        return len(changed)


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
