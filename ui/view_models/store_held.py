"""What is held right now of people, and deleting what is due."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot

from kiosk.visits.told import Purged, StoreView
from ui.store_facade import StoreFacade
from ui.translator import Translator, show_date, show_time
from ui.view_models.store_words import has_failed

_PATIENCE_MS = 60_000
_REMOVED = {
    "store.purge.pictures": ("files",),
    "store.purge.embeddings": ("visit_faces", "guest_faces"),
    "store.purge.guests": ("guests",),
    "store.purge.copies": ("copies",),
}
"""The sentence for each sort of thing that a purge counts; the rest are rows that only named a picture."""


class HeldViewModel(QObject):
    """Lives on the UI thread; QML: `Held`."""

    changed = Signal()
    purgeChanged = Signal()

    def __init__(self, store: StoreFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._view = store.view
        self._is_purging = False
        self._purged: Purged | None = None
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._end)
        translator.languageChanged.connect(self.changed)
        translator.languageChanged.connect(self.purgeChanged)

    def show(self, view: StoreView) -> None:
        """Draws from `view` from now on; a purge that failed is waited for no longer."""
        before, self._view = self._view, view
        if view.held != before.held:
            self.changed.emit()
        if has_failed(before, view):
            self._end()

    def take(self, event: Purged) -> None:
        """What was too old is gone; that by itself nothing was due is not worth a word."""
        if self._is_purging or event.removed:
            self._purged = event
            self._end()

    def _end(self) -> None:
        self._patience.stop()
        self._is_purging = False
        self.purgeChanged.emit()

    def _when(self, moment: datetime | None) -> str:
        if moment is None:
            return ""
        date = show_date(moment, self._translator.now_language)
        return self._translator.translate("store.held.at", {"date": date, "time": show_time(moment)})

    # the figures

    staff = Property(int, lambda self: self._view.held.staff, notify=changed)
    customers = Property(int, lambda self: self._view.held.customers, notify=changed)
    guests = Property(int, lambda self: self._view.held.guests, notify=changed)
    embeddings = Property(int, lambda self: self._view.held.embeddings, notify=changed)
    throwaway = Property(int, lambda self: self._view.held.throwaway_embeddings, notify=changed)
    visits = Property(int, lambda self: self._view.held.visits, notify=changed)
    pictures = Property(int, lambda self: self._view.held.pictures, notify=changed)
    pictureDays = Property(int, lambda self: self._view.held.picture_days, notify=changed)
    oldestPicture = Property(
        str,
        lambda self: (
            show_date(self._view.held.oldest_picture_at, self._translator.now_language)
            if self._view.held.oldest_picture_at
            else ""
        ),
        notify=changed,
    )
    lastPurge = Property(str, lambda self: self._when(self._view.held.last_purge_at), notify=changed)
    nextPurge = Property(str, lambda self: self._when(self._view.held.next_purge_at), notify=changed)

    # deleting

    def _outcome(self) -> str:
        """What the purge deleted, in words; empty before one."""
        if self._purged is None:
            return ""
        removed = self._purged.removed
        counts = {key: sum(removed.get(kind, 0) for kind in kinds) for key, kinds in _REMOVED.items()}
        parts = [self._translator.counted(key, count) for key, count in counts.items() if count > 0]
        if not parts:
            return self._translator.translate("store.purge.nothing", {})
        return self._translator.translate("store.purge.done", {"what": ", ".join(parts)})

    isPurging = Property(bool, lambda self: self._is_purging, notify=purgeChanged)
    outcome = Property(str, _outcome, notify=purgeChanged)

    @Slot()
    def purge(self) -> None:
        """Deletes now what is too old."""
        self._is_purging = True
        self._purged = None
        self._patience.start()
        self.purgeChanged.emit()
        self._store.purge()
