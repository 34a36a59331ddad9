"""Where staff look at photos first, a photo is on sale, found and told of only once they said so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.waiting_photos import SqlWaitingPhotos
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey
from kiosk.photos.approval import PhotoApproval
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.index_sync import IndexSync, verify_and_rebuild
from kiosk.photos.types import PhotoEvent, PhotoFilter, PhotoState
from kiosk.vision.types import Embedding
from tests.photo_fakes import FAKE_CONTRACT, SquareFaceEngine, write_photos

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
RUN = PhotoEvent("run", "River Run", "วิ่งริมน้ำ", NOON)


@dataclass
class Place:
    photos: SqlPhotoRepository
    index: ExactIndex
    importer: PhotoImporter
    rows: SqlWaitingPhotos
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.approval = PhotoApproval(self.rows, self.photos, self.index, lambda: self.told.append("news"))


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    database = open_database(tmp_path / "kiosk.db", ManualClock(NOON))
    photos = SqlPhotoRepository(database)
    photos.add_event(RUN)
    index = ExactIndex(tmp_path / "index", FAKE_CONTRACT)
    importer = PhotoImporter(
        RUN,
        photos,
        FolderObjectStore(tmp_path / "objects"),
        SquareFaceEngine(),
        index,
        ManualClock(NOON),
        approves=True,
    )
    card = tmp_path / "card"
    card.mkdir()
    write_photos(card, 4, people=2)
    place = Place(photos, index, importer, SqlWaitingPhotos(database))
    assert importer.import_folder(card).taken == 4
    yield place
    index.close()
    database.close()


def test_what_nobody_looked_at_is_nowhere(place: Place) -> None:
    assert place.photos.photos("run") == place.photos.photos("run", PhotoFilter(place="")) == []
    assert (place.photos.count("run"), place.photos.ids_on_sale("run")) == (0, set())
    assert place.photos.photo_by_number("run", 1) is None
    assert place.index.faces("run") == set()
    verify_and_rebuild(place.index, place.photos, "run")
    assert place.index.faces("run") == set()


def test_photos_wait_in_the_order_in_which_they_came(place: Place) -> None:
    waiting = place.approval.waiting("run")
    assert [(each.number, each.faces) for each in waiting] == [(1, 2), (2, 2), (3, 2), (4, 2)]
    assert place.approval.waiting("run", 2) == waiting[:2]
    assert place.approval.count("run") == 4


def test_an_approved_photo_is_on_sale_and_found_and_a_rejected_one_never(place: Place) -> None:
    first, second, third, _ = (each.photo_id for each in place.approval.waiting("run"))
    sync = IndexSync(place.index, place.photos)
    sync.update("run")
    assert place.approval.approve([first, second]) == 2
    assert place.told == ["news"]
    assert {face.photo_id for face in place.index.faces("run")} == {first, second}
    assert place.approval.reject([third, first]) == 1
    assert place.photos.photo(third).state is PhotoState.WITHDRAWN
    assert place.photos.photo(first).state is PhotoState.ON_SALE
    assert place.photos.ids_on_sale("run") == {first, second}
    sync.update("run")
    assert {face.photo_id for face in place.index.faces("run")} == {first, second}
    assert place.approval.count("run") == 1


def test_judging_twice_changes_nothing(place: Place) -> None:
    photo_id = place.approval.waiting("run")[0].photo_id
    assert [place.approval.approve([photo_id]) for _ in range(2)] == [1, 0]
    assert [place.approval.reject([photo_id]), place.approval.reject(["no such photo"])] == [0, 0]
    assert place.told == ["news"]
    assert len(place.index.faces("run")) == 2


def test_a_photo_that_waits_is_not_taken_in_again(place: Place, tmp_path: Path) -> None:
    place.approval.reject([place.approval.waiting("run")[0].photo_id])
    report = place.importer.import_folder(tmp_path / "card")
    assert (report.taken, report.duplicates) == (0, 4)
    assert place.approval.count("run") == 3


def test_one_that_the_index_does_not_take_keeps_no_other_from_being_found(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, *_ = (each.photo_id for each in place.approval.waiting("run"))
    add = place.index.add

    def refuse(event_id: str, keys: Sequence[FaceKey], embeddings: Sequence[Embedding]) -> None:
        if keys[0].photo_id == first:
            raise KnownError(ErrorCode.DISK_FULL, "The disk is full.")
        add(event_id, keys, embeddings)

    monkeypatch.setattr(place.index, "add", refuse)
    with pytest.raises(KnownError):
        place.approval.approve([first, second])
    assert {face.photo_id for face in place.index.faces("run")} == {second}
    assert place.told == ["news"]
    monkeypatch.undo()
    verify_and_rebuild(place.index, place.photos, "run")
    assert {face.photo_id for face in place.index.faces("run")} == {first, second}
