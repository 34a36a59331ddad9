"""The queues of Windows."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import IntFlag
from typing import Protocol

from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.reasons import state_of
from kiosk.printing.types import PrinterState, PrinterStatus, PrintPage, SpoolJob, SpoolState

Paint = Callable[[str, str, PrintPage], None]
"""Paints a page on a queue, as a document of a name, and returns when the spooler has it."""
_MOST_JOBS = 1000
_INFO = 2
_RESUME_PRINTER = 2  # PRINTER_CONTROL_RESUME
_RESUME_JOB, _RESTART_JOB, _DELETE_JOB = 2, 4, 5  # JOB_CONTROL_*
_KEEP_PRINTED, _WORK_OFFLINE = 0x100, 0x400  # PRINTER_ATTRIBUTE_*
_UNKNOWN_PRINTER = 1801  # ERROR_INVALID_PRINTER_NAME
_DENIED = 5  # ERROR_ACCESS_DENIED


class Spooler(Protocol):
    """What is used of pywin32's module win32print."""

    error: type[Exception]

    def OpenPrinter(self, name: str) -> object: ...  # noqa: N802
    def ClosePrinter(self, handle: object) -> None: ...  # noqa: N802
    def GetPrinter(self, handle: object, level: int) -> dict[str, object]: ...  # noqa: N802
    def SetPrinter(  # noqa: N802
        self, handle: object, level: int, info: Mapping[str, object] | None, command: int
    ) -> None: ...
    def EnumJobs(  # noqa: N802
        self, handle: object, first: int, count: int, level: int
    ) -> Sequence[Mapping[str, object]]: ...
    def SetJob(  # noqa: N802
        self, handle: object, job: int, level: int, info: Mapping[str, object] | None, command: int
    ) -> None: ...


class _Job(IntFlag):
    """JOB_STATUS_*"""

    PAUSED = 0x1
    ERROR = 0x2
    DELETING = 0x4
    PRINTING = 0x10
    OFFLINE = 0x20
    PAPEROUT = 0x40
    PRINTED = 0x80
    DELETED = 0x100
    BLOCKED = 0x200
    USER_INTERVENTION = 0x400
    COMPLETE = 0x1000


_SPOOL_STATES = (
    (_Job.DELETED | _Job.DELETING, SpoolState.CANCELLED),
    (_Job.PRINTED | _Job.COMPLETE, SpoolState.DONE),
    (_Job.PAUSED, SpoolState.HELD),
    (_Job.ERROR | _Job.BLOCKED, SpoolState.STOPPED),
    (_Job.PRINTING, SpoolState.PRINTING),
)
"""The first that a job's status has one of names its state; a job with none of them waits."""
_OVER = {SpoolState.DONE, SpoolState.CANCELLED}
_PRINTER_REASONS = {
    0x1: "paused",
    0x2: "other-error",
    0x8: "media-jam",
    0x10: "media-empty",
    0x20: "media-needed",
    0x40: "media-needed",
    0x80: "offline",
    0x800: "output-area-full",
    0x1000: "offline",
    0x20000: "toner-low",
    0x40000: "toner-empty",
    0x100000: "other-error",
    0x400000: "door-open",
    0x800000: "offline",
}
"""PRINTER_STATUS_* as the reasons of other print servers."""
_JOB_REASONS = {
    _Job.OFFLINE: "offline",
    _Job.PAPEROUT: "media-empty",
    _Job.USER_INTERVENTION: "other-error",
}
_PRINTING = 0x400 | 0x4000


