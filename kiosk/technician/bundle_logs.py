"""Logs and crash files as the support bundle may hold them: line by line, only what is on a white list."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kiosk.technician.bundle_guard import unsafe_line
from kiosk.technician.moments import is_fitting_value

_KEPT = ("timestamp", "level", "logger", "thread_name")
_MORE = frozenset(
    {"code", "worker", "state", "kind", "status", "count", "lost", "attempt", "part", "where", "timeout_s"}
    | {"waiting", "parked", "free_bytes", "method", "version", "workers", "added", "removed", "changed"}
)
_EVENT = re.compile(r"[a-z][a-z0-9_]{0,59}")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{5,15}(Z|\+00:00)?")
_PLACE = re.compile(r"(?:kiosk|ui|[a-z0-9_]+)/[A-Za-z0-9_]+\.py:\d{1,5} in [<>A-Za-z0-9_]{1,60}")
_TRACE = re.compile(r'File "[^"]*?((?:[\w-]+/)?\w+\.py)", line (\d{1,5}), in ([<>\w]{1,60})')
_EXCEPTION = re.compile(r"[A-Z][A-Za-z0-9]{2,60}")
MOST_LINES = 5000
_LARGEST = 1_000_000


def log_lines(folder: Path) -> list[str]:
    """The newest lines of the kiosk's log, the oldest of them first."""
    kept: list[str] = []
    for path in (folder / "kiosk.jsonl.1", folder / "kiosk.jsonl"):
        kept += [line for line in map(kept_line, _read(path)) if line]
    return kept[-MOST_LINES:]


def crash_lines(folder: Path) -> list[str]:
    """What was left by crashes: kind, where, and places in the code."""
    paths = [folder / "crash.jsonl", *sorted(folder.glob("crash-*.txt"))]
    return [line for path in paths for line in map(_kept_crash, _read(path)) if line][-MOST_LINES:]


def kept_line(line: str) -> str:
    """What may be kept of one line of the log, as JSON; empty for nothing."""
    told = _parsed(line)
    if told is None:
        return ""
    kept: dict[str, Any] = {}
    for key in _KEPT:
        pattern = _TIME if key == "timestamp" else _NAME
        if pattern.fullmatch(str(told.get(key, ""))):
            kept[key] = told[key]
    event = str(told.get("event", ""))
    kept["event"] = event if _EVENT.fullmatch(event) else "(words of a library)"
    for key in sorted(_MORE & told.keys()):
        if _is_kept(told[key]):
            kept[key] = told[key]
    if "exception" in told:
        kept["places"] = [
            f"{place[0]}:{place[1]} in {place[2]}" for place in _TRACE.findall(str(told["exception"]))
        ]
        kept["kind"] = _kind(str(told["exception"]).strip().splitlines()[-1:])
    return _safe(kept)


def _is_kept(value: object) -> bool:
    if isinstance(value, bool | int | float):
        return abs(value) < _LARGEST
    return isinstance(value, str) and is_fitting_value(value)


def _kept_crash(line: str) -> str:
    told = _parsed(line)
    if told is None:
        return ""
    kept: dict[str, Any] = {"kind": _kind([str(told.get("summary", ""))])}
    if _TIME.fullmatch(str(told.get("at", ""))):
        kept["at"] = told["at"]
    if is_fitting_value(str(told.get("where", ""))):
        kept["where"] = told["where"]
    places = told.get("places")
    if isinstance(places, list):
        kept["places"] = [place for place in places if isinstance(place, str) and _PLACE.fullmatch(place)]
    return _safe(kept)


def _safe(kept: dict[str, Any]) -> str:
    line = json.dumps(kept, ensure_ascii=True)
    return "" if unsafe_line(line) else line


def _kind(last: list[str]) -> str:
    """The exception's type, without what it says."""
    name = last[0].partition(":")[0].rpartition(".")[2].strip() if last else ""
    return name if _EXCEPTION.fullmatch(name) else "other"


def _parsed(line: str) -> dict[str, Any] | None:
    try:
        told = json.loads(line)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None


def _read(path: Path) -> Iterator[str]:
    try:
        yield from path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
