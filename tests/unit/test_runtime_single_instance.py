"""One kiosk per data folder, with real processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.errors import KnownError
from kiosk.runtime.single_instance import SingleInstance

_ROOT = Path(__file__).resolve().parents[2]
_HOLD = """
import sys, time
from pathlib import Path
from kiosk.runtime.single_instance import SingleInstance
with SingleInstance(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_kiosk_on_the_same_folder_is_refused_and_told_which(tmp_path: Path) -> None:
    with SingleInstance(tmp_path), pytest.raises(KnownError) as caught, SingleInstance(tmp_path):
        pass
    assert caught.value.code == "A-103"
    assert str(tmp_path) in caught.value.detail


def test_another_folder_is_free_and_so_is_the_same_one_afterwards(tmp_path: Path) -> None:
    with SingleInstance(tmp_path / "one"), SingleInstance(tmp_path / "two"):
        pass
    with SingleInstance(tmp_path / "one"):
        pass


def test_what_a_killed_kiosk_leaves_behind_is_no_obstacle(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(tmp_path)], cwd=_ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "held"
        with pytest.raises(KnownError), SingleInstance(tmp_path):
            pass
        holder.kill()
        holder.wait()
    assert (tmp_path / "kiosk.lock").exists()
    with SingleInstance(tmp_path):
        pass


def test_a_home_that_cannot_be_a_folder_is_a_known_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(KnownError) as caught, SingleInstance(tmp_path / "file"):
        pass
    assert caught.value.code == "D-105"
