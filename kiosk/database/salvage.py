"""What can still be read of a damaged SQLite file, taken over into the backup that takes its place."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

_log = structlog.get_logger(__name__)

_UNREADABLE = (sqlite3.DatabaseError, UnicodeDecodeError)
_FILLINGS = (0x00, 0xFF)
"""What damaged pages are written over with, once each: a row that hangs on such a page reads otherwise in
the one than in the other, or not at all."""
_LARGEST_ROWID = 2**63 - 1
_Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many rows were taken over, and of which tables not all can be: there rows may be missing, or
    older."""

    rows: int
    incomplete: frozenset[str]


def salvage(
    image: Path, into: Path, page_size: int = 0, damaged: Collection[int] = (), *, is_one_state: bool = False
) -> Salvaged:
    """Copies every row of a file without a journal that is sound over those of `into` (they are newer).

    Where the image but for its damaged pages `is_one_state` of the file, a table that is read whole takes the
    place of that of `into`: what was deleted since stays deleted. Where it is not, every row of `into` stays,
    since nobody knows that it was deleted.

    With the numbers of its `damaged` pages no row is taken that hangs on one of them, also where it would
    read well; without, every row that is readable. A row whose parent is lost is left out, so that the
    result is consistent. Nothing here raises for damage: what cannot be read stays in the image, which is
    not touched.
    """
    with (
        tempfile.TemporaryDirectory(dir=image.parent) as folder,
        closing(sqlite3.connect(into)) as target,
        ExitStack() as stack,
    ):
        sources = []
        for filling in _FILLINGS if damaged else _FILLINGS[:1]:
            copy = _filled(image, Path(folder) / f"copy-{filling}.db", page_size, damaged, filling)
            sources.append(stack.enter_context(closing(sqlite3.connect(copy))))
        copied, incomplete = 0, set()
        target.isolation_level = None
        target.execute("BEGIN")
        for table in _tables(target):
            rows, is_whole = _take_table(sources, target, table, is_one_state)
            copied += rows
            if not is_whole:
                incomplete.add(table)
        for table, rowid, *_ in target.execute("PRAGMA foreign_key_check").fetchall():
            target.execute(f'DELETE FROM "{table}" WHERE rowid = ?', (rowid,))
            incomplete.add(table)
        target.execute("COMMIT")
    _log.info("database_salvaged", rows=copied, incomplete=len(incomplete))
    return Salvaged(copied, frozenset(incomplete))


def _filled(image: Path, copy: Path, page_size: int, damaged: Collection[int], filling: int) -> Path:
    shutil.copyfile(image, copy)
    with copy.open("rb+") as file:
        for page in damaged:
            file.seek((page - 1) * page_size)
            file.write(bytes([filling]) * page_size)
    return copy


def _tables(connection: sqlite3.Connection) -> list[str]:
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY rowid")
    return [name for (name,) in names if not name.startswith(("sqlite_", "alembic_"))]


def _take_table(
    sources: list[sqlite3.Connection], target: sqlite3.Connection, table: str, is_one_state: bool
) -> tuple[int, bool]:
    """As `_copy_table`; with what was deleted since, where that can be known."""
    target.execute("SAVEPOINT before")
    if is_one_state and _is_emptied(target, table):
        rows, is_whole = _copy_table(sources, target, table)
        if is_whole:
            target.execute("RELEASE before")
            return rows, True
        target.execute("ROLLBACK TO before")
    target.execute("RELEASE before")
    return _copy_table(sources, target, table)


def _is_emptied(target: sqlite3.Connection, table: str) -> bool:
    """False for one that refuses it: of a log nothing is ever deleted."""
    try:
        target.execute(f'DELETE FROM "{table}"')
    except sqlite3.IntegrityError:
        return False
    return True


def _copy_table(
    sources: list[sqlite3.Connection], target: sqlite3.Connection, table: str
) -> tuple[int, bool]:
    """How many rows, and whether none can be missing."""
    columns = [row[1] for row in target.execute(f'PRAGMA table_info("{table}")')]
    names = ", ".join(f'"{column}"' for column in columns)
    places = ", ".join("?" for _ in columns)
    insert = f'INSERT OR REPLACE INTO "{table}" ({names}) VALUES ({places})'
    readers = [_Reader(source, table, names) for source in sources]
    copied, is_whole = 0, True
    for row in _alike(readers):
        if row is None:
            is_whole = False
            continue
        try:
            target.execute(insert, row)
            copied += 1
        except sqlite3.IntegrityError:  # nothing where something must be: read from a page that is not sound
            is_whole = False
    return copied, is_whole and all(reader.is_whole for reader in readers)


def _alike(readers: list[_Reader]) -> Iterator[_Row | None]:
    """The rows that all readers read alike; None for one that they do not."""
    if len(readers) == 1:
        yield from (row for _, row in readers[0].rows())
        return
    here, there = (reader.rows() for reader in readers)
    one, other = next(here, None), next(there, None)
    while one is not None and other is not None:
        if one[0] == other[0]:
            yield one[1] if one[1] == other[1] else None
            one, other = next(here, None), next(there, None)
        elif one[0] < other[0]:
            yield None
            one = next(here, None)
        else:
            yield None
            other = next(there, None)
    if one is not None or other is not None:
        yield None


class _Reader:
    """Reads a table's rows by their numbers, over what cannot be read."""

    def __init__(self, source: sqlite3.Connection, table: str, columns: str) -> None:
        self._source = source
        self._query = f'SELECT rowid, {columns} FROM "{table}" WHERE rowid >= ? ORDER BY rowid'
        self._table = table
        self.is_whole = True

    def rows(self) -> Iterator[tuple[int, _Row]]:
        start: int | None = 0
        while start is not None:
            try:
                for rowid, *values in self._source.execute(self._query, (start,)):
                    yield rowid, tuple(values)
                    start = rowid + 1
                return
            except _UNREADABLE as error:
                if self.is_whole:
                    _log.warning("table_damaged", table=self._table, reason=type(error).__name__)
                self.is_whole = False
            while rows := self._one(start):  # the driver looks one row ahead: the last sound one was not told
                yield rows[0]
                start = rows[0][0] + 1
            start = self._behind(start)

    def _behind(self, wrong: int) -> int | None:
        """The first row number behind what cannot be read at `wrong`; None where nothing can be read behind
        it. Looked for in growing steps, then halved: what cannot be read is a page's rows, one after the
        other."""
        wrong, step, good = max(wrong, 0), 1, None  # there are no negative numbers
        while good is None and wrong + step <= _LARGEST_ROWID:
            if self._reads(wrong + step):
                good = wrong + step
            else:
                wrong, step = wrong + step, step * 2
        while good is not None and good - wrong > 1:
            middle = (good + wrong) // 2
            if self._reads(middle):
                good = middle
            else:
                wrong = middle
        return good

    def _reads(self, rowid: int) -> bool:
        return self._one(rowid) is not None

    def _one(self, rowid: int) -> list[tuple[int, _Row]] | None:
        """The row of this number or the next one; none at the end, None where that cannot be read."""
        try:
            found = self._source.execute(self._query + " LIMIT 1", (rowid,)).fetchall()
        except _UNREADABLE:
            return None
        return [(row[0], tuple(row[1:])) for row in found]
