"""Which camera a setting means, and what importing OpenCV does to Qt."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import ClassVar

import cv2
import pytest

import kiosk.camera.open_camera as open_camera
from kiosk.adapters import choose_camera
from kiosk.camera.clip_camera import ClipCamera
from kiosk.camera.folder_camera import FolderCamera
from kiosk.camera.opencv_camera import OpenCvCamera
from kiosk.camera.rtsp_camera import RtspCamera
from kiosk.errors import KnownError
from kiosk.runtime.environment import clean_qt_environment
from kiosk.settings import CameraSection


def test_a_source_names_its_adapter(tmp_path: Path) -> None:
    sources = {
        "webcam:2": OpenCvCamera,
        "rtsp://door.example/stream": RtspCamera,
        "RTSP://door.example/stream": RtspCamera,
        str(tmp_path): FolderCamera,
        str(tmp_path / "visitor.mp4"): ClipCamera,
        "C:\\clips\\visitor.mp4": ClipCamera,
    }
    for source, adapter in sources.items():
        assert type(open_camera.camera_from_source(source)) is adapter, source


@pytest.mark.parametrize("source", ["", "webcam", "webcam:", "webcam:one", "rtsp://", "rtsp://host:port/"])
def test_a_source_that_names_no_camera_is_refused_with_its_code(source: str) -> None:
    with pytest.raises(KnownError) as caught:
        open_camera.camera_from_source(source)
    assert caught.value.code == "A-102"


class RecordingCapture:
    """A capture device that gives nothing and remembers what it was asked for."""

    asked: ClassVar[dict[int, float]] = {}

    def __init__(self, *_: object) -> None: ...

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, wish: int, value: float) -> None:
        self.asked[wish] = value

    def grab(self) -> bool:
        time.sleep(0.01)
        return True

    def retrieve(self) -> tuple[bool, None]:
        return False, None

    def release(self) -> None: ...


def test_a_webcam_is_asked_for_the_size_and_pace_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", RecordingCapture)
    camera = choose_camera(CameraSection(source="webcam:1", width=640, height=480, fps=15))
    camera.open()
    camera.close()
    asked = RecordingCapture.asked
    assert asked[cv2.CAP_PROP_FRAME_WIDTH] == 640
    assert asked[cv2.CAP_PROP_FRAME_HEIGHT] == 480
    assert asked[cv2.CAP_PROP_FPS] == 15


def test_no_name_and_no_error_shows_the_password_of_a_network_camera() -> None:
    camera = open_camera.camera_from_source("rtsp://guard:hidden@door.example:8554/stream?key=hidden")
    assert camera.name == "rtsp door.example"
    with pytest.raises(KnownError) as caught:
        open_camera.camera_from_source("rtsp://guard:hidden@door.example:port/")
    assert "hidden" not in str(caught.value)


def test_auto_without_a_fallback_is_the_webcam() -> None:
    assert open_camera.camera_from_source("auto").name == "webcam 0"


def test_auto_takes_the_clip_only_where_no_webcam_opens(tmp_path: Path) -> None:
    camera = open_camera.camera_from_source("auto", tmp_path / "visitor.mp4")
    try:
        has_webcam = sys.platform == "linux" and Path("/dev/video0").exists()
        if has_webcam:
            pytest.skip("a webcam is here")
        assert camera.name == "clip visitor.mp4"
    finally:
        camera.close()


def test_qt_is_not_led_to_the_plugins_of_opencv(monkeypatch: pytest.MonkeyPatch) -> None:
    plugins = str(Path("site-packages") / "cv2" / "qt" / "plugins")
    monkeypatch.setenv("QT_QPA_PLATFORM_PLUGIN_PATH", plugins)
    monkeypatch.setenv("QT_QPA_FONTDIR", "/usr/share/fonts")
    clean_qt_environment()
    assert "QT_QPA_PLATFORM_PLUGIN_PATH" not in os.environ
    assert os.environ["QT_QPA_FONTDIR"] == "/usr/share/fonts"
