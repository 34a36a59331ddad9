"""The checkout store in memory; passes the same contract tests as the one in SQL."""

from __future__ import annotations

import threading
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime

from kiosk.checkout.rules import after_refund, settled
from kiosk.checkout.types import VOUCHER_HELD_FOR, Refund
from kiosk.delivery.types import Delivery, DeliveryKind, DeliveryState
from kiosk.errors import ErrorCode, KnownError
from kiosk.payments.settlement import DELIVERABLE, OPEN
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import Order, OrderState, Voucher


class FakeCheckoutStore:
    """Every method holds one lock, which is its transaction. `vouchers` by code; `told` is the outbox."""

    kiosk_id = "this-kiosk"

    def __init__(self) -> None:
        self.vouchers: dict[str, Voucher] = {}
        self.told: list[str] = []
        self._orders: dict[str, Order] = {}
        self._payments: dict[str, Payment] = {}
        self._deliveries: dict[str, Delivery] = {}
        self._refunds: dict[str, Refund] = {}
        self._lock = threading.RLock()

    def open_order(self, order: Order, payment: Payment) -> bool:
        with self._lock:
            if order.order_id in self._orders:
                return True
            if any(other.code == order.code for other in self._orders.values()):
                return False
            voucher = self.vouchers.get(order.voucher_code or "")
            held = sum(
                other.voucher_code == order.voucher_code
                and other.state is OrderState.AWAITING_PAYMENT
                and other.created_at > order.created_at - VOUCHER_HELD_FOR
                for other in self._orders.values()
            )
            if voucher and voucher.use_limit is not None and voucher.used + held >= voucher.use_limit:
                raise KnownError(ErrorCode.VOUCHER_USED, "used")
            self._orders[order.order_id] = order
            self._payments[payment.payment_id] = payment
            self.told.append("order_created")
            return True

    def order(self, order_id: str) -> Order:
        if order_id not in self._orders:
            raise KnownError(ErrorCode.ORDER_UNKNOWN, order_id)
        return self._orders[order_id]

    def orders(self, since: datetime, until: datetime) -> list[Order]:
        found = [order for order in self._orders.values() if since <= order.created_at < until]
        return sorted(found, key=lambda order: (-order.created_at.timestamp(), order.code))

    def abandoned(self, made_before: datetime) -> list[str]:
        awaiting = (each for each in self._orders.values() if each.state is OrderState.AWAITING_PAYMENT)
        own = [each for each in awaiting if each.kiosk_id in ("", self.kiosk_id)]
        return [each.order_id for each in own if each.created_at < made_before]

    def order_by_code(self, code: str) -> Order:
        for order in self._orders.values():
            if order.code == code:
                return order
        raise KnownError(ErrorCode.ORDER_UNKNOWN, code)

    def payment(self, payment_id: str) -> Payment:
        if payment_id not in self._payments:
            raise KnownError(ErrorCode.ORDER_UNKNOWN, payment_id)
        return self._payments[payment_id]

    def payments(self, order_id: str) -> list[Payment]:
        self.order(order_id)
        return [payment for payment in self._payments.values() if payment.order_id == order_id]

    def payments_in(
        self,
        states: Collection[PaymentState],
        created_since: datetime | None = None,
        *,
        made_here: bool = False,
    ) -> list[Payment]:
        with self._lock:
            found = [payment for payment in self._payments.values() if payment.state in states]
        if made_here:
            own = {"", self.kiosk_id}
            found = [payment for payment in found if self._orders[payment.order_id].kiosk_id in own]
        if created_since is not None:
            found = [payment for payment in found if payment.created_at >= created_since]
        return sorted(found, key=lambda payment: payment.created_at)

    def add_payment(self, payment: Payment) -> Payment:
        with self._lock:
            for present in self.payments(payment.order_id):
                if present.payment_id == payment.payment_id or present.state in OPEN:
                    return present
            self._payments[payment.payment_id] = payment
            return payment

    def update_payment(self, payment: Payment, expected: PaymentState) -> bool:
        with self._lock:
            if self.payment(payment.payment_id).state is not expected:
                return False
            self._payments[payment.payment_id] = payment
            return True

    def settle(
        self, payment: Payment, expected: PaymentState, deliveries: Sequence[Delivery], at: datetime
    ) -> Payment:
        with self._lock:
            order = self.order(payment.order_id)
            stored = self.payment(payment.payment_id)
            if stored.state is not expected:
                return stored
            after = settled(payment, expected, order.state)
            self._payments[after.payment_id] = after
            if after.state in DELIVERABLE and order.state in (
                OrderState.AWAITING_PAYMENT,
                OrderState.CANCELLED,
            ):
                self._orders[order.order_id] = replace(order, state=OrderState.PAID, paid_at=at)
                self._deliveries.update({delivery.delivery_id: delivery for delivery in deliveries})
                voucher = self.vouchers.get(order.voucher_code or "")
                if voucher is not None:
                    self.vouchers[voucher.code] = replace(voucher, used=voucher.used + 1)
                self.told.append("order_paid")
            return after

    def cancel_order(self, order_id: str, at: datetime) -> Order:
        with self._lock:
            order = self.order(order_id)
            if order.state is OrderState.AWAITING_PAYMENT:
                order = self._orders[order_id] = replace(order, state=OrderState.CANCELLED)
                for payment in self.payments(order_id):
                    if payment.state in OPEN:
                        self._payments[payment.payment_id] = replace(payment, state=PaymentState.CANCELLED)
                self.told.append("order_cancelled")
            return order

    def give_back(self, refund: Refund) -> Order:
        with self._lock:
            order = self.order(refund.order_id)
            if refund.refund_id in self._refunds:
                return order
            payment = self.payment(refund.payment_id) if refund.payment_id else None
            before = sum(
                each.amount_satang
                for each in self.refunds(order.order_id)
                if each.payment_id == refund.payment_id
            )
            after = after_refund(order, payment, before, refund)
            self._refunds[refund.refund_id] = refund
            if after is order.state:
                return order
            if after is OrderState.CANCELLED:
                return self.cancel_order(order.order_id, refund.at)
            order = self._orders[order.order_id] = replace(order, state=after)
            for delivery in self.deliveries(order.order_id):
                if delivery.kind is DeliveryKind.PRINT and delivery.state is not DeliveryState.DONE:
                    self.set_delivery(delivery.delivery_id, DeliveryState.DONE, "refunded")
            voucher = self.vouchers.get(order.voucher_code or "")
            if voucher is not None:
                self.vouchers[voucher.code] = replace(voucher, used=voucher.used - 1)
            self.told.append("order_refunded")
            return order

    def refunds(self, order_id: str) -> list[Refund]:
        return [refund for refund in self._refunds.values() if refund.order_id == order_id]

    def deliveries(self, order_id: str) -> list[Delivery]:
        return [delivery for delivery in self._deliveries.values() if delivery.order_id == order_id]

    def deliveries_in(self, states: Collection[DeliveryState]) -> list[Delivery]:
        return [delivery for delivery in self._deliveries.values() if delivery.state in states]

    def set_delivery(self, delivery_id: str, state: DeliveryState, detail: str = "") -> None:
        with self._lock:
            if delivery_id not in self._deliveries:
                raise KnownError(ErrorCode.ORDER_UNKNOWN, delivery_id)
            delivery = self._deliveries[delivery_id]
            self._deliveries[delivery_id] = replace(delivery, state=state, detail=detail)
