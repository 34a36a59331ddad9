"""Faces keep their track while people walk, cross, are hidden for a moment and are looked at unevenly."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import sin

import numpy as np
import pytest
from cjm_byte_track.basetrack import BaseTrack
from cjm_byte_track.core import STrack

from kiosk.streams.tracking import LOST_AFTER_S, FaceTracker, Tracked
from kiosk.vision.types import Box, Detection

FACE_M = 0.16
WALK_M_S = 1.4
Path = Callable[[float], tuple[float, float, float] | None]
"""Middle x, y and width of a face in pixels at a time; None while it is hidden."""


def face(x: float, y: float, width: float, score: float = 0.9) -> Detection:
    box = Box(x - width / 2, y - width * 0.65, x + width / 2, y + width * 0.65)
    landmarks = np.array([[-1, -1], [1, -1], [0, 0], [-1, 1], [1, 1]], np.float32) * width / 4 + [x, y]
    return Detection(box, score, landmarks.astype(np.float32))


def times(pace: float | Sequence[float], until_s: float) -> list[float]:
    steps = [1 / pace] if isinstance(pace, int | float) else list(pace)
    at, found = 0.0, []
    while at < until_s:
        found.append(at)
        at += steps[len(found) % len(steps)]
    return found


def followed(paths: Sequence[Path], at: Sequence[float], jitter: float = 0.02) -> list[dict[int, int]]:
    """For each look which track follows which path (path: track), from a detector that is a little off."""
    tracker, rng = FaceTracker(), np.random.default_rng(1)
    looks = []
    for now in at:
        places = {path: path_at(now) for path, path_at in enumerate(paths)}
        seen = {
            path: face(*(np.array(place) + rng.normal(0, jitter * place[2], 3)))
            for path, place in places.items()
            if place is not None
        }
        tracks = tracker.update(list(seen.values()), now)
        looks.append(
            {path: one.track_id for path, shown in seen.items() for one in tracks if one.detection is shown}
        )
    return looks


def ids_of(looks: Sequence[dict[int, int]], path: int) -> set[int]:
    return {look[path] for look in looks if path in look}


def walking(width: float, from_x: float, direction: int = 1, y: float = 300) -> Path:
    pixels_s = WALK_M_S / FACE_M * width

    def at(now: float) -> tuple[float, float, float]:
        return from_x + direction * pixels_s * now, y + 0.2 * width * sin(12 * now), width

    return at


@pytest.mark.parametrize("pace", [8, 10, 15, (0.07, 0.07, 0.17), (0.07, 0.15, 0.1, 0.13)])
@pytest.mark.parametrize("width", [40, 90])
def test_somebody_who_walks_past_keeps_their_track(pace: float | Sequence[float], width: float) -> None:
    looks = followed([walking(width, 0)], times(pace, 3.0))

    assert len(ids_of(looks, 0)) == 1
    assert all(0 in look for look in looks[1:])


@pytest.mark.parametrize("pace", [8, 10, 15])
def test_somebody_who_comes_towards_the_camera_keeps_their_track(pace: int) -> None:
    def coming(now: float) -> tuple[float, float, float]:
        distance_m = 6 - WALK_M_S * now
        return 640 + 60 / distance_m, 200 + 300 / distance_m, 160 / distance_m

    assert len(ids_of(followed([coming], times(pace, 3.5)), 0)) == 1


@pytest.mark.parametrize("pace", [8, 10, 15])
def test_two_who_cross_keep_their_tracks(pace: int) -> None:
    """One passes before the other, who is hidden while their faces overlap."""
    front, behind = walking(60, 0), walking(60, 1300, -1, y=310)

    def hidden(now: float) -> tuple[float, float, float] | None:
        place = behind(now)
        return None if place is None or abs(place[0] - front(now)[0]) < 60 else place

    looks = followed([front, hidden], times(pace, 2.4))

    assert len(ids_of(looks, 0)) == len(ids_of(looks, 1)) == 1
    assert ids_of(looks, 0) != ids_of(looks, 1)


@pytest.mark.parametrize("pace", [8, 15, (0.05, 0.2)])
def test_a_face_that_is_hidden_for_a_second_keeps_its_track(pace: float | Sequence[float]) -> None:
    walk, stand = walking(60, 100), lambda _: (900.0, 500.0, 80.0)
    looks = followed(
        [lambda now: None if 1 <= now < 2 else walk(now), lambda now: None if 1 <= now < 2 else stand(now)],
        times(pace, 3.0),
    )

    assert len(ids_of(looks, 0)) == len(ids_of(looks, 1)) == 1


def test_a_group_that_stands_close_keeps_its_tracks() -> None:
    def standing(place: int) -> Path:
        return lambda now: (300 + 75 * place + 20 * sin(2 * now + place), 300 + 10 * (place % 2), 60)

    looks = followed([standing(place) for place in range(8)], times(10, 10.0))

    assert all(len(ids_of(looks, place)) == 1 for place in range(8))
    assert len(looks[-1]) == 8


def test_a_face_is_believed_when_it_is_seen_twice() -> None:
    tracker = FaceTracker()

    assert tracker.update([face(100, 100, 50)], 0.0) == []
    assert len(tracker.update([face(101, 100, 50)], 0.1)) == 1
    # One that flashes up once is none, however sure the detector was.
    assert [t.box.center[0] for t in tracker.update([face(102, 100, 50), face(600, 100, 50)], 0.2)] == [102]
    assert [t.box.center[0] for t in tracker.update([face(102, 100, 50)], 0.3)] == [102]


def test_a_face_that_is_missed_is_told_where_it_should_be_until_it_is_given_up() -> None:
    tracker = FaceTracker()
    for look in range(10):
        tracker.update([face(100 + 10 * look, 100, 50)], look / 10)

    missed = tracker.update([], 1.0)[0]

    assert missed.detection is None
    assert missed.unseen_s == pytest.approx(0.1, abs=0.02)
    assert missed.box.center[0] == pytest.approx(200, abs=5)
    assert missed.box.width == pytest.approx(50, abs=3)
    assert tracker.update([], 0.9 + LOST_AFTER_S - 0.1)
    assert tracker.update([], 0.9 + LOST_AFTER_S + 0.1) == []


def test_after_a_long_pause_nobody_is_expected() -> None:
    tracker = FaceTracker()
    first = [tracker.update([face(100, 100, 50)], now) for now in (0.0, 0.1)][-1][0].track_id

    tracker.update([face(100, 100, 50)], 60.0)
    again = tracker.update([face(100, 100, 50)], 60.1)[0].track_id

    assert again != first


def test_trackers_beside_each_other_never_give_the_same_id() -> None:
    """The library's counter is set back by each new tracker, also while another one runs."""
    one, given = FaceTracker(), []
    for look in range(30):
        other = FaceTracker()  # a stream that comes back in the middle
        BaseTrack._count = 0
        given.append(one.update([face(100 + 300 * (look // 3 % 3), 100, 50)], look / 10))
        given.append([*other.update([face(9, 9, 9)], 0.0), *other.update([face(9, 9, 9)], 0.1)])

    by_id: dict[int, set[int]] = {}
    for place, tracks in enumerate(given):
        for track in tracks:
            by_id.setdefault(track.track_id, set()).add(place if place % 2 else 0)
    assert len(by_id) > 30
    assert all(len(trackers) == 1 for trackers in by_id.values())


def test_months_of_visitors_leave_nothing_behind() -> None:
    tracker = FaceTracker()
    for visitor in range(200):
        for look in range(3):
            tracker.update([face(100 + 7 * visitor % 1000, 100, 50)], visitor * 2.5 + look / 10)
        for look in range(3, 25):
            tracker.update([], visitor * 2.5 + look / 10)

    gc.collect()
    assert sum(isinstance(one, STrack) for one in gc.get_objects()) <= 2


def test_a_track_that_was_given_up_does_not_come_back() -> None:
    tracker = FaceTracker()
    for look in range(5):
        tracks = tracker.update([face(100, 100, 50)], look / 10)
    for look in range(5, 5 + 24):
        tracker.update([face(700, 100, 50)], look / 10)  # somebody else is there all the while
    later: list[list[Tracked]] = [
        tracker.update([face(100, 100, 50), face(700, 100, 50)], look / 10) for look in range(29, 33)
    ]

    assert tracks[0].track_id not in {one.track_id for look in later for one in look}


def test_looks_may_come_at_the_same_moment() -> None:
    tracker = FaceTracker()
    ids = [tracker.update([face(100 + x, 100, 50)], 0.0) for x in range(4)][-1]

    assert len(ids) == 1


def test_a_longer_gap_moves_a_walker_further() -> None:
    """Uneven looks: the path is bent only where it is not told how much time has passed."""
    tracker, expected = FaceTracker(), []
    at = times((0.1, 0.1, 0.4), 3.0)
    for now, _later in pairwise(at):
        tracker.update([face(200 * now, 100, 60)], now)
    now = at[-1]
    expected = tracker.update([], now)

    assert expected[0].box.center[0] == pytest.approx(200 * now, abs=12)
