"""The sheet of a camera: adding, changing, switching and deleting one, and how it stands."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Property, QObject, QTimer, Signal, Slot

from kiosk.visits.store_rules import LONGEST_NAME
from kiosk.visits.told import StoreView, StreamCard, StreamStatusChanged
from kiosk.visits.types import StreamState, StreamStatus
from ui import moment
from ui.store_facade import StoreFacade
from ui.translator import Translator
from ui.view_models.store_words import has_failed
from ui.view_models.stream_draft import KINDS, StreamEntry, draft_of
from ui.view_models.stream_line import LineViewModel
from ui.view_models.stream_words import is_refused, reason_text, status_text

_PATIENCE_MS = 15_000
_TEXTS = frozenset({"name", "address", "user", "password", "path"})
MOST_WEBCAMS = 10


class StreamsViewModel(QObject):
    """Lives on the UI thread; QML: `Streams`. Between `close` and the next `open` nothing is typed, and no
    password is in memory."""

    entryChanged = Signal()
    standingChanged = Signal()
    savingChanged = Signal()
    done = Signal()
    """What was asked for is written down: the sheet may go."""

    def __init__(
        self,
        store: StoreFacade,
        translator: Translator,
        line: LineViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._view = store.view
        self._is_open = False
        self._stream_id = ""
        self._entry = StreamEntry()
        self._status: StreamStatus | None = None
        self._asked = StreamEntry()
        self._line = line
        self._is_saving = False
        self._is_removing = False
        self._wanted_site = ""
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(_PATIENCE_MS)
        self._patience.timeout.connect(self._give_up)
        for signal in (self.entryChanged, self.standingChanged):
            translator.languageChanged.connect(signal)

    # what the store tells

    def show(self, view: StoreView) -> None:
        """How the camera stands, whether what was asked for is done, whether the new site is there."""
        before, self._view = self._view, view
        if not self._is_open:
            return
        card = self._card()
        if card is not None and card.status != self._status:
            self._status = card.status
        if view.sites != before.sites:
            self._take_wanted_site()
            self.entryChanged.emit()
        if has_failed(before, view):
            self._give_up()
        elif (self._is_saving or self._is_removing) and (
            (view.notice is not None and view.notice is not before.notice) or self._is_written(before)
        ):
            self._give_up()
            self.done.emit()
        self.standingChanged.emit()

    def stand(self, event: StreamStatusChanged) -> None:
        """The camera of the sheet stands otherwise."""
        if self._is_open and event.status.stream_id == self._stream_id:
            self._status = event.status
            self.standingChanged.emit()

    def _card(self) -> StreamCard | None:
        cards = self._view.streams
        return next((card for card in cards if card.stream.stream_id == self._stream_id), None)

    def _is_written(self, before: StoreView) -> bool:
        card = self._card()
        if self._is_removing:
            return card is None
        draft = replace(self._asked.draft(), password=None)
        if self._stream_id:
            return card is not None and draft == draft_of(card.stream)
        known = {old.stream.stream_id for old in before.streams}
        return any(
            new.stream.stream_id not in known and new.stream.name == draft.name for new in self._view.streams
        )

    def _give_up(self) -> None:
        self._patience.stop()
        self._is_saving = self._is_removing = False
        self.savingChanged.emit()

    # opening and closing

    @Slot()
    def openNew(self) -> None:
        """An empty sheet, for a camera of this shop."""
        self._open("", StreamEntry(site_id=self._view.site.site_id), None)

    @Slot(str)
    def open(self, stream_id: str) -> None:
        """The sheet of a camera; harmless with one that is gone."""
        self._stream_id = stream_id
        card = self._card()
        if card is not None:
            self._open(stream_id, StreamEntry.of(card.stream), card.status)

    @Slot()
    def close(self) -> None:
        """Forgets what was typed."""
        self._is_open = False
        self._open("", StreamEntry(), None)
        self._is_open = False

    def _open(self, stream_id: str, entry: StreamEntry, status: StreamStatus | None) -> None:
        self._is_open = True
        self._stream_id, self._entry, self._status = stream_id, entry, status
        self._asked, self._wanted_site = StreamEntry(), ""
        self._line.set(entry.line)
        self._give_up()
        self.entryChanged.emit()
        self.standingChanged.emit()

    # the fields

    def _change(self, **fields: Any) -> None:
        self._entry = replace(self._entry, **fields)
        self.entryChanged.emit()

    @Slot(str, str)
    def setField(self, field: str, value: str) -> None:
        """`name`, `address`, `user`, `password` or `path` as typed."""
        if field in _TEXTS:
            self._change(**{field: value})

    @Slot(str, result=str)
    def field(self, field: str) -> str:
        """What stands in a field; of the password nothing."""
        return str(getattr(self._entry, field)) if field in _TEXTS - {"password"} else ""

    @Slot(int)
    def setKind(self, index: int) -> None:
        """Webcam, network camera, clip."""
        self._change(kind=KINDS[index])

    @Slot(int)
    def setNumber(self, number: int) -> None:
        """Which webcam; the first is 0."""
        self._change(number=max(0, min(MOST_WEBCAMS - 1, number)))

    @Slot(int)
    def setSite(self, index: int) -> None:
        """One of the chain's shops, in the order of `Store.siteNames`."""
        if 0 <= index < len(self._view.sites):
            self._change(site_id=self._view.sites[index].site_id)

    @Slot(str)
    def addSite(self, name: str) -> None:
        """A further shop of the chain, chosen as soon as it is there."""
        if name.strip():
            self._wanted_site = name.strip()
            self._store.add_site(self._wanted_site)

    def _take_wanted_site(self) -> None:
        for site in self._view.sites:
            if self._wanted_site and site.name == self._wanted_site:
                self._wanted_site = ""
                self._entry = replace(self._entry, site_id=site.site_id)

    def _site_index(self) -> int:
        ids = [site.site_id for site in self._view.sites]
        return ids.index(self._entry.site_id) if self._entry.site_id in ids else -1

    def _password_text(self) -> str:
        """Never the password itself: dots for what was typed, else whether one may be kept."""
        if self._entry.password is not None:
            return "•" * min(len(self._entry.password), 12)
        if self._stream_id and self._entry.user:
            return self._translator.translate("store.stream.password_kept", {})
        return ""

    def _problem(self) -> str:
        key = self._entry.problem_key
        return self._translator.translate(key, {"n": LONGEST_NAME}) if key else ""

    isNew = Property(bool, lambda self: self._stream_id == "", notify=entryChanged)
    streamId = Property(str, lambda self: self._stream_id, notify=entryChanged)
    name = Property(str, lambda self: self._entry.name, notify=entryChanged)
    kind = Property(int, lambda self: KINDS.index(self._entry.kind), notify=entryChanged)
    number = Property(int, lambda self: self._entry.number, notify=entryChanged)
    address = Property(str, lambda self: self._entry.address, notify=entryChanged)
    user = Property(str, lambda self: self._entry.user, notify=entryChanged)
    passwordText = Property(str, _password_text, notify=entryChanged)
    path = Property(str, lambda self: self._entry.path, notify=entryChanged)
    site = Property(int, _site_index, notify=entryChanged)
    problemText = Property(str, _problem, notify=entryChanged)

    # how it stands

    def _figures(self) -> list[dict[str, str]]:
        """What staff and technicians want to know of a camera that is watched: a word and a value each."""
        status = self._status
        if status is None or status.state is StreamState.OFF:
            return []
        say = self._translator.translate
        behind = "–" if status.behind_s is None else say("store.span.parts", {"n": f"{status.behind_s:.1f}"})
        values = {
            "store.stream.frames": f"{status.frames_per_s:.1f}",
            "store.stream.looks": f"{status.looks_per_s:.1f}",
            "store.stream.dropped": f"{status.dropped:,}",
            "store.stream.behind": behind,
        }
        return [{"word": say(key, {}), "value": value} for key, value in values.items()]

    def _standing(self) -> str:
        if self._status is None:
            return ""
        return status_text(self._status, moment.now(), self._translator)

    state = Property(
        str, lambda self: str(self._status.state) if self._status else "", notify=standingChanged
    )
    standing = Property(str, _standing, notify=standingChanged)
    reasonText = Property(
        str,
        lambda self: reason_text(self._status.code, self._translator) if self._status else "",
        notify=standingChanged,
    )
    isRefused = Property(
        bool, lambda self: self._status is not None and is_refused(self._status), notify=standingChanged
    )
    reasonCode = Property(str, lambda self: self._status.code if self._status else "", notify=standingChanged)
    figures = Property(list, _figures, notify=standingChanged)
    isOn = Property(
        bool, lambda self: (card := self._card()) is not None and card.stream.is_on, notify=standingChanged
    )
    recognises = Property(
        bool,
        lambda self: (card := self._card()) is not None and card.stream.recognises,
        notify=standingChanged,
    )

    # commands

    isSaving = Property(bool, lambda self: self._is_saving, notify=savingChanged)
    isRemoving = Property(bool, lambda self: self._is_removing, notify=savingChanged)

    @Slot()
    def save(self) -> None:
        """Adds or changes the camera; `done` follows, or a notice says why not."""
        if self._entry.problem_key or self._is_saving:
            return
        entry = replace(self._entry, line=self._line.line)
        card = self._card()
        if card is not None and entry == StreamEntry.of(card.stream):
            self.done.emit()
            return
        self._asked = entry
        self._is_saving = True
        self._patience.start()
        self.savingChanged.emit()
        if self._stream_id:
            self._store.streams.change(self._stream_id, entry.draft())
        else:
            self._store.streams.add(entry.draft())

    @Slot()
    def remove(self) -> None:
        """Deletes the camera; what it counted stays. `done` follows."""
        if self._stream_id:
            self._is_removing = True
            self._patience.start()
            self.savingChanged.emit()
            self._store.streams.remove(self._stream_id)

    @Slot(bool)
    def setOn(self, is_wanted: bool) -> None:
        """Watched or not, at once."""
        self._store.streams.switch(self._stream_id, is_on=is_wanted)

    @Slot(bool)
    def setRecognition(self, is_wanted: bool) -> None:
        """Faces are looked at or not, at once."""
        self._store.streams.switch(self._stream_id, recognises=is_wanted)
