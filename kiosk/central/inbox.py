"""What kiosks tell, taken exactly once: each message in one transaction with the answer that it got."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, exc
from sqlalchemy.orm import Session

from kiosk.central.centre import Centre
from kiosk.central.principal import Principal
from kiosk.database.bulk import insert_new
from kiosk.database.retrying import once_more
from kiosk.database.sync_tables import InboxRow
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.record_parts import Record
from kiosk.sync.records import Kind, read_record
from kiosk.sync.wire import Answer, Message

_log = structlog.get_logger(__name__)

Handler = Callable[[Session, Record, Principal, datetime], None]
"""Takes a record of one kind in within the caller's transaction. Raises KnownError to refuse it for good."""

_ATTEMPTS = 3
_KEPT = timedelta(days=60)
_PRUNED_EVERY_S = 24 * 3600.0
_LONGEST_DETAIL = 500
_OURS = frozenset(
    {
        ErrorCode.DISK_FULL,
        ErrorCode.DATABASE_DAMAGED,
        ErrorCode.DATABASE_UNREACHABLE,
        ErrorCode.FOLDER_NOT_WRITABLE,
    }
)
"""The centre's own troubles: nothing of the message happened, and it is to be sent again."""


class Inbox:
    """Takes messages of devices. Any thread, any number of processes on one database.

    Invariant: for a device and a message id there is one answer ever, and what it says happened with it. Two
    that bring the same message at the same time wait for each other at its row.
    """

    def __init__(self, centre: Centre, handlers: Mapping[Kind, Handler]) -> None:
        self._database = centre.database
        self._clock = centre.clock
        self._handlers = dict(handlers)

    def take(self, principal: Principal, messages: Sequence[Message]) -> list[Answer]:
        """Takes messages in their order, and answers each.

        Raises KnownError DATABASE_*, DISK_FULL: what was taken before that message stays taken, and is
        answered alike when all are sent again.
        """
        return [self._take_one(principal, message) for message in messages]

    def prune(self) -> int:
        """Forgets answers that are so old that nobody asks for them again; returns how many. A message that
        came all the same after that would be taken anew, which changes nothing: what it tells is a state."""
        old = InboxRow.received_at < self._clock.now() - _KEPT
        with self._database.writing() as session:
            done = session.execute(delete(InboxRow).where(old).returning(InboxRow.message_id))
            return len(done.all())

    def prune_daily(self, stop: threading.Event) -> None:
        """Until `stop` is set; what fails is tried again the next day."""
        while True:
            try:
                _log.info("inbox_pruned", messages=self.prune())
            except KnownError as failed:
                _log.warning("inbox_not_pruned", code=failed.code)
            if stop.wait(_PRUNED_EVERY_S):
                return

    def _take_one(self, principal: Principal, message: Message) -> Answer:
        refused: KnownError | None = None
        try:
            record, handler = self._read(message)
        except KnownError as invalid:
            refused = invalid
        else:
            try:
                return self._apply(principal, message, record, handler)
            except KnownError as why:
                if why.code in _OURS:
                    raise
                refused = why
        _log.warning(
            "message_refused", device_id=principal.subject, kind=message.kind[:40], code=refused.code
        )
        return self._store_refusal(principal, message, refused)

    def _read(self, message: Message) -> tuple[Record, Handler]:
        record = read_record(message.kind, message.record)
        handler = self._handlers.get(Kind(message.kind))
        if handler is None:
            raise KnownError(
                ErrorCode.MESSAGE_REFUSED,
                f"A kiosk does not tell the centre of a thing of kind {message.kind}.",
                "Compare the versions of kiosk and centre.",
            )
        return record, handler

    @once_more
    def _apply(self, principal: Principal, message: Message, record: Record, handler: Handler) -> Answer:
        """Two devices that tell of one new thing at the same time collide: the second finds it there when it
        tries again. What collides every time contradicts what the centre has."""
        for _ in range(_ATTEMPTS):
            try:
                with self._database.writing() as session:
                    taken = Answer(message_id=message.message_id, is_taken=True)
                    if not self._claim(session, principal, message, taken):
                        return _stored(session, principal, message)
                    handler(session, record, principal, self._clock.now())
                    return taken
            except (exc.IntegrityError, exc.DataError) as collided:
                _log.info("message_collided", kind=message.kind, cause=type(collided.orig).__name__)
        raise KnownError(
            ErrorCode.RECORD_INVALID,
            f"A record of kind {message.kind} contradicts what the centre has.",
            "Compare kiosk and centre; the rest goes on.",
        )

    def _store_refusal(self, principal: Principal, message: Message, why: KnownError) -> Answer:
        """Refused for good: it is answered so again, whatever becomes of the centre."""
        answer = Answer(
            message_id=message.message_id, is_taken=False, code=why.code, detail=why.detail[:_LONGEST_DETAIL]
        )
        with self._database.writing() as session:
            if self._claim(session, principal, message, answer):
                return answer
            return _stored(session, principal, message)

    def _claim(self, session: Session, principal: Principal, message: Message, answer: Answer) -> bool:
        """Writes the answer down, unless there is one. Whoever comes second waits here for the first."""
        row = {
            "device_id": principal.subject,
            "message_id": message.message_id,
            "received_at": self._clock.now(),
            "answer": answer.model_dump_json(),
        }
        return insert_new(session, InboxRow, row)


def _stored(session: Session, principal: Principal, message: Message) -> Answer:
    row = session.get_one(InboxRow, (principal.subject, message.message_id))
    return Answer.model_validate_json(row.answer)
