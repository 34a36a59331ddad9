"""An import that the world interrupts: nothing half visible, nothing twice, taken up again to its end."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey
from kiosk.photos.decoding import load_upright
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.minio_store import MinioObjectStore
from kiosk.photos.photo_source import PhotoSource
from kiosk.photos.types import PhotoEvent, PreviewSize, key_of_original, preview_key
from kiosk.vision.types import Detection, Pixels
from tests.photo_fakes import FAKE_CONTRACT, SquareFaceEngine, drawn, encoded, write_photos

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
RUN = PhotoEvent("run", "River Run", "วิ่งริมน้ำ", NOON)
PHOTOS = 6


@dataclass(frozen=True)
class Place:
    """An event's stores in one folder."""

    photos: SqlPhotoRepository
    store: FolderObjectStore
    index: ExactIndex
    importer: PhotoImporter


@contextmanager
def opened(root: Path) -> Iterator[Place]:
    clock = ManualClock(NOON)
    database = open_database(root / "kiosk.db", clock)
    photos = SqlPhotoRepository(database)
    photos.add_event(RUN)
    store = FolderObjectStore(root / "objects")
    index = ExactIndex(root / "index", FAKE_CONTRACT)
    try:
        yield Place(photos, store, index, PhotoImporter(RUN, photos, store, SquareFaceEngine(), index, clock))
    finally:
        index.close()
        database.close()


def assert_whole(place: Place) -> None:
    """Every photo on sale has its original, all previews and its faces."""
    for photo in place.photos.photos("run"):
        load_upright(place.store.get(key_of_original(photo)))
        for size in PreviewSize:
            load_upright(place.store.get(preview_key("run", photo.photo_id, size)))
        assert len(place.photos.photo_faces(photo.photo_id)) == 2


def assert_complete(place: Place) -> None:
    assert_whole(place)
    photos = place.photos.photos("run")
    assert sorted((photo.number, photo.file_name) for photo in photos) == [
        (number + 1, f"IMG_{number:04d}.jpg") for number in range(PHOTOS)
    ]
    assert place.index.faces("run") == {FaceKey(photo.photo_id, face) for photo in photos for face in (0, 1)}
    assert len(list(place.store.keys("events/run/originals/"))) == PHOTOS


