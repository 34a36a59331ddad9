"""Visitors by the thousand leave nothing behind in the process that served them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kiosk.paths import program_root
from tests.faults.day import work

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="counts what a forked process holds")


def demo_clip() -> Path | None:
    """The demo's visitor before the camera, where the demo is here."""
    clip = program_root() / ".cache" / "demo" / "visitor.mp4"
    return clip if clip.is_file() else None


def test_ten_visitors_are_served_and_leave_no_file_or_thread(weights: Path, tmp_path: Path) -> None:
    day = work(tmp_path, visitors=10, every=5, clip=None)
    print(day.as_dict())
    assert day.wrong == []
    assert day.sold == 10
    files, threads = day.leaked(5)
    assert files <= 0
    assert threads <= 0


@pytest.mark.slow
@pytest.mark.timeout(7200)
def test_two_thousand_visitors_leave_nothing_behind(weights: Path, tmp_path: Path) -> None:
    day = work(tmp_path, visitors=2000, every=100, clip=demo_clip())
    print(day.as_dict())
    assert day.wrong == []
    assert day.sold == 2000
    assert day.growth(warm_after=400) < 0.02
    files, threads = day.leaked(400)
    assert files <= 0
    assert threads <= 0
