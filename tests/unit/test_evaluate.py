"""The figures of recognition mean what they say, and come from the code that visitors meet."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.evaluate import (
    EvaluatedSystem,
    Labels,
    evaluate,
    lowest_threshold,
    read_labels,
    run_evaluation,
    write_scores,
)
from kiosk.gallery.exact_index import ExactIndex
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.types import PhotoEvent
from kiosk.vision.open_engine import OpenFaceEngine

EVENT_ID = "evaluation"


def labels(probes: list[str], gallery: list[str], ignored: list[tuple[int, int]] | None = None) -> Labels:
    """A probe is an identity; a lower-case one is not enrolled."""
    enrolled = np.array([identity.isupper() for identity in probes])
    same = np.array([[one == other and one.isupper() for other in gallery] for one in probes])
    is_ignored = np.zeros(same.shape, bool)
    for row, column in ignored or []:
        is_ignored[row, column] = True
    return Labels(tuple(probes), tuple(gallery), enrolled, same, is_ignored)


def scores(*rows: list[float]) -> np.ndarray:
    return np.array(rows, np.float32)


def test_rank_one_counts_the_most_similar_photo_of_enrolled_probes_only() -> None:
    truth = labels(["A", "B", "C", "x"], ["A", "B", "C"])
    found = scores([0.9, 0.1, 0.1], [0.8, 0.7, 0.1], [-1, -1, -1], [0.99, 0.0, 0.0])
    rank_1, _ = evaluate(found, truth)
    assert rank_1 == pytest.approx(1 / 3)


def test_the_figures_at_a_false_positive_rate_are_those_counted_by_hand() -> None:
    truth = labels(["A", "B", "x", "y"], ["A", "A", "B", "D"])
    found = scores(
        [0.9, 0.4, 0.45, 0.1],  # A: one of two photos over 0.42, and B's photo wrongly
        [0.1, 0.2, 0.3, 0.5],  # B: only somebody else's
        [0.6, 0.1, 0.1, 0.1],  # half of the strangers are let in
        [0.1, 0.1, 0.42, 0.1],
    )
    _, (point,) = evaluate(found, truth, (0.5,))
    assert point.threshold == pytest.approx(0.42, abs=1e-5)
    assert point.threshold > np.float32(0.42)
    assert point.photo_recall == pytest.approx(1 / 3)
    assert point.people_found == pytest.approx(1 / 2)
    assert point.wrong_per_search == pytest.approx(3 / 4)
    assert point.measured_fpir == pytest.approx(1 / 2)


def test_ignored_pairs_are_neither_right_nor_wrong() -> None:
    plain = labels(["A", "x"], ["A", "D"])
    spared = labels(["A", "x"], ["A", "D"], ignored=[(0, 1), (1, 1)])
    found = scores([0.5, 0.8], [0.1, 0.7])
    assert evaluate(found, plain, (0.0,))[0] == 0.0
    rank_1, (point,) = evaluate(found, spared, (0.0,))
    assert rank_1 == 1.0
    assert point.threshold == pytest.approx(0.1, abs=1e-5)
    assert point.photo_recall == 1.0
    assert point.wrong_per_search == 0.0


def test_an_ignored_photo_of_the_person_is_not_missed() -> None:
    truth = labels(["A", "x"], ["A", "A"], ignored=[(0, 1)])
    _, (point,) = evaluate(scores([0.5, 0.0], [0.1, 0.1]), truth, (0.0,))
    assert point.photo_recall == 1.0


def test_a_photo_without_a_face_is_never_a_hit() -> None:
    truth = labels(["A", "x"], ["A", "D"])
    _, (point,) = evaluate(scores([-1, -1], [-1, -1]), truth, (1.0,))
    assert (point.photo_recall, point.people_found, point.wrong_per_search) == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("fpir", "let_in"), [(0.0, 0), (0.002, 0), (0.01, 4), (0.05, 24), (1.0, 499)])
def test_never_more_strangers_are_let_in_than_the_rate_allows(fpir: float, let_in: int) -> None:
    best = np.random.default_rng(2).permutation(np.linspace(0.1, 0.5, 499)).astype(np.float32)
    threshold = lowest_threshold(best, fpir)
    assert (best >= threshold).sum() == let_in
    assert let_in / 499 <= fpir


def test_equal_similarities_of_strangers_are_let_in_together_or_not_at_all() -> None:
    best = np.array([0.4] * 10, np.float32)
    assert (best >= lowest_threshold(best, 0.5)).sum() == 0


def test_scores_are_written_under_exactly_the_name_asked_for(tmp_path: Path) -> None:
    truth = labels(["A", "x"], ["A", "D"])
    write_scores(tmp_path / "out.scores", scores([0.5, 0.1], [0.2, -1]), truth)
    with np.load(tmp_path / "out.scores") as saved:
        assert saved["scores"].dtype == np.float32
        assert saved["scores"].tolist() == scores([0.5, 0.1], [0.2, -1]).tolist()
        assert saved["probes"].tolist() == ["A", "x"]
        assert saved["gallery"].tolist() == ["A", "D"]
    with pytest.raises(KnownError) as caught:
        write_scores(tmp_path / "nowhere" / "out.npz", scores([0.5, 0.1]), truth)
    assert caught.value.code is ErrorCode.FOLDER_NOT_WRITABLE


# --- the labelled folder


def write_table(path: Path, columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows(rows)


def labelled_folder(folder: Path) -> Path:
    for name in ("gallery/a.jpg", "gallery/b.jpg", "probes/p.jpg", "probes/q.jpg"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(name.encode())
    write_table(
        folder / "gallery.csv", ("file", "identity"), [("gallery/a.jpg", "A"), ("gallery/b.jpg", "B")]
    )
    write_table(
        folder / "probes.csv",
        ("file", "identity", "role"),
        [("probes/p.jpg", "A", "enrolled"), ("probes/q.jpg", "Q", "non-enrolled")],
    )
    return folder


def test_labels_are_read_with_and_without_pairs_to_ignore(tmp_path: Path) -> None:
    folder = labelled_folder(tmp_path)
    truth = read_labels(folder)
    assert truth.is_same.tolist() == [[True, False], [False, False]]
    assert truth.is_enrolled.tolist() == [True, False]
    assert not truth.is_ignored.any()
    write_table(folder / "ignore_pairs.csv", ("probe", "gallery"), [("probes/q.jpg", "gallery/b.jpg")])
    assert read_labels(folder).is_ignored.tolist() == [[False, False], [False, True]]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("gallery.csv", None, "gallery.csv cannot be read"),
        ("probes.csv", "", "lacks the column file"),
        ("probes.csv", "file,identity\nprobes/p.jpg,A\n", "lacks the column role"),
        ("probes.csv", "file,identity,role\n", "has no rows"),
        ("probes.csv", "file,identity,role\nprobes/p.jpg,A,enrolled\n", "non-enrolled"),
        (
            "probes.csv",
            "file,identity,role\nprobes/p.jpg,Z,enrolled\nprobes/q.jpg,Q,non-enrolled\n",
            "no enrolled probe has a photo",
        ),
        ("gallery.csv", "file,identity\ngallery/gone.jpg,A\n", "gallery/gone.jpg is not there"),
        ("gallery.csv", "\xff\xfe\x00", "cannot be read"),
        ("ignore_pairs.csv", "probe,gallery\nprobes/p.jpg,gallery/z.jpg\n", "gallery/z.jpg"),
    ],
)
def test_a_folder_that_cannot_be_evaluated_says_why(
    tmp_path: Path, name: str, content: str | None, words: str
) -> None:
    folder = labelled_folder(tmp_path)
    if content is None:
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(content.encode("latin-1"))
    with pytest.raises(KnownError) as caught:
        read_labels(folder)
    assert caught.value.code is ErrorCode.EVALUATION_FOLDER_INVALID
    assert words in caught.value.detail


# --- the whole run, on real faces


@pytest.fixture
def system(tmp_path: Path, face_engine: OpenFaceEngine) -> Iterator[EvaluatedSystem]:
    clock = ManualClock()
    database = open_database(tmp_path / "kiosk.db", clock)
    photos = SqlPhotoRepository(database)
    event = PhotoEvent(EVENT_ID, "evaluation", "", clock.now())
    photos.add_event(event)
    index = ExactIndex(tmp_path / "index", face_engine.contract_id)
    store = FolderObjectStore(tmp_path / "objects")
    importer = PhotoImporter(event, photos, store, face_engine, index, clock)
    yield EvaluatedSystem(EVENT_ID, face_engine, index, photos, importer)
    index.close()
    database.close()


def small_set(real_faces: Path, folder: Path) -> Path:
    """Eight enrolled people with two photos each and their probes, and eight people who are not enrolled."""
    with (real_faces / "gallery.csv").open(encoding="utf-8", newline="") as file:
        gallery = list(csv.DictReader(file))
    with (real_faces / "probes.csv").open(encoding="utf-8", newline="") as file:
        probes = list(csv.DictReader(file))
    strangers = [row for row in probes if row["role"] == "non-enrolled"][:8]
    people: dict[str, list[str]] = {}
    for row in gallery:
        people.setdefault(row["identity"], []).append(row["file"])
    known = [row for row in probes if len(people.get(row["identity"], [])) >= 2][:8]
    photos = [(name, row["identity"]) for row in known for name in people[row["identity"]][:2]]
    photos = list(dict.fromkeys(photos))
    for name in [*(name for name, _ in photos), *(row["file"] for row in (*known, *strangers))]:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(real_faces / name, folder / name)
    write_table(folder / "gallery.csv", ("file", "identity"), photos)
    write_table(
        folder / "probes.csv",
        ("file", "identity", "role"),
        [(row["file"], row["identity"], row["role"]) for row in (*known, *strangers)],
    )
    return folder


def test_a_small_set_is_evaluated_through_import_and_search(
    real_faces: Path, tmp_path: Path, system: EvaluatedSystem
) -> None:
    folder = small_set(real_faces, tmp_path / "set")
    copy = folder / "gallery" / "copy.jpg"
    with (folder / "gallery.csv").open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    shutil.copy(folder / first["file"], copy)
    blank = folder / "probes" / "broken.jpg"
    blank.write_bytes(b"\xff\xd8\xff\xe0 not a picture")
    with (folder / "gallery.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(("gallery/copy.jpg", first["identity"]))
    with (folder / "probes.csv").open("a", encoding="utf-8", newline="") as file:
        csv.writer(file).writerow(("probes/broken.jpg", "Nobody", "non-enrolled"))

    told: list[tuple[int, int]] = []
    out = tmp_path / "scores.npz"
    result = run_evaluation(folder, system, 0.47, scores_to=out, progress=lambda *it: told.append(it))

    assert result.rank_1 >= 0.9
    assert result.points[-1].photo_recall >= 0.8
    assert told[-1] == (result.gallery + result.probes,) * 2
    assert [name for name, _ in result.unsearched] == ["probes/broken.jpg"]
    assert json.loads(json.dumps(result.as_dict()))["contract_id"] == system.engine.contract_id
    with np.load(out) as saved:
        similarities, gallery = saved["scores"], saved["gallery"].tolist()
    assert similarities.shape == (result.probes, result.gallery)
    assert (similarities[-1] == -1).all()
    twin = gallery.index(first["file"])
    assert similarities[:, gallery.index("gallery/copy.jpg")].tolist() == similarities[:, twin].tolist()
    truth = read_labels(folder)
    right, wrong = similarities[truth.is_same], similarities[~truth.is_same]
    assert np.median(right) > 0.5
    assert (wrong == -1).mean() > 0.9  # out of the search's reach
    assert wrong.max() < 0.45
