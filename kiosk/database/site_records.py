"""Sites as they go over the wire, and back into rows: made at a kiosk or at the centre, known to all."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.bulk import Plain, among, columns_of, insert_new
from kiosk.database.people_tables import LineCountRow, SiteRow, StayRow, StreamRow, VisitRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.store_records import SiteRecord

_Use = StreamRow | StayRow | VisitRow | LineCountRow
_USES: tuple[type[_Use], ...] = (StreamRow, StayRow, VisitRow, LineCountRow)


def site_records(session: Session, tenant_id: str, site_ids: Iterable[str]) -> dict[str, Plain]:
    """Those of the given sites that are the tenant's."""
    query = select(*columns_of(SiteRow, SiteRecord.model_fields)).where(
        among(session, SiteRow.site_id, site_ids), SiteRow.tenant_id == tenant_id
    )
    return {row["site_id"]: dict(row) for row in session.execute(query).mappings()}


def merge_site(session: Session, record: SiteRecord, tenant_id: str) -> bool:
    """Takes in a site; of its names the later one is true. Whether anything changed. Raises
    KnownError(RECORD_INVALID) for a site of another tenant."""
    if insert_new(session, SiteRow, {**record.model_dump(), "tenant_id": tenant_id}):
        return True
    row = session.get_one(SiteRow, record.site_id, with_for_update=True)
    if row.tenant_id != tenant_id:
        raise KnownError(
            ErrorCode.RECORD_INVALID,
            "There is no such site here.",
            "Compare kiosk and centre; the rest goes on.",
        )
    if (_named_at(record), record.name) <= (_named_at(row), row.name):
        return False
    row.name, row.changed_at = record.name, record.changed_at
    session.flush()
    return True


def remove_site(session: Session, site_id: str) -> None:
    """At a kiosk: a site that is gone at the centre. One that has something here stays, so that it has a
    name."""
    row = session.get(SiteRow, site_id)
    if row is not None and not any(_is_used(session, use, site_id) for use in _USES):
        session.delete(row)
        session.flush()


def _named_at(site: SiteRow | SiteRecord) -> datetime:
    return site.changed_at or site.created_at


def _is_used(session: Session, rows: type[_Use], site_id: str) -> bool:
    return session.scalar(select(rows.site_id).where(rows.site_id == site_id).limit(1)) is not None
