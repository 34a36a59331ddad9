"""From visitors' probes to their photos: the index proposes, the decision judges, SQL has the last word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime

from kiosk.errors import BugError
from kiosk.gallery.decision import decide
from kiosk.gallery.expansion import expanded, faces_in_reach, least_similarity
from kiosk.gallery.types import (
    Candidate,
    Certainty,
    FaceKey,
    GroupRule,
    PhotoMatch,
    Thresholds,
    VectorIndex,
)
from kiosk.photos.types import Photo, PhotoRepository
from kiosk.vision.types import Embedding

MOST_PEOPLE = 8
"""Who may search together."""
_CLEARLY_CLOSER = 0.1


class FaceSearch:
    """Searches one event at a time; keeps nothing of a visitor. Safe to call from several threads."""

    def __init__(
        self, index: VectorIndex, photos: PhotoRepository, thresholds_of: Callable[[str], Thresholds]
    ) -> None:
        """`thresholds_of` an event, by its id: they depend on how many faces it has."""
        self._index = index
        self._photos = photos
        self._thresholds_of = thresholds_of

    def find(
        self,
        event_id: str,
        probes: Sequence[Embedding],
        rule: GroupRule = GroupRule.ANY,
        rejected: Sequence[AbstractSet[FaceKey]] = (),
    ) -> list[PhotoMatch]:
        """Photos on sale that show any or all of one to eight people, each photo once, with the boxes of
        their faces: the sure ones in time order, then the maybe ones, best first. What the event's own
        photos say about each other counts as well (`kiosk.gallery.expansion`).

        `rejected`: of each person, in the order of `probes`, the faces that they said are not theirs; they
        are found for this person no more, and still for the others. Empty for nobody's.

        Raises KnownError: CONTRACT_MISMATCH, INDEX_*, DATABASE_*; BugError for no probe or more than eight.
        """
        if not 1 <= len(probes) <= MOST_PEOPLE:
            raise BugError(f"{len(probes)} people cannot search together")
        thresholds = self._thresholds_of(event_id)
        people = [
            self._candidates(event_id, probe, strangers, thresholds)
            for probe, strangers in zip(probes, rejected or [frozenset()] * len(probes), strict=True)
        ]
        return self._on_sale(decide(people, thresholds, rule))

    def _candidates(
        self, event_id: str, probe: Embedding, strangers: AbstractSet[FaceKey], thresholds: Thresholds
    ) -> list[Candidate]:
        """The faces near a probe, judged together with their kin; those of `strangers` say nothing."""
        found = self._index.search(event_id, probe, min_similarity=least_similarity(thresholds))
        near = [one for one in found if one.face not in strangers]
        held = self._index.embeddings(event_id, faces_in_reach(near, thresholds.kin))
        return expanded(near, held, thresholds.kin)

    def is_same_person(self, event_id: str, one: Embedding, other: Embedding) -> bool:
        """Whether two probes are as alike as a sure match. Raises KnownError(CONTRACT_MISMATCH)."""
        return one.similarity(other) >= self._thresholds_of(event_id).match

    def kind_of(self, event_id: str, rejected: FaceKey, among: Sequence[PhotoMatch]) -> frozenset[str]:
        """The photos of `among` that show the same wrong person as a face that a visitor rejected.

        A face is of that kind when it is kin of the rejected one and clearly closer to it than to the
        visitor. Of the further wrong photos that a search shows of such a person, three in four go; somebody
        who rejects a photo of their own by mistake loses one in fifty of their others (on press portraits).
        Only embeddings of the index are compared; the visitor's is not needed. Raises KnownError: INDEX_*.
        """
        faces = {match.faces[0]: match for match in among if match.faces[0] != rejected}
        held = self._index.embeddings(event_id, [rejected, *faces])
        if rejected not in held:
            return frozenset()
        kin = self._thresholds_of(event_id).kin
        alike = {face: held[rejected].similarity(held[face]) for face in faces if face in held}
        return frozenset(
            match.photo_id
            for face, match in faces.items()
            if alike.get(face, -1.0) >= max(kin, match.similarity + _CLEARLY_CLOSER)
        )

    def _on_sale(self, matches: Sequence[PhotoMatch]) -> list[PhotoMatch]:
        on_sale = self._photos.photos_by_id(match.photo_id for match in matches)
        boxes = self._photos.face_boxes(on_sale)
        shown = [
            replace(match, boxes=tuple(boxes[face.photo_id, face.ordinal] for face in match.faces))
            for match in matches
            if all((face.photo_id, face.ordinal) in boxes for face in match.faces)
        ]
        sure = [match for match in shown if match.certainty is Certainty.MATCH]
        maybe = [match for match in shown if match.certainty is Certainty.MAYBE]
        return sorted(sure, key=lambda match: _moment(on_sale[match.photo_id])) + maybe


def _moment(photo: Photo) -> tuple[datetime, int]:
    return photo.taken_at, photo.number
