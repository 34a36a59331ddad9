"""`kiosk session` as a process: which programs it starts, where it logs, what ends it."""

from __future__ import annotations

import sys
from pathlib import Path

import structlog

from kiosk.runtime.ending import ended_by_signals
from kiosk.supervisor.rules import Fault
from kiosk.supervisor.session import Session


def run_session(home: Path) -> int:
    """Keeps the screen of the kiosk in `home` running; the exit status. Main thread only.

    It logs to standard error, which is the journal under systemd: the screen's log is the screen's own file,
    and this must work where nothing can be written.
    """
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.processors.LogfmtRenderer()],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    with ended_by_signals() as stop:
        return Session(home, kiosk_words("run"), _call_words).run(stop)


def kiosk_words(*arguments: str) -> list[str]:
    """The words that start a command of this very program, packaged or in a checkout."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ui"]
    return [*program, *arguments]


def _call_words(fault: Fault, again_s: float) -> list[str]:
    return kiosk_words("call-staff", fault.code, f"{again_s:.0f}")
