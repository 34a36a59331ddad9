"""What keeps an update from a kiosk: whoever is at it, and what was paid and is still on its way."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from kiosk import updating
from kiosk.app import Kiosk, Outside, open_kiosk
from kiosk.clock import ManualClock, SystemClock
from kiosk.database.sendings import SqlSendings
from kiosk.database.sync_state import SqlOutbox
from kiosk.errors import ErrorCode
from kiosk.language import Language
from kiosk.printing.types import PrintState
from kiosk.sending.types import Purpose, Sending, SendingState, Way
from kiosk.session.states import Screen
from kiosk.settings import DeliverySection, Settings
from kiosk.sync.records import HealthRecord
from kiosk.updates import care
from kiosk.updates.package import Installed
from kiosk.updates.places import StagingPlaces
from kiosk.updates.wish import When
from kiosk.updating import Sales
from tests.fake_gateway import FakeGateway
from tests.printing_shop import SMALL, PrintingShop
from tests.updates import ARCHITECTURE, NIGHT, Signer
from tests.watching import wait_until

LATER = timedelta(minutes=21)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[PrintingShop]:
    shop = PrintingShop(tmp_path / "kiosk.db", ManualClock(NIGHT))
    yield shop
    shop.close()


def sales_of(shop: PrintingShop, *, has_centre: bool = False) -> Sales:
    outbox = SqlOutbox(shop.database, shop.clock) if has_centre else None
    return Sales(shop.orders, shop.store, SqlSendings(shop.database), outbox)


def unpaid(shop: PrintingShop) -> None:
    shop.buy((SMALL, 1), is_paid=False)


def print_owed(shop: PrintingShop) -> None:
    shop.buy((SMALL, 1))
    assert shop.store.take_owed(NIGHT) == 1


def message_owed(shop: PrintingShop) -> None:
    order_id = shop.buy((SMALL, 1))
    SqlSendings(shop.database).add(
        Sending(
            sending_id="a" * 32,
            order_id=order_id,
            order_code="ABC",
            way=Way.MAIL,
            purpose=Purpose.PHOTOS,
            language=Language.THAI,
            state=SendingState.WAITING,
            created_at=NIGHT,
            due_at=NIGHT,
            address="somebody@example.com",
        )
    )


@pytest.mark.parametrize("owe", [unpaid, print_owed, message_owed])
def test_what_is_owed_is_waited_for_but_not_for_ever(
    shop: PrintingShop, owe: Callable[[PrintingShop], None]
) -> None:
    sales = sales_of(shop)
    assert sales.are_quiet(NIGHT)
    owe(shop)
    assert not sales.are_quiet(NIGHT)
    assert sales.are_quiet(NIGHT + LATER)


def test_paper_in_the_printer_is_waited_for_however_long_it_takes(shop: PrintingShop) -> None:
    print_owed(shop)
    (job,) = shop.store.jobs_in((PrintState.WAITING,))
    assert shop.store.update(replace(job, state=PrintState.SENDING), PrintState.WAITING)
    assert not sales_of(shop).are_quiet(NIGHT + LATER)


def test_a_sale_that_the_centre_has_not_heard_of_is_told_first(shop: PrintingShop) -> None:
    sales, outbox = sales_of(shop, has_centre=True), SqlOutbox(shop.database, shop.clock)
    outbox.add_health(HealthRecord(at=NIGHT, version="0.1.0", facts={}))
    assert sales.are_quiet(NIGHT), "how the kiosk is, is told for ever"
    shop.buy((SMALL, 1))
    assert not sales.are_quiet(NIGHT)
    assert sales.are_quiet(NIGHT + LATER), "a centre that is away keeps no update away"
    outbox.taken([waiting.message.message_id for waiting in outbox.waiting(100)], {})
    assert sales.are_quiet(NIGHT)


@pytest.fixture
def kiosk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kiosk]:
    """With a signed update that is ready, wanted as soon as nobody is there."""
    signer, home = Signer.new(), tmp_path / "home"
    keys = signer.publish(tmp_path / "update.pub")
    monkeypatch.setattr(care, "LOOK_EVERY_S", 0.2)
    monkeypatch.setattr(updating, "update_keys", lambda: keys)
    monkeypatch.setattr(updating, "this_machine", lambda: Installed("0.1.0", ARCHITECTURE))
    file = tmp_path / f"photo-kiosk_0.2.0_{ARCHITECTURE}.deb"
    file.write_bytes(os.urandom(5000))
    signer.sign(file)
    settings = Settings(delivery=DeliverySection(host="127.0.0.1", port=0))
    kiosk = open_kiosk(home, settings, Outside(gateway=FakeGateway(SystemClock())))
    kiosk.updates.take(file)
    kiosk.updates.wish(When.NOW, "Tom")
    yield kiosk
    kiosk.stop()


def test_a_visitor_is_served_first_and_nobody_begins_once_root_is_asked(kiosk: Kiosk) -> None:
    request = StagingPlaces(kiosk.archive.home).request
    kiosk.journey.begin()
    assert kiosk.view.screen is Screen.CONSENT
    kiosk.start()
    with pytest.raises(AssertionError):
        wait_until(request.exists, 2)
    assert kiosk.view.screen is Screen.CONSENT
    kiosk.journey.close()
    wait_until(request.exists, 20)
    assert kiosk.view.screen is Screen.OUT_OF_SERVICE
    assert kiosk.session.failure_code == ErrorCode.UPDATE_UNDER_WAY
    kiosk.journey.begin()
    assert kiosk.view.screen is Screen.OUT_OF_SERVICE
