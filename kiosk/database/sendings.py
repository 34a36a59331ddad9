"""Messages to buyers in SQL (`kiosk.sending.types.SendingStore`)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, CursorResult, Select, select, update
from sqlalchemy.orm import Session

from kiosk.database.bulk import insert_new
from kiosk.database.engine import Database
from kiosk.database.staff_tables import SendingRow
from kiosk.database.tables import OrderRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.sending.types import Purpose, Sending, SendingState, Way

_OVER = (SendingState.SENT, SendingState.CANCELLED)


class SqlSendings:
    """Each method is one transaction; safe to call from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, sending: Sending) -> bool:
        with self._database.writing() as session:
            return add_sending(session, sending)

    def get(self, sending_id: str) -> Sending:
        query = _with_code().where(SendingRow.sending_id == sending_id)
        with self._database.reading() as session:
            found = session.execute(query).one_or_none()
            if found is None:
                raise KnownError(ErrorCode.SENDING_UNKNOWN, "There is no such message.", "Look at the list.")
            return _sending(*found)

    def due(self, at: datetime, most: int = 50) -> list[Sending]:
        waiting = (SendingRow.state == SendingState.WAITING.value, SendingRow.due_at <= at)
        query = _with_code().where(*waiting).order_by(SendingRow.due_at, SendingRow.sending_id)
        return self._all(query.limit(most))

    def of_order(self, order_id: str) -> list[Sending]:
        query = _with_code().where(SendingRow.order_id == order_id)
        return self._all(query.order_by(SendingRow.created_at, SendingRow.sending_id))

    def listed(self, states: Collection[SendingState], most: int = 200) -> list[Sending]:
        query = _with_code().where(SendingRow.state.in_([state.value for state in states]))
        newest_first = (SendingRow.created_at.desc(), SendingRow.sending_id)
        return self._all(query.order_by(*newest_first).limit(most))

    def update(self, sending: Sending, expected: SendingState) -> bool:
        its = (SendingRow.sending_id == sending.sending_id, SendingRow.state == expected.value)
        return (
            self._changed(
                *its,
                state=sending.state.value,
                due_at=sending.due_at,
                address="" if sending.state in _OVER else sending.address,
                attempts=sending.attempts,
                sent_at=sending.sent_at,
                code=sending.code,
            )
            == 1
        )

    def hurry(self, way: Way, codes: Collection[str], at: datetime) -> int:
        put_off = (
            SendingRow.state == SendingState.WAITING.value,
            SendingRow.way == way.value,
            SendingRow.code.in_([str(code) for code in codes]),
            SendingRow.due_at > at,
        )
        return self._changed(*put_off, due_at=at)

    def forget_failed(self, created_before: datetime) -> int:
        old = (
            SendingRow.state == SendingState.FAILED.value,
            SendingRow.created_at < created_before,
            SendingRow.address != "",
        )
        forgotten = self._changed(*old, address="")
        # Or it would go on holding those of messages that went out.
        self._database.clear_journal(SendingRow.__tablename__)
        return forgotten

    def _all(self, query: Select[SendingRow, str]) -> list[Sending]:
        with self._database.reading() as session:
            return [_sending(*found) for found in session.execute(query)]

    def _changed(self, *which: ColumnElement[bool], **values: object) -> int:
        with self._database.writing() as session:
            result = session.execute(
                update(SendingRow).where(*which).values(values),
                execution_options={"synchronize_session": False},
            )
            return result.rowcount if isinstance(result, CursorResult) else 0


def add_sending(session: Session, sending: Sending) -> bool:
    """In the caller's transaction; False where another came first."""
    return insert_new(
        session,
        SendingRow,
        {
            "sending_id": sending.sending_id,
            "order_id": sending.order_id,
            "way": sending.way.value,
            "purpose": sending.purpose.value,
            "language": sending.language.value,
            "state": sending.state.value,
            "created_at": sending.created_at,
            "due_at": sending.due_at,
            "address": sending.address,
            "shown_to": sending.shown_to,
            "attempts": sending.attempts,
            "sent_at": sending.sent_at,
            "code": sending.code,
            "photo_count": sending.photo_count,
        },
    )


def _with_code() -> Select[SendingRow, str]:
    return select(SendingRow, OrderRow.code).join(OrderRow, OrderRow.order_id == SendingRow.order_id)


def _sending(row: SendingRow, order_code: str) -> Sending:
    return Sending(
        sending_id=row.sending_id,
        order_id=row.order_id,
        order_code=order_code,
        way=Way(row.way),
        purpose=Purpose(row.purpose),
        language=Language(row.language),
        state=SendingState(row.state),
        created_at=row.created_at,
        due_at=row.due_at,
        address=row.address,
        shown_to=row.shown_to,
        attempts=row.attempts,
        sent_at=row.sent_at,
        code=row.code,
        photo_count=row.photo_count,
    )
