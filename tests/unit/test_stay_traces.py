"""What visitors who agreed to nothing were recognised by is in no file of the kiosk any more once they have
gone: not in the database, not in its journal, not in a backup."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.people_tables import StayRow, VisitRow
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.vision.types import FloatArray
from kiosk.visits.pictures import FacePictures
from kiosk.visits.types import PersonKind
from tests.forgetting_machine import traces
from tests.visit_worlds import MORNING, SqlWorld, after, sighting, view_of

_PIECE = 64


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def world(home: Path) -> Iterator[SqlWorld]:
    opened = open_at(home, ManualClock(MORNING)).set_up()
    yield opened
    opened.tenant.database.close()


def open_at(home: Path, clock: ManualClock) -> SqlWorld:
    database = open_database(home / "kiosk.db", clock)
    return SqlWorld(database, FacePictures(FolderObjectStore(home / "objects")), clock=clock)


def pieces(vector: FloatArray) -> list[bytes]:
    """Parts of an embedding, each of which would give it away, wherever a page ends."""
    data = vector.astype("<f4").tobytes()
    return [data[place : place + _PIECE] for place in range(0, len(data) - _PIECE, 7 * _PIECE)]


def stored(world: SqlWorld) -> list[bytes]:
    """Pieces of what is held of those who are here."""
    with world.tenant.reading() as session:
        held = [row.embedding for row in session.scalars(select(StayRow))]
    return [piece for vector in held if vector is not None for piece in pieces(vector)]


def come_and_go(world: SqlWorld) -> list[bytes]:
    """Strangers, each in several views; all that was ever held of them."""
    needles: list[bytes] = []
    for seed in range(12):
        for moment in range(3):
            view = view_of(seed, 0.8, moment)
            world.book.see(sighting(world, seed, vector=view))
            needles += [*pieces(view), *stored(world)]
        world.clock.advance(20)
    return needles


def test_nothing_is_left_of_strangers_who_have_gone(world: SqlWorld, home: Path) -> None:
    needles = come_and_go(world)
    assert traces(home, *needles), "or this would prove nothing"
    assert after(world, 40) == 12
    assert traces(home, *needles) == []


@pytest.mark.slow
def test_a_backup_never_holds_what_those_who_are_here_are_recognised_by(world: SqlWorld, home: Path) -> None:
    needles = come_and_go(world)
    backup = world.tenant.database.back_up()
    assert backup is not None
    assert traces(home / "backups", *needles) == []
    with closing(sqlite3.connect(backup)) as copy:
        assert copy.execute("SELECT count(*), count(embedding) FROM stays").fetchone() == (12, 0)
        assert copy.execute("PRAGMA quick_check").fetchone() == ("ok",)
    assert stored(world), "they are recognised on"
    assert after(world, 40) == 12
    assert traces(home, *needles) == []


def test_whoever_turns_out_to_be_known_leaves_no_throw_away_embedding(world: SqlWorld, home: Path) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    view = view_of(1)
    stay = world.book.see(sighting(world, 1, vector=view))
    world.book.see(sighting(world, 1, "nok", stay_id=stay.stay_id, vector=view))
    assert after(world, 31) == 1
    assert traces(home, *pieces(view)) == []


@pytest.mark.slow
def test_somebody_who_reads_the_database_meanwhile_only_puts_it_off(world: SqlWorld, home: Path) -> None:
    needles = come_and_go(world)
    with closing(sqlite3.connect(home / "kiosk.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM stays").fetchone()
        assert after(world, 40) == 12
        assert traces(home, *needles)
        reader.execute("ROLLBACK")
    assert after(world, 1) == 0
    assert traces(home, *needles) == []


def test_after_a_power_cut_and_a_long_time_without_power_nothing_is_left(world: SqlWorld, home: Path) -> None:
    needles = come_and_go(world)
    world.tenant.database.close()
    clock = ManualClock(world.clock.now())
    clock.advance(40 * 24 * 3600)
    again = open_at(home, clock)
    assert traces(home, *needles)
    assert again.book.end_due(clock.now()) == 12
    assert traces(home, *needles) == []
    again.tenant.database.close()


def test_a_backup_in_place_of_a_damaged_database_ends_the_visits_of_then(world: SqlWorld, home: Path) -> None:
    come_and_go(world)
    world.tenant.database.back_up()
    world.tenant.database.close()
    (home / "kiosk.db").write_bytes(b"no database")
    again = open_at(home, world.clock)
    assert again.tenant.database.restored_from is not None
    again.clock.advance(3600)
    assert again.book.end_due(again.clock.now()) == 12
    with again.tenant.reading() as session:
        assert all(visit.ended_at for visit in session.scalars(select(VisitRow)))
    again.tenant.database.close()
