"""When a process counts as frozen, when it is started again, when staff are called: no process in here."""

from __future__ import annotations

import signal
from collections import deque
from dataclasses import dataclass
from enum import StrEnum

from kiosk.errors import ErrorCode

RESTART = 75
"""Exit status of a screen that wants to be started anew (EX_TEMPFAIL)."""


class Phase(StrEnum):
    """What a process said last of itself."""

    STARTING = "starting"
    SERVING = "serving"
    STOPPING = "stopping"


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a process may be silent in each phase, in seconds, and what follows when it fails.

    A start makes indexes anew and checks the database: it may take minutes, without anybody being misled by
    a picture that stands still. A screen that is served beats once a second.
    """

    starting_s: float = 300.0
    serving_s: float = 15.0
    stopping_s: float = 30.0
    dying_s: float = 3.0
    """From SIGABRT, which leaves the places in the code, to SIGKILL."""
    first_pause_s: float = 1.0
    longest_pause_s: float = 30.0
    most_faults: int = 5
    window_s: float = 600.0
    """So many faults within so long call staff."""
    call_s: float = 300.0
    """So long staff are called before the screen is tried again by itself."""
    stall_s: float = 5.0
    """A supervisor that was not run for so long (a machine that slept) takes nobody's silence for theirs."""

    def silence_s(self, phase: Phase) -> float:
        """The longest silence of a phase."""
        return {
            Phase.STARTING: self.starting_s,
            Phase.SERVING: self.serving_s,
            Phase.STOPPING: self.stopping_s,
        }[phase]


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a process was ended or ended badly: a stable code and one line for staff."""

    code: str
    summary: str


class Watch:
    """Listens to one process from its start on."""

    def __init__(self, limits: Limits, now_s: float) -> None:
        self._limits = limits
        self._heard_s = self._looked_s = now_s
        self.phase = Phase.STARTING
        self._has_served = False
        self.told = ""
        """The code of what the process said it cannot go on for."""

    def hear(self, line: str, now_s: float) -> Fault | None:
        """Takes in what the process said; the fault that it tells of, if that is for ending it."""
        word, _, rest = line.partition(" ")
        if word == "frozen":
            return Fault(ErrorCode.WORKER_FROZEN, f"Workers did not move any more: {rest[:200]}.")
        phase = {"starting": Phase.STARTING, "beat": Phase.SERVING, "stopping": Phase.STOPPING}.get(word)
        if phase is not None:
            self.phase, self._heard_s = phase, now_s
            self._has_served |= phase is Phase.SERVING
        elif word == "fault":
            self.told = rest[:20]
        return None

    def look(self, now_s: float) -> Fault | None:
        """The fault of one that has been silent for too long."""
        if now_s - self._looked_s > self._limits.stall_s:
            self._heard_s += now_s - self._looked_s
        self._looked_s = now_s
        silent_s, limit_s = now_s - self._heard_s, self._limits.silence_s(self.phase)
        if silent_s <= limit_s:
            return None
        if self.phase is Phase.STARTING:
            return Fault(ErrorCode.START_TOO_LONG, f"It did not come up within {limit_s:.0f} s.")
        return Fault(ErrorCode.SCREEN_FROZEN, f"It gave no sign of life for {silent_s:.0f} s.")

    def ended(self, status: int) -> Fault | None:
        """The fault in an exit status (negative: a signal); None for an end that was meant."""
        if status == 0 or (status == RESTART and self._has_served):
            return None
        if self.told:
            return Fault(self.told, f"It could not go on ({self.told}) and ended with status {status}.")
        return Fault(ErrorCode.SCREEN_CRASHED, f"It ended by {_ending(status)}.")


class Faults:
    """Counts faults, and says what follows one. Pauses double; after so many faults within the window staff
    are called, and once they were, the next fault within the window calls them at once."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._at_s: deque[float] = deque(maxlen=limits.most_faults)

    def add(self, now_s: float) -> None:
        self._at_s.append(now_s)
        while self._at_s and now_s - self._at_s[0] > self._limits.window_s:
            self._at_s.popleft()

    @property
    def count(self) -> int:
        """How many there were within the window."""
        return len(self._at_s)

    @property
    def calls_staff(self) -> bool:
        return self.count >= self._limits.most_faults

    @property
    def pause_s(self) -> float:
        """Until the next start."""
        doubled = self._limits.first_pause_s * 2.0 ** max(0, self.count - 1)
        return min(self._limits.longest_pause_s, doubled)

    def note_called(self, now_s: float) -> None:
        """Staff were called till now: from here on the window counts anew, and one more fault fills it."""
        self._at_s.clear()
        self._at_s.extend([now_s] * (self._limits.most_faults - 1))


def _ending(status: int) -> str:
    if status >= 0:
        return f"itself with status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"
