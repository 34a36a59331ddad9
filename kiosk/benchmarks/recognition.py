"""Recognition beside other software: the same pictures, labels and protocol, and the time for a photo."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from kiosk.adapters import choose_engines
from kiosk.benchmarks.figure import Figure, Goal, NotMeasured, PeerValue
from kiosk.benchmarks.peers import FacePeer, PeerFace, open_dlib, open_face_analysis
from kiosk.errors import KnownError
from kiosk.evaluate import (
    NOT_FOUND,
    Evaluation,
    Labels,
    OperatingPoint,
    Progress,
    evaluate,
    read_labels,
)
from kiosk.photos.decoding import load_upright
from kiosk.settings import VisionSection
from kiosk.vision.types import FaceEngine, FloatArray, Pixels

_TIMED = 120
"""Pictures of the set on which the processor's time is taken: spread evenly over it."""
_TURN = 10
_IMPORT_WORKERS = 2
"""So many photos an import of the kiosk works on at once."""
_TIMES_FASTER_THAN_DLIB = 8.0
_RANK_1_GOAL = 0.988
_GOALS: Mapping[tuple[str, float], Goal] = {
    ("photo_recall", 0.002): Goal(at_least=0.92),
    ("photo_recall", 0.01): Goal(at_least=0.96),
    ("people_found", 0.01): Goal(at_least=0.96),
    ("wrong_per_search", 0.01): Goal(at_most=0.02),
}


class Peer(StrEnum):
    """Other software that is measured where it is installed."""

    DLIB = "dlib"
    INSIGHTFACE = "insightface"


_OPEN: Mapping[Peer, Callable[[], FacePeer | NotMeasured]] = {
    Peer.DLIB: open_dlib,
    Peer.INSIGHTFACE: open_face_analysis,
}


@dataclass(frozen=True, slots=True)
class PhotoTime:
    """Milliseconds for finding and embedding all faces of a photo: as the clock shows them, and of the
    processor, summed over its cores."""

    elapsed_ms: float
    cpu_ms: float


@dataclass(frozen=True, slots=True)
class PeerEvaluation:
    """`rank_1` and `points` as in `Evaluation`, without album expansion."""

    peer: Peer
    name: str
    rank_1: float
    points: tuple[OperatingPoint, ...]
    per_photo: PhotoTime


@dataclass(frozen=True, slots=True)
class Comparison:
    """What peers reached on a labelled folder, and the time of the kiosk's own engine for the same, taken in
    turns with theirs: `kiosk_per_photo` one photo after the other on one thread, as dlib does it, and
    `kiosk_in_import` two at a time with the settings' threads, as an import does it."""

    kiosk_per_photo: PhotoTime
    kiosk_in_import: PhotoTime
    peers: tuple[PeerEvaluation, ...]
    missing: tuple[NotMeasured, ...]

    def times_faster(self, peer: PeerEvaluation) -> PhotoTime:
        """How many photos the kiosk does on one thread while the peer does one, by either clock."""
        own, theirs = self.kiosk_per_photo, peer.per_photo
        return PhotoTime(theirs.elapsed_ms / own.elapsed_ms, theirs.cpu_ms / own.cpu_ms)

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "kiosk_per_photo": asdict(self.kiosk_per_photo),
            "kiosk_in_import": asdict(self.kiosk_in_import),
            "peers": [{**asdict(peer), **self._times(peer)} for peer in self.peers],
            "missing": [one.as_dict() for one in self.missing],
        }

    def _times(self, peer: PeerEvaluation) -> dict[str, float]:
        times = self.times_faster(peer)
        return {"times_faster": times.elapsed_ms, "times_less_cpu": times.cpu_ms}


