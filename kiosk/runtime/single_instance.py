"""One kiosk per data folder."""

from __future__ import annotations

import sys
from pathlib import Path
from types import TracebackType
from typing import IO

from kiosk.errors import ErrorCode, KnownError

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)


class SingleInstance:
    """Holds the lock of `home` between entering and leaving the `with` block.

    The operating system holds the lock, not the file's existence: whatever a killed process leaves behind
    is no obstacle. Raises KnownError: ALREADY_RUNNING, FOLDER_NOT_WRITABLE.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._file: IO[bytes] | None = None

    def __enter__(self) -> SingleInstance:
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            file = (self._home / "kiosk.lock").open("a+b")
        except OSError as error:
            raise KnownError(
                ErrorCode.FOLDER_NOT_WRITABLE,
                f"{self._home} cannot be written: {error.strerror}.",
                "Choose another folder with KIOSK_HOME.",
            ) from error
        try:
            _lock(file)
        except OSError as error:
            file.close()
            raise KnownError(
                ErrorCode.ALREADY_RUNNING,
                f"Another kiosk is running on {self._home}.",
                "Close it, or choose another folder with KIOSK_HOME.",
            ) from error
        self._file = file
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
