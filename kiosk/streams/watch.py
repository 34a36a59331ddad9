"""One stream, watched: its pictures, whoever looks at them, and how it stands."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from kiosk.camera.slot import FrameSlot
from kiosk.camera.types import Camera, Frame
from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.backoff import pause_s
from kiosk.runtime.crash import record_crash
from kiosk.runtime.worker import PERMANENT, STOP_TIMEOUT_S, Supervisor, Worker
from kiosk.streams.figures import FigureCount
from kiosk.streams.looking import LineCount, Looking, MakeLooker
from kiosk.visits.told import StreamStatusChanged
from kiosk.visits.types import StreamState, StreamStatus

_log = structlog.get_logger(__name__)

FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0
RARE_FIRST_PAUSE_S, RARE_LONGEST_PAUSE_S = 15.0, 300.0
HEALTHY_AFTER_S = 5.0
RARELY = PERMANENT | {ErrorCode.CAMERA_REFUSED, ErrorCode.SECRET_MISSING}
"""Faults that somebody has to mend: tried rarely, since many cameras lock out whoever tries often."""


class Watch:
    """Keeps the camera of one stream open, its newest picture at hand, and that picture looked at.

    Two workers run between `start` and `stop`, which each come once: the camera's, which never gives up, and
    the look's (see `Looking`). A stream that is lost is connected to again after 0.5 s, doubling up to 10 s,
    with jitter; a fault that somebody has to mend (RARELY) after 15 s, doubling up to 5 minutes; after 5 s of
    pictures both begin afresh. StreamStatusChanged tells each change, and the figures once a second. The last
    picture of a lost stream stays here for the screens; of its faces nothing does.
    """

    def __init__(
        self,
        stream_id: str,
        open_camera: Callable[[], Camera],
        make_looker: MakeLooker | None,
        bus: EventBus,
        clock: Clock,
        count_line: LineCount | None = None,
    ) -> None:
        """`open_camera` makes the camera, not open yet, on the camera worker: once, and again after a fault
        that somebody has to mend. Without `make_looker` nobody looks."""
        self._open_camera = open_camera
        self._bus = bus
        self._clock = clock
        self._camera: Camera | None = None
        self._slot = FrameSlot()
        self._sequence = 0
        self._looking = Looking(stream_id, self._slot, bus, count_line)
        self._looking.look_with(make_looker)
        self._count = FigureCount()
        self._status = StreamStatus(stream_id, StreamState.CONNECTING)
        self._name = f"camera {stream_id}"
        self._workers = Supervisor([self._looking, Worker(self._name, self._watch, bus)])
        self._live_since_s: float | None = None
        self._retries = Retries()

    @property
    def status(self) -> StreamStatus:
        """How the stream stands now."""
        return self._status

    def start(self) -> None:
        """Connects and begins to look; returns at once."""
        self._bus.publish(StreamStatusChanged(self._status))
        self._workers.start()

    def request_stop(self) -> None:
        """Tells both workers to end, without waiting."""
        self._workers.request_stop()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Ends both workers, lets go of the camera and forgets every face; whether both ended in time. One
        that is stuck in a driver ends by itself, and tells nothing any more."""
        return not self._workers.stop(timeout_s)

    def look_with(self, make_looker: MakeLooker | None) -> None:
        """From the next picture on; None for nobody. What the one before knew of faces is forgotten."""
        self._looking.look_with(make_looker)

    def newest_frame(self) -> Frame | None:
        """The newest picture; of a stream that is lost its last. Cheap."""
        return self._slot.newest()

    def looked_frame(self) -> Frame | None:
        """The picture that was looked at last, set before its StreamFaces is published: the screens draw both
        together. None where nobody looks. Cheap."""
        return self._looking.looked

    def _watch(self, stop: threading.Event) -> None:
        while not stop.is_set():
            wait_s = 0.0
            try:
                self._use_camera(stop)
            except Exception as fault:  # noqa: BLE001 - whatever it is, the stream is tried again
                if not stop.is_set():
                    wait_s = self._lose(fault)
            finally:
                self._let_go()
            stop.wait(wait_s)

    def _use_camera(self, stop: threading.Event) -> None:
        """Reads until it is told to stop, or raises."""
        if self._camera is None:
            self._camera = self._open_camera()
        self._camera.open()
        while not stop.is_set():
            frame = self._camera.read()
            if not stop.is_set():
                self._take(frame)

    def _let_go(self) -> None:
        """Once it was told why, for a driver may take a moment. What mends a fault that is tried rarely, such
        as another password, is in a new camera."""
        if self._camera is not None:
            self._camera.close()
        if self._status.code in RARELY:
            self._camera = None

    def _take(self, frame: Frame) -> None:
        # Numbered here: a camera that is made anew begins at 1, and whoever waits for the next would miss it.
        self._sequence += 1
        self._slot.put(replace(frame, sequence=self._sequence))
        now_s = time.monotonic()
        behind_s = max(0.0, now_s - frame.captured_at_s)
        looks = self._looking.looks
        if self._live_since_s is None:
            self._live_since_s = now_s
            self._count.begin(now_s, looks)
            self._tell(self._live(behind_s))
        elif (figures := self._count.count(now_s, behind_s, looks)) is not None:
            live = self._live(figures.behind_s)
            self._tell(replace(live, frames_per_s=figures.frames_per_s, looks_per_s=figures.looks_per_s))
            if now_s - self._live_since_s >= HEALTHY_AFTER_S:
                self._retries = Retries()

    def _live(self, behind_s: float) -> StreamStatus:
        return StreamStatus(
            self._status.stream_id,
            StreamState.LIVE,
            last_picture_at=self._last_picture_at(),
            behind_s=behind_s,
            dropped=self._looking.dropped,
        )

    def _lose(self, fault: Exception) -> float:
        """Tells why there is no picture; returns how long to wait for the next try."""
        self._looking.lose()
        self._live_since_s = None
        code = fault.code if isinstance(fault, KnownError) else None
        if isinstance(fault, KnownError):
            _log.info("stream_fault", worker=self._name, code=code, detail=fault.detail)
        else:
            record_crash(self._name, fault)
        wait_s = self._retries.pause_s(is_rare=code in RARELY)
        lost = StreamStatus(
            self._status.stream_id,
            StreamState.RECONNECTING,
            code=code or "",
            last_picture_at=self._last_picture_at(),
            attempt=self._retries.attempt,
            next_try_at=self._clock.now() + timedelta(seconds=wait_s),
            dropped=self._looking.dropped,
        )
        self._tell(lost)
        return wait_s

    def _last_picture_at(self) -> datetime | None:
        frame = self._slot.newest()
        if frame is None:
            return None
        return self._clock.now() - timedelta(seconds=max(0.0, time.monotonic() - frame.captured_at_s))

    def _tell(self, status: StreamStatus) -> None:
        if status.state is not self._status.state:
            _log.info("stream_changed", worker=self._name, state=status.state, code=status.code)
        self._status = status
        self._bus.publish(StreamStatusChanged(status))


class Retries:
    """Counts the tries since the stream was well, and says how long to wait for the next."""

    def __init__(self) -> None:
        self.attempt = 0
        self._of_a_kind = 0
        self._is_rare = False

    def pause_s(self, *, is_rare: bool) -> float:
        """The pause after one more fault; one of another kind than before begins with its shortest."""
        self.attempt += 1
        self._of_a_kind = self._of_a_kind + 1 if is_rare is self._is_rare else 1
        self._is_rare = is_rare
        if is_rare:
            return pause_s(self._of_a_kind, RARE_FIRST_PAUSE_S, RARE_LONGEST_PAUSE_S)
        return pause_s(self._of_a_kind, FIRST_PAUSE_S, LONGEST_PAUSE_S)
