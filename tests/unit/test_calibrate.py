"""What `kiosk calibrate` measures is what strangers meet, and staff are told so in words."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from kiosk.calibrate import Measured, measure
from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.evaluate import EvaluatedSystem
from kiosk.gallery.calibration import (
    Calibration,
    Targets,
    Wishes,
    certainty_of,
    measure_curve,
    stranger_share,
)
from kiosk.gallery.certainty_words import in_words, origin_in_words
from kiosk.gallery.exact_index import ExactIndex
from kiosk.language import Language
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.types import PhotoEvent
from kiosk.vision.alignment import TEMPLATE
from kiosk.vision.looks import PHOTO_SIDES
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.types import Box, Detection, FaceEngine, FloatArray, Pixels
from tests.photo_fakes import FAKE_CONTRACT, SquareFaceEngine, drawn, encoded

WHEN = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)


class PosedSquares(SquareFaceEngine):
    """Squares with eyes, nose and mouth where a face that looks straight ahead has them."""

    def detect(self, pixels: Pixels) -> list[Detection]:
        return [replace(face, landmarks=_on(face.box)) for face in super().detect(pixels)]


def _on(box: Box) -> FloatArray:
    corner = np.array([box.x1, box.y1], np.float32)
    return np.asarray(corner + TEMPLATE * np.float32(box.width / 112), np.float32)


@contextmanager
def system_with(engine: FaceEngine, root: Path) -> Iterator[EvaluatedSystem]:
    clock = ManualClock(WHEN)
    database = open_database(root / "kiosk.db", clock)
    index = ExactIndex(root / "index", engine.contract_id)
    try:
        photos = SqlPhotoRepository(database)
        event = PhotoEvent("calibration", "Calibration", "", WHEN)
        photos.add_event(event)
        importer = PhotoImporter(event, photos, FolderObjectStore(root / "objects"), engine, index, clock)
        yield EvaluatedSystem("calibration", engine, index, photos, importer)
    finally:
        index.close()
        database.close()


def measured_at(folder: Path, engine: FaceEngine, root: Path, targets: Targets | None = None) -> Measured:
    with system_with(engine, root) as system:
        return measure(folder, system, WHEN, targets or Targets(), lambda _done, _total: None)


def write_table(path: Path, rows: list[dict[str, str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


def labelled(folder: Path, gallery: int, probes: int) -> Path:
    """Drawn people: a probe's picture is the gallery's own for the first half of the probes."""
    for part in ("gallery", "probes"):
        (folder / part).mkdir(parents=True)
    in_gallery, searching = [], []
    for number in range(gallery):
        (folder / "gallery" / f"{number}.jpg").write_bytes(encoded(drawn(number, people=2)))
        in_gallery.append({"file": f"gallery/{number}.jpg", "identity": f"person {number}"})
    for number in range(probes):
        is_enrolled = number < probes // 2
        seed = number if is_enrolled else 10_000 + number
        (folder / "probes" / f"{number}.jpg").write_bytes(encoded(drawn(seed, people=2)))
        role = "enrolled" if is_enrolled else "non-enrolled"
        searching.append({"file": f"probes/{number}.jpg", "identity": f"person {seed}", "role": role})
    write_table(folder / "gallery.csv", in_gallery)
    write_table(folder / "probes.csv", searching)
    return folder


@pytest.mark.slow
def test_photos_of_the_probes_own_person_are_no_strangers(tmp_path: Path) -> None:
    """Each enrolled probe has the very embedding of its photo (similarity 1), which must not be counted."""
    folder = labelled(tmp_path / "labelled", gallery=180, probes=60)
    result = measured_at(folder, PosedSquares(), tmp_path)
    curve = result.calibration.curve
    assert (result.faces, result.strangers) == (360, 30)
    assert curve.comparisons == 60 * 360 - 30 * 2
    assert curve.similarity_at(0.05) == pytest.approx(1.645 / np.sqrt(512), rel=0.1)
    assert curve.similarity_at(2e-3) < 0.25  # with the own photos among the tail it would be twice that
    assert result.calibration.contract_id == FAKE_CONTRACT
    assert result.calibration.source == "labelled: 180 photos, 60 probes"


def test_a_folder_with_few_people_is_refused(tmp_path: Path) -> None:
    with pytest.raises(KnownError) as caught:
        measured_at(labelled(tmp_path / "labelled", 10, 6), PosedSquares(), tmp_path)
    assert caught.value.code is ErrorCode.CALIBRATION_TOO_SMALL


def test_staff_read_in_words_what_visitors_meet() -> None:
    curve = measure_curve(np.random.default_rng(1).normal(0, 0.07, 50_000).astype(np.float32))
    made = Calibration(contract_id="one", measured_at=WHEN, source="a folder", curve=curve)
    words = in_words(certainty_of(made, Wishes(), 3000), Language.ENGLISH)
    assert words.startswith("About 1 in 500 visitors will see a stranger’s photo")
    assert "1 in 20" in words
    assert "1 ใน 500" in in_words(certainty_of(made, Wishes(), 3000), Language.THAI)
    assert "2026-11-20 with a folder" in origin_in_words(made, "one", Language.ENGLISH)
    assert "kiosk calibrate" in origin_in_words(made, "two", Language.ENGLISH)


@pytest.mark.slow
@pytest.mark.real_faces
@pytest.mark.timeout(600)
def test_strangers_whom_the_calibration_has_not_seen_meet_a_photo_about_as_often_as_promised(
    real_faces: Path, weights: Path, tmp_path: Path
) -> None:
    """Calibrated on some people, tried on others of the same set."""
    engine = OpenFaceEngine(weights).with_sides(PHOTO_SIDES)
    halves = [part_of(real_faces, tmp_path / str(half), half) for half in (0, 1)]
    targets = Targets(sure=0.02, maybe=0.2)  # few probes: rare hits would not be countable
    seen = measured_at(halves[0], engine, tmp_path / "0", targets)
    unseen = measured_at(halves[1], engine, tmp_path / "1", targets)
    thresholds = certainty_of(seen.calibration, Wishes(), unseen.faces).thresholds
    for threshold, share in ((thresholds.match, 0.02), (thresholds.maybe, 0.2)):
        assert share / 3 < stranger_share(unseen.calibration.curve, threshold, unseen.faces) < 3 * share
    assert unseen.met_maybe <= 0.2 * unseen.strangers + 3 * np.sqrt(0.2 * 0.8 * unseen.strangers)


def part_of(faces: Path, folder: Path, half: int) -> Path:
    """A labelled folder of some of the people, by their names; files are linked, not copied."""
    for table, most in (("gallery", 300), ("probes", 160)):
        (folder / table).mkdir(parents=True)
        with (faces / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            rows = [row for row in csv.DictReader(file) if sum(row["identity"].encode()) % 2 == half]
        kept = [{key: row[key] for key in ("file", "identity", "role")} for row in rows[:most]]
        for row in kept:
            (folder / row["file"]).symlink_to(faces / row["file"])
        write_table(folder / f"{table}.csv", kept)
    return folder
