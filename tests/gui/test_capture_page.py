"""The mirror: frames, boxes that are never stale, guidance that does not flicker."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import numpy as np
from PySide6.QtQuick import QQuickItem

from kiosk.camera.types import Frame
from kiosk.capture.types import CameraState
from kiosk.session.finding import GUIDANCE
from kiosk.session.states import Screen as Page
from kiosk.session.view import Notice
from kiosk.vision.types import RejectionReason
from tests.gui.conftest import Screen
from tests.gui.fake_kiosk import FakeKiosk, a_view
from tests.gui.visiting import touched
from ui.live_view import LiveView, mirrored_cut
from ui.view_models.capture import CaptureViewModel

OpenScreen = Callable[..., Screen]


def _capture(screen: Screen) -> CaptureViewModel:
    found = screen.objects["Capture"]
    assert isinstance(found, CaptureViewModel)
    return found


def _boxes(screen: Screen) -> list[QQuickItem]:
    return [item for item in screen.items() if item.property("isMain") is not None]


def _on_capture(open_screen: OpenScreen) -> Screen:
    screen = open_screen(FakeKiosk(a_view(Page.CAPTURE)))
    screen.wait_for("page.capture")
    return screen


def test_a_box_is_drawn_over_the_mirrored_face(open_screen: OpenScreen) -> None:
    screen = _on_capture(open_screen)
    screen.kiosk.see(1)
    screen.until(lambda: len(_boxes(screen)) == 1)
    box, mirror = _boxes(screen)[0], screen.wait_for("capture.live")
    middle = box.mapRectToScene(box.boundingRect()).center().x()
    assert abs(middle - mirror.mapRectToScene(mirror.boundingRect()).center().x()) < 10


def test_a_stale_box_is_not_drawn(open_screen: OpenScreen) -> None:
    screen = _on_capture(open_screen)
    screen.kiosk.see(1, age_s=0.3)
    screen.serve(50)
    assert _boxes(screen) == []


def test_a_box_disappears_when_no_newer_one_comes(open_screen: OpenScreen) -> None:
    screen = _on_capture(open_screen)
    screen.kiosk.see(1)
    screen.until(lambda: len(_boxes(screen)) == 1)
    screen.until(lambda: _boxes(screen) == [])


def test_an_older_frame_never_moves_the_box_back(open_screen: OpenScreen) -> None:
    screen = _on_capture(open_screen)
    screen.kiosk.see(5, RejectionReason.TOO_SMALL)
    screen.until(lambda: not _capture(screen).property("isNear") and _capture(screen).property("isLit"))
    screen.kiosk.see(4)
    screen.serve(50)
    assert not _capture(screen).property("isNear")


def test_every_reason_has_its_instruction() -> None:
    assert set(GUIDANCE) == set(RejectionReason)


def test_guidance_does_not_change_again_within_its_pace(open_screen: OpenScreen) -> None:
    screen = _on_capture(open_screen)
    screen.kiosk.see(1, RejectionReason.TOO_SMALL)
    screen.until(lambda: _capture(screen).property("guidanceKey") == "guide.closer")
    screen.kiosk.see(2, RejectionReason.TOO_DARK)
    screen.serve(100)
    assert _capture(screen).property("guidanceKey") == "guide.closer"
    screen.until(lambda: _capture(screen).property("guidanceKey") == "guide.light")


def test_nothing_of_the_visitor_stays_when_the_page_is_left(open_screen: OpenScreen) -> None:
    screen = _on_capture(open_screen)
    screen.kiosk.see(1)
    screen.until(lambda: bool(_capture(screen).property("boxes")))
    screen.kiosk.show(a_view(Page.ATTRACT))
    screen.wait_for("page.attract")
    assert _capture(screen).property("boxes") == []
    assert screen.find("capture.live") is None


def test_a_lost_camera_says_so_and_offers_the_way_without_a_face(open_screen: OpenScreen) -> None:
    screen = _on_capture(open_screen)
    screen.kiosk.see(1)
    screen.until(lambda: bool(_capture(screen).property("isLit")))
    screen.kiosk.show(a_view(Page.CAPTURE, camera=CameraState.LOST))
    screen.wait_for("capture.blind")
    assert not _capture(screen).property("isLit")
    assert screen.find("capture.takeNow") is None
    assert touched(screen, "capture.manual") == [("go_manual",)]
    screen.kiosk.show(a_view(Page.CAPTURE, camera=CameraState.LIVE))
    screen.until(lambda: screen.find("capture.blind") is None)
    assert touched(screen, "capture.takeNow") == [("take_now",)]


def test_without_a_camera_the_gold_action_goes_on_without_a_face(open_screen: OpenScreen) -> None:
    screen = open_screen(FakeKiosk(a_view(Page.CAPTURE, camera=CameraState.NONE)))
    screen.wait_for("capture.blind")
    assert screen.find("capture.takeNow") is None
    assert touched(screen, "capture.manual") == [("go_manual",)]


def test_after_long_without_a_picture_a_sheet_offers_both_ways(open_screen: OpenScreen) -> None:
    screen = _on_capture(open_screen)
    screen.kiosk.show(a_view(Page.CAPTURE, notice=Notice("error.capture_timeout")))
    screen.wait_for("CaptureHelpSheet")
    assert touched(screen, "captureHelp.takeNow") == [("take_now",)]
    screen.until(lambda: screen.find("CaptureHelpSheet") is None)


def test_the_live_view_shows_each_new_frame_and_none_twice(open_screen: OpenScreen) -> None:
    screen = _on_capture(open_screen)
    live = screen.wait_for("capture.live")
    assert isinstance(live, LiveView)
    screen.until(lambda: live.shown_frames == 1)
    screen.serve(120)
    assert live.shown_frames == 1
    frame = screen.kiosk.frame
    assert frame is not None
    screen.kiosk.frame = Frame(frame.sequence + 1, monotonic(), frame.pixels)
    screen.until(lambda: live.shown_frames == 2)


def test_the_mirror_swaps_left_and_right_and_keeps_the_middle() -> None:
    pixels = np.zeros((90, 160, 3), np.uint8)
    pixels[:, :80] = 255
    shown = mirrored_cut(pixels, 90, 90)
    assert shown.shape == (90, 90, 4)
    assert shown[:, 60:, 0].min() == 255
    assert shown[:, :30, 0].max() == 0
