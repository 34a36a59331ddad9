"""The settings' file: changed key by key with its comments and its order, kept, undone, and never torn."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog
import tomlkit
from tomlkit.items import InlineTable, Item, Table

from kiosk.clock import Clock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.promptpay import receiver_of
from kiosk.runtime.file_lock import FileLock
from kiosk.runtime.whole_file import write_whole
from kiosk.settings import Settings
from kiosk.settings_reading import FILE_NAME, settings_of
from kiosk.technician.forms import Shown, typed, variable_of
from kiosk.technician.live import changed
from kiosk.technician.settings_versions import SettingsVersions
from kiosk.technician.told import SettingsVersion

_log = structlog.get_logger(__name__)
_QUOTED = re.compile(r"'([a-z_]+)(?:\.([a-z_0-9]+))?")
_LOCKED_FOR_S = 5.0

Apply = Callable[[Settings], None]


def _nothing(_: Settings) -> None:
    """Nobody is to be told."""


@dataclass(frozen=True, slots=True)
class Read:
    """The settings in use, and what is wrong with the file where it is not the file that they are from."""

    settings: Settings
    problem: KnownError | None = None


class SettingsFile:
    """`kiosk.toml` of a data folder, with its last versions in `home`/settings.

    Every change is checked as a whole before a byte is written; file and versions are on the disk when a
    method returns, and a power cut leaves the old file or the new one. Any thread and process. Raises
    KnownError: SETTING_UNKNOWN, SETTING_INVALID, PROMPTPAY_ID_INVALID, SETTINGS_NOT_SAVED.
    """

    def __init__(
        self, home: Path, clock: Clock | None = None, environment: dict[str, str] | None = None
    ) -> None:
        self._home = home
        self._path = home / FILE_NAME
        self._clock = clock or SystemClock()
        self._environment = environment
        self._versions = SettingsVersions(home)
        self._lock = threading.Lock()

    def read(self) -> Read:
        """The settings of the file; where it has a mistake in it, of the last file that was good. Raises what
        is wrong where there is none, and for variables of the environment."""
        written = self._written()
        try:
            settings = self._settings_of(written)
        except KnownError as wrong:
            good = self._last_good()
            if good is None:
                raise
            return Read(self._settings_of(good), _with_line(wrong, written))
        return Read(settings)

    def note_good(self) -> None:
        """Keeps the file as the one to go back to, if there is no mistake in it. A disk that takes nothing is
        no reason not to start."""
        written = self._written()
        try:
            self._settings_of(written)
            if written:
                self._versions.note_good(written)
        except (KnownError, OSError) as error:
            _log.warning("settings_not_kept", kind=type(error).__name__)

    def change(self, section: str, key: str, value: Shown, by: str, apply: Apply = _nothing) -> Settings:
        """Writes a setting as it was typed, and gives all of them; as `change_all`."""
        return self.change_all({(section, key): value}, by, apply)

    def change_all(
        self, values: Mapping[tuple[str, str], Shown], by: str, apply: Apply = _nothing
    ) -> Settings:
        """Writes settings, by section and key, in one step, and gives all of them. None takes one out of the
        file, so that it is as it comes. Nothing is written where it changes nothing. `apply` puts the
        settings to work; where it raises, the file is as it was."""
        with self._alone():
            before = after = self._base()
            now = self._settings_of(before)
            for (section, key), value in values.items():
                plain = typed(section, key, value, getattr(getattr(now, section, None), key, None))
                if variable_of(section, key) in self._variables():
                    raise _overruled(section, key)
                after = _with_value(after, section, key, plain)
            settings = self._settings_of(after)
            _check_together(now, settings)
            names = changed(now, settings)
            if names:
                self._keep_if_broken(self._written())
                number = self._versions.push(before, self._clock.now(), by, names)
                self._put_to_work(before, after, settings, apply, number)
                _log.info("settings_changed", changed=names)
            return settings

    def undo(self, apply: Apply = _nothing) -> Settings:
        """The version before, which is taken off the stack: undone twice is two steps back. `apply` as in
        `change`. Raises KnownError(NOTHING_TO_UNDO) too."""
        with self._alone():
            current = self._written()
            for version in self._versions.newest_first(current):
                try:
                    settings = self._settings_of(version.written)
                except KnownError:  # a version of an older program, with a key that is no more
                    continue
                self._keep_if_broken(current)
                self._put_to_work(current, version.written, settings, apply)
                self._versions.drop(version.number)
                _log.info("settings_undone", changed=version.changed)
                return settings
        raise KnownError(
            ErrorCode.NOTHING_TO_UNDO, "The settings have no version before this one.", "Change them by hand."
        )

    def versions(self) -> tuple[SettingsVersion, ...]:
        """The newest first."""
        return tuple(
            SettingsVersion(f"{one.number:08}", one.at, one.by, one.changed)
            for one in self._versions.newest_first(self._written())
        )

    # -- parts ------------------------------------------------------------------------------------

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time, of this process and of all others."""
        with self._lock:
            try:
                lock = self._locked()
                try:
                    yield
                finally:
                    lock.release()
            except OSError as error:
                raise _not_saved(error.strerror or type(error).__name__) from error

    def _locked(self) -> FileLock:
        deadline_s = time.monotonic() + _LOCKED_FOR_S
        while (lock := FileLock.take(self._home / f".{FILE_NAME}.lock")) is None:
            if time.monotonic() > deadline_s:
                raise _not_saved("somebody else is changing them")
            time.sleep(0.05)
        return lock

    def _variables(self) -> Set[str]:
        return {name.upper() for name in (os.environ if self._environment is None else self._environment)}

    def _written(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""

    def _settings_of(self, written: bytes) -> Settings:
        return settings_of(Settings, written, environment=self._environment)

    def _base(self) -> bytes:
        written = self._written()
        try:
            self._settings_of(written)
        except KnownError:
            good = self._last_good()
            if good is None:
                raise
            return good
        return written

    def _last_good(self) -> bytes | None:
        """The file that was good last, else the newest version that is."""
        kept = [version.written for version in self._versions.newest_first(b"")]
        for written in [self._versions.good(), *kept]:
            if written is None:
                continue
            try:
                self._settings_of(written)
            except KnownError:
                continue
            return written
        return None

    def _put_to_work(
        self, before: bytes, after: bytes, settings: Settings, apply: Apply, version: int | None = None
    ) -> None:
        """On the disk first: what works is what is there after a power cut, too."""
        self._save(after)
        try:
            apply(settings)
        except BaseException:
            self._save(before)
            if version is not None:
                self._versions.drop(version)
            raise

    def _keep_if_broken(self, current: bytes) -> None:
        try:
            self._settings_of(current)
        except KnownError:
            self._versions.keep_broken(current, self._clock.now())

    def _save(self, written: bytes) -> None:
        write_whole(self._path, written)
        self._versions.note_good(written)


def _check_together(before: Settings, after: Settings) -> None:
    """What settings say only together, of those that changed. Raises KnownError SETTING_INVALID,
    PROMPTPAY_ID_INVALID."""
    if after.sales != before.sales:
        after.sales.package_set()
    if after.payment.promptpay_id not in ("", before.payment.promptpay_id):
        receiver_of(after.payment.promptpay_id)
    sure, maybe = after.vision.sure_false_hits, after.vision.maybe_false_hits
    if sure is not None and maybe is not None and maybe < sure:
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            f"The share behind maybe ({maybe:g}) is less than among the sure ones ({sure:g}).",
            "Choose one that is as large at least.",
        )


