"""The store of a kiosk that meets a centre: over real HTTP, with a network that comes, goes and lies."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from types import SimpleNamespace

import pytest
import structlog

from kiosk.clock import SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import Photo, PreviewSize, key_of_original, preview_key
from kiosk.sync import kept_originals
from kiosk.sync.client import CentralClient
from kiosk.sync.connection import Timeouts
from kiosk.sync.fetched_folder import FetchedFolder
from kiosk.sync.fetched_store import FetchedObjectStore
from kiosk.sync.kept_originals import KeptOriginals
from tests.file_centre import FileCentre
from tests.watching import wait_until

EVENT = "run"
QUOTA = 1_000_000


def photo_id(number: int) -> str:
    return f"{number:032x}"


def key(number: int, size: PreviewSize = PreviewSize.MEDIUM) -> str:
    return preview_key(EVENT, photo_id(number), size)


def path(number: int, size: PreviewSize = PreviewSize.MEDIUM) -> str:
    return f"/api/photos/{photo_id(number)}/preview/{size}"


def a_photo(number: int, original: bytes) -> Photo:
    now = datetime.now(UTC)
    digest = sha256(original).hexdigest()
    return Photo(photo_id(number), EVENT, number + 1, "a.jpg", digest, 100, 100, now, now)


class Kept:
    """A store on a folder, and what lies there."""

    def __init__(self, home: Path, url: str, quota: int = QUOTA) -> None:
        self.home = home
        self.own = FolderObjectStore(home / "objects")
        self.folder = FetchedFolder(home / "fetched", quota, SystemClock())
        self.client = CentralClient(url, None, timeouts=Timeouts(0.5, 1.0, 5.0))
        self.store = FetchedObjectStore(self.own, self.folder, self.client)
        self.originals = KeptOriginals(self.store)

    def fetched(self) -> set[str]:
        return set(FolderObjectStore(self.home / "fetched").keys(""))

    def bytes_there(self) -> int:
        return sum((self.home / "fetched" / each).stat().st_size for each in self.fetched())

    def close(self) -> None:
        self.client.close()
        self.store.close()


@pytest.fixture
def centre() -> Iterator[FileCentre]:
    with FileCentre() as running:
        yield running


@pytest.fixture
def kept(tmp_path: Path, centre: FileCentre) -> Iterator[Kept]:
    opened = Kept(tmp_path, centre.url)
    yield opened
    opened.close()


def refused(store: FetchedObjectStore, object_key: str) -> ErrorCode:
    with pytest.raises(KnownError) as error:
        store.get(object_key)
    return error.value.code


def test_what_is_not_here_is_fetched_once_and_stays(kept: Kept, centre: FileCentre) -> None:
    data = os.urandom(50_000)
    centre.add_preview(photo_id(1), PreviewSize.MEDIUM, data)
    assert not kept.store.has(key(1))
    assert kept.store.can_have(key(1))
    assert kept.store.get(key(1)) == data
    assert kept.store.has(key(1))
    centre.stop()
    assert kept.store.get(key(1)) == data
    assert centre.asked[path(1)] == 1


@pytest.mark.parametrize("fault", ["truncated", "wrong", "unsigned"])
def test_a_damaged_file_is_asked_for_again_and_never_stored(
    kept: Kept, centre: FileCentre, fault: str
) -> None:
    data = os.urandom(50_000)
    centre.add_preview(photo_id(1), PreviewSize.MEDIUM, data)
    centre.faults[path(1)].extend([fault, fault])
    assert kept.store.get(key(1)) == data
    assert centre.asked[path(1)] == 3


@pytest.mark.parametrize("fault", ["truncated", "wrong", "unsigned"])
def test_a_file_that_stays_damaged_is_named_and_nothing_of_it_is_kept(
    kept: Kept, centre: FileCentre, fault: str
) -> None:
    centre.add_preview(photo_id(1), PreviewSize.MEDIUM, os.urandom(50_000))
    centre.every_fault = fault
    assert refused(kept.store, key(1)) is ErrorCode.FILE_DAMAGED
    assert kept.fetched() == set()
    assert kept.folder.passing_bytes == 0
    centre.every_fault = ""
    assert kept.store.get(key(1)) == centre.files[path(1)]


@pytest.mark.parametrize("fault", ["failed", "busy", "login_page"])
def test_a_centre_that_cannot_serve_is_left_alone_and_then_asked_again(
    kept: Kept, centre: FileCentre, fault: str
) -> None:
    centre.add_preview(photo_id(1), PreviewSize.MEDIUM, b"one")
    centre.faults[path(1)].append(fault)
    assert refused(kept.store, key(1)) is ErrorCode.OBJECT_STORE_UNREACHABLE
    assert not kept.store.can_have(key(1))
    asked = centre.asked[path(1)]
    for _ in range(50):
        assert refused(kept.store, key(1)) is ErrorCode.OBJECT_STORE_UNREACHABLE
    assert centre.asked[path(1)] == asked
    wait_until(lambda: kept.store.silent_for_s() == 0, 10)
    assert kept.store.get(key(1)) == b"one"


def test_off_line_is_said_at_once_and_what_is_here_is_shown(kept: Kept, centre: FileCentre) -> None:
    kept.store.put(key(9), b"imported here")
    centre.add_preview(photo_id(1), PreviewSize.MEDIUM, b"one")
    centre.stop()
    began_s = time.monotonic()
    for number in range(1, 9):
        assert refused(kept.store, key(number)) is ErrorCode.OBJECT_STORE_UNREACHABLE
        assert kept.store.get(key(9)) == b"imported here"
    assert time.monotonic() - began_s < 1.0
    centre.start()
    wait_until(lambda: kept.store.silent_for_s() == 0, 10)
    assert kept.store.get(key(1)) == b"one"


def test_what_the_centre_has_not_is_missing_and_not_asked_for_with_every_look(
    kept: Kept, centre: FileCentre
) -> None:
    for _ in range(5):
        assert refused(kept.store, key(1)) is ErrorCode.OBJECT_MISSING
    assert centre.asked[path(1)] == 1
    assert not kept.store.can_have(key(1))
    assert kept.store.silent_for_s() == 0


def test_a_key_of_no_photo_is_not_asked_for(kept: Kept, centre: FileCentre) -> None:
    for odd in (
        "events/run/downloads/x.zip",
        "faces/searches/1.jpg",
        "a.jpg",
        "events/run/thumbnails/huge/1.jpg",
    ):
        assert refused(kept.store, odd) is ErrorCode.OBJECT_MISSING
    assert not centre.asked


def test_many_who_want_the_same_file_cause_one_question(kept: Kept, centre: FileCentre) -> None:
    centre.add_preview(photo_id(1), PreviewSize.MEDIUM, os.urandom(20_000))
    centre.delay_s = 0.2
    got: list[bytes] = []
    readers = [threading.Thread(target=lambda: got.append(kept.store.get(key(1)))) for _ in range(16)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(20)
    assert got == [centre.files[path(1)]] * 16
    assert centre.asked[path(1)] == 1


def test_never_more_than_four_files_are_fetched_at_once(kept: Kept, centre: FileCentre) -> None:
    centre.delay_s = 0.05
    for number in range(24):
        centre.add_preview(photo_id(number), PreviewSize.MEDIUM, b"x" * 100)
    readers = [threading.Thread(target=kept.store.get, args=(key(number),)) for number in range(24)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(20)
    assert len(kept.fetched()) == 24
    assert centre.most_at_once <= 4


def test_a_visitor_does_not_wait_behind_what_is_brought_in_advance(kept: Kept, centre: FileCentre) -> None:
    centre.delay_s = 0.1
    for number in range(30):
        centre.add_preview(photo_id(number), PreviewSize.MEDIUM, b"x")
    ahead = [kept.store.begin_ahead(key(number), 1000) for number in range(20)]
    began_s = time.monotonic()
    kept.store.get(key(29))
    assert time.monotonic() - began_s < 0.6
    for flight in ahead:
        flight.wait(20)


def test_a_centre_that_does_not_answer_is_waited_for_within_bounds(
    tmp_path: Path, centre: FileCentre
) -> None:
    kept = Kept(tmp_path, centre.url)
    try:
        centre.add_preview(photo_id(1), PreviewSize.MEDIUM, b"x")
        centre.delay_s = 3.0
        began_s = time.monotonic()
        assert refused(kept.store, key(1)) is ErrorCode.OBJECT_STORE_UNREACHABLE
        assert time.monotonic() - began_s < 2.5
    finally:
        kept.close()


def test_the_longest_unused_goes_first_and_what_was_imported_here_never(
    tmp_path: Path, centre: FileCentre
) -> None:
    kept = Kept(tmp_path, centre.url, quota=1000)
    try:
        kept.store.put(key(100), b"o" * 5000)
        for number in range(4):
            centre.add_preview(photo_id(number), PreviewSize.MEDIUM, bytes([number]) * 300)
        for number in range(3):
            kept.store.get(key(number))
            time.sleep(0.005)
        kept.store.get(key(0))
        time.sleep(0.005)
        kept.store.get(key(3))
        assert kept.fetched() == {key(0), key(2), key(3)}
        assert kept.store.has(key(100))
        assert kept.bytes_there() == kept.folder.passing_bytes == 900
    finally:
        kept.close()


def test_what_is_larger_than_the_quota_is_shown_all_the_same(tmp_path: Path, centre: FileCentre) -> None:
    kept = Kept(tmp_path, centre.url, quota=1000)
    try:
        centre.add_preview(photo_id(1), PreviewSize.MEDIUM, b"x" * 1001)
        centre.add_preview(photo_id(2), PreviewSize.MEDIUM, b"y" * 900)
        kept.store.get(key(2))
        assert len(kept.store.get(key(1))) == 1001
        assert kept.fetched() == {key(2)}
    finally:
        kept.close()


def test_an_old_photo_brought_in_advance_drives_no_newer_one_out(tmp_path: Path, centre: FileCentre) -> None:
    kept = Kept(tmp_path, centre.url, quota=1000)
    try:
        for number in range(5):
            centre.add_preview(photo_id(number), PreviewSize.MEDIUM, b"x" * 300)
        for number in (0, 1, 2):
            kept.store.begin_ahead(key(number), 1000 + number).wait(10)
        older = kept.store.begin_ahead(key(3), 500)
        older.wait(10)
        newer = kept.store.begin_ahead(key(4), 2000)
        newer.wait(10)
        assert not older.is_stored
        assert newer.is_stored
        assert kept.fetched() == {key(1), key(2), key(4)}
    finally:
        kept.close()


def test_the_quota_is_never_passed_by_parallel_fetches(tmp_path: Path, centre: FileCentre) -> None:
    kept = Kept(tmp_path, centre.url, quota=40_000)
    most, is_over = [0], threading.Event()

    def watch() -> None:
        folder = tmp_path / "fetched" / "events"
        while not is_over.is_set():
            # A file that goes while they are counted makes the sum too small, none makes it too large: twice.
            sizes = [_size(each) for each in folder.rglob("*.jpg")]
            again = {each: _size(each) for each in folder.rglob("*.jpg")}
            most[0] = max(most[0], min(sum(sizes), sum(again.values())))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for number in range(120):
            centre.add_preview(photo_id(number), PreviewSize.MEDIUM, os.urandom(1000 + 90 * (number % 70)))
        readers = [
            threading.Thread(
                target=lambda start=start: [kept.store.get(key(n)) for n in range(start, 120, 6)]
            )
            for start in range(6)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(60)
    finally:
        is_over.set()
        watcher.join(10)
        kept.close()
    assert 20_000 < kept.bytes_there() <= 40_000
    assert most[0] <= 40_000


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def test_a_smaller_quota_at_the_next_start_is_kept_from_the_beginning(
    tmp_path: Path, centre: FileCentre
) -> None:
    kept = Kept(tmp_path, centre.url)
    for number in range(10):
        centre.add_preview(photo_id(number), PreviewSize.MEDIUM, b"x" * 100)
        kept.store.get(key(number))
        time.sleep(0.003)
    kept.close()
    again = Kept(tmp_path, centre.url, quota=350)
    assert again.fetched() == {key(7), key(8), key(9)}
    again.close()


@pytest.mark.parametrize("harm", ["lost", "damaged", "empty"])
def test_an_index_that_is_lost_or_damaged_is_made_anew_from_the_files(
    tmp_path: Path, centre: FileCentre, harm: str
) -> None:
    kept = Kept(tmp_path, centre.url)
    for number in range(10):
        centre.add_preview(photo_id(number), PreviewSize.MEDIUM, b"x" * 100)
        kept.store.get(key(number))
    kept.close()
    index = tmp_path / "fetched" / ".index" / "files.db"
    for ending in ("-wal", "-shm"):
        index.with_name(index.name + ending).unlink(missing_ok=True)
    if harm == "lost":
        index.unlink()
    else:
        index.write_bytes(b"" if harm == "empty" else os.urandom(9000))
    again = Kept(tmp_path, centre.url)
    assert again.folder.passing_bytes == again.bytes_there() == 1000
    assert again.store.get(key(3)) == b"x" * 100
    again.close()


# -- originals of whoever paid --------------------------------------------------------------------


def test_an_original_that_is_paid_for_is_here_soon_and_no_quota_drives_it_out(
    tmp_path: Path, centre: FileCentre
) -> None:
    kept = Kept(tmp_path, centre.url, quota=1000)
    stop = threading.Event()
    worker = threading.Thread(target=kept.originals.run, args=(stop,))
    worker.start()
    try:
        original = os.urandom(9000)
        photo = a_photo(1, original)
        centre.add_original(photo_id(1), original)
        kept.originals.keep([photo], datetime.now(UTC) + timedelta(days=30))
        wait_until(lambda: kept.store.has(key_of_original(photo)), 5)
        for number in range(10):
            centre.add_preview(photo_id(number), PreviewSize.MEDIUM, b"x" * 400)
            kept.store.get(key(number))
        centre.stop()
        assert kept.store.get(key_of_original(photo)) == original
        assert kept.folder.kept_bytes == 9000
        assert kept.folder.passing_bytes <= 1000
    finally:
        stop.set()
        worker.join(10)
        kept.close()


def test_an_original_paid_for_off_line_comes_when_the_network_is_back_also_after_a_restart(
    tmp_path: Path, centre: FileCentre
) -> None:
    original = os.urandom(9000)
    photo = a_photo(1, original)
    centre.add_original(photo_id(1), original)
    centre.stop()
    kept = Kept(tmp_path, centre.url)
    kept.originals.keep([photo], datetime.now(UTC) + timedelta(days=30))
    assert refused(kept.store, key_of_original(photo)) is ErrorCode.OBJECT_STORE_UNREACHABLE
    kept.close()

    again = Kept(tmp_path, centre.url)
    stop = threading.Event()
    worker = threading.Thread(target=again.originals.run, args=(stop,))
    worker.start()
    try:
        centre.start()
        wait_until(lambda: again.store.has(key_of_original(photo)), 15)
        assert again.folder.kept_bytes == 9000
    finally:
        stop.set()
        worker.join(10)
        again.close()


def test_another_file_than_the_one_that_was_sold_is_never_handed_out(kept: Kept, centre: FileCentre) -> None:
    photo = a_photo(1, b"the photo that was sold")
    centre.add_original(photo_id(1), b"another one, rightly signed by the centre")
    kept.originals.keep([photo], datetime.now(UTC) + timedelta(days=1))
    assert refused(kept.store, key_of_original(photo)) is ErrorCode.FILE_DAMAGED
    assert kept.fetched() == set()


def test_an_original_that_is_damaged_for_good_is_asked_for_ever_less_often_with_one_warning(
    kept: Kept, centre: FileCentre, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = a_photo(1, b"the photo that was sold")
    centre.add_original(photo_id(1), b"another one")
    kept.originals.keep([photo], datetime.now(UTC) + timedelta(days=1))
    now_s = 1000.0
    monkeypatch.setattr(kept_originals, "time", SimpleNamespace(monotonic=lambda: now_s))
    asked = []
    with structlog.testing.capture_logs() as said:
        for _ in range(240):
            kept.originals._bring(threading.Event())
            asked.append(centre.asked[f"/api/photos/{photo_id(1)}/original"])
            now_s += 5
    rounds = [index for index in range(1, 240) if asked[index] > asked[index - 1]]
    pauses = [5 * (after - before) for before, after in pairwise(rounds)]
    assert pauses == [10, 20, 40, 80, 160, 300, 300]
    assert [each["event"] for each in said].count("original_not_here") == 1


def test_whoever_brings_originals_ends_soon_while_one_is_on_its_way(kept: Kept, centre: FileCentre) -> None:
    photo = a_photo(1, b"original")
    centre.add_original(photo_id(1), b"original")
    centre.delay_s = 0.9
    centre.faults[f"/api/photos/{photo_id(1)}/original"].extend(["wrong"] * 9)
    kept.originals.keep([photo], datetime.now(UTC) + timedelta(days=1))
    stop = threading.Event()
    worker = threading.Thread(target=kept.originals.run, args=(stop,))
    worker.start()
    wait_until(lambda: bool(centre.asked), 5)
    stop.set()
    worker.join(2)
    assert not worker.is_alive()


def test_an_original_goes_when_its_link_is_over(kept: Kept, centre: FileCentre) -> None:
    photo = a_photo(1, b"original")
    centre.add_original(photo_id(1), b"original")
    kept.originals.keep([photo], datetime.now(UTC) + timedelta(seconds=0.5))
    assert kept.store.get(key_of_original(photo)) == b"original"
    kept.store.end_wishes()
    assert kept.store.has(key_of_original(photo))
    time.sleep(0.6)
    kept.store.end_wishes()
    assert not kept.store.has(key_of_original(photo))
    assert kept.store.wanted_originals() == []


def test_an_original_that_was_imported_here_is_not_fetched(kept: Kept, centre: FileCentre) -> None:
    photo = a_photo(1, b"original")
    kept.store.put(key_of_original(photo), b"original")
    kept.originals.keep([photo], datetime.now(UTC) + timedelta(days=1))
    assert kept.store.wanted_originals() == []
    assert not centre.asked


def test_a_damaged_index_costs_no_original_and_what_valid_links_give_is_wanted_anew(
    tmp_path: Path, centre: FileCentre
) -> None:
    photos = [a_photo(number, bytes([number]) * 9000) for number in range(2)]
    until = datetime.now(UTC) + timedelta(days=30)
    centre.add_original(photo_id(0), bytes(9000))
    kept = Kept(tmp_path, centre.url, quota=1000)
    kept.originals.keep(photos, until)
    assert kept.store.get(key_of_original(photos[0])) == bytes(9000)
    kept.close()
    index = tmp_path / "fetched" / ".index" / "files.db"
    for each in index.parent.iterdir():
        each.unlink()
    index.write_bytes(b"no database" * 1000)

    again = Kept(tmp_path, centre.url, quota=1000)
    again.store.end_wishes()
    assert again.store.has(key_of_original(photos[0]))
    assert again.store.wanted_originals() == []
    again.originals.keep(photos, until)
    assert again.store.wanted_originals() == [key_of_original(photos[1])]
    assert again.folder.kept_bytes == 9000
    again.folder.add(key(5), b"x" * 1000)
    assert again.store.has(key_of_original(photos[0]))
    again.close()


def test_only_what_the_disk_says_is_a_full_disk(kept: Kept, tmp_path: Path) -> None:
    kept.folder._index._base.execute("PRAGMA max_page_count=1")  # of SQLite's: the pages that there are
    photos = [a_photo(number, bytes([number])) for number in range(200)]
    with pytest.raises(KnownError) as full:
        kept.originals.keep(photos, datetime.now(UTC) + timedelta(days=1))
    assert full.value.code is ErrorCode.DISK_FULL
    (tmp_path / "full").write_bytes(b"")
    with pytest.raises(KnownError) as denied:
        FetchedFolder(tmp_path / "full", QUOTA, SystemClock())
    assert denied.value.code is ErrorCode.FOLDER_NOT_WRITABLE


# -- forgetting -----------------------------------------------------------------------------------


def test_what_is_deleted_is_gone_everywhere_also_when_it_is_on_its_way(
    kept: Kept, centre: FileCentre
) -> None:
    photo = a_photo(1, b"original")
    centre.add_original(photo_id(1), b"original")
    kept.originals.keep([photo], datetime.now(UTC) + timedelta(days=1))
    centre.delay_s = 0.3
    flight = kept.store.begin_paid(key_of_original(photo))
    wait_until(lambda: bool(centre.asked), 5)
    kept.store.delete(key_of_original(photo))
    with pytest.raises(KnownError) as gone:
        flight.wait(10)
    assert gone.value.code is ErrorCode.OBJECT_MISSING
    assert not kept.store.has(key_of_original(photo))
    assert kept.store.wanted_originals() == []
    assert kept.folder.kept_bytes == 0


def test_what_was_deleted_is_not_fetched_again_by_whoever_still_asks(kept: Kept, centre: FileCentre) -> None:
    """The centre hears of a forgotten photo later; who brings previews in advance listed it before."""
    centre.add_preview(photo_id(1), PreviewSize.MEDIUM, b"a face")
    assert kept.store.missing([key(1)]) == [key(1)]
    kept.store.delete(key(1))
    with pytest.raises(KnownError) as error:
        kept.store.begin_ahead(key(1), 0).wait(5)
    assert error.value.code is ErrorCode.OBJECT_MISSING
    assert kept.store.missing([key(1)]) == []
    assert kept.fetched() == set()
    assert centre.asked[path(1)] == 0
    kept.store.put(key(1), b"imported anew")
    assert kept.store.get(key(1)) == b"imported anew"


def test_a_file_imported_here_takes_the_place_of_a_fetched_one(kept: Kept, centre: FileCentre) -> None:
    centre.add_preview(photo_id(1), PreviewSize.MEDIUM, b"fetched")
    kept.store.get(key(1))
    kept.store.put(key(1), b"imported")
    assert kept.store.get(key(1)) == b"imported"
    assert list(kept.store.keys("")) == [key(1)]
    assert kept.folder.passing_bytes == 0


def test_a_store_that_is_closed_refuses_at_once(kept: Kept, centre: FileCentre) -> None:
    centre.add_preview(photo_id(1), PreviewSize.MEDIUM, b"x")
    kept.store.close()
    assert refused(kept.store, key(1)) is ErrorCode.OBJECT_STORE_UNREACHABLE
