"""The data around an update: which tables the database has, a copy of its files, and those in its place.

Files are copied as they are, with the journal and the sums of the pages beside them, and read without writing
a byte: what SQLite would fold into the file by the way, nobody would have reckoned the sums of.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

from kiosk.runtime.whole_file import flush_folder

_BESIDE = ("", "-wal", ".sums")
_COUNTED = ("orders", "payments")
HALF_RESTORED = "half restored"


def revision_of(database: Path) -> str:
    """The revision of a database's tables; empty where there is none yet, `HALF_RESTORED` where the power
    went in the middle of `restore_data`. Raises sqlite3.Error."""
    if _is_half_restored(database):
        return HALF_RESTORED
    if not database.exists():
        return ""
    with closing(_opened(database)) as connection:
        if not _has_table(connection, "alembic_version"):
            return ""
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def copy_data(database: Path, copy: Path) -> None:
    """The files of a database that nobody uses, in a folder that appears when all are on the disk. For the
    minutes of an update, so nothing is left out. Raises OSError."""
    forget_data(copy)
    if not database.exists():
        return
    draft = copy.with_name(f"{copy.name}.unfinished")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700, parents=True)
    for file in _files_of(database):
        if file.exists():
            _copied(file, draft / file.name)
    draft.replace(copy)
    flush_folder(copy.parent)


def restore_data(database: Path, copy: Path, aside: Path) -> None:
    """Puts the copied files in the place of those that are there; these are kept at `aside` where they hold
    sales that the copy does not. May be done again after a power cut, which may have left half of what was
    there: what stands aside is not written over. Raises OSError."""
    if not (copy / database.name).exists():
        return
    is_whole = database.exists() and not _is_half_restored(database)
    if is_whole and not aside.exists() and _counts(database) != _counts(copy / database.name):
        copy_data(database, aside)
    files = [database.with_name(file.name) for file in _files_of(copy / database.name) if file.exists()]
    for file in files:
        _copied(copy / file.name, _draft(file))
    flush_folder(database.parent)
    for ending in ("-shm", "-wal", ".sums"):  # the newer file's journal would be replayed into the older
        database.with_name(database.name + ending).unlink(missing_ok=True)
    flush_folder(database.parent)
    for file in files:
        _draft(file).replace(file)
        flush_folder(database.parent)


def forget_data(copy: Path) -> None:
    """No copy is there any more. Raises OSError."""
    for folder in (copy, copy.with_name(f"{copy.name}.unfinished")):
        if folder.exists():
            shutil.rmtree(folder)


def _files_of(database: Path) -> list[Path]:
    return [database.with_name(database.name + ending) for ending in _BESIDE]


def _is_half_restored(database: Path) -> bool:
    """Whether a file is still on its way to its place, so that the others cannot be relied on."""
    return any(_draft(file).exists() for file in _files_of(database))


def _draft(file: Path) -> Path:
    return file.with_name(f"{file.name}.restoring")


def _counts(database: Path) -> tuple[int, ...]:
    counted = []
    try:
        with closing(_opened(database)) as connection:
            for table in _COUNTED:
                is_there = _has_table(connection, table)
                row = connection.execute(f"SELECT count(*) FROM {table}").fetchone() if is_there else (0,)
                counted.append(int(row[0]))
    except sqlite3.Error:
        return ()
    return tuple(counted)


def _has_table(connection: sqlite3.Connection, name: str) -> bool:
    found = connection.execute("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?", (name,))
    return found.fetchone() is not None


def _opened(database: Path) -> sqlite3.Connection:
    """To read; without a journal there is nothing that SQLite would have to look at besides."""
    has_journal = database.with_name(f"{database.name}-wal").exists()
    how = "mode=ro" if has_journal else "immutable=1"
    return sqlite3.connect(f"file:{quote(str(database))}?{how}", uri=True, timeout=20)


def _copied(file: Path, target: Path) -> None:
    shutil.copyfile(file, target)
    with target.open("rb+") as copy:
        os.fsync(copy.fileno())
