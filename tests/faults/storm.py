"""The storm: kiosks sell to strangers, and are killed (SIGKILL) at random moments, a thousand times and more.

Outside of the kiosks, and never killed with them, are the bank (PayNoi's simulator, over HTTP), the printer
(a real CUPS), the mail server, the phones and the people. Beside them is a real centre in a process of its
own, which dies now and then, too. What these saw is what the kiosks are judged by.
"""

from __future__ import annotations

import math
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import requests

from kiosk.archive import DATABASE_FILE
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.print_jobs import SqlPrintStore
from kiosk.database.sendings import SqlSendings
from kiosk.database.sync_state import SqlOutbox
from kiosk.payments.simulator import PayNoiSimulator
from kiosk.printing.types import PrintState
from kiosk.sending.types import SendingState
from tests.faults.kiosk_process import KioskProcess, NotServedError, Shop, open_shop, scanned, stocked_home
from tests.faults.storm_account import Account
from tests.faults.stranger import Person
from tests.peers.centre import CentreProcess
from tests.peers.cups import CupsServer
from tests.peers.mail import MailPeer, make_certificates
from tests.peers.processes import PeerMissingError

QUEUE = "dnp"
TENANT = "storm"
_LIFE_S = 4.0
_KILLED_AT_START = 0.25
_STARTS_WITHIN_S = 60.0
_PAYS_AFTER_S = (0.0, 1.2)
_SHEET_S = 0.02
_LONGEST_VISIT_S = 120.0
_CENTRE_DIES_EVERY = 60
_CENTRE_IS_DOWN_S = 1.5


@dataclass
class Storm:
    """How it is done: so many `kills` in all, on so many kiosks at once. `lease_s` as `run_kiosk` takes it
    (None: the program's own). After the last kill everything has `settles_s` to come to its end; whatever the
    number, nothing is killed any more once it `ends_after_s`."""

    folder: Path
    kills: int
    kiosks: int = 4
    seed: int = 1
    lease_s: float | None = None
    settles_s: float = 240.0
    ends_after_s: float = math.inf
    say: Callable[[str], None] = lambda line: None

    def run(self) -> Account:
        with ExitStack() as stack:
            weather = Weather(self, stack)
            lanes = [Lane(weather, number) for number in range(self.kiosks)]
            for lane in lanes:
                stack.callback(lane.end)
            threads = [threading.Thread(target=lane.run, daemon=True) for lane in lanes]
            began_s = time.monotonic()
            for thread in threads:
                thread.start()
            weather.kill_centre_now_and_then(threads)
            for thread in threads:
                thread.join()
            weather.account.took_s = time.monotonic() - began_s
            for lane in lanes:
                lane.judge()
            return weather.account


