"""Empty databases of a centre, on a file and on a server."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from kiosk.database.tables import Base

ON_SERVER = pytest.param("postgresql", marks=pytest.mark.real_server)

_GROWS_ONLY = "audit_log"
"""Its triggers refuse to empty it; a centre has nothing in it."""


def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty database, of the kind that the asking fixture has as its parameter."""
    if request.param == "sqlite":
        copied = shutil.copyfile(request.getfixturevalue("empty_file"), tmp_path / "central.db")
        return f"sqlite:///{copied}"
    url: str = request.getfixturevalue("server_database")
    engine = create_engine(url)
    with engine.begin() as connection:
        names = ", ".join(
            f'"{table.name}"' for table in Base.metadata.sorted_tables if table.name != _GROWS_ONLY
        )
        connection.execute(text(f"TRUNCATE {names} CASCADE"))
    engine.dispose()
    return url
