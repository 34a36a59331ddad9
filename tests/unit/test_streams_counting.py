"""What was seen reaches the book, once and in order, also when the book is away for a while."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta

import numpy as np
import pytest

from kiosk.clock import ManualClock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.types import WorkerFailed
from kiosk.streams.counting import END_S, LINES_S, TOUCH_S, Counting
from kiosk.streams.waiting import MOST_PICTURES, MOST_WAITING, Presence, Waiting
from kiosk.vision.types import EMBEDDING_SIZE, Embedding
from kiosk.visits.types import FaceKind, Sighting, Stay

NOW = ManualClock().now()
PICTURE = np.zeros((8, 8, 3), np.uint8)
AWAY = KnownError(ErrorCode.DATABASE_UNREACHABLE, "It is away.", "Wait.")


def sighting(person: str | None = "ann", after_s: float = 0.0, picture: bool = False) -> Sighting:
    vector = np.zeros(EMBEDDING_SIZE, np.float32)
    vector[0] = 1.0
    at = NOW + timedelta(seconds=after_s)
    return Sighting("site", "door", at, person, Embedding(vector, "c"), picture=PICTURE if picture else None)


class Book:
    """Notes what it is told; `fault` is raised instead, `refuses` by one person's sightings alone."""

    def __init__(self) -> None:
        self.fault: Exception | None = None
        self.refuses: dict[str | None, Exception] = {}
        self.told: list[tuple[object, ...]] = []
        self.seen = threading.Event()
        self.stays = 0

    def see(self, one: Sighting) -> Stay:
        self._check()
        if one.person_id in self.refuses:
            raise self.refuses[one.person_id]
        self.told.append(("see", one.person_id, one.stay_id, one.at))
        self.stays += one.stay_id is None
        self.seen.set()
        return Stay(one.stay_id or f"stay-{self.stays}", FaceKind.KNOWN, one.person_id, "", 1, True)

    def touch(self, stays: Mapping[str, datetime]) -> None:
        self._check()
        self.told.append(("touch", dict(stays)))

    def end_due(self, now: datetime) -> int:
        self._check()
        self.told.append(("end", now))
        return 0

    def count_line(self, stream_id: str, at: datetime, came_in: int, went_out: int) -> None:
        self._check()
        self.told.append(("line", stream_id, at, came_in, went_out))

    def of(self, kind: str) -> list[tuple[object, ...]]:
        return [one[1:] for one in self.told if one[0] == kind]

    def _check(self) -> None:
        if self.fault is not None:
            raise self.fault


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def bus() -> EventBus:
    return EventBus()


@pytest.fixture
def counting(book: Book, bus: EventBus, clock: ManualClock) -> Counting:
    return Counting(book, bus, clock)  # type: ignore[arg-type]


def test_the_answer_of_the_book_comes_back(counting: Counting, book: Book) -> None:
    presence = Presence()
    counting.saw(presence, sighting())
    counting.write()

    assert presence.stay is not None
    assert presence.stay.stay_id == "stay-1"
    assert book.of("see") == [("ann", None, NOW)]


def test_what_is_decided_later_corrects_the_stay(counting: Counting, book: Book) -> None:
    presence = Presence()
    counting.saw(presence, sighting(None))
    counting.write()
    counting.saw(presence, sighting("ann", after_s=2))
    counting.write()

    assert [one[:2] for one in book.of("see")] == [(None, None), ("ann", "stay-1")]


def test_somebody_corrected_while_the_book_is_away_is_one_visit(counting: Counting, book: Book) -> None:
    book.fault = AWAY
    presence, other = Presence(), Presence()
    counting.saw(presence, sighting(None))
    counting.saw(other, sighting("bob", after_s=1))
    with pytest.raises(KnownError):
        counting.write()
    counting.saw(presence, sighting("ann", after_s=2))
    book.fault = None
    counting.write()

    assert book.of("see") == [("ann", None, NOW), ("bob", None, NOW + timedelta(seconds=1))]


def test_touches_come_every_few_seconds_the_newest_of_each_stay(
    counting: Counting, book: Book, clock: ManualClock
) -> None:
    one, again, unknown = Presence(), Presence(), Presence()
    counting.saw(one, sighting())
    counting.write()
    again.stay = one.stay  # another track of the same stay
    for second in range(4):
        counting.still_there(one, NOW + timedelta(seconds=second))
        counting.write()
    counting.still_there(again, NOW + timedelta(seconds=2))
    counting.still_there(unknown, NOW)
    assert book.of("touch") == []

    clock.advance(TOUCH_S)
    counting.write()
    assert book.of("touch") == [({"stay-1": NOW + timedelta(seconds=3)},)]
    clock.advance(TOUCH_S)
    counting.write()
    assert len(book.of("touch")) == 1


def test_a_touch_waits_for_the_stay_that_it_belongs_to(
    counting: Counting, book: Book, clock: ManualClock
) -> None:
    """Whoever left while the book was away was there until then."""
    book.fault = AWAY
    presence = Presence()
    counting.saw(presence, sighting())
    counting.still_there(presence, NOW + timedelta(seconds=40))
    clock.advance(60)
    with pytest.raises(KnownError):
        counting.write()
    book.fault = None
    counting.write()

    assert [kind[0] for kind in book.told] == ["see", "touch", "end"]
    assert book.of("touch") == [({"stay-1": NOW + timedelta(seconds=40)},)]


