"""Two that are one (`Merge`) and one that is two (`Split`)."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.visits.person_rules import MOST_LISTED, needed_faces
from kiosk.visits.told import PeopleListed, PersonSaved, StoreView
from kiosk.visits.types import Person, PersonKind
from ui.store_facade import StoreFacade
from ui.translator import Translator
from ui.view_models.store_facts import Facts
from ui.view_models.store_person import PersonViewModel
from ui.view_models.store_words import card_of, has_failed, name_of


class MergeViewModel(QObject):
    """Lives on the UI thread; QML: `Merge`. The person that `Person` shows, and another."""

    changed = Signal()
    finished = Signal(str)
    """They are one; with the id of who is kept."""

    def __init__(
        self,
        store: StoreFacade,
        translator: Translator,
        person: PersonViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._one = person
        self._view = store.view
        self._is_open = False
        self._clear()
        translator.languageChanged.connect(self.changed)
        person.changed.connect(self.changed)

    def _clear(self) -> None:
        self._text = ""
        self._people: tuple[Person, ...] = ()
        self._other: Person | None = None
        self._keeps_other = False
        self._is_waiting = self._is_saving = False

    def turn(self, place: str) -> None:
        """Another page is shown."""
        if place == "merge":
            self._is_open = True
            self._clear()
            self._ask()
        elif self._is_open:
            self._is_open = False
            self._clear()
            self.changed.emit()

    def show(self, view: StoreView) -> None:
        """What failed is waited for no longer."""
        before, self._view = self._view, view
        if has_failed(before, view) and (self._is_waiting or self._is_saving):
            self._is_waiting = self._is_saving = False
            self.changed.emit()

    def take(self, event: PeopleListed) -> None:
        """Those who may be meant."""
        if self._is_open and event.text == self._text:
            self._people, self._is_waiting = event.people, False
            self.changed.emit()

    def take_saved(self, event: PersonSaved) -> None:
        """They are one now."""
        if self._is_saving and event.what == "merged":
            kept = self._kept_and_gone()
            self._is_saving = False
            if kept is not None:
                self.finished.emit(kept[0].person_id)

    def _ask(self) -> None:
        self._is_waiting = True
        self._store.people.find(self._text, None)
        self.changed.emit()

    def _kept_and_gone(self) -> tuple[Person, Person] | None:
        one, other = self._one.person, self._other
        if one is None or other is None:
            return None
        return (other, one) if self._keeps_other else (one, other)

    def _candidates(self) -> list[dict[str, Any]]:
        one = self._one.person
        own = one.person_id if one else ""
        return [card_of(person, self._translator) for person in self._people if person.person_id != own]

    def _what_happens(self) -> list[str]:
        pair = self._kept_and_gone()
        if pair is None:
            return []
        kept, gone = pair
        names = {"kept": name_of(kept, self._translator), "gone": name_of(gone, self._translator)}
        say = self._translator.translate
        lines = [say("store.merge.goes", names), say("store.merge.stays", names)]
        if PersonKind.STAFF in (kept.kind, gone.kind):
            lines.append(say("store.merge.staff", names))
        return lines

    people = Property(list, _candidates, notify=changed)
    text = Property(str, lambda self: self._text, notify=changed)
    isFull = Property(bool, lambda self: len(self._people) >= MOST_LISTED, notify=changed)
    isWaiting = Property(bool, lambda self: self._is_waiting, notify=changed)
    isSaving = Property(bool, lambda self: self._is_saving, notify=changed)
    hasOther = Property(bool, lambda self: self._other is not None, notify=changed)
    one = Property(
        dict,
        lambda self: card_of(self._one.person, self._translator) if self._one.person else {},
        notify=changed,
    )
    other = Property(
        dict,
        lambda self: card_of(self._other, self._translator) if self._other else {},
        notify=changed,
    )
    keepsOther = Property(bool, lambda self: self._keeps_other, notify=changed)
    whatHappens = Property(list, _what_happens, notify=changed)

    @Slot(str)
    def search(self, text: str) -> None:
        """Those whose name, phone or e-mail holds it."""
        self._text = text
        self._ask()

    @Slot(str)
    def choose(self, person_id: str) -> None:
        """The other one. Whoever has a name is kept, not the guest; else who is looked at."""
        self._other = next((one for one in self._people if one.person_id == person_id), None)
        one = self._one.person
        self._keeps_other = bool(
            one and self._other and one.kind is PersonKind.GUEST and self._other.kind is not PersonKind.GUEST
        )
        self.changed.emit()

    @Slot()
    def chooseAgain(self) -> None:
        """Back to the list."""
        self._other = None
        self.changed.emit()

    @Slot(bool)
    def keepOther(self, keeps_other: bool) -> None:
        """Who of both is kept."""
        self._keeps_other = keeps_other
        self.changed.emit()

    @Slot()
    def merge(self) -> None:
        """Now; `finished` follows."""
        pair = self._kept_and_gone()
        if pair is not None and not self._is_saving:
            self._is_saving = True
            kept, gone = pair
            self._store.people.merge(kept.person_id, gone.person_id)
            self.changed.emit()


class SplitViewModel(QObject):
    """Lives on the UI thread; QML: `Split`. Of the person that `Person` shows: the faces and visits that are
    somebody else's, and who that is."""

    changed = Signal()
    finished = Signal()

    def __init__(
        self,
        store: StoreFacade,
        translator: Translator,
        person: PersonViewModel,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._one = person
        self._view = store.view
        self._is_open = False
        self._clear()
        translator.languageChanged.connect(self.changed)
        person.changed.connect(self._follow)

    def _clear(self) -> None:
        self._faces: set[int] = set()
        self._visits: set[str] = set()
        self._facts = Facts()
        self._kind = PersonKind.CUSTOMER
        self._step = "choose"
        self._is_saving = False

    def turn(self, place: str) -> None:
        """Another page is shown."""
        if place == "split":
            self._is_open = True
            self._clear()
            self.changed.emit()
        elif self._is_open:
            self._is_open = False
            self._clear()
            self.changed.emit()

    def show(self, view: StoreView) -> None:
        """What failed is waited for no longer."""
        before, self._view = self._view, view
        if has_failed(before, view) and self._is_saving:
            self._is_saving = False
            self.changed.emit()

    def take_saved(self, event: PersonSaved) -> None:
        """They are two now."""
        if self._is_saving and event.what == "split":
            self._is_saving = False
            self.finished.emit()

    def _follow(self) -> None:
        """What is gone meanwhile is not chosen any more."""
        person = self._one.person
        if self._is_open and person is not None:
            self._faces &= {face.ordinal for face in person.faces}
            self._visits &= {visit.visit_id for visit in self._one.visits_shown}
            self.changed.emit()

    def _problem(self) -> str:
        person = self._one.person
        if person is None:
            return ""
        say = self._translator.translate
        left = len(person.faces) - len(self._faces)
        if len(self._faces) < needed_faces(self._kind):
            return say(f"store.split.choose.{self._kind}", {})
        if left < needed_faces(person.kind):
            return say(f"store.split.leave.{person.kind}", {"name": name_of(person, self._translator)})
        return ""

    def _facts_problem(self) -> str:
        key = self._facts.problem_key
        return self._translator.translate(key, {}) if key else ""

    def _chosen_text(self) -> str:
        count = self._translator.counted
        faces = count("store.split.faces", len(self._faces))
        return f"{faces} · {count('store.split.visits', len(self._visits))}"

    step = Property(str, lambda self: self._step, notify=changed)
    faces = Property(list, lambda self: sorted(self._faces), notify=changed)
    visits = Property(list, lambda self: sorted(self._visits), notify=changed)
    chosenText = Property(str, _chosen_text, notify=changed)
    problem = Property(str, _problem, notify=changed)
    facts = Property(dict, lambda self: self._facts.as_map(), notify=changed)
    factsProblem = Property(str, _facts_problem, notify=changed)
    isStaff = Property(bool, lambda self: self._kind is PersonKind.STAFF, notify=changed)
    isSaving = Property(bool, lambda self: self._is_saving, notify=changed)

    @Slot(int)
    def toggleFace(self, ordinal: int) -> None:
        """It is somebody else's, or not."""
        self._faces ^= {ordinal}
        self.changed.emit()

    @Slot(str)
    def toggleVisit(self, visit_id: str) -> None:
        """It was somebody else's, or not."""
        self._visits ^= {visit_id}
        self.changed.emit()

    @Slot(bool)
    def beStaff(self, is_staff: bool) -> None:
        """What the other one is."""
        self._kind = PersonKind.STAFF if is_staff else PersonKind.CUSTOMER
        self.changed.emit()

    @Slot(str, str)
    def setFact(self, field: str, value: str) -> None:
        """What the other one says of themselves."""
        self._facts = self._facts.with_field(field, value)
        self.changed.emit()

    @Slot()
    def goOn(self) -> None:
        """From faces and visits to who it is, and from there to their agreement."""
        if self._step == "choose" and not self._problem():
            self._step = "facts"
        elif self._step == "facts" and not self._facts.problem_key and not self._problem():
            self._step = "asked"
        self.changed.emit()

    @Slot()
    def goBack(self) -> None:
        """A step back."""
        self._step = {"asked": "facts", "refused": "facts"}.get(self._step, "choose")
        self.changed.emit()

    @Slot()
    def refuse(self) -> None:
        """Without their agreement nobody is enrolled: nothing changes."""
        if self._step == "asked":
            self._step = "refused"
            self.changed.emit()

    @Slot()
    def agree(self) -> None:
        """They agree; `finished` follows."""
        person = self._one.person
        if self._step != "asked" or person is None or self._is_saving:
            return
        self._is_saving = True
        self._store.people.split(
            person.person_id,
            sorted(self._faces),
            [visit.visit_id for visit in self._one.visits_shown if visit.visit_id in self._visits],
            self._facts.draft(self._kind),
            has_agreed=True,
        )
        self.changed.emit()
