"""Puts a damaged SQLite file right: page by page where a backup has the very pages, else by the newest sound
backup with all that can still be read of the damaged one."""

from __future__ import annotations

import json
import shutil
import sqlite3
import tempfile
from collections.abc import Collection, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import structlog

from kiosk.database import files
from kiosk.database.failures import known_errors
from kiosk.database.page_sums import (
    Damage,
    Sums,
    digest_of,
    drop_sums,
    frames_of,
    page_size_of,
    read_sums,
)
from kiosk.database.salvage import Salvaged, salvage
from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.whole_file import flush_folder

RESTORED = "restored"
"""The word of `meta` that says what was put right and is still to be followed up."""
PRINTS_LEFT_BEFORE = "prints_left_before"
"""The word of `meta` for the moment before which orders were made whose prints are left to staff."""
_JOURNAL = ("-wal", "-shm")
_HOLD = {
    "print_jobs": "UPDATE print_jobs SET state = 'held', code = '' "
    "WHERE state IN ('waiting', 'sending', 'spooled')",
    "deliveries": "UPDATE deliveries SET state = 'waiting_for_staff' "
    "WHERE kind = 'print' AND state IN ('pending', 'ready')",
}
"""What may have been printed since the backup goes to staff: it is never printed twice by itself."""
_SET = "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)"
_log = structlog.get_logger(__name__)


class Way(StrEnum):
    """How a file was put right. HEALED lost nothing."""

    HEALED = "healed"
    JOURNAL = "journal"
    BACKUP = "backup"
    UNKNOWN = "unknown"
    COMMAND = "command"


@dataclass(frozen=True, slots=True)
class Repair:
    """What was done, and the backup that was taken, if one was. `pages` were damaged."""

    way: Way
    backup: Path | None = None
    pages: int = 0


def repair(path: Path, damage: Damage | None, now: datetime, *, holds_prints: bool = True) -> Repair:
    """Sets the damaged database aside, where it is kept, and puts a sound one in its place. Without `damage`
    it is not known which of its pages are. At a kiosk it `holds_prints` that may have come out.

    Raises KnownError(DATABASE_DAMAGED) where that takes a backup and there is none; then the damaged file
    stays where it is, so that no kiosk goes on as if it had never sold anything. DISK_FULL.
    """
    damage, sums = damage or Damage(), read_sums(path)
    with known_errors():
        healed = _healed(path, sums, damage.pages)
        page_size = sums.page_size if sums else 0
        is_healed = bool(damage) and healed.keys() == set(damage.pages)
        good = (
            None if is_healed else next((copy for copy in files.backups(path) if files.is_sound(copy)), None)
        )
        if not is_healed and good is None:
            raise KnownError(
                ErrorCode.DATABASE_DAMAGED,
                f"The database {path.name} is damaged and there is no good backup of it.",
                f"Have {path.name} rescued, or move it away to begin with an empty one.",
            )
        aside = _keep(path, now)
        replacement = path.with_suffix(".restoring")
        if is_healed and not damage.is_journal_broken:
            shutil.copyfile(path, replacement)
            _write_pages(replacement, healed, page_size)
            files.flush(replacement)
            replacement.replace(path)  # its journal stays: it is sound, and of this very file
            files.flush(path)
            done = Repair(Way.HEALED, pages=len(damage.pages))
        else:
            done = _rebuild(path, replacement, good, healed, damage, page_size, now, holds_prints)
    _log.error("database_restored", way=done.way.value, pages=done.pages, kept_as=aside.name)
    return done


def finish(path: Path) -> None:
    """Puts what was restored in its place: also after a power cut in the middle of it, and harmless again."""
    restored = _restored_path(path)
    if not restored.exists():
        return
    drop_sums(path)
    # The journal belongs to the file of before: beside the restored one it would be replayed into it.
    for ending in _JOURNAL:
        path.with_name(path.name + ending).unlink(missing_ok=True)
    flush_folder(path.parent)
    restored.replace(path)
    files.flush(path)


def put_in_place(path: Path, replacement: Path) -> None:
    """A whole database in place of the one at `path` and its journal, which are gone with it. From the
    moment on that this has begun to change anything, `finish` brings it to its end."""
    files.flush(replacement)
    replacement.replace(_restored_path(path))
    finish(path)


def begin_anew(
    copy: sqlite3.Connection, done: Repair, now: datetime, incomplete: Collection[str] | None = None
) -> None:
    """What a file that lost something has to do: hear everything from the centre once more, and leave to
    staff the prints that may have been made. `incomplete` are the tables that lost rows; None: all may have.
    Commits."""
    there = _tables(copy)
    with copy:
        if done.way is not Way.HEALED and "meta" in there:
            copy.execute("UPDATE meta SET value = '0' WHERE key = 'sync_cursor'")
        if incomplete is None or not {*_HOLD, "order_lines", "orders"}.isdisjoint(incomplete):
            for table, change in _HOLD.items():
                if table in there:
                    copy.execute(change)
            if "meta" in there:
                copy.execute(_SET, (PRINTS_LEFT_BEFORE, now.isoformat()))
        if "meta" in there:
            told = {
                "way": done.way.value,
                "at": now.isoformat(),
                "backup": done.backup.name if done.backup else "",
                "pages": done.pages,
            }
            copy.execute(_SET, (RESTORED, json.dumps(told)))


