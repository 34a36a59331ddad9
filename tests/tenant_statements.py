"""Every way to write that somebody could write in a tenant's session, for any class of rows, aimed at what is
another tenant's; and every statement that no tenant's session takes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import (
    bindparam,
    column,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    table,
    text,
    true,
    update,
)
from sqlalchemy.orm import Session, aliased

from kiosk.database.bulk import insert_for, upsert
from tests.tenant_reads import Aim, Statement, planted


def _beside(session: Session, aim: Aim) -> Any:
    bare = aim.table.alias("bare")
    return session.execute(select(aim.rows, bare).select_from(aim.rows).join(bare, true()))


def _set(aim: Aim) -> dict[str, Any]:
    return {aim.field: aim.fresh[aim.field]}


def _update_of_joined(session: Session, aim: Aim) -> Any:
    other = aliased(aim.rows)
    other_key = getattr(other, aim.key.key)
    joined = update(aim.rows).where(other_key == aim.their_key[0], other_key != aim.key).values(_set(aim))
    return session.execute(joined, execution_options={"synchronize_session": False})


REFUSED: dict[str, Statement] = {
    "text": lambda session, aim: session.execute(text(f"SELECT * FROM {aim.table.name}")),
    "text in their name": lambda session, aim: session.execute(
        text(f"SELECT * FROM {aim.table.name} WHERE tenant_id = :tenant"), {"tenant": aim.other_id}
    ),
    "text in a where": lambda session, aim: session.execute(
        select(aim.key).where(text(f"EXISTS (SELECT 1 FROM {aim.table.name} AS other)"))
    ),
    "text that deletes": lambda session, aim: session.execute(text(f"DELETE FROM {aim.table.name}")),
    "literal column": lambda session, aim: session.execute(
        select(literal_column(f"(SELECT count(*) FROM {aim.table.name})"))
    ),
    "from text": lambda session, aim: session.execute(
        select(aim.rows).from_statement(text(f"SELECT * FROM {aim.table.name}"))
    ),
    "from a bare table": lambda session, aim: session.execute(
        select(aim.rows).from_statement(select(aim.table))
    ),
    "bare table": lambda session, aim: session.execute(select(aim.table)),
    "bare table in my name": lambda session, aim: session.execute(
        select(aim.table).where(aim.table.c.tenant_id == aim.tenant_id)
    ),
    "bare table in their name": lambda session, aim: session.execute(
        select(aim.table).where(aim.table.c.tenant_id == bindparam("bound_tenant", aim.other_id))
    ),
    "bare table beside rows": _beside,
    "bare column": lambda session, aim: session.execute(select(func.count(aim.table.c.tenant_id))),
    "named table": lambda session, aim: session.execute(select(table(aim.table.name, column("tenant_id")))),
    "whether any": lambda session, aim: session.execute(select(exists().where(aim.is_theirs))),
    "connection": lambda session, aim: session.connection().execute(select(aim.table)),
    "rows by connection": lambda session, aim: session.connection().execute(select(aim.rows)),
    "driver's SQL": lambda session, aim: session.connection().exec_driver_sql(
        f"SELECT * FROM {aim.table.name}"
    ),
    "driver's harmless SQL": lambda session, _aim: session.connection().exec_driver_sql("SELECT 1"),
    "update from others": _update_of_joined,
    "insert from select": lambda session, aim: session.execute(
        insert(aim.rows).from_select(list(aim.mine), select(*(aim.table.c[name] for name in aim.mine)))
    ),
    "insert without a tenant": lambda session, aim: session.execute(
        insert(aim.rows), [{name: value for name, value in aim.fresh.items() if name != "tenant_id"}]
    ),
    "insert for them": lambda session, aim: session.execute(
        insert(aim.rows), [{**aim.fresh, "tenant_id": aim.other_id}]
    ),
    "insert of several, one for them": lambda session, aim: session.execute(
        insert(aim.rows).values([aim.fresh, {**aim.fresh, "tenant_id": aim.other_id}])
    ),
    "bare insert for them": lambda session, aim: session.execute(
        insert(aim.table).values({**aim.fresh, "tenant_id": aim.other_id})
    ),
    "mappings for them": lambda session, aim: session.bulk_insert_mappings(
        aim.rows, [{**aim.fresh, "tenant_id": aim.other_id}]
    ),
    "row for them": lambda session, aim: _flushed(
        session, session.add, aim.rows(**{**aim.fresh, "tenant_id": aim.other_id})
    ),
    "moved to them": lambda session, aim: session.execute(update(aim.rows).values(tenant_id=aim.other_id)),
    "row moved to them": lambda session, aim: _move(session, aim),
    "upsert that moves to them": lambda session, aim: session.execute(
        insert_for(session)(aim.rows)
        .values(aim.mine)
        .on_conflict_do_update(index_elements=aim.key_names, set_={"tenant_id": aim.other_id})
    ),
}
"""Raise BugError, whatever they are about."""


def _flushed(session: Session, act: Callable[[Any], Any], row: Any) -> None:
    act(row)
    session.flush()


def _move(session: Session, aim: Aim) -> None:
    for row in session.scalars(select(aim.rows)):
        row.tenant_id = aim.other_id
    session.flush()


def _upsert(target: Callable[[Aim], Any], which: Callable[[Aim], dict[str, Any]]) -> Statement:
    def act(session: Session, aim: Aim) -> Any:
        statement = insert_for(session)(target(aim)).values({**which(aim), "tenant_id": aim.tenant_id})
        changing = {aim.field: statement.excluded[aim.field]}
        return session.execute(
            statement.on_conflict_do_update(index_elements=aim.key_names, set_=changing, where=true())
        )

    return act


def _delete_where_they(session: Session, aim: Aim) -> Any:
    other = aliased(aim.rows)
    found = exists(select(getattr(other, aim.key.key)).where(getattr(other, aim.key.key) == aim.their_key[0]))
    gone = session.execute(delete(aim.rows).where(found), execution_options={"synchronize_session": False})
    assert gone.rowcount == 0, "their row was seen"


def _set_from_theirs(session: Session, aim: Aim) -> Any:
    other = aliased(aim.rows)
    copied = select(func.max(getattr(other, aim.key.key))).where(
        getattr(other, aim.key.key) == aim.their_key[0]
    )
    got = session.scalars(
        select(func.coalesce(copied.scalar_subquery(), literal(""))).select_from(aim.rows).limit(1)
    ).all()
    assert got in ([""], []), "their key was copied"


def _change_row(session: Session, aim: Aim) -> None:
    row = planted(session, aim, {"tenant_id": aim.tenant_id})
    setattr(row, aim.field, aim.fresh[aim.field])
    session.flush()


def _delete_row(session: Session, aim: Aim) -> None:
    session.delete(planted(session, aim, {"tenant_id": aim.tenant_id}))
    session.flush()


WRITES: dict[str, Statement] = {
    "update of all": lambda session, aim: session.execute(update(aim.rows).values(_set(aim))),
    "update by fetch": lambda session, aim: session.execute(
        update(aim.rows).where(aim.is_theirs).values(_set(aim)),
        execution_options={"synchronize_session": "fetch"},
    ),
    "update of theirs": lambda session, aim: session.execute(
        update(aim.rows).where(or_(aim.is_theirs, aim.rows.tenant_id == aim.other_id)).values(_set(aim))
    ),
    "update that returns": lambda session, aim: session.execute(
        update(aim.rows).where(aim.is_theirs).values(_set(aim)).returning(aim.rows)
    ).all(),
    "bare update": lambda session, aim: session.execute(update(aim.table).values(_set(aim))),
    "update by connection": lambda session, aim: session.connection().execute(
        update(aim.table).values(_set(aim))
    ),
    "delete of all": lambda session, aim: session.execute(delete(aim.rows)),
    "delete of theirs": lambda session, aim: session.execute(delete(aim.rows).where(aim.is_theirs)),
    "bare delete": lambda session, aim: session.execute(delete(aim.table)),
    "delete by connection": lambda session, aim: session.connection().execute(delete(aim.table)),
    "delete where they are": _delete_where_they,
    "set from theirs": _set_from_theirs,
    "upsert on theirs": _upsert(lambda aim: aim.rows, lambda aim: aim.changed(aim.theirs)),
    "bare upsert on theirs": _upsert(lambda aim: aim.table, lambda aim: aim.changed(aim.theirs)),
    "our upsert on theirs": lambda session, aim: upsert(
        session, aim.rows, [{**aim.changed(aim.theirs), "tenant_id": aim.tenant_id}]
    ),
    "insert unless there": lambda session, aim: upsert(
        session, aim.rows, [{**aim.theirs, "tenant_id": aim.tenant_id}], keep=True
    ),
}
FAILING_WRITES: dict[str, Statement] = {
    "update by keys": lambda session, aim: session.execute(
        update(aim.rows), [{**_set(aim), **dict(zip(aim.key_names, aim.their_key, strict=True))}]
    ),
    "mappings by keys": lambda session, aim: session.bulk_update_mappings(
        aim.rows, [{**_set(aim), **dict(zip(aim.key_names, aim.their_key, strict=True))}]
    ),
    "merge": lambda session, aim: _flushed(
        session, session.merge, aim.rows(**{**aim.changed(aim.theirs), "tenant_id": aim.tenant_id})
    ),
    "row of their key": lambda session, aim: _flushed(
        session, session.add, aim.rows(**{**aim.theirs, "tenant_id": aim.tenant_id})
    ),
    "change of a planted row": _change_row,
    "deletion of a planted row": _delete_row,
}
"""Writes that may raise (there is a row of that key already, or none that is mine), and change nothing."""
