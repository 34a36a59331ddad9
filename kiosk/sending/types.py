"""Messages to buyers: what is to be sent where, how it stands, and the ports of way, orders and rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from kiosk.events import Event
from kiosk.language import Language
from kiosk.vision.types import Embedding


class Way(StrEnum):
    MAIL = "mail"
    LINE = "line"


class Purpose(StrEnum):
    """What a message is about."""

    PHOTOS = "photos"  # the link to the photos that were bought
    NEW_PHOTOS = "new_photos"  # later photos of the buyer are in the link


class SendingState(StrEnum):
    """WAITING is tried again by itself; FAILED is for staff, who may try again for a week. Of SENT and
    CANCELLED no address is kept, and of FAILED none after that week."""

    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Sending:
    """A message that is owed. `address` is an e-mail address or a LINE user id, and empty once it is over;
    `shown_to` is what of it staff may read ("s…@example.com"). `code` is why the last attempt failed, empty
    while one is made."""

    sending_id: str
    order_id: str
    order_code: str
    way: Way
    purpose: Purpose
    language: Language
    state: SendingState
    created_at: datetime
    due_at: datetime
    address: str = field(default="", repr=False)
    shown_to: str = ""
    attempts: int = 0
    sent_at: datetime | None = None
    code: str = ""
    photo_count: int = 0


@dataclass(frozen=True, slots=True)
class Message:
    """What a way of sending is given. `message_id`, 32 hex digits, is the same at each attempt, so that a
    peer that knows of such ids takes it once."""

    message_id: str
    to: str = field(repr=False)
    language: Language
    subject: str
    text: str = field(repr=False)
    html: str = field(default="", repr=False)


class Carrier(Protocol):
    """One way of sending (`kiosk.sending.mail`, `kiosk.sending.line`). Bounded to 20 s.

    Raises KnownError: MAIL_UNREACHABLE, MAIL_LATER, LINE_UNREACHABLE (again later); MAIL_ADDRESS_INVALID,
    MAIL_REFUSED, LINE_BLOCKED, LINE_REFUSED (never again); MAIL_LOGIN_REFUSED, LINE_TOKEN_REFUSED (staff).
    """

    def send(self, message: Message) -> None: ...


@dataclass(frozen=True, slots=True)
class OrderToSend:
    """What a message tells of a paid order. `photo_ids` are its digital photos, also those added later;
    `has_every_photo`: it was bought as every photo of the buyer, so that later ones are theirs as well."""

    order_id: str
    order_code: str
    event_id: str
    event_name: str
    language: Language
    ordered_at: datetime
    photo_ids: tuple[str, ...]
    has_every_photo: bool
    link_url: str = field(repr=False)
    receipt_url: str = field(repr=False)
    link_until: datetime


class OrdersToSend(Protocol):
    """The paid orders of this kiosk (`kiosk.order_desk.OrderDesk`). Raises KnownError ORDER_UNKNOWN (there is
    none, or it is not paid), PHOTOS_DELETED (by its buyer), DATABASE_*."""

    def to_send(self, order_id: str) -> OrderToSend: ...

    def to_send_by_code(self, text: str) -> OrderToSend:
        """By its code as a person types it."""
        ...


class SendingStore(Protocol):
    """The rows of messages. Each method is one transaction. Raises KnownError DATABASE_*."""

    def add(self, sending: Sending) -> bool:
        """False where one of its id is there already: nothing is stored then."""
        ...

    def get(self, sending_id: str) -> Sending:
        """Raises KnownError(SENDING_UNKNOWN)."""
        ...

    def due(self, at: datetime, most: int = 50) -> list[Sending]:
        """WAITING ones whose time has come, the oldest first."""
        ...

    def of_order(self, order_id: str) -> list[Sending]:
        """The oldest first."""
        ...

    def listed(self, states: Collection[SendingState], most: int = 200) -> list[Sending]:
        """The newest first."""
        ...

    def update(self, sending: Sending, expected: SendingState) -> bool:
        """Stores how it stands; False where it does not stand as expected any more: nothing is stored."""
        ...

    def hurry(self, way: Way, codes: Collection[str], at: datetime) -> int:
        """Makes WAITING ones of a way, last put off for one of these reasons, due at `at`."""
        ...

    def forget_failed(self, created_before: datetime) -> int:
        """Empties the addresses of FAILED ones that were asked for before then."""
        ...


@dataclass(frozen=True, slots=True)
class NewPhotosWish:
    """That a buyer of every photo agreed to hear of later ones: their face numbers are kept for that, and for
    nothing else, until `until`. `passed_over` are photos that they saw and did not take: never added. A wish
    by LINE has no address until its buyer wrote to the account."""

    wish_id: str
    order_id: str
    order_code: str
    event_id: str
    way: Way
    language: Language
    consent_version: str
    agreed_at: datetime
    until: datetime
    address: str = field(default="", repr=False)
    shown_to: str = ""
    embeddings: tuple[Embedding, ...] = field(default=(), repr=False)
    passed_over: tuple[str, ...] = ()
    photos_added: int = 0


class WishStore(Protocol):
    """The rows of wishes, and of photos that were added to an order since. Raises KnownError DATABASE_*."""

    def put(self, wish: NewPhotosWish) -> None:
        """In place of the one that its order had, if any."""
        ...

    def of_order(self, order_id: str) -> NewPhotosWish | None:
        """Without face numbers."""
        ...

    def events(self, at: datetime) -> list[str]:
        """The events with wishes that are good at `at`."""
        ...

    def of_event(self, event_id: str, at: datetime) -> list[NewPhotosWish]:
        """Those that are good at `at`, the oldest first, with face numbers."""
        ...

    def listed(self, most: int = 200) -> list[NewPhotosWish]:
        """The newest first, without face numbers."""
        ...

    def set_address(self, order_id: str, way: Way, address: str, shown_to: str) -> bool:
        """Where its order has a wish by this way that has no address yet."""
        ...

    def withdraw(self, order_id: str) -> bool:
        """Forgets face numbers and address at once, and cancels its messages that wait; False where there is
        no such wish."""
        ...

    def end_due(self, at: datetime) -> int:
        """Forgets those whose time is over."""
        ...

    def add_photos(
        self, order_id: str, photo_ids: Sequence[str], at: datetime, owed: Sending | None
    ) -> tuple[str, ...]:
        """Adds to the order those that were added to it not yet, and returns them. In the same transaction
        the buyer is owed a message of so many: one that waits and is not on its way just now (untried, or put
        off for a reason) tells of them as well; else `owed` is stored, and the order's links may be used once
        more."""
        ...

    def added_photos(self, order_id: str) -> tuple[str, ...]:
        """The oldest first."""
        ...


@dataclass(frozen=True, slots=True)
class SendingsChanged(Event):
    """A message of an order stands otherwise."""

    order_id: str
