"""Which files came from the centre: their sizes, when each was last looked at, and what is to be kept."""

from __future__ import annotations

import errno
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import structlog

from kiosk.errors import ErrorCode, KnownError

_log = structlog.get_logger(__name__)

NEWEST = 2**62
"""Later than any time in milliseconds."""
_BUSY_S = 10.0
_VICTIMS_AT_ONCE = 64
_MOST_VARIABLES = 500
_IS_FILLED = 1
# The sum is kept by the database itself, in the same transaction as the rows, so that it cannot drift.
_SCHEMA = """
PRAGMA journal_mode=WAL;
CREATE TABLE IF NOT EXISTS files(
  object_key TEXT PRIMARY KEY, size INTEGER NOT NULL, used_ms INTEGER NOT NULL, kept_until_ms INTEGER
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS files_by_use ON files(used_ms) WHERE kept_until_ms IS NULL;
CREATE INDEX IF NOT EXISTS files_by_end ON files(kept_until_ms) WHERE kept_until_ms IS NOT NULL;
CREATE TABLE IF NOT EXISTS wanted(
  object_key TEXT PRIMARY KEY, until_ms INTEGER NOT NULL, sha256 TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS totals(id INTEGER PRIMARY KEY CHECK (id = 1), passing_bytes INTEGER NOT NULL);
INSERT OR IGNORE INTO totals VALUES (1, 0);
CREATE TRIGGER IF NOT EXISTS came AFTER INSERT ON files WHEN NEW.kept_until_ms IS NULL BEGIN
  UPDATE totals SET passing_bytes = passing_bytes + NEW.size;
END;
CREATE TRIGGER IF NOT EXISTS went AFTER DELETE ON files WHEN OLD.kept_until_ms IS NULL BEGIN
  UPDATE totals SET passing_bytes = passing_bytes - OLD.size;
END;
CREATE TRIGGER IF NOT EXISTS changed AFTER UPDATE OF size, kept_until_ms ON files BEGIN
  UPDATE totals SET passing_bytes = passing_bytes
    - CASE WHEN OLD.kept_until_ms IS NULL THEN OLD.size ELSE 0 END
    + CASE WHEN NEW.kept_until_ms IS NULL THEN NEW.size ELSE 0 END;
END;
"""


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file that lies in the folder; kept until `kept_until_ms` whoever wants it, where that is set."""

    object_key: str
    size: int
    used_ms: int
    kept_until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class WantedFile:
    """An original that somebody has paid for: to be here, and kept until `until_ms`."""

    object_key: str
    until_ms: int
    sha256: str


class FetchedIndex:
    """A small database beside the fetched files, thrown away and made anew from them when it is lost or
    damaged; what is wanted is to be said anew then. Times are milliseconds since 1970. Safe for several
    threads and processes.

    `passing_bytes`, the sum of all files that are not kept, never exceeds the quota: room is reserved, and
    others have made it, before a file is written; so a process that is killed leaves at most a reservation
    without its file. Raises KnownError DISK_FULL, FOLDER_NOT_WRITABLE.
    """

    def __init__(self, path: Path, there: Callable[[], Iterator[FoundFile]]) -> None:
        """`there` lists what lies in the folder, for an index that has to be made anew."""
        self._path = path
        self._there = there
        self._lock = threading.Lock()
        with _known():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = self._opened()

    def close(self) -> None:
        """Lets go of the file."""
        with self._lock:
            self._base.close()

    def passing_bytes(self) -> int:
        """Bytes of all files that are not kept, with what is reserved."""
        with self._reading() as base:
            return int(base.execute("SELECT passing_bytes FROM totals").fetchone()[0])

    def kept_bytes(self) -> int:
        """Bytes of all files that are kept."""
        query = "SELECT COALESCE(SUM(size), 0) FROM files WHERE kept_until_ms IS NOT NULL"
        with self._reading() as base:
            return int(base.execute(query).fetchone()[0])

    def knows(self, object_key: str) -> bool:
        """Whether room is reserved for this file."""
        with self._reading() as base:
            return (
                base.execute("SELECT 1 FROM files WHERE object_key = ?", (object_key,)).fetchone() is not None
            )

    def known(self, object_keys: list[str]) -> set[str]:
        """Those for which room is reserved."""
        found: set[str] = set()
        with self._reading() as base:
            for start in range(0, len(object_keys), _MOST_VARIABLES):
                part = object_keys[start : start + _MOST_VARIABLES]
                marks = ",".join("?" * len(part))
                rows = base.execute(f"SELECT object_key FROM files WHERE object_key IN ({marks})", part)
                found.update(row[0] for row in rows)
        return found

    def reserve(
        self,
        file: FoundFile,
        quota_bytes: int,
        older_than_ms: int,
        under_way: frozenset[str],
        remove: Callable[[str], None],
    ) -> bool:
        """Makes room for a file. Others go, the longest unused first, of those used before `older_than_ms`
        and not `under_way`; `remove` takes each off the disk. One that is wanted is kept, and needs no room.

        False, and nothing is changed, where that is not enough.
        """
        with self._writing() as base:
            wish = base.execute(
                "SELECT until_ms FROM wanted WHERE object_key = ?", (file.object_key,)
            ).fetchone()
            kept_until_ms = wish[0] if wish else None
            if kept_until_ms is None:
                passing = int(base.execute("SELECT passing_bytes FROM totals").fetchone()[0])
                own = base.execute(
                    "SELECT size FROM files WHERE object_key = ? AND kept_until_ms IS NULL",
                    (file.object_key,),
                ).fetchone()
                missing = passing - (own[0] if own else 0) + file.size - quota_bytes
                victims = self._victims(base, missing, older_than_ms, under_way | {file.object_key})
                if victims is None:
                    return False
                for victim in victims:
                    remove(victim)
                    base.execute("DELETE FROM files WHERE object_key = ?", (victim,))
            base.execute(
                "INSERT INTO files VALUES (?, ?, ?, ?) ON CONFLICT(object_key) DO UPDATE SET"
                " size = excluded.size, used_ms = excluded.used_ms, kept_until_ms = excluded.kept_until_ms",
                (file.object_key, file.size, file.used_ms, kept_until_ms),
            )
            return True

    def _victims(
        self, base: sqlite3.Connection, missing: int, older_than_ms: int, spared: frozenset[str]
    ) -> list[str] | None:
        """Enough to free `missing` bytes; None where there are not."""
        victims: list[str] = []
        if missing <= 0:
            return victims
        rows = base.execute(
            "SELECT object_key, size FROM files WHERE kept_until_ms IS NULL AND used_ms < ? ORDER BY used_ms",
            (older_than_ms,),
        )
        while part := rows.fetchmany(_VICTIMS_AT_ONCE):
            for object_key, size in part:
                if object_key in spared:
                    continue
                victims.append(object_key)
                missing -= size
                if missing <= 0:
                    return victims
        return None

    def trim(self, quota_bytes: int, remove: Callable[[str], None]) -> None:
        """Brings the files that are not kept within a quota, the longest unused going first."""
        with self._writing() as base:
            passing = int(base.execute("SELECT passing_bytes FROM totals").fetchone()[0])
            for victim in self._victims(base, passing - quota_bytes, NEWEST, frozenset()) or []:
                remove(victim)
                base.execute("DELETE FROM files WHERE object_key = ?", (victim,))

    def forget(self, object_key: str) -> None:
        """The file is gone, and not wanted any more; harmless for one that is not known."""
        with self._writing() as base:
            base.execute("DELETE FROM files WHERE object_key = ?", (object_key,))
            base.execute("DELETE FROM wanted WHERE object_key = ?", (object_key,))

    def give_up(self, object_key: str) -> None:
        """The file was not written after all: its room is free; where it is wanted it stays so."""
        with self._writing() as base:
            base.execute("DELETE FROM files WHERE object_key = ?", (object_key,))

    def note_use(self, used_ms: dict[str, int]) -> None:
        """When files were looked at."""
        with self._writing() as base:
            base.executemany(
                "UPDATE files SET used_ms = ? WHERE object_key = ? AND used_ms < ?",
                [(at, key, at) for key, at in used_ms.items()],
            )

    # -- what somebody has paid for ---------------------------------------------------------------

    def want(self, files: list[WantedFile]) -> None:
        """These are to be here until then; the later end counts. One that is here is kept from now on."""
        with self._writing() as base:
            base.executemany(
                "INSERT INTO wanted VALUES (?, ?, ?) ON CONFLICT(object_key) DO UPDATE SET"
                " until_ms = MAX(until_ms, excluded.until_ms), sha256 = excluded.sha256",
                [(file.object_key, file.until_ms, file.sha256) for file in files],
            )
            base.executemany(
                "UPDATE files SET kept_until_ms = MAX(COALESCE(kept_until_ms, 0), ?) WHERE object_key = ?",
                [(file.until_ms, file.object_key) for file in files],
            )

    def wanted(self, object_key: str | None = None) -> list[WantedFile]:
        """All that is wanted, or only this one."""
        where, values = ("WHERE object_key = ?", (object_key,)) if object_key else ("", ())
        with self._reading() as base:
            rows = base.execute(f"SELECT * FROM wanted {where} ORDER BY object_key", values)
            return [WantedFile(*row) for row in rows]

    def end_wishes(self, now_ms: int, remove: Callable[[str], None]) -> int:
        """Takes away what was kept until now; how many files that were."""
        with self._writing() as base:
            base.execute("DELETE FROM wanted WHERE until_ms <= ?", (now_ms,))
            ended = [
                row[0]
                for row in base.execute(
                    "SELECT object_key FROM files WHERE kept_until_ms IS NOT NULL AND kept_until_ms <= ?",
                    (now_ms,),
                )
            ]
            for object_key in ended:
                remove(object_key)
                base.execute("DELETE FROM files WHERE object_key = ?", (object_key,))
            return len(ended)

    # -- the file itself --------------------------------------------------------------------------

    def _opened(self) -> sqlite3.Connection:
        try:
            base = _connect(self._path)
        except sqlite3.OperationalError:
            raise
        except sqlite3.DatabaseError:
            base = _connect_anew(self._path)
        _fill(base, self._there)
        return base

    def _mend(self) -> None:
        """Found damaged while it was used: whoever asked is refused this time, the next one is not."""
        self._base.close()
        self._base = _connect_anew(self._path)
        _fill(self._base, self._there)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        with _known(), self._lock:
            try:
                yield self._base
            except sqlite3.DatabaseError as error:
                if _is_damage(error):
                    self._mend()
                raise

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as base:
            base.execute("BEGIN IMMEDIATE")
            try:
                yield base
                base.execute("COMMIT")
            except BaseException:
                with suppress(sqlite3.Error):
                    base.execute("ROLLBACK")
                raise


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return _primary_code(error) in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def _is_full(error: sqlite3.Error | OSError) -> bool:
    if isinstance(error, OSError):
        return error.errno in (errno.ENOSPC, errno.EDQUOT)
    return _primary_code(error) == sqlite3.SQLITE_FULL


def _primary_code(error: sqlite3.Error) -> int | None:
    """Without the extension bits."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None


