"""The support bundle: one ZIP with what helps to see why, and nothing of a person in it."""

from __future__ import annotations

import io
import json
import platform
import sys
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import func, inspect, select, table

from kiosk import __version__
from kiosk.clock import Clock
from kiosk.database.engine import Database
from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.blotting import blot_text
from kiosk.runtime.health import disk_state, memory_bytes
from kiosk.runtime.whole_file import write_whole
from kiosk.settings import Settings
from kiosk.technician.bundle_guard import SHORTEST_KNOWN, check, unsafe_line
from kiosk.technician.bundle_logs import crash_lines, log_lines
from kiosk.technician.forms import fields_of
from kiosk.technician.moments import is_fitting_value
from kiosk.technician.recorder import FlightRecorder
from kiosk.technician.told import FieldKind, SettingField

_MOST_MOMENTS = 5000
_MOST_BUNDLES = 10
_SET = "(set)"
_SHOWN_TEXTS = frozenset(
    {"camera.source", "kiosk.code_prefix", "kiosk.timezone", "central.url", "delivery.host"}
    | {"delivery.public_url", "printing.server", "line.api_url", "gallery.milvus_uri", "mail.server"}
    | {"photos.minio_endpoint", "photos.minio_bucket", "photos.minio_public_url", "payment.paynoi_url"}
    | {"payment.slip_check_url", "session.consent_version", "store.consent_version"}
)
"""Texts that are shown as they stand, unless something in them looks personal. Of all others, which may be
names of people, is only told that they are set."""


class Bundles:
    """Makes bundles; any thread. `findings` is what was found by looking at each part; `known` are secrets of
    this kiosk, none of which may stand in a bundle, whatever it looks like."""

    def __init__(
        self,
        home: Path,
        clock: Clock,
        settings: Callable[[], Settings],
        database: Database | None,
        recorder: FlightRecorder,
        findings: Callable[[], Sequence[Mapping[str, Any]]],
        known: Callable[[], Iterable[str]],
    ) -> None:
        self._home = home
        self._clock = clock
        self._settings = settings
        self._database = database
        self._recorder = recorder
        self._findings = findings
        self._known = known

    def make(self, folder: Path | None = None) -> Path:
        """Writes one into `home`/bundles, or into a folder such as that of a USB stick; what it holds is
        checked as it was packed, before there is a file. Raises KnownError BUNDLE_UNSAFE,
        FOLDER_NOT_WRITABLE, DATABASE_*."""
        settings = self._settings()
        known = [one for one in (*self._known(), *_own_numbers(settings)) if len(one) >= SHORTEST_KNOWN]
        packed = _packed({name: _without(known, text) for name, text in self._members(settings).items()})
        with zipfile.ZipFile(io.BytesIO(packed)) as archive:
            for name in archive.namelist():
                check(name, archive.read(name), known)
        return self._write(packed, folder or self._home / "bundles", settings.kiosk.code_prefix)

    def _members(self, settings: Settings) -> dict[str, str]:
        moments, _ = self._recorder.read(most=_MOST_MOMENTS)
        logs = self._home / "logs"
        return {
            "about.json": _json(self._about(settings)),
            "settings.json": _json(masked_settings(settings)),
            "findings.json": _json([self._blotted(finding) for finding in self._findings()]),
            "tables.json": _json(row_counts(self._database) if self._database else {}),
            "recorder.jsonl": _lines(json.dumps(asdict(moment), default=str) for moment in moments),
            "log.jsonl": _lines(log_lines(logs)),
            "crashes.jsonl": _lines(crash_lines(logs)),
        }

    def _about(self, settings: Settings) -> dict[str, Any]:
        disk = disk_state(self._home)
        return {
            "made_at": self._clock.now().isoformat(timespec="seconds"),
            "version": __version__,
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "is_packaged": hasattr(sys, "_MEIPASS"),
            "mode": settings.kiosk.mode,
            "disk": disk.state.value,
            "free_mb": disk.free_bytes // 1_000_000,
            "memory_mb": memory_bytes() // 1_000_000,
            "folders_kb": {one.name: _size(one) // 1000 for one in _folders(self._home)},
        }

    def _blotted(self, value: Any) -> Any:
        """Of a folder's name only what is below the kiosk's own is told: users are called like people."""
        if isinstance(value, Mapping):
            return {name: self._blotted(inside) for name, inside in value.items()}
        if isinstance(value, list | tuple):
            return [self._blotted(inside) for inside in value]
        if isinstance(value, float):
            return round(value, 2)
        return _text(value.replace(str(self._home), "HOME")) if isinstance(value, str) else value

    def _write(self, packed: bytes, folder: Path, prefix: str) -> Path:
        path = folder / f"kiosk-{prefix}-{self._clock.now():%Y%m%d-%H%M%S}.zip"
        try:
            write_whole(path, packed)
        except OSError as error:
            raise KnownError(
                ErrorCode.FOLDER_NOT_WRITABLE,
                f"The bundle cannot be written: {error.strerror}.",
                "Choose another folder, or make room there.",
            ) from error
        if folder == self._home / "bundles":
            for old in sorted(folder.glob("kiosk-*.zip"))[:-_MOST_BUNDLES]:
                old.unlink(missing_ok=True)
        return path


def masked_settings(settings: Settings) -> dict[str, dict[str, Any]]:
    """All settings by section, with blots over what may be personal."""
    told: dict[str, dict[str, Any]] = {}
    for field in fields_of(settings):
        told.setdefault(field.section, {})[field.key] = _masked(field)
    return told


def row_counts(database: Database) -> dict[str, int]:
    """How many rows each table holds. Raises KnownError DATABASE_*."""
    with database.reading() as session:
        names = inspect(session.connection()).get_table_names()
        return {
            name: session.scalar(select(func.count()).select_from(table(name))) or 0 for name in sorted(names)
        }


def _masked(field: SettingField) -> Any:
    value, name = field.value, f"{field.section}.{field.key}"
    if field.kind in (FieldKind.TEXT, FieldKind.PATH):
        if value in (None, ""):
            return value
        is_shown = value == field.standard or name in _SHOWN_TEXTS
        return _text(str(value)) if is_shown else _SET
    if isinstance(value, Mapping):
        return {
            _text(row): _text(inside) if isinstance(inside, str) else inside for row, inside in value.items()
        }
    return value


def _text(text: str) -> str:
    """Without what looks personal; a text that still does is only said to be there."""
    blotted = blot_text(text)
    return _SET if unsafe_line(blotted) else blotted


def _own_numbers(settings: Settings) -> list[str]:
    payment = settings.payment
    digits = "".join(sign for sign in payment.promptpay_id if sign.isdecimal())
    without_zero = digits[1:] if digits.startswith("0") else digits
    return [payment.promptpay_id, without_zero, payment.paynoi_account, settings.mail.user]


def _without(known: Sequence[str], text: str) -> str:
    """Somebody may have put a secret where an ordinary word belongs."""
    for one in known:
        text = text.replace(one, _SET)
    return text


def _packed(members: Mapping[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return buffer.getvalue()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, default=str) + "\n"


def _lines(lines: Iterable[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _folders(home: Path) -> list[Path]:
    try:
        return sorted(path for path in home.iterdir() if path.is_dir() and is_fitting_value(path.name))
    except OSError:
        return []


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
