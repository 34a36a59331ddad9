"""The centre's feed: which thing changed at which revision, so that kiosks pull what is new to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from kiosk.database.bulk import insert_for
from kiosk.database.sync_tables import ChangeRow, RevisionRow
from kiosk.sync.records import Kind

KEEPS_CHANGES = "keeps_changes"
_NOTED = "noted_changes"


@dataclass(frozen=True, slots=True)
class Noted:
    """That a thing is new or changed, or gone."""

    tenant_id: str
    kind: Kind
    key: str
    is_deleted: bool = False


def note_change(session: Session, kind: Kind, key: str, tenant_id: str, *, is_deleted: bool = False) -> None:
    """Tells the feed in the caller's transaction; nothing at a kiosk, whose database keeps no feed.

    The revision is taken when the transaction is about to be committed (`write_noted`), so that the tenant's
    row of revisions is held for as short as can be.
    """
    if session.info.get(KEEPS_CHANGES):
        noted: dict[tuple[str, Kind, str], Noted] = session.info.setdefault(_NOTED, {})
        noted.pop((tenant_id, kind, key), None)
        noted[tenant_id, kind, key] = Noted(tenant_id, kind, key, is_deleted)


def write_noted(session: Session) -> None:
    """Gives every noted change its revision; called within the transaction, as its last act."""
    noted: dict[object, Noted] = session.info.pop(_NOTED, {})
    if not noted:
        return
    session.flush()
    by_tenant: dict[str, list[Noted]] = {}
    for one in noted.values():
        by_tenant.setdefault(one.tenant_id, []).append(one)
    for tenant_id in sorted(by_tenant):  # in one order, so that no two writers wait for each other
        _write_tenant(session, tenant_id, by_tenant[tenant_id])


def _write_tenant(session: Session, tenant_id: str, changes: Sequence[Noted]) -> None:
    last = _take_revisions(session, tenant_id, len(changes))
    rows = [
        {
            "tenant_id": tenant_id,
            "kind": change.kind.value,
            "key": change.key,
            "revision": last - len(changes) + place + 1,
            "is_deleted": change.is_deleted,
        }
        for place, change in enumerate(changes)
    ]
    insert = insert_for(session)(ChangeRow).values(rows)
    session.execute(
        insert.on_conflict_do_update(
            index_elements=["tenant_id", "kind", "key"],
            set_={"revision": insert.excluded.revision, "is_deleted": insert.excluded.is_deleted},
        )
    )


def _take_revisions(session: Session, tenant_id: str, count: int) -> int:
    """The last of `count` fresh revisions; the tenant's row is locked until the transaction ends."""
    insert = insert_for(session)(RevisionRow).values(tenant_id=tenant_id, last=count)
    taken = insert.on_conflict_do_update(
        index_elements=["tenant_id"], set_={"last": RevisionRow.last + count}
    ).returning(RevisionRow.last)
    return int(session.scalars(taken).one())
