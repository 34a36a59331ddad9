"""Which candidates are shown to a visitor or a group, and how sure: a pure decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from kiosk.gallery.types import Candidate, Certainty, FaceKey, GroupRule, PhotoMatch, Thresholds

_Faces = dict[FaceKey, float]
"""The faces of one photo that may be one person's, and how similar each is."""


def decide(
    people: Sequence[Iterable[Candidate]], thresholds: Thresholds, rule: GroupRule = GroupRule.ANY
) -> list[PhotoMatch]:
    """One hit per photo, best first: sure from `thresholds.match`, maybe from `thresholds.maybe`.

    `people` are the candidates of each person who searches. In a photo each of them has one face at most and
    no face is two people's. ANY wants one of them in the photo and counts the surest, ALL wants each and
    counts the least sure. Equal similarities are ordered by face, so the answer is repeatable.
    """
    photos: dict[str, list[_Faces]] = {}
    for person, candidates in enumerate(people):
        for one in candidates:
            if one.similarity >= thresholds.maybe:
                faces = photos.setdefault(one.face.photo_id, [{} for _ in people])[person]
                faces[one.face] = max(one.similarity, faces.get(one.face, one.similarity))
    hits = []
    for photo_id, faces_of_each in photos.items():
        chosen = _one_face_each(faces_of_each)
        if rule is GroupRule.ANY or len(chosen) == len(people):
            hits.append(_hit(photo_id, chosen, thresholds, rule))
    return sorted(hits, key=lambda hit: (-hit.similarity, hit.faces))


def _hit(photo_id: str, chosen: list[Candidate], thresholds: Thresholds, rule: GroupRule) -> PhotoMatch:
    counted = chosen[0] if rule is GroupRule.ANY else chosen[-1]
    return PhotoMatch(
        photo_id=photo_id,
        faces=tuple(one.face for one in chosen),
        similarity=counted.similarity,
        certainty=Certainty.MATCH if counted.similarity >= thresholds.match else Certainty.MAYBE,
    )


def _one_face_each(faces_of_each: list[_Faces]) -> list[Candidate]:
    """A face of their own for as many people as can be, best first.

    Pairs are taken best first; somebody gives a face up only where another one of theirs takes its place
    (augmenting paths, Kuhn 1955): so the least sure of them is as sure as can be.
    """
    pairs = sorted(
        (-similarity, face, person)
        for person, faces in enumerate(faces_of_each)
        for face, similarity in faces.items()
    )
    allowed: list[list[FaceKey]] = [[] for _ in faces_of_each]
    owners: dict[FaceKey, int] = {}

    def settle(person: int, tried: set[FaceKey]) -> bool:
        for face in allowed[person]:
            if face not in tried:
                tried.add(face)
                if face not in owners or settle(owners[face], tried):
                    owners[face] = person
                    return True
        return False

    for _, face, person in pairs:
        allowed[person].append(face)
        for unsettled in set(range(len(allowed))) - set(owners.values()):
            settle(unsettled, set())
    chosen = [Candidate(face, faces_of_each[person][face]) for face, person in owners.items()]
    return sorted(chosen, key=lambda one: (-one.similarity, one.face))
