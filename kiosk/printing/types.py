"""Prints as they are owed, printers as they stand, and the two ports: of the printer, and of the rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kiosk.events import Event
from kiosk.sales.types import Finish, PrintSize


@dataclass(frozen=True, slots=True, order=True)
class Paper:
    """A paper that prints are sold on."""

    size: PrintSize
    finish: Finish

    @property
    def name(self) -> str:
        """As settings and tables write it: "10x15/glossy"."""
        return f"{self.size.value}/{self.finish.value}"


class PrinterState(StrEnum):
    """How a printer stands, by what it says; only READY and PRINTING go on by themselves."""

    READY = "ready"
    PRINTING = "printing"
    PAUSED = "paused"
    PAPER_EMPTY = "paper_empty"
    PAPER_LOW = "paper_low"
    JAMMED = "jammed"
    COVER_OPEN = "cover_open"
    INK_EMPTY = "ink_empty"
    OFFLINE = "offline"
    SILENT = "silent"  # a job has not moved for longer than printing takes, and the printer gives no reason
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class PrinterStatus:
    """A queue as its server tells of it. `reasons` are IPP's printer-state-reasons; `ink_percent` the lowest
    marker level, None where the printer tells none. `is_paused`: the queue was stopped, whatever the reason,
    and goes on only when it is resumed."""

    queue: str
    state: PrinterState
    reasons: tuple[str, ...] = ()
    message: str = ""
    is_paused: bool = False
    ink_percent: int | None = None


class SpoolState(StrEnum):
    """How a job stands at the print server. A STOPPED one had begun and was interrupted: it is printed anew
    from its first sheet when its queue goes on, whatever had come out."""

    WAITING = "waiting"
    HELD = "held"
    PRINTING = "printing"
    STOPPED = "stopped"
    DONE = "done"
    CANCELLED = "cancelled"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class SpoolJob:
    """A job at the print server. `name` is the id of our print job, by which it is found again after a power
    cut; `sheets_done` what the printer says it has put out; `has_document` False for one that was begun and
    never sent."""

    spool_id: str
    name: str
    state: SpoolState
    sheets_done: int = 0
    has_document: bool = True
    message: str = ""


@dataclass(frozen=True, slots=True)
class PrintPage:
    """What goes to the printer: a PDF of one page, as large as the paper; `copies` sheets of it. `jpeg` is
    the picture in it, 300 dots to the inch, for printers that are painted on."""

    pdf: bytes
    paper: Paper
    copies: int
    jpeg: bytes = b""


class Printer(Protocol):
    """The queues of one print server. Called from print workers; each call is bounded to 10 s.

    Handing over is in two steps, so that nothing is ever printed twice: `begin` makes a job that is held, by
    its name; `send` gives it its page and lets it go. A job that was begun can be found by name, whatever
    happened in between. Raises KnownError PRINTER_UNREACHABLE (nothing happened, or it is not known whether:
    look by name), PRINTER_UNKNOWN (no such queue), PRINT_REFUSED, PRINT_JOB_UNKNOWN.
    """

    def statuses(self, queues: Collection[str]) -> list[PrinterStatus]:
        """How these queues stand, each; one that does not exist or does not answer is OFFLINE."""
        ...

    def begin(self, queue: str, name: str) -> str:
        """Makes a held job without a page. Returns its spool id."""
        ...

    def send(self, queue: str, spool_id: str, page: PrintPage) -> None:
        """Gives a job that was begun its page and releases it; harmless when it was done before."""
        ...

    def find(self, queue: str, name: str) -> SpoolJob | None:
        """The newest job of this name, over or not; None where there is none."""
        ...

    def job(self, queue: str, spool_id: str) -> SpoolJob: ...

    def cancel(self, queue: str, spool_id: str) -> None:
        """Ends a job; harmless for one that is over."""
        ...

    def resume(self, queue: str) -> None:
        """Lets a paused queue go on, and retries its stopped job."""
        ...


class PrintState(StrEnum):
    """How a print that is owed stands. HELD is for staff: nothing goes on by itself."""

    WAITING = "waiting"  # for its turn, paper or the printer
    SENDING = "sending"  # the intent is stored; the print server may or may not know it
    SPOOLED = "spooled"  # the print server has it
    HELD = "held"  # staff decide: print again, or give the money back
    PRINTED = "printed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class PrintJob:
    """One print job for each order line that is a print, by the id of its delivery; a reprint has an id of
    its own and names the line's first job. `code` is a known error's and says why it does not go on."""

    job_id: str
    order_id: str
    line_id: str
    order_code: str
    photo_id: str
    paper: Paper
    copies: int
    state: PrintState
    created_at: datetime
    changed_at: datetime
    queue: str = ""
    attempt: int = 0
    spool_id: str = ""
    sheets_done: int = 0
    code: str = ""
    reprint_of: str = ""


@dataclass(frozen=True, slots=True)
class Supply:
    """What is left of a paper ("10x15/glossy") or of the ink of a queue ("ink/dnp"), in sheets. Staff are
    warned from `warn_at` on; from `stop_at` on it is sold no more. None: nobody has counted it yet."""

    name: str
    left: int | None
    warn_at: int
    stop_at: int
    counted_at: datetime | None = None

    @property
    def is_low(self) -> bool:
        return self.left is not None and self.left <= self.warn_at

    @property
    def is_out(self) -> bool:
        return self.left is not None and self.left <= self.stop_at


@dataclass(frozen=True, slots=True)
class Stock:
    """Sheets that were counted, less what was printed since."""

    left: int
    counted_at: datetime | None


class PrintStore(Protocol):
    """The rows of print jobs and supplies. Each method is one transaction; other kiosks' orders are theirs to
    print. Raises KnownError DATABASE_*, DISK_FULL, PRINT_JOB_UNKNOWN."""

    def take_owed(self, at: datetime) -> int:
        """Makes a job for each print delivery that is owed and has none; returns how many. Idempotent."""
        ...

    def leave_to_staff(self) -> int:
        """Marks each print delivery that is owed and has no job as one that staff hand out: no printer that
        is set up later prints it. Returns how many."""
        ...

    def jobs_in(self, states: Collection[PrintState]) -> list[PrintJob]:
        """The oldest first."""
        ...

    def jobs_of(self, order_id: str) -> list[PrintJob]:
        """In the order's sequence; reprints after what they repeat."""
        ...

    def job(self, job_id: str) -> PrintJob: ...

    def unwanted(self) -> list[PrintJob]:
        """Those that are not over, of orders that were given back, or whose buyer had the photos deleted."""
        ...

    def update(self, job: PrintJob, expected: PrintState) -> bool:
        """Stores a job anew if it is still in the `expected` state; False, and nothing, if it is not.

        In the same transaction the delivery follows: HELD leaves it to staff, PRINTED and CANCELLED end it;
        and what came out of the printer is taken off the supplies of its paper and its queue, once.
        """
        ...

    def add_reprint(self, job: PrintJob) -> PrintJob:
        """Stores a job that repeats another; one that is held gives way to it. Where the same print is under
        way already that job is returned, and nothing stored. Raises KnownError PHOTOS_DELETED (by the buyer),
        NOTHING_TO_DECIDE (the order was given back)."""
        ...

    def stock(self) -> dict[str, Stock]:
        """What was counted, by the supply's name."""
        ...

    def count(self, name: str, left: int, at: datetime) -> None:
        """Staff counted what there is."""
        ...

    def use_up(self, paper: Paper, queue: str, sheets: int) -> None:
        """Takes sheets that no job counts off what is left of a paper, and of the ink of a queue."""
        ...

    def sheets_owed(self) -> dict[Paper, int]:
        """Sheets that are paid for and not printed yet; those that staff decide about as well."""
        ...

    def sheets_sold(self, event_id: str, at: datetime) -> int:
        """Sheets in paid orders of an event, and in those being paid for."""
        ...


@dataclass(frozen=True, slots=True)
class PrintsChanged(Event):
    """A print job stands otherwise."""

    order_id: str


@dataclass(frozen=True, slots=True)
class PrintersChanged(Event):
    """Printers, supplies or what is `offered` stand otherwise."""

    printers: tuple[PrinterStatus, ...]
    supplies: tuple[Supply, ...]
    offered: frozenset[Paper]


def papers(sizes: Sequence[PrintSize]) -> tuple[Paper, ...]:
    """Each size in each finish."""
    return tuple(Paper(size, finish) for size in sizes for finish in Finish)
