"""Every way to read that somebody could write in a tenant's session, for any class of rows, aimed at what is
another tenant's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    exists,
    func,
    lambda_stmt,
    literal,
    or_,
    select,
    true,
    tuple_,
    union,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, make_transient_to_detached

from kiosk.database.bulk import table_of


@dataclass(frozen=True)
class Aim:
    """A class of rows, the tenant whose session it is, a row of the other tenant and a row that could be new:
    their columns' values."""

    rows: Any
    tenant_id: str
    other_id: str
    mine: dict[str, Any]
    theirs: dict[str, Any]
    fresh: dict[str, Any]

    @property
    def key_names(self) -> list[str]:
        return [one.name for one in self.table.primary_key.columns]

    @property
    def table(self) -> Any:
        return table_of(self.rows)

    @property
    def key(self) -> InstrumentedAttribute[Any]:
        """The part of the key that tells tenants apart."""
        return getattr(self.rows, self.key_names[0])

    @property
    def their_key(self) -> tuple[Any, ...]:
        return tuple(self.theirs[name] for name in self.key_names)

    @property
    def is_theirs(self) -> Any:
        return self.key == self.theirs[self.key_names[0]]

    @property
    def field(self) -> str:
        """A column that is neither key nor tenant nor a reference: something to change."""
        unique = {each.name for one in self.table.constraints for each in getattr(one, "columns", ())}
        return next(one.name for one in self.table.columns if one.name not in unique | {"tenant_id"})

    def changed(self, values: dict[str, Any]) -> dict[str, Any]:
        """The row with another tenant's field as its own."""
        return {**values, self.field: self.fresh[self.field]}


Statement = Callable[[Session, Aim], Any]


def _legacy(session: Session, aim: Aim) -> Any:
    return session.query(aim.key).all()


def _outer_join(session: Session, aim: Aim) -> Any:
    other = aliased(aim.rows)
    return session.execute(select(aim.key, getattr(other, aim.key.key)).outerjoin(other, true())).all()


def _exists(session: Session, aim: Aim) -> Any:
    other = aliased(aim.rows)
    is_there = exists(
        select(getattr(other, aim.key.key)).where(getattr(other, aim.key.key) == aim.their_key[0])
    )
    return session.execute(select(literal(aim.their_key[0])).select_from(aim.rows).where(is_there)).all()


def _exists_in_short(session: Session, aim: Aim) -> Any:
    return session.execute(
        select(literal(aim.their_key[0])).select_from(aim.rows).where(exists().where(aim.is_theirs))
    ).all()


def _scalar_subquery(session: Session, aim: Aim) -> Any:
    inner = select(func.max(aim.key)).where(aim.is_theirs).scalar_subquery()
    return session.execute(select(inner)).all()


def _correlated(session: Session, aim: Aim) -> Any:
    other = aliased(aim.rows)
    inner = select(func.count()).select_from(other).where(other.tenant_id != aim.rows.tenant_id)
    counts = session.scalars(select(inner.correlate(aim.rows).scalar_subquery()).select_from(aim.rows))
    return [aim.their_key for count in counts if count]


def _in(session: Session, aim: Aim) -> Any:
    found = select(literal(aim.their_key[0])).where(literal(aim.their_key[0]).in_(select(aim.key)))
    return session.execute(found).all()


def _subquery(session: Session, aim: Aim) -> Any:
    return session.execute(select(select(aim.rows).subquery())).all()


def _entity_of_subquery(session: Session, aim: Aim) -> Any:
    other = aliased(aim.rows, select(aim.rows).subquery())
    return session.execute(select(getattr(other, aim.key.key))).all()


def _cte(session: Session, aim: Aim) -> Any:
    named = select(aim.key.label("found")).cte()
    return session.execute(select(named.c.found)).all()


def _recursive_cte(session: Session, aim: Aim) -> Any:
    named = select(aim.key.label("found")).cte(recursive=True)
    named = named.union(select(aim.key).where(aim.key != named.c.found))
    return session.execute(select(named.c.found)).all()


def _union(session: Session, aim: Aim) -> Any:
    return session.execute(union(select(aim.key), select(aim.key).where(aim.is_theirs))).all()


