"""Whatever staff do to people: each face is somebody's or was taken away, each visit somebody's or nobody's,
and none of both is lost or doubled."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.visits.person_rules import needed_faces
from kiosk.visits.types import Person, PersonKind
from tests.people_worlds import AGREED, CONTRACT, MORNING, SqlPeopleWorld, a_draft, a_face, a_vector, faces

NAMED = (PersonKind.STAFF, PersonKind.CUSTOMER)
KINDS = st.sampled_from(NAMED)


class PeopleInAnyOrder(RuleBasedStateMachine):
    """One shop. `owners` is whose each face should be, by the seed that it was made from; `visits` whose each
    visit; `leads_to` whom each id that ever was stands for, None for somebody who was forgotten."""

    _made: TemporaryDirectory[str] | None = None

    def __init__(self) -> None:
        super().__init__()
        self._folder = TemporaryDirectory()
        self.owners: dict[int, str] = {}
        self.visits: dict[str, str | None] = {}
        self.leads_to: dict[str, str | None] = {}
        self.kinds: dict[str, PersonKind] = {}
        self._count = 0

    @classmethod
    def _empty_database(cls) -> Path:
        """Migrated once."""
        if PeopleInAnyOrder._made is None:
            PeopleInAnyOrder._made = TemporaryDirectory()
            open_database(Path(PeopleInAnyOrder._made.name) / "empty.db").close()
        return Path(PeopleInAnyOrder._made.name) / "empty.db"

    @initialize()
    def opens(self) -> None:
        home = Path(self._folder.name)
        shutil.copyfile(self._empty_database(), home / "kiosk.db")
        clock = ManualClock(MORNING)
        self.store = FolderObjectStore(home / "objects")
        self.world = SqlPeopleWorld(open_database(home / "kiosk.db", clock), self.store, clock=clock)
        self.people = self.world.people

    def _fresh(self) -> int:
        self._count += 1
        self.world.clock.advance(1)
        return self._count

    def _one(self, data: st.DataObject, *kinds: PersonKind) -> str:
        wanted = kinds or NAMED
        return data.draw(st.sampled_from([one for one, kind in self.kinds.items() if kind in wanted]))

    def _seeds(self, person_id: str) -> list[int]:
        """In the order in which their faces stand."""
        theirs = {a_vector(seed).tobytes(): seed for seed, owner in self.owners.items() if owner == person_id}
        known = self.people.known_faces(CONTRACT)
        pairs = zip(known.vectors, known.person_ids, strict=True)
        return [theirs[vector.tobytes()] for vector, owner in pairs if owner == person_id]

    def _is_now(self, person: Person) -> None:
        self.kinds[person.person_id] = person.kind
        if person.kind is PersonKind.STAFF:
            self.visits = {key: owner for key, owner in self.visits.items() if owner != person.person_id}

    # -- what staff do ----------------------------------------------------------------------------

    @rule(kind=KINDS, more=st.integers(0, 2))
    def enrol(self, kind: PersonKind, more: int) -> None:
        seeds = [self._fresh() for _ in range(needed_faces(kind) + more)]
        person = self.people.enrol(a_draft(f"P{self._count}", kind), AGREED, faces(*seeds))
        self.leads_to[person.person_id] = person.person_id
        self.owners |= dict.fromkeys(seeds, person.person_id)
        self._is_now(person)

    @rule()
    def a_guest_comes(self) -> None:
        seed = self._fresh()
        guest = self.world.guest(seed)
        self.leads_to[guest] = self.owners[seed] = guest
        self.kinds[guest] = PersonKind.GUEST

    @precondition(lambda self: any(kind is not PersonKind.STAFF for kind in self.kinds.values()))
    @rule(data=st.data(), minutes=st.integers(1, 5))
    def a_visit(self, data: st.DataObject, minutes: int) -> None:
        person_id = self._one(data, PersonKind.CUSTOMER, PersonKind.GUEST)
        visit_id = f"v{self._fresh()}"
        self.world.visit(person_id, visit_id, self._count * 60 + minutes)
        self.visits[visit_id] = person_id

    @precondition(lambda self: len(self.kinds) > 1)
    @rule(data=st.data(), times=st.integers(1, 2))
    def merge(self, data: st.DataObject, times: int) -> None:
        kept, gone = data.draw(
            st.lists(st.sampled_from(list(self.kinds)), min_size=2, max_size=2, unique=True)
        )
        for _ in range(times):
            merged = self.people.merge(kept, gone)
        kinds = {self.kinds[kept], self.kinds.pop(gone)}
        assert merged.kind == next(kind for kind in PersonKind if kind in kinds)
        for known in (self.leads_to, self.owners, self.visits):
            for key, owner in known.items():
                if owner == gone:
                    known[key] = kept  # type: ignore[index]
        self._is_now(merged)

    @precondition(lambda self: any(kind in NAMED for kind in self.kinds.values()))
    @rule(data=st.data(), kind=KINDS)
    def split(self, data: st.DataObject, kind: PersonKind) -> None:
        person_id = self._one(data)
        seeds = self._seeds(person_id)
        ordinals = [face.ordinal for face in self.people.person(person_id).faces]
        count = needed_faces(kind)
        if len(seeds) - count < needed_faces(self.kinds[person_id]):
            return
        theirs = [key for key, owner in self.visits.items() if owner == person_id]
        given = data.draw(st.lists(st.sampled_from(theirs), unique=True)) if theirs else []
        other = self.people.split(person_id, ordinals[:count], given, a_draft("Other", kind), AGREED)
        self.leads_to[other.person_id] = other.person_id
        self.owners |= dict.fromkeys(seeds[:count], other.person_id)
        self.visits |= dict.fromkeys(given, other.person_id)
        self._is_now(other)

    @precondition(lambda self: any(kind in NAMED for kind in self.kinds.values()))
    @rule(data=st.data(), kind=KINDS)
    def change(self, data: st.DataObject, kind: PersonKind) -> None:
        person_id = self._one(data)
        if len(self._seeds(person_id)) >= needed_faces(kind):
            self._is_now(self.people.change(person_id, a_draft(f"N{self._fresh()}", kind)))

    @precondition(lambda self: any(kind in NAMED for kind in self.kinds.values()))
    @rule(data=st.data())
    def another_picture(self, data: st.DataObject) -> None:
        person_id = self._one(data)
        if len(self._seeds(person_id)) < 20:
            seed = self._fresh()
            self.people.add_face(person_id, a_face(seed))
            self.owners[seed] = person_id

    @precondition(lambda self: any(kind in NAMED for kind in self.kinds.values()))
    @rule(data=st.data())
    def a_picture_less(self, data: st.DataObject) -> None:
        person_id = self._one(data)
        seeds = self._seeds(person_id)
        if len(seeds) > needed_faces(self.kinds[person_id]):
            place = data.draw(st.integers(0, len(seeds) - 1))
            face = self.people.person(person_id).faces[place]
            self.people.remove_face(person_id, face.ordinal)
            del self.owners[seeds[place]]

    @precondition(lambda self: any(owner for owner in self.leads_to.values()))
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        """By any id that they ever had."""
        asked = data.draw(st.sampled_from([one for one, owner in self.leads_to.items() if owner]))
        gone = self.leads_to[asked]
        self.people.forget(asked)
        assert gone is not None
        del self.kinds[gone]
        self.owners = {seed: owner for seed, owner in self.owners.items() if owner != gone}
        self.visits = {key: None if owner == gone else owner for key, owner in self.visits.items()}
        self.leads_to = {key: None if owner == gone else owner for key, owner in self.leads_to.items()}

    # -- what must be so --------------------------------------------------------------------------

    @invariant()
    def every_face_and_every_visit_is_whose_it_should_be(self) -> None:
        known = self.people.known_faces(CONTRACT)
        found = sorted(
            (vector.tobytes(), person_id)
            for vector, person_id in zip(known.vectors, known.person_ids, strict=True)
        )
        assert found == sorted((a_vector(seed).tobytes(), owner) for seed, owner in self.owners.items())
        assert self.world.visits() == self.visits
        listed = self.people.find(limit=1000) + self.people.find(kind=PersonKind.GUEST, limit=1000)
        assert {person.person_id: person.kind for person in listed} == self.kinds
        for person in listed:
            assert len(person.faces) >= needed_faces(person.kind)
            theirs = [row.number for row in self.world.visit_rows() if row.person_id == person.person_id]
            assert person.visits == len(theirs)

    @invariant()
    def every_id_leads_to_whoever_is_kept(self) -> None:
        for person_id, kept in self.leads_to.items():
            if kept is not None:
                assert self.people.person(person_id).person_id == kept

    def teardown(self) -> None:
        if hasattr(self, "world"):
            listed = self.people.find(limit=1000) + self.people.find(kind=PersonKind.GUEST, limit=1000)
            named = {face.picture_key for person in listed for face in person.faces}
            # Whoever was forgotten waits for the deletion of their files.
            assert named - {None} <= set(self.store.keys("people/"))
            self.world.database.close()
        self._folder.cleanup()


def lasting(examples: int, steps: int) -> settings:
    """So many stories of so many steps."""
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes longer than a test may
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
    )


PeopleInAnyOrder.TestCase.settings = lasting(5, 30)
TestPeopleInAnyOrder = PeopleInAnyOrder.TestCase


class ForLong(PeopleInAnyOrder):
    """The same, longer."""


ForLong.TestCase.settings = lasting(150, 60)
TestForLong = pytest.mark.slow(pytest.mark.timeout(1800)(ForLong.TestCase))
