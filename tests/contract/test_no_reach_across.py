"""No method of any repository of store mode reaches across tenants: every one that there is, tried with
another tenant's names and with none, on SQLite and on PostgreSQL.

The methods are found, not listed: one that is new and has no probe in `tests.tenant_probes` fails here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import typing
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import kiosk.database
from kiosk.clock import ManualClock
from kiosk.database.engine import Database
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import KnownError
from kiosk.photos.folder_store import FolderObjectStore
from tests.tenant_probes import MAKERS, READS, WRITES, Mine, Try
from tests.tenant_rows import MORNING, TenantIds, everything_of, fill, is_named

NOBODY = TenantIds("nobody")


def modules() -> Iterator[ModuleType]:
    for found in pkgutil.iter_modules(kiosk.database.__path__, "kiosk.database."):
        if not found.ispkg:
            yield importlib.import_module(found.name)


def repositories() -> Iterator[type]:
    """Every class of the database's room that is made from a TenantDatabase."""
    for module in modules():
        for thing in vars(module).values():
            if inspect.isclass(thing) and thing.__module__ == module.__name__:
                hints = typing.get_type_hints(thing.__init__) if "__init__" in vars(thing) else {}
                if TenantDatabase in hints.values():
                    yield thing


def public_methods(repository: type) -> list[str]:
    return [
        name
        for name, thing in inspect.getmembers(repository)
        if not name.startswith("_") and (inspect.isfunction(thing) or isinstance(thing, property))
    ]


def test_every_method_of_every_repository_is_tried() -> None:
    found = {(one.__name__, method) for one in repositories() for method in public_methods(one)}
    assert {name for name, _ in found} == MAKERS.keys()
    assert found == {*READS, *WRITES}


@pytest.fixture
def mine(central_database: Database, tmp_path: Path) -> Mine:
    tenant = TenantDatabase(central_database, "a", ManualClock(MORNING))
    return Mine(tenant, fill(central_database, "a"), tmp_path / "objects")


def outcome(act: Try, repository: object, names: TenantIds, mine: TenantIds) -> object:
    """What came of it: the values, or why not."""
    try:
        return plain(act(repository, names, mine))
    except KnownError as refused:
        return "refused", refused.code, refused.detail


def plain(value: object) -> object:
    """Down to the last part, so that nothing hides in it."""
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return sorted((plain(one) for one in value), key=repr)
    return value.tolist() if isinstance(value, np.ndarray) else value


@pytest.mark.parametrize(("repository", "method"), READS)
def test_what_is_read_is_the_same_whether_or_not_another_tenant_is_there(
    repository: str, method: str, mine: Mine
) -> None:
    made = MAKERS[repository](mine)
    their = TenantIds("b")
    alone = [outcome(act, made, their, mine.ids) for act in READS[repository, method]]
    fill(mine.tenant.database, "b")
    beside = [outcome(act, MAKERS[repository](mine), their, mine.ids) for act in READS[repository, method]]
    assert beside == alone
    assert not is_named(beside, "b")


@pytest.mark.parametrize(("repository", "method"), WRITES)
def test_what_is_written_changes_nothing_of_another_tenant(repository: str, method: str, mine: Mine) -> None:
    their = fill(mine.tenant.database, "b")
    store = FolderObjectStore(mine.folder)
    rows, pictures = everything_of(mine.tenant.database, "b"), keep_pictures(store, mine, their)
    for act in WRITES[repository, method]:
        outcome(act, MAKERS[repository](mine), their, mine.ids)
        assert everything_of(mine.tenant.database, "b") == rows
        assert {key: store.get(key) for key in store.keys("tenants/b/")} == pictures


@pytest.mark.parametrize(("repository", "method"), WRITES)
def test_what_is_another_tenants_is_as_unknown_as_what_nobody_has(
    repository: str, method: str, mine: Mine
) -> None:
    made, their = MAKERS[repository](mine), fill(mine.tenant.database, "b")
    for act in WRITES[repository, method]:
        unknown = outcome(act, made, NOBODY, mine.ids)
        theirs = outcome(act, made, their, mine.ids)
        if isinstance(unknown, tuple):
            assert theirs == unknown
        assert not is_named(theirs, "b")


def keep_pictures(store: FolderObjectStore, mine: Mine, their: TenantIds) -> dict[str, bytes]:
    """A file for each picture that a row of either tenant names; those of the other one."""
    for ids in (mine.ids, their):
        folder = f"tenants/{ids.tenant_id}"
        for person in (ids.staff, ids.customer, ids.other_customer, ids.guest):
            for ordinal in range(3):
                store.put(f"{folder}/people/{person}/{ordinal}.jpg", person.encode())
        for visit in (ids.visit, ids.guest_visit):
            store.put(f"{folder}/visits/{visit}.jpg", visit.encode())
    return {key: store.get(key) for key in store.keys("tenants/b/")}
