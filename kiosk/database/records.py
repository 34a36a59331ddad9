"""Events, people, visits, consents and feedback as they go over the wire, and back into rows.

What is read for the wire is bound to a tenant ('' at a kiosk). What comes in may come twice and late: taking
it again changes nothing. A thing that is another tenant's is refused as if it were broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import LargeBinary, delete, insert, select, type_coerce
from sqlalchemy.orm import Session

from kiosk.database.bulk import Plain, among, columns_of, insert_new, table_of
from kiosk.database.people_tables import PersonFaceRow, PersonRow, VisitRow
from kiosk.database.photo_records import AS_BYTES, is_embedding
from kiosk.database.tables import ConsentRow, EventPackageRow, EventRow, FeedbackRow, PhotoRow, WatchedFileRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.packages import PackageSet
from kiosk.sales.types import Package
from kiosk.sync.records import (
    ConsentWireRecord,
    EventRecord,
    FeedbackRecord,
    PackageRecord,
    PersonRecord,
    VisitRecord,
)

_PACKAGE_FIELDS = tuple(PackageRecord.model_fields)
_EVENT_FIELDS = tuple(name for name in EventRecord.model_fields if name != "packages")
_PERSON_FIELDS = tuple(name for name in PersonRecord.model_fields if name != "faces")


# -- events -----------------------------------------------------------------------------------------


def event_records(session: Session, tenant_id: str, event_ids: Iterable[str]) -> dict[str, Plain]:
    """Those of the given events that are the tenant's, with their price lists."""
    query = select(*columns_of(EventRow, _EVENT_FIELDS)).where(
        among(session, EventRow.event_id, event_ids), EventRow.tenant_id == tenant_id
    )
    found = {row["event_id"]: {**row, "packages": []} for row in session.execute(query).mappings()}
    packages = select(table_of(EventPackageRow)).where(among(session, EventPackageRow.event_id, found))
    for row in session.execute(packages.order_by(EventPackageRow.position)).mappings():
        found[row["event_id"]]["packages"].append({name: row[name] for name in _PACKAGE_FIELDS})
    return found


def write_event(session: Session, record: EventRecord, tenant_id: str) -> None:
    """Takes in an event with its price list, in place of what is here.

    Raises KnownError: RECORD_INVALID (an event of another tenant), SETTING_INVALID (an unusable price list).
    """
    row = session.get(EventRow, record.event_id)
    if row is not None and row.tenant_id != tenant_id:
        raise _not_theirs("event")
    check_price_list(record.packages)
    session.merge(EventRow(tenant_id=tenant_id, **{name: getattr(record, name) for name in _EVENT_FIELDS}))
    session.flush()
    session.execute(delete(EventPackageRow).where(EventPackageRow.event_id == record.event_id))
    session.add_all(
        EventPackageRow(event_id=record.event_id, position=place, **package.model_dump())
        for place, package in enumerate(record.packages)
    )
    session.flush()


def check_price_list(packages: Iterable[PackageRecord]) -> None:
    """Raises KnownError(SETTING_INVALID) for packages that no price can be made of; none at all are fine."""
    listed = tuple(
        Package(one.package_id, one.name_key, one.photo_count, one.price_satang) for one in packages
    )
    if listed:
        PackageSet(listed)


def remove_event(session: Session, event_id: str) -> None:
    """An event that is gone; harmless where it is not here. One that has photos here stays."""
    has_photos = session.scalar(select(PhotoRow.photo_id).where(PhotoRow.event_id == event_id).limit(1))
    if has_photos is None:
        for rows in (FeedbackRow, WatchedFileRow, EventRow):
            session.execute(delete(rows).where(rows.event_id == event_id))


# -- people and visits ------------------------------------------------------------------------------


def person_records(session: Session, tenant_id: str, person_ids: Iterable[str]) -> dict[str, Plain]:
    """Those of the given people that are the tenant's, with their faces."""
    query = select(*columns_of(PersonRow, _PERSON_FIELDS)).where(
        among(session, PersonRow.person_id, person_ids), PersonRow.tenant_id == tenant_id
    )
    found = {row["person_id"]: {**row, "faces": []} for row in session.execute(query).mappings()}
    faces = select(
        PersonFaceRow.person_id,
        PersonFaceRow.ordinal,
        PersonFaceRow.contract_id,
        type_coerce(PersonFaceRow.embedding, LargeBinary),
    ).where(among(session, PersonFaceRow.person_id, found))
    for person_id, ordinal, contract_id, embedding in session.execute(faces.order_by(PersonFaceRow.ordinal)):
        found[person_id]["faces"].append(
            {"ordinal": ordinal, "contract_id": contract_id, "embedding": embedding}
        )
    return found


