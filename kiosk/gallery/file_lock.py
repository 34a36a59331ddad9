"""A file that one process holds at a time; the operating system lets go when the process dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from kiosk.errors import ErrorCode, KnownError


class FileLock:
    """Holds `path` from construction to `release`. Raises KnownError(INDEX_LOCKED) when it is held."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._descriptor: int | None = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(self._descriptor)
        except OSError as error:
            os.close(self._descriptor)
            self._descriptor = None
            raise KnownError(
                ErrorCode.INDEX_LOCKED,
                "Another process holds the face index.",
                "Close the other kiosk, or do this from its staff screen.",
            ) from error

    def release(self) -> None:
        """Lets go; harmless when done twice."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
