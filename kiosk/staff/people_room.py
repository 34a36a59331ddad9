"""Staff themselves: who works here, as what, and their PINs."""

from __future__ import annotations

from functools import partial

from kiosk.errors import ErrorCode, KnownError
from kiosk.staff.door import Door
from kiosk.staff.members import changed_member, check_may_make, new_member
from kiosk.staff.room import Wish
from kiosk.staff.told import StaffNotice
from kiosk.staff.types import AuditAction, Right, Role, StaffMember


class PeopleRoom(Door):
    def add_member(self, name: str, role: Role, pin: str) -> None:
        """Where nobody works here yet, the first technician, who is signed in with that."""
        if self.view.who is None:
            self._submit(None, partial(self._add_first, name, role, pin, self._opened))
            return
        wish = Wish(Right.STAFF, AuditAction.STAFF_ADDED, name.strip(), {"role": role.value})
        self._do(wish, partial(self._add, name, role, pin))

    def _add_first(self, name: str, role: Role, pin: str, opened: int) -> None:
        parts = self._parts
        if parts.staff.members():
            raise KnownError(
                ErrorCode.RIGHT_MISSING, "This needs somebody who is signed in.", "Sign in first."
            )
        pin_hash = self._keys.hash(pin)
        member = new_member(name, role, parts.clock.now(), [])
        parts.audit.add(member.created_at, None, AuditAction.STAFF_ADDED, member.name, {"role": role.value})
        parts.staff.add(member, pin_hash)
        self._let_in(member, opened)

    def _add(self, name: str, role: Role, pin: str, who: StaffMember) -> StaffNotice | None:
        check_may_make(who, role)
        pin_hash = self._keys.hash(pin)
        staff = self._parts.staff
        staff.add(new_member(name, role, self._parts.clock.now(), staff.members()), pin_hash)
        self._read_members()
        return None

    def change_member(self, staff_id: str, name: str, role: Role, is_active: bool) -> None:
        """Name, role and whether they still work here."""
        detail = {"role": role.value, "works_here": "yes" if is_active else "no"}
        wish = Wish(Right.STAFF, AuditAction.STAFF_CHANGED, name.strip(), detail)
        self._do(wish, partial(self._change_member, staff_id, name, role, is_active))

    def _change_member(
        self, staff_id: str, name: str, role: Role, is_active: bool, who: StaffMember
    ) -> StaffNotice | None:
        staff = self._parts.staff
        before = staff.member(staff_id)
        for each in (before.role, role):
            check_may_make(who, each)
        staff.change(changed_member(before, name, role, is_active, staff.members()))
        self._read_members()
        if staff_id == who.staff_id:
            self.close()  # whatever they may do now, they begin anew
        return None

    def set_pin(self, staff_id: str, pin: str) -> None:
        """A new PIN; one's own is everybody's to change."""
        who = self.view.who
        right = None if who is not None and who.staff_id == staff_id else Right.STAFF
        name = next((each.name for each in self.view.members if each.staff_id == staff_id), staff_id)
        self._do(Wish(right, AuditAction.PIN_CHANGED, name), partial(self._set_pin, staff_id, pin))

    def _set_pin(self, staff_id: str, pin: str, who: StaffMember) -> StaffNotice | None:
        staff = self._parts.staff
        if staff_id != who.staff_id:
            check_may_make(who, staff.member(staff_id).role)
        staff.set_pin_hash(staff_id, self._keys.hash(pin))
        self._read_members()
        return None
