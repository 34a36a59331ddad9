"""A shop in which people come and go before a visit book, in memory or in SQL, for tests."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

import numpy as np
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.engine import Database
from kiosk.database.people_revision import people_revision
from kiosk.database.people_tables import (
    PersonFaceRow,
    PersonRow,
    SiteRow,
    StayRow,
    StreamRow,
    VisitFaceRow,
    VisitRow,
)
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_book import SqlVisitBook
from kiosk.vision.types import Embedding, FloatArray, Pixels
from kiosk.visits.pictures import FacePictures
from kiosk.visits.ports import VisitBook, VisitQuery
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import FaceKind, Gender, PersonKind, Sighting, Stay, Visit
from tests.fake_visit_book import THRESHOLDS, FakePerson, FakeVisitBook

CONTRACT = "recogniser-1/aligned-112/0011aabb"
SITE, OTHER_SITE, DOOR, TILL = "shop", "mall", "door", "till"
MORNING = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def face(seed: int) -> FloatArray:
    """Somebody's face: of length 1, and alike to nobody else's."""
    vector = np.random.default_rng(seed).standard_normal(512)
    return np.asarray(vector / np.linalg.norm(vector), np.float32)


def view_of(seed: int, similarity: float = 0.7, moment: int = 0) -> FloatArray:
    """Another view of the same face, which has this similarity to it."""
    theirs = face(seed).astype(np.float64)
    noise = np.random.default_rng((seed + 1) * 7919 + moment).standard_normal(512)
    noise -= (noise @ theirs) * theirs
    noise /= np.linalg.norm(noise)
    return np.asarray(similarity * theirs + np.sqrt(1 - similarity**2) * noise, np.float32)


class World(Protocol):
    """What the tests need besides the book."""

    clock: ManualClock
    book: VisitBook

    def know(
        self, person_id: str, kind: PersonKind, name: str = "", gender: Gender = Gender.UNKNOWN
    ) -> None: ...

    def opened(self, rules: StayRules) -> VisitBook:
        """The same book by other rules."""
        ...

    def throwaway(self) -> int:
        """How many embeddings of visitors are held who agreed to nothing."""
        ...

    def guests(self) -> list[str]: ...


@dataclass
class FakeWorld:
    """In memory."""

    clock: ManualClock = field(default_factory=lambda: ManualClock(MORNING))
    book: FakeVisitBook = field(default_factory=FakeVisitBook)

    def know(self, person_id: str, kind: PersonKind, name: str = "", gender: Gender = Gender.UNKNOWN) -> None:
        self.book.know(FakePerson(person_id, kind, name, gender))

    def opened(self, rules: StayRules) -> FakeVisitBook:
        self.book.rules = rules
        return self.book

    def throwaway(self) -> int:
        return sum(stay.person is None for stay in self.book.stays.values())

    def guests(self) -> list[str]:
        return [one.person_id for one in self.book.people.values() if one.kind is PersonKind.GUEST]


class SqlWorld:
    """On a database; `pictures` is a folder's, or one in memory."""

    def __init__(
        self,
        database: Database,
        pictures: FacePictures,
        tenant_id: str = "",
        clock: ManualClock | None = None,
        kiosk_id: str = "kiosk-1",
    ) -> None:
        self.clock = clock or ManualClock(MORNING)
        self.tenant = TenantDatabase(database, tenant_id, self.clock)
        self.pictures = pictures
        self.kiosk_id = kiosk_id
        self.book = self.opened(StayRules())

    def set_up(self) -> SqlWorld:
        """The sites and cameras."""
        values = {"kiosk_id": self.kiosk_id, "source": "webcam:0", "user": "", "is_on": True}
        more = {"recognises": True, "line": None, "created_at": MORNING}
        with self.tenant.writing() as session:
            for site_id in (SITE, OTHER_SITE):
                session.add(SiteRow(site_id=site_id, name=site_id.title(), created_at=MORNING))
            session.flush()
            for name in (DOOR, TILL):
                session.add(StreamRow(stream_id=name, site_id=SITE, name=name, **values, **more))
        return self

    def know(self, person_id: str, kind: PersonKind, name: str = "", gender: Gender = Gender.UNKNOWN) -> None:
        with self.tenant.writing() as session:
            session.add(
                PersonRow(
                    person_id=person_id,
                    kind=kind.value,
                    name=name,
                    gender=gender.value,
                    birth_year=None,
                    phone="",
                    email="",
                    consent_version="1",
                    consented_at=MORNING,
                    created_at=MORNING,
                )
            )

    def opened(self, rules: StayRules) -> SqlVisitBook:
        return SqlVisitBook(self.tenant, self.kiosk_id, self.pictures, rules, lambda _: THRESHOLDS)

    def throwaway(self) -> int:
        with self.tenant.reading() as session:
            return len([row for row in session.scalars(select(StayRow)) if row.embedding is not None])

    def guests(self) -> list[str]:
        named = select(PersonRow.person_id).where(PersonRow.kind == PersonKind.GUEST.value)
        with self.tenant.reading() as session:
            return list(session.scalars(named))

    def faces_of(self, person_id: str) -> list[FloatArray]:
        query = select(PersonFaceRow.embedding).where(PersonFaceRow.person_id == person_id)
        with self.tenant.reading() as session:
            return list(session.scalars(query))

    def revision(self) -> str:
        with self.tenant.reading() as session:
            return people_revision(session, self.tenant.tenant_id)

    def visit_faces(self) -> list[str]:
        with self.tenant.reading() as session:
            return list(session.scalars(select(VisitFaceRow.visit_id)))

    def visit_row(self, visit_id: str) -> VisitRow | None:
        with self.tenant.reading() as session:
            return session.get(VisitRow, visit_id)


def sighting(
    world: World,
    seed: int,
    person_id: str | None = None,
    *,
    site_id: str = SITE,
    stream_id: str = DOOR,
    stay_id: str | None = None,
    gender: Gender = Gender.UNKNOWN,
    vector: FloatArray | None = None,
    picture: Pixels | None = None,
) -> Sighting:
    """Somebody with this face, right now."""
    embedding = Embedding(view_of(seed) if vector is None else vector, CONTRACT)
    return Sighting(site_id, stream_id, world.clock.now(), person_id, embedding, gender, picture, stay_id)


def all_visits(world: World) -> list[Visit]:
    """The newest first."""
    until = world.clock.now() + timedelta(days=4000)
    return world.book.visits(VisitQuery(MORNING - timedelta(days=4000), until, limit=10**6))


def after(world: World, minutes: float, tick: Callable[[], object] | None = None) -> int:
    """Time goes by, minute by minute, while the book is kept; how many stays ended."""
    ended = 0
    for _ in range(round(minutes)):
        world.clock.advance(60)
        if tick is not None:
            tick()
        ended += world.book.end_due(world.clock.now())
    return ended


def is_visitor(stay: Stay) -> bool:
    return stay.kind is FaceKind.VISITOR and stay.person_id is None
