"""Guests: visitors who agreed to nothing, kept without a name where the long-term way is on."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.people_revision import change_people
from kiosk.database.people_tables import PersonFaceRow, PersonRow, VisitRow
from kiosk.vision.types import Embedding
from kiosk.visits.types import Gender, PersonKind


def add_guest(
    session: Session, tenant_id: str, embedding: Embedding, gender: Gender, at: datetime
) -> PersonRow:
    """A new one. They are known at this machine only: nobody is told."""
    change_people(session, tenant_id)
    guest = PersonRow(
        person_id=uuid4().hex,
        tenant_id=tenant_id,
        kind=PersonKind.GUEST.value,
        name="",
        gender=gender.value,
        birth_year=None,
        phone="",
        email="",
        consent_version="",
        consented_at=at,
        created_at=at,
    )
    session.add(guest)
    session.flush()
    session.add(
        PersonFaceRow(
            person_id=guest.person_id,
            tenant_id=tenant_id,
            ordinal=0,
            face_id=uuid4().hex,
            contract_id=embedding.contract_id,
            embedding=embedding.vector,
            added_at=at,
            picture_key=None,
        )
    )
    return guest


def remove_unvisited_guest(session: Session, tenant_id: str, person_id: str | None) -> None:
    """A guest who turned out to be somebody else at their only visit; others stay."""
    person = session.get(PersonRow, person_id) if person_id else None
    if person is None or person.kind != PersonKind.GUEST.value:
        return
    session.flush()
    if session.scalar(select(VisitRow.visit_id).where(VisitRow.person_id == person_id).limit(1)) is None:
        change_people(session, tenant_id)
        session.delete(person)
        session.flush()
