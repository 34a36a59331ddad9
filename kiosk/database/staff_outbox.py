"""What waits for the centre and what staff must hear of, on one page (`kiosk.staff.ports.OutboxBook`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kiosk.clock import Clock
from kiosk.database.engine import Database
from kiosk.database.notices import SqlNotices
from kiosk.database.sync_state import SqlOutbox
from kiosk.staff.told import OutboxCard, OutboxEntry

_MOST_WAITING = 100


class SqlOutboxBook:
    """Any thread. `centre` tells whether the centre is reached and since when it stands so; None for a kiosk
    that has none."""

    def __init__(
        self, database: Database, clock: Clock, centre: Callable[[], tuple[bool, datetime | None] | None]
    ) -> None:
        self._outbox = SqlOutbox(database, clock)
        self._notices = SqlNotices(database, clock)
        self._centre = centre

    def card(self) -> OutboxCard:
        centre = self._centre()
        waiting, parked = self._outbox.counts() if centre is not None else (0, 0)
        oldest = self._outbox.waiting(1) if waiting else []
        return OutboxCard(
            has_centre=centre is not None,
            is_online=centre is not None and centre[0],
            since=centre[1] if centre is not None else None,
            waiting=waiting,
            oldest_at=oldest[0].message.made_at if oldest else None,
            parked=parked,
            notices=self._notices.open_count(),
        )

    def entries(self) -> list[OutboxEntry]:
        """What staff can do something about first: notices, parked messages, then what waits."""
        entries = [
            OutboxEntry(
                "notice", each.notice_id, each.at, each.subject, each.code, each.detail, each.next_step
            )
            for each in self._notices.open_notices()
        ]
        if self._centre() is None:
            return entries
        entries += [
            OutboxEntry("parked", each.message_id, each.made_at, each.kind, each.code, attempts=each.attempts)
            for each in self._outbox.parked()
        ]
        waiting = (each.message for each in self._outbox.waiting(_MOST_WAITING))
        entries += [OutboxEntry("waiting", each.message_id, each.made_at, each.kind) for each in waiting]
        return entries

    def retry(self, message_id: str) -> bool:
        return self._outbox.retry(message_id)

    def settle(self, notice_id: str) -> bool:
        return self._notices.settle(notice_id)
