"""That the wall clock was set while the program ran."""

from __future__ import annotations

import threading
from datetime import timedelta

from kiosk.clock import Clock


class ClockJumps:
    """Compares the wall clock with the one that nobody sets. A machine that slept has not jumped: time has
    really passed. Any thread."""

    def __init__(self, clock: Clock, least: timedelta) -> None:
        """Jumps of less than `least` are not told."""
        self._clock = clock
        self._least = least
        self._began = self._ahead()
        self._guard = threading.Lock()

    def newest(self) -> timedelta:
        """By how much the clock was set since the last jump that was followed; zero when it was not. What is
        left of a smaller step is kept, so that several of them in a row are told as one."""
        with self._guard:
            jump = self._ahead() - self._began
            return jump if abs(jump) >= self._least else timedelta()

    def followed(self, jump: timedelta) -> None:
        """It is not told again."""
        with self._guard:
            self._began += jump

    def _ahead(self) -> timedelta:
        epoch_s = self._clock.now().timestamp()
        return timedelta(seconds=epoch_s - self._clock.since_boot_s())
