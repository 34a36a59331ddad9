"""The set-up's steps: one calm line each, and one clear line where a step cannot go on."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[1]
CACHE = ROOT / ".cache"
LOG = CACHE / "installer.log"
OWN_LINE = "installer: "
"""Begins the line in which a part of the installer that runs as a process of its own says why it stopped."""
_NETWORK_SIGNS = (
    "NewConnectionError",
    "Temporary failure",
    "Max retries",
    "Connection refused",
    "Could not resolve",
)


class StepFailedError(Exception):
    """A step that cannot go on: what, why, and what to do next. Starting again resumes there."""

    @classmethod
    def because(cls, what: str, why: str, next_step: str) -> StepFailedError:
        """The failure whose line is made of the three."""
        return cls(f"{what}: {why.rstrip('.')}. {next_step}")


def run_step(title: str, action: Callable[[], str]) -> None:
    """Runs a step and prints its title, its outcome (what `action` returns) and its seconds."""
    started = time.perf_counter()
    print(f"  {title:<20}", end="", flush=True)
    try:
        outcome = action()
    except BaseException:
        print("stopped", flush=True)
        raise
    print(f"{outcome:<46}{time.perf_counter() - started:7.1f} s", flush=True)


def announce(text: str) -> None:
    """Tells in the middle of a step that something long has begun."""
    print(f"{text}\n{'':<22}", end="", flush=True)


def run_logged(
    command: Sequence[str | Path], what: str, next_step: str, environment: Mapping[str, str] | None = None
) -> None:
    """Runs a command from the repository root, its output going to the installer's log.

    Raises StepFailedError with the last line of error where the command fails or cannot be started.
    """
    LOG.parent.mkdir(parents=True, exist_ok=True)
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except OSError as error:
        raise StepFailedError.because(
            what, f"{words[0]} cannot be started ({error.strerror})", next_step
        ) from error
    with LOG.open("a", encoding="utf-8") as log:
        log.write(f"$ {' '.join(words)}\n{done.stdout}\n")
    if done.returncode == 0:
        return
    own = [line for line in done.stdout.splitlines() if line.startswith(OWN_LINE)]
    if own:
        raise StepFailedError(own[-1].removeprefix(OWN_LINE))
    details = f"{next_step} Details: {LOG}"
    raise StepFailedError.because(what, reason_in(done.stdout), details)


def reason_in(output: str) -> str:
    """What a failed command's output says most clearly: the network, the first error, else the last line."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    if any(sign in output for sign in _NETWORK_SIGNS):
        return "no connection to the package index"
    errors = [line for line in lines if line.startswith(("ERROR:", "E:", "Error:"))]
    return (errors or lines[-1:] or ["it failed without a word"])[0]


@contextmanager
def only_one(lock_file: Path) -> Iterator[None]:
    """Holds the installer's lock; a second installer says that it waits, and waits."""
    lock_file.parent.mkdir(parents=True, exist_ok=True)
    with lock_file.open("a+b") as handle:
        if not _try_lock(handle):
            print("  Another set-up is at work here; waiting for it to end.", flush=True)
            while not _try_lock(handle):
                time.sleep(0.2)
        try:
            yield
        finally:
            _unlock(handle)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(handle: IO[bytes]) -> bool:
        handle.seek(0)
        try:
            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: IO[bytes]) -> None:
        handle.seek(0)
        msvcrt.locking(handle.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _try_lock(handle: IO[bytes]) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(handle: IO[bytes]) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
