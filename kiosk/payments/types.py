"""Payments: their states, the gateway port, and what a gateway says."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class PaymentState(StrEnum):
    """Where a payment stands. Only PAID and OVER let photos go out."""

    CREATED = "created"  # intent is stored; the gateway may or may not know it
    PENDING = "pending"  # the QR is on screen
    UNKNOWN = "unknown"  # the gateway did not answer: ask, never charge again
    PAID = "paid"
    SHORT = "short"  # less arrived than was asked
    OVER = "over"  # more arrived: photos go out, the rest is given back by staff
    LATE = "late"  # money came after the end: staff decide
    DUPLICATE = "duplicate"  # the order was paid already by another payment: staff give this one back
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REFUSED = "refused"  # the gateway said no; nothing was charged


BY_STAFF = "staff-"
"""Begins the reference of a payment that no gateway was asked for, though one was meant to be."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of an order. `amount_satang` is the price; `due_satang` what the gateway really asks for
    (it may differ by some satang). `idempotency_key` is the gateway's `ref1`. `requested_at` is set before
    the gateway is called, so that after a crash it is known whether the call may have gone out."""

    payment_id: str
    order_id: str
    idempotency_key: str
    gateway: str
    state: PaymentState
    amount_satang: int
    due_satang: int
    received_satang: int
    created_at: datetime
    expires_at: datetime | None = None
    provider_reference: str | None = None
    qr_payload: str | None = field(default=None, repr=False)  # holds the receiver's id: kept out of logs
    settled_at: datetime | None = None
    confirmed_by: str | None = None
    requested_at: datetime | None = None
    qr_png: bytes | None = field(default=None, repr=False)
    receiver_name: str = ""

    @property
    def has_code(self) -> bool:
        """Whether there ever was a code to show: without one nobody can have paid it."""
        return self.qr_payload is not None or self.qr_png is not None

    @property
    def is_by_staff(self) -> bool:
        """Whether only staff can tell that its money came, though the gateway hears of others."""
        return (self.provider_reference or "").startswith(BY_STAFF)


@dataclass(frozen=True, slots=True)
class PaymentRequest:
    """What is asked of a gateway. The same `idempotency_key` always means the same payment."""

    idempotency_key: str
    amount_satang: int
    order_code: str


@dataclass(frozen=True, slots=True)
class PaymentOffer:
    """What the visitor is to pay: the exact amount, and the QR as an EMVCo payload or as a PNG."""

    provider_reference: str
    due_satang: int
    expires_at: datetime | None
    qr_payload: str | None = field(default=None, repr=False)  # holds the receiver's id: kept out of logs
    qr_png: bytes | None = field(default=None, repr=False)
    receiver_name: str = ""


class GatewayStatus(StrEnum):
    PENDING = "pending"
    COMPLETED = "completed"
    FAILED = "failed"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class PaymentReport:
    """A gateway's word on a payment now; `received_satang` is 0 while nothing came.
    `settled_at` is when the money came, by the gateway, if it says so."""

    status: GatewayStatus
    received_satang: int
    settled_at: datetime | None = None


class PaymentGateway(Protocol):
    """Asks for money and tells whether it came. Called from payment workers only; each call bounded to 10 s.

    Raises KnownError: GATEWAY_TIMEOUT (it may have happened: the payment is UNKNOWN), GATEWAY_UNREACHABLE
    (it did not happen), GATEWAY_REFUSED (the gateway said no), GATEWAY_NONSENSE (an answer that breaks its
    contract: treat as UNKNOWN).
    """

    @property
    def name(self) -> str:
        """Stored with each payment: "paynoi", "promptpay"."""
        ...

    @property
    def confirms_by_itself(self) -> bool:
        """False where staff have to confirm that the money came."""
        ...

    def create(self, request: PaymentRequest) -> PaymentOffer:
        """Asks for a payment. Asking again with the same key must not lead to a second charge."""
        ...

    def check(self, provider_reference: str) -> PaymentReport:
        """How the payment stands."""
        ...

    def cancel(self, provider_reference: str) -> None:
        """Asks to take the payment back; harmless where it is over already."""
        ...
