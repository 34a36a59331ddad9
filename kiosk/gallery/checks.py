"""What every index asks of ids and embeddings before it takes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.gallery.types import FaceKey
from kiosk.runtime.file_lock import FileLock
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, FloatArray

_EVENT_ID = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,63}")
_PHOTO_ID = re.compile(r"[0-9a-f]{32}")
_MAX_ORDINAL = 65535


def locked_for_one_process(path: Path) -> FileLock:
    """The lock of a local index. Raises KnownError(INDEX_LOCKED) while another process holds it."""
    lock = FileLock.take(path)
    if lock is None:
        raise KnownError(
            ErrorCode.INDEX_LOCKED,
            "Another process holds the face index.",
            "Close the other kiosk, or do this from its staff screen.",
        )
    return lock


def check_contract(contract_id: str, embedding: Embedding) -> None:
    """Raises KnownError(CONTRACT_MISMATCH) for an embedding of other weights."""
    if embedding.contract_id != contract_id:
        raise KnownError(
            ErrorCode.CONTRACT_MISMATCH,
            f"The index holds embeddings of {contract_id}, not of {embedding.contract_id}.",
            "Import the event's photos again with the engine in use.",
        )


def checked_event_id(event_id: str) -> str:
    """The id, which may name a folder and stand in a filter; another one is a BugError."""
    if not _EVENT_ID.fullmatch(event_id):
        raise BugError(f"{event_id!r} is not an event id")
    return event_id


def checked_photo_id(photo_id: str) -> str:
    """The id, 32 hex digits; another one is a BugError."""
    if not _PHOTO_ID.fullmatch(photo_id):
        raise BugError(f"{photo_id!r} is not a photo id of 32 hex digits")
    return photo_id


def newest_of_each(
    contract_id: str, faces: Sequence[FaceKey], embeddings: Sequence[Embedding]
) -> tuple[list[FaceKey], FloatArray]:
    """The faces, each once, and their vectors as rows (n x 512); of a face given twice the later one.

    Raises KnownError(CONTRACT_MISMATCH), and BugError for keys and vectors that cannot be.
    """
    if len(faces) != len(embeddings):
        raise BugError(f"{len(faces)} faces came with {len(embeddings)} embeddings")
    newest: dict[FaceKey, FloatArray] = {}
    for face, embedding in zip(faces, embeddings, strict=True):
        check_contract(contract_id, embedding)
        checked_photo_id(face.photo_id)
        if not 0 <= face.ordinal <= _MAX_ORDINAL:
            raise BugError(f"{face.ordinal} is not the ordinal of a face")
        newest[face] = embedding.vector
    if not newest:
        return [], np.empty((0, EMBEDDING_SIZE), np.float32)
    rows = np.stack(list(newest.values())).astype(np.float32, copy=False)
    if rows.shape[1:] != (EMBEDDING_SIZE,) or not _are_unit(rows):
        raise BugError("an embedding is not a vector of 512 numbers and length 1")
    return list(newest), rows


def _are_unit(rows: FloatArray) -> bool:
    return bool(np.all(np.abs(np.linalg.norm(rows, axis=1) - 1.0) < 1e-3))
