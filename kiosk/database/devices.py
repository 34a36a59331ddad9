"""Enrolled kiosks in SQL: who they are, and whether they may still ask."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from kiosk.database.central_tables import DeviceRow
from kiosk.database.engine import Database


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled kiosk; of its key only the hash is known. `health` is JSON."""

    device_id: str
    tenant_id: str
    name: str
    code_prefix: str
    key_hash: str
    enrolled_at: datetime
    revoked_at: datetime | None = None
    last_seen_at: datetime | None = None
    health: str = "{}"

    @property
    def version(self) -> str:
        """Of its program, as it told last; empty where it told none."""
        version = self._health().get("version")
        return version if isinstance(version, str) else ""

    @property
    def site_id(self) -> str:
        """The site that it stands in, as it told last; empty where it told none."""
        return self._told("site_id")

    @property
    def site(self) -> str:
        """The name of the site that it stands in, as it told last."""
        return self._told("site")

    @property
    def facts(self) -> dict[str, object]:
        """What it told of itself last."""
        facts = self._health().get("facts")
        return facts if isinstance(facts, dict) else {}

    def _health(self) -> dict[str, object]:
        """As `HealthRecord` has it."""
        try:
            told = json.loads(self.health)
        except ValueError:
            return {}
        return told if isinstance(told, dict) else {}

    def _told(self, name: str) -> str:
        fact = self.facts.get(name)
        return fact if isinstance(fact, str) else ""


class SqlDevices:
    """Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, device_id: str) -> Device | None:
        """The device of this id, of whatever tenant."""
        with self._database.reading() as session:
            row = session.get(DeviceRow, device_id)
            return None if row is None else device_of(row)

    def everywhere(self) -> list[Device]:
        """The devices of all tenants, for whoever keeps the centre running."""
        with self._database.reading() as session:
            rows = session.scalars(select(DeviceRow).order_by(DeviceRow.tenant_id, DeviceRow.device_id))
            return [device_of(row) for row in rows]

    def of_tenant(self, tenant_id: str) -> list[Device]:
        """A tenant's devices, by name."""
        with self._database.reading() as session:
            rows = session.scalars(
                select(DeviceRow)
                .where(DeviceRow.tenant_id == tenant_id)
                .order_by(DeviceRow.name, DeviceRow.device_id)
            )
            return [device_of(row) for row in rows]

    def seen(self, device_id: str, now: datetime, at_most_every: timedelta) -> None:
        """The device was here; written only when that is not known so newly already."""
        with self._database.writing() as session:
            session.execute(
                update(DeviceRow)
                .where(
                    DeviceRow.device_id == device_id,
                    or_(DeviceRow.last_seen_at.is_(None), DeviceRow.last_seen_at <= now - at_most_every),
                )
                .values(last_seen_at=now)
                .execution_options(synchronize_session=False)
            )

    def revoke(self, tenant_id: str, device_id: str, now: datetime) -> Device | None:
        """The tenant's device, which may ask nothing any more; None where it has none of this id. Doing it
        again is harmless."""
        with self._database.writing() as session:
            row = session.get(DeviceRow, device_id, with_for_update=True)
            if row is None or row.tenant_id != tenant_id:
                return None
            row.revoked_at = row.revoked_at or now
            return device_of(row)


def device_of(row: DeviceRow) -> Device:
    """What a row says."""
    return Device(
        row.device_id,
        row.tenant_id,
        row.name,
        row.code_prefix,
        row.key_hash,
        row.enrolled_at,
        row.revoked_at,
        row.last_seen_at,
        row.health,
    )
