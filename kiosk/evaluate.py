"""How well the kiosk recognises people, measured on a labelled folder through the code that visitors meet.

The gallery is imported as an event's photos are; each probe, one still, goes through the search that visitors
use, with all that the event's own photos say about it. That gives one similarity for each photo, and what a
visitor is shown at a threshold are the photos that reach it, whatever the threshold. So the threshold of an
operating point is read from the people who are nowhere in the gallery: the lowest one at which no more than
the wanted share of them is shown any photo. Photos between "maybe" and sure are no concern here: at an
operating point everything shown counts.

The folder holds `gallery/` and `probes/` with pictures, `gallery.csv` (file, identity), `probes.csv` (file,
identity, role: enrolled | non-enrolled) and, if wanted, `ignore_pairs.csv` (probe, gallery: pairs that count
as neither right nor wrong). Files are named relative to the folder.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.expansion import REACH
from kiosk.gallery.types import Thresholds, VectorIndex
from kiosk.photos.decoding import load_upright
from kiosk.photos.face_search import FaceSearch
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.types import PhotoRepository
from kiosk.vision.probe import probe_from_picture
from kiosk.vision.types import FaceEngine, FloatArray

FPIR_GOALS = (0.002, 0.01, 0.05)
NOT_FOUND = -1.0
"""The score of a photo that a search does not reach, and of every photo for a probe without a face."""

Flags = NDArray[np.bool_]
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class Labels:
    """What is right: `is_same` and `is_ignored` are [probes x gallery], `is_enrolled` is [probes]."""

    probes: tuple[str, ...]
    gallery: tuple[str, ...]
    is_enrolled: Flags
    is_same: Flags
    is_ignored: Flags


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What happens at the lowest threshold at which no more than `fpir` of the searches by people who are
    nowhere in the gallery get any photo.

    `photo_recall`: share of the enrolled people's photos found. `people_found`: share of their searches that
    find at least one. `wrong_per_search`: photos of somebody else, per search of anybody. `measured_fpir`:
    the share of those searches that does get a photo, at most `fpir`.
    """

    fpir: float
    threshold: float
    photo_recall: float
    people_found: float
    wrong_per_search: float
    measured_fpir: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`rank_1`: share of the enrolled people's searches whose most similar photo is a right one.
    `unsearched` names the probes that gave no face, with the reason."""

    rank_1: float
    points: tuple[OperatingPoint, ...]
    probes: int
    enrolled_probes: int
    gallery: int
    contract_id: str = ""
    unsearched: tuple[tuple[str, str], ...] = ()
    refused: tuple[tuple[str, str], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            **asdict(self),
            "unsearched": dict(self.unsearched),
            "refused": dict(self.refused),
        }


@dataclass(frozen=True, slots=True, eq=False)
class EvaluatedSystem:
    """The parts of a kiosk over a throw-away, empty event."""

    event_id: str
    engine: FaceEngine
    index: VectorIndex
    photos: PhotoRepository
    importer: PhotoImporter


def run_evaluation(
    folder: Path,
    system: EvaluatedSystem,
    kin: float,
    *,
    scores_to: Path | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Imports the folder's gallery into the system's event and searches every probe; `kin` as in
    `Thresholds`.

    `progress` hears (done, total) of pictures. With `scores_to`, all similarities are written there as .npz:
    `scores` [probes x gallery] float32, the best face of each photo, -1 where there is none; `probes` and
    `gallery` are the files' names. A picture that cannot be read is reported, and scores -1.

    Raises KnownError: EVALUATION_FOLDER_INVALID, FOLDER_NOT_WRITABLE, and what import and search raise.
    """
    labels = read_labels(folder)
    of_gallery, total = len(labels.gallery), len(labels.gallery) + len(labels.probes)
    tell = progress or (lambda _done, _total: None)
    report = system.importer.import_folder(folder / "gallery", lambda one: tell(one.done, total))
    within_reach = Thresholds(match=kin - REACH, maybe=kin - REACH, kin=kin)
    search = FaceSearch(system.index, system.photos, lambda _event_id: within_reach)
    scores, unsearched = _searched(folder, labels, system, search, lambda row: tell(row + of_gallery, total))
    if scores_to is not None:
        write_scores(scores_to, scores, labels)
    rank_1, points = evaluate(scores, labels)
    return Evaluation(
        rank_1=rank_1,
        points=points,
        probes=len(labels.probes),
        enrolled_probes=int(labels.is_enrolled.sum()),
        gallery=of_gallery,
        contract_id=system.engine.contract_id,
        unsearched=unsearched,
        refused=tuple((one.file_name, str(one.code)) for one in report.refused),
    )


