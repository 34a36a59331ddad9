"""Tests of the print queues: how each stands, how much paper is left, and a page through it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.types import Paper, Printer, PrinterState, PrintPage, SpoolState, Supply
from kiosk.sales.types import Finish, PrintSize
from kiosk.technician.looks import Queue, ask_printers, printer_problem
from kiosk.technician.measuring import Measured, seconds
from kiosk.technician.told import TestState

_LONGEST_PRINT_S = 180.0
_ASKED_EVERY_S = 0.5
_ENDED_BADLY = frozenset({SpoolState.CANCELLED, SpoolState.ABORTED})
_ADVICE = {
    PrinterState.PAUSED: "paused",
    PrinterState.PAPER_EMPTY: "paper_empty",
    PrinterState.JAMMED: "jammed",
    PrinterState.COVER_OPEN: "cover_open",
    PrinterState.INK_EMPTY: "ink_empty",
    PrinterState.OFFLINE: "offline",
}


class NoPrinterTest:
    """Of a kiosk whose prints staff hand out."""

    name = "printer"
    room = "no_printer"
    params: Mapping[str, str] = {}
    actions: tuple[str, ...] = ()

    def measure(self, stop: threading.Event) -> Measured:
        return Measured(TestState.SKIPPED, "words.none")


class PrinterTest:
    """One queue. `print_page` prints on it, and its paper is counted down."""

    room = "printer"

    def __init__(
        self,
        queue: Queue,
        printer: Printer,
        supplies: Callable[[], Sequence[Supply]],
        count: Callable[[str, int], None],
        test_page: Callable[[Paper], PrintPage],
    ) -> None:
        self.name = f"printer.{queue.name}"
        self.queue = queue
        self._printer = printer
        self._supplies = supplies
        self._count = count
        self._test_page = test_page
        self._printed_s: float | None = None

    @property
    def params(self) -> Mapping[str, str]:
        sizes = dict.fromkeys(name.partition("/")[0].replace("x", "×") for name in self.queue.papers)
        params = {"name": self.queue.name, "queue": self.queue.name, "size": ", ".join(sizes)}
        supply = self._supply()
        params["supply"] = supply.name if supply else _paper_of(self.queue).name
        if supply is not None and supply.left is not None:
            params |= {"left": str(supply.left), "more": str(max(0, supply.left - supply.stop_at))}
        return params

    @property
    def actions(self) -> tuple[str, ...]:
        is_counted = "left" in self.params
        return ("count_matches", "set_count", "test_print") if is_counted else ("set_count", "test_print")

    def measure(self, stop: threading.Event) -> Measured:
        (status,) = ask_printers(self._printer, [self.queue])
        supply, params = self._supply(), {}
        words = "words" if supply is not None and supply.left is not None else "words.uncounted"
        if self._printed_s is not None:
            params["took"] = seconds(self._printed_s)
            words = words.replace("words", "words.printed", 1)
        facts = [("test.fact.queue", self.queue.name)]
        if supply is not None and supply.left is not None:
            facts.append(("test.fact.kiosk_counter", str(supply.left)))
        if status.ink_percent is not None:
            facts.append(("test.fact.ink", f"{status.ink_percent} %"))
        problem = printer_problem(status)
        if problem is not None:
            advice = f"advice.{_ADVICE.get(status.state, 'trouble')}"
            return Measured(
                TestState.FAILED, f"words.{status.state.value}", params, advice, problem, tuple(facts)
            )
        is_low = status.state is PrinterState.PAPER_LOW or (supply is not None and supply.is_low)
        if is_low or words == "words.uncounted":
            advice = "advice.paper_low" if is_low and "uncounted" not in words else "advice.count"
            return Measured(TestState.LOOK, words, params, advice, facts=tuple(facts))
        return Measured(words=words, params=params, facts=tuple(facts))

    def print_page(self, stop: threading.Event) -> Measured:
        """Prints a test page and waits until it is out. Raises KnownError PRINTER_*, PRINT_REFUSED."""
        began_s = time.monotonic()
        queue, name = self.queue.name, f"test-{uuid4().hex}"
        page = self._test_page(_paper_of(self.queue))
        spool_id = self._printer.begin(queue, name)
        self._printer.send(queue, spool_id, page)
        while True:
            job = self._printer.job(queue, spool_id)
            if job.state is SpoolState.DONE:
                break
            if job.state in _ENDED_BADLY:
                raise KnownError(
                    ErrorCode.PRINT_REFUSED, "The test page was not printed.", "Look at the printer."
                )
            if stop.wait(_ASKED_EVERY_S) or time.monotonic() - began_s > _LONGEST_PRINT_S:
                self._printer.cancel(queue, spool_id)
                raise self._why_not()
        self._printed_s = time.monotonic() - began_s
        supply = self._supply()
        if supply is not None and supply.left:
            self._count(supply.name, supply.left - 1)
        return self.measure(stop)

    def _why_not(self) -> KnownError:
        (status,) = ask_printers(self._printer, [self.queue])
        code = printer_problem(status) or ErrorCode.PRINTER_SILENT
        return KnownError(
            code, f"The test page did not come out: {status.state.value}.", "Look at the printer."
        )

    def _supply(self) -> Supply | None:
        """The paper of this queue of which the least is left."""
        own = [one for one in self._supplies() if any(_is_of(one.name, name) for name in self.queue.papers)]
        return min(own, key=lambda one: (one.left is None, one.left or 0), default=None)


def _is_of(supply: str, paper: str) -> bool:
    return supply == paper or supply.startswith(f"{paper}/")


def _paper_of(queue: Queue) -> Paper:
    """The first paper of a queue."""
    size, _, finish = queue.papers[0].partition("/")
    return Paper(PrintSize(size), Finish(finish) if finish else next(iter(Finish)))
