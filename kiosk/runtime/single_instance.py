"""One kiosk per data folder."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.file_lock import FileLock


class SingleInstance:
    """Holds the lock of `home` between entering and leaving the `with` block.

    Raises KnownError: ALREADY_RUNNING, FOLDER_NOT_WRITABLE.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._lock: FileLock | None = None

    def __enter__(self) -> SingleInstance:
        try:
            self._lock = FileLock.take(self._home / "kiosk.lock")
        except OSError as error:
            raise KnownError(
                ErrorCode.FOLDER_NOT_WRITABLE,
                f"{self._home} cannot be written: {error.strerror}.",
                "Choose another folder with KIOSK_HOME.",
            ) from error
        if self._lock is None:
            raise KnownError(
                ErrorCode.ALREADY_RUNNING,
                f"Another kiosk is running on {self._home}.",
                "Close it, or choose another folder with KIOSK_HOME.",
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None
