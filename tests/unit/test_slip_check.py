"""The service that tells of slips, over real HTTP: its contract, and everything that breaks it."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.slip_check import HttpSlipChecker

GOOD = {
    "amount": "299.00",
    "receiver": "xxx-x-x1234-x",
    "paid_at": "2026-11-20T15:01:30+07:00",
    "is_ours": True,
}


class Service:
    """Answers as a test says, and notes what it was asked."""

    def __init__(self) -> None:
        self.status, self.body, self.pause_s = 200, json.dumps(GOOD).encode(), 0.0
        self.asked: list[tuple[dict[str, str], str | None]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                service.asked.append((json.loads(self.rfile.read(length)), self.headers["Authorization"]))
                self.send_response(service.status)
                self.send_header("Content-Length", str(len(service.body)))
                if service.status == 302:
                    self.send_header("Location", f"{service.url}/elsewhere")
                self.end_headers()
                for start in range(0, len(service.body), 1 if service.pause_s else 1 << 20):
                    piece = service.body[start : start + (1 if service.pause_s else 1 << 20)]
                    try:
                        self.wfile.write(piece)
                        self.wfile.flush()
                    except OSError:
                        return
                    time.sleep(service.pause_s)

            def log_message(self, format: str, *args: object) -> None:
                """Nobody reads it."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/slips"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


def failure(check: Callable[[], object]) -> KnownError:
    with pytest.raises(KnownError) as failed:
        check()
    return failed.value


def test_it_is_asked_by_bank_and_reference_with_the_key(service: Service) -> None:
    facts = HttpSlipChecker(service.url, "secret-key").check("002", "0002123123121200011")
    assert service.asked == [({"bank": "002", "reference": "0002123123121200011"}, "Bearer secret-key")]
    assert (facts.amount_satang, facts.receiver, facts.is_ours) == (29900, "xxx-x-x1234-x", True)
    assert facts.paid_at == datetime(2026, 11, 20, 8, 1, 30, tzinfo=UTC)
    assert "1234" not in repr(facts)


@pytest.mark.parametrize(
    ("amount", "satang"),
    [("299", 29900), (299, 29900), ("299.5", 29950), (299.05, 29905), ("1,299.00", 129900)],
)
def test_amounts_lose_nothing(service: Service, amount: object, satang: int) -> None:
    service.body = json.dumps({"amount": amount, "is_ours": None}).encode()
    facts = HttpSlipChecker(service.url, "k").check("002", "R")
    assert (facts.amount_satang, facts.is_ours, facts.paid_at) == (satang, None, None)


def test_a_slip_that_the_bank_does_not_know_is_none(service: Service) -> None:
    service.status = 404
    assert (
        failure(lambda: HttpSlipChecker(service.url, "k").check("002", "R")).code is ErrorCode.SLIP_MISMATCH
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (500, b"{}"),
        (401, b"{}"),
        (302, b""),
        (200, b""),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"amount": "x"}'),
        (200, b'{"amount": "-3"}'),
        (200, b'{"amount": "3", "is_ours": "yes"}'),
        (200, b'{"amount": "3", "paid_at": "2026-11-20T15:01:30"}'),
        (200, b"[" * 100_000),
        (200, b'{"amount": "3"}' + b" " * 200_000),
    ],
)
def test_any_other_answer_counts_as_none(service: Service, status: int, body: bytes) -> None:
    service.status, service.body = status, body
    error = failure(lambda: HttpSlipChecker(service.url, "k").check("002", "R"))
    assert error.code is ErrorCode.SLIP_CHECK_UNREACHABLE
    assert len(service.asked) == 1


def test_a_trickle_and_a_dead_address_end_in_time(service: Service) -> None:
    service.pause_s = 0.05
    began_s = time.monotonic()
    assert (
        failure(lambda: HttpSlipChecker(service.url, "k", timeout_s=0.3).check("002", "R")).code
        is ErrorCode.SLIP_CHECK_UNREACHABLE
    )
    assert time.monotonic() - began_s < 2
    dead = HttpSlipChecker("http://127.0.0.1:9/slips", "k", timeout_s=0.5)
    assert failure(lambda: dead.check("002", "R")).code is ErrorCode.SLIP_CHECK_UNREACHABLE


def test_the_key_never_goes_over_the_network_in_the_clear() -> None:
    assert failure(lambda: HttpSlipChecker("http://slips.example/", "k")).code is ErrorCode.SETTING_INVALID
    HttpSlipChecker("https://slips.example/", "k")
