"""The audit log in SQL (`kiosk.staff.types.AuditLog`): lines that are only added, each chained to the last.

The database refuses to change or delete a line (triggers of migration 0006). Whoever takes the file in hand
can still write around them; then the chain of hashes does not hold any more, which `verify` finds, but where
they reckoned all hashes from there on anew: only a copy elsewhere tells that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import exc, select
from sqlalchemy.orm import Session

from kiosk.database.engine import Database
from kiosk.database.staff_tables import AuditRow
from kiosk.database.tables import MetaRow
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.staff.types import AuditAction, AuditEntry, StaffMember

_HEAD = "audit_head"
"""The number and the hash of the newest line: whether lines are missing at the end."""
_TRIES = 20
_AT_ONCE = 1000


class SqlAuditLog:
    """Each method is one transaction; any thread, and several programs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(
        self,
        at: datetime,
        staff: StaffMember | None,
        action: AuditAction,
        subject: str = "",
        detail: Mapping[str, str] | None = None,
    ) -> None:
        for _ in range(_TRIES):
            try:
                with self._database.writing() as session:
                    _add(session, at, staff, action, subject, dict(detail or {}))
                return
            except exc.IntegrityError:  # another program wrote the same line number first: the next one
                continue
        raise BugError("no line of the audit log was free")

    def entries(self, before_id: int | None = None, most: int = 100) -> list[AuditEntry]:
        query = select(AuditRow).order_by(AuditRow.audit_id.desc()).limit(most)
        if before_id is not None:
            query = query.where(AuditRow.audit_id < before_id)
        with self._database.reading() as session:
            return [_entry(row) for row in session.scalars(query)]

    def verify(self) -> int:
        query = select(AuditRow).order_by(AuditRow.audit_id).limit(_AT_ONCE)
        number, before = 0, ""
        with self._database.reading() as session:
            while rows := session.scalars(query.where(AuditRow.audit_id > number)).all():
                for row in rows:
                    number += 1
                    if row.audit_id != number or row.hash != _hash(before, row):
                        raise _broken(number)
                    before = row.hash
                session.expunge_all()
            head = session.get(MetaRow, _HEAD)
        if (head.value if head else "0 ") != f"{number} {before}":
            raise _broken(number + 1)
        return number


def _add(
    session: Session,
    at: datetime,
    staff: StaffMember | None,
    action: AuditAction,
    subject: str,
    detail: dict[str, str],
) -> None:
    last = session.scalar(select(AuditRow).order_by(AuditRow.audit_id.desc()).limit(1))
    row = AuditRow(
        audit_id=last.audit_id + 1 if last else 1,
        at=at,
        staff_id=staff.staff_id if staff else "",
        staff_name=staff.name if staff else "",
        action=action.value,
        subject=subject,
        detail=json.dumps(detail, ensure_ascii=False, sort_keys=True),
        hash="",
    )
    row.hash = _hash(last.hash if last else "", row)
    session.add(row)
    session.flush()
    session.merge(MetaRow(key=_HEAD, value=f"{row.audit_id} {row.hash}"))


def _hash(before: str, row: AuditRow) -> str:
    line = [
        before,
        row.audit_id,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.staff_id,
        row.staff_name,
        row.action,
        row.subject,
        row.detail,
    ]
    return hashlib.sha256(json.dumps(line, ensure_ascii=False).encode()).hexdigest()


def _broken(number: int) -> KnownError:
    return KnownError(
        ErrorCode.AUDIT_BROKEN,
        f"The audit log was changed from outside: line {number} is not as it was written.",
        "Keep the file, and compare it with a backup.",
    )


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        audit_id=row.audit_id,
        at=row.at,
        staff_id=row.staff_id,
        staff_name=row.staff_name,
        action=AuditAction(row.action),
        subject=row.subject,
        detail=json.loads(row.detail),
        hash=row.hash,
    )
