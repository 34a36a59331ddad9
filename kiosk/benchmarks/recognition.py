"""Recognition by other software, scored on the same pictures by the same labels and the same protocol."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.benchmarks.peers.types import FacePeer
from kiosk.errors import KnownError
from kiosk.evaluate import NOT_FOUND, Labels, OperatingPoint, Progress, evaluate
from kiosk.photos.decoding import load_upright
from kiosk.vision.types import FaceEngine, FloatArray, Pixels

_TIMED = 120
"""Pictures of the set on which the processor's time is taken: spread evenly over it."""


@dataclass(frozen=True, slots=True)
class PeerEvaluation:
    """`rank_1` and `points` as in `Evaluation`; there is no album expansion. The times are processor
    milliseconds for finding and embedding all faces of a photo, the peer's and the kiosk's in turns."""

    name: str
    rank_1: float
    points: tuple[OperatingPoint, ...]
    cpu_ms_per_photo: float
    kiosk_cpu_ms_per_photo: float

    @property
    def times_faster(self) -> float:
        """How many photos the kiosk does in the time in which the peer does one."""
        return self.cpu_ms_per_photo / self.kiosk_cpu_ms_per_photo

    def as_dict(self) -> dict[str, Any]:
        """Plain values, for JSON."""
        return {**asdict(self), "times_faster": self.times_faster}


def evaluate_peer(
    folder: Path, labels: Labels, peer: FacePeer, engine: FaceEngine, progress: Progress | None = None
) -> PeerEvaluation:
    """Rank-1, operating points and time of a peer on a labelled folder, beside the time of an engine.

    A photo's score is that of its most similar face; a probe's face is its largest. `progress` hears (done,
    total) of pictures. Raises KnownError WEIGHTS_*; a picture that cannot be read has no face.
    """
    scores = peer_scores(folder, labels, peer, progress)
    rank_1, points = evaluate(scores, labels)
    every = max(1, len(labels.gallery) // _TIMED)
    peer_ms, kiosk_ms = alternating_ms(peer, engine, [folder / name for name in labels.gallery[::every]])
    return PeerEvaluation(peer.name, rank_1, points, peer_ms, kiosk_ms)


def peer_scores(folder: Path, labels: Labels, peer: FacePeer, progress: Progress | None = None) -> FloatArray:
    """Similarities [probes x gallery], float32; NOT_FOUND where the photo or the probe gives no face."""
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


def alternating_ms(peer: FacePeer, engine: FaceEngine, pictures: Sequence[Path]) -> tuple[float, float]:
    """Processor milliseconds a photo, of the peer and of the engine, in turns on the same pixels.

    Processor time counts every thread, and stays the same while other programs use the machine.
    """
    spent = [0.0, 0.0]
    loaded = [pixels for path in pictures if (pixels := _pixels(path)) is not None]

    def embed_all(pixels: Pixels) -> None:
        engine.embed(pixels, engine.detect(pixels))

    works: tuple[Callable[[Pixels], object], ...] = (peer.faces, embed_all)
    for work in works:
        work(loaded[0])  # what is loaded with the first use is not counted
    for pixels in loaded:
        for place, work in enumerate(works):
            began_s = time.process_time()
            work(pixels)
            spent[place] += time.process_time() - began_s
    return spent[0] * 1000 / len(loaded), spent[1] * 1000 / len(loaded)


def _pixels(path: Path) -> Pixels | None:
    try:
        return load_upright(path).pixels()
    except KnownError:
        return None
