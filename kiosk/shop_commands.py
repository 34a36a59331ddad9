"""What staff do with orders and vouchers on the command line, beside a running kiosk."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from kiosk.adapters import choose_gateway, open_vault
from kiosk.archive import DATABASE_FILE, Archive, event_named
from kiosk.centre_link import code_maker_of, order_prefix
from kiosk.checkout.checkout import Checkout
from kiosk.checkout.rules import missing_satang
from kiosk.clock import SystemClock
from kiosk.database.engine import Database, open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.sync_state import SqlEnrolment
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.money import display_baht
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.orders import normalise_code
from kiosk.sales.types import Order, OrderState, Voucher
from kiosk.sales.vouchers import new_voucher
from kiosk.settings import load_settings
from kiosk.staff.types import AuditAction
from kiosk.staff_commands import log_command

_TAKES_MONEY = frozenset({OrderState.AWAITING_PAYMENT, OrderState.CANCELLED})
_FOR_STAFF = frozenset({PaymentState.LATE, PaymentState.OVER, PaymentState.DUPLICATE})
"""Of an order that waits no more; one that came short waits, or its rest was paid."""


@contextmanager
def _order_rows(home: Path) -> Iterator[SqlCheckoutStore]:
    """The orders beside a running kiosk: only the database is opened."""
    with _rows(home) as database:
        yield SqlCheckoutStore(database)


@contextmanager
def _rows(home: Path) -> Iterator[Database]:
    database = open_database(home / DATABASE_FILE, vault=open_vault(home))
    try:
        yield database
    finally:
        database.close()


@dataclass(frozen=True, slots=True)
class Confirmation:
    """How an order and its payment stand after staff told what came; `missing_satang` is still to be paid."""

    order: Order
    payment: Payment
    missing_satang: int

    @property
    def in_words(self) -> str:
        """For staff: what it means, and what is left for them to do."""
        if self.payment.state is PaymentState.OVER:
            over = display_baht(self.payment.received_satang - self.payment.amount_satang)
            return f"paid; {over} baht too much came, to be given back"
        if self.order.state is OrderState.PAID:
            return "paid"
        if self.payment.state is PaymentState.SHORT:
            return f"{display_baht(self.missing_satang)} baht still missing"
        if self.payment.state is PaymentState.LATE:
            came = display_baht(self.payment.received_satang)
            return f"not paid; {came} baht came after its end, too little, and must be given back"
        return "not paid; no money is awaited for this payment any more"


def confirm_order(home: Path, code_text: str, received_satang: int, staff: str) -> Confirmation:
    """Notes the whole sum that staff saw come for an order's present payment so far.

    Raises KnownError ORDER_UNKNOWN, ORDER_PAID_ALREADY (nothing is noted), DATABASE_*.
    """
    settings = load_settings(home)
    with _rows(home) as database:
        enrolment = SqlEnrolment(database)
        checkout = Checkout(
            SqlCheckoutStore(database),
            choose_gateway(settings.payment),
            SystemClock(),
            EventBus(),
            code_maker_of(enrolment, settings),
            settings.sales.print_prices(),
        )
        order = checkout.order_by_code(normalise_code(code_text, order_prefix(enrolment, settings)))
        if order.state not in _TAKES_MONEY:
            raise KnownError(
                ErrorCode.ORDER_PAID_ALREADY,
                f"Order {order.code} is {order.state} already; nothing was noted.",
                "If this money came besides, it came twice: give it back.",
            )
        payment = checkout.payments(order.order_id)[-1]
        told = {"received_satang": str(received_satang), "staff": staff}
        action = AuditAction.PAYMENT_CONFIRMED if received_satang else AuditAction.PAYMENT_CALLED_OFF
        log_command(database, action, order.code, **told)
        payment = checkout.confirm_by_staff(payment.payment_id, received_satang, staff)
        order = checkout.order(order.order_id)
        return Confirmation(order, payment, _still_missing(order, checkout.payments(order.order_id)))


def _still_missing(order: Order, payments: list[Payment]) -> int:
    return missing_satang(order, payments) if order.state is OrderState.AWAITING_PAYMENT else 0


@dataclass(frozen=True, slots=True)
class OrderSummary:
    """An order, its last payment, and what came in all. `is_waiting`: for money, or for staff to decide."""

    order: Order
    payment: Payment
    received_satang: int
    is_waiting: bool


def list_orders(home: Path, days: int, only_waiting: bool = False) -> list[OrderSummary]:
    """The orders of so many days back, the newest first. Raises KnownError DATABASE_*."""
    now = SystemClock().now()
    with _order_rows(home) as store:
        summaries = [
            _summary(order, store.payments(order.order_id))
            for order in store.orders(now - timedelta(days=days), now)
        ]
    return [each for each in summaries if each.is_waiting or not only_waiting]


def _summary(order: Order, payments: list[Payment]) -> OrderSummary:
    is_open = order.state is OrderState.AWAITING_PAYMENT
    return OrderSummary(
        order,
        payments[-1],
        sum(payment.received_satang for payment in payments),
        is_waiting=is_open or any(payment.state in _FOR_STAFF for payment in payments),
    )


def issue_voucher(
    archive: Archive,
    code: str,
    percent: int | None,
    baht: int | None,
    is_free: bool,
    event_name: str,
    uses: int,
    days: int,
) -> Voucher:
    """Issues a voucher of exactly one kind under a code that there is none of yet; on a kiosk that is
    enrolled at a centre one that is good at this kiosk.

    Raises KnownError SETTING_INVALID, EVENT_UNKNOWN, VOUCHER_CODE_INVALID, VOUCHER_TAKEN.
    """
    event_id = event_named(archive.photos, event_name).event_id if event_name else None
    home = _home_of_vouchers(archive.database)
    voucher = new_voucher(code, percent, baht, is_free, uses, archive.clock.now(), days, event_id, home)
    told = {"kind": voucher.kind.value, "value": str(voucher.value), "count": "1", "uses": str(uses)}
    SqlVoucherRepository(archive.database).add_voucher(voucher)
    log_command(archive.database, AuditAction.VOUCHER_MADE, f"{days} days", **told)
    return voucher


def _home_of_vouchers(database: Database) -> str | None:
    """A kiosk of several issues vouchers that are good there alone, so that it may count them off line."""
    return SqlMeta(database).kiosk_id() if SqlEnrolment(database).enrolled() else None
