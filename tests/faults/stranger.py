"""Whoever stands at a kiosk that may die at any moment: they look at the page and do what it asks for.

Also the program of such a kiosk: everything but the window, in a process of its own that can be killed.
"""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import keyring

from kiosk import rounds
from kiosk.app import Kiosk, open_kiosk
from kiosk.runtime.crash import CrashLog
from kiosk.runtime.single_instance import SingleInstance
from kiosk.sales.types import Finish, PrintSize
from kiosk.sending import courier
from kiosk.sending.types import Way
from kiosk.session.states import Screen
from kiosk.session.view import PayStage
from kiosk.settings import Settings
from tests.file_keyring import FileKeyring

RESUMED_WITHIN_S = 3.0
"""Whoever has an order waits so long for it to be on the screen again before they type its code."""
_PRESSES_AGAIN_S = 0.7
_ASKS_AGAIN_S = 5.0
_OFFERED_WITHIN_S = 1.0
_LOOKS_FOR_FACE_S = 15.0
_POLLS_S = 0.3


@dataclass
class Person:
    """What somebody came for, and what they have seen of it. They pay each code that they see, unless they
    came to look (`pays` False). `is_away`: they have left without paying."""

    number: int
    photos: int = 1
    prints: int = 0
    mail: str = ""
    pays: bool = True
    by_face: bool = False
    order_code: str = ""
    url: str = ""
    is_written_to: bool = False
    is_away: bool = False


class Stranger:
    """Serves one person after the other at one kiosk; tells the outside what they see, before they act on it.

    Told are: "page", "code" (order code, the QR as text or as a PNG), "typed" (the order was not on the
    screen again, so its code was typed), "problem", "link" (order code, address, photos, sheets), "written"
    (the kiosk said that an e-mail is on its way), "over".
    """

    def __init__(
        self, kiosk: Kiosk, tell: Callable[..., None], chance: random.Random, slowest_s: float = 0.06
    ) -> None:
        """`slowest_s`: how long they take at most from one look to the next."""
        self._kiosk = kiosk
        self._tell = tell
        self._chance = chance
        self._slowest_s = slowest_s

    def serve(self, person: Person) -> None:
        """From whatever page is there until they are gone."""
        self._person = person
        self._is_over = False
        self._page: Screen | None = None
        self._pressed_s: dict[str, float] = {}
        self._said: set[object] = set()
        pages: Mapping[Screen, Callable[[], None]] = {
            Screen.ATTRACT: self._at_attract,
            Screen.CONSENT: lambda: self._press("agree", self._kiosk.journey.agree),
            Screen.CAPTURE: self._at_camera,
            Screen.NO_MATCH: lambda: self._press("manual", self._kiosk.journey.go_manual),
            Screen.MANUAL: lambda: self._press("all", self._kiosk.finding.find_all),
            Screen.RESULTS: self._at_results,
            Screen.BASKET: lambda: self._press("pay", self._kiosk.buying.pay),
            Screen.PAYMENT: self._at_payment,
            Screen.PROBLEM: self._at_problem,
            Screen.DELIVERY: self._at_delivery,
            Screen.THANKS: lambda: self._press("close", self._kiosk.journey.close),
        }
        while not self._is_over:
            screen = self._kiosk.view.screen
            if screen is not self._page:
                self._page, self._page_s = screen, time.monotonic()
                self._pressed_s.clear()
                self._tell("page", screen.value)
            act = pages.get(screen)
            if act is not None:
                act()
            time.sleep(self._chance.uniform(self._slowest_s / 6, self._slowest_s))

    def _press(self, what: str, button: Callable[[], None], again_s: float = _PRESSES_AGAIN_S) -> None:
        """Once, and again when nothing has happened for a while."""
        now_s = time.monotonic()
        if now_s - self._pressed_s.get(what, float("-inf")) >= again_s:
            self._pressed_s[what] = now_s
            button()

    def _stood_s(self) -> float:
        return time.monotonic() - self._page_s

    def _over(self) -> None:
        self._is_over = True
        self._tell("over", self._person.number)

    # -- the pages --------------------------------------------------------------------------------

    def _at_attract(self) -> None:
        person, journey = self._person, self._kiosk.journey
        if person.url or person.is_away:
            self._over()
        elif not person.order_code:
            self._press("begin", journey.begin if person.by_face else journey.go_manual)
        elif self._stood_s() > RESUMED_WITHIN_S:
            self._say("typed", person.order_code)
            self._press("code", lambda: self._kiosk.buying.open_order(person.order_code), again_s=2.0)

    def _at_camera(self) -> None:
        if self._stood_s() > _LOOKS_FOR_FACE_S:
            self._press("manual", self._kiosk.journey.go_manual)

    def _at_results(self) -> None:
        kiosk, person, results = self._kiosk, self._person, self._kiosk.view.results
        if results is None or not results.sure:
            return
        chosen = [tile.photo_id for tile in results.sure][: person.photos]
        for photo_id in chosen:
            kiosk.buying.choose(photo_id)
        if person.prints:
            kiosk.buying.set_print(chosen[0], PrintSize.S10X15, Finish.GLOSSY, person.prints)
        self._press("basket", kiosk.buying.open_basket)

    def _at_payment(self) -> None:
        kiosk, pay = self._kiosk, self._kiosk.view.pay
        if pay is None:
            return
        if pay.stage is PayStage.EXPIRED:
            self._press("renew", kiosk.buying.renew_payment)
        elif pay.stage in (PayStage.WAITING, PayStage.NOT_YET):
            self._person.order_code = pay.order_code
            self._say("code", pay.order_code, pay.qr_payload or pay.qr_png)
            if not self._person.pays:
                self._person.is_away = True
                self._press("leave", kiosk.journey.close)
            elif self._stood_s() > _ASKS_AGAIN_S:
                self._press("paid", kiosk.buying.check_payment, again_s=_ASKS_AGAIN_S)

    def _at_problem(self) -> None:
        pay = self._kiosk.view.pay
        self._say("problem", str(pay.problem) if pay else "")
        self._press("look again", self._kiosk.buying.check_payment, again_s=2.0)

    def _at_delivery(self) -> None:
        kiosk, person, deliver = self._kiosk, self._person, self._kiosk.view.deliver
        if deliver is None:
            return
        person.order_code, person.url = deliver.order_code, deliver.url
        self._say("link", deliver.order_code, deliver.url, deliver.photo_count, deliver.print_copies)
        if person.mail and not person.is_written_to:
            if not any(each.way is Way.MAIL for each in kiosk.view.handing.messages):
                # Whoever came back by the code of an order is not offered to be written to.
                if kiosk.view.handing.ways:
                    self._press("mail", lambda: kiosk.handing_over.send(Way.MAIL, person.mail), again_s=2.0)
                if self._stood_s() < (_ASKS_AGAIN_S if kiosk.view.handing.ways else _OFFERED_WITHIN_S):
                    return
            else:
                person.is_written_to = True
                self._tell("written", person.mail)
        self._press("finish", kiosk.journey.finish)

    def _say(self, *words: object) -> None:
        """Once for each person and life of the kiosk."""
        if words not in self._said:
            self._said.add(words)
            self._tell(*words)


