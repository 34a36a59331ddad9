"""Numbers read on shirts, stored with their photo and found again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.database.engine import Database, open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.shirt_numbers import SqlShirtNumberRepository
from kiosk.photos.types import NumberHits, Photo, PhotoEvent, PhotoState, ShirtNumberRepository
from kiosk.vision.types import Box, ShirtNumber

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "kiosk.db")
    yield opened
    opened.close()


@pytest.fixture
def photos(database: Database) -> SqlPhotoRepository:
    repository = SqlPhotoRepository(database)
    for event_id in ("run", "gala"):
        repository.add_event(PhotoEvent(event_id, event_id, event_id, NOON, reads_numbers=True))
    return repository


@pytest.fixture
def numbers(database: Database, photos: SqlPhotoRepository) -> ShirtNumberRepository:
    return SqlShirtNumberRepository(database)


def worn(digits: str, score: float = 0.9) -> ShirtNumber:
    return ShirtNumber(digits, score, Box(1.5, 2.0, 30.25, 40.0))


def add(photos: SqlPhotoRepository, serial: int, *worn_digits: str, event_id: str = "run") -> str:
    photo = Photo(
        photo_id=f"{serial:032x}",
        event_id=event_id,
        number=serial,
        file_name=f"DSC_{serial}.JPG",
        content_hash=f"{serial:064x}",
        width=6000,
        height=4000,
        taken_at=NOON - timedelta(minutes=serial),
        imported_at=NOON,
    )
    photos.add_photo(photo, [], [worn(digits) for digits in worn_digits])
    return photo.photo_id


def test_numbers_come_back_as_they_were_stored(
    photos: SqlPhotoRepository, numbers: ShirtNumberRepository
) -> None:
    photo_id = add(photos, 1, "1234", "0042")
    assert numbers.numbers(photo_id) == [worn("1234"), worn("0042")]


def test_a_number_finds_its_photos_in_time_order_and_one_wrong_digit_comes_apart(
    photos: SqlPhotoRepository, numbers: ShirtNumberRepository
) -> None:
    late, early = add(photos, 1, "1234"), add(photos, 2, "01234", "99")
    near = add(photos, 3, "1284")
    add(photos, 4, "4321")
    add(photos, 5)
    assert numbers.find("run", "1234") == NumberHits((early, late), (near,))
    assert numbers.find("run", "99") == NumberHits((early,), ())
    assert numbers.find("run", "77777") == NumberHits((), ())


def test_a_photo_with_the_number_and_a_near_one_is_shown_once_and_sure(
    photos: SqlPhotoRepository, numbers: ShirtNumberRepository
) -> None:
    both = add(photos, 1, "1234", "1235", "1234")
    assert numbers.find("run", "1234") == NumberHits((both,), ())


def test_other_events_and_withdrawn_photos_are_not_found(
    photos: SqlPhotoRepository, numbers: ShirtNumberRepository
) -> None:
    add(photos, 1, "1234", event_id="gala")
    withdrawn = add(photos, 2, "1234")
    photos.set_state(withdrawn, PhotoState.WITHDRAWN)
    assert numbers.find("run", "1234") == NumberHits((), ())


def test_a_photo_counts_as_read_also_when_nobody_in_it_wears_a_number(
    photos: SqlPhotoRepository, numbers: ShirtNumberRepository
) -> None:
    add(photos, 1, "5")
    add(photos, 2)
    unread = f"{3:032x}"
    photo = photos.photo(f"{1:032x}")
    values = {"photo_id": unread, "number": 3, "content_hash": "3"}
    photos.add_photo(Photo(**{name: getattr(photo, name) for name in photo.__slots__} | values), [])
    assert numbers.unread("run") == [unread]
    numbers.add_numbers(unread, [worn("77")])
    assert numbers.unread("run") == []
    assert numbers.find("run", "77").sure == (unread,)


def test_reading_a_photo_again_changes_nothing(
    photos: SqlPhotoRepository, numbers: ShirtNumberRepository
) -> None:
    photo_id = add(photos, 1, "1234")
    numbers.add_numbers(photo_id, [worn("5")])
    assert numbers.numbers(photo_id) == [worn("1234")]
