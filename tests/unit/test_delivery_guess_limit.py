"""Guessing links is slowed down, by address, for a while."""

from __future__ import annotations

from kiosk.clock import ManualClock
from kiosk.delivery.guess_limit import GuessLimit


def test_address_waits_after_too_many_misses_and_is_let_in_again() -> None:
    clock = ManualClock()
    limit = GuessLimit(clock, most=3, window_s=60)
    for _ in range(3):
        assert limit.wait_s("10.0.0.5") == 0
        limit.note_miss("10.0.0.5")
        clock.advance(10)
    assert limit.wait_s("10.0.0.5") == 30
    assert limit.wait_s("10.0.0.6") == 0
    clock.advance(30)
    assert limit.wait_s("10.0.0.5") == 0


def test_memory_stays_bounded_and_the_latest_stay_barred() -> None:
    limit = GuessLimit(ManualClock(), most=1, most_addresses=10)
    for number in range(100):
        limit.note_miss(f"10.0.0.{number}")
    barred = [number for number in range(100) if limit.wait_s(f"10.0.0.{number}") > 0]
    assert barred == list(range(90, 100))
