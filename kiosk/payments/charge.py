"""A charge: a payment that a centre asks its gateway for, on behalf of its kiosks. Pure rules.

The gateway's own name of the payment (`provider_reference`) stays at the centre; a kiosk knows the charge by
its id.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.settlement import SWEEP_AFTER_END_S, after_failed_create
from kiosk.payments.types import GatewayStatus, PaymentOffer, PaymentReport, PaymentState

_SWEEP_TAKES_S = 30
_CLOCKS_DIFFER_S = 15  # two machines and the way between them: what came in time must not look late


class ChargeStatus(StrEnum):
    """Where a charge stands, by the gateway's last word."""

    CREATED = "created"  # stored; the gateway is being asked
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"
    UNKNOWN = "unknown"  # the gateway did not answer to the asking: never asked for again
    REFUSED = "refused"  # the gateway said no, or was not reached: nothing happened


@dataclass(frozen=True, slots=True)
class Charge:
    """One charge. `asked_at` is when the gateway was asked last, `checked_at` when it last answered;
    `settled_at` is when the money came, so far as the centre knows."""

    charge_id: str
    tenant_id: str
    kiosk_id: str
    idempotency_key: str
    order_code: str
    amount_satang: int
    created_at: datetime
    status: ChargeStatus = ChargeStatus.CREATED
    due_satang: int = 0
    received_satang: int = 0
    asked_at: datetime | None = None
    checked_at: datetime | None = None
    expires_at: datetime | None = None
    settled_at: datetime | None = None
    provider_reference: str | None = None
    qr_payload: str | None = field(default=None, repr=False)  # holds the receiver's id: kept out of logs
    qr_png: bytes | None = field(default=None, repr=False)
    receiver_name: str = ""
    error_code: str | None = None

    @property
    def gateway_key(self) -> str:
        """The key that the gateway gets: 20 letters, no two alike over all tenants, whatever key a kiosk
        chose."""
        return self.charge_id[:20]

    @property
    def may_be_asked_anew(self) -> bool:
        """Whether the gateway certainly never heard of it, and may hear of it now."""
        away = (ErrorCode.GATEWAY_UNREACHABLE, ErrorCode.GATEWAY_NOT_CONFIGURED)
        return self.status is ChargeStatus.REFUSED and self.error_code in away


def after_offer(charge: Charge, offer: PaymentOffer) -> Charge:
    """The gateway answered the asking, also where it took so long that the charge had been given up."""
    if charge.status not in (ChargeStatus.CREATED, ChargeStatus.UNKNOWN):
        return charge
    return replace(
        charge,
        status=ChargeStatus.PENDING,
        due_satang=offer.due_satang,
        expires_at=offer.expires_at,
        provider_reference=offer.provider_reference,
        qr_payload=offer.qr_payload,
        qr_png=offer.qr_png,
        receiver_name=offer.receiver_name,
        asked_at=None,
        error_code=None,
    )


def after_failure(charge: Charge, error: KnownError) -> Charge:
    """The asking failed: nothing happened, or nobody knows."""
    if charge.status is not ChargeStatus.CREATED:
        return charge
    is_certain = after_failed_create(error) is PaymentState.REFUSED
    status = ChargeStatus.REFUSED if is_certain else ChargeStatus.UNKNOWN
    return replace(charge, status=status, error_code=error.code.value)


def after_lost_request(charge: Charge, *, is_heard: bool) -> Charge:
    """The process that asked is gone without a word; `is_heard` tells whether there is a gateway that may
    have heard of it."""
    code = ErrorCode.GATEWAY_TIMEOUT if is_heard else ErrorCode.GATEWAY_UNREACHABLE
    return after_failure(charge, KnownError(code, "The request was lost."))


def after_report(charge: Charge, report: PaymentReport, now: datetime) -> Charge:
    """What the gateway says of it now. Money once seen is never unseen."""
    received = max(charge.received_satang, report.received_satang)
    settled_at = charge.settled_at
    if received > 0 and settled_at is None:
        settled_at = report.settled_at or came_at(charge, now)
    return replace(
        charge,
        status=_status_after(charge, report, received, now),
        received_satang=received,
        settled_at=settled_at,
        checked_at=now,
    )


def _status_after(charge: Charge, report: PaymentReport, received: int, now: datetime) -> ChargeStatus:
    if received > 0 or report.status is GatewayStatus.COMPLETED:
        return ChargeStatus.COMPLETED
    sweep_at = last_look_at(charge)
    is_over = sweep_at is not None and now >= sweep_at
    if is_over or charge.status is ChargeStatus.EXPIRED:
        return ChargeStatus.EXPIRED
    if report.status is GatewayStatus.PENDING and charge.status is not ChargeStatus.FAILED:
        return ChargeStatus.PENDING
    return ChargeStatus.FAILED


def last_look_at(charge: Charge) -> datetime | None:
    """When the last look is due, after which a charge without money is expired; None = never."""
    if charge.expires_at is None:
        return None
    return charge.expires_at + timedelta(seconds=SWEEP_AFTER_END_S)


def came_at(charge: Charge, seen_at: datetime) -> datetime:
    """When money came that the gateway gives no time of, and that was first seen at `seen_at`.

    What is seen while the code is valid, or by the last look, counts as come in time, and is told as come a
    little before the end: a kiosk's clock is not the centre's.
    """
    if charge.expires_at is None:
        return seen_at
    in_time_until = charge.expires_at + timedelta(seconds=SWEEP_AFTER_END_S + _SWEEP_TAKES_S)
    if seen_at > in_time_until:
        return seen_at
    return min(seen_at, charge.expires_at - timedelta(seconds=_CLOCKS_DIFFER_S))
