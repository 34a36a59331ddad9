"""Forgetting on one machine what a deletion names: its rows, its faces in the index, its files, its memory.

Any step may be repeated, in any order and after any interruption: each looks for what is still there. The
rows go first, in one transaction, since SQL is the truth that the other stores are made from. What a step
took out is added to the holder's counts; they name nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Protocol

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import FaceKey, LeavesTraces, VectorIndex
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.types import (
    ObjectStore,
    PhotoRepository,
    PhotoState,
    PreviewSize,
    original_key,
    preview_key,
)

_UNUSABLE = (ErrorCode.INDEX_DAMAGED, ErrorCode.CONTRACT_MISMATCH)
_FEW = 20
"""So many photos are looked for one by one; for more, an event's originals are listed once."""


@dataclass(frozen=True, slots=True)
class Deletion:
    """What somebody asked to be forgotten; whatever of it a machine does not have is forgotten there already.

    Of an order its files and links go and the money's rows stay, as the law asks. What hangs on a consent is
    its own row, which says that it was taken back: faces searched for are stored nowhere.
    """

    deletion_id: str
    tenant_id: str
    requested_at: datetime
    event_id: str | None = None
    photo_ids: tuple[str, ...] = ()
    faces: tuple[FaceKey, ...] = ()
    order_id: str | None = None
    consent_id: str | None = None
    person_id: str | None = None

    @property
    def touches_photos(self) -> bool:
        return bool(self.photo_ids or self.faces)

    @property
    def what(self) -> str:
        """In a word, for staff."""
        kinds = {
            "photos": self.photo_ids,
            "faces": self.faces,
            "order": self.order_id,
            "consent": self.consent_id,
            "person": self.person_id,
        }
        return ", ".join(kind for kind, named in kinds.items() if named)


class DeletionRows(Protocol):
    """The rows of what is to be forgotten. Each method is one transaction. Raises KnownError DATABASE_*,
    DISK_FULL."""

    def forget(self, deletion: Deletion, holder: str) -> None:
        """Deletes every row, and adds how many to the holder's counts."""
        ...

    def events_of(self, deletion: Deletion) -> list[str]:
        """The events that its photos were in; all events where that is not known any more."""
        ...

    def upload_keys(self, deletion: Deletion) -> list[str]:
        """The files that its photos came in, where they were uploaded."""
        ...

    def forget_uploads(self, deletion: Deletion) -> None:
        """That these files are gone."""
        ...

    def download_keys(self, deletion: Deletion) -> list[str]:
        """The archives that were made of its order, and of orders with its photos."""
        ...

    def picture_keys(self, deletion: Deletion) -> list[str]:
        """The pictures of its person, and of their visits, that are still to be deleted."""
        ...

    def picture_folders(self, deletion: Deletion) -> list[str]:
        """What the keys of all pictures begin with that were taken of its person."""
        ...

    def named_pictures(self, keys: Sequence[str]) -> set[str]:
        """Those of them that belong to somebody who is known: who was taken for its person before."""
        ...

    def forget_pictures(self, deletion: Deletion) -> None:
        """That these files are gone."""
        ...

    def add_removed(self, deletion_id: str, holder: str, removed: Mapping[str, int]) -> None:
        """Adds to the holder's counts."""
        ...


