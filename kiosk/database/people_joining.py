"""How what several machines know of one person becomes one, whatever came first.

Of the words and of the kind the later one is true, by the time at which it was written; of two at the same
moment the greater one, so that every machine chooses alike. A face is there once somebody has it, and gone
once anybody took it away, by its id. Two who were found to be one are one ever after: who of them is kept is
the centre's word where two machines say it differently (`kiosk.database.people_taking`).
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.people_tables import PersonFaceRow, PersonRow
from kiosk.database.people_visits import move_visits
from kiosk.sync.store_records import MOST_GONE_FACES, PersonFaceRecord, PersonRecord
from kiosk.visits.person_rules import MOST_MERGED_FACES
from kiosk.visits.types import Gender, PersonKind

NEVER = datetime(1900, 1, 1, tzinfo=UTC)
"""Before everything that anybody wrote."""
_WORDS = ("name", "gender", "birth_year", "phone", "email")
_CONSENT = ("consent_version", "consented_at")


def later(at: datetime, than: datetime) -> datetime:
    """When something is changed now: after what it changes, also where that clock was ahead of this one."""
    return max(at, than + timedelta(microseconds=1))


def person_row(session: Session, tenant_id: str, person_id: str) -> PersonRow | None:
    """The tenant's person of this id, a merged one included."""
    row = session.get(PersonRow, person_id)
    return row if row is not None and row.tenant_id == tenant_id else None


def faces_of(session: Session, row: PersonRow) -> list[PersonFaceRow]:
    """In the order in which they came."""
    query = select(PersonFaceRow).where(
        PersonFaceRow.person_id == row.person_id, PersonFaceRow.tenant_id == row.tenant_id
    )
    return list(session.scalars(query.order_by(PersonFaceRow.ordinal)))


def gone_faces(row: PersonRow) -> set[str]:
    """The ids of faces that were taken away from somebody."""
    return set(json.loads(row.gone_faces or "[]"))


def add_gone_faces(row: PersonRow, face_ids: Iterable[str]) -> None:
    """These are gone for good, on every machine that hears of it."""
    gone = sorted(gone_faces(row) | set(face_ids))[:MOST_GONE_FACES]
    row.gone_faces = json.dumps(gone) if gone else ""


def next_ordinal(faces: Collection[PersonFaceRow]) -> int:
    """A place behind all faces."""
    return max((face.ordinal for face in faces), default=-1) + 1


# -- one person, told by another machine ------------------------------------------------------------


def join_record(session: Session, row: PersonRow, record: PersonRecord, at: datetime) -> None:
    """What a machine knows of somebody is added to what is known here."""
    _join_words(row, record)
    _join_kind(row, record.kind, record.kind_since or record.created_at)
    row.created_at = min(row.created_at, record.created_at)
    join_faces(session, row, record, at)


def join_faces(session: Session, row: PersonRow, record: PersonRecord, at: datetime) -> None:
    """Of faces alone: those of somebody who was merged into this one, told by a machine that did not know."""
    here = faces_of(session, row)
    add_gone_faces(row, record.gone_faces)
    gone = gone_faces(row)
    for face in here:
        if face.face_id in gone:
            session.delete(face)
    known = {face.face_id for face in here} | gone
    ordinal = next_ordinal(here)
    for told in record.faces:
        if face_id_of(told) not in known:
            session.add(_face_row(row, told, ordinal, at))
            known.add(face_id_of(told))
            ordinal += 1
    _drop_surplus(session, row)


def face_id_of(face: PersonFaceRecord) -> str:
    """The same wherever the face is known."""
    return face.face_id if face.face_id is not None else str(face.ordinal)


def join_kind_of_another(row: PersonRow, record: PersonRecord) -> None:
    """Somebody who was merged into this one is staff: so is this one, unless that was changed since."""
    if record.kind == PersonKind.STAFF.value:
        _join_kind(row, record.kind, record.kind_since or record.created_at)


def _join_words(row: PersonRow, record: PersonRecord) -> None:
    told_at = record.changed_at or record.created_at
    if (told_at, _compared(record)) <= (row.changed_at, _compared(row)):
        return
    for name in (*_WORDS, *_CONSENT):
        setattr(row, name, getattr(record, name))
    row.changed_at = told_at


def _compared(one: PersonRow | PersonRecord) -> str:
    return json.dumps([str(getattr(one, name)) for name in (*_WORDS, "consent_version")])


