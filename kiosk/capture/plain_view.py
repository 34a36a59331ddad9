"""What the camera sees, and nothing looked for in it: for codes that are held up to the kiosk."""

from __future__ import annotations

import threading
from collections.abc import Callable

from kiosk.camera.slot import FrameSlot
from kiosk.camera.types import Camera, Frame
from kiosk.events import EventBus
from kiosk.runtime.worker import Worker


class PlainView:
    """The newest frame of the camera between `start` and `stop`, for whoever looks for something else than
    faces. Where the live view has the camera open, its frames are taken (`live_frame`) and the device is left
    alone. `open_camera` is called at each start. Any thread."""

    def __init__(
        self, open_camera: Callable[[], Camera], live_frame: Callable[[], Frame | None], bus: EventBus
    ) -> None:
        self._open_camera = open_camera
        self._live_frame = live_frame
        self._bus = bus
        self._slot = FrameSlot()
        self._worker: Worker | None = None
        self._lock = threading.Lock()
        self._device = threading.Lock()

    def start(self) -> None:
        """Begins to look; returns at once. Harmless when it does already."""
        with self._lock:
            if self._worker is None:
                self._worker = Worker("plain-view", self._run, self._bus)
                self._worker.start()

    def stop(self) -> None:
        """Lets go of the camera and of its last frame."""
        with self._lock:
            if self._worker is not None:
                self._worker.stop()
                self._worker = None
            self._slot.clear()

    def newest_frame(self) -> Frame | None:
        """What the camera sees; None while it sees nothing. Cheap."""
        return self._live_frame() or self._slot.newest()

    def _run(self, stop: threading.Event) -> None:
        while self._live_frame() is not None:
            if stop.wait(0.25):
                return
        with self._device:
            camera = self._open_camera()
            try:
                camera.open()
                while not stop.is_set():
                    frame = camera.read()
                    if not stop.is_set():  # a driver that was stuck in it would leave a face behind
                        self._slot.put(frame)
            finally:
                camera.close()
