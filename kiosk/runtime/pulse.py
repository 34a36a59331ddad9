"""Whether worker threads still move: each looks at its stop event again and again, a sign of life."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

SILENT_S = 120.0
"""A worker that looks at its stop event every two seconds is frozen after so long without a look."""
PATIENT_S = 1800.0
"""The same for one that does long work in one go: an index made anew, a copy of the database, a day's
payments asked about one by one."""

_lock = threading.Lock()
_beating: set[StopEvent] = set()


class StopEvent(threading.Event):
    """Tells a worker's thread to end, and takes each look of that thread at it for a sign of life.

    While the thread waits for the event it is well, however long that is; in between it is frozen once it
    has not looked for `silent_s`.
    """

    def __init__(self, name: str = "", silent_s: float = SILENT_S) -> None:
        super().__init__()
        self.name = name
        self._silent_s = silent_s
        self._own: int | None = None
        self._rests = 0
        self._due_s = math.inf

    @contextmanager
    def beating(self) -> Iterator[None]:
        """The calling thread is the one that has to look, until the block ends."""
        self._own = threading.get_ident()
        self.beat()
        with _lock:
            _beating.add(self)
        try:
            yield
        finally:
            with _lock:
                _beating.discard(self)

    @contextmanager
    def resting(self) -> Iterator[None]:
        """The thread waits for something to do, however long, until the block ends."""
        self._rests += 1
        self._due_s = math.inf
        try:
            yield
        finally:
            self._rests -= 1
            self.beat()

    def beat(self) -> None:
        """A sign of life of work that takes long in one go; from any thread."""
        if not self._rests:
            self._due_s = time.monotonic() + self._silent_s

    def is_late(self, now_s: float) -> bool:
        """Whether the thread should have looked by now (monotonic), and was not told to end."""
        return now_s > self._due_s and not super().is_set()

    def is_set(self) -> bool:
        if threading.get_ident() == self._own:
            self.beat()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        if threading.get_ident() != self._own:
            return super().wait(timeout)
        with self.resting():
            return super().wait(timeout)


def frozen_workers(now_s: float | None = None) -> tuple[str, ...]:
    """The names of this process's workers that have not looked up for too long. Any thread."""
    at_s = time.monotonic() if now_s is None else now_s
    with _lock:
        return tuple(sorted(event.name for event in _beating if event.is_late(at_s)))