def evaluate(
    scores: FloatArray, labels: Labels, goals: tuple[float, ...] = FPIR_GOALS
) -> tuple[float, tuple[OperatingPoint, ...]]:
    """Rank-1 and the operating points of similarities [probes x gallery], float32."""
    counted = np.where(labels.is_ignored, np.float32(NOT_FOUND), scores)
    is_right = labels.is_same & ~labels.is_ignored
    best = counted.argmax(axis=1)
    rows = np.arange(len(counted))
    is_first = is_right[rows, best] & (counted[rows, best] > NOT_FOUND)
    enrolled = labels.is_enrolled
    strangers = counted[~enrolled].max(axis=1)
    points = tuple(
        _operating_point(goal, lowest_threshold(strangers, goal), counted, is_right, enrolled)
        for goal in goals
    )
    return float(is_first[enrolled].mean()), points


def lowest_threshold(strangers: FloatArray, fpir: float) -> np.float32:
    """The lowest threshold that at most this share of the strangers' best similarities reaches."""
    allowed = int(fpir * len(strangers) + 1e-9)
    if allowed >= len(strangers):
        return np.float32(NOT_FOUND)
    highest_refused = np.sort(strangers)[::-1][allowed]
    return np.float32(np.nextafter(np.float32(highest_refused), np.float32(2.0)))


def _operating_point(
    fpir: float, threshold: np.float32, counted: FloatArray, is_right: Flags, enrolled: Flags
) -> OperatingPoint:
    hit = (counted >= threshold) & (counted > NOT_FOUND)
    right = hit & is_right
    return OperatingPoint(
        fpir=fpir,
        threshold=float(threshold),
        photo_recall=float(right.sum() / is_right.sum()),
        people_found=float(right[enrolled].any(axis=1).mean()),
        wrong_per_search=float((hit & ~is_right).sum() / len(counted)),
        measured_fpir=float(hit[~enrolled].any(axis=1).mean()),
    )


def read_labels(folder: Path) -> Labels:
    """The folder's CSV files. Raises KnownError(EVALUATION_FOLDER_INVALID): a file or a column is missing, a
    picture is not there, or nobody is enrolled, or everybody is."""
    gallery = _read_table(folder, "gallery.csv", ("file", "identity"))
    probes = _read_table(folder, "probes.csv", ("file", "identity", "role"))
    for row in (*gallery, *probes):
        if not (folder / row["file"]).is_file():
            raise _invalid(folder, f"{row['file']} is not there")
    gallery_files = tuple(row["file"] for row in gallery)
    probe_files = tuple(row["file"] for row in probes)
    enrolled = np.array([row["role"] == "enrolled" for row in probes], dtype=np.bool_)
    if not enrolled.any() or enrolled.all():
        raise _invalid(folder, "probes.csv needs both enrolled and non-enrolled people")
    identities = np.array([row["identity"] for row in gallery])
    same = np.array([row["identity"] for row in probes])[:, None] == identities[None, :]
    same &= enrolled[:, None]
    if not same.any():
        raise _invalid(folder, "no enrolled probe has a photo in the gallery")
    return Labels(probe_files, gallery_files, enrolled, same, _ignored(folder, probe_files, gallery_files))


