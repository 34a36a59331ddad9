"""Alembic's entry: runs the migrations on the connection that `kiosk.database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from kiosk.database import central_tables, people_tables, staff_tables, sync_tables  # noqa: F401 - they add their tables
from kiosk.database.tables import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
