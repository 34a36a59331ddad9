"""The simulator keeps PayNoi's contract over real HTTP, and shows what it is told to."""

from __future__ import annotations

import base64
import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
import requests

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.money import parse_baht
from kiosk.payments.paynoi_signature import read_notice
from kiosk.payments.promptpay import parse
from kiosk.payments.qr import picture_of, read_qr
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.payments.simulator.book import NotAccepted, TransactionBook


def call(simulator: PayNoiSimulator, **body: object) -> dict[str, Any]:
    question = {"api_key": simulator.api_key, **body}
    response = requests.post(f"{simulator.base_url}/ppay_api", json=question, timeout=5)
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


def control(simulator: PayNoiSimulator, page: str, **body: object) -> requests.Response:
    return requests.post(f"{simulator.base_url}/simulator/{page}", json=body, timeout=5)


def create(simulator: PayNoiSimulator, amount: str = "100") -> dict[str, Any]:
    values = {"amount": amount, "ref1": "r", "key_id": "k", "account": "0801234567", "type": 1}
    return call(simulator, method="create", **values)


@pytest.fixture
def simulator() -> Iterator[PayNoiSimulator]:
    with PayNoiSimulator() as running:
        yield running


def test_create_answers_as_the_contract_says() -> None:
    clock = ManualClock(datetime(2026, 11, 20, 17, 50, tzinfo=UTC))
    with PayNoiSimulator(clock=clock) as simulator:
        made = create(simulator)
    assert made["status"] == 1
    assert 10000 < parse_baht(made["amount"]) < 10100
    assert made["amount_check"] == parse_baht(made["amount"])
    assert made["expire_at"] == "2026-11-21 01:05:00"  # Thai time, 15 minutes on
    picture = picture_of(base64.b64decode(made["qr_image_base64"]))
    assert picture is not None
    code = parse(read_qr(picture) or "")
    assert (code.receiver, code.amount_satang) == ("0801234567", made["amount_check"])


def test_a_life_from_create_to_paid_over_the_control_page(simulator: PayNoiSimulator) -> None:
    made = create(simulator)
    check = {"method": "check", "trans_id": made["trans_id"]}
    assert call(simulator, **check) == {
        "status": 1,
        "payment_status": "pending",
        "amount": made["amount"],
        "ref1": "r",
    }
    assert control(simulator, "pay", trans_id=made["trans_id"]).json() == {"status": 1}
    assert call(simulator, **check)["payment_status"] == "completed"
    listed = requests.get(f"{simulator.base_url}/simulator/transactions", timeout=5).json()
    assert [(t["ref1"], t["received"]) for t in listed] == [("r", made["amount"])]


@pytest.mark.parametrize(
    ("body", "msg"),
    [
        ({"method": "create", "api_key": "wrong", "amount": "100"}, "api_key is invalid"),
        ({"method": "create", "amount": "0", "account": "0801234567"}, "amount cannot be used now"),
        ({"method": "create", "amount": "x", "account": "0801234567"}, "amount is invalid"),
        ({"method": "create", "amount": "1", "account": "12"}, "account or amount is invalid"),
        ({"method": "check", "trans_id": "T9"}, "trans_id not found"),
        ({"method": "cancel", "trans_id": "T9"}, "trans_id not found"),
        ({"method": "refund"}, "method is unknown"),
    ],
)
def test_a_refusal_carries_its_reason(simulator: PayNoiSimulator, body: dict[str, str], msg: str) -> None:
    assert call(simulator, **body) == {"status": 0, "msg": msg}


@pytest.mark.parametrize(
    ("body", "msg"),
    [
        (b"method=create&amount=79", "the body is not a JSON object"),
        (b"", "the body is not a JSON object"),
        (b"[1]", "the body is not a JSON object"),
        (b'{"method": "create\xff"}', "the body is not a JSON object"),
        (b'{"amount": "79"}', "method is missing or invalid"),
        (b'{"method": "create", "type": "phone"}', "type is missing or invalid"),
    ],
)
def test_what_is_no_question_is_answered_as_the_contract_refuses(
    simulator: PayNoiSimulator, body: bytes, msg: str
) -> None:
    answer = requests.post(f"{simulator.base_url}/ppay_api", data=body, timeout=5)
    assert (answer.status_code, answer.json()) == (200, {"status": 0, "msg": msg})


@pytest.mark.parametrize("page", ["pay", "expire"])
def test_the_control_pages_say_when_there_is_no_such_payment(simulator: PayNoiSimulator, page: str) -> None:
    assert control(simulator, page, trans_id="T9").status_code == 400


