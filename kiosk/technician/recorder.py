"""The flight recorder: what happened around camera, printers, network and payments, on one time line."""

from __future__ import annotations

import json
import logging
import threading
from collections import deque
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog

from kiosk.clock import Clock
from kiosk.events import Event, EventBus
from kiosk.technician.moments import READERS, Moment, fitting
from kiosk.technician.recorder_files import RecorderFiles
from kiosk.technician.told import Recorded

_log = structlog.get_logger(__name__)
_MOST_WAITING = 10_000
_WRITTEN_EVERY_S = 0.5
_SAME_ERROR_S = 60.0


class FlightRecorder:
    """Hears of events from its making on, and of known errors in the log while `run` runs, which writes both
    to `home`/recorder: at most 20 MB, the oldest goes first. Hearing never waits; what comes faster than the
    disk takes it is dropped from 10,000 moments on. Any thread may `read` and `note`."""

    def __init__(self, home: Path, bus: EventBus, clock: Clock) -> None:
        self._files = RecorderFiles(home / "recorder")
        self._clock = clock
        self._waiting: deque[Recorded] = deque(maxlen=_MOST_WAITING)
        self._lock = threading.Lock()
        self._told: dict[str, Moment] = {}
        self._errors_s: dict[str, float] = {}
        for kind in READERS:
            bus.subscribe(kind, self._hear)

    def run(self, stop: threading.Event) -> None:
        """Writes down what comes, until `stop`."""
        errors = _HeardErrors(self)
        logging.getLogger().addHandler(errors)
        try:
            while not stop.wait(_WRITTEN_EVERY_S):
                self.flush()
        finally:
            logging.getLogger().removeHandler(errors)
            self.flush(is_last=True)

    def note(self, lane: str, what: str, code: str = "", facts: Mapping[str, str] | None = None) -> None:
        """A moment that no event tells of, such as the start of the program."""
        self._keep(Moment(lane, what, code, facts))

    def note_error(self, code: str, what: str) -> None:
        """A known error in the log; the same within a minute is one."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            last_s = self._errors_s.get(f"{code} {what}", float("-inf"))
            if now_s - last_s < _SAME_ERROR_S:
                return
            if len(self._errors_s) > 1000:
                self._errors_s.clear()
            self._errors_s[f"{code} {what}"] = now_s
        self._keep(Moment("error", what, code))

    def read(
        self, lane: str = "", since: datetime | None = None, most: int = 200
    ) -> tuple[tuple[Recorded, ...], bool]:
        """Moments, the newest first, and whether there are more; `lane` empty for all lanes."""
        found: list[Recorded] = []
        for recorded in self._newest_first(f'"lane": "{lane}"' if lane else ""):
            if since is not None and recorded.at < since:
                break
            if lane in ("", recorded.lane):
                if len(found) == most:
                    return tuple(found), True
                found.append(recorded)
        return tuple(found), False

    def flush(self, *, is_last: bool = False) -> None:
        """Writes down what was heard; a full disk loses it and nothing else."""
        with self._lock:
            waiting = list(self._waiting)
            self._waiting.clear()
        lines = [_line(recorded) for recorded in waiting]
        try:
            self._files.add(lines, is_last=is_last)
        except OSError as error:
            _log.warning("recorder_not_written", kind=type(error).__name__, lost=len(lines))

    def _hear(self, event: Event) -> None:
        for moment in READERS[type(event)](event):
            self._keep(moment)

    def _keep(self, moment: Moment) -> None:
        kept = fitting(moment)
        if kept is None:
            return
        with self._lock:
            if kept.key:
                if self._told.get(kept.key) == kept:
                    return
                self._told[kept.key] = kept
            self._waiting.append(
                Recorded(self._clock.now(), kept.lane, kept.what, kept.code, kept.facts or {})
            )

    def _newest_first(self, words: str) -> Iterator[Recorded]:
        """Of the files only lines with these words in them: to read every line takes seconds."""
        with self._lock:
            waiting = list(self._waiting)
        yield from reversed(waiting)
        for line in self._files.newest_first():
            recorded = _recorded(line) if words in line else None
            if recorded is not None:
                yield recorded


class _HeardErrors(logging.Handler):
    """Picks the code and the name of known errors out of the log, and nothing else."""

    def __init__(self, recorder: FlightRecorder) -> None:
        super().__init__(logging.WARNING)
        self._recorder = recorder

    def emit(self, record: logging.LogRecord) -> None:
        told: Any = record.msg
        if isinstance(told, dict) and told.get("code"):
            self._recorder.note_error(str(told["code"]), str(told.get("event", "")))


def _line(recorded: Recorded) -> str:
    told: dict[str, Any] = {"at": recorded.at.isoformat(), "lane": recorded.lane, "what": recorded.what}
    if recorded.code:
        told["code"] = recorded.code
    if recorded.facts:
        told["facts"] = dict(recorded.facts)
    return json.dumps(told, ensure_ascii=True)


def _recorded(line: str) -> Recorded | None:
    """None for a line that a power cut left half written, or that somebody wrote into the file."""
    try:
        told = json.loads(line)
        at = datetime.fromisoformat(told["at"])
        moment = fitting(Moment(told["lane"], told["what"], told.get("code", ""), told.get("facts")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    if moment is None or at.tzinfo is None:
        return None
    return Recorded(at, moment.lane, moment.what, moment.code, moment.facts or {})
