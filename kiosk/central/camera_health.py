"""How a camera worker is, for whoever watches over containers: two paths of a tiny server, without a face."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError

LONGEST_STEP_S = 60.0
"""A worker that takes longer over a step hangs."""
NOT_SERVED = 0


class CameraHealth:
    """What is known of a worker. Written by its thread, read by any."""

    def __init__(self, clock: Clock, lease_s: float) -> None:
        self._clock = clock
        self._lease_s = lease_s
        self._beat_s = clock.since_boot_s()
        self._worked_s: float | None = None
        self.figures: Mapping[str, float] = {}

    def beat(self) -> None:
        """The worker begins a step."""
        self._beat_s = self._clock.since_boot_s()

    def is_at_work(self) -> None:
        """The worker has done a whole step: the database answers."""
        self._worked_s = self._clock.since_boot_s()

    @property
    def is_alive(self) -> bool:
        """Whether it goes on; if not, it is to be started again."""
        return self._clock.since_boot_s() - self._beat_s < LONGEST_STEP_S

    @property
    def is_ready(self) -> bool:
        """Whether it can hold leases at all."""
        worked_s = self._worked_s
        return worked_s is not None and self._clock.since_boot_s() - worked_s < self._lease_s


@contextmanager
def serve_health(health: CameraHealth, port: int) -> Iterator[int]:
    """Answers at /healthz (200 while the worker goes on) and /readyz (200 while it can hold leases), each
    with the worker's figures as JSON. Yields the port; of port 0 nothing is served.

    Raises KnownError(PORT_TAKEN).
    """
    if port == NOT_SERVED:
        yield NOT_SERVED
        return
    server = _listening(health, port)
    thread = threading.Thread(target=server.serve_forever, name="camera-health", daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


def _listening(health: CameraHealth, port: int) -> ThreadingHTTPServer:
    class Answers(BaseHTTPRequestHandler):
        timeout = 5

        def do_GET(self) -> None:
            asked = {"/healthz": health.is_alive, "/readyz": health.is_ready}.get(self.path)
            body = json.dumps({"is_well": bool(asked), **health.figures}).encode()
            self.send_response(404 if asked is None else 200 if asked else 503)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """It is asked every few seconds."""

    try:
        return ThreadingHTTPServer(("", port), Answers)
    except OSError as taken:
        raise KnownError(
            ErrorCode.PORT_TAKEN,
            f"Port {port} is used by another program.",
            "End that program, or choose another with --health-port.",
        ) from taken
