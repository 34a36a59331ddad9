"""How the centre answers about a charge, and what that means to the kiosk that asked.

Besides moments the answer gives spans: a kiosk's clock may be hours off, and counts by itself from when it
asked.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.charge import Charge, ChargeStatus
from kiosk.payments.types import GatewayStatus, PaymentOffer, PaymentReport
from kiosk.sync.record_parts import Bytes, Id, Satang

_REPORTED = {
    ChargeStatus.COMPLETED: GatewayStatus.COMPLETED,
    ChargeStatus.FAILED: GatewayStatus.FAILED,
    ChargeStatus.EXPIRED: GatewayStatus.EXPIRED,
}
_LONGEST_SPAN_S = 10 * 365 * 24 * 3600
_Span = Annotated[float, Field(ge=-_LONGEST_SPAN_S, le=_LONGEST_SPAN_S)]


class ChargeAnswer(BaseModel):
    """A charge as its kiosk sees it. `error_code` is why the gateway refused, may not have heard, or cannot
    be asked at the moment; `status` then is its last word."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    charge_id: Id
    idempotency_key: Id
    order_code: Annotated[str, Field(max_length=20)]
    status: ChargeStatus
    amount_satang: Satang
    due_satang: Satang
    received_satang: Satang
    expires_at: AwareDatetime | None
    expires_in_s: _Span | None
    settled_at: AwareDatetime | None
    settled_ago_s: _Span | None
    qr_payload: Annotated[str, Field(max_length=1000)] | None = Field(repr=False)
    qr_png: Bytes | None = Field(repr=False)
    receiver_name: Annotated[str, Field(max_length=500)]
    error_code: Annotated[str, Field(max_length=20)] | None


def answer_about(charge: Charge, now: datetime, failed: KnownError | None = None) -> ChargeAnswer:
    """The answer at `now`; `failed` is why the gateway could not be asked."""
    return ChargeAnswer(
        charge_id=charge.charge_id,
        idempotency_key=charge.idempotency_key,
        order_code=charge.order_code,
        status=charge.status,
        amount_satang=charge.amount_satang,
        due_satang=charge.due_satang,
        received_satang=charge.received_satang,
        expires_at=charge.expires_at,
        expires_in_s=(charge.expires_at - now).total_seconds() if charge.expires_at else None,
        settled_at=charge.settled_at,
        settled_ago_s=(now - charge.settled_at).total_seconds() if charge.settled_at else None,
        qr_payload=charge.qr_payload,
        qr_png=charge.qr_png,
        receiver_name=charge.receiver_name,
        error_code=failed.code.value if failed else charge.error_code,
    )


def offer_in(answer: ChargeAnswer, asked_at: datetime) -> PaymentOffer:
    """The code to pay, with its end by the clock of the one who asked. Raises the errors of
    `PaymentGateway.create` where there is none."""
    if answer.status is ChargeStatus.REFUSED:
        raise KnownError(_code(answer, ErrorCode.GATEWAY_REFUSED), "The gateway did not take the payment.")
    if answer.status in (ChargeStatus.CREATED, ChargeStatus.UNKNOWN):
        raise KnownError(
            ErrorCode.GATEWAY_TIMEOUT,
            "The gateway did not answer to the centre.",
            "The payment may exist: check it, do not ask for it again.",
        )
    ends_in = None if answer.expires_in_s is None else timedelta(seconds=answer.expires_in_s)
    return PaymentOffer(
        provider_reference=answer.charge_id,
        due_satang=answer.due_satang,
        expires_at=None if ends_in is None else asked_at + ends_in,
        qr_payload=answer.qr_payload,
        qr_png=answer.qr_png,
        receiver_name=answer.receiver_name,
    )


def report_in(answer: ChargeAnswer, now: datetime) -> PaymentReport:
    """The gateway's word. Raises the errors of `PaymentGateway.check` where it could not be asked."""
    if answer.error_code is not None:
        raise KnownError(
            _code(answer, ErrorCode.GATEWAY_TIMEOUT), "The centre cannot ask the gateway at the moment."
        )
    ago = None if answer.settled_ago_s is None else timedelta(seconds=answer.settled_ago_s)
    return PaymentReport(
        _REPORTED.get(answer.status, GatewayStatus.PENDING),
        answer.received_satang,
        None if ago is None else now - ago,
    )


def _code(answer: ChargeAnswer, otherwise: ErrorCode) -> ErrorCode:
    """The error that the answer names, if it is one of a gateway."""
    try:
        code = ErrorCode(answer.error_code or "")
    except ValueError:
        return otherwise
    return code if code.startswith("Y-") else otherwise
