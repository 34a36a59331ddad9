"""Charges in SQL (`kiosk.central.charges.ChargeStore`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from kiosk.clock import Clock, SystemClock
from kiosk.database.bank_word import compare_charge
from kiosk.database.bulk import insert_for
from kiosk.database.central_tables import ChargeRow
from kiosk.database.changes import note_change
from kiosk.database.engine import Database
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.charge import Charge, ChargeStatus
from kiosk.sync.records import Kind

_FIELDS = tuple(each.name for each in fields(Charge))


class SqlCharges:
    """The rows of charges, of all tenants. Each method is one transaction; any thread, any process.

    Whatever changes a charge's status or money tells the feed in the same transaction, so that the tenant's
    kiosks hear of it; and staff, where they confirmed money that it does not have.
    """

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def begin(self, charge: Charge) -> tuple[Charge, bool]:
        """Stores a new charge, unless the tenant has one under the key: of several that begin at the same
        time one does. The charge as it stands, and whether it is the new one."""
        with self._database.writing() as session:
            insert = insert_for(session)(ChargeRow).values(**_values(charge))
            added = session.scalar(
                insert.on_conflict_do_nothing(index_elements=["tenant_id", "idempotency_key"]).returning(
                    ChargeRow.charge_id
                )
            )
            if added is not None:
                _tell(session, charge)
                return charge, True
            query = select(ChargeRow).where(
                ChargeRow.tenant_id == charge.tenant_id, ChargeRow.idempotency_key == charge.idempotency_key
            )
            return _charge(session.scalars(query).one()), False

    def charge(self, charge_id: str, tenant_id: str | None = None) -> Charge:
        """By its id; one of another tenant is as unknown as none. Raises KnownError(CHARGE_UNKNOWN)."""
        with self._database.reading() as session:
            row = session.get(ChargeRow, charge_id)
            if row is None or tenant_id not in (None, row.tenant_id):
                raise _unknown()
            return _charge(row)

    def by_reference(self, provider_reference: str) -> Charge | None:
        """By what the gateway calls it."""
        with self._database.reading() as session:
            row = session.scalar(select(ChargeRow).where(ChargeRow.provider_reference == provider_reference))
            return None if row is None else _charge(row)

    def by_key(self, tenant_id: str, idempotency_key: str) -> Charge | None:
        """By the key that its kiosk gave it."""
        query = select(ChargeRow).where(
            ChargeRow.tenant_id == tenant_id, ChargeRow.idempotency_key == idempotency_key
        )
        with self._database.reading() as session:
            row = session.scalar(query)
            return None if row is None else _charge(row)

    def change(self, charge_id: str, rule: Callable[[Charge], Charge]) -> Charge:
        """Applies a rule to the charge as it stands, while nobody else changes it."""
        with self._database.writing() as session:
            row = session.get(ChargeRow, charge_id, with_for_update=True)
            if row is None:
                raise _unknown()
            before = _charge(row)
            after = rule(before)
            for name in _FIELDS:
                if getattr(after, name) != getattr(before, name):
                    setattr(row, name, _plain(getattr(after, name)))
            if (after.status, after.received_satang) != (before.status, before.received_satang):
                _tell(session, after)
                compare_charge(session, row, self._clock.now())
            return after

    def claim(self, charge_id: str, at: datetime, unless_since: datetime) -> bool:
        """Notes that the gateway is being asked about it; False where somebody has since `unless_since`."""
        asked_long_ago = or_(ChargeRow.asked_at.is_(None), ChargeRow.asked_at <= unless_since)
        claim = update(ChargeRow).where(ChargeRow.charge_id == charge_id, asked_long_ago).values(asked_at=at)
        with self._database.writing() as session:
            return session.scalar(claim.returning(ChargeRow.charge_id)) is not None

    def claim_due(self, at: datetime, unless_since: datetime, most: int) -> list[Charge]:
        """Open charges that nobody has asked about since `unless_since`, those that have waited longest
        first; they are claimed. What another process is claiming is passed over."""
        query = (
            select(ChargeRow)
            .where(
                ChargeRow.status == ChargeStatus.PENDING.value,
                ChargeRow.provider_reference.is_not(None),
                or_(ChargeRow.asked_at.is_(None), ChargeRow.asked_at <= unless_since),
            )
            .order_by(ChargeRow.asked_at.asc().nulls_first(), ChargeRow.created_at)
            .limit(most)
            .with_for_update(skip_locked=True)
        )
        with self._database.writing() as session:
            rows = session.scalars(query).all()
            for row in rows:
                row.asked_at = at
            return [_charge(row) for row in rows]

    def lost(self, asked_before: datetime) -> list[str]:
        """The ids of charges whose asking began before then and never came to its end."""
        query = select(ChargeRow.charge_id).where(
            ChargeRow.status == ChargeStatus.CREATED.value,
            or_(ChargeRow.asked_at.is_(None), ChargeRow.asked_at < asked_before),
        )
        with self._database.reading() as session:
            return list(session.scalars(query))


def _tell(session: Session, charge: Charge) -> None:
    note_change(session, Kind.CHARGE, charge.charge_id, charge.tenant_id)


def _values(charge: Charge) -> dict[str, Any]:
    return {name: _plain(getattr(charge, name)) for name in _FIELDS}


def _plain(value: object) -> object:
    return value.value if isinstance(value, ChargeStatus) else value


def _charge(row: ChargeRow) -> Charge:
    values = {name: getattr(row, name) for name in _FIELDS}
    return Charge(**{**values, "status": ChargeStatus(row.status)})


def _unknown() -> KnownError:
    return KnownError(ErrorCode.CHARGE_UNKNOWN, "There is no such payment here.")