class Erasure:
    """Takes what a deletion names out of the stores of one machine. Used by one thread at a time; the stores
    may be in use meanwhile.

    Raises KnownError as its stores do; then the step is to be done again.
    """

    def __init__(
        self,
        rows: DeletionRows,
        photos: PhotoRepository,
        index: VectorIndex,
        store: ObjectStore,
        forget_in_memory: Callable[[Deletion], None],
    ) -> None:
        """`forget_in_memory` drops what caches and pages hold of it."""
        self._rows = rows
        self._photos = photos
        self._index = index
        self._store = store
        self._forget_in_memory = forget_in_memory

    def from_rows(self, deletion: Deletion, holder: str) -> None:
        """Out of the database, and out of memory, which was read from there."""
        self._rows.forget(deletion, holder)
        self._forget_in_memory(deletion)

    def from_index(self, deletion: Deletion, holder: str) -> None:
        """Out of the index of faces. A photo that loses single faces is taken out whole and its other faces
        put back; whoever dies in between leaves them to the comparison with SQL."""
        if not deletion.touches_photos:
            return
        removed = 0
        for event_id in self._rows.events_of(deletion):
            before = self._index_count(event_id)
            self._out_of_index(event_id, deletion)
            removed += max(0, before - self._index_count(event_id))
        if isinstance(self._index, LeavesTraces) and self._index.empty_for_good():
            for event in self._photos.events():
                verify_and_rebuild(self._index, self._photos, event.event_id)
        self._rows.add_removed(deletion.deletion_id, holder, {"index_entries": removed})

    def from_files(self, deletion: Deletion, holder: str) -> None:
        """Out of the object store: originals, previews, uploads, archives made for buyers, and pictures of
        somebody who was known."""
        removed: Counter[str] = Counter()
        if deletion.photo_ids:
            for event_id in self._rows.events_of(deletion):
                removed["originals"] += self._delete(self._originals(event_id, deletion.photo_ids))
                removed["previews"] += self._delete(_previews(event_id, deletion.photo_ids))
            removed["uploads"] += self._delete(self._rows.upload_keys(deletion))
            self._rows.forget_uploads(deletion)
        removed["archives"] += self._delete(self._rows.download_keys(deletion))
        if deletion.person_id is not None:
            removed["pictures"] += self._delete(self._pictures(deletion))
            self._rows.forget_pictures(deletion)
        self._rows.add_removed(deletion.deletion_id, holder, removed)
        self._forget_in_memory(deletion)

    def _index_count(self, event_id: str) -> int:
        try:
            return self._index.count(event_id)
        except KnownError as error:
            if error.code not in _UNUSABLE:
                raise
            return 0

    def _out_of_index(self, event_id: str, deletion: Deletion) -> None:
        try:
            if deletion.photo_ids:
                self._index.remove_photos(event_id, deletion.photo_ids)
            for photo_id in sorted({face.photo_id for face in deletion.faces}):
                self._index.remove_photos(event_id, [photo_id])
                self._put_back(event_id, photo_id)
        except KnownError as error:
            if error.code not in _UNUSABLE:
                raise
            verify_and_rebuild(self._index, self._photos, event_id)  # made anew, from the rows that are left

    def _put_back(self, event_id: str, photo_id: str) -> None:
        try:
            photo = self._photos.photo(photo_id)
        except KnownError as error:
            if error.code is not ErrorCode.PHOTO_UNKNOWN:
                raise
            return
        if photo.event_id != event_id or photo.state is not PhotoState.ON_SALE:
            return
        left = [
            face
            for face in self._photos.photo_faces(photo_id)
            if face.embedding.contract_id == self._index.contract_id
        ]
        keys = [FaceKey(photo_id, face.ordinal) for face in left]
        self._index.add(event_id, keys, [face.embedding for face in left])

    def _originals(self, event_id: str, photo_ids: Collection[str]) -> Iterator[str]:
        """Under whatever ending they were stored: with the row went its file's name. The usual one is told to
        the store also where it has no such file: it may mean to fetch it."""
        yield from (original_key(event_id, photo_id) for photo_id in photo_ids)
        if len(photo_ids) <= _FEW:
            prefixes = [original_key(event_id, photo_id, "") for photo_id in photo_ids]
        else:
            prefixes = [original_key(event_id, "", "")]
        wanted = frozenset(photo_ids)
        for prefix in prefixes:
            yield from (key for key in list(self._store.keys(prefix)) if PurePosixPath(key).stem in wanted)

    def _pictures(self, deletion: Deletion) -> list[str]:
        """Also one that was written for a row which did not come any more."""
        keys = dict.fromkeys(self._rows.picture_keys(deletion))
        for folder in self._rows.picture_folders(deletion):
            found = list(self._store.keys(folder))
            others = self._rows.named_pictures(found)
            keys |= dict.fromkeys(key for key in found if key not in others)
        return list(keys)

    def _delete(self, keys: Iterable[str]) -> int:
        deleted = 0
        for key in keys:
            deleted += self._store.has(key)
            self._store.delete(key)
        return deleted


def _previews(event_id: str, photo_ids: Iterable[str]) -> Iterator[str]:
    for photo_id in photo_ids:
        for size in PreviewSize:
            yield preview_key(event_id, photo_id, size)
