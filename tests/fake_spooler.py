"""Windows' spooler in memory, with the functions of win32print and their signatures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from kiosk.printing.types import PrintPage

_KEEP_PRINTED = 0x100
_PAUSED, _PRINTED, _DELETING = 0x1, 0x80, 0x4
_RESUME_PRINTER = 2
_RESUME, _RESTART, _DELETE = 2, 4, 5


class SpoolerError(Exception):
    """As pywintypes.error: Windows' number, the function, its words."""


@dataclass
class _Queue:
    status: int = 0
    attributes: int = 0
    jobs: list[dict[str, object]] = field(default_factory=list)


class FakeSpooler:
    """`painted` are the documents that were painted, in order. Somebody who may not manage printers is made
    by `may_manage`; a spooler that has stopped by `is_stopped`."""

    error: type[Exception] = SpoolerError

    def __init__(self, *queues: str) -> None:
        self.painted: list[str] = []
        self.may_manage = True
        self.is_stopped = False
        self._queues = {name: _Queue() for name in queues}
        self._open: set[int] = set()
        self._handles: dict[int, str] = {}

    # At the machine

    def paint(self, queue: str, name: str, page: PrintPage) -> None:
        """What the window's painter does: a document appears."""
        self.painted.append(name)
        jobs = self._queues[queue].jobs
        job = {"JobId": len(jobs) + 1, "pDocument": name, "Status": 0, "PagesPrinted": 0, "pStatus": None}
        jobs.append(job)

    def put_out(self, queue: str) -> None:
        """Everything that waits comes out; kept only where the queue is told to."""
        one = self._queues[queue]
        if not one.attributes & _KEEP_PRINTED:
            one.jobs.clear()
        for job in one.jobs:
            if not job["Status"]:
                job.update(Status=_PRINTED, PagesPrinted=1)

    def set_status(self, queue: str, status: int, attributes: int = 0) -> None:
        self._queues[queue].status = status
        self._queues[queue].attributes |= attributes

    def set_job(self, queue: str, status: int, words: str | None = None) -> None:
        """Of the newest job."""
        self._queues[queue].jobs[-1].update(Status=status, pStatus=words)

    @property
    def open_handles(self) -> int:
        return len(self._open)

    # win32print

    def OpenPrinter(self, name: str) -> object:  # noqa: N802
        if self.is_stopped:
            raise SpoolerError(1722, "OpenPrinter", "The RPC server is unavailable.")
        if name not in self._queues:
            raise SpoolerError(1801, "OpenPrinter", "The printer name is invalid.")
        handle = len(self._handles)
        self._handles[handle] = name
        self._open.add(handle)
        return handle

    def ClosePrinter(self, handle: object) -> None:  # noqa: N802
        assert isinstance(handle, int)
        self._open.remove(handle)

    def GetPrinter(self, handle: object, level: int) -> dict[str, object]:  # noqa: N802
        assert level == 2
        queue = self._of(handle)
        return {"Status": queue.status, "Attributes": queue.attributes, "pPrinterName": "x"}

    def SetPrinter(  # noqa: N802
        self, handle: object, level: int, info: Mapping[str, object] | None, command: int
    ) -> None:
        queue = self._of(handle)
        if not self.may_manage:
            raise SpoolerError(5, "SetPrinter", "Access is denied.")
        if level == 0:
            assert info is None
            assert command == _RESUME_PRINTER
            queue.status &= ~_PAUSED
        else:
            assert info is not None
            assert (level, command) == (2, 0)
            attributes = info["Attributes"]
            assert isinstance(attributes, int)
            queue.attributes = attributes

    def EnumJobs(  # noqa: N802
        self, handle: object, first: int, count: int, level: int
    ) -> Sequence[Mapping[str, object]]:
        assert level == 1
        return tuple(dict(job) for job in self._of(handle).jobs[first : first + count])

    def SetJob(  # noqa: N802
        self, handle: object, job: int, level: int, info: Mapping[str, object] | None, command: int
    ) -> None:
        assert (level, info) == (0, None)
        (found,) = [each for each in self._of(handle).jobs if each["JobId"] == job]
        if command == _DELETE:
            found["Status"] = _DELETING
        elif command in (_RESUME, _RESTART):
            found["Status"] = 0
        else:
            raise AssertionError(command)

    def _of(self, handle: object) -> _Queue:
        assert isinstance(handle, int)
        assert handle in self._open
        return self._queues[self._handles[handle]]
