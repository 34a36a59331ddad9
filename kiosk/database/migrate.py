"""Brings a database to the tables of this program, and refuses one that a newer program made."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from kiosk.errors import ErrorCode, KnownError

HEAD_REVISION = "0006"
"""The revision of `tables.py`. Known here so that an up-to-date database starts without loading Alembic."""

MIGRATIONS_FOLDER = Path(__file__).parent / "migrations"


def stored_revision(connection: Connection) -> str | None:
    """The revision that a database is at; None for one that is empty."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def upgrade(connection: Connection) -> None:
    """Runs the missing migrations within the caller's transaction: all of them, or none.

    Raises KnownError(DATABASE_NEWER) for a revision that this program does not know.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    present = stored_revision(connection)
    if present is not None and present not in known:
        raise KnownError(
            ErrorCode.DATABASE_NEWER,
            f"The database is at revision {present}, which this version of the kiosk does not know.",
            "Install the newer version again; nothing was changed.",
        )
    command.upgrade(config, "head")
