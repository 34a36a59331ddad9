"""Whoever is seen, merged or forgotten at the same time: nobody comes back, no two wait for each other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from kiosk.database import retrying
from kiosk.database.engine import Database, open_database
from kiosk.database.people import SqlPeople
from kiosk.database.people_revision import change_people
from kiosk.database.people_tables import PersonRow, SiteRow, StayRow, VisitRow
from kiosk.database.retrying import once_more
from kiosk.database.seeing import Machine, see_in
from kiosk.database.stays import hold_sites
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.visits.pictures import FacePictures
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import PersonKind
from tests.empty_databases import ON_SERVER, empty_url
from tests.fake_visit_book import THRESHOLDS
from tests.people_worlds import AGREED, a_draft, faces
from tests.visit_worlds import OTHER_SITE, SITE, SqlWorld, all_visits, sighting

_HEAD_START_S = 0.3
"""For what is to wait, so that it does. Nothing fails that is slower."""
A_PICTURE = np.full((200, 160, 3), 90, np.uint8)


@pytest.fixture(params=["sqlite", ON_SERVER])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    opened = open_database(empty_url(request, tmp_path))
    yield opened
    opened.close()


@pytest.fixture
def world(database: Database, tmp_path: Path) -> SqlWorld:
    """A kiosk's shop that knows Nok and Ploy."""
    made = SqlWorld(database, FacePictures(FolderObjectStore(tmp_path / "objects"))).set_up()
    made.know("nok", PersonKind.CUSTOMER, "Nok")
    made.know("ploy", PersonKind.CUSTOMER, "Ploy")
    return made


@pytest.fixture
def people(world: SqlWorld) -> SqlPeople:
    return SqlPeople(world.tenant, world.kiosk_id, world.pictures)


@pytest.fixture
def nothing_is_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retrying, "_was_broken_off", lambda failed: False)


def begin(act: Callable[[], object]) -> Callable[[], None]:
    """Another program begins this; what is returned waits for its end."""
    failures: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as failed:  # noqa: BLE001 - told by the main thread
            failures.append(failed)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(_HEAD_START_S)

    def finish() -> None:
        thread.join(60)
        assert not thread.is_alive()
        assert failures == []

    return finish


def names_of_visits(world: SqlWorld) -> list[str | None]:
    with world.tenant.reading() as session:
        return list(session.scalars(select(VisitRow.person_id)))


# -- who is forgotten -------------------------------------------------------------------------------


def test_whoever_is_seen_while_they_are_forgotten_is_forgotten(world: SqlWorld, people: SqlPeople) -> None:
    machine = Machine("", world.kiosk_id, StayRules(), lambda _: THRESHOLDS)
    with world.tenant.writing() as session:
        see_in(session, machine, sighting(world, 1, "nok"))
        finish = begin(lambda: people.forget("nok"))
    finish()
    assert names_of_visits(world) == [None]
    with world.tenant.reading() as session:
        assert session.scalars(select(StayRow)).all() == []
        assert session.get(PersonRow, "nok") is None


class SlowStore(FolderObjectStore):
    """Something happens while it writes a picture."""

    meanwhile: Callable[[], object]

    def put(self, object_key: str, data: bytes) -> None:
        super().put(object_key, data)
        self.meanwhile()


def seen_slowly(world: SqlWorld, tmp_path: Path, act: Callable[[], object]) -> SlowStore:
    """Nok is seen with a picture, and this is done while it is written."""
    store = SlowStore(tmp_path / "slow")
    store.meanwhile = act
    world.pictures = FacePictures(store)
    world.opened(StayRules()).see(sighting(world, 1, "nok", picture=A_PICTURE))
    return store


def test_no_picture_and_no_face_come_back_of_whoever_is_forgotten(
    world: SqlWorld, people: SqlPeople, tmp_path: Path
) -> None:
    store = seen_slowly(world, tmp_path, lambda: people.forget("nok"))
    (visit,) = all_visits(world)
    assert (visit.person_id, visit.picture_key, world.visit_faces()) == (None, None, [])
    assert list(store.keys("")) == []


def test_no_picture_is_kept_of_nobody(world: SqlWorld, tmp_path: Path) -> None:
    def gone() -> None:
        with world.tenant.writing() as session:
            session.execute(delete(PersonRow).where(PersonRow.person_id == "nok"))

    store = seen_slowly(world, tmp_path, gone)
    (visit,) = all_visits(world)
    assert (visit.picture_key, world.visit_faces(), list(store.keys(""))) == (None, [], [])