def _fill(base: sqlite3.Connection, there: Callable[[], Iterator[FoundFile]]) -> None:
    """A new index learns what lies in the folder already, whole or not at all."""
    base.execute("BEGIN IMMEDIATE")
    if base.execute("PRAGMA user_version").fetchone()[0] != _IS_FILLED:
        base.executemany(
            "INSERT OR IGNORE INTO files VALUES (?, ?, ?, ?)",
            ((file.object_key, file.size, file.used_ms, file.kept_until_ms) for file in there()),
        )
        base.execute(f"PRAGMA user_version={_IS_FILLED}")
    base.execute("COMMIT")


def _connect_anew(path: Path) -> sqlite3.Connection:
    _log.warning("fetched_index_damaged")
    for ending in ("", "-wal", "-shm"):
        path.with_name(path.name + ending).unlink(missing_ok=True)
    return _connect(path)


def _connect(path: Path) -> sqlite3.Connection:
    base = sqlite3.connect(path, timeout=_BUSY_S, isolation_level=None, check_same_thread=False)
    try:
        base.executescript(_SCHEMA)
        base.execute("PRAGMA synchronous=FULL")
        base.execute("PRAGMA secure_delete=ON")  # as in the kiosk's database
    except BaseException:
        base.close()
        raise
    return base


@contextmanager
def _known() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        if _is_full(error):
            raise KnownError(
                ErrorCode.DISK_FULL, "No room to note what came from the centre.", "Free some space."
            ) from error
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"The index of what came from the centre cannot be used: {error}.",
            "Check the rights on the data folder.",
        ) from error
