"""How connections to a database behave, to a file of SQLite above all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

BUSY_TIMEOUT_MS = 5000
_PRAGMAS = (
    "PRAGMA page_size=8192",  # for a new file: a face's row takes 2 KB, of which 4096 bytes hold but one
    "PRAGMA journal_mode=WAL",
    "PRAGMA wal_autocheckpoint=0",  # `Folding` does it, which keeps the sums of the pages
    "PRAGMA synchronous=FULL",
    "PRAGMA fullfsync=ON",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what is deleted is a person's: it must not linger in free pages
    f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}",
)


def make_engine(url: str | URL, *, enforces_keys: bool = True) -> Engine:
    """Opens nothing yet. In a file a transaction begins with the lock that it needs, for execution options
    `is_writing` and `is_hasty` (nobody waits for the disk)."""
    engine = create_engine(url, pool_timeout=10, hide_parameters=True)  # an error's text goes into logs
    if is_sqlite(engine):
        event.listen(
            engine, "connect", _on_sqlite_connect if enforces_keys else _on_sqlite_connect_to_upgrade
        )
        event.listen(engine, "begin", _on_sqlite_begin)
    return engine


def _on_sqlite_connect(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver must not begin transactions by itself; see below
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _on_sqlite_connect_to_upgrade(connection: Any, record: object) -> None:
    _on_sqlite_connect(connection, record)
    connection.execute("PRAGMA foreign_keys=OFF")


def is_sqlite(engine: Engine) -> bool:
    """Whether it is a file, not a server."""
    return engine.dialect.name == "sqlite"


def _on_sqlite_begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if not options.get("is_writing", False):
        connection.exec_driver_sql("BEGIN")
        return
    # The journal is whole either way; FULL also waits until it is on the disk.
    connection.exec_driver_sql(f"PRAGMA synchronous={'NORMAL' if options.get('is_hasty') else 'FULL'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE")
