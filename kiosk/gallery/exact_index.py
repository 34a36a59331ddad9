"""The reference index: exact search over a memory-mapped file for each event."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import structlog

from kiosk.gallery.blocks import KEY_BYTES
from kiosk.gallery.checks import check_contract, checked_event_id, locked_for_one_process, newest_of_each
from kiosk.gallery.event_file import EventFile, is_of_contract
from kiosk.gallery.types import Candidate, FaceKey
from kiosk.vision.types import Embedding

_log = structlog.get_logger(__name__)
_FILE_NAME = "faces.index"


class ExactIndex:
    """Defines what search means; every other index is held against it.

    A similarity is the product of two float32 vectors summed in double precision and rounded to float32, and
    every face of the event is compared. `folder` holds one folder per event id. Thread-safe: adding and
    searching run side by side. One process at a time. An event's file is opened and checked at its first use,
    the vectors when they are read; a damaged one raises KnownError(INDEX_DAMAGED) from then on, one of other
    weights CONTRACT_MISMATCH; `drop` takes it away in any case. Other errors: INDEX_LOCKED at construction,
    DISK_FULL.
    """

    def __init__(self, folder: Path, contract_id: str) -> None:
        self._folder = folder
        self._contract_id = contract_id
        self._files: dict[str, EventFile] = {}
        self._guard = threading.Lock()
        self._lock = locked_for_one_process(folder / "lock")

    @property
    def contract_id(self) -> str:
        return self._contract_id

    def add(self, event_id: str, faces: Sequence[FaceKey], embeddings: Sequence[Embedding]) -> None:
        newest, vectors = newest_of_each(self._contract_id, faces, embeddings)
        if newest:
            self._file(event_id).put([_pack(face) for face in newest], vectors)

    def remove_photos(self, event_id: str, photo_ids: Sequence[str]) -> None:
        if self._exists(event_id):
            self._file(event_id).remove_photos({bytes.fromhex(photo_id) for photo_id in photo_ids})

    def search(
        self, event_id: str, probe: Embedding, *, min_similarity: float = -1.0, limit: int | None = None
    ) -> list[Candidate]:
        check_contract(self._contract_id, probe)
        if not self._exists(event_id):
            return []
        found = self._file(event_id).nearest(probe.vector, min_similarity, limit)
        best = sorted((-cosine, *_unpacked(key)) for key, cosine in found)
        return [Candidate(FaceKey(photo_id, ordinal), -cosine) for cosine, photo_id, ordinal in best[:limit]]

    def faces(self, event_id: str) -> set[FaceKey]:
        if not self._exists(event_id):
            return set()
        return {FaceKey(*_unpacked(key)) for key in self._file(event_id).checked_keys()}

    def count(self, event_id: str) -> int:
        return len(self._file(event_id)) if self._exists(event_id) else 0

    def embeddings(self, event_id: str, faces: Sequence[FaceKey]) -> dict[FaceKey, Embedding]:
        if not self._exists(event_id):
            return {}
        vectors = self._file(event_id).vectors([_pack(face) for face in faces])
        return {
            FaceKey(*_unpacked(key)): Embedding(vector, self._contract_id) for key, vector in vectors.items()
        }

    def drop(self, event_id: str) -> None:
        with self._guard:
            self._files.pop(event_id, None)
            shutil.rmtree(self._event_folder(event_id), ignore_errors=True)
        _log.info("index_event_dropped", event_id=event_id)

    def drop_others(self) -> None:
        """Forgets every event whose file is of another contract than this index, without opening it."""
        for path in self._folder.glob(f"*/{_FILE_NAME}"):
            if not is_of_contract(path, self._contract_id):
                self.drop(path.parent.name)

    def close(self) -> None:
        with self._guard:
            for file in self._files.values():
                file.flush()
            self._files.clear()
            self._lock.release()

    def _event_folder(self, event_id: str) -> Path:
        return self._folder / checked_event_id(event_id)

    def _exists(self, event_id: str) -> bool:
        return event_id in self._files or (self._event_folder(event_id) / _FILE_NAME).exists()

    def _file(self, event_id: str) -> EventFile:
        with self._guard:
            if event_id not in self._files:
                path = self._event_folder(event_id) / _FILE_NAME
                self._files[event_id] = EventFile(path, self._contract_id)
            return self._files[event_id]


def _pack(face: FaceKey) -> bytes:
    """16 bytes of the photo's id, 2 of the ordinal."""
    return bytes.fromhex(face.photo_id) + face.ordinal.to_bytes(KEY_BYTES - 16, "little")


def _unpacked(key: bytes) -> tuple[str, int]:
    return key[:16].hex(), int.from_bytes(key[16:], "little")
