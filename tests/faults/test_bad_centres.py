"""Whatever answers in the centre's place: it is named, the kiosk goes on selling, nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from kiosk.central.principal import Role
from kiosk.checkout.checkout import Checkout
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.tables import OrderRow
from kiosk.errors import ErrorCode
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.sales.orders import make_code
from kiosk.sales.types import Basket, OrderState, Quote
from tests.centre import CentreServer
from tests.command_line import answer
from tests.command_line import kiosk as kiosk_command
from tests.peers.bad_centre import BadCentre
from tests.sync_kiosk import SyncKiosk, add_photos, make_event
from tests.watching import wait_until

PATIENCE_S = 30.0
QUOTE = Quote(1, (), 7900, 7900, 0, 0, 7900, None)
MENDS_ITSELF = {
    "failing": ErrorCode.CENTRE_FAILED,
    "busy": ErrorCode.CENTRE_BUSY,
}
WANTS_STAFF = {
    "login page": ErrorCode.NETWORK_LOGIN_PAGE,
    "redirect": ErrorCode.NETWORK_LOGIN_PAGE,
    "newer": ErrorCode.CENTRE_NEWER,
    "older": ErrorCode.CENTRE_OLDER,
    "truncated": ErrorCode.CENTRE_NONSENSE,
    "garbage": ErrorCode.CENTRE_NONSENSE,
    "expired": ErrorCode.CENTRE_LOGIN_REFUSED,
    "clock": ErrorCode.CLOCK_OFF,
}
STILL_HEARS = {"newer", "older", "truncated", "clock"}
"""What the kiosk tells is taken all the same."""


class Shop:
    """A kiosk that sells, with its worker of sync, and the centre behind whatever is in between."""

    def __init__(self, home: Path, centre: CentreServer, between: BadCentre) -> None:
        self.home = home
        self.centre = centre
        self.between = between
        self.tenant_id = centre.add_tenant("Run")
        SqlPhotoRepository(centre.centre.database).add_event(make_event("run", self.tenant_id))
        self.kiosk = SyncKiosk(home, between.url)
        self.worker = self.kiosk.worker()
        device = centre.enrol_device(self.tenant_id, prefix="K1", device_id=self.kiosk.kiosk_id)
        self.kiosk.secrets[self.kiosk.key_name] = device[1]
        self.kiosk.enrolment.enrol("Run", "K1")
        (home / "kiosk.toml").write_text(f'[central]\nurl = "{between.url}"\n', encoding="utf-8")

    def sell(self) -> str:
        """An order that staff saw the money of."""
        gateway = PromptPayGateway("0801234567", "Shop")
        orders, clock = self.kiosk.orders, self.kiosk.clock
        checkout = Checkout(orders, gateway, clock, EventBus(), lambda: make_code("K1"), {})
        order, payment = checkout.place(Basket(("0" * 32,)), QUOTE, "run", Language.THAI)
        payment = checkout.request_payment(payment.payment_id)
        checkout.confirm_by_staff(payment.payment_id, 7900, "Nok")
        assert checkout.order(order.order_id).state is OrderState.PAID
        return order.order_id

    def status(self) -> dict[str, Any]:
        """As `kiosk sync status --json` says it."""
        told: dict[str, Any] = answer(kiosk_command(self.home, "sync", "status", "--json"))
        return told

    def shows(self, code: str) -> None:
        """Staff see it soon."""
        wait_until(lambda: self.kiosk.board.status.code == code, PATIENCE_S)

    def arrives(self, order_id: str) -> None:
        """At the centre, once."""

        def is_there() -> bool:
            self.worker.look_now()
            with self.centre.centre.database.reading() as session:
                order = session.get(OrderRow, order_id)
                return order is not None and order.state == OrderState.PAID

        wait_until(is_there, PATIENCE_S)

    def start_again(self) -> None:
        """The kiosk, as after staff have put right what was wrong."""
        key = self.kiosk.secrets[self.kiosk.key_name]
        self.close()
        self.kiosk = SyncKiosk(self.home, self.between.url, key)
        self.worker = self.kiosk.worker()
        self.worker.start()

    def shut_out(self) -> None:
        """By an admin of the centre."""
        path = f"{self.centre.url}/api/devices/{self.kiosk.kiosk_id}/revoke"
        headers = self.centre.headers(self.tenant_id, Role.ADMIN)
        requests.post(path, headers=headers, timeout=20).raise_for_status()

    def close(self) -> None:
        self.worker.stop()
        self.kiosk.close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with CentreServer(tmp_path / "centre") as centre, BadCentre(centre.url) as between:
        shop = Shop(tmp_path / "kiosk", centre, between)
        try:
            yield shop
        finally:
            shop.close()


@pytest.mark.parametrize("fault", MENDS_ITSELF)
def test_what_mends_itself_is_off_line_until_then_and_everything_arrives(shop: Shop, fault: str) -> None:
    shop.between.fault = fault
    shop.worker.start()
    shop.shows(MENDS_ITSELF[fault])
    sold = shop.sell()
    told = shop.status()
    assert (told["state"], told["code"]) == ("offline", MENDS_ITSELF[fault])
    assert told["detail"]
    assert told["next_step"]
    assert told["waiting"] > 0
    assert told["parked"] == 0
    shop.between.fault = ""
    shop.arrives(sold)
    shop.shows("")


@pytest.mark.parametrize("fault", WANTS_STAFF)
def test_what_wants_staff_is_trouble_with_a_next_step_and_nothing_is_lost(shop: Shop, fault: str) -> None:
    shop.between.fault = fault
    shop.worker.start()
    shop.shows(WANTS_STAFF[fault])
    sold = shop.sell()
    told = shop.status()
    assert (told["state"], told["code"]) == ("trouble", WANTS_STAFF[fault])
    assert told["detail"]
    assert told["next_step"]
    assert told["parked"] == 0
    if fault in STILL_HEARS:
        shop.arrives(sold)
    shop.between.fault = ""
    if fault == "expired":
        shop.start_again()
    shop.arrives(sold)
    shop.shows("")


def test_a_kiosk_that_was_shut_out_is_told_so_and_goes_on_selling(shop: Shop) -> None:
    shop.worker.start()
    wait_until(lambda: shop.kiosk.board.status.state == "online", PATIENCE_S)
    shop.shut_out()
    shop.sell()
    shop.shows(ErrorCode.DEVICE_REVOKED)
    told = shop.status()
    assert (told["state"], told["code"]) == ("trouble", ErrorCode.DEVICE_REVOKED)
    assert told["waiting"] > 0


def test_faces_of_another_engine_are_told_to_staff_and_their_photos_are_on_sale(shop: Shop) -> None:
    photos = SqlPhotoRepository(shop.centre.centre.database)
    add_photos(photos, "run", range(1, 4), contract_id="another engine")
    shop.worker.start()
    wait_until(lambda: shop.kiosk.photos.count("run") == 3, PATIENCE_S)
    wait_until(lambda: shop.kiosk.board.status.notices > 0, PATIENCE_S)
    notices = answer(kiosk_command(shop.home, "sync", "notices", "--json"))
    assert ErrorCode.CONTRACT_MISMATCH in [notice["code"] for notice in notices]
    assert shop.status()["state"] == "online"
