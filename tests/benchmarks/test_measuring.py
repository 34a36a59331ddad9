"""Each benchmark measures what it promises; with a handful of photos and visitors, for its figures only."""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kiosk.archive import open_archive
from kiosk.benchmarks.bare import first_frame
from kiosk.benchmarks.blurring import measure_blurring
from kiosk.benchmarks.challenge import measure_challenge
from kiosk.benchmarks.event import benchmark_event
from kiosk.benchmarks.importing import measure_import
from kiosk.benchmarks.search import measure_search
from kiosk.benchmarks.watch import measure_watch
from kiosk.paths import program_root
from kiosk.photos.arrivals import SETTLE_CLOSED_S

IN_WINDOWS = """
import json
from ui.bench_live_view import measure_live_view
from ui.bench_visits import measure_memory, measure_shutter_to_results

figures = [
    *measure_shutter_to_results(visits=1, photos=80, faces=160, of_the_visitor=4),
    *measure_memory(visits=2, early=1, photos=80, faces=160),
    *measure_live_view(seconds=1.0),
]
print("FIGURES" + json.dumps([figure.as_dict() for figure in figures]))
"""

SCROLLING = """
import json
from ui.bench_scroll import measure_scrolling

figures = measure_scrolling(photos=24, crowd=6, seconds=0.3, rounds=1)
print("FIGURES" + json.dumps([figure.as_dict() for figure in figures]))
"""


@pytest.fixture(autouse=True)
def _fetched(weights: Path) -> None:
    if not (program_root() / ".cache" / "demo" / "visitor.mp4").is_file():
        pytest.skip("the demo's pictures are not fetched")


@pytest.mark.slow
def test_the_visitor_is_found_on_exactly_their_photos() -> None:
    with benchmark_event(photos=80, faces=160, of_the_visitor=5) as event:
        archive = open_archive(event.home, event.settings)
        try:
            photos = archive.photos.photos(event.event_id)
            still, engine = first_frame(event.standing), archive.engines.live
            probe = engine.embed(still, engine.detect(still)[:1])[0]
            matches = archive.search.find(event.event_id, (probe,))
        finally:
            archive.close()
        assert len(photos) == 80
        assert len(matches) == 5
        home = event.home
    assert not home.exists()


@pytest.mark.slow
def test_search_and_import_are_measured_beside_their_floors() -> None:
    figures = [*measure_search(photos=80, faces=160), *measure_import(photos=2, size=(1200, 800), crowd=8)]
    names = ["search.index", "search.photos", "import", "import.crowd", "import.memory"]
    assert [figure.name for figure in figures] == names
    assert all(is_whole(figure.as_dict()) for figure in figures)
    assert all(figure.ratio is not None for figure in figures)


@pytest.mark.slow
def test_the_watched_folder_is_measured_beside_the_bare_work() -> None:
    figures = measure_watch(photos=2, size=(1200, 800))
    assert [figure.name for figure in figures] == ["watch.p50", "watch.p95"]
    assert all(is_whole(figure.as_dict()) for figure in figures)
    assert figures[0].value > SETTLE_CLOSED_S  # a file must stand still for so long


@pytest.mark.slow
def test_blurring_a_crowd_is_measured_beside_not_blurring_it() -> None:
    figures = measure_blurring(photos=2, crowd=12)
    assert [figure.name for figure in figures] == ["blur.preview", "blur.screenful"]
    assert all(is_whole(figure.as_dict()) for figure in figures)
    assert all(figure.ratio is not None for figure in figures)


@pytest.mark.slow
def test_the_challenge_is_measured_beside_the_bare_network() -> None:
    [figure] = measure_challenge(frames=6)
    assert is_whole(figure.as_dict())
    assert figure.ratio is not None


@pytest.mark.slow
def test_scrolling_is_measured_with_and_without_the_blur() -> None:
    figures = in_own_process(SCROLLING)
    assert set(figures) == {"scroll.longest", "scroll.p99", "scroll.screenful"}
    assert all(is_whole(figure) for figure in figures.values())
    assert figures["scroll.screenful"]["floor"] > 0


def in_own_process(script: str) -> dict[str, dict[str, Any]]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(
        [sys.executable, "-c", script],
        env=environment,
        cwd=program_root(),
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )
    lines = [line for line in ended.stdout.splitlines() if line.startswith("FIGURES")]
    assert lines, ended.stderr[-2000:]
    return {figure["name"]: figure for figure in json.loads(lines[0].removeprefix("FIGURES"))}


@pytest.mark.slow
def test_a_kiosk_in_a_window_is_measured() -> None:
    figures = in_own_process(IN_WINDOWS)
    assert set(figures) == {
        "shutter_to_results.p50",
        "shutter_to_results.p95",
        "shutter_to_results.found_p50",
        "shutter_to_results.found_p95",
        "memory.after_1",
        "memory.after_2",
        "memory.growth_1_to_2",
        "live_view.pictures",
        "live_view.boxes",
        "live_view.box_age_p95",
        "live_view.cores",
    }
    assert all(is_whole(figure) for figure in figures.values())
    assert figures["shutter_to_results.found_p50"]["value"] <= figures["shutter_to_results.p50"]["value"]


def is_whole(figure: dict[str, object]) -> bool:
    """Whether a figure has a value that is a number, a unit and a name."""
    value = figure["value"]
    return isinstance(value, float | int) and math.isfinite(value) and bool(figure["unit"] and figure["name"])
