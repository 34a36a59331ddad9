"""Orders that a kiosk made off line go up while the network flaps: the centre dies, the link is cut, answers
are lost. Afterwards both sides must know the same, each thing once."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from kiosk.checkout.checkout import Checkout
from kiosk.database.changes import note_change
from kiosk.database.engine import Database
from kiosk.database.feed_records import order_records, voucher_records
from kiosk.database.outbox import OutboxState
from kiosk.database.sync_tables import InboxRow, OutboxRow
from kiosk.database.tables import EventRow, OrderRow, VoucherRow
from kiosk.database.vouchers import SqlVoucherRepository
from kiosk.delivery.types import DeliveryState
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.sales.orders import make_code
from kiosk.sales.types import Basket, Quote, Voucher, VoucherKind
from kiosk.sync.records import Kind
from tests.peers.centre import CentreProcess
from tests.peers.lossy_proxy import LossyProxy
from tests.peers.network import NetworkNamespace
from tests.peers.postgres import PostgresServer
from tests.sync_kiosk import SyncKiosk

EVENT = "run"
PREFIX = "K1"
_PRICE = 7900
_OFF = 1000
_VOUCHER = "HOME"
_TENANT = "flapping"


@dataclass(frozen=True, slots=True)
class Pace:
    """Seconds: how long the network is whole, how long the link is cut, and the centre down, at most. After
    `most` troubles the network stays whole, so that a run ends on a slow machine, too."""

    whole_s: float = 1.5
    cut_s: float = 1.5
    down_s: float = 0.5
    most: int = 24
    within_s: float = 300.0


SHORT = Pace(whole_s=1.0, cut_s=0.6, most=6)


@dataclass(slots=True)
class Run:
    """What befell one run, and what is not as it should be in the end."""

    database: str = "a file"
    orders: int = 0
    messages: int = 0
    kills: int = 0
    cuts: int = 0
    answers_lost: int = 0
    took_s: float = 0.0
    wrong: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not self.wrong

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {**asdict(self), "is_good": self.is_good}

    def as_row(self) -> tuple[object, ...]:
        """For a table, after the run's number."""
        lost = (self.kills, self.cuts, self.answers_lost)
        result = "good" if self.is_good else "; ".join(self.wrong)
        return (self.database, self.orders, self.messages, *lost, f"{self.took_s:.1f}", result)


def sell_off_line(kiosk: SyncKiosk, orders: int) -> None:
    """Orders as a kiosk without a network makes them: most paid and confirmed by staff, some with a voucher
    of the kiosk's own, some cancelled; handed over or not."""
    checkout = Checkout(
        kiosk.orders,
        PromptPayGateway("0801234567", "Shop"),
        kiosk.clock,
        EventBus(),
        lambda: make_code(PREFIX),
        {},
    )
    vouchers = SqlVoucherRepository(kiosk.database, kiosk.clock)
    home = Voucher(_VOUCHER, VoucherKind.AMOUNT, _OFF, use_limit=None, home_kiosk_id=kiosk.kiosk_id)
    vouchers.add_voucher(home)
    for number in range(orders):
        code = _VOUCHER if number % 5 == 0 else None
        off = _OFF if code else 0
        quote = Quote(1, (), _PRICE, _PRICE, 0, off, _PRICE - off, None, code)
        order, payment = checkout.place(
            Basket((f"{number:032}",), voucher_code=code), quote, EVENT, Language.THAI
        )
        payment = checkout.request_payment(payment.payment_id)
        if number % 10 == 9:
            checkout.confirm_by_staff(payment.payment_id, 0, "Nok")
            checkout.cancel(order.order_id)
            continue
        checkout.confirm_by_staff(payment.payment_id, payment.amount_satang, "Nok")
        if number % 3 == 0:
            for delivery in checkout.deliveries(order.order_id):
                checkout.set_delivery(delivery.delivery_id, DeliveryState.DONE)


class Flapping:
    """One centre behind a link that is cut and a proxy that loses answers, for the runs of one kiosk."""

    def __init__(self, folder: Path, orders: int, network: NetworkNamespace) -> None:
        self._folder = folder
        self._orders = orders
        self._network = network
        self._sold = folder / "sold"
        self._kiosk_id = ""

    def sell(self) -> None:
        """The orders that every run begins with."""
        kiosk = SyncKiosk(self._sold, "http://127.0.0.1:1")
        self._kiosk_id = kiosk.kiosk_id
        kiosk.enrolment.enrol(_TENANT, PREFIX)
        sell_off_line(kiosk, self._orders)
        kiosk.close()

    def run(self, number: int, pace: Pace, database_url: str = "") -> Run:
        """Everything goes up while the network flaps; `number` seeds how."""
        home = self._folder / f"run-{number}"
        chance = random.Random(number)
        run = Run(database="PostgreSQL" if database_url else "a file")
        with ExitStack() as stack:
            centre = stack.enter_context(CentreProcess(home / "centre", database_url, self._network))
            key = self._furnish(centre)
            proxy = stack.enter_context(LossyProxy(centre.host, centre.port))
            kiosk = stack.enter_context(self._kiosk(home / "kiosk", proxy.url, key))
            began_s = time.monotonic()
            worker = kiosk.worker()
            worker.start()
            try:
                _flap(centre, self._network, proxy, chance, pace, run, lambda: kiosk.outbox.counts()[0] == 0)
            finally:
                worker.stop()
            run.took_s = time.monotonic() - began_s
            run.answers_lost = proxy.lost
            with centre.database() as database:
                _compare(kiosk, database, self._orders, run)
        shutil.rmtree(home)
        return run

    def _furnish(self, centre: CentreProcess) -> str:
        """The centre knows the event and the kiosk, whose key is returned."""
        tenant_id = centre.add_tenant(_TENANT)
        with centre.database() as database, database.writing() as session:
            session.add(
                EventRow(
                    event_id=EVENT,
                    name="Run",
                    name_th="",
                    created_at=datetime.now(UTC),
                    place="",
                    reads_numbers=False,
                    blurs_bystanders=True,
                    tenant_id=tenant_id,
                )
            )
            note_change(session, Kind.EVENT, EVENT, tenant_id)
        return centre.enrol_devices(tenant_id, {self._kiosk_id: PREFIX})[self._kiosk_id]

    @contextmanager
    def _kiosk(self, folder: Path, url: str, key: str) -> Iterator[SyncKiosk]:
        shutil.copytree(self._sold, folder)
        kiosk = SyncKiosk(folder, url)
        kiosk.secrets[kiosk.key_name] = key
        try:
            yield kiosk
        finally:
            kiosk.close()