class Weather:
    """What is outside of the kiosks, and how often they were killed."""

    def __init__(self, storm: Storm, stack: ExitStack) -> None:
        self.storm = storm
        self.account = Account()
        self._lock = threading.Lock()
        self._began_s = time.monotonic()
        self._killed = 0
        self._people = 0
        self._chance = random.Random(storm.seed)
        self.centre = CentreProcess(storm.folder / "centre")
        webhook = f"{self.centre.url}/api/payment/webhook"
        self.bank = stack.enter_context(PayNoiSimulator(webhook_url=webhook))
        self.centre.set(payment__gateway="paynoi", payment__paynoi_url=self.bank.base_url)
        self.centre.set(payment__paynoi_account="0801234567", payment__receiver_name="Storm")
        stack.enter_context(self.centre)
        certificates = make_certificates(storm.folder / "certificates")
        self.mail = stack.enter_context(MailPeer(certificates, security="none"))
        self.cups = self._print_server(stack)
        self.stocked = stocked_home(storm.folder / "stocked")
        self.tenant_id = self._make_event()

    def put_out(self) -> Counter[str]:
        """Sheets that came out, by the name of their job."""
        return self.cups.made[QUEUE].put_out() if self.cups else Counter()

    def may_kill(self) -> bool:
        """Whether one more is wanted, which is counted."""
        with self._lock:
            is_late = time.monotonic() - self._began_s > self.storm.ends_after_s
            if is_late or self._killed >= self.storm.kills:
                return False
            self._killed += 1
            if self._killed % 50 == 0:
                self.storm.say(f"{self._killed} kills, {self._people} people")
            return True

    @property
    def killed(self) -> int:
        return self._killed

    def next_person(self) -> Person:
        with self._lock:
            self._people += 1
            number, chance = self._people, self._chance
            return Person(
                number,
                photos=chance.randint(1, 3),
                prints=chance.randint(1, 2) if self.cups and chance.random() < 0.35 else 0,
                mail=f"visitor{number}@example.org" if chance.random() < 0.3 else "",
                pays=chance.random() < 0.9,
            )

    def pay(self, person: Person, code: str | bytes) -> None:
        """The person's phone pays what it scanned, a moment later, whatever has become of the kiosk."""

        def paying() -> None:
            waiting = scanned(self.bank, code)
            if waiting is None:
                self.account.wrong.append(f"person {person.number}: a code that the bank does not know")
                return
            self.bank.pay(waiting.trans_id)
            self.account.note_paid(person, waiting.trans_id)

        timer = threading.Timer(self._chance.uniform(*_PAYS_AFTER_S), paying)
        self.account.timers.append(timer)
        timer.start()

    def load(self, url: str) -> None:
        """Somebody's phone loads everything once; a kiosk that dies meanwhile breaks it off."""

        def loading() -> None:
            with suppress(requests.RequestException):
                requests.get(f"{url}/all.zip", timeout=10)

        timer = threading.Timer(0.1, loading)
        self.account.timers.append(timer)
        timer.start()

    def kill_centre_now_and_then(self, lanes: list[threading.Thread]) -> None:
        """Until the lanes are through."""
        next_at = _CENTRE_DIES_EVERY // 2
        while any(lane.is_alive() for lane in lanes):
            if self._killed >= next_at and self._killed < self.storm.kills:
                next_at += _CENTRE_DIES_EVERY
                self.centre.kill()
                self.account.centre_kills += 1
                time.sleep(_CENTRE_IS_DOWN_S)
                self.centre.start()
            time.sleep(0.2)

    def _print_server(self, stack: ExitStack) -> CupsServer | None:
        try:
            server = stack.enter_context(CupsServer())
        except PeerMissingError as missing:
            self.storm.say(f"nothing is printed: {missing}")
            return None
        server.add_printer(QUEUE, _SHEET_S)
        return server

    def _make_event(self) -> str:
        """The kiosks' event, at the centre as well; the id of their tenant."""
        tenant_id = self.centre.add_tenant(TENANT)
        kiosks = open_database(self.stocked / DATABASE_FILE)
        try:
            (event,) = SqlPhotoRepository(kiosks).events()
        finally:
            kiosks.close()
        with self.centre.database() as database:
            SqlPhotoRepository(database).add_event(replace(event, tenant_id=tenant_id))
        return tenant_id


