"""Folds a SQLite journal into its file and keeps the sums of the file's pages (`kiosk.database.page_sums`).

SQLite would fold by itself; then nobody knew which pages changed, and a crash would leave sums that are not
true. So it is told not to (`wal_autocheckpoint=0`), and here is the only place that folds: under a lock that
all programs on the file share, while nobody writes, so that the journal is not begun anew before the sums
are on disk. And SQLite folds when the last connection to a file is closed, which a pool does at any time:
so one is kept open for as long as this process uses the file.
"""

from __future__ import annotations

import sqlite3
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import structlog

from kiosk.database.page_sums import (
    DIGEST_BYTES,
    Damage,
    Sums,
    damage_of,
    digest_of,
    drop_sums,
    page_size_of,
    pages_in_journal,
    read_sums,
    sums_of_file,
    sums_path,
    write_sums,
)
from kiosk.database.reading_beside import opened
from kiosk.runtime.file_lock import FileLock

_log = structlog.get_logger(__name__)
_FRAMES = 1000
"""So many pages in the journal are folded at a time, as SQLite itself does."""
_WAIT_S = 10.0
_TRY_EVERY_S = 0.01
_INDEX_BYTES = 100


class Folding:
    """Of one database file, in one process. Any thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._here = threading.Lock()
        self._folded_ns = -1
        self._anchor: sqlite3.Connection | None = None
        self._begun = path.with_name(path.name + ".folding")
        """While somebody folds: which run of the journal. Where it is left behind, and the journal has been
        begun anew by others since, nobody knows which pages changed."""

    def begin(self) -> None:
        """The file is open, and its journal in use. Raises sqlite3.Error."""
        self._anchor = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False)
        self._anchor.execute("SELECT count(*) FROM sqlite_master").fetchone()

    def fold_if_large(self) -> None:
        """After a commit: where much stands in the journal and nobody folds already."""
        if _unfolded_frames(self._path) < _FRAMES or not self._here.acquire(blocking=False):
            return
        try:
            lock = self._lock(0.0)
            if lock is not None:
                try:
                    self._fold()
                finally:
                    lock.release()
        except (sqlite3.OperationalError, OSError) as error:  # a full disk: another commit does it
            _log.warning("journal_not_folded", kind=type(error).__name__)
        finally:
            self._here.release()

    def fold(self) -> None:
        """All that stands in the journal, as far as nobody reads from it. Raises sqlite3.OperationalError,
        OSError; sqlite3.DatabaseError for a damaged file."""
        with self._alone() as is_alone:
            if not is_alone:
                return
            is_settled = sums_path(self._path).exists() and not self._begun.exists()
            if is_settled and _unfolded_frames(self._path) == 0:
                self._folded_ns = self._path.stat().st_mtime_ns  # nothing to fold
            else:
                self._fold()

    @contextmanager
    def emptying(self) -> Iterator[bool]:
        """Around an emptying of the journal by SQLite itself, which folds what `_fold` had to leave because
        somebody read from it. False where somebody else folds for too long: then it must not be done. Raises
        as `fold`."""
        with self._alone() as is_alone:
            if not is_alone:
                yield False
                return
            changes = _changes(self._path)
            self._fold()
            is_folded = _unfolded_frames(self._path) == 0
            sums = read_sums(self._path)
            drop_sums(self._path)  # should this end here, nothing is said that may not be true
            try:
                yield True
            finally:
                if sums is not None:
                    is_same = is_folded and _changes(self._path) == changes
                    write_sums(self._path, sums if is_same else sums_of_file(self._path, sums.page_size))

    def damage(self) -> Damage | None:
        """What is not as it was written; None where that cannot be told, for want of sums. Raises OSError."""
        with self._alone() as is_alone:
            if is_alone:
                self._drop_what_was_not_finished()
            sums = read_sums(self._path) if is_alone else None
            if sums is None:
                return None
            changed_ns = self._path.stat().st_mtime_ns if self._path.exists() else -1
            found = damage_of(self._path, sums)
            if not found:
                self._folded_ns = changed_ns
            return found

    def end(self) -> None:
        """All other connections of this process are closed; where this one is the last of all, the file is
        whole by itself, and its sums say so. Raises OSError."""
        with self._alone() as is_alone:
            is_folded = _unfolded_frames(self._path) == 0
            if self._anchor is not None:
                self._anchor.close()
                self._anchor = None
            sums = read_sums(self._path) if is_alone else None
            if sums is None or self._path.with_name(self._path.name + "-wal").exists():
                return
            if is_folded and self._path.stat().st_mtime_ns == self._folded_ns:
                write_sums(self._path, sums.closed(True))
            else:  # somebody wrote up to the last moment
                drop_sums(self._path)

    def _fold(self) -> None:
        page_size = page_size_of(self._path)
        with (
            closing(sqlite3.connect(self._path, isolation_level=None, timeout=5)) as writer,
            closing(sqlite3.connect(self._path, isolation_level=None, timeout=5)) as folder,
        ):
            if writer.execute("PRAGMA journal_mode").fetchone() != ("wal",) or not page_size:
                drop_sums(self._path)  # of a file system that knows no journal of this kind
                return
            folder.execute("PRAGMA synchronous=FULL")
            folder.execute("PRAGMA fullfsync=ON")
            writer.execute("BEGIN IMMEDIATE")
            self._drop_what_was_not_finished()
            self._begun.write_bytes(_salts(self._path))
            folder.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            write_sums(self._path, self._sums(page_size))
            self._begun.unlink()
            self._folded_ns = self._path.stat().st_mtime_ns
            writer.execute("ROLLBACK")

    def _drop_what_was_not_finished(self) -> None:
        if self._begun.exists() and self._begun.read_bytes() != _salts(self._path):
            drop_sums(self._path)
            self._begun.unlink()

    def _sums(self, page_size: int) -> Sums:
        """As they were, but for the pages in the journal."""
        before = read_sums(self._path)
        if before is None or before.page_size != page_size:
            return sums_of_file(self._path, page_size)
        pages = self._path.stat().st_size // page_size
        digests = bytearray(before.digests[: pages * DIGEST_BYTES].ljust(pages * DIGEST_BYTES, b"\0"))
        new = range(before.pages + 1, pages + 1)
        with opened(self._path) as file:
            for page in {*pages_in_journal(self._path, page_size).tolist(), *new}:
                if page <= pages:
                    file.seek((page - 1) * page_size)
                    start = (page - 1) * DIGEST_BYTES
                    digests[start : start + DIGEST_BYTES] = digest_of(file.read(page_size))
        return Sums(page_size, bytes(digests))

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Nobody else folds meanwhile; False where somebody does so for too long."""
        with self._here:
            lock = self._lock(_WAIT_S)
            try:
                yield lock is not None
            finally:
                if lock is not None:
                    lock.release()

    def _lock(self, wait_s: float) -> FileLock | None:
        until_s = time.monotonic() + wait_s
        while (lock := FileLock.take(self._path.with_name(self._path.name + ".fold"))) is None:
            if time.monotonic() >= until_s:
                return None
            time.sleep(_TRY_EVERY_S)
        return lock


def _salts(path: Path) -> bytes:
    """What tells a run of the journal from the one before."""
    try:
        with path.with_name(path.name + "-wal").open("rb") as file:
            return file.read(24)[16:]
    except OSError:
        return b""


def _index(path: Path) -> bytes:
    """The head of the index of the journal (sqlite.org/walformat.html#the_wal_index_header), which SQLite
    keeps in memory that is shared through this file."""
    try:
        with opened(path, "-shm") as file:
            return file.read(_INDEX_BYTES)
    except OSError:
        return b""


def _changes(path: Path) -> int:
    """Grows with each transaction; -1 where nobody uses the file."""
    head = _index(path)
    return int(struct.unpack_from("=I", head, 8)[0]) if len(head) == _INDEX_BYTES else -1


def _unfolded_frames(path: Path) -> int:
    head = _index(path)
    if len(head) != _INDEX_BYTES:
        return 0
    frames, folded = struct.unpack_from("=I", head, 16)[0], struct.unpack_from("=I", head, 96)[0]
    return int(frames) - int(folded)
