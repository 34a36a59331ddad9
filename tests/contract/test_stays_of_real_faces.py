"""Real people before the visit book, by the thresholds that ship: hardly any are taken for one another, and
nobody on film becomes two, near the camera or far from it."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.database.engine import open_database
from kiosk.database.visit_book import SqlVisitBook
from kiosk.gallery.calibration import Wishes, certainty_of
from kiosk.gallery.calibration_file import shipped_calibration
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.types import Embedding, FloatArray, Pixels
from kiosk.visits.pictures import FacePictures
from kiosk.visits.stay_rules import StayRules
from tests.visit_worlds import SqlWorld, all_visits, sighting

pytestmark = [pytest.mark.real_faces, pytest.mark.slow]
_LOOKS_A_SECOND = 3
_SECONDS = 8
_FAR_PX = 40.0
"""How wide a face is far from the camera."""


@pytest.fixture
def world(tmp_path: Path, weights: Path, face_engine: OpenFaceEngine) -> Iterator[SqlWorld]:
    database = open_database(tmp_path / "kiosk.db")
    opened = SqlWorld(database, FacePictures(FolderObjectStore(tmp_path / "objects"))).set_up()
    calibration = shipped_calibration(weights, face_engine.contract_id)
    opened.book = SqlVisitBook(
        opened.tenant,
        opened.kiosk_id,
        opened.pictures,
        StayRules(),
        lambda faces: certainty_of(calibration, Wishes(), faces).thresholds,
    )
    yield opened
    database.close()


def see(world: SqlWorld, embedding: Embedding) -> str:
    """Somebody whom a camera has just begun to follow."""
    return world.book.see(replace(sighting(world, 0), embedding=embedding)).stay_id


def strangers(folder: Path, engine: OpenFaceEngine, count: int) -> list[Embedding]:
    """Each another person."""
    found: dict[str, Embedding] = {}
    with (folder / "probes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["role"] == "non-enrolled" and row["yunet_faces"] == "1" and row["identity"] not in found:
                pixels = _read(folder / row["file"])
                found[row["identity"]] = engine.embed(pixels, engine.detect(pixels)[:1])[0]
            if len(found) == count:
                break
    return list(found.values())


def _read(path: Path) -> Pixels:
    return np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR), np.uint8)


def tracks(clip: Path, engine: OpenFaceEngine) -> list[Embedding]:
    """What a camera makes of somebody second by second: the mean of the looks of that second, near, and as
    many far from it."""
    film = cv2.VideoCapture(str(clip))
    fps = film.get(cv2.CAP_PROP_FPS)
    step = max(1, round(fps / _LOOKS_A_SECOND))
    near: list[FloatArray] = []
    far: list[FloatArray] = []
    share, place = 0.0, 0
    while film.grab() and place < _SECONDS * fps:
        if place % step == 0:
            pixels = np.asarray(film.retrieve()[1], np.uint8)
            faces = engine.detect(pixels)
            if faces:
                share = share or _FAR_PX / faces[0].box.width
                near.append(engine.embed(pixels, faces[:1])[0].vector)
                far += _seen_from_afar(pixels, share, engine)
        place += 1
    film.release()
    seconds = [
        looks[first : first + _LOOKS_A_SECOND]
        for looks in (near, far)
        for first in range(0, len(looks) - _LOOKS_A_SECOND + 1, _LOOKS_A_SECOND)
    ]
    means = [np.mean(looks, axis=0) for looks in seconds]
    return [
        Embedding(np.asarray(mean / np.linalg.norm(mean), np.float32), engine.contract_id) for mean in means
    ]


def _seen_from_afar(pixels: Pixels, share: float, engine: OpenFaceEngine) -> list[FloatArray]:
    small = cv2.resize(pixels, None, fx=share, fy=share, interpolation=cv2.INTER_AREA)
    room = np.full((240, 320, 3), 110, np.uint8)
    height, width = min(small.shape[0], 240), min(small.shape[1], 320)
    room[:height, :width] = small[:height, :width]
    return [one.vector for one in engine.embed(room, engine.detect(room)[:1])]


def test_of_two_hundred_strangers_at_once_hardly_any_are_taken_for_one_another(
    world: SqlWorld, real_faces: Path, face_engine: OpenFaceEngine
) -> None:
    people = strangers(real_faces, face_engine, 200)
    stays = {see(world, embedding) for embedding in people}
    assert len(people) == 200
    assert len(stays) >= 197, "about one of them by the rate of all pairs"
    again = [see(world, embedding) for embedding in people]
    assert set(again) == stays


def test_everybody_on_film_is_one_visit_near_the_camera_and_far_from_it(
    world: SqlWorld, real_faces: Path, face_engine: OpenFaceEngine
) -> None:
    clips = sorted((real_faces / "extras").glob("liveportrait_clips*.mp4"))
    films = [tracks(clip, face_engine) for clip in clips]
    seen: dict[int, set[str]] = {}
    for second in range(max(map(len, films))):
        for person, film in enumerate(films):
            if second < len(film):
                seen.setdefault(person, set()).add(see(world, film[second]))
        world.clock.advance(1)
    assert [len(stays) for stays in seen.values()] == [1] * len(clips)
    assert len(all_visits(world)) == len(clips) == 7
    assert sum(map(len, films)) > 70
