"""`kiosk session`: keeps the screen running, and calls staff where it cannot."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path

import structlog

from kiosk.errors import ErrorCode
from kiosk.runtime.crash import CrashLog
from kiosk.runtime.heartbeat import SERVES
from kiosk.supervisor.child import Child
from kiosk.supervisor.notify import ServiceNotes
from kiosk.supervisor.rules import RESTART, Fault, Faults, Limits, Phase, Watch

_log = structlog.get_logger(__name__)
_LOOK_EVERY_S = 0.5
_NO_SCREEN = 1


class _Next(StrEnum):
    END = "end"  # by staff, or because the supervisor is told to end
    START = "start"  # anew
    FAULT = "fault"


class Session:
    """The life of the screen: one process after the other, until staff end it or `stop` is set.

    `screen` are the words that start the screen. `call(fault, again_s)` gives the words that start the screen
    that calls staff; it ends with 0 when its time is over and with RESTART when staff want another try. What
    ended badly is in the crash log of `home`, where the next screen finds it. One thread.
    """

    def __init__(
        self,
        home: Path,
        screen: Sequence[str],
        call: Callable[[Fault, float], Sequence[str]],
        *,
        limits: Limits | None = None,
        notes: ServiceNotes | None = None,
    ) -> None:
        self._screen = screen
        self._call = call
        self._limits = limits or Limits()
        self._notes = notes or ServiceNotes()
        self._faults = Faults(self._limits)
        self._crash_log = CrashLog(home / "logs")

    def run(self, stop: threading.Event) -> int:
        """Until the end; the exit status: 0, or 1 where not even the screen that calls staff can be shown, so
        that whoever started this may try with a new display."""
        while not stop.is_set():
            came, fault = self._serve(self._screen, stop)
            if came is _Next.END:
                break
            if fault is None:
                continue
            self._note(fault)
            if not self._faults.calls_staff:
                self._notes.status(f"starts again after {fault.code} ({self._faults.count} lately)")
                stop.wait(self._faults.pause_s)
            elif not self._call_staff(fault, stop):
                return _NO_SCREEN
        self._notes.stopping()
        return 0

    def _serve(
        self, words: Sequence[str], stop: threading.Event, status: str = SERVES
    ) -> tuple[_Next, Fault | None]:
        """One process from its start to its end; systemd is told `status` while it beats."""
        try:
            child = Child(words)
        except OSError as failed:
            return _Next.FAULT, Fault(ErrorCode.SCREEN_CRASHED, f"It cannot be started: {failed.strerror}.")
        _log.info("screen_started", pid=child.pid)
        watch = Watch(self._limits, time.monotonic())
        while True:
            fault = self._look(child, watch, status)
            if fault is not None:
                child.abort(self._limits.dying_s)
                return _Next.FAULT, fault
            if stop.is_set():
                child.end(self._limits.stopping_s)
                return _Next.END, None
            ended = child.status
            if ended is not None:
                self._hear_all(child, watch)
                fault = watch.ended(ended)
                _log.info("screen_ended", status=ended, code=fault.code if fault else "")
                if fault is not None:
                    return _Next.FAULT, fault
                return (_Next.START if ended == RESTART else _Next.END), None

    def _look(self, child: Child, watch: Watch, status: str) -> Fault | None:
        """Hears what there is to hear, for half a second at most, and passes it on to systemd: only of a
        screen that is served, or of a start or an end that has not taken too long yet."""
        line = child.next_line(_LOOK_EVERY_S)
        fault = watch.hear(line, time.monotonic()) if line else None
        fault = fault or self._hear_all(child, watch) or watch.look(time.monotonic())
        if fault is None and (line or watch.phase is not Phase.SERVING):
            self._notes.alive()
            if watch.phase is Phase.SERVING:
                self._notes.ready()
                self._notes.status(status)
        return fault

    def _hear_all(self, child: Child, watch: Watch) -> Fault | None:
        """What waits; a supervisor that was not run for a while must not take old lines for silence."""
        fault = None
        while (line := child.next_line(0.0)) is not None:
            fault = watch.hear(line, time.monotonic()) or fault
        return fault

    def _note(self, fault: Fault) -> None:
        self._faults.add(time.monotonic())
        self._crash_log.note("screen", fault.summary, fault.code)
        _log.error("screen_failed", code=fault.code, detail=fault.summary, faults=self._faults.count)

    def _call_staff(self, fault: Fault, stop: threading.Event) -> bool:
        """Shows whom to call until staff want another try or the time is over; whether it could be shown."""
        status = f"calls staff: {fault.code}"
        self._notes.status(status)
        began_s = time.monotonic()
        _, failed = self._serve(self._call(fault, self._limits.call_s), stop, status)
        if failed is not None:
            _log.error("staff_not_called", code=failed.code, detail=failed.summary)
            while not stop.is_set() and (left_s := began_s + self._limits.call_s - time.monotonic()) > 0:
                self._notes.alive()
                stop.wait(min(left_s, self._limits.stall_s))
        self._faults.note_called(time.monotonic())
        return failed is None
