"""Tenants and accounts in SQL: who may log in at the centre."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import exc, select

from kiosk.database.central_tables import AccountRow, TenantRow
from kiosk.database.engine import Database
from kiosk.errors import ErrorCode, KnownError


@dataclass(frozen=True, slots=True)
class Tenant:
    """A chain or an organiser."""

    tenant_id: str
    name: str


@dataclass(frozen=True, slots=True)
class Account:
    """A person who logs in. Of the password only its hash is known."""

    account_id: str
    tenant_id: str
    login: str
    password_hash: str
    role: str


class SqlTenants:
    """Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, name: str, at: datetime) -> Tenant:
        """The tenant of this name, made where there is none."""
        found = self.by_name(name)
        if found is not None:
            return found
        try:
            with self._database.writing() as session:
                row = TenantRow(tenant_id=uuid4().hex, name=name, created_at=at)
                session.add(row)
                session.flush()
                return Tenant(row.tenant_id, row.name)
        except exc.IntegrityError:  # somebody else made it at the same moment
            made = self.by_name(name)
            if made is None:
                raise
            return made

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


class SqlAccounts:
    """Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, account: Account, at: datetime) -> None:
        """Stores a new account. Raises KnownError(ACCOUNT_TAKEN) where there is one of this login."""
        try:
            with self._database.writing() as session:
                session.add(
                    AccountRow(
                        account_id=account.account_id,
                        tenant_id=account.tenant_id,
                        login=account.login,
                        password_hash=account.password_hash,
                        role=account.role,
                        created_at=at,
                    )
                )
        except exc.IntegrityError as taken:
            raise KnownError(
                ErrorCode.ACCOUNT_TAKEN, "There is an account of this login already.", "Choose another login."
            ) from taken

    def by_login(self, login: str) -> Account | None:
        """The account of this login."""
        with self._database.reading() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.login == login))
            return None if row is None else _account(row)

    def find(self, account_id: str) -> Account | None:
        """The account of this id."""
        with self._database.reading() as session:
            row = session.get(AccountRow, account_id)
            return None if row is None else _account(row)

    def set_password(self, login: str, password_hash: str) -> Account:
        """Another password. Raises KnownError(ACCOUNT_UNKNOWN)."""
        with self._database.writing() as session:
            row = session.scalar(select(AccountRow).where(AccountRow.login == login))
            if row is None:
                raise KnownError(
                    ErrorCode.ACCOUNT_UNKNOWN,
                    "There is no account of this login.",
                    "Make it with: kiosk central account add",
                )
            row.password_hash = password_hash
            return _account(row)

    def is_empty(self) -> bool:
        """Whether nobody has an account yet."""
        with self._database.reading() as session:
            return session.scalar(select(AccountRow.account_id).limit(1)) is None


def _account(row: AccountRow) -> Account:
    return Account(row.account_id, row.tenant_id, row.login, row.password_hash, row.role)
