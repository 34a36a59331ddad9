"""Seals what lies in a database in clear, or under a key of before; a batch a transaction.

Whoever dies in between leaves some of both, which is no harm: each value says under which key it lies, and
the next one who opens the database goes on. Nothing of the plain ones stays in the journal or in older
copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any, Protocol

import structlog
from sqlalchemy import (
    Column,
    LargeBinary,
    Select,
    Table,
    Text,
    bindparam,
    func,
    select,
    tuple_,
    type_coerce,
    update,
)
from sqlalchemy.orm import Session

from kiosk.at_rest.vault import HEADER_BYTES, Vault
from kiosk.database.columns import Float32Vector, VectorBytes, unsealed, unsealed_message
from kiosk.database.people_tables import PersonRow
from kiosk.database.staff_tables import AuditRow
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.tables import Base, MetaRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.pictures import FacePictures

_log = structlog.get_logger(__name__)
_AT_ONCE = 500
_UNDER, _BEGAN = "sealed_under", "sealing_began"
_ALL_TABLES = (PersonRow, AuditRow)  # which are read for that their rooms' tables are known here


class _Opened(Protocol):
    """The part of `kiosk.database.engine.Database` that is needed here."""

    vault: Vault | None

    def reading(self) -> AbstractContextManager[Session]: ...
    def writing(self, *, waits_for_disk: bool = True) -> AbstractContextManager[Session]: ...
    def keep_no_traces(self) -> int: ...


def vector_columns() -> Iterator[tuple[Table, Column[Any]]]:
    """Every column of every table that holds embeddings."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, Float32Vector):
                yield table, column


def is_sealing_due(database: _Opened, *, was_repaired: bool = False) -> bool:
    """Whether not all of it was sealed under the current key yet; quick. Of one that `was_repaired` nobody
    knows. Raises what reading the keys raises."""
    vault = database.vault
    if vault is None:
        return False
    key_id = vault.current_id()
    with database.reading() as session:
        under = session.get(MetaRow, _UNDER)
        if key_id is not None and under is not None and not was_repaired:
            return under.value != key_id.hex()
        return any(
            session.execute(select(1).select_from(table).where(column.is_not(None)).limit(1)).first()
            for table, column in vector_columns()
        )


def seal_all(database: _Opened) -> int:
    """Seals every embedding under the current key; returns how many were not. Those whose own key is gone are
    left as they are.

    Raises KnownError DATABASE_*, DISK_FULL, and what reading the keys raises.
    """
    vault = database.vault
    if vault is None:
        return 0
    header = vault.header()
    count = sum(_seal_column(database, table, column, header) for table, column in vector_columns())
    count += _seal_messages(database)
    with database.reading() as session:
        is_begun = session.get(MetaRow, _BEGAN) is not None
    if is_begun:
        database.keep_no_traces()
    with database.writing() as session:
        session.merge(MetaRow(key=_UNDER, value=header[-8:].hex()))
        begun = session.get(MetaRow, _BEGAN)
        if begun is not None:
            session.delete(begun)
    if count:
        _log.info("embeddings_sealed", count=count)
    return count


def seal_pictures(database: _Opened, pictures: FacePictures, tenant_id: str) -> int:
    """Seals the pictures of a tenant's people and visits, as `seal_all` does with embeddings; at once where
    that is done. Raises KnownError DATABASE_*, what the object store raises, and what reading the keys
    raises."""
    vault, name = database.vault, f"pictures_{_UNDER}{tenant_id and '.'}{tenant_id}"
    if vault is None:
        return 0
    key_id = vault.current_id()
    with database.reading() as session:
        under = session.get(MetaRow, name)
        if key_id is not None and under is not None and under.value == key_id.hex():
            return 0
    count = pictures.seal_all()
    key_id = vault.current_id()
    if key_id is not None:
        with database.writing() as session:
            session.merge(MetaRow(key=name, value=key_id.hex()))
    return count


def _seal_column(database: _Opened, table: Table, column: Column[Any], header: bytes) -> int:
    keys = list(table.primary_key.columns)
    stored = type_coerce(column, LargeBinary)
    is_other = func.substr(stored, 1, HEADER_BYTES, type_=LargeBinary) != header
    query = select(*keys, stored).where(column.is_not(None), is_other).order_by(*keys).limit(_AT_ONCE)
    change = (
        update(table)
        .where(*(key == bindparam(f"the_{key.name}", type_=key.type) for key in keys))
        .values({column.name: bindparam("vector", type_=VectorBytes())})
    )
    last: tuple[Any, ...] | None = None
    count = 0
    while True:
        here = query if last is None else query.where(tuple_(*keys) > tuple_(*last))
        with database.writing(waits_for_disk=False) as session:
            rows = session.execute(here.with_for_update()).all()
            values = list(_plain(session, keys, rows))
            if values:
                session.merge(MetaRow(key=_BEGAN, value="1"))
                session.execute(change, values)
        if not rows:
            return count
        count += len(values)
        last = tuple(rows[-1][: len(keys)])


def _seal_messages(database: _Opened) -> int:
    """Messages to the centre that carry faces and were not sent yet, or a while ago."""
    last, count = 0, 0
    while True:
        with database.writing(waits_for_disk=False) as session:
            query = messages_with_faces().where(OutboxRow.outbox_id > last).limit(_AT_ONCE)
            rows = session.execute(query).all()
            for last, stored in rows:
                plain = message_or_none(session, stored)
                if plain is not None:
                    here = OutboxRow.outbox_id == last
                    session.execute(update(OutboxRow).where(here).values(payload=plain))
                    count += 1
            if rows:
                session.merge(MetaRow(key=_BEGAN, value="1"))
        if not rows:
            return count


def messages_with_faces() -> Select[int, str]:
    """The ids and the stored words of all messages that carry faces, in their order."""
    carries = OutboxRow.payload.contains('"embedding"')
    return (
        select(OutboxRow.outbox_id, type_coerce(OutboxRow.payload, Text))
        .where(carries)
        .order_by(OutboxRow.outbox_id)
    )


def message_or_none(session: Session, stored: str) -> str | None:
    """A message as it was given; None where its faces cannot be opened any more."""
    try:
        return unsealed_message(stored, session.get_bind().dialect)
    except KnownError as lost:
        if lost.code not in (ErrorCode.KEY_LOST, ErrorCode.SEALED_DAMAGED):
            raise
        return None


def _plain(session: Session, keys: list[Column[Any]], rows: Any) -> Iterator[dict[str, Any]]:
    """What is to be sealed anew; what cannot be opened is passed over."""
    dialect = session.get_bind().dialect
    for row in rows:
        try:
            vector = unsealed(bytes(row[-1]), dialect)
        except KnownError as lost:
            if lost.code not in (ErrorCode.KEY_LOST, ErrorCode.SEALED_DAMAGED):
                raise
            continue
        named = {f"the_{key.name}": value for key, value in zip(keys, row, strict=False)}
        yield {**named, "vector": vector}
