"""Each visitor who begins is counted once, with whether they found photos, and nothing of them is kept."""

from __future__ import annotations

from datetime import datetime

import pytest

from kiosk.clock import ManualClock
from kiosk.events import EventBus
from kiosk.session.found import found_of
from kiosk.session.session import Session
from kiosk.session.states import Action, Screen
from kiosk.session.view import EventCard
from kiosk.settings import Settings
from kiosk.staff.visitors import VisitorTally
from tests.visit import photo

A = Action


class Counts:
    def __init__(self) -> None:
        self.added: list[tuple[str, datetime, int, int, int]] = []

    def add(self, event_id: str, at: datetime, visitors: int, found: int, not_found: int) -> None:
        self.added.append((event_id, at, visitors, found, not_found))


def walked(*actions: Action, event: bool = True) -> list[tuple[int, int, int]]:
    clock = ManualClock()
    session, counts = Session(Settings(), EventBus(), clock), Counts()
    session.event = EventCard("run", "Run", "", 3, None, ()) if event else None
    VisitorTally(session, counts, lambda job: job())
    began = clock.now()
    for action in actions:
        if action is A.FOUND:
            session.screen = Screen.SEARCHING
            session.visitor.found = found_of([photo(1)])
        session.go(action)
        clock.advance(60)
    assert all(each[:2] == ("run", began) for each in counts.added)
    return [each[2:] for each in counts.added]


@pytest.mark.parametrize(
    ("actions", "counted"),
    [
        ((A.START, A.FINISH, A.CLOSE), [(1, 0, 0)]),
        ((A.START, A.FOUND, A.FINISH, A.CLOSE), [(1, 1, 0)]),
        ((A.GO_MANUAL, A.FOUND, A.RETAKE, A.FOUND, A.FINISH, A.CLOSE), [(1, 1, 0)]),
        ((A.START, A.FOUND, A.FOUND_NOTHING, A.FINISH, A.CLOSE), [(1, 1, 0)]),
        ((A.START, A.FAIL, A.RECOVER), [(1, 0, 0)]),
        ((A.OPEN_ORDER, A.FINISH, A.CLOSE), []),
        ((A.START,), []),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_who_began_and_what_became_of_it(
    actions: tuple[Action, ...], counted: list[tuple[int, int, int]]
) -> None:
    assert walked(*actions) == counted


def test_without_an_event_there_is_nobody_to_count() -> None:
    assert walked(A.START, A.FINISH, A.CLOSE, event=False) == []
