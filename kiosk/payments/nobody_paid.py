"""Of a machine whose settings name nobody to be paid: it serves everything else."""

from __future__ import annotations

from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.types import PaymentOffer, PaymentReport, PaymentRequest


class NobodyPaid:
    """The gateway port where there is no gateway; `why` says what is missing."""

    name = "none"
    confirms_by_itself = False

    def __init__(self, why: KnownError) -> None:
        self.why = why

    def create(self, request: PaymentRequest) -> PaymentOffer:
        """Raises KnownError(GATEWAY_NOT_CONFIGURED)."""
        raise KnownError(ErrorCode.GATEWAY_NOT_CONFIGURED, self.why.detail, self.why.next_step)

    def check(self, provider_reference: str) -> PaymentReport:
        """Raises KnownError(GATEWAY_NOT_CONFIGURED)."""
        raise KnownError(ErrorCode.GATEWAY_NOT_CONFIGURED, self.why.detail, self.why.next_step)

    def cancel(self, provider_reference: str) -> None:
        """Nothing to take back."""
