"""The kiosk's workers beside its visitors: payments that are looked back at, and messages for nobody."""

from __future__ import annotations

import threading
from datetime import timedelta
from pathlib import Path

import keyring
import pytest
from sqlalchemy import update

from kiosk import rounds
from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.clock import SystemClock
from kiosk.database.sync_state import SqlOutbox
from kiosk.database.sync_tables import OutboxRow
from kiosk.language import Language
from kiosk.payments.types import Payment, PaymentReport, PaymentState
from kiosk.sales.basket import add
from kiosk.sales.pricing import quote
from kiosk.sales.types import Basket, OrderState
from kiosk.secrets import write_secret
from kiosk.settings import DeliverySection, LineSection, RevenueSection, Settings
from tests.fake_gateway import FakeGateway
from tests.file_keyring import FileKeyring, keyring_in
from tests.peers.line import SECRET, TOKEN, LinePeer, line_user
from tests.peers.processes import free_ports
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


def test_a_kiosk_without_a_centre_does_not_keep_for_ever_what_it_would_tell_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rounds, "_BACKUP_LOOK_EVERY_S", 0.05)
    nonsense = RevenueSection(plan="volume", volume_baht=(2, 1))  # by which nothing can be split
    settings = Settings(delivery=DeliverySection(host="127.0.0.1", port=0), revenue=nonsense)
    gateway = FakeGateway(SystemClock())
    kiosk = open_kiosk(tmp_path, settings, Outside(gateway=gateway))
    sold = pending(kiosk)
    assert sold.provider_reference is not None
    gateway.pay(sold.provider_reference)
    assert kiosk.checkout.check(sold.payment_id).state is PaymentState.PAID
    outbox = SqlOutbox(kiosk.archive.database)
    old = SystemClock().now() - timedelta(days=31)
    with kiosk.archive.database.writing() as session:
        session.execute(update(OutboxRow).values(created_at=old))
    assert outbox.counts()[0] > 0
    kiosk.start()
    try:
        wait_until(lambda: outbox.counts() == (0, 0))
    finally:
        kiosk.stop()


def test_line_that_is_set_up_while_the_kiosk_runs_is_heard_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (port,) = free_ports(1)
    keyring_folder = tmp_path / "secrets"
    for name, value in keyring_in(keyring_folder).items():
        monkeypatch.setenv(name, value)
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())
    settings = Settings(delivery=DeliverySection(host="127.0.0.1", port=port))
    kiosk = open_kiosk(tmp_path, settings, Outside(gateway=FakeGateway(SystemClock())))
    kiosk.start()
    try:
        with LinePeer() as peer:
            url, written = (
                f"http://127.0.0.1:{port}/line/webhook",
                peer.event("message", line_user(7), "hello"),
            )
            assert peer.tell(url, written).status_code == 404
            write_secret("line_token", TOKEN)
            write_secret("line_secret", "another")
            line = LineSection(account="@photos", api_url=peer.url)
            kiosk.settings.change(settings.model_copy(update={"line": line}))
            assert peer.tell(url, written).status_code == 403
            write_secret("line_secret", SECRET)
            kiosk.settings.change(kiosk.settings.settings)
            assert peer.tell(url, written).status_code == 200
            wait_until(lambda: peer.replies)
    finally:
        kiosk.stop()
        keyring.set_keyring(before)
