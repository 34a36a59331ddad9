"""A name stands on views that agree; what is unsure stays without one, and somebody else is noticed."""

from __future__ import annotations

import numpy as np
import pytest

from kiosk.gallery.types import Thresholds
from kiosk.streams.known_people import KnownPerson, Likeness, Ranking
from kiosk.streams.vote import MOST_VIEWS, Opinion, Verdict, View, Vote
from kiosk.vision.types import EMBEDDING_SIZE, Embedding
from kiosk.visits.types import PersonKind

LIMITS = Thresholds(match=0.45, maybe=0.35, kin=0.47)
ANN, BOB = (KnownPerson(name, PersonKind.CUSTOMER, name.title()) for name in ("ann", "bob"))


def embedding(face: int = 0, alike: float = 0.8, noise: int = 100) -> Embedding:
    """A view of a face; two of the same face are `alike` squared similar."""
    vector = np.zeros(EMBEDDING_SIZE, np.float32)
    vector[face], vector[noise] = alike, (1 - alike**2) ** 0.5
    return Embedding(vector, "c")


def likely(person: KnownPerson, similarity: float, other: Likeness | None = None) -> Ranking:
    return Ranking(Likeness(person, similarity), other)


def voted(*views: tuple[float, Ranking], probe: Ranking | None = None, apart_s: float = 0.1) -> Vote:
    """A vote of views (similarity to the best, ranking) in the order of time."""
    vote = Vote()
    for place, (_, ranking) in enumerate(views):
        vote.add(View(embedding(noise=100 + place), 0.5, place * apart_s, ranking))
    vote.ranked([probe or views[-1][1]])
    return vote


def of(person: KnownPerson, similarity: float) -> tuple[float, Ranking]:
    return similarity, likely(person, similarity)


def test_three_views_that_agree_make_a_name() -> None:
    opinion = voted(of(ANN, 0.5), of(ANN, 0.5), of(ANN, 0.5), probe=likely(ANN, 0.5)).decide(LIMITS)

    assert opinion.verdict is Verdict.NAMED
    assert opinion.person == ANN


def test_a_single_view_never_makes_a_name() -> None:
    vote = voted(of(ANN, 0.9), probe=likely(ANN, 0.9))

    assert vote.decide(LIMITS).verdict is Verdict.UNDECIDED
    assert vote.decide(LIMITS, is_gone=True).person is None


def test_two_views_make_a_name_when_they_are_very_sure() -> None:
    assert voted(of(ANN, 0.6), of(ANN, 0.6), probe=likely(ANN, 0.6)).decide(LIMITS).person == ANN
    assert voted(of(ANN, 0.5), of(ANN, 0.5), probe=likely(ANN, 0.5)).decide(LIMITS).person is None
    assert voted(of(ANN, 0.6), of(BOB, 0.6), probe=likely(ANN, 0.6)).decide(LIMITS).person is None


def test_whoever_has_gone_is_named_by_two_views() -> None:
    vote = voted(of(ANN, 0.5), of(ANN, 0.5), probe=likely(ANN, 0.5))

    assert vote.decide(LIMITS, is_gone=True).person == ANN


def test_views_that_disagree_make_no_name_however_similar_the_probe() -> None:
    split = voted(of(ANN, 0.6), of(BOB, 0.6), of(ANN, 0.6), of(BOB, 0.6), probe=likely(ANN, 0.7))

    assert split.decide(LIMITS).verdict is Verdict.UNDECIDED


def test_a_view_that_disagrees_is_outvoted() -> None:
    vote = voted(of(ANN, 0.6), of(BOB, 0.4), of(ANN, 0.6), probe=likely(ANN, 0.6))

    assert vote.decide(LIMITS).person == ANN


def test_somebody_who_is_enrolled_twice_is_named_all_the_same() -> None:
    one, other = likely(ANN, 0.6, Likeness(BOB, 0.58)), likely(BOB, 0.6, Likeness(ANN, 0.57))
    views = [(0.6, one), (0.6, other), (0.6, other), (0.6, one)]

    assert voted(*views, probe=one).decide(LIMITS).person == ANN


def test_below_the_threshold_nobody_is_named() -> None:
    vote = voted(*[of(ANN, 0.44)] * 6, probe=likely(ANN, 0.449))

    assert vote.decide(LIMITS).verdict is Verdict.UNDECIDED
    assert vote.decide(LIMITS, is_gone=True).person is None


