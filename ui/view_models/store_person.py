"""One person: facts, faces, visits; changing them, and forgetting somebody."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.visits.person_rules import MOST_FACES, needed_faces
from kiosk.visits.told import PersonSaved, PersonShown, StoreView
from kiosk.visits.types import Person, PersonDraft, PersonKind, Visit
from ui.store_facade import StoreFacade
from ui.translator import Translator, show_date, show_year
from ui.view_models.store_facts import Facts
from ui.view_models.store_visits import visit_row
from ui.view_models.store_words import AROUND_PEOPLE, card_of, has_failed, name_of


class PersonViewModel(QObject):
    """Lives on the UI thread; QML: `Person`. Holds whom `open` asked for, as long as a page is about them."""

    changed = Signal()
    factsChanged = Signal()
    saved = Signal(str)
    """Something was written down: changed, enrolled, merged, split."""
    forgotten = Signal()

    def __init__(self, store: StoreFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._view = store.view
        self._asked = ""
        self._person: Person | None = None
        self._visits: tuple[Visit, ...] = ()
        self._facts = Facts()
        self._is_saving = False
        self._is_missing = False
        translator.languageChanged.connect(self.changed)
        translator.languageChanged.connect(self.factsChanged)

    @property
    def person(self) -> Person | None:
        """Who is shown, as Python sees it."""
        return self._person

    @property
    def visits_shown(self) -> tuple[Visit, ...]:
        """Their visits, as Python sees them."""
        return self._visits

    def turn(self, place: str) -> None:
        """Another page is shown; nobody is held on those that are about nobody."""
        if place not in AROUND_PEOPLE - {"people"} and self._asked:
            self._close()

    def show(self, view: StoreView) -> None:
        """What failed is waited for no longer."""
        before, self._view = self._view, view
        if has_failed(before, view) and (self._is_saving or (self._asked and self._person is None)):
            self._is_missing = self._person is None
            self._is_saving = False
        self.changed.emit()

    def take(self, event: PersonShown) -> None:
        """The person asked for."""
        if event.person.person_id != self._asked:
            return
        self._person, self._visits = event.person, event.visits
        self._is_missing = False
        self.changed.emit()

    def take_saved(self, event: PersonSaved) -> None:
        """They are asked for again; after they were forgotten nothing of them is left here. Of a split the
        other person is told."""
        if not self._asked or (event.person_id != self._asked and event.what != "split"):
            return
        self._is_saving = False
        if event.what == "forgotten":
            self._close()
            self.forgotten.emit()
            return
        self._store.people.show(self._asked)
        self.changed.emit()
        self.saved.emit(event.what)

    # who it is

    def _card(self) -> dict[str, Any]:
        return card_of(self._person, self._translator) if self._person else {}

    def _agreed(self) -> str:
        person = self._person
        if person is None or not person.consent_version:
            return ""
        date = show_date(person.consented_at, self._translator.now_language)
        return self._translator.translate(
            "store.person.agreed", {"date": date, "version": person.consent_version}
        )

    def _fact_rows(self) -> list[dict[str, str]]:
        if self._person is None:
            return []
        say = self._translator.translate
        facts, year = Facts.of(self._person), self._person.birth_year
        shown_year = show_year(year, self._translator.now_language) if year is not None else ""
        shown = {
            "store.facts.gender": say(f"store.facts.gender.{facts.gender}", {}),
            "store.person.birth_year": say("store.person.year", {"year": shown_year}) if shown_year else "",
            "store.facts.phone": facts.phone,
            "store.facts.email": facts.email,
        }
        nothing = say("store.facts.none", {})
        return [{"label": say(key, {}), "value": value or nothing} for key, value in shown.items()]

    def _faces(self) -> list[dict[str, Any]]:
        if self._person is None:
            return []
        language = self._translator.now_language
        return [
            {
                "ordinal": face.ordinal,
                "pictureKey": face.picture_key or "",
                "addedText": show_date(face.added_at, language),
            }
            for face in self._person.faces
        ]

    def _visit_rows(self) -> list[dict[str, Any]]:
        return [visit_row(visit, self._view, self._translator) for visit in self._visits]

    def _is_kind(self, kind: PersonKind) -> bool:
        return self._person is not None and self._person.kind is kind

    def _can_lose_face(self) -> bool:
        person = self._person
        return person is not None and len(person.faces) > needed_faces(person.kind)

    card = Property(dict, _card, notify=changed)
    isShown = Property(bool, lambda self: self._person is not None, notify=changed)
    isMissing = Property(bool, lambda self: self._is_missing, notify=changed)
    isSaving = Property(bool, lambda self: self._is_saving, notify=changed)
    isStaff = Property(bool, lambda self: self._is_kind(PersonKind.STAFF), notify=changed)
    isGuest = Property(bool, lambda self: self._is_kind(PersonKind.GUEST), notify=changed)
    agreedText = Property(str, _agreed, notify=changed)
    rows = Property(list, _fact_rows, notify=changed)
    faces = Property(list, _faces, notify=changed)
    visits = Property(list, _visit_rows, notify=changed)
    canAddFace = Property(
        bool,
        lambda self: self._person is not None and len(self._person.faces) < MOST_FACES,
        notify=changed,
    )
    canLoseFace = Property(bool, _can_lose_face, notify=changed)
    canBeStaff = Property(
        bool,
        lambda self: self._person is not None and len(self._person.faces) >= needed_faces(PersonKind.STAFF),
        notify=changed,
    )

    # commands

    @Slot(str)
    def open(self, person_id: str) -> None:
        """This one is looked at."""
        if person_id != self._asked:
            self._person, self._visits = None, ()
        self._asked = person_id
        self._is_missing = self._is_saving = False
        self._store.people.show(person_id)
        self.changed.emit()

    def _close(self) -> None:
        self._asked = ""
        self._person, self._visits, self._facts = None, (), Facts()
        self._is_missing = self._is_saving = False
        self.changed.emit()
        self.factsChanged.emit()

    @Slot(int)
    def removeFace(self, ordinal: int) -> None:
        """One picture and its numbers go."""
        if self._person is not None and self._can_lose_face():
            self._store.people.remove_face(self._asked, ordinal)

    @Slot()
    def turnKind(self) -> None:
        """Staff become a customer, a customer staff."""
        if self._person is None or self._person.kind is PersonKind.GUEST:
            return
        kind = PersonKind.CUSTOMER if self._person.kind is PersonKind.STAFF else PersonKind.STAFF
        self._change(replace(self._draft(), kind=kind))

    @Slot()
    def forget(self) -> None:
        """They go: facts, pictures, numbers; their visits stay counted without a name."""
        if self._person is not None:
            self._is_saving = True
            self._store.people.forget(self._asked)
            self.changed.emit()

    def _draft(self) -> PersonDraft:
        assert self._person is not None  # noqa: S101 - asked by the callers
        return Facts.of(self._person).draft(self._person.kind)

    def _change(self, draft: PersonDraft) -> None:
        self._is_saving = True
        self._store.people.change(self._asked, draft)
        self.changed.emit()

    # their facts, typed anew

    facts = Property(dict, lambda self: self._facts.as_map(), notify=factsChanged)
    factsProblem = Property(
        str,
        lambda self: self._translator.translate(key, {}) if (key := self._facts.problem_key) else "",
        notify=factsChanged,
    )

    @Slot()
    def beginEditing(self) -> None:
        """From what is known of them."""
        if self._person is not None:
            self._facts = Facts.of(self._person)
            self.factsChanged.emit()

    @Slot(str, str)
    def setFact(self, field: str, value: str) -> None:
        """One of them; written down by `saveFacts`."""
        self._facts = self._facts.with_field(field, value)
        self.factsChanged.emit()

    @Slot()
    def saveFacts(self) -> None:
        """Written down; `saved` follows."""
        if self._person is not None and not self._facts.problem_key:
            self._change(self._facts.draft(self._person.kind))

    # what is said before somebody is forgotten

    def _goes(self) -> list[str]:
        person = self._person
        if person is None:
            return []
        say, count = self._translator.translate, self._translator.counted
        lines = [] if person.kind is PersonKind.GUEST else [say("store.forget.goes.facts", {})]
        lines.append(count("store.forget.goes.faces", len(person.faces)))
        pictures = sum(1 for visit in self._visits if visit.picture_key)
        if pictures:
            lines.append(count("store.forget.goes.pictures", pictures))
        return lines

    def _stays(self) -> str:
        person = self._person
        if person is None or person.kind is PersonKind.STAFF:
            return self._translator.translate("store.forget.stays.nothing", {})
        return self._translator.counted("store.forget.stays.visits", person.visits)

    goes = Property(list, _goes, notify=changed)
    stays = Property(str, _stays, notify=changed)
    name = Property(
        str, lambda self: name_of(self._person, self._translator) if self._person else "", notify=changed
    )
