"""A kiosk's watched folder: whose event its photos go to, and who imports them."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path

import structlog

from kiosk.archive import Archive, importer_for
from kiosk.database.watched_files import SqlWatchedFiles
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.folder_watch import FolderWatch
from kiosk.photos.import_report import ImportReport
from kiosk.photos.types import PhotoEvent
from kiosk.runtime.priority import work_in_the_background

_log = structlog.get_logger(__name__)

_ABOUT_WEIGHTS = frozenset(
    {
        ErrorCode.MANIFEST_INVALID,
        ErrorCode.WEIGHTS_MISSING,
        ErrorCode.WEIGHTS_HASH,
        ErrorCode.WEIGHTS_UNUSABLE,
    }
)
_WEIGHTS_AGAIN_S = 2.0


class EventFolder:
    """Watches a folder for one event, on one thread."""

    def __init__(
        self,
        archive: Archive,
        folder: Path,
        event: PhotoEvent,
        photographer: str = "",
        is_public: bool = False,
        takes_all: bool = True,
    ) -> None:
        """`takes_all`: also the files that went to another event; else the next day's event does not begin
        with the photos of the day before."""
        importer = importer_for(archive, event)
        self.event = event
        self._archive = archive
        self._watch = FolderWatch(
            folder,
            event.event_id,
            lambda files, root: importer.import_files(files, root, is_public, photographer),
            SqlWatchedFiles(archive.database, across_events=not takes_all),
            archive.clock,
        )

    def run(self, is_over: Callable[[], bool], tell: Callable[[ImportReport], None]) -> None:
        """As `FolderWatch.run`, out of everybody's way."""
        work_in_the_background()
        self._watch.run(is_over, tell)

    def run_while_current(self, stop: threading.Event, tell: Callable[[ImportReport], None]) -> None:
        """Until `stop` is set, another event is on the screen or its numbers are read no more, or now are.
        Raises as `run`."""
        self.run(lambda: stop.is_set() or not self._is_current(), tell)

    def _is_current(self) -> bool:
        current, own = self._archive.current_event(), self.event
        return current is not None and (current.event_id, current.reads_numbers) == (
            own.event_id,
            own.reads_numbers,
        )


def sell_from(archive: Archive, folder: Path, stop: threading.Event, tell: Callable[[], None]) -> None:
    """Puts a folder's photos on sale in the event on the screen, from one event to the next, until `stop` is
    set; `tell` hears of every few.

    Weights that are missing or not ours keep photos waiting, and nothing else: what is on sale is sold, and
    once they are put right the photos come. Raises as `EventFolder.run` otherwise.
    """
    fault = ""
    while not stop.is_set():
        watched = EventFolder(archive, folder, event_of_folder(archive, folder), takes_all=False)
        try:
            watched.run_while_current(stop, lambda _: tell())
        except KnownError as failed:
            if failed.code not in _ABOUT_WEIGHTS:
                raise
            if failed.code != fault:
                _log.error("photos_wait_for_weights", code=failed.code, detail=failed.detail)
            fault = failed.code
            stop.wait(_WEIGHTS_AGAIN_S)


def event_of_folder(archive: Archive, folder: Path) -> PhotoEvent:
    """The event of the settings, made if there is none of that name; else the one on the screen; where there
    is no event at all, one that is called as the folder is."""
    name = archive.settings.event.name
    current = None if name else archive.current_event()
    return current or event_to_import_into(archive, name or folder.name or "Event")


def event_to_import_into(archive: Archive, name: str) -> PhotoEvent:
    """The event of this name; a new one if there is none."""
    found = archive.photos.event_by_name(name)
    if found is not None:
        return found
    event = PhotoEvent(uuid.uuid4().hex, name, name, archive.clock.now())
    archive.photos.add_event(event)
    _log.info("event_made", event_id=event.event_id)
    return event
