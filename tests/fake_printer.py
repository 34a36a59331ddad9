"""A print server in memory, with a printer behind each queue; passes the printers' contract tests.

A job lives as at CUPS: held → waiting → printing → done, and what a printer lacks stops it. Time is the given
clock's: a sheet takes `sheet_s`, and everything that has happened until now is reckoned at each call.
"""

from __future__ import annotations

import itertools
import threading
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from kiosk.clock import Clock, ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.reasons import state_of
from kiosk.printing.types import Paper, PrinterState, PrinterStatus, PrintPage, SpoolJob, SpoolState

_OVER = {SpoolState.DONE, SpoolState.CANCELLED, SpoolState.ABORTED}
_CALLS = ("begin", "send", "find", "job", "cancel", "resume")


@dataclass
class _Queue:
    """`reasons` are the printer's own; a queue goes on only while there are none and it is not paused."""

    sheet_s: float
    reasons: list[str] = field(default_factory=list)
    is_paused: bool = False
    stops_at_trouble: bool = True
    is_off: bool = False
    is_silent: bool = False
    sheets_left: int | None = None
    ink_percent: int | None = None
    aborts: int = 0
    printed_until_s: float = 0.0

    @property
    def goes_on(self) -> bool:
        return not (self.reasons or self.is_paused or self.is_off or self.is_silent)


@dataclass
class _Job:
    queue: str
    job: SpoolJob
    page: PrintPage | None = None


