"""The visit book in SQL, on a file and on a server: what it keeps, what it tells, who else writes in it, and
a clock that is set."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.people_tables import LineCountRow, StayRow, VisitRow, VoidVisitRow
from kiosk.database.sync_tables import OutboxRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.sync.records import Kind
from kiosk.vision.types import Pixels
from kiosk.visits.pictures import FacePictures
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import PersonKind
from tests.empty_databases import ON_SERVER, empty_url
from tests.visit_worlds import (
    CONTRACT,
    DOOR,
    MORNING,
    SITE,
    TILL,
    SqlWorld,
    after,
    all_visits,
    is_visitor,
    sighting,
    view_of,
)

DAY_S = 24 * 3600.0
OpenWorld = Callable[..., SqlWorld]


@pytest.fixture(params=["sqlite", ON_SERVER])
def open_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenWorld]:
    """Opens a kiosk's database, and once more as another program on it would."""
    url, opened = empty_url(request, tmp_path), []

    def open_it(*, is_fresh: bool = False, clock: ManualClock | None = None, tenant_id: str = "") -> SqlWorld:
        database = open_database(url)
        opened.append(database)
        pictures = FacePictures(FolderObjectStore(tmp_path / "objects"), tenant_id)
        world = SqlWorld(database, pictures, tenant_id, clock)
        return world.set_up() if is_fresh else world

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def world(open_world: OpenWorld) -> SqlWorld:
    """A kiosk's own."""
    return open_world(is_fresh=True)


def messages(world: SqlWorld, kind: Kind = Kind.VISIT) -> list[dict[str, Any]]:
    """What the centre is to hear, in its order."""
    waiting = select(OutboxRow.payload).where(OutboxRow.kind == kind.value).order_by(OutboxRow.outbox_id)
    with world.tenant.database.reading() as session:
        return [json.loads(payload) for payload in session.scalars(waiting)]


def a_picture(colour: int) -> Pixels:
    return np.full((200, 160, 3), colour, np.uint8)


def keys(world: SqlWorld) -> list[str]:
    return list(world.pictures.store.keys(""))


# -- several cameras, several programs --------------------------------------------------------------


def at_once(*acts: Callable[[], object]) -> list[Any]:
    """Their answers; all begin together."""
    barrier, answers, failures = threading.Barrier(len(acts)), [], []

    def run(act: Callable[[], object]) -> None:
        try:
            barrier.wait()
            answers.append(act())
        except BaseException as failed:  # noqa: BLE001 - told by the main thread
            failures.append(failed)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    return answers


@pytest.mark.parametrize("person_id", [None, "nok", "lek"])
def test_cameras_of_several_programs_that_see_somebody_at_once_see_one(
    world: SqlWorld, open_world: OpenWorld, person_id: str | None
) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.know("lek", PersonKind.STAFF, "Lek")
    books = [open_world(clock=world.clock).book for _ in range(4)]
    for round_ in range(5):
        seen = [
            sighting(world, round_ if person_id is None else 0, person_id, vector=view_of(round_, 0.8, place))
            for place in range(4)
        ]
        stays = at_once(
            *(lambda book=book, one=one: book.see(one) for book, one in zip(books, seen, strict=True))
        )
        assert len({stay.stay_id for stay in stays}) == 1
        assert sum(stay.is_new for stay in stays) == (1 if person_id is None or round_ == 0 else 0)
    assert len(all_visits(world)) == {None: 5, "nok": 1, "lek": 0}[person_id]


def test_a_guest_whom_two_cameras_see_at_once_is_one(world: SqlWorld, open_world: OpenWorld) -> None:
    books = [open_world(clock=world.clock).opened(StayRules(knows_returning=True)) for _ in range(3)]
    seen = [sighting(world, 1, vector=view_of(1, 0.8, place)) for place in range(3)]
    before = world.revision()
    at_once(*(lambda book=book, one=one: book.see(one) for book, one in zip(books, seen, strict=True)))
    (guest,) = world.guests()
    (kept,) = world.faces_of(guest)
    assert any(np.allclose(kept, one.embedding.vector) for one in seen)
    assert world.revision() != before, "the cameras are to know them"