class WindowsPrinter:
    """Queues of Windows, over pywin32; pages are painted on them. Calls are local and short; a page takes as
    long as it is painted. Any thread, if `paint` may be called from any.

    A document exists there only once it is painted: `begin` only promises one, whose spool id is our name,
    and `send` paints it unless a document of the name is there. Windows forgets what is printed unless it is
    told to keep it, and so it is told. Ink levels are not known.
    """

    def __init__(self, spooler: Spooler, paint: Paint) -> None:
        self._spooler = spooler
        self._paint = paint

    def statuses(self, queues: Collection[str]) -> list[PrinterStatus]:
        return [self._status(queue) for queue in queues]

    def begin(self, queue: str, name: str) -> str:
        with self._opened(queue) as handle:
            self._keep_printed(handle)
        return name

    def send(self, queue: str, spool_id: str, page: PrintPage) -> None:
        if self.find(queue, spool_id) is None:
            self._paint(queue, spool_id, page)

    def find(self, queue: str, name: str) -> SpoolJob | None:
        with self._opened(queue) as handle:
            found = [job for job in self._jobs(handle) if job.get("pDocument") == name]
        newest = max(found, key=lambda job: _number(job, "JobId"), default=None)
        return _spool_job(newest) if newest is not None else None

    def job(self, queue: str, spool_id: str) -> SpoolJob:
        found = self.find(queue, spool_id)
        if found is None:
            raise KnownError(ErrorCode.PRINT_JOB_UNKNOWN, f"Windows has no document {spool_id} any more.")
        return found

    def cancel(self, queue: str, spool_id: str) -> None:
        with self._opened(queue) as handle:
            for job in self._jobs(handle):
                if job.get("pDocument") == spool_id and _state(job) not in _OVER:
                    self._spooler.SetJob(handle, _number(job, "JobId"), 0, None, _DELETE_JOB)

    def resume(self, queue: str) -> None:
        with self._opened(queue) as handle:
            self._spooler.SetPrinter(handle, 0, None, _RESUME_PRINTER)
            for job in self._jobs(handle):
                command = {SpoolState.HELD: _RESUME_JOB, SpoolState.STOPPED: _RESTART_JOB}.get(_state(job))
                if command is not None:
                    self._spooler.SetJob(handle, _number(job, "JobId"), 0, None, command)

    def _status(self, queue: str) -> PrinterStatus:
        try:
            with self._opened(queue) as handle:
                said = self._spooler.GetPrinter(handle, _INFO)
                jobs = [job for job in self._jobs(handle) if _state(job) not in _OVER]
        except KnownError as known:
            return PrinterStatus(queue, PrinterState.OFFLINE, message=known.detail)
        status = _number(said, "Status")
        reasons = [reason for flag, reason in _PRINTER_REASONS.items() if status & flag]
        for flag, reason in _JOB_REASONS.items():
            if any(_number(job, "Status") & flag for job in jobs):
                reasons.append(reason)
        if _number(said, "Attributes") & _WORK_OFFLINE:
            reasons.append("offline")
        reasons = list(dict.fromkeys(reasons))
        is_paused = "paused" in reasons
        is_printing = bool(status & _PRINTING) or any(_state(job) is SpoolState.PRINTING for job in jobs)
        message = next((str(job["pStatus"]) for job in jobs if job.get("pStatus")), "")
        state = state_of(reasons, is_paused, is_printing)
        return PrinterStatus(queue, state, tuple(reasons), message, is_paused)

    def _jobs(self, handle: object) -> Sequence[Mapping[str, object]]:
        return self._spooler.EnumJobs(handle, 0, _MOST_JOBS, 1)

    def _keep_printed(self, handle: object) -> None:
        """Raises KnownError PRINT_REFUSED where the kiosk's user may not decide that."""
        info = self._spooler.GetPrinter(handle, _INFO)
        attributes = _number(info, "Attributes")
        if attributes & _KEEP_PRINTED:
            return
        try:
            self._spooler.SetPrinter(handle, _INFO, {**info, "Attributes": attributes | _KEEP_PRINTED}, 0)
        except self._spooler.error as error:
            raise KnownError(
                ErrorCode.PRINT_REFUSED,
                "Windows forgets what this queue has printed, and does not let the kiosk change that.",
                'Tick "Keep printed documents" in the printer\'s properties, under Advanced.',
            ) from error

    @contextmanager
    def _opened(self, queue: str) -> Iterator[object]:
        """A queue; what Windows refuses meanwhile is a known error."""
        try:
            handle = self._spooler.OpenPrinter(queue)
            try:
                yield handle
            finally:
                self._spooler.ClosePrinter(handle)
        except self._spooler.error as error:
            raise _known(queue, error) from error


def no_painter(queue: str, name: str, page: PrintPage) -> None:
    """Where there is no window system. Raises KnownError PRINT_REFUSED."""
    raise KnownError(
        ErrorCode.PRINT_REFUSED,
        f"Nothing here can paint on the queue {queue}.",
        "Prints are made by the kiosk's window.",
    )


def _known(queue: str, error: Exception) -> KnownError:
    """pywin32's errors hold Windows' number, the function and its words."""
    number = error.args[0] if error.args else 0
    if number == _UNKNOWN_PRINTER:
        return KnownError(
            ErrorCode.PRINTER_UNKNOWN,
            f"Windows has no printer {queue}.",
            "Add it there, or name another in printing.queues.",
        )
    if number == _DENIED:
        return KnownError(
            ErrorCode.PRINT_REFUSED,
            f"Windows does not let the kiosk's user do that on {queue}.",
            "Let the user manage this printer, in its properties under Security.",
        )
    return KnownError(
        ErrorCode.PRINTER_UNREACHABLE,
        f"The spooler of Windows does not answer ({number}).",
        "See that the service Print Spooler runs.",
    )


def _number(said: Mapping[str, object], name: str) -> int:
    value = said.get(name)
    return value if isinstance(value, int) else 0


def _state(job: Mapping[str, object]) -> SpoolState:
    status = _number(job, "Status")
    return next((state for flags, state in _SPOOL_STATES if status & flags), SpoolState.WAITING)


def _spool_job(job: Mapping[str, object]) -> SpoolJob:
    name = str(job.get("pDocument") or "")
    printed = _number(job, "PagesPrinted")
    return SpoolJob(name, name, _state(job), printed, message=str(job.get("pStatus") or ""))
