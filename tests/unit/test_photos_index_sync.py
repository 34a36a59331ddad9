"""A running kiosk keeps its index true to SQL without comparing everything each time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import delete

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.tables import FaceRow, PhotoRow
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey
from kiosk.photos.index_sync import IndexRepair, IndexState, IndexSync
from kiosk.photos.types import Face, Photo, PhotoEvent, PhotoState
from kiosk.vision.types import Box, Embedding

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
CONTRACT = "recogniser-1"
INTACT = IndexRepair(IndexState.INTACT)


class WatchedPhotos(SqlPhotoRepository):
    """Counts how often all faces of an event were asked for."""

    whole_looks = 0

    def face_keys(self, event_id: str, contract_id: str) -> set[FaceKey]:
        self.whole_looks += 1
        return super().face_keys(event_id, contract_id)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "kiosk.db", ManualClock(NOON))
    yield opened
    opened.close()


@pytest.fixture
def photos(database: Database) -> WatchedPhotos:
    repository = WatchedPhotos(database)
    for event_id in ("run", "gala"):
        repository.add_event(PhotoEvent(event_id, event_id, event_id, NOON))
    return repository


@pytest.fixture
def index(tmp_path: Path) -> Iterator[ExactIndex]:
    opened = ExactIndex(tmp_path / "index", CONTRACT)
    yield opened
    opened.close()


@pytest.fixture
def sync(index: ExactIndex, photos: WatchedPhotos) -> IndexSync:
    return IndexSync(index, photos)


def person(seed: int, contract_id: str = CONTRACT) -> Embedding:
    vector = np.random.default_rng(seed).standard_normal(512).astype(np.float32)
    return Embedding(vector / np.linalg.norm(vector), contract_id)


def add(photos: SqlPhotoRepository, number: int, *embeddings: Embedding, event_id: str = "run") -> str:
    photo_id = f"{number:032x}"
    photo = Photo(photo_id, event_id, number, f"{number}.jpg", f"{number:064x}", 600, 400, NOON, NOON)
    faces = [Face(place, Box(0, 0, 9, 9), 0.9, embedding) for place, embedding in enumerate(embeddings)]
    photos.add_photo(photo, faces)
    return photo_id


def test_the_first_look_compares_everything_and_the_next_only_what_came_or_went(
    sync: IndexSync, index: ExactIndex, photos: WatchedPhotos
) -> None:
    first = add(photos, 1, person(1), person(2))
    withdrawn = add(photos, 2, person(3))
    assert sync.update("run") == IndexRepair(IndexState.INCOMPLETE, added=3)

    new = add(photos, 3, person(4), person(5))
    without_faces = add(photos, 4)
    photos.set_state(withdrawn, PhotoState.WITHDRAWN)
    assert sync.update("run") == IndexRepair(IndexState.INCOMPLETE, added=2, removed=1)

    assert sync.update("run") == INTACT
    assert index.faces("run") == {FaceKey(first, 0), FaceKey(first, 1), FaceKey(new, 0), FaceKey(new, 1)}
    assert without_faces in photos.ids_on_sale("run")
    assert photos.whole_looks == 1


def test_a_photo_put_on_sale_again_is_found_again(
    sync: IndexSync, index: ExactIndex, photos: WatchedPhotos
) -> None:
    photo = add(photos, 1, person(1))
    sync.update("run")
    photos.set_state(photo, PhotoState.WITHDRAWN)
    sync.update("run")
    assert index.faces("run") == set()

    photos.set_state(photo, PhotoState.ON_SALE)

    assert sync.update("run").added == 1
    assert index.search("run", person(1), limit=1)[0].face == FaceKey(photo, 0)


def test_faces_that_the_import_has_indexed_already_are_left_alone(
    sync: IndexSync, index: ExactIndex, photos: WatchedPhotos
) -> None:
    sync.update("run")
    photo = add(photos, 1, person(1), person(2))
    index.add("run", [FaceKey(photo, 0), FaceKey(photo, 1)], [person(1), person(2)])

    assert sync.update("run") == INTACT


def test_a_photo_imported_again_with_other_embeddings_is_never_found_by_the_former_ones(
    sync: IndexSync, index: ExactIndex, photos: WatchedPhotos, database: Database
) -> None:
    photo = add(photos, 1, person(1))
    sync.update("run")
    with database.writing() as session:
        session.execute(delete(FaceRow))
        session.execute(delete(PhotoRow))
    sync.update("run")
    index.add("run", [FaceKey(photo, 0)], [person(1)])  # a removal that a power cut undid
    add(photos, 1, person(9))

    assert sync.update("run").added == 1
    assert index.search("run", person(1), min_similarity=0.5) == []
    assert index.search("run", person(9), limit=1)[0].similarity == pytest.approx(1.0)


def test_faces_of_other_weights_are_left_out(
    sync: IndexSync, index: ExactIndex, photos: WatchedPhotos
) -> None:
    sync.update("run")
    add(photos, 1, person(1, "recogniser-2"))

    assert sync.update("run") == INTACT
    assert index.count("run") == 0


def test_an_index_that_lost_faces_is_compared_as_a_whole(
    sync: IndexSync, index: ExactIndex, photos: WatchedPhotos
) -> None:
    photo = add(photos, 1, person(1))
    sync.update("run")
    assert sync.is_sound("run")
    index.drop("run")

    assert not sync.is_sound("run")
    assert sync.update("run") == IndexRepair(IndexState.INCOMPLETE, added=1)
    assert index.faces("run") == {FaceKey(photo, 0)}


def test_an_index_found_damaged_by_a_search_is_filled_anew(
    index: ExactIndex, photos: WatchedPhotos, tmp_path: Path
) -> None:
    add(photos, 1, person(1))
    add(photos, 2, person(2))
    sync = IndexSync(index, photos)
    sync.update("run")
    path = tmp_path / "index" / "run" / "faces.index"
    held = path.read_bytes()
    with path.open("r+b") as file:
        file.seek(held.index(person(1).vector.tobytes()))
        file.write(b"\0\0\0\0")
    with pytest.raises(Exception, match="G-101"):
        index.search("run", person(1), min_similarity=0.5)

    assert not sync.is_sound("run")
    assert sync.update("run") == IndexRepair(IndexState.UNUSABLE, added=2)
    assert index.search("run", person(1), limit=1)[0].similarity == pytest.approx(1.0)


def test_another_event_is_compared_as_a_whole(
    sync: IndexSync, index: ExactIndex, photos: WatchedPhotos
) -> None:
    add(photos, 1, person(1))
    sync.update("run")
    photo = add(photos, 2, person(2), event_id="gala")

    assert not sync.is_sound("gala")
    assert sync.update("gala").added == 1
    assert index.faces("gala") == {FaceKey(photo, 0)}
    assert photos.whole_looks == 2
