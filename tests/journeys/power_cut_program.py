"""A kiosk whose power fails: it sells to a guest as far as a step, and kills itself there with SIGKILL."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import NoReturn

import requests

from kiosk.app import Outside, open_kiosk
from kiosk.checkout.types import OrderPaid, PaymentChanged
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.payments.types import PaymentOffer, PaymentRequest, PaymentState
from kiosk.session.states import Screen
from kiosk.settings import Settings
from tests.whole_kiosk import Bank, Guest


class Step(StrEnum):
    """Where the power fails, in the order of a sale."""

    BASKET = "basket"
    ORDER_PLACED = "order placed"
    REQUEST_STORED = "request stored, not sent"
    PAYMENT_REQUESTED = "payment requested, not answered"
    CODE_SHOWN = "code shown"
    PAID_UNSEEN = "paid, not seen"
    PAID_SEEN = "paid and seen"
    DELIVERY_SHOWN = "delivery shown"
    DOWNLOADING = "downloading"


class PoweredGateway(PayNoiGateway):
    """The real adapter; `before_create` is called before a payment is asked for."""

    def __init__(self, url: str, before_create: Callable[[], None]) -> None:
        super().__init__(url, "simulator", key_id="1", account="0800000000", account_type=AccountType.PHONE)
        self._before_create = before_create

    def create(self, request: PaymentRequest) -> PaymentOffer:
        self._before_create()
        return super().create(request)


class Sale:
    """One sale up to `step`; what the guest saw by then goes to the file `seen`."""

    def __init__(self, step: Step, home: Path, settings: Settings, bank_url: str, seen: Path) -> None:
        self._step = step
        self._seen = seen
        self._bank = Bank(bank_url)
        gateway = PoweredGateway(bank_url, lambda: self._reach(Step.REQUEST_STORED))
        self._kiosk = open_kiosk(home, settings, Outside(gateway=gateway))
        self._guest = Guest(self._kiosk)
        self._kiosk.bus.subscribe(PaymentChanged, self._on_payment)
        self._kiosk.bus.subscribe(OrderPaid, lambda _: self._reach(Step.PAID_SEEN))

    def run(self) -> None:
        """Sells; ends with SIGKILL."""
        guest, kiosk = self._guest, self._kiosk
        kiosk.start()
        guest.wait(lambda: kiosk.view.event is not None)
        guest.find_without_face()
        guest.choose(3)
        kiosk.buying.open_basket()
        guest.wait_for(Screen.BASKET)
        self._reach(Step.BASKET)
        if self._step is Step.PAYMENT_REQUESTED:
            self._bank.fail("slow", delay_s=8)
        kiosk.buying.pay()
        if self._step is Step.PAYMENT_REQUESTED:
            guest.wait(self._bank.transactions)
            self._reach(Step.PAYMENT_REQUESTED)
        guest.wait_for_code()
        self._reach(Step.CODE_SHOWN)
        self._bank.pay()
        self._reach(Step.PAID_UNSEEN)
        guest.wait_for(Screen.DELIVERY)
        self._reach(Step.DELIVERY_SHOWN)
        with requests.get(f"{guest.deliver.url}/all.zip", stream=True, timeout=60) as answer:
            answer.raise_for_status()
            next(answer.iter_content(1000))
            self._reach(Step.DOWNLOADING)

    def _on_payment(self, event: PaymentChanged) -> None:
        if event.state is PaymentState.CREATED:
            self._reach(Step.ORDER_PLACED)

    def _reach(self, step: Step) -> None:
        if step is self._step:
            self._fail()

    def _fail(self) -> NoReturn:
        view = self._kiosk.view
        url = view.deliver.url if view.deliver else ""
        self._seen.write_text(json.dumps({"url": url}))
        os.kill(os.getpid(), signal.SIGKILL)
        while True:  # whoever is killed does not come here
            time.sleep(1)


def sell(step: Step, home: Path, settings: Settings, bank_url: str, seen: Path) -> None:
    """The program."""
    Sale(step, home, settings, bank_url, seen).run()
