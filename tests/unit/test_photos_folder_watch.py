"""A watched folder's photos go on sale each once, whole, and by themselves."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.clock import ManualClock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.arrivals import PATIENCE_S, SETTLE_S, Stamp
from kiosk.photos.folder_watch import RESCAN_S, FolderWatch, check_folder
from kiosk.photos.import_report import ImportReport, RefusedFile
from kiosk.photos.photo_source import name_in
from tests.photo_fakes import drawn, encoded
from tests.watching import wait_until

WHOLE = encoded(drawn())


class Shop:
    """Takes what ends as a JPEG does; says what it refuses."""

    def __init__(self) -> None:
        self.on_sale: list[str] = []
        self.fault: KnownError | None = None

    def take(self, files: Sequence[Path], folder: Path) -> ImportReport:
        refused = []
        for path in files:
            if self.fault is not None:
                raise self.fault
            data = path.read_bytes()
            if data.endswith(b"\xff\xd9"):
                self.on_sale.append(name_in(folder, path))
            else:
                refused.append(RefusedFile(name_in(folder, path), ErrorCode.PHOTO_TRUNCATED, "cut"))
        return ImportReport(len(files) - len(refused), 0, tuple(refused), 0, 0.0)


class Notes:
    """Remembers as the database does."""

    def __init__(self) -> None:
        self.files: dict[str, Stamp] = {}

    def of(self, event_id: str) -> dict[str, Stamp]:
        return dict(self.files)

    def note(self, event_id: str, files: Mapping[str, Stamp]) -> None:
        self.files.update(files)


class Watched:
    """A watch without a thread: time passes when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.shop, self.notes, self.clock = folder, Shop(), Notes(), ManualClock()
        folder.mkdir(exist_ok=True)
        self.watch = self.watch_anew()

    def restart(self) -> None:
        self.watch.close()
        self.watch = self.watch_anew()

    def watch_anew(self) -> FolderWatch:
        return FolderWatch(self.folder, "run", self.shop.take, self.notes, self.clock)

    def pass_time(self, seconds: float) -> list[RefusedFile]:
        """Steps all the while; what was refused meanwhile."""
        told: list[RefusedFile] = []
        until_s = self.clock.monotonic_s() + seconds
        while self.clock.monotonic_s() < until_s:
            self.clock.advance(0.25)
            while (report := self.watch.step()) is not None:
                told.extend(report.refused)
        return told


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Watched]:
    watched = Watched(tmp_path / "ftp")
    yield watched
    watched.watch.close()


LONG_ENOUGH_S = RESCAN_S + SETTLE_S + 1.0


def test_photos_of_the_folder_and_its_subfolders_are_taken_once_each(watched: Watched) -> None:
    (watched.folder / "Finish line").mkdir()
    (watched.folder / "a.jpg").write_bytes(WHOLE)
    (watched.folder / "Finish line" / "b.jpg").write_bytes(WHOLE)
    (watched.folder / ".hidden").mkdir()
    (watched.folder / ".hidden" / "c.jpg").write_bytes(WHOLE)
    watched.pass_time(3 * LONG_ENOUGH_S)
    assert sorted(watched.shop.on_sale) == ["Finish line/b.jpg", "a.jpg"]


