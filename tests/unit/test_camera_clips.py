"""Clips and folders: pace, end, and what is broken in them."""

from __future__ import annotations

import time
from pathlib import Path

import cv2
import numpy as np
import pytest

from kiosk.camera.clip_camera import ClipCamera
from kiosk.camera.folder_camera import FolderCamera
from kiosk.camera.types import Camera
from kiosk.errors import KnownError


def write_clip(path: Path, frames: int, fps: float = 30.0, code: str = "mp4v") -> Path:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), fps, (64, 48))
    for index in range(frames):
        writer.write(np.full((48, 64, 3), 20 + index * 8, np.uint8))
    writer.release()
    return path


def brightness(camera: Camera) -> float:
    return float(camera.read().pixels.mean())


def refusal(camera: Camera) -> KnownError:
    with pytest.raises(KnownError) as caught:
        camera.open()
    return caught.value


def test_a_clip_plays_at_its_own_pace(tmp_path: Path) -> None:
    camera = ClipCamera(write_clip(tmp_path / "slow.mp4", 20, fps=10.0))
    camera.open()
    times_s = [camera.read().captured_at_s for _ in range(6)]
    camera.close()
    assert times_s[-1] - times_s[0] >= 0.45


def test_a_wished_pace_goes_before_the_clips_own(tmp_path: Path) -> None:
    camera = ClipCamera(write_clip(tmp_path / "fast.mp4", 20, fps=30.0), fps=5.0)
    camera.open()
    times_s = [camera.read().captured_at_s for _ in range(3)]
    camera.close()
    assert times_s[-1] - times_s[0] >= 0.35


def test_a_slow_reader_gets_the_present_and_not_the_past(tmp_path: Path) -> None:
    camera = ClipCamera(write_clip(tmp_path / "clip.mp4", 25, fps=25.0))
    camera.open()
    first = brightness(camera)
    time.sleep(0.4)
    second = brightness(camera)
    camera.close()
    # Ten frames have passed: 8 levels each.
    assert second - first > 5 * 8


def test_a_clip_begins_again_at_its_end(tmp_path: Path) -> None:
    camera = ClipCamera(write_clip(tmp_path / "clip.mp4", 5))
    camera.open()
    levels = [brightness(camera) for _ in range(12)]
    camera.close()
    assert levels[5] < levels[4]


def test_a_clip_that_is_not_repeated_ends_as_a_lost_camera(tmp_path: Path) -> None:
    camera = ClipCamera(write_clip(tmp_path / "clip.mp4", 4), loop=False)
    camera.open()
    for _ in range(4):
        camera.read()
    with pytest.raises(KnownError) as caught:
        camera.read()
    camera.close()
    assert caught.value.code == "C-102"


@pytest.mark.parametrize("content", [b"", b"not a clip at all", bytes(5000)])
def test_a_file_that_is_no_clip_is_refused_by_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.mp4"
    path.write_bytes(content)
    error = refusal(ClipCamera(path))
    assert error.code == "C-105"
    assert "broken.mp4" in error.detail


def test_a_clip_of_no_frames_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "empty.avi", 0, code="MJPG")
    assert path.exists()
    assert refusal(ClipCamera(path)).code == "C-105"


def test_a_truncated_clip_plays_as_far_as_it_goes_and_begins_again(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "cut.avi", 20, code="MJPG")
    whole = path.read_bytes()
    path.write_bytes(whole[: (whole.index(b"movi") + len(whole)) // 2])
    camera = ClipCamera(path)
    camera.open()
    levels = [brightness(camera) for _ in range(30)]
    camera.close()
    assert max(levels) < 20 + 20 * 8
    assert min(levels[5:]) == pytest.approx(levels[0], abs=4)


def test_a_truncated_clip_without_its_directory_is_refused(tmp_path: Path) -> None:
    path = write_clip(tmp_path / "cut.mp4", 20)
    path.write_bytes(path.read_bytes()[:-400])
    assert refusal(ClipCamera(path)).code == "C-105"


def test_a_folder_shows_its_pictures_by_name_and_leaves_out_what_is_none(tmp_path: Path) -> None:
    for name, level in (("b.png", 120), ("a.png", 40)):
        cv2.imwrite(str(tmp_path / name), np.full((48, 64, 3), level, np.uint8))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    (tmp_path / "empty.jpg").write_bytes(b"")
    (tmp_path / "notes.txt").write_text("not for a camera", encoding="utf-8")
    camera = FolderCamera(tmp_path, fps=100)
    camera.open()
    levels = [brightness(camera) for _ in range(4)]
    camera.close()
    assert levels == [40, 120, 40, 120]


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    assert refusal(FolderCamera(tmp_path)).code == "C-105"
    assert refusal(FolderCamera(tmp_path / "none")).code == "C-101"
