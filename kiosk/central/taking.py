"""What the centre does with each kind of thing that a kiosk tells it.

Whose it is follows from who tells it, never from the record. What is another tenant's is refused in the same
words as what does not exist.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from sqlalchemy import update
from sqlalchemy.orm import Session

from kiosk.central.inbox import Handler
from kiosk.central.principal import Principal
from kiosk.database.bank_word import compare_order
from kiosk.database.central_tables import DeviceRow
from kiosk.database.changes import note_change
from kiosk.database.line_counts import merge_line_count
from kiosk.database.notices import note_for_staff, note_once_for_staff
from kiosk.database.order_records import ConfirmedTwice, merge_order
from kiosk.database.people_taking import take_person
from kiosk.database.records import merge_consent, write_event, write_feedback
from kiosk.database.site_records import merge_site
from kiosk.database.tables import EventRow, OrderRow, PaymentRow, VoucherRow
from kiosk.database.visit_records import merge_visit
from kiosk.database.vouchers import tell_voucher
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.money import decimal_baht, display_baht
from kiosk.sync.record_parts import Record
from kiosk.sync.records import (
    ConsentWireRecord,
    EventRecord,
    FeedbackRecord,
    HealthRecord,
    Kind,
    OrderRecord,
    VoucherRecord,
)
from kiosk.sync.store_records import LineCountRecord, PersonRecord, SiteRecord, VisitRecord

FollowOrder = Callable[[Session, OrderRow, datetime], None]
"""What hangs on how an order stands, such as the use of its voucher."""

T = TypeVar("T", bound=Record)


def handlers(follow_order: FollowOrder) -> dict[Kind, Handler]:
    """What devices may tell, by kind; deletions have a place of their own (`kiosk.central.deletions`)."""

    def order(session: Session, record: Record, principal: Principal, at: datetime) -> None:
        _take_order(session, _a(OrderRecord, record), principal, at, follow_order)

    return {
        Kind.EVENT: _take_event,
        Kind.ORDER: order,
        Kind.CONSENT: _take_consent,
        Kind.FEEDBACK: _take_feedback,
        Kind.SITE: _take_site,
        Kind.VISIT: _take_visit,
        Kind.LINE_COUNT: _take_line_count,
        Kind.VOUCHER: _take_voucher,
        Kind.PERSON: _take_person,
        Kind.HEALTH: _take_health,
    }


def _take_order(
    session: Session, told: OrderRecord, principal: Principal, at: datetime, follow_order: FollowOrder
) -> None:
    record = told if told.kiosk_id else told.model_copy(update={"kiosk_id": principal.subject})
    known = session.get(OrderRow, record.order_id)
    if known is not None and known.tenant_id != principal.tenant_id:
        raise KnownError(ErrorCode.ORDER_UNKNOWN, f"There is no order {record.order_id}.")
    if known is None:
        _check_event(session, record.event_id, principal)
    is_maker = principal.subject == record.kiosk_id
    merged = merge_order(session, record, principal.tenant_id, takes_open=is_maker)
    order = session.get_one(OrderRow, record.order_id)
    if merged.has_changed:
        note_change(session, Kind.ORDER, order.order_id, order.tenant_id)
    for payment_id in merged.paid_twice:
        payment = session.get_one(PaymentRow, payment_id)
        note_for_staff(session, paid_twice(order, payment), payment_id, at, order.tenant_id)
    for twice in merged.confirmed_twice:
        # Once: what was confirmed at the first machine may be told again after staff have settled it.
        note_once_for_staff(session, confirmed_twice(order, twice), twice.payment_id, at, order.tenant_id)
    compare_order(session, order, at)
    follow_order(session, order, at)


def paid_twice(order: OrderRow, payment: PaymentRow) -> KnownError:
    """That the whole price of an order came at two kiosks, which did not hear of each other."""
    received = display_baht(payment.received_satang)
    return KnownError(
        ErrorCode.PAYMENT_TWICE,
        f"Order {order.code} was paid twice: {received} baht came a second time.",
        f"Give {received} baht back to whoever paid order {order.code}.",
    )


def confirmed_twice(order: OrderRow, twice: ConfirmedTwice) -> KnownError:
    """That staff of two kiosks, which did not hear of each other, confirmed the money of one payment."""
    one, other = (
        f"{each.staff} confirmed {decimal_baht(each.received_satang)} baht" for each in twice.confirmations
    )
    return KnownError(
        ErrorCode.PAYMENT_CONFIRMED_TWICE,
        f"The same payment of order {order.code} was confirmed twice: {one}, {other}.",
        "Compare with the account; give back what came twice.",
    )


def _take_event(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    """An event that was made at a kiosk, so that what it sells there has its place. Other kiosks are not
    told: its photos lie at that kiosk only. One that is here stays as it is."""
    event = _a(EventRecord, record)
    if session.get(EventRow, event.event_id) is None:
        write_event(session, event, principal.tenant_id)
    else:
        _check_event(session, event.event_id, principal)


def _take_consent(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    consent = _a(ConsentWireRecord, record)
    _check_event(session, consent.event_id, principal)
    merge_consent(session, consent, principal.tenant_id)


def _take_feedback(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    """For an event that is gone it is of no use to anybody, and taken all the same."""
    feedback = _a(FeedbackRecord, record)
    if _is_own_event(session, feedback.event_id, principal):
        write_feedback(session, feedback)


def _take_site(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    site = _a(SiteRecord, record)
    if merge_site(session, site, principal.tenant_id):
        note_change(session, Kind.SITE, site.site_id, principal.tenant_id)


def _take_visit(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    """A visit is its machine's that tells of it."""
    visit = _a(VisitRecord, record).model_copy(update={"kiosk_id": principal.subject})
    merge_visit(session, visit, principal.tenant_id, at)


