"""A peer over real HTTP that answers as a test says: pages, errors, silence, half an answer, another host."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

TOKENS = {"access_token": "first", "refresh_token": "again", "expires_in": 900}


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Say:
    """An answer. `cut_at` ends the connection after so many bytes; `hangs` says nothing until the peer
    ends."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    cut_at: int | None = None
    hangs: bool = False


def say_json(value: object, status: int = 200, **headers: str) -> Say:
    return Say(status, json.dumps(value).encode(), {"Content-Type": "application/json", **headers})


def say_error(code: str, status: int, **headers: str) -> Say:
    return say_json({"error": {"code": code, "detail": "why", "next_step": "what"}}, status, **headers)


def say_html(status: int = 200) -> Say:
    return Say(status, b"<html>Welcome to the hotel</html>", {"Content-Type": "text/html; charset=utf-8"})


Answerer = Callable[[Asked], Say]


class ScriptedPeer:
    """At `url` inside the `with` block. `script` answers by the path without its query, the most particular
    beginning first; a list is answered one by one, its last over and over. Logins succeed unless scripted."""

    def __init__(
        self,
        script: Mapping[str, Answerer | Say | list[Say]] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.script: dict[str, Answerer | Say | list[Say]] = dict(script or {})
        self.asked: list[Asked] = []
        self._over = threading.Event()
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
        scheme = "https" if tls else "http"
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{scheme}://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> ScriptedPeer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()

    def asked_of(self, path: str) -> list[Asked]:
        """Those whose path begins so, in their order."""
        with self._lock:
            return [each for each in self.asked if each.path.startswith(path)]

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        asked = Asked(handler.command, handler.path, dict(handler.headers), handler.rfile.read(length))
        with self._lock:
            self.asked.append(asked)
            said = self._said(asked)
        if callable(said):
            said = said(asked)
        if said.hangs:
            self._over.wait(60)
            return
        with suppress(OSError):
            _send(handler, said)

    def _said(self, asked: Asked) -> Answerer | Say:
        path = asked.path.partition("?")[0]
        fitting = [begin for begin in self.script if path.startswith(begin)]
        if not fitting:
            return say_json(TOKENS) if path.startswith("/api/auth/") else say_error("N-123", 404)
        said = self.script[max(fitting, key=len)]
        if isinstance(said, list):
            return said.pop(0) if len(said) > 1 else said[0]
        return said


def _send(handler: BaseHTTPRequestHandler, said: Say) -> None:
    handler.send_response_only(said.status)
    for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(said.body if said.cut_at is None else said.body[: said.cut_at])
    handler.wfile.flush()
    if said.cut_at is not None:
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)
