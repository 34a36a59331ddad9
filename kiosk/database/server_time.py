"""The time by the clock that all who use one database share."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kiosk.database.bulk import is_sqlite


def database_now(session: Session) -> datetime:
    """That of the server; a file's is that of this machine."""
    if is_sqlite(session):
        return datetime.now(UTC)
    now: datetime = session.execute(select(func.clock_timestamp())).scalar_one()
    return now
