"""Reading numbers in photos that are there: whatever interrupts it, the next time goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.shirt_numbers import SqlShirtNumberRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.exact_index import ExactIndex
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.number_reading import NumberReading, read_numbers_later
from kiosk.photos.types import PhotoEvent, key_of_original
from kiosk.vision.types import Box, Pixels, ShirtNumber
from tests.photo_fakes import FAKE_CONTRACT, SquareFaceEngine, write_photos

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
RUN = PhotoEvent("run", "River Run", "วิ่งริมน้ำ", NOON, reads_numbers=True)
WORN = ShirtNumber("1234", 0.9, Box(1, 2, 3, 4))


@dataclass
class OneNumberReader:
    """Sees the same number everywhere; `failure` instead, when set."""

    failure: KnownError | None = None
    sizes: list[tuple[int, ...]] = field(default_factory=list)

    def warm_up(self) -> None: ...

    def read(self, pixels: Pixels) -> list[ShirtNumber]:
        if self.failure is not None:
            raise self.failure
        self.sizes.append(pixels.shape)
        return [WORN]


@dataclass(frozen=True)
class Place:
    photos: SqlPhotoRepository
    numbers: SqlShirtNumberRepository
    store: FolderObjectStore
    importer: PhotoImporter
    reading_importer: PhotoImporter
    reader: OneNumberReader
    card: Path

    def read(self, reader: OneNumberReader, stop_after: int = 99) -> NumberReading:
        def progress(done: int, total: int) -> None:
            if done == stop_after:
                raise KeyboardInterrupt

        return read_numbers_later("run", self.photos, self.numbers, self.store, reader, progress)


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    clock = ManualClock(NOON)
    database = open_database(tmp_path / "kiosk.db", clock)
    photos = SqlPhotoRepository(database)
    photos.add_event(RUN)
    store = FolderObjectStore(tmp_path / "objects")
    index = ExactIndex(tmp_path / "index", FAKE_CONTRACT)
    reader = OneNumberReader()
    importers = [
        PhotoImporter(RUN, photos, store, SquareFaceEngine(), index, clock, number_reader=each)
        for each in (None, reader)
    ]
    write_photos(tmp_path / "card", 6)
    yield Place(photos, SqlShirtNumberRepository(database), store, *importers, reader, tmp_path / "card")
    index.close()
    database.close()


def test_an_interrupted_reading_goes_on_where_it_stopped(place: Place) -> None:
    place.importer.import_folder(place.card)
    reader = OneNumberReader()
    with pytest.raises(KeyboardInterrupt):
        place.read(reader, stop_after=2)
    before = 6 - len(place.numbers.unread("run"))
    assert 2 <= before < 6
    assert place.read(reader) == NumberReading(photos=6 - before, numbers=6 - before, unreadable=0)
    assert len(reader.sizes) == 6, "no photo is read twice"
    assert place.read(reader) == NumberReading(0, 0, 0)
    assert len(place.numbers.find("run", "1234").sure) == 6


def test_a_photo_whose_original_is_gone_keeps_no_other_from_being_read_and_is_tried_again(
    place: Place,
) -> None:
    place.importer.import_folder(place.card)
    gone, damaged = place.photos.photos("run")[:2]
    original = place.store.get(key_of_original(gone))
    place.store.delete(key_of_original(gone))
    place.store.put(key_of_original(damaged), b"no picture any more")
    assert place.read(OneNumberReader()) == NumberReading(photos=4, numbers=4, unreadable=2)
    place.store.put(key_of_original(gone), original)
    assert place.read(OneNumberReader()) == NumberReading(photos=1, numbers=1, unreadable=1)


def test_weights_that_are_not_there_stop_it_and_nothing_counts_as_read(place: Place) -> None:
    place.importer.import_folder(place.card)
    missing = KnownError(ErrorCode.WEIGHTS_MISSING, "The text reader is not there.")
    with pytest.raises(KnownError) as caught:
        place.read(OneNumberReader(failure=missing))
    assert caught.value.code is ErrorCode.WEIGHTS_MISSING
    assert len(place.numbers.unread("run")) == 6


def test_an_import_writes_the_numbers_with_the_photo_and_reads_each_picture_once(place: Place) -> None:
    report = place.reading_importer.import_folder(place.card)
    assert report.taken == 6
    assert place.numbers.unread("run") == []
    assert all(place.numbers.numbers(photo.photo_id) == [WORN] for photo in place.photos.photos("run"))
    assert place.reading_importer.import_folder(place.card).duplicates == 6
    assert len(place.reader.sizes) == 6


def test_an_import_without_the_weights_puts_no_photo_on_sale_half_known(place: Place) -> None:
    place.reader.failure = KnownError(ErrorCode.WEIGHTS_MISSING, "The text reader is not there.")
    with pytest.raises(KnownError) as caught:
        place.reading_importer.import_folder(place.card)
    assert caught.value.code is ErrorCode.WEIGHTS_MISSING
    assert place.photos.count("run") == 0
    place.reader.failure = None
    assert place.reading_importer.import_folder(place.card).taken == 6
    assert place.numbers.unread("run") == []
