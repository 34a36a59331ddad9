"""When a stay is over, and when a clock was set."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kiosk.clock import ManualClock, SystemClock
from kiosk.gallery.types import Thresholds
from kiosk.visits.clock_jumps import ClockJumps
from kiosk.visits.stay_rules import StayRules

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("minutes", "is_over"), [(0, False), (29, False), (30, True), (-29, False), (-30, True), (60 * 24, True)]
)
def test_a_stay_is_over_after_a_pause_also_where_its_time_is_ahead(minutes: int, is_over: bool) -> None:
    now = ManualClock().now()
    assert StayRules(stay_minutes=30).is_over(now - minutes * MINUTE, now) is is_over


def test_strangers_are_told_apart_by_what_is_a_maybe() -> None:
    assert StayRules().same_from(Thresholds(match=0.45, maybe=0.35, kin=0.47)) == 0.35


def test_a_jump_is_told_until_it_was_followed_and_small_steps_are_told_together() -> None:
    clock = ManualClock()
    jumps = ClockJumps(clock, 30 * MINUTE)
    clock.advance(86_400)
    assert jumps.newest() == timedelta()
    clock.set_by(-3600)
    clock.advance(60)
    for _ in range(2):
        assert jumps.newest() == timedelta(hours=-1)
    jumps.followed(timedelta(hours=-1))
    assert jumps.newest() == timedelta()
    clock.set_by(20 * 60)
    assert jumps.newest() == timedelta()
    clock.set_by(20 * 60)
    assert jumps.newest() == timedelta(minutes=40)


def test_the_machines_own_clock_has_not_jumped() -> None:
    clock = SystemClock()
    before_s = clock.since_boot_s()
    assert ClockJumps(clock, MINUTE).newest() == timedelta()
    assert clock.since_boot_s() >= before_s
