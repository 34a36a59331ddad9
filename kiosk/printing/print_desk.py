"""The print desk: what was bought goes to the printers, each print once; printers are watched and said."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import uuid4

import structlog

from kiosk.checkout.types import OrderPaid, OrderRefunded
from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.printing.queue_watch import QueueWatch
from kiosk.printing.rules import AT_SERVER, OPEN, PrintProgress, code_of, progress_of
from kiosk.printing.shelf import Shelf, ink_of
from kiosk.printing.spooling import PRINTER_FAULTS, Spooling
from kiosk.printing.types import (
    Paper,
    Printer,
    PrintersChanged,
    PrinterState,
    PrinterStatus,
    PrintJob,
    PrintPage,
    PrintsChanged,
    PrintState,
    PrintStore,
    SpoolJob,
    Supply,
)

_log = structlog.get_logger(__name__)

BUSY_S = 1.0
IDLE_S = 5.0
AHEAD = 8
"""So many jobs of a queue lie at the server at most: the rest can still be called off by a word."""
MOVES_WITHIN_S = 120.0
"""After which another printer is used, though something still lies at the one before, which may be dead."""
_STOP_SEEN_WITHIN_S = 0.5


@dataclass(frozen=True, slots=True)
class _Place:
    """Where prints are made from now on, and by what."""

    printer: Printer | None
    pages: Callable[[PrintJob], PrintPage]
    queue_of: Callable[[Paper], str]


class PrintDesk:
    """Where nobody set up a printer (`printer` None) staff hand prints out: then nothing is made a job, what
    was one before is left to staff, and the desk says what is sold.

    `run` is the worker's; it wakes at once when an order is paid. Everything else may be called from any
    thread; `reprint`, `cancel`, `resume` and `count` write, and may ask the print server (30 s). All raise
    KnownError DATABASE_*; the commands PRINT_JOB_UNKNOWN, PRINTER_*. A fault of a printer never ends the
    worker: its queue is left alone for a while, and the others go on.
    """

    name = "prints"

    def __init__(
        self,
        store: PrintStore,
        printer: Printer | None,
        pages: Callable[[PrintJob], PrintPage],
        queue_of: Callable[[Paper], str],
        shelf: Shelf,
        bus: EventBus,
        clock: Clock,
    ) -> None:
        """`queue_of` names the queue of a paper, empty for none."""
        self._store = store
        self._printer = printer
        self._queue_of = queue_of
        self._shelf = shelf
        self._bus = bus
        self._clock = clock
        self._watches: dict[str, QueueWatch] = {}
        self._statuses: tuple[PrinterStatus, ...] = ()
        self._told: PrintersChanged | None = None
        self._has_recalled = False
        self._spooling = self._spooling_at(printer, pages)
        self._next: _Place | None = None
        self._moves_at_s = 0.0
        self._woken = threading.Event()
        bus.subscribe(OrderPaid, lambda _paid: self.wake())
        bus.subscribe(OrderRefunded, lambda _refunded: self.wake())

    # -- the worker -------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Until `stop`: a round each second while prints are under way, else every five."""
        while not stop.is_set():
            self._woken.clear()
            pause_s = BUSY_S if self.go_on() else IDLE_S
            until_s = self._clock.monotonic_s() + pause_s
            while not stop.is_set() and not self._woken.wait(_STOP_SEEN_WITHIN_S):
                if self._clock.monotonic_s() >= until_s:
                    break

    def wake(self) -> None:
        """There is something to do: the next round begins now."""
        self._woken.set()

    def use(
        self,
        printer: Printer | None,
        pages: Callable[[PrintJob], PrintPage],
        queue_of: Callable[[Paper], str],
    ) -> None:
        """Prints there, by these, once nothing is under way at the present server, where nothing is begun any
        more: what lies there is found again only there. Of what still does in two minutes staff decide."""
        if self._next is None:
            self._moves_at_s = self._clock.monotonic_s() + MOVES_WITHIN_S
        self._next = _Place(printer, pages, queue_of)
        self.wake()

    def go_on(self) -> bool:
        """One round; whether prints are under way."""
        self._move()
        if self._printer is None or self._spooling is None:
            self._leave_to_staff()
            self._tell_printers()
            return False
        self._store.take_owed(self._clock.now())
        self._call_off_unwanted(self._spooling)
        jobs = self._store.jobs_in(OPEN)
        by_queue: dict[str, list[PrintJob]] = {queue: [] for queue in self._shelf.queues}
        for job in jobs:
            queue = job.queue if job.state in AT_SERVER else self._queue_of(job.paper)
            by_queue.setdefault(queue, []).append(job)
        self._recall(jobs)
        self._look_at_printers(self._printer, [queue for queue in by_queue if queue])
        for queue, its in by_queue.items():
            self._serve(self._spooling, queue, its)
        self._tell_printers()
        return bool(jobs)

    # -- what is told -----------------------------------------------------------------------------

    def statuses(self) -> tuple[PrinterStatus, ...]:
        """How each queue stood at the last look. Cheap."""
        return self._statuses

    def supplies(self) -> tuple[Supply, ...]:
        """Paper and ink. Cheap."""
        return self._shelf.supplies()

    def printed(self) -> frozenset[Paper]:
        """The papers that are printed here at all. Cheap."""
        return self._shelf.printed()

    def offered(self) -> frozenset[Paper]:
        """The papers that prints are sold on at the moment. Cheap."""
        return self._shelf.offered()

    def progress(self, order_id: str) -> PrintProgress:
        """How the prints of an order stand; no sheets for one without."""
        jobs = self._store.jobs_of(order_id)
        if not jobs and self._printer is not None and self._store.take_owed(self._clock.now()):
            jobs = self._store.jobs_of(order_id)
        return progress_of(jobs, self._statuses)

    def held(self) -> list[PrintJob]:
        """Those that staff decide about, the oldest first."""
        return self._store.jobs_in({PrintState.HELD})

    def jobs_of(self, order_id: str) -> list[PrintJob]:
        return self._store.jobs_of(order_id)

    def job(self, job_id: str) -> PrintJob:
        """Raises KnownError(PRINT_JOB_UNKNOWN)."""
        return self._store.job(job_id)

    # -- what staff do ----------------------------------------------------------------------------

    def reprint(self, job_id: str) -> PrintJob:
        """Prints a job again, under an id of its own; of one that is held what has not come out yet. Where
        the same print is under way already, that is returned, and nothing is done. Raises KnownError
        PRINT_JOB_UNKNOWN, PHOTOS_DELETED, NOTHING_TO_DECIDE (its order was given back)."""
        before = self._store.job(job_id)
        now = self._clock.now()
        is_part = before.state is PrintState.HELD and before.sheets_done < before.copies
        again = replace(
            before,
            job_id=uuid4().hex,
            copies=before.copies - before.sheets_done if is_part else before.copies,
            state=PrintState.WAITING,
            created_at=now,
            changed_at=now,
            queue="",
            attempt=0,
            spool_id="",
            sheets_done=0,
            code="",
            reprint_of=before.reprint_of or before.job_id,
        )
        stored = self._store.add_reprint(again)
        self._bus.publish(PrintsChanged(stored.order_id))
        self.wake()
        return stored

    def cancel(self, job_id: str) -> PrintJob:
        """Ends a job, also at the print server. Returns it as it stands then: PRINTED where that was
        quicker."""
        if self._spooling is not None:
            return self._spooling.call_off(job_id)
        job = self._store.job(job_id)
        if job.state in (*OPEN, PrintState.HELD):
            self._end(job, PrintState.CANCELLED, job.code)
        return self._store.job(job_id)

    def resume(self, queue: str) -> None:
        """Lets a queue go on that somebody stopped."""
        if self._printer is not None:
            self._printer.resume(queue)
            self.wake()

    def count(self, name: str, left: int) -> None:
        """So much is there of a paper, or of the ink of a queue; a queue that stopped for want of it goes
        on."""
        self._store.count(name, left, self._clock.now())
        for queue in self._shelf.queues:
            its = (ink_of(queue), *(paper.name for paper in self._shelf.papers_of(queue)))
            if name in its:
                self._watch(queue).note_refilled()
        self._tell_printers()
        self.wake()

    def note_used(self, paper: Paper, sheets: int = 1) -> None:
        """So many sheets of a paper were printed besides the jobs of orders."""
        self._store.use_up(paper, self._queue_of(paper), sheets)
        self._tell_printers()

    # -- the parts of a round ---------------------------------------------------------------------

    def _move(self) -> None:
        place = self._next
        if place is None:
            return
        under_way = self._store.jobs_in(AT_SERVER) if self._spooling is not None else []
        if under_way and self._clock.monotonic_s() < self._moves_at_s:
            return
        for job in under_way:
            if self._spooling is not None:
                self._spooling.leave(job.job_id)
        self._next = None
        self._printer, self._queue_of = place.printer, place.queue_of
        self._spooling = self._spooling_at(place.printer, place.pages)
        self._shelf.queue_of = place.queue_of if place.printer is not None else None
        self._watches.clear()
        self._has_recalled = False

    def _leave_to_staff(self) -> None:
        """Also what became a job while there was a printer: it may have come out or not."""
        self._store.leave_to_staff()
        for job in self._store.unwanted():
            self._end(job, PrintState.CANCELLED, job.code)
        for job in self._store.jobs_in(OPEN):
            self._end(job, PrintState.HELD, ErrorCode.PRINTER_UNKNOWN)

    def _end(self, job: PrintJob, state: PrintState, code: str) -> None:
        """Without a printer."""
        if self._store.update(replace(job, state=state, code=code, changed_at=self._clock.now()), job.state):
            self._bus.publish(PrintsChanged(job.order_id))

    def _recall(self, jobs: Sequence[PrintJob]) -> None:
        """At the first round: which queues had trouble when the program ended."""
        if not self._has_recalled:
            self._has_recalled = True
            for job in jobs:
                has_reason = job.code not in ("", ErrorCode.PRINTER_PAUSED)
                self._watch(job.queue).recall(had_trouble=has_reason and job.state in AT_SERVER)

    def _call_off_unwanted(self, spooling: Spooling) -> None:
        for job in self._store.unwanted():
            try:
                spooling.call_off(job.job_id)
            except KnownError as fault:
                if fault.code not in PRINTER_FAULTS:
                    raise
                _log.warning("print_not_called_off", job_id=job.job_id, code=fault.code)

    def _look_at_printers(self, printer: Printer, queues: Sequence[str]) -> None:
        try:
            statuses = {status.queue: status for status in printer.statuses(queues)}
        except KnownError as fault:
            if fault.code not in PRINTER_FAULTS:
                raise
            statuses = {}
        for queue in queues:
            watch = self._watch(queue)
            watch.note(statuses.get(queue) or PrinterStatus(queue, PrinterState.OFFLINE))
            if watch.wants_resume:
                self._resume_by_itself(printer, queue, watch)

    def _resume_by_itself(self, printer: Printer, queue: str, watch: QueueWatch) -> None:
        watch.note_resumed()
        try:
            printer.resume(queue)
            _log.info("print_queue_resumed", queue=queue)
        except KnownError as fault:
            if fault.code not in PRINTER_FAULTS:
                raise
            _log.warning("print_queue_not_resumed", queue=queue, code=fault.code)

    def _serve(self, spooling: Spooling, queue: str, jobs: Sequence[PrintJob]) -> None:
        """Those at the server first, then as many as may lie there."""
        watch = self._watch(queue)
        if watch.is_resting:
            return
        code = code_of(watch.shown)
        at_server = [job for job in jobs if job.state in AT_SERVER]
        waiting = [job for job in jobs if job.state not in AT_SERVER and self._next is None]
        found: list[SpoolJob] = []
        try:
            for job in (*at_server, *waiting[: max(0, AHEAD - len(at_server))]):
                there = spooling.attend(job.job_id, queue, code)
                found.extend([there] if there is not None else [])
        except KnownError as fault:
            if fault.code not in PRINTER_FAULTS:
                raise
            _log.warning("print_queue_failed", queue=queue, code=fault.code, detail=fault.detail)
            watch.note_fault()
            return
        watch.note_served()
        watch.note_jobs(found)

    def _tell_printers(self) -> None:
        """Publishes what is new about printers, supplies and the papers on sale, if anything is."""
        watches = dict(self._watches)
        queues = [queue for queue in self._shelf.queues if queue in watches]
        self._shelf.look([queue for queue in queues if watches[queue].is_out])
        self._statuses = tuple(watches[queue].shown for queue in queues)
        news = PrintersChanged(self._statuses, self._shelf.supplies(), self._shelf.offered())
        if news != self._told:
            self._told = news
            self._bus.publish(news)

    def _spooling_at(
        self, printer: Printer | None, pages: Callable[[PrintJob], PrintPage]
    ) -> Spooling | None:
        if printer is None:
            return None
        return Spooling(self._store, printer, pages, self._bus, self._clock)

    def _watch(self, queue: str) -> QueueWatch:
        return self._watches.setdefault(queue, QueueWatch(queue, self._clock))
