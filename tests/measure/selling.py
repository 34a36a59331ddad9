"""Many kiosks that sell at once against one centre: each a process with its own database and worker."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import requests

import kiosk.sync.client as client_module
from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.checkout.checkout import Checkout
from kiosk.checkout.types import OrderPaid
from kiosk.database.engine import open_database
from kiosk.database.meta import SqlMeta
from kiosk.database.tables import OrderRow
from kiosk.errors import KnownError
from kiosk.language import Language
from kiosk.payments.settlement import POLL_EVERY_S
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.payments.types import PaymentState
from kiosk.sales.orders import make_code
from kiosk.sales.types import Basket, OrderState, Quote
from kiosk.sync.central_gateway import CentralGateway
from kiosk.sync.pull import Pulled
from kiosk.sync.worker import Sync, SyncWorker
from tests.measure.made_event import make_event
from tests.measure.own_process import OwnProcess
from tests.peers.centre import CentreProcess
from tests.peers.postgres import PostgresServer
from tests.peers.processes import PeerMissingError
from tests.sync_kiosk import SyncKiosk

EVENT = "measured"
_TENANT = "measured"
_PRICE = 7900
_QUOTE = Quote(1, (), _PRICE, _PRICE, 0, 0, _PRICE, None)
_PAYER_TAKES_S = (0.5, 1.5)
_REFERENCE_LETTERS = 20
_PATIENCE_S = 30.0
_START_WITHIN_S = 60.0


@dataclass(slots=True)
class Sold:
    """What one kiosk did: calls as (path, seconds), orders as seconds from basket to paid."""

    calls: list[tuple[str, float]] = field(default_factory=list)
    orders: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    waiting: int = 0


def measure_selling(kiosks: int = 20, seconds: float = 30.0, pause_s: float = 10.0) -> list[Figure]:
    """Each kiosk begins an order every `pause_s` on average; the buyer pays a second after the code came."""
    with TemporaryDirectory(prefix="measure-selling-") as name, ExitStack() as stack:
        folder = Path(name)
        try:
            url = stack.enter_context(PostgresServer()).new_database("selling")
        except PeerMissingError:
            url = ""
        centre = CentreProcess(folder / "centre", url)
        bank = stack.enter_context(PayNoiSimulator(webhook_url=f"{centre.url}/api/payment/webhook"))
        centre.set(payment__gateway="paynoi", payment__paynoi_url=bank.base_url)
        centre.set(payment__paynoi_account="0801234567", payment__receiver_name="Shop")
        served = folder / "served"
        centre.times_to(served)
        stack.enter_context(centre)
        sold = _sell(folder, centre, bank.base_url, kiosks, seconds, pause_s)
        spent = psutil.Process(centre.pid).cpu_times()
        centre.end()
        at_centre = [float(line) for line in served.read_text(encoding="ascii").split()]
        paid, expected = _paid_at(centre), sum(len(one.orders) for one in sold)
    cpu_s = spent.user + spent.system
    return _figures(sold, at_centre, cpu_s, paid, expected, seconds, pause_s)


def _figures(
    sold: list[Sold],
    at_centre: list[float],
    cpu_s: float,
    paid: int,
    expected: int,
    seconds: float,
    pause_s: float,
) -> list[Figure]:
    calls = [took_s * 1000 for one in sold for _, took_s in one.calls]
    errors = [error for one in sold for error in one.errors]
    if paid != expected:
        errors.append(f"{expected} orders paid at kiosks, {paid} at the centre")
    if errors:
        print(f"{len(errors)} errors, such as {errors[:3]}")
    load = f"{len(sold)} kiosks, an order every {pause_s:g} s each"
    served = percentile([took * 1000 for took in at_centre], 95) if at_centre else None
    in_it = "the same calls within the centre's process"
    return [
        Figure("selling.errors", float(len(errors)), "errors", goal=Goal(at_most=0), floor_is=load),
        Figure("selling.api_p95", percentile(calls, 95), "ms", served, in_it, Goal(at_most=200)),
        Figure("selling.api_p50", percentile(calls, 50), "ms"),
        Figure("selling.centre_cpu", cpu_s * 1000 / max(1, len(at_centre)), "ms/call"),
        Figure("selling.calls", len(calls) / seconds, "calls/s", more_is_better=True),
        Figure("selling.orders", expected / seconds * 60, "orders/min", more_is_better=True),
        Figure(
            "selling.basket_to_paid_p95",
            percentile([took for one in sold for took in one.orders] or [0.0], 95),
            "s",
            sum(_PAYER_TAKES_S) / 2,
            "what the buyer takes",
        ),
    ]


def _sell(
    folder: Path, centre: CentreProcess, bank_url: str, kiosks: int, seconds: float, pause_s: float
) -> list[Sold]:
    tenant_id = centre.add_tenant(_TENANT)
    with centre.database() as database:
        make_event(database, tenant_id, EVENT, 200, 400)
    prefixes = {_kiosk_id(folder / f"kiosk-{number}"): f"K{number:02}" for number in range(kiosks)}
    keys = centre.enrol_devices(tenant_id, prefixes)
    begin_at_s = time.monotonic() + min(_START_WITHIN_S, 2 + kiosks)
    running = [
        OwnProcess(
            run_kiosk,
            folder / f"kiosk-{number}",
            centre.url,
            bank_url,
            (prefixes[kiosk_id], keys[kiosk_id]),
            (begin_at_s, seconds, pause_s),
            number,
        )
        for number, kiosk_id in enumerate(prefixes)
    ]
    return [one.result() for one in running]


def _kiosk_id(folder: Path) -> str:
    folder.mkdir(parents=True)
    database = open_database(folder / "kiosk.db")
    try:
        return SqlMeta(database).kiosk_id()
    finally:
        database.close()


def _paid_at(centre: CentreProcess) -> int:
    with centre.database() as database, database.reading() as session:
        return session.query(OrderRow).filter(OrderRow.state == OrderState.PAID.value).count()


# -- in the process of a kiosk ----------------------------------------------------------------------


def run_kiosk(
    folder: Path,
    url: str,
    bank_url: str,
    enrolled: tuple[str, str],
    when: tuple[float, float, float],
    number: int,
) -> Sold:
    """Pulls the event, waits for the others, and sells for so long."""
    begin_at_s, seconds, pause_s = when
    kiosk = SyncKiosk(folder, url, enrolled[1])
    kiosk.secrets[kiosk.key_name] = enrolled[1]
    kiosk.enrolment.enrol(_TENANT, enrolled[0])
    sold = Sold()
    till = _Till(kiosk, bank_url, enrolled[0], sold, random.Random(number))
    till.worker.start()
    time.sleep(max(0.0, begin_at_s - time.monotonic()))
    _time_calls(sold)
    end_s = time.monotonic() + seconds
    time.sleep(till.chance.uniform(0, pause_s))
    while time.monotonic() < end_s:
        began_s = time.monotonic()
        try:
            sold.orders.append(till.sell())
        except (KnownError, RuntimeError, requests.RequestException) as failed:
            sold.errors.append(f"{type(failed).__name__}: {failed}")
        rest_s = till.chance.uniform(0.5, 1.5) * pause_s - (time.monotonic() - began_s)
        time.sleep(max(0.0, min(rest_s, end_s - time.monotonic())))
    timed = list(sold.calls)
    _wait(lambda: kiosk.outbox.counts()[0] == 0, "the outbox empties")
    till.stop()
    sold.calls, sold.waiting = timed, kiosk.outbox.counts()[0]
    if kiosk.outbox.counts() != (0, 0):
        sold.errors.append(f"messages left: {kiosk.outbox.counts()}")
    kiosk.close()
    return sold


class _Till:
    """Checkout, payments through the centre and the worker of sync, wired as in the kiosk."""

    def __init__(
        self, kiosk: SyncKiosk, bank_url: str, prefix: str, sold: Sold, chance: random.Random
    ) -> None:
        self._kiosk = kiosk
        self._bank_url = bank_url
        self.chance = chance
        self._checks = threading.Condition()
        self._to_check: list[str] = []
        self._paid = threading.Condition()
        self._paid_orders: set[str] = set()
        kiosk.bus.subscribe(OrderPaid, self._note_paid)
        self._is_over = threading.Event()
        gateway = CentralGateway(kiosk.door.client, kiosk.clock)
        maker = partial(make_code, prefix)
        self._checkout = Checkout(kiosk.orders, gateway, kiosk.clock, kiosk.bus, maker, {})
        sync = Sync(
            kiosk.door,
            kiosk.outbox,
            kiosk.pulled_store,
            kiosk.board,
            kiosk.clock,
            self._hear,
            kiosk.notices.open_count,
        )
        self.worker = SyncWorker(kiosk.door, sync, kiosk.outbox, kiosk.enrolment.prune, 5.0, kiosk.bus)
        self._threads = [
            threading.Thread(target=work, daemon=True) for work in (self._check_payments, self._sweep)
        ]
        for thread in self._threads:
            thread.start()

    def sell(self) -> float:
        """Seconds from the basket until it is paid."""
        began_s = time.monotonic()
        order, payment = self._checkout.place(Basket(("0" * 32,)), _QUOTE, EVENT, Language.THAI)
        payment = self._checkout.request_payment(payment.payment_id)
        if payment.state is not PaymentState.PENDING:
            raise RuntimeError(f"the payment is {payment.state}")
        time.sleep(self.chance.uniform(*_PAYER_TAKES_S))
        self._pay(payment.provider_reference or "")
        with self._paid:
            is_paid = self._paid.wait_for(lambda: order.order_id in self._paid_orders, _PATIENCE_S)
        if not is_paid:
            raise RuntimeError("an order is not paid")
        return time.monotonic() - began_s

    def stop(self) -> None:
        self._is_over.set()
        with self._checks:
            self._checks.notify_all()
        self.worker.stop()
        for thread in self._threads:
            thread.join(10)

    def _pay(self, charge_id: str) -> None:
        """The buyer scans the code: by the control page of the bank, which knows it by the charge's id."""
        listed = requests.get(f"{self._bank_url}/simulator/transactions", timeout=20).json()
        [trans_id] = [each["trans_id"] for each in listed if each["ref1"] == charge_id[:_REFERENCE_LETTERS]]
        paid = requests.post(f"{self._bank_url}/simulator/pay", json={"trans_id": trans_id}, timeout=20)
        paid.raise_for_status()

    def _hear(self, pulled: Pulled) -> None:
        with self._checks:
            self._to_check += pulled.charged_payments
            self._checks.notify_all()

    def _note_paid(self, event: OrderPaid) -> None:
        with self._paid:
            self._paid_orders.add(event.order_id)
            self._paid.notify_all()

    def _check_payments(self) -> None:
        while not self._is_over.is_set():
            with self._checks:
                self._checks.wait_for(lambda: bool(self._to_check) or self._is_over.is_set())
                waiting, self._to_check = self._to_check, []
            for payment_id in waiting:
                with suppress(KnownError):  # the centre cannot be asked: the sweep does, in seconds
                    self._checkout.check(payment_id)

    def _sweep(self) -> None:
        while not self._is_over.wait(POLL_EVERY_S):
            with suppress(KnownError):
                self._checkout.sweep()


def _time_calls(sold: Sold) -> None:
    """Every call of the kiosk's client from now on, from its first byte to the last of its answer."""
    whole: Callable[..., Any] = client_module.call

    def timed(session: Any, method: str, url: str, *given: Any, **more: Any) -> Any:
        began_s = time.perf_counter()
        answer = whole(session, method, url, *given, **more)
        sold.calls.append((url, time.perf_counter() - began_s))
        if answer.status >= 400:
            sold.errors.append(f"HTTP {answer.status} of {url}")
        return answer

    client_module.call = timed


def _wait(is_so: Callable[[], bool], what: str) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > until_s:
            raise RuntimeError(f"waited in vain until {what}")
        time.sleep(0.02)
