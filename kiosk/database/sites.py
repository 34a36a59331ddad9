"""The sites of a chain in SQL (`kiosk.visits.ports.Sites`)."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.central_tables import TenantRow
from kiosk.database.changes import note_change
from kiosk.database.outbox import add_to_outbox
from kiosk.database.people_tables import LineCountRow, SiteRow, StayRow, StreamRow, VisitRow
from kiosk.database.tenant import TenantDatabase
from kiosk.sync.records import Kind
from kiosk.sync.store_records import SiteRecord
from kiosk.visits.store_rules import check_site_name, checked_name, site_in_use, site_unknown
from kiosk.visits.types import Site

_Use = StreamRow | StayRow | VisitRow | LineCountRow
_USES: tuple[type[_Use], ...] = (StreamRow, StayRow, VisitRow, LineCountRow)


class SqlSites:
    """Each method is one transaction; safe from any thread. What is made or renamed at a kiosk is told to
    the centre, and at the centre to the kiosks; what is removed at a kiosk is removed there alone."""

    def __init__(self, database: TenantDatabase) -> None:
        self._database = database

    def sites(self) -> list[Site]:
        """By name."""
        with self._database.reading() as session:
            return _sites(session)

    def add(self, name: str) -> Site:
        """A further site. Raises KnownError SITE_TAKEN, STORE_FIELD_INVALID."""
        name, now = checked_name(name), self._database.clock.now()
        with self._database.writing() as session:
            self._hold_names(session)
            check_site_name(name, "", _sites(session))
            row = SiteRow(site_id=uuid4().hex, tenant_id=self._database.tenant_id, name=name, created_at=now)
            session.add(row)
            _tell(session, row, now)
            return _site(row)

    def rename(self, site_id: str, name: str) -> None:
        """Raises KnownError SITE_UNKNOWN, SITE_TAKEN, STORE_FIELD_INVALID."""
        name = checked_name(name)
        with self._database.writing() as session:
            self._hold_names(session)
            row = _row(session, site_id)
            check_site_name(name, site_id, _sites(session))
            if row.name != name:
                row.name, row.changed_at = name, self._database.clock.now()
                _tell(session, row, row.changed_at)

    def remove(self, site_id: str) -> None:
        """Raises KnownError SITE_UNKNOWN, SITE_IN_USE (it has streams or visits)."""
        with self._database.writing() as session:
            row = _row(session, site_id)
            if any(_is_used(session, use, site_id) for use in _USES):
                raise site_in_use()
            session.delete(row)
            note_change(session, Kind.SITE, site_id, row.tenant_id, is_deleted=True)

    def _hold_names(self, session: Session) -> None:
        """Whoever gives a name at a centre waits for who does so already; a kiosk's file has one writer."""
        tenant = select(TenantRow.tenant_id).where(TenantRow.tenant_id == self._database.tenant_id)
        session.execute(tenant.with_for_update())


def _row(session: Session, site_id: str) -> SiteRow:
    """Locked, so that it gets no stream while it goes."""
    row = session.scalar(select(SiteRow).where(SiteRow.site_id == site_id).with_for_update())
    if row is None:
        raise site_unknown()
    return row


def _is_used(session: Session, rows: type[_Use], site_id: str) -> bool:
    return session.scalar(select(rows.site_id).where(rows.site_id == site_id).limit(1)) is not None


def _sites(session: Session) -> list[Site]:
    return sorted(map(_site, session.scalars(select(SiteRow))), key=lambda one: (one.name, one.site_id))


def _tell(session: Session, row: SiteRow, at: datetime) -> None:
    add_to_outbox(session, Kind.SITE, SiteRecord.model_validate(row), at)
    note_change(session, Kind.SITE, row.site_id, row.tenant_id)


def _site(row: SiteRow) -> Site:
    return Site(row.site_id, row.name, row.created_at)
