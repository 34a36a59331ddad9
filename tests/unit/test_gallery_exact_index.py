"""The index scans bytes instead of vectors: nothing that it answers may show it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.gallery.codes import CodedProbe, encode
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import Candidate, FaceKey
from kiosk.vision.types import Embedding, FloatArray

CONTRACT = "recogniser-1"
FACES = 9000
"""More than two blocks of the file."""


def unit(rows: FloatArray) -> FloatArray:
    return np.asarray(rows / np.linalg.norm(rows, axis=-1, keepdims=True), np.float32)


def crowd(seed: int, faces: int = FACES, people: int = 300) -> FloatArray:
    """Faces as an event has them: many photos of each person, near and less near."""
    rng = np.random.default_rng(seed)
    spread = (1 + np.arange(512)) ** -0.3
    centres = unit(rng.standard_normal((people, 512)) * spread)
    noise = unit(rng.standard_normal((faces, 512)) * spread)
    return unit(centres[rng.integers(0, people, faces)] + rng.uniform(0.2, 1.4, (faces, 1)) * noise)


def face(photo: int, ordinal: int = 0) -> FaceKey:
    return FaceKey(f"{photo:032x}", ordinal)


KEYS = [face(row // 3, row % 3) for row in range(FACES)]


def embedded(rows: FloatArray) -> list[Embedding]:
    return [Embedding(row, CONTRACT) for row in rows]


def by_hand(rows: FloatArray, probe: Embedding, least: float = -1.0) -> list[Candidate]:
    """All faces compared one by one, in double precision."""
    cosines = (rows.astype(np.float64) @ probe.vector.astype(np.float64)).clip(-1, 1).astype(np.float32)
    hits = [
        Candidate(key, float(cosine))
        for key, cosine in zip(KEYS, cosines, strict=False)
        if cosine >= np.float32(least)
    ]
    return sorted(hits, key=lambda hit: (-hit.similarity, hit.face))


@pytest.fixture(scope="module")
def rows() -> FloatArray:
    return crowd(1)


@pytest.fixture
def index(tmp_path: Path, rows: FloatArray) -> Iterator[ExactIndex]:
    opened = ExactIndex(tmp_path, CONTRACT)
    opened.add("run", KEYS, embedded(rows))
    yield opened
    opened.close()


@pytest.mark.parametrize("least", [-1.0, 0.0, 0.15, 0.3, 0.5, 0.9, 1.0])
def test_every_face_over_the_threshold_is_found_as_by_comparing_all(
    index: ExactIndex, rows: FloatArray, least: float
) -> None:
    for probe in embedded(crowd(2, 12)) + embedded(rows[:3]):
        assert index.search("run", probe, min_similarity=least) == by_hand(rows, probe, least)


@pytest.mark.parametrize("limit", [1, 2, 50, 4096, FACES - 1, FACES, FACES + 1])
def test_the_best_faces_are_those_of_comparing_all(index: ExactIndex, rows: FloatArray, limit: int) -> None:
    for probe in embedded(crowd(3, 4)):
        expected = by_hand(rows, probe)
        assert index.search("run", probe, limit=limit) == expected[:limit]
        in_reach = [hit for hit in expected if hit.similarity >= np.float32(0.2)]
        assert index.search("run", probe, min_similarity=0.2, limit=limit) == in_reach[:limit]


def test_a_face_exactly_at_the_threshold_is_found_and_one_just_below_is_not(
    index: ExactIndex, rows: FloatArray
) -> None:
    for probe in embedded(crowd(4, 10)):
        for hit in by_hand(rows, probe)[:60:7]:
            just_above = float(np.nextafter(np.float32(hit.similarity), np.float32(2)))

            at = index.search("run", probe, min_similarity=hit.similarity)
            above = index.search("run", probe, min_similarity=just_above)

            assert hit in at
            assert hit not in above


def test_of_equal_faces_the_same_ones_come_back_each_time(tmp_path: Path) -> None:
    index = ExactIndex(tmp_path, CONTRACT)
    same = np.repeat(crowd(5, 1), 30, axis=0)
    index.add("run", KEYS[:30][::-1], embedded(same))

    assert [hit.face for hit in index.search("run", embedded(same)[0], limit=4)] == KEYS[:4]
    index.close()


def test_vectors_that_bytes_hold_badly_are_found_as_by_comparing_all(tmp_path: Path) -> None:
    rng = np.random.default_rng(6)
    spikes = np.eye(512, dtype=np.float32)
    mixed = unit(spikes[:200] + rng.standard_normal((200, 512)).astype(np.float32) * np.float32(0.003))
    flat = unit(np.sign(rng.standard_normal((200, 512))) + rng.uniform(-1e-3, 1e-3, (200, 512)))
    rows = np.concatenate([spikes, mixed, flat])
    index = ExactIndex(tmp_path, CONTRACT)
    index.add("run", KEYS[: len(rows)], embedded(rows))

    for probe in embedded(np.concatenate([mixed[:5], flat[:5], crowd(7, 5)])):
        for least in (0.001, 0.05, 0.3):
            assert index.search("run", probe, min_similarity=least) == by_hand(rows, probe, least)
        assert index.search("run", probe, limit=20) == by_hand(rows, probe)[:20]
    index.close()


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), power=st.integers(0, 6))
def test_the_true_cosine_is_never_farther_from_the_estimate_than_told_for_any_vectors(
    seed: int, power: int
) -> None:
    rng = np.random.default_rng(seed)
    vectors = unit(rng.standard_normal((64, 512)) ** (2 * power + 1))
    probe = unit(rng.standard_normal(512) ** (2 * power + 1) + rng.uniform(0, 2) * vectors[0])
    coded = encode(vectors)
    against = vectors[0] - coded.codes[0] * coded.scales[0]

    for direction in (probe, unit(against), unit(-against)):
        told, off = CodedProbe(direction).estimates(coded.codes, coded.scales, coded.residuals)
        cosines = vectors.astype(np.float64) @ direction.astype(np.float64)
        assert (np.abs(cosines - told) <= off).all()


def test_the_bounds_are_tight_enough_to_rule_nearly_every_stranger_out() -> None:
    rng = np.random.default_rng(8)
    rows, probe = unit(rng.standard_normal((2000, 512))), unit(rng.standard_normal(512))
    coded = encode(rows)

    _, off = CodedProbe(probe).estimates(coded.codes, coded.scales, coded.residuals)

    assert float(off.max()) < 0.023


def test_a_face_that_is_replaced_over_and_over_is_found_by_every_search_once(index: ExactIndex) -> None:
    probe = embedded(unit(np.ones((1, 512))))[0]
    index.add("run", [face(7777)], [probe])
    answers: list[list[FaceKey]] = []
    is_done = threading.Event()

    def search() -> None:
        while not is_done.is_set():
            answers.append([hit.face for hit in index.search("run", probe, min_similarity=0.9)])

    searcher = threading.Thread(target=search)
    searcher.start()
    try:
        for _ in range(60):
            index.add("run", [face(7777)], [probe])
    finally:
        is_done.set()
        searcher.join(20)

    assert len(answers) > 5
    assert all(found == [face(7777)] for found in answers)


def test_the_best_are_complete_while_others_are_removed(index: ExactIndex, rows: FloatArray) -> None:
    probe = embedded(rows[:1])[0]
    order = [hit.face for hit in by_hand(rows, probe)]
    gone = [key.photo_id for key in order[5:400:2]]
    answers: list[int] = []
    is_done = threading.Event()

    def search() -> None:
        while not is_done.is_set():
            answers.append(len(index.search("run", probe, limit=300)))

    searcher = threading.Thread(target=search)
    searcher.start()
    try:
        for start in range(0, len(gone), 4):
            index.remove_photos("run", gone[start : start + 4])
    finally:
        is_done.set()
        searcher.join(20)

    assert set(answers) == {300}
    removed = set(gone)
    left = [key for key in order if key.photo_id not in removed]
    assert [hit.face for hit in index.search("run", probe, limit=300)] == left[:300]


def test_it_counts_the_faces_that_it_holds(index: ExactIndex) -> None:
    assert index.count("run") == FACES
    index.add("run", [*KEYS[:2], face(9999)], embedded(crowd(10, 3)))
    assert index.count("run") == FACES + 1
    index.remove_photos("run", [face(0).photo_id, face(9999).photo_id])
    assert index.count("run") == FACES - 3
    assert index.count("nowhere") == 0