def test_everything_at_once_hinders_nobody(world: SqlWorld, open_world: OpenWorld) -> None:
    books = [open_world(clock=world.clock).book for _ in range(3)]
    stays = [world.book.see(sighting(world, seed)).stay_id for seed in range(8)]
    now = world.clock.now()

    def touches() -> None:
        for second in range(20):
            books[0].touch(dict.fromkeys(stays, now + timedelta(seconds=second)))

    def sees() -> None:
        for seed in range(20):
            books[1].see(sighting(world, seed % 8, stay_id=stays[seed % 8], stream_id=TILL))

    def ends() -> None:
        for _ in range(20):
            books[2].end_due(now)

    def counts() -> None:
        for _ in range(20):
            world.book.count_line(DOOR, now, 1, 2)

    at_once(touches, sees, ends, counts, counts)
    assert len(all_visits(world)) == 8
    today = world.book.today(MORNING, now)
    assert (today.came_in, today.went_out) == (40, 80)


def test_tenants_have_books_of_their_own(world: SqlWorld, open_world: OpenWorld) -> None:
    with world.tenant.database.writing() as session:
        session.add(StayRow(**_anothers_stay(world), tenant_id="another"))
    assert world.book.see(sighting(world, 1)).is_new
    world.clock.advance(DAY_S)
    assert world.book.end_due(world.clock.now()) == 1
    with world.tenant.database.reading() as session:
        (left,) = session.scalars(select(StayRow))
    assert left.tenant_id == "another"


def _anothers_stay(world: SqlWorld) -> dict[str, Any]:
    embedding = sighting(world, 1).embedding
    places = {"stay_id": "s", "site_id": SITE, "stream_id": DOOR, "kind": "visitor", "person_id": None}
    times = {"began_at": world.clock.now(), "last_seen_at": world.clock.now()}
    return {**places, **times, "contract_id": embedding.contract_id, "embedding": embedding.vector}


def test_an_unknown_site_and_an_unknown_camera_are_refused(world: SqlWorld) -> None:
    with pytest.raises(KnownError) as refused:
        world.book.see(sighting(world, 1, site_id="nowhere"))
    assert refused.value.code is ErrorCode.SITE_UNKNOWN
    with pytest.raises(KnownError) as refused:
        world.book.count_line("nowhere", world.clock.now(), 1, 0)
    assert refused.value.code is ErrorCode.STREAM_UNKNOWN


# -- what the centre hears --------------------------------------------------------------------------


def test_a_visit_is_told_when_it_begins_is_corrected_and_ends(world: SqlWorld) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    stay = world.book.see(sighting(world, 1))
    world.book.see(sighting(world, 1))
    world.book.see(sighting(world, 1, "nok", stay_id=stay.stay_id))
    world.book.touch({stay.stay_id: world.clock.now()})
    after(world, 31)
    begun, corrected, ended = messages(world)
    assert {one["visit_id"] for one in (begun, corrected, ended)} == {stay.stay_id}
    assert [one["revision"] for one in (begun, corrected, ended)] == [1, 2, 3]
    assert (begun["person_id"], begun["kiosk_id"], begun["site_id"]) == (None, "kiosk-1", SITE)
    assert (corrected["person_id"], corrected["number"], corrected["ended_at"]) == ("nok", 1, None)
    assert (ended["person_id"], ended["is_void"]) == ("nok", False)
    assert ended["ended_at"].startswith("2026-11-20T02:00:00")


def test_a_void_visit_is_told_as_void_and_remembered(world: SqlWorld) -> None:
    world.know("lek", PersonKind.STAFF, "Lek")
    stay = world.book.see(sighting(world, 1))
    world.book.see(sighting(world, 1, "lek", stay_id=stay.stay_id))
    after(world, 31)
    begun, void = messages(world)
    assert (begun["is_void"], void["is_void"]) == (False, True)
    assert (void["visit_id"], void["revision"]) == (stay.stay_id, 2)
    with world.tenant.reading() as session:
        assert session.scalars(select(VoidVisitRow.visit_id)).all() == [stay.stay_id]


def test_guests_are_told_as_nobody(world: SqlWorld) -> None:
    book = world.opened(StayRules(knows_returning=True))
    guest = book.see(sighting(world, 1)).person_id
    after(world, 31)
    book.see(sighting(world, 2, guest))
    assert guest is not None
    told = messages(world)
    assert [(one["person_id"], one["number"], one["is_returning"]) for one in told] == [
        (None, None, False),
        (None, None, False),
        (None, None, True),
    ]
    assert messages(world, Kind.PERSON) == []
    assert guest not in json.dumps(told)


