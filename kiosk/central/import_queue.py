"""Who imports the files that were sent: this process, or workers on any number of machines."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Protocol

import structlog

from kiosk.central.importing import FileImport
from kiosk.database.uploads import FileName, SqlUploads
from kiosk.errors import KnownError
from kiosk.runtime.crash import record_crash

_log = structlog.get_logger(__name__)
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 30.0


class ImportQueue(Protocol):
    """Takes files that wait to those who import them. SQL says what waits; a queue only carries names, and
    whatever it loses is found again by looking there."""

    def start(self) -> None:
        """Begins to see to files, those left over from before first. Once; harmless when repeated."""
        ...

    def submit(self, files: Sequence[FileName]) -> None:
        """Tells of files that wait. Never fails: a name that does not get through is found later."""
        ...

    def close(self) -> None:
        """Ends at once; the file at work is finished first, within seconds."""
        ...


class InProcessQueue:
    """One thread of this process imports the waiting files, the longest waiting first.

    A fault of the stores pauses it, for 0.5 s that double up to 30 s, and the file has its next turn after
    the others; a bug in one file leaves that file for the next start, and goes on with the others.
    """

    def __init__(self, importing: FileImport, uploads: SqlUploads) -> None:
        self._importing = importing
        self._uploads = uploads
        self._news = threading.Event()
        self._is_closed = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        with self._lock:
            if self._thread is None and not self._is_closed.is_set():
                self._news.set()
                self._thread = threading.Thread(target=self._work, name="central-import", daemon=True)
                self._thread.start()

    def submit(self, files: Sequence[FileName]) -> None:
        self._news.set()
        self.start()

    def close(self) -> None:
        self._is_closed.set()
        self._news.set()
        with self._lock:
            if self._thread is not None:
                self._thread.join(30)

    def _work(self) -> None:
        pause_s = _FIRST_PAUSE_S
        given_up: set[FileName] = set()
        while not self._is_closed.is_set():
            self._news.clear()
            try:
                waiting = [name for name in self._uploads.unfinished() if name not in given_up]
                self._import_all(waiting, given_up)
                pause_s = _FIRST_PAUSE_S
            except KnownError as error:
                _log.warning("import_pauses", code=error.code, detail=error.detail, seconds=pause_s)
                self._is_closed.wait(pause_s)
                pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)
                continue
            if not waiting:
                self._news.wait()

    def _import_all(self, waiting: Sequence[FileName], given_up: set[FileName]) -> None:
        for name in waiting:
            if self._is_closed.is_set():
                return
            try:
                self._importing.run(name)
            except KnownError:
                raise
            except Exception as error:  # noqa: BLE001 - one bad file must not keep the others from being taken
                record_crash("central-import", error)
                given_up.add(name)
