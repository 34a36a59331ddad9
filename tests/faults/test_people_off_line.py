"""Two shops of a chain do whatever may be done to people, on line and off: in the end they agree, and no face
is lost or doubled."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from kiosk.database.engine import open_database
from kiosk.visits.types import NewFace, PersonKind
from tests.people_chain import ChainCentre, ChainKiosk, all_meet
from tests.people_worlds import AGREED, CONTRACT, a_draft, a_face, who_is

STAFF = PersonKind.STAFF
CUSTOMER = PersonKind.CUSTOMER


@pytest.fixture
def centre(tmp_path: Path) -> Iterator[ChainCentre]:
    database = open_database(tmp_path / "central.db", keeps_changes=True)
    yield ChainCentre(database)
    database.close()


@pytest.fixture
def shops(centre: ChainCentre, tmp_path: Path) -> Iterator[tuple[ChainKiosk, ChainKiosk]]:
    opened = (ChainKiosk(tmp_path / "one", centre), ChainKiosk(tmp_path / "other", centre))
    yield opened
    for shop in opened:
        shop.database.close()


class Chaos:
    """Both shops do whatever may be done, and meet the centre now and then."""

    def __init__(self, seed: int, centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk]) -> None:
        self.random = Random(seed)
        self.centre = centre
        self.shops = shops
        self.seeds = itertools.count(1000 * seed)
        self.visit_ids = itertools.count()
        self.removed: set[bytes] = set()
        self.made: set[bytes] = set()

    def step(self) -> None:
        shop = self.random.choice(self.shops)
        self.centre.clock.advance(self.random.choice([0, 1, 60, 3600]))
        deeds: list[Callable[[ChainKiosk], None]] = [
            self.enrol,
            self.merge,
            self.merge,
            self.split,
            self.add,
            self.remove,
            self.change,
            self.visit,
            self.meet,
        ]
        self.random.choice(deeds)(shop)

    def enrol(self, shop: ChainKiosk) -> None:
        kind = self.random.choice([STAFF, CUSTOMER, CUSTOMER])
        shop.people.enrol(a_draft(f"P{next(self.visit_ids)}", kind), AGREED, [self.face(), self.face()])

    def merge(self, shop: ChainKiosk) -> None:
        people = shop.people.find()
        if len(people) > 1:
            kept, gone = self.random.sample(people, 2)
            shop.people.merge(kept.person_id, gone.person_id)

    def split(self, _: ChainKiosk) -> None:
        """In one shop only: if both take the same face from somebody, it becomes two people's."""
        shop = self.shops[0]
        for person in shop.people.find():
            if len(person.faces) > 2:
                ordinal = self.random.choice(person.faces).ordinal
                shop.people.split(person.person_id, [ordinal], [], a_draft("split"), AGREED)
                return

    def add(self, shop: ChainKiosk) -> None:
        people = [person for person in shop.people.find() if len(person.faces) < 18]
        if people:
            shop.people.add_face(self.random.choice(people).person_id, self.face())

    def remove(self, shop: ChainKiosk) -> None:
        people = [person for person in shop.people.find() if len(person.faces) > 2]
        if people:
            person = self.random.choice(people)
            before = set(known_in(shop))
            shop.people.remove_face(person.person_id, self.random.choice(person.faces).ordinal)
            self.removed |= before - set(known_in(shop))

    def change(self, shop: ChainKiosk) -> None:
        people = [person for person in shop.people.find() if len(person.faces) > 1]
        if people:
            kind = self.random.choice([STAFF, CUSTOMER])
            person = self.random.choice(people)
            shop.people.change(person.person_id, a_draft(f"N{next(self.visit_ids)}", kind))

    def visit(self, shop: ChainKiosk) -> None:
        people = shop.people.find(kind=CUSTOMER)
        if people:
            number = next(self.visit_ids)
            shop.visit(self.random.choice(people).person_id, f"v{number}", 60 * number)

    def meet(self, shop: ChainKiosk) -> None:
        shop.meets(pushes=self.random.random() < 0.8, pulls=self.random.random() < 0.8)

    def face(self) -> NewFace:
        face = a_face(next(self.seeds))
        self.made.add(face.embedding.vector.tobytes())
        return face


def known_in(shop: ChainKiosk) -> list[bytes]:
    """As long as a shop has not told what it merged, a face may be known twice there."""
    return [vector.tobytes() for vector in shop.people.known_faces(CONTRACT).vectors]


LONG = [pytest.param(seed, 120, marks=pytest.mark.slow) for seed in range(100, 120)]


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "steps"), [(seed, 45) for seed in range(4)] + LONG)
def test_whatever_two_shops_do_off_line_they_agree_in_the_end_and_no_face_is_lost_or_doubled(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], seed: int, steps: int
) -> None:
    chaos = Chaos(seed, centre, shops)
    for _ in range(steps):
        chaos.step()
    all_meet(shops)
    assert shops[0].known() == shops[1].known() == centre.known()
    for shop in shops:
        owners = who_is(shop.people)  # each face once
        assert chaos.made - set(owners) <= chaos.removed
        kinds = {person.person_id: person.kind for person in shop.people.find(limit=1000)}
        assert set(owners.values()) <= set(kinds)
        assert all(kinds[owner] is CUSTOMER for owner in shop.visits().values() if owner)
    assert who_is(shops[0].people) == who_is(shops[1].people)
    told = {key: owner for shop in shops for key, owner in shop.visits().items()}
    assert {key: owner for key, owner in centre.visits().items() if key in told}.items() <= told.items()
    assert set(centre.visits()) <= set(told)
