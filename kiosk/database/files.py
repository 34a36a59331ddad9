"""Care for a SQLite file: is it sound, backups of it, and putting a good one in place of a damaged one."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from kiosk.database.failures import is_damage, known_errors
from kiosk.database.salvage import salvage
from kiosk.errors import ErrorCode, KnownError

BACKUPS_KEPT = 3
BACKUP_EVERY = timedelta(hours=24)
_STAMP = "%Y%m%d-%H%M%S"
_log = structlog.get_logger(__name__)


def is_sound(path: Path) -> bool:
    """Whether the file is a whole SQLite database.

    Raises KnownError DATABASE_UNREACHABLE where the file cannot be looked at, which is not damage.
    """
    with known_errors(), closing(sqlite3.connect(path, timeout=5)) as connection:
        try:
            rows = connection.execute("PRAGMA quick_check(1)").fetchall()
        except sqlite3.DatabaseError as error:
            if is_damage(error):
                return False
            raise
    return rows == [("ok",)]


def backups(path: Path) -> list[Path]:
    """The backups of a database, the newest first."""
    return sorted(_backup_folder(path).glob(f"{path.stem}-*.db"), reverse=True)


def is_backup_due(path: Path, now: datetime) -> bool:
    """Whether the newest backup is missing or a day old."""
    newest = next(iter(backups(path)), None)
    return newest is None or newest.name <= _backup_path(path, now - BACKUP_EVERY).name


def back_up(path: Path, now: datetime) -> Path:
    """Copies the database, also while it is in use, and forgets all but the newest copies.

    A copy appears under its name only when it is whole and on disk. Raises KnownError DISK_FULL,
    DATABASE_DAMAGED, DATABASE_UNREACHABLE.
    """
    target = _backup_path(path, now)
    unfinished = target.with_name(f"{path.stem}.unfinished")  # one name: a power cut leaves one at most
    with known_errors():
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.unlink(missing_ok=True)
        try:
            with closing(sqlite3.connect(path)) as source, closing(sqlite3.connect(unfinished)) as copy:
                source.backup(copy)
                copy.execute("PRAGMA journal_mode=DELETE")
            _flush(unfinished)
            unfinished.replace(target)
        finally:
            unfinished.unlink(missing_ok=True)
    for old in backups(path)[BACKUPS_KEPT:]:
        old.unlink(missing_ok=True)
    return target


def renew_backups(path: Path, now: datetime) -> int:
    """Leaves no copy but one of the present state: for after something was deleted for good. Copies of
    damaged databases go, too; what could be read of them was taken over when they were set aside.

    Returns how many copies went. Raises as `back_up`, and then none has gone.
    """
    newest = back_up(path, now)
    older = [copy for copy in backups(path) if copy != newest]
    damaged = list(path.parent.glob(f"{path.stem}.damaged-*"))
    for copy in (*older, *damaged):
        copy.unlink(missing_ok=True)
    return len(older) + len(damaged)


def empty_journal(connection: sqlite3.Connection) -> bool:
    """Folds the journal into the database and empties it, for it holds pages as they were; False while
    somebody reads from it."""
    is_busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not is_busy


def restore_newest_good_backup(path: Path, now: datetime) -> Path:
    """Sets the damaged database aside, where it is kept, and puts the newest good backup in its place, with
    all that can still be read of the damaged one: sales since the backup are not lost with a bad block.

    Returns the backup that was taken. Raises KnownError(DATABASE_DAMAGED) when there is none; then the
    damaged file stays where it is, so that no kiosk goes on as if it had never sold anything.
    """
    good = next((backup for backup in backups(path) if is_sound(backup)), None)
    if good is None:
        raise KnownError(
            ErrorCode.DATABASE_DAMAGED,
            f"The database {path.name} is damaged and there is no good backup of it.",
            f"Have {path.name} rescued, or move it away to begin with an empty one.",
        )
    replacement = path.with_suffix(".restoring")
    with known_errors():
        with closing(sqlite3.connect(good)) as source, closing(sqlite3.connect(replacement)) as copy:
            source.backup(copy)
        _flush(replacement)
        aside = path.with_name(f"{path.stem}.damaged-{now.strftime(_STAMP)}.db")
        # The journal belongs to the damaged file: beside the restored one it would be replayed into it.
        for ending in ("-wal", "-shm"):
            part = path.with_name(path.name + ending)
            if part.exists():
                part.replace(aside.with_name(aside.name + ending))
        if path.exists():
            shutil.copy2(path, aside)  # not moved: a power cut must never leave the place empty
            salvage(aside, replacement)
            _flush(replacement)
        replacement.replace(path)
        _flush(path)
    _log.error("database_restored", backup=good.name, kept_as=aside.name)
    return good


def _backup_folder(path: Path) -> Path:
    return path.parent / "backups"


def _backup_path(path: Path, at: datetime) -> Path:
    return _backup_folder(path) / f"{path.stem}-{at.strftime(_STAMP)}.db"


def _flush(path: Path) -> None:
    """Waits until a file, and on systems that can, its name in the folder, are on the disk."""
    with path.open("rb+") as file:
        os.fsync(file.fileno())
    if os.name == "posix":
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
