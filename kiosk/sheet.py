"""Pages to be printed or sent, in the language of their reader: our fonts; and sheets of A4 with tables.

Importing it takes a quarter of a second: import it where a sheet is written.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence

from fpdf import FPDF
from fpdf.enums import Align

from kiosk.language import Language, sentence
from kiosk.paths import resources_folder

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells of every table that it leaves out

Ink = tuple[int, int, int]
INK: Ink = (26, 26, 26)
SECOND: Ink = (104, 98, 87)
RULE: Ink = (214, 209, 198)
A4_MM = (210.0, 297.0)
ROW_MM = 6.4
_FAMILY = "plex"
_FONTS = {"": "IBMPlexSansThai_400Regular.ttf", "B": "IBMPlexSansThai_600SemiBold.ttf"}
_MARGIN_MM = 16.0
_FOOT_MM = 18.0


class Page(FPDF):
    """One page of a size, with a margin, to be written on. Thai is shaped: else its marks would stand beside
    each other."""

    def __init__(
        self, language: Language, title: str, size_mm: tuple[float, float], margin_mm: float
    ) -> None:
        super().__init__(unit="mm", format=size_mm)
        self.language = language
        for style, file in _FONTS.items():
            self.add_font(_FAMILY, style, resources_folder() / "fonts" / file)
        self.set_text_shaping(True)
        self.set_margins(margin_mm, margin_mm, margin_mm)
        self.c_margin = 0
        self.set_auto_page_break(False)
        self.set_title(title)
        self.set_lang(language.value)
        self.add_page()

    def say(self, key: str, **params: object) -> str:
        """A sentence in the sheet's language."""
        return sentence(self.language, key, **params)

    def ink(self, size: float, color: Ink = INK, style: str = "") -> None:
        """Size in points; style "" or "B"."""
        self.set_font(_FAMILY, style, size)
        self.set_text_color(*color)

    def rule(self, thickness_mm: float, color: Ink = RULE) -> None:
        """A line across the page."""
        self.set_draw_color(*color)
        self.set_line_width(thickness_mm)
        self.line(self.l_margin, self.get_y(), self.w - self.r_margin, self.get_y())

    def fitted(self, text: str, width_mm: float) -> str:
        """The text, or as much of it as there is room for."""
        if self.get_string_width(text) <= width_mm:
            return text
        while text and self.get_string_width(f"{text} …") > width_mm:
            text = text[:-1]
        return f"{text.rstrip()} …"


class Sheet(Page):
    """A4, as many pages as it takes; `foot` stands on each with the page's number."""

    def __init__(self, language: Language, title: str, foot: str = "") -> None:
        super().__init__(language, title, A4_MM, _MARGIN_MM)
        self._foot = foot
        self.set_auto_page_break(True, _FOOT_MM)

    def footer(self) -> None:
        """fpdf2 calls it at the end of each page."""
        self.set_y(-_FOOT_MM + 4)
        self.ink(8.5, SECOND)
        self.cell(self.epw / 2, 5, self._foot)
        page = self.say("sheet.page", page=self.page_no(), pages="{nb}")
        self.cell(self.epw / 2, 5, page, align=Align.R)

    def write_lines(self, lines: Sequence[str], size: float, color: Ink = INK, style: str = "") -> None:
        """Each on lines of its own, broken where it is too long."""
        self.ink(size, color, style)
        for line in lines:
            self.multi_cell(self.epw, size * 0.55, line, new_x="LMARGIN", new_y="NEXT")

    def write_table(
        self, head: Sequence[str], rows: Sequence[Sequence[str]], widths_mm: Sequence[float], last_bold: bool
    ) -> None:
        """The first column at the left, the others at the right; the head comes again on each page. The first
        column takes what `widths_mm`, those of the others, leave."""
        self._head(head, widths_mm)
        for number, row in enumerate(rows, start=1):
            if self.will_page_break(ROW_MM):
                self.add_page()
                self._head(head, widths_mm)
            is_bold = last_bold and number == len(rows)
            self.ink(9.5, INK, "B" if is_bold else "")
            self._row(row, widths_mm)
            self.rule(0.1)
        self.ln(7)

    def _head(self, head: Sequence[str], widths_mm: Sequence[float]) -> None:
        self.ink(8.5, SECOND, "B")
        self._row(head, widths_mm)
        self.rule(0.4)

    def _row(self, row: Sequence[str], widths_mm: Sequence[float]) -> None:
        first = self.epw - sum(widths_mm)
        self.cell(first, ROW_MM, self.fitted(row[0], first - 2))
        for text, width in zip(row[1:], widths_mm, strict=True):
            self.cell(width, ROW_MM, text, align=Align.R)
        self.ln()
