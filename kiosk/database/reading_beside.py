"""Reads a database file that SQLite has open in this process, without taking SQLite's locks away.

On POSIX a process that closes any descriptor of a file gives up all its locks on it, whoever took them
(sqlite.org/howtocorrupt.html, 2.2). Another program then takes the file for unused: it begins the index of
the journal anew under this one, which dies of it (SIGBUS) or goes on with a journal that is gone. So what is
opened here stays open until this process uses the file no more.
"""

from __future__ import annotations

import io
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

_HOLDS_BY_PROCESS = os.name == "posix"


@dataclass
class _Use:
    count: int = 0
    descriptors: dict[tuple[int, int], int] = field(default_factory=dict)
    """By device and number of the file, of which there may come another under the same name."""


_uses: dict[Path, _Use] = {}
_lock = threading.Lock()


def begin_use(path: Path) -> None:
    """Before SQLite opens a database file; as often as `end_use`."""
    with _lock:
        _uses.setdefault(path.absolute(), _Use()).count += 1


def end_use(path: Path) -> None:
    """After SQLite closed it."""
    with _lock:
        use = _uses[path.absolute()]
        use.count -= 1
        if use.count == 0:
            del _uses[path.absolute()]
            for descriptor in use.descriptors.values():
                os.close(descriptor)


def opened(path: Path, ending: str = "") -> IO[bytes]:
    """A database file, or what SQLite keeps beside it under this ending, to be read. Raises OSError."""
    file = path.with_name(path.name + ending)
    with _lock:
        use = _uses.get(path.absolute())
        if use is None or not _HOLDS_BY_PROCESS:
            return file.open("rb")
        found = file.stat()
        number = (found.st_dev, found.st_ino)
        if number not in use.descriptors:
            use.descriptors[number] = os.open(file, os.O_RDONLY)
        return io.BufferedReader(_Shared(use.descriptors[number]))


class _Shared(io.RawIOBase):
    """A place of its own in a descriptor that others read from as well, and that its end does not close."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_END:
            offset += os.fstat(self._descriptor).st_size
        elif whence == os.SEEK_CUR:
            offset += self._at
        self._at = offset
        return offset

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = os.pread(self._descriptor, len(buffer), self._at)
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)
