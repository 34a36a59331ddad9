"""What the operating system tells of a folder's files as they change."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

_log = structlog.get_logger(__name__)
_WRITTEN = frozenset({"created", "modified", "moved", "closed", "deleted"})
"""Not that a file was opened or read: the kiosk does so itself."""
_CLOSED = frozenset({"closed", "moved"})


@dataclass(frozen=True, slots=True)
class News:
    """What has changed: each file once, and whether its writer is done with it, having closed it or given it
    its own name. `has_new_folder`: one has come, whose files nobody named."""

    files: dict[Path, bool]
    has_new_folder: bool


class FolderNews:
    """Paths that have changed since they were last taken. `start`, `stop`, `take` and `wait` belong to one
    thread; the operating system tells on another.

    News are a help and no promise: of a network share there are none, and where the system has no room for
    more watches, none at all. Whoever uses them looks through the folder now and then as well.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._observer: BaseObserver | None = None
        self._lock = threading.Lock()
        self._changed: dict[Path, bool] = {}
        self._has_new_folder = False
        self._told = threading.Event()
        self._is_refused = False

    def start(self) -> None:
        """Begins to listen; harmless when it does already, and where the system refuses."""
        if self._observer is not None or self._is_refused:
            return
        observer = Observer()
        try:
            observer.schedule(_Handler(self), str(self._folder), recursive=True)
            observer.start()
        except OSError as error:
            _log.warning("no_news_of_folder", reason=error.strerror)
            self._is_refused = True
            return
        self._observer = observer

    def stop(self) -> None:
        """Listens no more; may be started again, where the system refused, too."""
        self._is_refused = False
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join(2.0)

    def wait(self, timeout_s: float) -> None:
        """Returns at the next news, at the latest after `timeout_s`."""
        self._told.wait(timeout_s)

    def take(self) -> News:
        """All that came since this was asked last."""
        with self._lock:
            taken = News(self._changed, self._has_new_folder)
            self._changed, self._has_new_folder = {}, False
            self._told.clear()
        return taken

    def note(self, paths: list[Path], is_folder: bool, is_closed: bool) -> None:
        """Called by the system's thread."""
        with self._lock:
            if is_folder:
                self._has_new_folder = True
            else:
                self._changed.update(dict.fromkeys(paths, is_closed))
            self._told.set()


class _Handler(FileSystemEventHandler):
    def __init__(self, news: FolderNews) -> None:
        self._news = news

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _WRITTEN or (event.is_directory and event.event_type == "modified"):
            return
        paths = [Path(str(path)) for path in (event.src_path, event.dest_path) if path]
        self._news.note(paths, event.is_directory, event.event_type in _CLOSED)
