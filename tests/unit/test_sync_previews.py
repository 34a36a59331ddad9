"""Previews brought in advance: over real HTTP, from rows in a real database."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.clock import SystemClock
from kiosk.database.engine import Database, open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.photos_ahead import SqlPhotosAhead
from kiosk.events import EventBus
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.types import Photo, PhotoEvent, PhotoState, PreviewSize, preview_key
from kiosk.sync.client import CentralClient
from kiosk.sync.connection import Timeouts
from kiosk.sync.fetched_folder import FetchedFolder
from kiosk.sync.fetched_store import FetchedObjectStore
from kiosk.sync.previews import Pace, Prefetch, PreviewProgress, PreviewsMoved
from tests.file_centre import FileCentre
from tests.watching import wait_until

START = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
SIZES = (PreviewSize.MEDIUM, PreviewSize.LARGE, PreviewSize.WATERMARKED)


class Venue:
    """A kiosk with an event whose photos lie at a centre. The higher a photo's number, the newer it is."""

    def __init__(self, home: Path, centre: FileCentre, quota: int) -> None:
        self.centre = centre
        self.database: Database = open_database(home / "kiosk.db")
        self.photos = SqlPhotoRepository(self.database)
        self.photos.add_event(PhotoEvent("run", "Run", "Run", START))
        self.photos.add_event(PhotoEvent("other", "Other", "Other", START))
        self.client = CentralClient(centre.url, None, timeouts=Timeouts(0.5, 1.0, 5.0))
        self.folder = FetchedFolder(home / "fetched", quota, SystemClock())
        self.store = FetchedObjectStore(FolderObjectStore(home / "objects"), self.folder, self.client)
        self.bus = EventBus()
        self.told: list[PreviewProgress] = []
        self.bus.subscribe(PreviewsMoved, lambda event: self.told.append(event.progress))
        self.event_id: str | None = "run"
        self.pace = Pace.FULL
        self.has_room = True
        self.prefetch = Prefetch(
            self.store,
            SqlPhotosAhead(self.database),
            lambda: self.event_id,
            lambda: self.pace,
            lambda: self.has_room,
            self.bus,
            most_a_second=10_000,
        )
        self.stop = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, numbers: range, *, is_public: bool = False, bytes_each: int = 100) -> None:
        for number in numbers:
            self.photos.add_photo(self.photo(number, is_public=is_public), [])
            for size in PreviewSize:
                self.centre.add_preview(f"{number:032x}", size, bytes([number % 250]) * bytes_each)

    def photo(self, number: int, *, is_public: bool) -> Photo:
        taken = START + timedelta(seconds=number)
        return Photo(
            photo_id=f"{number:032x}",
            event_id="run",
            number=number + 1,
            file_name=f"{number}.jpg",
            content_hash=f"{number:064x}",
            width=100,
            height=100,
            taken_at=taken,
            imported_at=taken,
            is_public=is_public,
        )

    def here(self, size: PreviewSize) -> set[int]:
        """The numbers of the photos whose preview of this size is here."""
        prefix = preview_key("run", "", size).split("_wm")[0].removesuffix(".jpg")
        return {int(key.rpartition("/")[2][:32], 16) for key in self.store.keys(prefix)}

    def run(self) -> None:
        self._thread = threading.Thread(target=self.prefetch.run, args=(self.stop,))
        self._thread.start()

    def close(self) -> None:
        self.stop.set()
        if self._thread is not None:
            self._thread.join(10)
            assert not self._thread.is_alive()
        self.client.close()
        self.store.close()
        self.database.close()


OpenVenue = Callable[..., Venue]


@pytest.fixture
def open_venue(tmp_path: Path) -> Iterator[OpenVenue]:
    opened: list[Venue] = []
    with FileCentre() as centre:

        def open_one(quota: int = 10_000_000) -> Venue:
            opened.append(Venue(tmp_path, centre, quota))
            return opened[-1]

        yield open_one
        for venue in opened:
            venue.close()


def test_all_previews_of_the_event_come_the_small_ones_and_the_newest_first(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(10))
    venue.add(range(10, 12), is_public=True)
    done = venue.prefetch.sweep_once(venue.stop)
    for size in SIZES:
        assert venue.here(size) == set(range(12))
    assert venue.here(PreviewSize.SMALL) == {10, 11}
    assert done == PreviewProgress("run", wanted=38, here=38, is_done=True)
    sizes = [path.rpartition("/")[2] for path in venue.centre.order]
    assert (
        sizes == ["small"] * 2 + ["watermarked"] * 2 + ["medium"] * 12 + ["large"] * 12 + ["watermarked"] * 10
    )
    mediums = [int(path.split("/")[3], 16) for path in venue.centre.order if path.endswith("medium")]
    # Two are fetched at a time, so neighbours may change places.
    assert all(abs(number - wanted) <= 1 for number, wanted in zip(mediums, range(11, -1, -1), strict=True))


