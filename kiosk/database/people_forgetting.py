"""The rows of somebody who asked to be forgotten, under every id that they ever had.

What is left: their visits, counted as nobody's, and of those who were merged into them an id that leads to
theirs, so that nothing which is told of it later brings them back.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import CursorResult, Delete, Update, delete, select, update
from sqlalchemy.orm import Session

from kiosk.database.changes import KEEPS_CHANGES, note_change
from kiosk.database.deletions import (
    DATABASE,
    OWN_HOLDERS,
    add_counts,
    add_deletion,
    ask_centre_to_forget,
    enlist_kiosks,
    holder_of_kiosk,
)
from kiosk.database.people_revision import hold_people
from kiosk.database.people_tables import PersonFaceRow, PersonRow, StayRow, VisitFaceRow, VisitRow
from kiosk.database.people_ties import all_of, root_of
from kiosk.database.selecting import in_parts
from kiosk.database.sync_tables import DeletionHolderRow, DeletionRow, ForgottenPictureRow, OutboxRow
from kiosk.database.visit_records import tell_visit
from kiosk.sync.records import DeletionRecord, Kind

_KIOSK = "kiosk:"


def ask_to_forget(
    session: Session,
    record: DeletionRecord,
    tenant_id: str,
    kiosk_id: str,
    at: datetime,
    token_hash: str | None = None,
) -> bool:
    """Writes down that a person asked to be forgotten, for every machine, and forgets their rows here at
    once: from then on nobody recognises them. False where it was asked for before."""
    if session.info.get(KEEPS_CHANGES):
        holder = DATABASE
        is_new = add_deletion(session, record, tenant_id, OWN_HOLDERS, token_hash)
        enlist_kiosks(session, record.deletion_id, tenant_id)
    else:
        holder = holder_of_kiosk(kiosk_id)
        is_new = ask_centre_to_forget(session, record, kiosk_id, at, token_hash)
    removed = forget_rows(session, record.deletion_id, tenant_id, record.person_id or "", at)
    add_counts(session, record.deletion_id, holder, removed)
    return is_new


def forget_rows(
    session: Session, deletion_id: str | None, tenant_id: str, person_id: str, at: datetime
) -> Counter[str]:
    """Deletes all that is held of somebody, in a session of their tenant or of all; how much of each kind.
    Pictures are written down under the deletion, to be deleted after it. Harmless when it is repeated. While
    it goes on nobody is seen: whoever is seen later is not known any more."""
    hold_people(session, tenant_id)
    session.flush()
    ids = all_of(session, tenant_id, person_id)
    removed: Counter[str] = Counter()
    if deletion_id is not None:
        _note_pictures(session, deletion_id, tenant_id, ids)
    end_visits(session, tenant_id, ids, at, removed)
    for part in in_parts(ids):
        faces = delete(PersonFaceRow).where(
            PersonFaceRow.person_id.in_(part), PersonFaceRow.tenant_id == tenant_id
        )
        removed["person_faces"] += _run(session, faces)
        kept = delete(PersonRow).where(
            PersonRow.person_id.in_(part), PersonRow.tenant_id == tenant_id, PersonRow.merged_into.is_(None)
        )
        removed["people"] += _run(session, kept)
    removed["messages"] += _drop_messages(session, ids)
    session.expire_all()
    # Also where nobody is left: a kiosk hears it again, and behind the deletion.
    note_change(session, Kind.PERSON, root_of(session, tenant_id, person_id), tenant_id, is_deleted=True)
    return removed


def forget_late(session: Session, deletion: DeletionRow, person_id: str, at: datetime) -> None:
    """Somebody turns out to be one who asked to be forgotten. Where that was done it is to be done again: of
    files and of older copies, and told as done only then."""
    removed = forget_rows(session, deletion.deletion_id, deletion.tenant_id, person_id, at)
    if not any(removed.values()):
        return
    deletion.done_at = None
    holders = select(DeletionHolderRow).where(DeletionHolderRow.deletion_id == deletion.deletion_id)
    own = [
        holder
        for holder in session.scalars(holders.order_by(DeletionHolderRow.holder))
        if not (session.info.get(KEEPS_CHANGES) and holder.holder.startswith(_KIOSK))
    ]
    for holder in own:
        holder.confirmed_at = None
    if own:
        add_counts(session, deletion.deletion_id, own[0].holder, removed)


def forget_everybody(session: Session, tenant_id: str, at: datetime) -> None:
    """Nobody is known any more: for a machine that goes to another chain, whose people these are not."""
    kept = select(PersonRow.person_id).where(
        PersonRow.tenant_id == tenant_id, PersonRow.merged_into.is_(None)
    )
    for person_id in session.scalars(kept).all():
        forget_rows(session, None, tenant_id, person_id, at)
    _run(session, delete(PersonRow).where(PersonRow.tenant_id == tenant_id))
    _run(session, delete(OutboxRow).where(OutboxRow.kind == Kind.PERSON.value))


def pictures_to_forget(session: Session, deletion_id: str) -> list[str]:
    """The keys of pictures that a deletion still has to delete."""
    query = select(ForgottenPictureRow.object_key).where(ForgottenPictureRow.deletion_id == deletion_id)
    return list(session.scalars(query.order_by(ForgottenPictureRow.object_key)))


def _note_pictures(session: Session, deletion_id: str, tenant_id: str, ids: Collection[str]) -> None:
    keys: set[str | None] = set()
    for part in in_parts(ids):
        for rows in (PersonFaceRow, VisitRow):
            query = select(rows.picture_key).where(rows.person_id.in_(part), rows.tenant_id == tenant_id)
            keys |= set(session.scalars(query))
    for key in sorted(key for key in keys if key):
        session.merge(ForgottenPictureRow(deletion_id=deletion_id, object_key=key))
    session.flush()


def end_visits(
    session: Session, tenant_id: str, ids: Iterable[str], at: datetime, removed: Counter[str]
) -> None:
    """They count on, as nobody's. One that goes on ends when they were last seen: its stay is no more."""
    nobody = {"person_id": None, "number": None, "picture_key": None}
    for part in in_parts(ids):
        stays = (StayRow.person_id.in_(part), StayRow.tenant_id == tenant_id)
        theirs = (VisitRow.person_id.in_(part), VisitRow.tenant_id == tenant_id)
        visit_ids = select(VisitRow.visit_id).where(*theirs)
        faces = delete(VisitFaceRow).where(
            VisitFaceRow.visit_id.in_(visit_ids), VisitFaceRow.tenant_id == tenant_id
        )
        removed["visit_faces"] += _run(session, faces)
        last_seen = {
            stay.stay_id: stay.last_seen_at for stay in session.scalars(select(StayRow).where(*stays))
        }
        going_on = session.scalars(select(VisitRow).where(*theirs, VisitRow.ended_at.is_(None))).all()
        removed["visits"] += _run(session, update(VisitRow).where(*theirs).values(**nobody))
        for visit in going_on:
            session.refresh(visit)
            visit.ended_at = last_seen.get(visit.visit_id, visit.began_at)
            tell_visit(session, visit, at)
        removed["stays"] += _run(session, delete(StayRow).where(*stays))


def _drop_messages(session: Session, ids: Collection[str]) -> int:
    """Words to the centre about them, said or not, hold their faces; and of visits, whose they were. That one
    of them was merged into another stays told: the centre must know whom else to forget."""
    dropped = 0
    for person_id in ids:
        about = (
            OutboxRow.kind.in_((Kind.PERSON.value, Kind.VISIT.value)),
            OutboxRow.payload.contains(person_id, autoescape=True),
        )
        for row in session.scalars(select(OutboxRow).where(*about)).all():
            told = json.loads(row.payload)
            if told["person_id"] != person_id:
                continue
            if row.kind == Kind.VISIT:
                row.payload = json.dumps({**told, "person_id": None, "number": None})
            elif told.get("merged_into") is None:
                session.delete(row)
                dropped += 1
    session.flush()
    return dropped


def _run(session: Session, change: Delete | Update) -> int:
    result = session.execute(change, execution_options={"synchronize_session": False})
    return int(result.rowcount) if isinstance(result, CursorResult) else 0
