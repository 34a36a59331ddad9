"""A kiosk that is killed with SIGKILL while it forgets, at any step, ends with everything forgotten."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.paths import program_root


@pytest.mark.parametrize(
    "every",
    [pytest.param(9, id="every ninth step"), pytest.param(1, id="every step", marks=pytest.mark.slow)],
)
@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="processes are forked")
def test_killed_at_any_step_it_ends_erased_and_confirmed_once(tmp_path: Path, every: int) -> None:
    command = [sys.executable, "-m", "tests.faults.forgetting_program", str(tmp_path), str(every)]
    done = subprocess.run(
        command, cwd=program_root(), capture_output=True, text=True, timeout=115, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    runs = json.loads((tmp_path / "runs.json").read_text())
    assert len(runs) > 20 // every
    assert [run["died"] for run in runs] == [True] * (len(runs) - 1) + [False]
    for run in runs:
        left = {name: run[name] for name in ("told", "done", "photos", "faces", "traces", "copies")}
        expected = {"told": 1, "done": True, "photos": 2, "faces": 4, "traces": [], "copies": 1}
        assert left == expected, f"killed at step {run['step']}"
