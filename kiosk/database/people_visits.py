"""What becomes of visits when it turns out who somebody is."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kiosk.database.changes import KEEPS_CHANGES
from kiosk.database.people_tables import PersonRow, StayRow, VisitRow
from kiosk.database.visit_records import know_returning, tell_visit, void_visit
from kiosk.visits.types import FaceKind, Gender, PersonKind

_KNOWN_GENDERS = (Gender.FEMALE.value, Gender.MALE.value)


def visits_of(session: Session, tenant_id: str, person_id: str) -> list[VisitRow]:
    """In the order in which they began."""
    query = select(VisitRow).where(VisitRow.person_id == person_id, VisitRow.tenant_id == tenant_id)
    return list(session.scalars(query.order_by(VisitRow.began_at, VisitRow.visit_id)))


def move_visits(session: Session, gone: PersonRow, kept: PersonRow) -> None:
    """Visits and stays of somebody become another's."""
    for rows in (VisitRow, StayRow):
        session.execute(
            update(rows)
            .where(rows.person_id == gone.person_id, rows.tenant_id == gone.tenant_id)
            .values(person_id=kept.person_id)
        )


def settle_visits(session: Session, row: PersonRow, at: datetime, told: Collection[str] = ()) -> list[str]:
    """After somebody turned out to be somebody else: staff have no visits, all others theirs in order. A
    kiosk tells the centre what is new of them, and of those named by `told` in any case. The keys of pictures
    that no visit names any more, which the caller deletes after the transaction."""
    session.flush()
    if row.kind == PersonKind.STAFF:
        return _void_all(session, row, at)
    if session.info.get(KEEPS_CHANGES):
        know_returning(session, row.tenant_id, row.person_id)
        return []  # each kiosk counts its own, and tells
    return _recount(session, row, at, told)


def _void_all(session: Session, row: PersonRow, at: datetime) -> list[str]:
    keys = [void_visit(session, visit, at) for visit in visits_of(session, row.tenant_id, row.person_id)]
    session.execute(
        update(StayRow)
        .where(StayRow.person_id == row.person_id, StayRow.tenant_id == row.tenant_id)
        .values(kind=FaceKind.STAFF.value)
    )
    return [key for key in keys if key]


def _recount(session: Session, row: PersonRow, at: datetime, told: Collection[str]) -> list[str]:
    """Nobody is twice in one shop at a time: what overlaps there was one visit."""
    keys: list[str] = []
    number = 0
    newest: dict[str, VisitRow] = {}
    changed: dict[str, VisitRow] = {}
    for visit in visits_of(session, row.tenant_id, row.person_id):
        earlier = newest.get(visit.site_id)
        if earlier is not None and _reaches(session, earlier, visit.began_at):
            _extend(session, earlier, visit)
            changed[earlier.visit_id] = earlier
            key = void_visit(session, visit, at)
            keys += [key] if key and key != earlier.picture_key else []
            continue
        newest[visit.site_id] = visit
        number += 1
        gender = row.gender if row.gender in _KNOWN_GENDERS else visit.gender
        as_it_is = (number, number > 1, gender)
        if (visit.number, visit.is_returning, visit.gender) != as_it_is or visit.visit_id in told:
            visit.number, visit.is_returning, visit.gender = as_it_is
            changed[visit.visit_id] = visit
    for visit in changed.values():
        tell_visit(session, visit, at)
    return keys


def _reaches(session: Session, visit: VisitRow, at: datetime) -> bool:
    """Whether it was still going on then; one without an end goes on as long as there is its stay."""
    if visit.ended_at is not None:
        return at <= visit.ended_at
    return session.get(StayRow, visit.visit_id) is not None


def _extend(session: Session, earlier: VisitRow, later: VisitRow) -> None:
    """The earlier visit lasts as long as both, and so does its stay, which bears the same id."""
    if earlier.ended_at is not None and later.ended_at is not None:
        earlier.ended_at = max(earlier.ended_at, later.ended_at)
    else:
        earlier.ended_at = None
    earlier.picture_key = earlier.picture_key or later.picture_key
    stay, other = (session.get(StayRow, one.visit_id) for one in (earlier, later))
    if other is None:
        return
    if stay is None:
        values = {column.key: getattr(other, column.key) for column in StayRow.__table__.columns}
        session.add(StayRow(**{**values, "stay_id": earlier.visit_id, "began_at": earlier.began_at}))
    else:
        stay.last_seen_at = max(stay.last_seen_at, other.last_seen_at)
        stay.tracks += other.tracks
    session.delete(other)
    session.flush()
