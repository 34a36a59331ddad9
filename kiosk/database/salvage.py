"""What can still be read of a damaged SQLite file, taken over into the backup that takes its place."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

import structlog

_log = structlog.get_logger(__name__)

_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
_ENDS = ("ASC", "DESC")  # from both ends, as far as the damage between them


def salvage(damaged: Path, into: Path) -> int:
    """Copies every row that is readable over those of `into` (they are newer); returns how many.

    A row whose parent is lost is left out, so that the result is consistent. Nothing here raises for damage:
    what cannot be read stays in the damaged file, which is not touched (a copy of it is opened).
    """
    copied = 0
    with tempfile.TemporaryDirectory(dir=damaged.parent) as folder, closing(sqlite3.connect(into)) as target:
        try:
            with closing(sqlite3.connect(_copy_of(damaged, Path(folder)))) as source:
                for table in _tables(target):
                    copied += _copy_table(source, target, table)
        except _UNREADABLE as error:
            _log.warning("salvage_ended", reason=type(error).__name__)
        for table, rowid, *_ in target.execute("PRAGMA foreign_key_check").fetchall():
            target.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (rowid,))
        target.commit()
    _log.info("database_salvaged", rows=copied)
    return copied


def _copy_of(damaged: Path, folder: Path) -> Path:
    """The file with its journal, which may hold the newest sales."""
    for ending in ("", "-wal"):
        part = damaged.with_name(damaged.name + ending)
        if part.exists():
            shutil.copyfile(part, folder / f"copy.db{ending}")
    return folder / "copy.db"


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    return [name for (name,) in names if not name.startswith(("sqlite_", "alembic_"))]


def _copy_table(source: sqlite3.Connection, target: sqlite3.Connection, table: str) -> int:
    columns = [row[1] for row in target.execute(f'PRAGMA table_info("{table}")')]
    names = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join("?" for _ in columns)
    insert = f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({places})'
    copied = 0
    for end in _ENDS:
        rows = f'SELECT {names} FROM "{table}" ORDER BY rowid {end}'
        try:
            for row in source.execute(rows):
                target.execute(insert, row)
                copied += 1
            return copied
        except _UNREADABLE as error:
            _log.warning("table_damaged", table=table, reason=type(error).__name__)
    return copied