def test_stays_end_when_it_is_due_and_never_before_what_waits(
    counting: Counting, book: Book, clock: ManualClock
) -> None:
    clock.advance(END_S)
    book.fault = AWAY
    counting.saw(Presence(), sighting())
    with pytest.raises(KnownError):
        counting.write()
    assert book.told == []
    book.fault = None
    counting.write()
    counting.write()

    assert [kind[0] for kind in book.told] == ["see", "end"]


def test_crossings_add_up_by_the_hour_and_none_is_lost_or_doubled(
    counting: Counting, book: Book, clock: ManualClock
) -> None:
    clock.advance(3600 - 1 - clock.now().minute * 60)
    counting.lines("door", 2, 0)
    counting.lines("door", 1, 1)
    counting.lines("back", 0, 0)
    book.fault = AWAY
    with pytest.raises(KnownError):
        counting.write(everything=True)
    clock.advance(2)
    counting.lines("door", 0, 4)
    book.fault = None
    clock.advance(LINES_S)
    counting.write()
    counting.write(everything=True)

    assert [(name, came, went) for name, _, came, went in book.of("line")] == [("door", 3, 1), ("door", 0, 4)]
    assert book.of("line")[0][1].hour + 1 == book.of("line")[1][1].hour  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "fault", [ValueError("a bug"), KnownError(ErrorCode.SITE_UNKNOWN, "No such site.", "Add it.")]
)
def test_one_that_the_book_will_never_take_does_not_keep_the_others(
    counting: Counting, book: Book, fault: Exception, clock: ManualClock
) -> None:
    book.refuses["ann"] = fault
    refused = Presence()
    counting.saw(refused, sighting("ann"))
    counting.still_there(refused, NOW)
    counting.saw(Presence(), sighting("bob"))
    clock.advance(TOUCH_S)
    counting.write()

    assert [one[0] for one in book.of("see")] == ["bob"]
    assert book.of("touch") == []
    book.refuses.clear()
    counting.write()
    assert [one[0] for one in book.of("see")] == ["bob"]


def test_a_full_disk_loses_nothing(counting: Counting, book: Book) -> None:
    book.refuses["ann"] = KnownError(ErrorCode.DISK_FULL, "The disk is full.", "Make room.")
    counting.saw(Presence(), sighting("ann"))
    for _ in range(10):
        with pytest.raises(KnownError):
            counting.write()
    book.refuses.clear()
    counting.write()

    assert [one[0] for one in book.of("see")] == ["ann"]


def test_what_waits_is_bounded_and_keeps_few_pictures() -> None:
    waiting = Waiting()
    presences = [Presence() for _ in range(MOST_WAITING + 5)]
    for place, presence in enumerate(presences):
        waiting.add(presence, sighting(after_s=place, picture=True))

    assert len(waiting) == MOST_WAITING
    kept = []
    while (first := waiting.first()) is not None:
        kept.append(first)
        waiting.seen(*first)
    assert kept[0][0] is presences[5]
    assert [one.picture is not None for _, one in kept] == [False] * (MOST_WAITING - MOST_PICTURES) + [
        True
    ] * MOST_PICTURES


def test_what_comes_while_the_book_writes_is_not_taken_for_written() -> None:
    waiting, presence = Waiting(), Presence()
    waiting.add(presence, sighting(None))
    first = waiting.first()
    assert first is not None
    waiting.add(presence, sighting("ann"))
    waiting.seen(*first)

    again = waiting.first()
    assert again is not None
    assert again[1].person_id == "ann"


def test_the_worker_writes_at_once_and_all_of_it_when_it_ends(book: Book, bus: EventBus) -> None:
    counting = Counting(book, bus, SystemClock())  # type: ignore[arg-type]
    presence = Presence()
    counting.start()
    counting.saw(presence, sighting())
    assert book.seen.wait(5.0)
    counting.lines("door", 1, 0)
    counting.still_there(presence, NOW)

    assert counting.stop(5.0)
    assert not counting.is_alive
    assert [kind[0] for kind in book.told if kind[0] != "end"] == ["see", "touch", "line"]


def test_the_worker_waits_for_a_book_that_is_away_and_says_so_once(book: Book, bus: EventBus) -> None:
    told: list[WorkerFailed] = []
    bus.subscribe(WorkerFailed, told.append)
    book.fault = AWAY
    counting = Counting(book, bus, SystemClock())  # type: ignore[arg-type]
    counting.start()
    counting.saw(Presence(), sighting())
    assert not book.seen.wait(1.2)
    assert counting.is_alive
    book.fault = None
    assert book.seen.wait(5.0)
    assert counting.stop(5.0)

    assert [(one.worker, one.code) for one in told] == [("counting", "D-103")]


def test_a_book_that_stays_away_does_not_keep_the_program_from_ending(book: Book, bus: EventBus) -> None:
    book.fault = AWAY
    counting = Counting(book, bus, SystemClock())  # type: ignore[arg-type]
    counting.saw(Presence(), sighting())
    counting.start()

    assert counting.stop(1.0)


def test_of_those_whom_the_book_refused_no_touch_waits_for_ever() -> None:
    waiting, refused = Waiting(), Presence()
    waiting.add(refused, sighting(None))
    waiting.touch(refused, NOW)
    first = waiting.first()
    assert first is not None
    waiting.drop(*first)
    waiting.touch(refused, NOW + timedelta(seconds=1))
    refused.stay = Stay("stay-1", FaceKind.KNOWN, None, "", 1, True)

    assert waiting.touches() == {}
    waiting.touch(refused, NOW + timedelta(seconds=2))
    assert waiting.touches() == {refused: NOW + timedelta(seconds=2)}