def test_crossed_lines_are_told_every_few_minutes_and_whole(world: SqlWorld) -> None:
    for _ in range(60):
        world.book.count_line(DOOR, world.clock.now(), 1, 0)
        world.clock.advance(60)
        world.book.end_due(world.clock.now())
    world.book.count_line(DOOR, world.clock.now(), 0, 1)
    after(world, 6)
    told = messages(world, Kind.LINE_COUNT)
    assert 10 <= len(told) <= 14
    last = {one["hour"]: (one["came_in"], one["went_out"]) for one in told}
    assert list(last.values()) == [(60, 0), (0, 1)]
    assert {(one["kiosk_id"], one["site_id"], one["stream_id"]) for one in told} == {("kiosk-1", SITE, DOOR)}
    after(world, 60)
    assert len(messages(world, Kind.LINE_COUNT)) == len(told), "nothing new is told of"


def test_crossings_counted_right_before_the_power_went_are_told_when_it_is_back(
    world: SqlWorld, open_world: OpenWorld
) -> None:
    world.book.end_due(world.clock.now())
    world.book.count_line(DOOR, world.clock.now(), 2, 1)
    world.clock.advance(30 * DAY_S)
    again = open_world(clock=world.clock)
    again.book.end_due(again.clock.now())
    (told,) = messages(world, Kind.LINE_COUNT)
    assert (told["came_in"], told["went_out"]) == (2, 1)


# -- pictures ---------------------------------------------------------------------------------------


def test_pictures_are_kept_of_customers_who_agreed_and_of_nobody_else(world: SqlWorld) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.know("lek", PersonKind.STAFF, "Lek")
    picture = a_picture(90)
    world.book.see(sighting(world, 1, picture=picture))
    world.book.see(sighting(world, 2, "lek", picture=picture))
    assert (keys(world), world.visit_faces()) == ([], [])
    nok = world.book.see(sighting(world, 3, "nok", picture=picture))
    (key,) = keys(world)
    assert key == f"visits/{nok.stay_id}.jpg"
    assert abs(int(world.pictures.get(key)[50, 50, 0]) - 90) <= 2
    assert world.visit_faces() == [nok.stay_id]
    assert [visit.picture_key for visit in all_visits(world) if visit.person_id == "nok"] == [key]
    world.book.see(sighting(world, 3, "nok", picture=a_picture(200)))
    assert abs(int(world.pictures.get(key)[50, 50, 0]) - 90) <= 2, "one is enough"
    book = world.opened(StayRules(knows_returning=True))
    guest = book.see(sighting(world, 4, picture=picture))
    after(world, 31)
    assert book.see(sighting(world, 4, guest.person_id, picture=picture)).visit_number == 2
    assert (keys(world), world.visit_faces()) == ([key], [nok.stay_id]), "a guest was never asked"


def test_no_picture_is_kept_where_none_are_to_be(world: SqlWorld) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    book = world.opened(StayRules(keeps_pictures=False))
    book.see(sighting(world, 3, "nok", picture=a_picture(90)))
    assert (keys(world), world.visit_faces()) == ([], [])


def test_a_picture_goes_with_whom_it_was_taken_for(world: SqlWorld) -> None:
    for person_id, kind in (("nok", PersonKind.CUSTOMER), ("ploy", PersonKind.CUSTOMER)):
        world.know(person_id, kind, person_id.title())
    world.know("lek", PersonKind.STAFF, "Lek")
    stay = world.book.see(sighting(world, 1, "nok", picture=a_picture(50)))
    world.book.see(sighting(world, 1, "ploy", stay_id=stay.stay_id))
    assert (keys(world), world.visit_faces()) == ([], [])
    world.book.see(sighting(world, 1, "ploy", stay_id=stay.stay_id, picture=a_picture(150)))
    (key,) = keys(world)
    assert abs(int(world.pictures.get(key)[50, 50, 0]) - 150) <= 2
    world.book.see(sighting(world, 1, stay_id=stay.stay_id))
    assert (keys(world), world.visit_faces()) == ([], []), "of a visitor none is kept"
    world.book.see(sighting(world, 1, "nok", stay_id=stay.stay_id, picture=a_picture(50)))
    world.book.see(sighting(world, 1, "lek", stay_id=stay.stay_id, picture=a_picture(50)))
    assert (keys(world), world.visit_faces(), all_visits(world)) == ([], [], [])


class BrokenStore(FolderObjectStore):
    """A store of files that is full."""

    def put(self, object_key: str, data: bytes) -> None:
        raise KnownError(ErrorCode.DISK_FULL, "The disk is full.")


def test_a_visit_counts_also_where_its_picture_cannot_be_kept(world: SqlWorld, tmp_path: Path) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.pictures = FacePictures(BrokenStore(tmp_path / "full"))
    stay = world.opened(StayRules()).see(sighting(world, 1, "nok", picture=a_picture(50)))
    row = world.visit_row(stay.stay_id)
    assert row is not None
    assert (row.person_id, row.picture_key) == ("nok", None)
    assert world.visit_faces() == []


