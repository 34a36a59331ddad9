"""The checks that run before the tests: style, types, the floors of the house, the screens' files."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from installer.environment import program
from installer.steps import ROOT

_MOST_WORKERS = 4


def commands(root: Path = ROOT) -> dict[str, list[str]]:
    """Each check's name and its command, in the order in which they run."""
    python = str(program("python"))
    screens = sorted(str(file.relative_to(root)) for file in (root / "ui" / "qml").rglob("*.qml"))
    checks = {
        "ruff check": [python, "-m", "ruff", "check", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "mypy": [python, "-m", "mypy"],
        "import floors": [str(program("lint-imports"))],
    }
    if screens:
        checks["qmllint"] = [str(program("pyside6-qmllint")), "-I", "ui/qml", *screens]
    return checks


def run_checks() -> list[str]:
    """Runs every check, one line each, and prints what a failed one said. Returns the names of the failed."""
    failed = []
    for name, command in commands().items():
        print(f"  {name:<20}", end="", flush=True)
        started = time.perf_counter()
        done = subprocess.run(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )
        word = "good" if done.returncode == 0 else "FAILED"
        print(f"{word:<46}{time.perf_counter() - started:7.1f} s", flush=True)
        if done.returncode != 0:
            failed.append(name)
            print(done.stdout.rstrip(), flush=True)
    return failed


def test_command(arguments: Sequence[str], cores: int) -> list[str]:
    """Tests run side by side, each file on one worker, without the long forms of suites; what `arguments` say
    wins (`-n 0`: one by one, `-m slow`: the long forms)."""
    workers = str(min(cores + 1, _MOST_WORKERS))  # half of the time a test waits, for a server or a frame
    short = ["-n", workers, "--dist", "loadfile", "-m", "not slow"]
    return [str(program("python")), "-m", "pytest", *short, *arguments]


def run_tests(arguments: Sequence[str]) -> bool:
    """Runs the tests, their output as it comes. Returns whether all of them passed."""
    command = test_command(arguments, os.cpu_count() or 1)
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0
