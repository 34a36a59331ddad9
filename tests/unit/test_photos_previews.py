"""Previews: of the promised sizes, marked, without metadata, with bystanders hidden."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import models_folder
from kiosk.photos.blur import blur_faces
from kiosk.photos.decoding import load_upright
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.previews import make_previews
from kiosk.photos.shown_previews import Previews
from kiosk.photos.types import Face, Photo, PhotoEvent, PreviewSize, preview_key
from kiosk.vision.types import Box, Embedding, Pixels
from tests.photo_fakes import drawn

NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
PHOTO_ID = f"{1:032x}"
BOXES = [Box(200, 200, 500, 560), Box(900, 300, 1100, 540)]


def opened(jpeg: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(jpeg))
    image.load()
    return image


def grey(size: tuple[int, int]) -> Pixels:
    return np.full((size[1], size[0], 3), 120, np.uint8)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (
            (6000, 4000),
            {"small": (150, 100), "medium": (300, 200), "large": (800, 533), "watermarked": (1620, 1080)},
        ),
        (
            (2000, 3000),
            {"small": (100, 150), "medium": (200, 300), "large": (533, 800), "watermarked": (1080, 1620)},
        ),
        (
            (4000, 1000),
            {"small": (150, 38), "medium": (300, 75), "large": (800, 200), "watermarked": (1920, 480)},
        ),
        (
            (400, 400),
            {"small": (150, 150), "medium": (300, 300), "large": (400, 400), "watermarked": (400, 400)},
        ),
        ((90, 50), {"small": (90, 50), "medium": (90, 50), "large": (90, 50), "watermarked": (90, 50)}),
        ((5000, 32), {"small": (150, 1), "medium": (300, 2), "large": (800, 5), "watermarked": (1920, 12)}),
    ],
)
def test_previews_fit_their_sizes_and_are_never_enlarged(
    size: tuple[int, int], expected: dict[str, tuple[int, int]]
) -> None:
    previews = make_previews(grey(size), "PREVIEW · Wedding")

    assert {str(name): opened(jpeg).size for name, jpeg in previews.items()} == expected


def test_previews_carry_no_metadata() -> None:
    for jpeg in make_previews(np.asarray(drawn(1, (900, 600))), "PREVIEW · Wedding").values():
        assert b"Exif" not in jpeg[:200]
        assert not opened(jpeg).getexif()


def test_only_the_marked_preview_is_marked_at_the_bottom_right() -> None:
    plain = grey((1920, 1080))
    previews = make_previews(plain, "PREVIEW · Wedding")
    marked = np.asarray(opened(previews[PreviewSize.WATERMARKED])).astype(int)
    change = np.abs(marked - 120).max(axis=2)

    assert change[900:, 1100:].max() > 25
    assert change[:900].max() < 12
    assert change[:, :700].max() < 12
    assert change.max() <= round(0.3 * 135) + 25


def test_the_mark_grows_with_the_picture_and_fits_a_small_one() -> None:
    for size in ((1920, 1080), (640, 480), (300, 200), (120, 90), (90, 200)):
        plain = grey(size)
        jpeg = make_previews(plain, "PREVIEW · A very long name of a very long event on a river")[
            PreviewSize.WATERMARKED
        ]
        changed = np.abs(np.asarray(opened(jpeg)).astype(int) - 120).max(axis=2) > 15
        assert changed.any()
        assert 0.25 * size[0] < np.ptp(np.flatnonzero(changed.any(axis=0)))


def test_previews_keep_colours_and_places() -> None:
    pixels = np.zeros((2000, 3000, 3), np.uint8)
    pixels[:1000, :1500], pixels[1000:, 1500:] = (250, 10, 10), (10, 10, 250)
    for jpeg in make_previews(pixels, "").values():
        shown = np.asarray(opened(jpeg)).astype(int)
        height, width = shown.shape[:2]
        assert np.abs(shown[height // 4, width // 4] - (10, 10, 250)).max() < 12
        assert np.abs(shown[height * 3 // 4, width * 3 // 4] - (250, 10, 10)).max() < 12
        assert shown[height // 4, width * 3 // 4].max() < 12


def test_a_thai_event_name_is_drawn_in_thai_letters() -> None:
    def shapes(name: str) -> bytes:
        return make_previews(grey((1920, 1080)), name)[PreviewSize.WATERMARKED]

    # Letters that a font lacks all look alike: an empty box.
    assert shapes("PREVIEW · กกกก") != shapes("PREVIEW · ขขขข")


def test_a_blurred_face_keeps_nothing_but_its_colours() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (1000, 1400, 3), np.uint8)
    blurred = blur_faces(pixels, BOXES)

    for box in BOXES:
        inner = blurred[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)].astype(float)
        assert inner.std() < 10
    outside = np.ones((1000, 1400), bool)
    for box in BOXES:
        outside[int(box.y1) - 120 : int(box.y2) + 120, int(box.x1) - 120 : int(box.x2) + 120] = False
    assert np.array_equal(blurred[outside], pixels[outside])
    assert not np.array_equal(blurred, pixels)


@pytest.mark.parametrize(
    "box",
    [
        Box(-200, -200, -50, -50),
        Box(1390, 990, 1600, 1200),
        Box(-40, 500, 30, 600),
        Box(5, 5, 5, 5),
        Box(0, 0, 1400, 1000),
    ],
)
def test_faces_over_the_border_are_blurred_as_far_as_they_are_in_the_picture(box: Box) -> None:
    pixels = np.full((1000, 1400, 3), 90, np.uint8)

    assert np.array_equal(blur_faces(pixels, [box]), pixels)


def test_a_face_that_stays_is_whole_beside_a_blurred_one() -> None:
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 256, (600, 900, 3), np.uint8)
    mine, other = Box(200, 200, 400, 440), Box(410, 200, 610, 440)

    blurred = blur_faces(pixels, [other], [mine])

    center = slice(230, 410), slice(230, 370)
    assert np.array_equal(blurred[center], pixels[center])
    edge = slice(300, 340), slice(372, 398)
    assert np.array_equal(blurred[edge], pixels[edge])
    assert blurred[260:380, 450:570].std() < 12


def test_a_blurred_face_is_recognised_by_nobody() -> None:
    import insightface

    from kiosk.vision.open_engine import OpenFaceEngine

    picture = Path(insightface.__file__).parent / "data" / "images" / "t1.jpg"
    if not picture.exists() or not any(models_folder().glob("mobilefacenet*.onnx")):
        pytest.skip("the weights or the picture with six faces are not here")
    engine = OpenFaceEngine(models_folder())
    pixels = load_upright(picture).pixels()
    faces = engine.detect(pixels)
    known = engine.embed(pixels, faces)
    assert len(faces) == 6

    blurred = blur_faces(pixels, [face.box for face in faces])

    # Even told where the faces are, the recogniser is no wiser than about strangers.
    seen = engine.embed(blurred, [*faces, *engine.detect(blurred)])
    assert max(one.similarity(other) for one in known for other in seen) < 0.3


@pytest.fixture
def photos(tmp_path: Path) -> Iterator[SqlPhotoRepository]:
    database = open_database(tmp_path / "kiosk.db", ManualClock())
    repository = SqlPhotoRepository(database)
    repository.add_event(PhotoEvent("run", "River Run", "วิ่งริมน้ำ", NOON))
    photo = Photo(PHOTO_ID, "run", 1, "a.jpg", "0" * 64, 2800, 2000, NOON, NOON)
    vector = np.zeros(512, np.float32)
    vector[0] = 1
    doubled = [Box(b.x1 * 2, b.y1 * 2, b.x2 * 2, b.y2 * 2) for b in BOXES]
    repository.add_photo(photo, [Face(n, box, 0.9, Embedding(vector, "c")) for n, box in enumerate(doubled)])
    yield repository
    database.close()


@pytest.fixture
def store(tmp_path: Path) -> FolderObjectStore:
    """Holds a marked preview of half the photo's size, full of fine detail."""
    store = FolderObjectStore(tmp_path / "objects")
    noise = np.random.default_rng(3).integers(0, 256, (1000, 1400, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, "JPEG", quality=90)
    store.put(preview_key("run", PHOTO_ID, PreviewSize.WATERMARKED), buffer.getvalue())
    return store


def detail(pixels: Pixels, box: Box) -> float:
    """How much there is to be seen in a box."""
    inner = pixels[int(box.y1) : int(box.y2), int(box.x1) : int(box.x2)]
    return float(inner.astype(float).std())


def test_everyone_but_the_visitor_is_blurred(store: FolderObjectStore, photos: SqlPhotoRepository) -> None:
    previews = Previews(store, photos)

    mine = previews.preview(PHOTO_ID, PreviewSize.WATERMARKED, frozenset({0}))
    nobodys = previews.preview(PHOTO_ID, PreviewSize.WATERMARKED, frozenset())
    everyones = previews.preview(PHOTO_ID, PreviewSize.WATERMARKED)

    assert [detail(mine, box) > 40 for box in BOXES] == [True, False]
    assert [detail(nobodys, box) > 40 for box in BOXES] == [False, False]
    assert [detail(everyones, box) > 40 for box in BOXES] == [True, True]


def test_previews_come_from_memory_until_forgotten(
    store: FolderObjectStore, photos: SqlPhotoRepository
) -> None:
    previews = Previews(store, photos)
    first = previews.preview(PHOTO_ID, PreviewSize.WATERMARKED, frozenset({0}))
    store.delete(preview_key("run", PHOTO_ID, PreviewSize.WATERMARKED))

    again = previews.preview(PHOTO_ID, PreviewSize.WATERMARKED, frozenset({0}))
    assert np.array_equal(again, first)
    previews.forget()
    with pytest.raises(KnownError) as refused:
        previews.preview(PHOTO_ID, PreviewSize.WATERMARKED, frozenset({0}))
    assert refused.value.code is ErrorCode.OBJECT_MISSING


def test_the_memory_for_previews_is_bounded(store: FolderObjectStore, photos: SqlPhotoRepository) -> None:
    key = preview_key("run", PHOTO_ID, PreviewSize.WATERMARKED)
    one = len(store.get(key))
    other = preview_key("run", PHOTO_ID, PreviewSize.LARGE)
    store.put(other, store.get(key))
    previews = Previews(store, photos, max_cache_bytes=one + 10)
    previews.preview(PHOTO_ID, PreviewSize.WATERMARKED)
    previews.preview(PHOTO_ID, PreviewSize.LARGE)
    store.delete(key)
    store.delete(other)

    assert previews.preview(PHOTO_ID, PreviewSize.LARGE).size > 0
    with pytest.raises(KnownError):
        previews.preview(PHOTO_ID, PreviewSize.WATERMARKED)


def test_what_is_blurred_for_one_visitor_is_sharp_for_another(
    store: FolderObjectStore, photos: SqlPhotoRepository
) -> None:
    previews = Previews(store, photos)
    for mine, box in enumerate(BOXES):
        seen = previews.preview(PHOTO_ID, PreviewSize.WATERMARKED, frozenset({mine}))
        assert detail(seen, box) > 40
        assert detail(seen, BOXES[1 - mine]) < 40


def test_a_damaged_preview_and_an_unknown_photo_are_said(
    store: FolderObjectStore, photos: SqlPhotoRepository
) -> None:
    store.put(preview_key("run", PHOTO_ID, PreviewSize.LARGE), b"not a jpeg")
    previews = Previews(store, photos)

    with pytest.raises(KnownError) as damaged:
        previews.preview(PHOTO_ID, PreviewSize.LARGE, frozenset())
    with pytest.raises(KnownError) as unknown:
        previews.preview("f" * 32, PreviewSize.LARGE)

    assert damaged.value.code is ErrorCode.PHOTO_UNREADABLE
    assert unknown.value.code is ErrorCode.PHOTO_UNKNOWN
