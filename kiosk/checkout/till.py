"""The steps of one payment: asking the gateway for it and about it, and storing what came of it."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import structlog

from kiosk.checkout.rules import deliveries_of, missing_satang
from kiosk.checkout.types import CheckoutStore, OrderPaid, PaymentChanged
from kiosk.clock import Clock
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.payments.settlement import DELIVERABLE, OPEN, after_failed_create, judge, move
from kiosk.payments.types import Payment, PaymentGateway, PaymentReport, PaymentRequest, PaymentState
from kiosk.sales.types import Order, OrderState

_log = structlog.get_logger(__name__)
_S = PaymentState

FREE = "free"
"""The gateway's name of a payment of nothing: a voucher paid for all."""
OVER_WITHOUT_MONEY = frozenset({_S.EXPIRED, _S.CANCELLED, _S.REFUSED})
GATEWAY_AWAY = frozenset(
    {ErrorCode.GATEWAY_UNREACHABLE, ErrorCode.GATEWAY_TIMEOUT, ErrorCode.GATEWAY_NOT_CONFIGURED}
)
GATEWAY_ERRORS = GATEWAY_AWAY | {ErrorCode.GATEWAY_REFUSED, ErrorCode.GATEWAY_NONSENSE}
_NOT_ASKED_ABOUT = frozenset({_S.CREATED, _S.OVER, _S.DUPLICATE})
_KEY_BYTES = 10  # 20 letters: what a bill payment's ref1 holds
_MOST_TIMED = 500


