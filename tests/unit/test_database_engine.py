"""Opening, migrating and backing up the database."""

from __future__ import annotations

import os
import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, exc, text

from kiosk.clock import ManualClock
from kiosk.database import files
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.migrate import HEAD_REVISION, MIGRATIONS_FOLDER, upgrade
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.tables import Base
from kiosk.errors import ErrorCode, KnownError


def test_the_migrations_lead_to_the_tables() -> None:
    from alembic.autogenerate import compare_metadata

    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        upgrade(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    engine.dispose()


def test_the_tables_keep_their_meaning_on_postgresql() -> None:
    from sqlalchemy.dialects import postgresql
    from sqlalchemy.schema import CreateTable

    ddl = "\n".join(
        str(CreateTable(table).compile(dialect=postgresql.dialect()))  # type: ignore[no-untyped-call]
        for table in Base.metadata.sorted_tables
    )
    assert "total_satang BIGINT NOT NULL" in ddl
    assert "paid_at TIMESTAMP WITH TIME ZONE" in ddl
    assert "TIMESTAMP WITHOUT TIME ZONE" not in ddl
    assert "embedding BYTEA NOT NULL" in ddl


def test_the_known_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD_REVISION]


def test_a_new_database_is_durable_journaled_and_keeps_references(tmp_path: Path) -> None:
    database = open_database(tmp_path / "deep" / "kiosk.db")
    with database.reading() as session:
        values = {
            name: session.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    database.close()
    assert values == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


def test_what_was_stored_is_there_after_opening_again(tmp_path: Path) -> None:
    first = open_database(tmp_path / "kiosk.db")
    kiosk_id = SqlMeta(first).kiosk_id()
    SqlMeta(first).set("wifi", "Venue")
    first.close()
    second = open_database(f"sqlite:///{tmp_path / 'kiosk.db'}")
    assert (SqlMeta(second).kiosk_id(), SqlMeta(second).get("wifi")) == (kiosk_id, "Venue")
    assert SqlMeta(second).get("nothing") is None
    second.close()


def test_a_transaction_that_fails_leaves_nothing(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")

    def half_done() -> None:
        with database.writing() as session:
            session.execute(text("INSERT INTO meta VALUES ('a', 'b')"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half_done()
    assert SqlMeta(database).get("a") is None
    database.close()


def test_an_error_does_not_say_what_was_written(tmp_path: Path) -> None:
    """It goes into logs, with whatever it was about: names, hashes of keys, faces."""
    database = open_database(tmp_path / "kiosk.db")
    row = {"key": "a", "value": "Malee Somchai"}
    insert = text("INSERT INTO meta VALUES (:key, :value)")
    with database.writing() as session:
        session.execute(insert, row)
        with pytest.raises(exc.IntegrityError) as twice:
            session.execute(insert, row)
    assert "Malee" not in str(twice.value)
    database.close()


def test_writers_in_several_threads_wait_for_each_other(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")
    SqlMeta(database).set("count", "0")

    def count() -> None:
        for _ in range(25):
            with database.writing() as session:
                value = int(session.execute(text("SELECT value FROM meta WHERE key='count'")).scalar_one())
                session.execute(text("UPDATE meta SET value=:v WHERE key='count'"), {"v": str(value + 1)})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert SqlMeta(database).get("count") == "100"
    database.close()


def test_a_database_of_a_newer_program_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    database = open_database(path)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num='9999'"))
    database.close()
    before = path.read_bytes()
    with pytest.raises(KnownError) as refused:
        open_database(path)
    assert refused.value.code is ErrorCode.DATABASE_NEWER
    assert path.read_bytes() == before


def test_a_backup_is_made_each_day_and_three_are_kept(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    open_database(path, clock).close()
    assert files.backups(path) == []  # there was nothing to lose yet
    for _ in range(5):
        open_database(path, clock).close()
        clock.advance(12 * 3600)
        open_database(path, clock).close()
        clock.advance(12 * 3600)
    kept = files.backups(path)
    assert len(kept) == 3
    assert kept == sorted(kept, reverse=True)
    assert all(files.is_sound(backup) for backup in kept)


def test_a_kiosk_that_is_never_switched_off_is_backed_up_each_day(tmp_path: Path) -> None:
    path, clock = tmp_path / "kiosk.db", ManualClock()
    database = open_database(path, clock)
    database.back_up_if_due()
    database.back_up_if_due()
    assert len(files.backups(path)) == 1
    clock.advance(25 * 3600)
    database.back_up_if_due()
    database.close()
    assert len(files.backups(path)) == 2


def test_the_data_of_a_version_that_was_taken_back_is_not_kept_for_ever(tmp_path: Path) -> None:
    path, data = tmp_path / "kiosk.db", tmp_path / "updates" / "data-of-9.9"
    database = open_database(path)
    for age, later, stays in (
        (timedelta(days=6), database.back_up, True),
        (timedelta(days=8), database.back_up, False),
        (timedelta(0), database.keep_no_traces, False),
    ):
        data.mkdir(parents=True, exist_ok=True)
        (data / "kiosk.db").write_bytes(b"sales")
        written = (datetime.now(UTC) - age).timestamp()
        os.utime(data, (written, written))
        later()
        assert data.exists() is stays
    database.close()


def test_what_somebody_else_put_among_the_backups_is_left_alone(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")
    made = database.back_up()
    assert made is not None
    other = made.with_name(f"{made.stem} (copy).db")
    other.write_bytes(b"mine")
    assert files.backups(tmp_path / "kiosk.db") == [made]
    assert database.newest_backup() is not None
    database.keep_no_traces()
    assert other.exists()
    database.close()


def test_a_folder_of_any_name_is_used(tmp_path: Path) -> None:
    for name in ("50% off?", "a#b", "ร้าน"):
        database = open_database(tmp_path / name / "kiosk.db")
        SqlMeta(database).set("sold", name)
        database.close()
        again = open_database(tmp_path / name / "kiosk.db")
        assert SqlMeta(again).get("sold") == name
        again.close()


def test_a_backup_of_a_database_in_use_holds_all_that_was_committed(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")
    SqlMeta(database).set("sold", "7")
    backup = database.back_up()
    database.close()
    assert backup is not None
    (backup.parent / "kiosk.unfinished").write_bytes(b"left by a power cut")
    database = open_database(tmp_path / "kiosk.db", ManualClock())
    backup = database.back_up()
    database.close()
    assert backup is not None
    with closing(sqlite3.connect(backup)) as connection:
        assert connection.execute("SELECT value FROM meta WHERE key='sold'").fetchone() == ("7",)
    assert {found.suffix for found in backup.parent.iterdir()} == {".db", ".sums"}


def test_a_database_of_the_first_tables_keeps_its_photos_and_the_times_that_they_had(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.db"
    engine = create_engine(f"sqlite:///{path}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(
            text(
                "INSERT INTO events (event_id, name, name_th, created_at, place)"
                " VALUES ('run', 'Run', '', :at, '')"
            ),
            {"at": "2026-11-20 05:00:00"},
        )
        connection.execute(
            text(
                "INSERT INTO photos (photo_id, event_id, number, file_name, content_hash, width, height,"
                " taken_at, imported_at, state, photographer, camera, place, is_public)"
                " VALUES ('p', 'run', 1, 'a.jpg', 'hash', 10, 10, :at, :at, 'on_sale', '', '', '', 0)"
            ),
            {"at": "2026-11-20 05:00:00"},
        )
    engine.dispose()
    database = open_database(path)
    [photo] = SqlPhotoRepository(database).photos("run")
    database.close()
    assert (photo.file_name, photo.is_time_known) == ("a.jpg", True)
    assert photo.taken_at == datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
