"""Taking in what a photographer sends: to the object store, then to the list of what waits for its import."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from kiosk.central.centre import Centre
from kiosk.database.uploads import FileName, FileState, ReceivedFile, Upload, UploadedFile
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.decoding import MAX_FILE_BYTES

_PART_BYTES = 1024 * 1024
_LONGEST_NAME = 150
_NAMELESS = "photo"


@dataclass(frozen=True, slots=True)
class SentFile:
    """A file as it was sent: what the sender calls it, and its bytes, read from where they begin."""

    name: str
    file: BinaryIO
    size: int


def receive(centre: Centre, upload: Upload, place: str, files: list[SentFile]) -> list[UploadedFile]:
    """The files of one call as they are now, in its order; the new ones wait for their import.

    Each is stored before it is listed, so whatever breaks off is sent again and doubles nothing: a file of
    the same name and content is the one that came before. `place` is where they were taken.
    Raises KnownError: UPLOAD_REFUSED, OBJECT_STORE_*, DATABASE_*, DISK_FULL.
    """
    opened = centre.uploads.open(upload)
    taken: list[UploadedFile] = []
    new: list[FileName] = []
    try:
        for sent in files:
            file, is_new = _receive_one(centre, opened, place, sent)
            taken.append(file)
            if is_new and file.state is FileState.WAITING:
                new.append((file.upload_id, file.ordinal))
    finally:
        centre.imports.submit(new)
    return taken


def _receive_one(centre: Centre, upload: Upload, place: str, sent: SentFile) -> tuple[UploadedFile, bool]:
    name = plain_name(sent.name)
    content_hash = _hash(sent.file)
    before = centre.uploads.find(upload.upload_id, name, content_hash)
    if before is not None:
        return before, False
    received = ReceivedFile(
        file_name=name,
        content_hash=content_hash,
        object_key=f"uploads/{upload.upload_id}/{_short_hash(content_hash, name)}",
        size=sent.size,
        place=place,
        received_at=centre.clock.now(),
    )
    if sent.size > MAX_FILE_BYTES:
        too_large = KnownError(
            ErrorCode.PHOTO_TOO_LARGE,
            f"The file has {sent.size // 2**20} MB; {MAX_FILE_BYTES // 2**20} are allowed.",
            "Export it smaller.",
        )
        return centre.uploads.add(upload.upload_id, received, too_large)
    sent.file.seek(0)
    centre.archive.store.put_stream(received.object_key, sent.file, sent.size)
    return centre.uploads.add(upload.upload_id, received)


def plain_name(name: str) -> str:
    """A file's own name, without folders and what cannot be printed."""
    last = PurePosixPath(name.replace("\\", "/")).name
    kept = "".join(letter for letter in last if letter.isprintable()).strip()
    stem, dot, suffix = kept.rpartition(".")
    if len(kept) > _LONGEST_NAME:
        kept = f"{stem[:_LONGEST_NAME]}{dot}{suffix[:10]}"
    return kept or _NAMELESS


def _hash(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while part := file.read(_PART_BYTES):
        digest.update(part)
    return digest.hexdigest()


def _short_hash(content_hash: str, name: str) -> str:
    return hashlib.sha256(f"{content_hash}/{name}".encode()).hexdigest()[:32]
