"""What a kiosk keeps of its tie to the centre: what is still to be told, who it is there, how it stands."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, CursorResult, Result, Update, delete, func, insert, select, update
from sqlalchemy.orm import Session

from kiosk.clock import Clock, SystemClock
from kiosk.database.bulk import table_of
from kiosk.database.engine import Database
from kiosk.database.meta import SqlMeta
from kiosk.database.notices import note_for_staff, notice_id_of, settle_notice
from kiosk.database.outbox import OutboxState, add_to_outbox, message_values
from kiosk.database.own_records import is_told_whole, own_records
from kiosk.database.people_forgetting import forget_everybody
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.tables import MetaRow, OrderRow, VoucherRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.push import Waiting
from kiosk.sync.records import HealthRecord, Kind, OrderRecord
from kiosk.sync.wire import Message

CURSOR = "sync_cursor"
HISTORY = "sync_history"
_STATUS = "sync_status"
_TENANT = "central_tenant"
_PREFIX = "central_code_prefix"
_URL = "central_url"
_ENROLLED_AT = "central_enrolled_at"
_SENT_KEPT = timedelta(days=7)
_UNTOLD_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Enrolled:
    """Who this kiosk is at its centre. `code_prefix` starts its order codes: it is no other kiosk's there.
    `url` is the address at which it was enrolled."""

    tenant: str
    code_prefix: str
    at: datetime
    url: str = ""


@dataclass(frozen=True, slots=True)
class ParkedMessage:
    """A message that the centre refused for good; staff decide."""

    message_id: str
    kind: str
    made_at: datetime
    attempts: int
    code: str


class SqlEnrolment:
    """Who the kiosk is at its centre. Each method is one transaction; any thread."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()
        self.kiosk_id = SqlMeta(database).kiosk_id()

    def enrolled(self) -> Enrolled | None:
        """None for a kiosk that never was."""
        with self._database.reading() as session:
            told = {key: session.get(MetaRow, key) for key in (_TENANT, _PREFIX, _ENROLLED_AT)}
            url = session.get(MetaRow, _URL)
        words = {key: row.value for key, row in told.items() if row is not None}
        if len(words) < len(told):
            return None
        at = datetime.fromisoformat(words[_ENROLLED_AT])
        return Enrolled(words[_TENANT], words[_PREFIX], at, url.value if url else "")

    def enrol(self, tenant: str, code_prefix: str, url: str = "") -> None:
        """From now on: pulls from the beginning, and tells anew all that is held of this kiosk's making.
        `url` is kept: it is where the centre is as long as the settings name none. A kiosk that comes from
        another tenant forgets the people whom it knew there."""
        now = self._clock.now()
        self._make_own()
        before = self.enrolled()
        if before is not None and before.tenant != tenant:
            with self._database.writing() as session:
                forget_everybody(session, "", now)
        told = {_TENANT: tenant, _PREFIX: code_prefix, _URL: url, _ENROLLED_AT: now.isoformat(), CURSOR: "0"}
        tell_all_anew(self._database, self.kiosk_id, now, **told)

    def _make_own(self) -> None:
        """What was made here before there was a centre is this kiosk's: its orders, and its vouchers, whose
        uses only it has counted."""
        issued_here = (VoucherRow.tenant_id == "") & VoucherRow.home_kiosk_id.is_(None)
        with self._database.writing() as session:
            session.execute(update(OrderRow).where(OrderRow.kiosk_id == "").values(kiosk_id=self.kiosk_id))
            if session.get(MetaRow, _ENROLLED_AT) is None:
                session.execute(update(VoucherRow).where(issued_here).values(home_kiosk_id=self.kiosk_id))

    def prune(self) -> int:
        """Forgets messages that were taken a week ago; a kiosk without a centre keeps none for longer than 30
        days, for enrolling tells everything anew. How many."""
        now = self._clock.now()
        is_old = OutboxRow.sent_at < now - _SENT_KEPT
        if self.enrolled() is None:
            is_old |= OutboxRow.created_at < now - _UNTOLD_KEPT
        with self._database.writing() as session:
            return _count_of(session.execute(delete(OutboxRow).where(is_old)))


