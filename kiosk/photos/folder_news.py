"""What the operating system tells of a folder's files as they change."""

from __future__ import annotations

import threading
from pathlib import Path

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

_log = structlog.get_logger(__name__)
_WRITTEN = frozenset({"created", "modified", "moved", "closed", "deleted"})
"""Not that a file was opened or read: the kiosk does so itself."""


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
        self._changed: set[Path] = set()
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
        """Listens no more; may be started again."""
        observer, self._observer = self._observer, None
        if observer is not None:
            observer.stop()
            observer.join(2.0)

    def wait(self, timeout_s: float) -> None:
        """Returns at the next news, at the latest after `timeout_s`."""
        self._told.wait(timeout_s)

    def take(self) -> tuple[set[Path], bool]:
        """The paths that have changed, each once; and whether a folder has come, whose files nobody named."""
        with self._lock:
            taken = self._changed, self._has_new_folder
            self._changed, self._has_new_folder = set(), False
            self._told.clear()
        return taken

    def note(self, paths: list[Path], is_folder: bool) -> None:
        """Called by the system's thread."""
        with self._lock:
            if is_folder:
                self._has_new_folder = True
            else:
                self._changed.update(paths)
            self._told.set()


class _Handler(FileSystemEventHandler):
    def __init__(self, news: FolderNews) -> None:
        self._news = news

    def on_any_event(self, event: FileSystemEvent) -> None:
        if event.event_type not in _WRITTEN or (event.is_directory and event.event_type == "modified"):
            return
        paths = [Path(str(path)) for path in (event.src_path, event.dest_path) if path]
        self._news.note(paths, event.is_directory)
