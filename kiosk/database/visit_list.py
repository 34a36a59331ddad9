"""Visits by site and span, as the book, the centre and the command line list them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from kiosk.database.people_tables import PersonRow, SiteRow, VisitRow
from kiosk.database.tenant import TenantDatabase
from kiosk.visits.ports import VisitQuery
from kiosk.visits.store_rules import site_unknown
from kiosk.visits.types import Gender, Visit

_GENDERS = {gender.value: gender for gender in Gender}


class SqlVisitList:
    """Reads the visits of a tenant. Any thread. Raises KnownError DATABASE_*."""

    def __init__(self, tenant_database: TenantDatabase) -> None:
        self._database = tenant_database

    def visits(self, query: VisitQuery) -> list[Visit]:
        """As `kiosk.visits.ports.VisitBook.visits`. Also raises SITE_UNKNOWN."""
        with self._database.reading() as session:
            check_sites(session, query.site_ids)
            return listed_visits(session, query)


def listed_visits(session: Session, query: VisitQuery) -> list[Visit]:
    """The visits asked for, the newest first, within a session that is bound to a tenant."""
    rows = (
        named_visits()
        .where(VisitRow.began_at >= query.since, VisitRow.began_at < query.until)
        .limit(query.limit)
        .offset(query.offset)
    )
    if query.site_ids:
        rows = rows.where(VisitRow.site_id.in_(query.site_ids))
    if query.person_id is not None:
        rows = rows.where(VisitRow.person_id == query.person_id)
    return [visit_of(row, name) for row, name in session.execute(rows)]


def named_visits() -> Select[VisitRow, str]:
    """Visits with the name of whom they are of, the newest first."""
    return (
        select(VisitRow, func.coalesce(PersonRow.name, "").label("name"))
        .outerjoin(PersonRow, PersonRow.person_id == VisitRow.person_id)
        .order_by(VisitRow.began_at.desc(), VisitRow.visit_id)
    )


def check_sites(session: Session, site_ids: Collection[str]) -> None:
    """Raises KnownError(SITE_UNKNOWN) where one is none of the tenant's."""
    if site_ids:
        found = session.scalars(select(SiteRow.site_id).where(SiteRow.site_id.in_(site_ids)))
        if set(found) != set(site_ids):
            raise site_unknown()


def visit_of(row: VisitRow, name: str) -> Visit:
    """A visit as the rooms know it."""
    return Visit(
        visit_id=row.visit_id,
        kiosk_id=row.kiosk_id,
        site_id=row.site_id,
        stream_id=row.stream_id,
        person_id=row.person_id,
        name=name,
        gender=_GENDERS.get(row.gender, Gender.UNKNOWN),
        is_returning=row.is_returning,
        number=row.number,
        began_at=row.began_at,
        ended_at=row.ended_at,
        picture_key=row.picture_key,
    )
