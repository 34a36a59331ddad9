"""Who works here: a new one, a change, a new PIN."""

from __future__ import annotations

from PySide6.QtCore import Property, QObject, Signal, Slot

from kiosk.staff.told import StaffView
from kiosk.staff.types import Role, StaffMember
from ui import moment as clock
from ui.staff_facade import StaffCommands
from ui.translator import Translator
from ui.view_models.staff_words import Row, StaffPart, time_word

ROLES = (Role.STAFF, Role.MANAGER, Role.TECHNICIAN)


class StaffMembersViewModel(StaffPart):
    """Lives on the UI thread; QML: `StaffMembers`. Somebody in work is `name`, `role` and `isActive`, changed
    by a sheet until `save`; `isNew` where it is not known yet who they are."""

    changed = Signal()
    editedChanged = Signal()

    def __init__(self, staff: StaffCommands, words: Translator, parent: QObject | None = None) -> None:
        super().__init__(staff, words, parent)
        self._staff_id = ""
        self._name = ""
        self._role = Role.STAFF
        self._is_active = True
        words.languageChanged.connect(self.editedChanged)

    def _drawn(self, view: StaffView) -> object:
        return view.members

    rows = Property(list, lambda self: [self._row(member) for member in self._view.members], notify=changed)

    def _row(self, member: StaffMember) -> Row:
        note = "" if member.is_active else self._say("staff.member.left")
        if member.locked_until is not None and member.locked_until > clock.now():
            note = self._say("staff.pin.locked", time=time_word(member.locked_until, self._words))
        return {
            "staffId": member.staff_id,
            "name": member.name,
            "role": self._say(f"staff.role.{member.role}"),
            "note": note,
            "isActive": member.is_active,
        }

    # the one in work

    @Slot(str)
    def edit(self, staff_id: str) -> None:
        """Somebody of the list; a new one for nothing."""
        member = next((one for one in self._view.members if one.staff_id == staff_id), None)
        self._staff_id = member.staff_id if member else ""
        self._name = member.name if member else ""
        self._role = member.role if member else Role.STAFF
        self._is_active = member.is_active if member else True
        self.editedChanged.emit()

    @Slot(str)
    def setName(self, name: str) -> None:
        """As typed."""
        self._name = name.strip()
        self.editedChanged.emit()

    @Slot(int)
    def setRole(self, index: int) -> None:
        """One of `roles`."""
        self._role = ROLES[index]
        self.editedChanged.emit()

    @Slot(bool)
    def setActive(self, is_active: bool) -> None:
        """Whether they work here."""
        self._is_active = is_active
        self.editedChanged.emit()

    isNew = Property(bool, lambda self: self._staff_id == "", notify=editedChanged)
    name = Property(str, lambda self: self._name, notify=editedChanged)
    isActive = Property(bool, lambda self: self._is_active, notify=editedChanged)
    roleIndex = Property(int, lambda self: ROLES.index(self._role), notify=editedChanged)
    roleNote = Property(str, lambda self: self._say(f"staff.role.{self._role}.may"), notify=editedChanged)
    roles = Property(
        list, lambda self: [self._say(f"staff.role.{role}") for role in ROLES], notify=editedChanged
    )

    @Slot()
    def save(self) -> None:
        """Name, role and whether they work here."""
        self._staff.change_member(self._staff_id, self._name, self._role, self._is_active)

    @Slot(str)
    def setPin(self, pin: str) -> None:
        """A new PIN; a new one is added with it."""
        if self._staff_id:
            self._staff.set_pin(self._staff_id, pin)
        else:
            self._staff.add_member(self._name, self._role, pin)
