"""A gateway that is slow, wrong or away: the right known error, never a second asking, no secret told."""

from __future__ import annotations

import base64
import json
import logging
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import numpy as np
import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.promptpay import transfer_payload
from kiosk.payments.qr import png_of, qr_png
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.payments.simulator.faults import FaultKind
from kiosk.payments.types import GatewayStatus, PaymentOffer, PaymentRequest

API_KEY = "secret-of-the-shop"
ACCOUNT = "0801234567"
REQUEST = PaymentRequest("key-1", 29900, "K7-4Q2M")


def gateway_at(base_url: str, timeout_s: float = 2.0, api_key: str = API_KEY) -> PayNoiGateway:
    return PayNoiGateway(base_url, api_key, "key-id", ACCOUNT, AccountType.PHONE, timeout_s)


@pytest.fixture
def simulator() -> Iterator[PayNoiSimulator]:
    with PayNoiSimulator(api_key=API_KEY) as running:
        yield running


def error_of(action: Callable[[], object]) -> KnownError:
    with pytest.raises(KnownError) as failed:
        action()
    for told in (str(failed.value), repr(failed.value), str(failed.value.__cause__)):
        assert API_KEY not in told
        assert ACCOUNT not in told
    return failed.value


def read_question(peer: socket.socket) -> None:
    """Reads a whole question: closing a socket with unread bytes would tear the answer down."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += peer.recv(65536)
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(re.search(rb"content-length: (\d+)", head.lower())[1])  # type: ignore[index]
    while len(body) < length:
        body += peer.recv(65536)


@contextmanager
def wire(*answers: bytes, then_hang: bool = False) -> Iterator[str]:
    """A peer that reads one question per connection and sends raw bytes back, `answers` one after another."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve() -> None:
        for answer in answers:
            peer, _ = listener.accept()
            with peer:
                read_question(peer)
                with suppress(ConnectionError):  # the client may have read enough
                    peer.sendall(answer)
                if then_hang:
                    done.wait(5)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        thread.join()
        listener.close()


def http(body: bytes, status: str = "200 OK", extra: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n{extra}\r\n".encode() + body


def answer(**changes: Any) -> dict[str, Any]:
    whole = {
        "status": 1,
        "trans_id": "T1",
        "qr_image_base64": base64.b64encode(qr_png(transfer_payload(ACCOUNT, 29924))).decode(),
        "amount": "299.24",
        "amount_check": 29924,
        "expire_at": "2026-11-20 15:15:00",
    } | changes
    return {name: value for name, value in whole.items() if value is not ...}


def create_with(body: object) -> PaymentOffer:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    with wire(http(content)) as base_url:
        return gateway_at(base_url).create(REQUEST)


def test_a_gateway_that_is_not_there_is_unreachable_and_may_be_asked_again(
    simulator: PayNoiSimulator,
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port = free.getsockname()[1]
    gateway = gateway_at(f"http://127.0.0.1:{port}")
    assert error_of(lambda: gateway.create(REQUEST)).code is ErrorCode.GATEWAY_UNREACHABLE
    with PayNoiSimulator(port=port, api_key=API_KEY):
        assert gateway.create(REQUEST).provider_reference


@pytest.mark.parametrize("address", ["ftp://127.0.0.1", "https://", "https://nowhere.invalid"])
def test_an_address_that_leads_nowhere_is_unreachable(address: str) -> None:
    assert error_of(lambda: gateway_at(address).create(REQUEST)).code is ErrorCode.GATEWAY_UNREACHABLE


@pytest.mark.parametrize("address", ["", "not an address", "http://nowhere.invalid"])
def test_an_address_to_which_the_key_would_go_in_the_clear_is_refused(address: str) -> None:
    assert error_of(lambda: gateway_at(address).create(REQUEST)).code is ErrorCode.SETTING_INVALID


def test_a_create_that_timed_out_is_never_sent_twice(simulator: PayNoiSimulator) -> None:
    simulator.fail(FaultKind.SLOW, delay_s=1.0)
    gateway = gateway_at(simulator.base_url, timeout_s=0.3)
    assert error_of(lambda: gateway.create(REQUEST)).code is ErrorCode.GATEWAY_TIMEOUT
    assert error_of(lambda: gateway.create(REQUEST)).code is ErrorCode.GATEWAY_TIMEOUT
    assert [t.ref1 for t in simulator.transactions] == [REQUEST.idempotency_key]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FaultKind.ERROR_500, ErrorCode.GATEWAY_TIMEOUT),
        (FaultKind.NONSENSE, ErrorCode.GATEWAY_NONSENSE),
        (FaultKind.HALF_ANSWER, ErrorCode.GATEWAY_NONSENSE),
        (FaultKind.WRONG_AMOUNT, ErrorCode.GATEWAY_NONSENSE),
        (FaultKind.NO_QR, ErrorCode.GATEWAY_NONSENSE),
    ],
)
def test_an_unclear_answer_leaves_the_payment_unknown_and_is_never_asked_twice(
    simulator: PayNoiSimulator, kind: FaultKind, code: ErrorCode
) -> None:
    simulator.fail(kind)
    gateway = gateway_at(simulator.base_url)
    assert error_of(lambda: gateway.create(REQUEST)).code is code
    assert error_of(lambda: gateway.create(REQUEST)).code is ErrorCode.GATEWAY_TIMEOUT
    assert len(simulator.transactions) == 1


