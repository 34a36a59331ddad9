"""Files in a folder: the object store of a kiosk that stands alone."""

from __future__ import annotations

import errno
import os
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.object_keys import check_key
from kiosk.photos.object_parts import PART_BYTES, parts_of
from kiosk.runtime.whole_file import flush_folder

_PARTIAL = ".partial"
_NOT_NOW = frozenset({errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE})
"""What a read can fail with although the file is there."""
_PARTIAL_AGE_S = 3600


class FolderObjectStore:
    """One file per key under `root`. A file appears under its name whole or not at all, power cut included:
    it is written aside, synced and moved. Safe for several threads and processes.

    Raises KnownError: OBJECT_MISSING, DISK_FULL, FOLDER_NOT_WRITABLE.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._partial = root / _PARTIAL
        try:
            self._partial.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _known(error, root) from error
        self._sweep()

    def put(self, object_key: str, data: bytes) -> None:
        self._put(object_key, [data])

    def put_stream(self, object_key: str, file: BinaryIO, size: int) -> None:
        self._put(object_key, parts_of(file, size))

    def get(self, object_key: str) -> bytes:
        try:
            return self._path(object_key).read_bytes()
        except OSError as error:
            raise _missing(object_key, error) from error

    def get_stream(self, object_key: str, start: int = 0) -> FileStream:
        try:
            return FileStream(self._path(object_key).open("rb"), start)
        except OSError as error:
            raise _missing(object_key, error) from error

    def presigned_get(self, object_key: str, seconds: float, file_name: str = "") -> None:
        check_key(object_key)

    def has(self, object_key: str) -> bool:
        return self._path(object_key).is_file()

    def delete(self, object_key: str) -> None:
        try:
            self._path(object_key).unlink(missing_ok=True)
        except NotADirectoryError:
            return
        except OSError as error:
            raise _known(error, self._path(object_key)) from error

    def keys(self, prefix: str) -> Iterator[str]:
        yield from _walk(self._root, "", prefix)

    def _put(self, object_key: str, parts: Iterable[bytes]) -> None:
        path = self._path(object_key)
        partial = self._partial / uuid.uuid4().hex
        try:
            with partial.open("xb") as file:
                for part in parts:
                    file.write(part)
                file.flush()
                os.fsync(file.fileno())
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.replace(path)
            flush_folder(path.parent)
        except OSError as error:
            raise _known(error, path) from error
        finally:
            partial.unlink(missing_ok=True)

    def _path(self, object_key: str) -> Path:
        check_key(object_key)
        return self._root / object_key

    def _sweep(self) -> None:
        """Takes away what writers left that died; young files may belong to another process at work."""
        for path in self._partial.iterdir():
            if time.time() - path.stat().st_mtime > _PARTIAL_AGE_S:
                path.unlink(missing_ok=True)


class FileStream:
    """A file of the folder, read part by part (`kiosk.photos.types.ObjectStream`)."""

    def __init__(self, file: BinaryIO, start: int = 0) -> None:
        self._file = file
        self.size = os.fstat(file.fileno()).st_size
        file.seek(start)

    def __iter__(self) -> Iterator[bytes]:
        with self._file:
            while part := self._file.read(PART_BYTES):
                yield part

    def close(self) -> None:
        self._file.close()


def _walk(folder: Path, before: str, prefix: str) -> Iterator[str]:
    """Keys under `folder` in lexical order of the whole key, where `/` counts as a letter like any other."""
    with os.scandir(folder) as scan:
        entries = [(f"{before}{entry.name}" + ("/" if entry.is_dir() else ""), entry) for entry in scan]
    for name, entry in sorted(entries, key=lambda pair: pair[0]):
        if entry.name.startswith("."):
            continue
        if not entry.is_dir():
            if name.startswith(prefix):
                yield name
        elif name.startswith(prefix) or prefix.startswith(name):
            yield from _walk(Path(entry.path), name, prefix)


def _missing(object_key: str, error: OSError) -> KnownError:
    if error.errno in _NOT_NOW:
        return KnownError(
            ErrorCode.OBJECT_STORE_UNREACHABLE,
            f"{object_key} cannot be read now: {error.strerror}.",
            "Look whether the disk of the data folder is well; then try again.",
        )
    return KnownError(
        ErrorCode.OBJECT_MISSING, f"{object_key} cannot be read: {error.strerror}.", "Import the photo again."
    )


def _known(error: OSError, path: Path) -> KnownError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return KnownError(ErrorCode.DISK_FULL, f"No room to store {path.name}.", "Free some space.")
    return KnownError(
        ErrorCode.FOLDER_NOT_WRITABLE,
        f"{path.name} cannot be written: {error.strerror}.",
        "Check the rights on the data folder.",
    )
