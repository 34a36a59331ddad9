"""Time as the kiosk sees it: UTC wall clock and a monotonic one, replaceable in tests."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The wall clock, timezone-aware, in UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that only grow, for spans."""
        ...

    def since_boot_s(self) -> float:
        """Seconds that only grow, and go on while the machine is asleep."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        return time.monotonic()

    def since_boot_s(self) -> float:
        # Python's monotonic clock stands still in a sleeping Linux or macOS, and goes on in Windows.
        for clock in ("CLOCK_BOOTTIME", "CLOCK_MONOTONIC"):
            if hasattr(time, clock):
                return time.clock_gettime(getattr(time, clock))
        return time.monotonic()


class ManualClock:
    """A clock that moves only when told to, for tests."""

    def __init__(self, start: datetime | None = None) -> None:
        self._now = start or datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic_s(self) -> float:
        return self._monotonic_s

    def since_boot_s(self) -> float:
        return self._monotonic_s

    def advance(self, seconds: float) -> None:
        """Moves both clocks on."""
        self._now += timedelta(seconds=seconds)
        self._monotonic_s += seconds

    def set_by(self, seconds: float) -> None:
        """Sets the wall clock, forwards or backwards, while no time passes."""
        self._now += timedelta(seconds=seconds)
