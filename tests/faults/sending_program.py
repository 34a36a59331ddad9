"""A kiosk's messages in processes that are killed: run by test_sending_faults.

Usage: python -m tests.faults.sending_program FOLDER MAIL_PORT CERTIFICATES LINE_URL STRIDE

Forks a child that owes a buyer an e-mail, a message by LINE and news of a later photo, and sends them; once
for each STRIDE-th step at which the power can fail (before each SQL statement that writes, and each commit)
and for those before and after each message. The child kills itself there with SIGKILL. A second child opens
the same database, is asked for the same once more, and sends what is due. Writes to FOLDER/runs.json for each
step how the messages stood at the end.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event
from sqlalchemy.engine import Engine

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.sendings import SqlSendings
from kiosk.database.tables import OrderRow
from kiosk.database.wishes import SqlWishes
from kiosk.events import EventBus
from kiosk.language import Language
from kiosk.sending.courier import Courier
from kiosk.sending.line import LineCarrier
from kiosk.sending.mail import SmtpCarrier
from kiosk.sending.types import Carrier, Message, Purpose, Sending, SendingState, Way
from kiosk.settings import MailSection
from tests.fake_sending import NOW, FakeOrders, order_to_send
from tests.peers.line import TOKEN, line_user
from tests.peers.mail import PASSWORD, SENDER, USER


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
            if not sql.startswith(("SELECT", "BEGIN", "PRAGMA")):
                self.step(" ".join(sql.split()[:3]))

        event.listen(Engine, "before_cursor_execute", statement)
        event.listen(Engine, "commit", lambda _: self.step("commit"))


class Failing:
    """A way of sending with a step before and after each message."""

    def __init__(self, carrier: Carrier, power: Power, name: str) -> None:
        self._carrier = carrier
        self._power = power
        self._name = name

    def send(self, message: Message) -> None:
        self._power.step(f"before {self._name}")
        self._carrier.send(message)
        self._power.step(f"after {self._name}")


class Run:
    """One buyer, who is number `number`."""

    def __init__(self, folder: Path, number: int, peers: tuple[int, Path, str]) -> None:
        self.path = folder / f"run-{number}" / "kiosk.db"
        self.order_id = f"{number:032x}"
        self.number = number
        self.peers = peers

    def prepare(self, empty: Path) -> None:
        self.path.parent.mkdir()
        shutil.copyfile(empty, self.path)
        database = open_database(self.path, ManualClock(NOW))
        add_order(database, self.order_id)
        database.close()

    def go(self, power: Power, seconds: float, waits_s: float = 0.0) -> SqlSendings:
        """Owes, so many seconds after the beginning, and sends a while later."""
        clock = ManualClock(NOW + timedelta(seconds=seconds))
        database = open_database(self.path, clock)
        power.watch_database()
        orders = FakeOrders({self.order_id: order_to_send(self.order_id)})
        sendings = SqlSendings(database)
        courier = Courier(sendings, orders, EventBus(), clock, b"secret", ZoneInfo("Asia/Bangkok"))
        port, authority, line_url = self.peers
        mail = MailSection(server="localhost", port=port, user=USER, sender=SENDER)
        courier.use(
            {
                Way.MAIL: Failing(SmtpCarrier(mail, PASSWORD, authority), power, "mail"),
                Way.LINE: Failing(LineCarrier(line_url, TOKEN), power, "line"),
            }
        )
        courier.ask(self.order_id, Way.MAIL, f"run{self.number}@example.com")
        clock.advance(1)
        courier.ask(self.order_id, Way.LINE, line_user(self.number), intent="event")
        clock.advance(1)
        news = self.news(clock, f"{os.getpid():032x}")
        SqlWishes(database).add_photos(self.order_id, ["p3"], clock.now(), news)
        clock.advance(waits_s)
        courier.send_due()
        return sendings

    def news(self, clock: ManualClock, sending_id: str) -> Sending:
        return Sending(
            sending_id=sending_id,
            order_id=self.order_id,
            order_code="",
            way=Way.LINE,
            purpose=Purpose.NEW_PHOTOS,
            language=Language.ENGLISH,
            state=SendingState.WAITING,
            created_at=clock.now(),
            due_at=clock.now(),
            address=line_user(self.number),
            photo_count=1,
        )


def add_order(database: Database, order_id: str) -> None:
    with database.writing() as session:
        session.add(
            OrderRow(
                order_id=order_id,
                tenant_id="",
                kiosk_id="kiosk",
                code=f"K1-{order_id[-4:]}",
                event_id="event",
                language="en",
                state="paid",
                total_satang=0,
                discount_satang=0,
                created_at=NOW,
                paid_at=NOW,
                voucher_code=None,
            )
        )


def in_child(work: Callable[[], object]) -> int:
    """Its wait status; what it raises is printed."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:  # noqa: BLE001 - told to the test
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def steps_of(run: Run, file: Path) -> list[str]:
    """All steps of a run that nothing happens to."""

    def whole() -> None:
        power = Power(0)
        run.go(power, 0)
        file.write_text(json.dumps(power.steps))

    if in_child(whole) != 0:
        raise SystemExit("the first run failed")
    steps: list[str] = json.loads(file.read_text())
    return steps


def runs(folder: Path, peers: tuple[int, Path, str], stride: int) -> Iterator[dict[str, Any]]:
    empty = folder / "empty.db"
    open_database(empty, ManualClock(NOW)).close()
    first = Run(folder, 0, peers)
    first.prepare(empty)
    steps = steps_of(first, folder / "steps.json")
    always = {place for place, name in enumerate(steps) if name.startswith(("before", "after"))}
    for place in sorted(always | set(range(0, len(steps), stride))):
        run = Run(folder, place + 1, peers)
        run.prepare(empty)
        killed = in_child(lambda run=run, place=place: run.go(Power(place + 1), 0))  # type: ignore[misc]
        end = folder / f"end-{place}.json"

        def second(run: Run = run, end: Path = end) -> None:
            sendings = run.go(Power(0), 60, waits_s=180)
            states = [[each.purpose, each.way, each.state] for each in sendings.of_order(run.order_id)]
            end.write_text(json.dumps(states))

        is_done = in_child(second) == 0
        yield {
            "number": run.number,
            "step": steps[place],
            "was_killed": killed == signal.SIGKILL,
            "end": json.loads(end.read_text()) if is_done else None,
        }


if __name__ == "__main__":
    where, port, authority, line_url, every = sys.argv[1:]
    found = list(runs(Path(where), (int(port), Path(authority), line_url), int(every)))
    (Path(where) / "runs.json").write_text(json.dumps(found))