def _join_kind(row: PersonRow, kind: str, since: datetime) -> None:
    if (since, kind == PersonKind.STAFF) > (row.kind_since, row.kind == PersonKind.STAFF):
        row.kind, row.kind_since = kind, since


def _face_row(row: PersonRow, told: PersonFaceRecord, ordinal: int, at: datetime) -> PersonFaceRow:
    return PersonFaceRow(
        tenant_id=row.tenant_id,
        person_id=row.person_id,
        ordinal=ordinal,
        face_id=face_id_of(told),
        contract_id=told.contract_id,
        embedding=np.frombuffer(told.embedding, dtype="<f4").astype(np.float32),
        added_at=at,
        picture_key=None,
    )


# -- two who are one --------------------------------------------------------------------------------


def absorb(session: Session, kept: PersonRow, gone: PersonRow, *, joins_kind: bool = True) -> None:
    """All that is held of `gone` becomes `kept`'s; of `gone` nothing is left but whom they are. With staff
    they are staff, where that is decided here. Visits are moved as they are: `settle_visits` follows."""
    if kept.kind == PersonKind.GUEST and gone.kind != PersonKind.GUEST:
        _take_words(kept, gone)
    elif joins_kind and gone.kind == PersonKind.STAFF and kept.kind != PersonKind.STAFF:
        kept.kind, kept.kind_since = gone.kind, max(kept.kind_since, gone.kind_since)
    add_gone_faces(kept, gone_faces(gone))
    _move_faces(session, kept, gone)
    move_visits(session, gone, kept)
    blank(gone)
    gone.merged_into = kept.person_id
    session.flush()


def place_for(session: Session, person_id: str, like: PersonRow) -> PersonRow:
    """Somebody whom others were merged into, of whom no more has come yet: as they are known till then."""
    row = person_row(session, like.tenant_id, person_id)
    if row is None:
        row = PersonRow(person_id=person_id, tenant_id=like.tenant_id, created_at=like.created_at)
        session.add(row)
    _take_words(row, like)
    row.merged_into = None
    row.changed_at = row.kind_since = NEVER
    session.flush()
    return row


def blank(row: PersonRow) -> None:
    """Nothing personal is left of somebody."""
    row.name = row.phone = row.email = row.consent_version = row.gone_faces = ""
    row.gender, row.birth_year, row.consented_at = Gender.UNKNOWN.value, None, row.created_at
    row.changed_at = row.kind_since = NEVER
    if row.kind != PersonKind.GUEST:
        row.kind = PersonKind.CUSTOMER.value


def _take_words(row: PersonRow, other: PersonRow) -> None:
    for name in (*_WORDS, *_CONSENT, "kind", "changed_at", "kind_since"):
        setattr(row, name, getattr(other, name))


def _move_faces(session: Session, kept: PersonRow, gone: PersonRow) -> None:
    here = faces_of(session, kept)
    away = gone_faces(kept)
    by_id = {face.face_id: face for face in here}
    ordinal = next_ordinal(here)
    for face in faces_of(session, gone):
        same = by_id.get(face.face_id)
        if same is not None:
            same.picture_key = same.picture_key or face.picture_key
        elif face.face_id not in away:
            moved_face(session, face, kept, ordinal, face.face_id)
            ordinal += 1
        session.delete(face)
    for face in here:
        if face.face_id in away:
            session.delete(face)
    _drop_surplus(session, kept)


def _drop_surplus(session: Session, row: PersonRow) -> None:
    """More faces than can be told of somebody are not kept: of all that there are, every machine keeps the
    same, in whatever order it heard of them. A picture of a dropped one goes with the next purge."""
    session.flush()
    for face in sorted(faces_of(session, row), key=lambda one: one.face_id)[MOST_MERGED_FACES:]:
        session.delete(face)
    session.flush()


def moved_face(session: Session, face: PersonFaceRow, to: PersonRow, ordinal: int, face_id: str) -> None:
    """Adds somebody's face to another person; its old row is the caller's to delete."""
    session.add(
        PersonFaceRow(
            tenant_id=to.tenant_id,
            person_id=to.person_id,
            ordinal=ordinal,
            face_id=face_id,
            contract_id=face.contract_id,
            embedding=face.embedding,
            added_at=face.added_at,
            picture_key=face.picture_key,
        )
    )