def write_scores(path: Path, scores: FloatArray, labels: Labels) -> None:
    """Raises KnownError(FOLDER_NOT_WRITABLE)."""
    try:
        with path.open("wb") as file:  # given a name, numpy would add a suffix to it
            np.savez_compressed(
                file, scores=scores, probes=np.array(labels.probes), gallery=np.array(labels.gallery)
            )
    except OSError as error:
        raise KnownError(
            ErrorCode.FOLDER_NOT_WRITABLE,
            f"{path} cannot be written: {error.strerror}.",
            "Name another file.",
        ) from error


def columns_by_photo(folder: Path, labels: Labels, system: EvaluatedSystem) -> dict[str, list[int]]:
    """The gallery columns of each imported photo; files of equal content are one photo."""
    photo_ids = {photo.content_hash: photo.photo_id for photo in system.photos.photos(system.event_id)}
    columns: dict[str, list[int]] = {}
    for column, name in enumerate(labels.gallery):
        content_hash = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if content_hash in photo_ids:
            columns.setdefault(photo_ids[content_hash], []).append(column)
    return columns


def _searched(
    folder: Path, labels: Labels, system: EvaluatedSystem, search: FaceSearch, tell: Callable[[int], None]
) -> tuple[FloatArray, tuple[tuple[str, str], ...]]:
    """The scores of all probes, and those that could not be searched, with the reason."""
    columns = columns_by_photo(folder, labels, system)
    scores = np.full((len(labels.probes), len(labels.gallery)), NOT_FOUND, np.float32)
    reasons = []
    for row, name in enumerate(labels.probes):
        reasons.append(_search_into(scores[row], folder / name, columns, system, search))
        tell(row + 1)
    return scores, tuple((name, why) for name, why in zip(labels.probes, reasons, strict=True) if why)


def _search_into(
    row: FloatArray,
    picture: Path,
    columns: dict[str, list[int]],
    system: EvaluatedSystem,
    search: FaceSearch,
) -> str:
    """Fills the scores of one probe; returns why it could not be searched, or nothing."""
    try:
        pixels = load_upright(picture).pixels()
    except KnownError as error:
        return str(error.code)
    outcome = probe_from_picture(system.engine, pixels)
    if outcome.embedding is None:
        return ", ".join(outcome.reasons)
    for match in search.find(system.event_id, (outcome.embedding,)):
        row[columns.get(match.photo_id, [])] = match.similarity
    return ""


def _ignored(folder: Path, probes: tuple[str, ...], gallery: tuple[str, ...]) -> Flags:
    ignored = np.zeros((len(probes), len(gallery)), np.bool_)
    if not (folder / "ignore_pairs.csv").is_file():
        return ignored
    rows = {name: place for place, name in enumerate(probes)}
    columns = {name: place for place, name in enumerate(gallery)}
    for pair in _read_table(folder, "ignore_pairs.csv", ("probe", "gallery")):
        if pair["probe"] not in rows or pair["gallery"] not in columns:
            raise _invalid(folder, f"ignore_pairs.csv names {pair['probe']} and {pair['gallery']}")
        ignored[rows[pair["probe"]], columns[pair["gallery"]]] = True
    return ignored


def _read_table(folder: Path, name: str, needed: tuple[str, ...]) -> list[dict[str, str]]:
    try:
        with (folder / name).open(encoding="utf-8", newline="") as file:
            reader = csv.DictReader(file)
            missing = [column for column in needed if column not in (reader.fieldnames or ())]
            rows = list(reader)
    except (OSError, ValueError, csv.Error) as error:
        raise _invalid(folder, f"{name} cannot be read") from error
    if missing:
        raise _invalid(folder, f"{name} lacks the column {missing[0]}")
    if not rows:
        raise _invalid(folder, f"{name} has no rows")
    return rows


def _invalid(folder: Path, why: str) -> KnownError:
    return KnownError(
        ErrorCode.EVALUATION_FOLDER_INVALID,
        f"{folder} cannot be evaluated: {why}.",
        "It needs gallery/, probes/, gallery.csv and probes.csv.",
    )
