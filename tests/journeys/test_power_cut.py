"""The power fails between basket and delivery; a real kiosk, a real SIGKILL, and the same bank afterwards."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import signal
import socket
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import select

from kiosk.app import Kiosk
from kiosk.database.tables import OrderRow
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.sales.types import OrderState
from kiosk.session.states import Screen
from kiosk.session.view import PayStage
from kiosk.settings import Settings
from tests.command_line import answer, kiosk
from tests.journeys.power_cut_program import Step, sell
from tests.whole_kiosk import Bank, Guest, load_on_phone, running, settings_for

pytestmark = pytest.mark.skipif(
    not hasattr(signal, "SIGKILL"), reason="kills processes as Unix does; Windows has no SIGKILL"
)

_NOBODY_ASKED = (Step.BASKET, Step.ORDER_PLACED)
_PAID_BEFORE = (Step.PAID_UNSEEN, Step.PAID_SEEN, Step.DELIVERY_SHOWN, Step.DOWNLOADING)


@pytest.fixture(scope="module")
def stocked(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with three photos, so large that a phone needs a while for them."""
    folder = tmp_path_factory.mktemp("stocked")
    (folder / "card").mkdir()
    noise = np.random.default_rng(9)
    for number in range(3):
        pixels = noise.integers(0, 255, (1200, 1600, 3), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / "card" / f"{number}.png", compress_level=1)
    report = answer(kiosk(folder / "home", "import", folder / "card", "--event", "Run", "--json"))
    assert report["taken"] == 3
    return folder / "home"


@pytest.fixture
def settings() -> Settings:
    """The phone page stays at one port, as at a real kiosk: links that were shown are to work again."""
    with socket.socket() as place:
        place.bind(("127.0.0.1", 0))
        port = place.getsockname()[1]
    chosen = settings_for("no-camera.mp4")
    return chosen.model_copy(update={"delivery": chosen.delivery.model_copy(update={"port": port})})


def cut_power(step: Step, home: Path, settings: Settings, bank: PayNoiSimulator) -> str:
    """A sale whose kiosk is killed at a step. The phone link that was on its screen by then."""
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    seen = home.parent / "seen.json"
    process = context.Process(target=sell, args=(step, home, settings, bank.base_url, seen))
    process.start()
    process.join(100)
    if process.exitcode is None:
        process.kill()
    assert process.exitcode == -signal.SIGKILL
    return str(json.loads(seen.read_text())["url"])


def orders_of(kiosk: Kiosk) -> list[OrderState]:
    with kiosk.archive.database.reading() as session:
        return [OrderState(state) for state in session.scalars(select(OrderRow.state))]


def go_on(guest: Guest, bank: Bank) -> None:
    """What the guest does who is still there when the light comes back, and has not paid yet."""
    guest.wait(lambda: guest.kiosk.view.pay and guest.pay.stage in (PayStage.EXPIRED, PayStage.WAITING))
    if guest.pay.stage is PayStage.EXPIRED:
        guest.kiosk.buying.renew_payment()
    guest.wait_for_code()
    bank.pay()


@pytest.mark.parametrize("step", [step for step in Step if step not in _NOBODY_ASKED])
def test_a_power_cut_loses_no_order_charges_nobody_twice_and_the_visitor_goes_on(
    step: Step, stocked: Path, settings: Settings, tmp_path: Path, bank: PayNoiSimulator
) -> None:
    home, money = Path(shutil.copytree(stocked, tmp_path / "home")), Bank(bank.base_url)
    shown_url = cut_power(step, home, settings, bank)
    paid_before = len(money.completed())
    assert paid_before == (1 if step in _PAID_BEFORE else 0)

    with running(home, settings, bank.base_url) as guest:
        guest.wait(lambda: "error.power_back" in [notice for _, notice in guest.told])
        if not paid_before:
            assert guest.screen is Screen.PAYMENT
            go_on(guest, money)
        guest.wait_for(Screen.DELIVERY)

        order = guest.order
        assert order.state is OrderState.PAID
        assert orders_of(guest.kiosk) == [OrderState.PAID]
        assert len(money.completed()) == 1
        assert len(guest.kiosk.checkout.deliveries(order.order_id)) == 1
        url = guest.deliver.url
        assert shown_url in ("", url)
        assert len(load_on_phone(url)) == 4

        guest.kiosk.journey.close()
        guest.wait_for(Screen.ATTRACT)
        guest.kiosk.buying.open_order(order.code)
        guest.wait_for(Screen.DELIVERY)
        assert guest.deliver.url == url


@pytest.mark.parametrize("step", _NOBODY_ASKED)
def test_a_power_cut_before_money_is_asked_for_leaves_a_clean_kiosk(
    step: Step, stocked: Path, settings: Settings, tmp_path: Path, bank: PayNoiSimulator
) -> None:
    home = Path(shutil.copytree(stocked, tmp_path / "home"))
    cut_power(step, home, settings, bank)
    with running(home, settings, bank.base_url) as guest:
        guest.kiosk.checkout.reconcile()
        assert guest.screen is Screen.ATTRACT
        assert OrderState.PAID not in orders_of(guest.kiosk)
        assert Bank(bank.base_url).transactions() == []
        guest.find_without_face()
        guest.go_to_code()


def test_a_visit_that_ended_before_the_power_cut_is_not_shown_to_the_next_visitor(
    stocked: Path, settings: Settings, tmp_path: Path, bank: PayNoiSimulator
) -> None:
    home = Path(shutil.copytree(stocked, tmp_path / "home"))
    with running(home, settings, bank.base_url) as guest:
        guest.find_without_face()
        guest.go_to_code()
        Bank(bank.base_url).pay()
        guest.wait_for(Screen.DELIVERY)
        guest.kiosk.journey.finish()
        guest.wait_for(Screen.THANKS)
        guest.kiosk.journey.close()
    with running(home, settings, bank.base_url) as guest:
        guest.kiosk.buying.resume()
        assert guest.screen is Screen.ATTRACT
        assert guest.kiosk.view.order_code is None
