"""The challenge: something that a person does at ease and a picture held up to the camera cannot. Pure rules.

One thing is asked at a time, chosen by chance: to blink, or to turn a little to one side. Whoever does it has
passed. There is no hurry: an ask that nobody answers gives way to one of the other kind after a while, so who
cannot blink or turn at will is asked for the other soon, and after a few the way without a face is offered.

A film of a person, played to the camera, can answer by chance: this stops pictures, not films.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

ASK_S = 12.0
"""How long one ask stands, in seconds in which the visitor's face was seen."""
OTHER_WAY_AFTER = 3
"""After so many asks without an answer the way without a face is offered."""
PASSED_S = 20.0
"""How long a passed challenge is good for a picture."""

_MEMORY_S = 2.0
_LONGEST_GAP_S = 0.4  # between two signs; after a longer one what was seen before says nothing of now
# A blink, as shares of how open the eye was just before.
_SHUT = 0.68  # stills moved, tilted and bent as prints reach 0.69, films of people blinking 0.2 to 0.65
_OPEN = 0.85
_LONGEST_BLINK_S = 0.7
_BEFORE_S = 1.0
_FEWEST_BEFORE = 4
_MOST_TURN_IN_BLINK = 0.06
_STEADY = 0.7  # the likeness of nose and brows from look to look while only the lids move
# A turn, against the face as it was when it was asked for.
_TURNED = 0.10  # about 10 degrees
_RELIEF_PER_TURN = 0.1  # of people 0.15 to 0.3
_PRINTED_NOSE = 0.92  # a nose that matches better is printed: prints have 0.93 to 1, seldom 0.87
_NOSE_UNDER_BROWS = 0.05  # where a picture matches badly, so does a printed nose, but by 0.03 worse at most
_SEEN_BROWS = 0.5  # below, the picture is too poor for its nose to say anything
_TURNED_LOOKS = 3


class Challenge(StrEnum):
    """What can be asked for; left and right are the visitor's own."""

    BLINK = "blink"
    TURN_LEFT = "turn_left"
    TURN_RIGHT = "turn_right"


@dataclass(frozen=True, slots=True)
class Sign:
    """One look at the visitor's face.

    `openness`, `turn`, `relief`: see `FaceShape`. `likeness` and `brow_likeness`: how well the patches
    around the nose and between the brows match those of the face when the ask began; `steadiness`: the worst
    match with the look before.
    """

    at_s: float
    openness: float
    turn: float
    relief: float
    likeness: float
    brow_likeness: float
    steadiness: float


Choose = Callable[[Sequence[Challenge]], Challenge]


@dataclass(slots=True)
class _Ask:
    """What is asked for now, and what was seen since."""

    challenge: Challenge
    first: Sign | None = None
    signs: deque[Sign] = field(default_factory=deque)
    seen_s: float = 0.0
    turned_looks: int = 0

    def take(self, sign: Sign) -> None:
        """Takes a sign in; after a gap what was seen before says nothing of now."""
        self.first = self.first or sign
        if self.signs and sign.at_s - self.signs[-1].at_s > _LONGEST_GAP_S:
            self.signs.clear()
            self.turned_looks = 0
        elif self.signs:
            self.seen_s += sign.at_s - self.signs[-1].at_s
        self.signs.append(sign)
        while self.signs[0].at_s < sign.at_s - _MEMORY_S:
            self.signs.popleft()

    def is_answered(self) -> bool:
        """Whether what is asked for was done, up to the last sign taken."""
        if self.first is None:
            return False
        if self.challenge is Challenge.BLINK:
            return has_blinked(self.signs)
        side = 1 if self.challenge is Challenge.TURN_LEFT else -1
        turned = is_turned(self.first, self.signs[-1], side)
        self.turned_looks = self.turned_looks + 1 if turned else 0
        return self.turned_looks >= _TURNED_LOOKS


