"""All that is held of a kiosk's making, to be told to a centre anew."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.consents import consent_record
from kiosk.database.order_records import order_record
from kiosk.database.people_tables import LineCountRow, PersonRow, SiteRow, VisitRow
from kiosk.database.person_records import person_record
from kiosk.database.records import event_records
from kiosk.database.tables import ConsentRow, EventRow, FeedbackRow, OrderRow, VoucherRow
from kiosk.database.visit_records import visit_records
from kiosk.database.vouchers import voucher_record
from kiosk.sync.record_parts import Record
from kiosk.sync.records import EventRecord, FeedbackRecord, Kind
from kiosk.sync.store_records import LineCountRecord, SiteRecord
from kiosk.visits.types import PersonKind

_VISITS_AT_ONCE = 1000
_TOLD_WHOLE = (
    Kind.EVENT,
    Kind.VOUCHER,
    Kind.CONSENT,
    Kind.SITE,
    Kind.PERSON,
    Kind.LINE_COUNT,
    Kind.HEALTH,
)


def own_records(session: Session, kiosk_id: str) -> Iterator[tuple[Kind, Record]]:
    """What is held of this kiosk's making, in an order in which a centre can take it; an event, a site or a
    person that came from there is known there already."""
    event_ids = select(EventRow.event_id).where(EventRow.tenant_id == "")
    for event in event_records(session, "", session.scalars(event_ids).all()).values():
        yield Kind.EVENT, EventRecord.model_validate(event)
    vouchers = select(VoucherRow).where(VoucherRow.tenant_id == "", VoucherRow.home_kiosk_id == kiosk_id)
    for voucher in session.scalars(vouchers.order_by(VoucherRow.code)):
        yield Kind.VOUCHER, voucher_record(voucher)
    orders = select(OrderRow).where(OrderRow.kiosk_id == kiosk_id)
    for order in session.scalars(orders.order_by(OrderRow.created_at, OrderRow.order_id)):
        yield Kind.ORDER, order_record(session, order)
    for consent in session.scalars(select(ConsentRow).order_by(ConsentRow.agreed_at, ConsentRow.consent_id)):
        yield Kind.CONSENT, consent_record(consent)
    for said in session.scalars(select(FeedbackRow).order_by(FeedbackRow.feedback_id)):
        yield Kind.FEEDBACK, FeedbackRecord.model_validate(said)
    yield from _of_the_shop(session, kiosk_id)


def is_told_whole(kind: str, payload: str, order_ids: Collection[str]) -> bool:
    """Whether the records above, with these orders among them, say what this message says."""
    told: Mapping[str, Any] = json.loads(payload)
    if kind == Kind.ORDER:
        return told["order_id"] in order_ids
    if kind == Kind.FEEDBACK:
        return not told["is_taken_back"]
    if kind == Kind.VISIT:
        return not told.get("is_void")
    return kind in _TOLD_WHOLE


def _of_the_shop(session: Session, kiosk_id: str) -> Iterator[tuple[Kind, Record]]:
    for site in session.scalars(select(SiteRow).order_by(SiteRow.site_id)):
        yield Kind.SITE, SiteRecord.model_validate(site)
    known = select(PersonRow).where(PersonRow.kind != PersonKind.GUEST.value)
    for person in session.scalars(known.order_by(PersonRow.created_at, PersonRow.person_id)):
        yield Kind.PERSON, person_record(session, person)
    visits = select(VisitRow).where(VisitRow.kiosk_id == kiosk_id)
    rows = session.scalars(visits.order_by(VisitRow.began_at, VisitRow.visit_id))
    for part in rows.partitions(_VISITS_AT_ONCE):
        for visit in visit_records(session, part):
            yield Kind.VISIT, visit
    lines = select(LineCountRow).where(LineCountRow.kiosk_id == kiosk_id)
    for line in session.scalars(lines.order_by(LineCountRow.hour, LineCountRow.stream_id)):
        yield Kind.LINE_COUNT, LineCountRecord.model_validate(line)
