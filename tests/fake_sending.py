"""Stores of messages and wishes in memory, orders that may be sent, and ways that answer as a test says."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.sending.types import (
    Message,
    NewPhotosWish,
    OrderToSend,
    Purpose,
    Sending,
    SendingState,
    Way,
)

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
ORDER = "0" * 31 + "1"
_OPEN = (SendingState.WAITING, SendingState.FAILED)


def order_to_send(order_id: str = ORDER, **other: object) -> OrderToSend:
    """A paid order for every photo."""
    values: dict[str, object] = {
        "order_id": order_id,
        "order_code": f"K1-{order_id[-4:]}",
        "event_id": "event",
        "event_name": "Riverside Run",
        "language": Language.ENGLISH,
        "ordered_at": NOW,
        "photo_ids": ("p1", "p2"),
        "has_every_photo": True,
        "link_url": "https://photos.test/d/token",
        "receipt_url": "https://photos.test/r/receipt",
        "link_until": NOW + timedelta(days=30),
    }
    return OrderToSend(**{**values, **other})  # type: ignore[arg-type]


@dataclass
class FakeOrders:
    """Orders by id; `gone` are refused for a reason."""

    orders: dict[str, OrderToSend] = field(default_factory=dict)
    gone: dict[str, ErrorCode] = field(default_factory=dict)

    def to_send(self, order_id: str) -> OrderToSend:
        if order_id in self.gone:
            raise KnownError(self.gone[order_id], "gone")
        if order_id not in self.orders:
            raise KnownError(ErrorCode.ORDER_UNKNOWN, "no such order")
        return self.orders[order_id]

    def to_send_by_code(self, text: str) -> OrderToSend:
        code = text.strip().upper()
        found = next((each for each in self.orders.values() if each.order_code == code), None)
        if found is None:
            raise KnownError(ErrorCode.ORDER_UNKNOWN, "no such code")
        return self.to_send(found.order_id)


@dataclass
class FakeCarrier:
    """Answers with what `errors` holds, one by one; then takes everything."""

    errors: deque[ErrorCode] = field(default_factory=deque)
    always: ErrorCode | None = None
    sent: list[Message] = field(default_factory=list)
    tries: int = 0

    def send(self, message: Message) -> None:
        self.tries += 1
        error = self.errors.popleft() if self.errors else self.always
        if error is not None:
            raise KnownError(error, "refused", "Do something.")
        self.sent.append(message)


class MemorySendings:
    """`kiosk.sending.types.SendingStore` in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, Sending] = {}

    def add(self, sending: Sending) -> bool:
        return self.rows.setdefault(sending.sending_id, sending) is sending

    def get(self, sending_id: str) -> Sending:
        if sending_id not in self.rows:
            raise KnownError(ErrorCode.SENDING_UNKNOWN, "no such message")
        return self.rows[sending_id]

    def due(self, at: datetime, most: int = 50) -> list[Sending]:
        due = [each for each in self.rows.values() if _waits(each) and each.due_at <= at]
        return sorted(due, key=lambda each: (each.due_at, each.sending_id))[:most]

    def of_order(self, order_id: str) -> list[Sending]:
        theirs = [each for each in self.rows.values() if each.order_id == order_id]
        return sorted(theirs, key=lambda each: (each.created_at, each.sending_id))

    def listed(self, states: Collection[SendingState], most: int = 200) -> list[Sending]:
        found = sorted((each for each in self.rows.values() if each.state in states), key=_by_id)
        return sorted(found, key=lambda each: each.created_at, reverse=True)[:most]

    def update(self, sending: Sending, expected: SendingState) -> bool:
        there = self.rows.get(sending.sending_id)
        if there is None or there.state is not expected:
            return False
        is_over = sending.state not in _OPEN
        self.rows[sending.sending_id] = replace(sending, address="" if is_over else sending.address)
        return True

    def hurry(self, way: Way, codes: Collection[str], at: datetime) -> int:
        late = [
            each
            for each in self.rows.values()
            if _waits(each) and each.way is way and each.code in [str(code) for code in codes]
        ]
        late = [each for each in late if each.due_at > at]
        self.rows |= {each.sending_id: replace(each, due_at=at) for each in late}
        return len(late)

    def forget_failed(self, created_before: datetime) -> int:
        old = [
            each
            for each in self.rows.values()
            if each.state is SendingState.FAILED and each.created_at < created_before and each.address
        ]
        self.rows |= {each.sending_id: replace(each, address="") for each in old}
        return len(old)


