"""What staff must hear of, in SQL, until they have settled it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kiosk.clock import Clock, SystemClock
from kiosk.database.engine import Database
from kiosk.database.sync_tables import NoticeRow
from kiosk.errors import KnownError
from kiosk.sync.wire import NoticeRecord

_NEWEST = 500
"""So many are listed; a centre that sends broken records by the thousand shall not fill a screen."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that staff must hear of and may have to decide; `subject` is an id or a code."""

    notice_id: int
    at: datetime
    code: str
    subject: str
    detail: str
    next_step: str


class SqlNotices:
    """The open notices. Each method is one transaction; any thread."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def add(self, error: KnownError, subject: str = "") -> None:
        """Notes what went wrong with `subject`; once, while the same is open."""
        with self._database.writing() as session:
            note_for_staff(session, error, subject, self._clock.now())

    def open_notices(self) -> list[Notice]:
        """Those that nobody has settled, the newest first."""
        query = select(NoticeRow).where(NoticeRow.settled_at.is_(None)).order_by(NoticeRow.notice_id.desc())
        with self._database.reading() as session:
            return [_notice(row) for row in session.scalars(query.limit(_NEWEST))]

    def open_count(self) -> int:
        """How many nobody has settled."""
        query = select(func.count()).select_from(NoticeRow).where(NoticeRow.settled_at.is_(None))
        with self._database.reading() as session:
            return session.scalar(query) or 0

    def settle(self, notice_id: int) -> bool:
        """Staff have dealt with it; whether there was such an open one."""
        with self._database.writing() as session:
            row = session.get(NoticeRow, notice_id)
            if row is None or row.settled_at is not None:
                return False
            row.settled_at = self._clock.now()
            return True


def note_for_staff(session: Session, error: KnownError, subject: str, at: datetime) -> bool:
    """Adds a notice to the caller's transaction; whether it is a new one: the same, while it is open, is told
    once."""
    same = (NoticeRow.code == error.code.value, NoticeRow.subject == subject, NoticeRow.settled_at.is_(None))
    if session.scalar(select(NoticeRow.notice_id).where(*same).limit(1)) is not None:
        return False
    session.add(
        NoticeRow(
            at=at, code=error.code.value, subject=subject, detail=error.detail, next_step=error.next_step
        )
    )
    session.flush()
    return True


def take_notice(session: Session, record: NoticeRecord) -> bool:
    """Takes in one of another machine; whether it is new: told again, also when it is settled here, it
    changes nothing."""
    same = (NoticeRow.code == record.code, NoticeRow.subject == record.subject, NoticeRow.at == record.at)
    if session.scalar(select(NoticeRow.notice_id).where(*same).limit(1)) is not None:
        return False
    session.add(NoticeRow(**record.model_dump(exclude={"notice_id"})))
    session.flush()
    return True


def _notice(row: NoticeRow) -> Notice:
    return Notice(row.notice_id, row.at, row.code, row.subject, row.detail, row.next_step)
