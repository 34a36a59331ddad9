"""The print desk before a printer in memory: what it does, what it says, what it leaves to people."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.clock import ManualClock, SystemClock
from kiosk.database.tables import OrderRow
from kiosk.delivery.types import DeliveryState
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.print_desk import AHEAD, PrintDesk
from kiosk.printing.types import (
    Paper,
    PrintersChanged,
    PrinterState,
    PrintJob,
    PrintPage,
    PrintsChanged,
    PrintState,
    SpoolState,
)
from kiosk.sales.types import Finish, OrderState, PrintSize
from tests.fake_printer import FakePrinter
from tests.printing_shop import LARGE, SMALL, PrintingShop


class Counter:
    """A shop with a printer in memory, and the desk between them."""

    def __init__(self, folder: Path) -> None:
        self.clock = ManualClock()
        self.shop = PrintingShop(folder / "kiosk.db", self.clock)
        self.printer = FakePrinter(self.clock, ("dnp", "epson"))
        self.told: list[PrintersChanged] = []
        self.changed: list[str] = []
        self.shop.bus.subscribe(PrintersChanged, self.told.append)
        self.shop.bus.subscribe(PrintsChanged, lambda event: self.changed.append(event.order_id))
        self.desk = self.shop.desk(self.printer)

    def wait(self, seconds: float, step_s: float = 1.0) -> None:
        """The worker goes round so long."""
        for _ in range(round(seconds / step_s)):
            self.desk.go_on()
            self.clock.advance(step_s)
        self.desk.go_on()

    def buy(self, copies: int = 1) -> str:
        self.clock.advance(0.1)
        return self.shop.buy((SMALL, copies))

    def only_job(self, order_id: str) -> PrintJob:
        (job,) = self.desk.jobs_of(order_id)
        return job

    def state(self, queue: str = "dnp") -> PrinterState:
        return next(status.state for status in self.desk.statuses() if status.queue == queue)


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path)
    yield counter
    counter.shop.close()


def test_one_line_is_one_job_of_so_many_sheets_and_its_delivery_is_done(counter: Counter) -> None:
    order_id = counter.shop.buy((SMALL, 3), (LARGE, 1), has_digital=True)
    counter.wait(8)
    small, large = counter.desk.jobs_of(order_id)
    assert (small.state, small.queue, large.queue) == (PrintState.PRINTED, "dnp", "epson")
    assert counter.printer.put_out == {small.job_id: 3, large.job_id: 1}
    states = [each.state for each in counter.shop.orders.deliveries(order_id)]
    assert states == [DeliveryState.PENDING, DeliveryState.DONE, DeliveryState.DONE]
    assert counter.desk.progress(order_id).state == "done"
    assert set(counter.changed) == {order_id}


def test_progress_counts_the_sheets_that_are_out(counter: Counter) -> None:
    order_id = counter.buy(3)
    assert counter.desk.progress(order_id).sheets == 3
    counter.wait(2)
    progress = counter.desk.progress(order_id)
    assert (progress.sheets, progress.done, progress.state) == (3, 2, "printing")


def test_no_more_than_a_few_jobs_lie_at_the_server(counter: Counter) -> None:
    for _ in range(AHEAD + 3):
        counter.buy()
    counter.printer.silent()
    counter.wait(3)
    assert len(counter.shop.store.jobs_in({PrintState.SPOOLED})) == AHEAD


@pytest.mark.parametrize(
    ("trouble", "state", "code"),
    [
        ("media-empty-error", PrinterState.PAPER_EMPTY, ErrorCode.PAPER_EMPTY),
        ("media-jam-error", PrinterState.JAMMED, ErrorCode.PRINTER_JAMMED),
        ("cover-open-error", PrinterState.COVER_OPEN, ErrorCode.PRINTER_JAMMED),
        ("marker-supply-empty-error", PrinterState.INK_EMPTY, ErrorCode.INK_EMPTY),
    ],
)
def test_trouble_is_said_and_a_mended_printer_goes_on_by_itself(
    counter: Counter, trouble: str, state: PrinterState, code: ErrorCode
) -> None:
    order_id = counter.buy()
    counter.printer.trouble(trouble)
    counter.wait(3)
    assert counter.state() is state
    progress = counter.desk.progress(order_id)
    assert (progress.state, progress.code) == ("waiting", code)
    counter.printer.mend()  # the queue stays stopped
    counter.wait(4)
    assert counter.desk.progress(order_id).state == "done"


def test_a_queue_that_stopped_while_the_program_was_away_is_resumed_after_the_refill(
    counter: Counter,
) -> None:
    order_id = counter.buy()
    counter.printer.empty()
    counter.wait(3)
    counter.printer.mend()
    counter.desk = counter.shop.desk(counter.printer)
    counter.wait(3)
    assert counter.desk.progress(order_id).state == "done"


def test_a_queue_that_a_person_stopped_waits_for_a_person(counter: Counter) -> None:
    counter.wait(1)
    counter.printer.pause()
    order_id = counter.buy()
    counter.wait(600, step_s=10)
    assert counter.state() is PrinterState.PAUSED
    assert counter.desk.progress(order_id).code == ErrorCode.PRINTER_PAUSED
    counter.desk.resume("dnp")
    counter.wait(3)
    assert counter.desk.progress(order_id).state == "done"


def test_staff_who_count_what_they_filled_in_make_the_queue_go_on(counter: Counter) -> None:
    order_id = counter.buy(2)
    counter.printer.load(1)
    counter.wait(5)
    assert counter.state() is PrinterState.PAPER_EMPTY
    counter.printer.load(50)
    counter.printer.trouble("media-empty-error")  # a server that says the old reason until it tries again
    counter.desk.count(SMALL.name, 50)
    counter.desk.go_on()
    counter.printer.mend()
    counter.wait(5)
    assert counter.desk.progress(order_id).state == "done"


def test_a_printer_that_says_nothing_is_said_to_be_silent(counter: Counter) -> None:
    order_id = counter.buy()
    counter.printer.silent()
    counter.wait(100, step_s=5)
    assert counter.state() is not PrinterState.SILENT
    counter.wait(60, step_s=5)
    assert counter.state() is PrinterState.SILENT
    assert counter.desk.progress(order_id).code == ErrorCode.PRINTER_SILENT
    assert counter.told[-1].printers[0].state is PrinterState.SILENT
    counter.printer.mend()
    counter.wait(5)
    assert counter.state() is not PrinterState.SILENT


def test_a_job_that_somebody_ended_at_the_server_is_held_and_can_be_printed_again(counter: Counter) -> None:
    order_id = counter.buy(2)
    counter.printer.silent()
    counter.wait(2)
    job = counter.only_job(order_id)
    counter.printer.cancel(job.queue, job.spool_id)
    counter.wait(1)
    assert [held.code for held in counter.desk.held()] == [ErrorCode.PRINT_REFUSED]
    assert counter.shop.orders.deliveries(order_id)[0].state is DeliveryState.WAITING_FOR_STAFF
    again = counter.desk.reprint(job.job_id)
    assert counter.desk.reprint(job.job_id) == again, "twice pressed is once printed"
    counter.printer.mend()
    counter.wait(4)
    assert counter.printer.put_out == {again.job_id: 2}
    assert counter.shop.orders.deliveries(order_id)[0].state is DeliveryState.DONE
    assert counter.desk.held() == []


def test_a_reprint_of_what_lies_in_the_tray_is_a_job_of_its_own(counter: Counter) -> None:
    order_id = counter.buy()
    counter.wait(3)
    job = counter.only_job(order_id)
    again = counter.desk.reprint(job.job_id)
    assert again.reprint_of == job.job_id
    counter.wait(3)
    assert counter.printer.put_out == {job.job_id: 1, again.job_id: 1}


def test_a_job_the_server_knows_nothing_of_any_more_is_held_and_not_printed_twice(counter: Counter) -> None:
    order_id = counter.buy()
    counter.printer.silent()
    counter.wait(2)
    counter.printer.forget_jobs()
    counter.printer.mend()
    counter.wait(5)
    assert counter.only_job(order_id).code == ErrorCode.PRINT_JOB_UNKNOWN
    assert not counter.printer.put_out


@pytest.mark.parametrize("call", ["begin", "send", "find", "job"])
def test_a_lost_answer_prints_nothing_twice(counter: Counter, call: str) -> None:
    order_id = counter.buy(2)
    counter.printer.lose_next_answer.append(call)
    counter.wait(20)
    assert counter.printer.put_out == {counter.only_job(order_id).job_id: 2}


def test_a_print_that_an_older_copy_of_the_database_owes_is_found_at_the_server(counter: Counter) -> None:
    order_id = counter.buy()
    counter.shop.store.take_owed(counter.clock.now())
    job = counter.only_job(order_id)
    counter.printer.send("dnp", counter.printer.begin("dnp", job.job_id), counter.shop.pages(job))
    counter.clock.advance(5)
    counter.wait(3)
    assert counter.only_job(order_id).state is PrintState.PRINTED
    assert counter.printer.put_out == {job.job_id: 1}


def test_a_picture_that_is_not_there_is_held_and_the_next_is_printed(counter: Counter) -> None:
    def pages(job: PrintJob) -> PrintPage:
        if job.order_id == missing:
            raise KnownError(ErrorCode.PRINT_SOURCE_MISSING, "gone")
        if job.order_id == broken:
            raise ZeroDivisionError
        return usual(job)

    usual, counter.shop.pages = counter.shop.pages, pages
    missing, broken, good = counter.buy(), counter.buy(), counter.buy()
    counter.wait(3)
    assert [job.code for job in counter.desk.held()] == [
        ErrorCode.PRINT_SOURCE_MISSING,
        ErrorCode.PHOTO_UNREADABLE,
    ]
    assert counter.desk.progress(good).state == "done"
    assert counter.desk.progress(missing).state == "held"


def test_a_picture_that_cannot_be_fetched_now_is_printed_later(counter: Counter) -> None:
    def pages(job: PrintJob) -> PrintPage:
        raise KnownError(ErrorCode.CENTRE_UNREACHABLE, "away")

    usual, counter.shop.pages = counter.shop.pages, pages
    order_id = counter.buy()
    counter.wait(3)
    assert counter.desk.progress(order_id).code == ErrorCode.CENTRE_UNREACHABLE
    counter.shop.pages = usual
    counter.wait(40)
    assert counter.desk.progress(order_id).state == "done"


def test_paper_without_a_queue_is_for_staff(counter: Counter) -> None:
    order_id = counter.shop.buy((Paper(PrintSize.S20X25, Finish.GLOSSY), 1))
    counter.wait(1)
    assert counter.only_job(order_id).code == ErrorCode.PRINT_SIZE_NOT_OFFERED


def test_a_server_that_is_away_ends_nothing_and_the_other_queue_goes_on(counter: Counter) -> None:
    order_id = counter.shop.buy((SMALL, 1), (LARGE, 1))
    counter.printer.fail_next["begin"] = [ErrorCode.PRINTER_UNKNOWN]
    counter.wait(1, step_s=0.2)
    states = {job.queue: job.state for job in counter.desk.jobs_of(order_id)}
    assert PrintState.SPOOLED in states.values()
    counter.printer.kill()
    counter.wait(5)
    assert counter.state() is PrinterState.OFFLINE
    counter.printer.start()
    counter.wait(40)
    assert counter.desk.progress(order_id).state == "done"


def test_what_is_given_back_is_printed_no_more(counter: Counter) -> None:
    counter.printer.silent()
    order_id = counter.buy()
    counter.wait(2)
    with counter.shop.database.writing() as session:
        session.get_one(OrderRow, order_id).state = OrderState.REFUNDED.value
    counter.wait(1)
    counter.printer.mend()
    counter.wait(5)
    job = counter.only_job(order_id)
    assert job.state is PrintState.CANCELLED
    assert counter.printer.job("dnp", job.spool_id).state is SpoolState.CANCELLED
    assert not counter.printer.put_out


def test_a_stranger_s_job_of_the_same_number_is_not_taken_for_ours(counter: Counter) -> None:
    counter.printer.empty()
    first, second = counter.buy(), counter.buy()
    counter.wait(2)
    anew = FakePrinter(counter.clock, ("dnp", "epson"))
    desk = counter.shop.desk(anew)
    anew.empty()
    strangers = [anew.begin("dnp", f"letter {number}") for number in range(2)]
    assert strangers == [counter.only_job(order_id).spool_id for order_id in (first, second)]
    for spool_id in strangers:
        anew.send("dnp", spool_id, PrintPage(b"", SMALL, 1))
    assert desk.cancel(counter.only_job(second).job_id).state is PrintState.CANCELLED
    assert anew.job("dnp", strangers[1]).state is SpoolState.WAITING
    anew.mend()
    anew.resume("dnp")
    counter.clock.advance(60)
    desk.go_on()
    job = counter.only_job(first)
    assert (job.state, job.code) == (PrintState.HELD, ErrorCode.PRINT_JOB_UNKNOWN)


def test_what_is_called_off_and_printed_already_is_printed(counter: Counter) -> None:
    order_id = counter.buy()
    counter.desk.go_on()
    counter.clock.advance(5)
    assert counter.desk.cancel(counter.only_job(order_id).job_id).state is PrintState.PRINTED


def test_without_a_printer_staff_hand_prints_out_and_none_is_printed_later(counter: Counter) -> None:
    by_hand = counter.shop.desk(None)
    order_id = counter.buy()
    by_hand.go_on()
    assert by_hand.offered() == {SMALL, LARGE}
    assert (by_hand.supplies(), by_hand.jobs_of(order_id)) == ((), [])
    counter.wait(3)
    assert counter.desk.jobs_of(order_id) == []


def test_where_the_printer_is_given_up_staff_hand_out_what_waited_for_it(counter: Counter) -> None:
    counter.printer.empty()
    order_id, other = counter.buy(2), counter.buy(1)
    counter.wait(3)
    by_hand = counter.shop.desk(None)
    by_hand.go_on()
    job = counter.only_job(order_id)
    assert (job.state, job.code) == (PrintState.HELD, ErrorCode.PRINTER_UNKNOWN)
    (owed,) = counter.shop.orders.deliveries(order_id)
    assert owed.state is DeliveryState.WAITING_FOR_STAFF
    assert by_hand.cancel(job.job_id).state is PrintState.CANCELLED
    with counter.shop.database.writing() as session:
        session.get_one(OrderRow, other).state = OrderState.REFUNDED.value
    by_hand.go_on()
    assert counter.only_job(other).state is PrintState.CANCELLED


@pytest.mark.parametrize("is_dead", [True, False])
def test_another_printer_is_used_though_the_one_before_never_ends(counter: Counter, is_dead: bool) -> None:
    first = counter.buy()
    counter.printer.empty()
    counter.wait(2)
    if is_dead:
        counter.printer.kill()
    anew = FakePrinter(counter.clock, ("dnp", "epson"))
    counter.desk.use(anew, counter.shop.pages, counter.shop.queue_of)
    second = counter.buy()
    counter.wait(200)
    job = counter.only_job(first)
    assert (job.state, job.code) == (PrintState.HELD, ErrorCode.PRINTER_UNKNOWN)
    assert anew.put_out == {counter.only_job(second).job_id: 1}
    counter.printer.start()
    counter.printer.mend()
    if not is_dead:
        counter.printer.resume("dnp")
        counter.clock.advance(60)
        assert not counter.printer.put_out, "it was taken back"


def test_paper_that_is_used_besides_takes_nothing_off_twice_and_resumes_nothing(counter: Counter) -> None:
    counter.desk.count(SMALL.name, 40)
    counter.desk.count("ink/dnp", 50)
    counter.buy(3)
    counter.wait(8)
    counter.desk.note_used(SMALL)
    stock = counter.shop.store.stock()
    assert (stock[SMALL.name].left, stock["ink/dnp"].left) == (36, 46)
    counter.buy()
    counter.printer.trouble("media-jam-error")
    counter.wait(3)
    counter.desk.note_used(SMALL)
    counter.wait(5)
    assert counter.state() is PrinterState.JAMMED
    assert counter.printer.statuses(["dnp"])[0].is_paused, "nobody took the jam out"


def test_printers_are_told_only_when_something_is_new(counter: Counter) -> None:
    counter.wait(5)
    assert len(counter.told) == 1
    counter.printer.empty()
    counter.wait(5)
    assert len(counter.told) == 2
    assert counter.told[-1].offered == {LARGE}


def test_a_paid_order_wakes_the_worker(tmp_path: Path) -> None:
    clock = SystemClock()
    shop = PrintingShop(tmp_path / "kiosk.db", clock)
    printer = FakePrinter(clock, ("dnp", "epson"), sheet_s=0.01)
    desk: PrintDesk = shop.desk(printer)
    stop = threading.Event()
    worker = threading.Thread(target=desk.run, args=(stop,))
    worker.start()
    time.sleep(0.3)
    order_id, began_s = shop.buy((SMALL, 1)), time.monotonic()
    while not any(job.spool_id for job in desk.jobs_of(order_id)):
        assert time.monotonic() - began_s < 2
        time.sleep(0.01)
    stop.set()
    worker.join(2)
    assert not worker.is_alive()
    shop.close()
