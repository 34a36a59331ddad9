"""What the servers have in common: free ports, a process group with a log, waiting until one answers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

LOOPBACK = "127.0.0.1"
_LOG_CHARACTERS = 2000


class PeerMissingError(Exception):
    """This machine cannot have the peer; the text says why, for the reason of a skip."""


class ServerProcess:
    """One program in a process group of its own; what it says goes to a log."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self,
        command: Sequence[str | Path],
        cwd: Path | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        if self._process is not None:
            self._process.poll()  # one that was killed by itself is over, and known to be
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                list(command),
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    @property
    def number(self) -> int | None:
        """Of the process, which leads its session; None while it does not run."""
        return self._process.pid if self._process is not None else None

    def kill(self) -> None:
        """The whole group dies at once, as with a power cut; harmless when it runs no more."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def wait_until(self, is_ready: Callable[[], bool], timeout_s: float) -> None:
        """Waits for the program to answer. Raises RuntimeError with the end of its log when it does not."""
        deadline = time.monotonic() + timeout_s
        while not is_ready():
            ended = self._process is None or self._process.poll() is not None
            if ended or time.monotonic() > deadline:
                said = self._log.read_text(encoding="utf-8", errors="replace")[-_LOG_CHARACTERS:]
                raise RuntimeError(f"{'ended' if ended else 'not ready'} at the start; it said: {said}")
            time.sleep(0.05)


def free_ports(count: int) -> list[int]:
    """Different ports of loopback that nobody listens on."""
    sockets = []
    try:
        for _ in range(count):
            one = socket.socket()
            sockets.append(one)
            one.bind((LOOPBACK, 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
