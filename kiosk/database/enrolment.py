"""Enrolling kiosks in SQL: a code that staff hand over makes a kiosk a device of their tenant, once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exc, select, update
from sqlalchemy.orm import Session

from kiosk.database.central_tables import DeviceRow, EnrolmentCodeRow, RefreshTokenRow, TenantRow
from kiosk.database.devices import Device, device_of
from kiosk.database.engine import Database
from kiosk.errors import ErrorCode, KnownError


@dataclass(frozen=True, slots=True)
class EnrolmentCode:
    """A code that enrols one kiosk, once; `name` is what it is to be called, empty for its own word."""

    code_hash: str
    tenant_id: str
    name: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A kiosk that asks to be enrolled, with the hash of the key that it would get."""

    device_id: str
    name: str
    key_hash: str
    health: str


@dataclass(frozen=True, slots=True)
class EnrolledDevice:
    """An enrolled device and the name of its tenant."""

    device: Device
    tenant_name: str


class SqlDeviceEnrolment:
    """Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_code(self, code: EnrolmentCode, prefixes: Iterable[str], now: datetime) -> str:
        """Stores a code, and the prefix of order codes that its kiosk will have: the first of `prefixes` that
        nobody of the tenant has or was promised. Returns that prefix.

        Raises KnownError: TENANT_UNKNOWN, ENROLMENT_INVALID (no prefix is free).
        """
        with self._database.writing() as session:
            _lock_tenant(session, code.tenant_id)
            taken = _taken_prefixes(session, code.tenant_id, now)
            prefix = next((each for each in prefixes if each not in taken), None)
            if prefix is None:
                raise KnownError(
                    ErrorCode.ENROLMENT_INVALID,
                    "This prefix of order codes belongs to another kiosk of the tenant.",
                    "Choose another prefix, or none: a free one is found.",
                )
            session.add(
                EnrolmentCodeRow(
                    code_hash=code.code_hash,
                    tenant_id=code.tenant_id,
                    name=code.name,
                    code_prefix=prefix,
                    expires_at=code.expires_at,
                    used_at=None,
                )
            )
            return prefix

    def enrol(self, code_hash: str, newcomer: Newcomer, now: datetime) -> EnrolledDevice | None:
        """Enrols a kiosk by a code, which is used up by it; None where there is no such code, or no more. A
        kiosk that was enrolled before keeps its prefix and gets a new key; its logins by the old one end.

        Raises KnownError(ENROLMENT_INVALID) where the kiosk belongs to another tenant; the code stays good.
        """
        try:
            with self._database.writing() as session:
                code = _use_code(session, code_hash, now)
                if code is None:
                    return None
                tenant = _lock_tenant(session, code.tenant_id)
                row = session.get(DeviceRow, newcomer.device_id, with_for_update=True)
                if row is None:
                    row = _new_device(code, newcomer, now)
                    session.add(row)
                elif row.tenant_id != code.tenant_id:
                    raise _of_another_tenant()
                else:
                    _enrol_again(row, code, newcomer, now)
                    session.execute(delete(RefreshTokenRow).where(RefreshTokenRow.subject == row.device_id))
                session.flush()
                return EnrolledDevice(device_of(row), tenant.name)
        except exc.IntegrityError as twice:  # enrolled by two tenants at the same moment
            raise _of_another_tenant() from twice


def _lock_tenant(session: Session, tenant_id: str) -> TenantRow:
    """Prefixes of a tenant are given out one after the other."""
    row = session.get(TenantRow, tenant_id, with_for_update=True)
    if row is None:
        raise KnownError(
            ErrorCode.TENANT_UNKNOWN, "There is no such tenant.", "List them: kiosk central tenant list"
        )
    return row


def _taken_prefixes(session: Session, tenant_id: str, now: datetime) -> set[str]:
    devices = select(DeviceRow.code_prefix).where(DeviceRow.tenant_id == tenant_id)
    promised = select(EnrolmentCodeRow.code_prefix).where(
        EnrolmentCodeRow.tenant_id == tenant_id,
        EnrolmentCodeRow.used_at.is_(None),
        EnrolmentCodeRow.expires_at > now,
    )
    return {*session.scalars(devices), *session.scalars(promised)}


def _use_code(session: Session, code_hash: str, now: datetime) -> EnrolmentCodeRow | None:
    used = session.execute(
        update(EnrolmentCodeRow)
        .where(
            EnrolmentCodeRow.code_hash == code_hash,
            EnrolmentCodeRow.used_at.is_(None),
            EnrolmentCodeRow.expires_at > now,
        )
        .values(used_at=now)
        .execution_options(synchronize_session=False)
    )
    return session.get(EnrolmentCodeRow, code_hash) if used.rowcount else None  # type: ignore[attr-defined]


def _new_device(code: EnrolmentCodeRow, newcomer: Newcomer, now: datetime) -> DeviceRow:
    return DeviceRow(
        device_id=newcomer.device_id,
        tenant_id=code.tenant_id,
        name=code.name or newcomer.name,
        code_prefix=code.code_prefix,
        key_hash=newcomer.key_hash,
        enrolled_at=now,
        revoked_at=None,
        last_seen_at=now,
        health=newcomer.health,
    )


def _enrol_again(row: DeviceRow, code: EnrolmentCodeRow, newcomer: Newcomer, now: datetime) -> None:
    row.name = code.name or newcomer.name
    row.key_hash = newcomer.key_hash
    row.enrolled_at = now
    row.revoked_at = None
    row.last_seen_at = now
    row.health = newcomer.health


def _of_another_tenant() -> KnownError:
    return KnownError(
        ErrorCode.ENROLMENT_INVALID,
        "This kiosk is enrolled with another tenant.",
        "Give it a data folder of its own, or ask the other tenant.",
    )
