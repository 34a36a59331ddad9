"""A folder whose photos go on sale as they are written: by a camera's cable, by FTP, by a network share."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from pathlib import Path
from typing import Protocol

import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.arrivals import (
    PATIENCE_S,
    SETTLE_CLOSED_S,
    SETTLE_S,
    Arrivals,
    Stamp,
    is_for_sale,
    is_whole,
)
from kiosk.photos.folder_news import FolderNews
from kiosk.photos.import_report import ImportReport, RefusedFile
from kiosk.photos.photo_source import name_in

_log = structlog.get_logger(__name__)

RESCAN_S = 2.0
"""So often the whole folder is looked through, for what the operating system does not tell (a network share
never does); less often where looking takes long."""
_SCAN_SHARE = 0.02
_BATCH = 4
_LONGEST_WAIT_S = 1.0
_MAY_BECOME_WHOLE = frozenset(
    {
        ErrorCode.PHOTO_TRUNCATED,
        ErrorCode.PHOTO_UNREADABLE,
        ErrorCode.PHOTO_EMPTY,
        ErrorCode.PHOTO_NOT_A_PICTURE,
    }
)


class DealtWith(Protocol):
    """Remembers across restarts which files of an event's folder were dealt with.

    Raises KnownError DATABASE_*, DISK_FULL.
    """

    def of(self, event_id: str) -> dict[str, Stamp]: ...

    def note(self, event_id: str, files: Mapping[str, Stamp]) -> None: ...


TakeFiles = Callable[[Sequence[Path], Path], ImportReport]
"""Imports files of a folder (`PhotoImporter.import_files`)."""


@dataclass(frozen=True, slots=True)
class WatchState:
    """How the watch is doing: whether the folder is there, and how many files wait to be whole."""

    is_there: bool = True
    waiting: int = 0


class _Verdict(Enum):
    TAKE = auto()
    LATER = auto()
    NO_PICTURE = auto()
    CHANGED = auto()


class FolderWatch:
    """Puts the photos of a folder and its subfolders on sale, each when it is whole. Used by one thread.

    A file is taken when it stands still and its end is there; one that the importer finds cut off is tried
    again while it may still grow, and refused once, until it changes. What was dealt with is remembered, so a
    restart reads nothing twice; files that vanish are no error. A folder that vanishes is said once, and
    taken up again when it is back.
    """

    def __init__(
        self, folder: Path, event_id: str, take: TakeFiles, dealt_with: DealtWith, clock: Clock
    ) -> None:
        self._folder = folder
        self._event_id = event_id
        self._take = take
        self._dealt_with = dealt_with
        self._clock = clock
        self._arrivals = Arrivals(dealt_with.of(event_id))
        self._news = FolderNews(folder)
        self._rescan_at_s = 0.0
        self._place = (0, 0)
        self.state = WatchState()

    def run(self, is_over: Callable[[], bool], tell: Callable[[ImportReport], None]) -> None:
        """Until `is_over`, which is asked every second; `tell` hears of every few files that were dealt with.

        Raises KnownError: what import and database raise (DISK_FULL, DATABASE_*, INDEX_*); it may be run
        again, and goes on.
        """
        try:
            while not is_over():
                report = self.step()
                if report is None:
                    self._news.wait(self._pause_s())
                else:
                    tell(report)
        finally:
            self.close()

    def close(self) -> None:
        """Listens to the operating system no more; the next step does again."""
        self._news.stop()

    def step(self) -> ImportReport | None:
        """Looks at what is new and takes what is whole, a few files at most; None when nothing was taken."""
        self._look()
        ready = self._whole_ones()
        report = self._take_in(ready) if ready else None
        self.state = replace(self.state, waiting=len(self._arrivals))
        return report

    def _pause_s(self) -> float:
        now_s = self._clock.monotonic_s()
        wanted = [self._rescan_at_s, now_s + _LONGEST_WAIT_S, self._arrivals.next_look_s()]
        return max(0.0, min(at_s for at_s in wanted if at_s is not None) - now_s)

    # -- looking ----------------------------------------------------------------------------------

    def _look(self) -> None:
        """At all files when it is time, or a folder has come; at those that there is news of."""
        news = self._news.take()
        now_s = self._clock.monotonic_s()
        if news.has_new_folder or now_s >= self._rescan_at_s:
            began_s = time.monotonic()
            self._look_through(now_s)
            took_s = time.monotonic() - began_s
            self._rescan_at_s = now_s + max(RESCAN_S, took_s / _SCAN_SHARE)
        for path, is_closed in news.files.items():
            self._look_at(path, now_s, SETTLE_CLOSED_S if is_closed else SETTLE_S)

    def _look_at(self, path: Path, now_s: float, settle_s: float) -> None:
        if not path.is_relative_to(self._folder):
            return
        inside = path.relative_to(self._folder)
        if not is_for_sale(path.name) or not all(_is_visible(part) for part in inside.parts[:-1]):
            return
        name = name_in(self._folder, path)
        try:
            stamp = _stamp(path.stat()) if path.is_file() else None
        except OSError:
            stamp = None
        if stamp is None:
            self._arrivals.vanished(name)
        else:
            self._arrivals.saw(name, path, stamp, now_s, settle_s)

    def _look_through(self, now_s: float) -> None:
        try:
            found, place = list(_files(self._folder)), self._folder.stat()
        except OSError as error:
            if self.state.is_there:
                _log.warning("watched_folder_gone", code=str(ErrorCode.FOLDER_MISSING), reason=error.strerror)
            self.state = replace(self.state, is_there=False)
            self._news.stop()
            return
        if not self.state.is_there:
            _log.info("watched_folder_back")
            self.state = replace(self.state, is_there=True)
        if self._place != (place.st_dev, place.st_ino):
            self._news.stop()  # it is another folder by the same name, or a card was put in
            self._place = (place.st_dev, place.st_ino)
        self._news.start()
        names = set()
        for path, stamp in found:
            name = name_in(self._folder, path)
            names.add(name)
            self._arrivals.saw(name, path, stamp, now_s)
        self._arrivals.keep_only(names)

    # -- taking -----------------------------------------------------------------------------------

    def _whole_ones(self) -> list[str]:
        """A few of the files that are whole: the newest, in the order of their names."""
        now_s = self._clock.monotonic_s()
        ready: list[str] = []
        no_pictures: dict[str, Stamp] = {}
        for name in self._arrivals.due(now_s):
            verdict = self._verdict(name, now_s)
            if verdict is _Verdict.TAKE:
                ready.append(name)
            elif verdict is _Verdict.LATER:
                self._arrivals.look_later(name, now_s)
            elif verdict is _Verdict.NO_PICTURE:
                no_pictures[name] = self._arrivals.stamp(name)
            if len(ready) == _BATCH:
                break
        self._settle(no_pictures)
        return sorted(ready)

    def _verdict(self, name: str, now_s: float) -> _Verdict:
        """What is to be done with a file that stands still."""
        path, still_s = self._arrivals.path(name), self._arrivals.still_s(name, now_s)
        try:
            stamp = _stamp(path.stat())
            if stamp != self._arrivals.stamp(name):
                self._arrivals.saw(name, path, stamp, now_s)
                return _Verdict.CHANGED
            whole = is_whole(path, still_s)
        except FileNotFoundError:
            self._arrivals.vanished(name)
            return _Verdict.CHANGED
        except OSError:  # another program holds it, or the card is being pulled out
            whole = False
        is_late = still_s >= PATIENCE_S
        if whole or (is_late and whole is False):
            return _Verdict.TAKE  # the importer says what is wrong with one that never became whole
        is_empty = self._arrivals.stamp(name).size == 0
        return _Verdict.NO_PICTURE if is_late and not is_empty else _Verdict.LATER

    def _settle(self, files: Mapping[str, Stamp]) -> None:
        """These are dealt with, for good or until they change."""
        if files:
            self._dealt_with.note(self._event_id, files)
        for name in files:
            self._arrivals.done(name)

    def _take_in(self, names: list[str]) -> ImportReport | None:
        """None when none of them turned out to be whole."""
        report = self._take([self._arrivals.path(name) for name in names], self._folder)
        refused = {one.file_name: one for one in report.refused}
        now_s = self._clock.monotonic_s()
        settled: dict[str, Stamp] = {}
        told: list[RefusedFile] = []
        for name in names:
            refusal = refused.get(name)
            is_late = self._arrivals.still_s(name, now_s) >= PATIENCE_S
            if refusal is not None and refusal.code in _MAY_BECOME_WHOLE and not is_late:
                self._arrivals.look_later(name, now_s)
                continue
            if refusal is not None:
                told.append(refusal)
            settled[name] = self._arrivals.stamp(name)
        self._settle(settled)
        return replace(report, refused=tuple(told)) if settled else None


def _is_visible(name: str) -> bool:
    return not name.startswith(".") and name.casefold() != "__macosx"


def _stamp(status: os.stat_result) -> Stamp:
    return Stamp(status.st_size, status.st_mtime_ns)


def _files(folder: Path) -> Iterator[tuple[Path, Stamp]]:
    """Every file of a folder and of those in it that can be a photo. Raises OSError when the folder itself
    cannot be read; what vanishes meanwhile is passed over."""
    folders = [folder]
    while folders:
        parent = folders.pop()
        try:
            entries = list(os.scandir(parent))
        except OSError:
            if parent == folder:
                raise
            continue
        for entry in entries:
            try:
                if entry.is_dir():
                    if _is_visible(entry.name) and not entry.is_symlink():
                        folders.append(Path(entry.path))
                elif is_for_sale(entry.name) and entry.is_file():
                    yield Path(entry.path), _stamp(entry.stat())
            except OSError:
                continue


def check_folder(folder: Path) -> None:
    """Raises KnownError(FOLDER_MISSING) for a folder that cannot be watched."""
    try:
        with os.scandir(folder) as entries:
            next(entries, None)
    except OSError as error:
        raise KnownError(
            ErrorCode.FOLDER_MISSING,
            f"The watched folder {folder} cannot be read: {error.strerror}.",
            "Check its name, the card or the network share.",
        ) from error
