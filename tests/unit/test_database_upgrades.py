"""Every database that a released or tried version left behind opens in this one, with nothing lost.

`tests/databases/<revision>.sql` is such a database, kept as it was; a new migration adds one.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.at_rest.vault import PassingKeys, Vault
from kiosk.database.engine import open_database
from kiosk.database.migrate import HEAD_REVISION, MIGRATIONS_FOLDER
from kiosk.database.people_tables import PersonFaceRow, VisitRow
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.sites import SqlSites
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_list import SqlVisitList
from kiosk.database.visit_records import visit_record
from kiosk.visits.ports import VisitQuery

DATABASES = Path(__file__).parents[1] / "databases"
OLD = sorted(DATABASES.glob("*.sql"))


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


def test_faces_that_an_old_database_holds_in_clear_are_sealed_and_stay_the_same(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((DATABASES / "0005.sql").read_text(encoding="utf-8"))
        plain = dict(connection.execute("SELECT person_id, embedding FROM person_faces"))
    assert plain
    vault = Vault(PassingKeys())
    database = open_database(path, vault=vault)
    with database.reading() as session:
        rows = {row.person_id: row.embedding for row in session.scalars(select(PersonFaceRow))}
    database.close()
    assert {person_id: row.tobytes() for person_id, row in rows.items()} == plain
    with closing(sqlite3.connect(path)) as connection:
        stored = dict(connection.execute("SELECT person_id, embedding FROM person_faces"))
    assert {value[:11] for value in stored.values()} == {vault.header()}
    left = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert not any(value in left for value in plain.values()), "nor in a copy of before the upgrade"


def test_a_site_that_visits_named_in_words_becomes_one_of_its_tenant(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((DATABASES / "0004.sql").read_text(encoding="utf-8"))
    database = open_database(path)
    for tenant_id, visit_id in (("", "v1"), ("chain-b", "v2")):
        tenant = TenantDatabase(database, tenant_id)
        (site,) = SqlSites(tenant).sites()
        assert site.name == "Riverside"
        span = (datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC))
        (visit,) = SqlVisitList(tenant).visits(VisitQuery(*span))
        assert (visit.visit_id, visit.site_id) == (visit_id, site.site_id)
    with database.reading() as session:
        told = [visit_record(session, row) for row in session.scalars(select(VisitRow))]
    assert len({record.site_id for record in told}) == 2
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
