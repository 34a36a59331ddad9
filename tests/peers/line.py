"""A peer that speaks LINE's Messaging API as it is documented, on this machine, with bad days on demand; and
that tells a kiosk's webhook what users do.

https://developers.line.biz/en/reference/messaging-api/
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
import uuid
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

import requests

TOKEN = "eyJrandom/42+token="
SECRET = "channel secret"
ACCOUNT = "@photos"
_RETRY_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def line_user(number: int) -> str:
    """The id of a user, as LINE writes them."""
    return f"U{number:032x}"


@dataclass
class Delivered:
    """What a user has in their chat."""

    to: str
    text: str


@dataclass
class LinePeer:
    """Runs inside its `with` block. `answers` are statuses, with the message of each, that the next pushes
    are answered with; DROPS in their place takes the push and ends the connection without an answer."""

    DROPS = (0, "")

    delivered: list[Delivered] = field(default_factory=list)
    replies: list[str] = field(default_factory=list)
    answers: deque[tuple[int, str]] = field(default_factory=deque)
    blocked: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    token: str = TOKEN

    def __enter__(self) -> LinePeer:
        self._accepted: dict[str, str] = {}
        self._reply_tokens: dict[str, str] = {}
        self._lock = threading.Lock()
        peer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                peer._answer(self)

            def do_POST(self) -> None:
                peer._answer(self)

            def log_message(self, *_: object) -> None:
                """Tests say what they saw."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    # -- what users do ------------------------------------------------------------------------------

    def event(self, kind: str, user: str, text: str = "", **other: Any) -> dict[str, Any]:
        """An event of the webhook, with a reply token that is good once."""
        made: dict[str, Any] = {
            "type": kind,
            "mode": "active",
            "timestamp": 1700000000000,
            "source": {"type": "user", "userId": user},
            "webhookEventId": uuid.uuid4().hex[:26].upper(),
            "deliveryContext": {"isRedelivery": False},
        }
        if kind != "unfollow":
            made["replyToken"] = uuid.uuid4().hex
            self._reply_tokens[made["replyToken"]] = user
        if kind == "message":
            made["message"] = {"type": "text", "id": "444", "quoteToken": "q", "text": text}
        if kind == "unfollow":
            self.blocked.add(user)
        if kind == "follow":
            self.blocked.discard(user)
        return {**made, **other}

    def tell(self, webhook_url: str, *events: dict[str, Any], secret: str = SECRET) -> requests.Response:
        """Posts events, signed, and asks for the answer."""
        body = json.dumps({"destination": "Ubot", "events": list(events)}, ensure_ascii=False).encode()
        digest = hmac.new(secret.encode(), body, hashlib.sha256).digest()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Line-Signature": base64.b64encode(digest).decode(),
        }
        return requests.post(webhook_url, data=body, headers=headers, timeout=10)

    def texts_of(self, user: str) -> list[str]:
        """What stands in a user's chat, pushed or replied."""
        return [each.text for each in self.delivered if each.to == user]

    # -- the API ------------------------------------------------------------------------------------

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        with self._lock:
            self.asked.append(f"{handler.command} {handler.path}")
            said = self._said(handler, body)
        if said is None:
            handler.close_connection = True
            return
        status, answer, headers = said
        data = json.dumps(answer).encode()
        handler.send_response(status)
        for name, value in {"X-Line-Request-Id": str(uuid.uuid4()), **headers}.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)

    def _said(
        self, handler: BaseHTTPRequestHandler, body: bytes
    ) -> tuple[int, dict[str, Any], dict[str, str]] | None:
        if handler.headers.get("Authorization") != f"Bearer {self.token}":
            return 401, {"message": "Authentication failed. Confirm that the access token is valid."}, {}
        if handler.command == "GET" and handler.path == "/v2/bot/info":
            return 200, {"basicId": ACCOUNT, "displayName": "Photos", "chatMode": "bot"}, {}
        if handler.command == "GET" and handler.path.startswith("/v2/bot/profile/"):
            return self._profile(handler.path.rpartition("/")[2])
        if handler.command == "POST" and handler.path == "/v2/bot/message/push":
            return self._push(handler.headers.get("X-Line-Retry-Key"), body)
        if handler.command == "POST" and handler.path == "/v2/bot/message/reply":
            return self._reply(handler.headers.get("X-Line-Retry-Key"), body)
        return 404, {"message": "Not found"}, {}

    def _profile(self, user: str) -> tuple[int, dict[str, Any], dict[str, str]]:
        if user in self.blocked:
            return 404, {"message": "Not found"}, {}
        return 200, {"userId": user, "displayName": "Somchai", "language": "th"}, {}

    def _push(self, retry_key: str | None, body: bytes) -> tuple[int, dict[str, Any], dict[str, str]] | None:
        if retry_key is not None and _RETRY_KEY.fullmatch(retry_key) is None:
            return 400, {"message": "The retry key is invalid"}, {}
        answer = self.answers.popleft() if self.answers else (200, "")
        if answer not in ((200, ""), self.DROPS):
            return answer[0], {"message": answer[1]}, {}
        asked = json.loads(body)
        wrong = _wrong(asked.get("messages"))
        if wrong:
            return 400, {"message": wrong}, {}
        if retry_key in self._accepted:
            accepted = {"X-Line-Accepted-Request-Id": self._accepted[retry_key]}
            return 409, {"message": "The retry key is already accepted"}, accepted
        if retry_key:
            self._accepted[retry_key] = str(uuid.uuid4())
        if asked["to"] not in self.blocked:  # to others it is answered in the same way
            self.delivered += [Delivered(asked["to"], each["text"]) for each in asked["messages"]]
        return None if answer == self.DROPS else (200, {"sentMessages": [{"id": "461230966842064897"}]}, {})

    def _reply(self, retry_key: str | None, body: bytes) -> tuple[int, dict[str, Any], dict[str, str]]:
        asked = json.loads(body)
        user = self._reply_tokens.pop(asked.get("replyToken"), None)
        wrong = _wrong(asked.get("messages"))
        if retry_key is not None or user is None or wrong:
            return 400, {"message": wrong or "Invalid reply token"}, {}
        self.replies += [each["text"] for each in asked["messages"]]
        self.delivered += [Delivered(user, each["text"]) for each in asked["messages"]]
        return 200, {"sentMessages": [{"id": "461230966842064898"}]}, {}


def _wrong(messages: Any) -> str:
    """What the API says against a request's messages; empty for nothing."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= 5:
        return "Size must be between 1 and 5"
    is_text = all(
        each.get("type") == "text" and 0 < len(str(each.get("text", "")).encode("utf-16-le")) <= 10_000
        for each in messages
    )
    return "" if is_text else "The request body has 1 error(s)"
