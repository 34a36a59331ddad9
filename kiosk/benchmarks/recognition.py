"""Recognition beside other software: the same pictures, labels and protocol, and the time for a photo."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.benchmarks.figure import Figure, Goal, NotMeasured, PeerValue
from kiosk.benchmarks.peers import FacePeer, open_dlib, open_face_analysis
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
from kiosk.vision.types import FaceEngine, FloatArray, Pixels

_TIMED = 120
"""Pictures of the set on which the processor's time is taken: spread evenly over it."""
_TURN = 10
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
    Peer.INSIGHTFACE: partial(open_face_analysis, 1),  # more threads spin, which counts as work
}


@dataclass(frozen=True, slots=True)
class PeerEvaluation:
    """`rank_1` and `points` as in `Evaluation`, without album expansion. `cpu_ms_per_photo` is the time of
    the processor for finding and embedding all faces of a photo."""

    peer: Peer
    name: str
    rank_1: float
    points: tuple[OperatingPoint, ...]
    cpu_ms_per_photo: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """What peers reached on a labelled folder; `kiosk_cpu_ms_per_photo` is the time of the kiosk's own engine
    for the same, taken in turns with theirs."""

    kiosk_cpu_ms_per_photo: float
    peers: tuple[PeerEvaluation, ...]
    missing: tuple[NotMeasured, ...]

    def times_faster(self, peer: PeerEvaluation) -> float:
        """How many photos the kiosk does in the time in which the peer does one."""
        return peer.cpu_ms_per_photo / self.kiosk_cpu_ms_per_photo

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {
            "kiosk_cpu_ms_per_photo": self.kiosk_cpu_ms_per_photo,
            "peers": [{**asdict(peer), "times_faster": self.times_faster(peer)} for peer in self.peers],
            "missing": [one.as_dict() for one in self.missing],
        }


def compare(
    folder: Path, engine: FaceEngine, wanted: Sequence[Peer], progress: Progress | None = None
) -> Comparison:
    """Scores each wanted peer on a labelled folder, as far as it is installed, and times them all beside the
    engine. `progress` hears (done, total) of pictures, for each peer anew.

    Raises KnownError: EVALUATION_FOLDER_INVALID, WEIGHTS_*. A picture that cannot be read has no face.
    """
    labels = read_labels(folder)
    opened = {which: _OPEN[which]() for which in wanted}
    present = {which: peer for which, peer in opened.items() if not isinstance(peer, NotMeasured)}
    judged = [evaluate(peer_scores(folder, labels, peer, progress), labels) for peer in present.values()]
    every = max(1, len(labels.gallery) // _TIMED)
    pictures = [folder / name for name in labels.gallery[::every]]
    own_ms, *peers_ms = cpu_ms_in_turns(
        [partial(_embed_all, engine), *(peer.faces for peer in present.values())], pictures
    )
    return Comparison(
        own_ms,
        tuple(
            PeerEvaluation(which, peer.name, rank_1, points, cpu_ms)
            for (which, peer), (rank_1, points), cpu_ms in zip(present.items(), judged, peers_ms, strict=True)
        ),
        tuple(peer for peer in opened.values() if isinstance(peer, NotMeasured)),
    )


def recognition_figures(own: Evaluation, beside: Comparison) -> list[Figure]:
    """Every column of the evaluation beside the peers', and the time for a photo."""

    def against(
        value_of: Callable[[PeerEvaluation], float], ahead_of_dlib: float = 1.0
    ) -> tuple[PeerValue, ...]:
        measured = [
            PeerValue(
                each.name, value_of(each), times_at_least=ahead_of_dlib if each.peer is Peer.DLIB else None
            )
            for each in beside.peers
        ]
        return (*measured, *(PeerValue(one.name, None, one.reason) for one in beside.missing))

    figures = [
        Figure(
            "recognition.rank_1",
            own.rank_1,
            "of 1",
            goal=Goal(at_least=_RANK_1_GOAL),
            peers=against(lambda peer: peer.rank_1),
            more_is_better=True,
        )
    ]
    for place, point in enumerate(own.points):
        for column in ("photo_recall", "people_found", "wrong_per_search"):
            figures.append(
                Figure(
                    f"recognition.{column}@{point.fpir * 100:g}%",
                    getattr(point, column),
                    "a search" if column == "wrong_per_search" else "of 1",
                    goal=_GOALS.get((column, point.fpir)),
                    peers=against(partial(_column, place, column)),
                    more_is_better=column != "wrong_per_search",
                )
            )
    per_photo = against(lambda peer: peer.cpu_ms_per_photo, _TIMES_FASTER_THAN_DLIB)
    figures.append(Figure("recognition.per_photo", beside.kiosk_cpu_ms_per_photo, "cpu ms", peers=per_photo))
    return figures


def peer_scores(folder: Path, labels: Labels, peer: FacePeer, progress: Progress | None = None) -> FloatArray:
    """Similarities [probes x gallery], float32: of the probe's largest face to the photo's most similar one;
    NOT_FOUND where the photo or the probe gives no face."""
    tell = progress or (lambda _done, _total: None)
    total = len(labels.gallery) + len(labels.probes)
    held: list[FloatArray] = []
    owners: list[int] = []
    for column, name in enumerate(labels.gallery):
        for face in peer.faces(pixels) if (pixels := _pixels(folder / name)) is not None else ():
            held.append(face.vector)
            owners.append(column)
        tell(column + 1, total)
    scores = np.full((len(labels.probes), len(labels.gallery)), NOT_FOUND, np.float32)
    for row, name in enumerate(labels.probes):
        faces = peer.faces(pixels) if (pixels := _pixels(folder / name)) is not None else []
        if faces and held:
            np.maximum.at(scores[row], owners, peer.similarities(faces[0].vector, np.stack(held)))
        tell(len(labels.gallery) + row + 1, total)
    return scores


def cpu_ms_in_turns(works: Sequence[Callable[[Pixels], object]], pictures: Sequence[Path]) -> list[float]:
    """Processor milliseconds a photo for each work, in turns of a few pictures, on the same pixels.

    Processor time counts every thread, and hardly changes while other programs use the machine. A turn is
    more than one picture, as in an import, where a network is at hand for the next. Raises KnownError PHOTO_*
    where not one picture can be read.
    """
    loaded = [pixels for path in pictures if (pixels := _pixels(path)) is not None]
    if not loaded:
        load_upright(pictures[0])
    spent_s = [0.0] * len(works)
    for work in works:
        work(loaded[0])  # what is loaded with the first use is not counted
    for start in range(0, len(loaded), _TURN):
        for place, work in enumerate(works):
            began_s = time.process_time()
            for pixels in loaded[start : start + _TURN]:
                work(pixels)
            spent_s[place] += time.process_time() - began_s
    return [one_s * 1000 / len(loaded) for one_s in spent_s]


def _embed_all(engine: FaceEngine, pixels: Pixels) -> None:
    engine.embed(pixels, engine.detect(pixels))


def _column(place: int, column: str, peer: PeerEvaluation) -> float:
    return float(getattr(peer.points[place], column))


def _pixels(path: Path) -> Pixels | None:
    try:
        return load_upright(path).pixels()
    except KnownError:
        return None
