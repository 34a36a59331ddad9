"""PromptPay without a gateway: the QR pays the shop's own account, and staff confirm that the money came."""

from __future__ import annotations

from kiosk.payments.promptpay import receiver_of, transfer_payload
from kiosk.payments.types import GatewayStatus, PaymentOffer, PaymentReport, PaymentRequest


class PromptPayGateway:
    """Asks for the exact amount on a QR and needs no network. It holds no state, so asking twice with the
    same key gives the same code; it never learns whether money came, so every payment is PENDING until staff
    decide. Codes have no end. `name` is shown to payers as the receiver.

    Raises KnownError(PROMPTPAY_ID_INVALID) when made with an id that is none. Safe from any thread.
    """

    name = "promptpay"
    confirms_by_itself = False

    def __init__(self, promptpay_id: str, name: str) -> None:
        receiver_of(promptpay_id)
        self._promptpay_id = promptpay_id
        self._receiver_name = name

    def __repr__(self) -> str:
        return f"PromptPayGateway(name={self._receiver_name!r})"

    def create(self, request: PaymentRequest) -> PaymentOffer:
        """The QR of exactly the amount asked. Raises KnownError(AMOUNT_INVALID)."""
        return PaymentOffer(
            provider_reference=request.idempotency_key,
            due_satang=request.amount_satang,
            expires_at=None,
            qr_payload=transfer_payload(self._promptpay_id, request.amount_satang),
            receiver_name=self._receiver_name,
        )

    def check(self, provider_reference: str) -> PaymentReport:
        """Always pending: only staff see the account."""
        return PaymentReport(GatewayStatus.PENDING, 0)

    def cancel(self, provider_reference: str) -> None:
        """Nothing to take back: nobody but the payer knows of the code."""
