"""The newest picture of a stream is looked at, again and again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from kiosk.camera.slot import FrameSlot
from kiosk.camera.types import Frame
from kiosk.errors import KnownError
from kiosk.events import EventBus
from kiosk.runtime.backoff import pause_s
from kiosk.runtime.crash import record_crash
from kiosk.runtime.types import WorkerFailed
from kiosk.runtime.worker import STOP_TIMEOUT_S, Worker
from kiosk.streams.types import Look, Looker
from kiosk.visits.told import StreamFaces
from kiosk.visits.types import SeenFace

_log = structlog.get_logger(__name__)

LOOKS_PER_S = 10
MakeLooker = Callable[[], Looker]
LineCount = Callable[[str, int, int], None]
"""Is told of crossings of a stream's line: which stream, came in, went out."""

_WAIT_S = 0.1
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 60.0
_FORGIVEN_AFTER_S = 120.0


class Looking:
    """Has a looker look at the newest picture of a slot, at most ten times a second, and tells StreamFaces.

    `looked` is the picture that was looked at last, set before its faces are told; None where nobody looks.

    One worker thread, on which the looker is made, used and told to forget. It never queues: what came while
    it looked is replaced by the newest and counted as `dropped`. A looker that fails, by a bug or a known
    error, is recorded, forgets, and is used again after a pause of 0.5 s that doubles up to a minute; nothing
    else of the stream suffers from it. Commands return at once and may come from any thread.
    """

    def __init__(
        self, stream_id: str, slot: FrameSlot, bus: EventBus, count_line: LineCount | None = None
    ) -> None:
        self.name = f"look {stream_id}"
        self._stream_id = stream_id
        self._slot = slot
        self._bus = bus
        self._count_line = count_line
        self._wanted: MakeLooker | None = None
        self._used: MakeLooker | None = None
        self._looker: Looker | None = None
        self._is_lost = threading.Event()
        self._wake = threading.Event()
        self._seen: Frame | None = None
        self.looked: Frame | None = None
        self._shows_faces = False
        self._faults = 0
        self._failed_at_s = 0.0
        self.looks = 0
        self.dropped = 0
        self._worker = Worker(self.name, self._work, bus)

    @property
    def is_alive(self) -> bool:
        return self._worker.is_alive

    def start(self) -> None:
        self._worker.start()

    def revive(self) -> None:
        self._worker.revive()

    def request_stop(self) -> None:
        self._worker.request_stop()
        self._wake.set()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        self.request_stop()
        return self._worker.stop(timeout_s)

    def look_with(self, make_looker: MakeLooker | None) -> None:
        """From now on; None for nobody. The one before forgets, and no face that it saw is told any more."""
        self._wanted = make_looker
        self._wake.set()

    def lose(self) -> None:
        """The pictures have stopped: what is known of faces is forgotten."""
        self._is_lost.set()
        self._wake.set()

    def _work(self, stop: threading.Event) -> None:
        try:
            while not stop.is_set():
                began_s = time.monotonic()
                self._change_over()
                if self._used is None:
                    self._rest(_LONGEST_PAUSE_S)
                elif (frame := self._newer()) is not None:
                    self._rest(self._look(frame, stop) - (time.monotonic() - began_s))
        finally:
            self._forget()

    def _change_over(self) -> None:
        """Does what was asked for since the last look."""
        wanted = self._wanted  # once: it may change at any time, and whoever is replaced has to forget
        if self._is_lost.is_set() or wanted is not self._used:
            self._is_lost.clear()
            self._forget()
            self._seen = None
        if wanted is not self._used:
            self._used, self._looker = wanted, None
            self._faults = 0

    def _newer(self) -> Frame | None:
        """The newest picture, if it has not been seen; what was passed over is counted."""
        if self._seen is None:
            self._seen = self._slot.newest()
        frame = self._slot.wait_newer(self._seen.sequence if self._seen else 0, _WAIT_S)
        if frame is not None:
            self.dropped += frame.sequence - self._seen.sequence - 1 if self._seen else 0
            self._seen = frame
        return frame

    def _look(self, frame: Frame, stop: threading.Event) -> float:
        """Looks and tells; returns how long after the beginning the next look may begin."""
        make_looker = self._used
        try:
            if self._looker is None and make_looker is not None:
                self._looker = make_looker()
            if self._looker is None:
                return 0.0
            look = self._looker.look(frame)
            self._count(look)  # also of a look that comes too late for the screens
            if self._is_lost.is_set() or self._wanted is not make_looker or stop.is_set():
                return 0.0
            self.looks, self.looked = self.looks + 1, frame
            self._tell(frame, look.faces)
        except Exception as fault:  # noqa: BLE001 - whatever it is, the picture goes on
            return self._fail(fault)
        return 1 / LOOKS_PER_S

    def _count(self, look: Look) -> None:
        if self._count_line is not None and (look.came_in or look.went_out):
            self._count_line(self._stream_id, look.came_in, look.went_out)

    def _tell(self, frame: Frame, faces: tuple[SeenFace, ...]) -> None:
        height, width = frame.pixels.shape[:2]
        self._shows_faces = bool(faces)
        self._bus.publish(
            StreamFaces(self._stream_id, frame.sequence, frame.captured_at_s, width, height, faces)
        )

    def _fail(self, fault: Exception) -> float:
        """Records it; returns the pause after it."""
        now_s = time.monotonic()
        self._faults = 1 if now_s - self._failed_at_s > _FORGIVEN_AFTER_S else self._faults + 1
        self._failed_at_s = now_s
        if isinstance(fault, KnownError):
            _log.warning("look_fault", worker=self.name, code=fault.code, detail=fault.detail)
        else:
            record_crash(self.name, fault)
        code = fault.code if isinstance(fault, KnownError) else ""
        self._bus.publish(WorkerFailed(self.name, code, has_given_up=False))
        self._forget()
        return pause_s(self._faults, _FIRST_PAUSE_S, _LONGEST_PAUSE_S)

    def _forget(self) -> None:
        """Nothing of a face stays with the looker, nor on the screens."""
        if self._looker is not None:
            with suppress(Exception):  # one that is broken also in this is dropped
                self._count(self._looker.forget())
        self.looked = None
        if self._seen is not None and self._shows_faces:
            self._tell(self._seen, ())

    def _rest(self, span_s: float) -> None:
        self._wake.wait(max(0.0, span_s))
        self._wake.clear()