def _rebuild(
    path: Path,
    replacement: Path,
    good: Path | None,
    healed: Mapping[int, bytes],
    damage: Damage,
    page_size: int,
    now: datetime,
    holds_prints: bool,
) -> Repair:
    way = Way.JOURNAL if good is None else Way.BACKUP
    done = Repair(way, good, len(damage.pages))
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        replacement.unlink(missing_ok=True)
        if good is None:
            _copy_with_journal(path, Path(folder) / "base.db", healed, page_size)
            good = Path(folder) / "base.db"
        with closing(sqlite3.connect(good)) as source, closing(sqlite3.connect(replacement)) as copy:
            source.backup(copy)
        image = Path(folder) / "image.db"
        unsure = _image(path, image, healed, damage, page_size)
        if unsure is None:
            salvaged = Salvaged(0, frozenset(_HOLD))
        else:
            is_one_state = bool(damage.pages) and not damage.is_journal_broken and 1 not in damage.pages
            salvaged = salvage(image, replacement, page_size, unsure, is_one_state=is_one_state)
        with closing(sqlite3.connect(replacement)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")
            begin_anew(copy, done, now, salvaged.incomplete if holds_prints else frozenset())
    put_in_place(path, replacement)
    return done


def _image(
    path: Path, image: Path, healed: Mapping[int, bytes], damage: Damage, page_size: int
) -> frozenset[int] | None:
    """The newest state of every page in one file, the journal's sound frames behind damage among them;
    returns the pages that are not sound. None where there is nothing to read."""
    if not path.exists() or path.stat().st_size == 0:
        return None
    if not page_size:  # which pages are damaged is not known: as SQLite reads it
        _copy_with_journal(path, image, {}, 0)
        return frozenset()
    shutil.copyfile(path, image)
    frames, broken = frames_of(path, page_size)
    pages = {**healed, **frames}
    _write_pages(image, pages, page_size)
    unsure = frozenset({*damage.pages, *broken} - (pages.keys() - broken))
    last = -(-image.stat().st_size // page_size)
    _stand_in_for_head(path, image, page_size, 1 in unsure)
    return frozenset(page for page in unsure if 1 < page <= last)


def _stand_in_for_head(path: Path, image: Path, page_size: int, is_needed: bool) -> None:
    """A file of which the first page is lost is read by that of a backup, which says where its tables are:
    they hardly ever move. No row hangs on it but those of the schema."""
    head = image.read_bytes()[:page_size] if not is_needed else b""
    if is_needed:
        for copy in files.backups(path):
            if page_size_of(copy) == page_size:
                head = copy.read_bytes()[:page_size]
                break
    if len(head) < 100:
        return
    pages = -(-image.stat().st_size // page_size)
    fixed = bytearray(head)
    fixed[18:20] = b"\x01\x01"  # without a journal
    fixed[28:32] = pages.to_bytes(4, "big")
    fixed[92:96] = fixed[24:28]
    with image.open("rb+") as file:
        file.write(fixed)
        file.truncate(pages * page_size)


def _healed(path: Path, sums: Sums | None, damaged: Collection[int]) -> dict[int, bytes]:
    """Of the damaged pages those that a backup has, byte for byte: most pages of a file hardly ever
    change."""
    if sums is None:
        return {}
    found: dict[int, bytes] = {}
    own_head = b""
    if path.exists():
        with path.open("rb") as file:
            own_head = file.read(100)
    for copy in files.backups(path):
        with copy.open("rb") as file:
            for page in damaged:
                if page in found:
                    continue
                file.seek((page - 1) * sums.page_size)
                data = file.read(sums.page_size)
                for candidate in (data, own_head + data[len(own_head) :]) if page == 1 else (data,):
                    if digest_of(candidate) == sums.of(page):
                        found[page] = candidate
                        break
    return found


def _copy_with_journal(path: Path, copy: Path, healed: Mapping[int, bytes], page_size: int) -> None:
    """As SQLite reads the file with its journal: the state of the last whole transaction before any
    damage."""
    shutil.copyfile(path, copy)
    if healed:
        _write_pages(copy, healed, page_size)
    journal = path.with_name(path.name + "-wal")
    if not journal.exists():
        return
    shutil.copyfile(journal, copy.with_name(copy.name + "-wal"))
    try:
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.DatabaseError as error:
        _log.warning("journal_unreadable", kind=type(error).__name__)


def _keep(path: Path, now: datetime) -> Path:
    """A copy of the damaged file with its journal, for whoever wants to look at it."""
    aside = files.aside_path(path, now)
    for ending in ("", "-wal"):
        part = path.with_name(path.name + ending)
        if part.exists():
            shutil.copy2(part, aside.with_name(aside.name + ending))
    return aside


def _write_pages(path: Path, pages: Mapping[int, bytes], page_size: int) -> None:
    with path.open("rb+") as file:
        for page, data in pages.items():
            file.seek((page - 1) * page_size)
            file.write(data)


def _restored_path(path: Path) -> Path:
    return path.with_suffix(".restored")


def _tables(copy: sqlite3.Connection) -> set[str]:
    return {name for (name,) in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
