"""People as they go over the wire.

What is read for the wire is bound to a tenant ('' at a kiosk).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import select, type_coerce
from sqlalchemy.orm import Session

from kiosk.database.bulk import Plain, among, columns_of
from kiosk.database.changes import note_change
from kiosk.database.columns import VectorBytes
from kiosk.database.outbox import add_to_outbox
from kiosk.database.people_tables import PersonFaceRow, PersonRow
from kiosk.sync.records import Kind
from kiosk.sync.store_records import PersonFaceRecord, PersonRecord
from kiosk.visits.types import PersonKind

_FIELDS = tuple(name for name in PersonRecord.model_fields if name != "faces")


def person_records(session: Session, tenant_id: str, person_ids: Iterable[str]) -> dict[str, Plain]:
    """Those of the given people that are the tenant's, with their faces; guests are told to nobody."""
    query = select(*columns_of(PersonRow, _FIELDS)).where(
        among(session, PersonRow.person_id, person_ids),
        PersonRow.tenant_id == tenant_id,
        PersonRow.kind != PersonKind.GUEST.value,
    )
    found = {
        row["person_id"]: {**row, "faces": [], "gone_faces": json.loads(row["gone_faces"] or "[]")}
        for row in session.execute(query).mappings()
    }
    faces = select(
        PersonFaceRow.person_id,
        PersonFaceRow.ordinal,
        PersonFaceRow.face_id,
        PersonFaceRow.contract_id,
        type_coerce(PersonFaceRow.embedding, VectorBytes),
    ).where(among(session, PersonFaceRow.person_id, found), PersonFaceRow.tenant_id == tenant_id)
    for person_id, ordinal, face_id, contract_id, embedding in session.execute(
        faces.order_by(PersonFaceRow.ordinal)
    ):
        found[person_id]["faces"].append(
            {"ordinal": ordinal, "face_id": face_id, "contract_id": contract_id, "embedding": embedding}
        )
    return found


def person_record(session: Session, row: PersonRow) -> PersonRecord:
    """One person, in a session that may be bound to their tenant."""
    query = select(PersonFaceRow).where(
        PersonFaceRow.person_id == row.person_id, PersonFaceRow.tenant_id == row.tenant_id
    )
    faces = tuple(
        PersonFaceRecord(
            ordinal=face.ordinal,
            face_id=face.face_id,
            contract_id=face.contract_id,
            embedding=face.embedding.astype("<f4").tobytes(),
        )
        for face in session.scalars(query.order_by(PersonFaceRow.ordinal))
    )
    values = {name: getattr(row, name) for name in _FIELDS}
    return PersonRecord(**{**values, "faces": faces, "gone_faces": json.loads(row.gone_faces or "[]")})


def tell_person(session: Session, row: PersonRow, at: datetime) -> None:
    """Somebody who is new or changed: a kiosk tells the centre, and the centre its kiosks, as part of the
    caller's transaction. Guests are told to nobody."""
    if row.kind != PersonKind.GUEST:
        session.flush()
        add_to_outbox(session, Kind.PERSON, person_record(session, row), at)
        note_change(session, Kind.PERSON, row.person_id, row.tenant_id)
