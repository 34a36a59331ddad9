"""One print job on its way to the paper: begun once, found again whatever happens, told as it stands."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.printing.rules import AT_SERVER, OPEN, Next, next_step
from kiosk.printing.types import (
    Printer,
    PrintJob,
    PrintPage,
    PrintsChanged,
    PrintState,
    PrintStore,
    SpoolJob,
    SpoolState,
)
from kiosk.runtime.crash import record_crash

_log = structlog.get_logger(__name__)
_S = PrintState

PRINTER_FAULTS = frozenset(
    {ErrorCode.PRINTER_UNREACHABLE, ErrorCode.PRINTER_UNKNOWN, ErrorCode.PRINT_REFUSED}
)
"""Of a server or a queue: it is tried again later."""
_OF_THE_STORE = "D-"
_PAGE_LATER = frozenset(
    {
        ErrorCode.OBJECT_STORE_UNREACHABLE,
        ErrorCode.CENTRE_UNREACHABLE,
        ErrorCode.CENTRE_FAILED,
        ErrorCode.CENTRE_BUSY,
        ErrorCode.SETTING_INVALID,
    }
)
"""Of what the original lies in, or of the frame around it: the print waits until that is mended."""
_PAGE_AGAIN_S = 30.0
LOOKS_AGAIN_AFTER_S = 3.0
"""A begin whose answer was lost may still be on its way into the server: so long it is looked for."""
_ALIVE = frozenset({SpoolState.WAITING, SpoolState.HELD, SpoolState.PRINTING, SpoolState.STOPPED})


class Spooling:
    """Brings single jobs on, each by what is found of it at the server (`kiosk.printing.rules`).

    Invariants: SENDING is stored before the server hears of a job; a page goes only to a spool id that is
    stored; a job is begun only where none of its name lives. One job at a time: commands wait for the step
    that the worker is at, 30 s at most. All raise KnownError PRINTER_*, PRINT_REFUSED, DATABASE_*.
    """

    def __init__(
        self,
        store: PrintStore,
        printer: Printer,
        pages: Callable[[PrintJob], PrintPage],
        bus: EventBus,
        clock: Clock,
    ) -> None:
        self._store = store
        self._printer = printer
        self._pages = pages
        self._bus = bus
        self._clock = clock
        self._begun_at_s: dict[str, float] = {}
        self._page_again_at_s: dict[str, float] = {}
        self._lock = threading.RLock()

    def attend(self, job_id: str, queue: str, code: str = "") -> SpoolJob | None:
        """One step on; `queue` prints its paper, `code` says why that queue does not go on now. Returns what
        there is of the job at the server then."""
        with self._lock:
            job = self._store.job(job_id)
            if job.state not in OPEN or self._clock.monotonic_s() < self._page_again_at_s.get(job_id, 0.0):
                return None
            if not job.queue or (job.state is _S.WAITING and not job.spool_id):
                job = replace(job, queue=queue)
            if not job.queue:
                self._hold(job, ErrorCode.PRINT_SIZE_NOT_OFFERED)
                return None
            found = self._looked_for(job)
            step, held_for = next_step(job, found)
            if step is Next.BEGIN:
                self._begin(job)
            elif step is Next.HOLD:
                self._hold(job, held_for, found)
            elif found is not None and step is Next.SEND:
                self._send_found(job, found)
            elif found is not None:
                self._watch(job, found, code, is_printed=step is Next.PRINTED)
            return found

    def call_off(self, job_id: str) -> PrintJob:
        """Ends a job, also at the server; one that turns out to be printed is printed."""
        with self._lock:
            job = self._store.job(job_id)
            if job.state is not _S.HELD and job.state not in OPEN:
                return job
            found = self._found_to_end(job) if job.state in AT_SERVER else None
            if found is not None and found.state in _ALIVE:
                self._printer.cancel(job.queue, found.spool_id)
                found = self._found(job) or found
            if found is not None and found.state is SpoolState.DONE:
                return self._change(job, state=_S.PRINTED, sheets_done=job.copies) or job
            sheets_done = found.sheets_done if found is not None else job.sheets_done
            return self._change(job, state=_S.CANCELLED, sheets_done=sheets_done) or job

    def leave(self, job_id: str) -> None:
        """The server is given up: a job that lies there is ended where that can still be told, and staff
        decide; one that turns out to be printed is printed. One that waits here goes on elsewhere."""
        with self._lock:
            job = self._store.job(job_id)
            if job.state not in AT_SERVER:
                return
            found = None
            try:
                found = self._found_to_end(job)
                if found is not None and found.state in _ALIVE:
                    self._printer.cancel(job.queue, found.spool_id)
                    found = self._found(job) or found
            except KnownError as fault:
                if fault.code not in PRINTER_FAULTS:
                    raise
            if found is not None and found.state is SpoolState.DONE:
                self._change(job, state=_S.PRINTED, sheets_done=job.copies, code="")
            else:
                self._hold(job, ErrorCode.PRINTER_UNKNOWN, found)

    # -- the steps --------------------------------------------------------------------------------

    def _found(self, job: PrintJob) -> SpoolJob | None:
        """What there is of it. A server that was set up anew, or another one, counts its jobs from one again:
        one of another name is none of ours."""
        if not job.spool_id:
            return self._printer.find(job.queue, job.job_id)
        try:
            found = self._printer.job(job.queue, job.spool_id)
        except KnownError as gone:
            if gone.code is not ErrorCode.PRINT_JOB_UNKNOWN:
                raise
            return None
        return found if found.name == job.job_id else None

    def _looked_for(self, job: PrintJob) -> SpoolJob | None:
        """As `_found`. A job that waits for a queue that is not there any more is printed by another."""
        try:
            return self._found(job)
        except KnownError as fault:
            if fault.code is ErrorCode.PRINTER_UNKNOWN and job.state is _S.SENDING and not job.spool_id:
                self._change(job, state=_S.WAITING, code=fault.code)
            raise

    def _found_to_end(self, job: PrintJob) -> SpoolJob | None:
        """As `_found`. What lies in a queue that is not there any more is never printed."""
        try:
            return self._found(job)
        except KnownError as fault:
            if fault.code is not ErrorCode.PRINTER_UNKNOWN:
                raise
            return None

    def _begin(self, job: PrintJob) -> None:
        if job.state is _S.SENDING and not job.spool_id and self._may_be_on_its_way(job):
            return
        page = self._page(job)
        if page is None:
            return
        intent = self._change(job, state=_S.SENDING, spool_id="", attempt=job.attempt + 1, code="")
        if intent is None:
            return
        self._begun_at_s[job.job_id] = self._clock.monotonic_s()
        try:
            spool_id = self._printer.begin(intent.queue, intent.job_id)
        except KnownError as refused:
            if refused.code in (ErrorCode.PRINT_REFUSED, ErrorCode.PRINTER_UNKNOWN):
                self._change(intent, state=_S.WAITING, code=refused.code)  # nothing happened
            raise
        begun = self._change(intent, spool_id=spool_id)
        if begun is not None:
            self._send(begun, page)

    def _may_be_on_its_way(self, job: PrintJob) -> bool:
        """Of a begin that was not answered, or that a run of the program before this one made."""
        now_s = self._clock.monotonic_s()
        return now_s - self._begun_at_s.setdefault(job.job_id, now_s) < LOOKS_AGAIN_AFTER_S

    def _send_found(self, job: PrintJob, found: SpoolJob) -> None:
        """Adopts a job that was begun, and sends its page."""
        adopted = self._change(job, state=_S.SENDING, spool_id=found.spool_id)
        page = self._page(adopted) if adopted is not None else None
        if adopted is not None and page is not None:
            self._send(adopted, page)
        elif adopted is not None and self._store.job(job.job_id).state is _S.HELD:
            self._printer.cancel(job.queue, found.spool_id)

    def _send(self, job: PrintJob, page: PrintPage) -> None:
        try:
            self._printer.send(job.queue, job.spool_id, page)
        except KnownError as failed:
            if failed.code is ErrorCode.PRINT_JOB_UNKNOWN:  # gone before it had a page: begun anew
                self._change(job, state=_S.WAITING, spool_id="")
            elif failed.code is ErrorCode.PRINT_REFUSED:
                self._printer.cancel(job.queue, job.spool_id)
                self._hold(job, failed.code)
            else:
                raise
            return
        self._change(job, state=_S.SPOOLED)
        self._begun_at_s.pop(job.job_id, None)

    def _watch(self, job: PrintJob, found: SpoolJob, code: str, *, is_printed: bool) -> None:
        if is_printed:
            self._change(job, state=_S.PRINTED, spool_id=found.spool_id, sheets_done=job.copies, code="")
            return
        sheets_done = min(found.sheets_done, job.copies)
        stands = (job.state, job.spool_id, job.sheets_done, job.code)
        if stands != (_S.SPOOLED, found.spool_id, sheets_done, code):
            self._change(job, state=_S.SPOOLED, spool_id=found.spool_id, sheets_done=sheets_done, code=code)

    def _hold(self, job: PrintJob, code: str, found: SpoolJob | None = None) -> None:
        _log.warning("print_held", order_code=job.order_code, job_id=job.job_id, code=code)
        sheets_done = min(found.sheets_done, job.copies) if found is not None else job.sheets_done
        self._change(job, state=_S.HELD, code=code, sheets_done=sheets_done)

    def _page(self, job: PrintJob) -> PrintPage | None:
        """None where there is none: the job is held then, or tried again later."""
        try:
            page = self._pages(job)
        except KnownError as failed:
            if failed.code.startswith(_OF_THE_STORE):
                raise
            if failed.code in _PAGE_LATER:
                self._page_again_at_s[job.job_id] = self._clock.monotonic_s() + _PAGE_AGAIN_S
                self._change(job, code=failed.code)
            else:
                self._hold(job, failed.code)
            return None
        except Exception as bug:  # noqa: BLE001 - one bad picture keeps no other from being printed
            record_crash("prints", bug)
            self._hold(job, ErrorCode.PHOTO_UNREADABLE)
            return None
        self._page_again_at_s.pop(job.job_id, None)
        return page

    def _change(self, job: PrintJob, **changes: Any) -> PrintJob | None:
        """Stores and tells it; None where the job stands otherwise by now."""
        after = replace(job, changed_at=self._clock.now(), **changes)
        if not self._store.update(after, job.state):
            return None
        self._bus.publish(PrintsChanged(job.order_id))
        return after
