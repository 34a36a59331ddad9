"""Staff in SQL (`kiosk.staff.types.StaffRepository`)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exc, select
from sqlalchemy.orm import Session

from kiosk.database.engine import Database
from kiosk.database.staff_tables import StaffRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.staff.members import name_taken
from kiosk.staff.types import Role, StaffMember


class SqlStaffRepository:
    """Each method is one transaction; any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def members(self) -> list[StaffMember]:
        """By name, those who work here first."""
        query = select(StaffRow).order_by(StaffRow.is_active.desc(), StaffRow.name)
        with self._database.reading() as session:
            return [_member(row) for row in session.scalars(query)]

    def member(self, staff_id: str) -> StaffMember:
        with self._database.reading() as session:
            return _member(_row(session, staff_id))

    def add(self, member: StaffMember, pin_hash: str) -> None:
        row = StaffRow(
            staff_id=member.staff_id,
            name=member.name,
            role=member.role.value,
            pin_hash=pin_hash,
            created_at=member.created_at,
            is_active=member.is_active,
        )
        try:
            with self._database.writing() as session:
                session.add(row)
        except exc.IntegrityError as taken:
            raise name_taken(member.name) from taken

    def change(self, member: StaffMember) -> None:
        try:
            with self._database.writing() as session:
                row = _row(session, member.staff_id)
                row.name, row.role, row.is_active = member.name, member.role.value, member.is_active
        except exc.IntegrityError as taken:
            raise name_taken(member.name) from taken

    def pin_hash(self, staff_id: str) -> str:
        with self._database.reading() as session:
            return _row(session, staff_id).pin_hash

    def set_pin_hash(self, staff_id: str, pin_hash: str) -> None:
        with self._database.writing() as session:
            row = _row(session, staff_id)
            row.pin_hash, row.failed_tries, row.locked_until = pin_hash, 0, None

    def note_tries(self, staff_id: str, failed_tries: int, locked_until: datetime | None) -> None:
        with self._database.writing() as session:
            row = _row(session, staff_id)
            row.failed_tries, row.locked_until = failed_tries, locked_until


def _row(session: Session, staff_id: str) -> StaffRow:
    row = session.get(StaffRow, staff_id)
    if row is None:
        raise KnownError(ErrorCode.STAFF_UNKNOWN, "Nobody of this id works here.", "Look at the list anew.")
    return row


def _member(row: StaffRow) -> StaffMember:
    return StaffMember(
        staff_id=row.staff_id,
        name=row.name,
        role=Role(row.role),
        created_at=row.created_at,
        is_active=row.is_active,
        failed_tries=row.failed_tries,
        locked_until=row.locked_until,
    )
