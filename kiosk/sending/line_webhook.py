"""The webhook of the LINE account: where LINE tells what visitors write to it.

Protocol: https://developers.line.biz/en/docs/messaging-api/receiving-messages/ (signature: HMAC-SHA256 of the
body, keyed by the channel secret, base64).
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Protocol

import structlog
from fastapi import APIRouter, Header, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response

from kiosk.errors import ErrorCode, KnownError
from kiosk.sending.line_desk import LineDesk, LineEvent, LineEventKind, LineReply

_log = structlog.get_logger(__name__)

_LARGEST_BYTES = 256_000
_MOST_EVENTS = 100
_KINDS = frozenset(kind.value for kind in LineEventKind)


class Replier(Protocol):
    """Answers events (`kiosk.sending.line.LineCarrier`)."""

    def reply(self, reply_token: str, text: str) -> None: ...


class _Part(BaseModel):
    """Whatever else LINE adds is left aside, as its guidelines ask."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class _Source(_Part):
    type: str = ""
    user_id: Annotated[str, Field(alias="userId", max_length=64)] = ""


class _Message(_Part):
    type: str = ""
    text: str = ""


class _Event(_Part):
    type: str
    webhook_event_id: Annotated[str, Field(alias="webhookEventId", max_length=64)]
    mode: str = "active"
    source: _Source = _Source()
    reply_token: Annotated[str, Field(alias="replyToken", max_length=128)] = ""
    message: _Message = _Message()


class _Events(_Part):
    events: Annotated[tuple[_Event, ...], Field(max_length=_MOST_EVENTS)] = ()


@dataclass(frozen=True, slots=True)
class LineAccount:
    """The account that LINE tells of: who answers for it, and the secret that LINE signs with."""

    replier: Replier
    channel_secret: str = field(repr=False)


def line_webhook(desk: LineDesk, account: Callable[[], LineAccount | None]) -> APIRouter:
    """`POST /line/webhook`, for `kiosk.delivery.phone_app.make_phone_app`. LINE reaches it where the kiosk
    has a public address. It is answered before anything is said to the visitor. `account` is asked each time,
    for it is set up and changed while the kiosk runs; without one there is nothing."""
    router = APIRouter()

    async def webhook(request: Request, x_line_signature: Annotated[str, Header()] = "") -> Response:
        line = account()
        if line is None:
            return PlainTextResponse("not found", 404)
        body = await _body(request)
        if body is None:
            return PlainTextResponse("too large", 413)
        try:
            check_signature(body, x_line_signature, line.channel_secret)
            events = _Events.model_validate_json(body)
        except KnownError as forged:
            _log.warning("webhook_refused", code=forged.code)
            return PlainTextResponse("forbidden", 403)
        except ValidationError:
            _log.warning("webhook_not_understood")
            return PlainTextResponse("not understood", 400)
        replies = await run_in_threadpool(_take_all, desk, events)
        return PlainTextResponse("ok", background=BackgroundTask(_say_all, line.replier, replies))

    router.add_api_route("/line/webhook", webhook, methods=["POST"], response_model=None)
    return router


def check_signature(body: bytes, signature: str, channel_secret: str) -> None:
    """Raises KnownError(WEBHOOK_FORGED) for a body that LINE did not sign. Its duration tells nothing."""
    right = signature_of(body, channel_secret)
    if not hmac.compare_digest(right.encode(), signature.encode("utf-8", "replace")):
        raise KnownError(
            ErrorCode.WEBHOOK_FORGED,
            "A message to the LINE webhook is not signed by LINE.",
            "If LINE gets no answers, compare line_secret with the channel secret at LINE.",
        )


def signature_of(body: bytes, channel_secret: str) -> str:
    """As LINE signs."""
    return base64.b64encode(hmac.digest(channel_secret.encode(), body, "sha256")).decode()


async def _body(request: Request) -> bytes | None:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LARGEST_BYTES:
            return None
    return body


def _take_all(desk: LineDesk, events: _Events) -> list[LineReply]:
    replies = (desk.take(_event(event)) for event in events.events if _is_ours(event))
    return [reply for reply in replies if reply is not None]


def _is_ours(event: _Event) -> bool:
    """One person's own chat, and an account that is not answered by somebody else at the moment."""
    return event.type in _KINDS and event.mode == "active" and event.source.type == "user"


def _event(event: _Event) -> LineEvent:
    text = event.message.text if event.message.type == "text" else ""
    return LineEvent(
        event_id=event.webhook_event_id,
        kind=LineEventKind(event.type),
        user_id=event.source.user_id,
        reply_token=event.reply_token,
        text=text,
    )


def _say_all(replier: Replier, replies: list[LineReply]) -> None:
    """One that does not get through is not said again: its token is good for a minute."""
    for reply in replies:
        try:
            replier.reply(reply.reply_token, reply.text)
        except KnownError as failed:
            _log.warning("line_reply_failed", code=failed.code)
