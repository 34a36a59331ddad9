"""Sends what is owed to buyers, and says how it stands."""

from __future__ import annotations

import hmac
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.backoff import pause_s
from kiosk.sending.addresses import checked_address, masked
from kiosk.sending.line import line_entry_url
from kiosk.sending.types import (
    Carrier,
    OrdersToSend,
    OrderToSend,
    Purpose,
    Sending,
    SendingsChanged,
    SendingState,
    SendingStore,
    Way,
)
from kiosk.sending.words import message_of

_log = structlog.get_logger(__name__)

UNREACHABLE = frozenset({ErrorCode.MAIL_UNREACHABLE, ErrorCode.LINE_UNREACHABLE})
FOR_STAFF = frozenset(
    {
        ErrorCode.MAIL_LOGIN_REFUSED,
        ErrorCode.LINE_TOKEN_REFUSED,
        ErrorCode.MAIL_NOT_CONFIGURED,
        ErrorCode.LINE_NOT_CONFIGURED,
    }
)
"""What no message is to blame for: staff or technicians mend it, and then all of the way go out."""

LEASE = timedelta(minutes=2)
FIRST_PAUSE_S = 5.0
LONGEST_PAUSE_S = 15 * 60.0
FIRST_LATER_S = 5 * 60.0
LONGEST_LATER_S = 4 * 3600.0
GIVES_UP_LATER = timedelta(days=2)
GIVES_UP_WAITING = timedelta(days=14)
FAILED_KEPT = timedelta(days=7)
SAME_INTENT = timedelta(minutes=2)
MOST_OF_AN_ORDER = 20
_LOOK_EVERY_S = 1.0
_TIDY_EVERY_S = 3600.0
_NO_LONGER = frozenset({ErrorCode.ORDER_UNKNOWN, ErrorCode.PHOTOS_DELETED})
_NOT_CONFIGURED = {Way.MAIL: ErrorCode.MAIL_NOT_CONFIGURED, Way.LINE: ErrorCode.LINE_NOT_CONFIGURED}
_TOO_OFTEN = {Way.MAIL: ErrorCode.MAIL_REFUSED, Way.LINE: ErrorCode.LINE_REFUSED}


