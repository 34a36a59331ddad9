"""What visitors write to the LINE account, and what the kiosk does then."""

from __future__ import annotations

import re
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import structlog

from kiosk.clock import Clock
from kiosk.delivery.guess_limit import GuessLimit
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language, sentence
from kiosk.sending.courier import Courier
from kiosk.sending.types import OrdersToSend, OrderToSend, Way

_log = structlog.get_logger(__name__)

_CODE = re.compile(r"[A-Za-z0-9]{1,4}\s*-\s*[A-Za-z0-9]{4}(?![A-Za-z0-9])")
_MOST_EVENTS = 10_000
_MOST_GUESSES = 10
_GUESS_WINDOW_S = 600.0
_NO_ORDER = frozenset({ErrorCode.ORDER_UNKNOWN, ErrorCode.ORDER_CODE_TWICE})


class LineEventKind(StrEnum):
    """Those of the webhook's events that mean something here."""

    MESSAGE = "message"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"


@dataclass(frozen=True, slots=True)
class LineEvent:
    """An event of the webhook. `reply_token` answers it once; `text` is empty unless somebody wrote some."""

    event_id: str
    kind: LineEventKind
    user_id: str = field(repr=False)
    reply_token: str = field(default="", repr=False)
    text: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class LineReply:
    """What is answered to an event."""

    reply_token: str = field(repr=False)
    text: str


class LineWishes(Protocol):
    """News of later photos (`kiosk.sending.new_photos.NewPhotos`)."""

    def line_known(self, order_id: str, line_user: str) -> None:
        """Where the buyer of an order is told of them, if they wished so by LINE."""
        ...

    def line_lost(self, line_user: str) -> None:
        """Somebody blocked the account: nothing is looked for any more that could only be told there."""
        ...


class LineDesk:
    """Takes events of the webhook; any thread. Each is taken once, however often it comes.

    Somebody who sends the code of a paid order gets its link, and hears of new photos where they wished so
    by LINE. Ten codes that are none within ten minutes bar a user for a while: whoever guesses gets no
    further than at the kiosk itself. Who an event is from is stored only where something is to be sent.
    """

    def __init__(self, orders: OrdersToSend, courier: Courier, wishes: LineWishes, clock: Clock) -> None:
        self._orders = orders
        self._courier = courier
        self._wishes = wishes
        self._guesses = GuessLimit(clock, _MOST_GUESSES, _GUESS_WINDOW_S)
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, event: LineEvent) -> LineReply | None:
        """Does what the event asks for, and returns what is to be said; None for nothing.

        Raises KnownError DATABASE_*, DISK_FULL: then LINE is to bring the event once more.
        """
        if not self._is_first(event.event_id):
            return None
        try:
            return self._done(event)
        except BaseException:
            self._forget(event.event_id)
            raise

    def _done(self, event: LineEvent) -> LineReply | None:
        if event.kind is LineEventKind.UNFOLLOW:
            self._courier.give_up_on(event.user_id)
            self._wishes.line_lost(event.user_id)
            return None
        if event.kind is LineEventKind.FOLLOW:
            return _said(event, "line.reply.welcome")
        if not event.text:
            return None
        if self._guesses.wait_s(event.user_id) > 0:
            return _said(event, "line.reply.slow")
        return self._send(event)

    def _send(self, event: LineEvent) -> LineReply | None:
        try:
            order = self._order(event.text)
            self._courier.ask(order.order_id, Way.LINE, event.user_id, intent=event.event_id)
        except KnownError as refused:
            return self._refused(event, refused)
        self._wishes.line_known(order.order_id, event.user_id)
        return None  # the message itself is the answer

    def _order(self, text: str) -> OrderToSend:
        code = _CODE.search(text)
        return self._orders.to_send_by_code(code.group() if code else text)

    def _refused(self, event: LineEvent, refused: KnownError) -> LineReply | None:
        if refused.code in _NO_ORDER:
            self._guesses.note_miss(event.user_id)
            return _said(event, "line.reply.unknown")
        if refused.code is ErrorCode.PHOTOS_DELETED:
            return _said(event, "line.reply.deleted")
        if refused.code in (ErrorCode.LINE_REFUSED, ErrorCode.LINE_NOT_CONFIGURED):
            _log.warning("line_code_not_served", code=refused.code)
            return _said(event, "line.reply.failed")
        raise refused

    def _is_first(self, event_id: str) -> bool:
        with self._lock:
            if event_id in self._taken:
                return False
            self._taken[event_id] = None
            while len(self._taken) > _MOST_EVENTS:
                self._taken.popitem(last=False)
            return True

    def _forget(self, event_id: str) -> None:
        with self._lock:
            self._taken.pop(event_id, None)


def _said(event: LineEvent, key: str) -> LineReply | None:
    """In both languages: nobody's is known before there is an order."""
    if not event.reply_token:
        return None
    both = (sentence(language, key) for language in (Language.THAI, Language.ENGLISH))
    return LineReply(event.reply_token, "\n\n".join(both))
