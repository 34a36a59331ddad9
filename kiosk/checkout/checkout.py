"""From basket to paid order: the one way in which money is asked for and taken as come."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4
from weakref import WeakValueDictionary

import structlog

from kiosk.checkout.print_limits import NoPrintLimits, PrintLimits
from kiosk.checkout.rules import confirmed, missing_satang, order_lines
from kiosk.checkout.till import GATEWAY_AWAY, GATEWAY_ERRORS, OVER_WITHOUT_MONEY, Till
from kiosk.checkout.types import (
    CheckoutStore,
    GatewayAsked,
    NoHolds,
    OrderRefunded,
    Refund,
    VoucherHolds,
)
from kiosk.clock import Clock
from kiosk.delivery.types import Delivery, DeliveryState
from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.payments.settlement import DELIVERABLE, move
from kiosk.payments.types import Payment, PaymentGateway, PaymentState
from kiosk.sales.types import Basket, Order, OrderState, PrintSize, Quote, Voucher

_log = structlog.get_logger(__name__)
_S = PaymentState

_FOR_STAFF = frozenset({_S.UNKNOWN, _S.SHORT, _S.LATE, _S.OVER, _S.DUPLICATE})
_LOOKED_BACK_AT = OVER_WITHOUT_MONEY | {_S.PAID, _S.LATE}
_LOOK_BACK = timedelta(hours=24)
_ABANDONED_AFTER = timedelta(hours=24)
_CODE_TRIES = 50


class _OrderLock:
    """A lock that can be weakly referenced, so that it goes with the last one who uses it."""

    __slots__ = ("__weakref__", "held")

    def __init__(self) -> None:
        self.held = threading.RLock()


class Checkout:
    """Places orders, asks for payments and settles them.

    Invariants: an intent is stored before the gateway hears of it; a payment whose fate is not known is asked
    about and never charged again; an order is paid, and its deliveries written, in one transaction. Every
    command may be given again at any time, by any thread, and does no harm: commands on one order wait for
    each other. Those that call the gateway can take 10 s (call them on a worker): `request_payment`, `check`,
    `renew`, `cancel`, `sweep`, `follow`, `reconcile`. All raise KnownError DATABASE_*, DISK_FULL,
    ORDER_UNKNOWN.
    """

    def __init__(
        self,
        store: CheckoutStore,
        gateway: PaymentGateway,
        clock: Clock,
        bus: EventBus,
        code_maker: Callable[[], str],
        print_prices: Mapping[PrintSize, int],
        holds: VoucherHolds | None = None,
        print_limits: PrintLimits | None = None,
    ) -> None:
        self.print_limits: PrintLimits = print_limits or NoPrintLimits()
        self._store = store
        self._holds = holds or NoHolds()
        self._till = Till(store, gateway, clock, bus)
        self._clock = clock
        self._bus = bus
        self._code_maker = code_maker
        self._print_prices = print_prices
        self._locks: WeakValueDictionary[str, _OrderLock] = WeakValueDictionary()
        self._locks_guard = threading.Lock()

    def use_gateway(self, gateway: PaymentGateway) -> None:
        """New payments are asked for there from now on; those that are open stay with theirs."""
        self._till.use(gateway)

    def is_confirmed_by_itself(self, payment: Payment) -> bool:
        """False where staff have to confirm that its money came."""
        return self._till.is_confirmed_by_itself(payment)

    @property
    def hearing(self) -> frozenset[str]:
        """The names of the gateways that tell of money by themselves; of others only staff can tell."""
        return self._till.hearing

    def use_print_prices(self, print_prices: Mapping[PrintSize, int]) -> None:
        """New orders are placed at these from now on."""
        self._print_prices = print_prices

    # -- placing ----------------------------------------------------------------------------------

    def check_voucher(self, voucher: Voucher) -> None:
        """Before a visitor counts on it. Raises KnownError(VOUCHER_ELSEWHERE)."""
        self._holds.check(voucher)

    def place(self, basket: Basket, quote: Quote, event_id: str, language: Language) -> tuple[Order, Payment]:
        """Stores the order and its payment (CREATED) in one transaction; nobody is asked for money yet.

        An order that costs nothing is paid at once. Placing again makes another order, and costs nobody
        anything until it is paid. A voucher's use is held before the order is stored, which may ask the
        centre (10 s). Raises KnownError BASKET_EMPTY, VOUCHER_USED, PRINT_SIZE_NOT_OFFERED, PRINT_QUOTA, and
        what `VoucherHolds.hold` raises.
        """
        if basket.is_empty:
            raise KnownError(ErrorCode.BASKET_EMPTY, "There is nothing in the basket.")
        self.print_limits.check(basket.prints, event_id)
        now = self._clock.now()
        order = Order(
            order_id=uuid4().hex,
            code=self._code_maker(),
            event_id=event_id,
            language=language.value,
            state=OrderState.AWAITING_PAYMENT,
            lines=order_lines(basket, self._print_prices, lambda: uuid4().hex),
            total_satang=quote.total_satang,
            discount_satang=quote.discount_satang,
            created_at=now,
            voucher_code=quote.voucher_code,
            packages=quote.packages,
            kiosk_id=self._store.kiosk_id,
        )
        payment = self._till.new_payment(order, order.total_satang)
        with self._voucher_held(order):
            order = self._store_new(order, payment)
        self._till.publish(payment)
        if payment.amount_satang == 0:
            payment = self._till.settle_free(payment)
            order = self._store.order(order.order_id)
        return order, payment

    def request_payment(self, payment_id: str) -> Payment:
        """Asks the gateway for a payment and stores its offer: the payment is PENDING then.

        UNKNOWN when the gateway did not answer or answered nonsense; it is never asked for again. One that is
        past asking is returned as it is. One that the gateway refused is asked for anew, as a new payment.
        Raises KnownError GATEWAY_UNREACHABLE (it stays CREATED), GATEWAY_REFUSED, GATEWAY_NOT_CONFIGURED,
        AMOUNT_INVALID (it is REFUSED): asking again is safe.
        """
        with self._locked(payment_id) as payment:
            order = self._store.order(payment.order_id)
            if order.state is not OrderState.AWAITING_PAYMENT:
                return payment
            if payment.state is _S.REFUSED:
                payment = self._till.add_payment(order)
            if payment.state is not _S.CREATED:
                return payment
            if payment.amount_satang == 0:
                return self._till.settle_free(payment)
            if payment.requested_at is not None:
                payment = self._till.after_lost_request(payment)
            return self._till.request(order, payment) if payment.state is _S.CREATED else payment

    def renew(self, order_id: str) -> Payment:
        """A new payment (CREATED, to be requested) for an order whose last one is over without money.

        The last one is asked about once more before, and the order's present payment is returned where there
        is nothing to renew: it goes on, is unknown, or money came. One that the gateway never answered to is
        called off: its code was never on a screen, so nobody can have paid it. Raises the gateway's
        KnownError when it cannot be asked.
        """
        with self._order_locked(order_id):
            payment = self._store.payments(order_id)[-1]
            if payment.state in (_S.PENDING, _S.EXPIRED) and payment.provider_reference is not None:
                payment = self._till.expire(self._till.ask(payment))
            elif payment.state is _S.UNKNOWN and not payment.has_code:
                payment = self._till.call_off(payment)
            order = self._store.order(order_id)
            if order.state is not OrderState.AWAITING_PAYMENT or payment.state not in OVER_WITHOUT_MONEY:
                return payment
            self._till.take_back(payment)
            return self._till.add_payment(order)

    def pay_rest(self, order_id: str) -> Payment:
        """A second payment (CREATED, to be requested) of what is missing after one that came short.

        The order's present payment where nothing came short, or the rest is being paid already.
        """
        with self._order_locked(order_id):
            order = self._store.order(order_id)
            payments = self._store.payments(order_id)
            is_short = any(payment.state is _S.SHORT for payment in payments)
            if order.state is not OrderState.AWAITING_PAYMENT or not is_short:
                return payments[-1]
            if missing_satang(order, payments) == 0:
                short = next(payment for payment in reversed(payments) if payment.state is _S.SHORT)
                return self._till.store_change(short, replace(short, state=_S.PAID))
            return self._till.add_payment(order)

    def cancel(self, order_id: str) -> Order:
        """Cancels an order that nobody paid, and its payment at the gateway.

        The order is returned as it stands: still awaiting payment where money came, or may have come (a code
        was shown and its fate is not known), or the gateway cannot be asked now; the sweep ends that.
        """
        with self._order_locked(order_id):
            try:
                is_certain = all(map(self._till.is_called_off, self._store.payments(order_id)))
            except KnownError as error:
                if error.code not in GATEWAY_ERRORS:
                    raise
                _log.warning("order_not_cancelled", order_id=order_id, code=error.code)
                is_certain = False
            if not is_certain:
                return self._store.order(order_id)
            before = {payment.payment_id: payment.state for payment in self._store.payments(order_id)}
            order = self._store.cancel_order(order_id, self._clock.now())
            for payment in self._store.payments(order_id):
                if before[payment.payment_id] is not payment.state:
                    self._till.publish(payment)
            if order.state is OrderState.CANCELLED and order.voucher_code is not None:
                self._holds.release(order.voucher_code, order_id)
            return order

    def give_back(self, refund: Refund) -> Order:
        """Notes that staff gave money back, and what follows for the order (`CheckoutStore.give_back`). The
        same refund again changes nothing. The gateway is told of codes that nobody is to pay any more, which
        can take 10 s. Raises KnownError(REFUND_TOO_MUCH)."""
        with self._order_locked(refund.order_id):
            known = {each.refund_id for each in self._store.refunds(refund.order_id)}
            before = self._store.payments(refund.order_id)
            was_open = self._store.order(refund.order_id).state is OrderState.AWAITING_PAYMENT
            order = self._store.give_back(refund)
            if refund.refund_id in known:
                return order
            _log.info("money_given_back", order=order.code, satang=refund.amount_satang)
            for was, payment in zip(before, self._store.payments(order.order_id), strict=True):
                if payment.state is not was.state:
                    self._till.take_back(was)  # nobody is to pay the rest of an order that is over
                if payment.state is not was.state or payment.payment_id == refund.payment_id:
                    self._till.publish(payment)
            if was_open and order.state is OrderState.CANCELLED and order.voucher_code is not None:
                self._holds.release(order.voucher_code, order.order_id)
            if not refund.payment_id:
                self._bus.publish(OrderRefunded(order.order_id, order.state is OrderState.REFUNDED))
            return order

    # -- learning of money ------------------------------------------------------------------------

    def check(self, payment_id: str) -> Payment:
        """Asks the gateway how a payment stands, and stores what follows; PAID and OVER settle the order.

        Raises the gateway's KnownError when it does not answer; the payment stays as it was.
        """
        with self._locked(payment_id) as payment:
            return self._till.ask(payment)

    def confirm_by_staff(self, payment_id: str, received_satang: int, staff: str) -> Payment:
        """Staff saw so much money on the account; 0 says that none came and none will: it is called off.

        Confirming again what is settled changes nothing.
        """
        if received_satang < 0:
            raise KnownError(ErrorCode.AMOUNT_INVALID, "An amount below zero cannot have come.")
        with self._locked(payment_id) as payment:
            if payment.state in DELIVERABLE or payment.state is _S.DUPLICATE:
                return payment
            after = confirmed(payment, received_satang, staff, self._clock.now())
            if after.state in DELIVERABLE and payment.state in (_S.CANCELLED, _S.REFUSED):
                late = replace(after, state=move(payment.state, _S.LATE), confirmed_by=None)
                payment = self._till.store_change(payment, late)
            return self._till.store_change(payment, after)

    def sweep(self) -> None:
        """Asks about every payment that money is awaited for; to be called every few seconds.

        A payment that got none is asked a last time a minute after its end, and is EXPIRED then. A gateway
        that cannot be reached ends the sweep; the next one goes on. One that only staff can answer for is
        asked nothing: what visitors left unpaid would be asked about for ever. GatewayAsked says how it went.
        """
        if self._till.hears_of_money:
            self._poll(self._store.payments_in({_S.PENDING, _S.UNKNOWN}, made_here=True))

    def follow(self, order_id: str) -> None:
        """As `sweep`, for an order that another kiosk made and somebody wants to pay here."""
        order = self._store.order(order_id)
        if self._till.hears_of_money and order.kiosk_id not in ("", self._store.kiosk_id):
            self._poll(p for p in self._store.payments(order_id) if p.state in (_S.PENDING, _S.UNKNOWN))

    def reconcile(self) -> None:
        """Brings every payment to what is true now: at start, and every few minutes.

        A payment whose request may or may not have gone out before a crash becomes UNKNOWN; one that was
        never sent stays CREATED and can be asked for safely. All that are open, and those of the last day
        that are over, are asked about: late and double money is found. An order that got no money within a
        day is cancelled. Orders that other kiosks made are theirs to look after.
        """
        for payment in self._store.payments_in({_S.CREATED}, made_here=True):
            with self._locked(payment.payment_id) as created:
                if created.state is not _S.CREATED:
                    continue
                if created.amount_satang == 0:
                    self._till.settle_free(created)
                elif created.requested_at is not None:
                    self._till.after_lost_request(created)
        if self._till.hears_of_money:
            since = self._clock.now() - _LOOK_BACK
            self._ask_all(self._store.payments_in({_S.PENDING, _S.UNKNOWN, _S.SHORT}, made_here=True))
            self._ask_all(self._store.payments_in(_LOOKED_BACK_AT, since, made_here=True))
        self._cancel_abandoned()

    # -- reading ----------------------------------------------------------------------------------

    def order(self, order_id: str) -> Order:
        """Raises KnownError(ORDER_UNKNOWN)."""
        return self._store.order(order_id)

    def order_by_code(self, code: str) -> Order:
        """By a code as `kiosk.sales.orders.normalise_code` gives it. Raises KnownError(ORDER_UNKNOWN)."""
        return self._store.order_by_code(code)

    def payment(self, payment_id: str) -> Payment:
        """Raises KnownError(ORDER_UNKNOWN)."""
        return self._store.payment(payment_id)

    def payments(self, order_id: str) -> list[Payment]:
        """All payments of an order, the oldest first."""
        return self._store.payments(order_id)

    def refunds(self, order_id: str) -> list[Refund]:
        """What was given back of an order and its payments, the oldest first."""
        return self._store.refunds(order_id)

    def payments_for_staff(self) -> list[Payment]:
        """Those that staff have to look at: unknown, short, late, over and duplicate ones."""
        return self._store.payments_in(_FOR_STAFF)

    def deliveries(self, order_id: str) -> list[Delivery]:
        """What is owed for an order, the phone link first; none while it is not paid."""
        return self._store.deliveries(order_id)

    def deliveries_pending(self) -> list[Delivery]:
        """Everything that is paid and not handed over: to be resumed at start."""
        return self._store.deliveries_in({DeliveryState.PENDING})

    def set_delivery(self, delivery_id: str, state: DeliveryState, detail: str = "") -> None:
        """Notes how a delivery stands."""
        self._store.set_delivery(delivery_id, state, detail)

    # -- the parts --------------------------------------------------------------------------------

    def _store_new(self, order: Order, payment: Payment) -> Order:
        """The order as it was stored, under a code that no other bears."""
        for _ in range(_CODE_TRIES):
            if self._store.open_order(order, payment):
                return order
            order = replace(order, code=self._code_maker())
        raise BugError("no free order code was found")

    @contextmanager
    def _voucher_held(self, order: Order) -> Iterator[None]:
        """A use of the order's voucher is held before it is stored, and given back where it is not."""
        code = order.voucher_code
        if code is None:
            yield
            return
        self._holds.hold(code, order.order_id)
        try:
            yield
        except Exception:
            self._holds.release(code, order.order_id)
            raise
        self._holds.kept(code, order.order_id)

    def _cancel_abandoned(self) -> None:
        for order_id in self._store.abandoned(self._clock.now() - _ABANDONED_AFTER):
            self.cancel(order_id)

    def _poll(self, payments: Iterable[Payment]) -> None:
        """Asks about all and tells whether the gateway could be asked; nothing where there was nothing to."""
        asked = [each for each in payments if each.provider_reference is not None and not each.is_by_staff]
        if asked:
            self._bus.publish(GatewayAsked(self._ask_all(asked)))

    def _ask_all(self, payments: Iterable[Payment]) -> bool:
        """False where the gateway cannot be reached."""
        for listed in payments:
            if listed.provider_reference is None:
                continue
            try:
                with self._locked(listed.payment_id) as payment:
                    self._till.ask(payment)
            except KnownError as error:
                if error.code not in GATEWAY_ERRORS:
                    raise
                _log.warning("payment_not_checked", payment_id=listed.payment_id, code=error.code)
                if error.code in GATEWAY_AWAY:
                    return False
        return True

    @contextmanager
    def _locked(self, payment_id: str) -> Iterator[Payment]:
        """The payment as it stands, while nobody else works on its order."""
        order_id = self._store.payment(payment_id).order_id
        with self._order_locked(order_id):
            yield self._store.payment(payment_id)

    @contextmanager
    def _order_locked(self, order_id: str) -> Iterator[None]:
        with self._locks_guard:
            lock = self._locks.setdefault(order_id, _OrderLock())
        with lock.held:
            yield
