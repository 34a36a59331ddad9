"""Places where prints come out, and all that goes wrong there: in memory, and with a real CUPS."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Collection, Mapping
from typing import Protocol

from kiosk.clock import Clock, ManualClock, SystemClock
from kiosk.errors import ErrorCode
from kiosk.printing.cups import CupsPrinter
from kiosk.printing.types import Paper, Printer, PrinterState
from kiosk.sales.types import Finish
from tests.fake_printer import FakePrinter
from tests.peers.cups import CupsServer
from tests.printing_shop import LARGE, QUEUES, SMALL

FOUR = {
    **QUEUES,
    Paper(SMALL.size, Finish.MATTE): "dnp-matte",
    Paper(LARGE.size, Finish.GLOSSY): "epson-glossy",
}
"""A queue more for either size."""
_AT_IT = "cups-waiting-for-job-completed"
PORT = ("begin", "send", "find", "job", "cancel", "resume")


class PrintSite(Protocol):
    """Printers behind a server, time as it goes there, and what fails by `chance`."""

    clock: Clock
    chance: random.Random
    printer: Printer
    queues: Mapping[Paper, str]
    sells: float
    """How likely an order is in each round."""

    def put_out(self) -> Counter[str]:
        """Sheets that really came out, by the name of their job."""
        ...

    def mischief(self, queue: str) -> list[Callable[[], object]]:
        """What may go wrong with a queue; each of it once when called."""
        ...

    def mend(self) -> None:
        """Somebody sees to the machines, but to no queue."""
        ...

    def wait(self) -> None:
        """Until the worker's next round."""
        ...


class SiteInMemory:
    """A fake printer and a clock that is moved on."""

    queues = QUEUES
    sells = 0.5

    def __init__(self, seed: int) -> None:
        random.seed(seed)  # pauses after faults are drawn from there
        self.chance = random.Random(seed)
        self.clock = ManualClock()
        self.printer = FakePrinter(self.clock, list(QUEUES.values()))

    def put_out(self) -> Counter[str]:
        return Counter(self.printer.put_out)

    def mischief(self, queue: str) -> list[Callable[[], object]]:
        chance, printer = self.chance, self.printer
        return [
            lambda: printer.pause(queue),
            lambda: printer.empty(queue, stops_queue=chance.random() < 0.7),
            lambda: printer.load(chance.randint(1, 4), queue),
            lambda: printer.trouble("media-jam-error", queue=queue),
            lambda: printer.switch_off(queue),
            lambda: printer.silent(queue),
            lambda: printer.slow(chance.choice([0.5, 1, 20]), queue),
            lambda: printer.abort_next(queue),
            printer.kill,
            lambda: printer.lose_next_answer.append(chance.choice(PORT)),
            lambda: printer.fail_next[chance.choice(PORT)].append(ErrorCode.PRINTER_UNREACHABLE),
        ]

    def mend(self) -> None:
        self.printer.start()
        for queue in self.queues.values():
            self.printer.mend(queue)
            self.printer.slow(1, queue)

    def wait(self) -> None:
        self.clock.advance(self.chance.choice([0.2, 1, 1, 5]))


class SiteWithCups:
    """A real CUPS with a real IPP printer behind each queue; time is real.

    Stopped in the middle of a job, CUPS sends it again as a whole, and what came out of it before comes out
    twice: nobody could tell. So queues are stopped, and the server dies, when nothing is being printed. A
    printer dies at any time; the sheets on their way come out.
    """

    def __init__(
        self, server: CupsServer, seed: int, queues: Mapping[Paper, str] = QUEUES, sheet_s: float = 0.02
    ) -> None:
        self.queues = queues
        self.sells = 0.12 * len(queues)
        self.chance = random.Random(seed)
        self.clock = SystemClock()
        self._server = server
        self._sheet_s = sheet_s
        self._made = {queue: server.add_printer(queue, sheet_s) for queue in queues.values()}
        self.printer = CupsPrinter(server.socket)
        self._is_killed = False
        self._off: set[str] = set()

    def put_out(self) -> Counter[str]:
        return sum((printer.put_out() for printer in self._made.values()), Counter())

    def mischief(self, queue: str) -> list[Callable[[], object]]:
        printer = self._made[queue]
        return [
            lambda: self._is_printing([queue]) or self._server.pause(queue),
            printer.empty,
            lambda: printer.trouble("media-jam"),
            lambda: printer.slow(self.chance.choice([0.05, 0.3, 1])),
            printer.silent,
            self._kill,
            lambda: self._switch_off(queue),
        ]

    def mend(self) -> None:
        if self._is_killed:
            self._server.start()
            self._is_killed = False
        for queue in self._off:
            self._made[queue].start()
        self._off.clear()
        for printer in self._made.values():
            printer.mend()
            printer.slow(self._sheet_s)

    def wait(self) -> None:
        time.sleep(self.chance.choice([0.02, 0.1, 0.3]))

    def _is_printing(self, queues: Collection[str]) -> bool:
        """Also where nobody can say."""
        statuses = self.printer.statuses(queues)
        is_at_it = any(
            status.state is PrinterState.PRINTING or _AT_IT in status.reasons for status in statuses
        )
        return self._is_killed or is_at_it

    def _kill(self) -> None:
        if not self._is_printing(self.queues.values()):
            self._server.kill()
            self._is_killed = True

    def _switch_off(self, queue: str) -> None:
        if queue not in self._off:
            self._made[queue].kill()
            self._off.add(queue)