class SlowStore(FolderObjectStore):
    """While it writes a picture, another camera finds out that it is of staff."""

    meanwhile: Callable[[], object]

    def put(self, object_key: str, data: bytes) -> None:
        super().put(object_key, data)
        self.meanwhile()


def test_a_picture_that_came_too_late_is_nobodys(
    world: SqlWorld, open_world: OpenWorld, tmp_path: Path
) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.know("ploy", PersonKind.CUSTOMER, "Ploy")
    other, store = open_world(clock=world.clock), SlowStore(tmp_path / "slow")

    def correct() -> None:
        (visit,) = all_visits(world)
        other.book.see(sighting(world, 1, "ploy", stay_id=visit.visit_id))

    store.meanwhile = correct
    world.pictures = FacePictures(store)
    world.opened(StayRules()).see(sighting(world, 1, "nok", picture=a_picture(50)))
    (visit,) = all_visits(world)
    assert (visit.person_id, visit.picture_key, world.visit_faces()) == ("ploy", None, [])


# -- the clock and the power ------------------------------------------------------------------------


@pytest.mark.parametrize("by_s", [DAY_S, -DAY_S])
def test_nobody_comes_or_goes_when_the_clock_is_set(world: SqlWorld, by_s: float) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.know("lek", PersonKind.STAFF, "Lek")
    seen: list[tuple[int, str | None]] = [(1, None), (2, "nok"), (3, "lek")]
    stays = [world.book.see(sighting(world, *each)).stay_id for each in seen]
    world.clock.advance(600)
    before = world.clock.now()
    world.clock.set_by(by_s)
    world.book.touch({stays[0]: before})  # a look from right before
    assert world.book.end_due(world.clock.now()) == 0
    for each, stay_id in zip(seen, stays, strict=True):
        assert world.book.see(sighting(world, *each)).stay_id == stay_id
    for _ in range(60):
        world.clock.advance(60)
        world.book.touch(dict.fromkeys(stays, world.clock.now()))
        assert world.book.end_due(world.clock.now()) == 0
    assert {visit.began_at for visit in all_visits(world)} == {MORNING + timedelta(seconds=by_s)}
    assert after(world, 30) == 3
    assert world.throwaway() == 0
    for visit in all_visits(world):
        assert visit.ended_at == visit.began_at + timedelta(minutes=70)
    told = {one["visit_id"]: one["began_at"] for one in messages(world)}
    assert {one[:10] for one in told.values()} == {str((MORNING + timedelta(seconds=by_s)).date())}


