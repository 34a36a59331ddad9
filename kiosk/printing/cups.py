"""The queues of a CUPS."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence

from pyipp.enums import IppJobState, IppOperation, IppPrinterState

from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.ipp import (
    CALL_LIMIT_S,
    NOT_ACCEPTING_JOBS,
    NOT_FOUND,
    NOT_POSSIBLE,
    Attributes,
    IppServer,
    RefusedError,
    job_group,
    keyword,
    media_col,
    number,
    this_user,
)
from kiosk.printing.paper import hundredths, nearest_size
from kiosk.printing.reasons import lowest_percent, state_of
from kiosk.printing.types import Paper, PrinterState, PrinterStatus, PrintPage, SpoolJob, SpoolState

_JOB = ["job-id", "job-name", "job-state", "job-hold-until", "number-of-documents"]
_JOB += ["job-media-sheets-completed", "job-printer-state-message", "time-at-processing"]
_PRINTER = ["printer-state", "printer-state-reasons", "printer-state-message", "printer-is-accepting-jobs"]
_PRINTER += ["marker-levels"]
_SPOOL_STATES: dict[int, SpoolState] = {
    IppJobState.PENDING: SpoolState.WAITING,
    IppJobState.HELD: SpoolState.HELD,
    IppJobState.PROCESSING: SpoolState.PRINTING,
    IppJobState.STOPPED: SpoolState.STOPPED,
    IppJobState.CANCELED: SpoolState.CANCELLED,
    IppJobState.ABORTED: SpoolState.ABORTED,
    IppJobState.COMPLETED: SpoolState.DONE,
}
_FOREVER = "indefinite"
# What the backends of CUPS say while they look for a printer, and report no reason; in English, as asked for.
_NOT_THERE = (
    "unavailable at this time",
    "unreachable at this time",
    "not responding",
    "to become available",
    "looking for printer",
    "unable to locate printer",
)


class CupsPrinter:
    """Queues of the CUPS at `server`: the path of its socket, by which queues can also be resumed without a
    password (by members of lpadmin), or an address. Any thread may call.

    The job at CUPS bears our name; it is begun held, and let go with its page, in any number of tries:
    whatever has happened to an answer, the job says what was done. CUPS forgets jobs beyond its MaxJobs
    (500), and what it was told within its DirtyCleanInterval (30 s) before a power cut. It counts the sheets
    that it has passed on to a printer, not those that came out: until a job is done, it tells none. A printer
    in the network that loses its power in the middle of a job has lost it, and CUPS 2.4 calls it done; one
    whose queue was stopped in the middle gets it anew as a whole.
    """

    def __init__(self, server: str) -> None:
        self._server = IppServer(server, this_user())

    def statuses(self, queues: Collection[str]) -> list[PrinterStatus]:
        until_s = _until()
        return [self._status(queue, until_s) for queue in queues]

    def begin(self, queue: str, name: str) -> str:
        held = job_group([keyword("job-hold-until", _FOREVER)])
        try:
            answer = self._server.call(IppOperation.CREATE_JOB, queue, {"job-name": name}, _until(), held)
        except RefusedError as refused:
            raise _of_queue(queue, refused) from refused
        return str(_first(answer.jobs).get("job-id", ""))

    def send(self, queue: str, spool_id: str, page: PrintPage) -> None:
        until_s = _until()
        job = self._job(queue, spool_id, until_s)
        if job.state is not SpoolState.HELD:
            return
        try:
            if not job.has_document:
                self._describe(queue, spool_id, page, until_s)
                document = {**_id(spool_id), "document-format": "application/pdf", "last-document": True}
                send = IppOperation.SEND_DOCUMENT
                self._server.call(send, queue, document, until_s, document=page.pdf)
            self._server.call(IppOperation.RELEASE_JOB, queue, _id(spool_id), until_s)
        except RefusedError as refused:
            raise _of_job(spool_id, refused) from refused

    def find(self, queue: str, name: str) -> SpoolJob | None:
        try:
            jobs = self._jobs(queue, "all", _until())
        except RefusedError as refused:
            raise _of_queue(queue, refused) from refused
        found = [job for job in jobs if job.name == name]
        return max(found, key=lambda job: int(job.spool_id), default=None)

    def job(self, queue: str, spool_id: str) -> SpoolJob:
        return self._job(queue, spool_id, _until())

    def cancel(self, queue: str, spool_id: str) -> None:
        try:
            self._server.call(IppOperation.CANCEL_JOB, queue, _id(spool_id), _until())
        except RefusedError as refused:
            if refused.status != NOT_POSSIBLE:
                raise _of_job(spool_id, refused) from refused

    def resume(self, queue: str) -> None:
        until_s = _until()
        try:
            self._server.call(IppOperation.RESUME_PRINTER, queue, {}, until_s)
            self._server.call(IppOperation.CUPS_ACCEPT_JOBS, queue, {}, until_s)
            for job in self._jobs(queue, "not-completed", until_s):
                if job.state is SpoolState.HELD and job.has_document:
                    self._server.call(IppOperation.RELEASE_JOB, queue, _id(job.spool_id), until_s)
        except RefusedError as refused:
            raise _of_queue(queue, refused) from refused

    def _status(self, queue: str, until_s: float) -> PrinterStatus:
        asked = {"requested-attributes": _PRINTER}
        try:
            answer = self._server.call(IppOperation.GET_PRINTER_ATTRIBUTES, queue, asked, until_s)
        except RefusedError as refused:
            return PrinterStatus(queue, PrinterState.OFFLINE, message=str(refused))
        except KnownError as known:
            return PrinterStatus(queue, PrinterState.OFFLINE, message=known.detail)
        return _status(queue, _first(answer.printers))

    def _job(self, queue: str, spool_id: str, until_s: float) -> SpoolJob:
        asked = {**_id(spool_id), "requested-attributes": _JOB}
        try:
            answer = self._server.call(IppOperation.GET_JOB_ATTRIBUTES, queue, asked, until_s)
        except RefusedError as refused:
            raise _of_job(spool_id, refused) from refused
        return _spool_job(_first(answer.jobs))

    def _jobs(self, queue: str, which: str, until_s: float) -> list[SpoolJob]:
        asked = {"which-jobs": which, "my-jobs": True, "requested-attributes": _JOB}
        answer = self._server.call(IppOperation.GET_JOBS, queue, asked, until_s)
        return [_spool_job(job) for job in answer.jobs if "job-id" in job]

    def _describe(self, queue: str, spool_id: str, page: PrintPage, until_s: float) -> None:
        """Tells a job its paper and copies."""
        width, height = self._size_at(queue, page.paper, until_s)
        paper = media_col(width, height)
        wishes = job_group([number("copies", page.copies), paper, keyword("print-scaling", "fill")])
        self._server.call(IppOperation.SET_JOB_ATTRIBUTES, queue, _id(spool_id), until_s, wishes)

    def _size_at(self, queue: str, paper: Paper, until_s: float) -> tuple[int, int]:
        """The size by which a queue knows a paper. Raises KnownError PRINT_REFUSED where it has none: it
        would print on another."""
        asked = {"requested-attributes": ["media-size-supported"]}
        answer = self._server.call(IppOperation.GET_PRINTER_ATTRIBUTES, queue, asked, until_s)
        sizes, takes_any = _sizes(_first(answer.printers))
        nearest = nearest_size(paper.size, sizes)
        if nearest is None and sizes and not takes_any:
            raise KnownError(
                ErrorCode.PRINT_REFUSED,
                f"The queue {queue} has no paper like {paper.size.value} cm.",
                "Name another queue for it in printing.queues.",
            )
        return nearest or hundredths(paper.size)


def _until() -> float:
    """When a call of the port must have ended, on the monotonic clock."""
    return time.monotonic() + CALL_LIMIT_S


def _id(spool_id: str) -> dict[str, object]:
    return {"job-id": int(spool_id)}


def _first(groups: Sequence[Attributes]) -> Attributes:
    return groups[0] if groups else {}


def _listed(value: object) -> list[object]:
    """An attribute's values: pyipp gives one alone, and several as a list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _sizes(said: Attributes) -> tuple[list[tuple[int, int]], bool]:
    """The sizes that a queue offers, and whether it takes any between two."""
    sizes, takes_any = [], False
    for size in _listed(said.get("media-size-supported")):
        if isinstance(size, dict):
            wide, high = size.get("x-dimension"), size.get("y-dimension")
            if isinstance(wide, int) and isinstance(high, int):
                sizes.append((wide, high))
            else:
                takes_any = True
    return sizes, takes_any


