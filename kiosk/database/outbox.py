"""What the central services are to hear, written in the transaction of the change that it tells of."""

from __future__ import annotations

import json
from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from kiosk.database.tables import OutboxRow


class OutboxKind(StrEnum):
    ORDER_CREATED = "order_created"
    ORDER_PAID = "order_paid"
    ORDER_CANCELLED = "order_cancelled"
    CONSENT_GIVEN = "consent_given"
    CONSENT_WITHDRAWN = "consent_withdrawn"


class OutboxState(StrEnum):
    """WAITING rows are sent in the order of their ids."""

    WAITING = "waiting"
    SENT = "sent"
    PARKED = "parked"


def add_to_outbox(session: Session, kind: OutboxKind, payload: dict[str, object], at: datetime) -> None:
    """Adds a row to the caller's transaction. `payload` holds ids and amounts: no face, no secret."""
    session.add(
        OutboxRow(
            kind=kind.value,
            payload=json.dumps(payload, sort_keys=True),
            created_at=at,
            attempts=0,
            state=OutboxState.WAITING.value,
        )
    )
