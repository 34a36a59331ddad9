"""A PDF page as large as a paper."""

from __future__ import annotations

from fpdf import FPDF

from kiosk.printing.paper import millimetres
from kiosk.sales.types import PrintSize


class _Sheet(FPDF):
    """A page without a margin."""

    def __init__(self, wide: float, high: float) -> None:
        super().__init__(unit="mm", format=(wide, high))
        self.set_margin(0)
        self.set_auto_page_break(False)
        self.add_page()

    def file_id(self) -> str:
        """None: it would be a hash of the whole file, and takes as long as the rest of it."""
        return ""


def page_with(jpeg: bytes, size: PrintSize, is_lying: bool) -> bytes:
    """The PDF of a JPEG that fills the paper, as it is: not encoded anew, its profile kept."""
    short, long = millimetres(size)
    wide, high = (long, short) if is_lying else (short, long)
    sheet = _Sheet(wide, high)
    sheet.image(jpeg, 0, 0, wide, high)
    return bytes(sheet.output())
