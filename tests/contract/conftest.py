"""Databases that the contract tests of the centre run on: a file, and a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kiosk.database.engine import Database, open_database
from tests.empty_databases import ON_SERVER, empty_url
from tests.peers.postgres import PostgresServer


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Migrated once: making the tables takes longer than most of what is done with them."""
    path = tmp_path_factory.mktemp("empty") / "central.db"
    open_database(path, keeps_changes=True).close()
    return path


@pytest.fixture(scope="session")
def server_database(postgres_server: PostgresServer) -> str:
    """One on the server for all, migrated once."""
    url = postgres_server.new_database("contract")
    open_database(url, keeps_changes=True).close()
    return url


@pytest.fixture(params=["sqlite", ON_SERVER])
def central_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database of a centre's own."""
    return empty_url(request, tmp_path)


@pytest.fixture
def open_again(central_url: str) -> Iterator[Callable[[], Database]]:
    """Opens it, and once more as another process of the centre would."""
    opened: list[Database] = []

    def open_it() -> Database:
        opened.append(open_database(central_url, keeps_changes=True))
        return opened[-1]

    yield open_it
    for database in opened:
        database.close()


@pytest.fixture
def central_database(open_again: Callable[[], Database]) -> Database:
    """One that keeps a feed."""
    return open_again()
