"""Disk and memory."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk.runtime.health import DiskState, disk_state, memory_bytes


def test_the_disk_is_ok_low_or_full_by_its_free_bytes(tmp_path: Path) -> None:
    free = disk_state(tmp_path).free_bytes
    assert disk_state(tmp_path, low_bytes=1, full_bytes=0).state is DiskState.OK
    assert disk_state(tmp_path, low_bytes=2 * free, full_bytes=0).state is DiskState.LOW
    assert disk_state(tmp_path, low_bytes=4 * free, full_bytes=2 * free).state is DiskState.FULL


def test_a_folder_that_is_not_made_yet_has_the_disk_it_will_be_on(tmp_path: Path) -> None:
    later = disk_state(tmp_path / "not" / "yet")
    assert later.free_bytes == pytest.approx(disk_state(tmp_path).free_bytes, rel=0.05)


def test_the_process_uses_memory_of_a_plausible_size() -> None:
    assert 5_000_000 < memory_bytes() < 64_000_000_000
