"""Every database that a released or tried version left behind opens in this one, with nothing lost.

`tests/databases/<revision>.sql` is such a database, kept as it was; a new migration adds one.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.database.engine import open_database
from kiosk.database.migrate import HEAD_REVISION, MIGRATIONS_FOLDER
from kiosk.database.photos import SqlPhotoRepository

OLD = sorted((Path(__file__).parents[1] / "databases").glob("*.sql"))


def test_every_revision_but_the_newest_is_kept_as_a_database() -> None:
    revisions = {path.name.split("_")[0] for path in (MIGRATIONS_FOLDER / "versions").glob("0*.py")}
    assert {path.stem for path in OLD} == revisions - {HEAD_REVISION}


@pytest.mark.parametrize("dump", OLD, ids=lambda path: path.stem)
def test_an_old_database_opens_with_all_that_it_holds(dump: Path, tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    database = open_database(path)
    photos = SqlPhotoRepository(database)
    (event,) = photos.events()
    assert event.name_th == "วิ่งริมน้ำ"
    (photo,) = photos.photos(event.event_id)
    assert (photo.number, photo.photographer, photo.is_time_known) == (1, "Ploy", True)
    database.close()


@pytest.mark.parametrize("dump", OLD, ids=lambda path: path.stem)
def test_an_upgraded_database_has_the_tables_of_a_new_one(dump: Path, tmp_path: Path) -> None:
    upgraded, fresh = tmp_path / "old.db", tmp_path / "new.db"
    with closing(sqlite3.connect(upgraded)) as connection:
        connection.executescript(dump.read_text(encoding="utf-8"))
    for path in (upgraded, fresh):
        open_database(path).close()
    assert _columns(upgraded) == _columns(fresh)


def _columns(path: Path) -> set[tuple[str, ...]]:
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        return {
            (table, row[1], row[2], str(row[3]), str(row[5]))
            for table in tables
            for row in connection.execute(f'PRAGMA table_info("{table}")')
        }
