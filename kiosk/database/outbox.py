"""What the centre is to hear, written in the transaction of the change that it tells of."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy.orm import Session

from kiosk.database.changes import KEEPS_CHANGES
from kiosk.database.sync_tables import OutboxRow
from kiosk.sync.record_parts import Record
from kiosk.sync.records import Kind


class OutboxState(StrEnum):
    """WAITING rows are sent in the order of their ids; PARKED ones were refused for good: staff decide."""

    WAITING = "waiting"
    SENT = "sent"
    PARKED = "parked"


def add_to_outbox(session: Session, kind: Kind, record: Record, at: datetime) -> None:
    """Adds what is now true of a thing to the caller's transaction; nothing at the centre, which has nobody
    to tell."""
    if is_central(session):
        return
    session.add(OutboxRow(**message_values(kind, record, at)))


def is_central(session: Session) -> bool:
    """Whether a transaction is one of a centre, which tells nobody."""
    return bool(session.info.get(KEEPS_CHANGES))


def message_values(kind: Kind, record: Record, at: datetime) -> dict[str, Any]:
    """A fresh message, as a row that waits."""
    return {
        "message_id": uuid4().hex,
        "kind": kind.value,
        "payload": record.model_dump_json(),
        "created_at": at,
        "attempts": 0,
        "state": OutboxState.WAITING.value,
    }
