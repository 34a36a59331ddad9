"""What a tenant sells, as its admins write it down: events with their price lists, vouchers, people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kiosk.clock import Clock
from kiosk.database.central_tables import DeviceRow
from kiosk.database.changes import note_change
from kiosk.database.engine import Database
from kiosk.database.people_tables import PersonFaceRow, PersonRow
from kiosk.database.people_taking import write_person
from kiosk.database.records import check_price_list, event_records, write_event
from kiosk.database.retrying import once_more
from kiosk.database.tables import EventRow
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.sales.types import Voucher
from kiosk.sync.records import EventRecord, Kind, PackageRecord
from kiosk.sync.store_records import PersonRecord
from kiosk.visits.types import PersonKind


class Catalogue:
    """Reads and writes one tenant's things at a time; kiosks hear of every change. Any thread.

    What is another tenant's is told exactly like what does not exist.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    # -- events -----------------------------------------------------------------------------------

    def events(self, tenant_id: str, limit: int, offset: int) -> list[EventRecord]:
        """Some of a tenant's events with their price lists, the newest first."""
        query = (
            select(EventRow.event_id)
            .where(EventRow.tenant_id == tenant_id)
            .order_by(EventRow.created_at.desc(), EventRow.event_id)
        )
        with self._database.reading() as session:
            event_ids = list(session.scalars(query.limit(limit).offset(offset)))
            found = event_records(session, tenant_id, event_ids)
        return [EventRecord.model_validate(found[event_id]) for event_id in event_ids if event_id in found]

    def event(self, tenant_id: str, event_id: str) -> EventRecord:
        """Raises KnownError(EVENT_UNKNOWN)."""
        with self._database.reading() as session:
            return _event(session, tenant_id, event_id)

    def event_named(self, tenant_id: str, name: str) -> EventRecord | None:
        """The tenant's event of this name, the newest if several bear it; None where there is none."""
        query = (
            select(EventRow.event_id)
            .where(EventRow.tenant_id == tenant_id, EventRow.name == name)
            .order_by(EventRow.created_at.desc(), EventRow.event_id)
            .limit(1)
        )
        with self._database.reading() as session:
            event_id = session.scalar(query)
            return None if event_id is None else _event(session, tenant_id, event_id)

    def add_event(self, tenant_id: str, words: Mapping[str, Any]) -> EventRecord:
        """A new event of these names, place and choices. Raises KnownError(REQUEST_INVALID) for an unusable
        price list."""
        record = EventRecord(event_id=uuid4().hex, created_at=self._clock.now(), **words)
        with self._database.writing() as session:
            return _write(session, tenant_id, record)

    def change_event(self, tenant_id: str, event_id: str, changes: Mapping[str, Any]) -> EventRecord:
        """An event with some of its fields changed. Raises KnownError: EVENT_UNKNOWN, REQUEST_INVALID."""
        with self._database.writing() as session:
            session.get(EventRow, event_id, with_for_update=True)
            before = _event(session, tenant_id, event_id)
            return _write(session, tenant_id, before.model_copy(update=dict(changes)))

    # -- vouchers ---------------------------------------------------------------------------------

    def vouchers(self, tenant_id: str) -> list[Voucher]:
        """All of a tenant's, by code."""
        return SqlVoucherRepository(self._database, self._clock, tenant_id).vouchers()

    def add_voucher(self, tenant_id: str, voucher: Voucher) -> None:
        """Raises KnownError: VOUCHER_TAKEN; EVENT_UNKNOWN and DEVICE_UNKNOWN for the event or the kiosk that
        it is meant for."""
        with self._database.reading() as session:
            if voucher.event_id is not None:
                _event(session, tenant_id, voucher.event_id)
            if voucher.home_kiosk_id is not None:
                device = session.get(DeviceRow, voucher.home_kiosk_id)
                if device is None or device.tenant_id != tenant_id:
                    raise KnownError(
                        ErrorCode.DEVICE_UNKNOWN, "There is no such kiosk.", "Ask for the list of kiosks."
                    )
        SqlVoucherRepository(self._database, self._clock, tenant_id).add_voucher(voucher)

    # -- people -----------------------------------------------------------------------------------

    def people(self, tenant_id: str, limit: int, offset: int) -> list[tuple[PersonRecord, int]]:
        """Some of a tenant's people by name, each with how many faces are known, which are never told."""
        faces = select(func.count()).where(PersonFaceRow.person_id == PersonRow.person_id).scalar_subquery()
        query = (
            select(PersonRow, faces)
            .where(
                PersonRow.tenant_id == tenant_id,
                PersonRow.merged_into.is_(None),
                PersonRow.kind != PersonKind.GUEST.value,
            )
            .order_by(PersonRow.name, PersonRow.person_id)
        )
        names = [name for name in PersonRecord.model_fields if name not in ("faces", "gone_faces")]
        with self._database.reading() as session:
            return [
                (PersonRecord(faces=(), **{name: getattr(row, name) for name in names}), count)
                for row, count in session.execute(query.limit(limit).offset(offset))
            ]

    @once_more
    def write_person(self, tenant_id: str, record: PersonRecord) -> None:
        """Adds a person, or puts this in place of what is known of them. Raises KnownError(RECORD_INVALID)
        for faces that are none, and for an id that is not to be had."""
        with self._database.writing() as session:
            write_person(session, record, tenant_id, self._clock.now())


def _event(session: Session, tenant_id: str, event_id: str) -> EventRecord:
    found = event_records(session, tenant_id, [event_id])
    if event_id not in found:
        raise KnownError(ErrorCode.EVENT_UNKNOWN, "There is no such event.", "Ask for the list of events.")
    return EventRecord.model_validate(found[event_id])


def _write(session: Session, tenant_id: str, record: EventRecord) -> EventRecord:
    _check(record.packages)
    write_event(session, record, tenant_id)
    note_change(session, Kind.EVENT, record.event_id, tenant_id)
    return record


def _check(packages: Sequence[PackageRecord]) -> None:
    try:
        check_price_list(packages)
    except KnownError as unusable:
        raise KnownError(ErrorCode.REQUEST_INVALID, unusable.detail, unusable.next_step) from unusable
