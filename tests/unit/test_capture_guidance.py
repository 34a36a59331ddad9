"""What the visitor is told, and when they are still."""

from __future__ import annotations

from itertools import pairwise

from kiosk.capture.guidance import Guidance, Stillness
from kiosk.vision.types import Box, RejectionReason

R = RejectionReason
FRAME_S = 1 / 15


def said(
    guidance: Guidance, reasons_per_frame: list[tuple[RejectionReason, ...]]
) -> list[RejectionReason | None]:
    return [
        guidance.update(reasons, 0.0, place * FRAME_S)[1] for place, reasons in enumerate(reasons_per_frame)
    ]


def test_the_first_thing_wrong_is_said_at_once() -> None:
    checks, reason = Guidance().update((R.NO_FACE,), 0.0, 0.0)
    assert reason is R.NO_FACE
    assert [checks.is_near, checks.is_lit, checks.is_facing] == [False] * 3


def test_a_good_face_has_every_check_and_nothing_to_mend() -> None:
    checks, reason = Guidance().update((), 0.25, 0.0)
    assert reason is None
    assert checks.is_near
    assert checks.is_lit
    assert checks.is_facing
    assert checks.stillness == 0.25


def test_each_check_answers_for_its_own_reasons() -> None:
    for wrong, failing in (
        (R.TOO_SMALL, "is_near"),
        (R.TOO_LARGE, "is_near"),
        (R.TOO_DARK, "is_lit"),
        (R.TOO_BRIGHT, "is_lit"),
        (R.TURNED, "is_facing"),
        (R.SEVERAL_FACES, "is_facing"),
        (R.CUT_OFF, "is_facing"),
    ):
        checks, reason = Guidance().update((wrong,), 0.0, 0.0)
        assert reason is wrong
        states = {name: getattr(checks, name) for name in ("is_near", "is_lit", "is_facing")}
        assert [name for name, is_met in states.items() if not is_met] == [failing]


def test_the_most_important_of_several_is_said() -> None:
    _, reason = Guidance().update((R.BLURRED, R.TOO_DARK, R.TOO_SMALL), 0.0, 0.0)
    assert reason is R.TOO_SMALL


def test_a_face_at_a_limit_does_not_make_the_sentence_flicker() -> None:
    sentences = said(Guidance(), [(R.TOO_SMALL,) if place % 2 else () for place in range(90)])
    changes = sum(one is not other for one, other in pairwise(sentences))
    assert changes <= 1


def test_the_sentence_changes_at_most_every_700_ms_whatever_happens() -> None:
    reasons = list(RejectionReason)
    sentences = said(Guidance(), [(reasons[place // 4 % len(reasons)],) for place in range(300)])
    changed = [place for place in range(1, 300) if sentences[place] is not sentences[place - 1]]
    assert changed
    assert all((later - earlier) * FRAME_S >= 0.69 for earlier, later in pairwise(changed))


def test_one_bad_frame_is_not_worth_a_word() -> None:
    frames: list[tuple[RejectionReason, ...]] = [()] * 20
    frames[12] = (R.TURNED,)
    assert set(said(Guidance(), frames)) == {None}


def test_what_is_mended_is_no_longer_said_after_a_moment() -> None:
    sentences = said(Guidance(), [(R.TOO_DARK,)] * 15 + [()] * 15)
    assert sentences[14] is R.TOO_DARK
    assert sentences[-1] is None


def box(x: float = 300, width: float = 160) -> Box:
    return Box(x - width / 2, 100, x + width / 2, 300)


def last(stillness: Stillness, boxes: list[Box | None]) -> float:
    return [stillness.update(seen, place * FRAME_S) for place, seen in enumerate(boxes)][-1]


def test_a_second_in_one_place_is_still() -> None:
    assert last(Stillness(), [box()] * 8) < 0.6
    assert last(Stillness(), [box()] * 17) == 1.0


def test_a_face_that_sways_a_little_is_still() -> None:
    assert last(Stillness(), [box(300 + place % 3 * 8) for place in range(17)]) == 1.0


def test_walking_past_is_never_still() -> None:
    assert last(Stillness(), [box(100 + place * 12) for place in range(40)]) < 0.5


def test_coming_closer_is_never_still() -> None:
    assert last(Stillness(), [box(width=80 * 1.05**place) for place in range(40)]) < 0.6


def test_a_single_missed_frame_is_forgiven_and_a_face_that_left_is_not() -> None:
    assert last(Stillness(), [box()] * 10 + [None] + [box()] * 6) == 1.0
    assert last(Stillness(), [box()] * 10 + [None] * 6) == 0.0
    assert last(Stillness(), [box()] * 10 + [None] * 6 + [box()] * 3) < 0.2


def test_after_a_reset_the_second_begins_anew() -> None:
    stillness = Stillness()
    assert last(stillness, [box()] * 17) == 1.0
    stillness.reset()
    assert stillness.update(box(), 2.0) == 0.0
