"""People as another machine tells of them: at the centre what a kiosk says, at a kiosk what the centre says.

The centre takes each kiosk's word as one among several (`take_person`): who was merged stays merged, in
whatever order it is heard, and two who were merged crosswise are one, kept under the id that was told first.
The centre's word is the last one at its kiosks (`follow_person`): they put right what they had merged
otherwise. What comes in may come twice and late: taking it again changes nothing. Whoever asked to be
forgotten stays so under every one of their ids, and so does whoever turns out to be them.
"""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from kiosk.database.people_forgetting import forget_late, forget_rows
from kiosk.database.people_joining import (
    NEVER,
    absorb,
    blank,
    face_id_of,
    faces_of,
    join_faces,
    join_kind_of_another,
    join_record,
    later,
    moved_face,
    person_row,
    place_for,
)
from kiosk.database.people_revision import hold_people
from kiosk.database.people_tables import PersonRow
from kiosk.database.people_ties import deletion_of_person, root_of
from kiosk.database.people_visits import settle_visits
from kiosk.database.person_records import tell_person
from kiosk.database.photo_records import is_embedding
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.store_records import PersonRecord
from kiosk.visits.types import PersonKind


def take_person(session: Session, record: PersonRecord, tenant_id: str, at: datetime) -> None:
    """At the centre: what a kiosk tells; all others hear of it. Raises KnownError(RECORD_INVALID)."""
    row = _begin(session, record, tenant_id)
    if _is_forgotten(session, record, row, tenant_id, at):
        return
    is_new = row is None
    row = row or _fresh(session, record, tenant_id)
    told = {row.person_id: row}
    kept = _root(session, row)
    if record.merged_into is None:
        if kept is row:
            join_record(session, row, record, at)
        elif kept is not None:
            join_faces(session, kept, record, at)
            join_kind_of_another(kept, record)
    elif kept is not None:
        into = root_of(session, tenant_id, record.merged_into)
        if into != kept.person_id:
            told[kept.person_id] = kept
            kept = _merge(session, kept, into, is_new=is_new, joins_kind=True)
    if kept is not None:
        told[kept.person_id] = kept
        settle_visits(session, kept, at)
    for one in sorted(told.values(), key=lambda each: each.merged_into is not None):
        tell_person(session, one, at)


def follow_person(session: Session, record: PersonRecord, at: datetime) -> None:
    """At a kiosk: what the centre tells. Raises KnownError(RECORD_INVALID)."""
    row = _begin(session, record, "")
    if _is_forgotten(session, record, row, "", at):
        return
    is_new = row is None
    row = row or _fresh(session, record, "")
    if record.merged_into is not None:
        if record.merged_into not in (row.merged_into, row.person_id):
            kept = _follow_merge(session, row, record.merged_into, is_new=is_new)
            if kept is not None:
                settle_visits(session, kept, at)
        row.created_at = row.consented_at = record.created_at
        return
    if row.merged_into is not None:
        _take_back(session, row, record)
    join_record(session, row, record, at)
    row.created_at = record.created_at
    if row.kind == PersonKind.STAFF:
        settle_visits(session, row, at)


def write_person(session: Session, record: PersonRecord, tenant_id: str, at: datetime) -> None:
    """At the centre: what an admin writes, in place of what is known; a face that is known already stays
    itself. Raises KnownError(RECORD_INVALID), also for somebody who is gone."""
    row = _begin(session, record, tenant_id)
    if deletion_of_person(session, tenant_id, record.person_id) is not None:
        raise _invalid("This person was forgotten, for good.")
    if row is None:
        row = _fresh(session, record, tenant_id)
    if row.merged_into is not None:
        raise _invalid("This person was found to be the same as another.")
    here = faces_of(session, row)
    known = {(face.contract_id, face.embedding.astype("<f4").tobytes()): face.face_id for face in here}
    faces = [
        face.model_copy(
            update={"face_id": known.get((face.contract_id, face.embedding), uuid4().hex), "ordinal": place}
        )
        for place, face in enumerate(record.faces)
    ]
    gone = {face.face_id for face in here} - {face.face_id for face in faces}
    stamps = {"changed_at": later(at, row.changed_at), "kind_since": row.kind_since}
    if row.kind != record.kind or row.kind_since == NEVER:
        stamps["kind_since"] = later(at, row.kind_since)
    told = {**stamps, "created_at": row.created_at, "faces": tuple(faces), "gone_faces": tuple(gone)}
    join_record(session, row, record.model_copy(update=told), at)
    settle_visits(session, row, at)
    tell_person(session, row, at)