class Till:
    """Works on one payment at a time. Invariant: whoever calls holds the lock of the payment's order."""

    def __init__(self, store: CheckoutStore, gateway: PaymentGateway, clock: Clock, bus: EventBus) -> None:
        self._store = store
        self._gateway = gateway
        self._gateways = {gateway.name: gateway}
        self._clock = clock
        self._bus = bus
        self._asked_at_s: dict[str, float] = {}

    def use(self, gateway: PaymentGateway) -> None:
        """New payments are asked for there from now on; the others are still asked about where they are."""
        self._gateway = gateway
        self._gateways = {**self._gateways, gateway.name: gateway}

    def new_payment(self, order: Order, amount_satang: int) -> Payment:
        """A payment that nobody has stored or asked for yet."""
        return Payment(
            payment_id=uuid4().hex,
            order_id=order.order_id,
            idempotency_key=secrets.token_hex(_KEY_BYTES),
            gateway=self._gateway.name if amount_satang else FREE,
            state=_S.CREATED,
            amount_satang=amount_satang,
            due_satang=amount_satang,
            received_satang=0,
            created_at=self._clock.now(),
        )

    def add_payment(self, order: Order) -> Payment:
        """A further payment of what the order still owes; its open one if there is one."""
        missing = missing_satang(order, self._store.payments(order.order_id))
        fresh = self.new_payment(order, missing)
        payment = self._store.add_payment(fresh)
        if payment.payment_id == fresh.payment_id:
            self.publish(payment)
        return payment

    def request(self, order: Order, payment: Payment) -> Payment:
        """Stores the intent, asks the gateway, stores the offer. See `Checkout.request_payment`."""
        gateway = self._gateway  # another one may be used before the intent is stored
        intent = replace(payment, requested_at=self._clock.now(), gateway=gateway.name)
        self._asked_at_s[payment.payment_id] = self._clock.since_boot_s()
        if len(self._asked_at_s) > _MOST_TIMED:
            del self._asked_at_s[next(iter(self._asked_at_s))]
        payment = self.store_change(payment, intent)
        try:
            offer = gateway.create(PaymentRequest(payment.idempotency_key, payment.amount_satang, order.code))
        except KnownError as error:
            return self._after_failed_request(payment, error)
        pending = replace(
            payment,
            state=move(payment.state, _S.PENDING),
            due_satang=offer.due_satang,
            expires_at=offer.expires_at,
            provider_reference=offer.provider_reference,
            qr_payload=offer.qr_payload,
            qr_png=offer.qr_png,
            receiver_name=offer.receiver_name,
        )
        return self.store_change(payment, pending)

    def _after_failed_request(self, payment: Payment, error: KnownError) -> Payment:
        _log.warning("payment_request_failed", payment_id=payment.payment_id, code=error.code)
        if error.code is ErrorCode.GATEWAY_UNREACHABLE:
            self.store_change(payment, replace(payment, requested_at=None))
            raise error
        state = after_failed_create(error)
        payment = self.store_change(payment, replace(payment, state=move(payment.state, state)))
        if state is not _S.UNKNOWN:
            raise error
        return payment

    def after_lost_request(self, payment: Payment) -> Payment:
        """A CREATED payment whose request was begun and never ended, by a crash.

        UNKNOWN where a gateway may have heard of it; where there is none to hear, as if never requested.
        """
        gateway = self._gateways.get(payment.gateway)
        if gateway is not None and not gateway.confirms_by_itself:
            return self.store_change(payment, replace(payment, requested_at=None))
        _log.warning("payment_fate_unknown", payment_id=payment.payment_id)
        return self.store_change(payment, replace(payment, state=move(payment.state, _S.UNKNOWN)))

    @property
    def hears_of_money(self) -> bool:
        """False where nobody but staff can tell that money came: then there is nothing to ask."""
        return any(gateway.confirms_by_itself for gateway in self._gateways.values())

    @property
    def hearing(self) -> frozenset[str]:
        """The names of the gateways that tell of money by themselves."""
        return frozenset(name for name, gateway in self._gateways.items() if gateway.confirms_by_itself)

    def is_confirmed_by_itself(self, payment: Payment) -> bool:
        """Whether its money is heard of without staff; of one that no gateway here knows nothing is."""
        return payment.gateway in self.hearing and not payment.is_by_staff

    def ask(self, payment: Payment) -> Payment:
        """Asks its gateway how a payment stands and stores what follows. Raises the gateway's KnownError.

        One that no gateway here can know is returned as it is.
        """
        reference, gateway = payment.provider_reference, self._gateways.get(payment.gateway)
        if reference is None or gateway is None or not gateway.confirms_by_itself:
            return payment
        if payment.state in _NOT_ASKED_ABOUT or payment.is_by_staff:
            return payment
        return self._take(payment, gateway.check(reference))

    def _take(self, payment: Payment, report: PaymentReport) -> Payment:
        others = self._store.payments(payment.order_id)
        is_paid_by_other = any(
            other.state in DELIVERABLE and other.payment_id != payment.payment_id for other in others
        )
        now = self._clock.now()
        after = replace(payment, state=judge(payment, report, self._time_of(payment), is_paid_by_other))
        if report.received_satang > payment.received_satang:
            after = replace(
                after,
                received_satang=report.received_satang,
                settled_at=payment.settled_at or report.settled_at or now,
            )
        return self.store_change(payment, after)

    def expire(self, payment: Payment) -> Payment:
        """Ends a payment whose time is over and that got no money, as just asked."""
        is_over = payment.expires_at is not None and self._time_of(payment) >= payment.expires_at
        if payment.state is not _S.PENDING or not is_over:
            return payment
        return self.store_change(payment, replace(payment, state=move(payment.state, _S.EXPIRED)))

    def _time_of(self, payment: Payment) -> datetime:
        """Now, as far as a payment goes: of one that was asked for since this start the time that really went
        by counts, so that a clock that is set makes no money late and no code last for a day."""
        asked_at_s = self._asked_at_s.get(payment.payment_id)
        if asked_at_s is None or payment.requested_at is None:
            return self._clock.now()
        return payment.requested_at + timedelta(seconds=self._clock.since_boot_s() - asked_at_s)

    def call_off(self, payment: Payment) -> Payment:
        """Ends a payment that nobody can have paid; money that comes all the same is late, for staff."""
        return self.store_change(payment, replace(payment, state=move(payment.state, _S.CANCELLED)))

    def is_called_off(self, payment: Payment) -> bool:
        """Sees to it that nobody can pay this any more; False where money came or may come.

        One whose code was never on a screen nobody can pay. Raises the gateway's KnownError when it cannot
        be asked.
        """
        if payment.state in OPEN and not payment.has_code:
            return True
        if payment.state in OPEN:
            payment = self.ask(payment)
        reference, gateway = payment.provider_reference, self._gateways.get(payment.gateway)
        if payment.state is _S.PENDING and reference is not None and gateway is not None:
            gateway.cancel(reference)
            return True
        return payment.state in OVER_WITHOUT_MONEY

    def take_back(self, payment: Payment) -> None:
        """Asks the gateway to forget a payment that is over; it may have done so by itself."""
        gateway = self._gateways.get(payment.gateway)
        if payment.provider_reference is None or gateway is None:
            return
        try:
            gateway.cancel(payment.provider_reference)
        except KnownError as error:
            _log.info("payment_not_taken_back", payment_id=payment.payment_id, code=error.code)

    def settle_free(self, payment: Payment) -> Payment:
        """Pays a payment of nothing."""
        return self.store_change(payment, replace(payment, state=_S.PAID, settled_at=self._clock.now()))

    def store_change(self, before: Payment, after: Payment) -> Payment:
        """Stores a payment's next state and tells it; full money settles the order in the same transaction.

        Returns the payment as it stands: what another thread stored meanwhile wins.
        """
        if after == before:
            return before
        if after.state in DELIVERABLE and before.state not in DELIVERABLE:
            return self._settle(before, after)
        if after.state is not before.state:
            move(before.state, after.state)
        if not self._store.update_payment(after, before.state):
            return self._store.payment(before.payment_id)
        if (after.state, after.received_satang) != (before.state, before.received_satang):
            self.publish(after)
        return after

    def _settle(self, before: Payment, after: Payment) -> Payment:
        order = self._store.order(before.order_id)
        now = self._clock.now()
        stored = self._store.settle(after, before.state, deliveries_of(order, now), now)
        _log.info("payment_settled", order=order.code, state=stored.state)
        self.publish(stored)
        if order.state is not OrderState.PAID and stored.state in DELIVERABLE:
            self._bus.publish(OrderPaid(order.order_id))
        return stored

    def publish(self, payment: Payment) -> None:
        """Tells that a payment was stored in its state."""
        self._bus.publish(PaymentChanged(payment.order_id, payment.payment_id, payment.state))
