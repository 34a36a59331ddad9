"""A bad day of prints: orders come in while printers fail at random and the program dies at any step."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from kiosk.errors import KnownError
from kiosk.printing.print_desk import PrintDesk
from kiosk.printing.types import PrintState
from tests.print_sites import PORT, PrintSite
from tests.printing_shop import PrintingShop, wrong_counts

_ROWS = ("take_owed", "jobs_in", "job", "update", "unwanted", "add_reprint")
_STAFF_COME_EVERY = 15
_MOST_ROUNDS = 50_000
_PAPER = 100_000
_OVER = {PrintState.PRINTED, PrintState.CANCELLED}


class PowerCut(BaseException):
    """The process is no more; nothing catches this."""


class Mortal:
    """Passes calls on; by chance the process dies right before one, or right after it was done."""

    def __init__(self, behind: Any, calls: tuple[str, ...], chance: random.Random, often: float) -> None:
        self._behind, self._calls, self._chance, self._often = behind, calls, chance, often

    def __getattr__(self, name: str) -> Any:
        act = getattr(self._behind, name)
        return self._dying(act) if name in self._calls else act

    def _dying(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def acting(*args: Any) -> Any:
            if self._chance.random() < self._often:
                raise PowerCut
            answer = act(*args)
            if self._chance.random() < self._often:
                raise PowerCut
            return answer

        return acting


class BadDay:
    """Orders come in while everything fails; `print_all` ends when nothing is owed any more."""

    def __init__(self, folder: Path, site: PrintSite, trouble: float = 0.25) -> None:
        self._site = site
        self._trouble = trouble
        self._shop = PrintingShop(folder / "kiosk.db", site.clock, site.queues)
        self._papers = sorted(site.queues)
        self._bought: list[str] = []
        self._sheets = self._faults = self._kills = self._held = 0
        for paper in self._papers:
            self._shop.store.count(paper.name, _PAPER, site.clock.now())
        self._desk = self._opened()

    def print_all(self, orders: int) -> dict[str, int]:
        """What happened, counted."""
        for turn in range(_MOST_ROUNDS):
            if len(self._bought) < orders and self._site.chance.random() < self._site.sells:
                self._sell()
            if self._site.chance.random() < self._trouble:
                self._faults += 1
                queue = self._site.chance.choice(list(self._site.queues.values()))
                self._site.chance.choice(self._site.mischief(queue))()
            self._go_on(turn)
            self._site.wait()
            if len(self._bought) == orders and self._is_over():
                break
        assert self._is_over(), f"{len(self._shop.owed())} prints of {orders} orders are still owed"
        return {
            "orders": orders,
            "sheets": self._sheets,
            "faults": self._faults,
            "kills": self._kills,
            "held": self._held,
            "rounds": turn + 1,
        }

    def wrong(self) -> list[str]:
        """In words: each print that did not come out exactly as often as it was bought, and paper that was
        not taken off once for each sheet."""
        put_out = self._site.put_out()
        wrong = wrong_counts(self._shop.sheets_out(self._bought, put_out))
        stock = self._shop.store.stock()
        used = sum(_PAPER - stock[paper.name].left for paper in self._papers)
        if used != self._sheets or sum(put_out.values()) != self._sheets:
            wrong.append(f"{self._sheets} sheets bought, {sum(put_out.values())} out, {used} off the paper")
        return wrong

    def close(self) -> None:
        self._shop.close()

    def _opened(self) -> PrintDesk:
        """The program as it starts."""
        chance = self._site.chance
        printer: Any = Mortal(self._site.printer, PORT, chance, 0.004)
        rows: Any = Mortal(self._shop.store, _ROWS, chance, 0.002)
        return self._shop.desk(printer, rows)

    def _sell(self) -> None:
        chance = self._site.chance
        papers = chance.sample(self._papers, chance.randint(1, 2))
        prints = [(paper, chance.randint(1, 3)) for paper in papers]
        self._sheets += sum(copies for _, copies in prints)
        self._bought.append(self._shop.buy(*prints))

    def _go_on(self, turn: int) -> None:
        try:
            self._desk.go_on()
            if turn % _STAFF_COME_EVERY == 0:
                self._site.mend()
                self._staff_look()
        except PowerCut:
            self._kills += 1
            self._desk = self._opened()

    def _staff_look(self) -> None:
        """What is held is printed again where nothing came out; a queue that was stopped by hand goes on."""
        for job in self._desk.held():
            self._held += 1
            assert self._site.put_out()[job.job_id] == job.sheets_done
            self._desk.reprint(job.job_id)
        for status in self._desk.statuses():
            if status.is_paused:
                with suppress(KnownError):  # the server does not answer: they come again
                    self._desk.resume(status.queue)

    def _is_over(self) -> bool:
        return not self._shop.owed() and not self._shop.store.jobs_in(set(PrintState) - _OVER)
