"""The best faces of the last second, and the probe that they make."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.camera.types import Frame
from kiosk.capture.ring import FaceRing, LiveFace, probe, with_embedding
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, Quality, RejectionReason
from tests.painted_faces import PaintedEngine, scene


def face(at_s: float, score: float, *reasons: RejectionReason, person: int = 1) -> LiveFace:
    pixels = scene((320, 180, 120, person))
    detection = PaintedEngine().detect(pixels)[0]
    return LiveFace(Frame(round(at_s * 1000), at_s, pixels), detection, (), Quality(score, reasons))


DETECTION = PaintedEngine().detect(scene((320, 180, 120, 1)))[0]


def blank(at_s: float, score: float) -> LiveFace:
    pixels = np.zeros((2, 2, 3), np.uint8)
    return LiveFace(Frame(round(at_s * 1000), at_s, pixels), DETECTION, (), Quality(score, ()))


def embedded(person: float, score: float) -> LiveFace:
    vector = np.zeros(EMBEDDING_SIZE, np.float32)
    vector[0], vector[1] = np.cos(person), np.sin(person)
    one = face(0.0, score)
    return LiveFace(one.frame, one.detection, (), one.quality, Embedding(vector, "painted"))


def test_the_best_come_first_and_a_good_one_before_any_other() -> None:
    ring = FaceRing()
    for one in (face(0.0, 0.5), face(0.1, 0.9, RejectionReason.BLURRED), face(0.2, 0.7)):
        ring.add(one)
    assert [one.quality.score for one in ring.best()] == [0.7, 0.5, 0.9]


def test_what_is_too_old_is_gone() -> None:
    ring = FaceRing()
    for one in (face(0.0, 0.9), face(0.95, 0.5), face(1.05, 0.4)):
        ring.add(one)
    ring.forget_before(0.05)
    assert [one.quality.score for one in ring.best()] == [0.5, 0.4]


@given(st.lists(st.floats(0, 1), min_size=1, max_size=40))
def test_leaving_out_what_can_never_win_changes_no_best_three(scores: list[float]) -> None:
    ring, all_faces = FaceRing(), []
    for place, score in enumerate(scores):
        all_faces.append(blank(place / 15, score))
        ring.add(all_faces[-1])
        ring.forget_before(place / 15 - 1.0)
        recent = [one for one in all_faces if one.frame.captured_at_s >= place / 15 - 1.0]
        expected = sorted((one.quality.score for one in recent), reverse=True)[:3]
        assert [one.quality.score for one in ring.best()[:3]] == expected


def test_when_somebody_else_is_in_front_nobody_before_them_is_kept() -> None:
    ring = FaceRing()
    ring.add(face(0.0, 0.9))
    pixels = scene((120, 180, 120, 2))
    other = PaintedEngine().detect(pixels)[0]
    ring.add(LiveFace(Frame(66, 0.066, pixels), other, (), Quality(0.4, ())))
    assert [one.quality.score for one in ring.best()] == [0.4]


def test_a_cleared_ring_holds_no_face() -> None:
    ring = FaceRing()
    ring.add(face(0.0, 0.9))
    ring.clear()
    assert ring.best() == []


def test_embedding_ahead_does_the_best_faces_and_changes_no_result() -> None:
    engine, ring = PaintedEngine(), FaceRing()
    for place in range(5):
        ring.add(face(place / 15, 0.5 + place / 100))
    late = probe(engine, ring.best()[:3])
    for _ in range(5):
        ring.embed_ahead(engine)
    assert [one.embedding is not None for one in ring.best()] == [True, True, True, False, False][
        : len(ring.best())
    ]
    assert probe(engine, ring.best()[:3]).similarity(late) == pytest.approx(1.0)


def test_the_probe_is_the_mean_weighted_by_quality_and_of_length_one() -> None:
    result = probe(PaintedEngine(), [embedded(0.0, 0.9), embedded(0.5, 0.3)])
    assert np.linalg.norm(result.vector) == pytest.approx(1.0, abs=1e-6)
    angle = float(np.arctan2(result.vector[1], result.vector[0]))
    assert 0.0 < angle < 0.25


def test_a_face_that_is_another_person_is_left_out_of_the_probe() -> None:
    best = embedded(0.0, 0.9)
    result = probe(PaintedEngine(), [best, embedded(1.4, 0.8)])
    assert best.embedding is not None
    assert result.similarity(best.embedding) == pytest.approx(1.0, abs=1e-6)


def test_two_against_one_leave_the_best_face_out_when_it_is_the_stranger() -> None:
    visitor = [embedded(0.0, 0.7), embedded(0.2, 0.6)]
    result = probe(PaintedEngine(), [embedded(1.4, 0.9), *visitor])
    assert all(face.embedding is not None and result.similarity(face.embedding) > 0.98 for face in visitor)


def test_a_face_is_embedded_once() -> None:
    engine = PaintedEngine()
    once = with_embedding(engine, face(0.0, 0.9))
    assert with_embedding(engine, once) is once
