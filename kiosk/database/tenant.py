"""The one place where queries are bound to a tenant.

A `TenantDatabase` opens sessions in which every select, update and delete on rows of `TenantOwned` concerns
this tenant alone, and every new row becomes this tenant's. Statements are written as if there were one
tenant. What could reach past it (plain SQL, a select on bare tables, a row that names another tenant) is a
bug and raises (`kiosk.database.tenant_guard`).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Select, event
from sqlalchemy.orm import (
    ORMExecuteState,
    Session,
    SessionTransaction,
    UOWTransaction,
    with_loader_criteria,
)

from kiosk.clock import Clock, SystemClock
from kiosk.database.engine import Database
from kiosk.database.people_tables import TenantOwned
from kiosk.database.tenant_guard import TenantGuard, bound
from kiosk.errors import BugError


class TenantDatabase:
    """A database as one tenant sees it ('' at a kiosk). Any thread."""

    def __init__(self, database: Database, tenant_id: str, clock: Clock | None = None) -> None:
        self.database = database
        self.tenant_id = tenant_id
        self.clock = clock or SystemClock()
        theirs = bound(tenant_id)
        self._only_theirs = with_loader_criteria(
            TenantOwned,
            lambda rows: rows.tenant_id == theirs,  # once for each alias: that is why it is a function
            include_aliases=True,
        )

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """As `Database.reading`, of this tenant."""
        with self.database.reading() as session:
            self._bind(session)
            yield session

    @contextmanager
    def writing(self, *, waits_for_disk: bool = True) -> Iterator[Session]:
        """As `Database.writing`, of this tenant."""
        with self.database.writing(waits_for_disk=waits_for_disk) as session:
            self._bind(session)
            yield session

    def _bind(self, session: Session) -> None:
        """The session has done nothing yet."""
        event.listen(session, "do_orm_execute", self._narrow)
        event.listen(session, "after_begin", self._guard)
        event.listen(session, "before_flush", self._own)

    def _narrow(self, state: ORMExecuteState) -> None:
        if state.is_orm_statement:
            state.statement = state.statement.options(self._only_theirs)
        if state.is_column_load and isinstance(state.statement, Select) and state.bind_mapper:
            rows = state.bind_mapper.class_  # of a row that is there already: options are passed over
            if issubclass(rows, TenantOwned):
                state.statement = state.statement.where(rows.tenant_id == bound(self.tenant_id))

    def _guard(self, _session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
        TenantGuard(connection, self.tenant_id)

    def _own(self, session: Session, _context: UOWTransaction, _instances: object) -> None:
        for row in (*session.new, *session.dirty):
            if isinstance(row, TenantOwned):
                if row.tenant_id is None:
                    row.tenant_id = self.tenant_id
                elif row.tenant_id != self.tenant_id:
                    raise BugError("a row of another tenant is written")