class LivenessCheck:
    """Asks, and sees from signs whether the answer came. Used from one thread; holds no picture.

    Signs come by `update` with rising times. The first sign after an ask is what the others are compared
    with, so it must be of a face that looks ahead.
    """

    def __init__(self, choose: Choose = secrets.choice) -> None:
        """`choose` picks one of several challenges."""
        self._choose = choose
        self._ask = _Ask(choose(tuple(Challenge)))
        self._unanswered = 0
        self._passed_at_s: float | None = None

    @property
    def challenge(self) -> Challenge:
        """What is asked for now, or was done."""
        return self._ask.challenge

    @property
    def offers_other_way(self) -> bool:
        """Whether so many asks went by that the way without a face is to be offered."""
        return self._unanswered >= OTHER_WAY_AFTER

    def is_passed(self, now_s: float) -> bool:
        """Whether what was asked for was done, not too long ago."""
        return self._passed_at_s is not None and now_s - self._passed_at_s <= PASSED_S

    def begin(self) -> None:
        """Another face is there, or the answer is too old: something is asked anew. How many asks went by
        stays, so that who cannot answer is not kept waiting for the other way."""
        self._ask = _Ask(self._choose(tuple(Challenge)))
        self._passed_at_s = None

    def update(self, sign: Sign) -> bool:
        """Takes a sign in. True when something else is asked for from now on."""
        if self._passed_at_s is not None:
            return False
        self._ask.take(sign)
        if self._ask.is_answered():
            self._passed_at_s = sign.at_s
            return False
        if self._ask.seen_s < ASK_S:
            return False
        self._unanswered += 1
        is_blink = self._ask.challenge is Challenge.BLINK
        others = (Challenge.TURN_LEFT, Challenge.TURN_RIGHT) if is_blink else (Challenge.BLINK,)
        self._ask = _Ask(self._choose(others))
        return True


def has_blinked(signs: Sequence[Sign]) -> bool:
    """Whether both eyes shut and opened again within the last of these signs, the head being still.

    The eyes are open at the last sign; at most 0.7 s earlier they were shut, and in the second before that
    open. Nose and brows stay like themselves all the while: what passes over a picture changes them too.
    """
    last = signs[-1]
    shut = min((sign for sign in signs if sign.at_s > last.at_s - _LONGEST_BLINK_S), key=_openness)
    before = [sign for sign in signs if shut.at_s - _BEFORE_S <= sign.at_s < shut.at_s]
    if len(before) < _FEWEST_BEFORE:
        return False
    usual = median(_openness(sign) for sign in before)
    during = [sign for sign in signs if sign.at_s >= shut.at_s - _LONGEST_BLINK_S]
    return (
        shut.openness <= _SHUT * usual
        and last.openness >= _OPEN * usual
        and any(sign.openness >= _OPEN * usual for sign in during if sign.at_s < shut.at_s)
        and max(sign.turn for sign in during) - min(sign.turn for sign in during) <= _MOST_TURN_IN_BLINK
        and min(sign.steadiness for sign in during) >= _STEADY
    )


def is_turned(first: Sign, sign: Sign, side: int) -> bool:
    """Whether the head is turned to the visitor's left (`side` 1) or right (-1) since the first sign.

    The whole middle line moves to that side, the tip of the nose more than the rest, and the patch around it
    is not where, or what, it would be on a print that is turned or bent: it has changed more than the one
    between the brows, which lies in the middle as well but stands out little.
    """
    turn = side * (sign.turn - first.turn)
    relief = side * (sign.relief - first.relief)
    return (
        turn >= _TURNED
        and side * sign.turn >= _TURNED / 2
        and relief >= _RELIEF_PER_TURN * turn
        and sign.brow_likeness >= _SEEN_BROWS
        and sign.likeness <= min(_PRINTED_NOSE, sign.brow_likeness - _NOSE_UNDER_BROWS)
    )


def _openness(sign: Sign) -> float:
    return sign.openness
