"""Faces far away in a camera's 24 megapixels are found, also where there are no others; foliage is none."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.vision.looks import PHOTO_SIDES, overlap
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.types import Box, Pixels

WIDTH, HEIGHT = 6000, 4000


@pytest.fixture(scope="module")
def engine(weights: Path) -> OpenFaceEngine:
    return OpenFaceEngine(weights, long_sides=PHOTO_SIDES)


def meadow(seed: int) -> Pixels:
    """Grain of every size, as of leaves and gravel, and not too clean."""
    rng = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), 60.0, np.float32)
    for cells in (8, 40, 200, 1000):
        grain = rng.uniform(0, 45, (cells * 2 // 3, cells, 3)).astype(np.float32)
        picture += np.asarray(cv2.resize(grain, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC), np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8)


def group_far_away(engine: OpenFaceEngine, real_faces: Path, face_px: float) -> tuple[Pixels, list[Box]]:
    """Six people in several places of a meadow, their faces about so wide, and where the faces are."""
    (path,) = (real_faces / "extras").glob("*__t1.jpg")
    group = np.asarray(cv2.imread(str(path)), np.uint8)
    known = engine.detect(group)
    scale = face_px / float(np.mean([face.box.width for face in known]))
    small = cv2.resize(group, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture, boxes = meadow(1), list[Box]()
    for left, top in ((700, 500), (2900, 1900), (5100, 3300), (4000, 700), (310, 3150)):
        picture[top : top + small.shape[0], left : left + small.shape[1]] = small
        boxes.extend(
            Box(
                face.box.x1 * scale + left,
                face.box.y1 * scale + top,
                face.box.x2 * scale + left,
                face.box.y2 * scale + top,
            )
            for face in known
        )
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 90])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8), boxes


@pytest.mark.slow
@pytest.mark.parametrize("face_px", [24, 32, 48])
def test_nearly_all_faces_of_24_pixels_and_more_are_found_each_once(
    engine: OpenFaceEngine, real_faces: Path, face_px: int
) -> None:
    picture, boxes = group_far_away(engine, real_faces, face_px)
    faces = engine.detect(picture)
    seen = [sum(overlap(box, face.box) > 0.4 for face in faces) for box in boxes]
    assert max(seen) == 1
    assert sum(seen) >= 0.9 * len(boxes)
    assert len(faces) - sum(seen) <= 1


def test_a_meadow_without_people_holds_no_face(engine: OpenFaceEngine) -> None:
    assert engine.detect(meadow(2)) == []


@pytest.mark.slow
def test_a_face_far_away_is_like_the_same_face_near_and_like_nobody_else(
    engine: OpenFaceEngine, real_faces: Path
) -> None:
    (path,) = (real_faces / "extras").glob("*__t1.jpg")
    group = np.asarray(cv2.imread(str(path)), np.uint8)
    near = np.array([one.vector for one in engine.embed(group, engine.detect(group))])
    picture, boxes = group_far_away(engine, real_faces, 48)
    faces = engine.detect(picture)
    vectors = engine.embed(picture, faces)
    for face, embedding in zip(faces, vectors, strict=True):
        who = [place % 6 for place, box in enumerate(boxes) if overlap(box, face.box) > 0.4]
        similarities = near @ embedding.vector
        for place in who:
            assert similarities[place] > 0.6
            assert np.delete(similarities, place).max() < 0.4
