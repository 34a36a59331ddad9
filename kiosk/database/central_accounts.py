"""Tenants and accounts in SQL: who may log in at the centre."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select

from kiosk.database.central_tables import TenantRow
from kiosk.database.engine import Database


@dataclass(frozen=True, slots=True)
class Tenant:
    """A chain or an organiser."""

    tenant_id: str
    name: str


class SqlTenants:
    """Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, at: datetime) -> Tenant:
        """The tenant of this name, made where there is none."""
        with self._database.writing() as session:
            row = session.scalar(select(TenantRow).where(TenantRow.name == name))
            if row is None:
                row = TenantRow(tenant_id=uuid4().hex, name=name, created_at=at)
                session.add(row)
            return Tenant(row.tenant_id, row.name)

    def by_name(self, name: str) -> Tenant | None:
        """The tenant of this name."""
        with self._database.reading() as session:
            row = session.scalar(select(TenantRow).where(TenantRow.name == name))
            return None if row is None else Tenant(row.tenant_id, row.name)

    def all(self) -> list[Tenant]:
        """Every tenant, by name."""
        with self._database.reading() as session:
            rows = session.scalars(select(TenantRow).order_by(TenantRow.name))
            return [Tenant(row.tenant_id, row.name) for row in rows]
