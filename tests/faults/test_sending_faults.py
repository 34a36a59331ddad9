"""Messages when the network is away, mailboxes are full and the power fails; real peers, real SIGKILL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.sendings import SqlSendings
from kiosk.errors import ErrorCode
from kiosk.events import EventBus
from kiosk.sending.courier import Courier
from kiosk.sending.line import LineCarrier
from kiosk.sending.mail import SmtpCarrier
from kiosk.sending.types import SendingState, Way
from tests.fake_sending import NOW, FakeOrders, order_to_send
from tests.faults.sending_program import add_order
from tests.peers.line import TOKEN, LinePeer, line_user
from tests.peers.mail import PASSWORD, Certificates, MailDay, MailPeer, make_certificates

ROOT = Path(__file__).resolve().parents[2]
ORDERS = [f"{number:032x}" for number in range(1, 3)]


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


class World:
    """A courier over a database on disk, and both peers."""

    def __init__(self, database: Database, clock: ManualClock, mail: MailPeer, line: LinePeer) -> None:
        self.clock, self.mail, self.line = clock, mail, line
        self.store = SqlSendings(database)
        orders = FakeOrders({each: order_to_send(each) for each in ORDERS})
        zone = ZoneInfo("Asia/Bangkok")
        self.courier = Courier(self.store, orders, EventBus(), clock, b"secret", zone)
        self.courier.use(
            {
                Way.MAIL: SmtpCarrier(mail.settings(), PASSWORD, mail.certificates.authority),
                Way.LINE: LineCarrier(line.url, TOKEN),
            }
        )

    def ask(self) -> None:
        """All buyers by both ways."""
        for number, order_id in enumerate(ORDERS):
            self.courier.ask(order_id, Way.MAIL, f"buyer{number}@example.com")
            self.courier.ask(order_id, Way.LINE, line_user(number))

    def go_on(self, minutes: float) -> None:
        self.clock.advance(minutes * 60)
        self.courier.send_due()

    def states(self) -> Counter[str]:
        """How all messages stand."""
        return Counter(each.state.value for order_id in ORDERS for each in self.store.of_order(order_id))


@pytest.fixture
def world(tmp_path: Path, certificates: Certificates) -> Iterator[World]:
    clock = ManualClock(NOW)
    database = open_database(tmp_path / "kiosk.db", clock)
    for order_id in ORDERS:
        add_order(database, order_id)
    with MailPeer(certificates) as mail, LinePeer() as line:
        yield World(database, clock, mail, line)
    database.close()


@pytest.mark.parametrize("times", [20, pytest.param(100, marks=pytest.mark.slow)])
def test_off_line_a_hundred_times_everybody_gets_each_message_once(world: World, times: int) -> None:
    world.ask()
    world.mail.close()
    world.line.answers.extend([(503, "")] * times)
    for _ in range(times):
        world.go_on(16)
    assert world.states() == {"waiting": 4}
    world.line.answers.clear()
    world.mail.open()
    for _ in range(3):
        world.go_on(16)
    assert world.states() == {"sent": 4}
    assert sorted(taken.to[0] for taken in world.mail.taken) == sorted(
        f"buyer{n}@example.com" for n in range(2)
    )
    assert Counter(each.to for each in world.line.delivered) == {line_user(n): 1 for n in range(2)}


def test_a_full_mailbox_gets_its_mail_once_it_is_empty_again(world: World) -> None:
    sending = world.courier.ask(ORDERS[0], Way.MAIL, "buyer@example.com")
    world.mail.day = MailDay.FULL
    for _ in range(12):
        world.go_on(60)
    waiting = world.store.get(sending.sending_id)
    assert (waiting.state, waiting.code) == (SendingState.WAITING, ErrorCode.MAIL_LATER.value)
    world.mail.day = MailDay.GOOD
    world.go_on(4 * 60)
    assert len(world.mail.taken) == 1
    assert world.store.get(sending.sending_id).address == ""


def test_a_mailbox_that_stays_full_is_for_staff_after_two_days_and_nothing_is_lost(world: World) -> None:
    sending = world.courier.ask(ORDERS[0], Way.MAIL, "buyer@example.com")
    world.mail.day = MailDay.FULL
    for _ in range(14):
        world.go_on(4 * 60)
    assert world.store.get(sending.sending_id).state is SendingState.FAILED
    world.mail.day = MailDay.GOOD
    world.courier.again(ORDERS[0])
    world.courier.send_due()
    assert len(world.mail.taken) == 1


def test_greylisted_it_comes_with_the_second_attempt(world: World) -> None:
    world.courier.ask(ORDERS[0], Way.MAIL, "buyer@example.com")
    world.mail.day = MailDay.GREYLISTS
    world.courier.send_due()
    world.go_on(5)
    assert len(world.mail.taken) == 1


def test_a_login_that_is_wrong_for_an_hour_costs_nobody_their_mail(world: World) -> None:
    world.mail.password = "changed"
    world.line.token = "changed"
    world.ask()
    for _ in range(6):
        world.go_on(10)
    assert world.states() == {"waiting": 4}
    assert world.mail.connections < 9  # one for all that wait
    world.mail.password, world.line.token = PASSWORD, TOKEN
    for _ in range(2):
        world.go_on(16)
    assert world.states() == {"sent": 4}
    assert len(world.mail.taken) == len(world.line.delivered) == 2


def test_a_server_that_is_gone_before_it_says_yes_gets_the_same_message_again(world: World) -> None:
    world.courier.ask(ORDERS[0], Way.MAIL, "buyer@example.com")
    world.courier.ask(ORDERS[0], Way.LINE, line_user(1))
    world.mail.day = MailDay.DROPS
    world.line.answers.append(LinePeer.DROPS)
    world.courier.send_due()
    world.mail.day = MailDay.GOOD
    world.go_on(1)
    assert len(world.mail.ids) == 2
    assert len(set(world.mail.ids)) == 1
    assert len(world.line.delivered) == 1


# -- the power fails -----------------------------------------------------------------------------------


class Killed:
    """What came of runs that were killed."""

    def __init__(self, folder: Path, certificates: Certificates, stride: int) -> None:
        with MailPeer(certificates) as mail, LinePeer() as line:
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    "tests.faults.sending_program",
                    *(str(folder), str(mail.port), str(certificates.authority), line.url, str(stride)),
                ],
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                capture_output=True,
                text=True,
                timeout=110,
                check=False,
            )
            self.mails = Counter((taken.to[0], str(taken.mail["Message-ID"])) for taken in mail.taken)
            self.chats = Counter(each.to for each in line.delivered)
        assert done.returncode == 0, done.stderr[-4000:]
        self.runs: list[dict[str, Any]] = json.loads((folder / "runs.json").read_text())

    def check(self) -> None:
        """Every message ends sent; by LINE each comes once, e-mail under one id, and twice only where the
        power failed right after it."""
        assert all(run["was_killed"] for run in self.runs)
        for run in self.runs:
            assert run["end"] is not None, run["step"]
            states = [state for *_, state in run["end"]]
            assert states == ["sent"] * 3, run["step"]
            assert self.chats[line_user(run["number"])] == 2, run["step"]
            theirs = {key: n for key, n in self.mails.items() if key[0] == f"run{run['number']}@example.com"}
            assert len(theirs) == 1, run["step"]
            (times,) = theirs.values()
            assert times in (1, 2), run["step"]
        twice = [key for key, times in self.mails.items() if times == 2]
        assert 1 <= len(twice) < len(self.runs)


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes, which Windows has not")
@pytest.mark.parametrize("stride", [12, pytest.param(1, marks=pytest.mark.slow)])
def test_power_loss_loses_no_message_and_doubles_none_by_line(
    tmp_path: Path, certificates: Certificates, stride: int
) -> None:
    Killed(tmp_path, certificates, stride).check()
