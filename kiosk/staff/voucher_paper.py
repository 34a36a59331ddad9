"""Vouchers on paper: A4 sheets of cards to be cut, each with its code, its QR and until when it is good.

Importing it takes a quarter of a second: import it where a paper is written.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import datetime, tzinfo

from fpdf.enums import Align

from kiosk.language import Language, sentence
from kiosk.money import display_baht
from kiosk.payments.qr import qr_png
from kiosk.sales.types import Voucher, VoucherKind
from kiosk.sheet import A4_MM, INK, SECOND, Page
from kiosk.visits.report_words import date_in

_RULE = (180, 175, 165)
_MARGIN = 10.0
_COLUMNS, _ROWS = 2, 5
_INSET = 5.0
_QR = 30.0
_LANGUAGES = (Language.THAI, Language.ENGLISH)


def voucher_paper(
    vouchers: Sequence[Voucher], title: str, title_th: str, zone: tzinfo, made_at: datetime
) -> bytes:
    """The file. `title` and `title_th` are whose vouchers they are, in the two languages."""
    sheet = _Sheet(title, title_th, zone, made_at)
    for place, voucher in enumerate(vouchers):
        sheet.write_card(place, voucher)
    return bytes(sheet.output())


def code_on_paper(code: str) -> str:
    """The code in groups of four, to be read and typed."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4))


class _Sheet(Page):
    """The sheets."""

    def __init__(self, title: str, title_th: str, zone: tzinfo, made_at: datetime) -> None:
        super().__init__(Language.THAI, title, A4_MM, _MARGIN)
        self._titles = {Language.ENGLISH: title, Language.THAI: title_th or title}
        self._zone = zone
        self.set_creation_date(made_at)

    def write_card(self, place: int, voucher: Voucher) -> None:
        """The card at its place, counted over all sheets."""
        on_sheet = place % (_COLUMNS * _ROWS)
        if place and on_sheet == 0:
            self.add_page()
        width, height = self.epw / _COLUMNS, (self.h - 2 * _MARGIN) / _ROWS
        row, column = divmod(on_sheet, _COLUMNS)
        left, top = _MARGIN + column * width, _MARGIN + row * height
        self.set_draw_color(*_RULE)
        self.set_line_width(0.2)
        self.set_dash_pattern(dash=1.5, gap=1.5)
        self.rect(left, top, width, height)
        self.set_dash_pattern()
        self._write_code(voucher.code, left + width - _INSET - _QR, top + _INSET)
        self._write_words(voucher, left + _INSET, top + _INSET, width - _QR - 3 * _INSET)
        self.ink(14, INK, "B")
        self._line(code_on_paper(voucher.code), left, top + height - 15, width, Align.C)
        self.ink(7, SECOND)
        how = " · ".join(sentence(language, "staff.paper.voucher.how") for language in _LANGUAGES)
        self._line(how, left, top + height - 7.5, width, Align.C)

    def _write_code(self, code: str, left: float, top: float) -> None:
        self.image(io.BytesIO(qr_png(code)), left, top, _QR, _QR)

    def _write_words(self, voucher: Voucher, left: float, top: float, width: float) -> None:
        for number, language in enumerate(_LANGUAGES):
            y = top + number * 17
            self.ink(8, SECOND)
            self._line(self.fitted(self._titles[language], width), left, y, width)
            self.ink(11, INK, "B")
            self._line(self.fitted(_worth(voucher, language), width), left, y + 4.6, width)
            self.ink(8, SECOND)
            self._line(self.fitted(self._until(voucher, language), width), left, y + 11, width)

    def _until(self, voucher: Voucher, language: Language) -> str:
        if voucher.valid_until is None:
            return sentence(language, "staff.paper.voucher.for_ever")
        day = date_in(language, voucher.valid_until.astimezone(self._zone).date())
        return sentence(language, "staff.paper.voucher.until", date=day)

    def _line(self, text: str, left: float, top: float, width: float, align: Align = Align.L) -> None:
        self.set_xy(left, top)
        self.cell(width, 5, text, align=align)


def _worth(voucher: Voucher, language: Language) -> str:
    match voucher.kind:
        case VoucherKind.PERCENT:
            return sentence(language, "staff.paper.voucher.percent", n=voucher.value)
        case VoucherKind.AMOUNT:
            return sentence(language, "staff.paper.voucher.amount", amount=display_baht(voucher.value))
        case VoucherKind.FREE:
            return sentence(language, "staff.paper.voucher.free")
