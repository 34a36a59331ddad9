"""The visit book, in memory, on SQLite and on PostgreSQL: one visit a stay, none for staff."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from kiosk.database.engine import open_database
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.visits.pictures import FacePictures
from kiosk.visits.ports import VisitQuery
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import FaceKind, Gender, PersonKind
from tests.empty_databases import ON_SERVER, empty_url
from tests.visit_worlds import (
    DOOR,
    MORNING,
    OTHER_SITE,
    SITE,
    TILL,
    FakeWorld,
    SqlWorld,
    World,
    after,
    all_visits,
    is_visitor,
    sighting,
    view_of,
)


@pytest.fixture(params=["memory", "sqlite", ON_SERVER])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A shop; on PostgreSQL one of a chain's centre, on SQLite a kiosk's own."""
    if request.param == "memory":
        yield FakeWorld()
        return
    is_central = request.param == "postgresql"
    database = open_database(empty_url(request, tmp_path), keeps_changes=is_central)
    pictures = FacePictures(FolderObjectStore(tmp_path / "objects"))
    tenant_id, kiosk_id = ("chain", "") if is_central else ("", "kiosk-1")
    yield SqlWorld(database, pictures, tenant_id, kiosk_id=kiosk_id).set_up()
    database.close()


# -- one visit a stay -------------------------------------------------------------------------------


def test_a_visitor_is_one_visit_however_often_they_are_seen(world: World) -> None:
    first = world.book.see(sighting(world, 1))
    assert is_visitor(first)
    assert (first.is_new, first.name, first.visit_number) == (True, "", None)
    for moment in range(5):
        world.clock.advance(60)
        again = world.book.see(sighting(world, 1, vector=view_of(1, 0.7, moment), stream_id=TILL))
        assert (again.stay_id, again.is_new) == (first.stay_id, False)
    (visit,) = all_visits(world)
    assert (visit.site_id, visit.stream_id, visit.person_id) == (SITE, DOOR, None)
    assert (visit.began_at, visit.ended_at, visit.is_returning) == (MORNING, None, False)


