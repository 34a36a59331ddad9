"""The challenge before the camera: whose answer counts, for whose picture, and for how long."""

from __future__ import annotations

import threading
from functools import cache

import pytest

from kiosk.camera.types import Frame
from kiosk.capture.challenger import Challenger
from kiosk.capture.liveness import Challenge, LivenessCheck
from kiosk.capture.photographer import Photographer
from kiosk.capture.ring import LiveFace
from kiosk.capture.types import LivenessSeen, ShotRefused, ShotTaken
from kiosk.events import EventBus
from kiosk.vision.quality import LIVE_RULES
from kiosk.vision.types import Box, Detection, FloatArray, Pixels, Quality, RejectionReason
from tests.drawn_points import drawn_points
from tests.painted_faces import PaintedEngine, scene
from tests.watching import heard

STEP_S = 1 / 15
GOOD = Quality(0.9, ())


@cache
def _painted(x: int, person: int) -> tuple[Pixels, Detection]:
    pixels = scene((x, 180, 120, person))
    return pixels, PaintedEngine().detect(pixels)[0]


class DrawnLandmarks:
    """Finds a drawn head in any box, in the pose that it is told."""

    def __init__(self) -> None:
        self.closed = 0.0
        self.yaw = 0.0

    def find(self, pixels: Pixels, box: Box) -> FloatArray:
        points = drawn_points(self.yaw, self.closed, size_px=box.width / 2)
        points += box.center - points[54]
        return points


class FixedOpinion:
    """A passive model that finds all faces live, or none."""

    def __init__(self, looks_live: bool) -> None:
        self._looks_live = looks_live

    def is_live(self, pixels: Pixels, box: Box) -> bool:
        return self._looks_live


class Stand:
    """Somebody before the camera, seen 15 times a second."""

    def __init__(self, challenge: Challenge = Challenge.BLINK, looks_live: bool = True) -> None:
        self.engine = PaintedEngine()
        self.landmarks = DrawnLandmarks()
        self.challenger = Challenger(
            self.landmarks,
            self.engine,
            lambda: LivenessCheck(lambda _: challenge),
            passive=FixedOpinion(looks_live),
        )
        self.at_s = 0.0

    def face(self, person: int, x: int = 320, quality: Quality = GOOD) -> LiveFace:
        pixels, detection = _painted(x, person)
        return LiveFace(Frame(1, self.at_s, pixels), detection, (), quality)

    def look(
        self, looks: int, person: int = 1, x: int = 320, closed: float = 0.0, quality: Quality = GOOD
    ) -> LivenessSeen:
        self.landmarks.closed = closed
        for _ in range(looks):
            self.at_s += STEP_S
            seen = self.challenger.look(self.face(person, x, quality))
        return seen

    def blink(self, person: int = 1) -> LivenessSeen:
        self.look(15, person)
        self.look(3, person, closed=0.9)
        return self.look(4, person)

    def vouches_for(self, person: int) -> bool:
        face = self.face(person)
        (embedding,) = self.engine.embed(face.frame.pixels, [face.detection])
        return self.challenger.vouches_for(face, embedding)


def test_nobody_has_passed_before_anybody_was_there() -> None:
    stand = Stand()
    seen = stand.challenger.look(None)
    assert not seen.is_passed
    assert not seen.is_asking
    assert not stand.challenger.is_passed()


def test_who_blinks_when_asked_to_has_passed_and_is_vouched_for() -> None:
    stand = Stand()
    assert not stand.look(10).is_passed
    assert stand.blink().is_passed
    assert stand.vouches_for(1)


def test_an_answer_alone_does_not_do_where_a_passive_model_disagrees() -> None:
    stand = Stand(looks_live=False)
    assert stand.blink().is_passed
    assert not stand.vouches_for(1)
    assert not stand.challenger.is_passed()


def test_who_answers_and_then_holds_up_a_picture_is_not_vouched_for() -> None:
    stand = Stand()
    assert stand.blink(person=1).is_passed
    stand.look(5, person=2)
    assert not stand.vouches_for(2)
    assert not stand.challenger.is_passed()


def test_a_picture_at_the_ask_and_a_face_at_the_answer_vouch_for_neither() -> None:
    stand = Stand()
    stand.look(5, person=2)
    stand.look(10, person=1)
    stand.look(3, person=1, closed=0.9)
    stand.look(15, person=1)
    assert stand.challenger.is_passed()
    assert not stand.vouches_for(1)


def test_a_face_that_leaves_takes_its_answer_with_it() -> None:
    stand = Stand()
    assert stand.blink().is_passed
    stand.at_s += 1.0
    assert not stand.look(1).is_passed


def test_a_face_elsewhere_is_another_one() -> None:
    stand = Stand()
    assert stand.blink().is_passed
    assert not stand.look(1, x=500).is_passed


def test_one_look_without_a_face_is_forgiven() -> None:
    stand = Stand()
    assert stand.blink().is_passed
    assert stand.challenger.look(None).is_passed
    assert stand.look(1).is_passed


def test_the_ask_begins_when_the_face_looks_ahead() -> None:
    stand = Stand()
    turned = Quality(0.4, (RejectionReason.TURNED,))
    assert not stand.look(10, quality=turned).is_asking
    assert stand.look(1).is_asking
    assert stand.look(3, quality=turned).is_asking


@pytest.mark.parametrize("reason", [RejectionReason.SEVERAL_FACES, RejectionReason.TOO_SMALL])
def test_a_blink_counts_only_where_it_is_clear_whose_it_is(reason: RejectionReason) -> None:
    stand = Stand()
    stand.look(15)
    stand.look(3, closed=0.9, quality=Quality(0.5, (reason,)))
    assert not stand.look(4).is_passed


def test_a_face_that_is_dropped_takes_its_answer_with_it() -> None:
    stand = Stand()
    assert stand.blink().is_passed
    stand.challenger.begin_again()
    assert not stand.challenger.is_passed()
    assert not stand.vouches_for(1)


def test_a_touch_that_nobody_vouches_for_is_refused_and_not_passed_over() -> None:
    stand = Stand(looks_live=False)
    bus = EventBus()
    refusals, shots = heard(bus, ShotRefused), heard(bus, ShotTaken)
    photographer = Photographer(stand.engine, bus, LIVE_RULES, stand.challenger)
    photographer.is_begun.set()
    for look, closed in enumerate([0.0] * 10 + [0.9] * 3 + [0.0] * 4):
        stand.landmarks.closed = closed
        photographer.look(Frame(look, look * STEP_S, _painted(320, 1)[0]), threading.Event())
    assert stand.challenger.is_passed()
    photographer.is_touched.set()
    photographer.answer_touch()
    assert refusals == [ShotRefused(RejectionReason.NOT_LIVE)]
    assert shots == []


def test_the_next_visitor_is_asked_anew() -> None:
    stand = Stand()
    assert stand.blink().is_passed
    stand.challenger.forget()
    assert not stand.challenger.is_passed()
    assert not stand.look(1).is_passed


def test_a_passed_challenge_is_asked_anew_when_it_is_too_old() -> None:
    stand = Stand()
    assert stand.blink().is_passed
    assert stand.look(250).is_passed
    seen = stand.look(60)
    assert not seen.is_passed
    assert seen.is_asking
