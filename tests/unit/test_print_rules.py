"""What is done next with a print job, by what is found of it; how an order's prints are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kiosk.errors import BugError, ErrorCode
from kiosk.printing.rules import TRANSITIONS, Next, PrintProgress, move, next_step, progress_of
from kiosk.printing.types import PrinterState, PrinterStatus, PrintJob, PrintState, SpoolJob, SpoolState
from tests.printing_shop import SMALL

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
S = PrintState
ALIVE = [SpoolState.WAITING, SpoolState.PRINTING, SpoolState.STOPPED]


def job(state: PrintState, spool_id: str = "", job_id: str = "j", copies: int = 2, **rest: str) -> PrintJob:
    return PrintJob(
        job_id,
        "o",
        "l",
        "K1-0001",
        "p",
        SMALL,
        copies,
        state,
        NOW,
        NOW,
        "dnp",
        1,
        spool_id,
        **rest,  # type: ignore[arg-type]
    )


NOT_SENT = job(S.WAITING)
BEGUN = job(S.SENDING, "7")
SENT = job(S.SPOOLED, "7")


@pytest.mark.parametrize(
    ("found", "not_sent", "begun", "sent"),
    [
        (None, Next.BEGIN, Next.HOLD, Next.HOLD),
        ((SpoolState.HELD, False), Next.SEND, Next.SEND, Next.WATCH),
        ((SpoolState.WAITING, False), Next.SEND, Next.SEND, Next.WATCH),
        ((SpoolState.HELD, True), Next.SEND, Next.SEND, Next.WATCH),
        *(((alive, True), Next.WATCH, Next.WATCH, Next.WATCH) for alive in ALIVE),
        ((SpoolState.DONE, True), Next.PRINTED, Next.PRINTED, Next.PRINTED),
        ((SpoolState.DONE, False), Next.PRINTED, Next.PRINTED, Next.PRINTED),
        ((SpoolState.ABORTED, False), Next.BEGIN, Next.BEGIN, Next.HOLD),
        ((SpoolState.CANCELLED, True), Next.HOLD, Next.HOLD, Next.HOLD),
        ((SpoolState.ABORTED, True), Next.HOLD, Next.HOLD, Next.HOLD),
    ],
)
def test_the_next_step_is_that_of_the_table(
    found: tuple[SpoolState, bool] | None, not_sent: Next, begun: Next, sent: Next
) -> None:
    there = SpoolJob("7", "j", found[0], has_document=found[1]) if found else None
    steps = [next_step(each, there)[0] for each in (NOT_SENT, BEGUN, SENT)]
    assert steps == [not_sent, begun, sent]


def test_a_hold_says_why() -> None:
    assert next_step(SENT, None)[1] == ErrorCode.PRINT_JOB_UNKNOWN
    assert next_step(SENT, SpoolJob("7", "j", SpoolState.ABORTED))[1] == ErrorCode.PRINT_REFUSED


def test_what_is_over_stays_over() -> None:
    assert TRANSITIONS.keys() == set(PrintState)
    assert not TRANSITIONS[S.PRINTED] | TRANSITIONS[S.CANCELLED]
    with pytest.raises(BugError):
        move(S.HELD, S.WAITING)


def test_progress_counts_the_job_that_took_anothers_place() -> None:
    off, again = job(S.CANCELLED), job(S.WAITING, job_id="k", reprint_of="j")
    other = replace(job(S.PRINTED, job_id="m", copies=3), sheets_done=3)
    assert progress_of([off, again, other], []) == PrintProgress(5, 3, "waiting")
    assert progress_of([other], []) == PrintProgress(3, 3, "done")
    assert progress_of([], []) == PrintProgress(0, 0, "done")


def test_progress_says_why_nothing_goes_on() -> None:
    empty = PrinterStatus("dnp", PrinterState.PAPER_EMPTY)
    assert progress_of([SENT], [empty]) == PrintProgress(2, 0, "waiting", ErrorCode.PAPER_EMPTY)
    assert progress_of([SENT], []).state == "printing"
    held = job(S.HELD, code="R-103")
    assert progress_of([held], [empty]) == PrintProgress(2, 0, "held", "R-103")
