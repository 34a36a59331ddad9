"""The privacy receipt on paper, out of the photo printer: one page in the visitor's language.

Importing it takes a quarter of a second: import it where a printer is set up.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from datetime import datetime, tzinfo
from typing import Protocol

from fpdf.enums import Align

from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language, sentence
from kiosk.payments.qr import qr_png
from kiosk.printing.paper import millimetres
from kiosk.printing.types import Paper, Printer, PrintPage
from kiosk.sales.types import PrintSize
from kiosk.session.receipt_lines import GoneLine, KeptLine, gone_lines, kept_lines
from kiosk.session.view import PrivacyReceipt
from kiosk.sheet import Ink, Page
from kiosk.visits.report_words import date_in

_INK, _SECOND, _RULE = (0, 0, 0), (70, 66, 58), (160, 155, 145)
_MARGIN_MM = 8.0
_QR_MM = 34.0
_WHEN_MM = 30.0
_SIZES = tuple(PrintSize)


class PaperShelf(Protocol):
    """What there is to print on (`kiosk.printing.print_desk.PrintDesk`)."""

    def offered(self) -> frozenset[Paper]: ...

    def note_used(self, paper: Paper, sheets: int = 1) -> None: ...


class ReceiptPaper:
    """Fills `kiosk.session.types.ReceiptPrinter`. Any thread; a call takes up to 20 s."""

    def __init__(
        self,
        printer: Printer,
        shelf: PaperShelf,
        queue_of: Callable[[Paper], str],
        operator: str,
        zone: tzinfo,
    ) -> None:
        """`operator` is who gives the receipt; times are those of `zone`."""
        self._printer = printer
        self._shelf = shelf
        self._queue_of = queue_of
        self._operator = operator
        self._zone = zone

    def print_receipt(self, receipt: PrivacyReceipt, language: Language) -> None:
        """On the smallest paper that there is; the sheet is taken off what is left of it.

        Raises KnownError PAPER_EMPTY (there is none), PRINTER_UNREACHABLE, PRINTER_UNKNOWN, PRINT_REFUSED.
        """
        papers = sorted(self._shelf.offered(), key=lambda paper: (_SIZES.index(paper.size), paper.finish))
        if not papers:
            raise KnownError(ErrorCode.PAPER_EMPTY, "There is no paper for a receipt.", "Put paper in.")
        paper, queue = papers[0], self._queue_of(papers[0])
        pdf = receipt_pdf(receipt, language, self._operator, self._zone, paper.size)
        spool_id = self._printer.begin(queue, f"receipt-{uuid.uuid4().hex}")
        self._printer.send(queue, spool_id, PrintPage(pdf, paper, copies=1))
        self._shelf.note_used(paper)


def receipt_pdf(
    receipt: PrivacyReceipt, language: Language, operator: str, zone: tzinfo, size: PrintSize
) -> bytes:
    """The page, as large as the paper."""
    page = _Page(language, zone, millimetres(size))
    page.write_head(receipt, operator)
    page.write_gone(gone_lines(receipt))
    page.write_kept(kept_lines(receipt))
    if receipt.url:
        page.write_code(receipt.url)
    return bytes(page.output())


class _Page(Page):
    """Everything grows with the paper."""

    def __init__(self, language: Language, zone: tzinfo, size_mm: tuple[int, int]) -> None:
        self._zone = zone
        self._scale = min(size_mm) / 100
        super().__init__(language, sentence(language, "thanks.receipt"), size_mm, _MARGIN_MM * self._scale)

    def write_head(self, receipt: PrivacyReceipt, operator: str) -> None:
        """What it is, of whom, when; the order's code."""
        made = receipt.made_at
        self._write(self.say("thanks.receipt"), 15, "B")
        told = [operator, f"{self._date(made)} {self._time(made)}"]
        if receipt.order_code:
            told.append(self.say("thanks.paper.code", code=receipt.order_code))
        self._write(" · ".join(each for each in told if each), 8, ink=_SECOND)
        self._rule(0.5)

    def write_gone(self, lines: list[GoneLine]) -> None:
        """What was deleted, and when."""
        self._write(self.say("thanks.deleted"), 9, "B")
        for line in lines:
            when = self.say("thanks.at", time=self._time(line.at))
            self._pair(self.say(line.key, n=line.n), when, "")

    def write_kept(self, lines: list[KeptLine]) -> None:
        """What is kept, why, and until when."""
        if not lines:
            return
        self._rule(0.2)
        self._write(self.say("thanks.kept"), 9, "B")
        for line in lines:
            until = line.until
            when = self.say("thanks.until", date=self._date(until)) if until else self.say(line.until_key)
            self._pair(self.say(line.key, n=line.n), when, self.say(line.why_key))

    def write_code(self, url: str) -> None:
        """At the foot: the code by which all this is seen and deleted."""
        side = min(_QR_MM * self._scale, self.h - self.get_y() - 2 * _MARGIN_MM * self._scale)
        top = self.h - _MARGIN_MM * self._scale - side
        self.image(io.BytesIO(qr_png(url)), self.l_margin, top, side, side)
        left = self.l_margin + side + 4 * self._scale
        self.set_xy(left, top + 3 * self._scale)
        self._font(9, "", _INK)
        self.multi_cell(
            self.w - self.r_margin - left, 5.2 * self._scale, self.say("thanks.paper.scan"), align=Align.L
        )

    def _pair(self, what: str, when: str, why: str) -> None:
        """What at the left with why below it, when at the right."""
        width = self.epw - _WHEN_MM * self._scale
        top = self.get_y()
        self._font(8, "", _SECOND)
        self.set_xy(self.l_margin + width, top)
        self.cell(_WHEN_MM * self._scale, 4.8 * self._scale, when, align=Align.R)
        self.set_xy(self.l_margin, top)
        self._write(what, 9, width=width)
        if why:
            self._write(why, 7.5, ink=_SECOND, width=width)

    def _write(
        self,
        text: str,
        points: float,
        style: str = "",
        ink: Ink = _INK,
        width: float | None = None,
    ) -> None:
        self._font(points, style, ink)
        height = points * 0.53 * self._scale
        self.multi_cell(width or self.epw, height, text, align=Align.L, new_x="LMARGIN", new_y="NEXT")

    def _rule(self, thickness_mm: float) -> None:
        self.ln(1.5 * self._scale)
        self.rule(thickness_mm, _RULE)
        self.ln(1.5 * self._scale)

    def _font(self, points: float, style: str, ink: Ink) -> None:
        self.ink(points * self._scale, ink, style)

    def _date(self, moment: datetime) -> str:
        return date_in(self.language, moment.astimezone(self._zone).date())

    def _time(self, moment: datetime) -> str:
        return f"{moment.astimezone(self._zone):%H:%M}"
