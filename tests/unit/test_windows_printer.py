"""Queues of Windows, over a spooler in memory with pywin32's signatures; the real one is in Windows only."""

from __future__ import annotations

import pytest

from kiosk.adapters import choose_printer, queue_of
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.cups import CupsPrinter
from kiosk.printing.types import Paper, PrinterState, PrintPage, SpoolState
from kiosk.printing.windows import WindowsPrinter, no_painter
from kiosk.sales.types import Finish, PrintSize
from kiosk.settings import PrintingSection
from tests.fake_spooler import FakeSpooler

QUEUE = "DNP RX1"
PAGE = PrintPage(b"%PDF", Paper(PrintSize.S10X15, Finish.GLOSSY), 1)


@pytest.fixture
def spooler() -> FakeSpooler:
    return FakeSpooler(QUEUE)


@pytest.fixture
def printer(spooler: FakeSpooler) -> WindowsPrinter:
    return WindowsPrinter(spooler, spooler.paint)


def sent(printer: WindowsPrinter, name: str) -> str:
    spool_id = printer.begin(QUEUE, name)
    printer.send(QUEUE, spool_id, PAGE)
    return spool_id


def test_a_page_is_painted_once_however_often_it_is_sent(
    printer: WindowsPrinter, spooler: FakeSpooler
) -> None:
    spool_id = sent(printer, "print-1")
    printer.send(QUEUE, spool_id, PAGE)
    spooler.put_out(QUEUE)
    printer.send(QUEUE, spool_id, PAGE)
    assert spooler.painted == ["print-1"]
    job = printer.job(QUEUE, spool_id)
    assert (job.name, job.state, job.sheets_done) == ("print-1", SpoolState.DONE, 1)
    assert spooler.open_handles == 0


def test_before_its_page_a_job_is_nothing_that_could_print(printer: WindowsPrinter) -> None:
    spool_id = printer.begin(QUEUE, "print-1")
    assert printer.find(QUEUE, "print-1") is None
    with pytest.raises(KnownError) as error:
        printer.job(QUEUE, spool_id)
    assert error.value.code is ErrorCode.PRINT_JOB_UNKNOWN


def test_where_windows_would_forget_what_it_printed_nothing_is_begun(
    printer: WindowsPrinter, spooler: FakeSpooler
) -> None:
    spooler.may_manage = False
    with pytest.raises(KnownError) as error:
        printer.begin(QUEUE, "print-1")
    assert error.value.code is ErrorCode.PRINT_REFUSED
    assert "Keep printed documents" in error.value.next_step


@pytest.mark.parametrize(
    ("status", "state", "is_paused"),
    [
        (0, PrinterState.READY, False),
        (0x1, PrinterState.PAUSED, True),
        (0x8, PrinterState.JAMMED, False),
        (0x10, PrinterState.PAPER_EMPTY, False),
        (0x1 | 0x10, PrinterState.PAPER_EMPTY, True),
        (0x80, PrinterState.OFFLINE, False),
        (0x400, PrinterState.PRINTING, False),
        (0x800, PrinterState.TROUBLE, False),
        (0x20000, PrinterState.READY, False),
        (0x40000, PrinterState.INK_EMPTY, False),
        (0x100000, PrinterState.TROUBLE, False),
        (0x400000, PrinterState.COVER_OPEN, False),
    ],
)
def test_what_windows_says_of_a_printer(
    printer: WindowsPrinter, spooler: FakeSpooler, status: int, state: PrinterState, is_paused: bool
) -> None:
    spooler.set_status(QUEUE, status)
    said = printer.statuses([QUEUE])[0]
    assert (said.state, said.is_paused) == (state, is_paused)


def test_a_printer_that_is_set_off_line_or_unknown_or_whose_spooler_stopped_is_off(
    printer: WindowsPrinter, spooler: FakeSpooler
) -> None:
    assert printer.statuses(["nowhere"])[0].state is PrinterState.OFFLINE
    spooler.set_status(QUEUE, 0, attributes=0x400)
    assert printer.statuses([QUEUE])[0].state is PrinterState.OFFLINE
    spooler.is_stopped = True
    assert printer.statuses([QUEUE])[0].state is PrinterState.OFFLINE


