"""A folder becomes photos on sale: each once, numbered, with previews and faces; the rest is named."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey
from kiosk.photos.folder_scan import picture_files, place_of
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.import_report import ImportProgress
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.types import PhotoEvent, PhotoState, PreviewSize, key_of_original, preview_key
from tests.photo_fakes import FAKE_CONTRACT, SquareFaceEngine, drawn, encoded, write_photos

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
RUN = PhotoEvent("run", "River Run", "วิ่งริมน้ำ", NOON)


@dataclass(frozen=True)
class Place:
    """An event's stores on a real database, folder and index."""

    photos: SqlPhotoRepository
    store: FolderObjectStore
    index: ExactIndex
    importer: PhotoImporter


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    clock = ManualClock(NOON)
    database = open_database(tmp_path / "kiosk.db", clock)
    photos = SqlPhotoRepository(database)
    photos.add_event(RUN)
    store = FolderObjectStore(tmp_path / "objects")
    index = ExactIndex(tmp_path / "index", FAKE_CONTRACT)
    yield Place(photos, store, index, PhotoImporter(RUN, photos, store, SquareFaceEngine(), index, clock))
    index.close()
    database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "card"
    path.mkdir()
    return path


def test_every_photo_is_on_sale_with_original_previews_and_faces(place: Place, folder: Path) -> None:
    write_photos(folder, 5, people=2)

    report = place.importer.import_folder(folder)

    assert (report.taken, report.duplicates, report.refused, report.faces) == (5, 0, (), 10)
    photos = place.photos.photos("run")
    assert len(photos) == 5
    for photo in photos:
        assert place.store.get(key_of_original(photo)) == (folder / photo.file_name).read_bytes()
        assert all(place.store.has(preview_key("run", photo.photo_id, size)) for size in PreviewSize)
        assert (photo.width, photo.height) == (320, 240)
        faces = place.photos.photo_faces(photo.photo_id)
        assert [face.ordinal for face in faces] == [0, 1]
        found = place.index.search("run", faces[1].embedding, limit=1)
        assert found[0].face == FaceKey(photo.photo_id, 1)


def test_numbers_follow_the_names_of_the_files(place: Place, folder: Path) -> None:
    for name in ("b.jpg", "A.jpg", "c.jpg", "sub/0.jpg"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encoded(drawn(ord(path.stem[-1]))))

    place.importer.import_folder(folder)

    numbered = {photo.number: photo.file_name for photo in place.photos.photos("run")}
    assert numbered == {1: "A.jpg", 2: "b.jpg", 3: "c.jpg", 4: "0.jpg"}


def test_importing_again_takes_nothing_twice_and_goes_on_counting(place: Place, folder: Path) -> None:
    write_photos(folder, 3)
    place.importer.import_folder(folder)
    before = place.photos.photos("run")
    (folder / "new.jpg").write_bytes(encoded(drawn(99)))
    shutil.copy(folder / "IMG_0001.jpg", folder / "copy of it.jpg")

    report = place.importer.import_folder(folder)

    assert (report.taken, report.duplicates) == (1, 4)
    after = place.photos.photos("run")
    assert [photo for photo in after if photo in before] == before
    assert sorted(photo.number for photo in after) == [1, 2, 3, 4]


def test_the_same_content_twice_in_one_folder_is_one_photo_under_the_first_name(
    place: Place, folder: Path
) -> None:
    data = encoded(drawn(1))
    for name in ("z.jpg", "b.jpg", "a.png"):
        (folder / name).write_bytes(data)

    report = place.importer.import_folder(folder)

    assert (report.taken, report.duplicates) == (1, 2)
    assert [photo.file_name for photo in place.photos.photos("run")] == ["a.png"]


def test_a_withdrawn_photo_does_not_come_back_by_importing_it_again(place: Place, folder: Path) -> None:
    write_photos(folder, 2)
    place.importer.import_folder(folder)
    withdrawn = place.photos.photos("run")[0]
    place.photos.set_state(withdrawn.photo_id, PhotoState.WITHDRAWN)

    report = place.importer.import_folder(folder)

    assert (report.taken, report.duplicates) == (0, 2)
    assert place.photos.count("run") == 1
    assert {face.photo_id for face in place.index.faces("run")} == {
        photo.photo_id for photo in place.photos.photos("run")
    }


