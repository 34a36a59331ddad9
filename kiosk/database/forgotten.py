"""What is left of photos that were forgotten: enough to know them again, should somebody bring them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.selecting import in_parts
from kiosk.database.sync_tables import DeletionRow, ForgottenContentRow
from kiosk.database.tables import EventRow
from kiosk.photos.erasure import Deletion


def note_forgotten(session: Session, deletion: Deletion, event_id: str, content_hash: str) -> None:
    """A photo of the deletion, in the caller's transaction; its id in place of the hash where that is not
    known."""
    session.merge(
        ForgottenContentRow(
            deletion_id=deletion.deletion_id,
            event_id=event_id,
            content_hash=content_hash,
            tenant_id=deletion.tenant_id,
        )
    )


def is_forgotten(session: Session, event_id: str, content_hash: str, photo_id: str = "") -> bool:
    """Whether a photo of this content was forgotten, in whichever event of the same tenant it was."""
    names = [name for name in (content_hash, photo_id) if name]
    query = (
        select(ForgottenContentRow.content_hash)
        .join(EventRow, EventRow.tenant_id == ForgottenContentRow.tenant_id)
        .where(EventRow.event_id == event_id, ForgottenContentRow.content_hash.in_(names))
        .limit(1)
    )
    return session.scalar(query) is not None


def being_forgotten(session: Session) -> set[str]:
    """The photos that a deletion names which this machine is not done with."""
    pending = select(DeletionRow.photo_ids).where(DeletionRow.done_at.is_(None))
    return {photo_id for named in session.scalars(pending) for photo_id in json.loads(named)}


def forgotten_among(session: Session, tenant_id: str, contents: Mapping[str, str]) -> set[str]:
    """Those of these photos (id to content hash) that were forgotten: they are not to be taken in again."""
    if session.scalar(select(ForgottenContentRow.content_hash).limit(1)) is None:
        return set()
    names: set[str] = set()
    for part in in_parts((*contents, *contents.values())):
        query = select(ForgottenContentRow.content_hash).where(
            ForgottenContentRow.tenant_id == tenant_id, ForgottenContentRow.content_hash.in_(part)
        )
        names.update(session.scalars(query))
    return {photo_id for photo_id, content in contents.items() if photo_id in names or content in names}
