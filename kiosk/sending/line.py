"""LINE: messages by the Messaging API of an official account.

Protocol: https://developers.line.biz/en/reference/messaging-api/ and its guide to retrying requests.
"""

from __future__ import annotations

import json
import time
import uuid
from urllib.parse import quote, urlsplit

import requests

from kiosk.errors import ErrorCode, KnownError
from kiosk.hosts import is_loopback
from kiosk.sending.types import Message

_CONNECT_S = 5.0
_ANSWER_S = 10.0
_LARGEST_ANSWER_BYTES = 100_000
_LONGEST_TEXT = 5000  # of a text message, in UTF-16 units
_MONTH_IS_OVER = "monthly limit"

_NOT_FOUND = 404
_ALREADY_ACCEPTED = 409
_TOO_MANY = 429


def line_entry_url(account: str, order_code: str) -> str:
    """Opens a chat with the official account (such as "@photos"), the order's code typed already.

    https://developers.line.biz/en/docs/messaging-api/using-line-url-scheme/
    """
    return f"https://line.me/R/oaMessage/{quote(account, safe='')}/?{quote(order_code, safe='')}"


class LineCarrier:
    """Pushes text messages to LINE users; any thread. A call takes 20 s at most.

    `push` to somebody who blocked the account is answered as if it went out, so who they are is asked first:
    of those who blocked it there is no profile. A message is pushed with its id as retry key: LINE takes it
    once, however often it comes within 24 h.
    """

    def __init__(self, api_url: str, token: str) -> None:
        """`token` is the channel access token. Raises KnownError(SETTING_INVALID) for an address without TLS
        that is not of this machine."""
        if urlsplit(api_url).scheme != "https" and not is_loopback(urlsplit(api_url).hostname or ""):
            raise KnownError(
                ErrorCode.SETTING_INVALID, "line.api_url is not encrypted.", "Let it begin with https://."
            )
        self._url = api_url.rstrip("/")
        self._token = token

    def send(self, message: Message) -> None:
        """As `kiosk.sending.types.Carrier`."""
        status, _ = self._call("GET", f"/v2/bot/profile/{quote(message.to, safe='')}")
        if status == _NOT_FOUND:
            raise KnownError(
                ErrorCode.LINE_BLOCKED,
                "This LINE user blocked the account, or is none any more.",
                "Ask the buyer for another way, or to unblock the account.",
            )
        _check(status)
        retry_key = {"X-Line-Retry-Key": str(uuid.UUID(message.message_id))}
        body = {"to": message.to, "messages": [_text(message.text)]}
        status, said = self._call("POST", "/v2/bot/message/push", body, retry_key)
        if status != _ALREADY_ACCEPTED:
            _check(status, said)

    def check(self) -> None:
        """Whether LINE is there and takes the token (it tells of the account then); sends nothing. Raises
        KnownError LINE_*."""
        _check(*self._call("GET", "/v2/bot/info"))

    def reply(self, reply_token: str, text: str) -> None:
        """Answers an event of the webhook, once, within a minute of it. Raises KnownError LINE_*."""
        body = {"replyToken": reply_token, "messages": [_text(text)]}
        _check(*self._call("POST", "/v2/bot/message/reply", body))

    def _call(
        self, method: str, path: str, body: object = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str]:
        """The status and what was said with it. Raises KnownError(LINE_UNREACHABLE)."""
        deadline_s = time.monotonic() + _ANSWER_S
        try:
            with requests.request(
                method,
                self._url + path,
                json=body,
                headers={"Authorization": f"Bearer {self._token}", **(headers or {})},
                timeout=(_CONNECT_S, _ANSWER_S / 2),
                allow_redirects=False,
                stream=True,
            ) as response:
                return response.status_code, _said(response, deadline_s)
        except (requests.RequestException, OSError) as failed:
            raise _unreachable(type(failed).__name__) from None  # its text holds the user's id


def _said(response: requests.Response, deadline_s: float) -> str:
    """The reason in the answer's body, for what is decided by it; never shown or logged."""
    content = bytearray()
    for piece in response.iter_content(4096):
        content += piece
        if len(content) > _LARGEST_ANSWER_BYTES or time.monotonic() > deadline_s:
            raise _unreachable("its answer does not end")
    try:
        answer = json.loads(content or b"{}")
    except ValueError:
        return ""
    return str(answer.get("message", "")) if isinstance(answer, dict) else ""


def _check(status: int, said: str = "") -> None:
    if 200 <= status < 300:
        return
    if status in (401, 403):
        raise KnownError(
            ErrorCode.LINE_TOKEN_REFUSED,
            f"LINE does not accept the channel access token (HTTP {status}).",
            "Issue one in the LINE Developers Console and set it with: kiosk secret line_token",
        )
    if status == _TOO_MANY and _MONTH_IS_OVER in said.lower():
        raise _refused("the account's messages of this month are used up", "Choose a greater plan at LINE.")
    if status < 400 or status in (408, _TOO_MANY) or status >= 500:  # below 400 somebody is in between
        raise _unreachable(f"it answered with HTTP {status}")
    raise _refused(f"it answered with HTTP {status}", "Try again; should it come back, look at the account.")


def _text(text: str) -> dict[str, str]:
    return {"type": "text", "text": text[:_LONGEST_TEXT]}


def _refused(why: str, next_step: str) -> KnownError:
    return KnownError(ErrorCode.LINE_REFUSED, f"LINE does not take the message: {why}.", next_step)


def _unreachable(why: str) -> KnownError:
    return KnownError(
        ErrorCode.LINE_UNREACHABLE, f"LINE cannot be reached: {why}.", "It is tried again by itself."
    )