def test_every_file_that_cannot_be_taken_is_named_with_its_reason_and_the_rest_goes_on(
    place: Place, folder: Path
) -> None:
    good = encoded(drawn(1))
    (folder / "good.jpg").write_bytes(good)
    (folder / "good too.txt").write_bytes(encoded(drawn(2), "PNG"))
    (folder / "cmyk.jpg").write_bytes(encoded(drawn(3).convert("CMYK")))
    (folder / "empty.jpg").touch()
    (folder / "half.jpg").write_bytes(good[: len(good) // 2])
    (folder / "half again.jpg").write_bytes(good[: len(good) // 2])
    (folder / "notes.txt").write_text("bring batteries")
    (folder / "speck.png").write_bytes(encoded(Image.new("RGB", (8, 8)), "PNG"))
    (folder / "video.mp4").write_bytes(b"\0\0\0\x18ftypmp42" + bytes(5000))

    report = place.importer.import_folder(folder)

    assert report.taken == 3
    assert {(refused.file_name, refused.code) for refused in report.refused} == {
        ("empty.jpg", ErrorCode.PHOTO_EMPTY),
        ("half.jpg", ErrorCode.PHOTO_TRUNCATED),
        ("half again.jpg", ErrorCode.PHOTO_TRUNCATED),
        ("notes.txt", ErrorCode.PHOTO_NOT_A_PICTURE),
        ("speck.png", ErrorCode.PHOTO_TOO_SMALL),
        ("video.mp4", ErrorCode.PHOTO_NOT_A_PICTURE),
    }
    assert all(refused.reason for refused in report.refused)
    assert place.photos.count("run") == 3


def test_refused_files_leave_nothing_in_the_store(place: Place, folder: Path) -> None:
    (folder / "half.jpg").write_bytes(encoded(drawn(1))[:3000])
    (folder / "good.jpg").write_bytes(encoded(drawn(2)))
    place.importer.import_folder(folder)

    [photo] = place.photos.photos("run")
    assert all(photo.photo_id in key for key in place.store.keys(""))


def test_hidden_files_and_the_systems_own_are_not_even_counted(place: Place, folder: Path) -> None:
    write_photos(folder, 1)
    (folder / ".DS_Store").write_bytes(b"x")
    (folder / "._IMG_0000.jpg").write_bytes(b"x")
    (folder / "Thumbs.db").write_bytes(b"x")
    (folder / ".trash").mkdir()
    (folder / ".trash" / "old.jpg").write_bytes(encoded(drawn(5)))

    report = place.importer.import_folder(folder)

    assert (report.taken, report.refused) == (1, ())


def test_progress_counts_every_file_once_in_order(place: Place, folder: Path) -> None:
    write_photos(folder, 4)
    (folder / "zz.txt").write_text("x")
    seen: list[ImportProgress] = []

    place.importer.import_folder(folder, seen.append)

    assert [(one.done, one.total) for one in seen] == [(number, 5) for number in range(1, 6)]
    assert [one.file_name for one in seen] == [*(f"IMG_{number:04d}.jpg" for number in range(4)), "zz.txt"]
    assert (seen[-1].taken, seen[-1].refused) == (4, 1)


def test_a_missing_folder_and_a_file_are_no_folder(place: Place, folder: Path) -> None:
    write_photos(folder, 1)
    for path in (folder / "nowhere", folder / "IMG_0000.jpg"):
        with pytest.raises(KnownError) as refused:
            place.importer.import_folder(path)
        assert refused.value.code is ErrorCode.FOLDER_MISSING


@pytest.mark.parametrize("fill", [lambda folder: None, lambda folder: (folder / "a.txt").write_text("x")])
def test_a_folder_without_a_picture_is_said(
    place: Place, folder: Path, fill: Callable[[Path], object]
) -> None:
    fill(folder)

    with pytest.raises(KnownError) as refused:
        place.importer.import_folder(folder)

    assert refused.value.code is ErrorCode.FOLDER_WITHOUT_PHOTOS


def test_exif_tells_time_camera_and_photographer_and_the_subfolder_the_place(
    place: Place, folder: Path
) -> None:
    exif = Image.Exif()
    exif[0x0110] = "Canon EOS R5"
    exif[0x013B] = "Somchai"
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2026:11:20 15:30:00"
    (folder / "Finish line" / "100CANON").mkdir(parents=True)
    (folder / "Finish line" / "100CANON" / "a.jpg").write_bytes(encoded(drawn(1), exif=exif.tobytes()))
    (folder / "b.jpg").write_bytes(encoded(drawn(2)))
    os.utime(folder / "b.jpg", (1_790_000_000, 1_790_000_000))

    place.importer.import_folder(folder, is_public=True)

    first, second = sorted(place.photos.photos("run"), key=lambda photo: photo.file_name)
    assert first.taken_at == datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    assert (first.camera, first.photographer, first.place) == ("Canon EOS R5", "Somchai", "Finish line")
    assert (first.width, first.height) == (240, 320)
    assert second.taken_at == datetime.fromtimestamp(1_790_000_000, UTC)
    assert (first.is_time_known, second.is_time_known) == (True, False)
    assert (second.camera, second.photographer, second.place) == ("", "", "")
    assert first.is_public
    assert second.is_public


def test_the_photographer_that_staff_name_goes_before_the_cameras(place: Place, folder: Path) -> None:
    exif = Image.Exif()
    exif[0x013B] = "camera owner"
    (folder / "a.jpg").write_bytes(encoded(drawn(1), exif=exif.tobytes()))

    place.importer.import_folder(folder, photographer="Malee")

    assert [photo.photographer for photo in place.photos.photos("run")] == ["Malee"]


def test_boxes_are_in_pixels_of_the_upright_original(place: Place, folder: Path) -> None:
    upright = drawn(1)
    exif = Image.Exif()
    exif[0x0112] = 8
    stored = upright.transpose(Image.Transpose.ROTATE_270)
    (folder / "a.jpg").write_bytes(encoded(stored, exif=exif.tobytes()))
    place.importer.import_folder(folder)

    [photo] = place.photos.photos("run")
    [face] = place.photos.photo_faces(photo.photo_id)
    assert face.box.x1 == pytest.approx(10, abs=2)
    assert face.box.y1 == pytest.approx(80, abs=2)


def test_two_events_may_have_the_same_photo(place: Place, folder: Path, tmp_path: Path) -> None:
    write_photos(folder, 2)
    place.importer.import_folder(folder)
    gala = PhotoEvent("gala", "Gala", "งานเลี้ยง", NOON)
    place.photos.add_event(gala)
    other = PhotoImporter(gala, place.photos, place.store, SquareFaceEngine(), place.index, ManualClock(NOON))

    assert other.import_folder(folder).taken == 2
    assert place.photos.count("run") == place.photos.count("gala") == 2
    assert len(place.index.faces("gala")) == 2


def test_a_photo_without_a_face_is_on_sale_too(place: Place, folder: Path) -> None:
    write_photos(folder, 1, people=0)

    assert place.importer.import_folder(folder).faces == 0
    assert place.photos.count("run") == 1


def test_an_engine_of_other_weights_than_the_index_is_refused_before_anything_is_done(
    place: Place, folder: Path, tmp_path: Path
) -> None:
    write_photos(folder, 1)
    index = ExactIndex(tmp_path / "other", "other-weights")
    importer = PhotoImporter(RUN, place.photos, place.store, SquareFaceEngine(), index, ManualClock(NOON))

    with pytest.raises(KnownError) as refused:
        importer.import_folder(folder)

    index.close()
    assert refused.value.code is ErrorCode.CONTRACT_MISMATCH
    assert place.photos.count("run") == 0


@pytest.mark.skipif(os.name == "nt", reason="file names are text there")
def test_a_file_name_that_is_no_text_is_taken_all_the_same(place: Place, folder: Path) -> None:
    Path(os.fsdecode(bytes(folder) + b"/\xff\xfe.jpg")).write_bytes(encoded(drawn(1)))
    Path(os.fsdecode(bytes(folder) + b"/\xff\xfe.txt")).write_text("x")

    report = place.importer.import_folder(folder)

    assert report.taken == 1
    assert [photo.file_name for photo in place.photos.photos("run")] == ["??.jpg"]
    assert [refused.file_name for refused in report.refused] == ["??.txt"]


@pytest.mark.parametrize(
    ("path", "place_name"),
    [
        ("a.jpg", ""),
        ("Finish line/a.jpg", "Finish line"),
        ("เส้นชัย/a.jpg", "เส้นชัย"),
        ("Finish line/Camera B/a.jpg", "Camera B"),
        ("DCIM/100CANON/a.jpg", ""),
        ("2026-11-20/a.jpg", ""),
        ("Start/2026-11-20/101_PANA/a.jpg", "Start"),
    ],
)
def test_the_place_is_the_folder_that_people_named(path: str, place_name: str) -> None:
    assert place_of(Path("/card", path), Path("/card")) == place_name


def test_the_order_of_files_is_the_same_everywhere(folder: Path) -> None:
    for name in ("b/2.jpg", "a.jpg", "B.jpg", "b/10.jpg"):
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.touch()

    assert [path.relative_to(folder).as_posix() for path in picture_files(folder)] == [
        "a.jpg",
        "B.jpg",
        "b/10.jpg",
        "b/2.jpg",
    ]
