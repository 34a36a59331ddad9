"""The faces of the last second, out of which the shot is chosen, and how the shot becomes a probe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from kiosk.camera.types import Frame
from kiosk.vision.looks import overlap
from kiosk.vision.quality import QualityRules, assess, main_face
from kiosk.vision.types import Box, Detection, Embedding, FaceEngine, Quality

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

    @classmethod
    def among(cls, frame: Frame, detections: Sequence[Detection], rules: QualityRules) -> LiveFace | None:
        """The visitor's face among all faces of a frame, assessed by the rules; None when there is none."""
        pixels = frame.pixels
        main = main_face(detections, (pixels.shape[1], pixels.shape[0]))
        if main is None:
            return None
        others = (*detections[:main], *detections[main + 1 :])
        return cls(frame, detections[main], others, assess(pixels, detections[main], others, rules))

    @property
    def rank(self) -> tuple[bool, float]:
        """Orders faces: a good one before any other, then by quality."""
        return self.quality.is_good, self.quality.score


class FaceRing:
    """Keeps those faces that may still be among the best three of the last second. Used from one thread.

    Its owner tells it with each frame what has become too old. A face that three later and better ones
    followed can never be among them again: so a handful of frames is held, not all of the second. A face
    that does not overlap the one before is somebody else's, and whoever was here is forgotten.
    """

    def __init__(self) -> None:
        self._faces: list[LiveFace] = []
        self._newest: Box | None = None

    def add(self, face: LiveFace) -> None:
        """Takes a face in."""
        if self._newest is not None and overlap(self._newest, face.detection.box) <= 0:
            self.clear()
        self._newest = face.detection.box
        self._faces.append(face)
        self._faces = [
            kept
            for place, kept in enumerate(self._faces)
            if sum(later.rank > kept.rank for later in self._faces[place + 1 :]) < PROBE_FACES
        ]

    def forget_before(self, captured_at_s: float) -> None:
        """Drops what was captured earlier."""
        self._faces = [face for face in self._faces if face.frame.captured_at_s >= captured_at_s]

    def best(self) -> list[LiveFace]:
        """The faces, the best first."""
        return sorted(self._faces, key=lambda face: face.rank, reverse=True)

    def embed_ahead(self, engine: FaceEngine) -> None:
        """Embeds one of the best faces, so that the shot finds the work done."""
        for face in self.best()[:PROBE_FACES]:
            if face.embedding is None and face.quality.is_good:
                self._faces[self._faces.index(face)] = with_embedding(engine, face)
                return

    def clear(self) -> None:
        """Forgets all faces."""
        self._faces, self._newest = [], None


def with_embedding(engine: FaceEngine, face: LiveFace) -> LiveFace:
    """The face with its embedding, computed if it has none. Raises what the engine raises."""
    if face.embedding is not None:
        return face
    return replace(face, embedding=engine.embed(face.frame.pixels, [face.detection])[0])


def probe(engine: FaceEngine, faces: Sequence[LiveFace]) -> Embedding:
    """One embedding for `faces`, the best first: their mean, weighted by quality, of length 1.

    A face less than 0.5 similar to the one that agrees most with all is another person's, or spoilt, and is
    left out, be it the best. Three faces of a second instead of one raise the cosine with the same person
    seconds later by 0.016 on talking-head clips, five by 0.019. Raises what the engine raises.
    """
    embedded = [with_embedding(engine, face) for face in faces]
    pairs = [(face.embedding, face.quality.score) for face in embedded if face.embedding is not None]
    alike = np.array([[one.similarity(other) for other, _ in pairs] for one, _ in pairs])
    most_agreed = int(alike.sum(axis=1).round(4).argmax())  # rounded: of two, the better one
    total = np.zeros_like(pairs[0][0].vector)
    for (embedding, score), similarity in zip(pairs, alike[most_agreed], strict=True):
        if similarity >= _SAME_PERSON:
            total += np.float32(max(score, 1e-3)) * embedding.vector
    return Embedding((total / np.linalg.norm(total)).astype(np.float32), pairs[0][0].contract_id)
