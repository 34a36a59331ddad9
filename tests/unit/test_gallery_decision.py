"""The decision who is shown which photo."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from kiosk.gallery.decision import decide
from kiosk.gallery.types import Candidate, Certainty, FaceKey, GroupRule, Thresholds

THRESHOLDS = Thresholds(match=0.42, maybe=0.30, kin=0.47)


def candidate(photo: str, similarity: float, ordinal: int = 0) -> Candidate:
    return Candidate(FaceKey(photo, ordinal), similarity)


def test_the_thresholds_themselves_count_as_reached() -> None:
    decided = decide([[candidate("a", 0.42), candidate("b", 0.30), candidate("c", 0.2999)]], THRESHOLDS)

    assert [(hit.photo_id, hit.certainty) for hit in decided] == [
        ("a", Certainty.MATCH),
        ("b", Certainty.MAYBE),
    ]


def test_a_photo_is_shown_once_by_its_best_face() -> None:
    decided = decide([[candidate("a", 0.35, 0), candidate("a", 0.61, 3), candidate("a", 0.5, 1)]], THRESHOLDS)

    assert [(hit.faces[0].ordinal, hit.similarity, hit.certainty) for hit in decided] == [
        (3, 0.61, Certainty.MATCH)
    ]


def test_nobody_near_means_no_photos() -> None:
    assert decide([[]], THRESHOLDS) == []
    assert decide([[candidate("a", 0.1)]], THRESHOLDS) == []


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

    assert decide([shuffled], THRESHOLDS) == decide([given_ones], THRESHOLDS)


@given(candidates)
def test_no_photo_above_maybe_is_lost_and_none_is_shown_twice(given_ones: list[Candidate]) -> None:
    decided = decide([given_ones], THRESHOLDS)

    expected = {one.face.photo_id for one in given_ones if one.similarity >= THRESHOLDS.maybe}
    assert sorted(hit.photo_id for hit in decided) == sorted(expected)


# --- several people together


def photos_of(people: list[list[Candidate]], rule: GroupRule) -> list[tuple[str, float, tuple[int, ...]]]:
    return [
        (hit.photo_id, hit.similarity, tuple(face.ordinal for face in hit.faces))
        for hit in decide(people, THRESHOLDS, rule)
    ]


MUM = [candidate("all", 0.6, 0), candidate("mum", 0.5, 2), candidate("twins", 0.55, 0)]
SON = [candidate("all", 0.45, 1), candidate("son", 0.7), candidate("twins", 0.5, 0)]


def test_any_of_us_shows_each_photo_with_one_of_them_as_sure_as_the_surest() -> None:
    assert photos_of([MUM, SON], GroupRule.ANY) == [
        ("son", 0.7, (0,)),
        ("all", 0.6, (0, 1)),
        ("twins", 0.55, (0,)),
        ("mum", 0.5, (2,)),
    ]


def test_all_of_us_shows_only_photos_with_a_face_for_each_as_sure_as_the_least_sure() -> None:
    assert photos_of([MUM, SON], GroupRule.ALL) == [("all", 0.45, (0, 1))]


def test_somebody_gives_up_a_face_to_who_has_no_other() -> None:
    older, younger = [candidate("a", 0.6, 0), candidate("a", 0.5, 1)], [candidate("a", 0.55, 0)]
    assert photos_of([older, younger], GroupRule.ALL) == [("a", 0.5, (0, 1))]
    assert photos_of([younger, older], GroupRule.ALL) == [("a", 0.5, (0, 1))]


def test_all_of_us_is_sure_only_when_each_is() -> None:
    [hit] = decide([[candidate("a", 0.9, 0)], [candidate("a", 0.35, 1)]], THRESHOLDS, GroupRule.ALL)
    assert hit.certainty is Certainty.MAYBE


faces_of_one_photo = st.lists(
    st.dictionaries(st.integers(0, 3), st.floats(0.0, 1, width=32), max_size=4), min_size=1, max_size=4
)


@given(faces_of_one_photo)
def test_no_other_assignment_serves_more_people_or_leaves_the_least_sure_surer(
    faces: list[dict[int, float]],
) -> None:
    people = [[candidate("a", similarity, face) for face, similarity in each.items()] for each in faces]
    choices = [[None, *each] for each in faces]
    possible = [
        [faces[person][face] for person, face in enumerate(chosen) if face is not None]
        for chosen in product(*choices)
        if len(set(chosen) - {None}) == sum(face is not None for face in chosen)
    ]
    most = max(len(chosen) for chosen in possible)
    decided = decide(people, Thresholds(match=0.42, maybe=0.0, kin=0.47), GroupRule.ALL)
    if most < len(people):
        assert decided == []
    else:
        assert decided[0].similarity == max(min(chosen) for chosen in possible if len(chosen) == most)