def settings_at_start(home: Path, environment: dict[str, str] | None = None) -> Read:
    """The settings that a kiosk starts with. A mistake in a file that somebody edited does not keep it from
    starting: the last good file is used, and what is wrong is told with its line. Raises KnownError SETTING_*
    where no file was ever good."""
    file = SettingsFile(home, environment=environment)
    read = file.read()
    if read.problem is None:
        file.note_good()
    else:
        _log.warning("settings_last_good", code=read.problem.code, detail=read.problem.detail)
    return read


def _with_value(before: bytes, section: str, key: str, value: object) -> bytes:
    """The file with one key changed, set or taken out; everything else in it stays as it is."""
    document = tomlkit.parse(before.decode("utf-8"))
    table: Any = document.get(section)
    if value is None:
        if table is not None:
            table.pop(key, None)
    else:
        if table is None:
            table = tomlkit.table()
            document[section] = table
        _put(table, key, value)
    return tomlkit.dumps(document).encode("utf-8")


def _put(table: Any, key: str, value: object) -> None:
    """In the place of what was there, with its comment; of a table only the rows that differ are touched."""
    old = table.get(key)
    if isinstance(old, Table | InlineTable) and isinstance(value, dict):
        for gone in [row for row in old if row not in value]:
            old.remove(gone)
        for row, inside in value.items():
            if old.get(row) != inside:
                _put(old, row, inside)
        return
    table[key] = _item(value)
    if isinstance(old, Item):
        table[key].trivia.comment_ws, table[key].trivia.comment = old.trivia.comment_ws, old.trivia.comment


def _item(value: object) -> Any:
    """Tables in one line each: they are short, and then stay with their section."""
    if isinstance(value, dict):
        inline = tomlkit.inline_table()
        inline.update(value)
        return inline
    if isinstance(value, list):
        items = tomlkit.array()
        items.extend(_item(one) for one in value)
        items.multiline(len(value) > 2)
        return items
    return tomlkit.item(value)


def _with_line(wrong: KnownError, written: bytes) -> KnownError:
    """The mistake with the line of the file in which it stands; TOML's own say it already."""
    named = _QUOTED.search(wrong.detail)
    line = _line_of(written.decode("utf-8", "replace"), named[1], named[2] or "") if named else None
    if line is None:
        return wrong
    return KnownError(wrong.code, f"{FILE_NAME}, line {line}: {wrong.detail}", wrong.next_step)


def _line_of(text: str, section: str, key: str) -> int | None:
    inside = ""
    for number, line in enumerate(text.splitlines(), 1):
        header = re.match(r"\s*\[+\s*([\w.]+)", line)
        inside = header[1] if header else inside
        is_it = re.match(rf"\s*{re.escape(key)}\s*=", line) if key else header
        if (inside == section and is_it) or (key and inside == f"{section}.{key}"):
            return number
    return None


def _overruled(section: str, key: str) -> KnownError:
    return KnownError(
        ErrorCode.SETTING_INVALID, f"Setting {f'{section}.{key}'!r} is set by a variable.", "Change it there."
    )


def _not_saved(why: str) -> KnownError:
    return KnownError(
        ErrorCode.SETTINGS_NOT_SAVED,
        f"The settings were not saved: {why}.",
        "Make room or rights, try again.",
    )
