"""Visitors of an event by the hour in SQL (`kiosk.staff.ports.VisitorCounts`): numbers, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import func, select

from kiosk.database.bulk import insert_new
from kiosk.database.engine import Database
from kiosk.database.staff_tables import VisitorCountRow


@dataclass(frozen=True, slots=True)
class Visitors:
    """How many came, and of those who looked how many found photos."""

    visitors: int = 0
    found: int = 0
    not_found: int = 0


class SqlVisitorCounts:
    """Each method is one transaction; any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, event_id: str, at: datetime, visitors: int, found: int, not_found: int) -> None:
        hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        fresh = {"event_id": event_id, "hour": hour, "visitors": 0, "found": 0, "not_found": 0}
        with self._database.writing() as session:
            insert_new(session, VisitorCountRow, fresh)
            row = session.get_one(VisitorCountRow, (event_id, hour), with_for_update=True)
            row.visitors += visitors
            row.found += found
            row.not_found += not_found

    def between(self, since: datetime, until: datetime) -> Visitors:
        """Of all events, in [since, until); hours begin with the hour in UTC."""
        row = VisitorCountRow
        sums = (func.sum(row.visitors), func.sum(row.found), func.sum(row.not_found))
        query = select(*sums).where(row.hour >= since, row.hour < until)
        with self._database.reading() as session:
            return Visitors(*(int(value or 0) for value in session.execute(query).one()))
