"""When a kiosk asks for its update, and what it tells of it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.updates.care import Around, Hours, UpdateCare, UpdatesShown
from kiosk.updates.journal import Journal, Kept, Outcome, Result, Step, write_journal
from kiosk.updates.package import Installed
from kiosk.updates.places import RootPlaces, StagingPlaces
from kiosk.updates.request import Wanted, read_request
from kiosk.updates.staging import Offer, Staging
from kiosk.updates.wish import When
from tests.updates import ARCHITECTURE, Signer

BANGKOK = ZoneInfo("Asia/Bangkok")
NOON = datetime(2026, 11, 20, 5, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
NAME = f"photo-kiosk_0.2.0_{ARCHITECTURE}.deb"


class World:
    """A kiosk whose surroundings a test sets."""

    def __init__(self, folder: Path) -> None:
        self.signer = Signer.new()
        self.clock = ManualClock(NIGHT)
        self.places, self.root = StagingPlaces(folder / "home"), RootPlaces(folder / "packages")
        self.root.folder.mkdir(parents=True)
        self.is_quiet = self.by_itself = True
        self.is_open = False
        self.heard: list[Result] = []
        self.shown: list[UpdatesShown] = []
        keys = self.signer.publish(folder / "update.pub")
        installed = Installed("0.1.0", ARCHITECTURE)
        self.staging = Staging(self.places, keys, installed)
        bus = EventBus()
        bus.subscribe(UpdatesShown, self.shown.append)
        around = Around(
            is_quiet=lambda: self.is_quiet,
            hours=lambda: Hours(time(2), time(5), BANGKOK),
            is_open=lambda _: self.is_open,
            by_itself=lambda: self.by_itself,
            hear=self.heard.append,
        )
        self.source = Centre()
        self.care = UpdateCare(
            self.staging, self.places, self.root, installed, keys, around, self.clock, bus, self.source
        )
        self._file = folder / NAME

    def stage(self) -> None:
        self._file.write_bytes(os.urandom(5000))
        self.signer.sign(self._file)
        self.staging.take(self._file)

    def look(self) -> None:
        """One round of the worker."""

        class Once(threading.Event):
            def wait(self, timeout: float | None = None) -> bool:
                self.set()
                return True

        self.care.run(Once())

    @property
    def asked(self) -> Wanted | None:
        request = read_request(self.places.request)
        return request.wanted if request else None


class Centre:
    """Offers nothing, or fails."""

    def __init__(self) -> None:
        self.asked = 0
        self.fault: KnownError | None = None

    def offer(self, installed: Installed) -> Offer | None:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return None

    def part(self, offer: Offer, start: int, size: int) -> bytes:
        raise AssertionError("nothing is offered")


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_at_night_an_update_that_is_ready_is_asked_for_once(world: World) -> None:
    world.look()
    assert world.asked is None
    world.stage()
    world.look()
    assert (world.asked, world.care.is_asked) == (None, True), "first nobody new may begin"
    world.look()
    assert world.asked is Wanted.APPLY
    assert world.care.is_asked
    first = read_request(world.places.request)
    world.look()
    assert read_request(world.places.request) == first
    world.clock.advance(16 * 60)
    world.look()
    world.look()
    again = read_request(world.places.request)
    assert again is not None
    assert again != first, "nothing came of it: it is asked for again"
    assert world.care.is_asked


def by_day(world: World) -> None:
    world.clock.set_by((NOON - NIGHT).total_seconds())


def busy(world: World) -> None:
    world.is_quiet = False


def open_late(world: World) -> None:
    world.is_open = True


def by_hand(world: World) -> None:
    world.by_itself = False


def failed_before(world: World) -> None:
    write_journal(world.root.journal, Journal(failed={"0.2.0": "U-110"}))


def exchanged(world: World) -> None:
    (world.places.staged / NAME).write_bytes(b"another")


@pytest.mark.parametrize("how", [by_day, busy, open_late, by_hand, failed_before, exchanged])
def test_it_is_not_asked_for(world: World, how: Callable[[World], None]) -> None:
    world.stage()
    how(world)
    world.look()
    world.look()
    assert world.asked is None
    assert not world.care.is_asked


def test_a_visitor_who_slips_in_before_the_door_is_shut_is_served_first(world: World) -> None:
    world.stage()
    world.look()
    busy(world)
    world.look()
    assert (world.asked, world.care.is_asked) == (None, False)
    world.is_quiet = True
    world.look()
    world.look()
    assert world.asked is Wanted.APPLY


def test_a_package_that_was_exchanged_is_thrown_away_and_told(world: World) -> None:
    world.stage()
    exchanged(world)
    world.look()
    world.look()
    assert world.staging.ready() is None
    assert [(told.outcome, told.version, told.code) for told in world.heard] == [
        (Outcome.REFUSED, "0.2.0", ErrorCode.UPDATE_FORGED.value)
    ]


def test_nobody_begins_until_it_is_known_whether_the_version_stays(world: World) -> None:
    """A sale between would be lost if the version went back with the data of before."""
    write_journal(world.root.journal, Journal(Step.STARTING))
    world.look()
    assert world.care.is_asked
    last = Result(Outcome.DONE, "0.2.0", "0.1.0", NIGHT)
    write_journal(world.root.journal, Journal(last=last))
    world.look()
    assert not world.care.is_asked


def test_a_root_that_hangs_keeps_nobody_away_for_ever(world: World) -> None:
    write_journal(world.root.journal, Journal(Step.CHECKING))
    world.look()
    world.clock.advance(14 * 60)
    world.look()
    assert world.care.is_asked
    world.clock.advance(2 * 60)
    world.look()
    assert not world.care.is_asked


def test_a_refusal_opens_the_door_at_once(world: World) -> None:
    world.stage()
    world.look()
    world.look()
    assert world.care.is_asked
    last = Result(Outcome.REFUSED, "", "0.1.0", NIGHT, ErrorCode.UPDATE_INTERRUPTED.value)
    write_journal(world.root.journal, Journal(last=last))
    world.look()
    assert not world.care.is_asked
    assert world.staging.ready() is not None, "it is tried again"


def test_a_technician_s_now_is_at_any_hour_but_not_over_a_visitor(world: World) -> None:
    world.stage()
    by_day(world)
    world.care.wish(When.NOW, "Tom")
    busy(world)
    world.look()
    assert world.asked is None
    world.is_quiet = True
    world.look()
    world.look()
    assert world.asked is Wanted.APPLY


def test_tonight_counts_where_nothing_is_done_by_itself(world: World) -> None:
    world.stage()
    by_hand(world)
    world.care.wish(When.TONIGHT, "Tom")
    by_day(world)
    world.look()
    assert world.asked is None
    world.clock.set_by((NIGHT - NOON).total_seconds())
    world.look()
    world.look()
    assert world.asked is Wanted.APPLY


def test_a_choice_without_an_update_is_refused(world: World) -> None:
    for when, code in ((When.NOW, ErrorCode.UPDATE_NONE), (When.UNDO, ErrorCode.UPDATE_NO_WAY_BACK)):
        with pytest.raises(KnownError) as refused:
            world.care.wish(when, "Tom")
        assert refused.value.code is code


def test_the_way_back_is_asked_for_where_there_is_one(world: World) -> None:
    write_journal(world.root.journal, Journal(before=Kept("0.0.9", "x.deb", "0006")))
    world.care.wish(When.UNDO, "Tom")
    world.look()
    world.look()
    assert world.asked is Wanted.UNDO


def test_how_it_went_is_heard_once_and_told(world: World) -> None:
    world.stage()
    last = Result(Outcome.ROLLED_BACK, "0.2.0", "0.1.0", NIGHT, "U-110", "weights")
    world.care.wish(When.TONIGHT, "Tom")
    write_journal(world.root.journal, Journal(last=last, failed={"0.2.0": "U-110"}))
    world.look()
    world.look()
    assert world.heard == [last]
    assert world.staging.ready() is None, "what failed is not kept ready"
    assert not world.places.wish.exists()
    assert world.care.facts() == {
        "update_ready": "",
        "update_outcome": "rolled_back",
        "update_version": "0.2.0",
        "update_code": "U-110",
    }
    assert world.shown[-1].last == last


def test_a_centre_that_is_away_is_asked_again_in_an_hour(world: World) -> None:
    world.source.fault = KnownError(ErrorCode.CENTRE_UNREACHABLE, "The cable is out.")
    world.look()
    world.look()
    assert world.source.asked == 1
    assert world.shown[-1].code == ErrorCode.CENTRE_UNREACHABLE.value
    world.source.fault = None
    world.clock.advance(3600)
    world.look()
    assert world.source.asked == 2
    assert world.shown[-1].code == ""
    world.care.check_soon()
    world.look()
    assert world.source.asked == 3


def test_a_broken_journal_is_told_on_the_page(world: World) -> None:
    world.stage()
    world.root.journal.write_bytes(b"nonsense")
    world.look()
    assert world.shown[-1].code == ErrorCode.UPDATE_UNREADABLE.value
    assert world.care.facts() == {"update_ready": "0.2.0"}


@pytest.mark.parametrize(
    ("start", "until", "hour", "has"),
    [
        (0, 0, 12, True),
        (2, 5, 2, True),
        (2, 5, 5, False),
        (23, 4, 1, True),
        (23, 4, 23, True),
        (23, 4, 12, False),
    ],
)
def test_hours_go_over_midnight(start: int, until: int, hour: int, has: bool) -> None:
    local = datetime(2026, 11, 20, hour, 0, tzinfo=BANGKOK)
    assert Hours(time(start), time(until), BANGKOK).has(local.astimezone(UTC)) is has


def test_shown_is_told_anew_only_when_it_changed(world: World) -> None:
    world.look()
    count = len(world.shown)
    world.look()
    assert len(world.shown) == count


def test_a_folder_of_updates_that_cannot_be_written_is_said_and_nothing_is_told_twice(world: World) -> None:
    last = Result(Outcome.DONE, "0.2.0", "0.1.0", NIGHT)
    write_journal(world.root.journal, Journal(last=last))
    world.places.home.mkdir(parents=True, exist_ok=True)
    world.places.folder.write_text("in the way")
    world.look()
    world.look()
    assert world.heard == [last]
    assert world.shown[-1].code == ErrorCode.FOLDER_NOT_WRITABLE
    world.places.folder.unlink()
    world.look()
    assert (world.heard, world.shown[-1].code) == ([last], "")
