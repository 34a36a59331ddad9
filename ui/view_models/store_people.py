"""The people that are known here: looked for by name, phone or e-mail, by kind."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.visits.person_rules import MOST_LISTED
from kiosk.visits.told import PeopleListed, PersonSaved, StoreView
from kiosk.visits.types import Person, PersonKind
from ui.store_facade import StoreFacade
from ui.translator import Translator
from ui.view_models.store_words import AROUND_PEOPLE, card_of, has_failed


class PeopleViewModel(QObject):
    """Lives on the UI thread; QML: `People`. Holds nobody while another page is shown."""

    changed = Signal()

    def __init__(self, store: StoreFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self._translator = translator
        self._view = store.view
        self._people: tuple[Person, ...] = ()
        self._text = ""
        self._kind: PersonKind | None = None
        self._is_open = False
        self._is_waiting = False
        translator.languageChanged.connect(self.changed)

    def show(self, view: StoreView) -> None:
        """Takes over whether there are guests; what failed is waited for no longer."""
        before, self._view = self._view, view
        is_over = self._is_waiting and has_failed(before, view)
        if is_over:
            self._is_waiting = False
        if is_over or view.knows_returning != before.knows_returning:
            self.changed.emit()

    def turn(self, place: str) -> None:
        """Another page is shown. Whoever comes back from a person finds what was looked for."""
        if place not in AROUND_PEOPLE:
            self._text, self._kind = "", None
        if place == "people":
            self._is_open = True
            self._ask()
        elif self._is_open:
            self._is_open = self._is_waiting = False
            self._people = ()
            self.changed.emit()

    def take(self, event: PeopleListed) -> None:
        """The people asked for; an answer to what was typed before is passed over."""
        if not self._is_open or event.text != self._text:
            return
        kind = self._kind
        self._people = tuple(one for one in event.people if kind is None or one.kind is kind)
        self._is_waiting = False
        self.changed.emit()

    def take_saved(self, event: PersonSaved) -> None:
        """Somebody changed: the list is asked for again while it is looked at."""
        if self._is_open:
            self._ask()

    def _ask(self) -> None:
        self._is_waiting = True
        self._store.people.find(self._text, self._kind)
        self.changed.emit()

    people = Property(
        list, lambda self: [card_of(one, self._translator) for one in self._people], notify=changed
    )
    count = Property(int, lambda self: len(self._people), notify=changed)
    isFull = Property(bool, lambda self: len(self._people) >= MOST_LISTED, notify=changed)
    text = Property(str, lambda self: self._text, notify=changed)
    kind = Property(str, lambda self: str(self._kind or ""), notify=changed)
    isWaiting = Property(bool, lambda self: self._is_waiting, notify=changed)
    hasGuests = Property(bool, lambda self: self._view.knows_returning, notify=changed)

    def _kinds(self) -> list[dict[str, Any]]:
        kinds: list[PersonKind | None] = [None, PersonKind.STAFF, PersonKind.CUSTOMER]
        if self._view.knows_returning:
            kinds.append(PersonKind.GUEST)
        say = self._translator.translate
        return [
            {"kind": str(kind or ""), "text": say(f"store.people.filter.{kind or 'all'}", {})}
            for kind in kinds
        ]

    kinds = Property(list, _kinds, notify=changed)

    @Slot(str)
    def search(self, text: str) -> None:
        """Those whose name, phone or e-mail holds it."""
        self._text = text
        self._ask()

    @Slot(str)
    def filter(self, kind: str) -> None:
        """`staff`, `customer`, `guest`, or empty for all."""
        self._kind = PersonKind(kind) if kind else None
        self._ask()
