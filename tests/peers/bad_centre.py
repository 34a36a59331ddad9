"""What a kiosk may find in its centre's place: a real HTTP server that passes on to one, or spoils."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

import msgpack
import requests

from tests.peers.processes import LOOPBACK

CHANGES = "/api/sync/changes"
STREAM = "/api/sync/stream"
_HOP = {"host", "connection", "transfer-encoding", "content-length", "date", "server"}
_TIMEOUT_S = 10


class BadCentre:
    """Runs inside the `with` block at `url`. `fault` is the name of what it does to every answer; empty for
    passing on. News are not pushed: its stream is refused."""

    def __init__(self, target: str) -> None:
        """`target` is the real centre's address."""
        self.target = target
        self.fault = ""
        self._server = _Server((LOOPBACK, 0), _Handler)
        self._server.centre = self
        self.url = f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def __enter__(self) -> BadCentre:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    centre: BadCentre


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("Content-Length", 0))))

    def log_message(self, *_: object) -> None:
        """Nothing."""

    def _answer(self, body: bytes) -> None:
        fault = self.server.centre.fault
        if fault in _INSTEAD:
            self._send(*_INSTEAD[fault])
        elif self.path.startswith(STREAM):
            self._send(503, {"Content-Type": "text/plain"}, b"no stream here")
        else:
            self._pass_on(body, fault)

    def _pass_on(self, body: bytes, fault: str) -> None:
        kept = {name: value for name, value in self.headers.items() if name.lower() not in _HOP}
        answer = requests.request(
            self.command,
            f"{self.server.centre.target}{self.path}",
            data=body or None,
            headers=kept,
            timeout=_TIMEOUT_S,
            allow_redirects=False,
        )
        content = answer.content
        if self.path.startswith(CHANGES) and answer.status_code == 200 and fault in _SPOILED:
            content = _SPOILED[fault](content)
        headers = {name: value for name, value in answer.headers.items() if name.lower() not in _HOP}
        self._send(answer.status_code, headers, content)

    def _send(self, status: int, headers: dict[str, str], body: bytes) -> None:
        off = timedelta(hours=5) if self.server.centre.fault == "clock" else timedelta()
        self.send_response_only(status)
        self.send_header("Date", format_datetime(datetime.now(UTC) + off, usegmt=True))
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _with_protocol(more: int) -> Callable[[bytes], bytes]:
    def spoil(page: bytes) -> bytes:
        told = msgpack.unpackb(page)
        packed: bytes = msgpack.packb({**told, "protocol": told["protocol"] + more})
        return packed

    return spoil


def _error(code: str, next_step: str) -> bytes:
    return f'{{"error": {{"code": "{code}", "detail": "No.", "next_step": "{next_step}"}}}}'.encode()


_HTML = {"Content-Type": "text/html"}
_JSON = {"Content-Type": "application/json"}
_INSTEAD: dict[str, tuple[int, dict[str, str], bytes]] = {
    "login page": (200, _HTML, b"<html>Welcome to the hotel</html>"),
    "redirect": (302, {**_HTML, "Location": "http://login.hotel.example/"}, b"<html>See there</html>"),
    "failing": (500, {"Content-Type": "text/plain"}, b"Internal Server Error"),
    "expired": (401, _JSON, _error("N-102", "Log in again.")),
    "busy": (429, {**_JSON, "Retry-After": "1"}, _error("N-111", "")),
    "garbage": (200, _JSON, b'{"half": '),
}
_SPOILED: dict[str, Callable[[bytes], bytes]] = {
    "newer": _with_protocol(1),
    "older": _with_protocol(-1),
    "truncated": lambda page: page[: len(page) // 2],
}
