"""What becomes of visits when it turns out who somebody is: counted in order, once, and told so."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.people_tables import StayRow, VisitRow
from kiosk.database.sync_state import SqlOutbox
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.visits.pictures import FacePictures
from kiosk.visits.types import FaceKind, Gender, PersonKind
from tests.people_worlds import AGREED, MORNING, SqlPeopleWorld, a_draft, a_picture, faces


@pytest.fixture
def world(tmp_path: Path) -> Iterator[SqlPeopleWorld]:
    clock = ManualClock(MORNING)
    database = open_database(tmp_path / "kiosk.db", clock)
    yield SqlPeopleWorld(database, FolderObjectStore(tmp_path / "objects"), clock=clock)
    database.close()


@pytest.fixture
def two(world: SqlPeopleWorld) -> tuple[str, str]:
    made = [
        world.people.enrol(a_draft(name), AGREED, faces(seed, seed + 10)) for seed, name in enumerate("ab")
    ]
    return made[0].person_id, made[1].person_id


def numbers(world: SqlPeopleWorld) -> dict[str, tuple[int | None, bool]]:
    return {row.visit_id: (row.number, row.is_returning) for row in world.visit_rows()}


def told_visits(world: SqlPeopleWorld) -> list[tuple[str, bool]]:
    """Which visits were told, and whether as none."""
    messages = [one.message for one in SqlOutbox(world.database, world.clock).waiting(1000)]
    return [
        (str(one.record["visit_id"]), bool(one.record["is_void"])) for one in messages if one.kind == "visit"
    ]


def opened(world: SqlPeopleWorld, person_id: str, visit_id: str, minutes: int, seen: int) -> None:
    """Somebody is here, and was seen last so many minutes after they came."""
    world.visit(person_id, visit_id, minutes)
    began_at = MORNING + timedelta(minutes=minutes)
    with world.tenant.writing() as session:
        visit = session.get_one(VisitRow, visit_id)
        visit.ended_at = None
        session.add(
            StayRow(
                stay_id=visit_id,
                site_id="shop",
                stream_id="door",
                kind=FaceKind.KNOWN.value,
                person_id=person_id,
                began_at=began_at,
                last_seen_at=began_at + timedelta(minutes=seen),
                contract_id=None,
                embedding=None,
            )
        )


def stays(world: SqlPeopleWorld) -> list[StayRow]:
    with world.tenant.reading() as session:
        return list(session.scalars(select(StayRow).order_by(StayRow.began_at)))


def test_visits_of_both_are_counted_in_the_order_in_which_they_began(
    world: SqlPeopleWorld, two: tuple[str, str]
) -> None:
    kept, gone = two
    world.visit(gone, "first", 0)
    world.visit(kept, "second", 60)
    world.visit(gone, "third", 120)
    world.people.merge(kept, gone)
    assert numbers(world) == {"first": (1, False), "second": (2, True), "third": (3, True)}
    assert told_visits(world) == [("second", False), ("third", False)]


def test_nobody_was_twice_in_one_shop_at_the_same_time(world: SqlPeopleWorld, two: tuple[str, str]) -> None:
    kept, gone = two
    world.visit(gone, "earlier", 0)
    world.visit(kept, "later", 5)
    world.visit(kept, "elsewhere", 6, site_id="mall")
    key = FacePictures(world.store).put_visit("later", a_picture(1))
    with world.tenant.writing() as session:
        session.get_one(VisitRow, "later").picture_key = key
    world.people.merge(kept, gone)
    assert numbers(world) == {"earlier": (1, False), "elsewhere": (2, True)}
    (earlier, _) = world.visit_rows()
    assert earlier.ended_at == MORNING + timedelta(minutes=15)
    assert earlier.picture_key == key
    assert world.store.has(key)
    assert ("later", True) in told_visits(world)


def test_two_stays_of_one_who_is_here_become_one(world: SqlPeopleWorld, two: tuple[str, str]) -> None:
    kept, gone = two
    opened(world, kept, "earlier", 0, seen=5)
    opened(world, gone, "later", 2, seen=9)
    world.people.merge(kept, gone)
    (stay,) = stays(world)
    assert (stay.stay_id, stay.person_id, stay.tracks) == ("earlier", kept, 2)
    assert stay.last_seen_at == MORNING + timedelta(minutes=11)
    assert [(row.visit_id, row.ended_at) for row in world.visit_rows()] == [("earlier", None)]


def test_a_visit_that_ended_goes_on_where_they_were_still_here_as_the_other(
    world: SqlPeopleWorld, two: tuple[str, str]
) -> None:
    kept, gone = two
    world.visit(kept, "earlier", 0)
    opened(world, gone, "later", 5, seen=20)
    world.people.merge(kept, gone)
    (stay,) = stays(world)
    assert (stay.stay_id, stay.began_at) == ("earlier", MORNING)
    assert [(row.visit_id, row.ended_at) for row in world.visit_rows()] == [("earlier", None)]


def test_a_visit_without_an_end_whose_stay_is_gone_takes_no_later_ones_with_it(
    world: SqlPeopleWorld, two: tuple[str, str]
) -> None:
    kept, gone = two
    world.visit(kept, "lost", 0)
    with world.tenant.writing() as session:
        session.get_one(VisitRow, "lost").ended_at = None
    world.visit(gone, "later", 600)
    world.people.merge(kept, gone)
    assert numbers(world) == {"lost": (1, False), "later": (2, True)}


def test_whoever_is_here_and_becomes_staff_stays_as_staff_and_is_no_visit(
    world: SqlPeopleWorld, two: tuple[str, str]
) -> None:
    opened(world, two[0], "now", 0, seen=5)
    world.people.change(two[0], a_draft("Nok", PersonKind.STAFF))
    (stay,) = stays(world)
    assert (stay.kind, stay.person_id) == (FaceKind.STAFF.value, two[0])
    assert world.visit_rows() == []
    assert told_visits(world) == [("now", True)]


def test_a_split_gives_visits_with_their_stays_and_counts_both_anew(
    world: SqlPeopleWorld, two: tuple[str, str]
) -> None:
    one = two[0]
    world.visit(one, "first", 0)
    world.visit(one, "second", 60)
    opened(world, one, "third", 120, seen=5)
    other = world.people.split(one, [0], ["first", "third"], a_draft("Other"), AGREED).person_id
    assert numbers(world) == {"first": (1, False), "second": (1, False), "third": (2, True)}
    assert [stay.person_id for stay in stays(world)] == [other]
    assert {visit_id for visit_id, _ in told_visits(world)} == {"first", "second", "third"} - {"second"}


def test_what_somebody_says_of_themselves_goes_before_what_was_seen(
    world: SqlPeopleWorld, two: tuple[str, str]
) -> None:
    world.visit(two[0], "v1")
    world.people.change(two[0], a_draft("Malee", gender=Gender.FEMALE))
    assert [row.gender for row in world.visit_rows()] == ["female"]
    world.people.change(two[0], a_draft("Malee"))
    assert [row.gender for row in world.visit_rows()] == ["female"]