def test_a_picture_waits_for_whoever_forgets(world: SqlWorld, people: SqlPeople, tmp_path: Path) -> None:
    """What is read of pictures and deleted of faces is whole."""
    finishes: list[Callable[[], None]] = []
    with world.tenant.writing() as session:
        machine = Machine("", world.kiosk_id, StayRules(), lambda _: THRESHOLDS)
        seen = see_in(session, machine, sighting(world, 1, "nok", picture=A_PICTURE))
    key = world.pictures.put_visit(seen.stay.stay_id, A_PICTURE)
    with world.tenant.writing() as session:
        hold_sites(session, [SITE, OTHER_SITE])
        told = sighting(world, 1, "nok", picture=A_PICTURE)
        finishes.append(begin(lambda: world.book._name_picture(seen, told, key)))
        visit = session.get_one(VisitRow, seen.stay.stay_id)
        assert visit.picture_key is None
        session.execute(update(VisitRow).values(person_id=None))
    finishes[0]()
    assert (all_visits(world)[0].picture_key, world.visit_faces()) == (None, [])


def test_a_visit_counts_also_where_nothing_can_be_written_of_its_picture(
    world: SqlWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def breaks() -> None:
        def writing(**_: object) -> None:
            raise KnownError(ErrorCode.DISK_FULL, "The disk is full.")

        monkeypatch.setattr(world.tenant, "writing", writing)

    store = seen_slowly(world, tmp_path, breaks)
    (visit,) = all_visits(world)
    assert (visit.person_id, visit.picture_key, list(store.keys(""))) == ("nok", None, [])


def test_the_picture_that_another_camera_kept_of_the_visit_stays(world: SqlWorld, tmp_path: Path) -> None:
    """Both bear the same key."""
    store = SlowStore(tmp_path / "slow")
    world.pictures = FacePictures(store)
    one, other = world.opened(StayRules()), world.opened(StayRules())

    def sees() -> None:
        store.meanwhile = lambda: None
        other.see(sighting(world, 1, "nok", picture=A_PICTURE))

    store.meanwhile = sees
    one.see(sighting(world, 1, "nok", picture=A_PICTURE))
    (visit,) = all_visits(world)
    assert list(store.keys("")) == [visit.picture_key]


# -- one order --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("nothing_is_done_again")
def test_who_forgets_waits_for_who_ends_a_stay(world: SqlWorld, people: SqlPeople) -> None:
    stay = world.book.see(sighting(world, 1, "nok"))
    with world.tenant.writing() as session:
        hold_sites(session, [SITE])
        session.scalars(select(StayRow).with_for_update()).all()
        finish = begin(lambda: people.forget("nok"))
        session.execute(update(VisitRow).values(ended_at=world.clock.now()))
        session.execute(delete(StayRow).where(StayRow.stay_id == stay.stay_id))
    finish()
    assert names_of_visits(world) == [None]


@pytest.mark.usefixtures("nothing_is_done_again")
@pytest.mark.parametrize("act", ["merge", "forget"])
def test_who_changes_people_waits_for_who_sees_a_guest(world: SqlWorld, people: SqlPeople, act: str) -> None:
    somebody, same = (people.enrol(a_draft(), AGREED, faces(seed)).person_id for seed in (1, 2))
    world.book.see(sighting(world, 1, same))
    acts = {"merge": lambda: people.merge(somebody, same), "forget": lambda: people.forget(same)}
    with world.tenant.writing() as session:
        hold_sites(session, [SITE])
        session.execute(update(StayRow).values(tracks=2))
        finish = begin(acts[act])
        change_people(session, "")
    finish()
    assert names_of_visits(world) == [somebody if act == "merge" else None]


def test_one_of_two_who_wait_for_each_other_is_done_once_more(world: SqlWorld) -> None:
    together = threading.Barrier(2)
    tries: list[str] = []

    def held(session: Session, site_id: str) -> None:
        session.execute(update(SiteRow).where(SiteRow.site_id == site_id).values(name=SiteRow.name + "!"))

    @once_more
    def act(first: str, then: str) -> None:
        tries.append(first)
        with world.tenant.writing() as session:
            held(session, first)
            if len(tries) <= 2 and world.tenant.database.back_up() is None:  # on a server
                together.wait(20)
            held(session, then)

    finish = begin(lambda: act(SITE, OTHER_SITE))
    act(OTHER_SITE, SITE)
    finish()
    with world.tenant.reading() as session:
        assert {name[-2:] for name in session.scalars(select(SiteRow.name))} == {"!!"}


def test_what_failed_for_another_reason_is_not_done_again() -> None:
    tries: list[int] = []

    @once_more
    def act() -> None:
        tries.append(1)
        raise KnownError(ErrorCode.DISK_FULL, "The disk is full.")

    with pytest.raises(KnownError):
        act()
    assert len(tries) == 1
