"""How kiosks synchronise: they pull changes by cursor, are told that there are some, and tell their own."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from sse_starlette import EventSourceResponse, ServerSentEvent

from kiosk.central.api.guard import Guard
from kiosk.central.centre import Centre
from kiosk.central.deletions import with_deletions
from kiosk.central.feed import RevisionNews
from kiosk.central.inbox import Inbox
from kiosk.central.principal import Principal, Role
from kiosk.central.taking import handlers
from kiosk.database.feed import MOST_CHANGES, SqlFeed
from kiosk.database.voucher_holds import follow_order
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.wire import PAGE_TYPE, PROTOCOL, Answers, Messages

_KEEP_ALIVE_S = 15
_GREATEST = 2**63 - 1

Protocol = Annotated[int, Query(ge=0, le=10**6, description="What the caller speaks.")]
Cursor = Annotated[int, Query(ge=0, le=_GREATEST, description="That of the last page; 0 for all there is.")]
Limit = Annotated[int, Query(ge=1, le=MOST_CHANGES, description="So many changes at most.")]


def router(centre: Centre, guard: Guard) -> APIRouter:
    """The paths of this part."""
    routes = APIRouter(prefix="/api/sync", tags=["sync"])
    feed = SqlFeed(centre.database)
    news = RevisionNews(feed.last_revisions)
    centre.endings.add(news.end)
    inbox = Inbox(centre, with_deletions(handlers(follow_order)))
    device = Depends(guard.allow(Role.DEVICE))

    @routes.get(
        "/changes",
        response_class=Response,
        responses={200: {"content": {PAGE_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
    )
    def changes(
        cursor: Cursor = 0,
        limit: Limit = MOST_CHANGES,
        protocol: Protocol = PROTOCOL,
        principal: Principal = device,
    ) -> Response:
        """A page of what changed since a cursor, in MessagePack (`kiosk.sync.wire.Page`). A page ends at its
        limit or at some megabytes; `has_more` says that there is another one."""
        check_protocol(protocol)
        return Response(feed.page(principal.tenant_id, cursor, limit).data, media_type=PAGE_TYPE)

    @routes.get(
        "/stream",
        response_class=EventSourceResponse,
        responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
    )
    async def stream(protocol: Protocol = PROTOCOL, principal: Principal = device) -> EventSourceResponse:
        """Server-sent events: `revision` with `{"revision": n}`, at once and whenever there is something new.
        It lasts as long as an access token; then the caller connects again."""
        check_protocol(protocol)

        async def events() -> AsyncIterator[ServerSentEvent]:
            async for revision in news.listen(principal, centre.settings.access.access_s):
                yield ServerSentEvent(json.dumps({"revision": revision}), event="revision")

        return EventSourceResponse(events(), ping=_KEEP_ALIVE_S)

    @routes.post("/messages")
    def messages(told: Messages, principal: Principal = device) -> Answers:
        """Takes what a kiosk tells, in its order, and answers each message; the same one is taken once."""
        check_protocol(told.protocol)
        return Answers(answers=tuple(inbox.take(principal, told.messages)))

    return routes


def check_protocol(protocol: int) -> None:
    """Raises KnownError CENTRE_NEWER or CENTRE_OLDER for a kiosk that speaks another protocol."""
    if protocol < PROTOCOL:
        raise KnownError(
            ErrorCode.CENTRE_NEWER,
            f"The kiosk speaks protocol {protocol}, the centre {PROTOCOL}: the kiosk is older.",
            "Update the kiosk.",
        )
    if protocol > PROTOCOL:
        raise KnownError(
            ErrorCode.CENTRE_OLDER,
            f"The kiosk speaks protocol {protocol}, the centre {PROTOCOL}: the centre is older.",
            "Update the centre.",
        )
