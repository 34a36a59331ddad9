"""A real HTTP server that gives photos' files as a centre does, and fails on demand."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType

from kiosk.photos.types import PreviewSize


class FileCentre:
    """Runs inside the `with` block at `url`. `files` are bodies by path; `faults` what the next answers of a
    path are instead: truncated, wrong, unsigned, missing, failed, busy, login_page. `stop` and `start` are a
    network that goes and comes back. `asked` counts questions by path, `most_at_once` how many ran together.
    """

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: dict[str, deque[str]] = defaultdict(deque)
        self.every_fault = ""
        self.delay_s = 0.0
        self.asked: dict[str, int] = defaultdict(int)
        self.order: list[str] = []
        self.most_at_once = 0
        self._now = 0
        self._lock = threading.Lock()
        self._port = 0
        self._server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def add_preview(self, photo_id: str, size: PreviewSize, data: bytes) -> None:
        self.files[f"/api/photos/{photo_id}/preview/{size}"] = data

    def add_original(self, photo_id: str, data: bytes) -> None:
        self.files[f"/api/photos/{photo_id}/original"] = data

    def start(self) -> None:
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.centre = self
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def __enter__(self) -> FileCentre:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def begin(self, path: str) -> str:
        """A question has come; the fault that its answer has."""
        with self._lock:
            self.asked[path] += 1
            self.order.append(path)
            self._now += 1
            self.most_at_once = max(self.most_at_once, self._now)
            faults = self.faults[path]
            return faults.popleft() if faults else self.every_fault

    def end(self) -> None:
        with self._lock:
            self._now -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    centre: FileCentre


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    # One answer a connection: a stopped server is then really silent.
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        centre = self.server.centre
        fault = centre.begin(self.path)
        try:
            if centre.delay_s:
                time.sleep(centre.delay_s)
            self._answer(centre.files.get(self.path), fault)
        except ConnectionError:
            pass
        finally:
            centre.end()

    def _answer(self, data: bytes | None, fault: str) -> None:
        if fault == "failed":
            self._send(500, "text/plain", b"no")
        elif fault == "busy":
            self._send(429, "application/json", b"{}", {"Retry-After": "1"})
        elif fault == "login_page":
            self._send(200, "text/html", b"<html>Welcome to the hotel</html>")
        elif data is None or fault == "missing":
            body = b'{"error": {"code": "P-109", "detail": "not there", "next_step": ""}}'
            self._send(404, "application/json", body)
        else:
            self._send_file(data, fault)

    def _send_file(self, data: bytes, fault: str) -> None:
        headers = {"X-Content-SHA256": sha256(data).hexdigest(), "Content-Length": str(len(data))}
        if fault == "unsigned":
            del headers["X-Content-SHA256"]
        sent = {"wrong": data[::-1] + b"!", "truncated": data[: len(data) // 2]}.get(fault, data)
        if fault == "wrong":
            headers["Content-Length"] = str(len(sent))
        self._send(200, "image/jpeg", sent, headers)

    def _send(self, status: int, kind: str, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in (headers or {"Content-Length": str(len(body))}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Says nothing."""
