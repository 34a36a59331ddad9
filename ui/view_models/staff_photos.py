"""The import and the folders it can begin with; photos that wait to be approved."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from PySide6.QtCore import Property, QObject, Qt, Signal, Slot

from kiosk.staff.told import PhotoCard, PhotosListed, StaffView
from ui.staff_facade import StaffCommands
from ui.translator import Translator
from ui.view_models.row_list import RowListModel
from ui.view_models.staff_words import Row, StaffPart, when_word

DRIVE_ROOTS = (Path("/media"), Path("/run/media"))
"""Where Linux mounts what is plugged in, for each user in a folder of their own."""
MOST_FOLDERS = 200
_TWICE_S = 1.5
"""A button that is touched twice means what it meant first, not also all others that are shown then."""


class StaffPhotosViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffPhotos`. Folders are read on a thread of their own, for a card may
    be slow. `folder` is where somebody is; empty where the places are listed that one can begin with."""

    changed = Signal()
    importsChanged = Signal()
    chosenChanged = Signal()
    foldersChanged = Signal()
    _read = Signal(str, list)

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._photos: tuple[PhotoCard, ...] = ()
        self._model = RowListModel(("photoId", "name", "note"), self)
        self._total = 0
        self._chosen: set[str] = set()
        self._judged_s = float("-inf")
        self._folder = ""
        self._folders: list[Row] = []
        self._is_reading = False
        self._read.connect(self._take_folders, Qt.ConnectionType.QueuedConnection)
        for signal in (self.importsChanged, self.chosenChanged, self.foldersChanged):
            words.languageChanged.connect(signal)
        words.languageChanged.connect(self._draw)

    def show(self, view: StaffView) -> None:
        before = self._view
        super().show(view)
        if view.imports == before.imports:
            return
        self.importsChanged.emit()
        if self._place == "photos" and view.imports.to_approve != before.imports.to_approve:
            self._staff.list_photos()

    def turn(self, place: str) -> None:
        super().turn(place)
        self._chosen.clear()
        if place == "photos":
            self._staff.list_photos()
        elif self._photos or self._total:
            self._photos, self._total = (), 0
            self._draw()
        self.chosenChanged.emit()

    def take(self, event: PhotosListed) -> None:
        """Those that wait now."""
        if self._place != "photos":
            return
        self._total = event.total
        if event.photos != self._photos:
            self._photos = event.photos
            self._chosen &= {photo.photo_id for photo in event.photos}
            self.chosenChanged.emit()
        self._draw()

    # the import

    countText = Property(
        str,
        lambda self: self._words.counted("staff.count.photos", self._view.imports.photos),
        notify=importsChanged,
    )
    isRunning = Property(bool, lambda self: self._view.imports.is_running, notify=importsChanged)
    share = Property(
        float,
        lambda self: self._view.imports.done / max(1, self._view.imports.total),
        notify=importsChanged,
    )

    def _progress(self) -> str:
        imports = self._view.imports
        if imports.is_running:
            return self._say("staff.import.progress", done=imports.done, total=imports.total)
        if imports.last_at is None:
            return self._say("staff.import.none")
        return self._say("staff.import.last_day", when=when_word(imports.last_at, self._words))

    progressText = Property(str, _progress, notify=importsChanged)
    unreadableText = Property(
        str,
        lambda self: (
            self._say("staff.import.unreadable_what", n=self._view.imports.unreadable)
            if self._view.imports.unreadable
            else ""
        ),
        notify=importsChanged,
    )

    # the folder

    @Slot(str)
    def look(self, folder: str) -> None:
        """Into a folder, or at the places to begin with."""
        self._folder = folder
        self._folders, self._is_reading = [], True
        self.foldersChanged.emit()
        watched = self._view.imports.watch_folder
        thread = threading.Thread(
            target=self._read_folders, args=(folder, watched), name="folders", daemon=True
        )
        thread.start()

    def _read_folders(self, folder: str, watched: str) -> None:
        rows = subfolders(Path(folder)) if folder else places(watched)
        try:
            self._read.emit(folder, rows)
        except RuntimeError:  # the window was closed meanwhile
            return

    @Slot(str, list)
    def _take_folders(self, folder: str, rows: list[Row]) -> None:
        if folder == self._folder:
            self._folders, self._is_reading = rows, False
            self.foldersChanged.emit()

    def _named_folders(self) -> list[Row]:
        return [
            {
                "path": row["path"],
                "icon": row["icon"],
                "name": self._say("staff.folder.watched") if row["icon"] == "upload" else row["name"],
                "note": row["path"] if row["icon"] == "upload" else "",
            }
            for row in self._folders
        ]

    def _parent(self) -> str:
        here = Path(self._folder)
        is_top = here.parent in DRIVE_ROOTS or here.parent.parent in DRIVE_ROOTS or here.parent == here
        is_watched = self._folder == self._view.imports.watch_folder
        return "" if is_top or is_watched else str(here.parent)

    folder = Property(str, lambda self: self._folder, notify=foldersChanged)
    parentFolder = Property(str, _parent, notify=foldersChanged)
    folders = Property(list, _named_folders, notify=foldersChanged)
    isReading = Property(bool, lambda self: self._is_reading, notify=foldersChanged)

    @Slot()
    def importFolder(self) -> None:
        """The folder one is in, with what is below it."""
        if self._folder:
            self._staff.start_import(Path(self._folder))

    # approval

    photos = Property(QObject, lambda self: self._model, constant=True)

    def _draw(self) -> None:
        self._model.show(
            [
                {
                    "photoId": photo.photo_id,
                    "name": photo.file_name,
                    "note": self._say("staff.photo.by", name=photo.photographer)
                    if photo.photographer
                    else when_word(photo.taken_at, self._words),
                }
                for photo in self._photos
            ]
        )
        self.changed.emit()

    waitingText = Property(
        str,
        lambda self: self._words.counted("staff.photos.waiting", self._total),
        notify=changed,
    )
    shownCount = Property(int, lambda self: len(self._photos), notify=changed)
    chosen = Property(list, lambda self: sorted(self._chosen), notify=chosenChanged)

    @Slot(str)
    def toggle(self, photo_id: str) -> None:
        """Chosen, or not any more."""
        self._chosen ^= {photo_id}
        self.chosenChanged.emit()

    @Slot()
    def approve(self) -> None:
        """The chosen ones may be sold; without any chosen, all that are shown."""
        meant = self._meant()
        if meant:
            self._staff.approve(meant)
        self._let_go()

    @Slot()
    def reject(self) -> None:
        """The chosen ones are not sold; without any chosen, all that are shown."""
        meant = self._meant()
        if meant:
            self._staff.reject(meant)
        self._let_go()

    def _meant(self) -> tuple[str, ...]:
        if not self._chosen and time.monotonic() - self._judged_s < _TWICE_S:
            return ()
        shown = (photo.photo_id for photo in self._photos)
        return tuple(photo_id for photo_id in shown if not self._chosen or photo_id in self._chosen)

    def _let_go(self) -> None:
        self._judged_s = time.monotonic()
        self._chosen.clear()
        self.chosenChanged.emit()


def places(watched: str) -> list[Row]:
    """Where an import can begin: the watched folder, and what is plugged in."""
    rows: list[Row] = [{"path": watched, "name": watched, "icon": "upload"}] if watched else []
    for root in DRIVE_ROOTS:
        for entry in _folders_in(root):
            drives = [entry] if os.path.ismount(entry) else _folders_in(entry)
            rows += [
                {"path": str(drive), "name": drive.name, "icon": "arrow-down-to-line"} for drive in drives
            ]
    return rows


def subfolders(folder: Path) -> list[Row]:
    """The folders in a folder, by name."""
    return [{"path": str(path), "name": path.name, "icon": "folder"} for path in _folders_in(folder)]


def _folders_in(folder: Path) -> list[Path]:
    """Nothing where it cannot be read: it was pulled out, or is not ours to see."""
    try:
        with os.scandir(folder) as entries:
            found = [
                Path(entry.path) for entry in entries if entry.is_dir() and not entry.name.startswith(".")
            ]
    except OSError:
        return []
    return sorted(found)[:MOST_FOLDERS]
