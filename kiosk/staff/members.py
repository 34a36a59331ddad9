"""Who may work here as what: pure rules for the desk and the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import uuid4

from kiosk.errors import ErrorCode, KnownError
from kiosk.staff.types import Right, Role, StaffMember

_LONGEST_NAME = 40


def new_member(name: str, role: Role, at: datetime, present: Sequence[StaffMember]) -> StaffMember:
    """Somebody new. The first one is a technician, who makes everybody else.

    Raises KnownError STAFF_TAKEN, STAFF_UNKNOWN (no name), LAST_TECHNICIAN.
    """
    if not _technicians(present) and role is not Role.TECHNICIAN:
        raise _no_technician()
    return StaffMember(uuid4().hex, _fit_name(name, present), role, at)


def changed_member(
    before: StaffMember, name: str, role: Role, is_active: bool, present: Sequence[StaffMember]
) -> StaffMember:
    """Somebody as they are from now on. Raises as `new_member`."""
    others = [each for each in present if each.staff_id != before.staff_id]
    after = replace(before, name=_fit_name(name, others), role=role, is_active=is_active)
    if not _technicians([*others, after]):
        raise _no_technician()
    return after


def check_may_make(who: StaffMember, role: Role) -> None:
    """Only a technician makes or changes one: nobody gets more rights by their own hand. Raises KnownError
    (RIGHT_MISSING)."""
    if role is Role.TECHNICIAN and not who.may(Right.SETTINGS):
        raise KnownError(
            ErrorCode.RIGHT_MISSING, "Technicians are a technician's to make.", "Ask the technician."
        )


def _technicians(members: Sequence[StaffMember]) -> list[StaffMember]:
    return [each for each in members if each.is_active and each.role is Role.TECHNICIAN]


def _fit_name(name: str, others: Sequence[StaffMember]) -> str:
    fit = " ".join(name.split())[:_LONGEST_NAME]
    if not fit:
        raise KnownError(ErrorCode.STAFF_UNKNOWN, "Everybody who works here has a name.", "Type a name.")
    if any(each.name.casefold() == fit.casefold() for each in others):
        raise name_taken(fit)
    return fit


def name_taken(name: str) -> KnownError:
    """The refusal of a name that somebody has."""
    return KnownError(ErrorCode.STAFF_TAKEN, f"{name} works here already.", "Choose another name.")


def _no_technician() -> KnownError:
    return KnownError(
        ErrorCode.LAST_TECHNICIAN,
        "Somebody has to be able to set this kiosk up: there is always one technician.",
        "Make somebody else a technician first.",
    )
