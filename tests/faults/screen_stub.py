"""A screen without a screen: says the heartbeat's lines and does as it is told, run by a supervisor.

Usage: python -m tests.faults.screen_stub LOG PLAN…; each start takes the next word of the plan, the last one
again and again: serve, hang, crash, abort, freeze (a worker), restart, refuse, end. LOG gets a line a start,
LOG.told what a start that serves was told of the one before.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import time
from pathlib import Path

from kiosk.runtime.ending import ended_by_signals
from kiosk.runtime.heartbeat import Heartbeat, inherited_heartbeat

_STATUS = {"crash": 1, "restart": 75, "refuse": 2, "end": 0}


def main() -> int:
    log, plan = Path(sys.argv[1]), sys.argv[2:]
    starts = log.read_text().splitlines() if log.exists() else []
    word = plan[min(len(starts), len(plan) - 1)]
    with log.open("a") as file:
        file.write(f"{word} {os.getpid()}\n")
    heartbeat = inherited_heartbeat()
    heartbeat.starting()
    if word in _STATUS:
        heartbeat.fault("A-102") if word == "refuse" else heartbeat.beat()
        return _STATUS[word]
    look_at_crashes(log)
    return play(word, heartbeat)


def look_at_crashes(log: Path) -> None:
    from kiosk.runtime.crash import CrashLog  # which takes a while to import

    crash_log = CrashLog(log.parent / "logs")
    if (crash := crash_log.previous_crash()) is not None:
        told = {"code": crash.code, "where": crash.where, "summary": crash.summary, "places": crash.places}
        log.with_suffix(".told").write_text(json.dumps(told))
    crash_log.install()


def play(word: str, heartbeat: Heartbeat) -> int:
    heartbeat.beat()
    if word == "abort":
        faulthandler._sigabrt()  # type: ignore[attr-defined]
    if word == "hang":
        time.sleep(60)
    with ended_by_signals() as stop:
        while not stop.wait(0.1):
            heartbeat.frozen(["camera"]) if word == "freeze" else heartbeat.beat()
            if heartbeat.is_alone:
                return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