def test_a_sweep_that_was_ended_goes_on_where_it_was(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(30))
    venue.centre.delay_s = 0.02
    ender = threading.Timer(0.25, venue.stop.set)
    ender.start()
    venue.prefetch.sweep_once(venue.stop)
    ender.join()
    before = sum(venue.centre.asked.values())
    assert 2 < before < 80
    venue.stop.clear()
    venue.prefetch.sweep_once(venue.stop)
    # What was on its way when it ended may have been asked for twice.
    assert all(count <= 2 for count in venue.centre.asked.values())
    assert sum(venue.centre.asked.values()) <= 90 + 2


def test_a_full_quota_holds_the_newest_and_nothing_is_fetched_in_circles(open_venue: OpenVenue) -> None:
    venue = open_venue(quota=1000)
    venue.add(range(20))
    for _ in range(3):
        assert venue.prefetch.sweep_once(venue.stop).is_full
    assert venue.folder.passing_bytes <= 1000
    asked = sum(venue.centre.asked.values())
    venue.prefetch.sweep_once(venue.stop)
    # A round ends with the first that finds no room: at most the two that are under way.
    assert sum(venue.centre.asked.values()) - asked <= 2 * 3
    assert min(venue.here(PreviewSize.LARGE)) > 10
    venue.add(range(20, 22))
    venue.prefetch.sweep_once(venue.stop)
    assert {20, 21} <= venue.here(PreviewSize.LARGE)
    assert venue.folder.passing_bytes <= 1000


def test_a_preview_that_the_centre_has_not_or_damaged_keeps_no_other_back(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(6))
    del venue.centre.files[f"/api/photos/{3:032x}/preview/medium"]
    venue.centre.faults[f"/api/photos/{4:032x}/preview/large"].extend(["truncated"] * 3)
    done = venue.prefetch.sweep_once(venue.stop)
    assert (done.wanted, done.here, done.missing) == (18, 16, 2)
    assert venue.here(PreviewSize.MEDIUM) == {0, 1, 2, 4, 5}


@pytest.mark.slow
def test_off_line_it_waits_and_goes_on_by_itself(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(6))
    venue.centre.stop()
    venue.run()
    wait_until(lambda: bool(venue.told) and venue.told[-1].is_waiting, 5)
    venue.centre.start()
    wait_until(lambda: venue.here(PreviewSize.WATERMARKED) == set(range(6)), 15)
    wait_until(lambda: venue.told[-1].is_done, 5)
    assert not venue.told[-1].is_waiting


@pytest.mark.slow
def test_new_photos_come_before_the_rest_of_the_old_ones(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(400))
    venue.centre.delay_s = 0.01
    venue.run()
    wait_until(lambda: len(venue.centre.order) > 5, 5)
    venue.add(range(400, 403))
    venue.prefetch.look_now()
    wait_until(lambda: {400, 401, 402} <= venue.here(PreviewSize.LARGE), 20)
    assert len(venue.here(PreviewSize.MEDIUM)) < 403


def test_nothing_is_fetched_while_somebody_is_before_the_camera(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(10))
    venue.pace = Pace.PAUSED
    venue.run()
    time.sleep(0.5)
    assert not venue.centre.order
    venue.pace = Pace.GENTLE
    wait_until(lambda: len(venue.centre.order) >= 3, 5)
    assert venue.centre.most_at_once == 1
    venue.pace = Pace.FULL
    wait_until(lambda: venue.here(PreviewSize.WATERMARKED) == set(range(10)), 5)


def test_no_more_is_asked_for_in_a_second_than_leaves_room_for_sales(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(10))
    paced = Prefetch(
        venue.store,
        SqlPhotosAhead(venue.database),
        lambda: "run",
        lambda: Pace.FULL,
        lambda: True,
        venue.bus,
        most_a_second=20,
    )
    began_s = time.monotonic()
    paced.sweep_once(venue.stop)
    assert time.monotonic() - began_s >= 29 / 20
    assert len(venue.centre.order) == 30


def test_another_event_on_the_screen_ends_the_sweep_of_the_one_before(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(40))
    venue.centre.delay_s = 0.05
    venue.run()
    wait_until(lambda: len(venue.centre.order) > 2, 5)
    venue.event_id = "other"
    wait_until(lambda: bool(venue.told) and venue.told[-1] == PreviewProgress("other", is_done=True), 5)
    assert len(venue.centre.order) < 40


def test_the_last_room_on_the_disk_is_left_to_sales(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(5))
    venue.has_room = False
    assert venue.prefetch.sweep_once(venue.stop).is_full
    assert not venue.centre.order


def test_photos_imported_here_and_those_withdrawn_are_not_fetched(open_venue: OpenVenue) -> None:
    venue = open_venue()
    venue.add(range(3))
    for size in PreviewSize:
        venue.store.put(preview_key("run", f"{1:032x}", size), b"imported here")
    venue.photos.set_state(f"{2:032x}", PhotoState.WITHDRAWN)
    done = venue.prefetch.sweep_once(venue.stop)
    assert {path.split("/")[3] for path in venue.centre.order} == {f"{0:032x}"}
    assert (done.wanted, done.here) == (6, 6)
