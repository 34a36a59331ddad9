"""From a paid order to a job that a real CUPS has accepted; and a thousand orders through bad days."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.clock import SystemClock
from kiosk.printing.cups import CupsPrinter
from kiosk.printing.page import print_page
from kiosk.printing.print_desk import PrintDesk
from kiosk.printing.types import PrintPage, PrintsChanged, PrintState
from kiosk.runtime.worker import Worker
from tests.measure.print_page import measured_photo
from tests.peers.cups import CupsServer
from tests.print_days import BadDay
from tests.print_sites import FOUR, PrintSite, SiteInMemory, SiteWithCups
from tests.printing_shop import QUEUES, SMALL, PrintingShop

_SEED = 11
_PATIENCE_S = 30.0
_BETWEEN_ORDERS_S = 0.7
_ACCEPTED = (PrintState.SPOOLED, PrintState.PRINTED)


def measure_print_jobs(sales: int = 20, orders: int = 1000) -> list[Figure]:
    """A 24-megapixel original each; the floor is the same page, made already, sent by bare IPP."""
    with TemporaryDirectory(prefix="measure-prints-") as folder, CupsServer() as server:
        for queue in QUEUES.values():
            server.add_printer(queue, sheet_s=0.01)
        printer = CupsPrinter(server.socket)
        photo = measured_photo()
        bare = [_bare_s(printer, print_page(photo, (), SMALL, 1), number) for number in range(sales)]
        took = _paid_to_accepted(Path(folder), printer, photo, sales)
    return [
        Figure(
            f"print_jobs.paid_to_accepted.p{percent}",
            percentile(took, percent),
            "s",
            percentile(bare, percent),
            "a page that is made, by bare IPP",
            Goal(at_most=2.0),
        )
        for percent in (50, 95)
    ] + [*_bad_day("in_memory", orders), *_bad_day("cups", orders)]


def _bare_s(printer: CupsPrinter, page: PrintPage, number: int) -> float:
    queue, began_s = QUEUES[SMALL], time.perf_counter()
    spool_id = printer.begin(queue, f"bare-{number}")
    printer.send(queue, spool_id, page)
    return time.perf_counter() - began_s


def _paid_to_accepted(folder: Path, printer: CupsPrinter, photo: bytes, sales: int) -> list[float]:
    """Seconds of each sale, one after the other, as at a kiosk."""
    shop = PrintingShop(folder / "kiosk.db", SystemClock())
    shop.pages = lambda job: print_page(photo, (), job.paper, job.copies)
    desk = shop.desk(printer)
    with _running(desk, shop):
        took = [_sale_s(shop) for _ in range(sales)]
    shop.close()
    return took


@contextmanager
def _running(desk: PrintDesk, shop: PrintingShop) -> Iterator[None]:
    worker = Worker(desk.name, desk.run, shop.bus)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def _sale_s(shop: PrintingShop) -> float:
    """Until it is written down that CUPS has the job and its page, and was told to let it go."""
    accepted = threading.Event()

    def look(event: PrintsChanged) -> None:
        if any(job.state in _ACCEPTED for job in shop.store.jobs_of(event.order_id)):
            accepted.set()

    unsubscribe = shop.bus.subscribe(PrintsChanged, look)
    began_s = time.perf_counter()
    shop.buy((SMALL, 1))
    is_accepted = accepted.wait(_PATIENCE_S)
    took_s = time.perf_counter() - began_s
    unsubscribe()
    if not is_accepted:
        raise TimeoutError(f"no print was accepted within {_PATIENCE_S:g} s")
    time.sleep(_BETWEEN_ORDERS_S)
    return took_s


def _bad_day(where: str, orders: int) -> list[Figure]:
    """How many prints came out more or less often than bought, and what the day was like."""
    with TemporaryDirectory(prefix="measure-prints-") as folder:
        if where == "cups":
            with CupsServer() as server:
                return _counted(where, BadDay(Path(folder), SiteWithCups(server, _SEED, FOUR), 0.02), orders)
        site: PrintSite = SiteInMemory(_SEED)
        return _counted(where, BadDay(Path(folder), site), orders)


def _counted(where: str, day: BadDay, orders: int) -> list[Figure]:
    counts = day.print_all(orders)
    wrong = day.wrong()
    day.close()
    name = f"print_jobs.{where}, {orders} orders"
    wrong_prints = Figure(
        f"{name}, prints not as often as bought", len(wrong), "prints", goal=Goal(at_most=0)
    )
    kinds = ("sheets", "faults", "kills", "held")
    return [wrong_prints, *(Figure(f"{name}, {kind}", counts[kind], kind) for kind in kinds)]
