"""What the workers tell the rest."""

from __future__ import annotations

from dataclasses import dataclass

from kiosk.events import Event


@dataclass(frozen=True, slots=True)
class WorkerFailed(Event):
    """A worker met a bug, or a fault that no second try mends. `code` is the error's stable code, empty for
    a bug; `has_given_up` says that it will not be started again by itself."""

    worker: str
    code: str
    has_given_up: bool
