"""PayNoi: a gateway that shows a PromptPay QR and tells by itself when the money came."""

from __future__ import annotations

import base64
import binascii
import threading
from collections import OrderedDict
from datetime import timedelta
from enum import IntEnum

import structlog

from kiosk.clock import Clock, SystemClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.money import SATANG_PER_BAHT, decimal_baht, parse_baht
from kiosk.payments.paynoi_http import PayNoiConnection, nonsense
from kiosk.payments.promptpay import parse
from kiosk.payments.qr import picture_of, png_of, read_qr
from kiosk.payments.settlement import VALID_FOR_S
from kiosk.payments.types import GatewayStatus, PaymentOffer, PaymentReport, PaymentRequest

_log = structlog.get_logger(__name__)

DEFAULT_TIMEOUT_S = 7.0
_REMEMBERED_KEYS = 500
_LONGEST_REFERENCE = 100
_LONGEST_PICTURE = 500_000

_STATUSES = {
    "pending": GatewayStatus.PENDING,
    "completed": GatewayStatus.COMPLETED,
    "failed": GatewayStatus.FAILED,
}


class AccountType(IntEnum):
    """What the account at PayNoi is."""

    PHONE = 1
    CITIZEN_ID = 2


class PayNoiGateway:
    """Speaks to PayNoi with the shop's `api_key`, which can also forge payments: it comes from the keyring,
    lives in this object only, and stands in no log, repr or error.

    The idempotency key goes out as `ref1`. PayNoi has no look-up by `ref1` and does not promise that the same
    one gives the same transaction, so this adapter never asks twice for a key: it gives the same offer again,
    or, where the first asking had no clear answer, raises GATEWAY_TIMEOUT again. That payment stays UNKNOWN
    until staff decide. Its QR never reached a screen, so nobody can have paid it, and a new payment under a
    new key does no harm. Keys are remembered while the process lives; the caller never creates a stored
    payment again after a restart. Safe from any thread.
    """

    name = "paynoi"
    confirms_by_itself = True

    def __init__(
        self,
        base_url: str,
        api_key: str,
        key_id: str,
        account: str,
        account_type: AccountType,
        timeout_s: float = DEFAULT_TIMEOUT_S,
        receiver_name: str = "",
        clock: Clock | None = None,
    ) -> None:
        self._connection = PayNoiConnection(base_url, timeout_s)
        self._api_key = api_key
        self._key_id = key_id
        self._account = account
        self._account_type = AccountType(account_type)
        self._receiver_name = receiver_name
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, PaymentOffer | None] = OrderedDict()  # None: asked, no clear answer

    def __repr__(self) -> str:
        return "PayNoiGateway()"

    def create(self, request: PaymentRequest) -> PaymentOffer:
        """The code to pay, valid for 15 minutes by the kiosk's own clock, counted from before the asking.

        The amount due may differ from the price by less than a baht; a larger difference, or a QR over
        another amount than the answer names, is GATEWAY_NONSENSE. The QR is given as its text where it can
        be read, else as the gateway's picture. Raises the port's errors.
        """
        with self._lock:
            if request.idempotency_key in self._answers:
                return self._again(request)
            self._answers[request.idempotency_key] = None
            while len(self._answers) > _REMEMBERED_KEYS:
                self._answers.popitem(last=False)
        expires_at = self._clock.now() + timedelta(seconds=VALID_FOR_S)
        try:
            answer = self._ask(
                "create",
                amount=decimal_baht(request.amount_satang),
                ref1=request.idempotency_key,
                key_id=self._key_id,
                account=self._account,
                type=int(self._account_type),
            )
        except KnownError as failed:
            if failed.code in {ErrorCode.GATEWAY_UNREACHABLE, ErrorCode.GATEWAY_REFUSED}:
                with self._lock:  # nothing happened, so it may be asked again
                    self._answers.pop(request.idempotency_key, None)
            raise
        due = _read_due(answer, request.amount_satang)
        payload, png = _read_code(answer, due)
        offer = PaymentOffer(
            provider_reference=_read_reference(answer),
            due_satang=due,
            expires_at=expires_at,
            qr_payload=payload,
            qr_png=png,
            receiver_name=self._receiver_name,
        )
        with self._lock:
            self._answers[request.idempotency_key] = offer
        return offer

    def _again(self, request: PaymentRequest) -> PaymentOffer:
        offer = self._answers[request.idempotency_key]
        if offer is None:
            raise KnownError(
                ErrorCode.GATEWAY_TIMEOUT,
                "The first asking for this payment had no clear answer.",
                "Check it at the gateway, then begin a new payment.",
            )
        return offer

    def check(self, provider_reference: str) -> PaymentReport:
        """How the payment stands; PayNoi does not say when money came. Raises the port's errors."""
        answer = self._ask("check", trans_id=provider_reference)
        status = _STATUSES.get(str(answer.get("payment_status")))
        if status is None:
            raise nonsense("an unknown payment_status")
        received = _read_amount(answer, "amount") if status is GatewayStatus.COMPLETED else 0
        return PaymentReport(status, received)

    def cancel(self, provider_reference: str) -> None:
        """Takes the payment back. A refusal means that it is over already, and is no error."""
        try:
            self._ask("cancel", trans_id=provider_reference)
        except KnownError as failed:
            if failed.code is not ErrorCode.GATEWAY_REFUSED:
                raise
            _log.info("payment_was_over_before_cancel", detail=failed.detail)

    def _ask(self, method: str, **values: str | int) -> dict[str, object]:
        return self._connection.post({"method": method, "api_key": self._api_key, **values})


