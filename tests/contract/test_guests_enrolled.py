"""A guest of the long-term way agrees to be known: one person, in memory, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.database.engine import open_database
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import Thresholds
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.visits.enrolling_guests import enrol_somebody
from kiosk.visits.types import Person, PersonKind
from tests.empty_databases import ON_SERVER, empty_url
from tests.people_worlds import (
    AGREED,
    CONTRACT,
    FakePeopleWorld,
    PeopleWorld,
    SqlPeopleWorld,
    a_draft,
    faces,
)


@pytest.fixture(params=["memory", "sqlite", ON_SERVER])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PeopleWorld]:
    if request.param == "memory":
        yield FakePeopleWorld()
        return
    database = open_database(empty_url(request, tmp_path))
    yield SqlPeopleWorld(database, FolderObjectStore(tmp_path / "objects"))
    database.close()


def enrolled(world: PeopleWorld, *seeds: int, kind: PersonKind = PersonKind.CUSTOMER) -> Person:
    limits = Thresholds(match=0.45, maybe=0.35, kin=0.47)
    draft = a_draft("Malee", kind)
    return enrol_somebody(world.people, draft, AGREED, faces(*seeds), CONTRACT, lambda _: limits)


def test_a_guest_who_is_enrolled_is_one_person_with_the_visits_of_before(world: PeopleWorld) -> None:
    guest, other = world.guest(1), world.guest(2)
    world.visit(guest, "v1")
    world.visit(guest, "v2", 60)
    world.visit(other, "v3", 120)
    person = enrolled(world, 1)
    assert (person.kind, person.name, person.visits) == (PersonKind.CUSTOMER, "Malee", 2)
    assert person.consent_version == AGREED.version
    assert world.visits() == {"v1": person.person_id, "v2": person.person_id, "v3": other}
    assert [one.person_id for one in world.people.find(kind=PersonKind.GUEST)] == [other]
    assert world.people.person(guest).person_id == person.person_id


def test_a_guest_who_is_staff_after_all_is_not_counted_any_more(world: PeopleWorld) -> None:
    world.visit(world.guest(1), "v1")
    assert enrolled(world, 1, 3, kind=PersonKind.STAFF).visits == 0
    assert world.visits() == {}
    assert world.people.find(kind=PersonKind.GUEST) == []


def test_whoever_agreed_already_stays_apart(world: PeopleWorld) -> None:
    """Whether two who have agreed are one, staff decide."""
    first = enrolled(world, 1)
    world.visit(first.person_id, "v1")
    assert enrolled(world, 1).person_id != first.person_id
    assert world.visits() == {"v1": first.person_id}


def test_a_guest_who_is_forgotten_meanwhile_keeps_nobody_from_being_enrolled(
    world: PeopleWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.guest(1)

    def merge(kept_id: str, gone_id: str) -> Person:
        raise KnownError(ErrorCode.PERSON_UNKNOWN, "There is no such person.")

    monkeypatch.setattr(world.people, "merge", merge)
    person = enrolled(world, 1)
    assert world.people.person(person.person_id).name == "Malee"
