"""A visit book whose program is killed with SIGKILL at any step counts everybody once all the same."""

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
def test_killed_at_any_step_everybody_is_counted_once_and_nothing_is_left_of_strangers(
    tmp_path: Path, every: int
) -> None:
    command = [sys.executable, "-m", "tests.faults.visit_book_program", str(tmp_path), str(every)]
    done = subprocess.run(
        command, cwd=program_root(), capture_output=True, text=True, timeout=115, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    runs = json.loads((tmp_path / "runs.json").read_text())
    assert len(runs) > 25 // every
    assert [run["died"] for run in runs] == [True] * (len(runs) - 1) + [False]
    expected = {
        "stays": 0,
        "visits": [["", 0], ["nok", 1]],
        "is_told_as_it_is": True,
        "are_pictures_there": True,
        "traces": [],
    }
    for run in runs:
        left = {name: run[name] for name in expected}
        assert left == expected, f"killed at step {run['step']}"
        assert (run["pictures"], run["faces"]) in ((1, 1), (0, 0)), f"killed at step {run['step']}"
        assert run["crossings"] == run["crossings_told"] in (1, 2), f"killed at step {run['step']}"
    assert sum(run["pictures"] == 0 for run in runs) <= 3, "only where the picture itself was interrupted"
