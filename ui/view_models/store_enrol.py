"""Enrolment: told and asked first, then facts, then pictures; and further pictures of somebody known."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.visits.person_rules import needed_faces
from kiosk.visits.told import EnrolmentChanged, PersonSaved, StoreView
from kiosk.visits.types import Person, PersonKind, StreamState
from ui.store_facade import StoreFacade
from ui.translator import Translator
from ui.view_models.store_facts import Facts
from ui.view_models.store_words import has_failed, name_of

MOST_SHOTS = 6


class Step(StrEnum):
    """Where an enrolment is. REFUSED: they did not agree, and nothing is kept."""

    NONE = "none"
    ASKED = "asked"
    REFUSED = "refused"
    FACTS = "facts"
    PICTURES = "pictures"


class EnrolmentViewModel(QObject):
    """Lives on the UI thread; QML: `Enrolment`. Nothing is taken before somebody agreed, and what was taken
    is dropped as soon as the page is left."""

    changed = Signal()
    finished = Signal(str)
    """Saved; with the person's id."""

    def __init__(self, store: StoreFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._view = store.view
        self._clear()
        translator.languageChanged.connect(self.changed)

    def _clear(self) -> None:
        self._step = Step.NONE
        self._kind = PersonKind.CUSTOMER
        self._person_id = ""
        self._person_name = ""
        self._facts = Facts()
        self._shots: tuple[str, ...] = ()
        self._needed = 1
        self._reason = ""
        self._known: Person | None = None
        self._stream_id = ""
        self._is_taking = False
        self._is_saving = False

    # what happens

    def turn(self, place: str) -> None:
        """Another page is shown: what is not saved is dropped."""
        if place != "enrol" and self._step is not Step.NONE:
            self.cancel()

    def show(self, view: StoreView) -> None:
        """The cameras, and whether a command failed."""
        before, self._view = self._view, view
        if has_failed(before, view):
            self._is_taking = self._is_saving = False
        self._choose_stream()
        self.changed.emit()

    def take(self, event: EnrolmentChanged) -> None:
        """Another picture, or why there is none."""
        if self._step not in (Step.FACTS, Step.PICTURES):
            return
        self._shots, self._needed = event.shots, event.needed
        self._reason, self._known = event.reason, event.known
        self._is_taking = False
        self.changed.emit()

    def take_saved(self, event: PersonSaved) -> None:
        """They are enrolled, or have their further pictures."""
        if not self._is_saving or (self._person_id and event.person_id != self._person_id):
            return
        self._clear()
        self.changed.emit()
        self.finished.emit(event.person_id)

    def _choose_stream(self) -> None:
        """A camera that shows something, as long as nobody chose another."""
        ids = [card.stream.stream_id for card in self._view.streams if card.stream.is_on]
        if self._stream_id not in ids:
            live = [
                card.stream.stream_id
                for card in self._view.streams
                if card.status.state is StreamState.LIVE and card.stream.stream_id in ids
            ]
            self._stream_id = (live or ids or [""])[0]

    # what the page draws

    def _streams(self) -> list[dict[str, Any]]:
        return [
            {
                "streamId": card.stream.stream_id,
                "name": card.stream.name,
                "isLive": card.status.state is StreamState.LIVE,
            }
            for card in self._view.streams
            if card.stream.is_on
        ]

    def _is_live(self) -> bool:
        return any(row["isLive"] and row["streamId"] == self._stream_id for row in self._streams())

    def _missing(self) -> int:
        return max(0, self._needed - len(self._shots))

    def _count_text(self) -> str:
        missing = self._missing()
        if missing:
            return self._translator.counted("store.enrol.missing", missing)
        return self._translator.counted("store.enrol.taken", len(self._shots))

    def _reason_text(self) -> str:
        return self._translator.translate(f"store.enrol.reason.{self._reason}", {}) if self._reason else ""

    def _facts_problem(self) -> str:
        key = self._facts.problem_key
        return self._translator.translate(key, {}) if key else ""

    step = Property(str, lambda self: str(self._step), notify=changed)
    isStaff = Property(bool, lambda self: self._kind is PersonKind.STAFF, notify=changed)
    isMore = Property(bool, lambda self: self._person_id != "", notify=changed)
    personName = Property(str, lambda self: self._person_name, notify=changed)
    facts = Property(dict, lambda self: self._facts.as_map(), notify=changed)
    factsProblem = Property(str, _facts_problem, notify=changed)
    streams = Property(list, _streams, notify=changed)
    streamId = Property(str, lambda self: self._stream_id, notify=changed)
    isLive = Property(bool, _is_live, notify=changed)
    shots = Property(list, lambda self: list(self._shots), notify=changed)
    needed = Property(int, lambda self: self._needed, notify=changed)
    isEnough = Property(bool, lambda self: self._missing() == 0 and bool(self._shots), notify=changed)
    isFull = Property(bool, lambda self: len(self._shots) >= MOST_SHOTS, notify=changed)
    countText = Property(str, _count_text, notify=changed)
    reasonText = Property(str, _reason_text, notify=changed)
    knownName = Property(
        str, lambda self: name_of(self._known, self._translator) if self._known else "", notify=changed
    )
    knownId = Property(str, lambda self: self._known.person_id if self._known else "", notify=changed)
    isTaking = Property(bool, lambda self: self._is_taking, notify=changed)
    isSaving = Property(bool, lambda self: self._is_saving, notify=changed)
    pictureDays = Property(int, lambda self: self._view.held.picture_days, notify=changed)

    # commands

    @Slot(str)
    def ask(self, kind: str) -> None:
        """Somebody is to be enrolled, "staff" or "customer": first they are told and asked."""
        self._clear()
        self._step, self._kind = Step.ASKED, PersonKind(kind)
        self._needed = needed_faces(self._kind)
        self.changed.emit()

    @Slot(str, str, str)
    def askMore(self, person_id: str, name: str, kind: str) -> None:
        """More pictures of somebody who agreed when they were enrolled."""
        self._clear()
        self._step, self._kind = Step.PICTURES, PersonKind(kind)
        self._person_id, self._person_name = person_id, name
        self._choose_stream()
        self._store.people.begin(self._kind, person_id)
        self.changed.emit()

    @Slot()
    def agree(self) -> None:
        """They agreed: only now anything is begun."""
        if self._step is Step.ASKED:
            self._step = Step.FACTS
            self._store.people.begin(self._kind)
            self.changed.emit()

    @Slot()
    def refuse(self) -> None:
        """They did not; nothing is kept."""
        if self._step is Step.ASKED:
            self._clear()
            self._step = Step.REFUSED
            self.changed.emit()

    @Slot(str, str)
    def setFact(self, field: str, value: str) -> None:
        """What they say of themselves."""
        self._facts = self._facts.with_field(field, value)
        self.changed.emit()

    @Slot()
    def toPictures(self) -> None:
        """The facts are there."""
        if self._step is Step.FACTS and not self._facts.problem_key:
            self._step = Step.PICTURES
            self._choose_stream()
            self.changed.emit()

    @Slot()
    def toFacts(self) -> None:
        """Back to them; the pictures stay as long as the page does."""
        if self._step is Step.PICTURES and not self._person_id:
            self._step = Step.FACTS
            self.changed.emit()

    @Slot(str)
    def chooseStream(self, stream_id: str) -> None:
        """The camera that they stand before."""
        self._stream_id = stream_id
        self._reason = ""
        self.changed.emit()

    @Slot()
    def takePicture(self) -> None:
        """The best face of the next moment; EnrolmentChanged follows."""
        if self._step is Step.PICTURES and self._stream_id and not self._is_taking:
            self._is_taking, self._reason = True, ""
            self._store.people.capture(self._stream_id)
            self.changed.emit()

    @Slot(str)
    def dropShot(self, shot: str) -> None:
        """One of `shots` goes."""
        self._reason = ""
        self._store.people.drop_shot(shot)

    @Slot()
    def save(self) -> None:
        """Written down; `finished` follows, or a notice says what was wrong."""
        if self._step is not Step.PICTURES or self._is_saving or self._missing() or not self._shots:
            return
        self._is_saving = True
        if self._person_id:
            self._store.people.save_faces()
        else:
            self._store.people.save(self._facts.draft(self._kind), has_agreed=True)
        self.changed.emit()

    @Slot()
    def cancel(self) -> None:
        """Nothing of it stays."""
        had_begun = self._step in (Step.FACTS, Step.PICTURES)
        self._clear()
        if had_begun:
            self._store.people.cancel()
        self.changed.emit()