@pytest.mark.parametrize("probe", [likely(ANN, 0.2), Ranking()])
def test_a_stranger_is_one_after_a_second_of_views(probe: Ranking) -> None:
    views = [(0.2, probe)] * 5

    assert voted(*views, probe=probe, apart_s=0.1).decide(LIMITS).verdict is Verdict.UNDECIDED
    assert voted(*views, probe=probe, apart_s=0.3).decide(LIMITS).verdict is Verdict.NAMELESS
    assert voted(*views[:3], probe=probe, apart_s=0.9).decide(LIMITS).verdict is Verdict.UNDECIDED
    assert voted(*views[:3], probe=probe).decide(LIMITS, is_gone=True).verdict is Verdict.NAMELESS
    assert voted(*views[:2], probe=probe).decide(LIMITS, is_gone=True).verdict is Verdict.UNDECIDED


def test_somebody_who_may_be_known_is_looked_at_for_longer() -> None:
    maybe = [of(ANN, 0.4)] * 6

    assert voted(*maybe, apart_s=0.5).decide(LIMITS).verdict is Verdict.UNDECIDED
    assert voted(*maybe, apart_s=0.7).decide(LIMITS).verdict is Verdict.NAMELESS


def test_views_that_have_nothing_in_common_are_nobody() -> None:
    """Such as patterns that the detector takes for a face."""
    vote = Vote()
    for place in range(20):
        assert not vote.add(View(embedding(face=place, noise=100 + place), 0.5, place * 0.5, Ranking()))
    vote.ranked([Ranking()])

    assert vote.decide(LIMITS).verdict is Verdict.UNDECIDED
    assert vote.decide(LIMITS, is_gone=True).verdict is Verdict.UNDECIDED


def test_whoever_is_elsewhere_in_the_picture_is_not_here() -> None:
    vote = voted(*[of(ANN, 0.6)] * 6, apart_s=0.2)

    assert vote.decide(LIMITS).person == ANN
    assert vote.decide(LIMITS, taken={"ann"}).verdict is Verdict.UNDECIDED
    patient = voted(*[of(ANN, 0.6)] * 6, apart_s=0.7)
    assert patient.decide(LIMITS, taken={"ann"}).verdict is Verdict.NAMELESS


def test_two_views_of_somebody_else_show_that_the_track_has_slipped() -> None:
    vote = voted(*[of(ANN, 0.6)] * 3)

    assert not vote.add(View(embedding(face=1, noise=200), 0.9, 1.0))
    assert vote.doubted_from_s == 1.0
    assert vote.add(View(embedding(face=1, noise=201), 0.9, 1.1))
    fresh = vote.anew()
    assert len(fresh.views) == 2
    assert fresh.began_s == 1.0
    assert fresh.decide(LIMITS).verdict is Verdict.UNDECIDED


def test_a_spoilt_view_does_not_throw_a_vote_away() -> None:
    vote = voted(*[of(ANN, 0.6)] * 3)

    assert not vote.add(View(embedding(face=1), 0.9, 1.0))
    assert not vote.add(View(embedding(face=2), 0.9, 1.1))  # spoilt as well, and otherwise
    assert not vote.add(View(embedding(noise=300), 0.9, 1.2, likely(ANN, 0.6)))
    assert vote.doubted_from_s is None
    assert len(vote.views) == 4


def test_the_best_and_the_newest_views_are_kept() -> None:
    vote = Vote()
    for place in range(40):
        weight = 0.9 if place < 9 else 0.1
        vote.add(View(embedding(noise=100 + place), weight, float(place), Ranking()))

    kept = [one.at_s for one in vote.views]
    assert len(kept) == MOST_VIEWS
    assert kept == [*map(float, range(9)), 37.0, 38.0, 39.0]
    assert vote.began_s == 0.0


def test_the_probe_is_the_mean_weighted_by_quality() -> None:
    vote = Vote()
    vote.add(View(embedding(alike=0.9, noise=7), 0.9, 0.0))
    vote.add(View(embedding(alike=0.9, noise=8), 0.1, 0.1))
    probe = vote.probe

    assert probe is not None
    assert np.linalg.norm(probe.vector) == pytest.approx(1.0)
    assert probe.vector[7] == pytest.approx(9 * probe.vector[8])


def test_only_what_is_new_is_compared() -> None:
    vote = Vote()
    for place in range(2):
        vote.add(View(embedding(noise=100 + place), 0.5, place / 10))
    assert len(vote.to_rank()) == 3
    vote.ranked([likely(ANN, 0.6)] * 3)
    assert vote.to_rank() == []

    vote.add(View(embedding(noise=102), 0.5, 0.2))
    assert [one.vector[102] > 0 for one in vote.to_rank()] == [True, True]
    vote.ranked([likely(ANN, 0.6)] * 2)
    vote.unrank()
    assert len(vote.to_rank()) == 4
    assert vote.decide(LIMITS) == Opinion(Verdict.UNDECIDED, None)
