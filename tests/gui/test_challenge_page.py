"""The capture page while something is asked for to show that somebody is there."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from kiosk.capture.liveness import Challenge
from kiosk.capture.types import LivenessSeen
from kiosk.session.states import Screen as Page
from kiosk.session.view import Notice
from kiosk.vision.types import RejectionReason
from tests.gui.conftest import Screen
from tests.gui.fake_kiosk import FakeKiosk, a_view
from tests.gui.visiting import touched
from ui.view_models.capture import CaptureViewModel

OpenScreen = Callable[..., Screen]

BLINK = LivenessSeen(Challenge.BLINK, is_asking=True, is_passed=False, offers_other_way=False)
TURN = LivenessSeen(Challenge.TURN_LEFT, is_asking=True, is_passed=False, offers_other_way=False)
LONG = LivenessSeen(Challenge.BLINK, is_asking=True, is_passed=False, offers_other_way=True)
NOT_YET = LivenessSeen(Challenge.TURN_LEFT, is_asking=False, is_passed=False, offers_other_way=False)
PASSED = LivenessSeen(Challenge.BLINK, is_asking=False, is_passed=True, offers_other_way=False)


def on_capture(open_screen: OpenScreen) -> tuple[Screen, CaptureViewModel]:
    screen = open_screen(FakeKiosk(a_view(Page.CAPTURE)))
    screen.wait_for("page.capture")
    capture = screen.objects["Capture"]
    assert isinstance(capture, CaptureViewModel)
    return screen, capture


@pytest.mark.parametrize("challenge", Challenge)
def test_each_challenge_has_its_words(open_screen: OpenScreen, challenge: Challenge) -> None:
    screen, capture = on_capture(open_screen)
    screen.kiosk.see(1, liveness=LivenessSeen(challenge, True, False, False))
    screen.until(lambda: capture.guidanceKey == f"guide.{challenge}")


def test_while_it_is_asked_no_picture_is_offered_and_the_way_without_a_face_is(
    open_screen: OpenScreen,
) -> None:
    screen, _ = on_capture(open_screen)
    screen.kiosk.see(1, liveness=BLINK)
    screen.wait_for("capture.manual")
    assert screen.find("capture.takeNow") is None
    assert touched(screen, "capture.manual") == [("go_manual",)]


def test_after_several_asks_the_way_without_a_face_is_the_gold_one(open_screen: OpenScreen) -> None:
    screen, _ = on_capture(open_screen)
    screen.kiosk.see(1, liveness=BLINK)
    button = screen.wait_for("capture.manual")
    assert button.property("kind") == "secondary"
    screen.kiosk.see(2, liveness=LONG)
    screen.until(lambda: button.property("kind") == "primary")


def test_who_turns_as_asked_is_not_told_to_face_the_camera(open_screen: OpenScreen) -> None:
    screen, capture = on_capture(open_screen)
    screen.kiosk.see(1, liveness=TURN)
    screen.until(lambda: capture.guidanceKey == "guide.turn_left")
    screen.kiosk.see(2, RejectionReason.TURNED, liveness=TURN)
    screen.serve(900)
    assert capture.guidanceKey == "guide.turn_left"


def test_who_has_not_looked_ahead_yet_is_told_that_first(open_screen: OpenScreen) -> None:
    screen, capture = on_capture(open_screen)
    screen.kiosk.see(1, RejectionReason.TURNED, liveness=NOT_YET)
    screen.until(lambda: capture.guidanceKey == "guide.straight")


def test_who_is_too_far_away_is_told_that_first(open_screen: OpenScreen) -> None:
    screen, capture = on_capture(open_screen)
    screen.kiosk.see(1, RejectionReason.TOO_SMALL, liveness=BLINK)
    screen.until(lambda: capture.guidanceKey == "guide.closer")


def test_the_answer_is_thanked_for_and_the_picture_offered_again(open_screen: OpenScreen) -> None:
    screen, capture = on_capture(open_screen)
    screen.kiosk.see(1, liveness=BLINK)
    screen.until(lambda: capture.guidanceKey == "guide.blink")
    screen.serve(800)
    screen.kiosk.see(2, liveness=PASSED)
    screen.until(lambda: capture.guidanceKey == "guide.done")
    screen.kiosk.see(3, liveness=PASSED)
    screen.until(lambda: capture.guidanceKey == "guide.still")
    screen.wait_for("capture.takeNow")
    assert screen.find("capture.manual") is None


def test_the_sheet_after_long_offers_no_picture_while_it_is_asked(open_screen: OpenScreen) -> None:
    screen, _ = on_capture(open_screen)
    screen.kiosk.see(1, liveness=BLINK)
    screen.wait_for("capture.manual")
    screen.kiosk.show(a_view(Page.CAPTURE, notice=Notice("error.capture_timeout")))
    screen.wait_for("CaptureHelpSheet")
    assert screen.find("captureHelp.takeNow") is None
    assert touched(screen, "captureHelp.manual") == [("go_manual",)]
