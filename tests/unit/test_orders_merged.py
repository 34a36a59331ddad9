"""Whatever several machines do to one order, however they hear of each other: they end with the same one."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from kiosk.checkout.rules import deliveries_of, settled
from kiosk.database.engine import Database, open_database
from kiosk.database.order_records import merge_order, order_record
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.tables import OrderRow
from kiosk.delivery.types import DeliveryState
from kiosk.payments.settlement import DELIVERABLE, OPEN, TRANSITIONS
from kiosk.payments.types import Payment, PaymentState
from kiosk.sales.types import LineKind, Order, OrderLine, OrderState
from kiosk.sync.records import OrderRecord

NOW = datetime(2026, 11, 30, 5, tzinfo=UTC)
OWNER, OTHER, CENTRE = range(3)
MACHINES = st.integers(OWNER, CENTRE)
PRICE = 29900
MOST_PAYMENTS = 4
MEMORY_DISK = Path("/dev/shm")


def new_payment(number: int, made_at: datetime) -> Payment:
    return Payment(
        payment_id=f"payment-{number}",
        order_id="order",
        idempotency_key=f"key-{number}",
        gateway="central",
        state=PaymentState.CREATED,
        amount_satang=PRICE,
        due_satang=PRICE,
        received_satang=0,
        created_at=made_at,
    )


@cache
def empty_database() -> Path:
    """Migrated once: making the tables takes longer than all that is done with them."""
    path = Path(mkdtemp(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None)) / "empty.db"
    open_database(path).close()
    return path


class OneOrderOnThreeMachines(RuleBasedStateMachine):
    """The kiosk that made it, another kiosk, and the centre in between. A record that was sent may come late,
    come twice, or never."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = TemporaryDirectory(dir=MEMORY_DISK if MEMORY_DISK.is_dir() else None)
        self.databases: list[Database] = [
            open_database(shutil.copyfile(empty_database(), Path(self.folder.name) / f"{name}.db"))
            for name in ("owner", "other", "centre")
        ]
        self.stores = [SqlCheckoutStore(database) for database in self.databases]
        self.sent: list[tuple[int, OrderRecord]] = []
        self.minutes = 0
        self.payments = 1
        self.codes: set[str] = set()
        lines = (OrderLine("line", LineKind.DIGITAL, "photo"),)
        self.order = Order(
            "order",
            "K1-4Q2M",
            "run",
            "th",
            OrderState.AWAITING_PAYMENT,
            lines,
            PRICE,
            0,
            NOW,
            kiosk_id="owner",
        )
        self.stores[OWNER].open_order(self.order, new_payment(0, NOW))

    def teardown(self) -> None:
        self.all_hear_of_each_other()
        records = [self.record(machine) for machine in (OWNER, OTHER, CENTRE)]
        assert records[OWNER] == records[CENTRE] == records[OTHER]
        deliverable = [
            payment for payment in records[CENTRE].payments if PaymentState(payment.state) in DELIVERABLE
        ]
        assert (records[CENTRE].state in ("paid", "refunded")) >= bool(deliverable)
        assert sum(payment.state == "paid" for payment in deliverable) <= 1  # nobody's money counts twice
        for payment in records[CENTRE].payments:  # a code that was on a screen is not lost while it is open
            if PaymentState(payment.state) in OPEN and payment.payment_id in self.codes:
                assert payment.provider_reference is not None
        assert len({delivery.delivery_id for delivery in records[CENTRE].deliveries}) <= 1
        for database in self.databases:
            database.close()
        self.folder.cleanup()

    # -- what machines do ---------------------------------------------------------------------------

    @rule(
        machine=MACHINES,
        to=st.sampled_from(PaymentState),
        which=st.integers(0, 3),
        received=st.sampled_from([0, PRICE - 100, PRICE, PRICE + 100]),
    )
    def a_payment_goes_on(self, machine: int, to: PaymentState, which: int, received: int) -> None:
        payments = self.known_payments(machine)
        if not payments:
            return
        payment = payments[which % len(payments)]
        moves_between_open = to in OPEN and machine != OWNER
        if to not in TRANSITIONS[payment.state] or moves_between_open or to is PaymentState.DUPLICATE:
            return
        after = replace(
            payment,
            state=to,
            received_satang=max(payment.received_satang, received),
            settled_at=self.moment() if received else None,
        )
        if to in DELIVERABLE and payment.state not in DELIVERABLE:
            owed = deliveries_of(self.order, self.moment())
            self.stores[machine].settle(after, payment.state, owed, self.moment())
        else:
            self.stores[machine].update_payment(after, payment.state)

    @rule(machine=MACHINES, which=st.integers(0, 3), has_code=st.booleans())
    def a_payment_is_asked_for(self, machine: int, which: int, has_code: bool) -> None:
        """At whichever kiosk somebody opens the order: its code is shown, or nobody answered."""
        created = [p for p in self.known_payments(machine) if p.state is PaymentState.CREATED]
        if not created:
            return
        payment = created[which % len(created)]
        asked = replace(payment, state=PaymentState.UNKNOWN, requested_at=self.moment())
        if has_code:
            code = f"charge-of-{payment.idempotency_key}"
            asked = replace(asked, state=PaymentState.PENDING, provider_reference=code, qr_payload=code)
        self.stores[machine].update_payment(asked, payment.state)
        if has_code:
            self.codes.add(payment.payment_id)

    @rule(machine=MACHINES, which=st.integers(0, 3))
    def the_whole_price_comes(self, machine: int, which: int) -> None:
        payments = self.known_payments(machine)
        if payments and PaymentState.PAID in TRANSITIONS[payments[which % len(payments)].state]:
            self.settle(machine, payments[which % len(payments)])

    @rule(machine=MACHINES)
    def a_new_code_is_asked_for_and_paid(self, machine: int) -> None:
        if not self.known_payments(machine) or self.payments == MOST_PAYMENTS:
            return
        for payment in self.known_payments(machine):
            if payment.state in OPEN:
                expired = replace(payment, state=PaymentState.EXPIRED)
                self.stores[machine].update_payment(expired, payment.state)
        payment = self.stores[machine].add_payment(new_payment(self.payments, self.moment()))
        self.payments += 1
        self.settle(machine, payment)

    def settle(self, machine: int, payment: Payment) -> None:
        now = self.moment()
        paid = replace(payment, state=PaymentState.PAID, received_satang=PRICE, settled_at=now)
        self.stores[machine].settle(paid, payment.state, deliveries_of(self.order, now), now)

    @rule(machine=MACHINES)
    def the_order_is_cancelled(self, machine: int) -> None:
        if self.known_payments(machine):
            self.stores[machine].cancel_order("order", self.moment())

    @rule(machine=MACHINES, state=st.sampled_from(DeliveryState))
    def a_delivery_goes_on(self, machine: int, state: DeliveryState) -> None:
        if self.known_payments(machine):
            for delivery in self.stores[machine].deliveries("order"):
                self.stores[machine].set_delivery(delivery.delivery_id, state)

    # -- how they hear of each other ----------------------------------------------------------------

    @rule(machine=MACHINES)
    def a_record_is_sent(self, machine: int) -> None:
        if self.known_payments(machine):
            self.sent.append((machine, self.record(machine)))

    @precondition(lambda self: self.sent)
    @rule(which=st.integers(0, 50), at=MACHINES)
    def a_record_comes(self, which: int, at: int) -> None:
        source, record = self.sent[which % len(self.sent)]
        if CENTRE in (source, at) and source != at:
            self.take(record, source, at, is_newest=False)

    def all_hear_of_each_other(self) -> None:
        for _ in range(4):
            for source, target in ((OWNER, CENTRE), (OTHER, CENTRE), (CENTRE, OWNER), (CENTRE, OTHER)):
                if self.known_payments(source):
                    self.take(self.record(source), source, target, is_newest=True)

    def take(self, record: OrderRecord, source: int, target: int, *, is_newest: bool) -> None:
        """Records of the owner's come to the centre in their order, so only the newest moves what is open."""
        from_owner = {OWNER: is_newest, CENTRE: target == OTHER}.get(source, False)
        with self.databases[target].writing() as session:
            merge_order(session, record, "", takes_open=from_owner)

    # -- looking -----------------------------------------------------------------------------------

    def known_payments(self, machine: int) -> Sequence[Payment]:
        with self.databases[machine].reading() as session:
            if session.get(OrderRow, "order") is None:
                return []
        return self.stores[machine].payments("order")

    def record(self, machine: int) -> OrderRecord:
        with self.databases[machine].reading() as session:
            row = session.get(OrderRow, "order")
            assert row is not None
            return order_record(session, row)

    def moment(self) -> datetime:
        self.minutes += 1
        return NOW + timedelta(minutes=self.minutes)


OneOrderOnThreeMachines.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=20,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink takes longer than a test may
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestOneOrderOnThreeMachines = OneOrderOnThreeMachines.TestCase


def test_late_money_of_a_cancelled_order_that_grows_stays_late() -> None:
    paid = replace(new_payment(0, NOW), state=PaymentState.OVER, received_satang=2 * PRICE)
    assert settled(paid, PaymentState.LATE, OrderState.CANCELLED) == replace(paid, state=PaymentState.LATE)
