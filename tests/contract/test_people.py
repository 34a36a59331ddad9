"""People, in memory, on SQLite and on PostgreSQL: found, enrolled, changed, merged, split, forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kiosk.database.engine import open_database
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.visits.person_rules import MOST_FACES
from kiosk.visits.types import Agreement, Gender, PersonDraft, PersonKind
from tests.empty_databases import ON_SERVER, empty_url
from tests.people_worlds import (
    AGREED,
    CONTRACT,
    MORNING,
    FakePeopleWorld,
    PeopleWorld,
    SqlPeopleWorld,
    a_draft,
    a_face,
    a_vector,
    faces,
    keys_of,
    who_is,
)

STAFF = PersonKind.STAFF
CUSTOMER = PersonKind.CUSTOMER


@pytest.fixture(params=["memory", "sqlite", ON_SERVER])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PeopleWorld]:
    """On PostgreSQL people of a chain at its centre, on SQLite those of a kiosk."""
    if request.param == "memory":
        yield FakePeopleWorld()
        return
    is_central = request.param == "postgresql"
    database = open_database(empty_url(request, tmp_path), keeps_changes=is_central)
    store = FolderObjectStore(tmp_path / "objects")
    yield SqlPeopleWorld(database, store, "chain" if is_central else "")
    database.close()


def code_of(raised: pytest.ExceptionInfo[KnownError]) -> ErrorCode:
    return raised.value.code


# -- enrolling and finding --------------------------------------------------------------------------


def test_who_is_enrolled_is_known_with_what_they_said_and_agreed_to(world: PeopleWorld) -> None:
    said = a_draft("  Malee  Suk ", CUSTOMER, gender=Gender.FEMALE, birth_year=1990, phone="081 234-5678")
    made = world.people.enrol(replace(said, email=" malee@example.com "), AGREED, faces(1, 2))
    assert (made.kind, made.name, made.gender, made.birth_year) == (
        CUSTOMER,
        "Malee Suk",
        Gender.FEMALE,
        1990,
    )
    assert (made.phone, made.email) == ("0812345678", "malee@example.com")
    assert (made.consent_version, made.consented_at) == ("1", MORNING)
    assert [face.ordinal for face in made.faces] == [0, 1]
    assert all(face.picture_key for face in made.faces)
    assert world.people.person(made.person_id) == made
    assert who_is(world.people) == dict.fromkeys(keys_of([1, 2]), made.person_id)


def test_staff_need_two_pictures_and_customers_one(world: PeopleWorld) -> None:
    for kind, seeds in ((STAFF, (1,)), (STAFF, ()), (CUSTOMER, ())):
        with pytest.raises(KnownError) as raised:
            world.people.enrol(a_draft("Nok", kind), AGREED, faces(*seeds))
        assert code_of(raised) is ErrorCode.PERSON_PHOTOS
    assert world.people.find() == []
    assert world.people.enrol(a_draft("Nok", STAFF), AGREED, faces(1, 2)).kind is STAFF


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (a_draft(""), "name"),
        (a_draft("   "), "name"),
        (a_draft("x" * 81), "name"),
        (a_draft("a\0b"), "name"),
        (a_draft(birth_year=1850), "birth_year"),
        (a_draft(birth_year=2533), "birth_year"),
        (a_draft(phone="call me"), "phone"),
        (a_draft(phone="12345"), "phone"),
        (a_draft(email="nobody"), "email"),
        (a_draft(email="a b@example.com"), "email"),
        (a_draft(kind=PersonKind.GUEST), "kind"),
    ],
)
def test_what_cannot_be_is_refused_by_the_name_of_its_field_and_never_repeated(
    world: PeopleWorld, draft: PersonDraft, field: str
) -> None:
    with pytest.raises(KnownError) as raised:
        world.people.enrol(draft, AGREED, faces(1))
    assert (code_of(raised), raised.value.params) == (ErrorCode.STORE_FIELD_INVALID, {"field": field})
    written = [draft.phone, draft.email, draft.name.strip("\0 ")]
    assert not any(word and word in str(raised.value) for word in written)
    assert world.people.find() == []


def test_nobody_is_enrolled_without_an_agreement_or_with_faces_of_two_engines(world: PeopleWorld) -> None:
    with pytest.raises(KnownError) as raised:
        world.people.enrol(a_draft(), Agreement(" ", MORNING), faces(1))
    assert code_of(raised) is ErrorCode.CONSENT_MISSING
    with pytest.raises(KnownError) as raised:
        world.people.enrol(a_draft(), AGREED, [a_face(1), a_face(2, "another/engine")])
    assert code_of(raised) is ErrorCode.CONTRACT_MISMATCH


def test_people_are_found_by_name_phone_and_address_in_thai_and_english(world: PeopleWorld) -> None:
    for seed, draft in enumerate(
        [
            a_draft("สมชาย ใจดี", phone="0812345678"),
            a_draft("Malee 100%", email="ml_1@example.com"),
            a_draft("anong", STAFF),
            a_draft("Bo_b"),
        ]
    ):
        world.people.enrol(draft, AGREED, faces(10 * seed, 10 * seed + 1))

    def found(text: str, kind: PersonKind | None = None) -> list[str]:
        return [person.name for person in world.people.find(text, kind)]

    assert found("") == ["anong", "Bo_b", "Malee 100%", "สมชาย ใจดี"]
    assert found("ชาย") == found("๐๘๑") == found("081-234") == found("5678") == ["สมชาย ใจดี"]
    assert found("MALEE") == found("ml_1@") == found("%") == ["Malee 100%"]
    assert found("_b") == ["Bo_b"]
    assert found("bo", CUSTOMER) == ["Bo_b"]
    assert found("o", STAFF) == ["anong"]
    assert found("nobody") == found("'; DROP TABLE people; --") == []
    assert [person.name for person in world.people.find(limit=2, offset=1)] == ["Bo_b", "Malee 100%"]


def test_guests_are_known_and_listed_only_when_they_are_asked_for(world: PeopleWorld) -> None:
    guest = world.guest(5)
    world.people.enrol(a_draft("Malee"), AGREED, faces(1))
    assert [person.name for person in world.people.find()] == ["Malee"]
    assert [person.person_id for person in world.people.find(kind=PersonKind.GUEST)] == [guest]
    assert who_is(world.people)[a_vector(5).tobytes()] == guest
    with pytest.raises(KnownError) as raised:
        world.people.change(guest, a_draft("Somebody"))
    assert code_of(raised) is ErrorCode.STORE_FIELD_INVALID


def test_known_faces_stand_beside_who_they_are_of_and_only_under_their_contract(world: PeopleWorld) -> None:
    nok = world.people.enrol(a_draft("Nok", STAFF, gender=Gender.FEMALE), AGREED, faces(1, 2))
    old = world.people.enrol(a_draft("Old"), AGREED, [a_face(3, "another/engine")])
    known = world.people.known_faces(CONTRACT)
    assert known.vectors.dtype == np.float32
    assert np.array_equal(known.vectors, np.stack([a_vector(1), a_vector(2)]))
    assert known.person_ids == (nok.person_id,) * 2
    assert (known.kinds, known.names, known.genders) == ((STAFF,) * 2, ("Nok",) * 2, ("female",) * 2)
    assert world.people.known_faces("another/engine").person_ids == (old.person_id,)
    assert world.people.known_faces("no/engine").vectors.shape == (0, 512)


def test_the_revision_changes_with_every_change_and_with_nothing_else(world: PeopleWorld) -> None:
    seen = [world.people.revision()]

    def has_changed() -> bool:
        seen.append(world.people.revision())
        return len(set(seen)) == len(seen)

    person = world.people.enrol(a_draft("Nok"), AGREED, faces(1, 2))
    assert has_changed()
    assert world.people.known_faces(CONTRACT).revision == world.people.revision()
    world.people.change(person.person_id, a_draft("Nok S."))
    assert has_changed()
    world.people.add_face(person.person_id, a_face(3))
    assert has_changed()
    world.people.remove_face(person.person_id, 0)
    assert has_changed()
    other = world.people.split(person.person_id, [1], [], a_draft("Malee"), AGREED)
    assert has_changed()
    world.people.merge(person.person_id, other.person_id)
    assert has_changed()
    world.guest(9)
    assert has_changed()
    world.people.forget(person.person_id)
    assert has_changed()
    world.people.find("Nok")
    with pytest.raises(KnownError):
        world.people.person(person.person_id)
    assert world.people.revision() == seen[-1]


# -- changing ---------------------------------------------------------------------------------------


def test_a_change_keeps_faces_agreement_and_visits(world: PeopleWorld) -> None:
    made = world.people.enrol(a_draft("Malee", phone="0812345678"), AGREED, faces(1))
    world.visit(made.person_id, "v1")
    world.visit(made.person_id, "v2", 60)
    world.clock.advance(60)
    changed = world.people.change(made.person_id, a_draft("Malee S.", birth_year=1985))
    assert (changed.name, changed.birth_year, changed.phone) == ("Malee S.", 1985, "")
    assert (changed.faces, changed.consented_at) == (made.faces, made.consented_at)
    assert changed.visits == 2
    assert changed.last_visit_at is not None
    assert world.people.person(made.person_id) == changed


def test_whoever_becomes_staff_leaves_the_counts_and_needs_two_pictures(world: PeopleWorld) -> None:
    made = world.people.enrol(a_draft("Nok"), AGREED, faces(1))
    world.visit(made.person_id, "v1")
    with pytest.raises(KnownError) as raised:
        world.people.change(made.person_id, a_draft("Nok", STAFF))
    assert code_of(raised) is ErrorCode.PERSON_PHOTOS
    assert world.visits() == {"v1": made.person_id}
    world.people.add_face(made.person_id, a_face(2))
    staff = world.people.change(made.person_id, a_draft("Nok", STAFF))
    assert (staff.kind, staff.visits, world.visits()) == (STAFF, 0, {})
    assert world.people.change(made.person_id, a_draft("Nok")).kind is CUSTOMER


def test_faces_are_added_and_removed_within_what_somebody_needs(world: PeopleWorld) -> None:
    made = world.people.enrol(a_draft("Nok", STAFF), AGREED, faces(1, 2))
    with pytest.raises(KnownError) as raised:
        world.people.remove_face(made.person_id, 0)
    assert code_of(raised) is ErrorCode.PERSON_PHOTOS
    more = world.people.add_face(made.person_id, a_face(3))
    assert [face.ordinal for face in more.faces] == [0, 1, 2]
    left = world.people.remove_face(made.person_id, 1)
    assert [face.ordinal for face in left.faces] == [0, 2]
    assert world.people.remove_face(made.person_id, 1) == left
    assert who_is(world.people) == dict.fromkeys(keys_of([1, 3]), made.person_id)
    for seed in range(10, 10 + MOST_FACES - 2):
        world.people.add_face(made.person_id, a_face(seed))
    with pytest.raises(KnownError) as raised:
        world.people.add_face(made.person_id, a_face(99))
    assert code_of(raised) is ErrorCode.PERSON_PHOTOS


# -- merging, splitting, forgetting -----------------------------------------------------------------


def test_two_who_are_one_have_all_faces_and_visits_and_either_id_leads_to_them(world: PeopleWorld) -> None:
    kept = world.people.enrol(a_draft("Malee"), AGREED, faces(1))
    gone = world.people.enrol(a_draft("Mali", phone="0812345678"), AGREED, faces(2, 3))
    world.visit(kept.person_id, "v1")
    world.visit(gone.person_id, "v2", 60)
    merged = world.people.merge(kept.person_id, gone.person_id)
    assert (merged.name, merged.phone, len(merged.faces), merged.visits) == ("Malee", "", 3, 2)
    assert who_is(world.people) == dict.fromkeys(keys_of([1, 2, 3]), kept.person_id)
    assert world.visits() == {"v1": kept.person_id, "v2": kept.person_id}
    assert world.people.person(gone.person_id) == merged
    assert world.people.find() == [merged]
    assert world.people.merge(kept.person_id, gone.person_id) == merged
    assert world.people.merge(gone.person_id, kept.person_id) == merged
    assert world.people.find("Mali") == []


def test_merged_with_staff_they_are_staff_and_have_no_visits(world: PeopleWorld) -> None:
    customer = world.people.enrol(a_draft("Nok"), AGREED, faces(1))
    staff = world.people.enrol(a_draft("Nok S.", STAFF), AGREED, faces(2, 3))
    world.visit(customer.person_id, "v1")
    merged = world.people.merge(customer.person_id, staff.person_id)
    assert (merged.person_id, merged.name, merged.kind) == (customer.person_id, "Nok", STAFF)
    assert world.visits() == {}
    assert set(world.people.known_faces(CONTRACT).kinds) == {STAFF}


def test_a_guest_becomes_whoever_they_turn_out_to_be(world: PeopleWorld) -> None:
    guest, other = world.guest(1), world.guest(2)
    world.visit(guest, "v1")
    world.visit(other, "v2", 60)
    both = world.people.merge(guest, other)
    assert (both.kind, both.visits) == (PersonKind.GUEST, 2)
    made = world.people.enrol(a_draft("Malee"), AGREED, faces(3))
    merged = world.people.merge(guest, made.person_id)
    assert (merged.person_id, merged.kind, merged.name, merged.visits) == (guest, CUSTOMER, "Malee", 2)
    assert (merged.consent_version, merged.consented_at) == ("1", MORNING)
    assert who_is(world.people) == dict.fromkeys(keys_of([1, 2, 3]), guest)


def test_nobody_is_merged_with_themselves_or_with_nobody(world: PeopleWorld) -> None:
    made = world.people.enrol(a_draft(), AGREED, faces(1))
    with pytest.raises(KnownError) as raised:
        world.people.merge(made.person_id, made.person_id)
    assert code_of(raised) is ErrorCode.MERGE_WITH_ITSELF
    for kept, gone in ((made.person_id, "nobody"), ("nobody", made.person_id)):
        with pytest.raises(KnownError) as raised:
            world.people.merge(kept, gone)
        assert code_of(raised) is ErrorCode.PERSON_UNKNOWN
    assert world.people.find() == [made]


def test_one_who_is_two_is_split_and_can_be_made_one_again(world: PeopleWorld) -> None:
    made = world.people.enrol(a_draft("Twins"), AGREED, faces(1, 2, 3))
    world.visit(made.person_id, "v1")
    world.visit(made.person_id, "v2", 60)
    other = world.people.split(made.person_id, [1, 2], ["v2"], a_draft("Nok", STAFF), AGREED)
    assert (other.name, other.kind, len(other.faces)) == ("Nok", STAFF, 2)
    assert who_is(world.people) == {
        **dict.fromkeys(keys_of([1]), made.person_id),
        **dict.fromkeys(keys_of([2, 3]), other.person_id),
    }
    assert world.visits() == {"v1": made.person_id}  # staff have none
    merged = world.people.merge(made.person_id, other.person_id)
    assert (len(merged.faces), merged.kind) == (3, STAFF)
    assert who_is(world.people) == dict.fromkeys(keys_of([1, 2, 3]), made.person_id)


def test_a_split_moves_the_visits_that_were_named_and_no_others(world: PeopleWorld) -> None:
    made = world.people.enrol(a_draft("Twins"), AGREED, faces(1, 2))
    stranger = world.people.enrol(a_draft("Other"), AGREED, faces(9))
    world.visit(made.person_id, "v1")
    world.visit(made.person_id, "v2", 60)
    world.visit(stranger.person_id, "v3", 120)
    other = world.people.split(made.person_id, [0], ["v1", "v3"], a_draft("Malee"), AGREED)
    assert world.visits() == {"v1": other.person_id, "v2": made.person_id, "v3": stranger.person_id}
    assert (other.visits, world.people.person(made.person_id).visits) == (1, 1)


@pytest.mark.parametrize("ordinals", [[], [0, 1], [7]])
def test_a_split_that_leaves_somebody_without_a_face_changes_nothing(
    world: PeopleWorld, ordinals: list[int]
) -> None:
    made = world.people.enrol(a_draft(), AGREED, faces(1, 2))
    with pytest.raises(KnownError) as raised:
        world.people.split(made.person_id, ordinals, [], a_draft("Other"), AGREED)
    assert code_of(raised) is ErrorCode.PERSON_PHOTOS
    assert world.people.find() == [made]


def test_a_split_needs_what_the_other_one_agreed_to(world: PeopleWorld) -> None:
    made = world.people.enrol(a_draft(), AGREED, faces(1, 2))
    with pytest.raises(KnownError) as raised:
        world.people.split(made.person_id, [0], [], a_draft("Other"), Agreement("", MORNING))
    assert code_of(raised) is ErrorCode.CONSENT_MISSING
    assert world.people.find() == [made]


def test_who_is_forgotten_is_known_by_no_id_and_their_visits_are_nobodys(world: PeopleWorld) -> None:
    kept = world.people.enrol(a_draft("Malee"), AGREED, faces(1))
    gone = world.people.enrol(a_draft("Mali"), AGREED, faces(2))
    other = world.people.enrol(a_draft("Nok"), AGREED, faces(3))
    for place, person in enumerate((kept, gone, other)):
        world.visit(person.person_id, f"v{place}", 60 * place)
    world.people.merge(kept.person_id, gone.person_id)
    world.people.forget(gone.person_id)
    assert [person.name for person in world.people.find()] == ["Nok"]
    assert set(who_is(world.people).values()) == {other.person_id}
    assert world.visits() == {"v0": None, "v1": None, "v2": other.person_id}
    for person in (kept, gone):
        with pytest.raises(KnownError) as raised:
            world.people.person(person.person_id)
        assert code_of(raised) is ErrorCode.PERSON_UNKNOWN
        with pytest.raises(KnownError) as raised:
            world.people.forget(person.person_id)
        assert code_of(raised) is ErrorCode.PERSON_UNKNOWN


def test_who_is_not_there_is_unknown_to_every_command(world: PeopleWorld) -> None:
    for command in (
        lambda: world.people.person("nobody"),
        lambda: world.people.change("nobody", a_draft()),
        lambda: world.people.add_face("nobody", a_face(1)),
        lambda: world.people.remove_face("nobody", 0),
        lambda: world.people.split("nobody", [0], [], a_draft(), AGREED),
        lambda: world.people.forget("nobody"),
    ):
        with pytest.raises(KnownError) as raised:
            command()
        assert code_of(raised) is ErrorCode.PERSON_UNKNOWN
