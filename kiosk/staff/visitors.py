"""Counts visitors and whether they found photos, by the hour: numbers, and nothing of anybody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from kiosk.session.session import ScreenChange, Session
from kiosk.session.states import Screen
from kiosk.staff.ports import VisitorCounts

_BEGINS = frozenset({Screen.CONSENT, Screen.MANUAL})


@dataclass(slots=True)
class _Visit:
    """Somebody who has begun; in memory only."""

    event_id: str
    at: datetime
    has_found: bool = False
    has_found_nothing: bool = False


class VisitorTally:
    """One for each who leaves the attract page to look for photos; whoever comes with an order's code has
    been counted before. Written down once they have gone, on `submit`'s worker. Lives on the session's
    lock."""

    def __init__(
        self, session: Session, counts: VisitorCounts, submit: Callable[[Callable[[], None]], None]
    ) -> None:
        self._session = session
        self._counts = counts
        self._submit = submit
        self._visit: _Visit | None = None
        session.on_screen_change(self._follow)

    def _follow(self, change: ScreenChange) -> None:
        if change.left is Screen.ATTRACT and change.entered in _BEGINS:
            event = self._session.event
            self._visit = _Visit(event.event_id, self._session.clock.now()) if event else None
        if self._visit is None:
            return
        self._visit.has_found |= change.entered is Screen.RESULTS
        self._visit.has_found_nothing |= change.entered is Screen.NO_MATCH
        if change.entered in (Screen.ATTRACT, Screen.OUT_OF_SERVICE):
            self._end(self._visit)

    def _end(self, visit: _Visit) -> None:
        self._visit = None
        has_not_found = visit.has_found_nothing and not visit.has_found
        self._submit(
            partial(self._counts.add, visit.event_id, visit.at, 1, int(visit.has_found), int(has_not_found))
        )