# -- the program ------------------------------------------------------------------------------------


def run_kiosk(
    home: Path, settings: dict[str, Any], environ: dict[str, str], pipe: Connection, tuning: dict[str, float]
) -> None:
    """The process's own `main`: opens a kiosk, says "up" once visitors can begin, serves whom the outside
    sends, and ends when it sends None. `tuning`: "poll_s" between two looks at a payment, "lease_s" until an
    e-mail that was under way is tried again, "slowest_s" as `Stranger` takes it, "seed"."""
    _become_silent(home / "kiosk.out")
    os.environ.update(environ)
    if "LD_PRELOAD" in os.environ:  # libfaketime refuses what Python sleeps by, and nothing else that waits
        time.sleep = lambda seconds: threading.Event().wait(seconds)
    keyring.set_keyring(FileKeyring())  # one may have been chosen before the process was forked
    rounds.POLL_EVERY_S = tuning.get("poll_s", _POLLS_S)
    if "lease_s" in tuning:
        courier.LEASE = type(courier.LEASE)(seconds=tuning["lease_s"])
    with SingleInstance(home):
        crash_log = CrashLog(home / "logs")
        crash_log.previous_crash()
        crash_log.install()
        opened = open_kiosk(home, Settings.model_validate(settings))
        opened.start()
        chance = random.Random(tuning.get("seed"))
        stranger = Stranger(opened, lambda *words: pipe.send(words), chance, tuning.get("slowest_s", 0.06))
        while opened.view.event is None or opened.view.screen is Screen.OUT_OF_SERVICE:
            time.sleep(0.01)
        pipe.send(("up",))
        with suppress(EOFError):
            while (person := pipe.recv()) is not None:
                stranger.serve(person)
        opened.stop()


def _become_silent(log: Path) -> None:
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in (1, 2):
        os.dup2(file, number)
