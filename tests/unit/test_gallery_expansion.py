"""What the event's own photos may and may not do to a search."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.gallery.expansion import expanded, faces_in_reach
from kiosk.gallery.types import Candidate, FaceKey
from kiosk.vision.types import Embedding, FloatArray

KIN = 0.47
PROBE, PERSON, STRANGER = 0, 1, 2
"""Axes: what is seen of the visitor at the kiosk, what only their photos share, and somebody else."""


def face(photo: str, own_axis: int, ordinal: int = 0, **parts: float) -> tuple[FaceKey, FloatArray]:
    """A unit vector with these parts along the axes above, the rest along an axis of its own."""
    vector = np.zeros(512, np.float32)
    for name, part in parts.items():
        vector[{"probe": PROBE, "person": PERSON, "stranger": STRANGER}[name]] = part
    vector[10 + own_axis] = np.sqrt(1 - np.square(vector).sum())
    return FaceKey(photo, ordinal), vector


def search(*faces: tuple[FaceKey, FloatArray], kin: float = KIN) -> dict[FaceKey, float]:
    """Each face's similarity after the expansion."""
    candidates = sorted(
        (Candidate(key, float(vector[PROBE])) for key, vector in faces),
        key=lambda one: (-one.similarity, one.face),
    )
    held: Mapping[FaceKey, Embedding] = {key: Embedding(vector, "c") for key, vector in faces}
    after = expanded(candidates, held, kin)
    assert [one.face for one in after] == [one.face for one in candidates]
    return {one.face: one.similarity for one in after}


def test_a_hard_photo_is_raised_by_the_easy_ones_of_the_same_person() -> None:
    easy = [face(f"easy{place}", place, probe=0.6, person=0.6) for place in range(2)]
    hard = face("hard", 2, probe=0.3, person=0.7)
    assert search(*easy, hard)[hard[0]] > 0.5


def test_kin_that_do_not_resemble_the_probe_pull_a_lucky_hit_down() -> None:
    lucky = face("lucky", 0, probe=0.45, stranger=0.75)
    siblings = [face(f"sibling{place}", place, probe=0.23, stranger=0.8) for place in range(1, 5)]
    alone = search(lucky)[lucky[0]]
    assert search(lucky, *siblings)[lucky[0]] < alone - 0.05


def test_faces_without_kin_keep_their_order_and_the_best_one_its_similarity() -> None:
    faces = [face(f"photo{place}", place, probe=0.3 + place / 20) for place in range(4)]
    after = search(*faces)
    best = faces[-1][0]
    assert after[best] == pytest.approx(0.45)
    assert sorted(after, key=lambda key: after[key]) == [key for key, _ in faces]


def test_a_face_that_disagrees_with_the_surest_person_is_held_back() -> None:
    own = [face(f"own{place}", place, probe=0.7, person=0.5) for place in range(3)]
    other = face("other", 3, probe=0.43)
    agreeing = face("agreeing", 4, probe=0.43, person=0.2)
    after = search(*own, other, agreeing)
    assert after[other[0]] < 0.42
    assert after[agreeing[0]] == pytest.approx(0.43, abs=1e-3)


def test_two_faces_of_one_photo_are_two_people_however_alike() -> None:
    twins = [
        face("photo", place, ordinal=place, probe=part, person=0.7) for place, part in enumerate((0.6, 0.3))
    ]
    assert search(*twins)[twins[1][0]] <= 0.3 + 1e-6


def test_a_candidate_whose_embedding_is_gone_keeps_its_similarity() -> None:
    gone = Candidate(FaceKey("gone", 0), 0.5)
    (here, vector), (there, other) = face("here", 0, probe=0.6), face("there", 1, probe=0.4)
    candidates = [Candidate(here, 0.6), gone, Candidate(there, 0.4)]
    held = {here: Embedding(vector, "c"), there: Embedding(other, "c")}
    assert expanded(candidates, held, KIN)[1] == gone


def test_only_faces_in_reach_are_looked_up_and_never_more_than_the_bound() -> None:
    near = [Candidate(FaceKey(f"{place:04}", 0), 0.5) for place in range(600)]
    far = Candidate(FaceKey("far", 0), 0.2)
    assert faces_in_reach([*near[:3], far], KIN) == [one.face for one in near[:3]]
    assert len(faces_in_reach(near, KIN)) == 512


vectors = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.integers(0, 3), st.integers(0, 2**32 - 1)),
    unique_by=lambda one: one[:2],
    max_size=14,
)


@given(vectors, st.floats(0.1, 0.9), st.randoms(use_true_random=False))
def test_the_answer_is_a_cosine_and_does_not_depend_on_the_order(parts, kin, random) -> None:  # type: ignore[no-untyped-def]
    faces = []
    for photo, ordinal, seed in parts:
        vector = np.abs(np.random.default_rng(seed).normal(size=512)[:6])
        whole = np.zeros(512, np.float32)
        whole[:6] = vector / np.linalg.norm(vector)
        faces.append((FaceKey(photo, ordinal), whole))
    shuffled = list(faces)
    random.shuffle(shuffled)
    first, again = search(*faces, kin=kin), search(*shuffled, kin=kin)
    assert first == again
    assert all(-1.0 <= similarity <= 1.0 for similarity in first.values())
