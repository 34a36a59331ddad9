"""How often the lines of streams were crossed, hour by hour."""

from __future__ import annotations

import threading
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.bulk import insert_for, insert_new
from kiosk.database.outbox import add_to_outbox, is_central
from kiosk.database.people_tables import LineCountRow, StreamRow
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.records import Kind
from kiosk.sync.store_records import LineCountRecord
from kiosk.visits.store_rules import stream_unknown

_TELL_EVERY_S = 300.0


class LineCounts:
    """The counts of one machine. Any thread; several processes may count the same stream's hour."""

    def __init__(self, database: TenantDatabase, kiosk_id: str) -> None:
        self._database = database
        self._kiosk_id = kiosk_id
        self._told_s: float | None = None
        self._guard = threading.Lock()

    def add(self, stream_id: str, at: datetime, came_in: int, went_out: int) -> None:
        """Adds to the stream's hour. Raises KnownError(STREAM_UNKNOWN)."""
        with self._database.writing() as session:
            site_id = session.scalar(select(StreamRow.site_id).where(StreamRow.stream_id == stream_id))
            if site_id is None:
                raise stream_unknown()
            added = insert_for(session)(LineCountRow).values(
                tenant_id=self._database.tenant_id,
                stream_id=stream_id,
                hour=at.replace(minute=0, second=0, microsecond=0),
                kiosk_id=self._kiosk_id,
                site_id=site_id,
                came_in=came_in,
                went_out=went_out,
                is_told=False,
            )
            more = {
                "came_in": LineCountRow.came_in + added.excluded.came_in,
                "went_out": LineCountRow.went_out + added.excluded.went_out,
                "is_told": False,
            }
            key = ["stream_id", "hour"]
            session.execute(added.on_conflict_do_update(index_elements=key, set_=more))

    def tell_due(self) -> None:
        """Tells the centre what it does not know yet, every few minutes: the last word of an hour comes when
        it is over. A kiosk that was switched off goes on with what it had not told."""
        clock = self._database.clock
        with self._guard:
            if self._told_s is not None and clock.monotonic_s() - self._told_s < _TELL_EVERY_S:
                return
            self._told_s = clock.monotonic_s()
        untold = select(LineCountRow).where(
            LineCountRow.kiosk_id == self._kiosk_id, LineCountRow.is_told.is_(False)
        )
        with self._database.reading() as session:
            if session.scalar(untold.limit(1)) is None:
                return
        with self._database.writing() as session:
            for row in session.scalars(untold.order_by(LineCountRow.hour).with_for_update()):
                row.is_told = True
                if not is_central(session):
                    add_to_outbox(session, Kind.LINE_COUNT, LineCountRecord.model_validate(row), clock.now())


def merge_line_count(session: Session, record: LineCountRecord, tenant_id: str) -> None:
    """Takes in the count of an hour: the higher one is true, since counts only grow. Raises
    KnownError(RECORD_INVALID) for a stream of another tenant or another machine."""
    if insert_new(session, LineCountRow, {**record.model_dump(), "tenant_id": tenant_id, "is_told": True}):
        return
    row = session.get_one(LineCountRow, (record.stream_id, record.hour), with_for_update=True)
    if (row.tenant_id, row.kiosk_id) != (tenant_id, record.kiosk_id):
        raise KnownError(
            ErrorCode.RECORD_INVALID,
            "There is no such camera here.",
            "Compare kiosk and centre; the rest goes on.",
        )
    row.came_in = max(row.came_in, record.came_in)
    row.went_out = max(row.went_out, record.went_out)
