"""Telling kiosks at once that there is something new: one look at the database for all who listen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field

import anyio
import anyio.to_thread
import structlog

from kiosk.central.principal import Principal
from kiosk.errors import KnownError

_log = structlog.get_logger(__name__)

LOOK_EVERY_S = 0.3
MOST_STREAMS = 3
"""Of one device. A kiosk whose link broke comes again before the centre knows: its oldest one ends then."""
_REST_AFTER_FAILURE_S = 2.0


@dataclass(eq=False, slots=True)
class _Listener:
    """Somebody who hears of a tenant's newest revision; `None` until it is known, `is_over` when they are to
    hear no more."""

    device_id: str
    tenant_id: str
    revision: int | None = None
    is_over: bool = False
    news: asyncio.Event = field(default_factory=asyncio.Event)


class RevisionNews:
    """The newest revisions of the tenants, for any number of listeners of one event loop.

    Lives on that loop. While somebody listens one task asks for all tenants at once, every `every_s`; it ends
    with the last listener. A database that does not answer is asked again: who listens waits, and goes on
    asking for pages by itself meanwhile.
    """

    def __init__(
        self, last_revisions: Callable[[], Mapping[str, int]], every_s: float = LOOK_EVERY_S
    ) -> None:
        self._last_revisions = last_revisions
        self._every_s = every_s
        self._listeners: list[_Listener] = []
        self._asking: asyncio.Task[None] | None = None
        self._one_at_a_time = anyio.CapacityLimiter(1)
        self._is_ended = False

    async def listen(self, principal: Principal, lasts_s: float) -> AsyncIterator[int]:
        """The newest revision of the caller's tenant, at once and at every change; the last one where several
        came. Ends after `lasts_s`, with `end`, or when the device has begun `MOST_STREAMS` newer ones."""
        listener = _Listener(principal.subject, principal.tenant_id)
        self._admit(listener)
        until = asyncio.get_running_loop().time() + lasts_s
        try:
            while not self._is_ended and await _has_news(listener, until):
                if listener.revision is not None:
                    yield listener.revision
        finally:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def end(self) -> None:
        """Every stream ends; to be called on the loop, when the server stops."""
        self._is_ended = True
        for listener in self._listeners:
            _send_off(listener)

    def _admit(self, listener: _Listener) -> None:
        of_device = [one for one in self._listeners if one.device_id == listener.device_id]
        for oldest in of_device[: max(0, len(of_device) - MOST_STREAMS + 1)]:
            self._listeners.remove(oldest)
            _send_off(oldest)
        self._listeners.append(listener)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.get_running_loop().create_task(self._ask())

    async def _ask(self) -> None:
        while self._listeners:
            try:
                last = await anyio.to_thread.run_sync(self._last_revisions, limiter=self._one_at_a_time)
            except KnownError as failed:
                _log.warning("revisions_not_read", code=failed.code)
                await asyncio.sleep(_REST_AFTER_FAILURE_S)
                continue
            for listener in self._listeners:
                revision = last.get(listener.tenant_id, 0)
                if revision != listener.revision:
                    listener.revision = revision
                    listener.news.set()
            await asyncio.sleep(self._every_s)


async def _has_news(listener: _Listener, until: float) -> bool:
    """Waits for news; False when there will be none any more."""
    try:
        async with asyncio.timeout_at(until):
            await listener.news.wait()
    except TimeoutError:
        return False
    listener.news.clear()
    return not listener.is_over


def _send_off(listener: _Listener) -> None:
    listener.is_over = True
    listener.news.set()