def test_a_jump_of_the_clock_that_could_not_be_followed_is_followed_later(
    world: SqlWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    stay = world.book.see(sighting(world, 1))
    world.clock.set_by(DAY_S)

    def writing(**_: object) -> None:
        raise KnownError(ErrorCode.DISK_FULL, "The disk is full.")

    with monkeypatch.context() as broken:
        broken.setattr(world.tenant, "writing", writing)
        with pytest.raises(KnownError):
            world.book.end_due(world.clock.now())
    world.book.end_due(world.clock.now())
    world.clock.advance(60)
    world.book.end_due(world.clock.now())
    assert world.book.see(sighting(world, 1)).stay_id == stay.stay_id
    assert len(all_visits(world)) == 1


def test_a_clock_that_is_set_forth_and_back_leaves_everything_as_it_was(world: SqlWorld) -> None:
    stay = world.book.see(sighting(world, 1))
    for by_s in (DAY_S, -DAY_S, -DAY_S, DAY_S):
        world.clock.set_by(by_s)
        assert world.book.see(sighting(world, 1, stay_id=stay.stay_id)).stay_id == stay.stay_id
    (visit,) = all_visits(world)
    assert visit.began_at == MORNING


def test_another_program_that_did_not_see_them_ends_nobody_when_the_clock_is_set(
    world: SqlWorld, open_world: OpenWorld
) -> None:
    other = open_world(clock=world.clock)
    stay = world.book.see(sighting(world, 1))
    world.clock.set_by(DAY_S)
    assert other.book.end_due(world.clock.now()) == 0, "before the one who did has noticed"
    world.book.touch({stay.stay_id: world.clock.now()})
    after(world, 2)
    assert other.book.end_due(world.clock.now()) == 0
    assert world.book.see(sighting(world, 1)).stay_id == stay.stay_id


def test_small_steps_of_the_clock_are_none(world: SqlWorld) -> None:
    stay = world.book.see(sighting(world, 1))
    for by_s in (5, -600, 601, -3):
        world.clock.set_by(by_s)
        assert world.book.see(sighting(world, 1)).stay_id == stay.stay_id
        assert world.book.end_due(world.clock.now()) == 0
    assert all_visits(world)[0].began_at == MORNING


def test_a_machine_that_slept_has_not_jumped(world: SqlWorld) -> None:
    """The lid was closed overnight: time has passed, and yesterday's visits stay yesterday's."""
    first = world.book.see(sighting(world, 1))
    world.clock.advance(14 * 3600)
    assert world.book.see(sighting(world, 1)).stay_id != first.stay_id
    assert world.book.end_due(world.clock.now()) == 1
    newest, oldest = all_visits(world)
    assert (oldest.began_at, oldest.ended_at) == (MORNING, MORNING)
    assert newest.began_at == world.clock.now()


@pytest.mark.parametrize("away_s", [40 * DAY_S, -DAY_S])
def test_whoever_was_here_when_the_power_went_has_gone_when_it_is_back(
    world: SqlWorld, open_world: OpenWorld, away_s: float
) -> None:
    """Also where the clock begins in the past, since nothing kept it going."""
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    world.book.see(sighting(world, 1))
    world.clock.advance(300)
    world.book.see(sighting(world, 2, "nok"))
    world.tenant.database.close()
    clock = ManualClock(world.clock.now() + timedelta(seconds=away_s))
    again = open_world(clock=clock)
    back = again.book.see(sighting(again, 2, "nok"))
    assert (back.is_new, back.visit_number) == (True, 2)
    assert again.book.end_due(clock.now()) == 2
    assert again.throwaway() == 0
    ended = {visit.began_at: visit.ended_at for visit in all_visits(again) if visit.ended_at}
    assert ended == {MORNING: MORNING, MORNING + timedelta(seconds=300): MORNING + timedelta(seconds=300)}


def test_a_short_power_cut_interrupts_no_stay(world: SqlWorld, open_world: OpenWorld) -> None:
    world.know("nok", PersonKind.CUSTOMER, "Nok")
    stays = [world.book.see(sighting(world, 1)), world.book.see(sighting(world, 2, "nok"))]
    world.tenant.database.close()
    again = open_world(clock=ManualClock(MORNING + timedelta(minutes=10)))
    assert again.book.end_due(again.clock.now()) == 0
    seen = [again.book.see(sighting(again, 1)), again.book.see(sighting(again, 2, "nok"))]
    assert [stay.stay_id for stay in seen] == [stay.stay_id for stay in stays]
    assert is_visitor(seen[0])


def test_of_an_older_backup_a_stay_without_its_embedding_ends_in_its_time(world: SqlWorld) -> None:
    stay = world.book.see(sighting(world, 1))
    with world.tenant.writing() as session:
        row = session.get_one(StayRow, stay.stay_id)
        row.embedding = row.contract_id = None
    again = world.book.see(sighting(world, 1))
    assert again.is_new
    assert after(world, 31) == 2
    with world.tenant.reading() as session:
        assert session.scalars(select(StayRow)).all() == []
        assert all(visit.ended_at for visit in session.scalars(select(VisitRow)))


def test_a_crowd_that_has_gone_is_ended_to_the_last(world: SqlWorld) -> None:
    for seed in range(120):
        world.book.see(sighting(world, seed))
    world.clock.advance(3600)
    assert world.book.end_due(world.clock.now()) == 120
    assert world.throwaway() == 0


def test_line_counts_of_several_programs_add_up(world: SqlWorld, open_world: OpenWorld) -> None:
    books = [open_world(clock=world.clock).book for _ in range(3)]
    late = MORNING + timedelta(minutes=59, seconds=59)
    at_once(*(lambda book=book: book.count_line(DOOR, late, 1, 2) for book in books))
    with world.tenant.reading() as session:
        (row,) = session.scalars(select(LineCountRow))
    assert (row.hour, row.came_in, row.went_out, row.site_id) == (MORNING, 3, 6, SITE)


def test_the_contract_of_the_embedding_stands_with_it(world: SqlWorld, open_world: OpenWorld) -> None:
    world.book.see(sighting(world, 1))
    database: Database = world.tenant.database
    with database.reading() as session:
        (stay,) = session.scalars(select(StayRow))
    assert stay.contract_id == CONTRACT
    assert stay.embedding is not None
    assert abs(float(np.linalg.norm(stay.embedding)) - 1) < 1e-5
