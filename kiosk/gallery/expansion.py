"""Album expansion: what the event's own photos say about a search, computed among the faces near the probe.

Two photos of one person often resemble each other more than either resembles the look into the camera. So a
face is not judged alone but together with its kin, the faces in other photos that are as like it as one
person's are. With p the probe, d(g) = p.g, and K(f) the kin of face f and f itself, all of length 1:

    t(f) = the sum over g in K(f) of g, brought to length 1         what the person of f looks like
    s(f) = p.t(f)                                                    the probe and that person

A face without kin keeps its own similarity, so strangers reach with it what they reached before, and kin have
to resemble the probe as well or they pull their own down. This is the averaging of the database's side known
from image retrieval (Turcot and Lowe 2009); clusters need not be kept, since they form around each search.

A visitor is one person: with b the face of the highest s, a face that is no kin of b is shown as no more
certain than it agrees with probe and b together,

    s'(f) = min(s(f), q.t(f)),  q = p + t(b) brought to length 1,

which holds back the strangers whom only the probe resembles. Nothing here depends on the thresholds of the
decision: the share of strangers who find something is read from s' as it was from the plain similarity.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from kiosk.gallery.types import Candidate, FaceKey, Thresholds
from kiosk.vision.types import Embedding, FloatArray

REACH = 0.25
"""How far below the kin threshold a face may be from the probe and still be found through its kin."""
_MOST_FACES = 512
"""Bounds the time: 512 faces are compared with each other in some 5 ms on one core."""


def least_similarity(thresholds: Thresholds) -> float:
    """From which similarity to the probe on a search asks the index for faces."""
    return min(thresholds.maybe, thresholds.kin - REACH)


def faces_in_reach(candidates: Sequence[Candidate], kin: float) -> list[FaceKey]:
    """The faces, of `candidates` best first, whose embeddings `expanded` wants; 512 at most."""
    return [one.face for one in candidates[:_MOST_FACES] if one.similarity >= kin - REACH]


def expanded(
    candidates: Sequence[Candidate], embeddings: Mapping[FaceKey, Embedding], kin: float
) -> list[Candidate]:
    """The candidates of one probe with s' as their similarity, in the order given.

    `kin` is the cosine from which two faces are taken for one person's. A candidate that `embeddings` lacks
    keeps its similarity.
    """
    near = [place for place, one in enumerate(candidates) if one.face in embeddings]
    if len(near) < 2:
        return list(candidates)
    faces = [candidates[place].face for place in near]
    to_probe = np.array([candidates[place].similarity for place in near], np.float32)
    scores = _scores(
        np.stack([embeddings[face].vector for face in faces]), to_probe, _photo_numbers(faces), kin
    )
    result = list(candidates)
    for place, score in zip(near, scores.tolist(), strict=True):
        result[place] = replace(candidates[place], similarity=min(1.0, score))
    return result


def _photo_numbers(faces: Sequence[FaceKey]) -> NDArray[np.intp]:
    """The number of each face's photo."""
    numbers = {photo_id: number for number, photo_id in enumerate(dict.fromkeys(f.photo_id for f in faces))}
    return np.array([numbers[face.photo_id] for face in faces], np.intp)


def _scores(vectors: FloatArray, to_probe: FloatArray, photos: NDArray[np.intp], kin: float) -> FloatArray:
    """s' of n faces: `vectors` [n x 512], `to_probe` [n], `photos` [n]; faces of one photo are never kin."""
    alike = vectors @ vectors.T
    is_kin = (alike >= kin) & (photos[:, None] != photos[None, :])
    np.fill_diagonal(is_kin, True)
    kinship = is_kin.astype(np.float32)
    to_sums = kinship @ alike
    lengths = np.sqrt(np.maximum((to_sums * kinship).sum(axis=1), 1e-6))
    scores = (kinship @ to_probe) / lengths
    best = int(scores.argmax())
    to_best = (to_sums @ kinship[best]) / (lengths * lengths[best])
    length_of_both = np.sqrt(max(2.0 + 2.0 * float(scores[best]), 1e-6))
    agreement = (scores + to_best) / length_of_both
    held_back: FloatArray = np.minimum(scores, agreement)
    return np.where(is_kin[best], scores, held_back)
