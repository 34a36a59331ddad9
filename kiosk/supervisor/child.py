"""A process with a heartbeat: started, heard, and ended in order or by force."""

from __future__ import annotations

import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import BinaryIO

from kiosk.runtime.heartbeat import VARIABLE


class Child:
    """A program that was started with a pipe for its heartbeat. `lines` come from a thread that ends with the
    pipe."""

    def __init__(self, words: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        """Raises OSError where the program cannot be started."""
        reading, writing = os.pipe()
        try:
            self._process = _start(words, dict(os.environ if environment is None else environment), writing)
        except OSError:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        pipe = os.fdopen(reading, "rb")
        threading.Thread(target=self._listen, args=(pipe,), name="heartbeat", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return self._process.poll()

    def next_line(self, timeout_s: float) -> str | None:
        """What it said next, "" once it has ended or says no more; None when nothing came within the time."""
        try:
            return self._lines.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def end(self, within_s: float) -> int:
        """Tells it to end and waits; by force where it has not within the time."""
        self._process.terminate()
        return self._wait_or_kill(within_s)

    def abort(self, within_s: float) -> int:
        """Ends it so that the places in its code are written down (SIGABRT), and by force after the time. One
        that was stopped is let go on for that."""
        if sys.platform == "win32":
            self._process.kill()
        else:
            self._process.send_signal(signal.SIGABRT)
            self._process.send_signal(signal.SIGCONT)
        return self._wait_or_kill(within_s)

    def _wait_or_kill(self, within_s: float) -> int:
        try:
            return self._process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _listen(self, pipe: BinaryIO) -> None:
        with pipe:
            for line in pipe:
                self._lines.put(line.decode("utf-8", "replace").strip())
        self._lines.put("")  # nothing more comes: whoever waits looks whether it has ended


def _start(words: Sequence[str], environment: dict[str, str], writing: int) -> subprocess.Popen[bytes]:
    if sys.platform == "win32":
        import msvcrt

        handle = msvcrt.get_osfhandle(writing)
        os.set_handle_inheritable(handle, True)
        environment[VARIABLE] = str(handle)
        return subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, close_fds=False)
    environment[VARIABLE] = str(writing)
    return subprocess.Popen(words, env=environment, stdin=subprocess.DEVNULL, pass_fds=(writing,))
