"""What checkout tells the rest, and the port of its rows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from kiosk.delivery.types import Delivery, DeliveryState
from kiosk.events import Event
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import Order, Voucher


@dataclass(frozen=True, slots=True)
class PaymentChanged(Event):
    """A payment was stored in this state."""

    order_id: str
    payment_id: str
    state: PaymentState


@dataclass(frozen=True, slots=True)
class OrderPaid(Event):
    """The order is paid, and what is owed for it is stored."""

    order_id: str


@dataclass(frozen=True, slots=True)
class GatewayAsked(Event):
    """The gateway was asked about the money that is awaited; `is_reached` says whether it could be."""

    is_reached: bool


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that was given back, in full or in part, by whom and why. `payment_id` names the payment where
    it was never the order's: double, too much, late or short money; it is empty where it was of the order's
    price. The same `refund_id` is one refund, however often it is told."""

    refund_id: str
    order_id: str
    payment_id: str
    amount_satang: int
    reason: str
    staff_name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class OrderRefunded(Event):
    """The order's price was given back, in full (`is_whole`) or in part."""

    order_id: str
    is_whole: bool


class VoucherHolds(Protocol):
    """Holds uses of vouchers that other kiosks may want as well. Each call is bounded to 10 s."""

    def check(self, voucher: Voucher) -> None:
        """Raises KnownError(VOUCHER_ELSEWHERE) for a voucher that is good at another kiosk only; quick."""
        ...

    def hold(self, code: str, order_id: str) -> None:
        """Holds a use of the voucher for an order that is about to be made; harmless when it is held already.

        Raises KnownError: VOUCHER_ELSEWHERE, VOUCHER_USED, VOUCHER_UNKNOWN, VOUCHER_NEEDS_CENTRE (who counts
        its uses cannot be asked now).
        """
        ...

    def kept(self, code: str, order_id: str) -> None:
        """The order is stored: from here on its own state decides."""
        ...

    def release(self, code: str, order_id: str) -> None:
        """The order was not made, or was cancelled: another may use the voucher. What cannot be told now is
        told later; raises nothing of the network."""
        ...


class NoHolds:
    """Of a kiosk that stands alone: its own database counts its vouchers' uses (`CheckoutStore`)."""

    def check(self, voucher: Voucher) -> None:
        """Every voucher that is known here is good here."""

    def hold(self, code: str, order_id: str) -> None:
        """Nothing to ask."""

    def kept(self, code: str, order_id: str) -> None:
        """Nothing to note."""

    def release(self, code: str, order_id: str) -> None:
        """Nothing to tell."""


VOUCHER_HELD_FOR = timedelta(minutes=20)
"""As long as a payment code lives, an order that waits for its money holds its voucher."""


class CheckoutStore(Protocol):
    """The rows of orders, payments and deliveries. Each method is one transaction, on disk when it returns;
    what the central services are to hear is written in the same one. Safe to call from several threads.

    Raises KnownError DATABASE_*, DISK_FULL; ORDER_UNKNOWN for an id or code that is not there.
    """

    @property
    def kiosk_id(self) -> str:
        """This kiosk's id, which the orders that it makes bear."""
        ...

    def open_order(self, order: Order, payment: Payment) -> bool:
        """Stores a new order and its first payment. False when another order bears the code: nothing is
        stored then. Storing the same order again changes nothing. Raises KnownError(VOUCHER_USED), also
        where orders that are being paid (younger than VOUCHER_HELD_FOR) hold the voucher's last use."""
        ...

    def order(self, order_id: str) -> Order: ...

    def order_by_code(self, code: str) -> Order: ...

    def orders(self, since: datetime, until: datetime) -> list[Order]:
        """Orders made in [since, until), the newest first."""
        ...

    def abandoned(self, made_before: datetime) -> list[str]:
        """The ids of orders of this kiosk's making that still await their payment."""
        ...

    def payment(self, payment_id: str) -> Payment: ...

    def payments(self, order_id: str) -> list[Payment]:
        """All payments of an order, the oldest first."""
        ...

    def payments_in(
        self,
        states: Collection[PaymentState],
        created_since: datetime | None = None,
        *,
        made_here: bool = False,
    ) -> list[Payment]:
        """All payments in one of these states, the oldest first; with `made_here` those of orders that were
        made at this kiosk."""
        ...

    def add_payment(self, payment: Payment) -> Payment:
        """Adds a further payment; the order's open one (`kiosk.payments.settlement.OPEN`) is returned instead
        if there is one, so that an order never asks for money twice at a time."""
        ...

    def update_payment(self, payment: Payment, expected: PaymentState) -> bool:
        """Stores a payment anew if it is still in the `expected` state; False, and nothing, if it is not."""
        ...

    def settle(
        self, payment: Payment, expected: PaymentState, deliveries: Sequence[Delivery], at: datetime
    ) -> Payment:
        """Full money (PAID or OVER): marks payment and order, writes the deliveries and counts the voucher,
        all at once. Where the order is paid or cancelled already, `kiosk.checkout.rules.settled` says what
        the money becomes. Returns the payment as it stands now; unchanged where it was not in the `expected`
        state any more."""
        ...

    def cancel_order(self, order_id: str, at: datetime) -> Order:
        """Cancels an order that awaits payment together with its open payments; another is left as it is."""
        ...

    def give_back(self, refund: Refund) -> Order:
        """Notes money that was given back, and what follows for its order, all at once; the same refund again
        changes nothing. `kiosk.checkout.rules.after_refund` says what follows: an order whose whole price was
        given back is REFUNDED, its links end, what is not printed yet never is, and a voucher that only this
        kiosk counts may be used again; one whose short money was given back is CANCELLED. Raises KnownError
        (REFUND_TOO_MUCH) where more would be given back than the order cost, or than came by the payment."""
        ...

    def refunds(self, order_id: str) -> list[Refund]:
        """What was given back, the oldest first."""
        ...

    def deliveries(self, order_id: str) -> list[Delivery]:
        """What is owed for an order: the phone link, then the prints in the order's sequence."""
        ...

    def deliveries_in(self, states: Collection[DeliveryState]) -> list[Delivery]:
        """All deliveries in one of these states, the oldest first, those of an order in its sequence."""
        ...

    def set_delivery(self, delivery_id: str, state: DeliveryState, detail: str = "") -> None:
        """Stores how a delivery stands."""
        ...
