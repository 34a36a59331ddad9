"""What staff do to people, as rows: within a transaction that changes who is known (`change_people`)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from sqlalchemy.orm import Session

from kiosk.database.people_joining import (
    absorb,
    add_gone_faces,
    faces_of,
    later,
    moved_face,
    next_ordinal,
)
from kiosk.database.people_tables import PersonFaceRow, PersonRow, StayRow
from kiosk.database.people_visits import settle_visits, visits_of
from kiosk.database.person_records import tell_person
from kiosk.visits.person_rules import MOST_MERGED_FACES, check_count
from kiosk.visits.types import Agreement, NewFace, PersonDraft, PersonKind


def new_person(
    session: Session, tenant_id: str, person_id: str, draft: PersonDraft, agreement: Agreement, at: datetime
) -> PersonRow:
    """Somebody who was not known so far, without a face yet."""
    row = PersonRow(
        person_id=person_id,
        tenant_id=tenant_id,
        consent_version=agreement.version,
        consented_at=agreement.at,
        created_at=at,
        changed_at=at,
        kind_since=at,
    )
    write_words(row, draft, at)
    session.add(row)
    session.flush()
    return row


def write_words(row: PersonRow, draft: PersonDraft, at: datetime) -> bool:
    """What somebody says of themselves; whether anything of it is new."""
    words = {
        "name": draft.name,
        "gender": draft.gender.value,
        "birth_year": draft.birth_year,
        "phone": draft.phone,
        "email": draft.email,
    }
    has_new_words = any(getattr(row, name) != value for name, value in words.items())
    if has_new_words:
        for name, value in words.items():
            setattr(row, name, value)
        row.changed_at = later(at, row.changed_at)
    if row.kind == draft.kind.value:
        return has_new_words
    row.kind, row.kind_since = draft.kind.value, later(at, row.kind_since)
    return True


def add_faces(
    session: Session, row: PersonRow, faces: Sequence[NewFace], keys: Sequence[str], at: datetime
) -> None:
    """Behind those that are there; `keys` are of their pictures."""
    first = next_ordinal(faces_of(session, row))
    session.add_all(
        PersonFaceRow(
            tenant_id=row.tenant_id,
            person_id=row.person_id,
            ordinal=first + place,
            face_id=uuid4().hex,
            contract_id=face.embedding.contract_id,
            embedding=face.embedding.vector,
            added_at=at,
            picture_key=key,
        )
        for place, (face, key) in enumerate(zip(faces, keys, strict=True))
    )
    session.flush()


def merge_rows(session: Session, kept: PersonRow, gone: PersonRow, at: datetime) -> list[str]:
    """Two that are one. The keys of pictures that nothing names any more."""
    check_count(
        PersonKind.CUSTOMER, len(faces_of(session, kept) + faces_of(session, gone)), MOST_MERGED_FACES
    )
    were_guests = (kept.kind, gone.kind).count(PersonKind.GUEST)
    kind = kept.kind
    unheard = {
        visit.visit_id
        for one in (kept, gone)
        for visit in visits_of(session, one.tenant_id, one.person_id)
        if one.kind == PersonKind.GUEST and were_guests < 2  # as a guest's they were told as nobody's
    }
    absorb(session, kept, gone)
    if kept.kind != kind:
        kept.kind_since = later(at, kept.kind_since)
    tell_person(session, kept, at)
    tell_person(session, gone, at)
    return settle_visits(session, kept, at, unheard)


def split_rows(
    session: Session,
    row: PersonRow,
    other: PersonRow,
    ordinals: Sequence[int],
    visit_ids: Sequence[str],
    at: datetime,
) -> list[str]:
    """One that is two: these faces and visits become the other's. The faces get other ids: should the two be
    made one again, they are no faces that were taken away. The keys of pictures that nothing names any more.
    Raises KnownError(PERSON_PHOTOS)."""
    faces = faces_of(session, row)
    moved = [face for face in faces if face.ordinal in set(ordinals)]
    check_count(PersonKind(row.kind), len(faces) - len(moved), MOST_MERGED_FACES)
    check_count(PersonKind(other.kind), len(moved), MOST_MERGED_FACES)
    for ordinal, face in enumerate(moved):
        moved_face(session, face, other, ordinal, _other_id(face.face_id))
        session.delete(face)
    add_gone_faces(row, [face.face_id for face in moved])
    visits = _give_visits(session, row, other, visit_ids)
    tell_person(session, row, at)
    tell_person(session, other, at)
    return settle_visits(session, row, at) + settle_visits(session, other, at, visits)


def _other_id(face_id: str) -> str:
    """The id that a face gets when it turns out to be another person's: the same on every machine that finds
    so, and another one each time."""
    return hashlib.sha256(face_id.encode("ascii")).hexdigest()[:32]


def _give_visits(session: Session, row: PersonRow, other: PersonRow, visit_ids: Sequence[str]) -> set[str]:
    """Those of them that are the first one's become the other's, with their stays."""
    wanted = set(visit_ids)
    given = [visit for visit in visits_of(session, row.tenant_id, row.person_id) if visit.visit_id in wanted]
    for visit in given:
        visit.person_id = other.person_id
        stay = session.get(StayRow, visit.visit_id)
        if stay is not None:
            stay.person_id = other.person_id
    session.flush()
    return {visit.visit_id for visit in given}
