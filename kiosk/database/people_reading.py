"""People and their faces, read from a session that is bound to their tenant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, defer

from kiosk.database.people_tables import PersonFaceRow, PersonRow, VisitRow
from kiosk.database.people_ties import root_of
from kiosk.database.selecting import in_parts
from kiosk.vision.types import EMBEDDING_SIZE
from kiosk.visits.person_rules import digits_of, person_unknown
from kiosk.visits.ports import KnownFaces
from kiosk.visits.types import Gender, Person, PersonFace, PersonKind


def kept_row(session: Session, tenant_id: str, person_id: str) -> PersonRow:
    """Whoever is known under this id; of one who was merged, whom they were merged into. Raises
    KnownError(PERSON_UNKNOWN)."""
    row = session.get(PersonRow, root_of(session, tenant_id, person_id))
    if row is None or row.merged_into is not None:
        raise person_unknown()
    return row


def find_people(
    session: Session, text: str, kind: PersonKind | None, limit: int, offset: int
) -> list[Person]:
    """By name, those whose name, phone or e-mail holds the text."""
    query = select(PersonRow).where(PersonRow.merged_into.is_(None))
    query = query.where(PersonRow.kind == kind.value if kind else PersonRow.kind != PersonKind.GUEST.value)
    if text.strip():
        query = query.where(_holds(text.strip()))
    by_name = query.order_by(func.lower(PersonRow.name), PersonRow.created_at, PersonRow.person_id)
    rows = session.scalars(by_name.limit(max(0, limit)).offset(max(0, offset))).all()
    return people_of(session, rows)


def people_named(session: Session, name: str) -> list[Person]:
    """Those who are called just so, in capital letters or not; never guests."""
    told = select(PersonRow.person_id, PersonRow.name)
    told = told.where(PersonRow.merged_into.is_(None), PersonRow.kind != PersonKind.GUEST.value)
    wanted = name.strip().casefold()  # not every database knows the capital letters of every script
    ids = [person_id for person_id, called in session.execute(told) if called.casefold() == wanted]
    rows = [
        row
        for part in in_parts(ids)
        for row in session.scalars(select(PersonRow).where(PersonRow.person_id.in_(part)))
    ]
    return people_of(session, rows)


def people_of(session: Session, rows: Sequence[PersonRow]) -> list[Person]:
    """The people of these rows, with their faces and what is counted of their visits."""
    ids = [row.person_id for row in rows]
    faces: dict[str, list[PersonFaceRow]] = {}
    visits: dict[str, tuple[int, datetime | None]] = {}
    for part in in_parts(ids):
        # Without the embeddings, which nobody looks at here.
        found = select(PersonFaceRow).where(PersonFaceRow.person_id.in_(part))
        for face in session.scalars(found.options(defer(PersonFaceRow.embedding))):
            faces.setdefault(face.person_id, []).append(face)
        counted = select(VisitRow.person_id, func.count(), func.max(VisitRow.began_at))
        theirs = counted.where(VisitRow.person_id.in_(part)).group_by(VisitRow.person_id)
        for person_id, count, last in session.execute(theirs):
            visits[person_id or ""] = (count, last)
    return [_person(row, faces.get(row.person_id, ()), *visits.get(row.person_id, (0, None))) for row in rows]


def read_known_faces(session: Session, contract_id: str, revision: str) -> KnownFaces:
    """All faces under a contract, those of one person together."""
    query = (
        select(PersonRow.person_id, PersonRow.kind, PersonRow.name, PersonRow.gender, PersonFaceRow.embedding)
        .join(PersonFaceRow, PersonFaceRow.person_id == PersonRow.person_id)
        .where(PersonFaceRow.contract_id == contract_id, PersonRow.merged_into.is_(None))
        .order_by(PersonRow.person_id, PersonFaceRow.ordinal)
    )
    rows = session.execute(query).all()
    vectors = [row.embedding for row in rows]
    return KnownFaces(
        contract_id,
        revision,
        np.stack(vectors) if vectors else np.zeros((0, EMBEDDING_SIZE), np.float32),
        tuple(row.person_id for row in rows),
        tuple(PersonKind(row.kind) for row in rows),
        tuple(row.name for row in rows),
        tuple(_gender(row.gender).value for row in rows),
    )


def _person(row: PersonRow, faces: Sequence[PersonFaceRow], visits: int, last: datetime | None) -> Person:
    return Person(
        person_id=row.person_id,
        kind=PersonKind(row.kind),
        name=row.name,
        gender=_gender(row.gender),
        birth_year=row.birth_year,
        phone=row.phone,
        email=row.email,
        consent_version=row.consent_version,
        consented_at=row.consented_at,
        created_at=row.created_at,
        faces=tuple(
            PersonFace(face.ordinal, face.added_at or row.created_at, face.picture_key)
            for face in sorted(faces, key=lambda each: each.ordinal)
        ),
        visits=visits,
        last_visit_at=last,
    )


def _gender(told: str) -> Gender:
    """Whatever an admin or another version wrote there."""
    return Gender(told) if told in set(Gender) else Gender.UNKNOWN


def _holds(text: str) -> ColumnElement[bool]:
    digits = digits_of(text)
    held = [
        PersonRow.name.icontains(text, autoescape=True),
        PersonRow.email.icontains(text, autoescape=True),
    ]
    if digits.removeprefix("+").isdecimal():
        held.append(PersonRow.phone.contains(digits, autoescape=True))
    return or_(*held)
