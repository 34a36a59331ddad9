"""Events, consents and feedback as they go over the wire, and back into rows.

What is read for the wire is bound to a tenant ('' at a kiosk). What comes in may come twice and late: taking
it again changes nothing. A thing that is another tenant's is refused as if it were broken.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from kiosk.database.bulk import Plain, among, columns_of, table_of
from kiosk.database.tables import ConsentRow, EventPackageRow, EventRow, FeedbackRow, PhotoRow, WatchedFileRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.packages import PackageSet
from kiosk.sales.types import Package
from kiosk.sync.records import ConsentWireRecord, EventRecord, FeedbackRecord, PackageRecord

_PACKAGE_FIELDS = tuple(PackageRecord.model_fields)
_EVENT_FIELDS = tuple(name for name in EventRecord.model_fields if name != "packages")


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
