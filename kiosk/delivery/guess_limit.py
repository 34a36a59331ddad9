"""A brake on guessing: whoever asks for many unknown links or codes has to wait."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque

from kiosk.clock import Clock


class GuessLimit:
    """Counts misses by address over a sliding window. Thread-safe; memory is bounded.

    `most` misses within `window_s` seconds bar the address until the oldest of them has left the window.
    """

    def __init__(
        self, clock: Clock, most: int = 30, window_s: float = 60.0, most_addresses: int = 4096
    ) -> None:
        self._clock = clock
        self._most = most
        self._window_s = window_s
        self._most_addresses = most_addresses
        self._misses: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait_s(self, address: str) -> float:
        """Seconds that the address has to wait; 0.0 means it may ask."""
        now = self._clock.monotonic_s()
        with self._lock:
            misses = self._misses.get(address)
            if misses is None:
                return 0.0
            while misses and now - misses[0] >= self._window_s:
                misses.popleft()
            return misses[0] + self._window_s - now if len(misses) >= self._most else 0.0

    def note_miss(self, address: str) -> None:
        """The address asked for a link that does not exist."""
        with self._lock:
            misses = self._misses.setdefault(address, deque(maxlen=self._most))
            misses.append(self._clock.monotonic_s())
            self._misses.move_to_end(address)
            while len(self._misses) > self._most_addresses:
                self._misses.popitem(last=False)