def _spool_job(said: Attributes) -> SpoolJob:
    state = _SPOOL_STATES.get(_integer(said.get("job-state"), IppJobState.PENDING), SpoolState.WAITING)
    has_document = _integer(said.get("number-of-documents"), 0) > 0
    if state is SpoolState.HELD and said.get("job-hold-until") != _FOREVER:
        state = SpoolState.WAITING  # CUPS tries it again by itself, a little later
    if state is SpoolState.WAITING and isinstance(said.get("time-at-processing"), int):
        state = SpoolState.STOPPED
    return SpoolJob(
        spool_id=str(said.get("job-id", "")),
        name=str(said.get("job-name", "")),
        state=state,
        sheets_done=_integer(said.get("job-media-sheets-completed"), 0) if state is SpoolState.DONE else 0,
        has_document=has_document,
        message=str(said.get("job-printer-state-message") or ""),
    )


def _status(queue: str, said: Attributes) -> PrinterStatus:
    told = _integer(said.get("printer-state"), IppPrinterState.IDLE)
    reasons = tuple(str(reason) for reason in _listed(said.get("printer-state-reasons")) if reason != "none")
    message = str(said.get("printer-state-message") or "")
    is_paused = told == IppPrinterState.STOPPED or said.get("printer-is-accepting-jobs") is False
    is_printing = told == IppPrinterState.PROCESSING
    state = state_of(reasons, is_paused, is_printing)
    if state is PrinterState.PRINTING and any(words in message.lower() for words in _NOT_THERE):
        state = PrinterState.OFFLINE
    ink = lowest_percent(_listed(said.get("marker-levels")))
    return PrinterStatus(queue, state, reasons, message, is_paused, ink)


def _integer(value: object, otherwise: int) -> int:
    return int(value) if isinstance(value, int) else otherwise


def _of_queue(queue: str, refused: RefusedError) -> KnownError:
    if refused.status == NOT_FOUND:
        return KnownError(
            ErrorCode.PRINTER_UNKNOWN,
            f"The print server has no queue {queue}.",
            "Make it there, or name another in printing.queues.",
        )
    if refused.status == NOT_ACCEPTING_JOBS:
        return KnownError(
            ErrorCode.PRINT_REFUSED, f"The queue {queue} takes no jobs at present.", "Let it go on again."
        )
    return KnownError(ErrorCode.PRINT_REFUSED, f"The queue {queue} refused: {refused}.")


def _of_job(spool_id: str, refused: RefusedError) -> KnownError:
    if refused.status == NOT_FOUND:
        return KnownError(ErrorCode.PRINT_JOB_UNKNOWN, f"The print server has no job {spool_id} any more.")
    return KnownError(ErrorCode.PRINT_REFUSED, f"The print server refused job {spool_id}: {refused}.")
