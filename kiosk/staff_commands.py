"""What is done about staff at the machine itself, beside a running kiosk; the log tells of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from kiosk.adapters import open_vault
from kiosk.archive import DATABASE_FILE
from kiosk.clock import SystemClock
from kiosk.database.audit import SqlAuditLog
from kiosk.database.engine import Database, open_database
from kiosk.database.staff import SqlStaffRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.staff.members import changed_member, new_member
from kiosk.staff.pins import PinHashes
from kiosk.staff.types import AuditAction, AuditEntry, Role, StaffMember

COMMAND_LINE = "command line"
"""Who the log says did it: somebody at the machine itself."""


@contextmanager
def _database(home: Path) -> Iterator[Database]:
    database = open_database(home / DATABASE_FILE, vault=open_vault(home))
    try:
        yield database
    finally:
        database.close()


def list_staff(home: Path) -> list[StaffMember]:
    """Everybody, also those who do not work here any more."""
    with _database(home) as database:
        return SqlStaffRepository(database).members()


def add_staff(home: Path, name: str, role: Role, pin: str) -> StaffMember:
    """Raises KnownError PIN_WEAK, STAFF_TAKEN, STAFF_UNKNOWN, LAST_TECHNICIAN."""
    with _database(home) as database:
        staff, now = SqlStaffRepository(database), SystemClock().now()
        pin_hash = PinHashes().hash(pin)
        member = new_member(name, role, now, staff.members())
        log_command(database, AuditAction.STAFF_ADDED, member.name, role=role.value)
        staff.add(member, pin_hash)
        return member


def change_staff(
    home: Path, name: str, new_name: str | None, role: Role | None, is_active: bool | None
) -> StaffMember:
    """What is None stays. Raises KnownError STAFF_UNKNOWN, STAFF_TAKEN, LAST_TECHNICIAN."""
    with _database(home) as database:
        staff = SqlStaffRepository(database)
        before = _named(staff, name)
        after = changed_member(
            before,
            before.name if new_name is None else new_name,
            role or before.role,
            before.is_active if is_active is None else is_active,
            staff.members(),
        )
        works_here = "yes" if after.is_active else "no"
        log_command(
            database, AuditAction.STAFF_CHANGED, after.name, role=after.role.value, works_here=works_here
        )
        staff.change(after)
        return after


def set_pin(home: Path, name: str, pin: str) -> StaffMember:
    """Also opens the way for somebody who is locked out. Raises KnownError STAFF_UNKNOWN, PIN_WEAK."""
    with _database(home) as database:
        staff = SqlStaffRepository(database)
        member = _named(staff, name)
        pin_hash = PinHashes().hash(pin)
        log_command(database, AuditAction.PIN_CHANGED, member.name)
        staff.set_pin_hash(member.staff_id, pin_hash)
        return replace(member, failed_tries=0, locked_until=None)


def audit_entries(home: Path, most: int) -> list[AuditEntry]:
    """The newest first."""
    with _database(home) as database:
        return SqlAuditLog(database).entries(most=most)


def verify_audit(home: Path) -> int:
    """How many lines there are. Raises KnownError(AUDIT_BROKEN)."""
    with _database(home) as database:
        return SqlAuditLog(database).verify()


def _named(staff: SqlStaffRepository, name: str) -> StaffMember:
    wanted = " ".join(name.split()).casefold()
    for member in staff.members():
        if member.name.casefold() == wanted:
            return member
    raise KnownError(ErrorCode.STAFF_UNKNOWN, f"Nobody called {name} works here.", "See: kiosk staff list")


def log_command(database: Database, action: AuditAction, subject: str, **detail: str) -> None:
    """A line of the log of what was done at the machine itself. Raises KnownError DATABASE_*."""
    SqlAuditLog(database).add(SystemClock().now(), None, action, subject, {"by": COMMAND_LINE, **detail})
