"""A word that changes whenever somebody becomes known, or otherwise known, or unknown."""

from __future__ import annotations

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.bulk import insert_for, table_of
from kiosk.database.people_tables import SiteRow
from kiosk.database.tables import MetaRow

_KEY = "people_revision"


def change_people(session: Session, tenant_id: str) -> None:
    """Said before rows of people or of their faces are written, in the caller's transaction: others who mean
    to write some of the same tenant wait until its end, so that no two ever wait for each other."""
    insert = insert_for(session)(table_of(MetaRow)).values(key=_key(tenant_id), value=uuid4().hex)
    changing = insert.on_conflict_do_update(index_elements=["key"], set_={"value": insert.excluded.value})
    session.connection().execute(changing)


def hold_people(session: Session, tenant_id: str) -> None:
    """Said before visits and stays of somebody are changed together with who they are, and before anything of
    it is read: nobody is seen meanwhile at any site of the tenant. All who write these rows take them in one
    order: sites, people, stays, visits. On SQLite there is one writer anyhow."""
    sites = select(SiteRow.site_id).where(SiteRow.tenant_id == tenant_id).order_by(SiteRow.site_id)
    session.scalars(sites.with_for_update(key_share=True)).all()
    change_people(session, tenant_id)


def people_revision(session: Session, tenant_id: str) -> str:
    """Empty before the first change; quick."""
    return session.scalar(select(MetaRow.value).where(MetaRow.key == _key(tenant_id))) or ""


def _key(tenant_id: str) -> str:
    return f"{_KEY} {tenant_id}".rstrip()
