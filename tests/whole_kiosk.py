"""A whole kiosk without a screen: real archive, workers, phone page; a bank over HTTP; a guest at it."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.payments.paynoi import AccountType, PayNoiGateway
from kiosk.sales.types import Order
from kiosk.session.states import Screen
from kiosk.session.view import DeliverView, PayStage, PayView, SessionChanged, SessionView
from kiosk.settings import Settings
from tests.watching import wait_until

PATIENCE_S = 60.0
"""Only a broken kiosk needs so long, also on a machine that has much else to do."""


def settings_for(camera: str | Path, **payment: str) -> Settings:
    """A kiosk that serves phones on this machine only, at a free port."""
    return Settings.model_validate(
        {
            "camera": {"source": str(camera)},
            "delivery": {"host": "127.0.0.1", "port": 0},
            "payment": payment,
        }
    )


def gateway_at(url: str) -> PayNoiGateway:
    """The real adapter, for a simulator's address."""
    return PayNoiGateway(url, "simulator", key_id="1", account="0800000000", account_type=AccountType.PHONE)


@contextmanager
def running(home: Path, settings: Settings, bank_url: str | None) -> Iterator[Guest]:
    """A started kiosk and somebody in front of it, once the event is on its screen."""
    gateway = gateway_at(bank_url) if bank_url else None
    kiosk = open_kiosk(home, settings, Outside(gateway=gateway))
    try:
        guest = Guest(kiosk)
        kiosk.start()
        guest.wait(lambda: kiosk.view.event is not None)
        yield guest
    finally:
        kiosk.stop()


class Guest:
    """What a visitor does and sees; each step waits until the kiosk has come to what is expected.

    `told` are the pages and their sentences so far, in their order.
    """

    def __init__(self, kiosk: Kiosk) -> None:
        self.kiosk = kiosk
        self.told: list[tuple[Screen, str]] = []
        kiosk.bus.subscribe(SessionChanged, lambda event: self._note(event.view))

    def _note(self, view: SessionView) -> None:
        seen = (view.screen, view.notice.key if view.notice else "")
        if seen not in self.told[-1:]:
            self.told.append(seen)

    # -- looking ----------------------------------------------------------------------------------

    @property
    def screen(self) -> Screen:
        return self.kiosk.view.screen

    @property
    def notice(self) -> str:
        """Key of the sentence on the page; empty when there is none."""
        notice = self.kiosk.view.notice
        return notice.key if notice else ""

    @property
    def pay(self) -> PayView:
        pay = self.kiosk.view.pay
        assert pay is not None
        return pay

    @property
    def deliver(self) -> DeliverView:
        deliver = self.kiosk.view.deliver
        assert deliver is not None
        return deliver

    @property
    def order(self) -> Order:
        order = self.kiosk.session.visitor.order
        assert order is not None
        return self.kiosk.checkout.order(order.order_id)

    def wait(self, is_so: Callable[[], object]) -> None:
        try:
            wait_until(is_so, PATIENCE_S)
        except AssertionError as waited:
            raise AssertionError(f"waited in vain; seen so far: {self.told}") from waited

    def wait_for(self, *screens: Screen) -> Screen:
        self.wait(lambda: self.screen in screens)
        return self.screen

    def file_names(self) -> set[str]:
        """The names of the photos that the results page calls sure."""
        results = self.kiosk.view.results
        assert results is not None
        return {self.kiosk.archive.photos.photo(tile.photo_id).file_name for tile in results.sure}

    # -- walking ----------------------------------------------------------------------------------

    def agree(self) -> None:
        """Attract, consent, camera."""
        self.kiosk.journey.begin()
        self.wait_for(Screen.CONSENT)
        self.kiosk.journey.agree()
        self.wait_for(Screen.CAPTURE)

    def find_by_face(self) -> None:
        """Agrees, stands before the camera, and waits for the photos."""
        self.agree()
        self.wait_for(Screen.RESULTS)

    def find_without_face(self) -> None:
        """All photos of the event."""
        self.kiosk.journey.go_manual()
        self.wait_for(Screen.MANUAL)
        self.kiosk.finding.find_all()
        self.wait_for(Screen.RESULTS)

    def choose(self, count: int) -> None:
        """Puts the first photos into the basket."""
        results = self.kiosk.view.results
        assert results is not None
        for tile in results.sure[:count]:
            self.kiosk.buying.choose(tile.photo_id)

    def go_to_code(self, count: int = 1) -> PayView:
        """From the photos to the code to pay."""
        self.choose(count)
        self.kiosk.buying.open_basket()
        self.wait_for(Screen.BASKET)
        self.kiosk.buying.pay()
        self.wait_for(Screen.PAYMENT)
        return self.wait_for_code()

    def wait_for_code(self) -> PayView:
        """The code to pay, which may be a new one."""

        def is_shown() -> bool:
            pay = self.kiosk.view.pay
            return pay is not None and pay.stage in (PayStage.WAITING, PayStage.STAFF)

        self.wait(is_shown)
        return self.pay


class Bank:
    """The simulator's control pages, over HTTP."""

    def __init__(self, url: str) -> None:
        self.url = url

    def transactions(self) -> list[dict[str, Any]]:
        """All that were asked for, the oldest first."""
        found: list[dict[str, Any]] = requests.get(f"{self.url}/simulator/transactions", timeout=20).json()
        return found

    def newest(self) -> str:
        return str(self.transactions()[-1]["trans_id"])

    def pay(self, trans_id: str | None = None, amount: str | None = None) -> None:
        """Somebody scans the newest code, or another one."""
        order = {"trans_id": trans_id or self.newest()} | ({"amount": amount} if amount else {})
        self._do("pay", order)

    def expire(self, trans_id: str) -> None:
        self._do("expire", {"trans_id": trans_id})

    def fail(self, kind: str, **more: object) -> None:
        self._do("fault", {"kind": kind, **more})

    def completed(self) -> list[dict[str, Any]]:
        """The charges that took money."""
        return [each for each in self.transactions() if each["payment_status"] == "completed"]

    def _do(self, what: str, order: dict[str, object]) -> None:
        requests.post(f"{self.url}/simulator/{what}", json=order, timeout=20).raise_for_status()


def load_on_phone(url: str) -> dict[str, bytes]:
    """The phone opens the page and saves everything: the files of the ZIP by name."""
    page = requests.get(url, timeout=PATIENCE_S)
    assert page.status_code == 200
    answer = requests.get(f"{url}/all.zip", timeout=PATIENCE_S)
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.testzip() is None
        files = {name: archive.read(name) for name in archive.namelist()}
    json.loads(files["metadata.json"])
    return files