def remove_person(session: Session, person_id: str, tenant_id: str, at: datetime) -> None:
    """At a kiosk: somebody who is gone at the centre, with all that is held of them; harmless where they are
    not here."""
    deletion = deletion_of_person(session, tenant_id, person_id)
    if deletion is not None:
        forget_late(session, deletion, person_id, at)
    else:
        forget_rows(session, None, tenant_id, person_id, at)


def _merge(
    session: Session, gone: PersonRow, into: str, *, is_new: bool, joins_kind: bool
) -> PersonRow | None:
    """One who is kept so far is merged into another such; that one, or None where they have not come yet."""
    kept = person_row(session, gone.tenant_id, into)
    if kept is None and is_new:
        gone.merged_into = into
        session.flush()
        return None
    kept = kept or place_for(session, into, gone)
    absorb(session, kept, gone, joins_kind=joins_kind)
    return kept


def _follow_merge(session: Session, row: PersonRow, into: str, *, is_new: bool) -> PersonRow | None:
    """The one whom a row is merged into now; None where nothing was moved to them."""
    if _leads_to(session, into, row):  # here it was that one who was merged into this one
        place_for(session, into, _root(session, row) or row)
    if row.merged_into is not None:
        row.merged_into = into
        session.flush()
        return None
    # Of which kind the kept one is the centre tells with them.
    kept_id = root_of(session, row.tenant_id, into)
    kept = _merge(session, row, kept_id, is_new=is_new, joins_kind=False)
    row.merged_into = into
    session.flush()
    return kept


def _take_back(session: Session, row: PersonRow, record: PersonRecord) -> None:
    """Somebody who was merged here is not, as the centre has it so far: their faces are theirs again, and no
    two people's."""
    kept = _root(session, row)
    theirs = {face_id_of(face) for face in record.faces}
    for place, face in enumerate(faces_of(session, kept) if kept is not None else ()):
        if face.face_id in theirs:
            moved_face(session, face, row, place, face.face_id)
            session.delete(face)
    row.merged_into = None
    session.flush()


def _leads_to(session: Session, person_id: str, row: PersonRow) -> bool:
    """Whether one of those whom somebody was merged into is this one."""
    seen: set[str] = set()
    while person_id not in seen:
        if person_id == row.person_id:
            return True
        seen.add(person_id)
        following = person_row(session, row.tenant_id, person_id)
        if following is None or following.merged_into is None:
            return False
        person_id = following.merged_into
    return False


def _begin(session: Session, record: PersonRecord, tenant_id: str) -> PersonRow | None:
    """The row that is here, once no other transaction of the tenant changes who is known."""
    if not all(is_embedding(face.embedding) for face in record.faces):
        raise _invalid("The faces of a person came broken.")
    if len({face.ordinal for face in record.faces}) < len(record.faces):
        raise _invalid("The faces of a person came broken.")
    hold_people(session, tenant_id)
    row = session.get(PersonRow, record.person_id)
    if row is not None and row.tenant_id != tenant_id:
        raise _invalid("There is no such person here.")
    return row


def _is_forgotten(
    session: Session, record: PersonRecord, row: PersonRow | None, tenant_id: str, at: datetime
) -> bool:
    """Whether they asked to be forgotten, or turn out to be the same as somebody who did."""
    deletion = deletion_of_person(session, tenant_id, record.person_id)
    into = record.merged_into
    if into is None:
        return deletion is not None
    deletion = deletion or deletion_of_person(session, tenant_id, into)
    if deletion is None:
        return False
    row = row or _fresh(session, record, tenant_id)
    kept = _root(session, row)
    into = root_of(session, tenant_id, into)
    if kept is not None and kept.person_id != into:
        blank(kept)
        kept.merged_into = into
        session.flush()
        tell_person(session, kept, at)
    forget_late(session, deletion, record.person_id, at)
    return True


def _fresh(session: Session, record: PersonRecord, tenant_id: str) -> PersonRow:
    """Somebody who was not known here so far; a merged one as such, since no more is told of them."""
    row = PersonRow(
        person_id=record.person_id,
        tenant_id=tenant_id,
        kind=record.kind,
        created_at=record.created_at,
        changed_at=NEVER,
        kind_since=NEVER,
    )
    blank(row)
    session.add(row)
    session.flush()
    return row


def _root(session: Session, row: PersonRow) -> PersonRow | None:
    """Whoever is kept of all who are the same as this one; None where they are gone, or have not come yet."""
    return person_row(session, row.tenant_id, root_of(session, row.tenant_id, row.person_id))


def _invalid(detail: str) -> KnownError:
    return KnownError(ErrorCode.RECORD_INVALID, detail, "Compare kiosk and centre; the rest goes on.")
