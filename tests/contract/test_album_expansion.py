"""On real faces, what the event's own photos say finds more of a visitor's photos and shows nobody else's."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey, GroupRule, PhotoMatch, Thresholds
from kiosk.photos.decoding import load_upright
from kiosk.photos.face_search import FaceSearch
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.photos.types import Face, Photo, PhotoEvent
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.probe import probe_from_picture
from kiosk.vision.types import Embedding, Pixels

THRESHOLDS = Thresholds(match=0.48, maybe=0.48, kin=0.47)
PEOPLE, PHOTOS_EACH, PROBES_EACH, DISTRACTORS = 4, 7, 3, 12


@dataclass(frozen=True, slots=True)
class Album:
    """Photos of four people and of others, and faces of the four as a kiosk sees them."""

    index: ExactIndex
    search: FaceSearch
    photos_of: dict[str, set[str]]
    probes_of: dict[str, list[Embedding]]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def faces_of(engine: OpenFaceEngine, pixels: Pixels) -> list[Face]:
    detections = engine.detect(pixels)
    embeddings = engine.embed(pixels, detections)
    pairs = zip(detections, embeddings, strict=True)
    return [Face(place, one.box, one.score, embedding) for place, (one, embedding) in enumerate(pairs)]


@pytest.fixture(scope="module")
def album(
    real_faces: Path, face_engine: OpenFaceEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Album]:
    gallery, probes = rows_of(real_faces / "gallery.csv"), rows_of(real_faces / "probes.csv")
    files_of: dict[str, list[str]] = {}
    for row in gallery:
        files_of.setdefault(row["identity"], []).append(row["file"])
    looks_of: dict[str, list[str]] = {}
    for row in probes:
        looks_of.setdefault(row["identity"], []).append(row["file"])
    people = [
        name
        for name, files in files_of.items()
        if len(files) >= PHOTOS_EACH and len(looks_of.get(name, ())) >= PROBES_EACH
    ][:PEOPLE]
    others = [row["identity"] for row in gallery if row["role"] == "distractor"][:DISTRACTORS]
    clock = ManualClock()
    root = tmp_path_factory.mktemp("album")
    database = open_database(root / "kiosk.db", clock)
    photos, index = SqlPhotoRepository(database), ExactIndex(root / "index", face_engine.contract_id)
    photos.add_event(PhotoEvent("run", "Run", "", clock.now()))
    photos_of: dict[str, set[str]] = {name: set() for name in people}
    number = 0
    for name in (*people, *others):
        for file in files_of[name][:PHOTOS_EACH]:
            number += 1
            photo_id, pixels = f"{number:032x}", load_upright(real_faces / file).pixels()
            now, size = clock.now(), pixels.shape
            content = f"{number:064x}"
            photo = Photo(photo_id, "run", number, file, content, size[1], size[0], now, now)
            photos.add_photo(photo, faces_of(face_engine, pixels))
            photos_of.setdefault(name, set()).add(photo_id)
    verify_and_rebuild(index, photos, "run")
    probes_of: dict[str, list[Embedding]] = {}
    for name in people:
        for file in looks_of[name][:PROBES_EACH]:
            found = probe_from_picture(face_engine, load_upright(real_faces / file).pixels()).embedding
            assert found is not None
            probes_of.setdefault(name, []).append(found)
    yield Album(index, FaceSearch(index, photos, lambda _: THRESHOLDS), photos_of, probes_of)
    index.close()
    database.close()


def plainly(album: Album, probe: Embedding) -> set[str]:
    """What the probe alone reaches at the same threshold."""
    found = album.index.search("run", probe, min_similarity=THRESHOLDS.match)
    return {one.face.photo_id for one in found}


def shown(matches: list[PhotoMatch]) -> set[str]:
    return {match.photo_id for match in matches}


def test_more_of_the_persons_photos_are_found_and_no_more_of_others(album: Album) -> None:
    right, wrong, right_plainly, wrong_plainly = 0, 0, 0, 0
    for name, probes in album.probes_of.items():
        own = album.photos_of[name]
        for probe in probes:
            found, before = shown(album.search.find("run", (probe,))), plainly(album, probe)
            right, right_plainly = right + len(found & own), right_plainly + len(before & own)
            wrong, wrong_plainly = wrong + len(found - own), wrong_plainly + len(before - own)
    assert right_plainly < PEOPLE * PROBES_EACH * PHOTOS_EACH  # or nothing would be left to win
    assert right > right_plainly
    assert wrong <= wrong_plainly


def test_people_together_find_what_each_of_them_finds(album: Album) -> None:
    pair = [probes[0] for probes in album.probes_of.values()][:2]
    one, other = (shown(album.search.find("run", (probe,))) for probe in pair)
    assert shown(album.search.find("run", pair, GroupRule.ANY)) == one | other
    assert shown(album.search.find("run", pair, GroupRule.ALL)) <= one & other


def test_somebody_elses_rejected_photo_takes_their_others_along_and_none_of_the_visitors(
    album: Album,
) -> None:
    """As if a search had shown the photos of two people and the visitor were the first of them."""
    names = list(album.photos_of)[:2]
    of_visitor, of_other = (album.search.find("run", (album.probes_of[name][0],)) for name in names)
    wrong = [
        PhotoMatch(match.photo_id, match.faces, 0.40, match.certainty)  # as a stranger's photos score
        for match in of_other
        if match.photo_id in album.photos_of[names[1]]
    ]
    rejected = FaceKey(wrong[0].photo_id, wrong[0].faces[0].ordinal)
    kind = album.search.kind_of("run", rejected, [*of_visitor, *wrong])
    assert kind
    assert kind <= album.photos_of[names[1]]
