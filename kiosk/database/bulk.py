"""Many rows in one statement, on SQLite and on PostgreSQL alike."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from sqlalchemy import ARRAY, ColumnElement, Table, Text, any_, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session

Plain = dict[str, Any]
"""A record as it is packed for the wire: what `kiosk.sync.wire` reads, without a model for each part."""


def among(
    session: Session, column: InstrumentedAttribute[str] | ColumnElement[str], keys: Iterable[str]
) -> ColumnElement[bool]:
    """That a text column is one of any number of keys: one value of the statement, however many they are."""
    wanted = list(keys)
    if is_sqlite(session):
        values = func.json_each(json.dumps(wanted)).table_valued("value")
        return column.in_(select(values.c.value))
    return column == any_(bindparam(None, wanted, type_=ARRAY(Text())))


def upsert(
    session: Session, rows: type[DeclarativeBase], values: Sequence[Mapping[str, Any]], *, keep: bool = False
) -> None:
    """Inserts rows, or brings those of the same primary key up to date (`keep`: leaves them as they are). All
    values name the same columns."""
    if not values:
        return
    table = table_of(rows)
    insert = insert_for(session)(table)
    key = [column.name for column in table.primary_key.columns]
    changing = {name: insert.excluded[name] for name in values[0] if name not in key}
    if keep or not changing:
        session.execute(insert.on_conflict_do_nothing(index_elements=key), list(values))
    else:
        session.execute(insert.on_conflict_do_update(index_elements=key, set_=changing), list(values))


def insert_new(session: Session, rows: type[DeclarativeBase], values: Mapping[str, Any]) -> bool:
    """Inserts a row unless there is one of its primary key; whether it did. Where another transaction is
    about to insert it, this one waits for what becomes of that."""
    table = table_of(rows)
    key = list(table.primary_key.columns)
    insert = insert_for(session)(table).values(**values)
    added = insert.on_conflict_do_nothing(index_elements=key).returning(*key)
    return session.execute(added).first() is not None


def insert_for(session: Session) -> type[sqlite.Insert] | type[postgresql.Insert]:
    """The statement that knows what to do where there is such a row."""
    return sqlite.Insert if is_sqlite(session) else postgresql.Insert


def table_of(rows: type[DeclarativeBase]) -> Table:
    """The table behind a class of rows: statements on it take values as they are, and are quicker."""
    return cast(Table, rows.__table__)


def columns_of(rows: type[DeclarativeBase], names: Iterable[str]) -> list[ColumnElement[Any]]:
    """The columns of a table that bear one of these names, in the order of the names."""
    table = table_of(rows)
    return [table.c[name] for name in names if name in table.c]


def is_sqlite(session: Session) -> bool:
    """Whether the session is one of SQLite."""
    return session.get_bind().dialect.name == "sqlite"
