"""Scrolling through the photos of a crowd: does blurring bystanders keep the visitor waiting?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median
from time import perf_counter

from PySide6.QtCore import QRectF
from PySide6.QtQuick import QQuickItem

from kiosk.archive import event_named, open_archive
from kiosk.benchmarks.blurring import CROWD
from kiosk.benchmarks.event import EVENT_NAME, BenchmarkEvent, benchmark_event
from kiosk.benchmarks.figure import Figure, Goal
from kiosk.errors import BugError
from ui.bench_window import benchmark_kiosk, in_window
from ui.pictures import PhotoView
from ui.responsiveness import ResponsivenessMeter
from ui.window_script import Scene, Step

_PHOTOS = 180
_SCREENS_PER_S = 1.0
_SETTLE_S = 1.0
_FRAME_MS = 16


@dataclass(frozen=True, slots=True)
class _Scrolled:
    """Delays of the UI thread while the page moves; the median of how long the photos of a screenful, jumped
    to, take until all are there. Milliseconds."""

    longest_ms: float
    p99_ms: float
    fresh_ms: float


def measure_scrolling(
    photos: int = _PHOTOS, crowd: int = CROWD, seconds: float = 6.0, rounds: int = 2
) -> list[Figure]:
    """A results page of so many photos with `crowd` faces each, all but the visitor's blurred; floor: the
    same page at an event whose organiser has the blur switched off. Both `rounds` times in turns, the calmest
    counts.

    Raises what `benchmark_event` raises; BugError where the page cannot be reached.
    """
    with benchmark_event(photos, photos * crowd, of_the_visitor=photos) as event:
        runs = [(is_on, _scrolled(event, seconds, is_on)) for is_on in (False, True) * rounds]
    plain, blurred = (_calmest([run for was_on, run in runs if was_on is is_on]) for is_on in (False, True))
    floor_is = "the same page, nobody blurred"
    return [
        Figure("scroll.longest", blurred.longest_ms, "ms", plain.longest_ms, floor_is, Goal(at_most=50)),
        Figure("scroll.p99", blurred.p99_ms, "ms", plain.p99_ms, floor_is, Goal(at_most=16)),
        Figure("scroll.screenful", blurred.fresh_ms, "ms", plain.fresh_ms, floor_is, Goal(at_most=300)),
    ]


def _calmest(runs: list[_Scrolled]) -> _Scrolled:
    return _Scrolled(
        min(run.longest_ms for run in runs),
        min(run.p99_ms for run in runs),
        min(run.fresh_ms for run in runs),
    )


def _scrolled(event: BenchmarkEvent, seconds: float, is_blurred: bool) -> _Scrolled:
    _switch_blur(event, is_blurred)
    outcome: list[_Scrolled] = []

    def script(scene: Scene) -> Step:
        yield from scene.to_results()
        grid = scene.window.findChild(QQuickItem, "results.grid")
        if grid is None:
            raise BugError("the results page has no grid")
        yield from scene.pause(_SETTLE_S)
        meter = ResponsivenessMeter(scene)
        meter.start()
        yield from _move(grid, seconds)
        moving = meter.stop()
        fresh_ms: list[float] = []
        yield from _jump(scene, grid, fresh_ms)
        outcome.append(_Scrolled(moving.max_ms, moving.p99_ms, median(fresh_ms)))

    with benchmark_kiosk(event, event.standing) as kiosk:
        in_window(kiosk, script, every_ms=_FRAME_MS)
    return outcome[0]


def _switch_blur(event: BenchmarkEvent, is_blurred: bool) -> None:
    archive = open_archive(event.home, event.settings)
    try:
        chosen = event_named(archive.photos, EVENT_NAME)
        archive.photos.add_event(replace(chosen, blurs_bystanders=is_blurred))
    finally:
        archive.close()


def _room(grid: QQuickItem) -> float:
    """How far down the page can be moved, in pixels."""
    return max(0.0, float(grid.property("contentHeight")) - grid.height())


def _move(grid: QQuickItem, seconds: float) -> Step:
    """Moves the page down at a steady pace, and from its end back to its top."""
    began_s, room = perf_counter(), _room(grid)
    while room > 0 and (passed_s := perf_counter() - began_s) < seconds:
        way = passed_s * _SCREENS_PER_S * grid.height()
        grid.setProperty("contentY", room - abs(way % (2 * room) - room))
        yield


def _jump(scene: Scene, grid: QQuickItem, fresh_ms: list[float]) -> Step:
    """Shows one screenful after the other, from the last, and notes how long its photos take to be there."""
    place = _room(grid)
    while place > 0:
        began_s = perf_counter()
        grid.setProperty("contentY", place)
        yield  # the page makes its tiles with the next frame
        yield from scene.until(lambda: _are_shown(grid), "the photos of a screenful")
        fresh_ms.append((perf_counter() - began_s) * 1000)
        place -= grid.height()


def _are_shown(grid: QQuickItem) -> bool:
    window = grid.mapRectToScene(QRectF(0, 0, grid.width(), grid.height()))
    inside = [
        view
        for view in _photo_views(grid)
        if view.mapRectToScene(QRectF(0, 0, view.width(), view.height())).intersects(window)
    ]
    return bool(inside) and all(view.property("isReady") for view in inside)


def _photo_views(item: QQuickItem) -> Iterator[PhotoView]:
    """Those under an item, without the tiles that the page keeps aside for later use."""
    for child in item.childItems():
        if isinstance(child, PhotoView):
            yield child
        elif child.isVisible():
            yield from _photo_views(child)
