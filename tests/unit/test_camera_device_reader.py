"""A driver that hangs: what a webcam can do, and what its reader promises all the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest

from kiosk.camera import device_reader
from kiosk.camera.device_reader import DeviceReader
from kiosk.camera.types import Pixels
from kiosk.errors import BugError, ErrorCode, KnownError
from tests.watching import wait_until


class Driver:
    """Stands for cv2.VideoCapture: gives pictures until it ends or hangs."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()
        self.goes_on.set()
        self.is_unplugged = False
        self.spoils_pictures = False
        self.connections = 0
        self.releases = 0

    def connect(self) -> Driver:
        self.goes_on.wait(20)
        self.connections += 1
        return self

    def grab(self) -> bool:
        time.sleep(0.01)
        self.goes_on.wait(20)
        return not self.is_unplugged

    def retrieve(self) -> tuple[bool, Pixels | None]:
        if self.spoils_pictures:
            return False, None
        return True, np.zeros((4, 4, 3), np.uint8)

    def release(self) -> None:
        self.releases += 1


@pytest.fixture
def driver() -> Iterator[Driver]:
    driver = Driver()
    yield driver
    driver.goes_on.set()


@pytest.fixture
def reader(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> Iterator[DeviceReader]:
    monkeypatch.setattr(device_reader, "READ_TIMEOUT_S", 0.3)
    monkeypatch.setattr(device_reader, "OPEN_TIMEOUT_S", 0.3)
    reader = DeviceReader("webcam 0", driver.connect)  # type: ignore[arg-type]
    yield reader
    driver.goes_on.set()
    reader.close()


def refusal(action: object) -> ErrorCode:
    assert callable(action)
    with pytest.raises(KnownError) as caught:
        action()
    return caught.value.code


def test_a_driver_that_never_answers_holds_nobody_up(reader: DeviceReader, driver: Driver) -> None:
    driver.goes_on.clear()
    assert refusal(reader.open) is ErrorCode.CAMERA_FROZEN
    driver.goes_on.set()
    wait_until(lambda: driver.releases == 1)


def test_a_driver_that_hangs_in_a_read_is_frozen_and_can_be_left(
    reader: DeviceReader, driver: Driver
) -> None:
    reader.open()
    reader.read()
    driver.goes_on.clear()
    assert refusal(lambda: [reader.read() for _ in range(3)]) is ErrorCode.CAMERA_FROZEN
    reader.close()
    assert driver.releases == 0


def test_threads_do_not_pile_up_behind_a_driver_that_hangs(reader: DeviceReader, driver: Driver) -> None:
    reader.open()
    driver.goes_on.clear()
    reader.close()
    before = threading.active_count()
    for _ in range(3):
        assert refusal(reader.open) is ErrorCode.CAMERA_FROZEN
    assert threading.active_count() == before
    assert driver.connections == 1


def test_once_the_driver_comes_back_the_camera_opens_again(reader: DeviceReader, driver: Driver) -> None:
    reader.open()
    first = reader.read()
    driver.goes_on.clear()
    reader.close()
    driver.goes_on.set()
    wait_until(lambda: driver.releases == 1)
    reader.open()
    assert reader.read().sequence > first.sequence


def test_an_unplugged_camera_is_lost_at_once_and_let_go_of(reader: DeviceReader, driver: Driver) -> None:
    reader.open()
    reader.read()
    driver.is_unplugged = True
    assert refusal(lambda: [reader.read() for _ in range(3)]) is ErrorCode.CAMERA_LOST
    wait_until(lambda: driver.releases == 1)


def test_a_spoilt_picture_is_passed_over(reader: DeviceReader, driver: Driver) -> None:
    reader.open()
    first = reader.read()
    driver.spoils_pictures = True
    time.sleep(0.1)
    driver.spoils_pictures = False
    assert reader.read().sequence > first.sequence


def test_reading_before_opening_is_a_bug(reader: DeviceReader) -> None:
    with pytest.raises(BugError):
        reader.read()
