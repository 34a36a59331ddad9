"""A watched folder in a rough world: slow writers, power cuts, full disks, cards pulled out."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.database.engine import open_database
from kiosk.database.watched_files import SqlWatchedFiles
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.photos.folder_watch import FolderWatch
from kiosk.photos.import_report import ImportReport
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.runtime.worker import Worker
from tests.faults.test_import_faults import PHOTOS, Place, assert_complete, assert_whole, opened
from tests.photo_fakes import drawn, encoded, write_photos
from tests.watching import wait_until

PATIENCE_S = 60.0


@contextmanager
def watching(
    root: Path, place: Place, tell: Callable[[ImportReport], object] = lambda _: None
) -> Iterator[FolderWatch]:
    """The watch of a kiosk, as a worker that is started again after a fault."""
    database = open_database(root / "kiosk.db")
    watch = FolderWatch(
        root / "ftp", "run", place.importer.import_files, SqlWatchedFiles(database), SystemClock()
    )

    def run(stop: threading.Event) -> None:
        watch.run(stop.is_set, tell)

    worker = Worker("folder-watch", run, EventBus())
    worker.start()
    try:
        yield watch
    finally:
        assert worker.stop(30)
        database.close()


def on_sale(place: Place) -> list[str]:
    return sorted(photo.file_name for photo in place.photos.photos("run"))


@pytest.mark.slow
def test_a_photo_that_is_written_slowly_is_never_on_sale_half(tmp_path: Path) -> None:
    (tmp_path / "ftp").mkdir()
    data = encoded(drawn(1, people=2))
    reports: list[ImportReport] = []
    with opened(tmp_path) as place, watching(tmp_path, place, reports.append):
        with (tmp_path / "ftp" / "slow.jpg").open("wb") as file:
            for part in parts(data):
                file.write(part)
                file.flush()
                threading.Event().wait(0.7)
                assert on_sale(place) in ([], ["slow.jpg"])
                assert_whole(place)
        wait_until(lambda: on_sale(place) == ["slow.jpg"], PATIENCE_S)
        assert_whole(place)
        assert all(report.refused == () for report in reports)


def parts(data: bytes) -> Iterator[bytes]:
    step = len(data) // 8
    return (data[at : at + step] for at in range(0, len(data), step))


DOOMED = """
    import itertools, os, signal, sys, threading
    from pathlib import Path
    from tests.faults import test_watch_faults as faults

    root, room, method, call = sys.argv[1:]
    with faults.opened(Path(root)) as place:
        owner = getattr(place, room)
        original, calls = getattr(owner, method), itertools.count(1)

        def doomed(*values, **named):
            result = original(*values, **named)
            if next(calls) == int(call):
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        setattr(owner, method, doomed)
        with faults.watching(Path(root), place):
            threading.Event().wait(60)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize(("room", "method", "call"), [("store", "put", 7), ("photos", "add_photo", 3)])
def test_a_watch_that_was_killed_goes_on_after_the_restart(
    tmp_path: Path, room: str, method: str, call: int
) -> None:
    write_photos(tmp_path / "ftp", PHOTOS, people=2)
    script = [sys.executable, "-c", textwrap.dedent(DOOMED), str(tmp_path), room, method, str(call)]
    ended = subprocess.run(script, timeout=100, check=False, cwd=Path(__file__).parents[2])
    assert ended.returncode == -signal.SIGKILL
    with opened(tmp_path) as place:
        assert_whole(place)
        verify_and_rebuild(place.index, place.photos, "run")  # as at every start
        with watching(tmp_path, place) as watch:
            wait_until(lambda: place.photos.count("run") == PHOTOS and not watch.state.waiting, PATIENCE_S)
        assert_whole(place)
        assert on_sale(place) == [f"IMG_{number:04d}.jpg" for number in range(PHOTOS)]


def test_photos_that_came_while_the_disk_was_full_go_on_sale_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ftp").mkdir()
    refused = threading.Event()
    with opened(tmp_path) as place:
        put, is_full = place.store.put, True

        def put_if_there_is_room(key: str, data: bytes) -> None:
            if is_full:
                refused.set()
                raise KnownError(ErrorCode.DISK_FULL, "The disk is full.")
            put(key, data)

        monkeypatch.setattr(place.store, "put", put_if_there_is_room)
        with watching(tmp_path, place):
            write_photos(tmp_path / "ftp", PHOTOS, people=2)
            assert refused.wait(PATIENCE_S)
            assert on_sale(place) == []
            is_full = False
            wait_until(lambda: place.photos.count("run") == PHOTOS, PATIENCE_S)
        assert_whole(place)


@pytest.mark.slow
def test_a_card_that_is_pulled_out_and_put_in_again_is_read_on(tmp_path: Path) -> None:
    write_photos(tmp_path / "ftp", 2, people=2)
    with opened(tmp_path) as place, watching(tmp_path, place) as watch:
        wait_until(lambda: place.photos.count("run") == 2, PATIENCE_S)
        shutil.move(tmp_path / "ftp", tmp_path / "in a pocket")
        wait_until(lambda: not watch.state.is_there, PATIENCE_S)
        write_photos(tmp_path / "in a pocket", PHOTOS, people=2)
        shutil.move(tmp_path / "in a pocket", tmp_path / "ftp")
        wait_until(lambda: watch.state.is_there and place.photos.count("run") == PHOTOS, PATIENCE_S)
    with opened(tmp_path) as place:
        assert_complete(place)
