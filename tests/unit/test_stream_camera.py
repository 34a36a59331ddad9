"""The camera of a stream: its password is in its address only, and that is in nothing that is shown."""

from __future__ import annotations

import pytest

from kiosk.camera.clip_camera import ClipCamera
from kiosk.camera.opencv_camera import OpenCvCamera
from kiosk.camera.rtsp_camera import RtspCamera
from kiosk.errors import ErrorCode, KnownError
from kiosk.streams import stream_camera as streams
from kiosk.streams.stream_camera import stream_camera
from tests.fake_streams import a_stream

PASSWORD = "p@ss:/%ü word"


def never(name: str) -> str:
    raise AssertionError(f"{name} was read")


def test_a_stream_without_a_user_asks_for_no_password() -> None:
    assert type(stream_camera(a_stream("one", "rtsp://door.example/live"), never)) is RtspCamera
    assert type(stream_camera(a_stream("one", "webcam:2"), never)) is OpenCvCamera
    assert type(stream_camera(a_stream("one", "door.mp4", user="guard"), never)) is ClipCamera


def test_user_and_password_make_the_address_whatever_signs_are_in_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(streams, "camera_from_source", asked.append)
    names: list[str] = []
    stream_camera(
        a_stream("one", "rtsp://door.example:8554/live?x=1", user="the guard@shop"),
        lambda name: names.append(name) or PASSWORD,  # type: ignore[func-returns-value]
    )
    assert names == ["stream.one"]
    assert asked == ["rtsp://the%20guard%40shop:p%40ss%3A%2F%25%C3%BC%20word@door.example:8554/live?x=1"]


def test_no_name_no_repr_and_no_error_shows_the_password() -> None:
    stream = a_stream("one", "rtsp://door.example/live", user="guard")
    camera = stream_camera(stream, lambda _: PASSWORD)
    shown = f"{camera.name} {camera!r} {stream!r}"
    with pytest.raises(KnownError) as caught:
        stream_camera(a_stream("one", "rtsp://door.example:port/live", user="guard"), lambda _: PASSWORD)
    shown += f"{caught.value!r} {caught.value.__cause__!r}"
    assert camera.name == "rtsp door.example"
    assert "p@ss" not in shown
    assert "p%40ss" not in shown


def test_a_password_that_is_missing_is_told_as_that() -> None:
    def missing(name: str) -> str:
        raise KnownError(ErrorCode.SECRET_MISSING, f"The secret {name} is not set.")

    with pytest.raises(KnownError) as caught:
        stream_camera(a_stream("one", "rtsp://door.example/live", user="guard"), missing)
    assert caught.value.code is ErrorCode.SECRET_MISSING
