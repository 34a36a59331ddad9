"""How a print job goes on: pure rules, no clock, no store.

What is found of a job at the print server says what is done next:

| at the server         | no spool id stored | being sent   | spooled      |
|-----------------------|--------------------|--------------|--------------|
| nothing               | begin              | hold (R-110) | hold (R-110) |
| alive, without a page | send               | send         | watch        |
| held, with its page   | send (lets it go)  | send         | watch        |
| alive, with its page  | watch              | watch        | watch        |
| done                  | printed            | printed      | printed      |
| over, without a page  | begin              | begin        | hold (R-103) |
| cancelled, aborted    | hold (R-103)       | hold (R-103) | hold (R-103) |

A page is only ever sent to a spool id that is stored, so a job that was begun and is lost prints nothing;
what may have come out of the printer and is known to nobody any more is held: staff look into the tray.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from kiosk.errors import BugError, ErrorCode
from kiosk.printing.types import PrinterState, PrinterStatus, PrintJob, PrintState, SpoolJob, SpoolState

_S = PrintState

TRANSITIONS: dict[PrintState, frozenset[PrintState]] = {
    _S.WAITING: frozenset({_S.WAITING, _S.SENDING, _S.SPOOLED, _S.HELD, _S.PRINTED, _S.CANCELLED}),
    _S.SENDING: frozenset(_S),
    _S.SPOOLED: frozenset(_S) - {_S.SENDING},
    _S.HELD: frozenset({_S.CANCELLED}),  # printed again it is another job
    _S.PRINTED: frozenset(),
    _S.CANCELLED: frozenset(),
}
OPEN = frozenset({_S.WAITING, _S.SENDING, _S.SPOOLED})
AT_SERVER = frozenset({_S.SENDING, _S.SPOOLED})

GOES_ON = frozenset({PrinterState.READY, PrinterState.PRINTING, PrinterState.PAPER_LOW})
EMPTY = frozenset({PrinterState.PAPER_EMPTY, PrinterState.INK_EMPTY})

_CODES: dict[PrinterState, ErrorCode] = {
    PrinterState.PAUSED: ErrorCode.PRINTER_PAUSED,
    PrinterState.PAPER_EMPTY: ErrorCode.PAPER_EMPTY,
    PrinterState.JAMMED: ErrorCode.PRINTER_JAMMED,
    PrinterState.COVER_OPEN: ErrorCode.PRINTER_JAMMED,
    PrinterState.INK_EMPTY: ErrorCode.INK_EMPTY,
    PrinterState.OFFLINE: ErrorCode.PRINTER_UNREACHABLE,
    PrinterState.SILENT: ErrorCode.PRINTER_SILENT,
    PrinterState.TROUBLE: ErrorCode.PRINTER_JAMMED,
}

FIRST_SHEET_S = 120.0
"""Until the first sheet is out: warming up, a page of 300 dpi on its way. Slow printers tell no sheets."""
SHEET_S = 60.0
_ENDED_BY_HAND = frozenset({SpoolState.CANCELLED, SpoolState.ABORTED})


class Next(StrEnum):
    """What is done next with a job."""

    BEGIN = "begin"
    SEND = "send"
    WATCH = "watch"
    PRINTED = "printed"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class PrintProgress:
    """How the prints of an order stand, for their buyer. `state` is "printing", "waiting", "held" or "done";
    `code` a known error's that says why they do not go on, empty where it is only not their turn."""

    sheets: int
    done: int
    state: str
    code: str = ""


def move(state: PrintState, to: PrintState) -> PrintState:
    """The state after a change from `state` to `to`. Raises BugError where the table does not allow it."""
    if to not in TRANSITIONS[state]:
        raise BugError(f"a print job cannot go from {state} to {to}")
    return to


def next_step(job: PrintJob, found: SpoolJob | None) -> tuple[Next, str]:
    """What is done next by the table of this module, and the code of a hold."""
    if found is None:
        return (Next.HOLD, ErrorCode.PRINT_JOB_UNKNOWN) if job.spool_id else (Next.BEGIN, "")
    if found.state is SpoolState.DONE:
        return Next.PRINTED, ""
    is_sent = job.state is _S.SPOOLED
    if found.state in _ENDED_BY_HAND:
        was_lost = not found.has_document and not is_sent
        return (Next.BEGIN, "") if was_lost else (Next.HOLD, ErrorCode.PRINT_REFUSED)
    waits_for_us = not found.has_document or found.state is SpoolState.HELD
    return (Next.SEND if waits_for_us and not is_sent else Next.WATCH), ""


def code_of(status: PrinterStatus | None) -> str:
    """Why a queue does not go on, as a known error's code; empty where it does."""
    return _CODES.get(status.state, "") if status is not None else ""


def moves_within_s(sheets_done: int) -> float:
    """Seconds within which a job that the printer works on moves."""
    return SHEET_S if sheets_done else FIRST_SHEET_S


def newest_of_each(jobs: Sequence[PrintJob]) -> list[PrintJob]:
    """Of each print of an order the job that counts: its last one that was not called off."""
    newest: dict[str, PrintJob] = {}
    for job in jobs:
        if job.state is not _S.CANCELLED:
            newest[job.reprint_of or job.job_id] = job
    return list(newest.values())


def progress_of(jobs: Sequence[PrintJob], statuses: Collection[PrinterStatus]) -> PrintProgress:
    """How the prints of an order stand; `jobs` are all of it."""
    counting = newest_of_each(jobs)
    sheets = sum(job.copies for job in counting)
    done = sum(job.copies if job.state is _S.PRINTED else job.sheets_done for job in counting)
    going = [job for job in counting if job.state in OPEN]
    held = [job for job in counting if job.state is _S.HELD]
    if not going and not held:
        return PrintProgress(sheets, done, "done")
    if not going:
        return PrintProgress(sheets, done, "held", held[0].code)
    by_queue = {status.queue: status for status in statuses}
    codes = [job.code or code_of(by_queue.get(job.queue)) for job in going]
    if any(job.state in AT_SERVER and not code for job, code in zip(going, codes, strict=True)):
        return PrintProgress(sheets, done, "printing")
    return PrintProgress(sheets, done, "waiting", next(filter(None, codes), ""))
