"""What went wrong on the way to the centre, in the words of the gateway port."""

from __future__ import annotations

from typing import Any

import pytest

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import PaymentRequest
from kiosk.sync.central_gateway import CentralGateway, CentreCalls

E = ErrorCode
REQUEST = PaymentRequest("key-1", 29900, "K7-4Q2M")
CHARGE: dict[str, Any] = {
    "charge_id": "c1",
    "idempotency_key": "key-1",
    "order_code": "K7-4Q2M",
    "status": "pending",
    "amount_satang": 29900,
    "due_satang": 29924,
    "received_satang": 0,
    "expires_at": "2020-01-01T00:00:00Z",
    "expires_in_s": 900.0,
    "settled_at": None,
    "settled_ago_s": None,
    "qr_payload": "code",
    "qr_png": None,
    "receiver_name": "Shop",
    "error_code": None,
}


class Centre:
    """Answers as told, one after the other: an error is raised, anything else given."""

    def __init__(self, *answers: object) -> None:
        self._answers = list(answers)
        self.asked = 0

    def get_json(self, path: str) -> dict[str, Any]:
        self.asked += 1
        answer = self._answers.pop(0)
        if isinstance(answer, ErrorCode):
            raise KnownError(answer, "told")
        assert isinstance(answer, dict)
        return answer

    def post_json(self, path: str, body: object, idempotency_key: str | None = None) -> dict[str, Any]:
        return self.get_json(path)


def gateway(*answers: object) -> CentralGateway:
    centre = Centre(*answers)
    return CentralGateway(lambda: centre, ManualClock())


def failure(*answers: object) -> ErrorCode:
    with pytest.raises(KnownError) as failed:
        gateway(*answers).create(REQUEST)
    return failed.value.code


@pytest.mark.parametrize(
    ("met", "told"),
    [
        (E.CENTRE_UNREACHABLE, E.GATEWAY_UNREACHABLE),
        (E.CENTRE_LOGIN_REFUSED, E.GATEWAY_UNREACHABLE),
        (E.DEVICE_REVOKED, E.GATEWAY_UNREACHABLE),
        (E.NETWORK_LOGIN_PAGE, E.GATEWAY_UNREACHABLE),
        (E.CENTRE_BUSY, E.GATEWAY_UNREACHABLE),
        (E.CENTRE_NONSENSE, E.GATEWAY_NONSENSE),
        (E.WRONG_KEY_REUSE, E.GATEWAY_REFUSED),
        (E.GATEWAY_NOT_CONFIGURED, E.GATEWAY_NOT_CONFIGURED),
    ],
)
def test_it_did_not_happen_is_said_only_where_that_is_certain(met: ErrorCode, told: ErrorCode) -> None:
    assert failure(met) is told


@pytest.mark.parametrize("second", [E.CENTRE_FAILED, E.CENTRE_UNREACHABLE])
def test_what_the_first_asking_may_have_done_no_second_one_undoes(second: ErrorCode) -> None:
    assert failure(E.CENTRE_FAILED, second) is E.GATEWAY_TIMEOUT


def test_an_answer_that_was_lost_is_fetched_by_asking_once_more() -> None:
    assert gateway(E.CENTRE_FAILED, CHARGE).create(REQUEST).provider_reference == "c1"


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        ("unknown", "Y-102", E.GATEWAY_TIMEOUT),
        ("created", None, E.GATEWAY_TIMEOUT),
        ("refused", "Y-101", E.GATEWAY_UNREACHABLE),
        ("refused", "Y-103", E.GATEWAY_REFUSED),
        ("refused", "Z-999", E.GATEWAY_REFUSED),
    ],
)
def test_what_the_bank_said_to_the_centre_is_said_here(
    status: str, code: str | None, told: ErrorCode
) -> None:
    assert failure({**CHARGE, "status": status, "error_code": code}) is told


def test_a_kiosk_that_is_enrolled_nowhere_asked_nobody() -> None:
    def nobody() -> CentreCalls:
        raise KnownError(E.NOT_ENROLLED, "not enrolled")

    with pytest.raises(KnownError) as failed:
        CentralGateway(nobody).create(REQUEST)
    assert failed.value.code is E.GATEWAY_UNREACHABLE


def test_a_code_ends_by_the_kiosks_clock_however_far_that_is_off() -> None:
    clock = ManualClock()
    offer = CentralGateway(lambda: Centre(CHARGE), clock).create(REQUEST)
    assert offer.expires_at is not None
    assert (offer.expires_at - clock.now()).total_seconds() == 900


def test_a_centre_that_cannot_ask_the_bank_lets_no_payment_expire() -> None:
    with pytest.raises(KnownError) as failed:
        gateway({**CHARGE, "error_code": "Y-101"}).check("c1")
    assert failed.value.code is E.GATEWAY_UNREACHABLE


def test_half_an_answer_is_nonsense() -> None:
    assert failure({"charge_id": "c1"}) is E.GATEWAY_NONSENSE