DOOMED = """
    import itertools, os, signal, sys
    from pathlib import Path
    from tests.faults import test_import_faults as faults

    root, folder, room, method, moment, call = sys.argv[1:]
    with faults.opened(Path(root)) as place:
        owner = getattr(place, room)
        original, calls = getattr(owner, method), itertools.count(1)

        def doomed(*values, **named):
            is_last = next(calls) == int(call)
            if is_last and moment == "before":
                os.kill(os.getpid(), signal.SIGKILL)
            result = original(*values, **named)
            if is_last and moment == "after":
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(owner, method, doomed)
        place.importer.import_folder(Path(folder))
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize(
    ("room", "method", "moment", "call"),
    [
        ("store", "put", "after", 1),
        ("store", "put", "after", 13),
        ("photos", "add_photo", "before", 1),
        ("photos", "add_photo", "after", 3),
        ("index", "add", "before", 2),
        ("index", "add", "after", PHOTOS),
    ],
)
def test_a_kill_at_any_step_leaves_nothing_half_visible_and_the_next_import_completes(
    tmp_path: Path, room: str, method: str, moment: str, call: int
) -> None:
    write_photos(tmp_path / "card", PHOTOS, people=2)
    script = [sys.executable, "-c", textwrap.dedent(DOOMED), str(tmp_path), str(tmp_path / "card")]
    ended = subprocess.run(
        [*script, room, method, moment, str(call)], timeout=100, check=False, cwd=Path(__file__).parents[2]
    )
    assert ended.returncode == -signal.SIGKILL

    with opened(tmp_path) as place:
        assert_whole(place)
        before = place.photos.count("run")
        report = place.importer.import_folder(tmp_path / "card")
        assert (report.taken, report.duplicates) == (PHOTOS - before, before)
        assert_complete(place)


def test_an_import_that_staff_stop_can_be_taken_up_again(tmp_path: Path) -> None:
    class StoppedError(Exception):
        pass

    def stop_at_three(progress: object) -> None:
        if getattr(progress, "done", 0) == 3:
            raise StoppedError

    write_photos(tmp_path / "card", PHOTOS, people=2)
    with opened(tmp_path) as place:
        with pytest.raises(StoppedError):
            place.importer.import_folder(tmp_path / "card", stop_at_three)
        assert place.photos.count("run") == 3
        assert_whole(place)

        place.importer.import_folder(tmp_path / "card")
        assert_complete(place)


def failing_once(work: Callable[..., object], call: int, error: Exception) -> Callable[..., object]:
    """`work`, which raises `error` at one of its calls."""
    calls = 0

    def wrapped(*values: object, **named: object) -> object:
        nonlocal calls
        calls += 1
        if calls == call:
            raise error
        return work(*values, **named)

    return wrapped


def test_a_full_disk_ends_the_import_with_its_code_and_it_completes_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_photos(tmp_path / "card", PHOTOS, people=2)
    with opened(tmp_path) as place:
        full = OSError(errno.ENOSPC, "No space left on device")
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", failing_once(os.fsync, 12, full))
            with pytest.raises(KnownError) as refused:
                place.importer.import_folder(tmp_path / "card")
        assert refused.value.code is ErrorCode.DISK_FULL
        assert_whole(place)

        place.importer.import_folder(tmp_path / "card")
        assert_complete(place)


def test_a_store_out_of_room_keeps_the_old_object_and_leaves_no_scrap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = FolderObjectStore(tmp_path / "objects")
    store.put("a/b.jpg", b"old")
    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", failing_once(os.fsync, 1, OSError(errno.ENOSPC, "full")))
        with pytest.raises(KnownError) as refused:
            store.put("a/b.jpg", b"new")

    assert refused.value.code is ErrorCode.DISK_FULL
    assert store.get("a/b.jpg") == b"old"
    assert [path.name for path in (tmp_path / "objects").rglob("*") if path.is_file()] == ["b.jpg"]


def test_scraps_of_a_dead_writer_are_swept_and_those_of_a_living_one_are_not(tmp_path: Path) -> None:
    FolderObjectStore(tmp_path / "objects")
    scraps = tmp_path / "objects" / ".partial"
    (scraps / "old").write_bytes(b"x")
    (scraps / "young").write_bytes(b"x")
    os.utime(scraps / "old", (0, 0))

    FolderObjectStore(tmp_path / "objects")

    assert [path.name for path in scraps.iterdir()] == ["young"]


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")

    with pytest.raises(KnownError) as refused:
        FolderObjectStore(tmp_path / "objects")

    assert refused.value.code is ErrorCode.FOLDER_NOT_WRITABLE


def test_a_file_that_goes_away_during_the_import_is_named_and_the_rest_goes_on(tmp_path: Path) -> None:
    write_photos(tmp_path / "card", PHOTOS, people=2)
    (tmp_path / "card" / "IMG_9999.jpg").write_bytes(encoded(drawn(77)))

    def take_away(_: object) -> None:
        (tmp_path / "card" / "IMG_9999.jpg").unlink(missing_ok=True)

    with opened(tmp_path) as place:
        report = place.importer.import_folder(tmp_path / "card", take_away)

        assert [(one.file_name, one.code) for one in report.refused] == [
            ("IMG_9999.jpg", ErrorCode.PHOTO_UNREADABLE)
        ]
        assert_complete(place)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes as Unix has them")
def test_dead_links_are_named_and_pipes_do_not_block(tmp_path: Path) -> None:
    write_photos(tmp_path / "card", PHOTOS, people=2)
    (tmp_path / "card" / "link.jpg").symlink_to(tmp_path / "nowhere.jpg")
    (tmp_path / "card" / "round").symlink_to(tmp_path / "card")
    os.mkfifo(tmp_path / "card" / "pipe.jpg")

    with opened(tmp_path) as place:
        report = place.importer.import_folder(tmp_path / "card")

        assert [one.file_name for one in report.refused] == ["link.jpg"]
        assert_complete(place)


def test_a_damaged_index_is_rebuilt_by_the_next_import(tmp_path: Path) -> None:
    write_photos(tmp_path / "card", PHOTOS, people=2)
    with opened(tmp_path) as place:
        place.importer.import_folder(tmp_path / "card")
    (tmp_path / "index" / "run" / "faces.index").write_bytes(os.urandom(9000))

    with opened(tmp_path) as place:
        place.importer.import_folder(tmp_path / "card")
        assert_complete(place)


def test_two_imports_of_one_folder_at_once_take_each_photo_once(tmp_path: Path) -> None:
    write_photos(tmp_path / "card", PHOTOS, people=2)
    with opened(tmp_path) as place:
        second = PhotoImporter(
            RUN, place.photos, place.store, SquareFaceEngine(), place.index, ManualClock(NOON)
        )
        started: list[object] = []

        def interleave(_: object) -> None:
            if not started:
                started.append(second.import_folder(tmp_path / "card"))

        place.importer.import_folder(tmp_path / "card", interleave)
        assert_complete(place)


def test_a_server_that_is_away_is_said_and_not_waited_for_long(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as refused:
        MinioObjectStore("127.0.0.1:9", "key", "secret", "photos", is_secure=False)

    assert refused.value.code is ErrorCode.OBJECT_STORE_UNREACHABLE


def test_a_card_pulled_out_ends_the_import_with_what_was_read_on_sale_and_goes_on_when_it_is_back(
    tmp_path: Path,
) -> None:
    write_photos(tmp_path / "card", 3 * PHOTOS, people=2)
    pulled, back = tmp_path / "pulled", tmp_path / "card"

    def pull(progress: object) -> None:
        if getattr(progress, "done", 0) == 3:
            back.rename(pulled)

    with opened(tmp_path) as place:
        with pytest.raises(KnownError) as refused:
            place.importer.import_folder(back, pull)
        assert refused.value.code is ErrorCode.FOLDER_MISSING
        read = place.photos.count("run")
        assert 3 <= read < 3 * PHOTOS
        assert_whole(place)

        pulled.rename(back)
        report = place.importer.import_folder(back)
        assert (report.taken, report.duplicates) == (3 * PHOTOS - read, read)
        assert_whole(place)
        assert [photo.number for photo in place.photos.photos("run")] == list(range(1, 3 * PHOTOS + 1))


def test_a_file_that_a_failing_card_does_not_give_is_named_and_taken_when_it_can_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_photos(tmp_path / "card", PHOTOS, people=2)
    opens = Path.open

    def failing(path: Path, *values: object, **named: object) -> object:
        if path.name == "IMG_0003.jpg":
            raise OSError(errno.EIO, "Input/output error")
        return opens(path, *values, **named)  # type: ignore[call-overload]

    with opened(tmp_path) as place:
        with monkeypatch.context() as patched:
            patched.setattr(Path, "open", failing)
            report = place.importer.import_folder(tmp_path / "card")
        assert [(one.file_name, one.code) for one in report.refused] == [
            ("IMG_0003.jpg", ErrorCode.PHOTO_UNREADABLE)
        ]
        assert_whole(place)

        report = place.importer.import_folder(tmp_path / "card")
        assert (report.taken, report.duplicates) == (1, PHOTOS - 1)
        assert_whole(place)
        assert place.photos.count("run") == PHOTOS


class CountingEngine(SquareFaceEngine):
    """Knows how many pictures are looked at, at once and at most."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.now = self.most = 0

    def detect(self, pixels: Pixels) -> list[Detection]:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(0.02)
        try:
            return super().detect(pixels)
        finally:
            with self.lock:
                self.now -= 1


def test_no_more_than_two_pictures_are_decoded_at_once_however_many_wait(tmp_path: Path) -> None:
    write_photos(tmp_path / "card", 4 * PHOTOS, people=1)
    with opened(tmp_path) as place:
        engine = CountingEngine()
        importer = PhotoImporter(RUN, place.photos, place.store, engine, place.index, ManualClock(NOON))
        importer.import_folder(tmp_path / "card")

    assert engine.most == 2


def test_pictures_too_large_to_go_side_by_side_go_one_after_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_photos(tmp_path / "card", PHOTOS, people=1)
    # As if each picture's pixels took more than half of what may be on its way.
    monkeypatch.setattr(PhotoSource, "weight_bytes", property(lambda _: 400 * 2**20))
    with opened(tmp_path) as place:
        engine = CountingEngine()
        importer = PhotoImporter(RUN, place.photos, place.store, engine, place.index, ManualClock(NOON))
        report = importer.import_folder(tmp_path / "card")

    assert report.taken == PHOTOS
    assert engine.most == 1
