"""Events, photos and faces in SQL."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import Face, Photo, PhotoEvent, PhotoFilter, PhotoState
from kiosk.vision.types import Box, Embedding

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "kiosk.db", ManualClock())
    yield opened
    opened.close()


@pytest.fixture
def photos(database: Database) -> SqlPhotoRepository:
    repository = SqlPhotoRepository(database)
    repository.add_event(PhotoEvent("run", "River Run", "วิ่งริมน้ำ", NOON, "Bangkok"))
    return repository


def a_photo(serial: int, *, event_id: str = "run", minutes: int | None = None, **changes: object) -> Photo:
    values: dict[str, object] = {
        "photo_id": f"{serial:032x}",
        "event_id": event_id,
        "number": serial,
        "file_name": f"DSC_{serial}.JPG",
        "content_hash": hashlib.sha256(str(serial).encode()).hexdigest(),
        "width": 6000,
        "height": 4000,
        "taken_at": NOON + timedelta(minutes=serial if minutes is None else minutes),
        "imported_at": NOON + timedelta(hours=2, minutes=serial),
    }
    return Photo(**(values | changes))  # type: ignore[arg-type]


def a_face(ordinal: int, contract_id: str = "engine-1") -> Face:
    vector = np.random.default_rng(ordinal).standard_normal(512).astype(np.float32)
    vector /= np.linalg.norm(vector)
    return Face(ordinal, Box(1.5, -2.0, 30.25, 40.0), 0.875, Embedding(vector, contract_id))


def test_a_photo_comes_back_as_it_was_stored(photos: SqlPhotoRepository) -> None:
    stored = a_photo(
        7,
        photographer="Anan",
        camera="X-T5",
        place="Start",
        latitude=13.7563,
        longitude=100.5,
        is_public=True,
    )
    photos.add_photo(stored, [])
    assert photos.photo(stored.photo_id) == stored


def test_faces_come_back_bit_by_bit_and_only_those_of_the_contract(photos: SqlPhotoRepository) -> None:
    faces = [a_face(0), a_face(1), a_face(2, "engine-2")]
    photos.add_photo(a_photo(1), faces)
    streamed = list(photos.faces("run", "engine-1"))
    assert [(photo_id, face.ordinal) for photo_id, face in streamed] == [
        (a_photo(1).photo_id, 0),
        (a_photo(1).photo_id, 1),
    ]
    for (_, found), put in zip(streamed, faces, strict=False):
        assert found.embedding.vector.dtype == np.float32
        assert np.array_equal(found.embedding.vector, put.embedding.vector)
        assert (found.box, found.score) == (put.box, put.score)
    assert [face.embedding.contract_id for face in photos.photo_faces(a_photo(1).photo_id)] == [
        "engine-1",
        "engine-1",
        "engine-2",
    ]


def test_adding_a_photo_again_changes_nothing(photos: SqlPhotoRepository) -> None:
    photos.add_photo(a_photo(1), [a_face(0)])
    photos.add_photo(a_photo(1), [a_face(0), a_face(1)])
    assert photos.count("run") == 1
    assert len(photos.photo_faces(a_photo(1).photo_id)) == 1


def test_the_same_content_is_refused_within_an_event_and_taken_in_another(photos: SqlPhotoRepository) -> None:
    photos.add_event(PhotoEvent("gala", "Gala", "งานกาลา", NOON))
    photos.add_photo(a_photo(1), [])
    same = a_photo(2, content_hash=a_photo(1).content_hash)
    with pytest.raises(KnownError) as refused:
        photos.add_photo(same, [])
    assert refused.value.code is ErrorCode.PHOTO_DUPLICATE
    photos.add_photo(a_photo(3, event_id="gala", content_hash=same.content_hash), [])
    assert photos.has_content("gala", same.content_hash)
    assert not photos.has_content("gala", a_photo(2).content_hash)


def test_a_number_is_given_once(photos: SqlPhotoRepository) -> None:
    assert photos.next_number("run") == 1
    photos.add_photo(a_photo(5), [])
    assert photos.next_number("run") == 6
    with pytest.raises(KnownError) as refused:
        photos.add_photo(a_photo(6, number=5), [])
    assert refused.value.code is ErrorCode.PHOTO_NUMBER_TAKEN


def test_a_withdrawn_photo_is_in_no_listing_but_keeps_its_number(photos: SqlPhotoRepository) -> None:
    for number in (1, 2):
        photos.add_photo(a_photo(number, place=f"place {number}"), [a_face(number)])
    photos.set_state(a_photo(2).photo_id, PhotoState.WITHDRAWN)
    ids = [a_photo(2).photo_id, a_photo(1).photo_id]
    assert [photo.number for photo in photos.photos("run")] == [1]
    assert list(photos.photos_by_id(ids)) == [ids[1]]
    assert photos.photo_by_number("run", 2) is None
    assert [photo_id for photo_id, _ in photos.faces("run", "engine-1")] == [ids[1]]
    assert photos.count("run") == 1
    assert photos.next_number("run") == 3
    assert photos.photo(ids[0]).state is PhotoState.WITHDRAWN


def test_listings_are_in_time_order_and_narrowed_by_time_place_and_photographer(
    photos: SqlPhotoRepository,
) -> None:
    photos.add_photo(a_photo(1, minutes=30, place="Finish", photographer="Mali"), [])
    photos.add_photo(a_photo(2, minutes=10, place="Start", photographer="Anan"), [])
    photos.add_photo(a_photo(3, minutes=30, place="Start"), [])

    def numbers(**narrow: object) -> list[int]:
        return [photo.number for photo in photos.photos("run", PhotoFilter(**narrow))]  # type: ignore[arg-type]

    assert numbers() == [2, 1, 3]
    assert numbers(since=NOON + timedelta(minutes=10), until=NOON + timedelta(minutes=30)) == [2]
    assert numbers(place="Start") == [2, 3]
    assert numbers(photographer="Mali") == [1]


def test_a_photo_of_unknown_time_is_listed_by_no_time(photos: SqlPhotoRepository) -> None:
    photos.add_photo(a_photo(1, is_time_known=False), [])
    photos.add_photo(a_photo(2), [])
    assert photos.photo(a_photo(1).photo_id) == a_photo(1, is_time_known=False)
    for narrow in (PhotoFilter(since=NOON), PhotoFilter(until=NOON + timedelta(days=1))):
        assert [photo.number for photo in photos.photos("run", narrow)] == [2]
    assert [photo.number for photo in photos.photos("run")] == [1, 2]


def test_times_given_in_another_zone_are_the_same_moment_in_utc(photos: SqlPhotoRepository) -> None:
    from zoneinfo import ZoneInfo

    in_bangkok = datetime(2026, 11, 20, 19, 30, tzinfo=ZoneInfo("Asia/Bangkok"))
    photos.add_photo(a_photo(1, taken_at=in_bangkok), [])
    found = photos.photo(a_photo(1).photo_id).taken_at
    assert (found, found.tzinfo) == (datetime(2026, 11, 20, 12, 30, tzinfo=UTC), UTC)


def test_thousands_of_ids_are_looked_up_in_the_order_asked_for(photos: SqlPhotoRepository) -> None:
    for number in range(1, 40):
        photos.add_photo(a_photo(number), [])
    asked = [a_photo(number).photo_id for number in (30, 2, 17)]
    many = asked + [f"{number:032x}" for number in range(5000, 7500)] + [asked[0]]
    assert list(photos.photos_by_id(many)) == asked


def test_unknown_things_are_refused_by_name(photos: SqlPhotoRepository) -> None:
    with pytest.raises(KnownError) as no_photo:
        photos.photo("f" * 32)
    assert no_photo.value.code is ErrorCode.PHOTO_UNKNOWN
    with pytest.raises(KnownError) as no_event:
        photos.event("nowhere")
    assert no_event.value.code is ErrorCode.EVENT_UNKNOWN
    with pytest.raises(KnownError) as orphan:
        photos.add_photo(a_photo(1, event_id="nowhere"), [])
    assert orphan.value.code is ErrorCode.EVENT_UNKNOWN
    with pytest.raises(KnownError) as no_state:
        photos.set_state("f" * 32, PhotoState.ON_SALE)
    assert no_state.value.code is ErrorCode.PHOTO_UNKNOWN


def test_events_are_listed_newest_first_and_found_by_name(photos: SqlPhotoRepository) -> None:
    later = PhotoEvent("run2", "River Run", "วิ่งริมน้ำ", NOON + timedelta(days=365))
    photos.add_event(later)
    photos.add_event(later)
    assert [event.event_id for event in photos.events()] == ["run2", "run"]
    assert photos.event_by_name("River Run") == later
    assert photos.event_by_name("Gala") is None
    assert photos.event("run").name_th == "วิ่งริมน้ำ"


def test_photos_can_be_added_while_faces_are_streamed(photos: SqlPhotoRepository) -> None:
    for number in range(1, 4):
        photos.add_photo(a_photo(number), [a_face(0)])
    stream = photos.faces("run", "engine-1")
    next(stream)
    photos.add_photo(a_photo(4), [a_face(0)])
    assert len(list(stream)) == 2
    assert len(list(photos.faces("run", "engine-1"))) == 4


def test_not_me_is_counted_per_photo_until_it_is_taken_back(photos: SqlPhotoRepository) -> None:
    later = NOON + timedelta(microseconds=1234)
    for photo_id, at in (("a", NOON), ("b", NOON), ("a", later)):
        photos.add_not_me("run", photo_id, 0, at)
    assert photos.not_me_counts("run") == {"a": 2, "b": 1}
    for ordinal, at in ((0, later), (0, later), (1, NOON)):
        photos.take_back_not_me("run", "a", ordinal, at)
    assert photos.not_me_counts("run") == {"a": 1, "b": 1}
