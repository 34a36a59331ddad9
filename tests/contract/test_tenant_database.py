"""Whatever is written in a tenant's session, it sees and changes what is this tenant's: every class of rows,
every kind of statement, on SQLite and on PostgreSQL."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from sqlalchemy import exc, insert, inspect, select, update
from sqlalchemy.orm import exc as orm_exc

from kiosk.database.bulk import insert_for, table_of, upsert
from kiosk.database.engine import Database
from kiosk.database.people_tables import (
    SiteRow,
    VisitFaceRow,
)
from kiosk.database.sites import SqlSites
from kiosk.database.sync_tables import ChangeRow
from kiosk.database.tenant import TenantDatabase
from kiosk.database.tenant_guard import owned_rows
from kiosk.errors import BugError
from kiosk.sync.records import Kind
from tests.tenant_reads import LOST_READS, READS, Aim
from tests.tenant_rows import TenantIds, everything_of, fill, is_named
from tests.tenant_statements import FAILING_WRITES, REFUSED, WRITES

_NOT_THERE = (
    orm_exc.ObjectDeletedError,
    orm_exc.StaleDataError,
    exc.IntegrityError,
    exc.InvalidRequestError,
    exc.SAWarning,  # a deletion that met no row
)


@dataclass(frozen=True)
class Two:
    """Two tenants of one database that look alike, and the first one's view of it."""

    database: Database
    mine: TenantDatabase
    my: TenantIds
    their: TenantIds


@pytest.fixture
def two(central_database: Database) -> Two:
    my, their = fill(central_database, "a"), fill(central_database, "b")
    return Two(central_database, TenantDatabase(central_database, "a"), my, their)


@pytest.fixture(params=owned_rows(), ids=lambda rows: rows.__name__)
def aim(request: pytest.FixtureRequest, two: Two) -> Aim:
    rows = request.param
    mine, theirs = (_a_row(two.database, rows, tenant) for tenant in "ab")
    return Aim(rows, "a", "b", mine, theirs, _fresh(rows, mine, two.my))


def _a_row(database: Database, rows: Any, tenant_id: str) -> dict[str, Any]:
    table = table_of(rows)
    key = list(table.primary_key.columns)
    with database.reading() as session:
        query = select(table).where(table.c.tenant_id == tenant_id).order_by(*key)
        return dict(session.execute(query).mappings().first() or {})


def _fresh(rows: Any, mine: dict[str, Any], ids: TenantIds) -> dict[str, Any]:
    """A row that I could have besides, every field of it otherwise."""
    table = table_of(rows)
    changed = {name: _other(value) for name, value in mine.items() if name not in ("tenant_id", "line")}
    changed |= {one.name: mine[one.name] for one in table.columns if one.foreign_keys}
    if rows is VisitFaceRow:
        changed["visit_id"] = ids.guest_visit
    return {**mine, **changed}


