"""Waiting for what workers tell, within a bound that only a broken program reaches."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from kiosk.events import Event, EventBus

E = TypeVar("E", bound=Event)


def wait_until(is_so: Callable[[], object], timeout_s: float = 10.0) -> None:
    """Returns as soon as `is_so()`; fails the test after `timeout_s`."""
    deadline_s = time.monotonic() + timeout_s
    while not is_so():
        assert time.monotonic() < deadline_s, "it did not happen"
        time.sleep(0.01)


def heard(bus: EventBus, kind: type[E]) -> list[E]:
    """The list into which every event of `kind` goes from now on."""
    events: list[E] = []
    bus.subscribe(kind, events.append)
    return events
