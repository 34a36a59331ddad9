"""Whom a face resembles most, among a few and among many, and that changes are taken in."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.types import Thresholds
from kiosk.streams.known_people import KnownPeople
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, FloatArray
from kiosk.visits.ports import KnownFaces
from kiosk.visits.types import PersonKind

CONTRACT = "c"


class Listed:
    """People as a list of (person, vector)."""

    def __init__(self, *faces: tuple[str, FloatArray]) -> None:
        self.faces = list(faces)
        self.reads = 0

    def revision(self) -> str:
        return str(len(self.faces))

    def known_faces(self, contract_id: str) -> KnownFaces:
        self.reads += 1
        return KnownFaces(
            contract_id,
            self.revision(),
            np.stack([vector for _, vector in self.faces] or [np.zeros(EMBEDDING_SIZE)])[: len(self.faces)],
            tuple(name for name, _ in self.faces),
            tuple(
                PersonKind.STAFF if name.startswith("s") else PersonKind.CUSTOMER for name, _ in self.faces
            ),
            tuple(name.upper() for name, _ in self.faces),
            tuple("unknown" for _ in self.faces),
        )


def unit(vectors: FloatArray) -> FloatArray:
    return (vectors / np.linalg.norm(vectors, axis=-1, keepdims=True)).astype(np.float32)


def axis(*places: int) -> FloatArray:
    vector = np.zeros(EMBEDDING_SIZE, np.float32)
    vector[list(places)] = 1.0
    return unit(vector)


def known(listed: Listed) -> KnownPeople:
    people = KnownPeople(listed, CONTRACT, lambda faces: Thresholds(0.4 + faces / 1e6, 0.3, 0.4))
    people.refresh()
    return people


def test_a_person_is_as_similar_as_the_most_similar_of_their_faces() -> None:
    people = known(Listed(("b", axis(0)), ("a", axis(1)), ("b", axis(2)), ("sam", axis(1, 2, 3))))

    ranking = people.identify(Embedding(axis(2), CONTRACT))

    assert ranking.best is not None
    assert ranking.second is not None
    assert (ranking.best.person.person_id, ranking.best.person.name) == ("b", "B")
    assert ranking.best.similarity == pytest.approx(1.0)
    assert ranking.second.person.kind is PersonKind.STAFF
    assert ranking.second.similarity == pytest.approx(3**-0.5)


def test_where_nobody_or_one_is_known_there_is_no_second() -> None:
    probe = Embedding(axis(0), CONTRACT)

    assert known(Listed()).identify(probe).best is None
    alone = known(Listed(("a", axis(0)), ("a", axis(1)))).identify(probe)
    assert alone.best is not None
    assert alone.second is None


@pytest.mark.parametrize("count", [300, 9000])
def test_among_many_the_answer_is_that_of_comparing_all(count: int) -> None:
    rng = np.random.default_rng(count)
    owners = rng.permutation(np.repeat(np.arange(count // 3), 3))
    # Families: several people nearly alike, whom bytes alone could not tell apart.
    centres = unit(rng.normal(size=(count // 30, EMBEDDING_SIZE)))
    vectors = unit(centres[owners // 10] + 0.004 * rng.normal(size=(count, EMBEDDING_SIZE)))
    people = known(Listed(*[(f"{owner:05}", vector) for owner, vector in zip(owners, vectors, strict=True)]))
    probes = unit(vectors[:200] + 0.002 * rng.normal(size=(200, EMBEDDING_SIZE)))

    rankings = people.rank([Embedding(probe, CONTRACT) for probe in probes])

    for probe, ranking in zip(probes, rankings, strict=True):
        best = np.full(owners.max() + 1, -1.0)
        np.maximum.at(best, owners, vectors @ probe)
        first, second = np.argsort(best)[::-1][:2]
        assert ranking.best is not None
        assert ranking.second is not None
        assert ranking.best.similarity == pytest.approx(best[first], abs=1e-6)
        assert ranking.second.similarity == pytest.approx(best[second], abs=1e-6)
        assert ranking.best.person.person_id == f"{first:05}"


def test_changes_are_taken_in_and_only_then_is_anything_read() -> None:
    listed = Listed(("a", axis(0)))
    people = known(listed)
    before = people.revision

    assert not people.refresh()
    assert listed.reads == 1
    listed.faces.append(("b", axis(1)))
    assert people.identify(Embedding(axis(1), CONTRACT)).best.similarity == pytest.approx(0.0)  # type: ignore[union-attr]
    assert people.refresh()
    assert people.revision != before
    assert people.identify(Embedding(axis(1), CONTRACT)).best.person.person_id == "b"  # type: ignore[union-attr]


def test_thresholds_are_those_for_as_many_faces_as_are_known() -> None:
    listed = Listed(*[(f"{one}", axis(one)) for one in range(50)])

    assert known(listed).thresholds.match == pytest.approx(0.4 + 50 / 1e6)


def test_faces_of_another_engine_are_not_compared() -> None:
    people = known(Listed(("a", axis(0))))

    with pytest.raises(KnownError) as refused:
        people.identify(Embedding(axis(0), "another"))
    assert refused.value.code == ErrorCode.CONTRACT_MISMATCH
