"""The camera for codes that are held up: open only while somebody looks, and never in the live view's way."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from kiosk.camera.types import Frame
from kiosk.capture.plain_view import PlainView
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.worker import Worker


class Device:
    """A camera that counts; `fails` times it is gone when it is opened."""

    name = "device"

    def __init__(self, fails: int = 0) -> None:
        self.is_open, self.fails, self.opened = False, fails, 0
        self._sequence = 0

    def open(self) -> None:
        self.opened += 1
        if self.opened <= self.fails:
            raise KnownError(ErrorCode.CAMERA_NOT_FOUND, "gone")
        self.is_open = True

    def read(self) -> Frame:
        time.sleep(0.005)
        self._sequence += 1
        return Frame(self._sequence, time.monotonic(), np.zeros((4, 4, 3), np.uint8))

    def close(self) -> None:
        self.is_open = False


def until(is_so: Callable[[], bool]) -> None:
    end_s = time.monotonic() + 5
    while not is_so():
        assert time.monotonic() < end_s
        time.sleep(0.005)


def test_it_sees_between_start_and_stop_and_keeps_nothing() -> None:
    device = Device()
    view = PlainView(lambda: device, lambda: None, EventBus())
    assert view.newest_frame() is None
    view.start()
    view.start()
    until(lambda: view.newest_frame() is not None)
    view.stop()
    until(lambda: not device.is_open)
    assert view.newest_frame() is None
    view.start()
    until(lambda: view.newest_frame() is not None)
    view.stop()


def test_a_camera_that_is_gone_is_tried_again() -> None:
    device = Device(fails=2)
    view = PlainView(lambda: device, lambda: None, EventBus())
    view.start()
    until(lambda: view.newest_frame() is not None)
    assert device.opened == 3
    view.stop()


def test_while_the_live_view_has_the_camera_its_frames_are_looked_at() -> None:
    live: list[Frame] = [Frame(7, 0.0, np.zeros((4, 4, 3), np.uint8))]
    device = Device()
    view = PlainView(lambda: device, lambda: live[-1] if live else None, EventBus())
    view.start()
    time.sleep(0.05)
    seen = view.newest_frame()
    assert seen is not None
    assert (seen.sequence, device.opened) == (7, 0)
    live.clear()
    until(lambda: view.newest_frame() is not None)
    assert device.opened == 1
    view.stop()
    until(lambda: not device.is_open)


def test_a_camera_that_was_stuck_when_it_was_let_go_leaves_no_picture_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Worker.stop, "__defaults__", (0.05,))
    device, go_on = Device(), threading.Event()
    read = device.read

    def stuck() -> Frame:
        go_on.wait(5)
        return read()

    device.read = stuck  # type: ignore[method-assign]
    view = PlainView(lambda: device, lambda: None, EventBus())
    view.start()
    until(lambda: device.is_open)
    view.stop()
    go_on.set()
    until(lambda: not device.is_open)
    assert view.newest_frame() is None