class FakePrinter:
    """`queues` exist. `put_out` counts the sheets that really came out, by the job's name; `papers` by paper.

    `fail_next` holds errors for the coming calls of a method, raised before anything is done;
    `lose_next_answer` names methods whose next call is done and then raises PRINTER_UNREACHABLE. A job in the
    middle when its queue stops goes on where it was, as with a printer that holds it in its own memory; with
    `begins_anew` it is STOPPED, and later printed from its first sheet, as CUPS does it. Any thread may call.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        queues: Collection[str] = ("dnp",),
        sheet_s: float = 1.0,
        begins_anew: bool = False,
    ) -> None:
        self.put_out: Counter[str] = Counter()
        self.papers: Counter[Paper] = Counter()
        self.fail_next: dict[str, list[ErrorCode]] = {call: [] for call in _CALLS}
        self.lose_next_answer: list[str] = []
        self._clock = clock or ManualClock()
        self._queues = {name: _Queue(sheet_s) for name in queues}
        self._jobs: dict[str, _Job] = {}
        self._newest: dict[tuple[str, str], str] = {}
        self._going: list[_Job] = []
        self._numbers = itertools.count(1)
        self._is_killed = False
        self._begins_anew = begins_anew
        self._lock = threading.RLock()

    # What happens at the machine

    def pause(self, queue: str = "dnp") -> None:
        """Someone stops the queue."""
        with self._changed(queue) as one:
            one.is_paused = True

    def trouble(self, *reasons: str, queue: str = "dnp", stops_queue: bool = True) -> None:
        """The printer reports reasons; its server then stops the queue, or tries again by itself."""
        with self._changed(queue) as one:
            one.reasons = list(reasons)
            one.is_paused = one.is_paused or stops_queue

    def empty(self, queue: str = "dnp", stops_queue: bool = True) -> None:
        self.trouble("media-empty-error", queue=queue, stops_queue=stops_queue)

    def mend(self, queue: str = "dnp") -> None:
        """Paper is there, the jam is out, the cover shut, the power on. A queue that was stopped stays so."""
        with self._changed(queue) as one:
            one.reasons, one.is_off, one.is_silent, one.sheets_left = [], False, False, None

    def load(self, sheets: int, queue: str = "dnp") -> None:
        """So many sheets are in it; with the last of them the printer is empty and the queue stops."""
        with self._changed(queue) as one:
            one.sheets_left, one.reasons = sheets, [] if sheets else ["media-empty-error"]

    def switch_off(self, queue: str = "dnp") -> None:
        with self._changed(queue) as one:
            one.is_off = True

    def silent(self, queue: str = "dnp") -> None:
        """Nothing moves any more, and the printer gives no reason."""
        with self._changed(queue) as one:
            one.is_silent = True

    def slow(self, sheet_s: float, queue: str = "dnp") -> None:
        with self._changed(queue) as one:
            one.sheet_s = sheet_s

    def ink(self, percent: int | None, queue: str = "dnp") -> None:
        with self._changed(queue) as one:
            one.ink_percent = percent

    def abort_next(self, queue: str = "dnp", jobs: int = 1) -> None:
        """The coming jobs end aborted, without a sheet."""
        with self._changed(queue) as one:
            one.aborts += jobs

    def kill(self) -> None:
        """The print server dies: nothing moves, nobody answers, until `start`. Its jobs are on the disk."""
        with self._lock:
            self._reckon()
            self._is_killed = True

    def start(self) -> None:
        with self._lock:
            self._is_killed = False
            for queue in self._queues.values():
                queue.printed_until_s = self._clock.monotonic_s()

    def forget_jobs(self) -> None:
        """The server's disk was lost, or it keeps no history."""
        with self._lock:
            self._jobs.clear()
            self._newest.clear()
            self._going.clear()

    # The port

    def statuses(self, queues: Collection[str]) -> list[PrinterStatus]:
        with self._lock:
            self._reckon()
            return [self._status(name) for name in queues]

    def begin(self, queue: str, name: str) -> str:
        with self._called("begin"):
            self._queue(queue)
            spool_id = str(next(self._numbers))
            self._newest[queue, name] = spool_id
            job = SpoolJob(spool_id, name, SpoolState.HELD, has_document=False)
            self._jobs[spool_id] = _Job(queue, job)
            return spool_id

    def send(self, queue: str, spool_id: str, page: PrintPage) -> None:
        with self._called("send"):
            one = self._of(queue, spool_id)
            if one.job.state is SpoolState.HELD:
                if not self._is_busy(queue):
                    self._queue(queue).printed_until_s = self._clock.monotonic_s()
                one.page = page
                one.job = replace(one.job, state=SpoolState.WAITING, has_document=True)
                self._going.append(one)

    def find(self, queue: str, name: str) -> SpoolJob | None:
        with self._called("find"):
            self._queue(queue)
            newest = self._newest.get((queue, name))
            return self._jobs[newest].job if newest else None

    def job(self, queue: str, spool_id: str) -> SpoolJob:
        with self._called("job"):
            return self._of(queue, spool_id).job

    def cancel(self, queue: str, spool_id: str) -> None:
        with self._called("cancel"):
            one = self._of(queue, spool_id)
            if one.job.state not in _OVER:
                one.job = replace(one.job, state=SpoolState.CANCELLED)

    def resume(self, queue: str) -> None:
        with self._called("resume"):
            one = self._queue(queue)
            one.is_paused = False
            one.printed_until_s = self._clock.monotonic_s()

    # How it goes on

    def _reckon(self) -> None:
        """Everything that has happened until now."""
        now_s = self._clock.monotonic_s()
        for name, queue in self._queues.items():
            for one in self._going:
                if one.queue == name and one.page and one.job.state not in _OVER and not self._is_killed:
                    self._print(queue, one, one.page, now_s)
            if not queue.goes_on or self._is_killed:
                queue.printed_until_s = now_s
        self._going = [one for one in self._going if one.job.state not in _OVER]

    def _print(self, queue: _Queue, one: _Job, page: PrintPage, now_s: float) -> None:
        """As many sheets of one job as have come out until now."""
        if queue.goes_on and queue.aborts:
            queue.aborts -= 1
            one.job = replace(one.job, state=SpoolState.ABORTED)
            return
        done = one.job.sheets_done
        while done < page.copies and queue.goes_on and queue.printed_until_s + queue.sheet_s <= now_s:
            queue.printed_until_s += queue.sheet_s
            done += 1
            self.put_out[one.job.name] += 1
            self.papers[page.paper] += 1
            if queue.sheets_left is not None:
                queue.sheets_left -= 1
                if queue.sheets_left == 0:
                    queue.reasons, queue.is_paused = ["media-empty-error"], True
        has_begun = done > 0 or one.job.state in (SpoolState.PRINTING, SpoolState.STOPPED)
        if self._begins_anew and queue.is_paused and has_begun and done < page.copies:
            one.job = replace(one.job, state=SpoolState.STOPPED, sheets_done=0)
            return
        one.job = replace(one.job, state=self._state(queue, one, done, page.copies), sheets_done=done)

    def _state(self, queue: _Queue, one: _Job, done: int, copies: int) -> SpoolState:
        if done == copies:
            return SpoolState.DONE
        if done or one.job.state is SpoolState.PRINTING:
            return SpoolState.WAITING if queue.is_paused else SpoolState.PRINTING
        if queue.is_paused or self._is_behind(one):
            return SpoolState.WAITING
        return SpoolState.PRINTING

    def _is_behind(self, one: _Job) -> bool:
        """Whether another job of its queue comes first."""
        ahead = self._going[: self._going.index(one)]
        return any(other.queue == one.queue and other.job.state not in _OVER for other in ahead)

    def _is_busy(self, queue: str) -> bool:
        return any(one.queue == queue for one in self._going)

    def _status(self, name: str) -> PrinterStatus:
        queue = self._queues.get(name)
        if queue is None or queue.is_off or self._is_killed:
            return PrinterStatus(name, PrinterState.OFFLINE, ("offline-report",))
        reasons = (*queue.reasons, *(["paused"] if queue.is_paused else []))
        state = state_of(reasons, queue.is_paused, self._is_busy(name))
        return PrinterStatus(name, state, reasons, is_paused=queue.is_paused, ink_percent=queue.ink_percent)

    def _queue(self, name: str) -> _Queue:
        if name not in self._queues:
            raise KnownError(ErrorCode.PRINTER_UNKNOWN, f"There is no queue {name}.")
        return self._queues[name]

    def _of(self, queue: str, spool_id: str) -> _Job:
        self._queue(queue)
        if spool_id not in self._jobs:
            raise KnownError(ErrorCode.PRINT_JOB_UNKNOWN, f"There is no job {spool_id}.")
        return self._jobs[spool_id]

    @contextmanager
    def _changed(self, queue: str) -> Iterator[_Queue]:
        with self._lock:
            self._reckon()
            yield self._queue(queue)

    @contextmanager
    def _called(self, call: str) -> Iterator[None]:
        with self._lock:
            self._reckon()
            if self._is_killed:
                raise KnownError(ErrorCode.PRINTER_UNREACHABLE, "The print server does not answer.")
            if self.fail_next[call]:
                raise KnownError(self.fail_next[call].pop(0), "on demand")
            yield
            self._reckon()
            if call in self.lose_next_answer:
                self.lose_next_answer.remove(call)
                raise KnownError(ErrorCode.PRINTER_UNREACHABLE, "The answer was lost on the way.")
