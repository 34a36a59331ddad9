"""Looks for a payment slip with the kiosk's own camera, while nobody waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Protocol

from kiosk.camera.types import Frame
from kiosk.errors import KnownError
from kiosk.events import EventBus
from kiosk.payments.slip import Slip, parse_slip
from kiosk.runtime.worker import Worker
from kiosk.staff.slip_reading import slip_code

_LOOK_EVERY_S = 0.1


class SlipCamera(Protocol):
    """The kiosk's camera, of which only the newest frame is looked at (`kiosk.capture.plain_view`)."""

    def start(self) -> None:
        """Opens it; returns at once."""
        ...

    def stop(self) -> object:
        """Lets go of it; harmless where it is closed."""
        ...

    def newest_frame(self) -> Frame | None:
        """What it sees; None while it sees nothing. Cheap."""
        ...


class SlipScan:
    """One look at a time, on a thread of its own: `look` begins one and ends the one before. No frame is
    kept. Any thread."""

    def __init__(self, camera: SlipCamera, bus: EventBus) -> None:
        self._camera = camera
        self._bus = bus
        self._lock = threading.Lock()
        self._device = threading.Lock()
        self._worker: Worker | None = None

    def look(self, found: Callable[[Slip], bool], failed: Callable[[KnownError], None]) -> None:
        """Calls `found` with a slip that the camera sees; when that returns True the look ends. `failed`
        hears of a code that is no slip's (SLIP_UNREADABLE), and of each once. Both are called on the
        scanner's thread. Returns at once."""
        with self._lock:
            self._end()
            self._worker = Worker("slip-scan", lambda stop: self._look(stop, found, failed), self._bus)
            self._worker.start()

    def stop(self) -> None:
        """Lets go of the camera; harmless when it does not look. Returns at once."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._worker is not None:
            self._worker.request_stop()
            self._worker = None

    def _look(
        self,
        stop: threading.Event,
        found: Callable[[Slip], bool],
        failed: Callable[[KnownError], None],
    ) -> None:
        with self._device:  # of the look before, which lets go of it within a frame
            self._camera.start()
            try:
                self._watch(stop, found, failed)
            finally:
                self._camera.stop()

    def _watch(
        self,
        stop: threading.Event,
        found: Callable[[Slip], bool],
        failed: Callable[[KnownError], None],
    ) -> None:
        seen, told = -1, ""
        while not stop.wait(_LOOK_EVERY_S):
            frame = self._camera.newest_frame()
            if frame is None or frame.sequence == seen:
                continue
            seen = frame.sequence
            code = slip_code(frame.pixels)
            if code is None or code == told or stop.is_set():
                continue
            told = code
            try:
                if found(parse_slip(code)):
                    return
            except KnownError as error:
                failed(error)
