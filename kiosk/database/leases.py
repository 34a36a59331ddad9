"""Which camera worker runs which stream of the centre: leases in SQL, with an end.

There is no scheduler. Each worker asks again and again, takes what is free up to its share, and gives up what
it has beyond that. Row locks let two that ask at once take different streams; a lease that nobody renewed is
over, and its stream is free.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, func, or_, select, update
from sqlalchemy.orm import Session

from kiosk.database.central_tables import CameraWorkerRow
from kiosk.database.engine import Database
from kiosk.database.people_tables import StreamRow
from kiosk.database.server_time import database_now
from kiosk.database.streams import stream_of
from kiosk.visits.types import Stream


@dataclass(frozen=True, slots=True)
class Leased:
    """A stream that a worker may run, and whose it is."""

    tenant_id: str
    stream: Stream


@dataclass(frozen=True, slots=True)
class Taken:
    """What a worker came to. `too_many` counts what it has beyond its share: it is to stop and release so
    many, for others that have less. `unwatched` counts streams of all tenants that nobody has then; `at` is
    the time by the database's clock."""

    leased: tuple[Leased, ...]
    at: datetime
    too_many: int = 0
    unwatched: int = 0


@dataclass(frozen=True, slots=True)
class CameraWorker:
    """A worker that is there, and how many streams it has of the `most` that it can run."""

    worker_id: str
    most: int
    streams: int
    started_at: datetime


class SqlLeases:
    """The streams of all tenants that the centre's camera workers share. Each method is one transaction; any
    thread, any process. Ends are told by the database's clock, which all workers share. Raises KnownError
    DATABASE_*."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, holder: str, most: int, for_s: float) -> Taken:
        """Says that the worker is there for so long, and leases it free streams up to its fair share of at
        most `most`."""
        with self._database.writing() as session:
            now = database_now(session)
            _say_present(session, holder, most, now, now + timedelta(seconds=for_s))
            share, held, unwatched = _share_of(session, holder, now)
            if share <= held:
                return Taken((), now, held - share, unwatched)
            free = select(StreamRow).where(_is_shared(), _is_free(now)).order_by(StreamRow.stream_id)
            rows = session.scalars(free.limit(share - held).with_for_update(skip_locked=True)).all()
            for row in rows:
                row.lease_holder, row.lease_since = holder, now
                row.lease_until = now + timedelta(seconds=for_s)
            return Taken(tuple(map(_leased, rows)), now, unwatched=unwatched - len(rows))

    def renew(self, holder: str, stream_ids: Iterable[str], for_s: float) -> list[Leased]:
        """Holds on to these: those among them that are still the holder's, as they stand now."""
        with self._database.writing() as session:
            rows = session.scalars(_held(holder, list(stream_ids)).with_for_update()).all()
            until = database_now(session) + timedelta(seconds=for_s)
            for row in rows:
                row.lease_until = until
            return list(map(_leased, rows))

    def release(self, holder: str, stream_ids: Iterable[str]) -> None:
        """Lets go of these, so that another one can take them at once."""
        with self._database.writing() as session:
            for row in session.scalars(_held(holder, list(stream_ids)).with_for_update()):
                row.lease_holder = row.lease_since = row.lease_until = None

    def leave(self, holder: str) -> None:
        """The worker ends: it lets go of everything and takes no part any more."""
        with self._database.writing() as session:
            theirs = update(StreamRow).where(StreamRow.lease_holder == holder)
            session.execute(theirs.values(lease_holder=None, lease_since=None, lease_until=None))
            session.execute(delete(CameraWorkerRow).where(CameraWorkerRow.worker_id == holder))

    def workers(self) -> list[CameraWorker]:
        """Those that are there, by id."""
        with self._database.reading() as session:
            now = database_now(session)
            counts = _counts(session, now)
            return [
                CameraWorker(row.worker_id, row.most, counts.get(row.worker_id, 0), row.started_at)
                for row in _present(session, now)
            ]


def is_held(session: Session, holder: str, stream_id: str) -> bool:
    """Whether the lease is the holder's, and stays so until this transaction ends."""
    row = select(StreamRow.lease_until).where(
        StreamRow.stream_id == stream_id, StreamRow.lease_holder == holder
    )
    until = session.scalar(row.with_for_update(read=True))
    return until is not None and until > database_now(session)


def fair_shares(streams: int, workers: Collection[tuple[str, int, int]]) -> dict[str, int]:
    """How many streams each worker (id, most, how many it has) should have: as evenly as can be, and with as
    few moves as can be."""
    shares = {worker: 0 for worker, _, _ in workers}
    left = streams
    while left:
        level = min((shares[one] for one, most, _ in workers if shares[one] < most), default=None)
        if level is None:
            break
        lowest = [one for one in workers if shares[one[0]] == level < one[1]]
        lowest.sort(key=lambda one: (-one[2], one[0]))
        for worker, _, _ in lowest[:left]:
            shares[worker] += 1
        left -= min(left, len(lowest))
    return shares


def _share_of(session: Session, holder: str, now: datetime) -> tuple[int, int, int]:
    """The holder's fair share, how many it has, and how many nobody has."""
    counts = _counts(session, now)
    streams = session.scalar(select(func.count()).select_from(StreamRow).where(_is_shared())) or 0
    workers = [(row.worker_id, row.most, counts.get(row.worker_id, 0)) for row in _present(session, now)]
    return fair_shares(streams, workers)[holder], counts.get(holder, 0), streams - sum(counts.values())


def _counts(session: Session, now: datetime) -> dict[str, int]:
    held = (
        select(StreamRow.lease_holder, func.count())
        .where(_is_shared(), StreamRow.lease_until > now)
        .group_by(StreamRow.lease_holder)
    )
    return {row[0]: row[1] for row in session.execute(held) if row[0] is not None}


def _say_present(session: Session, holder: str, most: int, now: datetime, until: datetime) -> None:
    row = session.get(CameraWorkerRow, holder)
    if row is None:
        session.execute(delete(CameraWorkerRow).where(CameraWorkerRow.seen_until <= now))
        row = CameraWorkerRow(worker_id=holder, started_at=now)
        session.add(row)
    row.most, row.seen_until = most, until
    session.flush()


def _present(session: Session, now: datetime) -> list[CameraWorkerRow]:
    there = select(CameraWorkerRow).where(CameraWorkerRow.seen_until > now)
    return list(session.scalars(there.order_by(CameraWorkerRow.worker_id)))


def _held(holder: str, stream_ids: list[str]) -> Select[StreamRow]:
    return (
        select(StreamRow)
        .where(StreamRow.lease_holder == holder, StreamRow.stream_id.in_(stream_ids))
        .order_by(StreamRow.stream_id)
    )


def _is_shared() -> ColumnElement[bool]:
    return (StreamRow.kiosk_id == "") & StreamRow.is_on


def _is_free(now: datetime) -> ColumnElement[bool]:
    return or_(StreamRow.lease_until.is_(None), StreamRow.lease_until <= now)


def _leased(row: StreamRow) -> Leased:
    return Leased(row.tenant_id, stream_of(row))
