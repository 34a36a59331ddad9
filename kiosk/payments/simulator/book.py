"""The simulator's transactions: who is to pay how much, and what came."""

from __future__ import annotations

import secrets
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kiosk.clock import Clock
from kiosk.errors import KnownError
from kiosk.payments.promptpay import transfer_payload

_SATANG_CHOICES = 100


class NotAccepted(Exception):  # noqa: N818 - an answer of the contract, not a failure of the program
    """The gateway says no; the text is the answer's `msg`."""


@dataclass(frozen=True, slots=True)
class Transaction:
    """One payment at the simulated gateway. `received_satang` is the sum of all that came."""

    trans_id: str
    ref1: str
    due_satang: int
    payload: str
    created_at: datetime
    expires_at: datetime
    received_satang: int = 0
    is_cancelled: bool = False

    def status(self, now: datetime) -> str:
        """The contract's `payment_status` at `now`."""
        if self.received_satang > 0:
            return "completed"
        return "failed" if self.is_cancelled or now >= self.expires_at else "pending"


class TransactionBook:
    """All transactions since the start, in memory.

    Invariant: no two transactions that wait for money have the same amount; that is what the satang are for.
    Two askings with the same ref1 make two transactions: the gateway promises nothing else. Thread-safe.
    """

    def __init__(self, clock: Clock, valid_for_s: float) -> None:
        self._clock = clock
        self._valid_for = timedelta(seconds=valid_for_s)
        self._transactions: dict[str, Transaction] = {}
        self._lock = threading.Lock()

    def create(self, amount_satang: int, ref1: str, account: str) -> Transaction:
        """A transaction over the amount, plus some satang where others wait for the same. The first of an
        amount gets some satang, too, as the gateway does it. Raises NotAccepted."""
        now = self._clock.now()
        with self._lock:
            taken = {t.due_satang for t in self._transactions.values() if t.status(now) == "pending"}
            free = [
                amount_satang + more
                for more in range(1, _SATANG_CHOICES)
                if amount_satang + more not in taken
            ]
            if amount_satang <= 0 or not free:
                raise NotAccepted("amount cannot be used now")
            due = secrets.choice(free)
            try:
                payload = transfer_payload(account, due)
            except KnownError as wrong:
                raise NotAccepted("account or amount is invalid") from wrong
            trans_id = f"T{len(self._transactions) + 1:06d}{secrets.token_hex(4)}"
            made = Transaction(trans_id, ref1, due, payload, now, now + self._valid_for)
            self._transactions[trans_id] = made
            return made

    def find(self, trans_id: str) -> Transaction:
        """Raises NotAccepted for an unknown one."""
        with self._lock:
            return self._find(trans_id)

    def _find(self, trans_id: str) -> Transaction:
        if trans_id not in self._transactions:
            raise NotAccepted("trans_id not found")
        return self._transactions[trans_id]

    def status(self, transaction: Transaction) -> str:
        """The contract's `payment_status` now."""
        return transaction.status(self._clock.now())

    def cancel(self, trans_id: str) -> None:
        """Raises NotAccepted where it is unknown or over."""
        with self._lock:
            transaction = self._find(trans_id)
            if transaction.status(self._clock.now()) != "pending":
                raise NotAccepted("transaction is over")
            self._transactions[trans_id] = replace(transaction, is_cancelled=True)

    def pay(self, trans_id: str, amount_satang: int | None = None) -> Transaction:
        """Money comes, in time or not: `amount_satang`, else what is due. Raises NotAccepted."""
        with self._lock:
            transaction = self._find(trans_id)
            amount = transaction.due_satang if amount_satang is None else amount_satang
            paid = replace(transaction, received_satang=transaction.received_satang + amount)
            self._transactions[trans_id] = paid
            return paid

    def expire(self, trans_id: str) -> None:
        """Ends the time of a transaction now. Raises NotAccepted."""
        with self._lock:
            self._transactions[trans_id] = replace(self._find(trans_id), expires_at=self._clock.now())

    def all(self) -> tuple[Transaction, ...]:
        """Every transaction, oldest first."""
        with self._lock:
            return tuple(self._transactions.values())

    def waiting_since(self, seconds: float) -> tuple[Transaction, ...]:
        """The transactions that have waited for money for `seconds` and more."""
        now = self._clock.now()
        limit = now - timedelta(seconds=seconds)
        return tuple(t for t in self.all() if t.status(now) == "pending" and t.created_at <= limit)
