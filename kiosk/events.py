"""The bus on which rooms tell what happened; each room defines its own events (past tense)."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable
from typing import Any, TypeVar

import structlog

_log = structlog.get_logger(__name__)


class Event:
    """Base of all events. Subclasses are frozen dataclasses and hold no face, embedding or secret."""

    __slots__ = ()


E = TypeVar("E", bound=Event)


class EventBus:
    """Hands each published event to the subscribers of its exact type.

    Thread-safe. A handler runs on the publisher's thread and must return at once; one that raises is logged
    and does not keep the others from hearing.
    """

    def __init__(self) -> None:
        self._handlers: dict[type[Event], list[Callable[[Any], None]]] = defaultdict(list)
        self._lock = threading.Lock()

    def subscribe(self, kind: type[E], handler: Callable[[E], None]) -> Callable[[], None]:
        """Calls `handler` with every event of `kind` from now on; returns the function that ends it."""
        with self._lock:
            self._handlers[kind].append(handler)

        def unsubscribe() -> None:
            with self._lock:
                if handler in self._handlers[kind]:
                    self._handlers[kind].remove(handler)

        return unsubscribe

    def publish(self, event: Event) -> None:
        """Tells every subscriber of the event's type, in the order in which they subscribed."""
        with self._lock:
            handlers = list(self._handlers[type(event)])
        for handler in handlers:
            try:
                handler(event)
            except Exception:  # noqa: BLE001 - one bad listener must not silence the rest
                _log.exception("event_handler_failed", event_type=type(event).__name__)
