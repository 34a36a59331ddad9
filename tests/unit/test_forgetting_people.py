"""Somebody whom a shop knew is in no file of it any more, whatever was done with them before."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.people import SqlPeople
from kiosk.database.people_tables import StayRow, VisitFaceRow, VisitRow
from kiosk.database.sync_tables import ForgottenPictureRow, OutboxRow
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.records import Kind
from kiosk.visits.pictures import FacePictures
from kiosk.visits.types import FaceKind, PersonKind
from tests.forgetting_machine import Machine, closed, opened, traces
from tests.people_worlds import AGREED, CONTRACT, a_draft, a_face, a_picture, a_vector, faces

PHONE = "0812345678"
SEEN, MALEE, MALI, MORE, NOK = 50, 1, 2, 3, 9


@dataclass
class Shop:
    """A machine that knows people."""

    machine: Machine
    people: SqlPeople
    pictures: FacePictures

    def visit(self, person_id: str, visit_id: str, *, is_open: bool = False) -> None:
        """With the picture and the face of that visit; an open one with its stay."""
        at = self.machine.clock.now()
        key = self.pictures.put_visit(visit_id, a_picture(SEEN))
        with self.machine.database.writing() as session:
            session.add(
                VisitRow(
                    visit_id=visit_id,
                    kiosk_id=self.machine.kiosk_id,
                    site_id="shop",
                    stream_id="door",
                    person_id=person_id,
                    gender="female",
                    is_returning=True,
                    number=4,
                    began_at=at,
                    ended_at=None if is_open else at + timedelta(minutes=5),
                    picture_key=key,
                )
            )
            session.flush()
            session.add(VisitFaceRow(visit_id=visit_id, contract_id=CONTRACT, embedding=a_vector(SEEN)))
            if is_open:
                session.add(
                    StayRow(
                        stay_id=visit_id,
                        site_id="shop",
                        stream_id="door",
                        kind=FaceKind.KNOWN.value,
                        person_id=person_id,
                        began_at=at,
                        last_seen_at=at + timedelta(minutes=3),
                        contract_id=None,
                        embedding=None,
                    )
                )

    def needles(self, *seeds: int) -> list[bytes]:
        """Faces as rows and as messages hold them, the insides of their pictures, and the phone number."""
        rows = [a_vector(seed).astype("<f4").tobytes() for seed in seeds]
        pictures = [self.machine.store.get(key)[-300:] for key in self.machine.store.keys("")]
        told = [base64.b64encode(row) for row in rows]
        return [*(part for whole in (*rows, *told) for part in parts(whole)), *pictures, PHONE.encode()]


def parts(whole: bytes) -> list[bytes]:
    """Short ones: a long one may lie over the end of a page."""
    return [whole[:300], whole[1000:1300]]


def a_shop(machine: Machine) -> Shop:
    pictures = FacePictures(machine.store)
    tenant = TenantDatabase(machine.database, "", machine.clock)
    return Shop(machine, SqlPeople(tenant, machine.kiosk_id, pictures), pictures)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    machine = opened(tmp_path / "home", ManualClock())
    yield a_shop(machine)
    closed(machine)


def known_for_long(shop: Shop) -> str:
    """Enrolled, changed, merged with another, seen several times, backed up; their id."""
    malee = shop.people.enrol(a_draft("Malee", phone=PHONE), AGREED, faces(MALEE)).person_id
    mali = shop.people.enrol(a_draft("Mali", phone=PHONE), AGREED, faces(MALI)).person_id
    shop.people.add_face(mali, a_face(MORE))
    shop.visit(mali, "v1")
    shop.machine.clock.advance(3600)
    shop.visit(malee, "v2", is_open=True)
    shop.people.merge(malee, mali)
    shop.people.change(malee, a_draft("Malee S.", phone=PHONE))
    shop.machine.database.back_up()
    shop.machine.clock.advance(3600)
    return malee


def test_no_file_holds_anything_of_somebody_who_was_forgotten(shop: Shop) -> None:
    person_id = known_for_long(shop)
    needles = shop.needles(MALEE, MALI, MORE, SEEN)
    missing = [needle for needle in needles if not traces(shop.machine.home, needle)]
    assert missing == parts(base64.b64encode(a_vector(SEEN).tobytes()))  # faces of visits are not told
    nok = shop.people.enrol(a_draft("Nok"), AGREED, faces(NOK)).person_id
    deletion_id = shop.people.forget(person_id)
    shop.machine.forgetting.once()
    assert traces(shop.machine.home, *needles) == []
    assert shop.machine.removed(deletion_id) == {
        "visit_faces": 2,
        "visits": 2,
        "stays": 1,
        "person_faces": 3,
        "people": 1,
        "messages": 5,
        "pictures": 5,
        "copies": 1,
    }
    assert len(shop.people.person(nok).faces) == 1
    assert [key.split("/")[1] for key in shop.machine.store.keys("")] == [nok]


def test_their_visits_are_counted_on_as_nobodys_and_one_that_goes_on_ends(shop: Shop) -> None:
    person_id = known_for_long(shop)
    shop.people.forget(person_id)
    with shop.machine.database.reading() as session:
        visits = list(session.scalars(select(VisitRow).order_by(VisitRow.began_at)))
        assert not list(session.scalars(select(StayRow)))
        (ended,) = [
            row.payload for row in session.scalars(select(OutboxRow)) if row.kind == Kind.VISIT.value
        ][-1:]
    assert [(visit.visit_id, visit.person_id, visit.number) for visit in visits] == [
        ("v1", None, None),
        ("v2", None, None),
    ]
    assert [visit.ended_at is not None for visit in visits] == [True, True]
    assert {(visit.gender, visit.picture_key) for visit in visits} == {("female", None)}
    assert '"visit_id":"v2"' in ended
    assert person_id not in ended


def test_they_are_known_to_nobody_from_the_moment_on_in_which_it_is_asked(shop: Shop) -> None:
    person_id = known_for_long(shop)
    revision = shop.people.revision()
    shop.people.forget(person_id)
    assert shop.people.revision() != revision
    assert shop.people.known_faces(CONTRACT).person_ids == ()
    assert shop.people.find() == []


def test_what_was_split_from_them_before_stays_with_its_picture(shop: Shop) -> None:
    person_id = known_for_long(shop)
    other = shop.people.split(person_id, [1], ["v1"], a_draft("Other"), AGREED)
    shop.people.forget(person_id)
    shop.machine.forgetting.once()
    (face,) = shop.people.person(other.person_id).faces
    assert face.picture_key is not None
    assert shop.pictures.get(face.picture_key).shape == a_picture(MALI).shape
    assert sorted(shop.machine.store.keys("")) == sorted([face.picture_key, "visits/v1.jpg"])


@pytest.mark.parametrize("step", ["rows", "index", "files", "traces", "confirm"])
def test_killed_before_any_step_they_are_gone_in_the_end_and_it_is_told_once(
    tmp_path: Path, step: str
) -> None:
    class Killed(BaseException):
        """Not an error that anything handles."""

    deaths = [step]

    def hinder(name: str) -> None:
        if deaths == [name]:
            deaths.clear()
            raise Killed

    shop = a_shop(opened(tmp_path / "home", ManualClock(), hinder))
    person_id = known_for_long(shop)
    needles = shop.needles(MALEE, MALI, MORE, SEEN)
    deletion_id = shop.people.forget(person_id)
    with pytest.raises(Killed):
        shop.machine.forgetting.once()
    closed(shop.machine)
    shop = a_shop(opened(tmp_path / "home", shop.machine.clock))
    assert shop.machine.forgetting.once() == 1
    assert shop.machine.forgetting.once() == 0
    assert traces(shop.machine.home, *needles) == []
    (told,) = shop.machine.told(Kind.FORGOTTEN)
    assert told["deletion_id"] == deletion_id
    with shop.machine.database.reading() as session:
        assert not list(session.scalars(select(ForgottenPictureRow)))
    closed(shop.machine)


def test_a_store_that_does_not_answer_puts_off_the_pictures_and_not_the_rows(tmp_path: Path) -> None:
    away = [True]

    def hinder(name: str) -> None:
        if name == "files" and away:
            raise KnownError(ErrorCode.OBJECT_STORE_UNREACHABLE, "away")

    shop = a_shop(opened(tmp_path / "home", ManualClock(), hinder))
    person_id = known_for_long(shop)
    deletion_id = shop.people.forget(person_id)
    assert shop.machine.forgetting.once() == 0
    assert shop.machine.state(deletion_id).done_at is None
    assert shop.people.find() == []
    assert list(shop.machine.store.keys("people/"))
    away.clear()
    assert shop.machine.forgetting.once() == 1
    assert not list(shop.machine.store.keys(""))
    closed(shop.machine)


def test_a_face_that_is_taken_away_and_a_person_who_becomes_staff_leave_no_picture(shop: Shop) -> None:
    made = shop.people.enrol(a_draft("Nok"), AGREED, faces(1, 2, 3)).person_id
    shop.visit(made, "v1")
    shop.people.remove_face(made, 0)
    shop.people.change(made, a_draft("Nok", PersonKind.STAFF))
    assert len(list(shop.machine.store.keys("people/"))) == 2
    assert not list(shop.machine.store.keys("visits/"))
