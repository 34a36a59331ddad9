"""Work in a process of its own, as a kiosk is one."""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any

import structlog

from tests.peers.centre import PRELOADED

_LONGEST_S = 600.0


class OwnProcess:
    """A process that does one thing; `result` waits for what came of it. It is forked from one that has
    imported the kiosk's code and done nothing else."""

    def __init__(self, work: Callable[..., Any], *given: Any) -> None:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(PRELOADED)
        self._receiver, sender = context.Pipe(duplex=False)
        self._process = context.Process(target=_do, args=(sender, work, given), daemon=True)
        self._process.start()
        sender.close()

    def result(self, longest_s: float = _LONGEST_S) -> Any:
        """Raises RuntimeError with what went wrong in it."""
        try:
            if not self._receiver.poll(longest_s):
                raise RuntimeError(f"it had not ended after {longest_s:.0f} s")
            is_good, told = self._receiver.recv()
        except EOFError:
            self._process.join(10)
            raise RuntimeError(f"its process ended with status {self._process.exitcode}") from None
        finally:
            self.end()
        if not is_good:
            raise RuntimeError(told)
        return told

    def end(self) -> None:
        """If it has not ended by itself soon."""
        self._process.join(5)
        self.kill()

    def kill(self) -> None:
        """At once."""
        self._process.kill()
        self._process.join()


def in_own_process(work: Callable[..., Any], *given: Any) -> Any:
    """What the work returns."""
    return OwnProcess(work, *given).result()


def be_quiet() -> None:
    """No log among the figures."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))


def _do(sender: Connection, work: Callable[..., Any], given: tuple[Any, ...]) -> None:
    be_quiet()
    try:
        sender.send((True, work(*given)))
    except Exception as broken:  # noqa: BLE001 - it is told to who waits
        sender.send((False, f"{type(broken).__name__}: {broken}"))
    finally:
        sender.close()
