"""A kiosk's checkout in processes that are killed: run by test_power_loss_checkout.

Usage: python -m tests.faults.checkout_program FOLDER SIMULATOR_URL

Forks a child that sells one order, once for every step at which the power can fail: before each SQL statement
that writes and each commit, and before and after each call of the gateway. The child kills itself there with
SIGKILL. A second child then opens the same database, reconciles, and lets the visitor go on. Writes to
FOLDER/runs.json for each step what was there after reconciling, and at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from kiosk.checkout.checkout import Checkout
from kiosk.clock import SystemClock
from kiosk.database.engine import Database, open_database
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.sync_tables import OutboxRow
from kiosk.database.tables import OrderRow
from kiosk.delivery.types import DeliveryState
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.types import Payment, PaymentOffer, PaymentReport, PaymentRequest, PaymentState
from kiosk.sales.orders import make_code
from kiosk.sales.types import Basket, OrderState, Quote

_TOLD_PAID = select(OutboxRow.payload).where(OutboxRow.payload.contains('"state":"paid","total_satang"'))
QUOTE = Quote(1, (), 7900, 7900, 0, 0, 7900, None)


class Power:
    """Fails at its `fails_at`th step (0: never); `steps` names those that were passed."""

    def __init__(self, fails_at: int) -> None:
        self._fails_at = fails_at
        self.steps: list[str] = []

    def step(self, name: str) -> None:
        self.steps.append(name)
        if len(self.steps) == self._fails_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch_database(self) -> None:
        def statement(_c: Any, _k: Any, sql: str, *_: Any) -> None:
            if not sql.startswith(("SELECT", "BEGIN")):  # before these, all is as after the last commit
                self.step(" ".join(sql.split()[:3]))

        event.listen(Engine, "before_cursor_execute", statement)
        event.listen(Engine, "commit", lambda _: self.step("commit"))


class PoweredGateway(PayNoiGateway):
    """The real adapter, with a step of power before and after each call."""

    power: Power

    def create(self, request: PaymentRequest) -> PaymentOffer:
        self.power.step("before create")
        offer = super().create(request)
        self.power.step("after create")
        return offer

    def check(self, provider_reference: str) -> PaymentReport:
        self.power.step("before check")
        report = super().check(provider_reference)
        self.power.step("after check")
        return report


class Kiosk:
    """One process of the kiosk."""

    def __init__(self, path: Path, url: str, power: Power) -> None:
        self.url = url
        self.database: Database = open_database(path)
        self.store = SqlCheckoutStore(self.database)
        gateway = PoweredGateway(url, "simulator", "1", "0800000000", AccountType.PHONE)
        gateway.power = power
        self.checkout = Checkout(self.store, gateway, SystemClock(), EventBus(), lambda: make_code("K7"), {})
        power.watch_database()

    def pay(self, payment: Payment) -> None:
        """The visitor scans the code that is on screen."""
        answer = requests.post(
            f"{self.url}/simulator/pay", json={"trans_id": payment.provider_reference}, timeout=10
        )
        assert answer.status_code == 200, answer.text

    def sell(self) -> None:
        _, payment = self.checkout.place(Basket(("photo-1",)), QUOTE, "run", Language.THAI)
        payment = self.checkout.request_payment(payment.payment_id)
        assert payment.state is PaymentState.PENDING, payment
        self.pay(payment)
        self.checkout.check(payment.payment_id)
        for delivery in self.checkout.deliveries_pending():
            self.checkout.set_delivery(delivery.delivery_id, DeliveryState.DONE)

    def orders(self) -> list[str]:
        with self.database.reading() as session:
            return list(session.scalars(select(OrderRow.order_id)))

    def go_on(self) -> None:
        """The visitor, back by the order code, finishes what the power cut interrupted."""
        for order_id in self.orders():
            payment = self.checkout.payments(order_id)[-1]
            if payment.state is PaymentState.UNKNOWN:
                assert self.checkout.request_payment(payment.payment_id).state is PaymentState.UNKNOWN
                payment = self.checkout.renew(order_id)
            payment = self.checkout.request_payment(payment.payment_id)
            if payment.state is PaymentState.PENDING:
                self.pay(payment)
                self.checkout.check(payment.payment_id)
        for delivery in self.checkout.deliveries_pending():
            self.checkout.set_delivery(delivery.delivery_id, DeliveryState.DONE)
        self.checkout.reconcile()

    def account(self) -> dict[str, Any]:
        """What stands in the books."""
        with self.database.reading() as session:
            told = [json.loads(text)["order_id"] for text in session.scalars(_TOLD_PAID)]
        orders = self.orders()
        return {
            "paid": sum(self.store.order(order_id).state is OrderState.PAID for order_id in orders),
            "orders": len(orders),
            "told_paid": len(set(told)),
            "keys": [p.idempotency_key for order_id in orders for p in self.store.payments(order_id)],
            "states": [p.state.value for order_id in orders for p in self.store.payments(order_id)],
            "deliveries": [d.state.value for order_id in orders for d in self.store.deliveries(order_id)],
        }


def in_a_child(work: Callable[[], dict[str, Any]], answer: Path) -> int:
    """Runs `work` in a forked process, which leaves its answer in a file; the process's wait status."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            answer.write_text(json.dumps(work()))
            code = 0
        except BaseException:  # noqa: BLE001 - a forked child must never run on into its parent's code
            traceback.print_exc()
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1]


def sell(path: Path, url: str, fails_at: int) -> dict[str, Any]:
    power = Power(fails_at)
    Kiosk(path, url, power).sell()
    return {"steps": power.steps}


def recover(path: Path, url: str) -> dict[str, Any]:
    kiosk = Kiosk(path, url, Power(0))
    kiosk.checkout.reconcile()
    reconciled = kiosk.account()
    kiosk.go_on()
    return {"reconciled": reconciled, "end": kiosk.account()}


def make_empty(path: Path) -> dict[str, Any]:
    open_database(path).close()
    return {}


def new_database(folder: Path, name: str) -> Path:
    path = folder / name / "kiosk.db"
    path.parent.mkdir()
    shutil.copy(folder / "template.db", path)
    return path


def main() -> None:
    folder, url = Path(sys.argv[1]), sys.argv[2]
    answer = folder / "answer.json"
    assert in_a_child(partial(make_empty, folder / "template.db"), answer) == 0
    assert in_a_child(partial(sell, new_database(folder, "dry"), url, 0), answer) == 0
    runs = []
    for number, step in enumerate(json.loads(answer.read_text())["steps"], start=1):
        path = new_database(folder, f"cut-{number}")
        ended = in_a_child(partial(sell, path, url, number), answer)
        assert os.WIFSIGNALED(ended), step
        assert in_a_child(partial(recover, path, url), answer) == 0, step
        runs.append({"step": f"{number} {step}", **json.loads(answer.read_text())})
    (folder / "runs.json").write_text(json.dumps(runs))


if __name__ == "__main__":
    main()
