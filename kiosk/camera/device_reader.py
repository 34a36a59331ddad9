"""Reads a device on a thread of its own, so that a driver that never answers holds nobody up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import cv2

from kiosk.camera.slot import FrameSlot
from kiosk.camera.types import Frame, Pixels
from kiosk.errors import BugError, ErrorCode, KnownError

OPEN_TIMEOUT_S = 4.5
READ_TIMEOUT_S = 2.0
_CLOSE_TIMEOUT_S = 0.3


class DeviceReader:
    """Keeps the newest frame of a capture device.

    A thread of its own opens the device, grabs as fast as it gives, and lets go of it; `open`, `read` and
    `close` wait for that thread within bounds only. So a frozen device is a KnownError after two seconds, and
    a stream is never behind: what nobody took is replaced. A thread that hangs in a driver is left to end
    by itself; until it has, `open` refuses, so that threads do not pile up.
    """

    def __init__(
        self,
        name: str,
        connect: Callable[[], cv2.VideoCapture],
        waited_s: Callable[[cv2.VideoCapture, float], float] | None = None,
    ) -> None:
        """`connect` opens the device or raises KnownError. `waited_s` tells how long the picture has waited
        that was just grabbed at a (monotonic) time, or raises KnownError to let go of the device; without it
        a picture is as old as its arrival. Both run on the reader's thread."""
        self._name = name
        self._connect = connect
        self._waited_s = waited_s
        self._slot = FrameSlot()
        self._sequence = 0
        self._taken = 0
        self._stop = threading.Event()
        self._is_open = threading.Event()
        self._fault: KnownError | None = None
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Starts the thread and waits until the device is open; harmless when it is. Raises KnownError."""
        if self._thread is not None and self._thread.is_alive():
            if self._is_open.is_set() and not self._stop.is_set() and self._fault is None:
                return
            self._thread.join(_CLOSE_TIMEOUT_S)
            if self._thread.is_alive():
                raise KnownError(
                    ErrorCode.CAMERA_FROZEN,
                    f"The driver of {self._name} has not come back from the last time.",
                    "Unplug the camera and plug it in again.",
                )
        self._stop, self._is_open, self._fault = threading.Event(), threading.Event(), None
        self._thread = threading.Thread(
            target=self._grab_all,
            args=(self._stop, self._is_open),
            name=f"reader of {self._name}",
            daemon=True,
        )
        self._thread.start()
        answered = self._is_open.wait(OPEN_TIMEOUT_S)
        if self._fault is not None:
            raise self._fault
        if not answered:
            self._stop.set()
            raise KnownError(
                ErrorCode.CAMERA_FROZEN,
                f"{self._name} did not answer within {OPEN_TIMEOUT_S} s.",
                "Check its cable and power.",
            )

    def read(self) -> Frame:
        """The newest frame that was not read yet. Raises KnownError: CAMERA_LOST, CAMERA_FROZEN."""
        if self._thread is None:
            raise BugError(f"{self._name} is read before it is open")
        deadline_s = time.monotonic() + READ_TIMEOUT_S
        while time.monotonic() < deadline_s:
            # Short waits, so that a device that is gone is noticed at once.
            frame = self._slot.wait_newer(self._taken, 0.1)
            if frame is not None:
                self._taken = frame.sequence
                return frame
            if self._fault is not None:
                raise self._fault
        raise KnownError(
            ErrorCode.CAMERA_FROZEN,
            f"{self._name} gave no picture for {READ_TIMEOUT_S} s.",
            "Check its cable and power.",
        )

    def close(self) -> None:
        """Tells the thread to let go; waits a moment only. Keeps no picture."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(_CLOSE_TIMEOUT_S)
        self._slot.clear()

    def _grab_all(self, stop: threading.Event, is_open: threading.Event) -> None:
        try:
            capture = self._connect()
        except KnownError as error:
            self._fail(stop, error)
            is_open.set()
            return
        is_open.set()
        try:
            while not stop.is_set() and capture.grab():
                captured_at_s = self._captured_at_s(capture)
                is_whole, pixels = capture.retrieve()
                if is_whole and not stop.is_set():
                    self._put(pixels, captured_at_s)
        except KnownError as error:
            self._fail(stop, error)
        finally:
            capture.release()
        self._fail(
            stop,
            KnownError(
                ErrorCode.CAMERA_LOST, f"{self._name} stopped giving pictures.", "Check its cable and power."
            ),
        )

    def _captured_at_s(self, capture: cv2.VideoCapture) -> float:
        now_s = time.monotonic()
        return now_s if self._waited_s is None else now_s - self._waited_s(capture, now_s)

    def _put(self, pixels: Pixels, captured_at_s: float) -> None:
        self._sequence += 1
        self._slot.put(Frame(self._sequence, captured_at_s, pixels))

    def _fail(self, stop: threading.Event, error: KnownError) -> None:
        # A thread that was told to stop speaks no more: the fault would be taken for its successor's.
        if not stop.is_set():
            self._fault = self._fault or error