def test_an_expired_code_frees_its_amount_and_can_still_be_paid_late(simulator: PayNoiSimulator) -> None:
    made = create(simulator)
    check = {"method": "check", "trans_id": made["trans_id"]}
    control(simulator, "expire", trans_id=made["trans_id"])
    assert call(simulator, **check)["payment_status"] == "failed"
    control(simulator, "pay", trans_id=made["trans_id"], amount="50")
    late = call(simulator, **check)
    assert (late["payment_status"], late["amount"]) == ("completed", "50.00")


def test_faults_show_as_often_as_they_were_ordered(simulator: PayNoiSimulator) -> None:
    control(simulator, "fault", kind="refuse", method="create", times=2)
    control(simulator, "fault", kind="refuse", method="cancel")
    assert [create(simulator)["status"] for _ in range(3)] == [0, 0, 1]
    control(simulator, "clear")
    made = create(simulator)
    assert call(simulator, method="cancel", trans_id=made["trans_id"]) == {"status": 1}


def test_an_unknown_fault_is_refused(simulator: PayNoiSimulator) -> None:
    assert control(simulator, "fault", kind="earthquake").status_code == 422
    assert control(simulator, "fault", kind="refuse", metod="create").status_code == 422


def test_no_two_waiting_payments_have_the_same_amount_and_the_hundredth_is_refused() -> None:
    clock = ManualClock()
    book = TransactionBook(clock, 900)
    dues = {book.create(10000, f"r{n}", "0801234567").due_satang for n in range(99)}
    assert dues == set(range(10001, 10100))
    with pytest.raises(NotAccepted):
        book.create(10000, "r", "0801234567")
    clock.advance(900)
    assert book.create(10000, "r", "0801234567").due_satang in dues


@contextmanager
def merchant() -> Iterator[tuple[str, queue.Queue[bytes]]]:
    """A merchant's webhook, and what it was told."""
    told: queue.Queue[bytes] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.put(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status": 1}')

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/webhook", told
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_each_webhook_is_signed_and_comes_as_often_as_ordered() -> None:
    with merchant() as (url, told), PayNoiSimulator(webhook_url=url) as simulator:
        made = create(simulator)
        control(simulator, "pay", trans_id=made["trans_id"], webhooks=2)
        notices = [told.get(timeout=5) for _ in range(2)]
    assert [read_notice(body, simulator.api_key) for body in notices] == [made["trans_id"]] * 2


def test_a_merchant_that_is_away_does_not_stop_the_payment() -> None:
    with PayNoiSimulator(webhook_url="http://127.0.0.1:1/webhook") as simulator:
        made = create(simulator)
        simulator.pay(made["trans_id"])
        assert call(simulator, method="check", trans_id=made["trans_id"])["payment_status"] == "completed"


def test_the_payer_of_the_demo_pays_by_itself_after_its_time() -> None:
    clock = ManualClock()
    with (
        merchant() as (url, told),
        PayNoiSimulator(webhook_url=url, auto_pay_after_s=5, clock=clock) as simulator,
    ):
        made = create(simulator)
        clock.advance(4.9)
        assert call(simulator, method="check", trans_id=made["trans_id"])["payment_status"] == "pending"
        clock.advance(0.2)
        assert read_notice(told.get(timeout=5), simulator.api_key) == made["trans_id"]
        assert call(simulator, method="check", trans_id=made["trans_id"])["payment_status"] == "completed"


def test_a_cancelled_payment_is_not_paid_by_the_demos_payer() -> None:
    clock = ManualClock()
    book = TransactionBook(clock, 900)
    cancelled = book.create(10000, "a", "0801234567")
    waiting = book.create(10000, "b", "0801234567")
    book.cancel(cancelled.trans_id)
    clock.advance(5)
    assert book.waiting_since(5) == (waiting,)


def test_a_port_that_is_taken_is_told(simulator: PayNoiSimulator) -> None:
    with pytest.raises(KnownError) as refused:
        PayNoiSimulator(port=int(simulator.base_url.rpartition(":")[2]))
    assert refused.value.code is ErrorCode.PORT_TAKEN


def test_it_can_be_started_again_on_the_same_port_at_once(simulator: PayNoiSimulator) -> None:
    with PayNoiSimulator() as first:
        create(first)
        port = int(first.base_url.rpartition(":")[2])
    with PayNoiSimulator(port=port) as second:
        assert create(second)["status"] == 1
        assert datetime.now(UTC) - second.transactions[0].created_at < timedelta(minutes=1)
