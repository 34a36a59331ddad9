"""The challenge's rules: what answers it, what does not, and that nobody is hurried."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from kiosk.capture.liveness import (
    ASK_S,
    OTHER_WAY_AFTER,
    PASSED_S,
    Challenge,
    LivenessCheck,
    Sign,
)

STEP_S = 1 / 15
AHEAD = Sign(0.0, openness=0.35, turn=0.01, relief=0.0, likeness=0.97, brow_likeness=0.95, steadiness=0.97)
TURNED = replace(AHEAD, turn=0.15, relief=0.03, likeness=0.6, brow_likeness=0.85)
SHUT = replace(AHEAD, openness=0.12)

Change = Callable[[Sign], Sign]


def asking(challenge: Challenge) -> LivenessCheck:
    return LivenessCheck(lambda among: challenge if challenge in among else among[0])


def passes(check: LivenessCheck, signs: Sequence[Sign]) -> bool:
    """Whether the check is passed after the signs, 15 of them a second, each at its place."""
    for place, sign in enumerate(signs):
        check.update(replace(sign, at_s=place * STEP_S))
    return check.is_passed(len(signs) * STEP_S)


def blink(looks: int = 3) -> list[Sign]:
    return [*[AHEAD] * 15, *[SHUT] * looks, *[AHEAD] * 8]


def changed(signs: list[Sign], places: slice, change: Change) -> list[Sign]:
    signs[places] = [change(sign) for sign in signs[places]]
    return signs


@pytest.mark.parametrize("looks", [1, 3, 8], ids=["a wink of time", "usual", "slow"])
def test_a_blink_answers_the_ask_for_one(looks: int) -> None:
    assert passes(asking(Challenge.BLINK), blink(looks))


@pytest.mark.parametrize("challenge", [Challenge.TURN_LEFT, Challenge.TURN_RIGHT])
def test_a_blink_does_not_answer_the_ask_for_a_turn(challenge: Challenge) -> None:
    assert not passes(asking(challenge), blink())


def test_eyes_that_stay_shut_are_no_blink() -> None:
    assert not passes(asking(Challenge.BLINK), [*[AHEAD] * 15, *[SHUT] * 30])


def test_eyes_that_were_never_open_are_no_blink() -> None:
    assert not passes(asking(Challenge.BLINK), [*[SHUT] * 20, *[AHEAD] * 20])


@pytest.mark.parametrize(
    "change",
    [
        lambda sign: replace(sign, openness=0.28),
        lambda sign: replace(sign, steadiness=0.3),
        lambda sign: replace(sign, turn=0.12),
    ],
    ids=["lids hardly lower", "something passes over the face", "the head moves"],
)
def test_what_only_looks_a_little_like_a_blink_is_none(change: Change) -> None:
    assert not passes(asking(Challenge.BLINK), changed(blink(), slice(15, 18), change))


def test_something_that_has_just_passed_over_the_face_is_no_blink() -> None:
    covered = changed(blink(), slice(11, 12), lambda sign: replace(sign, steadiness=0.1))
    assert not passes(asking(Challenge.BLINK), covered)


@pytest.mark.parametrize(("challenge", "side"), [(Challenge.TURN_LEFT, 1), (Challenge.TURN_RIGHT, -1)])
def test_a_turn_to_the_asked_side_answers_and_to_the_other_does_not(challenge: Challenge, side: int) -> None:
    turned = replace(TURNED, turn=side * TURNED.turn, relief=side * TURNED.relief)
    assert passes(asking(challenge), [*[AHEAD] * 5, *[turned] * 4])
    away = replace(TURNED, turn=-side * TURNED.turn, relief=-side * TURNED.relief)
    assert not passes(asking(challenge), [*[AHEAD] * 5, *[away] * 10])


def test_a_turn_does_not_answer_the_ask_for_a_blink() -> None:
    assert not passes(asking(Challenge.BLINK), [*[AHEAD] * 15, *[TURNED] * 4, *[AHEAD] * 15])


@pytest.mark.parametrize(
    "change",
    [
        lambda sign: replace(sign, turn=0.06),
        lambda sign: replace(sign, relief=0.0),
        lambda sign: replace(sign, likeness=0.96, brow_likeness=0.97),
        lambda sign: replace(sign, likeness=0.7, brow_likeness=0.72),
        lambda sign: replace(sign, likeness=0.2, brow_likeness=0.2),
    ],
    ids=["hardly", "no depth", "the nose is printed", "a poor picture of a print", "nothing to be seen"],
)
def test_what_a_print_shows_when_it_is_turned_is_no_turn(change: Change) -> None:
    signs = [*[AHEAD] * 5, *[change(TURNED)] * 20]
    assert not passes(asking(Challenge.TURN_LEFT), signs)


def test_one_look_alone_is_no_turn() -> None:
    assert not passes(asking(Challenge.TURN_LEFT), [*[AHEAD] * 5, *([TURNED, TURNED, AHEAD] * 6)])


def test_who_stands_turned_already_must_turn_further() -> None:
    standing = replace(AHEAD, turn=0.12, relief=0.025)
    assert not passes(asking(Challenge.TURN_LEFT), [*[standing] * 5, *[TURNED] * 10])


def test_an_ask_that_nobody_answers_gives_way_to_one_of_the_other_kind() -> None:
    check = asking(Challenge.BLINK)
    kinds = []
    for place in range(round(5 * ASK_S / STEP_S)):
        kinds.append(check.challenge is Challenge.BLINK)
        check.update(replace(AHEAD, at_s=place * STEP_S))
    changes = [place for place in range(1, len(kinds)) if kinds[place] != kinds[place - 1]]
    assert [round(place * STEP_S) for place in changes] == [12, 24, 36, 48]


def test_an_ask_waits_while_nobody_is_seen() -> None:
    check = asking(Challenge.BLINK)
    for place in range(50):
        check.update(replace(AHEAD, at_s=place * 10.0))
    assert check.challenge is Challenge.BLINK
    assert not check.offers_other_way


def test_after_several_asks_the_other_way_is_offered_and_the_asking_goes_on() -> None:
    check = asking(Challenge.BLINK)
    offered_s = None
    for place in range(round(6 * ASK_S / STEP_S)):
        check.update(replace(AHEAD, at_s=place * STEP_S))
        if check.offers_other_way and offered_s is None:
            offered_s = place * STEP_S
    assert offered_s == pytest.approx(OTHER_WAY_AFTER * ASK_S, abs=1.0)
    assert check.challenge in Challenge
    check.begin()
    assert check.offers_other_way


def test_what_was_done_before_the_ask_does_not_count() -> None:
    check = asking(Challenge.BLINK)
    for place, sign in enumerate(blink()[:-1]):
        check.update(replace(sign, at_s=place * STEP_S))
        if place == 16:
            check.begin()
    assert not check.is_passed(2.0)


def test_a_blink_over_a_gap_does_not_count() -> None:
    check = asking(Challenge.BLINK)
    for place, sign in enumerate(blink()):
        check.update(replace(sign, at_s=place * STEP_S + (0.5 if place >= 16 else 0)))
    assert not check.is_passed(3.0)


def test_what_was_passed_is_good_for_a_while_and_not_for_ever() -> None:
    check = asking(Challenge.BLINK)
    assert passes(check, blink())
    assert check.is_passed(PASSED_S)
    assert not check.is_passed(PASSED_S + 3)


def test_the_asks_are_not_to_be_foretold() -> None:
    assert {LivenessCheck().challenge for _ in range(60)} == set(Challenge)
