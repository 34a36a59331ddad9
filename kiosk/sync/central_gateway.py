"""Payments through the centre: it asks the gateway, and holds the key with which a payment can be forged."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Protocol
from urllib.parse import quote

from pydantic import ValidationError

from kiosk.clock import Clock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import PaymentOffer, PaymentReport, PaymentRequest
from kiosk.sync.charge_answer import ChargeAnswer, offer_in, report_in

CREATE_PATH = "/api/payment/create"
_ASKED_AGAIN_WITHIN_S = 1.5
"""So that both askings together end within the 10 s of the port."""

_DID_NOT_HAPPEN = frozenset(
    {
        ErrorCode.CENTRE_UNREACHABLE,
        ErrorCode.CENTRE_BUSY,
        ErrorCode.CENTRE_LOGIN_REFUSED,
        ErrorCode.CENTRE_NEWER,
        ErrorCode.CENTRE_OLDER,
        ErrorCode.CLOCK_OFF,
        ErrorCode.DEVICE_REVOKED,
        ErrorCode.LOGIN_LOCKED,
        ErrorCode.NETWORK_LOGIN_PAGE,
        ErrorCode.NOT_ENROLLED,
        ErrorCode.RIGHTS_MISSING,
    }
)
_REFUSALS = frozenset(
    {ErrorCode.WRONG_KEY_REUSE, ErrorCode.REQUEST_INVALID, ErrorCode.CHARGE_UNKNOWN, ErrorCode.RECORD_INVALID}
)


class CentreCalls(Protocol):
    """What the centre is asked through (`kiosk.sync.client.CentralClient`)."""

    def get_json(self, path: str) -> dict[str, Any]: ...

    def post_json(self, path: str, body: object, idempotency_key: str | None = None) -> dict[str, Any]: ...


class CentralGateway:
    """The gateway port over a centre. Any thread.

    Asking again with the same key is the same charge, whatever became of the first asking: so one whose
    answer was lost on the way is asked for once more at once, and only where that has no answer either is it
    GATEWAY_TIMEOUT. A payment made here can be asked about by every kiosk of the tenant.
    """

    name = "central"
    confirms_by_itself = True

    def __init__(self, centre: Callable[[], CentreCalls], clock: Clock | None = None) -> None:
        """`centre` is called for each question, so that a kiosk which is enrolled later need not start anew;
        it may raise KnownError(NOT_ENROLLED)."""
        self._centre = centre
        self._clock = clock or SystemClock()

    def __repr__(self) -> str:
        return "CentralGateway()"

    def create(self, request: PaymentRequest) -> PaymentOffer:
        """The code to pay, valid by the kiosk's own clock, counted from before the asking."""
        body = {
            "idempotency_key": request.idempotency_key,
            "amount_satang": request.amount_satang,
            "order_code": request.order_code,
        }
        begun_s = time.monotonic()
        asked_at = self._clock.now()
        try:
            answer = self._post(CREATE_PATH, body, request.idempotency_key)
        except KnownError as failed:
            is_slow = time.monotonic() - begun_s > _ASKED_AGAIN_WITHIN_S
            if failed.code is not ErrorCode.GATEWAY_TIMEOUT or is_slow:
                raise
            answer = self._asked_again(body, request.idempotency_key)
        return offer_in(answer, asked_at)

    def _asked_again(self, body: object, key: str) -> ChargeAnswer:
        """What the first asking may have brought about is not unmade by a second that fails."""
        try:
            return self._post(CREATE_PATH, body, key)
        except KnownError as failed:
            if failed.code is ErrorCode.GATEWAY_UNREACHABLE:
                raise _unanswered(failed) from failed
            raise

    def check(self, provider_reference: str) -> PaymentReport:
        """How the payment stands, as the centre has heard within 3 s."""
        answer = self._asked(lambda centre: centre.get_json(_path(provider_reference, "status")))
        return report_in(answer, self._clock.now())

    def cancel(self, provider_reference: str) -> None:
        """Takes the payment back; one that the centre does not know is over, too."""
        try:
            answer = self._post(_path(provider_reference, "cancel"), {}, None)
        except KnownError as failed:
            if failed.code is ErrorCode.GATEWAY_REFUSED:
                return
            raise
        report_in(answer, self._clock.now())  # raises where the gateway could not be told

    def _post(self, path: str, body: object, key: str | None) -> ChargeAnswer:
        return self._asked(lambda centre: centre.post_json(path, body, key))

    def _asked(self, ask: Callable[[CentreCalls], dict[str, Any]]) -> ChargeAnswer:
        try:
            centre = self._centre()
        except KnownError as nobody:  # there was nobody to ask
            raise KnownError(
                ErrorCode.GATEWAY_UNREACHABLE, f"{nobody.code}: {nobody.detail}", nobody.next_step
            ) from nobody
        try:
            return ChargeAnswer.model_validate(ask(centre))
        except ValidationError as broken:
            raise KnownError(
                ErrorCode.GATEWAY_NONSENSE,
                "The centre's answer about a payment is not one.",
                "Compare the versions of kiosk and centre.",
            ) from broken
        except KnownError as failed:
            raise _of_the_port(failed) from failed


def _of_the_port(failed: KnownError) -> KnownError:
    """What went wrong on the way, in the words of the gateway port: UNREACHABLE only where it certainly did
    not happen."""
    if failed.code.startswith("Y-"):
        return failed
    if failed.code in _DID_NOT_HAPPEN:
        return KnownError(ErrorCode.GATEWAY_UNREACHABLE, f"{failed.code}: {failed.detail}", failed.next_step)
    if failed.code in _REFUSALS:
        return KnownError(ErrorCode.GATEWAY_REFUSED, f"{failed.code}: {failed.detail}", failed.next_step)
    if failed.code is ErrorCode.CENTRE_NONSENSE:
        return KnownError(ErrorCode.GATEWAY_NONSENSE, failed.detail, failed.next_step)
    return _unanswered(failed)


def _unanswered(failed: KnownError) -> KnownError:
    return KnownError(
        ErrorCode.GATEWAY_TIMEOUT,
        f"{failed.code}: {failed.detail}",
        "The payment may exist: check it, do not ask for it again.",
    )


def _path(charge_id: str, what: str) -> str:
    return f"/api/payment/{quote(charge_id, safe='')}/{what}"