def compare(
    folder: Path, vision: VisionSection, wanted: Sequence[Peer], progress: Progress | None = None
) -> Comparison:
    """Scores each wanted peer on a labelled folder, as far as it is installed, and times them all beside the
    engine that the settings choose. `progress` hears (done, total) of pictures, for each peer anew.

    Raises KnownError: EVALUATION_FOLDER_INVALID, WEIGHTS_*. A picture that cannot be read has no face.
    """
    labels = read_labels(folder)
    opened = {which: _OPEN[which]() for which in wanted}
    present = {which: peer for which, peer in opened.items() if not isinstance(peer, NotMeasured)}
    judged = [evaluate(peer_scores(folder, labels, peer, progress), labels) for peer in present.values()]
    every = max(1, len(labels.gallery) // _TIMED)
    pictures = [folder / name for name in labels.gallery[::every]]
    on_one_thread = choose_engines(vision.model_copy(update={"threads": 1}))
    in_import = choose_engines(vision)
    with _one_thread_a_picture(), ThreadPoolExecutor(_IMPORT_WORKERS, "kiosk-timed") as workers:
        own, own_in_import, *theirs = times_in_turns(
            [
                partial(_one_by_one, partial(_embed_all, on_one_thread.photos)),
                lambda batch: list(workers.map(partial(_embed_all, in_import.photos), batch)),
                *(partial(_one_by_one, peer.faces) for peer in present.values()),
            ],
            pictures,
        )
    return Comparison(
        own,
        own_in_import,
        tuple(
            PeerEvaluation(which, peer.name, rank_1, points, per_photo)
            for (which, peer), (rank_1, points), per_photo in zip(
                present.items(), judged, theirs, strict=True
            )
        ),
        tuple(peer for peer in opened.values() if isinstance(peer, NotMeasured)),
    )


def recognition_figures(own: Evaluation, beside: Comparison) -> list[Figure]:
    """Every column of the evaluation beside the peers', and the time for a photo. On one thread the kiosk has
    to outdo dlib, which has no second one; the time of an import, which works on two photos, is told only."""
    against = partial(_peer_values, beside)
    goal = Goal(at_least=_RANK_1_GOAL)
    first = against(lambda peer: peer.rank_1)
    elapsed = against(lambda peer: peer.per_photo.elapsed_ms, _TIMES_FASTER_THAN_DLIB)
    cpu = against(lambda peer: peer.per_photo.cpu_ms)
    beside_import = against(lambda peer: peer.per_photo.elapsed_ms, None)
    return [
        Figure("recognition.rank_1", own.rank_1, "of 1", goal=goal, peers=first, more_is_better=True),
        *(
            Figure(
                f"recognition.{column}@{point.fpir * 100:g}%",
                getattr(point, column),
                "a search" if column == "wrong_per_search" else "of 1",
                goal=_GOALS.get((column, point.fpir)),
                peers=against(partial(_column, place, column)),
                more_is_better=column != "wrong_per_search",
            )
            for place, point in enumerate(own.points)
            for column in ("photo_recall", "people_found", "wrong_per_search")
        ),
        Figure("recognition.per_photo", beside.kiosk_per_photo.elapsed_ms, "ms", peers=elapsed),
        Figure("recognition.cpu_per_photo", beside.kiosk_per_photo.cpu_ms, "cpu ms", peers=cpu),
        Figure("recognition.import_per_photo", beside.kiosk_in_import.elapsed_ms, "ms", peers=beside_import),
    ]


def _peer_values(
    beside: Comparison, value_of: Callable[[PeerEvaluation], float], ahead_of_dlib: float | None = 1.0
) -> tuple[PeerValue, ...]:
    """dlib is what the kiosk has to be so many times better than; the others, and with None dlib, are told
    only."""
    least = {Peer.DLIB: ahead_of_dlib}
    measured = [PeerValue(one.name, value_of(one), "", least.get(one.peer)) for one in beside.peers]
    return (*measured, *(PeerValue(one.name, None, one.reason) for one in beside.missing))


def _column(place: int, column: str, peer: PeerEvaluation) -> float:
    return float(getattr(peer.points[place], column))


def peer_scores(folder: Path, labels: Labels, peer: FacePeer, progress: Progress | None = None) -> FloatArray:
    """Similarities [probes x gallery], float32: of the probe's largest face to the photo's most similar one;
    NOT_FOUND where the photo or the probe gives no face."""
    tell = progress or (lambda _done, _total: None)
    total = len(labels.gallery) + len(labels.probes)
    held: list[FloatArray] = []
    owners: list[int] = []
    for column, name in enumerate(labels.gallery):
        for face in _faces(peer, folder / name):
            held.append(face.vector)
            owners.append(column)
        tell(column + 1, total)
    scores = np.full((len(labels.probes), len(labels.gallery)), NOT_FOUND, np.float32)
    everyone = np.array(held, np.float32)
    for row, name in enumerate(labels.probes):
        faces = _faces(peer, folder / name)
        if faces and held:
            np.maximum.at(scores[row], owners, peer.similarities(faces[0].vector, everyone))
        tell(len(labels.gallery) + row + 1, total)
    return scores


def times_in_turns(
    works: Sequence[Callable[[list[Pixels]], object]], pictures: Sequence[Path]
) -> list[PhotoTime]:
    """The time of a photo for each work, which gets a few pictures at a time, in turns on the same pixels.

    A turn is more than one picture, as in an import, where a network is at hand for the next. The time of the
    processor hardly changes while other programs use the machine. Raises KnownError PHOTO_* where not one
    picture can be read.
    """
    loaded = [pixels for path in pictures if (pixels := _pixels(path)) is not None]
    if not loaded:
        load_upright(pictures[0])
    spent = [[0.0, 0.0] for _ in works]
    for work in works:
        work(loaded[:1])  # what is loaded with the first use is not counted
    for start in range(0, len(loaded), _TURN):
        for place, work in enumerate(works):
            began_s, cpu_began_s = time.perf_counter(), time.process_time()
            work(loaded[start : start + _TURN])
            spent[place][0] += time.perf_counter() - began_s
            spent[place][1] += time.process_time() - cpu_began_s
    per_photo = 1000 / len(loaded)
    return [PhotoTime(elapsed_s * per_photo, cpu_s * per_photo) for elapsed_s, cpu_s in spent]


@contextmanager
def _one_thread_a_picture() -> Iterator[None]:
    """OpenCV takes no second thread either."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _one_by_one(work: Callable[[Pixels], object], batch: Sequence[Pixels]) -> None:
    for pixels in batch:
        work(pixels)


def _embed_all(engine: FaceEngine, pixels: Pixels) -> None:
    engine.embed(pixels, engine.detect(pixels))


def _faces(peer: FacePeer, path: Path) -> list[PeerFace]:
    pixels = _pixels(path)
    return [] if pixels is None else peer.faces(pixels)


def _pixels(path: Path) -> Pixels | None:
    try:
        return load_upright(path).pixels()
    except KnownError:
        return None