def _read_due(answer: dict[str, object], asked_satang: int) -> int:
    """The amount to be paid, in satang: all that the answer says of it must agree."""
    due = _read_amount(answer, "amount")
    if abs(due - asked_satang) >= SATANG_PER_BAHT:
        raise nonsense("it asks for another amount")
    if "amount_check" in answer and str(answer["amount_check"]) != str(due):
        raise nonsense("amount and amount_check differ")
    return due


def _read_amount(answer: dict[str, object], name: str) -> int:
    value = answer.get(name)
    try:
        amount = parse_baht(value) if isinstance(value, str) else None
        if isinstance(value, int) and not isinstance(value, bool):
            amount = value * SATANG_PER_BAHT
    except KnownError:
        amount = None
    if amount is None or amount <= 0:
        raise nonsense(f"{name} is not an amount")
    return amount


def _read_reference(answer: dict[str, object]) -> str:
    reference = answer.get("trans_id")
    if isinstance(reference, bool) or not isinstance(reference, str | int):
        raise nonsense("no trans_id")
    if not 0 < len(str(reference)) <= _LONGEST_REFERENCE:
        raise nonsense("trans_id is empty or far too long")
    return str(reference)


def _read_code(answer: dict[str, object], due_satang: int) -> tuple[str | None, bytes | None]:
    """The QR as PromptPay text, or as a PNG where it cannot be read as such."""
    encoded = answer.get("qr_image_base64")
    if not isinstance(encoded, str) or len(encoded) > _LONGEST_PICTURE:
        raise nonsense("no QR picture")
    try:
        data = base64.b64decode(encoded.partition("base64,")[2] or encoded, validate=True)
    except (binascii.Error, ValueError):
        raise nonsense("the QR picture is not base64") from None
    picture = picture_of(data)
    if picture is None:
        raise nonsense("the QR picture is no picture")
    text = read_qr(picture)
    if text is None:
        return None, png_of(picture)
    try:
        code = parse(text)
    except KnownError as unread:
        _log.warning("gateway_qr_is_not_promptpay", detail=unread.detail)
        return None, png_of(picture)
    if code.amount_satang not in (None, due_satang):
        raise nonsense("its QR asks for another amount")
    return text, None
