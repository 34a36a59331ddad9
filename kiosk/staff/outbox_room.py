"""What waits or failed: messages to the centre, messages to buyers, notices; and who hears of new photos."""

from __future__ import annotations

from functools import partial

from kiosk.errors import ErrorCode, KnownError
from kiosk.sending.types import Sending, SendingState
from kiosk.staff.order_room import not_set_up
from kiosk.staff.room import Room, Wish
from kiosk.staff.told import OutboxEntry, OutboxListed, StaffNotice, WishesListed
from kiosk.staff.types import AuditAction, Right, StaffMember


class OutboxRoom(Room):
    def list_outbox(self) -> None:
        """OutboxListed."""
        self._show(Right.OUTBOX, lambda _: self._outbox_listed())

    def _outbox_listed(self) -> OutboxListed:
        parts = self._parts
        entries = list(parts.outbox.entries())
        if parts.sendings is not None:
            listed = parts.sendings.listed((SendingState.WAITING, SendingState.FAILED))
            entries += [_entry(sending) for sending in listed]
        return OutboxListed(tuple(entries))

    def retry(self, kind: str, entry_id: str) -> None:
        """A parked or failed message is tried again; a notice is settled."""
        action = AuditAction.NOTICE_SETTLED if kind == "notice" else AuditAction.MESSAGE_RETRIED
        wish = Wish(Right.OUTBOX, action, entry_id, {"kind": kind})
        self._do(wish, partial(self._retry, kind, entry_id))

    def _retry(self, kind: str, entry_id: str, who: StaffMember) -> StaffNotice | None:
        parts = self._parts
        match kind:
            case "parked":
                is_done = parts.outbox.retry(entry_id)
            case "notice":
                is_done = parts.outbox.settle(entry_id)
            case "sending":
                if parts.courier is None:
                    raise not_set_up("way of sending")
                parts.courier.retry(entry_id)
                is_done = True
            case _:
                is_done = False
        if not is_done:
            raise KnownError(
                ErrorCode.SENDING_UNKNOWN, "This is not waiting any more.", "Look at the list anew."
            )
        self._tell(who, self._outbox_listed())
        return None

    def list_wishes(self) -> None:
        """WishesListed."""
        new_photos = self._parts.new_photos
        self._show(Right.SEND, lambda _: WishesListed(tuple(new_photos.listed()) if new_photos else ()))


def _entry(sending: Sending) -> OutboxEntry:
    is_waiting = sending.state is SendingState.WAITING
    return OutboxEntry(
        kind="sending",
        entry_id=sending.sending_id,
        at=sending.created_at,
        what=f"{sending.way.value}.{'waiting' if is_waiting else 'failed'}",
        code=sending.code,
        detail=f"{sending.order_code} {sending.shown_to}".strip(),
        attempts=sending.attempts,
    )