def test_a_file_that_grows_slowly_is_left_alone_until_it_is_whole(watched: Watched) -> None:
    path, parts = watched.folder / "slow.jpg", 12
    for part in range(1, parts + 1):
        path.write_bytes(WHOLE[: len(WHOLE) * part // parts])
        assert watched.shop.on_sale == []
        assert watched.pass_time(1.5) == []
    watched.pass_time(LONG_ENOUGH_S)
    assert watched.shop.on_sale == ["slow.jpg"]


def test_an_upload_that_stalls_and_goes_on_is_neither_sold_half_nor_refused(watched: Watched) -> None:
    path = watched.folder / "stalled.jpg"
    path.write_bytes(WHOLE[:3000])
    assert watched.pass_time(PATIENCE_S / 2) == []
    path.write_bytes(WHOLE)
    assert watched.pass_time(LONG_ENOUGH_S) == []
    assert watched.shop.on_sale == ["stalled.jpg"]


def test_the_end_of_a_small_picture_within_a_large_one_does_not_sell_it_half(watched: Watched) -> None:
    path = watched.folder / "nested.jpg"
    path.write_bytes(WHOLE[:500] + b"\xff\xd9" + WHOLE[500:3000])
    assert watched.pass_time(LONG_ENOUGH_S) == []
    path.write_bytes(WHOLE)
    watched.pass_time(LONG_ENOUGH_S + 8)
    assert watched.shop.on_sale == ["nested.jpg"]


def test_a_file_that_stays_broken_is_told_once_with_its_code_and_tried_again_when_it_changes(
    watched: Watched,
) -> None:
    path = watched.folder / "broken.jpg"
    path.write_bytes(WHOLE[:3000])
    told = watched.pass_time(4 * PATIENCE_S)
    assert [(one.file_name, one.code) for one in told] == [("broken.jpg", ErrorCode.PHOTO_TRUNCATED)]
    watched.restart()
    assert watched.pass_time(2 * PATIENCE_S) == []
    path.write_bytes(WHOLE)
    watched.pass_time(LONG_ENOUGH_S)
    assert watched.shop.on_sale == ["broken.jpg"]


def test_a_file_under_a_name_of_its_way_is_taken_when_it_gets_its_own(watched: Watched) -> None:
    path = watched.folder / "IMG_1.jpg.part"
    path.write_bytes(WHOLE)
    watched.pass_time(PATIENCE_S)
    assert watched.shop.on_sale == []
    path.rename(watched.folder / "IMG_1.jpg")
    watched.pass_time(LONG_ENOUGH_S)
    assert watched.shop.on_sale == ["IMG_1.jpg"]


def test_what_is_no_picture_is_passed_over_in_silence(watched: Watched) -> None:
    (watched.folder / "order.txt").write_text("two prints")
    (watched.folder / "empty.jpg").touch()
    assert watched.pass_time(3 * PATIENCE_S) == []
    (watched.folder / "empty.jpg").write_bytes(WHOLE)
    watched.pass_time(LONG_ENOUGH_S)
    assert watched.shop.on_sale == ["empty.jpg"]


def test_a_restart_takes_nothing_twice_and_what_came_meanwhile(watched: Watched) -> None:
    (watched.folder / "a.jpg").write_bytes(WHOLE)
    watched.pass_time(LONG_ENOUGH_S)
    (watched.folder / "b.jpg").write_bytes(WHOLE)
    watched.restart()
    watched.pass_time(LONG_ENOUGH_S)
    assert watched.shop.on_sale == ["a.jpg", "b.jpg"]


def test_files_that_vanish_are_no_error(watched: Watched) -> None:
    path = watched.folder / "gone.jpg"
    path.write_bytes(WHOLE[:2000])
    watched.pass_time(2.0)
    path.unlink()
    assert watched.pass_time(2 * PATIENCE_S) == []
    assert watched.watch.state.waiting == 0


def test_a_folder_that_vanishes_is_taken_up_again_when_it_is_back(watched: Watched) -> None:
    watched.pass_time(1.0)
    shutil.rmtree(watched.folder)
    watched.pass_time(LONG_ENOUGH_S)
    assert not watched.watch.state.is_there
    with pytest.raises(KnownError) as caught:
        check_folder(watched.folder)
    assert caught.value.code is ErrorCode.FOLDER_MISSING
    watched.folder.mkdir()
    (watched.folder / "a.jpg").write_bytes(WHOLE)
    watched.pass_time(LONG_ENOUGH_S)
    assert watched.watch.state.is_there
    assert watched.shop.on_sale == ["a.jpg"]
    check_folder(watched.folder)


def test_a_full_disk_stops_the_watch_and_loses_nothing(watched: Watched) -> None:
    watched.shop.fault = KnownError(ErrorCode.DISK_FULL, "The disk is full.")
    (watched.folder / "a.jpg").write_bytes(WHOLE)
    with pytest.raises(KnownError) as caught:
        watched.pass_time(LONG_ENOUGH_S)
    assert caught.value.code is ErrorCode.DISK_FULL
    watched.shop.fault = None
    watched.pass_time(LONG_ENOUGH_S)
    assert watched.shop.on_sale == ["a.jpg"]


def test_a_large_backlog_does_not_keep_a_new_photo_waiting(watched: Watched) -> None:
    for number in range(40):
        (watched.folder / f"old {number:02}.jpg").write_bytes(WHOLE)
    watched.clock.advance(LONG_ENOUGH_S)
    assert watched.watch.step() is None
    watched.clock.advance(SETTLE_S)
    assert watched.watch.step() is not None
    (watched.folder / "new.jpg").write_bytes(WHOLE)
    watched.clock.advance(RESCAN_S)
    watched.watch.step()
    watched.clock.advance(SETTLE_S)
    watched.watch.step()
    assert "new.jpg" in watched.shop.on_sale
    assert len(watched.shop.on_sale) < 41


# -- with the operating system's news -----------------------------------------------------------------


@contextmanager
def running(folder: Path) -> Iterator[Shop]:
    shop, stop = Shop(), threading.Event()
    watch = FolderWatch(folder, "run", shop.take, Notes(), SystemClock())
    thread = threading.Thread(target=watch.run, args=(stop.is_set, lambda _: None))
    thread.start()
    try:
        yield shop
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_a_running_watch_hears_of_new_files_and_of_new_folders(tmp_path: Path) -> None:
    with running(tmp_path) as shop:
        (tmp_path / "first.jpg").write_bytes(WHOLE)
        wait_until(lambda: shop.on_sale == ["first.jpg"], 20)
        (tmp_path / "Start").mkdir()
        (tmp_path / "Start" / "second.jpg").write_bytes(WHOLE)
        wait_until(lambda: shop.on_sale == ["first.jpg", "Start/second.jpg"], 20)
        (tmp_path / "third.tmp").write_bytes(WHOLE)
        (tmp_path / "third.tmp").rename(tmp_path / "third.jpg")
        wait_until(lambda: "third.jpg" in shop.on_sale, 20)


def test_a_watch_ends_though_its_folder_is_not_there(tmp_path: Path) -> None:
    with running(tmp_path / "nowhere") as shop:
        (tmp_path / "nowhere").mkdir()
        (tmp_path / "nowhere" / "a.jpg").write_bytes(WHOLE)
        wait_until(lambda: shop.on_sale == ["a.jpg"], 20)
