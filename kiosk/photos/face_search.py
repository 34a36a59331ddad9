"""From a visitor's probe to their photos: the index proposes, the decision judges, SQL has the last word."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from kiosk.gallery.decision import decide
from kiosk.gallery.types import Certainty, PhotoMatch, Thresholds, VectorIndex
from kiosk.photos.types import Photo, PhotoRepository
from kiosk.vision.types import Embedding


class FaceSearch:
    """Searches one event at a time; keeps nothing of a visitor. Safe to call from several threads."""

    def __init__(self, index: VectorIndex, photos: PhotoRepository, thresholds: Thresholds) -> None:
        self._index = index
        self._photos = photos
        self._thresholds = thresholds

    def find(self, event_id: str, probe: Embedding) -> list[PhotoMatch]:
        """Photos on sale that show the person, each once with the box of the face (pixels of the upright
        original): the sure ones in time order, then the maybe ones, best first.

        Raises KnownError: CONTRACT_MISMATCH, INDEX_*, DATABASE_*.
        """
        candidates = self._index.search(event_id, probe, min_similarity=self._thresholds.maybe)
        matches = decide(candidates, self._thresholds)
        on_sale = self._photos.photos_by_id(match.photo_id for match in matches)
        boxes = self._photos.face_boxes(on_sale)
        shown = [
            replace(match, box=boxes.get((match.photo_id, match.face.ordinal)))
            for match in matches
            if match.photo_id in on_sale
        ]
        sure = [match for match in shown if match.certainty is Certainty.MATCH]
        maybe = [match for match in shown if match.certainty is Certainty.MAYBE]
        return sorted(sure, key=lambda match: _moment(on_sale[match.photo_id])) + maybe


def _moment(photo: Photo) -> tuple[datetime, int]:
    return photo.taken_at, photo.number
