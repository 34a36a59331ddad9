"""One waiting file becomes one photo: begun twice, by several at once, or over stores that fail."""

from __future__ import annotations

import io
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.archive import Archive
from kiosk.central.centre import Centre, open_centre
from kiosk.central.import_queue import InProcessQueue
from kiosk.central.importing import MOST_ATTEMPTS, FileImport
from kiosk.central.receiving import SentFile, plain_name, receive
from kiosk.central.settings import CentralSettings, DatabaseSection
from kiosk.database.uploads import FileName, FileState, Upload
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.exact_index import ExactIndex
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import PhotoEvent
from tests.peers.postgres import PostgresServer
from tests.photo_fakes import FAKE_CONTRACT, SquareFaceEngine, drawn, encoded

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
EVENT = PhotoEvent("run", "River Run", "วิ่งริมน้ำ", NOON, tenant_id="chain")


class QuietQueue:
    """Takes names and does nothing: the tests import by themselves."""

    def start(self) -> None: ...
    def submit(self, files: object) -> None: ...
    def close(self) -> None: ...


class FailingStore(FolderObjectStore):
    """Its disk is full `failures` times."""

    failures = 0

    def put(self, object_key: str, data: bytes) -> None:
        if self.failures:
            self.failures -= 1
            raise KnownError(ErrorCode.DISK_FULL, "No room.", "Free some space.")
        super().put(object_key, data)


class DyingIndex:
    """An index whose process dies instead of adding."""

    contract_id = FAKE_CONTRACT

    def add(self, *_: object) -> None:
        raise SystemExit


@pytest.fixture(params=["sqlite", "postgresql"])
def centre(request: pytest.FixtureRequest, weights: Path, tmp_path: Path) -> Iterator[Centre]:
    """A centre whose faces are magenta squares, and nobody imports."""
    url = ""
    if request.param == "postgresql":
        server: PostgresServer = request.getfixturevalue("postgres_server")
        url = server.new_database(f"importing_{uuid.uuid4().hex[:8]}")
    opened = open_centre(tmp_path / "centre", CentralSettings(database=DatabaseSection(url=url)))
    index = ExactIndex(tmp_path / "squares", FAKE_CONTRACT)
    archive = replace(
        opened.archive,
        engines=replace(opened.archive.engines, photos=SquareFaceEngine()),
        store=FailingStore(tmp_path / "files"),
        index=index,
    )
    archive.photos.add_event(EVENT)
    yield replace(opened, archive=archive, imports=QuietQueue())
    opened.close()
    index.close()


def sent(centre: Centre, *files: tuple[str, bytes], upload_id: str = "") -> list[FileName]:
    upload = Upload(upload_id or uuid.uuid4().hex, "chain", "run", "Ploy", False, NOON)
    parts = [SentFile(name, io.BytesIO(data), len(data)) for name, data in files]
    return [(file.upload_id, file.ordinal) for file in receive(centre, upload, "", parts)]


def states(centre: Centre, *names: FileName) -> list[FileState]:
    return [
        file.state
        for upload_id, ordinal in names
        for file in centre.uploads.files(upload_id)
        if file.ordinal == ordinal
    ]


def importing(archive: Archive, centre: Centre) -> FileImport:
    return FileImport(archive, centre.uploads)


def test_who_dies_between_photo_and_index_is_followed_by_one_who_indexes_it(centre: Centre) -> None:
    (name,) = sent(centre, ("a.jpg", encoded(drawn(1, people=2))))
    with pytest.raises(SystemExit):
        importing(replace(centre.archive, index=DyingIndex()), centre).run(name)  # type: ignore[arg-type]
    assert states(centre, name) == [FileState.IMPORTING]
    assert centre.archive.index.count("run") == 0

    importing(centre.archive, centre).run(name)
    importing(centre.archive, centre).run(name)

    assert states(centre, name) == [FileState.TAKEN]
    assert centre.archive.index.count("run") == 2
    assert centre.archive.photos.count("run") == 1
    assert list(centre.archive.store.keys("uploads/")) == []


def test_a_fault_of_the_stores_leaves_the_file_waiting_and_it_is_taken_later(centre: Centre) -> None:
    (name,) = sent(centre, ("a.jpg", encoded(drawn(1))))
    store = centre.archive.store
    assert isinstance(store, FailingStore)
    for _ in range(2 * MOST_ATTEMPTS):
        store.failures = 1
        with pytest.raises(KnownError) as failed:
            importing(centre.archive, centre).run(name)
        assert failed.value.code is ErrorCode.DISK_FULL
        assert states(centre, name) == [FileState.WAITING]
    store.failures = 0

    importing(centre.archive, centre).run(name)

    assert states(centre, name) == [FileState.TAKEN]


