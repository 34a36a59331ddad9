"""What is remembered of one queue between two looks: trouble seen, silence, when it is tried again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kiosk.clock import Clock
from kiosk.printing.rules import EMPTY, GOES_ON, moves_within_s
from kiosk.printing.types import PrinterState, PrinterStatus, SpoolJob, SpoolState
from kiosk.runtime.backoff import pause_s

OUT_AFTER_S = 300.0
"""After which nothing is sold on a printer that somebody has to come to; empty ones sell nothing at once."""
_FIRST_PAUSE_S = 1.0
_LONGEST_PAUSE_S = 30.0
_FIRST_RESUME_S = 10.0
_LONGEST_RESUME_S = 300.0
_TRIED_AFTER_S = 60.0
_OVER = frozenset({SpoolState.DONE, SpoolState.CANCELLED, SpoolState.ABORTED})


class QueueWatch:
    """Lives with the print worker.

    A queue that its server stopped for a reason is resumed once the reason is gone, or staff counted what
    they filled in; after a resume that did not help the next one waits 10 s, doubling up to 5 minutes. Some
    servers go on telling the reason until they try again: after a minute such a queue is tried as well, and
    stops again where nothing was mended. One that was stopped while nothing was wrong was stopped by a
    person: a person resumes it.
    """

    def __init__(self, queue: str, clock: Clock) -> None:
        self._clock = clock
        self._status = PrinterStatus(queue, PrinterState.READY)
        self._had_trouble = False
        self._is_stopped_by_hand = False
        self._is_refilled = False
        self._resumes = 0
        self._resume_at_s = 0.0
        self._faults = 0
        self._try_at_s = 0.0
        self._ill_since_s: float | None = None
        self._seen: tuple[tuple[str, SpoolState, int], ...] = ()
        self._moved_at_s = clock.monotonic_s()
        self._patience_s: float | None = None

    # -- the printer ------------------------------------------------------------------------------

    def recall(self, *, had_trouble: bool) -> None:
        """What an earlier run of the program stored of it."""
        self._had_trouble = self._had_trouble or had_trouble

    def note(self, status: PrinterStatus) -> None:
        """How its server says it stands now."""
        self._status = status
        state = status.state
        is_known = state is not PrinterState.OFFLINE  # else nobody says whether it is stopped
        if is_known and not status.is_paused:
            self._is_stopped_by_hand = self._is_refilled = False
        if state is PrinterState.PAUSED and status.is_paused and not self._had_trouble:
            self._is_stopped_by_hand = True
        if state in GOES_ON:
            self._had_trouble = False
            self._ill_since_s = None
            if status.state is PrinterState.PRINTING:
                self._resumes = 0
        else:
            self._had_trouble |= state is not PrinterState.PAUSED and not self._is_stopped_by_hand
            if self._ill_since_s is None:
                self._ill_since_s = self._clock.monotonic_s()

    @property
    def wants_resume(self) -> bool:
        if not self._status.is_paused or not self._had_trouble or self._is_stopped_by_hand:
            return False
        now_s = self._clock.monotonic_s()
        is_mended = self._status.state is PrinterState.PAUSED or self._is_refilled
        is_old = self._ill_since_s is not None and now_s - self._ill_since_s >= _TRIED_AFTER_S
        return (is_mended or is_old) and now_s >= self._resume_at_s

    def note_resumed(self) -> None:
        """It was told to go on."""
        self._resumes += 1
        self._is_refilled = False
        pause = pause_s(self._resumes, _FIRST_RESUME_S, _LONGEST_RESUME_S)
        self._resume_at_s = self._clock.monotonic_s() + pause

    def note_refilled(self) -> None:
        """Staff counted its paper or ink: whatever the printer still says, it may go on."""
        self._is_refilled = True
        self._resume_at_s = 0.0

    @property
    def shown(self) -> PrinterStatus:
        """How it stands, silence included."""
        return replace(self._status, state=PrinterState.SILENT) if self.is_silent else self._status

    @property
    def is_out(self) -> bool:
        """Whether nothing is to be sold on it for now."""
        if self._status.state in EMPTY:
            return True
        since_s = self._ill_since_s
        if since_s is None and self._patience_s is not None and self.is_silent:
            since_s = self._moved_at_s + self._patience_s
        return since_s is not None and self._clock.monotonic_s() - since_s >= OUT_AFTER_S

    # -- its jobs ---------------------------------------------------------------------------------

    def note_jobs(self, jobs: Sequence[SpoolJob]) -> None:
        """Those of ours at the server, the oldest first."""
        going = [job for job in jobs if job.state not in _OVER]
        seen = tuple((job.spool_id, job.state, job.sheets_done) for job in going)
        if seen != self._seen or not going or self._status.state not in GOES_ON:
            self._moved_at_s = self._clock.monotonic_s()
        self._seen = seen
        self._patience_s = moves_within_s(going[0].sheets_done) if going else None

    @property
    def is_silent(self) -> bool:
        """Whether its job does not move for longer than printing takes, and nobody says why."""
        if self._patience_s is None or self._status.state not in GOES_ON:
            return False
        return self._clock.monotonic_s() - self._moved_at_s > self._patience_s

    # -- its server -------------------------------------------------------------------------------

    @property
    def is_resting(self) -> bool:
        """Whether it failed a moment ago, and is left alone until it is tried again."""
        return self._clock.monotonic_s() < self._try_at_s

    def note_fault(self) -> None:
        self._faults += 1
        self._try_at_s = self._clock.monotonic_s() + pause_s(self._faults, _FIRST_PAUSE_S, _LONGEST_PAUSE_S)

    def note_served(self) -> None:
        self._faults = 0
