"""Looks at one part each that say whether it works now: the self-test and `kiosk doctor` share them.

Each really asks: the print server, the mail server, LINE, the centre. None changes anything there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from kiosk.adapters import ReadSecret
from kiosk.errors import ErrorCode, KnownError
from kiosk.printing.types import Printer, PrinterState, PrinterStatus
from kiosk.sending.carriers import LINE_TOKEN, MAIL_PASSWORD
from kiosk.sending.line import LineCarrier
from kiosk.sending.mail import SmtpCarrier
from kiosk.settings import LineSection, MailSection, PrintingSection
from kiosk.sync.door import CentreDoor
from kiosk.sync.pull import CHANGES_PATH
from kiosk.sync.wire import PAGE_TYPE
from kiosk.vision.manifest import read_manifest, read_weights

_CODES = {
    PrinterState.PAUSED: ErrorCode.PRINTER_PAUSED,
    PrinterState.PAPER_EMPTY: ErrorCode.PAPER_EMPTY,
    PrinterState.JAMMED: ErrorCode.PRINTER_JAMMED,
    PrinterState.COVER_OPEN: ErrorCode.PRINTER_JAMMED,
    PrinterState.INK_EMPTY: ErrorCode.INK_EMPTY,
    PrinterState.OFFLINE: ErrorCode.PRINTER_UNREACHABLE,
    PrinterState.SILENT: ErrorCode.PRINTER_SILENT,
    PrinterState.TROUBLE: ErrorCode.PRINTER_SILENT,
}


@dataclass(frozen=True, slots=True)
class Queue:
    """A print queue, and the papers that the settings say it has ("10x15/glossy", or "10x15" for all)."""

    name: str
    papers: tuple[str, ...]


def queues_of(printing: PrintingSection) -> tuple[Queue, ...]:
    """The queues that the settings name, in their order."""
    names = dict.fromkeys(printing.queues.values())
    return tuple(
        Queue(name, tuple(paper for paper, queue in printing.queues.items() if queue == name))
        for name in names
        if name
    )


def ask_printers(printer: Printer, queues: Sequence[Queue]) -> list[PrinterStatus]:
    """How each queue stands, by its server."""
    return printer.statuses([queue.name for queue in queues])


def printer_problem(status: PrinterStatus) -> ErrorCode | None:
    """Why a queue prints nothing now; None where it does."""
    return _CODES.get(status.state)


def check_weights(folder: Path) -> int:
    """How many files of weights there are, each as its manifest says. Raises KnownError WEIGHTS_*,
    MANIFEST_INVALID."""
    weights = read_manifest(folder).weights
    for entry in weights:
        read_weights(folder, entry)
    return len(weights)


def log_in_to_mail(mail: MailSection, read_secret: ReadSecret) -> None:
    """Raises KnownError MAIL_*, SECRET_MISSING, SETTING_INVALID."""
    SmtpCarrier(mail, read_secret(MAIL_PASSWORD) if mail.user else "").check()


def show_line_token(line: LineSection, read_secret: ReadSecret) -> None:
    """Raises KnownError LINE_*, SECRET_MISSING, SETTING_INVALID."""
    LineCarrier(line.api_url, read_secret(LINE_TOKEN)).check()


def ask_centre(door: CentreDoor) -> float:
    """Whether it lets this kiosk in; how many seconds this clock is ahead of the centre's. Raises KnownError
    CENTRE_*, NOT_ENROLLED, DEVICE_REVOKED."""
    client = door.client()
    client.get_bytes(CHANGES_PATH, {"cursor": 0, "limit": 1}, wanted_type=PAGE_TYPE)
    return client.clock_off_s


Look = Callable[[], str]
"""What is well, in words; raises what is not."""


def printers_in_words(printing: PrintingSection, printer: Printer | None, sells_prints: bool) -> str:
    """For `kiosk doctor`. Raises KnownError PRINTER_*, PAPER_EMPTY, INK_EMPTY."""
    if printer is None:
        return "prints are handed out by staff" if sells_prints else "prints are not offered"
    queues = queues_of(printing)
    if not queues:
        raise KnownError(
            ErrorCode.PRINTER_UNKNOWN, "No queue is named.", "Name one for each paper in printing.queues."
        )
    told = []
    for status in ask_printers(printer, queues):
        code = printer_problem(status)
        if code is not None:
            raise KnownError(
                code,
                f"The queue {status.queue} is {status.state.value}. {status.message}".strip(),
                "Look at the printer, and resume its queue on the staff's pages.",
            )
        told.append(f"{status.queue} {status.state.value}")
    return ", ".join(told)
