"""The decision who is shown which photo."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from kiosk.gallery.decision import decide
from kiosk.gallery.types import Candidate, Certainty, FaceKey, Thresholds

THRESHOLDS = Thresholds(match=0.42, maybe=0.30)


def candidate(photo: str, similarity: float, ordinal: int = 0) -> Candidate:
    return Candidate(FaceKey(photo, ordinal), similarity)


def test_the_thresholds_themselves_count_as_reached() -> None:
    decided = decide([candidate("a", 0.42), candidate("b", 0.30), candidate("c", 0.2999)], THRESHOLDS)

    assert [(hit.photo_id, hit.certainty) for hit in decided] == [
        ("a", Certainty.MATCH),
        ("b", Certainty.MAYBE),
    ]


def test_a_photo_is_shown_once_by_its_best_face() -> None:
    decided = decide([candidate("a", 0.35, 0), candidate("a", 0.61, 3), candidate("a", 0.5, 1)], THRESHOLDS)

    assert [(hit.face.ordinal, hit.similarity, hit.certainty) for hit in decided] == [
        (3, 0.61, Certainty.MATCH)
    ]


def test_nobody_near_means_no_photos() -> None:
    assert decide([], THRESHOLDS) == []
    assert decide([candidate("a", 0.1)], THRESHOLDS) == []


candidates = st.lists(
    st.builds(
        candidate,
        st.sampled_from("abcdef"),
        st.floats(-1, 1, allow_nan=False, width=32),
        st.integers(0, 3),
    )
)


@given(candidates, st.randoms())
def test_the_answer_does_not_depend_on_the_order_of_the_candidates(given_ones, random) -> None:  # type: ignore[no-untyped-def]
    shuffled = list(given_ones)
    random.shuffle(shuffled)

    assert decide(shuffled, THRESHOLDS) == decide(given_ones, THRESHOLDS)


@given(candidates)
def test_no_photo_above_maybe_is_lost_and_none_is_shown_twice(given_ones: list[Candidate]) -> None:
    decided = decide(given_ones, THRESHOLDS)

    expected = {one.face.photo_id for one in given_ones if one.similarity >= THRESHOLDS.maybe}
    assert sorted(hit.photo_id for hit in decided) == sorted(expected)