def _flap(
    centre: CentreProcess,
    network: NetworkNamespace,
    proxy: LossyProxy,
    chance: random.Random,
    pace: Pace,
    run: Run,
    is_told: Callable[[], bool],
) -> None:
    """Until everything is told, each kind of trouble at least once."""

    def kill() -> None:
        centre.kill()
        run.kills += 1
        time.sleep(chance.uniform(0, pace.down_s))
        centre.start(waits=False)

    def cut() -> None:
        network.cut()
        run.cuts += 1
        time.sleep(chance.uniform(0.1, pace.cut_s))
        network.mend()

    troubles = [kill, cut, lambda: proxy.lose_answers(chance.randint(1, 3))]
    chance.shuffle(troubles)
    turn = 0
    while turn < len(troubles) or (turn < pace.most and not is_told()):
        troubles[turn]() if turn < len(troubles) else chance.choice(troubles)()
        turn += 1
        time.sleep(chance.uniform(0.2, pace.whole_s))
    proxy.lose_answers(0)
    centre.wait_until_ready()
    until_s = time.monotonic() + pace.within_s
    while not is_told() and time.monotonic() < until_s:
        time.sleep(0.1)


def _compare(kiosk: SyncKiosk, centre: Database, orders: int, run: Run) -> None:
    """Notes what differs between both sides."""
    with centre.reading() as session:
        tenant_id = session.scalars(select(OrderRow.tenant_id)).first() or ""
    there, here = orders_in(centre, tenant_id), orders_in(kiosk.database, "")
    run.orders = len(there)
    waiting, parked = kiosk.outbox.counts()
    for name, is_so in {
        f"{len(here)} orders here and {len(there)} there, of {orders}": len(here) == len(there) == orders,
        "the orders differ": here == there,
        "two orders bear one code": len({each["code"] for each in there.values()}) == len(there),
        "the vouchers differ": vouchers_in(kiosk.database, "") == vouchers_in(centre, tenant_id),
        f"{waiting} messages wait": waiting == 0,
        f"{parked} messages were refused": parked == 0,
    }.items():
        if not is_so:
            run.wrong.append(name)
    used = sum(each["voucher_code"] is not None and each["state"] == "paid" for each in there.values())
    counted = vouchers_in(centre, tenant_id)[_VOUCHER]["used"]
    if used != counted:
        run.wrong.append(f"the voucher was used {used} times and counted {counted} times")
    with kiosk.database.reading() as session:
        sent = select(OutboxRow.message_id).where(OutboxRow.state == OutboxState.SENT.value)
        told = set(session.scalars(sent))
    with centre.reading() as session:
        taken = set(session.scalars(select(InboxRow.message_id)))
        rows = session.scalar(select(func.count()).select_from(InboxRow))
    run.messages = len(told)
    if told != taken or rows != len(taken):
        run.wrong.append(f"{len(told)} messages told and {len(taken)} taken")


def orders_in(database: Database, tenant_id: str) -> dict[str, Any]:
    """Whole orders with payments and deliveries, by id."""
    with database.reading() as session:
        ids = list(session.scalars(select(OrderRow.order_id)))
        return order_records(session, tenant_id, ids)


def vouchers_in(database: Database, tenant_id: str) -> dict[str, Any]:
    """By code."""
    with database.reading() as session:
        return voucher_records(session, tenant_id, list(session.scalars(select(VoucherRow.code))))


def run_flapping(folder: Path, runs: int, orders: int, say: Callable[[int, Run], None]) -> list[Run]:
    """So many runs, the even ones of a centre on PostgreSQL; `say` hears of each."""
    done: list[Run] = []
    with ExitStack() as stack:
        network = stack.enter_context(NetworkNamespace())
        postgres = stack.enter_context(PostgresServer(network=network)) if runs > 1 else None
        flapping = Flapping(folder, orders, network)
        flapping.sell()
        for number in range(1, runs + 1):
            url = postgres.new_database(f"run{number}") if postgres and number % 2 == 0 else ""
            done.append(flapping.run(number, Pace(), url))
            say(number, done[-1])
    return done
