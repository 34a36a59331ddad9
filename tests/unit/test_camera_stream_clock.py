"""How late pictures are, told from a stream's own timestamps."""

from __future__ import annotations

import math
import random

import pytest

from kiosk.camera.stream_clock import WINDOW_S, StreamClock

EVERY_S = 0.1


def after(clock: StreamClock, seconds: float, *, began_s: float = 100.0, pace: float = 1.0) -> float:
    """How late the last picture seems after a quiet time whose stamps go at `pace`."""
    late_s = 0.0
    for number in range(1, round(seconds / EVERY_S) + 1):
        late_s = clock.waited_s(began_s + number * EVERY_S, number * EVERY_S * pace)
    return late_s


def test_a_stream_that_keeps_pace_is_not_late_whatever_its_clock_begins_with() -> None:
    clock = StreamClock()
    assert clock.waited_s(5000.0, 77.0) == 0
    assert clock.waited_s(5000.1, 77.1) == pytest.approx(0, abs=1e-6)


def test_pictures_that_queue_up_are_as_late_as_they_are() -> None:
    clock = StreamClock()
    after(clock, 10)
    for number in range(1, 51):  # half the pace for 10 s: 5 s of stamps
        late_s = clock.waited_s(110 + number * 0.2, 10 + number * 0.1)
    assert late_s == pytest.approx(5.0, abs=0.01)


def test_a_queue_that_empties_is_on_time_again() -> None:
    clock = StreamClock()
    after(clock, 10)
    assert clock.waited_s(113.0, 10.1) == pytest.approx(2.9)
    for number in range(1, 30):
        late_s = clock.waited_s(113.0 + number * 0.002, 10.1 + number * 0.1)
    assert late_s == pytest.approx(0.058, abs=0.01)


def test_what_waited_before_the_connection_stood_does_not_count_as_the_way() -> None:
    """FFmpeg hands over at once what it collected while it got to know the stream."""
    clock = StreamClock()
    for number in range(1, 13):
        clock.waited_s(101.2 + number * 0.001, number * 0.1)
    assert clock.waited_s(103.3, 1.3) == pytest.approx(2.0, abs=0.02)


def test_pictures_that_come_unevenly_are_late_by_the_unevenness_only() -> None:
    clock, chance = StreamClock(), random.Random(5)
    lateness = []
    for number in range(1, 3000):
        shake_s = chance.uniform(0, 0.04)
        lateness.append(clock.waited_s(100 + number * 0.1 + shake_s, number * 0.1))
    assert max(lateness) <= 0.04 + 1e-6
    assert min(lateness) >= 0


@pytest.mark.parametrize(("pace", "most_s"), [(0.9999, 0.02), (1.0001, 0.001), (0.99, 1.95), (1.01, 0.001)])
def test_a_clock_that_drifts_never_seems_later_than_the_window_lets_it(pace: float, most_s: float) -> None:
    assert 0 <= after(StreamClock(), 1800, pace=pace) <= most_s


def test_the_least_is_forgotten_after_the_window_only() -> None:
    clock = StreamClock()
    after(clock, 10)
    late_s = [clock.waited_s(112.0 + number, 10.0 + number) for number in range(1, 300)]
    assert late_s[int(WINDOW_S) - 20] == pytest.approx(2.0)
    assert late_s[-1] == 0


@pytest.mark.parametrize("stamp_s", [0.0, -1.0, math.nan, math.inf])
def test_a_picture_without_a_timestamp_is_as_late_as_the_one_before(stamp_s: float) -> None:
    clock = StreamClock()
    after(clock, 10)
    assert clock.waited_s(112.0, 10.1) == pytest.approx(1.9)
    assert clock.waited_s(112.1, stamp_s) == pytest.approx(1.9)
    assert clock.waited_s(112.1, 10.2) == pytest.approx(1.9)


def test_a_stream_without_timestamps_is_never_late() -> None:
    clock = StreamClock()
    assert [clock.waited_s(100.0 + number, 0.0) for number in range(5)] == [0.0] * 5
    assert [clock.waited_s(110.0 + number, 3.0) for number in range(5)] == [0.0] * 5


def test_a_timestamp_that_jumps_back_begins_anew() -> None:
    clock = StreamClock()
    after(clock, 10)
    assert clock.waited_s(110.1, 2.0) == 0
    assert clock.waited_s(111.2, 2.1) == pytest.approx(1.0)


def test_a_slow_stream_whose_clock_begins_again_after_it_was_got_to_know_is_not_late() -> None:
    """So it is where FFmpeg is cut off in getting to know it; the first two stamps are both 0."""
    clock = StreamClock()
    for number, stamp_s in enumerate((0.0, 0.2, 0.4, 0.6, 0.8)):
        clock.waited_s(103.0 + number * 0.01, stamp_s)
    late_s = [clock.waited_s(103.2 + number * 0.2, max(0.0, number - 1) * 0.2) for number in range(20)]
    assert max(late_s) == pytest.approx(0, abs=1e-6)


def test_a_timestamp_that_jumps_ahead_is_the_new_pace_and_pictures_after_it_are_judged_by_it() -> None:
    clock = StreamClock()
    after(clock, 10)
    assert clock.waited_s(110.1, 5000.0) == 0
    assert clock.waited_s(110.7, 5000.1) == pytest.approx(0.5)


def test_pictures_that_change_places_do_not_begin_anew() -> None:
    clock = StreamClock()
    after(clock, 10)
    clock.waited_s(110.2, 10.2)
    assert clock.waited_s(110.2, 10.1) == pytest.approx(0.1)
    assert clock.waited_s(113.3, 10.3) == pytest.approx(3.0)
