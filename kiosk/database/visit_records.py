"""Visits as they go over the wire, and back into rows.

A visit is told whole, each time with a higher revision; a void one is deleted, and remembered as void, so
that nothing which comes late brings it back.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kiosk.database.bulk import among, insert_new
from kiosk.database.outbox import add_to_outbox, is_central
from kiosk.database.people_tables import PersonRow, SiteRow, VisitRow, VoidVisitRow
from kiosk.database.people_ties import root_of
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.records import Kind
from kiosk.sync.store_records import VisitRecord
from kiosk.visits.types import PersonKind

_FIELDS = tuple(name for name in VisitRecord.model_fields if name not in ("visit_id", "is_void"))


def tell_visit(session: Session, row: VisitRow, at: datetime) -> None:
    """A visit that is new or changed: the centre hears of it, as part of the caller's transaction. There the
    revision stays that of the machine which counted it, and which has the last word."""
    if is_central(session):
        return
    row.revision += 1
    session.flush()
    add_to_outbox(session, Kind.VISIT, visit_record(session, row), at)


def void_visit(session: Session, row: VisitRow, at: datetime) -> str | None:
    """A visit that was none: deleted here and at the centre. The key of its picture, which the caller deletes
    after the transaction."""
    if not is_central(session):
        row.revision += 1
        told = visit_record(session, row).model_copy(update={"is_void": True})
        add_to_outbox(session, Kind.VISIT, told, at)
    _remember_void(session, row.visit_id, row.tenant_id, at)
    session.delete(row)
    session.flush()
    return row.picture_key


def visit_record(session: Session, row: VisitRow) -> VisitRecord:
    """A visit as it goes over the wire."""
    (record,) = visit_records(session, [row])
    return record


def visit_records(session: Session, rows: Iterable[VisitRow]) -> list[VisitRecord]:
    """Visits as they go over the wire. Guests are known at their machine only: theirs go as nobody's."""
    visits = [VisitRecord.model_validate(row) for row in rows]
    named = {visit.person_id for visit in visits if visit.person_id is not None}
    query = select(PersonRow.person_id).where(
        among(session, PersonRow.person_id, named), PersonRow.kind == PersonKind.GUEST.value
    )
    guests = set(session.scalars(query)) if named else set()
    nobody = {"person_id": None, "number": None}
    return [visit.model_copy(update=nobody) if visit.person_id in guests else visit for visit in visits]


def merge_visit(session: Session, record: VisitRecord, tenant_id: str, at: datetime) -> None:
    """Takes in a visit at the centre, whatever came before or comes late. Raises KnownError(RECORD_INVALID)
    for what is another tenant's or another machine's."""
    row = _row_for(session, record, tenant_id)
    _check_names(session, record, tenant_id)
    person_id = None if record.person_id is None else root_of(session, tenant_id, record.person_id)
    if _is_void(session, record, tenant_id) or _is_staff(session, person_id):
        if row is not None:
            session.delete(row)
        _remember_void(session, record.visit_id, tenant_id, at)
        session.flush()
        return
    if row is not None and record.revision <= row.revision:
        return
    row = row or VisitRow(visit_id=record.visit_id, tenant_id=tenant_id, gender="")
    for name in _FIELDS:
        setattr(row, name, getattr(record, name))
    row.person_id = person_id
    session.add(row)
    session.flush()
    if person_id is not None:
        know_returning(session, tenant_id, person_id)


def _is_void(session: Session, record: VisitRecord, tenant_id: str) -> bool:
    void = session.get(VoidVisitRow, record.visit_id)
    if void is not None and void.tenant_id != tenant_id:
        raise _not_theirs("visit")
    return void is not None or record.is_void


def _row_for(session: Session, record: VisitRecord, tenant_id: str) -> VisitRow | None:
    """The visit as it is known here, locked."""
    row = session.get(VisitRow, record.visit_id, with_for_update=True)
    if row is not None and (row.tenant_id, row.kiosk_id) != (tenant_id, record.kiosk_id):
        raise _not_theirs("visit")
    return row


def _check_names(session: Session, record: VisitRecord, tenant_id: str) -> None:
    """A site or a person who is not known here yet may come later; one of another tenant never is theirs."""
    site = session.get(SiteRow, record.site_id)
    if site is not None and site.tenant_id != tenant_id:
        raise _not_theirs("site")
    person = session.get(PersonRow, record.person_id) if record.person_id else None
    if person is not None and person.tenant_id != tenant_id:
        raise _not_theirs("person")


def know_returning(session: Session, tenant_id: str, person_id: str) -> None:
    """A machine knows its own visits; the centre those of all sites, in whatever order they are told."""
    theirs = (VisitRow.tenant_id == tenant_id, VisitRow.person_id == person_id)
    first = session.scalar(select(func.min(VisitRow.began_at)).where(*theirs))
    if first is None:
        return
    later = update(VisitRow).where(*theirs, VisitRow.began_at > first, VisitRow.is_returning.is_(False))
    session.execute(later.values(is_returning=True))


def _is_staff(session: Session, person_id: str | None) -> bool:
    """A kiosk that has not heard of it yet tells of visits of somebody who is staff by now."""
    person = session.get(PersonRow, person_id) if person_id else None
    return person is not None and person.kind == PersonKind.STAFF.value


def _remember_void(session: Session, visit_id: str, tenant_id: str, at: datetime) -> None:
    insert_new(session, VoidVisitRow, {"visit_id": visit_id, "tenant_id": tenant_id, "at": at})


def _not_theirs(what: str) -> KnownError:
    return KnownError(
        ErrorCode.RECORD_INVALID,
        f"There is no such {what} here.",
        "Compare kiosk and centre; the rest goes on.",
    )
