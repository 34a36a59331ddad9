"""Pictures of faces and guests are kept no longer than promised, and what a purge did is proven."""

from __future__ import annotations

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.people_revision import people_revision
from kiosk.database.people_tables import (
    PersonFaceRow,
    PersonRow,
    PurgeRow,
    StayRow,
    VisitFaceRow,
    VisitRow,
    VoidVisitRow,
)
from kiosk.database.retention import SqlRetention
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.visits.pictures import FacePictures
from kiosk.visits.retention import KeepRules, PurgeProof, Retention

NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CONTRACT = "net-1"


class Shop:
    """A shop's database and pictures, and the purge over both."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.clock = ManualClock(NOW)
        self.database: Database = open_database(home / "kiosk.db", self.clock)
        self.tenant = TenantDatabase(self.database, "", self.clock)
        self.store = FolderObjectStore(home / "objects")
        self.rows = SqlRetention(self.tenant)
        self.retention = self.a_retention()

    def a_retention(self) -> Retention:
        return Retention(
            self.rows,
            FacePictures(self.store, self.tenant.tenant_id),
            self.database.keep_no_traces,
            KeepRules(pictures=30 * DAY, guests=90 * DAY),
            self.clock,
        )

    def add_person(self, person_id: str, kind: str, faces: int = 1, age: timedelta = timedelta(0)) -> None:
        at = self.clock.now() - age
        with self.tenant.writing() as session:
            session.add(
                PersonRow(
                    person_id=person_id,
                    kind=kind,
                    name="Mali",
                    gender="female",
                    phone="",
                    email="",
                    consent_version="1",
                    consented_at=at,
                    created_at=at,
                )
            )
            session.flush()
            for ordinal in range(faces):
                session.add(
                    PersonFaceRow(
                        person_id=person_id,
                        ordinal=ordinal,
                        contract_id=CONTRACT,
                        embedding=a_vector(ordinal),
                        added_at=at,
                        picture_key=self.put(f"people/{person_id}/{ordinal}.jpg"),
                    )
                )

    def add_visit(self, visit_id: str, person_id: str | None, age: timedelta, seed: int = 7) -> None:
        at = self.clock.now() - age
        with self.tenant.writing() as session:
            session.add(
                VisitRow(
                    visit_id=visit_id,
                    kiosk_id="k",
                    site_id="s",
                    stream_id="door",
                    person_id=person_id,
                    gender="female",
                    began_at=at,
                    picture_key=self.put(f"visits/{visit_id}.jpg") if person_id else None,
                )
            )
            session.flush()
            if person_id:
                session.add(VisitFaceRow(visit_id=visit_id, contract_id=CONTRACT, embedding=a_vector(seed)))

    def add_stay(self, stay_id: str, person_id: str, age: timedelta) -> None:
        at = self.clock.now() - age
        places = {"site_id": "s", "stream_id": "door", "kind": "known"}
        with self.tenant.writing() as session:
            session.add(StayRow(stay_id=stay_id, person_id=person_id, began_at=at, last_seen_at=at, **places))

    def people_revision(self) -> str:
        with self.tenant.reading() as session:
            return people_revision(session, "")

    def put(self, key: str) -> str:
        self.store.put(key, f"the picture {key}".encode())
        return key

    def keys(self) -> list[str]:
        return sorted(self.store.keys(""))


def a_vector(seed: int) -> np.ndarray:
    vector = np.random.default_rng(seed).standard_normal(512).astype(np.float32)
    return vector / np.linalg.norm(vector)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_pictures_go_after_their_days_and_people_and_visits_stay(shop: Shop) -> None:
    shop.add_person("old", "customer", faces=2, age=31 * DAY)
    shop.add_person("new", "customer", age=29 * DAY)
    shop.add_visit("v-old", "old", 31 * DAY)
    shop.add_visit("v-new", "old", 29 * DAY)
    proof = shop.retention.purge()
    assert shop.keys() == ["people/new/0.jpg", "visits/v-new.jpg"]
    assert proof is not None
    assert proof.removed == {
        "files": 3,
        "visit_faces": 1,
        "visit_pictures": 1,
        "person_pictures": 2,
        "copies": 0,
    }
    assert (proof.remaining, proof.older_than) == (0, NOW - 30 * DAY)
    held = shop.rows.held(30)
    assert (held.customers, held.pictures, held.visits, held.embeddings) == (2, 2, 2, 4)
    assert held.oldest_picture_at == NOW - 29 * DAY
    assert (held.last_purge_at, held.next_purge_at) == (NOW, NOW + timedelta(hours=1))


def test_nothing_of_a_purged_face_stays_in_database_journal_or_copies(shop: Shop) -> None:
    shop.add_person("p", "customer")
    shop.add_visit("v", "p", timedelta(0), seed=99)
    needles = [a_vector(99).astype("<f4").tobytes(), b"the picture visits/v.jpg"]
    shop.database.back_up()
    assert traces(shop.home, needles)
    shop.clock.advance(31 * DAY.total_seconds())
    proof = shop.retention.purge()
    assert proof is not None
    assert proof.removed["copies"] == 1
    assert traces(shop.home, needles) == []


def test_a_machine_that_was_off_for_long_purges_at_its_start(shop: Shop) -> None:
    shop.add_person("p", "customer")
    shop.clock.advance(200 * DAY.total_seconds())
    told: list[PurgeProof | None] = []
    stop = threading.Event()

    def hear(proof: PurgeProof | None) -> None:
        told.append(proof)
        stop.set()

    shop.a_retention().run(stop, hear, pytest.fail)
    assert shop.keys() == []
    assert [proof and proof.removed["person_pictures"] for proof in told] == [1]


def test_a_purge_that_was_broken_off_is_finished_by_the_next(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.add_person("p", "customer", faces=3, age=40 * DAY)
    kept = shop.store.delete
    deleted: list[str] = []

    def dies(key: str) -> None:
        if deleted:
            raise KnownError(ErrorCode.DISK_FULL, "as if the power went")
        deleted.append(key)
        kept(key)

    monkeypatch.setattr(shop.store, "delete", dies)
    with pytest.raises(KnownError):
        shop.retention.purge()
    monkeypatch.setattr(shop.store, "delete", kept)
    proof = shop.retention.purge()
    assert proof is not None
    assert (proof.removed["files"], proof.removed["person_pictures"], proof.remaining) == (2, 3, 0)
    assert shop.keys() == []
    assert shop.retention.purge() is None


def test_a_guest_goes_after_the_last_visit_and_stays_counted(shop: Shop) -> None:
    shop.add_person("gone", "guest", age=200 * DAY)
    shop.add_visit("v1", "gone", 100 * DAY)
    shop.add_person("back", "guest", age=200 * DAY)
    shop.add_visit("v2", "back", 80 * DAY)
    shop.add_person("mali", "customer", age=200 * DAY)
    proof = shop.retention.purge()
    assert proof is not None
    assert (proof.removed["guests"], proof.removed["guest_faces"]) == (1, 1)
    with shop.tenant.reading() as session:
        assert session.get(PersonRow, "gone") is None
        assert session.get_one(VisitRow, "v1").person_id is None
        assert session.get_one(VisitRow, "v2").person_id == "back"
        assert session.get(PersonRow, "mali") is not None


def test_cameras_hear_that_a_guest_is_not_known_any_more(shop: Shop) -> None:
    shop.add_person("gone", "guest", age=200 * DAY)
    before = shop.people_revision()
    shop.retention.purge()
    assert shop.people_revision() != before


def test_a_guest_who_comes_back_while_guests_are_purged_stays_with_their_stay(shop: Shop) -> None:
    shop.add_person("back", "guest", age=200 * DAY)
    shop.add_visit("v1", "back", 100 * DAY)
    before = NOW - 90 * DAY
    assert shop.rows.stale_guests(before) == ["back"]
    shop.add_visit("v2", "back", timedelta(0))
    shop.add_stay("v2", "back", timedelta(0))
    shop.rows.forget_guest("back", before, 0)
    with shop.tenant.reading() as session:
        assert session.get(StayRow, "v2") is not None
        assert session.get_one(VisitRow, "v2").person_id == "back"
    assert shop.rows.held(30).embeddings == 3


def test_one_who_agreed_while_guests_were_purged_is_no_guest_any_more(shop: Shop) -> None:
    shop.add_person("p", "guest", age=200 * DAY)
    with shop.tenant.writing() as session:
        session.get_one(PersonRow, "p").kind = "customer"
    shop.rows.forget_guest("p", NOW, 0)
    assert shop.rows.held(30).embeddings == 1


def test_a_visit_of_a_guest_who_goes_ends_when_they_were_last_seen(shop: Shop) -> None:
    shop.add_person("gone", "guest", age=200 * DAY)
    shop.add_visit("v1", "gone", 100 * DAY)
    shop.add_stay("v1", "gone", 99 * DAY)
    shop.retention.purge()
    with shop.tenant.reading() as session:
        assert session.get_one(VisitRow, "v1").ended_at == NOW - 99 * DAY
        assert session.get(StayRow, "v1") is None


def test_that_a_visit_was_none_is_remembered_for_90_days(shop: Shop) -> None:
    with shop.tenant.writing() as session:
        for days in (89, 91):
            session.add(VoidVisitRow(visit_id=str(days), at=NOW - days * DAY))
    shop.retention.purge()
    with shop.tenant.reading() as session:
        assert session.scalars(select(VoidVisitRow.visit_id)).all() == ["89"]


def test_a_picture_that_no_row_names_goes_once_it_had_time_to_be_named(shop: Shop) -> None:
    shop.put("visits/nobody.jpg")
    assert shop.retention.purge() is None
    shop.clock.advance(9 * 60)
    shop.retention.purge()
    assert shop.keys() == ["visits/nobody.jpg"]
    shop.clock.advance(2 * 60)
    proof = shop.retention.purge()
    assert proof is not None
    assert proof.removed["files"] == 1
    assert shop.keys() == []


def test_what_is_due_is_told_and_not_touched(shop: Shop) -> None:
    shop.add_person("p", "customer", faces=2, age=31 * DAY)
    shop.add_person("g", "guest", age=100 * DAY)
    plan = shop.retention.plan()
    assert (plan.pictures, plan.guests, plan.older_than) == (3, 1, NOW - 30 * DAY)
    assert len(shop.keys()) == 3
    assert shop.rows.last_run() is None


def test_what_cannot_be_deleted_is_told_and_proven_to_remain(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.add_person("p", "customer", age=31 * DAY)
    monkeypatch.setattr(shop.rows, "drop_pictures", lambda pictures, files: None)
    for _ in range(3):
        with pytest.raises(KnownError) as told:
            shop.retention.purge()
        assert told.value.code is ErrorCode.PURGE_INCOMPLETE
    assert [proof.remaining for proof in shop.rows.proofs()] == [1]


def test_a_purge_that_was_broken_off_after_its_rows_leaves_no_traces_and_is_proven(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.add_person("p", "customer")
    shop.add_visit("v", "p", timedelta(0), seed=99)
    shop.database.back_up()
    shop.clock.advance(31 * DAY.total_seconds())
    needles = [a_vector(99).astype("<f4").tobytes()]

    def away() -> int:
        raise KnownError(ErrorCode.DATABASE_UNREACHABLE, "somebody reads")

    broken = Retention(shop.rows, FacePictures(shop.store), away, KeepRules(30 * DAY, 90 * DAY), shop.clock)
    with pytest.raises(KnownError):
        broken.purge()
    assert traces(shop.home, needles)
    proof = shop.a_retention().purge()
    assert proof is not None
    assert (proof.removed["visit_faces"], proof.removed["files"]) == (1, 2)
    assert traces(shop.home, needles) == []
    assert shop.a_retention().purge() is None


def test_a_purge_that_fails_is_told_and_done_again_when_it_is_hurried(shop: Shop) -> None:
    shop.add_person("p", "customer", age=31 * DAY)
    failed, done, stop = threading.Event(), threading.Event(), threading.Event()
    answers = iter([KnownError(ErrorCode.DATABASE_UNREACHABLE, "somebody reads"), None])

    def keep_no_traces() -> int:
        answer = next(answers)
        if answer is not None:
            raise answer
        return 0

    rules = KeepRules(30 * DAY, 90 * DAY)
    retention = Retention(shop.rows, FacePictures(shop.store), keep_no_traces, rules, shop.clock)
    running = threading.Thread(
        target=retention.run, args=(stop, lambda _: done.set(), lambda _: failed.set())
    )
    running.start()
    assert failed.wait(10)
    retention.hurry()
    assert done.wait(10)
    stop.set()
    running.join(10)
    assert not running.is_alive()
    assert [proof.remaining for proof in shop.rows.proofs()] == [0]


def test_no_proof_can_be_changed_or_left_out_unseen(shop: Shop) -> None:
    for number in range(4):
        shop.add_person(f"p{number}", "customer", age=31 * DAY)
        shop.retention.purge()
    assert [proof.ordinal for proof in shop.rows.proofs()] == [4, 3, 2, 1]
    assert shop.rows.broken_proof() is None
    with shop.tenant.writing() as session:
        changed = next(row for row in session.query(PurgeRow) if row.ordinal == 2)
        changed.removed = '{"files": 0}'
    assert shop.rows.broken_proof() == 2
    with closing(sqlite3.connect(shop.home / "kiosk.db")) as connection:
        connection.execute("DELETE FROM purges WHERE ordinal = 2")
        connection.commit()
    assert shop.rows.broken_proof() == 2


def test_throw_away_embeddings_are_told_apart(shop: Shop) -> None:
    with shop.tenant.writing() as session:
        for stay_id, vector in (("a", a_vector(1)), ("b", None)):
            session.add(
                StayRow(
                    stay_id=stay_id,
                    site_id="s",
                    stream_id="door",
                    kind="visitor",
                    began_at=NOW,
                    last_seen_at=NOW,
                    embedding=vector,
                )
            )
    assert shop.rows.held(30).throwaway_embeddings == 1


def traces(home: Path, needles: list[bytes]) -> list[str]:
    """The files that still hold one of these."""
    files = [path for path in home.rglob("*") if path.is_file()]
    return [path.name for path in files if any(needle in path.read_bytes() for needle in needles)]
