"""Fresh databases of tests: migrated by Alembic once a process, by the same statements from then on.

A hundred tables through Alembic take a quarter of a second, the statements alone a tenth of that, and nearly
every test of a store begins with a fresh database. What has a revision already always goes through Alembic.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, event

from kiosk.database.migrate import stored_revision, upgrade

_Statement = tuple[str, Any]
_recorded: dict[str, list[_Statement]] = {}
"""What made an empty database a current one, in its order, by the database's kind."""


def upgrade_once(connection: Connection) -> None:
    """Takes the place of `kiosk.database.migrate.upgrade`."""
    kind = connection.dialect.name
    if stored_revision(connection) is not None:
        upgrade(connection)
    elif kind in _recorded:
        for statement, parameters in _recorded[kind]:
            connection.exec_driver_sql(statement, parameters or None)
    else:
        _recorded[kind] = _recording(connection)


def _recording(connection: Connection) -> list[_Statement]:
    statements: list[_Statement] = []

    def note(_c: object, _cursor: object, statement: str, parameters: Any, *_more: object) -> None:
        if not statement.lstrip().upper().startswith(("SELECT", "PRAGMA")):
            statements.append((statement, parameters))

    event.listen(connection, "before_cursor_execute", note)
    try:
        upgrade(connection)
    finally:
        event.remove(connection, "before_cursor_execute", note)
    return statements
