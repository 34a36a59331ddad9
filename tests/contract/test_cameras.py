"""What every camera promises, whatever gives its frames."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.camera.clip_camera import ClipCamera
from kiosk.camera.folder_camera import FolderCamera
from kiosk.camera.opencv_camera import OpenCvCamera
from kiosk.camera.rtsp_camera import RtspCamera
from kiosk.camera.types import Camera
from kiosk.errors import KnownError
from tests.rtsp_server import RtspServer, rtsp_server_is_here

OPEN_LIMIT_S = 5.0
READ_LIMIT_S = 2.5


def write_clip(path: Path, frames: int = 20, fps: float = 30.0) -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), fps, (320, 240))
    for index in range(frames):
        writer.write(np.full((240, 320, 3), 10 + index * 5, np.uint8))
    writer.release()
    return path


@pytest.fixture
def webcam() -> Camera:
    camera = OpenCvCamera(0)
    try:
        camera.open()
    except KnownError as error:
        pytest.skip(f"no webcam on this machine: {error}")
    camera.close()
    return camera


@pytest.fixture
def clip(tmp_path: Path) -> Camera:
    return ClipCamera(write_clip(tmp_path / "clip.mp4"))


@pytest.fixture
def folder(tmp_path: Path) -> Camera:
    for index in range(3):
        cv2.imwrite(str(tmp_path / f"{index}.png"), np.full((240, 320, 3), index * 40, np.uint8))
    return FolderCamera(tmp_path, fps=30)


@pytest.fixture
def rtsp() -> Iterator[Camera]:
    if not rtsp_server_is_here():
        pytest.skip("no gst-rtsp-server under the system's Python")
    with RtspServer() as server:
        yield RtspCamera(server.url)


@pytest.fixture(
    params=["webcam", "clip", "folder", pytest.param("rtsp", marks=pytest.mark.real_server)],
)
def camera(request: pytest.FixtureRequest) -> Iterator[Camera]:
    camera: Camera = request.getfixturevalue(request.param)
    yield camera
    camera.close()


def took_s(action: Callable[[], object]) -> float:
    began_s = time.monotonic()
    action()
    return time.monotonic() - began_s


def test_frames_are_pictures_in_colour_with_numbers_that_only_grow(camera: Camera) -> None:
    camera.open()
    frames = [camera.read() for _ in range(5)]
    for frame in frames:
        assert frame.pixels.dtype == np.uint8
        assert frame.pixels.ndim == 3
        assert frame.pixels.shape[2] == 3
        assert frame.pixels.flags.c_contiguous
    numbers = [frame.sequence for frame in frames]
    assert numbers == sorted(set(numbers))


def test_frames_carry_the_moment_of_their_capture_in_order(camera: Camera) -> None:
    before_s = time.monotonic()
    camera.open()
    times_s = [camera.read().captured_at_s for _ in range(5)]
    assert before_s <= times_s[0]
    assert times_s == sorted(times_s)
    assert times_s[-1] <= time.monotonic()


def test_opening_and_reading_stay_within_their_limits(camera: Camera) -> None:
    assert took_s(camera.open) < OPEN_LIMIT_S
    assert max(took_s(camera.read) for _ in range(5)) < READ_LIMIT_S


def test_a_closed_camera_opens_again_and_its_numbers_go_on(camera: Camera) -> None:
    camera.open()
    first = camera.read()
    camera.close()
    camera.open()
    assert camera.read().sequence > first.sequence


def test_opening_twice_and_closing_twice_does_no_harm(camera: Camera) -> None:
    camera.close()
    camera.open()
    camera.open()
    assert camera.read().pixels.size
    camera.close()
    camera.close()


def test_a_frame_that_was_handed_out_is_never_written_to_again(camera: Camera) -> None:
    camera.open()
    frame = camera.read()
    copy = frame.pixels.copy()
    for _ in range(4):
        camera.read()
    assert np.array_equal(frame.pixels, copy)


def test_no_thread_is_left_after_closing(camera: Camera) -> None:
    before = threading.active_count()
    camera.open()
    camera.read()
    camera.close()
    deadline_s = time.monotonic() + 3
    while threading.active_count() > before and time.monotonic() < deadline_s:
        time.sleep(0.02)
    assert threading.active_count() == before


def test_a_missing_camera_is_a_known_error_with_a_next_step(tmp_path: Path) -> None:
    missing: list[Camera] = [
        ClipCamera(tmp_path / "none.mp4"),
        FolderCamera(tmp_path / "none"),
        RtspCamera("rtsp://user:hidden@127.0.0.1:9/stream"),
    ]
    if sys.platform == "linux":
        missing.append(OpenCvCamera(63))
    for camera in missing:
        with pytest.raises(KnownError) as caught:
            camera.open()
        assert caught.value.code == "C-101", camera.name
        assert caught.value.next_step
        assert "hidden" not in str(caught.value) + camera.name
