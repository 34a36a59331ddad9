"""People of a chain: two shops and a centre agree on who is who, in whatever order they hear of it."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from kiosk.database.deletions import SqlDeletions
from kiosk.database.engine import Database
from kiosk.database.people_joining import add_gone_faces
from kiosk.database.people_tables import PersonFaceRow, PersonRow
from kiosk.database.sync_state import SqlEnrolment
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.records import Kind
from kiosk.sync.store_records import MOST_GONE_FACES
from kiosk.visits.person_rules import MOST_MERGED_FACES
from kiosk.visits.types import Agreement, PersonKind
from tests.people_chain import ChainCentre, ChainKiosk, all_meet, messages_of
from tests.people_worlds import AGREED, CONTRACT, MORNING, a_draft, a_face, a_vector, faces, keys_of, who_is

STAFF = PersonKind.STAFF
CUSTOMER = PersonKind.CUSTOMER
ORDERS = [(0, 1), (1, 0)]


@pytest.fixture
def centre(central_database: Database) -> ChainCentre:
    return ChainCentre(central_database)


@pytest.fixture
def shops(centre: ChainCentre, tmp_path: Path, empty_file: Path) -> Iterator[tuple[ChainKiosk, ChainKiosk]]:
    opened = (
        ChainKiosk(tmp_path / "one", centre, empty_file),
        ChainKiosk(tmp_path / "other", centre, empty_file),
    )
    yield opened
    for shop in opened:
        shop.database.close()


def agreed(centre: ChainCentre, shops: tuple[ChainKiosk, ...]) -> bool:
    """Whether all know the same of everybody."""
    known = centre.known()
    assert all(shop.known() == known for shop in shops)
    return True


def meet_in(order: tuple[int, ...], shops: tuple[ChainKiosk, ...]) -> None:
    """They come back on line in this order."""
    for place in order:
        shops[place].meets()
    all_meet(shops)


# -- up and down ------------------------------------------------------------------------------------


def test_who_is_enrolled_in_one_shop_is_known_in_the_other_with_their_agreement_and_no_picture(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk]
) -> None:
    one, other = shops
    made = one.people.enrol(a_draft("มาลี", phone="0812345678"), Agreement("3", MORNING), faces(1, 2))
    revision = other.people.revision()
    all_meet(shops)
    assert agreed(centre, shops)
    there = other.people.person(made.person_id)
    assert (there.name, there.phone) == ("มาลี", "0812345678")
    assert (there.consent_version, there.consented_at) == ("3", MORNING)
    assert [face.picture_key for face in there.faces] == [None, None]
    assert who_is(other.people) == who_is(one.people) == dict.fromkeys(keys_of([1, 2]), made.person_id)
    assert other.people.revision() != revision


def test_pictures_stay_where_they_were_taken_whatever_comes_from_elsewhere(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk]
) -> None:
    one, other = shops
    made = one.people.enrol(a_draft("Malee"), AGREED, faces(1, 2))
    keys = [face.picture_key for face in made.faces]
    all_meet(shops)
    other.people.change(made.person_id, a_draft("Malee S."))
    other.people.add_face(made.person_id, a_face(3))
    all_meet(shops)
    here = one.people.person(made.person_id)
    assert here.name == "Malee S."
    assert [face.picture_key for face in here.faces] == [*keys, None]
    assert [bool(face.picture_key) for face in other.people.person(made.person_id).faces] == [
        False,
        False,
        True,
    ]
    assert agreed(centre, shops)


def test_guests_are_told_to_nobody_and_become_known_with_their_consent(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk]
) -> None:
    one, other = shops
    guest = one.guest(1)
    one.visit(guest, "v1")
    one.people.merge(guest, one.guest(2))
    assert messages_of(one) == []
    made = one.people.enrol(a_draft("Malee"), AGREED, faces(3))
    one.people.merge(made.person_id, guest)
    assert [told["person_id"] for told in messages_of(one, Kind.PERSON)] == [made.person_id] * 2
    all_meet(shops)
    assert agreed(centre, shops)
    assert who_is(other.people) == dict.fromkeys(keys_of([1, 2, 3]), made.person_id)
    assert centre.visits() == {"v1": made.person_id}


def test_a_guest_who_is_kept_is_told_as_a_customer_with_the_visits_of_before(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk]
) -> None:
    one, other = shops
    made = one.people.enrol(a_draft("Malee"), AGREED, faces(3))
    all_meet(shops)
    other.visit(other.guest(9), "v9")
    guest = one.guest(1)
    one.visit(guest, "v1")
    one.people.merge(guest, made.person_id)
    all_meet(shops)
    assert agreed(centre, shops)
    assert other.people.person(made.person_id).person_id == guest
    assert centre.visits() == {"v1": guest}


def test_a_machine_takes_nobody_along_to_another_chain_and_everybody_back_to_its_own(
    shops: tuple[ChainKiosk, ChainKiosk],
) -> None:
    one, _ = shops
    enrolment = SqlEnrolment(one.database, one.clock)
    kept = one.people.enrol(a_draft("Malee"), AGREED, faces(1)).person_id
    one.people.merge(kept, one.people.enrol(a_draft("Mali"), AGREED, faces(2)).person_id)
    one.guest(3)
    one.visit(kept, "v1")
    for _ in range(2):
        enrolment.enrol("Chain", "K1")
        assert sorted(told["name"] for told in messages_of(one, Kind.PERSON)) == ["", "Malee"]
    enrolment.enrol("Another chain", "K1")
    assert messages_of(one, Kind.PERSON) == []
    assert kept not in str(messages_of(one))
    assert who_is(one.people) == {}
    assert one.visits() == {"v1": None}


# -- at the same time, off line ---------------------------------------------------------------------


@pytest.mark.parametrize("order", ORDERS)
def test_of_two_changes_the_later_one_is_true_whoever_comes_back_first(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int]
) -> None:
    one, other = shops
    made = one.people.enrol(a_draft("Malee"), AGREED, faces(1))
    all_meet(shops)
    one.people.change(made.person_id, a_draft("Earlier"))
    centre.clock.advance(60)
    other.people.change(made.person_id, a_draft("Later"))
    meet_in(order, shops)
    assert agreed(centre, shops)
    assert one.people.person(made.person_id).name == "Later"


@pytest.mark.parametrize("order", ORDERS)
def test_faces_that_were_added_and_removed_at_the_same_time_are_neither_lost_nor_brought_back(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int]
) -> None:
    one, other = shops
    made = one.people.enrol(a_draft("Malee"), AGREED, faces(1, 2))
    all_meet(shops)
    one.people.add_face(made.person_id, a_face(3))
    one.people.remove_face(made.person_id, 0)
    other.people.add_face(made.person_id, a_face(4))
    other.people.change(made.person_id, a_draft("Malee S."))
    meet_in(order, shops)
    assert agreed(centre, shops)
    for shop in shops:
        assert who_is(shop.people) == dict.fromkeys(keys_of([2, 3, 4]), made.person_id)


@pytest.mark.parametrize("order", ORDERS)
def test_two_who_were_merged_crosswise_are_one_everywhere(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int]
) -> None:
    one, other = shops
    malee = one.people.enrol(a_draft("Malee"), AGREED, faces(1)).person_id
    mali = other.people.enrol(a_draft("Mali"), AGREED, faces(2)).person_id
    all_meet(shops)
    one.visit(malee, "v1")
    one.visit(mali, "v2", 60)
    other.visit(malee, "v3", 120)
    one.people.merge(malee, mali)
    other.people.merge(mali, malee)
    meet_in(order, shops)
    assert agreed(centre, shops)
    kept = (malee, mali)[order[0]]
    for shop in shops:
        assert who_is(shop.people) == dict.fromkeys(keys_of([1, 2]), kept)
        assert [person.person_id for person in shop.people.find()] == [kept]
        assert set(shop.visits().values()) == {kept}
        assert {shop.people.person(one_of_both).person_id for one_of_both in (malee, mali)} == {kept}
    pictures = [face.picture_key for shop in shops for face in shop.people.person(kept).faces]
    assert sum(key is not None for key in pictures) == 2


def add_faces(shop: ChainKiosk, person_id: str, count: int) -> None:
    """More than are ever taken of one person."""
    with shop.tenant.writing() as session:
        for place in range(count):
            session.add(
                PersonFaceRow(
                    person_id=person_id,
                    ordinal=100 + place,
                    face_id=sha256(f"{person_id} {place}".encode()).hexdigest()[:32],
                    contract_id=CONTRACT,
                    embedding=a_vector(int(person_id[:6], 16) + place),
                )
            )
    shop.people.change(person_id, a_draft("Many"))


@pytest.mark.parametrize("order", ORDERS)
def test_merged_with_more_faces_than_can_be_told_all_keep_the_same_of_them(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int]
) -> None:
    one, other = shops
    kept, first, second = (one.people.enrol(a_draft(), AGREED, faces(seed)).person_id for seed in (1, 2, 3))
    for person_id in (kept, first, second):
        add_faces(one, person_id, 90)
    all_meet(shops)
    one.people.merge(kept, first)
    other.people.merge(kept, second)
    meet_in(order, shops)
    assert agreed(centre, shops)
    assert len(centre.known()[kept]["faces"]) == MOST_MERGED_FACES
    assert messages_of(one) == messages_of(other) == []


def test_ids_of_removed_faces_are_kept_as_many_as_can_be_told(shops: tuple[ChainKiosk, ChainKiosk]) -> None:
    one, _ = shops
    somebody = one.people.enrol(a_draft(), AGREED, faces(1, 2)).person_id
    with one.tenant.writing() as session:
        add_gone_faces(session.get_one(PersonRow, somebody), map(str, range(MOST_GONE_FACES)))
    one.people.remove_face(somebody, 0)
    assert len(messages_of(one, Kind.PERSON)[-1]["gone_faces"]) == MOST_GONE_FACES


@pytest.mark.parametrize("order", ORDERS)
def test_chains_of_merges_come_to_one(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int]
) -> None:
    one, other = shops
    ids = [one.people.enrol(a_draft(f"P{place}"), AGREED, faces(place)).person_id for place in range(4)]
    all_meet(shops)
    one.people.merge(ids[1], ids[0])
    one.people.merge(ids[2], ids[1])
    other.people.merge(ids[0], ids[2])
    other.people.merge(ids[3], ids[0])
    meet_in(order, shops)
    assert agreed(centre, shops)
    (kept,) = one.people.find()
    assert who_is(other.people) == dict.fromkeys(keys_of(range(4)), kept.person_id)
    merged = [person["merged_into"] for person in centre.known().values()]
    assert merged.count(None) == 1


@pytest.mark.parametrize("order", ORDERS)
def test_what_is_done_to_one_who_was_merged_elsewhere_reaches_whom_they_are(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int]
) -> None:
    one, other = shops
    malee = one.people.enrol(a_draft("Malee"), AGREED, faces(1)).person_id
    mali = one.people.enrol(a_draft("Mali"), AGREED, faces(2, 3)).person_id
    all_meet(shops)
    one.people.merge(malee, mali)
    other.people.add_face(mali, a_face(4))
    other.people.remove_face(mali, 0)
    other.visit(mali, "v1")
    meet_in(order, shops)
    assert agreed(centre, shops)
    for shop in shops:
        assert who_is(shop.people) == dict.fromkeys(keys_of([1, 3, 4]), malee)
    assert other.visits() == {"v1": malee}


@pytest.mark.parametrize("order", ORDERS)
def test_merged_with_staff_stays_staff_though_their_name_was_corrected_elsewhere(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int]
) -> None:
    one, other = shops
    staff = one.people.enrol(a_draft("Nok", STAFF), AGREED, faces(1, 2)).person_id
    customer = one.people.enrol(a_draft("Nk"), AGREED, faces(3)).person_id
    all_meet(shops)
    one.people.merge(customer, staff)
    centre.clock.advance(60)
    other.people.change(customer, a_draft("Nok S."))
    other.visit(customer, "v1")
    meet_in(order, shops)
    assert agreed(centre, shops)
    for shop in shops:
        found = shop.people.person(customer)
        assert (found.name, found.kind, len(found.faces)) == ("Nok S.", STAFF, 3)
    assert other.visits() == centre.visits() == {}


def test_whoever_becomes_staff_is_counted_in_no_shop_nor_at_the_centre(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk]
) -> None:
    one, other = shops
    made = one.people.enrol(a_draft("Nok"), AGREED, faces(1, 2)).person_id
    all_meet(shops)
    for place, shop in enumerate(shops):
        shop.visit(made, f"v{place}")
        shop.people.change(made, a_draft(f"Nok {place}"))
        shop.meets()
    one.people.change(made, a_draft("Nok", STAFF))
    all_meet(shops)
    assert agreed(centre, shops)
    assert one.visits() == other.visits() == centre.visits() == {}
    other.people.change(made, a_draft("Nok"))
    all_meet(shops)
    assert agreed(centre, shops)
    assert one.people.person(made).kind is CUSTOMER


@pytest.mark.parametrize("order", ORDERS)
def test_who_was_split_in_one_shop_and_merged_in_the_other_keeps_every_face_once(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int]
) -> None:
    one, other = shops
    twins = one.people.enrol(a_draft("Twins"), AGREED, faces(1, 2)).person_id
    third = one.people.enrol(a_draft("Third"), AGREED, faces(3)).person_id
    all_meet(shops)
    split = one.people.split(twins, [1], [], a_draft("Malee"), AGREED).person_id
    other.people.merge(third, twins)
    meet_in(order, shops)
    assert agreed(centre, shops)
    for shop in shops:
        assert who_is(shop.people) == {
            **dict.fromkeys(keys_of([1, 3]), third),
            a_vector(2).tobytes(): split,
        }
    one.people.merge(third, split)
    all_meet(shops)
    assert agreed(centre, shops)
    assert who_is(other.people) == dict.fromkeys(keys_of([1, 2, 3]), third)


# -- forgetting -------------------------------------------------------------------------------------


def is_known_nowhere(centre: ChainCentre, shops: tuple[ChainKiosk, ...], seeds: list[int]) -> bool:
    for shop in shops:
        assert not keys_of(seeds) & set(who_is(shop.people))
    told = str(centre.known())
    assert not any(str(a_vector(seed).tobytes()) in told for seed in seeds)
    return True


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("is_forgotten_as", [0, 1])
def test_who_is_forgotten_under_one_id_is_forgotten_under_all(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int], is_forgotten_as: int
) -> None:
    """In one shop they are merged, in the other, which has not heard of it, they ask to be forgotten."""
    one, other = shops
    ids = [one.people.enrol(a_draft(name), AGREED, faces(seed)).person_id for seed, name in enumerate("ab")]
    all_meet(shops)
    one.visit(ids[0], "v0")
    one.visit(ids[1], "v1", 60)
    other.visit(ids[1], "v2")
    one.people.merge(ids[0], ids[1])
    other.people.forget(ids[is_forgotten_as])
    meet_in(order, shops)
    assert is_known_nowhere(centre, shops, [0, 1])
    assert one.visits() == {"v0": None, "v1": None}
    assert other.visits() == {"v2": None}
    assert set(centre.visits().values()) <= {None}
    assert agreed(centre, shops)
    for shop in shops:
        assert not SqlDeletions(shop.database).pending()
        for person_id in ids:
            with pytest.raises(KnownError) as raised:
                shop.people.person(person_id)
            assert raised.value.code is ErrorCode.PERSON_UNKNOWN


@pytest.mark.parametrize("order", ORDERS)
def test_a_shop_that_has_not_heard_of_it_does_not_bring_somebody_back(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk], order: tuple[int, int]
) -> None:
    one, other = shops
    made = one.people.enrol(a_draft("Malee"), AGREED, faces(1)).person_id
    all_meet(shops)
    one.people.forget(made)
    other.people.change(made, a_draft("Malee S."))
    other.people.add_face(made, a_face(2))
    other.visit(made, "v1")
    meet_in(order, shops)
    assert is_known_nowhere(centre, shops, [1, 2])
    assert other.visits() == {"v1": None}
    assert centre.visits() in ({}, {"v1": None})
    assert agreed(centre, shops)


def test_forgotten_and_told_anew_after_the_centre_was_put_back_they_stay_forgotten(
    centre: ChainCentre, shops: tuple[ChainKiosk, ChainKiosk]
) -> None:
    one, other = shops
    gone = one.people.enrol(a_draft("Malee"), AGREED, faces(1)).person_id
    kept = one.people.enrol(a_draft("Nok"), AGREED, faces(2)).person_id
    mali = one.people.enrol(a_draft("Nk"), AGREED, faces(3)).person_id
    all_meet(shops)
    one.people.forget(gone)
    one.people.merge(kept, mali)
    all_meet(shops)
    for shop in shops:
        shop.pulled.start_over("another history")
    all_meet(shops)
    assert agreed(centre, shops)
    assert is_known_nowhere(centre, shops, [1])
    assert who_is(other.people) == dict.fromkeys(keys_of([2, 3]), kept)
