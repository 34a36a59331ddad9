"""Whoever is known, in memory: which of them a face resembles most."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import structlog
from numpy.typing import NDArray

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.codes import CodedProbe, CodedRows, encode
from kiosk.gallery.types import Thresholds
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, FloatArray
from kiosk.visits.ports import KnownFaces, People
from kiosk.visits.types import PersonKind

_log = structlog.get_logger(__name__)

_CODED_FROM = 512
"""From some 900 rows on NumPy's library has a second thread help with a product, which then waits for more at
full speed: 18 ms of a core for 0.2 ms of work."""
_CODED_AT_ONCE = 8192
_ROUNDING = 1e-6
_LONG_READ_S = 0.2
_REST = 10.0
"""After a read that took long, so many times as long nothing is read anew: where everybody who comes is kept,
there may be 100,000 faces and a new one with each visitor."""


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """Who somebody is, as far as a camera needs to know."""

    person_id: str
    kind: PersonKind
    name: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Likeness:
    """A person and how similar they are (cosine, that of the most similar of their faces)."""

    person: KnownPerson
    similarity: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Whom a face resembles most, and whom next; None where fewer people are known."""

    best: Likeness | None = None
    second: Likeness | None = None


class KnownPeople:
    """The faces of all who are known, under one contract. Safe from several threads.

    Its owner calls `refresh` about once a second; what is asked meanwhile is answered from what was read
    last, so nobody waits for the database.
    """

    def __init__(self, people: People, contract_id: str, thresholds: Callable[[int], Thresholds]) -> None:
        """`thresholds` gives those for a number of faces. Nothing is read before the first `refresh`."""
        self._people = people
        self._contract_id = contract_id
        self._thresholds = thresholds
        self._known = _Known()
        self._limits = thresholds(0)
        self._rests_until_s = 0.0

    @property
    def revision(self) -> str:
        """Of what is held; empty before the first `refresh`."""
        return self._known.revision

    @property
    def thresholds(self) -> Thresholds:
        """Those for as many faces as are known."""
        return self._limits

    def refresh(self) -> bool:
        """Reads anew if anything changed; whether it did. Raises KnownError DATABASE_*."""
        began_s = time.monotonic()
        if began_s < self._rests_until_s:
            return False
        is_new = self._people.revision() != self._known.revision
        if is_new:
            self._known = _Known.of(self._people.known_faces(self._contract_id))
            took_s = time.monotonic() - began_s
            self._rests_until_s = time.monotonic() + _REST * took_s if took_s > _LONG_READ_S else 0.0
            _log.info("known_people_read", people=len(self._known.people), faces=len(self._known.vectors))
        self._limits = self._thresholds(len(self._known.vectors))
        return is_new

    def person(self, person_id: str) -> KnownPerson | None:
        """Somebody as they are known now; None for whoever is not known, or not any more."""
        return self._known.by_id.get(person_id)

    def identify(self, embedding: Embedding) -> Ranking:
        """Whom this face resembles. Raises KnownError(CONTRACT_MISMATCH)."""
        return self.rank([embedding])[0]

    def rank(self, embeddings: Sequence[Embedding]) -> list[Ranking]:
        """As `identify`, of several faces, all compared with the same state of those who are known."""
        for one in embeddings:
            if one.contract_id != self._contract_id:
                raise KnownError(
                    ErrorCode.CONTRACT_MISMATCH,
                    f"Embeddings of {self._contract_id} and {one.contract_id} cannot be compared.",
                    "Enrol people again with the engine in use.",
                )
        known = self._known
        return [known.rank(one.vector) for one in embeddings]


@dataclass(frozen=True, slots=True, eq=False)
class _Known:
    """One state of all faces, ordered by person: those of `people[n]` are the rows from `starts[n]` on.

    Beyond some hundred faces their codes are scanned, a quarter of the memory, and only people whom the error
    bound of these cannot rule out are compared exactly: the answer is that of comparing all.
    """

    revision: str = ""
    vectors: FloatArray = field(default_factory=lambda: np.zeros((0, EMBEDDING_SIZE), np.float32))
    starts: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, np.int64))
    people: tuple[KnownPerson, ...] = ()
    codes: CodedRows | None = None
    by_id: Mapping[str, KnownPerson] = field(default_factory=dict)

    @classmethod
    def of(cls, faces: KnownFaces) -> _Known:
        order = sorted(range(len(faces.person_ids)), key=faces.person_ids.__getitem__)
        starts = [
            place
            for place, row in enumerate(order)
            if place == 0 or faces.person_ids[row] != faces.person_ids[order[place - 1]]
        ]
        rows = [order[place] for place in starts]
        is_ordered = order == list(range(len(order)))
        people = tuple(KnownPerson(faces.person_ids[row], faces.kinds[row], faces.names[row]) for row in rows)
        vectors = np.ascontiguousarray(faces.vectors if is_ordered else faces.vectors[order], np.float32)
        return cls(
            revision=faces.revision,
            vectors=vectors,
            starts=np.array(starts, np.int64),
            people=people,
            codes=_coded(vectors) if len(vectors) >= _CODED_FROM else None,
            by_id={one.person_id: one for one in people},
        )

    def rank(self, vector: FloatArray) -> Ranking:
        if not self.people:
            return Ranking()
        places = self._promising(vector)
        found = sorted(((self._similarity(place, vector), -place) for place in places.tolist()), reverse=True)
        likest = [Likeness(self.people[-place], similarity) for similarity, place in found[:2]]
        return Ranking(*likest)

    def _promising(self, vector: FloatArray) -> NDArray[np.int64]:
        """The people, by their place, among whom the two most similar ones are."""
        if self.codes is None:
            scores, error = np.maximum.reduceat(self.vectors @ vector, self.starts), _ROUNDING
        else:
            codes = self.codes
            cosines, errors = CodedProbe(vector).estimates(codes.codes, codes.scales, codes.residuals)
            scores, error = np.maximum.reduceat(cosines, self.starts), float(errors.max())
        second = np.partition(scores, -2)[-2] if len(scores) > 1 else scores[0]
        return np.flatnonzero(scores >= second - 2 * error)

    def _similarity(self, place: int, vector: FloatArray) -> float:
        end = self.starts[place + 1] if place + 1 < len(self.starts) else len(self.vectors)
        return float((self.vectors[self.starts[place] : end] @ vector).max())


def _coded(vectors: FloatArray) -> CodedRows:
    """In parts: what is reckoned with on the way is eight times as large."""
    parts = [
        encode(vectors[start : start + _CODED_AT_ONCE]) for start in range(0, len(vectors), _CODED_AT_ONCE)
    ]
    return CodedRows(
        np.concatenate([part.codes for part in parts]),
        np.concatenate([part.scales for part in parts]),
        np.concatenate([part.residuals for part in parts]),
    )
