"""Who was found to be the same as whom: each merged one names whom they were merged into."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.people_tables import PersonRow
from kiosk.database.selecting import in_parts
from kiosk.database.sync_tables import DeletionRow


def root_of(session: Session, tenant_id: str, person_id: str) -> str:
    """Whom somebody was merged into, over as many steps as it takes; themselves where they were not. The row
    of the kept one may be gone: then they were forgotten, or have not come yet."""
    seen = {person_id}
    while True:
        query = select(PersonRow.merged_into).where(
            PersonRow.person_id == person_id, PersonRow.tenant_id == tenant_id
        )
        following = session.scalar(query)
        if following is None or following in seen:
            return person_id
        seen.add(following)
        person_id = following


def all_of(session: Session, tenant_id: str, person_id: str) -> list[str]:
    """The ids of everybody who is the same as this one, the kept one first."""
    found = [root_of(session, tenant_id, person_id)]
    fresh = list(found)
    while fresh:
        into: list[str] = []
        for part in in_parts(fresh):
            query = select(PersonRow.person_id).where(
                PersonRow.merged_into.in_(part), PersonRow.tenant_id == tenant_id
            )
            into += session.scalars(query.order_by(PersonRow.person_id))
        fresh = [one for one in dict.fromkeys(into) if one not in found]
        found += fresh
    return found


def deletion_of_person(session: Session, tenant_id: str, person_id: str) -> DeletionRow | None:
    """What somebody asked for who wanted to be forgotten, under whichever of their ids."""
    for part in in_parts(all_of(session, tenant_id, person_id)):
        query = select(DeletionRow).where(DeletionRow.tenant_id == tenant_id, DeletionRow.person_id.in_(part))
        found = session.scalar(query.order_by(DeletionRow.requested_at).limit(1))
        if found is not None:
            return found
    return None