@dataclass
class Lane:
    """One kiosk with all its lives, and the people before it. Every second one is paid through its centre."""

    weather: Weather
    number: int
    people: list[Person] = field(default_factory=list)
    links: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    """By order code: the address, photos and sheets that the delivery page told."""

    def __post_init__(self) -> None:
        weather, number = self.weather, self.number
        self._chance = random.Random(f"{weather.storm.seed}/{number}")
        self._page = "start"
        self._process: KioskProcess | None = None
        self._still_to_come: int | None = None  # people of the last life
        home = weather.storm.folder / f"kiosk-{number}"
        bank = weather.bank.base_url
        is_central = number % 2 == 1
        more: dict[str, Any] = {"payment": {"gateway": "central"}} if is_central else {}
        if weather.cups:
            more["printing"] = {
                "printer": "cups",
                "server": weather.cups.socket,
                "queues": {"10x15": QUEUE},
            }
            more["sales"] = {"prints": True}
        mail = weather.mail.settings(user="").model_dump()
        url = weather.centre.url
        self.shop: Shop = open_shop(
            weather.stocked, home, bank, mail=mail, central={"url": url, "poll_s": 1}, **more
        )
        prefix = f"K{number}"
        key = weather.centre.enrol_devices(weather.tenant_id, {self.shop.kiosk_id: prefix})[
            self.shop.kiosk_id
        ]
        self.shop.enrol(url, TENANT, prefix, key)
        if weather.storm.lease_s is not None:
            self.shop.tuning["lease_s"] = weather.storm.lease_s

    # -- the storm --------------------------------------------------------------------------------

    def run(self) -> None:
        """Life after life, until there are enough kills; the last one stays."""
        self._next()
        while self.weather.may_kill():
            self._live_and_die()
        self._serve_the_last(self._begin())

    def _begin(self) -> KioskProcess:
        self._page = "start"
        self.shop.tuning["seed"] = self._chance.random()
        self._process = KioskProcess(self.shop, self._hear)
        return self._process

    def _live_and_die(self) -> None:
        """Killed while it starts, or at any moment of the visits after it."""
        account, chance = self.weather.account, self._chance
        process = self._begin()
        starts = account.starts_s[-20:]
        if starts and chance.random() < _KILLED_AT_START:
            goes_on = process.listen(time.monotonic() + chance.uniform(0.0, max(starts)))
        else:
            try:
                process.wait(lambda: process.up_s is not None, "the start", _STARTS_WITHIN_S)
            except NotServedError as failed:
                account.wrong.append(f"kiosk {self.number}: {failed}")
            goes_on = process.listen(time.monotonic() + chance.uniform(0.0, _LIFE_S))
        if not goes_on:
            account.wrong.append(f"kiosk {self.number} ended by itself")
        is_up = process.up_s is not None
        process.kill()
        account.note_kill(self._page if is_up else "start")
        if process.up_s is not None:
            account.starts_s.append(process.up_s)

    def _serve_the_last(self, process: KioskProcess) -> None:
        """Whoever is there is served to the end, and one more after them; then everything settles."""
        account = self.weather.account
        self._still_to_come = 2
        try:
            process.wait(lambda: process.up_s is not None, "the start", _STARTS_WITHIN_S)
            process.wait(lambda: self._still_to_come == 0, "the last visits", _LONGEST_VISIT_S)
            self._settle(process)
        except NotServedError as failed:
            account.wrong.append(f"kiosk {self.number}: {failed}")
        for timer in list(account.timers):
            timer.join()

    def _settle(self, process: KioskProcess) -> None:
        database = open_database(self.shop.home / DATABASE_FILE)
        try:
            prints, mails, outbox = SqlPrintStore(database), SqlSendings(database), SqlOutbox(database)
            open_prints = set(PrintState) - {PrintState.PRINTED, PrintState.CANCELLED, PrintState.HELD}

            def is_settled() -> bool:
                is_sent = not mails.listed([SendingState.WAITING], most=1)
                return is_sent and not prints.jobs_in(open_prints) and outbox.counts() == (0, 0)

            process.wait(is_settled, "prints, e-mail and the outbox", self.weather.storm.settles_s)
        finally:
            database.close()

    def _hear(self, what: str, *told: Any) -> None:
        """On the lane's thread: what the person before this kiosk sees."""
        account, person = self.weather.account, self.people[-1]
        if what == "up":
            assert self._process is not None
            self._process.send(person)
        elif what == "page":
            self._page = told[0]
        elif what == "code":
            person.order_code, code = told
            if not person.pays:
                person.is_away = True
            elif account.is_new_code(person, code):
                self.weather.pay(person, code)
        elif what == "typed":
            account.typed.append(told[0])
        elif what == "problem":
            account.problems.append(f"person {person.number}: {told[0]}")
        elif what == "link":
            code, url, photos, sheets = told
            before = self.links.setdefault(code, (url, photos, sheets))
            if before != (url, photos, sheets):
                account.wrong.append(f"order {code}: another link, or another order, after a start")
            person.order_code, person.url = code, url
            if self._chance.random() < 0.3:
                self.weather.load(url)
        elif what == "written":
            account.written.add(told[0])
            person.is_written_to = True
        elif what == "over":
            self._over()

    def _over(self) -> None:
        if self._still_to_come is not None:
            self._still_to_come -= 1
        if self._still_to_come != 0 and self._process is not None:
            self._next()
            self._process.send(self.people[-1])

    def _next(self) -> None:
        self.people.append(self.weather.next_person())

    # -- afterwards -------------------------------------------------------------------------------

    def judge(self) -> None:
        """While its last life still serves."""
        self.weather.account.judge(self)

    def end(self) -> None:
        if self._process is not None and not self._process.is_over:
            self._process.kill()
