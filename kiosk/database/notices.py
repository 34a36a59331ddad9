"""What staff must hear of, in SQL, until they have settled it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from kiosk.clock import Clock, SystemClock
from kiosk.database.bulk import upsert
from kiosk.database.changes import note_change
from kiosk.database.engine import Database
from kiosk.database.sync_tables import NoticeRow
from kiosk.errors import KnownError
from kiosk.sync.records import Kind, NoticeRecord

_NEWEST = 500
"""So many are listed; a centre that sends broken records by the thousand shall not fill a screen."""
_LONGEST = 500
"""What a notice holds of words that another machine may have sent."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that staff must hear of and may have to decide; `subject` is an id or a code."""

    notice_id: str
    at: datetime
    code: str
    subject: str
    detail: str
    next_step: str


class SqlNotices:
    """The open notices of a kiosk, or of a tenant at the centre, whose kiosks hear of them. Each method is
    one transaction; any thread."""

    def __init__(self, database: Database, clock: Clock | None = None, tenant_id: str = "") -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self._tenant_id = tenant_id

    def add(self, error: KnownError, subject: str = "") -> None:
        """Notes what went wrong with `subject`; once, while the same is open."""
        with self._database.writing() as session:
            note_for_staff(session, error, subject, self._clock.now(), self._tenant_id)

    def open_notices(self) -> list[Notice]:
        """Those that nobody has settled, the newest first."""
        query = select(NoticeRow).where(*self._open()).order_by(NoticeRow.at.desc(), NoticeRow.notice_id)
        with self._database.reading() as session:
            return [_notice(row) for row in session.scalars(query.limit(_NEWEST))]

    def open_count(self) -> int:
        """How many nobody has settled."""
        query = select(func.count()).select_from(NoticeRow).where(*self._open())
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def settle(self, notice_id: str) -> bool:
        """Staff have dealt with it; whether there was such an open one."""
        with self._database.writing() as session:
            return settle_notice(session, notice_id, self._clock.now(), self._tenant_id)

    def _open(self) -> tuple[ColumnElement[bool], ...]:
        return NoticeRow.tenant_id == self._tenant_id, NoticeRow.settled_at.is_(None)


def note_for_staff(
    session: Session, error: KnownError, subject: str, at: datetime, tenant_id: str = ""
) -> bool:
    """Adds a notice to the caller's transaction; whether it is a new one: the same, while it is open, is told
    once."""
    record = NoticeRecord(
        notice_id=notice_id_of(error.code, subject),
        at=at,
        code=error.code,
        subject=_fitting(subject),
        detail=_fitting(error.detail),
        next_step=_fitting(error.next_step),
    )
    return take_notice(session, record, tenant_id)


def note_once_for_staff(
    session: Session, error: KnownError, subject: str, at: datetime, tenant_id: str = ""
) -> bool:
    """As `note_for_staff`, for what happens to a subject once in its life: what staff have settled stays so,
    however late somebody tells of it again."""
    if is_noted(session, error.code, subject, tenant_id):
        return False
    return note_for_staff(session, error, subject, at, tenant_id)


def is_noted(session: Session, code: str, subject: str, tenant_id: str = "") -> bool:
    """Whether staff were told of it, also where they have settled it."""
    return session.get(NoticeRow, (tenant_id, notice_id_of(code, subject))) is not None


def _fitting(words: str) -> str:
    return words.replace("\x00", "")[:_LONGEST]


def notice_id_of(code: str, subject: str) -> str:
    """It follows from code and subject, so that one thing is told once, whichever machines find it out."""
    return uuid5(NAMESPACE_OID, f"notice/{code}/{subject}").hex


def take_notice(session: Session, record: NoticeRecord, tenant_id: str = "") -> bool:
    """Takes in a notice, of another machine or of this one; whether it is new. Told again it changes nothing,
    also when it is settled here; only what happened anew since then opens it again."""
    row = session.get(NoticeRow, (tenant_id, record.notice_id))
    if row is None:
        upsert(session, NoticeRow, [{"tenant_id": tenant_id, **record.model_dump()}], keep=True)
    elif row.settled_at is None or record.at <= row.settled_at:
        return False
    else:
        row.settled_at = None
        row.at, row.detail, row.next_step = record.at, record.detail, record.next_step
    note_change(session, Kind.NOTICE, record.notice_id, tenant_id)
    return True


def settle_notice(session: Session, notice_id: str, at: datetime, tenant_id: str = "") -> bool:
    """Notes that staff have dealt with it, here or, as the centre tells, there; whether it was open."""
    row = session.get(NoticeRow, (tenant_id, notice_id))
    if row is None or row.settled_at is not None:
        return False
    row.settled_at = at
    note_change(session, Kind.NOTICE, notice_id, tenant_id, is_deleted=True)
    return True


def _notice(row: NoticeRow) -> Notice:
    return Notice(row.notice_id, row.at, row.code, row.subject, row.detail, row.next_step)
