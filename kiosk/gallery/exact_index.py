"""The reference index: exact search by one matrix product over a memory-mapped file for each event."""

from __future__ import annotations

import re
import shutil
import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import structlog

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.gallery.event_file import KEY_BYTES, EventFile
from kiosk.gallery.folder_lock import FolderLock
from kiosk.gallery.types import Candidate, FaceKey
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, FloatArray

_log = structlog.get_logger(__name__)
_EVENT_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
_FILE_NAME = "faces.index"


class ExactIndex:
    """Defines what search means; every other index is held against it.

    `folder` holds one folder per event id. Thread-safe: adding and searching run side by side. One process at
    a time. An event's file is opened and checked at its first use; a damaged one raises
    KnownError(INDEX_DAMAGED) there, one of other weights CONTRACT_MISMATCH; `drop` takes it away in any case.
    Other errors: INDEX_LOCKED at construction, DISK_FULL.
    """

    def __init__(self, folder: Path, contract_id: str) -> None:
        self._folder = folder
        self._contract_id = contract_id
        self._files: dict[str, EventFile] = {}
        self._guard = threading.Lock()
        self._lock = FolderLock(folder)

    @property
    def contract_id(self) -> str:
        return self._contract_id

    def add(self, event_id: str, faces: Sequence[FaceKey], embeddings: Sequence[Embedding]) -> None:
        if len(faces) != len(embeddings):
            raise BugError(f"{len(faces)} faces came with {len(embeddings)} embeddings")
        if not faces:
            return
        for embedding in embeddings:
            check_contract(self._contract_id, embedding)
        newest = {pack_key(face): embedding.vector for face, embedding in zip(faces, embeddings, strict=True)}
        self._file(event_id).put(list(newest), unit_rows(list(newest.values())))

    def remove_photos(self, event_id: str, photo_ids: Sequence[str]) -> None:
        if self._exists(event_id):
            self._file(event_id).remove_photos({bytes.fromhex(photo_id) for photo_id in photo_ids})

    def search(
        self, event_id: str, probe: Embedding, *, min_similarity: float = -1.0, limit: int | None = None
    ) -> list[Candidate]:
        check_contract(self._contract_id, probe)
        if not self._exists(event_id):
            return []
        similarities, records = self._file(event_id).similarities(probe.vector)
        np.clip(similarities, -1.0, 1.0, out=similarities)
        rows = np.flatnonzero((similarities >= min_similarity) & (records["gone"] == 0))
        if limit is not None and len(rows) > limit:
            rows = rows[np.argpartition(-similarities[rows], limit)[:limit]]
        found = [
            Candidate(unpack_key(records["key"][row].tobytes()), float(similarities[row])) for row in rows
        ]
        return sorted(found, key=lambda candidate: (-candidate.similarity, candidate.face))

    def faces(self, event_id: str) -> set[FaceKey]:
        if not self._exists(event_id):
            return set()
        return {unpack_key(key) for key in self._file(event_id).keys}

    def drop(self, event_id: str) -> None:
        with self._guard:
            self._files.pop(event_id, None)
            shutil.rmtree(self._event_folder(event_id), ignore_errors=True)
        _log.info("index_event_dropped", event_id=event_id)

    def close(self) -> None:
        with self._guard:
            for file in self._files.values():
                file.flush()
            self._files.clear()
            self._lock.release()

    def _event_folder(self, event_id: str) -> Path:
        if not _EVENT_ID.fullmatch(event_id):
            raise BugError(f"{event_id!r} cannot name an event's folder")
        return self._folder / event_id

    def _exists(self, event_id: str) -> bool:
        return event_id in self._files or (self._event_folder(event_id) / _FILE_NAME).exists()

    def _file(self, event_id: str) -> EventFile:
        with self._guard:
            if event_id not in self._files:
                path = self._event_folder(event_id) / _FILE_NAME
                self._files[event_id] = EventFile(path, self._contract_id)
            return self._files[event_id]


def check_contract(contract_id: str, embedding: Embedding) -> None:
    """Raises KnownError(CONTRACT_MISMATCH) for an embedding of other weights."""
    if embedding.contract_id != contract_id:
        raise KnownError(
            ErrorCode.CONTRACT_MISMATCH,
            f"The index holds embeddings of {contract_id}, not of {embedding.contract_id}.",
            "Import the event's photos again with the engine in use.",
        )


def unit_rows(vectors: Sequence[FloatArray]) -> FloatArray:
    """The vectors as rows, n x 512. One that is not finite and of length 1 is a BugError."""
    rows = np.stack(vectors).astype(np.float32, copy=False)
    lengths = np.linalg.norm(rows, axis=1)
    if rows.shape[1] != EMBEDDING_SIZE or not bool(np.all(np.abs(lengths - 1.0) < 1e-3)):
        raise BugError("an embedding is not a vector of 512 numbers and length 1")
    return rows


def pack_key(face: FaceKey) -> bytes:
    """16 bytes of the photo's id, 2 of the ordinal."""
    try:
        key = bytes.fromhex(face.photo_id) + face.ordinal.to_bytes(2, "little")
    except (ValueError, OverflowError) as error:
        raise BugError(f"{face} cannot be a key of the index") from error
    if len(key) != KEY_BYTES:
        raise BugError(f"{face.photo_id!r} is not a photo id of 32 hex digits")
    return key


def unpack_key(key: bytes) -> FaceKey:
    """The face that `pack_key` packed."""
    return FaceKey(key[:16].hex(), int.from_bytes(key[16:], "little"))
