"""Care for a SQLite file: is it sound, and backups of it."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.database.failures import is_damage, known_errors
from kiosk.database.page_sums import damage_of, drop_sums, page_size_of, read_sums, sums_of_file, write_sums
from kiosk.runtime.whole_file import flush_folder

BACKUPS_KEPT = 3
BACKUP_EVERY = timedelta(hours=24)
OLD_BACKUP = timedelta(hours=48)
"""An older newest one says that they fail, or that the kiosk did not run."""
SET_ASIDE_FOR = timedelta(days=7)
"""So long a damaged file stays for whoever wants to look at it: nothing in it is deleted when its time is
over."""
_STAMP = "%Y%m%d-%H%M%S"
_KEPT_FOR_A_WHILE = {
    "stays": "UPDATE stays SET embedding = NULL, contract_id = NULL WHERE embedding IS NOT NULL",
    "new_photo_wish_faces": "DELETE FROM new_photo_wish_faces",
    "new_photo_wishes": "UPDATE new_photo_wishes SET address = ''",
    "sendings": "UPDATE sendings SET address = ''",
}
_CHECKED_WHOLE_BYTES = 64 * 2**20
"""Up to this size SQLite's full check, indexes included, takes well under a second."""


def is_sound(path: Path) -> bool:
    """Whether a file that nobody uses is as it was written; of one without sums, whether SQLite finds nothing
    wrong with it.

    Raises KnownError DATABASE_UNREACHABLE where the file cannot be looked at, which is not damage.
    """
    sums = read_sums(path)
    return not damage_of(path, sums) if sums else is_well_formed(path)


def is_well_formed(path: Path) -> bool:
    """Whether SQLite finds nothing wrong with the structure of the file; of a large one not whether its
    indexes fit its tables. Raises as `is_sound`."""
    check = "integrity_check" if path.stat().st_size <= _CHECKED_WHOLE_BYTES else "quick_check"
    with known_errors(), closing(sqlite3.connect(path, timeout=5)) as connection:
        try:
            rows = connection.execute(f"PRAGMA {check}(1)").fetchall()
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                return False
            raise
    return rows == [("ok",)]


def backups(path: Path) -> list[Path]:
    """The backups of a database, the newest first."""
    stamp = re.compile(re.escape(path.stem) + r"-\d{8}-\d{6}\.db")  # somebody may have put others there
    return sorted(
        (copy for copy in _backup_folder(path).glob("*.db") if stamp.fullmatch(copy.name)), reverse=True
    )


def newest_backup_at(path: Path) -> datetime | None:
    """When the newest backup was made (UTC); None where there is none."""
    newest = next(iter(backups(path)), None)
    stamp = newest.stem.removeprefix(f"{path.stem}-") if newest else ""
    return datetime.strptime(stamp, _STAMP).replace(tzinfo=UTC) if newest else None


def is_backup_due(path: Path, now: datetime) -> bool:
    """Whether the newest backup is missing or a day old."""
    newest = next(iter(backups(path)), None)
    return newest is None or newest.name <= _backup_path(path, now - BACKUP_EVERY).name


def back_up(path: Path, now: datetime) -> Path:
    """Copies the database, also while it is in use, and forgets all but the newest copies, and what was set
    aside a week ago. What visitors who are here right now are recognised by is not copied, nor what buyers
    are told of new photos by, nor where they are written to: nothing would delete it when its time is over.

    A copy appears under its name only when it is whole and on disk. Raises KnownError DISK_FULL,
    DATABASE_DAMAGED, DATABASE_UNREACHABLE.
    """
    target = _backup_path(path, now)
    unfinished = target.with_name(f"{path.stem}.unfinished")  # one name: a power cut leaves one at most
    with known_errors():
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        try:
            copy_to(path, unfinished)
            drop_sums(target)
            unfinished.replace(target)
            write_sums(target, sums_of_file(target, page_size_of(target)))
        finally:
            unfinished.unlink(missing_ok=True)
    others = [copy for copy in backups(path) if copy != target]  # of later days where the clock went back
    for old in others[BACKUPS_KEPT - 1 :]:
        _remove(old)
    for aside in set_aside(path):
        if aside.name < f"{_aside_prefix(path)}{(now - SET_ASIDE_FOR).strftime(_STAMP)}":
            aside.unlink(missing_ok=True)
    for data in _of_failed_updates(path):
        if datetime.fromtimestamp(data.stat().st_mtime, UTC) < now - SET_ASIDE_FOR:
            shutil.rmtree(data)
    return target


def set_aside(path: Path) -> list[Path]:
    """The damaged databases that were kept, with their journals."""
    return sorted(path.parent.glob(f"{_aside_prefix(path)}*"))


def aside_path(path: Path, at: datetime) -> Path:
    """Where a damaged database is kept."""
    return path.with_name(f"{_aside_prefix(path)}{at.strftime(_STAMP)}.db")


def copy_to(path: Path, target: Path) -> None:
    """A copy of the database as `back_up` makes it, on disk. Raises sqlite3.Error, OSError."""
    with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        _strip(copy)
    flush(target)


def renew_backups(path: Path, now: datetime) -> int:
    """Leaves no copy but one of the present state: for after something was deleted for good. What was set
    aside goes, too; what could be read of damaged databases was taken over then.

    Returns how many copies went. Raises as `back_up`, and then none has gone.
    """
    newest = back_up(path, now)
    older = [copy for copy in backups(path) if copy != newest]
    damaged = set_aside(path)
    for copy in (*older, *damaged):
        _remove(copy)
    failed = _of_failed_updates(path)
    for data in failed:
        shutil.rmtree(data)
    return len(older) + len(damaged) + len(failed)


def empty_journal(connection: sqlite3.Connection) -> bool:
    """Folds the journal into the database and empties it, for it holds pages as they were; False while
    somebody reads from it."""
    is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def _strip(copy: sqlite3.Connection) -> None:
    """Takes out what is kept for a while only, also out of free pages. A copy of before there was such a
    table has none of it."""
    names = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    there = {name for (name,) in names}
    copy.execute("PRAGMA secure_delete=ON")
    copy.execute("PRAGMA journal_mode=MEMORY")  # or a file beside the copy would hold them once more
    with copy:
        for table, change in _KEPT_FOR_A_WHILE.items():
            if table in there:
                copy.execute(change)
    copy.execute("PRAGMA journal_mode=DELETE")


def _remove(copy: Path) -> None:
    copy.unlink(missing_ok=True)
    drop_sums(copy)


def _of_failed_updates(path: Path) -> list[Path]:
    """Folders with the database of a version that was taken back (`kiosk.updates.machine`)."""
    return list((path.parent / "updates").glob("data-of-*"))


def _aside_prefix(path: Path) -> str:
    return f"{path.stem}.damaged-"


def _backup_folder(path: Path) -> Path:
    return path.parent / "backups"


def _backup_path(path: Path, at: datetime) -> Path:
    return _backup_folder(path) / f"{path.stem}-{at.strftime(_STAMP)}.db"


def flush(path: Path) -> None:
    """Waits until a file and its name in the folder are on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    flush_folder(path.parent)
