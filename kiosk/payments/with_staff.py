"""A gateway with staff behind it: a sale goes on while the gateway cannot be reached."""

from __future__ import annotations

from dataclasses import replace

import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import (
    BY_STAFF,
    GatewayStatus,
    PaymentGateway,
    PaymentOffer,
    PaymentReport,
    PaymentRequest,
)

_log = structlog.get_logger(__name__)


class GatewayWithStaff:
    """The port over a gateway that hears of money, and over one that only staff confirm, which is asked only
    where the first certainly heard nothing (GATEWAY_UNREACHABLE). Whose a payment is its reference tells
    (`Payment.is_by_staff`), also after a restart. Any thread."""

    def __init__(self, gateway: PaymentGateway, by_staff: PaymentGateway) -> None:
        self._gateway = gateway
        self._by_staff = by_staff

    def __repr__(self) -> str:
        return f"GatewayWithStaff({self._gateway!r}, {self._by_staff!r})"

    @property
    def name(self) -> str:
        """That of the gateway which hears of money."""
        return self._gateway.name

    @property
    def confirms_by_itself(self) -> bool:
        """As a rule; not where a payment is by staff."""
        return self._gateway.confirms_by_itself

    def create(self, request: PaymentRequest) -> PaymentOffer:
        """The gateway's offer; while it cannot be reached one that staff confirm."""
        try:
            return self._gateway.create(request)
        except KnownError as away:
            if away.code is not ErrorCode.GATEWAY_UNREACHABLE:
                raise
            _log.warning("payment_by_staff", detail=away.detail)
        offer = self._by_staff.create(request)
        return replace(offer, provider_reference=BY_STAFF + offer.provider_reference)

    def check(self, provider_reference: str) -> PaymentReport:
        """One by staff is pending until they decide."""
        if provider_reference.startswith(BY_STAFF):
            return PaymentReport(GatewayStatus.PENDING, 0)
        return self._gateway.check(provider_reference)

    def cancel(self, provider_reference: str) -> None:
        """Nobody has to be told of one by staff."""
        if not provider_reference.startswith(BY_STAFF):
            self._gateway.cancel(provider_reference)
