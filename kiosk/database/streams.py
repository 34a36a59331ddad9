"""The cameras of a machine, or of the centre's camera workers, in SQL (`kiosk.visits.ports.Streams`)."""

from __future__ import annotations

import json
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from kiosk.database.people_tables import SiteRow, StreamRow
from kiosk.database.server_time import database_now
from kiosk.database.tenant import TenantDatabase
from kiosk.visits.store_rules import (
    check_stream_name,
    checked_draft,
    opens_anew,
    site_unknown,
    stream_unknown,
)
from kiosk.visits.types import Line, Stream, StreamDraft


@dataclass(frozen=True, slots=True)
class RunBy:
    """The camera worker that runs a stream, and since when."""

    worker_id: str
    since: datetime


class SqlStreams:
    """Those that `kiosk_id` runs; empty for those that the centre's camera workers share. Each method is one
    transaction; safe from any thread."""

    def __init__(self, database: TenantDatabase, kiosk_id: str) -> None:
        self._database = database
        self._kiosk_id = kiosk_id

    def streams(self) -> list[Stream]:
        """By name."""
        with self._database.reading() as session:
            return self._streams(session)

    def stream(self, stream_id: str) -> Stream:
        """Raises KnownError STREAM_UNKNOWN."""
        with self._database.reading() as session:
            return stream_of(self._row(session, stream_id))

    def add(self, draft: StreamDraft) -> Stream:
        """Switched on, with recognition. Raises KnownError STORE_FIELD_INVALID, STREAM_TAKEN,
        SITE_UNKNOWN."""
        draft = self._checked(draft)
        with self._database.writing() as session:
            self._check_place(session, draft, "")
            row = StreamRow(
                stream_id=uuid4().hex,
                tenant_id=self._database.tenant_id,
                kiosk_id=self._kiosk_id,
                is_on=True,
                recognises=True,
                access_revision=0,
                created_at=self._database.clock.now(),
            )
            _write(row, draft)
            session.add(row)
            return stream_of(row)

    def change(self, stream_id: str, draft: StreamDraft) -> Stream:
        """Raises KnownError STREAM_UNKNOWN, STREAM_TAKEN, SITE_UNKNOWN, STORE_FIELD_INVALID."""
        draft = self._checked(draft)
        with self._database.writing() as session:
            row = self._row(session, stream_id)
            self._check_place(session, draft, stream_id)
            row.access_revision += opens_anew(stream_of(row), draft)
            _write(row, draft)
            return stream_of(row)

    def switch(self, stream_id: str, *, is_on: bool | None = None, recognises: bool | None = None) -> Stream:
        """None leaves it as it is. Raises KnownError STREAM_UNKNOWN."""
        with self._database.writing() as session:
            row = self._row(session, stream_id)
            row.is_on = row.is_on if is_on is None else is_on
            row.recognises = row.recognises if recognises is None else recognises
            return stream_of(row)

    def remove(self, stream_id: str) -> None:
        """What it counted stays. Raises KnownError STREAM_UNKNOWN."""
        with self._database.writing() as session:
            session.delete(self._row(session, stream_id))

    def run_by(self) -> dict[str, RunBy]:
        """Who runs those that are leased right now, by the stream's id."""
        with self._database.reading() as session:
            leased = select(StreamRow).where(
                StreamRow.kiosk_id == self._kiosk_id, StreamRow.lease_until > database_now(session)
            )
            return {
                row.stream_id: RunBy(row.lease_holder, row.lease_since)
                for row in session.scalars(leased)
                if row.lease_holder is not None and row.lease_since is not None
            }

    def _checked(self, draft: StreamDraft) -> StreamDraft:
        return checked_draft(draft, only_address=not self._kiosk_id)

    def _check_place(self, session: Session, draft: StreamDraft, stream_id: str) -> None:
        """The site is held until the end: whoever else gives a name there waits."""
        site = select(SiteRow).where(SiteRow.site_id == draft.site_id).with_for_update()
        if session.scalar(site) is None:
            raise site_unknown()
        check_stream_name(draft, stream_id, self._streams(session))

    def _streams(self, session: Session) -> list[Stream]:
        rows = session.scalars(select(StreamRow).where(StreamRow.kiosk_id == self._kiosk_id))
        return sorted(map(stream_of, rows), key=lambda one: (one.name, one.stream_id))

    def _row(self, session: Session, stream_id: str) -> StreamRow:
        theirs = (StreamRow.stream_id == stream_id, StreamRow.kiosk_id == self._kiosk_id)
        row = session.scalar(select(StreamRow).where(*theirs))
        if row is None:
            raise stream_unknown()
        return row


def stream_of(row: StreamRow) -> Stream:
    """What a row says."""
    return Stream(
        stream_id=row.stream_id,
        site_id=row.site_id,
        kiosk_id=row.kiosk_id,
        name=row.name,
        source=row.source,
        user=row.user,
        is_on=row.is_on,
        recognises=row.recognises,
        line=None if row.line is None else Line(*json.loads(row.line)),
        created_at=row.created_at,
        access_revision=row.access_revision,
    )


def _write(row: StreamRow, draft: StreamDraft) -> None:
    row.site_id, row.name = draft.site_id, draft.name
    row.source, row.user = draft.source, draft.user
    row.line = None if draft.line is None else json.dumps(astuple(draft.line))