def _other(value: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return f"{value}+"
    if isinstance(value, int):
        return value + 7
    if isinstance(value, np.ndarray):
        return -value
    return None if value is None else value + timedelta(hours=7)


def _must_raise(kind: str, found: object) -> None:
    pytest.fail(f"{kind} was taken, and gave {found}")


def _names(found: Any) -> list[object]:
    """Whatever a read gave, down to plain values."""
    if isinstance(found, list | tuple) or hasattr(found, "_mapping"):
        return [name for one in found for name in _names(one)]
    if isinstance(found, owned_rows()):
        return [getattr(found, one.key) for one in inspect(type(found)).column_attrs]
    return [found]


def test_no_read_finds_what_is_theirs(two: Two, aim: Aim) -> None:
    for kind, statement in READS.items():
        with two.mine.reading() as session:
            found = _names(statement(session, aim))
        assert not is_named(found, "b"), kind


def test_no_row_of_theirs_can_be_asked_for(two: Two, aim: Aim) -> None:
    for kind, statement in LOST_READS.items():
        with two.mine.reading() as session, pytest.raises(_NOT_THERE):
            _must_raise(kind, statement(session, aim))


def test_what_could_reach_past_the_tenant_is_a_bug(two: Two, aim: Aim) -> None:
    mine, theirs = everything_of(two.database, "a"), everything_of(two.database, "b")
    for kind, statement in REFUSED.items():
        with pytest.raises(BugError), two.mine.writing() as session:
            _must_raise(kind, statement(session, aim))
    assert everything_of(two.database, "b") == theirs
    assert everything_of(two.database, "a") == mine


def test_no_write_changes_what_is_theirs(two: Two, aim: Aim) -> None:
    theirs = everything_of(two.database, "b")
    for kind, statement in WRITES.items():
        try:
            with two.mine.writing() as session:
                statement(session, aim)
        except exc.IntegrityError:
            pass  # others of my own hang on it
        assert everything_of(two.database, "b") == theirs, kind


def test_no_write_with_their_keys_changes_what_is_theirs(two: Two, aim: Aim) -> None:
    theirs = everything_of(two.database, "b")
    for kind, statement in FAILING_WRITES.items():
        try:
            with two.mine.writing() as session:
                statement(session, aim)
        except _NOT_THERE:
            pass
        assert everything_of(two.database, "b") == theirs, kind


def test_what_is_mine_can_be_written_in_every_way(two: Two, aim: Aim) -> None:
    with two.mine.writing() as session:
        session.execute(insert(aim.rows), [aim.fresh])
        changed = insert_for(session)(aim.rows).values(aim.changed(aim.mine))
        session.execute(
            changed.on_conflict_do_update(
                index_elements=aim.key_names, set_={aim.field: changed.excluded[aim.field]}
            )
        )
    assert _values_of(two, aim) == [aim.fresh[aim.field]] * 2
    with two.mine.writing() as session:
        upsert(session, aim.rows, [aim.mine])
        names = (*aim.key_names, aim.field)
        session.execute(update(aim.rows), [{name: aim.changed(aim.mine)[name] for name in names}])
    assert _values_of(two, aim) == [aim.fresh[aim.field]] * 2
    with two.mine.writing() as session:
        session.delete(session.get_one(aim.rows, tuple(aim.fresh[name] for name in aim.key_names)))
        kept = session.get_one(aim.rows, tuple(aim.mine[name] for name in aim.key_names))
        session.refresh(kept)
        setattr(kept, aim.field, aim.mine[aim.field])
    assert len(_values_of(two, aim)) == 1


def _values_of(two: Two, aim: Aim) -> list[Any]:
    keys = [tuple(values[name] for name in aim.key_names) for values in (aim.mine, aim.fresh)]
    with two.mine.reading() as session:
        rows = [row for row in (session.get(aim.rows, key) for key in keys) if row is not None]
        return [getattr(row, aim.field) for row in rows]


def test_a_new_row_that_names_no_tenant_becomes_mine(two: Two) -> None:
    with two.mine.writing() as session:
        session.add(SiteRow(site_id="new", name="New", created_at=two.mine.clock.now()))
    with two.database.reading() as session:
        assert session.get_one(SiteRow, "new").tenant_id == "a"


def test_rows_that_are_no_tenants_are_written_as_ever(two: Two) -> None:
    """Notes of the feed, messages of the outbox and the like, in the same transaction."""
    site = SqlSites(two.mine).add("Told to kiosks")
    with two.database.reading() as session:
        assert session.get_one(ChangeRow, ("a", Kind.SITE, site.site_id)).revision == 1


def test_tenants_at_once_each_see_their_own(two: Two) -> None:
    """One process of a centre serves all tenants: compiled statements are shared, what binds them is not."""
    wrong: list[object] = []

    def look(tenant_id: str) -> None:
        tenant = TenantDatabase(two.database, tenant_id)
        for _ in range(100):
            with tenant.reading() as session:
                found = session.scalars(select(SiteRow.tenant_id)).all()
            wrong.extend(one for one in found if one != tenant_id)

    threads = [threading.Thread(target=look, args=(tenant_id,)) for tenant_id in "abab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_sessions_of_a_tenant_leave_nothing_behind(two: Two) -> None:
    with two.mine.reading() as session:
        session.execute(select(SiteRow)).all()
    with two.database.reading() as session:
        assert {row.tenant_id for row in session.scalars(select(SiteRow))} == {"a", "b"}
