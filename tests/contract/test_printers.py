"""What every printer does, on the fake and on a real CUPS with a real IPP printer behind it."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from fpdf import FPDF

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.cups import CupsPrinter
from kiosk.printing.types import Paper, Printer, PrinterState, PrinterStatus, PrintPage, SpoolJob, SpoolState
from kiosk.sales.types import Finish, PrintSize
from tests.fake_printer import FakePrinter
from tests.peers.cups import CupsServer
from tests.peers.ipp_printer import IppPrinter
from tests.peers.processes import PeerMissingError

QUEUE = "dnp"
PAPER = Paper(PrintSize.S10X15, Finish.GLOSSY)
_PATIENCE_S = 30.0


@dataclass
class Bench:
    """A printer with the hands of those who stand around it."""

    printer: Printer
    put_out: Callable[[], Counter[str]]
    pause: Callable[[], None]
    trouble: Callable[[str], None]
    silent: Callable[[], None]
    mend: Callable[[], None]
    kill_server: Callable[[], None]
    start_server: Callable[[], None]
    wait: Callable[[], None]
    queue: str = field(default=QUEUE)

    def until(self, is_so: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so():
            assert time.monotonic() < deadline, self.status()
            self.wait()

    def sent(self, name: str, copies: int = 1) -> str:
        spool_id = self.printer.begin(self.queue, name)
        self.printer.send(self.queue, spool_id, page(copies))
        return spool_id

    def job(self, spool_id: str) -> SpoolJob:
        return self.printer.job(self.queue, spool_id)

    def status(self) -> PrinterStatus:
        return self.printer.statuses([self.queue])[0]

    def until_done(self, spool_id: str) -> None:
        self.until(lambda: self.job(spool_id).state is SpoolState.DONE)


def page(copies: int = 1) -> PrintPage:
    pdf = FPDF(unit="mm", format=(100, 150))
    pdf.add_page()
    return PrintPage(bytes(pdf.output()), PAPER, copies)


def fake_bench() -> Bench:
    clock = ManualClock()
    fake = FakePrinter(clock, [QUEUE], sheet_s=0.1, begins_anew=True)

    def put_out() -> Counter[str]:
        fake.statuses([QUEUE])  # it reckons what has come out when it is asked for something
        return Counter(fake.put_out)

    return Bench(
        printer=fake,
        put_out=put_out,
        pause=fake.pause,
        trouble=lambda reason: fake.trouble(reason, stops_queue=False),
        silent=fake.silent,
        mend=fake.mend,
        kill_server=fake.kill,
        start_server=fake.start,
        wait=lambda: clock.advance(0.1),
    )


@contextmanager
def cups_bench(by_socket: bool) -> Iterator[Bench]:
    with CupsServer() as server:
        behind: IppPrinter = server.add_printer(QUEUE)
        yield Bench(
            printer=CupsPrinter(server.socket if by_socket else server.url),
            put_out=behind.put_out,
            pause=lambda: server.pause(QUEUE),
            trouble=behind.trouble,
            silent=behind.silent,
            mend=behind.mend,
            kill_server=server.kill,
            start_server=server.start,
            wait=lambda: time.sleep(0.05),
        )


@pytest.fixture(params=["fake", pytest.param("cups", marks=pytest.mark.real_server)])
def bench(request: pytest.FixtureRequest) -> Iterator[Bench]:
    if request.param == "fake":
        yield fake_bench()
        return
    try:
        with cups_bench(by_socket=True) as made:
            yield made
    except PeerMissingError as missing:
        pytest.skip(str(missing))


def code(error: pytest.ExceptionInfo[KnownError]) -> ErrorCode:
    return error.value.code


def test_a_page_that_is_sent_comes_out_as_often_as_it_was_bought(bench: Bench) -> None:
    spool_id = bench.sent("print-1", copies=3)
    bench.until_done(spool_id)
    job = bench.job(spool_id)
    assert bench.put_out() == {"print-1": 3}
    assert (job.name, job.sheets_done, job.has_document) == ("print-1", 3, True)


def test_a_job_that_was_only_begun_prints_nothing_and_is_found_by_its_name(bench: Bench) -> None:
    spool_id = bench.printer.begin(bench.queue, "print-1")
    found = bench.printer.find(bench.queue, "print-1")
    assert found is not None
    assert (found.spool_id, found.state, found.has_document) == (spool_id, SpoolState.HELD, False)
    assert not bench.put_out()


def test_a_page_sent_twice_comes_out_once(bench: Bench) -> None:
    spool_id = bench.sent("print-1")
    bench.printer.send(bench.queue, spool_id, page())
    bench.until_done(spool_id)
    bench.printer.send(bench.queue, spool_id, page())
    assert bench.job(spool_id).state is SpoolState.DONE
    assert bench.put_out() == {"print-1": 1}


def test_the_newest_job_of_a_name_is_found_also_when_it_is_over(bench: Bench) -> None:
    first = bench.sent("print-1")
    bench.until_done(first)
    second = bench.printer.begin(bench.queue, "print-1")
    bench.printer.cancel(bench.queue, second)
    found = bench.printer.find(bench.queue, "print-1")
    assert found is not None
    assert (found.spool_id, found.state) == (second, SpoolState.CANCELLED)
    assert bench.printer.find(bench.queue, "print-2") is None


def test_jobs_of_a_killed_server_are_found_when_it_runs_again(bench: Bench) -> None:
    begun = bench.printer.begin(bench.queue, "print-1")
    bench.kill_server()
    for call in (
        lambda: bench.printer.begin(bench.queue, "print-2"),
        lambda: bench.printer.send(bench.queue, begun, page()),
        lambda: bench.printer.find(bench.queue, "print-1"),
        lambda: bench.printer.job(bench.queue, begun),
        lambda: bench.printer.cancel(bench.queue, begun),
        lambda: bench.printer.resume(bench.queue),
    ):
        with pytest.raises(KnownError) as error:
            call()
        assert code(error) is ErrorCode.PRINTER_UNREACHABLE
    assert bench.status().state is PrinterState.OFFLINE
    bench.start_server()
    found = bench.printer.find(bench.queue, "print-1")
    assert found is not None
    assert (found.spool_id, found.state) == (begun, SpoolState.HELD)
    bench.printer.send(bench.queue, begun, page())
    bench.until_done(begun)
    assert bench.put_out() == {"print-1": 1}


def test_a_cancelled_job_is_over_and_may_be_cancelled_again(bench: Bench) -> None:
    bench.pause()
    spool_id = bench.sent("print-1")
    bench.printer.cancel(bench.queue, spool_id)
    bench.printer.cancel(bench.queue, spool_id)
    bench.printer.resume(bench.queue)
    bench.until_done(bench.sent("print-2"))
    assert bench.job(spool_id).state is SpoolState.CANCELLED
    assert bench.put_out() == {"print-2": 1}


def test_what_does_not_exist_is_named(bench: Bench) -> None:
    assert bench.printer.statuses(["nowhere"])[0].state is PrinterState.OFFLINE
    for call in (
        lambda: bench.printer.begin("nowhere", "print-1"),
        lambda: bench.printer.find("nowhere", "print-1"),
        lambda: bench.printer.resume("nowhere"),
    ):
        with pytest.raises(KnownError) as error:
            call()
        assert code(error) is ErrorCode.PRINTER_UNKNOWN
    for call in (
        lambda: bench.printer.job(bench.queue, "999"),
        lambda: bench.printer.send(bench.queue, "999", page()),
        lambda: bench.printer.cancel(bench.queue, "999"),
    ):
        with pytest.raises(KnownError) as error:
            call()
        assert code(error) is ErrorCode.PRINT_JOB_UNKNOWN


def test_a_paused_queue_says_so_and_goes_on_when_it_is_resumed(bench: Bench) -> None:
    assert bench.status().state is PrinterState.READY
    bench.pause()
    spool_id = bench.sent("print-1")
    status = bench.status()
    assert (status.state, status.is_paused) == (PrinterState.PAUSED, True)
    assert bench.job(spool_id).state is SpoolState.WAITING
    bench.printer.resume(bench.queue)
    bench.until_done(spool_id)
    assert not bench.status().is_paused
    assert bench.put_out() == {"print-1": 1}


@pytest.mark.parametrize(
    ("reason", "state"),
    [
        ("media-empty", PrinterState.PAPER_EMPTY),
        pytest.param("media-needed", PrinterState.PAPER_EMPTY, marks=pytest.mark.slow),
        pytest.param("media-jam", PrinterState.JAMMED, marks=pytest.mark.slow),
        pytest.param("cover-open", PrinterState.COVER_OPEN, marks=pytest.mark.slow),
        pytest.param("marker-supply-empty", PrinterState.INK_EMPTY, marks=pytest.mark.slow),
    ],
)
def test_what_a_printer_lacks_is_seen_and_nothing_is_lost_meanwhile(
    bench: Bench, reason: str, state: PrinterState
) -> None:
    bench.trouble(reason)
    spool_id = bench.sent("print-1", copies=2)
    bench.until(lambda: bench.status().state is state)
    assert not bench.put_out()
    assert bench.job(spool_id).state in (SpoolState.PRINTING, SpoolState.WAITING)
    bench.mend()
    bench.until_done(spool_id)
    assert bench.put_out() == {"print-1": 2}
    bench.until(lambda: bench.status().state is PrinterState.READY)


def test_a_job_stopped_in_the_middle_says_so_for_it_is_printed_anew(bench: Bench) -> None:
    spool_id = bench.sent("print-1", copies=3)
    bench.until(lambda: bench.put_out()["print-1"] == 1)
    bench.pause()
    bench.until(lambda: bench.job(spool_id).state is SpoolState.STOPPED)
    assert bench.job(spool_id).sheets_done == 0
    for _ in range(15):
        bench.wait()  # paper that was on its way comes out: CUPS tries a printer that is busy after 10 s only
    bench.printer.resume(bench.queue)
    bench.until_done(spool_id)
    assert bench.put_out()["print-1"] > 3


def test_a_silent_printer_gives_no_reason_and_its_job_does_not_move(bench: Bench) -> None:
    bench.silent()
    spool_id = bench.sent("print-1")
    bench.until(lambda: bench.status().state is PrinterState.PRINTING)
    for _ in range(10):
        bench.wait()
    assert bench.job(spool_id).state is SpoolState.PRINTING
    bench.mend()
    bench.until_done(spool_id)


def test_jobs_come_out_one_after_the_other(bench: Bench) -> None:
    bench.pause()
    jobs = [bench.sent(f"print-{number}", copies=2) for number in range(2)]
    bench.printer.resume(bench.queue)
    bench.until_done(jobs[-1])
    assert bench.put_out() == {"print-0": 2, "print-1": 2}
    assert [bench.job(each).state for each in jobs] == [SpoolState.DONE] * 2


@pytest.mark.real_server
def test_by_its_address_cups_prints_and_says_what_it_asks_for_before_a_queue_goes_on() -> None:
    try:
        with cups_bench(by_socket=False) as bench:
            bench.until_done(bench.sent("print-1"))
            bench.pause()
            with pytest.raises(KnownError) as error:
                bench.printer.resume(bench.queue)
            assert code(error) is ErrorCode.PRINT_REFUSED
            assert "lpadmin" in error.value.next_step
    except PeerMissingError as missing:
        pytest.skip(str(missing))


def test_a_page_comes_out_of_a_queue_as_large_as_its_paper(cups_server: CupsServer) -> None:
    if shutil.which("pdfinfo") is None:
        pytest.skip("poppler-utils is not installed")
    try:
        cups_server.add_pdf("pdf")
    except PeerMissingError as missing:
        pytest.skip(str(missing))
    printer = CupsPrinter(cups_server.socket)
    spool_id = printer.begin("pdf", "print-1")
    printer.send("pdf", spool_id, page())
    deadline = time.monotonic() + _PATIENCE_S
    while printer.job("pdf", spool_id).state is not SpoolState.DONE:
        assert time.monotonic() < deadline, cups_server.log
        time.sleep(0.05)
    (printed,) = cups_server.printed()
    said = subprocess.run(["pdfinfo", printed], capture_output=True, text=True, check=True).stdout
    width, height = re.findall(r"Page size: +([\d.]+) x ([\d.]+)", said)[0]
    assert (float(width), float(height)) == pytest.approx((100 / 25.4 * 72, 150 / 25.4 * 72), abs=1)
