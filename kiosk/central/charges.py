"""Asking the gateway for kiosks: one charge for each key, asked for once, however often it is asked here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol
from uuid import uuid4

import structlog

from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.charge import (
    Charge,
    ChargeStatus,
    after_failure,
    after_lost_request,
    after_offer,
    after_report,
    came_at,
)
from kiosk.payments.settlement import POLL_EVERY_S
from kiosk.payments.types import PaymentGateway, PaymentRequest

_log = structlog.get_logger(__name__)

_LOST_AFTER = timedelta(seconds=30)  # no asking takes so long: who began it is gone
_FRESH_FOR = timedelta(seconds=POLL_EVERY_S)
_WAIT_EVERY_S = 0.05
_LONGEST_WAIT_S = 6.0
_AT_ONCE = 20
_MOST_ASKING = 16
_TURN_WITHIN_S = 1.0
"""A bank that is slow must not hold every thread of the process: who gets no turn is told what is known."""
_GATEWAY_AWAY = frozenset({ErrorCode.GATEWAY_UNREACHABLE, ErrorCode.GATEWAY_TIMEOUT})


class ChargeStore(Protocol):
    """The rows of charges; `kiosk.database.charges.SqlCharges` says what each method does."""

    def begin(self, charge: Charge) -> tuple[Charge, bool]: ...

    def charge(self, charge_id: str, tenant_id: str | None = None) -> Charge: ...

    def by_reference(self, provider_reference: str) -> Charge | None: ...

    def by_key(self, tenant_id: str, idempotency_key: str) -> Charge | None: ...

    def change(self, charge_id: str, rule: Callable[[Charge], Charge]) -> Charge: ...

    def claim(self, charge_id: str, at: datetime, unless_since: datetime) -> bool: ...

    def claim_due(self, at: datetime, unless_since: datetime, most: int) -> list[Charge]: ...

    def lost(self, asked_before: datetime) -> list[str]: ...


class Charges:
    """The centre's charges over one gateway. Any thread; several processes may work on one store.

    Invariants: a charge is stored before the gateway hears of it; for one key the gateway is asked for a
    payment once, unless it certainly did not hear; one whose fate is not known is never asked for again. All
    raise KnownError DATABASE_*, and those that look one up CHARGE_UNKNOWN.
    """

    def __init__(self, store: ChargeStore, gateway: PaymentGateway, clock: Clock) -> None:
        self._store = store
        self._gateway = gateway
        self._clock = clock
        self._turns = threading.BoundedSemaphore(_MOST_ASKING)

    def request(self, tenant_id: str, kiosk_id: str, request: PaymentRequest) -> Charge:
        """The charge of a key: PENDING with its code, UNKNOWN or REFUSED with the reason (`error_code`).

        CREATED where another process asks just now and has no answer yet. Raises
        KnownError(WRONG_KEY_REUSE) where the key stands for another amount or order.
        """
        now = self._clock.now()
        wanted = Charge(
            charge_id=uuid4().hex,
            tenant_id=tenant_id,
            kiosk_id=kiosk_id,
            idempotency_key=request.idempotency_key,
            order_code=request.order_code,
            amount_satang=request.amount_satang,
            due_satang=request.amount_satang,
            created_at=now,
            asked_at=now,
        )
        charge, is_mine = self._store.begin(wanted)
        if (charge.amount_satang, charge.order_code) != (request.amount_satang, request.order_code):
            raise KnownError(
                ErrorCode.WRONG_KEY_REUSE,
                "The idempotency key stands for another payment.",
                "Ask for each payment under a key of its own.",
            )
        if not is_mine and charge.may_be_asked_anew:
            charge, is_mine = self._take_up(charge)
        return self._ask(charge) if is_mine else self._answered(charge)

    def check(self, tenant_id: str | None, charge_id: str) -> Charge:
        """How a charge stands; the gateway is asked unless its last word is younger than 3 s.

        Raises the gateway's KnownError where it cannot be asked; GATEWAY_TIMEOUT where another process is
        asking and gets no answer, and where too many are asking.
        """
        charge = self._store.charge(charge_id, tenant_id)
        if charge.provider_reference is None or not self._gateway.confirms_by_itself:
            return charge
        if not self._turns.acquire(timeout=_TURN_WITHIN_S):
            raise KnownError(ErrorCode.GATEWAY_TIMEOUT, "The gateway is slow, and is being asked enough.")
        try:
            return self._checked(charge, tenant_id)
        finally:
            self._turns.release()

    def find(self, tenant_id: str, charge_id: str) -> Charge:
        """A charge as it is known. Raises KnownError(CHARGE_UNKNOWN)."""
        return self._store.charge(charge_id, tenant_id)

    def find_by_key(self, tenant_id: str, idempotency_key: str) -> Charge | None:
        """The charge of a key, as it is known."""
        return self._store.by_key(tenant_id, idempotency_key)

    def hear(self, provider_reference: str) -> Charge | None:
        """The gateway says that something happened to a payment of its: it is asked, whatever was said.

        None for one that nobody knows. What cannot be asked now, the sweep asks.
        """
        charge = self._store.by_reference(provider_reference)
        if charge is None:
            _log.warning("notice_of_unknown_payment")
            return None
        try:
            return self._look(charge)
        except KnownError as failed:
            _log.warning("charge_not_checked", charge_id=charge.charge_id, code=failed.code)
            return charge

    def cancel(self, tenant_id: str | None, charge_id: str) -> Charge:
        """Takes a charge back at the gateway; harmless where it is over. Raises the gateway's KnownError."""
        charge = self._store.charge(charge_id, tenant_id)
        if charge.provider_reference is None or charge.status is not ChargeStatus.PENDING:
            return charge
        self._gateway.cancel(charge.provider_reference)
        return self._store.change(charge_id, lambda known: replace(known, asked_at=None))

    def confirm(self, tenant_id: str, charge_id: str, received_satang: int) -> Charge:
        """Staff of the centre saw so much money on the account, in all: for codes that no gateway watches."""
        now = self._clock.now()

        def seen(charge: Charge) -> Charge:
            return replace(
                charge,
                status=ChargeStatus.COMPLETED,
                received_satang=max(charge.received_satang, received_satang),
                settled_at=charge.settled_at or came_at(charge, now),
            )

        charge = self._store.charge(charge_id, tenant_id)
        return self._store.change(charge_id, seen) if received_satang > 0 else charge

    def sweep(self) -> None:
        """Asks about every open charge; to be called every few seconds, by any number of processes.

        One without money is asked a last time a minute after its end, and is EXPIRED then. A gateway that
        cannot be reached ends the sweep; the next one goes on.
        """
        self.settle_lost()
        if not self._gateway.confirms_by_itself:
            return
        begun = self._clock.now()
        while due := self._store.claim_due(self._clock.now(), begun - _FRESH_FOR, _AT_ONCE):
            for charge in due:
                try:
                    self._look(charge)
                except KnownError as failed:
                    _log.warning("charge_not_checked", charge_id=charge.charge_id, code=failed.code)
                    if failed.code in _GATEWAY_AWAY:
                        return

    def settle_lost(self) -> None:
        """Charges whose asking was lost in a crash become UNKNOWN; REFUSED where no gateway hears."""
        for charge_id in self._store.lost(self._clock.now() - _LOST_AFTER):
            _log.warning("charge_request_lost", charge_id=charge_id)
            self._store.change(
                charge_id,
                lambda charge: after_lost_request(charge, is_heard=self._gateway.confirms_by_itself),
            )

    # -- the parts --------------------------------------------------------------------------------

    def _checked(self, charge: Charge, tenant_id: str | None) -> Charge:
        """The gateway's word, asked for by one of all who want it."""
        charge_id = charge.charge_id
        until_s = time.monotonic() + _LONGEST_WAIT_S
        while not self._store.claim(charge_id, self._clock.now(), self._clock.now() - _FRESH_FOR):
            charge = self._store.charge(charge_id, tenant_id)
            if charge.checked_at is not None and charge.checked_at >= (charge.asked_at or charge.checked_at):
                return charge
            if time.monotonic() > until_s:
                raise KnownError(ErrorCode.GATEWAY_TIMEOUT, "The gateway was asked and has not answered yet.")
            time.sleep(_WAIT_EVERY_S)
        try:
            return self._look(charge)
        except KnownError:
            self._store.change(charge_id, lambda known: replace(known, asked_at=None))
            raise

    def _take_up(self, charge: Charge) -> tuple[Charge, bool]:
        """Asks anew for what the gateway never heard of; of several that want to, one does."""
        now = self._clock.now()
        mine = False

        def taken(found: Charge) -> Charge:
            nonlocal mine
            mine = found.may_be_asked_anew
            return replace(found, status=ChargeStatus.CREATED, asked_at=now) if mine else found

        after = self._store.change(charge.charge_id, taken)
        return after, mine

    def _ask(self, charge: Charge) -> Charge:
        request = PaymentRequest(charge.gateway_key, charge.amount_satang, charge.order_code)
        try:
            offer = self._gateway.create(request)
        except KnownError as failed:
            error = failed  # the name of an except clause ends with it
            _log.warning("charge_request_failed", charge_id=charge.charge_id, code=error.code)
            return self._store.change(charge.charge_id, lambda asked: after_failure(asked, error))
        return self._store.change(charge.charge_id, lambda asked: after_offer(asked, offer))

    def _answered(self, charge: Charge) -> Charge:
        """The charge once whoever asks for it has an answer; as it is after a while without one."""
        until_s = time.monotonic() + _LONGEST_WAIT_S
        while charge.status is ChargeStatus.CREATED and time.monotonic() < until_s:
            time.sleep(_WAIT_EVERY_S)
            charge = self._store.charge(charge.charge_id)
        return charge

    def _look(self, charge: Charge) -> Charge:
        """Asks the gateway and stores its word."""
        if charge.provider_reference is None or not self._gateway.confirms_by_itself:
            return charge
        report = self._gateway.check(charge.provider_reference)
        now = self._clock.now()
        return self._store.change(charge.charge_id, lambda known: after_report(known, report, now))