def test_a_refusal_made_nothing_and_may_be_asked_again(simulator: PayNoiSimulator) -> None:
    simulator.fail(FaultKind.REFUSE)
    gateway = gateway_at(simulator.base_url)
    assert error_of(lambda: gateway.create(REQUEST)).code is ErrorCode.GATEWAY_REFUSED
    assert gateway.create(REQUEST).provider_reference == simulator.transactions[0].trans_id


def test_a_wrong_api_key_is_refused_and_stays_secret(simulator: PayNoiSimulator) -> None:
    gateway = gateway_at(simulator.base_url, api_key="wrong-key")
    refused = error_of(lambda: gateway.create(REQUEST))
    assert refused.code is ErrorCode.GATEWAY_REFUSED
    assert "wrong-key" not in str(refused) + repr(gateway) + str(vars(refused))


@pytest.mark.parametrize("method", ["check", "cancel"])
@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (FaultKind.SLOW, ErrorCode.GATEWAY_TIMEOUT),
        (FaultKind.ERROR_500, ErrorCode.GATEWAY_TIMEOUT),
        (FaultKind.NONSENSE, ErrorCode.GATEWAY_NONSENSE),
    ],
)
def test_after_a_bad_check_or_cancel_the_next_one_works(
    simulator: PayNoiSimulator, method: str, kind: FaultKind, code: ErrorCode
) -> None:
    gateway = gateway_at(simulator.base_url, timeout_s=0.3 if kind is FaultKind.SLOW else 2.0)
    reference = gateway.create(REQUEST).provider_reference
    simulator.fail(kind, method, delay_s=1.0)
    ask = gateway.check if method == "check" else gateway.cancel
    assert error_of(lambda: ask(reference)).code is code
    ask(reference)
    assert gateway.check(reference).status is (
        GatewayStatus.PENDING if method == "check" else GatewayStatus.FAILED
    )


def test_a_payment_that_nobody_knows_is_refused(simulator: PayNoiSimulator) -> None:
    gateway = gateway_at(simulator.base_url)
    assert error_of(lambda: gateway.check("T999")).code is ErrorCode.GATEWAY_REFUSED


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", ErrorCode.GATEWAY_TIMEOUT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", ErrorCode.GATEWAY_TIMEOUT),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", ErrorCode.GATEWAY_TIMEOUT),
        (b"SSH-2.0-OpenSSH\r\n", ErrorCode.GATEWAY_TIMEOUT),
        (http(b"", "204 No Content"), ErrorCode.GATEWAY_NONSENSE),
        (http(b"", "302 Found", "Location: http://127.0.0.1:1/\r\n"), ErrorCode.GATEWAY_NONSENSE),
        (http(b"", "401 Unauthorized"), ErrorCode.GATEWAY_REFUSED),
        (http(b"", "429 Too Many Requests"), ErrorCode.GATEWAY_REFUSED),
        (http(b"", "408 Request Timeout"), ErrorCode.GATEWAY_TIMEOUT),
        (http(b"", "503 Service Unavailable"), ErrorCode.GATEWAY_TIMEOUT),
        (http(b"x" * 1_100_000), ErrorCode.GATEWAY_NONSENSE),
    ],
)
def test_what_happens_on_the_wire_is_told_apart(raw: bytes, code: ErrorCode) -> None:
    with wire(raw) as base_url:
        assert error_of(lambda: gateway_at(base_url).create(REQUEST)).code is code


