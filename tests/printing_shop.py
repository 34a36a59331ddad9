"""A shop that sells prints, in a real database: paid orders in, print jobs out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from uuid import uuid4

from fpdf import FPDF

from kiosk.checkout.rules import deliveries_of
from kiosk.checkout.types import OrderPaid
from kiosk.clock import Clock
from kiosk.database.engine import Database, open_database
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.print_jobs import SqlPrintStore
from kiosk.delivery.types import DeliveryKind, DeliveryState
from kiosk.events import EventBus
from kiosk.payments.types import Payment, PaymentState
from kiosk.printing.paper import millimetres
from kiosk.printing.print_desk import PrintDesk
from kiosk.printing.shelf import Shelf, ShelfRules
from kiosk.printing.types import Paper, Printer, PrintJob, PrintPage, PrintStore
from kiosk.sales.types import Finish, LineKind, Order, OrderLine, OrderState, PrintSize

SMALL = Paper(PrintSize.S10X15, Finish.GLOSSY)
LARGE = Paper(PrintSize.S13X18, Finish.MATTE)
QUEUES = {SMALL: "dnp", LARGE: "epson"}
EVENT_ID = "e" * 32


def page_of(job: PrintJob) -> PrintPage:
    """An empty page."""
    return PrintPage(_empty_page(job.paper), job.paper, job.copies)


@cache
def _empty_page(paper: Paper) -> bytes:
    pdf = FPDF(unit="mm", format=millimetres(paper.size))
    pdf.add_page()
    return bytes(pdf.output())


class PrintingShop:
    """`database` may be a server's; `close` it. `pages` is what the desks get, `queues` each paper's."""

    def __init__(self, database: Database | Path, clock: Clock, queues: Mapping[Paper, str] = QUEUES) -> None:
        self.database = open_database(database, clock) if isinstance(database, Path) else database
        self.clock = clock
        self.bus = EventBus()
        self.orders = SqlCheckoutStore(self.database, clock)
        self.store = SqlPrintStore(self.database, clock)
        self.rules = ShelfRules(frozenset(queues), per_order=1000)
        self._queues = queues
        self.pages = page_of
        self._made = 0

    def close(self) -> None:
        self.database.close()

    def desk(self, printer: Printer | None, store: PrintStore | None = None) -> PrintDesk:
        """A new process's desk on the same rows."""
        rows = store or self.store
        shelf = Shelf(rows, self.rules, self.queue_of if printer is not None else None, self.clock)
        return PrintDesk(
            rows, printer, lambda job: self.pages(job), self.queue_of, shelf, self.bus, self.clock
        )

    def queue_of(self, paper: Paper) -> str:
        return self._queues.get(paper, "")

    def buy(
        self, *prints: tuple[Paper, int], kiosk_id: str = "", has_digital: bool = False, is_paid: bool = True
    ) -> str:
        """An order of so many sheets on these papers, paid; its id."""
        self._made += 1
        lines = [
            OrderLine(uuid4().hex, LineKind.PRINT, uuid4().hex, 5000 * n, paper.size, paper.finish, n)
            for paper, n in prints
        ]
        if has_digital:
            lines.insert(0, OrderLine(uuid4().hex, LineKind.DIGITAL, uuid4().hex))
        total = sum(line.amount_satang for line in lines)
        now = self.clock.now()
        order = Order(
            order_id=uuid4().hex,
            code=f"K1-{self._made:04d}",
            event_id=EVENT_ID,
            language="th",
            state=OrderState.AWAITING_PAYMENT,
            lines=tuple(lines),
            total_satang=total,
            discount_satang=0,
            created_at=now,
            kiosk_id=kiosk_id,
        )
        payment = Payment(
            payment_id=uuid4().hex,
            order_id=order.order_id,
            idempotency_key=uuid4().hex,
            gateway="promptpay",
            state=PaymentState.CREATED,
            amount_satang=total,
            due_satang=total,
            received_satang=0,
            created_at=now,
        )
        self.orders.open_order(order, payment)
        if is_paid:
            self.orders.settle(
                _paid(payment, total), PaymentState.CREATED, deliveries_of(order, now), self.clock.now()
            )
            self.bus.publish(OrderPaid(order.order_id))
        return order.order_id

    def owed(self) -> list[str]:
        """The print deliveries that are not done."""
        open_ones = self.orders.deliveries_in(set(DeliveryState) - {DeliveryState.DONE})
        return [each.delivery_id for each in open_ones if each.kind is DeliveryKind.PRINT]

    def sheets_out(self, order_ids: Collection[str], put_out: Counter[str]) -> dict[str, tuple[int, int]]:
        """Of each print, by its first job: sheets that were bought, and that came out under all its jobs."""
        counted: dict[str, tuple[int, int]] = {}
        for order_id in order_ids:
            jobs = self.store.jobs_of(order_id)
            for line in self.orders.order(order_id).lines:
                its = [job for job in jobs if job.line_id == line.line_id]
                if line.kind is LineKind.PRINT:
                    counted[line.line_id] = line.copies, sum(put_out[job.job_id] for job in its)
        return counted


def wrong_counts(counted: dict[str, tuple[int, int]]) -> list[str]:
    """What was not printed exactly as often as bought, in words."""
    return [f"{line}: bought {n}, out {out}" for line, (n, out) in counted.items() if n != out]


def print_jobs(shop: PrintingShop, order_ids: Sequence[str]) -> list[PrintJob]:
    return [job for order_id in order_ids for job in shop.store.jobs_of(order_id)]


def _paid(payment: Payment, total: int) -> Payment:
    return replace(payment, state=PaymentState.PAID, received_satang=total)
