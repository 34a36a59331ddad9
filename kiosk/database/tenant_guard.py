"""The last look at a tenant's statements, right before the database gets them.

What the tenant is bound by (`kiosk.database.tenant`) is one parameter of a name of its own. In the SQL that
is about to run every table of `TenantOwned`, under whatever alias, must be held by it; so that a statement
which was not bound, however it was made, is a bug that raises and never a look at somebody else's rows.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import BindParameter, Connection, Delete, Insert, Table, Text, Update, and_, bindparam, event
from sqlalchemy.engine.interfaces import Compiled

from kiosk.database.people_tables import TenantOwned
from kiosk.database.tables import Base
from kiosk.errors import BugError

BOUND = "bound_tenant"
_PLACE = re.compile(r"\?|__\[POSTCOMPILE_[^\]]+\]")
_NAMED = f"%({BOUND})s"
_MOVES = re.compile(r"(?<![\w.])tenant_id ?=(?! ?excluded\.tenant_id)")
_INSERTED = re.compile(r"tenant_id(_m\d+)?$")


class TenantGuard:
    """Watches one connection. A statement that could reach past the tenant raises BugError."""

    def __init__(self, connection: Connection, tenant_id: str) -> None:
        self._tenant_id = tenant_id
        event.listen(connection, "before_execute", self._bind, retval=True)
        event.listen(connection, "before_cursor_execute", self._check)

    def _bind(
        self, _connection: Connection, statement: Any, multiple: Any, single: Any, _options: Any
    ) -> tuple[Any, Any, Any]:
        """Whatever is updated, deleted or brought up to date is the tenant's."""
        if isinstance(statement, Update | Delete) and _is_owned(statement.table):
            statement = statement.where(statement.table.c.tenant_id == bound(self._tenant_id))
        elif isinstance(statement, Insert) and _is_owned(statement.table):
            statement = _with_bound_conflict(statement, self._tenant_id)
        return statement, multiple, single

    def _check(
        self, _connection: Connection, _cursor: Any, _sql: str, _parameters: Any, context: Any, _many: bool
    ) -> None:
        compiled = context.compiled
        if compiled is None:
            raise BugError("a tenant's statement must not be plain SQL")
        loose = _loose_tables(compiled)
        if loose:
            raise BugError(f"a tenant's statement reaches {loose}: it is not bound to the tenant")
        for values in context.compiled_parameters or ():
            if values.get(BOUND, self._tenant_id) != self._tenant_id:
                raise BugError("a statement is bound to another tenant")
            if context.isinsert and _is_owned(compiled.statement.table):
                self._check_row(values)

    def _check_row(self, values: dict[str, Any]) -> None:
        """Whoever inserts names the tenant, and it must be the right one."""
        named = [value for name, value in values.items() if _INSERTED.match(name)]
        if not named or any(one != self._tenant_id for one in named):
            raise BugError("what is inserted for a tenant must name that tenant")


def bound(tenant_id: str) -> BindParameter[str]:
    """The parameter that a tenant's statements are known by."""
    return bindparam(BOUND, tenant_id, Text())


@lru_cache(maxsize=1)
def owned_rows() -> tuple[type[TenantOwned], ...]:
    """All classes of rows that are a tenant's, by name."""
    classes = (mapper.class_ for mapper in Base.registry.mappers)
    return tuple(
        sorted((one for one in classes if issubclass(one, TenantOwned)), key=lambda one: one.__name__)
    )


@lru_cache(maxsize=1)
def _owned_tables() -> frozenset[str]:
    tables = (
        mapper.local_table for mapper in Base.registry.mappers if issubclass(mapper.class_, TenantOwned)
    )
    return frozenset(table.name for table in tables if isinstance(table, Table))


@lru_cache(maxsize=1)
def _mention() -> re.Pattern[str]:
    """An owned table as something to read from or to write to, with its alias; as what columns or labels are
    of it is none."""
    names = "|".join(sorted(_owned_tables()))
    return re.compile(rf'(?<![\w."])(?<!AS )(?<!OF )({names})\b(?![."])(?: AS "?(\w+)"?)?')


_loose: WeakKeyDictionary[Compiled, str] = WeakKeyDictionary()


def _loose_tables(compiled: Compiled) -> str:
    """The owned tables that nothing holds in this statement: looked for once, as it is compiled once."""
    found = _loose.get(compiled)
    if found is None:
        found = _loose[compiled] = ", ".join(sorted(set(_find_loose(compiled))))
    return found


def _find_loose(compiled: Compiled) -> Iterator[str]:
    sql = _with_names(compiled)
    tables: dict[str, str] = {}
    needed: Counter[str] = Counter()
    for found in _mention().finditer(sql):
        alias = found[2] or found[1]
        tables[alias] = found[1]
        needed[alias] += 1
    statement = compiled.statement
    if isinstance(statement, Insert) and " DO UPDATE " not in sql:
        needed[statement.table.name] -= 1  # where it goes to; its rows are checked
    held = Counter(re.findall(rf'(\w+)"?\.tenant_id = {re.escape(_NAMED)}', sql))
    yield from (tables[alias] for alias in (needed - held))
    if tables and _MOVES.search(sql):
        yield "another tenant (it sets tenant_id)"


def _with_names(compiled: Compiled) -> str:
    """The SQL with each parameter by its name, also where the driver counts them."""
    sql = str(compiled)
    names = getattr(compiled, "positiontup", None)
    if names is None:
        return re.sub(rf"{re.escape(_NAMED)}::\w+", _NAMED, sql)
    following = iter(names)
    return _PLACE.sub(lambda _: f"%({next(following)})s", sql)


def _is_owned(table: Any) -> bool:
    return isinstance(table, Table) and table.name in _owned_tables()


def _with_bound_conflict(statement: Insert, tenant_id: str) -> Insert:
    """A row that is there already is brought up to date only if it is the tenant's.

    SQLAlchemy has no public way to add to an ON CONFLICT clause that is there.
    """
    clause = statement._post_values_clause
    if clause is None or not hasattr(clause, "update_whereclause"):
        return statement
    theirs = statement.table.c.tenant_id == bound(tenant_id)
    there = clause.update_whereclause
    narrowed = copy.copy(clause)
    narrowed.update_whereclause = theirs if there is None else and_(there, theirs)
    changed = statement._generate()
    changed._post_values_clause = narrowed
    return changed
