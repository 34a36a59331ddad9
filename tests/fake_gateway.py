"""A payment gateway in memory that keeps the port's life cycle; passes the gateways' contract tests."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.clock import Clock, ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.promptpay import transfer_payload
from kiosk.payments.settlement import VALID_FOR_S
from kiosk.payments.types import GatewayStatus, PaymentOffer, PaymentReport, PaymentRequest


@dataclass(frozen=True, slots=True)
class _Transaction:
    offer: PaymentOffer
    expires_at: datetime
    received_satang: int = 0
    settled_at: datetime | None = None
    is_cancelled: bool = False


class FakeGateway:
    """Asks for `extra_satang` more than the price. `fail_next` holds errors for the coming calls of a method,
    raised *after* the work was done where the port says that it may have been (GATEWAY_TIMEOUT,
    GATEWAY_NONSENSE), before it elsewhere. `created` lists the keys of all transactions that came to be.
    Without `tells_when` it says nothing of when money came, as PayNoi."""

    name = "fake"

    def __init__(
        self, clock: Clock | None = None, extra_satang: int = 24, confirms_by_itself: bool = True
    ) -> None:
        self.confirms_by_itself = confirms_by_itself
        self.fail_next: dict[str, list[ErrorCode]] = {"create": [], "check": [], "cancel": []}
        self.created: list[str] = []
        self.tells_when = True
        self._clock = clock or ManualClock()
        self._extra_satang = extra_satang
        self._transactions: dict[str, _Transaction] = {}
        self._keys: dict[str, str] = {}
        self._unanswered: set[str] = set()

    def create(self, request: PaymentRequest) -> PaymentOffer:
        key = request.idempotency_key
        if key in self._unanswered:
            raise KnownError(ErrorCode.GATEWAY_TIMEOUT, "no clear answer before")
        if key in self._keys:
            return self._transactions[self._keys[key]].offer
        error = self._error("create")
        if error in {ErrorCode.GATEWAY_UNREACHABLE, ErrorCode.GATEWAY_REFUSED}:
            raise KnownError(error, "on demand")
        due = request.amount_satang + self._extra_satang
        reference = f"F{len(self._transactions) + 1:04d}"
        expires_at = self._clock.now() + timedelta(seconds=VALID_FOR_S)
        payload = transfer_payload("0800000000", due)
        offer = PaymentOffer(reference, due, expires_at, qr_payload=payload, receiver_name="Fake")
        self._transactions[reference] = _Transaction(offer, expires_at)
        self._keys[key] = reference
        self.created.append(key)
        if error is not None:
            self._unanswered.add(key)
            raise KnownError(error, "on demand")
        return offer

    def check(self, provider_reference: str) -> PaymentReport:
        self._raise("check")
        transaction = self._find(provider_reference)
        if transaction.received_satang:
            return PaymentReport(GatewayStatus.COMPLETED, transaction.received_satang, transaction.settled_at)
        if transaction.is_cancelled or self._clock.now() >= transaction.expires_at:
            return PaymentReport(GatewayStatus.FAILED, 0)
        return PaymentReport(GatewayStatus.PENDING, 0)

    def cancel(self, provider_reference: str) -> None:
        self._raise("cancel")
        transaction = self._transactions.get(provider_reference)
        if transaction is not None and not transaction.received_satang:
            self._transactions[provider_reference] = replace(transaction, is_cancelled=True)

    def pay(self, provider_reference: str, amount_satang: int | None = None) -> None:
        """The payer pays: what is due, or another amount; however late it is."""
        transaction = self._find(provider_reference)
        amount = transaction.offer.due_satang if amount_satang is None else amount_satang
        self._transactions[provider_reference] = replace(
            transaction,
            received_satang=transaction.received_satang + amount,
            settled_at=self._clock.now() if self.tells_when else None,
        )

    def _find(self, provider_reference: str) -> _Transaction:
        if provider_reference not in self._transactions:
            raise KnownError(ErrorCode.GATEWAY_REFUSED, "unknown")
        return self._transactions[provider_reference]

    def _error(self, method: str) -> ErrorCode | None:
        return self.fail_next[method].pop(0) if self.fail_next[method] else None

    def _raise(self, method: str) -> None:
        error = self._error(method)
        if error is not None:
            raise KnownError(error, "on demand")
