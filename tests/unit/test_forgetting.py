"""What somebody asked to be forgotten is in no store of a kiosk any more, and does not come back."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import LargeBinary, delete, select, type_coerce, update

from kiosk.clock import ManualClock
from kiosk.database.deletions import (
    take_deletion,
)
from kiosk.database.forgetting import SqlForgetting, archive_key
from kiosk.database.links import SqlLinkRepository
from kiosk.database.people_tables import PersonFaceRow, PersonRow, VisitRow
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.tables import ConsentRow, DeliveryRow, FeedbackRow, OrderRow, PhotoRow, WatchedFileRow
from kiosk.database.uploads import FileState, ReceivedFile, SqlUploads, Upload
from kiosk.delivery.types import DownloadLink
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.milvus_index import MilvusIndex
from kiosk.gallery.types import FaceKey
from kiosk.photos.erasure import Deletion
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.types import PhotoEvent, PreviewSize, key_of_original
from kiosk.sync.records import Kind
from tests.forgetting_machine import (
    EVENT,
    Machine,
    a_vault,
    closed,
    fill,
    needles_of,
    opened,
    record_of,
    traces,
)
from tests.photo_fakes import FAKE_CONTRACT, SquareFaceEngine, write_photos


@pytest.fixture(params=[None, a_vault()], ids=["plain", "sealed"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    opened_machine = opened(tmp_path / "home", ManualClock(), vault=request.param)
    fill(opened_machine, tmp_path / "card")
    yield opened_machine
    closed(opened_machine)


def test_a_forgotten_photo_is_in_no_file_of_the_kiosk_any_more(machine: Machine) -> None:
    gone, *kept = machine.photos.photos(EVENT)
    needles, others = needles_of(machine, gone), needles_of(machine, kept[0])
    with machine.database.writing() as session:
        at = machine.clock.now()
        session.add(FeedbackRow(event_id=EVENT, photo_id=gone.photo_id, ordinal=0, said_at=at))
        session.add(WatchedFileRow(event_id=EVENT, path=f"card/{gone.file_name}", size=1, modified_ns=1))
    machine.previews.preview(gone.photo_id, PreviewSize.LARGE)
    assert traces(machine.home, *needles)
    if machine.database.vault is not None:
        hidden = [needle for needle in needles if not traces(machine.home, needle)]
        assert len(hidden) == 2, "the two plain embeddings, and nothing else, are nowhere to begin with"
    deletion_id = machine.ask(photo_ids=(gone.photo_id,), event_id=EVENT)
    assert machine.forgetting.once() == 1
    assert traces(machine.home, *needles) == []
    assert traces(machine.home, *others) != []
    assert machine.removed(deletion_id) == {
        "faces": 2,
        "feedback": 1,
        "photos": 1,
        "watched_files": 1,
        "index_entries": 2,
        "originals": 1,
        "previews": 4,
        "copies": 1,
    }
    with pytest.raises(KnownError) as unknown:
        machine.previews.preview(gone.photo_id, PreviewSize.LARGE)
    assert unknown.value.code is ErrorCode.PHOTO_UNKNOWN
    assert machine.photos.count(EVENT) == 2
    assert verify_and_rebuild(machine.index, machine.photos, EVENT).state == "intact"


def test_a_milvus_file_keeps_no_numbers_of_a_forgotten_face(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    machine = opened(home, ManualClock(), index=MilvusIndex(str(home / "milvus.db"), FAKE_CONTRACT))
    fill(machine, tmp_path / "card")
    closed(machine)  # writes the segments, which no deletion changes
    machine = opened(home, machine.clock, index=MilvusIndex(str(home / "milvus.db"), FAKE_CONTRACT))
    gone = machine.photos.photos(EVENT)[0]
    needles = needles_of(machine, gone)
    machine.ask(photo_ids=(gone.photo_id,), event_id=EVENT)
    assert machine.forgetting.once() == 1
    assert traces(home, *needles) == []
    assert len(machine.index.faces(EVENT)) == 4
    closed(machine)
    assert traces(home, *needles) == []


def test_of_a_forgotten_content_only_its_hash_is_left_and_no_import_brings_it_back(
    machine: Machine, tmp_path: Path
) -> None:
    gone = machine.photos.photos(EVENT)[0]
    machine.ask(photo_ids=(gone.photo_id,))
    machine.forgetting.once()
    copy = sqlite3.connect(machine.home / "kiosk.db")
    lines = [line for line in copy.iterdump() if gone.content_hash in line]
    copy.close()
    assert len(lines) == 1
    assert 'INTO "forgotten_contents"' in lines[0]
    again = machine.importer().import_folder(tmp_path / "card")
    assert (again.taken, again.duplicates) == (0, 3)
    other = PhotoEvent("a" * 32, "Another", "", machine.clock.now())
    machine.photos.add_event(other)
    report = machine.importer(other).import_folder(tmp_path / "card")
    assert (report.taken, report.duplicates) == (2, 1)
    assert not list(machine.store.keys(f"events/{EVENT}/originals/{gone.photo_id}"))


def test_a_photo_forgotten_while_it_was_being_imported_leaves_no_files(
    machine: Machine, tmp_path: Path
) -> None:
    write_photos(tmp_path / "more", 4, people=1)
    inside = io.BytesIO()

    class Slow(SqlPhotoRepository):
        def next_number(self, event_id: str) -> int:
            """Here its files are in the store, and its row is not yet written."""
            if not inside.getvalue():
                inside.write(b"once")
                (key,) = [
                    key for key in machine.store.keys(f"events/{EVENT}/originals/") if key not in before
                ]
                machine.ask(photo_ids=(Path(key).stem,), event_id=EVENT)
                machine.forgetting.once()
            return super().next_number(event_id)

    before = set(machine.store.keys(""))
    event = machine.photos.event(EVENT)
    (tmp_path / "one").mkdir()
    (tmp_path / "more" / "IMG_0003.jpg").rename(tmp_path / "one" / "IMG_0003.jpg")
    importer = PhotoImporter(
        event, Slow(machine.database), machine.store, SquareFaceEngine(), machine.index, machine.clock
    )
    assert importer.import_folder(tmp_path / "one").taken == 0
    assert set(machine.store.keys("")) == before


def test_a_single_face_goes_and_its_photo_stays_with_the_others(machine: Machine) -> None:
    photo = machine.photos.photos(EVENT)[0]
    first, second = machine.photos.photo_faces(photo.photo_id)
    gone = first.embedding.vector.astype("<f4").tobytes()
    deletion_id = machine.ask(faces=((photo.photo_id, first.ordinal),))
    machine.forgetting.once()
    assert traces(machine.home, gone) == []
    assert [face.ordinal for face in machine.photos.photo_faces(photo.photo_id)] == [second.ordinal]
    assert FaceKey(photo.photo_id, second.ordinal) in machine.index.faces(EVENT)
    assert len(machine.index.faces(EVENT)) == 5
    assert machine.store.has(key_of_original(photo))
    assert machine.removed(deletion_id) == {"faces": 1, "index_entries": 1, "copies": 1}


@pytest.mark.parametrize("step", ["rows", "index", "files", "traces", "confirm"])
@pytest.mark.parametrize("is_new_process", [True, False])
def test_killed_before_any_step_it_ends_erased_and_is_confirmed_once(
    tmp_path: Path, step: str, is_new_process: bool
) -> None:
    class Killed(BaseException):
        """Not an error that anything handles."""

    deaths = [step]

    def hinder(name: str) -> None:
        if deaths == [name]:
            deaths.clear()
            raise Killed

    machine = opened(tmp_path / "home", ManualClock(), hinder)
    fill(machine, tmp_path / "card")
    gone = machine.photos.photos(EVENT)[0]
    needles = needles_of(machine, gone)
    deletion_id = machine.ask(photo_ids=(gone.photo_id,))
    with pytest.raises(Killed):
        machine.forgetting.once()
    assert machine.state(deletion_id).done_at is None
    assert machine.told(Kind.FORGOTTEN) == []
    if is_new_process:
        closed(machine)
        machine = opened(tmp_path / "home", machine.clock)
        verify_and_rebuild(machine.index, machine.photos, EVENT)
    assert machine.forgetting.once() == 1
    assert machine.forgetting.once() == 0
    assert traces(machine.home, *needles) == []
    (told,) = machine.told(Kind.FORGOTTEN)
    assert told["deletion_id"] == deletion_id
    assert told["removed"] == machine.removed(deletion_id)
    closed(machine)


def test_one_deletion_that_cannot_be_done_yet_does_not_hold_up_the_others(tmp_path: Path) -> None:
    failing = True

    def hinder(name: str) -> None:
        if name == "files" and failing and machine.state("d1").holders[0].removed.get("photos"):
            raise KnownError(ErrorCode.OBJECT_STORE_UNREACHABLE, "away")

    machine = opened(tmp_path / "home", ManualClock(), hinder)
    fill(machine, tmp_path / "card")
    one, other, _ = machine.photos.photos(EVENT)
    machine.ask(deletion_id="d1", photo_ids=(one.photo_id,))
    machine.clock.advance(1)
    assert machine.forgetting.once() == 0
    failing = False
    machine.ask(deletion_id="d2", photo_ids=(other.photo_id,))
    assert machine.forgetting.once() == 2
    assert all(machine.state(each).done_at for each in ("d1", "d2"))
    closed(machine)


def test_what_is_not_here_is_forgotten_already_and_stays_away(machine: Machine, tmp_path: Path) -> None:
    """A kiosk may hear that a photo is gone before it hears that it is to be forgotten."""
    gone = machine.photos.photos(EVENT)[0]
    with machine.database.writing() as session:
        session.delete(session.get_one(PhotoRow, gone.photo_id))
        record = record_of(machine.clock, photo_ids=(gone.photo_id,))
        assert take_deletion(session, record, machine.kiosk_id)
        assert not take_deletion(session, record, machine.kiosk_id)
    machine.forgetting.once()
    assert machine.removed("d1") == {"index_entries": 2, "originals": 1, "previews": 4, "copies": 1}
    assert machine.importer().import_folder(tmp_path / "card").taken == 0
    assert not list(machine.store.keys(f"events/{EVENT}/originals/{gone.photo_id}"))
    assert machine.told(Kind.DELETION) == []
    assert len(machine.told(Kind.FORGOTTEN)) == 1


def test_an_order_ends_with_its_links_and_archive_and_its_money_stays(machine: Machine) -> None:
    at = machine.clock.now()
    with machine.database.writing() as session:
        session.add(an_order(machine))
        session.flush()
        session.add(
            DeliveryRow(
                delivery_id="x", order_id="o1", kind="phone_link", state="ready", created_at=at, detail=""
            )
        )
    links = SqlLinkRepository(machine.database)
    links.add_link(DownloadLink("l1", "o1", "hash", at, at + timedelta(days=30), 10))
    machine.store.put(archive_key(EVENT, "o1"), b"zip")
    deletion_id = machine.ask(order_id="o1")
    machine.forgetting.once()
    machine.forgetting.once()
    link = links.newest_link("o1")
    assert link is not None
    assert link.expires_at <= machine.clock.now()
    assert not machine.store.has(archive_key(EVENT, "o1"))
    assert machine.removed(deletion_id) == {"links": 1, "deliveries": 1, "archives": 1, "copies": 1}
    with machine.database.reading() as session:
        assert session.get_one(OrderRow, "o1").total_satang == 5000
        assert session.get_one(DeliveryRow, "x").state == "done"


def an_order(machine: Machine) -> OrderRow:
    return OrderRow(
        order_id="o1",
        code="A-0001",
        event_id=EVENT,
        language="th",
        state="paid",
        total_satang=5000,
        discount_satang=0,
        created_at=machine.clock.now(),
        paid_at=machine.clock.now(),
    )


def test_a_consent_is_withdrawn_and_a_person_goes_while_their_visits_are_counted_on(machine: Machine) -> None:
    at = machine.clock.now()
    with machine.database.writing() as session:
        session.add(
            ConsentRow(consent_id="c1", event_id=EVENT, text_version="1", language="th", agreed_at=at)
        )
        session.add(a_person(machine))
        session.flush()
        vector = machine.photos.photo_faces(machine.photos.photos(EVENT)[0].photo_id)[0].embedding.vector
        face = PersonFaceRow(person_id="p1", ordinal=0, contract_id=FAKE_CONTRACT, embedding=-vector)
        session.add(face)
        session.add(
            VisitRow(
                visit_id="v1",
                kiosk_id="k",
                site_id="s",
                stream_id="c",
                person_id="p1",
                gender="",
                began_at=at,
            )
        )
    with machine.database.reading() as session:
        stored = session.scalar(select(type_coerce(PersonFaceRow.embedding, LargeBinary)))
    needle = bytes(stored or b"")[:1024]
    assert traces(machine.home, needle)
    machine.ask(deletion_id="d1", consent_id="c1")
    machine.ask(deletion_id="d2", person_id="p1")
    machine.forgetting.once()
    assert traces(machine.home, needle, b"0812345678") == []
    assert machine.removed("d1") == {"consents": 1, "copies": 1}
    assert machine.removed("d2").items() >= {"people": 1, "person_faces": 1, "visits": 1}.items()
    with machine.database.reading() as session:
        assert session.get_one(ConsentRow, "c1").withdrawn_at == at
        visit = session.get_one(VisitRow, "v1")
        assert visit.person_id is None


def a_person(machine: Machine) -> PersonRow:
    return PersonRow(
        person_id="p1",
        kind="customer",
        name="Nok",
        gender="",
        birth_year=None,
        phone="0812345678",
        email="",
        consent_version="1",
        consented_at=machine.clock.now(),
        created_at=machine.clock.now(),
    )


@pytest.mark.slow
def test_a_reader_of_the_database_only_puts_the_confirmation_off(machine: Machine) -> None:
    gone = machine.photos.photos(EVENT)[0]
    machine.ask(photo_ids=(gone.photo_id,))
    with sqlite3.connect(machine.home / "kiosk.db") as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM photos").fetchone()
        with pytest.raises(KnownError) as busy:
            machine.forgetting.once()
        assert busy.value.code is ErrorCode.DATABASE_UNREACHABLE
    reader.close()
    assert machine.state("d1").done_at is None
    assert machine.forgetting.once() == 1


def test_only_rows_of_the_deletions_own_tenant_are_touched(machine: Machine) -> None:
    photo = machine.photos.photos(EVENT)[0]
    rows = SqlForgetting(machine.database, machine.clock)
    machine.ask(photo_ids=(photo.photo_id,))
    with machine.database.writing() as session:
        session.execute(update(PhotoRow).values(place="x"))
    another = Deletion("d1", "another", machine.clock.now(), photo_ids=(photo.photo_id,))
    rows.forget(another, machine.holder)
    assert machine.photos.count(EVENT) == 3
    assert rows.events_of(another) == []


def test_the_watched_file_of_a_forgotten_photo_is_forgotten_in_whichever_folder(machine: Machine) -> None:
    photo = machine.photos.photos(EVENT)[0]
    paths = {f"{folder}{photo.file_name}" for folder in ("", "card 2/", "card/a_b/", "not-")}
    with machine.database.writing() as session:
        session.execute(delete(WatchedFileRow))
        session.add_all(WatchedFileRow(event_id=EVENT, path=path, size=1, modified_ns=1) for path in paths)
    machine.ask(photo_ids=(photo.photo_id,))
    SqlForgetting(machine.database, machine.clock).forget(machine.state("d1").deletion, machine.holder)
    with machine.database.reading() as session:
        assert session.scalars(select(WatchedFileRow.path)).all() == [f"not-{photo.file_name}"]


def test_a_file_that_another_tenant_was_sent_as_well_stays_theirs(machine: Machine) -> None:
    photo = machine.photos.photos(EVENT)[0]
    at = machine.clock.now()
    uploads = SqlUploads(machine.database)
    for tenant_id, place in (("", "ours"), ("another", "theirs")):
        uploads.open(Upload(place, tenant_id, EVENT, "Nok", False, at))
        uploads.add(place, ReceivedFile("a.jpg", photo.content_hash, f"uploads/{place}", 1, "", at))
    machine.ask(photo_ids=(photo.photo_id,))
    rows = SqlForgetting(machine.database, machine.clock)
    deletion = machine.state("d1").deletion
    rows.forget(deletion, machine.holder)
    assert rows.upload_keys(deletion) == ["uploads/ours"]
    rows.forget_uploads(deletion)
    (theirs,) = uploads.files("theirs")
    assert (theirs.state, theirs.content_hash) == (FileState.WAITING, photo.content_hash)