class Courier:
    """Owes messages to buyers and sends them from one worker (`run`); all else from any thread.

    The policy, whole:

    - A message is on disk before anything is sent, so a power cut loses none. Before each attempt the attempt
      is counted and the next one set two minutes away: what brings the kiosk down is not tried at once again.
    - Nobody reachable (MAIL_UNREACHABLE, LINE_UNREACHABLE): again after 5 s, doubling up to 15 min, with
      jitter (50 to 100 %). What else is due by that way is put off with it, untried. The first that gets
      through makes all of them due. Given up after 14 days.
    - Login, token or settings wrong: the same, since no message is to blame; staff see why.
    - Not now (MAIL_LATER: mailbox full, greylisting): again after 5 min, doubling up to 4 h, with jitter;
      only this message. Given up 2 days after it was asked for.
    - Anything else that a way says is for good: FAILED at once, for staff, who try again, or cancel.
    - The order is not paid any more, or its buyer had the photos deleted: CANCELLED.
    - The address goes with SENT and CANCELLED at once, with FAILED 7 days after it was asked for.
    - One intent is one message, however often it is asked: the same order, way and address while it waits and
      for 2 min after it went out. Whoever asks again later did not get it, and is sent another; 20 of an
      order at most. LINE takes each once even where the kiosk dies between sending and storing (its retry
      key is good for 24 h); e-mail then goes twice, with the same Message-ID, which most mailboxes show once.
    """

    def __init__(
        self,
        store: SendingStore,
        orders: OrdersToSend,
        bus: EventBus,
        clock: Clock,
        secret: bytes,
        zone: ZoneInfo,
    ) -> None:
        """`secret` is the kiosk's own (`kiosk.delivery.links.load_link_secret`): ids are derived with it, so
        that they tell nobody an address. `zone` is that of dates in messages. Ways come by `use`."""
        self._store = store
        self._orders = orders
        self._bus = bus
        self._clock = clock
        self._secret = secret
        self._zone = zone
        self._carriers: Mapping[Way, Carrier] = {}
        self._line_account = ""
        self._woken = threading.Event()
        self._tidied_s = float("-inf")

    # -- what may be asked for ----------------------------------------------------------------------

    def use(self, carriers: Mapping[Way, Carrier], line_account: str = "") -> None:
        """The ways of sending from now on; what waits for one that is new goes out at once."""
        self._carriers = dict(carriers)
        self._line_account = line_account
        for way in self._carriers:
            self._store.hurry(way, FOR_STAFF | UNREACHABLE, self._clock.now())
        self.wake()

    def ways(self) -> frozenset[Way]:
        """Those that are configured."""
        return frozenset(self._carriers)

    def ask(self, order_id: str, way: Way, address: str, intent: str = "") -> Sending:
        """Owes the buyer of a paid order a message with the link, and returns at once with how it stands.

        `intent` names what it is asked by, such as the id of a webhook event: of one there is never a second
        message. Raises KnownError MAIL_ADDRESS_INVALID, MAIL_NOT_CONFIGURED, MAIL_REFUSED (20 of this order
        went out), LINE_* likewise; ORDER_UNKNOWN, PHOTOS_DELETED, DATABASE_*, DISK_FULL.
        """
        if way not in self._carriers:
            raise KnownError(_NOT_CONFIGURED[way], f"Nothing can be sent by {way}.", "Set it up first.")
        address = checked_address(way, address)
        order = self._orders.to_send(order_id)
        for place in range(MOST_OF_AN_ORDER + 1):
            asked = self._new(order, way, address, f"{intent}|{place}")
            there = self._found(asked.sending_id)
            if there is None:
                if len(self._store.of_order(order_id)) >= MOST_OF_AN_ORDER:
                    break
                return self._owed(asked)
            if intent or self._is_same_intent(there):
                return there
        raise KnownError(
            _TOO_OFTEN[way],
            f"The order {order.order_code} was sent {MOST_OF_AN_ORDER} times.",
            "Its code opens it at the kiosk.",
        )

    def of_order(self, order_id: str) -> list[Sending]:
        """Its messages, the oldest first."""
        return self._store.of_order(order_id)

    def again(self, order_id: str) -> list[Sending]:
        """Tries all of an order's messages at once that are not out yet, also FAILED ones.

        Raises KnownError(SENDING_UNKNOWN) where there is none: the address of one that went out is not kept.
        """
        open_ones = [each for each in self._store.of_order(order_id) if each.address]
        tried = [each for each in map(self._made_due, open_ones) if each is not None]
        if not tried:
            raise _unknown()
        return tried

    def retry(self, sending_id: str) -> Sending:
        """Tries one at once that waits or has FAILED. Raises KnownError(SENDING_UNKNOWN) as `again`."""
        sending = self._store.get(sending_id)
        tried = self._made_due(sending) if sending.address else None
        if tried is None:
            raise _unknown()
        return tried

    def cancel(self, sending_id: str) -> None:
        """It is not sent, and its address forgotten; harmless where it is over. Raises SENDING_UNKNOWN."""
        sending = self._store.get(sending_id)
        if sending.state in (SendingState.WAITING, SendingState.FAILED):
            self._end(sending, SendingState.CANCELLED, sending.code)

    def give_up_on(self, line_user: str) -> None:
        """A LINE user blocked the account: what is not out for them has FAILED, and they are forgotten."""
        for sending in self._store.listed([SendingState.WAITING, SendingState.FAILED], most=10_000):
            if sending.way is Way.LINE and sending.address == line_user:
                blocked = replace(sending, address="")
                self._end(blocked, SendingState.FAILED, ErrorCode.LINE_BLOCKED.value)

    def line_entry_url(self, order_code: str) -> str | None:
        """For a QR: opens a chat with the official account in which the order's code stands ready to be sent.
        None where there is no LINE."""
        if Way.LINE not in self._carriers or not self._line_account:
            return None
        return line_entry_url(self._line_account, order_code)

    # -- the worker ---------------------------------------------------------------------------------

    def run(self, stop: threading.Event) -> None:
        """Until `stop`. Raises KnownError DATABASE_*, DISK_FULL: run it again."""
        while not stop.is_set():
            self._woken.clear()
            self.send_due(stop)
            self._woken.wait(_LOOK_EVERY_S)

    def wake(self) -> None:
        """There is something new to send."""
        self._woken.set()

    def send_due(self, stop: threading.Event | None = None) -> None:
        """Attempts all that is due now, the oldest first."""
        self._tidy()
        halted: dict[Way, KnownError] = {}
        for sending in self._store.due(self._clock.now()):
            if stop is not None and stop.is_set():
                return
            if sending.way in halted:
                self._put_off(sending, halted[sending.way])
                continue
            failed = self._attempt(sending)
            if failed is not None and (failed.code in UNREACHABLE or failed.code in FOR_STAFF):
                halted[sending.way] = failed

    def _attempt(self, sending: Sending) -> KnownError | None:
        """One attempt, and what became of it. What it failed of, if it failed."""
        now = self._clock.now()
        trying = replace(sending, attempts=sending.attempts + 1, due_at=now + LEASE, code="")
        if not self._store.update(trying, SendingState.WAITING):
            return None  # cancelled meanwhile
        trying = self._store.get(trying.sending_id)  # from here on it tells of no more photos
        try:
            order = self._orders.to_send(trying.order_id)
        except KnownError as gone:
            if gone.code not in _NO_LONGER:
                raise
            self._end(trying, SendingState.CANCELLED, gone.code.value)
            return None
        try:
            carrier = self._carriers.get(trying.way)
            if carrier is None:
                raise KnownError(_NOT_CONFIGURED[trying.way], f"Nothing can be sent by {trying.way}.")
            carrier.send(message_of(trying, order, self._zone))
        except KnownError as failed:
            self._failed(trying, failed)
            return failed
        self._end(trying, SendingState.SENT, "")
        self._store.hurry(trying.way, UNREACHABLE | FOR_STAFF, self._clock.now())
        return None

    def _failed(self, sending: Sending, failed: KnownError) -> None:
        _log.warning("not_sent", sending_id=sending.sending_id, way=sending.way, code=failed.code)
        waited = self._clock.now() - sending.created_at
        is_later = failed.code is ErrorCode.MAIL_LATER and waited < GIVES_UP_LATER
        is_halted = (failed.code in UNREACHABLE or failed.code in FOR_STAFF) and waited < GIVES_UP_WAITING
        if is_later or is_halted:
            self._put_off(sending, failed)
            return
        self._end(sending, SendingState.FAILED, failed.code.value)

    def _put_off(self, sending: Sending, failed: KnownError) -> None:
        is_later = failed.code is ErrorCode.MAIL_LATER
        first_s, longest_s = (
            (FIRST_LATER_S, LONGEST_LATER_S) if is_later else (FIRST_PAUSE_S, LONGEST_PAUSE_S)
        )
        pause = timedelta(seconds=pause_s(sending.attempts, first_s, longest_s))
        put_off = replace(sending, due_at=self._clock.now() + pause, code=failed.code.value)
        if self._store.update(put_off, SendingState.WAITING):
            self._bus.publish(SendingsChanged(sending.order_id))

    # -- the parts ----------------------------------------------------------------------------------

    def _new(self, order: OrderToSend, way: Way, address: str, intent: str) -> Sending:
        now = self._clock.now()
        named = f"{order.order_id}|{way}|{address.casefold()}|{intent}"
        return Sending(
            sending_id=hmac.digest(self._secret, named.encode(), "sha256").hex()[:32],
            order_id=order.order_id,
            order_code=order.order_code,
            way=way,
            purpose=Purpose.PHOTOS,
            language=order.language,
            state=SendingState.WAITING,
            created_at=now,
            due_at=now,
            address=address,
            shown_to=masked(way, address),
            photo_count=len(order.photo_ids),
        )

    def _owed(self, asked: Sending) -> Sending:
        """Stored; where another thread came first, that one's."""
        self._store.add(asked)
        self._bus.publish(SendingsChanged(asked.order_id))
        self.wake()
        return self._store.get(asked.sending_id)

    def _found(self, sending_id: str) -> Sending | None:
        try:
            return self._store.get(sending_id)
        except KnownError as error:
            if error.code is not ErrorCode.SENDING_UNKNOWN:
                raise
            return None

    def _is_same_intent(self, there: Sending) -> bool:
        if there.state is SendingState.WAITING:
            return True
        is_fresh = there.sent_at is not None and self._clock.now() - there.sent_at < SAME_INTENT
        return there.state is SendingState.SENT and is_fresh

    def _made_due(self, sending: Sending) -> Sending | None:
        due = replace(sending, state=SendingState.WAITING, due_at=self._clock.now(), code="")
        if not self._store.update(due, sending.state):
            return None
        self._bus.publish(SendingsChanged(sending.order_id))
        self.wake()
        return due

    def _end(self, sending: Sending, state: SendingState, code: str) -> None:
        before = sending.state
        is_sent = state is SendingState.SENT
        after = replace(
            sending,
            state=state,
            code=code,
            sent_at=self._clock.now() if is_sent else None,
            address=sending.address if state is SendingState.FAILED else "",
        )
        if self._store.update(after, before):
            _log.info("sending_over", sending_id=sending.sending_id, way=sending.way, state=state)
            self._bus.publish(SendingsChanged(sending.order_id))

    def _tidy(self) -> None:
        """Forgets addresses of what FAILED long ago."""
        now_s = self._clock.monotonic_s()
        if now_s - self._tidied_s >= _TIDY_EVERY_S:
            self._tidied_s = now_s
            self._store.forget_failed(self._clock.now() - FAILED_KEPT)


def _unknown() -> KnownError:
    return KnownError(
        ErrorCode.SENDING_UNKNOWN,
        "There is no message whose address is still known.",
        "Ask the buyer for the address and send it anew.",
    )
