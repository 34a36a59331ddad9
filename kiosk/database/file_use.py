"""Which processes use a SQLite file, so that none puts another file in its place under the others."""

from __future__ import annotations

import os
from pathlib import Path

from kiosk.database.reading_beside import begin_use, end_use

try:
    import fcntl
except ImportError:  # Windows, which refuses by itself to replace a file that is open
    fcntl = None  # type: ignore[assignment]


class FileUse:
    """This process's use of a database file, from before it is opened until `end`.

    `is_alone` says that no other process used it when this began; then all others wait, with opening it,
    until `share` is called. The mark is a lock on a small file beside the database; the system drops it with
    the process, however that ends.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = os.open(path.with_name(path.name + ".use"), os.O_RDWR | os.O_CREAT, 0o600)
        begin_use(path)
        self.is_alone = self._is_first()

    def share(self) -> None:
        """Lets others open the file, too."""
        if fcntl is not None:
            fcntl.flock(self._mark, fcntl.LOCK_SH)

    def end(self) -> None:
        """The file is not used any more; harmless when repeated."""
        if self._mark >= 0:
            os.close(self._mark)
            self._mark = -1
            end_use(self._path)

    def _is_first(self) -> bool:
        if fcntl is None:
            return True
        try:
            fcntl.flock(self._mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            fcntl.flock(self._mark, fcntl.LOCK_SH)  # waits while another brings the database up to date
            return False
        return True
