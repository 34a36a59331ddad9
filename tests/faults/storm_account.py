"""What came of a storm: what the bank, the printer, the mail server, the phones and the centre saw."""

from __future__ import annotations

import io
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import requests
from sqlalchemy import select

from kiosk.archive import DATABASE_FILE
from kiosk.benchmarks.figure import percentile
from kiosk.database.engine import open_database
from kiosk.database.orders import SqlCheckoutStore
from kiosk.database.print_jobs import SqlPrintStore
from kiosk.database.tables import OrderRow
from kiosk.errors import KnownError
from kiosk.sales.types import LineKind, Order, OrderState
from tests.faults.stranger import Person

if TYPE_CHECKING:
    from tests.faults.storm import Lane

_PHONE_S = 60.0
_HEARD_WITHIN_S = 30.0


@dataclass
class Account:
    """Counted while it goes on; `wrong` is what must not be, in words."""

    wrong: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    """By the page on the screen; "start" before visitors could begin."""
    starts_s: list[float] = field(default_factory=list)
    centre_kills: int = 0
    typed: list[str] = field(default_factory=list)
    """Orders that were not on the screen again, so that their code was typed."""
    problems: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)
    timers: list[threading.Timer] = field(default_factory=list)
    took_s: float = 0.0
    paid: dict[int, list[str]] = field(default_factory=dict)
    """By person: the transactions that took their money."""
    _codes: dict[int, set[str | bytes]] = field(default_factory=dict)
    orders_paid: int = 0
    sheets: int = 0
    mails: int = 0
    mails_twice: int = 0

    def note_kill(self, page: str) -> None:
        self.kills[page] += 1

    def note_paid(self, person: Person, trans_id: str) -> None:
        self.paid.setdefault(person.number, []).append(trans_id)

    def is_new_code(self, person: Person, code: str | bytes) -> bool:
        """People pay each code that they are shown, and none twice."""
        seen = self._codes.setdefault(person.number, set())
        is_new = code not in seen
        seen.add(code)
        return is_new

    # -- the judgement ----------------------------------------------------------------------------

    def judge(self, lane: Lane) -> None:
        """One kiosk, while its last life serves; once for each."""
        database = open_database(lane.shop.home / DATABASE_FILE)
        try:
            orders, prints = SqlCheckoutStore(database), SqlPrintStore(database)
            put_out = lane.weather.put_out()
            for person in lane.people:
                self._judge_money(person)
                if person.number not in self.paid:
                    continue
                self.orders_paid += 1
                order = _order(orders, person.order_code)
                if order is None or order.state is not OrderState.PAID:
                    self.wrong.append(f"person {person.number}: paid, and order {person.order_code} is not")
                    continue
                self._judge_phone(lane, person, len(order.digital_photo_ids))
                bought = sum(line.copies for line in order.lines if line.kind is LineKind.PRINT)
                out = sum(put_out[job.job_id] for job in prints.jobs_of(order.order_id))
                self.sheets += out
                if lane.weather.cups and bought != out:
                    self.wrong.append(f"order {order.code}: {bought} sheets bought, {out} printed")
            self._judge_mail(lane)
            self._judge_centre(lane)
        finally:
            database.close()
        self.wrong += [f"kiosk {lane.number} crashed: {crash[-600:]}" for crash in lane.shop.crashes()]

    def _judge_money(self, person: Person) -> None:
        paid = self.paid.get(person.number, [])
        if len(paid) > 1:
            self.wrong.append(f"person {person.number} was charged {len(paid)} times: {paid}")

    def _judge_phone(self, lane: Lane, person: Person, photos: int) -> None:
        code = person.order_code
        if code not in lane.links:
            self.wrong.append(f"person {person.number}: no link was ever shown for the paid order {code}")
            return
        url, told, _ = lane.links[code]
        try:
            answer = requests.get(f"{url}/all.zip", timeout=_PHONE_S)
        except requests.RequestException as failed:
            self.wrong.append(f"order {code}: the phone got {type(failed).__name__}")
            return
        if answer.status_code != 200:
            self.wrong.append(f"order {code}: the phone got {answer.status_code}")
            return
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            got = len(files.namelist()) - 1  # without metadata.json
        if not got == told == photos:
            self.wrong.append(f"order {code}: {photos} photos bought, {told} told, {got} loaded")

    def _judge_mail(self, lane: Lane) -> None:
        """Each that was said to be on its way came. Twice only as the same message (its Message-ID), as the
        courier's policy says: where the kiosk died between sending and storing."""
        ours = {person.mail for person in lane.people if person.mail}
        for address in ours:
            taken = [each for each in lane.weather.mail.taken if address in each.to]
            ids = {str(each.mail["Message-ID"]) for each in taken}
            self.mails += len(ids)
            self.mails_twice += len(taken) - len(ids)
            if len(ids) > 1:
                self.wrong.append(f"{len(ids)} different messages went to {address}")
            if address in self.written and not ids:
                self.wrong.append(f"{address} was told of a message that never came")

    def _judge_centre(self, lane: Lane) -> None:
        codes = {person.order_code for person in lane.people if person.number in self.paid}

        def known() -> Counter[str]:
            with lane.weather.centre.database() as database, database.reading() as session:
                asked = select(OrderRow.code).where(
                    OrderRow.state == OrderState.PAID.value, OrderRow.code.startswith(f"K{lane.number}-")
                )
                return Counter(session.scalars(asked))

        _wait_for(lambda: set(known()) >= codes)
        found = known()
        self.wrong += [f"the centre does not know of the paid order {code}" for code in codes - set(found)]
        self.wrong += [f"the centre has order {code} {n} times" for code, n in found.items() if n > 1]
        self.wrong += [f"the centre thinks {code} paid, and nobody paid" for code in set(found) - codes]

    def as_dict(self) -> dict[str, Any]:
        """For a report."""
        return {
            "kills": sum(self.kills.values()),
            "killed at": dict(self.kills.most_common()),
            "centre killed": self.centre_kills,
            "paid orders": self.orders_paid,
            "sheets": self.sheets,
            "e-mails": self.mails,
            "e-mails twice": self.mails_twice,
            "starts": len(self.starts_s),
            "start p50 s": round(percentile(self.starts_s or [0.0], 50), 2),
            "start worst s": round(max(self.starts_s or [0.0]), 2),
            "codes typed": len(self.typed),
            "problem pages": self.problems,
            "seconds": round(self.took_s),
            "wrong": self.wrong,
        }


def _order(orders: SqlCheckoutStore, code: str) -> Order | None:
    try:
        return orders.order_by_code(code)
    except KnownError:
        return None


def _wait_for(is_so: Callable[[], bool]) -> None:
    until_s = time.monotonic() + _HEARD_WITHIN_S
    while not is_so() and time.monotonic() < until_s:
        time.sleep(0.2)