class MemoryWishes:
    """`kiosk.sending.types.WishStore` in memory, over the messages of a store."""

    def __init__(self, sendings: MemorySendings) -> None:
        self.rows: dict[str, NewPhotosWish] = {}
        self.added: dict[str, dict[str, datetime]] = {}
        self.more_downloads: list[str] = []
        self._sendings = sendings

    def put(self, wish: NewPhotosWish) -> None:
        self.rows[wish.order_id] = wish

    def of_order(self, order_id: str) -> NewPhotosWish | None:
        wish = self.rows.get(order_id)
        return self._shown(wish) if wish else None

    def events(self, at: datetime) -> list[str]:
        return sorted({wish.event_id for wish in self.rows.values() if wish.until > at})

    def of_event(self, event_id: str, at: datetime) -> list[NewPhotosWish]:
        theirs = [wish for wish in self.rows.values() if wish.event_id == event_id and wish.until > at]
        counted = (replace(wish, photos_added=len(self.added_photos(wish.order_id))) for wish in theirs)
        return sorted(counted, key=lambda wish: (wish.agreed_at, wish.wish_id))

    def listed(self, most: int = 200) -> list[NewPhotosWish]:
        by_id = sorted(self.rows.values(), key=lambda wish: wish.wish_id)
        newest_first = sorted(by_id, key=lambda wish: wish.agreed_at, reverse=True)
        return [self._shown(wish) for wish in newest_first[:most]]

    def set_address(self, order_id: str, way: Way, address: str, shown_to: str) -> bool:
        wish = self.rows.get(order_id)
        if wish is None or wish.way is not way or wish.address:
            return False
        self.rows[order_id] = replace(wish, address=address, shown_to=shown_to)
        return True

    def withdraw(self, order_id: str) -> bool:
        for each in self._news(order_id):
            if each.state in _OPEN:
                self._sendings.update(replace(each, state=SendingState.CANCELLED), each.state)
        return self.rows.pop(order_id, None) is not None

    def end_due(self, at: datetime) -> int:
        over = [wish.order_id for wish in self.rows.values() if wish.until <= at]
        for order_id in over:
            del self.rows[order_id]
        return len(over)

    def add_photos(
        self, order_id: str, photo_ids: Sequence[str], at: datetime, owed: Sending | None
    ) -> tuple[str, ...]:
        there = self.added.setdefault(order_id, {})
        new = tuple(photo_id for photo_id in dict.fromkeys(photo_ids) if photo_id not in there)
        there |= dict.fromkeys(new, at)
        if new:
            self._owe(order_id, len(new), owed)
        return new

    def added_photos(self, order_id: str) -> tuple[str, ...]:
        there = self.added.get(order_id, {})
        return tuple(sorted(there, key=lambda photo_id: (there[photo_id], photo_id)))

    def _owe(self, order_id: str, photo_count: int, owed: Sending | None) -> None:
        for each in self._news(order_id):
            if _waits(each) and (each.attempts == 0 or each.code):
                more = replace(each, photo_count=each.photo_count + photo_count)
                self._sendings.rows[each.sending_id] = more
                return
        if owed is not None:
            self._sendings.add(owed)
        self.more_downloads.append(order_id)

    def _news(self, order_id: str) -> list[Sending]:
        theirs = self._sendings.of_order(order_id)
        return [each for each in theirs if each.purpose is Purpose.NEW_PHOTOS]

    def _shown(self, wish: NewPhotosWish) -> NewPhotosWish:
        return replace(wish, embeddings=(), photos_added=len(self.added_photos(wish.order_id)))


def _waits(sending: Sending) -> bool:
    return sending.state is SendingState.WAITING


def _by_id(sending: Sending) -> str:
    return sending.sending_id
