"""Puts what was unpacked in its place in a kiosk's folder: once begun it is brought to its end, also by the
next start after a power cut in the middle."""

from __future__ import annotations

import shutil
from datetime import datetime
from pathlib import Path

from kiosk.backup.manifest import DATABASE, SETTINGS
from kiosk.database import repair
from kiosk.runtime.whole_file import flush_folder

UNFINISHED = "restore.unfinished"
_READY = "restore.ready"
_KEPT_AS = "kept-as"
_STAMP = "%Y%m%d-%H%M%S"


def unpacking_folder(home: Path) -> Path:
    """An empty folder beside what is to be replaced. Raises OSError."""
    folder = home / UNFINISHED
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    folder.chmod(0o700)
    return folder


def place(home: Path, now: datetime) -> None:
    """All that lies in the folder for unpacking goes to its place. The database and the settings that were
    there are kept beside it; other files are replaced by those of the backup or stay. Raises OSError."""
    folder = home / UNFINISHED
    (folder / _KEPT_AS).write_text(now.strftime(_STAMP), encoding="utf-8")
    flush_folder(folder)
    folder.rename(home / _READY)
    flush_folder(home)
    finish(home)


def drop(folder: Path) -> None:
    """What was unpacked is not wanted; harmless where it is gone."""
    shutil.rmtree(folder, ignore_errors=True)


def finish(home: Path) -> None:
    """Brings a restore that has begun to its end; harmless where there is none. Nobody else may use the
    folder. Raises OSError, KnownError DATABASE_*."""
    ready = home / _READY
    if not ready.exists():
        return
    stamp = (ready / _KEPT_AS).read_text(encoding="utf-8")
    for found in sorted(ready.rglob("*")):
        name = found.relative_to(ready)
        if found.is_file() and len(name.parts) > 1:
            target = home / name
            target.parent.mkdir(parents=True, exist_ok=True)
            found.replace(target)
    settings = ready / SETTINGS
    if settings.exists():
        _keep(home / SETTINGS, home / f"kiosk.before-{stamp}.toml")
        settings.replace(home / SETTINGS)
    database = ready / DATABASE
    if database.exists():
        path = home / DATABASE
        for ending in ("", "-wal"):  # under a name by which forgetting finds it, too
            _keep(path.with_name(path.name + ending), home / f"{path.stem}.damaged-{stamp}.db{ending}")
        repair.put_in_place(path, database)
    repair.finish(home / DATABASE)
    flush_folder(home)
    shutil.rmtree(ready)


def _keep(path: Path, kept: Path) -> None:
    """A copy: a power cut must never leave the place empty."""
    if path.exists() and not kept.exists():
        shutil.copy2(path, kept)