def test_a_file_at_which_every_process_dies_is_given_up_in_the_end(centre: Centre) -> None:
    (name,) = sent(centre, ("a.jpg", encoded(drawn(1))))
    for _ in range(MOST_ATTEMPTS):
        centre.uploads.begin(name, NOON)

    importing(centre.archive, centre).run(name)

    assert states(centre, name) == [FileState.REFUSED]
    assert centre.archive.photos.count("run") == 0


def test_of_files_of_one_content_imported_at_once_one_is_taken(centre: Centre) -> None:
    data = encoded(drawn(1))
    names = [sent(centre, (f"{number}.jpg", data))[0] for number in range(4)]
    threads = [threading.Thread(target=importing(centre.archive, centre).run, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    found = states(centre, *names)
    assert sorted(found) == [FileState.DUPLICATE] * 3 + [FileState.TAKEN]
    assert centre.archive.photos.count("run") == 1
    assert centre.archive.index.count("run") == 1


def test_one_file_imported_by_several_at_once_is_taken_once(centre: Centre) -> None:
    (name,) = sent(centre, ("a.jpg", encoded(drawn(1))))
    threads = [threading.Thread(target=importing(centre.archive, centre).run, args=(name,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert states(centre, name) == [FileState.TAKEN]
    assert centre.archive.photos.count("run") == 1


def test_a_file_whose_bytes_are_gone_is_refused_and_said_so(centre: Centre) -> None:
    (name,) = sent(centre, ("a.jpg", encoded(drawn(1))))
    for key in list(centre.archive.store.keys("uploads/")):
        centre.archive.store.delete(key)

    importing(centre.archive, centre).run(name)

    (file,) = centre.uploads.files(name[0])
    assert (file.state, file.error_code) == (FileState.REFUSED, ErrorCode.PHOTO_UNREADABLE)
    assert "sent" in file.error_detail or "waited" in file.error_detail


def test_a_queue_that_starts_takes_what_was_left_and_pauses_over_a_fault(centre: Centre) -> None:
    names = sent(centre, *((f"{number}.jpg", encoded(drawn(number))) for number in range(3)))
    centre.uploads.begin(names[1], NOON)  # by a process that is no more
    store = centre.archive.store
    assert isinstance(store, FailingStore)
    store.failures = 1
    queue = InProcessQueue(importing(centre.archive, centre), centre.uploads)
    queue.start()
    try:
        until = time.monotonic() + 30
        while states(centre, *names) != [FileState.TAKEN] * 3:
            assert time.monotonic() < until, states(centre, *names)
            time.sleep(0.02)
        (later,) = sent(centre, ("later.jpg", encoded(drawn(9))))
        queue.submit([later])
        while states(centre, later) != [FileState.TAKEN]:
            assert time.monotonic() < until
            time.sleep(0.02)
    finally:
        queue.close()


def test_a_file_that_cannot_be_imported_now_keeps_no_other_from_it(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck, *others = sent(centre, *((f"{number}.jpg", encoded(drawn(number))) for number in range(3)))
    key = centre.uploads.files(stuck[0])[0].object_key
    read = centre.archive.store.get

    def get(object_key: str) -> bytes:
        if object_key == key:
            raise KnownError(ErrorCode.OBJECT_STORE_UNREACHABLE, "Not now.")
        return read(object_key)

    monkeypatch.setattr(centre.archive.store, "get", get)
    queue = InProcessQueue(importing(centre.archive, centre), centre.uploads)
    queue.start()
    try:
        until = time.monotonic() + 20
        while states(centre, *others) != [FileState.TAKEN] * 2:
            assert time.monotonic() < until, states(centre, stuck, *others)
            time.sleep(0.02)
    finally:
        queue.close()
    assert states(centre, stuck) == [FileState.WAITING]


def test_an_upload_is_one_tenants_and_for_one_event(centre: Centre) -> None:
    (name,) = sent(centre, ("a.jpg", b"x"))
    centre.archive.photos.add_event(replace(EVENT, event_id="walk"))
    for tenant_id, event_id in (("others", "run"), ("chain", "walk")):
        with pytest.raises(KnownError) as refused:
            centre.uploads.open(Upload(name[0], tenant_id, event_id, "", False, NOON))
        assert refused.value.code is ErrorCode.UPLOAD_REFUSED


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Photos\\a.jpg", "a.jpg"),
        ("a\0\r\nb.jpg", "ab.jpg"),
        ("รูป 1.jpg", "รูป 1.jpg"),
        ("", "photo"),
        ("x" * 300 + ".jpg", "x" * 150 + ".jpg"),
    ],
)
def test_names_of_files_are_made_plain(name: str, plain: str) -> None:
    assert plain_name(name) == plain
