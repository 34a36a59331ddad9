"""The kiosk is switched off at a bad moment: what was to be written down is, and nothing keeps it on."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from kiosk.app import Outside, open_kiosk
from kiosk.archive import open_archive
from kiosk.database.meta import SqlOpenOrder
from kiosk.database.tables import ConsentRow
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.runtime.worker import STOP_TIMEOUT_S
from kiosk.session.states import Screen
from tests.bad_pictures import write_mixed_folder
from tests.command_line import answer, kiosk
from tests.whole_kiosk import Bank, Guest, gateway_at, running, settings_for

_NAMES = {"records", "payments", "search", "camera-switch", "clock", "phone-server", "camera", "faces"}
_AWHILE_S = 4 * STOP_TIMEOUT_S + 5.0


@pytest.fixture(scope="module")
def stocked(weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with an event of drawn pictures. To be copied, not to be changed."""
    folder = tmp_path_factory.mktemp("stocked")
    write_mixed_folder(folder / "card")
    answer(kiosk(folder / "home", "import", folder / "card", "--event", "Run", "--json"))
    return folder / "home"


@pytest.fixture
def home(stocked: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stocked, tmp_path / "home"))


def test_what_ends_a_visit_is_written_down_also_when_the_kiosk_ends_at_once(home: Path) -> None:
    with PayNoiSimulator() as bank:
        with running(home, settings_for("none.mp4"), bank.base_url) as guest:
            guest.agree()
            guest.kiosk.together.withdraw()
            guest.wait_for(Screen.MANUAL)
            guest.kiosk.finding.find_all()
            guest.wait_for(Screen.RESULTS)
            guest.go_to_code()
            Bank(bank.base_url).pay()
            guest.wait_for(Screen.DELIVERY)
            guest.kiosk.journey.finish()
        archive = open_archive(home, settings_for("none.mp4"))
        try:
            with archive.database.reading() as session:
                (consent,) = session.scalars(select(ConsentRow))
                assert consent.withdrawn_at is not None
            assert SqlOpenOrder(archive.database).remembered() is None
        finally:
            archive.close()


@pytest.mark.slow
def test_a_gateway_that_does_not_answer_keeps_no_kiosk_from_ending(home: Path) -> None:
    with PayNoiSimulator() as bank:
        kiosk = open_kiosk(home, settings_for("none.mp4"), Outside(gateway=gateway_at(bank.base_url)))
        guest = Guest(kiosk)
        kiosk.start()
        guest.wait(lambda: kiosk.view.event is not None)
        Bank(bank.base_url).fail("slow", delay_s=30)
        guest.find_without_face()
        guest.choose(1)
        kiosk.buying.open_basket()
        kiosk.buying.pay()
        guest.wait(lambda: bank.transactions)
        began_s = time.monotonic()
        kiosk.stop()
        assert time.monotonic() - began_s < _AWHILE_S


def test_after_the_end_no_worker_is_left(home: Path) -> None:
    before = set(threading.enumerate())  # one that another test left waiting for its gateway may be there

    def ours() -> set[str]:
        return {thread.name for thread in set(threading.enumerate()) - before if thread.name in _NAMES}

    with PayNoiSimulator() as bank:
        with running(home, settings_for("none.mp4"), bank.base_url) as guest:
            guest.agree()
            guest.wait(lambda: {"camera", "faces"} <= ours())
            assert ours() >= _NAMES - {"camera", "faces"}
        assert ours() == set()
