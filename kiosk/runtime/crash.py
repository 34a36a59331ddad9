"""The crash log: what went wrong without being caught, kept for staff at the next start.

It holds places in the code and exception types, never local variables, so no face and no secret can be in it.
"""

from __future__ import annotations

import faulthandler
import json
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import TextIO

import structlog

from kiosk.errors import ErrorCode
from kiosk.runtime.blotting import blot_text

_log = structlog.get_logger(__name__)
_KEPT_FILES = 10
_LONGEST_MESSAGE = 300
_CODES = frozenset(code.value for code in ErrorCode)
_installed: list[CrashLog] = []


@dataclass(frozen=True, slots=True)
class PreviousCrash:
    """How the last run failed: `where` is the thread or worker, `summary` one line, `places` the innermost
    last ("capture/live_view.py:120 in _look"), `kept_as` the whole record's file. `code` is a known error's
    where whoever looked after the run ended it, or saw how it ended; else empty."""

    at: datetime
    where: str
    summary: str
    places: tuple[str, ...]
    count: int
    kept_as: Path
    code: str = ""


class CrashLog:
    """Records what nobody caught, of Python (`crash.jsonl`) and of native code (`native.txt`), in `folder`.

    One per process, made on the main thread; `record` may be called from any. A failure to write is logged
    and swallowed: a crash log must not be the cause of a crash.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "crash.jsonl"
        self._native_path = folder / "native.txt"
        self._native: TextIO | None = None
        self._busy = threading.local()
        self._write_lock = threading.Lock()
        self._undo: list[Callable[[], None]] = []

    def previous_crash(self) -> PreviousCrash | None:
        """What the last run left, or None. Sets its files aside, so that it is told once.

        To be called before `install`. Where they cannot be set aside (a full disk) it is told next time.
        """
        try:
            crash = self._previous()
            for path in (self._path, self._native_path):
                path.unlink(missing_ok=True)
            for old in sorted(self._folder.glob("crash-*.txt"))[:-_KEPT_FILES]:
                old.unlink(missing_ok=True)
        except OSError as failure:
            _log.error("crash_log_failed", kind=type(failure).__name__)
            return None
        return crash

    def install(self) -> None:
        """Hooks into the interpreter: the main thread, other threads, and native faults."""
        self._folder.mkdir(parents=True, exist_ok=True)
        old_hook, old_thread_hook = sys.excepthook, threading.excepthook
        self._native = self._native_path.open("w", encoding="utf-8")
        faulthandler.enable(self._native)

        def main_hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
            if not issubclass(kind, KeyboardInterrupt):
                self.record("main", error)
            old_hook(kind, error, trace)

        def thread_hook(args: threading.ExceptHookArgs) -> None:
            if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
                self.record(args.thread.name if args.thread else "thread", args.exc_value)

        def restore() -> None:
            sys.excepthook, threading.excepthook = old_hook, old_thread_hook

        sys.excepthook, threading.excepthook = main_hook, thread_hook
        self._undo.append(restore)
        _installed.append(self)

    def uninstall(self) -> None:
        """Takes the hooks out again."""
        while self._undo:
            self._undo.pop()()
            _installed.remove(self)
        if self._native is not None:
            faulthandler.disable()
            self._native.close()
            self._native = None

    def record(self, where: str, error: BaseException) -> None:
        """Writes down an exception with its places in the code. A call from within itself does nothing."""
        if getattr(self._busy, "now", False):
            return
        self._busy.now = True
        try:
            self._write(_described(where, error))
            _log.error("crash_recorded", where=where, kind=type(error).__name__)
        except Exception as failure:  # noqa: BLE001 - see the class: never the cause of a crash
            _log.error("crash_log_failed", kind=type(failure).__name__)
        finally:
            self._busy.now = False

    def note(self, where: str, summary: str, code: str) -> None:
        """Writes down, from outside, how a run ended. A failure to write is logged, as of `record`."""
        try:
            at = datetime.now(UTC).isoformat()
            self._write({"at": at, "where": where, "summary": summary, "places": [], "code": code})
        except OSError as failure:
            _log.error("crash_log_failed", kind=type(failure).__name__)

    def _write(self, record: dict[str, object]) -> None:
        line = json.dumps(record, ensure_ascii=False)
        with self._write_lock:
            self._folder.mkdir(parents=True, exist_ok=True)
            with self._path.open("a", encoding="utf-8") as file:
                file.write(line + "\n")

    def _previous(self) -> PreviousCrash | None:
        """Of the last record, and of the native fault before it; both texts are kept in one file. A record
        from outside has no places in the code: those of what it ended are its own."""
        text, native = _text_of(self._path), _text_of(self._native_path).strip()
        records = [record for record in map(_parsed, text.splitlines()) if record is not None]
        if not records and not native:
            return None
        lines = native.splitlines()
        places = tuple(line.strip() for line in lines if line.strip().startswith("File "))[:12][::-1]
        kept_as = self._keep(f"{text}{native}")
        if not records:
            at = datetime.fromtimestamp(self._native_path.stat().st_mtime, UTC)
            return PreviousCrash(at, "native code", lines[0].strip(), places, 1, kept_as)
        last, inside = records[-1], records[-2] if len(records) > 1 else {}
        return PreviousCrash(
            at=datetime.fromisoformat(last["at"]),
            where=last["where"],
            summary=last["summary"],
            places=tuple(last["places"]) or places or tuple(inside.get("places", ())),
            count=len(records),
            kept_as=kept_as,
            code=code if (code := str(last.get("code", ""))) in _CODES else "",
        )

    def _keep(self, text: str) -> Path:
        kept_as = self._folder / f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.txt"
        kept_as.write_text(text, encoding="utf-8")
        return kept_as


def record_crash(where: str, error: BaseException) -> None:
    """Writes an exception that a worker survived into the installed crash log; without one, into the log."""
    for crash_log in _installed[-1:]:
        crash_log.record(where, error)
        return
    told = _described(where, error)
    _log.error("crash_not_recorded", where=where, kind=type(error).__name__, places=told["places"])


def _described(where: str, error: BaseException) -> dict[str, object]:
    frames = traceback.extract_tb(error.__traceback__)
    places = [f"{'/'.join(Path(f.filename).parts[-2:])}:{f.lineno} in {f.name}" for f in frames]
    message = blot_text(str(error))[:_LONGEST_MESSAGE]
    return {
        "at": datetime.now(UTC).isoformat(),
        "where": where,
        "summary": f"{type(error).__name__}: {message}",
        "places": places[-12:],
    }


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _parsed(line: str) -> dict[str, str] | None:
    """A record, or None for a line that a power cut left half written."""
    try:
        record = json.loads(line)
    except ValueError:
        return None
    is_whole = isinstance(record, dict) and {"at", "where", "summary", "places"} <= record.keys()
    return record if is_whole else None
