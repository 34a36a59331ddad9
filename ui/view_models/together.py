"""Who searches together: the people and their faces, the friend who is asked, any-of or all-of."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.gallery.types import GroupRule
from kiosk.photos.face_search import MOST_PEOPLE
from kiosk.session.view import GroupView, SessionView
from ui.facade import KioskFacade
from ui.translator import Translator


class TogetherViewModel(QObject):
    """Lives on the UI thread; QML: `Together`."""

    changed = Signal()
    facesChanged = Signal()
    """Somebody's picture came or went: one that is still drawn may be of who has gone."""

    def __init__(self, kiosk: KioskFacade, translator: Translator, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._kiosk = kiosk
        self._translator = translator
        self._group = GroupView()
        self._rule = GroupRule.ANY
        translator.languageChanged.connect(self.changed)

    def show(self, view: SessionView) -> None:
        """Draws from the view's group."""
        rule = view.results.rule if view.results else GroupRule.ANY
        before = self._group
        if (view.group, rule) == (before, self._rule):
            return
        self._group, self._rule = view.group, rule
        if view.group.people != before.people:
            self.facesChanged.emit()
        self.changed.emit()

    def _people(self) -> list[dict[str, Any]]:
        names = [
            self._translator.translate("together.person", {"n": place + 1})
            for place in range(len(self._group.people))
        ]
        return [
            {"personId": person.person_id, "name": name, "holdsFace": person.holds_face}
            for person, name in zip(self._group.people, names, strict=True)
        ]

    people = Property(list, _people, notify=changed)
    count = Property(int, lambda self: len(self._group.people), notify=changed)
    faceCount = Property(
        int, lambda self: sum(person.holds_face for person in self._group.people), notify=changed
    )
    isGroup = Property(bool, lambda self: len(self._group.people) > 1, notify=changed)
    isAdding = Property(bool, lambda self: self._group.is_adding, notify=changed)
    isAgain = Property(bool, lambda self: self._group.is_again, notify=changed)
    canAdd = Property(bool, lambda self: self._group.can_add, notify=changed)
    isAllWanted = Property(bool, lambda self: self._rule is GroupRule.ALL, notify=changed)
    most = Property(int, lambda self: MOST_PEOPLE, constant=True)

    # commands

    @Slot()
    def addFriend(self) -> None:
        """To the question to a friend."""
        self._kiosk.together.add_friend()

    @Slot(bool)
    def wantAll(self, are_all_wanted: bool) -> None:
        """Photos that show all of the people, or any of them."""
        self._kiosk.together.show(GroupRule.ALL if are_all_wanted else GroupRule.ANY)

    @Slot(str)
    def lookAgain(self, person_id: str) -> None:
        """A new picture of one of them."""
        self._kiosk.together.look_again(person_id)

    @Slot(str)
    def takeOut(self, person_id: str) -> None:
        """One of them leaves; the face is deleted."""
        self._kiosk.together.take_out(person_id)

    @Slot()
    def withdrawAll(self) -> None:
        """All take their consents back; all faces are deleted."""
        self._kiosk.together.withdraw()

    @Slot(str)
    def withdraw(self, person_id: str) -> None:
        """One of them takes the consent back; the face is deleted."""
        self._kiosk.together.withdraw(person_id)
