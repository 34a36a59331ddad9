"""The kiosk's payment workers: looking back at a day's payments keeps nobody waiting at the screen."""

from __future__ import annotations

import threading
from pathlib import Path

from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.clock import SystemClock
from kiosk.language import Language
from kiosk.payments.types import Payment, PaymentReport, PaymentState
from kiosk.sales.basket import add
from kiosk.sales.pricing import quote
from kiosk.sales.types import Basket, OrderState
from kiosk.settings import DeliverySection, Settings
from tests.fake_gateway import FakeGateway
from tests.visit import EVENT_ID
from tests.watching import wait_until


class SlowGateway(FakeGateway):
    """Takes its time to answer about the payments in `slow`."""

    def __init__(self) -> None:
        super().__init__(SystemClock())
        self.slow: set[str] = set()
        self.is_asked_slowly = threading.Event()
        self.answers = threading.Event()

    def check(self, provider_reference: str) -> PaymentReport:
        if provider_reference in self.slow:
            self.is_asked_slowly.set()
            self.answers.wait(30)
        return super().check(provider_reference)


def pending(kiosk: Kiosk) -> Payment:
    basket = add(Basket(), "photo")
    price = quote(basket, kiosk.session.packages, {})
    _, payment = kiosk.checkout.place(basket, price, EVENT_ID, Language.THAI)
    return kiosk.checkout.request_payment(payment.payment_id)


def test_money_is_noticed_while_earlier_payments_are_still_being_looked_back_at(tmp_path: Path) -> None:
    gateway = SlowGateway()
    settings = Settings(delivery=DeliverySection(host="127.0.0.1", port=0))
    kiosk = open_kiosk(tmp_path, settings, Outside(gateway=gateway))
    earlier, now = pending(kiosk), pending(kiosk)
    assert earlier.provider_reference is not None
    assert now.provider_reference is not None
    gateway.pay(earlier.provider_reference)
    assert kiosk.checkout.check(earlier.payment_id).state is PaymentState.PAID
    gateway.slow.add(earlier.provider_reference)
    kiosk.start()
    try:
        assert gateway.is_asked_slowly.wait(10)
        gateway.pay(now.provider_reference)
        wait_until(lambda: kiosk.checkout.order(now.order_id).state is OrderState.PAID)
    finally:
        gateway.answers.set()
        kiosk.stop()