def test_an_answer_that_never_ends_is_cut_off() -> None:
    with wire(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{", then_hang=True) as base_url:
        failed = error_of(lambda: gateway_at(base_url, timeout_s=0.3).create(REQUEST))
    assert failed.code is ErrorCode.GATEWAY_TIMEOUT


def test_an_answer_that_trickles_cannot_hold_the_call() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:

        def trickle() -> None:
            peer, _ = listener.accept()
            with peer, suppress(ConnectionError):
                read_question(peer)
                peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")
                for _ in range(500):
                    peer.sendall(b" ")
                    time.sleep(0.05)

        thread = threading.Thread(target=trickle)
        thread.start()
        base_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        failed = error_of(lambda: gateway_at(base_url, timeout_s=0.3).create(REQUEST))
        thread.join()
    assert failed.code is ErrorCode.GATEWAY_TIMEOUT
    assert "did not end in time" in failed.detail


def test_chunked_answers_are_read() -> None:
    body = json.dumps({"status": 1, "payment_status": "completed", "amount": 299.24}).encode()
    chunks = b"".join(f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in (body[:9], body[9:]))
    raw = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    with wire(raw) as base_url:
        assert gateway_at(base_url).check("T1").received_satang == 29924


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[1]",
        b"\xff\xfe",
        b"[" * 100_000,
        answer(trans_id=...),
        answer(trans_id=""),
        answer(trans_id=True),
        answer(trans_id="T" * 101),
        answer(amount=...),
        answer(amount="-299.24"),
        answer(amount="299.245"),
        answer(amount="0"),
        answer(amount=True, amount_check=...),
        answer(amount="1e2"),
        answer(amount="300.00", amount_check=30000),  # a baht more
        answer(amount="298.00", amount_check=29800),
        answer(amount_check=29900),
        answer(amount="299.25", amount_check=29925),  # the QR asks for 299.24
        answer(qr_image_base64=...),
        answer(qr_image_base64=""),
        answer(qr_image_base64="%%%"),
        answer(qr_image_base64=base64.b64encode(b"hello").decode()),
        answer(qr_image_base64="A" * 600_000),
    ],
)
def test_an_answer_that_breaks_the_contract_is_never_shown_to_a_payer(body: object) -> None:
    assert error_of(lambda: create_with(body)).code is ErrorCode.GATEWAY_NONSENSE


@pytest.mark.parametrize(
    "body",
    [
        answer(),
        answer(amount=299.24),
        answer(amount_check="29924"),
        answer(amount_check=...),
        answer(trans_id=17),
        answer(status="1"),
        answer(qr_image_base64="data:image/png;base64," + answer()["qr_image_base64"]),
    ],
)
def test_harmless_differences_in_an_answer_are_taken(body: object) -> None:
    offer = create_with(body)
    assert offer.due_satang == 29924
    assert offer.qr_payload == transfer_payload(ACCOUNT, 29924)


@pytest.mark.parametrize(
    "picture",
    [
        png_of(np.full((200, 200), 255, dtype=np.uint8)),
        qr_png("https://pay.example/T1"),
    ],
)
def test_a_code_that_cannot_be_read_as_promptpay_is_shown_as_the_gateways_picture(picture: bytes) -> None:
    offer = create_with(answer(qr_image_base64=base64.b64encode(picture).decode()))
    assert offer.qr_payload is None
    assert offer.qr_png is not None
    assert offer.qr_png.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "body",
    [
        {"status": 1},
        {"status": 1, "payment_status": "maybe"},
        {"status": 1, "payment_status": "completed"},
        {"status": 1, "payment_status": "completed", "amount": "0"},
        {"status": 1, "payment_status": ["completed"], "amount": "1"},
    ],
)
def test_a_check_without_a_clear_answer_reports_nothing(body: dict[str, object]) -> None:
    with wire(http(json.dumps(body).encode())) as base_url:
        assert error_of(lambda: gateway_at(base_url).check("T1")).code is ErrorCode.GATEWAY_NONSENSE


def test_a_refusals_words_are_told_without_numbers_that_may_be_accounts() -> None:
    refusal = {"status": 0, "msg": f"account {ACCOUNT} is\nblocked " + "x" * 500}
    refused = error_of(lambda: create_with(refusal))
    assert refused.code is ErrorCode.GATEWAY_REFUSED
    assert "is blocked" in refused.detail
    assert len(refused.detail) < 200


def test_two_threads_that_ask_with_one_key_make_one_payment(simulator: PayNoiSimulator) -> None:
    gateway = gateway_at(simulator.base_url)
    outcomes: list[object] = []

    def ask() -> None:
        try:
            outcomes.append(gateway.create(REQUEST).provider_reference)
        except KnownError as failed:
            outcomes.append(failed.code)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(simulator.transactions) == 1
    assert set(outcomes) <= {simulator.transactions[0].trans_id, ErrorCode.GATEWAY_TIMEOUT}


def test_nothing_that_is_logged_holds_the_key_or_the_account(
    simulator: PayNoiSimulator, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    gateway = gateway_at(simulator.base_url)
    reference = gateway.create(REQUEST).provider_reference
    simulator.pay(reference)
    gateway.check(reference)
    gateway.cancel(reference)
    said = caplog.text + "".join(capsys.readouterr()) + repr(gateway)
    assert API_KEY not in said
    assert ACCOUNT[1:] not in said