def test_the_same_sighting_again_changes_nothing(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    for seen in (sighting(world, 1), sighting(world, 2, "nok")):
        first = world.book.see(seen)
        before = all_visits(world)
        again = world.book.see(seen)
        assert (again.stay_id, again.kind, again.is_new) == (first.stay_id, first.kind, False)
        assert all_visits(world) == before


def test_people_who_are_not_alike_are_as_many_visits(world: World) -> None:
    stays = {world.book.see(sighting(world, seed)).stay_id for seed in range(20)}
    assert len(stays) == len(all_visits(world)) == 20
    assert world.throwaway() == 20


def test_whoever_was_not_seen_for_a_pause_has_gone_and_comes_anew(world: World) -> None:
    first = world.book.see(sighting(world, 1))
    assert after(world, 29) == 0
    assert after(world, 1) == 1
    assert world.throwaway() == 0
    again = world.book.see(sighting(world, 1))
    assert again.is_new
    assert again.stay_id != first.stay_id
    newest, oldest = all_visits(world)
    assert (oldest.visit_id, oldest.ended_at) == (first.stay_id, MORNING)
    assert (newest.began_at, newest.ended_at) == (MORNING + timedelta(minutes=30), None)


def test_a_stay_that_is_over_but_not_yet_ended_takes_nobody_in(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    stays = [world.book.see(sighting(world, 1)), world.book.see(sighting(world, 2, "nok"))]
    world.clock.advance(30 * 60)
    for seed, person_id, stay in ((1, None, stays[0]), (2, "nok", stays[1])):
        for own in (None, stay.stay_id):
            seen = sighting(world, seed, person_id, stay_id=own)
            assert world.book.see(seen).stay_id != stay.stay_id
    assert len(all_visits(world)) == 4


def test_whoever_stays_in_view_stays_and_looks_back_in_time_do_not_count(world: World) -> None:
    stay = world.book.see(sighting(world, 1))
    for _ in range(12):
        world.clock.advance(600)
        now = world.clock.now()
        world.book.touch({stay.stay_id: now, "unknown": now})
        world.book.touch({stay.stay_id: now - timedelta(minutes=20)})
        assert world.book.end_due(now) == 0
    assert after(world, 30) == 1
    (visit,) = all_visits(world)
    assert visit.ended_at == MORNING + timedelta(hours=2)
    world.book.touch({stay.stay_id: world.clock.now()})
    world.book.touch({})
    assert world.book.end_due(world.clock.now()) == 0


def test_each_site_counts_for_itself(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    for seed, person_id in ((1, None), (2, "nok")):
        here = world.book.see(sighting(world, seed, person_id))
        there = world.book.see(sighting(world, seed, person_id, site_id=OTHER_SITE))
        assert here.stay_id != there.stay_id
    assert len(all_visits(world)) == 4


# -- who is known -----------------------------------------------------------------------------------


def test_a_customer_is_back_for_the_second_and_the_third_time(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok", Gender.FEMALE)
    for number in (1, 2, 3):
        stay = world.book.see(sighting(world, number, "nok", gender=Gender.MALE))
        assert (stay.kind, stay.name, stay.visit_number) == (FaceKind.KNOWN, "Nok", number)
        visit = all_visits(world)[0]
        assert (visit.number, visit.is_returning, visit.name) == (number, number > 1, "Nok")
        assert visit.gender is Gender.FEMALE, "what she said of herself"
        assert world.throwaway() == 0
        after(world, 31)


def test_staff_have_stays_and_no_visits(world: World) -> None:
    world.know("lek", PersonKind.STAFF, "Lek")
    stay = world.book.see(sighting(world, 1, "lek"))
    assert (stay.kind, stay.name, stay.visit_number, stay.is_new) == (FaceKind.STAFF, "Lek", None, True)
    assert not world.book.see(sighting(world, 1, "lek", stream_id=TILL)).is_new
    assert all_visits(world) == []
    assert world.book.today(MORNING, world.clock.now()).staff_present == 1
    assert after(world, 30) == 1
    assert world.book.today(MORNING, world.clock.now()).staff_present == 0


def test_whoever_is_not_known_any_more_is_a_visitor(world: World) -> None:
    assert is_visitor(world.book.see(sighting(world, 1, "forgotten")))


def test_a_gender_is_what_was_seen_first_of_those_who_said_nothing(world: World) -> None:
    stay = world.book.see(sighting(world, 1))
    for gender in (Gender.UNKNOWN, Gender.FEMALE, Gender.MALE):
        world.book.see(sighting(world, 1, gender=gender, stay_id=stay.stay_id))
    (visit,) = all_visits(world)
    assert visit.gender is Gender.FEMALE


# -- corrections ------------------------------------------------------------------------------------


def test_a_visitor_turns_out_to_be_a_customer(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    stay = world.book.see(sighting(world, 1))
    world.clock.advance(2)
    turned = world.book.see(sighting(world, 1, "nok", stay_id=stay.stay_id))
    assert (turned.stay_id, turned.kind, turned.visit_number) == (stay.stay_id, FaceKind.KNOWN, 1)
    (visit,) = all_visits(world)
    assert (visit.person_id, visit.began_at, visit.number) == ("nok", MORNING, 1)
    assert world.throwaway() == 0
    assert world.book.see(sighting(world, 1, "nok")).stay_id == stay.stay_id


def test_a_visitor_turns_out_to_be_a_customer_who_is_here_already(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    here = world.book.see(sighting(world, 1, "nok"))
    taken_for_another = world.book.see(sighting(world, 2, stream_id=TILL))
    turned = world.book.see(sighting(world, 2, "nok", stay_id=taken_for_another.stay_id))
    assert (turned.stay_id, turned.is_new) == (here.stay_id, False)
    (visit,) = all_visits(world)
    assert visit.visit_id == here.stay_id
    assert world.throwaway() == 0


@pytest.mark.parametrize("knows_returning", [False, True])
def test_whoever_is_enrolled_while_they_are_here_is_not_counted_twice(
    world: World, knows_returning: bool
) -> None:
    """Whatever camera sees them next: the visit that goes on is theirs."""
    book = world.opened(StayRules(knows_returning=knows_returning))
    stay = book.see(sighting(world, 1))
    book.see(sighting(world, 2))
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.clock.advance(60)
    known = book.see(sighting(world, 1, "nok", vector=view_of(1, 0.7, 1), stream_id=TILL))
    assert (known.stay_id, known.visit_number, known.is_new) == (stay.stay_id, 1, False)
    assert [visit.began_at for visit in all_visits(world) if visit.name == "Nok"] == [MORNING]
    assert len(all_visits(world)) == 2
    assert (world.throwaway(), len(world.guests())) == ((0, 1) if knows_returning else (1, 0))
    again = book.see(sighting(world, 1, stay_id=stay.stay_id))
    assert (again.stay_id, again.person_id) == (stay.stay_id, "nok"), "the camera that saw them first"


@pytest.mark.parametrize("knows_returning", [False, True])
def test_staff_who_are_enrolled_while_they_are_here_are_not_counted_any_more(
    world: World, knows_returning: bool
) -> None:
    book = world.opened(StayRules(knows_returning=knows_returning))
    stay = book.see(sighting(world, 1))
    world.know("lek", PersonKind.STAFF, "Lek")
    known = book.see(sighting(world, 1, "lek", vector=view_of(1, 0.7, 1)))
    assert (known.stay_id, known.kind) == (stay.stay_id, FaceKind.STAFF)
    assert (all_visits(world), world.throwaway(), world.guests()) == ([], 0, [])
    assert after(world, 31) == 1


def test_somebody_known_takes_no_strangers_visit(world: World) -> None:
    """Not one at another site, not one that is over, and none while they have their own."""
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.book.see(sighting(world, 1, site_id=OTHER_SITE))
    world.book.see(sighting(world, 2))
    nok = world.book.see(sighting(world, 1, "nok"))
    assert nok.is_new
    assert world.book.see(sighting(world, 2, "nok")).stay_id == nok.stay_id
    world.clock.advance(31 * 60)
    assert world.book.see(sighting(world, 2, "nok")).is_new
    assert len(all_visits(world)) == 4


@pytest.mark.parametrize("is_here_already", [False, True])
def test_a_visitor_turns_out_to_be_staff(world: World, is_here_already: bool) -> None:
    world.know("lek", PersonKind.STAFF, "Lek")
    here = world.book.see(sighting(world, 1, "lek")) if is_here_already else None
    stay = world.book.see(sighting(world, 2))
    turned = world.book.see(sighting(world, 2, "lek", stay_id=stay.stay_id))
    assert turned.kind is FaceKind.STAFF
    assert here is None or turned.stay_id == here.stay_id
    assert all_visits(world) == []
    assert world.throwaway() == 0
    assert after(world, 30) == 1


def test_staff_turn_out_to_be_a_customer_or_a_visitor(world: World) -> None:
    world.know("lek", PersonKind.STAFF, "Lek")
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    for seed, person_id in ((1, "nok"), (2, None)):
        first = world.book.see(sighting(world, seed))
        staff = world.book.see(sighting(world, seed, "lek", stay_id=first.stay_id))
        world.clock.advance(2)
        turned = world.book.see(sighting(world, seed, person_id, stay_id=staff.stay_id))
        assert turned.person_id == person_id
        visit = all_visits(world)[0]
        assert (visit.visit_id, visit.person_id) == (turned.stay_id, person_id)
        assert visit.visit_id != first.stay_id, "what was void stays so"
    assert len(all_visits(world)) == 2
    assert world.book.today(MORNING, world.clock.now()).staff_present == 0


def test_a_customer_turns_out_to_be_another(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.know("ploy", PersonKind.CUSTOMER, "Ploy")
    stay = world.book.see(sighting(world, 1, "nok"))
    turned = world.book.see(sighting(world, 1, "ploy", stay_id=stay.stay_id))
    assert (turned.stay_id, turned.name) == (stay.stay_id, "Ploy")
    (visit,) = all_visits(world)
    assert (visit.person_id, visit.name) == ("ploy", "Ploy")
    after(world, 31)
    assert world.book.see(sighting(world, 1, "nok")).visit_number == 1, "she was never here before"


def test_a_correction_does_not_take_a_visit_from_somebody_whom_others_saw(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.know("ploy", PersonKind.CUSTOMER, "Ploy")
    nok = world.book.see(sighting(world, 1, "nok"))
    mistaken = world.book.see(sighting(world, 2, "nok", stream_id=TILL))
    assert mistaken.stay_id == nok.stay_id
    ploy = world.book.see(sighting(world, 2, "ploy", stay_id=mistaken.stay_id))
    assert ploy.is_new
    assert {visit.name: visit.visit_id for visit in all_visits(world)} == {
        "Nok": nok.stay_id,
        "Ploy": ploy.stay_id,
    }


def test_a_customer_turns_out_to_be_nobody_who_is_known(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    stay = world.book.see(sighting(world, 1, "nok"))
    turned = world.book.see(sighting(world, 1, stay_id=stay.stay_id))
    assert is_visitor(turned)
    (visit,) = all_visits(world)
    assert (visit.person_id, visit.number, visit.is_returning) == (None, None, False)
    assert world.throwaway() == 1
    assert world.book.see(sighting(world, 1)).stay_id == turned.stay_id


def test_a_camera_that_does_not_recognise_somebody_does_not_make_two_of_them(world: World) -> None:
    """One at the door, one at the till; only the one at the door gets to see who it is."""
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.know("lek", PersonKind.STAFF, "Lek")
    for seed, person_id, visits in ((1, "nok", 1), (2, "lek", 1)):
        door = world.book.see(sighting(world, seed))
        till = world.book.see(sighting(world, seed, stream_id=TILL))
        assert till.stay_id == door.stay_id
        known = world.book.see(sighting(world, seed, person_id, stay_id=door.stay_id))
        again = world.book.see(sighting(world, seed, stream_id=TILL, stay_id=till.stay_id))
        assert (again.stay_id, again.person_id) == (known.stay_id, person_id)
        assert len(all_visits(world)) == visits


def test_a_look_does_not_bring_back_a_stay_that_is_over(world: World) -> None:
    stay = world.book.see(sighting(world, 1))
    world.clock.advance(14 * 3600)
    world.book.touch({stay.stay_id: world.clock.now()})
    assert world.book.end_due(world.clock.now()) == 1


# -- the throw-away embedding -----------------------------------------------------------------------


def test_more_views_tell_a_visitor_better(world: World) -> None:
    """Two poor views resemble each other less than the mean of several."""
    views = [view_of(1, 0.65, moment) for moment in range(6)]
    assert max(float(views[0] @ view) for view in views[1:]) < 0.5
    stay = world.book.see(sighting(world, 1, vector=views[0]))
    for view in views[1:]:
        assert world.book.see(sighting(world, 1, vector=view)).stay_id == stay.stay_id
    far = view_of(1, 0.46, moment=99)
    assert float(far @ views[0]) < 0.35
    assert world.book.see(sighting(world, 1, vector=far)).stay_id == stay.stay_id


def test_a_tracks_better_view_stands_in_place_of_its_first(world: World) -> None:
    stay = world.book.see(sighting(world, 1, vector=view_of(1, 0.3)))
    world.book.see(sighting(world, 1, vector=view_of(1, 0.9), stay_id=stay.stay_id))
    assert world.book.see(sighting(world, 1, vector=view_of(1, 0.6, 5))).stay_id == stay.stay_id
    assert len(all_visits(world)) == 1


# -- guests: the long-term way ----------------------------------------------------------------------

RETURNING = StayRules(knows_returning=True)


def test_a_guest_is_known_when_they_come_back(world: World) -> None:
    book = world.opened(RETURNING)
    first = book.see(sighting(world, 1))
    assert (first.kind, first.name, first.visit_number, first.is_new) == (FaceKind.KNOWN, "", 1, True)
    (guest,) = world.guests()
    assert first.person_id == guest
    assert world.throwaway() == 0
    for own in (None, first.stay_id):
        assert book.see(sighting(world, 1, vector=view_of(1, 0.7, 3), stay_id=own)).stay_id == first.stay_id
    assert world.guests() == [guest]
    world.clock.advance(24 * 3600)
    assert book.end_due(world.clock.now()) == 1
    back = book.see(sighting(world, 1, guest))
    assert (back.person_id, back.visit_number, back.name) == (guest, 2, "")
    assert [visit.is_returning for visit in all_visits(world)] == [True, False]
    today = book.today(world.clock.now() - timedelta(hours=1), world.clock.now())
    assert [(visit.name, visit.number) for visit in today.back] == [("", 2)]
    assert today.returning == len(today.back), "the panel does not contradict itself"


def test_a_guest_who_turns_out_to_be_a_customer_leaves_nothing_behind(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    book = world.opened(RETURNING)
    stay = book.see(sighting(world, 1))
    assert book.see(sighting(world, 1, "nok", stay_id=stay.stay_id)).visit_number == 1
    assert world.guests() == []
    (visit,) = all_visits(world)
    assert visit.person_id == "nok"


def test_a_guest_who_turns_out_to_be_here_already_leaves_nothing_behind(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    book = world.opened(RETURNING)
    nok = book.see(sighting(world, 1, "nok"))
    guest = book.see(sighting(world, 2, stream_id=TILL))
    assert book.see(sighting(world, 2, "nok", stay_id=guest.stay_id)).stay_id == nok.stay_id
    assert world.guests() == []
    assert [visit.visit_id for visit in all_visits(world)] == [nok.stay_id]


def test_a_guest_of_several_visits_stays_when_one_of_them_was_anothers(world: World) -> None:
    world.know("lek", PersonKind.STAFF, "Lek")
    book = world.opened(RETURNING)
    guest = book.see(sighting(world, 1)).person_id
    after(world, 31)
    mistaken = book.see(sighting(world, 2, guest))
    assert book.see(sighting(world, 2, "lek", stay_id=mistaken.stay_id)).kind is FaceKind.STAFF
    assert world.guests() == [guest]
    assert len(all_visits(world)) == 1


def test_guests_are_nobody_where_the_long_term_way_is_off_again(world: World) -> None:
    guest = world.opened(RETURNING).see(sighting(world, 1)).person_id
    after(world, 31)
    assert is_visitor(world.opened(StayRules()).see(sighting(world, 1, guest)))


# -- figures ----------------------------------------------------------------------------------------


def test_the_figures_of_the_day(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.know("lek", PersonKind.STAFF, "Lek")
    world.book.see(sighting(world, 0, "nok"))
    world.book.count_line(DOOR, world.clock.now(), 3, 0)
    world.clock.advance(24 * 3600 + 10)
    world.book.end_due(world.clock.now())
    since = MORNING + timedelta(days=1)
    world.book.see(sighting(world, 1))
    world.book.see(sighting(world, 2, site_id=OTHER_SITE))
    world.book.count_line(DOOR, world.clock.now(), 2, 1)
    world.clock.advance(3600)
    nok = world.book.see(sighting(world, 0, "nok"))
    world.book.see(sighting(world, 3, "lek"))
    world.book.count_line(DOOR, world.clock.now(), 1, 1)
    world.book.count_line(DOOR, world.clock.now(), 0, 2)
    today = world.book.today(since, world.clock.now())
    assert (today.since, today.visitors, today.returning, today.staff_present) == (since, 3, 1, 1)
    assert (today.came_in, today.went_out) == (3, 4)
    assert today.hours == ((since, 2, 0), (since + timedelta(hours=1), 0, 1))
    assert [(visit.visit_id, visit.name, visit.number) for visit in today.back] == [(nok.stay_id, "Nok", 2)]
    here = world.book.today(since, world.clock.now(), [SITE])
    assert (here.visitors, here.hours[0]) == (2, (since, 1, 0))
    elsewhere = world.book.today(since, world.clock.now(), [OTHER_SITE])
    assert (elsewhere.visitors, elsewhere.staff_present, elsewhere.back) == (1, 0, ())


def test_a_day_without_visitors_has_its_running_hour(world: World) -> None:
    today = world.book.today(MORNING, world.clock.now())
    assert today.hours == ((MORNING, 0, 0),)
    assert (today.visitors, today.came_in, today.back) == (0, 0, ())


def test_visits_are_found_by_span_site_and_person_page_by_page(world: World) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    for seed in range(5):
        world.book.see(sighting(world, seed, site_id=OTHER_SITE if seed == 3 else SITE))
        world.clock.advance(60)
    world.book.see(sighting(world, 9, "nok"))
    until = MORNING + timedelta(minutes=5)
    found = world.book.visits(VisitQuery(MORNING + timedelta(minutes=1), until))
    assert [visit.began_at.minute for visit in found] == [4, 3, 2, 1]
    assert len(world.book.visits(VisitQuery(MORNING, until, (OTHER_SITE,)))) == 1
    late = MORNING + timedelta(hours=1)
    assert [visit.name for visit in world.book.visits(VisitQuery(MORNING, late, person_id="nok"))] == ["Nok"]
    pages = [world.book.visits(VisitQuery(MORNING, late, limit=4, offset=offset)) for offset in (0, 4)]
    assert [len(page) for page in pages] == [4, 2]
    assert len({visit.visit_id for page in pages for visit in page}) == 6


def test_embeddings_of_another_engine_are_nobody_here(world: World) -> None:
    """After another engine was set: nothing can be compared, and nothing breaks."""
    first = world.book.see(sighting(world, 1))
    seen = sighting(world, 1)
    other = type(seen.embedding)(np.asarray(seen.embedding.vector), "another-contract")
    moved = type(seen)(seen.site_id, seen.stream_id, seen.at, None, other)
    if isinstance(world, SqlWorld):
        assert world.book.see(moved).stay_id != first.stay_id
