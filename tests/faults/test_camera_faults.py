"""Cameras that are missing, freeze, die and come back, under the live view."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.camera.clip_camera import ClipCamera
from kiosk.camera.open_camera import camera_from_source
from kiosk.camera.rtsp_camera import RtspCamera
from kiosk.camera.types import Camera
from kiosk.capture.live_view import LiveView
from kiosk.capture.types import CameraChanged, CameraState, FacesSeen, ShotRefused, ShotTaken
from kiosk.clock import Clock, ManualClock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.types import WorkerFailed
from tests.painted_faces import PaintedEngine, SceneCamera, scene
from tests.rtsp_server import RtspServer, rtsp_server_is_here
from tests.watching import heard, wait_until

ALONE = scene((320, 180, 120, 1))
STOP_LIMIT_S = 3.0


class Stage:
    """A live view on a camera, with ears."""

    def __init__(self, camera: Camera, clock: Clock | None = None) -> None:
        self.bus = EventBus()
        self.engine = PaintedEngine()
        self.view = LiveView(lambda: camera, self.engine, self.bus, clock or SystemClock())
        self.changes = heard(self.bus, CameraChanged)
        self.seen = heard(self.bus, FacesSeen)
        self.shots = heard(self.bus, ShotTaken)
        self.refusals = heard(self.bus, ShotRefused)
        self.failures = heard(self.bus, WorkerFailed)

    def is_now(self, state: CameraState) -> bool:
        """The view is, and has told it: the one comes a moment before the other."""
        return self.view.state is state and bool(self.changes) and self.changes[-1].state is state


@pytest.fixture
def camera() -> SceneCamera:
    return SceneCamera(lambda: ALONE)


@pytest.fixture
def stage(camera: SceneCamera) -> Iterator[Stage]:
    stage = Stage(camera)
    yield stage
    stage.view.stop()


@pytest.fixture
def server() -> Iterator[RtspServer]:
    if not rtsp_server_is_here():
        pytest.skip("no gst-rtsp-server under the system's Python")
    with RtspServer() as server:
        yield server


def test_a_missing_camera_is_lost_first_then_none_and_is_still_looked_for() -> None:
    clock, camera = ManualClock(), SceneCamera(lambda: ALONE)
    camera.is_gone.set()
    stage = Stage(camera, clock)
    stage.view.start()
    try:
        wait_until(lambda: stage.is_now(CameraState.LOST))
        clock.advance(4)
        wait_until(lambda: stage.is_now(CameraState.NONE))
        assert stage.changes[-1].code == "C-101"
        camera.is_gone.clear()
        wait_until(lambda: stage.is_now(CameraState.LIVE))
    finally:
        assert stage.view.stop()


def test_a_camera_gone_in_mid_capture_comes_back_by_itself_and_the_picture_is_taken(
    stage: Stage, camera: SceneCamera
) -> None:
    stage.view.start()
    stage.view.begin_shot()
    wait_until(lambda: len(stage.seen) > 3)
    camera.is_gone.set()
    wait_until(lambda: stage.is_now(CameraState.LOST))
    assert stage.view.newest_frame() is None
    assert stage.shots == []
    camera.is_gone.clear()
    wait_until(lambda: stage.shots)
    states = [change.state for change in stage.changes]
    assert states[:2] + states[-1:] == ["starting", "live", "live"]
    assert "lost" in states
    assert stage.is_now(CameraState.LIVE)
    assert stage.failures == []


def test_faces_of_before_the_loss_are_not_used_after_it(stage: Stage, camera: SceneCamera) -> None:
    stage.view.start()
    wait_until(lambda: len(stage.seen) > 3)
    camera.is_gone.set()
    wait_until(lambda: stage.is_now(CameraState.LOST))
    count = len(stage.seen)
    time.sleep(0.6)
    stage.view.take_now()
    wait_until(lambda: stage.refusals)
    assert stage.shots == []
    assert len(stage.seen) <= count + 1


def test_a_frozen_camera_is_told_and_recovers(stage: Stage, camera: SceneCamera) -> None:
    stage.view.start()
    wait_until(lambda: stage.is_now(CameraState.LIVE))
    camera.is_frozen.set()
    wait_until(lambda: stage.is_now(CameraState.LOST))
    assert stage.changes[-1].code == "C-103"
    camera.is_frozen.clear()
    wait_until(lambda: stage.is_now(CameraState.LIVE))


def test_stopping_while_the_camera_is_blocked_in_a_read_keeps_its_bound(
    stage: Stage, camera: SceneCamera
) -> None:
    stage.view.start()
    wait_until(lambda: stage.is_now(CameraState.LIVE))
    camera.is_frozen.set()
    time.sleep(0.1)
    began_s = time.monotonic()
    assert stage.view.stop()
    assert time.monotonic() - began_s < STOP_LIMIT_S
    assert stage.is_now(CameraState.OFF)
    assert stage.view.newest_frame() is None


def test_stopping_while_a_lost_camera_is_waited_for_is_quick(stage: Stage, camera: SceneCamera) -> None:
    camera.is_gone.set()
    stage.view.start()
    wait_until(lambda: stage.is_now(CameraState.LOST))
    assert stage.view.stop(timeout_s=1.0)


def test_a_camera_worker_that_meets_a_bug_is_started_again(stage: Stage, camera: SceneCamera) -> None:
    stage.view.start()
    wait_until(lambda: stage.is_now(CameraState.LIVE))
    camera.fault = ZeroDivisionError("ours")
    wait_until(lambda: stage.failures)
    camera.fault = None
    wait_until(lambda: stage.is_now(CameraState.LIVE))
    assert stage.failures[0] == WorkerFailed("camera", "", has_given_up=False)
    assert camera.closed >= 1


def test_a_face_worker_that_meets_a_bug_is_started_again_and_the_picture_goes_on(stage: Stage) -> None:
    stage.view.start()
    wait_until(lambda: stage.seen)
    stage.engine.fault = ValueError("ours")
    wait_until(lambda: stage.failures)
    assert stage.is_now(CameraState.LIVE)
    stage.engine.fault = None
    count = len(stage.seen)
    wait_until(lambda: len(stage.seen) > count)


def test_weights_that_are_missing_are_told_with_their_code_and_the_picture_goes_on(stage: Stage) -> None:
    stage.engine.fault = KnownError(ErrorCode.WEIGHTS_MISSING, "none")
    stage.view.start()
    wait_until(lambda: stage.failures)
    assert stage.failures == [WorkerFailed("faces", "F-101", has_given_up=True)]
    wait_until(lambda: stage.view.newest_frame() is not None)
    stage.view.take_now()
    wait_until(lambda: stage.refusals)


def test_a_camera_that_cannot_be_chosen_is_none_and_told(tmp_path: Path) -> None:
    bus = EventBus()
    failures = heard(bus, WorkerFailed)
    view = LiveView(lambda: camera_from_source("webcam:first"), PaintedEngine(), bus, SystemClock())
    view.start()
    wait_until(lambda: failures)
    assert view.state is CameraState.NONE
    assert failures[0].code == "A-102"
    assert view.stop()


def test_a_clip_that_vanishes_and_returns_is_picked_up_again(tmp_path: Path) -> None:
    import cv2

    def write(path: Path) -> None:
        writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 30.0, (640, 360))
        for _ in range(5):
            writer.write(ALONE)
        writer.release()

    path = tmp_path / "clip.avi"
    stage = Stage(ClipCamera(path))
    stage.view.start()
    try:
        wait_until(lambda: stage.is_now(CameraState.LOST))
        write(path)
        wait_until(lambda: stage.is_now(CameraState.LIVE))
        wait_until(lambda: any(seen.boxes for seen in stage.seen))
    finally:
        assert stage.view.stop()


@pytest.mark.real_server
def test_a_stream_that_freezes_is_a_known_error_within_its_limit_and_comes_back(server: RtspServer) -> None:
    camera = RtspCamera(server.url)
    camera.open()
    camera.read()
    server.freeze()
    longest_s, began_s = 0.0, time.monotonic()
    with pytest.raises(KnownError) as caught:  # noqa: PT012 - what is on its way may still arrive
        while time.monotonic() - began_s < 10:
            asked_s = time.monotonic()
            try:
                camera.read()
            finally:
                longest_s = max(longest_s, time.monotonic() - asked_s)
    assert caught.value.code in ("C-102", "C-103")
    assert time.monotonic() - began_s < 6
    assert longest_s < 4  # the port promises 2 s for one read; the driver looks at its clock between packets
    camera.close()
    server.thaw()
    wait_until(lambda: opens(camera), timeout_s=20)
    assert camera.read().pixels.size
    camera.close()


@pytest.mark.real_server
def test_opening_a_frozen_server_ends_within_its_limit(server: RtspServer) -> None:
    server.freeze()
    camera = RtspCamera(server.url)
    began_s = time.monotonic()
    assert not opens(camera)
    assert time.monotonic() - began_s < 5.5
    camera.close()
    server.thaw()


@pytest.mark.real_server
def test_a_stream_that_dies_and_returns_is_live_again_by_itself(server: RtspServer) -> None:
    stage = Stage(RtspCamera(server.url))
    stage.view.start()
    try:
        wait_until(lambda: stage.is_now(CameraState.LIVE), timeout_s=15)
        server.stop()
        wait_until(lambda: stage.view.state in (CameraState.LOST, CameraState.NONE), timeout_s=15)
        server.start()
        wait_until(lambda: stage.is_now(CameraState.LIVE), timeout_s=30)
    finally:
        assert stage.view.stop()


@pytest.mark.real_server
def test_stopping_while_the_stream_is_frozen_keeps_its_bound(server: RtspServer) -> None:
    stage = Stage(RtspCamera(server.url))
    stage.view.start()
    wait_until(lambda: stage.is_now(CameraState.LIVE), timeout_s=15)
    server.freeze()
    time.sleep(0.3)
    began_s = time.monotonic()
    assert stage.view.stop()
    assert time.monotonic() - began_s < STOP_LIMIT_S
    server.thaw()


@pytest.mark.real_server
def test_a_slow_reader_of_a_stream_gets_the_present(server: RtspServer) -> None:
    camera = RtspCamera(server.url)
    camera.open()
    first = camera.read()
    time.sleep(1.0)
    before_s = time.monotonic()
    frame = camera.read()
    assert frame.sequence - first.sequence > 5
    assert frame.captured_at_s > before_s - 0.5
    camera.close()


@pytest.mark.real_server
def test_a_path_that_the_server_does_not_have_is_refused_without_its_password(
    server: RtspServer, capfd: pytest.CaptureFixture[str]
) -> None:
    camera = RtspCamera(server.url.replace("/stream", "/other"))
    with pytest.raises(KnownError) as caught:
        camera.open()
    camera.close()
    assert caught.value.code == "C-104"
    shown = capfd.readouterr()
    assert "hidden" not in str(caught.value) + shown.out + shown.err


def opens(camera: Camera) -> bool:
    try:
        camera.open()
    except KnownError:
        return False
    return True