@pytest.mark.parametrize(
    ("status", "state", "printers"),
    [
        (0, SpoolState.WAITING, PrinterState.READY),
        (0x1, SpoolState.HELD, PrinterState.READY),
        (0x10, SpoolState.PRINTING, PrinterState.PRINTING),
        (0x10 | 0x40, SpoolState.PRINTING, PrinterState.PAPER_EMPTY),
        (0x10 | 0x20, SpoolState.PRINTING, PrinterState.OFFLINE),
        (0x2, SpoolState.STOPPED, PrinterState.READY),
        (0x2 | 0x400, SpoolState.STOPPED, PrinterState.TROUBLE),
        (0x80 | 0x2000, SpoolState.DONE, PrinterState.READY),
        (0x1000, SpoolState.DONE, PrinterState.READY),
        (0x4, SpoolState.CANCELLED, PrinterState.READY),
        (0x100, SpoolState.CANCELLED, PrinterState.READY),
    ],
)
def test_what_windows_says_of_a_document(
    printer: WindowsPrinter, spooler: FakeSpooler, status: int, state: SpoolState, printers: PrinterState
) -> None:
    spool_id = sent(printer, "print-1")
    spooler.set_job(QUEUE, status, "words of the driver")
    job = printer.job(QUEUE, spool_id)
    assert (job.state, job.message) == (state, "words of the driver")
    assert printer.statuses([QUEUE])[0].state is printers


def test_a_queue_goes_on_with_what_was_held_and_what_failed(
    printer: WindowsPrinter, spooler: FakeSpooler
) -> None:
    held = sent(printer, "print-1")
    spooler.set_job(QUEUE, 0x1)
    failed = sent(printer, "print-2")
    spooler.set_job(QUEUE, 0x2)
    spooler.set_status(QUEUE, 0x1)
    printer.resume(QUEUE)
    assert printer.statuses([QUEUE])[0].state is PrinterState.READY
    assert [printer.job(QUEUE, each).state for each in (held, failed)] == [SpoolState.WAITING] * 2


def test_a_document_is_cancelled_and_one_that_came_out_stays(
    printer: WindowsPrinter, spooler: FakeSpooler
) -> None:
    done = sent(printer, "print-1")
    spooler.put_out(QUEUE)
    waiting = sent(printer, "print-2")
    for spool_id in (done, waiting, waiting):
        printer.cancel(QUEUE, spool_id)
    assert printer.job(QUEUE, done).state is SpoolState.DONE
    assert printer.job(QUEUE, waiting).state is SpoolState.CANCELLED


def test_windows_refusals_are_known_errors(printer: WindowsPrinter, spooler: FakeSpooler) -> None:
    with pytest.raises(KnownError) as unknown:
        printer.begin("nowhere", "print-1")
    spooler.may_manage = False
    with pytest.raises(KnownError) as denied:
        printer.resume(QUEUE)
    spooler.is_stopped = True
    with pytest.raises(KnownError) as stopped:
        printer.find(QUEUE, "print-1")
    assert [error.value.code for error in (unknown, denied, stopped)] == [
        ErrorCode.PRINTER_UNKNOWN,
        ErrorCode.PRINT_REFUSED,
        ErrorCode.PRINTER_UNREACHABLE,
    ]
    with pytest.raises(KnownError) as nobody:
        no_painter(QUEUE, "print-1", PAGE)
    assert nobody.value.code is ErrorCode.PRINT_REFUSED


def test_the_printer_of_the_settings() -> None:
    assert choose_printer(PrintingSection()) is None
    assert isinstance(choose_printer(PrintingSection(printer="cups")), CupsPrinter)
    with pytest.raises(KnownError) as error:
        choose_printer(PrintingSection(printer="windows"))
    assert error.value.code is ErrorCode.SETTING_INVALID


def test_a_queue_is_named_for_a_size_and_for_one_of_its_finishes() -> None:
    named = queue_of(PrintingSection(queues={"10x15": "dnp", "10x15/matte": "epson"}))
    assert named(Paper(PrintSize.S10X15, Finish.GLOSSY)) == "dnp"
    assert named(Paper(PrintSize.S10X15, Finish.MATTE)) == "epson"
    assert named(Paper(PrintSize.S20X25, Finish.MATTE)) == ""
