"""What the screens of store mode draw from: one snapshot, told anew whenever something in it changes."""

from __future__ import annotations

import threading
from collections import deque
from dataclasses import replace
from typing import Any

from kiosk.events import EventBus
from kiosk.visits.told import StoreChanged, StoreNotice, StoreView


class Board:
    """Keeps the newest view. Any thread.

    Views are told in the order in which they came to be, by one thread at a time: what changes while a view
    is told, also by whoever hears it, is told by the same thread right after.
    """

    def __init__(self, first: StoreView, bus: EventBus) -> None:
        self._view = first
        self._bus = bus
        self._lock = threading.Lock()
        self._untold: deque[StoreView] = deque()
        self._telling = threading.Lock()

    @property
    def view(self) -> StoreView:
        """What the screens show now."""
        return self._view

    def change(self, **parts: Any) -> None:
        """Puts these in place of what the view says; told only where something is another thing now."""
        with self._lock:
            changed = replace(self._view, **parts)
            if changed == self._view:
                return
            self._put(changed)
        self._tell()

    def notice(self, notice: StoreNotice | None) -> None:
        """A sentence for staff, also where it is the one before; None takes it away."""
        with self._lock:
            self._put(replace(self._view, notice=notice))
        self._tell()

    def _put(self, view: StoreView) -> None:
        self._view = view
        self._untold.append(view)

    def _tell(self) -> None:
        # Looked at again after letting go: whoever came meanwhile has left it to this thread.
        while self._untold and self._telling.acquire(blocking=False):
            try:
                while self._untold:
                    self._bus.publish(StoreChanged(self._untold.popleft()))
            finally:
                self._telling.release()
