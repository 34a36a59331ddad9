"""The checks that run before the tests: style, types, the floors of the house, the screens' files."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from installer.environment import program
from installer.steps import ROOT

_MOST_WORKERS = 4
_MOST_UNSTEADY = 3


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
    """Tests run side by side, each file on one worker and in their order, so that the many short ones of
    `unit` fill the end evenly; without the long forms of suites. What `arguments` say wins (`-n 0`: one by
    one, `-m slow`: the long forms)."""
    workers = str(min(cores + 1, _MOST_WORKERS))  # half of the time a test waits, for a server or a frame
    short = ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder", "-m", "not slow"]
    return [str(program("python")), "-m", "pytest", *short, *arguments]


def run_tests(arguments: Sequence[str]) -> bool:
    """Runs the tests, their output as it comes. Returns whether all of them passed.

    Of all tests a few may fail because the machine had too much else to do: they are run once more by
    themselves, and named as unsteady where they pass then. Whoever asks for tests by `arguments` looks at
    them anyway."""
    if arguments:
        return _passed(test_command(arguments, os.cpu_count() or 1))
    kept = ROOT / ".pytest_cache" / "v" / "cache" / "lastfailed"
    kept.unlink(missing_ok=True)  # it also names what failed in other runs and is not run in this one
    if _passed(test_command((), os.cpu_count() or 1)):
        return True
    failed = sorted(json.loads(kept.read_text(encoding="utf-8"))) if kept.exists() else []
    if not 0 < len(failed) <= _MOST_UNSTEADY:
        return False
    print("Once more, alone.", flush=True)
    if not _passed([str(program("python")), "-m", "pytest", "-n", "0", *failed]):
        return False
    print(f"Unsteady: {', '.join(failed)}", flush=True)
    return True


def _passed(command: Sequence[str]) -> bool:
    return subprocess.run(command, cwd=ROOT, check=False).returncode == 0
