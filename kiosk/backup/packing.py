"""Packs parts into one sealed file, and unpacks one into a folder of its own: a tar inside the seal, the
manifest last, so that everything is read once."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from kiosk.backup.manifest import MANIFEST, Manifest, PartRecord, check_name, read_manifest
from kiosk.backup.sealed_stream import SealingWriter, UnsealingReader, damaged

_AT_ONCE = 1 << 20
_LARGEST_MANIFEST = 512 * 2**20
Progress = Callable[[int], None]
"""Told how many bytes were read or written since the last time."""


@dataclass(frozen=True, slots=True)
class Part:
    """A file that goes into a backup, and what it is called there."""

    name: str
    path: Path


def pack(
    target: Path,
    passphrase: str,
    manifest: Manifest,
    parts: Iterable[Part],
    progress: Progress = lambda _: None,
) -> Manifest:
    """Writes the backup; it appears under its name whole and on disk, or not at all. A part that is gone by
    now is left out (somebody was forgotten meanwhile). Returns the manifest with its parts. Raises
    OSError."""
    unfinished = target.with_name(target.name + ".unfinished")
    try:
        with unfinished.open("wb") as file:
            unfinished.chmod(0o600)
            sealed = SealingWriter(file, passphrase)
            with tarfile.open(fileobj=cast("IO[bytes]", sealed), mode="w|", format=tarfile.PAX_FORMAT) as tar:
                records = tuple(found for part in parts if (found := _add(tar, part, progress)))
                done = manifest.model_copy(update={"parts": records})
                data = done.model_dump_json().encode()
                tar.addfile(_entry(MANIFEST, len(data)), BytesIO(data))
            sealed.close()
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return done


def unpack(source: Path, passphrase: str, folder: Path, progress: Progress = lambda _: None) -> Manifest:
    """Unpacks a backup into an empty folder, and checks every byte of it against its manifest.

    Raises KnownError: BACKUP_INVALID, BACKUP_PASSPHRASE; OSError.
    """
    found: dict[str, PartRecord] = {}
    manifest: Manifest | None = None
    with source.open("rb") as file:
        sealed = UnsealingReader(cast("BinaryIO", file), passphrase)
        try:
            with tarfile.open(fileobj=cast("IO[bytes]", sealed), mode="r|") as tar:
                for entry in tar:
                    if manifest is not None or not entry.isreg():
                        raise damaged()
                    data: Any = tar.extractfile(entry)
                    if entry.name == MANIFEST:
                        if entry.size > _LARGEST_MANIFEST:
                            raise damaged()
                        manifest = read_manifest(data.read())
                    else:
                        found[entry.name] = _take(data, entry, folder, progress)
        except tarfile.TarError as broken:
            raise damaged() from broken
        sealed.read()  # to the end: that nothing is missing there is known by its last chunk
    if manifest is None or {part.name: part for part in manifest.parts} != found:
        raise damaged()
    return manifest


def _add(tar: tarfile.TarFile, part: Part, progress: Progress) -> PartRecord | None:
    try:
        file = part.path.open("rb")
    except FileNotFoundError:
        return None
    with file:
        size = os.fstat(file.fileno()).st_size
        hashed = _Hashed(file, progress)
        tar.addfile(_entry(check_name(part.name), size), cast("IO[bytes]", hashed))
    return PartRecord(name=part.name, size=size, sha256=hashed.sha256.hexdigest())


def _take(data: IO[bytes], entry: tarfile.TarInfo, folder: Path, progress: Progress) -> PartRecord:
    path = folder / check_name(entry.name)
    path.parent.mkdir(parents=True, exist_ok=True)
    hashed = _Hashed(data, progress)
    with path.open("xb") as file:
        while block := hashed.read(_AT_ONCE):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return PartRecord(name=entry.name, size=entry.size, sha256=hashed.sha256.hexdigest())


class _Hashed:
    """Hashes what is read through it."""

    def __init__(self, file: IO[bytes], progress: Progress) -> None:
        self._file = file
        self._progress = progress
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        self._progress(len(data))
        return data


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size = size
    entry.mode = 0o600
    return entry
