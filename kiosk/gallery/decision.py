"""Which candidates are shown to a visitor, and how sure: a pure decision."""

from __future__ import annotations

from collections.abc import Iterable

from kiosk.gallery.types import Candidate, Certainty, FaceKey, PhotoMatch, Thresholds


def decide(candidates: Iterable[Candidate], thresholds: Thresholds) -> list[PhotoMatch]:
    """One hit per photo, its best face, best first: sure from `thresholds.match`, maybe from
    `thresholds.maybe`, nothing below. Equal similarities are ordered by face, so the answer is repeatable."""
    best: dict[str, Candidate] = {}
    for candidate in candidates:
        known = best.get(candidate.face.photo_id)
        if candidate.similarity >= thresholds.maybe and (known is None or _rank(candidate) < _rank(known)):
            best[candidate.face.photo_id] = candidate
    return [
        PhotoMatch(
            photo_id=hit.face.photo_id,
            face=hit.face,
            similarity=hit.similarity,
            certainty=Certainty.MATCH if hit.similarity >= thresholds.match else Certainty.MAYBE,
        )
        for hit in sorted(best.values(), key=_rank)
    ]


def _rank(candidate: Candidate) -> tuple[float, FaceKey]:
    return -candidate.similarity, candidate.face
