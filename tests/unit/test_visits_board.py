"""What the screens draw from is told in order, whoever changes it and whoever hears of it."""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import pytest

from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.visits.board import Board
from kiosk.visits.ports import Today
from kiosk.visits.told import StoreChanged, StoreNotice, StoreView
from kiosk.visits.types import Held, Site

NOON = datetime(2026, 11, 1, 5, tzinfo=UTC)
FIRST = StoreNotice("store.notice.purged")
SECOND = StoreNotice("store.notice.stream_off")


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def board(bus: EventBus) -> Board:
    site = Site("shop", "Shop", NOON)
    held = Held(0, 0, 0, 0, 0, 0, 0, None, 90, None, None)
    view = StoreView(
        language=Language.ENGLISH,
        timezone="Asia/Bangkok",
        site=site,
        sites=(site,),
        streams=(),
        today=Today(NOON),
        held=held,
        knows_returning=False,
        keeps_pictures=False,
        stay_minutes=30,
        returning_days=90,
        consent_version="1",
        operator="Shop",
    )
    return Board(view, bus)


def test_only_what_is_another_thing_now_is_told_and_a_notice_always(board: Board, bus: EventBus) -> None:
    told: list[StoreChanged] = []
    bus.subscribe(StoreChanged, told.append)
    board.change(language=Language.ENGLISH)
    assert told == []
    board.change(language=Language.THAI)
    board.notice(FIRST)
    board.notice(FIRST)
    assert [(one.view.language, one.view.notice) for one in told] == [
        (Language.THAI, None),
        (Language.THAI, FIRST),
        (Language.THAI, FIRST),
    ]


def test_of_two_threads_the_later_view_is_told_last(board: Board, bus: EventBus) -> None:
    told: list[StoreNotice | None] = []
    is_hearing, goes_on = threading.Event(), threading.Event()

    def hear(changed: StoreChanged) -> None:
        if changed.view.notice == FIRST:
            is_hearing.set()
            assert goes_on.wait(5)
        told.append(changed.view.notice)

    bus.subscribe(StoreChanged, hear)
    slow = threading.Thread(target=board.notice, args=(FIRST,))
    slow.start()
    assert is_hearing.wait(5)
    board.notice(SECOND)
    goes_on.set()
    slow.join(5)
    assert told == [FIRST, SECOND]
    assert board.view.notice == SECOND


def test_whoever_hears_of_a_change_may_change_it_and_all_hear_in_order(board: Board, bus: EventBus) -> None:
    told: list[StoreNotice | None] = []

    def answer(changed: StoreChanged) -> None:
        if changed.view.notice == FIRST:
            board.change(notice=SECOND)

    bus.subscribe(StoreChanged, answer)
    bus.subscribe(StoreChanged, lambda one: told.append(one.view.notice))
    board.notice(FIRST)
    assert told == [FIRST, SECOND]
