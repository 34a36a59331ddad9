"""The technician's looks at printers, against a real CUPS with real IPP printers behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.cups import CupsPrinter
from kiosk.printing.trial import test_page as trial_page
from kiosk.printing.types import Supply
from kiosk.settings import PrintingSection
from kiosk.technician.found import found_queues
from kiosk.technician.looks import Queue, printers_in_words
from kiosk.technician.printer_tests import PrinterTest
from kiosk.technician.told import TestState
from tests.peers.cups import CupsServer
from tests.peers.processes import PeerMissingError

pytestmark = pytest.mark.real_server


@pytest.fixture(scope="module")
def cups() -> Iterator[CupsServer]:
    try:
        with CupsServer() as server:
            server.add_printer("dnp")
            server.add_printer("epson")
            yield server
    except PeerMissingError as missing:
        pytest.skip(str(missing))


def test_the_queues_of_the_print_server_are_found(cups: CupsServer) -> None:
    assert found_queues(cups.socket) == ("dnp", "epson")
    assert found_queues(cups.url) == ("dnp", "epson")
    assert found_queues("http://127.0.0.1:9") == ()


def test_a_test_page_comes_out_and_a_paused_queue_is_said(cups: CupsServer) -> None:
    supplies = {"10x15/glossy": Supply("10x15/glossy", 50, 10, 0)}

    def count(name: str, left: int) -> None:
        supplies[name] = Supply(name, left, 10, 0)

    printer = CupsPrinter(cups.socket)
    part = PrinterTest(Queue("dnp", ("10x15",)), printer, lambda: list(supplies.values()), count, trial_page)
    found = part.print_page(threading.Event())
    assert found.state is TestState.PASSED
    assert float(found.params["took"]) > 0
    assert supplies["10x15/glossy"].left == 49
    cups.pause("dnp")
    try:
        found = part.measure(threading.Event())
        assert (found.state, found.code) == (TestState.FAILED, ErrorCode.PRINTER_PAUSED)
        with pytest.raises(KnownError) as paused:
            printers_in_words(PrintingSection(queues={"10x15": "dnp"}), printer, True)
        assert paused.value.code is ErrorCode.PRINTER_PAUSED
    finally:
        cups.resume("dnp")
    assert printers_in_words(PrintingSection(queues={"10x15": "dnp"}), printer, True) == "dnp ready"


def test_the_doctor_says_which_queue_is_not_there(cups: CupsServer) -> None:
    printer = CupsPrinter(cups.socket)
    with pytest.raises(KnownError, match="nowhere") as missing:
        printers_in_words(PrintingSection(queues={"10x15": "nowhere"}), printer, True)
    assert missing.value.code is ErrorCode.PRINTER_UNREACHABLE
    with pytest.raises(KnownError) as none:
        printers_in_words(PrintingSection(), printer, True)
    assert none.value.code is ErrorCode.PRINTER_UNKNOWN
    assert printers_in_words(PrintingSection(), None, True) == "prints are handed out by staff"
