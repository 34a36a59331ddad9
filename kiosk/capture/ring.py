"""The faces of the last second, out of which the shot is chosen, and how the shot becomes a probe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.camera.types import Frame
from kiosk.vision.types import Detection, Embedding, FaceEngine, Quality

SPAN_S = 1.0
PROBE_FACES = 3
_SAME_PERSON = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class LiveFace:
    """The main face of a live frame; `others` are the frame's other faces."""

    frame: Frame
    detection: Detection
    others: tuple[Detection, ...]
    quality: Quality
    embedding: Embedding | None = None

    @property
    def rank(self) -> tuple[bool, float]:
        """Orders faces: a good one before any other, then by quality."""
        return self.quality.is_good, self.quality.score


class FaceRing:
    """Keeps those faces of the last second that may still be among its best three. Used from one thread.

    A face that three later and better ones have followed can never be among them again: so a handful of
    frames is held, not all of the second.
    """

    def __init__(self) -> None:
        self._faces: list[LiveFace] = []

    def add(self, face: LiveFace) -> None:
        """Takes a face in; what is older than a second leaves."""
        self._faces.append(face)
        oldest_s = face.frame.captured_at_s - SPAN_S
        self._faces = [
            kept
            for place, kept in enumerate(self._faces)
            if kept.frame.captured_at_s >= oldest_s
            and sum(later.rank > kept.rank for later in self._faces[place + 1 :]) < PROBE_FACES
        ]

    def best(self, since_s: float = float("-inf")) -> list[LiveFace]:
        """The faces captured after `since_s`, the best first."""
        recent = (face for face in self._faces if face.frame.captured_at_s >= since_s)
        return sorted(recent, key=lambda face: face.rank, reverse=True)

    def embed_ahead(self, engine: FaceEngine) -> None:
        """Embeds one of the best faces, so that the shot finds the work done."""
        for face in self.best()[:PROBE_FACES]:
            if face.embedding is None and face.quality.is_good:
                self._faces[self._faces.index(face)] = with_embedding(engine, face)
                return

    def clear(self) -> None:
        """Forgets all faces."""
        self._faces = []


def with_embedding(engine: FaceEngine, face: LiveFace) -> LiveFace:
    """The face with its embedding, computed if it has none. Raises what the engine raises."""
    if face.embedding is not None:
        return face
    return replace(face, embedding=engine.embed(face.frame.pixels, [face.detection])[0])


def probe(engine: FaceEngine, faces: Sequence[LiveFace]) -> Embedding:
    """One embedding for `faces`, the best first: their mean, weighted by quality, of length 1.

    A face less than 0.5 similar to the best is another person's, or spoilt, and is left out.
    Raises what the engine raises.
    """
    embedded = [with_embedding(engine, face) for face in faces]
    pairs = [(face.embedding, face.quality.score) for face in embedded if face.embedding is not None]
    best = pairs[0][0]
    total = np.zeros_like(best.vector)
    for embedding, score in pairs:
        if embedding.similarity(best) >= _SAME_PERSON:
            total += np.float32(max(score, 1e-3)) * embedding.vector
    return Embedding((total / np.linalg.norm(total)).astype(np.float32), best.contract_id)