def _take_line_count(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    count = _a(LineCountRecord, record).model_copy(update={"kiosk_id": principal.subject})
    merge_line_count(session, count, principal.tenant_id)


def _take_voucher(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    """A kiosk issues vouchers that are used at itself alone, and tells how often they were."""
    voucher = _a(VoucherRecord, record)
    if voucher.home_kiosk_id != principal.subject:
        raise KnownError(
            ErrorCode.VOUCHER_ELSEWHERE,
            "A kiosk issues vouchers that are used at that kiosk.",
            "Issue one at the centre that is good everywhere.",
        )
    if voucher.event_id is not None:
        _check_event(session, voucher.event_id, principal)
    row = session.get(VoucherRow, (principal.tenant_id, voucher.code), with_for_update=True)
    if row is None:
        row = VoucherRow(tenant_id=principal.tenant_id, **voucher.model_dump())
        session.add(row)
        session.flush()
    elif row.home_kiosk_id != principal.subject:
        raise KnownError(
            ErrorCode.VOUCHER_TAKEN, f"There is a voucher {voucher.code} already.", "Choose another code."
        )
    elif voucher.used <= row.used:
        return
    row.used = voucher.used
    tell_voucher(session, row, at)


def _take_person(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    """Somebody who asked to be forgotten stays so: a kiosk that has not heard of it yet does not bring them
    back."""
    take_person(session, _a(PersonRecord, record), principal.tenant_id, at)


def _take_health(session: Session, record: Record, principal: Principal, at: datetime) -> None:
    health = _a(HealthRecord, record)
    told = {"at": health.at.isoformat(), "version": health.version, "facts": health.facts}
    session.execute(
        update(DeviceRow)
        .where(DeviceRow.device_id == principal.subject, DeviceRow.tenant_id == principal.tenant_id)
        .values(health=json.dumps(told), last_seen_at=at)
    )


def _check_event(session: Session, event_id: str, principal: Principal) -> None:
    if not _is_own_event(session, event_id, principal):
        raise KnownError(
            ErrorCode.EVENT_UNKNOWN,
            f"There is no event {event_id}.",
            "Make the event at the centre.",
        )


def _is_own_event(session: Session, event_id: str, principal: Principal) -> bool:
    event = session.get(EventRow, event_id)
    return event is not None and event.tenant_id == principal.tenant_id


def _a(kind: type[T], record: Record) -> T:
    if not isinstance(record, kind):
        raise BugError(f"a {type(record).__name__} is no {kind.__name__}")
    return record
