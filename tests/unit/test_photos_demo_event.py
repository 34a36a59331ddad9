"""The demo event through the real engine, database, files and index: a person is found on another photo."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import Certainty, Thresholds
from kiosk.paths import models_folder, program_root
from kiosk.photos.decoding import load_upright
from kiosk.photos.face_search import FaceSearch
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.shown_previews import Previews
from kiosk.photos.types import PhotoEvent, PreviewSize
from kiosk.vision.looks import PHOTO_SIDES
from kiosk.vision.open_engine import OpenFaceEngine

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
DEMO = program_root() / ".cache" / "demo" / "photos"


@pytest.mark.skipif(
    not (DEMO / "obama3.jpg").exists() or not any(models_folder().glob("*.onnx")),
    reason="the demo pictures or the weights are not here: the installer fetches them",
)
def test_one_look_finds_the_persons_other_photos_and_nobody_elses(tmp_path: Path) -> None:
    engine = OpenFaceEngine(models_folder(), long_sides=PHOTO_SIDES)
    database = open_database(tmp_path / "kiosk.db", ManualClock(NOON))
    photos = SqlPhotoRepository(database)
    event = PhotoEvent("demo", "River Run", "วิ่งริมน้ำ", NOON)
    photos.add_event(event)
    store = FolderObjectStore(tmp_path / "objects")
    index = ExactIndex(tmp_path / "index", engine.contract_id)
    try:
        report = PhotoImporter(event, photos, store, engine, index, ManualClock(NOON)).import_folder(DEMO)
        assert report.refused == ()
        assert report.taken == len(list(DEMO.iterdir()))

        look = load_upright(DEMO / "obama.jpg").pixels()
        [probe] = engine.embed(look, engine.detect(look)[:1])
        finder = FaceSearch(index, photos, lambda _: Thresholds(match=0.42, maybe=0.32, kin=0.47))
        found = finder.find("demo", (probe,))

        sure = {photos.photo(hit.photo_id).file_name for hit in found if hit.certainty is Certainty.MATCH}
        assert sure == {"obama.jpg", "obama3.jpg"}
        assert not {"biden.jpg", "astronaut.png", "t1.jpg"} & {
            photos.photo(hit.photo_id).file_name for hit in found
        }

        group = next(photo for photo in photos.photos("demo") if photo.file_name == "t1.jpg")
        assert len(photos.photo_faces(group.photo_id)) == 6
        shown = Previews(store, photos).preview(group.photo_id, PreviewSize.WATERMARKED, frozenset({2}))
        strangers = [face for face in photos.photo_faces(group.photo_id) if face.ordinal != 2]
        recognised = [
            seen.similarity(face.embedding)
            for seen in engine.embed(shown, engine.detect(shown))
            for face in strangers
        ]
        assert max(recognised) < 0.32
    finally:
        index.close()
        database.close()
