"""`kiosk calibrate`: how similar strangers get, measured through the code that visitors meet, and in words.

The folder is that of `kiosk evaluate`. Counted is every comparison of a probe with a face in a photo that
does not show the probe's person. Faces that stand in one photo are different people too, and would need no
labels; but they share its light, blur and size, and resemble each other more than strangers do who come to
the kiosk (on press portraits 1 % of such pairs reach 0.27 to 0.32, of others 0.19), so they are not counted.

The curve is of single comparisons. What the event's photos say about each other lets no more strangers in (of
499 on that set as many, at either threshold); every calibration checks it with whole searches.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from kiosk.errors import KnownError
from kiosk.evaluate import EvaluatedSystem, Progress, columns_by_photo, read_labels
from kiosk.gallery.calibration import (
    Calibration,
    Targets,
    Wishes,
    certainty_of,
    measure_curve,
)
from kiosk.gallery.types import Certainty
from kiosk.photos.decoding import load_upright
from kiosk.photos.face_search import FaceSearch
from kiosk.vision.probe import probe_from_picture
from kiosk.vision.types import Embedding, FloatArray

SIZES = (1_000, 3_000, 10_000, 30_000, 100_000)
"""The sizes of events, in faces, whose thresholds are shown."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A calibration and how it fares where it was measured: how many of the `strangers`, people who are
    nowhere among the `faces`, meet a photo that is called sure, or one behind "maybe" or sure."""

    calibration: Calibration
    strangers: int
    faces: int
    met_sure: int
    met_maybe: int


def measure(
    folder: Path, system: EvaluatedSystem, measured_at: datetime, targets: Targets, progress: Progress
) -> Measured:
    """Imports the folder's gallery into the system's event and compares every probe with all faces.

    `progress` hears (done, total) of pictures. Raises KnownError: EVALUATION_FOLDER_INVALID,
    CALIBRATION_TOO_SMALL, and what import and search raise.
    """
    labels = read_labels(folder)
    total = len(labels.gallery) + len(labels.probes)
    system.importer.import_folder(folder / "gallery", lambda one: progress(one.done, total))
    columns = columns_by_photo(folder, labels, system)
    is_left_out = labels.is_same | labels.is_ignored
    of_others: list[FloatArray] = []
    strangers: list[_Stranger] = []
    for row, name in enumerate(labels.probes):
        left_out = {photo_id for photo_id, places in columns.items() if is_left_out[row, places].any()}
        probe = _probe(folder / name, system)
        if probe is not None:
            of_others.append(_similarities(probe, system, left_out))
        if not labels.is_enrolled[row]:
            strangers.append(_Stranger(probe, frozenset(left_out)))
        progress(len(labels.gallery) + row + 1, total)
    calibration = Calibration(
        contract_id=system.engine.contract_id,
        measured_at=measured_at,
        source=f"{folder.resolve().name}: {len(labels.gallery)} photos, {len(labels.probes)} probes",
        curve=measure_curve(np.concatenate([*of_others, np.empty(0, np.float32)])),
        targets=targets,
    )
    return _checked(calibration, strangers, system)


@dataclass(frozen=True, slots=True, eq=False)
class _Stranger:
    """Somebody who is nowhere in the gallery; without a probe they search for nothing."""

    probe: Embedding | None
    left_out: frozenset[str]


def _checked(calibration: Calibration, strangers: list[_Stranger], system: EvaluatedSystem) -> Measured:
    """What strangers meet with the thresholds that the calibration gives this event."""
    faces = len(system.index.faces(system.event_id))
    thresholds = certainty_of(calibration, Wishes(), faces).thresholds
    search = FaceSearch(system.index, system.photos, lambda _: thresholds)
    met = [_meets(one, search, system.event_id) for one in strangers]
    return Measured(
        calibration,
        len(strangers),
        faces,
        met_sure=sum(Certainty.MATCH in each for each in met),
        met_maybe=sum(bool(each) for each in met),
    )


def _meets(stranger: _Stranger, search: FaceSearch, event_id: str) -> set[Certainty]:
    """How sure the kiosk is of what a stranger finds; nothing when they find nothing."""
    if stranger.probe is None:
        return set()
    found = search.find(event_id, (stranger.probe,))
    return {match.certainty for match in found if match.photo_id not in stranger.left_out}


def _probe(picture: Path, system: EvaluatedSystem) -> Embedding | None:
    try:
        return probe_from_picture(system.engine, load_upright(picture).pixels()).embedding
    except KnownError:
        return None  # a picture that is damaged is nobody's


def _similarities(probe: Embedding, system: EvaluatedSystem, left_out: set[str]) -> FloatArray:
    """Of one probe with each face of the photos that do not show its person."""
    found = system.index.search(system.event_id, probe)
    return np.array([one.similarity for one in found if one.face.photo_id not in left_out], np.float32)
