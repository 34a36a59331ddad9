"""A large JPEG is decoded at half its size: nothing that is told about the photo changes by it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageOps

from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.decoding import load_upright
from kiosk.photos.photo_faces import ENOUGH_PX, faces_of
from kiosk.vision.looks import PHOTO_SIDES
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.types import Box, Detection, Embedding, Pixels
from tests.photo_fakes import SquareFaceEngine, drawn, encoded

ENOUGH = 150


@pytest.mark.parametrize("size", [(400, 300), (401, 300), (400, 301), (401, 301), (300, 400)])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_half_the_pixels_are_those_of_the_whole_upright_picture(
    size: tuple[int, int], orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(drawn(3, size), exif=exif.tobytes())

    picture = load_upright(data, enough_px=ENOUGH)

    with Image.open(io.BytesIO(data)) as image:
        upright = ImageOps.exif_transpose(image)
    assert (picture.width, picture.height) == upright.size
    assert picture.is_halved
    height, width = picture.pixels().shape[:2]
    assert (width, height) == (-(-upright.width // 2), -(-upright.height // 2))
    expected = np.asarray(upright.resize((width, height), Image.Resampling.BOX), np.float32)
    assert np.abs(picture.pixels()[:, :, ::-1] - expected).mean() < 3


@pytest.mark.parametrize(
    ("size", "kind"), [((298, 200), "JPEG"), ((400, 300), "PNG"), ((400, 300), "WEBP"), ((400, 300), "TIFF")]
)
def test_what_is_too_small_or_no_jpeg_stays_whole(size: tuple[int, int], kind: str) -> None:
    picture = load_upright(encoded(drawn(3, size), kind), enough_px=ENOUGH)

    assert not picture.is_halved
    assert picture.pixels().shape[:2] == (size[1], size[0])


def test_a_jpeg_whose_colours_need_a_profile_stays_whole() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()

    assert not load_upright(encoded(drawn(3, (400, 300)), icc_profile=profile), enough_px=ENOUGH).is_halved


def test_a_grey_jpeg_is_halved_too() -> None:
    picture = load_upright(encoded(drawn(3, (400, 300)).convert("L")), enough_px=ENOUGH)

    assert picture.pixels().shape == (150, 200, 3)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("is_progressive", [False, True])
def test_a_cut_jpeg_is_refused_and_never_half_a_picture(share: float, is_progressive: bool) -> None:
    data = encoded(drawn(1, (900, 700)), progressive=is_progressive)

    with pytest.raises(KnownError) as refused:
        load_upright(data[: int(len(data) * share)], enough_px=ENOUGH)
    assert refused.value.code is ErrorCode.PHOTO_TRUNCATED


class SizesAsked(SquareFaceEngine):
    """Notes of which pictures faces are embedded, and how wide the faces are."""

    def __init__(self) -> None:
        self.embedded: list[tuple[int, list[int]]] = []

    def warm_up(self) -> None:
        """There is nothing to load."""

    def detect(self, pixels: Pixels) -> list[Detection]:
        boxes = [face.box for face in super().detect(pixels)]
        squares = [Box(box.x1, box.y1, box.x2, box.y1 + box.width) for box in boxes]
        squares.sort(key=lambda box: box.area, reverse=True)
        return [Detection(box, 0.9, np.zeros((5, 2), np.float32)) for box in squares]

    def embed(self, pixels: Pixels, detections: Sequence[Detection]) -> list[Embedding]:
        if detections:
            self.embedded.append((pixels.shape[1], [round(face.box.width) for face in detections]))
        return super().embed(pixels, detections)


def with_squares(sides: Sequence[int]) -> bytes:
    """A photo that is halved, with magenta squares in it."""
    photo = np.zeros((1600, 2 * ENOUGH_PX, 3), np.uint8)
    for place, side in enumerate(sides):
        photo[400 : 400 + side, 100 + place * 600 : 100 + place * 600 + side] = (255, 0, 255)
    return encoded(Image.fromarray(photo))


def test_large_faces_are_taken_from_half_the_pixels_and_small_ones_from_all_of_them() -> None:
    engine, data = SizesAsked(), with_squares([60, 400, 90, 200])

    faces = faces_of(load_upright(data, enough_px=ENOUGH_PX), data, engine)

    assert engine.embedded == [(ENOUGH_PX, [200, 100]), (2 * ENOUGH_PX, [90, 60])]
    assert [face.ordinal for face in faces] == [0, 1, 2, 3]
    assert [round(face.box.x1) for face in faces] == pytest.approx([700, 1900, 1300, 100], abs=2)
    assert [round(face.box.width) for face in faces] == pytest.approx([400, 200, 90, 60], abs=2)


def test_the_whole_is_not_asked_for_where_no_face_is_small() -> None:
    engine, data = SizesAsked(), with_squares([400, 300])

    assert len(faces_of(load_upright(data, enough_px=ENOUGH_PX), b"", engine)) == 2


def test_a_picture_without_faces_gives_none() -> None:
    data = with_squares([])

    assert faces_of(load_upright(data, enough_px=ENOUGH_PX), data, SizesAsked()) == ()


@pytest.mark.parametrize("face_px", [60, 120, 300])
def test_boxes_and_embeddings_are_those_of_the_whole_picture(
    weights: Path, real_faces: Path, face_px: int
) -> None:
    engine = OpenFaceEngine(weights, long_sides=PHOTO_SIDES)
    (path,) = (real_faces / "extras").glob("*__t1.jpg")
    group = np.asarray(cv2.imread(str(path)), np.uint8)
    scale = face_px / float(np.mean([face.box.width for face in engine.detect(group)]))
    sized = cv2.resize(group, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
    photo = np.full((max(3401, sized.shape[0]), max(5001, sized.shape[1]), 3), 90, np.uint8)
    photo[: sized.shape[0], : sized.shape[1]] = sized
    data = cv2.imencode(".jpg", photo, [cv2.IMWRITE_JPEG_QUALITY, 92])[1].tobytes()

    halved = faces_of(load_upright(data, enough_px=ENOUGH_PX), data, engine)
    whole = faces_of(load_upright(data), data, engine)

    assert len(halved) == len(whole) == 6
    for face in whole:
        twin = min(halved, key=lambda one: abs(one.box.x1 - face.box.x1) + abs(one.box.y1 - face.box.y1))
        tolerance = max(2.0, 0.02 * face.box.width)
        assert (twin.box.x1, twin.box.y1, twin.box.x2, twin.box.y2) == pytest.approx(
            (face.box.x1, face.box.y1, face.box.x2, face.box.y2), abs=tolerance
        )
        assert face.embedding.similarity(twin.embedding) > 0.85
