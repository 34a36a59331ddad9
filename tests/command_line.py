"""The real `kiosk` command, in a process of its own."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from kiosk.paths import program_root
from ui.command_rooms import every_room

PATIENCE_S = 110.0


def environment(home: Path, **more: str) -> dict[str, str]:
    """Ours, without settings of whoever runs the tests, on one core for each network."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("KIOSK_")}
    return {**ours, "KIOSK_HOME": str(home), "OMP_NUM_THREADS": "1", **more}


def command(*arguments: str | Path) -> list[str]:
    """What starts a fresh process of the command."""
    return [sys.executable, "-m", "ui", *map(str, arguments)]


def kiosk(home: Path, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """Runs `kiosk ARGUMENTS` on a data folder in a process of its own; `more` are environment variables.

    The process is forked from one that has imported the command and done nothing else, which saves seconds a
    call; where processes cannot be forked it is a fresh one.
    """
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return fresh_kiosk(home, *arguments, **more)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["ui.command", *every_room()])
    words = [str(word) for word in arguments]
    with tempfile.TemporaryDirectory() as folder:
        child = context.Process(target=_become_kiosk, args=(words, environment(home, **more), folder))
        child.start()
        child.join(PATIENCE_S)
        is_over = child.exitcode is not None
        if not is_over:
            child.kill()
            child.join()
        printed = [(Path(folder) / name).read_text(encoding="utf-8") for name in ("out", "err")]
    assert is_over, f"kiosk {words} does not end: {printed}"
    return subprocess.CompletedProcess(words, child.exitcode or 0, *printed)


def _become_kiosk(words: list[str], environ: dict[str, str], folder: str) -> None:
    for number, name in ((1, "out"), (2, "err")):
        file = os.open(Path(folder) / name, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(program_root())
    sys.argv = ["kiosk", *words]
    sys.stdout, sys.stderr = (open(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))  # noqa: SIM115
    from ui.command import main

    main()


def fresh_kiosk(home: Path, *arguments: str | Path, **more: str) -> subprocess.CompletedProcess[str]:
    """The same as a user starts it: a new interpreter."""
    return subprocess.run(
        command(*arguments),
        cwd=program_root(),
        env=environment(home, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE_S,
        check=False,
    )


def answer(done: subprocess.CompletedProcess[str]) -> Any:
    """What a command that went well printed, which is JSON and nothing else."""
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout)


def refusal(done: subprocess.CompletedProcess[str]) -> str:
    """The code that a command printed as JSON, with what happened and what to do."""
    assert done.returncode == 2, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    error = json.loads(done.stdout)["error"]
    assert set(error) == {"code", "detail", "next_step"}
    assert error["detail"]
    return str(error["code"])