def write_person(session: Session, record: PersonRecord, tenant_id: str) -> None:
    """Takes in a person with their faces, in place of what is here. Raises KnownError(RECORD_INVALID) for a
    person of another tenant, and for a face whose embedding is no row of numbers."""
    faces = {face.ordinal: face for face in record.faces}
    if len(faces) < len(record.faces) or not all(is_embedding(face.embedding) for face in record.faces):
        raise _invalid("The faces of a person came broken.")
    values = {"tenant_id": tenant_id, **{name: getattr(record, name) for name in _PERSON_FIELDS}}
    if not insert_new(session, PersonRow, values):
        if session.get_one(PersonRow, record.person_id, with_for_update=True).tenant_id != tenant_id:
            raise _not_theirs("person")
        session.merge(PersonRow(**values))
        session.flush()
    session.execute(delete(PersonFaceRow).where(PersonFaceRow.person_id == record.person_id))
    if faces:
        session.execute(
            insert(table_of(PersonFaceRow)).values(embedding=AS_BYTES),
            [{"person_id": record.person_id, **face.model_dump()} for face in record.faces],
        )


def remove_person(session: Session, person_id: str, tenant_id: str) -> None:
    """A person who is gone, with their faces; harmless where they are not here."""
    theirs = (PersonRow.person_id == person_id, PersonRow.tenant_id == tenant_id)
    session.execute(delete(PersonRow).where(*theirs))


def visit_record(row: VisitRow) -> VisitRecord:
    """A visit as it goes over the wire."""
    return VisitRecord.model_validate(row)


def merge_visit(session: Session, record: VisitRecord, tenant_id: str) -> bool:
    """Takes in a visit: what is known of its later end wins. Whether anything changed. Raises
    KnownError(RECORD_INVALID) for a visit of another tenant."""
    row = session.get(VisitRow, record.visit_id, with_for_update=True)
    if row is None:
        session.add(VisitRow(tenant_id=tenant_id, **record.model_dump()))
        session.flush()
        return True
    if row.tenant_id != tenant_id:
        raise _not_theirs("visit")
    if record.ended_at is None or (row.ended_at is not None and record.ended_at <= row.ended_at):
        return False
    row.ended_at, row.person_id, row.gender = record.ended_at, record.person_id, record.gender
    return True


# -- consents and feedback --------------------------------------------------------------------------


def merge_consent(session: Session, record: ConsentWireRecord, tenant_id: str) -> bool:
    """Takes in a consent: agreed at its earliest, withdrawn at the first time, the face deleted at the last.
    Whether anything changed. Raises KnownError(RECORD_INVALID) for a consent of another tenant."""
    row = session.get(ConsentRow, record.consent_id, with_for_update=True)
    if row is None:
        session.add(ConsentRow(tenant_id=tenant_id, **record.model_dump()))
        session.flush()
        return True
    if row.tenant_id != tenant_id:
        raise _not_theirs("consent")
    before = (row.agreed_at, row.withdrawn_at, row.face_deleted_at)
    row.agreed_at = min(row.agreed_at, record.agreed_at)
    row.withdrawn_at = _of_both(min, row.withdrawn_at, record.withdrawn_at)
    row.face_deleted_at = _of_both(max, row.face_deleted_at, record.face_deleted_at)
    return (row.agreed_at, row.withdrawn_at, row.face_deleted_at) != before


def write_feedback(session: Session, record: FeedbackRecord) -> bool:
    """Takes in a "not me", or takes one back; the event must be here. Whether anything changed."""
    ordinal = FeedbackRow.ordinal
    same = (
        FeedbackRow.event_id == record.event_id,
        FeedbackRow.photo_id == record.photo_id,
        ordinal.is_(None) if record.ordinal is None else ordinal == record.ordinal,
        FeedbackRow.said_at == record.said_at,
    )
    is_there = session.scalar(select(FeedbackRow.feedback_id).where(*same).limit(1)) is not None
    if is_there is not record.is_taken_back:
        return False
    if record.is_taken_back:
        session.execute(delete(FeedbackRow).where(*same))
    else:
        values = {name: getattr(record, name) for name in ("event_id", "photo_id", "ordinal", "said_at")}
        session.add(FeedbackRow(**values))
    return True


def _of_both(
    choose: Callable[[datetime, datetime], datetime], one: datetime | None, other: datetime | None
) -> datetime | None:
    return choose(one, other) if one is not None and other is not None else one or other


def _not_theirs(what: str) -> KnownError:
    return _invalid(f"There is no such {what} here.")


def _invalid(detail: str) -> KnownError:
    return KnownError(ErrorCode.RECORD_INVALID, detail, "Compare kiosk and centre; the rest goes on.")
