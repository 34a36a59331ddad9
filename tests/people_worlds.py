"""Somebody's people, in memory or in SQL, with their visits and pictures, for tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.engine import Database
from kiosk.database.guests import add_guest
from kiosk.database.meta import SqlMeta
from kiosk.database.people import SqlPeople
from kiosk.database.people_tables import VisitRow
from kiosk.database.tenant import TenantDatabase
from kiosk.photos.types import ObjectStore
from kiosk.vision.types import Embedding, FloatArray, Pixels
from kiosk.visits.pictures import FacePictures
from kiosk.visits.ports import People
from kiosk.visits.types import Agreement, Gender, NewFace, PersonDraft, PersonKind
from tests.fake_people import FakePeople, FakeVisit

CONTRACT = "recogniser-1/aligned-112/0011aabb"
MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
AGREED = Agreement("1", MORNING)


def a_vector(seed: int) -> FloatArray:
    """Somebody's face: of length 1, and alike to nobody else's."""
    vector = np.random.default_rng(seed).standard_normal(512)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def a_picture(seed: int) -> Pixels:
    """Of no face: pixels that are in no other picture."""
    return np.random.default_rng(seed).integers(0, 255, (64, 64, 3), np.uint8)


def a_face(seed: int, contract_id: str = CONTRACT) -> NewFace:
    return NewFace(a_picture(seed), Embedding(a_vector(seed), contract_id))


def faces(*seeds: int) -> list[NewFace]:
    return [a_face(seed) for seed in seeds]


def a_draft(name: str = "Malee", kind: PersonKind = PersonKind.CUSTOMER, **more: object) -> PersonDraft:
    return PersonDraft(kind, name, **more)  # type: ignore[arg-type]


class PeopleWorld(Protocol):
    """What the tests need besides the people."""

    clock: ManualClock
    people: People

    def visit(self, person_id: str, visit_id: str, minutes: int = 0) -> None:
        """They came once, for ten minutes."""
        ...

    def visits(self) -> dict[str, str | None]:
        """Whose each visit is."""
        ...

    def guest(self, seed: int) -> str: ...


@dataclass
class FakePeopleWorld:
    """In memory."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(MORNING))
    people: FakePeople = field(init=False)

    def __post_init__(self) -> None:
        self.people = FakePeople(self.clock)

    def visit(self, person_id: str, visit_id: str, minutes: int = 0) -> None:
        self.people.visits[visit_id] = FakeVisit(person_id, MORNING + timedelta(minutes=minutes))

    def visits(self) -> dict[str, str | None]:
        return {key: visit.person_id for key, visit in self.people.visits.items()}

    def guest(self, seed: int) -> str:
        return self.people.add_guest(Embedding(a_vector(seed), CONTRACT))


class SqlPeopleWorld:
    """On a database, with pictures in a store."""

    def __init__(
        self, database: Database, store: ObjectStore, tenant_id: str = "", clock: ManualClock | None = None
    ) -> None:
        self.clock = clock or ManualClock(MORNING)
        self.database = database
        self.store = store
        self.kiosk_id = SqlMeta(database).kiosk_id()
        self.tenant = TenantDatabase(database, tenant_id, self.clock)
        self.people = SqlPeople(self.tenant, self.kiosk_id, FacePictures(store))

    def visit(self, person_id: str, visit_id: str, minutes: int = 0, site_id: str = "shop") -> None:
        began_at = MORNING + timedelta(minutes=minutes)
        with self.tenant.writing() as session:
            session.add(
                VisitRow(
                    visit_id=visit_id,
                    kiosk_id=self.kiosk_id,
                    site_id=site_id,
                    stream_id="door",
                    person_id=person_id,
                    gender=Gender.UNKNOWN.value,
                    is_returning=False,
                    number=1,
                    began_at=began_at,
                    ended_at=began_at + timedelta(minutes=10),
                    picture_key=None,
                )
            )

    def visits(self) -> dict[str, str | None]:
        return {row.visit_id: row.person_id for row in self.visit_rows()}

    def visit_rows(self) -> list[VisitRow]:
        """In the order in which they began."""
        with self.tenant.reading() as session:
            return list(session.scalars(select(VisitRow).order_by(VisitRow.began_at, VisitRow.visit_id)))

    def guest(self, seed: int) -> str:
        with self.tenant.writing() as session:
            face = Embedding(a_vector(seed), CONTRACT)
            return add_guest(session, self.tenant.tenant_id, face, Gender.UNKNOWN, self.clock.now()).person_id


def who_is(people: People, contract_id: str = CONTRACT) -> dict[bytes, str]:
    """Whose each known face is; each face once."""
    known = people.known_faces(contract_id)
    owners = {
        vector.tobytes(): person_id for vector, person_id in zip(known.vectors, known.person_ids, strict=True)
    }
    assert len(owners) == len(known.person_ids), "a face is known twice"
    return owners


def keys_of(seeds: Iterable[int]) -> set[bytes]:
    """The faces of these seeds, as `who_is` has them."""
    return {a_vector(seed).tobytes() for seed in seeds}
