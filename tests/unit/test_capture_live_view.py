"""The live view with real threads: boxes, the automatic shot, the touched shot, forgetting."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.camera.clip_camera import ClipCamera
from kiosk.capture.live_view import LiveView
from kiosk.capture.types import CameraChanged, CameraState, FacesSeen, ShotRefused, ShotTaken
from kiosk.clock import SystemClock
from kiosk.events import EventBus
from kiosk.vision.open_engine import OpenFaceEngine
from kiosk.vision.types import RejectionReason
from tests.painted_faces import PaintedEngine, SceneCamera, scene
from tests.watching import heard, wait_until

VISITOR = (320, 180, 120, 1)
EMPTY = scene()
ALONE = scene(VISITOR)
PAIR = scene((200, 180, 120, 1), (440, 180, 115, 2))
WITH_BYSTANDER = scene(VISITOR, (560, 120, 50, 2))
FAR = scene((320, 180, 30, 1))


class Stage:
    """A live view on a scene, with ears."""

    def __init__(self) -> None:
        self.pixels = ALONE
        self.bus = EventBus()
        self.camera = SceneCamera(lambda: self.pixels)
        self.opened = 0
        self.view = LiveView(self._open, PaintedEngine(), self.bus, SystemClock())
        self.cameras = heard(self.bus, CameraChanged)
        self.seen = heard(self.bus, FacesSeen)
        self.shots = heard(self.bus, ShotTaken)
        self.refusals = heard(self.bus, ShotRefused)

    def _open(self) -> SceneCamera:
        self.opened += 1
        return self.camera

    def go(self) -> None:
        self.view.start()
        wait_until(lambda: self.seen)


@pytest.fixture
def stage() -> Iterator[Stage]:
    stage = Stage()
    yield stage
    assert stage.view.stop()


def test_nothing_runs_and_nothing_is_seen_before_the_start(stage: Stage) -> None:
    assert stage.view.state is CameraState.OFF
    assert stage.view.newest_frame() is None
    assert stage.opened == 0


def test_boxes_belong_to_the_frame_whose_number_they_carry(stage: Stage) -> None:
    stage.go()
    seen = stage.seen[0]
    assert (seen.frame_width, seen.frame_height) == (640, 360)
    assert seen.main == 0
    assert seen.boxes[0].center == pytest.approx((320, 180), abs=1)
    assert seen.reason is None
    assert stage.seen[0].sequence >= 1
    wait_until(lambda: len(stage.seen) > 5)
    numbers = [seen.sequence for seen in stage.seen]
    assert numbers == sorted(set(numbers))


def test_the_camera_tells_that_it_starts_lives_and_ends(stage: Stage) -> None:
    stage.go()
    assert stage.view.stop()
    assert [change.state for change in stage.cameras] == ["starting", "live", "off"]
    assert stage.camera.closed == stage.camera.opened


def test_the_face_worker_skips_frames_and_never_queues(stage: Stage) -> None:
    stage.go()
    wait_until(lambda: len(stage.seen) > 10)
    assert stage.view.dropped_frames > 0
    newest = stage.view.newest_frame()
    assert newest is not None
    assert newest.sequence - stage.seen[-1].sequence < 15


def test_no_picture_is_taken_before_it_is_asked_for(stage: Stage) -> None:
    stage.go()
    wait_until(lambda: len(stage.seen) > 25)
    assert stage.shots == []
    assert stage.seen[-1].checks.stillness == 0.0


def test_a_still_good_face_takes_its_own_picture_once(stage: Stage) -> None:
    stage.go()
    stage.view.begin_shot()
    wait_until(lambda: stage.shots)
    count = len(stage.seen)
    wait_until(lambda: len(stage.seen) > count + 25)
    (taken,) = stage.shots
    assert np.array_equal(taken.shot.still, ALONE)
    assert taken.shot.box.center == pytest.approx((320, 180), abs=1)
    assert taken.shot.probe.vector[1] == pytest.approx(1.0)
    assert 0.0 < taken.shot.quality_score <= 1.0


def test_the_picture_is_a_frame_of_the_second_before_not_a_later_one(stage: Stage) -> None:
    stage.go()
    stage.view.begin_shot()
    wait_until(lambda: stage.shots)
    before_s = [seen.captured_at_s for seen in stage.seen]
    assert stage.shots[0].shot.captured_at_s in before_s


def test_stillness_grows_before_the_picture(stage: Stage) -> None:
    stage.go()
    stage.view.begin_shot()
    wait_until(lambda: stage.shots)
    grown = [seen.checks.stillness for seen in stage.seen if seen.checks.stillness > 0]
    assert grown == sorted(grown)
    assert any(0.2 < share < 0.8 for share in grown)


def test_a_retake_takes_a_second_picture(stage: Stage) -> None:
    stage.go()
    stage.view.begin_shot()
    wait_until(lambda: len(stage.shots) == 1)
    stage.view.begin_shot()
    wait_until(lambda: len(stage.shots) == 2)


@pytest.mark.parametrize(
    ("pixels", "reason"),
    [
        (EMPTY, RejectionReason.NO_FACE),
        (PAIR, RejectionReason.SEVERAL_FACES),
        (FAR, RejectionReason.TOO_SMALL),
    ],
    ids=["nobody", "two people", "far away"],
)
def test_no_picture_is_taken_of_what_cannot_be_searched_and_the_reason_is_said(
    stage: Stage, pixels: np.ndarray, reason: RejectionReason
) -> None:
    stage.pixels = pixels
    stage.go()
    stage.view.begin_shot()
    wait_until(lambda: len(stage.seen) > 25)
    assert stage.shots == []
    assert stage.seen[-1].reason is reason
    stage.view.take_now()
    wait_until(lambda: stage.refusals)
    assert stage.refusals == [ShotRefused(reason)]
    assert stage.shots == []


def test_a_touch_takes_the_picture_at_once(stage: Stage) -> None:
    stage.go()
    stage.view.take_now()
    wait_until(lambda: stage.shots)
    assert len(stage.shots) == 1
    assert stage.refusals == []


def test_a_touch_takes_the_visitor_who_is_clearly_larger(stage: Stage) -> None:
    stage.pixels = WITH_BYSTANDER
    stage.go()
    stage.view.take_now()
    wait_until(lambda: stage.shots)
    assert stage.shots[0].shot.probe.vector[1] == pytest.approx(1.0)
    assert stage.shots[0].shot.box.center == pytest.approx((320, 180), abs=1)


def test_a_touch_uses_the_last_second_when_the_visitor_just_blinked_away(stage: Stage) -> None:
    stage.go()
    wait_until(lambda: len(stage.seen) > 4)
    stage.pixels = EMPTY
    wait_until(lambda: not stage.seen[-1].boxes)
    stage.view.take_now()
    wait_until(lambda: stage.shots)
    assert np.array_equal(stage.shots[0].shot.still, ALONE)


def test_a_visitor_who_has_left_is_not_taken(stage: Stage) -> None:
    stage.go()
    wait_until(lambda: len(stage.seen) > 4)
    stage.pixels = EMPTY
    wait_until(lambda: not stage.seen[-1].boxes)
    left_s = stage.seen[-1].captured_at_s
    wait_until(lambda: stage.seen[-1].captured_at_s > left_s + 1.1)
    stage.view.take_now()
    wait_until(lambda: stage.refusals)
    assert stage.refusals == [ShotRefused(RejectionReason.NO_FACE)]
    assert stage.shots == []


def test_a_touch_while_the_view_is_off_is_refused_at_once(stage: Stage) -> None:
    stage.view.take_now()
    assert stage.refusals == [ShotRefused(RejectionReason.NO_FACE)]


def test_after_the_picture_the_ring_is_empty(stage: Stage) -> None:
    stage.go()
    wait_until(lambda: len(stage.seen) > 4)
    stage.pixels = EMPTY
    wait_until(lambda: not stage.seen[-1].boxes)
    stage.view.take_now()
    wait_until(lambda: stage.shots)
    stage.view.take_now()
    wait_until(lambda: stage.refusals)
    assert len(stage.shots) == 1


def test_after_the_end_nothing_is_shown_told_or_kept(stage: Stage) -> None:
    stage.go()
    stage.view.begin_shot()
    assert stage.view.stop()
    count = len(stage.seen)
    assert stage.view.newest_frame() is None
    stage.pixels = EMPTY
    stage.seen.clear()
    stage.go()
    assert not any(seen.boxes for seen in stage.seen)
    stage.view.take_now()
    wait_until(lambda: stage.refusals)
    assert stage.shots == []
    assert count


def test_a_new_visitor_does_not_inherit_the_wish_for_a_picture(stage: Stage) -> None:
    stage.go()
    stage.view.begin_shot()
    assert stage.view.stop()
    stage.seen.clear()
    stage.go()
    wait_until(lambda: len(stage.seen) > 25)
    assert stage.shots == []


def test_the_camera_is_chosen_once_and_opened_for_every_visitor(stage: Stage) -> None:
    for _ in range(3):
        stage.seen.clear()
        stage.go()
        assert stage.view.stop()
    assert stage.opened == 1
    assert stage.camera.opened == 3
    assert stage.camera.closed == 3


def test_starting_and_stopping_twice_does_no_harm(stage: Stage) -> None:
    stage.go()
    stage.view.start()
    assert stage.view.stop()
    assert stage.view.stop()
    assert stage.camera.opened == 1


@pytest.mark.real_faces
def test_a_real_person_in_front_of_the_camera_is_taken_and_recognised(
    real_faces: Path, face_engine: OpenFaceEngine
) -> None:
    clip = next((real_faces / "extras").glob("*driving__d9.mp4"))
    bus = EventBus()
    shots, seen = heard(bus, ShotTaken), heard(bus, FacesSeen)
    view = LiveView(lambda: ClipCamera(clip), face_engine, bus, SystemClock())
    view.start()
    view.begin_shot()
    try:
        wait_until(lambda: shots, timeout_s=30)
    finally:
        assert view.stop()
    shot = shots[0].shot
    assert any(seen_faces.boxes for seen_faces in seen)
    (again,) = face_engine.embed(shot.still, face_engine.detect(shot.still)[:1])
    assert shot.probe.similarity(again) > 0.8
