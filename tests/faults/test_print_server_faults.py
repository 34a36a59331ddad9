"""Answers of a print server that get lost, have no end, or are none."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from pyipp.enums import IppOperation

from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.cups import CupsPrinter
from kiosk.printing.ipp import Answer, Attributes, IppServer, RefusedError
from kiosk.printing.types import Paper, PrinterState, PrintPage, SpoolState
from kiosk.sales.types import Finish, PrintSize
from tests.contract.test_printers import page
from tests.peers.cups import CupsServer
from tests.scripted_peer import Say, ScriptedPeer, say_html

QUEUE = "dnp"
_CALLS_OF_A_PRINT = 6
"""Create-Job, and five to send its page: two that ask, Set-Job-Attributes, Send-Document, Release-Job."""


class LosesAnAnswer(IppServer):
    """Everything is done, and the answer to the call of this number never arrives."""

    lost = 0
    calls = 0

    def call(
        self,
        operation: IppOperation,
        queue: str,
        attributes: Attributes,
        until_s: float,
        job_attributes: bytes = b"",
        document: bytes = b"",
    ) -> Answer:
        answer = super().call(operation, queue, attributes, until_s, job_attributes, document)
        LosesAnAnswer.calls += 1
        if LosesAnAnswer.calls == LosesAnAnswer.lost:
            raise KnownError(ErrorCode.PRINTER_UNREACHABLE, "the answer was lost")
        return answer


def hand_over(printer: CupsPrinter, name: str) -> str:
    """As whoever does not know what became of the try before: by the job's name."""
    found = printer.find(QUEUE, name)
    spool_id = found.spool_id if found is not None else printer.begin(QUEUE, name)
    printer.send(QUEUE, spool_id, page())
    return spool_id


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def lose_each(server: CupsServer, lost: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    behind = server.add_printer(QUEUE, sheet_s=0.01)
    server.pause(QUEUE)
    monkeypatch.setattr("kiosk.printing.cups.IppServer", LosesAnAnswer)
    printer = CupsPrinter(server.socket)
    jobs = []
    for number in lost:
        LosesAnAnswer.calls, LosesAnAnswer.lost = -1, number  # the first looks for the name
        with pytest.raises(KnownError) as error:
            hand_over(printer, f"print-{number}")
        assert error.value.code is ErrorCode.PRINTER_UNREACHABLE
        jobs.append(hand_over(printer, f"print-{number}"))
    printer.resume(QUEUE)
    until(lambda: printer.job(QUEUE, jobs[-1]).state is SpoolState.DONE)
    assert behind.put_out() == {f"print-{number}": 1 for number in lost}


def test_a_print_whose_answer_is_lost_comes_out_once(
    cups_server: CupsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_each(cups_server, [1, 5], monkeypatch)


@pytest.mark.slow
def test_a_print_comes_out_once_whichever_answer_is_lost(
    cups_server: CupsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    lose_each(cups_server, list(range(1, _CALLS_OF_A_PRINT + 1)), monkeypatch)


IPP = {"Content-Type": "application/ipp"}
OKAY = b"\x02\x00\x00\x00\x00\x00\x00\x01\x01\x03"


@pytest.mark.parametrize(
    "said",
    [
        say_html(),
        say_html(503),
        Say(200, b"", IPP),
        Say(200, OKAY[:9], IPP),
        Say(200, OKAY + b"more" * 1000, IPP, cut_at=5),
        Say(200, b"\x02\x00\x00\x00\x00\x00\x00\x01\x01\x47\xff\xff" + b"x" * 50 + b"\x03", IPP),
        Say(200, b"\x02\x00\x05\x07\x00\x00\x00\x01\x03", IPP),
    ],
)
def test_an_answer_that_is_none_leaves_it_open_what_was_done(said: Say) -> None:
    with ScriptedPeer({"/printers/": said}) as peer:
        printer = CupsPrinter(peer.url)
        with pytest.raises(KnownError) as error:
            printer.begin(QUEUE, "print-1")
        assert error.value.code is ErrorCode.PRINTER_UNREACHABLE
        assert error.value.next_step
        assert printer.statuses([QUEUE])[0].state is PrinterState.OFFLINE


@pytest.mark.parametrize(
    "said", [Say(hangs=True), Say(200, OKAY, {**IPP, "Content-Length": "5000000"})], ids=["silent", "endless"]
)
def test_a_server_that_does_not_come_to_an_end_is_left(said: Say) -> None:
    with ScriptedPeer({"/printers/": said}) as peer:
        began_s = time.monotonic()
        with pytest.raises(KnownError) as error:
            IppServer(peer.url, "kiosk").call(IppOperation.GET_JOBS, QUEUE, {}, began_s + 0.5)
        assert error.value.code is ErrorCode.PRINTER_UNREACHABLE
        assert time.monotonic() - began_s < 5


@pytest.mark.parametrize(("status", "name"), [(401, "password"), (403, "forbidden")])
def test_a_server_that_wants_a_password_says_what_to_do(status: int, name: str) -> None:
    with ScriptedPeer({"/printers/": say_html(status)}) as peer:
        with pytest.raises(KnownError) as error:
            CupsPrinter(peer.url).resume(QUEUE)
        assert error.value.code is ErrorCode.PRINT_REFUSED
        assert "lpadmin" in error.value.next_step


def test_a_queue_without_the_paper_refuses_it_before_anything_is_printed(cups_server: CupsServer) -> None:
    behind = cups_server.add_printer(QUEUE)
    printer = CupsPrinter(cups_server.socket)
    large = PrintPage(page().pdf, Paper(PrintSize.S20X25, Finish.GLOSSY), 1)
    spool_id = printer.begin(QUEUE, "print-1")
    with pytest.raises(KnownError) as error:
        printer.send(QUEUE, spool_id, large)
    assert error.value.code is ErrorCode.PRINT_REFUSED
    assert "20x25" in error.value.detail
    assert printer.job(QUEUE, spool_id).state is SpoolState.HELD
    assert not behind.put_out()


@pytest.mark.slow
def test_a_printer_that_is_switched_off_is_seen_and_prints_once_it_is_on(cups_server: CupsServer) -> None:
    behind = cups_server.add_printer(QUEUE)
    printer = CupsPrinter(cups_server.socket)
    behind.switch_off()
    spool_id = hand_over(printer, "print-1")
    until(lambda: printer.statuses([QUEUE])[0].state is PrinterState.OFFLINE)
    behind.start()
    until(lambda: printer.job(QUEUE, spool_id).state is SpoolState.DONE)
    assert behind.put_out() == {"print-1": 1}


@pytest.mark.slow
def test_a_queue_that_its_server_stopped_goes_on_with_what_it_had(cups_server: CupsServer) -> None:
    behind = cups_server.add_printer(QUEUE)
    printer = CupsPrinter(cups_server.socket)
    cups_server.set_device(QUEUE, f"{behind.uri}/nowhere")
    spool_id = hand_over(printer, "print-1")
    until(lambda: printer.statuses([QUEUE])[0].is_paused)
    cups_server.set_device(QUEUE, behind.uri)
    printer.resume(QUEUE)
    until(lambda: printer.job(QUEUE, spool_id).state is SpoolState.DONE)
    assert behind.put_out() == {"print-1": 1}


def test_no_socket_is_no_answer() -> None:
    printer = CupsPrinter("/nowhere/cups.sock")
    with pytest.raises(KnownError) as error:
        printer.find(QUEUE, "print-1")
    assert error.value.code is ErrorCode.PRINTER_UNREACHABLE


def test_what_a_server_refuses_is_told_apart_from_what_got_lost() -> None:
    charset = b"\x01\x47\x00\x12attributes-charset\x00\x05utf-8"
    refused = Say(200, b"\x02\x00\x04\x04\x00\x00\x00\x01" + charset + b"\x03", IPP)
    with ScriptedPeer({"/printers/": refused}) as peer, pytest.raises(RefusedError):
        IppServer(peer.url, "kiosk").call(IppOperation.GET_JOBS, QUEUE, {}, time.monotonic() + 5)