class SqlOutbox:
    """The messages that wait (`kiosk.sync.push.Outbox`). Each method is one transaction; any thread."""

    def __init__(self, database: Database, clock: Clock | None = None) -> None:
        self._database = database
        self._clock = clock or SystemClock()

    def waiting(self, limit: int) -> list[Waiting]:
        query = select(OutboxRow).where(_IS_WAITING).order_by(OutboxRow.outbox_id).limit(limit)
        with self._database.reading() as session:
            return [_waiting(row) for row in session.scalars(query)]

    def taken(self, message_ids: Iterable[str], refused: Mapping[str, KnownError]) -> None:
        now = self._clock.now()
        sent = {"state": OutboxState.SENT.value, "sent_at": now, "error_code": None}
        with self._database.writing() as session:
            session.execute(_of(message_ids).values(**sent, attempts=OutboxRow.attempts + 1))
            for message_id, why in refused.items():
                _park(session, message_id, why, now)

    def failed(self, message_ids: Iterable[str], code: str) -> None:
        with self._database.writing() as session:
            session.execute(_of(message_ids).values(error_code=code, attempts=OutboxRow.attempts + 1))

    def newest(self) -> int:
        """Grows with every message that is written."""
        with self._database.reading() as session:
            return session.scalar(select(func.max(OutboxRow.outbox_id)).where(_IS_WAITING)) or 0

    def counts(self) -> tuple[int, int]:
        """How many wait, and how many are parked."""
        query = select(OutboxRow.state, func.count()).group_by(OutboxRow.state)
        with self._database.reading() as session:
            found = {row[0]: row[1] for row in session.execute(query)}
        return found.get(OutboxState.WAITING.value, 0), found.get(OutboxState.PARKED.value, 0)

    def has_unsent(self, since: datetime) -> bool:
        """Whether anything that happened from then on waits; how the kiosk is, is told over and over."""
        which = (_IS_WAITING, OutboxRow.created_at >= since, OutboxRow.kind != Kind.HEALTH.value)
        with self._database.reading() as session:
            return session.scalar(select(OutboxRow.outbox_id).where(*which).limit(1)) is not None

    def add_health(self, record: HealthRecord) -> None:
        """How the kiosk is now, in place of an older word that still waits."""
        with self._database.writing() as session:
            session.execute(delete(OutboxRow).where(_IS_WAITING, OutboxRow.kind == Kind.HEALTH.value))
            add_to_outbox(session, Kind.HEALTH, record, record.at)

    def parked(self) -> list[ParkedMessage]:
        """Those that were refused, the oldest first."""
        is_parked = OutboxRow.state == OutboxState.PARKED.value
        query = select(OutboxRow).where(is_parked).order_by(OutboxRow.outbox_id)
        with self._database.reading() as session:
            return [
                ParkedMessage(row.message_id, row.kind, row.created_at, row.attempts, row.error_code or "")
                for row in session.scalars(query)
            ]

    def retry(self, message_id: str) -> bool:
        """Staff want a parked message told again; whether there is one of this id. It gets a fresh id: under
        the old one the centre refuses it for good. What staff were told of it is settled with that."""
        waits = {"state": OutboxState.WAITING.value, "message_id": uuid4().hex}
        with self._database.writing() as session:
            parked = OutboxRow.state == OutboxState.PARKED.value
            again = update(OutboxRow).where(OutboxRow.message_id == message_id, parked).values(**waits)
            is_told_again = _count_of(session.execute(again)) > 0
            if is_told_again:
                told = notice_id_of(ErrorCode.MESSAGE_REFUSED, message_id)
                settle_notice(session, told, self._clock.now())
            return is_told_again


class SqlStoredStatus:
    """How sync stood last, for other processes to read."""

    def __init__(self, database: Database) -> None:
        self._meta = SqlMeta(database)

    def store(self, told: Mapping[str, Any]) -> None:
        """Plain words and numbers."""
        self._meta.set(_STATUS, json.dumps(told, default=str))

    def stored(self) -> dict[str, Any]:
        """What was stored last; empty where nothing was."""
        try:
            found = json.loads(self._meta.get(_STATUS) or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    def cursor(self) -> int:
        """Up to where everything was pulled."""
        return int(self._meta.get(CURSOR) or 0)


def tell_all_anew(database: Database, kiosk_id: str, at: datetime, **told: str) -> None:
    """Puts fresh messages of all that is held of this kiosk's making in place of older ones, and sets the
    words of `told`, in one transaction. What no such message tells of waits again behind them: what this
    kiosk did to another's order, deletions. What is read for it is read before, so that the checkout does not
    wait; messages written meanwhile go last."""
    with database.reading() as session:
        seen = session.scalar(select(func.max(OutboxRow.outbox_id))) or 0
        own = list(own_records(session, kiosk_id))
        fresh = [message_values(kind, record, at) for kind, record in own]
        orders = {record.order_id for _, record in own if isinstance(record, OrderRecord)}
        before = _rows(session, OutboxRow.outbox_id <= seen)
        again = [
            _waiting_again(row) for row in before if not is_told_whole(row["kind"], row["payload"], orders)
        ]
    with database.writing() as session:
        behind = [{**row, "outbox_id": None} for row in _rows(session, OutboxRow.outbox_id > seen)]
        session.execute(delete(OutboxRow))
        for rows in (fresh, again, behind):
            if rows:
                session.execute(insert(table_of(OutboxRow)), rows)
        for key, value in told.items():
            session.merge(MetaRow(key=key, value=value))


def _rows(session: Session, which: ColumnElement[bool]) -> list[dict[str, Any]]:
    query = select(table_of(OutboxRow)).where(which).order_by(OutboxRow.outbox_id)
    return [dict(row) for row in session.execute(query).mappings()]


def _waiting_again(row: Mapping[str, Any]) -> dict[str, Any]:
    is_sent = row["state"] == OutboxState.SENT
    state = OutboxState.WAITING.value if is_sent else row["state"]
    return {**row, "outbox_id": None, "state": state, "sent_at": None}


_IS_WAITING = OutboxRow.state == OutboxState.WAITING.value


def _of(message_ids: Iterable[str]) -> Update:
    return update(OutboxRow).where(OutboxRow.message_id.in_(list(message_ids)), _IS_WAITING)


def _park(session: Session, message_id: str, why: KnownError, at: datetime) -> None:
    parked = {"state": OutboxState.PARKED.value, "error_code": why.code.value}
    done = session.execute(_of([message_id]).values(**parked, attempts=OutboxRow.attempts + 1))
    if _count_of(done):
        detail = f"The centre refused a message ({why.code}): {why.detail}"
        note_for_staff(session, KnownError(ErrorCode.MESSAGE_REFUSED, detail, _WHAT_STAFF_DO), message_id, at)


_WHAT_STAFF_DO = (
    "Look at `kiosk sync parked`; put right what it says and tell it again with `kiosk sync retry ID`."
)


def _waiting(row: OutboxRow) -> Waiting:
    record = json.loads(row.payload)
    message = Message(message_id=row.message_id, kind=Kind(row.kind), made_at=row.created_at, record=record)
    return Waiting(message, len(row.payload))


def _count_of(result: Result[Any]) -> int:
    return result.rowcount if isinstance(result, CursorResult) else 0
