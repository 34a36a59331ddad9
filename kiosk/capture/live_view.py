"""The live view: a camera worker, a face worker, and the shot."""

from __future__ import annotations

import threading
from collections.abc import Callable

import cv2
import structlog

from kiosk.camera.slot import FrameSlot
from kiosk.camera.types import Camera, Frame
from kiosk.capture.challenger import Challenger
from kiosk.capture.photographer import Photographer
from kiosk.capture.types import CameraChanged, CameraState, ShotRefused
from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.worker import PERMANENT, STOP_TIMEOUT_S, Supervisor, Worker
from kiosk.vision.quality import LIVE_RULES, QualityRules
from kiosk.vision.types import FaceEngine, RejectionReason

_log = structlog.get_logger(__name__)

LOOKS_PER_S = 15
NONE_AFTER_S = 3.0


class LiveView:
    """Shows what the camera sees, finds the faces in it, and takes the visitor's picture.

    Between `start` and `stop` two workers run. The camera's puts frames in a one-place slot; the face worker
    takes the newest at most 15 times a second, tells FacesSeen and never queues. A camera that is lost is
    opened again by itself (CameraChanged tells LOST, and NONE after 3 s); `open_camera` is called at the
    first start and after `change_camera`, so the choice of camera stays till then. After `stop` and after a
    shot no face is kept here.

    Commands may come from any thread, `stop` from none of this view's own events' handlers.
    """

    def __init__(
        self,
        open_camera: Callable[[], Camera],
        engine: FaceEngine,
        bus: EventBus,
        clock: Clock,
        rules: QualityRules = LIVE_RULES,
        challenger: Challenger | None = None,
    ) -> None:
        """`open_camera` chooses the camera (it may be handed over open); it runs on the camera worker. With a
        `challenger` nobody's picture is taken before they did what it asks for."""
        self._open_camera = open_camera
        self._bus = bus
        self._clock = clock
        self._camera: Camera | None = None
        self._slot = FrameSlot()
        self._state = CameraState.OFF
        self._code = ""
        self._failing_since_s: float | None = None
        self._photographer = Photographer(engine, bus, rules, challenger)
        self._wake = threading.Event()
        self._lock = threading.Lock()
        self._device = threading.Lock()
        self._camera_worker = Worker("camera", self._run_camera, bus)
        self._face_worker = Worker("faces", self._run_faces, bus)
        self._workers = Supervisor([self._camera_worker, self._face_worker])

    @property
    def state(self) -> CameraState:
        """What the camera is doing."""
        return self._state

    @property
    def dropped_frames(self) -> int:
        """How many frames the face worker did not look at, since the beginning."""
        return self._slot.dropped

    def start(self) -> None:
        """Opens the camera and begins to look; returns at once. Harmless when it runs already."""
        with self._lock:
            self._start()

    def _start(self) -> None:
        if self._state is CameraState.OFF:
            # More threads gain nothing at this size of picture, and the cores belong to the screen.
            cv2.setNumThreads(1)
            self._photographer.forget()
            self._failing_since_s = None
            self._tell(CameraState.STARTING)
            self._workers.start()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Ends both workers, lets go of the camera, forgets every face; whether both ended in time."""
        with self._lock:
            return self._stop_all(timeout_s)

    def _stop_all(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        self._wake.set()
        stuck = self._workers.stop(timeout_s)
        self._slot.clear()
        self._photographer.forget()
        self._tell(CameraState.OFF)
        return not stuck

    def change_camera(self) -> None:
        """The camera is chosen anew (`open_camera`), at once where one is in use."""
        with self._lock:
            is_in_use = self._state is not CameraState.OFF
            if is_in_use:
                self._stop_all()
            self._camera = None
            if is_in_use:
                self._start()

    def begin_shot(self) -> None:
        """From now on, all checks and a second of stillness take the picture by themselves, once."""
        self._photographer.is_begun.set()

    def take_now(self) -> None:
        """Takes the best picture of the last second: ShotTaken or ShotRefused follows."""
        if not self._face_worker.is_alive:
            self._bus.publish(ShotRefused(RejectionReason.NO_FACE))
            return
        self._photographer.is_touched.set()
        self._wake.set()

    def newest_frame(self) -> Frame | None:
        """What the camera sees; None while it is not live. Cheap."""
        return self._slot.newest()

    def _run_camera(self, stop: threading.Event) -> None:
        # A run that is stuck in its driver when it is stopped still holds the device: the next one waits.
        with self._device:
            self._use_camera(stop)

    def _use_camera(self, stop: threading.Event) -> None:
        try:
            if self._camera is None:
                self._camera = self._open_camera()
            self._camera.open()
            while not stop.is_set():
                frame = self._camera.read()
                if not stop.is_set():
                    self._slot.put(frame)
                    self._failing_since_s = None
                    self._tell(CameraState.LIVE)
        except Exception as error:
            if not stop.is_set():
                self._lose(error.code if isinstance(error, KnownError) else None)
            raise
        finally:
            if self._camera is not None:
                self._camera.close()

    def _lose(self, code: ErrorCode | None) -> None:
        self._slot.clear()
        now_s = self._clock.monotonic_s()
        if self._failing_since_s is None:
            self._failing_since_s = now_s
        is_absent = code in PERMANENT or now_s - self._failing_since_s >= NONE_AFTER_S
        self._tell(CameraState.NONE if is_absent else CameraState.LOST, code or "")

    def _tell(self, state: CameraState, code: str = "") -> None:
        if (state, code) == (self._state, self._code):
            return
        self._state, self._code = state, code
        _log.info("camera_changed", state=state, code=code)
        self._bus.publish(CameraChanged(state, code))

    def _run_faces(self, stop: threading.Event) -> None:
        seen = 0
        try:
            while not stop.is_set():
                began_s = self._clock.monotonic_s()
                frame = self._slot.wait_newer(seen, 0.25)
                if frame is not None and not stop.is_set():
                    seen = frame.sequence
                    self._photographer.look(frame, stop)
                elif self._state is not CameraState.LIVE:
                    self._photographer.forget_faces()
                rest_s = began_s + 1 / LOOKS_PER_S - self._clock.monotonic_s()
                self._wake.wait(max(0.0, rest_s))
                self._wake.clear()
                if not stop.is_set():
                    self._photographer.answer_touch()
        finally:
            self._photographer.forget_faces()
