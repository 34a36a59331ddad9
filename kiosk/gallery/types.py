"""The searchable faces of an event: the index port, candidates and matches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from kiosk.vision.types import Box, Embedding


@dataclass(frozen=True, slots=True, order=True)
class FaceKey:
    """A face in a photo: the photo's id (32 hex digits) and the face's place in it (0..65535)."""

    photo_id: str
    ordinal: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A face of the gallery near the probe; cosine similarity, higher is closer."""

    face: FaceKey
    similarity: float


class Certainty(StrEnum):
    """How sure a hit is."""

    MATCH = "match"
    MAYBE = "maybe"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Similarities from which a candidate is a sure match, or a maybe; `kin` is the one from which two of
    the event's own faces are taken for one person's when each helps to find the other."""

    match: float
    maybe: float
    kin: float


class GroupRule(StrEnum):
    """Which photos several people together want."""

    ANY = "any"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class PhotoMatch:
    """A photo that shows who was searched, once per photo.

    `faces` are theirs, the surest first: one for a single visitor, up to one for each of a group. `boxes`
    are where these faces are, in pixels of the upright original, in the order of `faces`; empty where nobody
    asked for them. `similarity` and `certainty` are those of the surest face for ANY, of the least sure for
    ALL.
    """

    photo_id: str
    faces: tuple[FaceKey, ...]
    similarity: float
    certainty: Certainty
    boxes: tuple[Box, ...] = ()


class VectorIndex(Protocol):
    """A disposable projection of SQL's faces, searched by similarity within one event.

    Safe to call from several threads. Raises KnownError: CONTRACT_MISMATCH for embeddings of another
    contract, INDEX_DAMAGED, INDEX_UNREACHABLE, INDEX_LOCKED (another process holds it).
    """

    @property
    def contract_id(self) -> str:
        """The contract of the embeddings that it holds."""
        ...

    def add(self, event_id: str, faces: Sequence[FaceKey], embeddings: Sequence[Embedding]) -> None:
        """Adds faces; a face that is there already is replaced, so doing it again is harmless.
        Visible to `search` on return."""
        ...

    def remove_photos(self, event_id: str, photo_ids: Sequence[str]) -> None:
        """Takes all faces of these photos out; unknown ones are ignored."""
        ...

    def search(
        self, event_id: str, probe: Embedding, *, min_similarity: float = -1.0, limit: int | None = None
    ) -> list[Candidate]:
        """Faces of the event with at least this similarity, best first; an unknown event has none."""
        ...

    def faces(self, event_id: str) -> set[FaceKey]:
        """Every face that it holds of an event, to compare with SQL."""
        ...

    def count(self, event_id: str) -> int:
        """How many faces it holds of an event; quick."""
        ...

    def embeddings(self, event_id: str, faces: Sequence[FaceKey]) -> dict[FaceKey, Embedding]:
        """The embeddings of these faces of the event; faces that it does not hold are left out."""
        ...

    def drop(self, event_id: str) -> None:
        """Forgets an event."""
        ...

    def close(self) -> None:
        """Writes what is unwritten and lets go of files and locks."""
        ...


@runtime_checkable
class LeavesTraces(Protocol):
    """An index in whose files the numbers of faces that were taken out of it may stay."""

    def empty_for_good(self) -> bool:
        """Throws everything away, files included, to be filled again from SQL; False for one whose files are
        a server's own affair: nothing is thrown away then."""
        ...
