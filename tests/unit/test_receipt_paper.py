"""The privacy receipt on paper: on the smallest paper there is, in either language, its sheet counted."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.printing.types import Paper
from kiosk.receipt_paper import ReceiptPaper, receipt_pdf
from kiosk.sales.types import Finish, PrintSize
from kiosk.session.view import PrivacyReceipt
from tests.fake_printer import FakePrinter

NOW = datetime(2026, 11, 20, 1, 21, tzinfo=UTC)
BANGKOK = ZoneInfo("Asia/Bangkok")
SMALL, LARGE = Paper(PrintSize.S10X15, Finish.MATTE), Paper(PrintSize.S20X25, Finish.GLOSSY)
RECEIPT = PrivacyReceipt(
    made_at=NOW,
    face_deleted_at=NOW,
    had_consent=True,
    photo_count=5,
    photos_until=NOW,
    order_code="K7-4Q2M",
    consent_until=NOW,
    url="http://192.168.1.20:8377/r/7Yk2mQx9ZtR4",
)


class Shelf:
    """Papers, and how many sheets there are."""

    def __init__(self, *papers: Paper) -> None:
        self.papers = frozenset(papers)
        self.left = {SMALL.name: 40}

    def offered(self) -> frozenset[Paper]:
        return self.papers

    def note_used(self, paper: Paper, sheets: int = 1) -> None:
        self.left[paper.name] -= sheets


def paper_on(printer: FakePrinter, shelf: Shelf) -> ReceiptPaper:
    return ReceiptPaper(printer, shelf, lambda _paper: "dnp", "Photo Kiosk", BANGKOK)


def test_it_comes_out_once_on_the_smallest_paper_and_the_sheet_is_counted() -> None:
    clock = ManualClock(NOW)
    printer, shelf = FakePrinter(clock), Shelf(LARGE, SMALL)
    paper_on(printer, shelf).print_receipt(RECEIPT, Language.THAI)
    clock.advance(600)
    printer.statuses(["dnp"])
    assert printer.put_out.total() == 1
    assert dict(printer.papers) == {SMALL: 1}
    assert shelf.left == {SMALL.name: 39}


def test_without_paper_it_is_said() -> None:
    with pytest.raises(KnownError) as refused:
        paper_on(FakePrinter(ManualClock(NOW)), Shelf()).print_receipt(RECEIPT, Language.ENGLISH)
    assert refused.value.code is ErrorCode.PAPER_EMPTY


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("size", list(PrintSize))
def test_it_is_one_page_as_large_as_the_paper(language: Language, size: PrintSize) -> None:
    pdf = receipt_pdf(RECEIPT, language, "Photo Kiosk", BANGKOK, size)
    width, height = (int(side) * 10 / 25.4 * 72 for side in size.value.split("x"))
    assert f"/MediaBox [0 0 {width:.2f} {height:.2f}]".encode() in pdf
    assert pdf.count(b"/Type /Page\n") == 1
