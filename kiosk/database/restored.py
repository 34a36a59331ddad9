"""What follows when a damaged database was put right or a backup put back: staff and the centre hear of
it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

import structlog

from kiosk.clock import Clock
from kiosk.database.engine import Database
from kiosk.database.feed import begin_history
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import SqlNotices
from kiosk.database.repair import RESTORED, Way
from kiosk.database.sync_state import CURSOR, SqlEnrolment, tell_all_anew
from kiosk.errors import ErrorCode, KnownError

_log = structlog.get_logger(__name__)
_LAST = "restored_last"
_LOST_NOTHING = frozenset({Way.HEALED})
_WHAT_STAFF_DO = (
    "Look at what waits: prints that may have come out are yours to decide. Have the disk looked at; the "
    "damaged file is kept beside the database."
)


@dataclass(frozen=True, slots=True)
class Restored:
    """The last time that the database was put right: when, how, and how many of its pages were damaged."""

    at: datetime
    way: Way
    pages: int


def follow_up(database: Database, clock: Clock) -> None:
    """After opening, once for each time that something was put right: a notice for staff; what the centre
    has is asked for anew and everything told anew, for what was lost here is there. Doing it again is
    harmless. Where faces cannot be read (their secret is to be brought, or given up) it is done at the first
    start after they can.

    Raises KnownError DATABASE_*.
    """
    meta = SqlMeta(database)
    told = meta.get(RESTORED)
    if not told:
        return
    done = _read(told)
    if done.way not in _LOST_NOTHING:
        if database.is_central:
            begin_history(database)
        elif SqlEnrolment(database, clock).enrolled() is not None:
            try:
                tell_all_anew(database, meta.kiosk_id(), clock.now(), **{CURSOR: "0"})
            except KnownError as lost:
                if lost.code is not ErrorCode.KEY_LOST:
                    raise
                _log.error("told_anew_later", code=lost.code)
                return
    if not database.is_central:
        SqlNotices(database, clock).add(_said(done), done.at.isoformat(timespec="seconds"))
    meta.set(_LAST, told)
    meta.set(RESTORED, "")


def back_up_if_due(database: Database, clock: Clock) -> None:
    """As `Database.back_up_if_due`; staff are told of damage that it finds. Raises KnownError DATABASE_*."""
    try:
        database.back_up_if_due()
    except KnownError as damaged:
        if damaged.code is not ErrorCode.DATABASE_DAMAGED:
            raise
        _log.error("database_damaged", code=damaged.code, detail=damaged.detail)
        SqlNotices(database, clock).add(damaged)


def last_restored(database: Database) -> Restored | None:
    """None where it never had to be. Raises KnownError DATABASE_*."""
    told = SqlMeta(database).get(_LAST)
    return _read(told) if told else None


def _read(told: str) -> Restored:
    words = json.loads(told)
    return Restored(datetime.fromisoformat(words["at"]), Way(words["way"]), int(words["pages"]))


def _said(done: Restored) -> KnownError:
    how = {
        Way.HEALED: f"{done.pages} damaged pages of the database were put right from a backup, nothing lost.",
        Way.JOURNAL: "The journal of the database was damaged; what could be read of it was taken over.",
        Way.BACKUP: f"The database was damaged ({done.pages} pages); its newest good backup took its place, "
        "with all that could be read of it.",
        Way.UNKNOWN: "Another program wrote into the database after a crash; whether it was damaged could "
        "be checked by its structure only.",
        Way.COMMAND: "A backup was put back. What happened since comes from the centre, if there is one.",
    }
    return KnownError(ErrorCode.DATABASE_RESTORED, how[done.way], _WHAT_STAFF_DO)