def _union_as_subquery(session: Session, aim: Aim) -> Any:
    both = select(aim.key.label("found")).union_all(select(aim.key.label("found")))
    return session.execute(select(both.subquery().c.found)).all()


def _window(session: Session, aim: Aim) -> Any:
    return session.execute(select(aim.key, func.count().over())).all()


def _more_than_mine(session: Session, aim: Aim) -> Any:
    count = session.scalar(select(func.count()).select_from(aim.rows))
    mine = session.scalar(
        select(func.count()).select_from(aim.rows).where(aim.rows.tenant_id == aim.tenant_id)
    )
    return [aim.their_key] if count != mine else []


def _lambda(session: Session, aim: Aim) -> Any:
    rows = aim.rows
    return session.execute(lambda_stmt(lambda: select(rows))).all()


def _as_theirs(session: Session, aim: Aim) -> Any:
    return session.execute(select(aim.key).where(aim.rows.tenant_id == aim.other_id)).all()


def _or(session: Session, aim: Aim) -> Any:
    return session.execute(select(aim.key).where(or_(aim.is_theirs, true()))).all()


def _get(session: Session, aim: Aim) -> Any:
    found = session.get(aim.rows, aim.their_key)
    return [] if found is None else [aim.their_key]


def _get_to_update(session: Session, aim: Aim) -> Any:
    found = session.get(aim.rows, aim.their_key, with_for_update=True, populate_existing=True)
    return [] if found is None else [aim.their_key]


def _refresh(session: Session, aim: Aim) -> Any:
    row = planted(session, aim, {})
    session.refresh(row)
    return [aim.their_key]


def _late_column(session: Session, aim: Aim) -> Any:
    return [getattr(planted(session, aim, {}), aim.field)]


def _after_a_rollback(session: Session, aim: Aim) -> Any:
    session.execute(select(aim.key)).all()
    session.rollback()
    return session.execute(select(aim.key)).all()


def _in_a_savepoint(session: Session, aim: Aim) -> Any:
    with session.begin_nested():
        return session.execute(select(aim.key)).all()


def planted(session: Session, aim: Aim, values: dict[str, Any]) -> Any:
    """A row of theirs as if the session had loaded it."""
    row = aim.rows(**dict(zip(aim.key_names, aim.their_key, strict=True)), **values)
    make_transient_to_detached(row)
    session.add(row)
    return row


READS: dict[str, Statement] = {
    "entity": lambda session, aim: session.execute(select(aim.rows)).all(),
    "column": lambda session, aim: session.execute(select(aim.key)).all(),
    "their key": lambda session, aim: session.execute(select(aim.key).where(aim.is_theirs)).all(),
    "keys": lambda session, aim: session.execute(
        select(aim.key).where(
            tuple_(*(getattr(aim.rows, name) for name in aim.key_names)).in_([aim.their_key])
        )
    ).all(),
    "alias": lambda session, aim: session.execute(select(aliased(aim.rows))).all(),
    "one": lambda session, aim: [session.scalars(select(aim.key).where(aim.is_theirs)).first() or ""],
    "locked": lambda session, aim: session.execute(select(aim.key).with_for_update(skip_locked=True)).all(),
    "counted": _more_than_mine,
    "legacy query": _legacy,
    "outer join": _outer_join,
    "exists": _exists,
    "exists in short": _exists_in_short,
    "scalar subquery": _scalar_subquery,
    "correlated": _correlated,
    "in": _in,
    "subquery": _subquery,
    "entity of a subquery": _entity_of_subquery,
    "cte": _cte,
    "recursive cte": _recursive_cte,
    "union": _union,
    "union as subquery": _union_as_subquery,
    "window": _window,
    "lambda": _lambda,
    "in their name": _as_theirs,
    "or": _or,
    "get": _get,
    "get to update": _get_to_update,
    "after a rollback": _after_a_rollback,
    "in a savepoint": _in_a_savepoint,
}
LOST_READS: dict[str, Statement] = {
    "get one": lambda session, aim: session.get_one(aim.rows, aim.their_key),
    "refresh": _refresh,
    "late column": _late_column,
}
"""Reads that must find nothing, and say so by raising."""
