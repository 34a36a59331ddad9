"""A report as a PDF to be printed or sent: A4, a chart and tables, in the language of its reader.

Importing it takes a quarter of a second: import it where a report is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from fpdf.enums import Align

from kiosk.language import Language, sentence
from kiosk.sheet import INK, ROW_MM, RULE, SECOND, Sheet
from kiosk.visits.report_chart import Chart, chart_of, shown_ticks
from kiosk.visits.report_folding import ALL_SITES
from kiosk.visits.report_words import date_in, labels_in, period_in, ticks_in
from kiosk.visits.reports import Figures, Report

_NEW, _RETURNING = (132, 125, 112), (212, 175, 55)
_CHART_HEIGHT = 56.0
_AXIS_WIDTH = 13.0
_FIRST_WIDTH = 48.0
_WIDEST_FIGURE = 19.0
_TICK_WIDTH = 13.0
_MOST_NUMBERED_BARS = 16
_COLUMNS = tuple((name, name) for name in ("visitors", "new", "returning", "female", "male", "unknown"))
_CROSSINGS = (("in", "came_in"), ("out", "went_out"))


def report_pdf(report: Report, language: Language) -> bytes:
    """The file. Of several sites it has the totals of each; the CSV has their spans as well."""
    sheet = _Sheet(report, language)
    rows = [row for row in report.rows if row.site_id == ALL_SITES]
    begins = [row.begins for row in rows]
    labels = labels_in(language, report.query, begins)
    sheet.write_head()
    sheet.write_chart(ticks_in(language, report.query, begins), [row.figures for row in rows])
    total = report.total[0].figures
    sites = [(report.site_names[row.site_id], row.figures) for row in report.total if row.site_id]
    if sites:
        sheet.write_figures(sentence(language, "store.report.by_shop"), sites, total)
    spans = [(label, row.figures) for label, row in zip(labels, rows, strict=True)]
    sheet.write_figures(sentence(language, f"store.report.by.{report.query.by}"), spans, total)
    return bytes(sheet.output())


class _Sheet(Sheet):
    """The pages of one report."""

    def __init__(self, report: Report, language: Language) -> None:
        query, local = report.query, report.made_at.astimezone(ZoneInfo(report.timezone))
        self._report = report
        self._head_lines = (
            sentence(language, f"store.report_file.by.{query.by}"),
            _sites(report, language),
            period_in(language, query.since, query.until),
        )
        made = sentence(
            language,
            "store.report_file.made",
            date=date_in(language, local.date()),
            time=f"{local:%H:%M}",
            zone=report.timezone,
        )
        super().__init__(language, ", ".join(self._head_lines), made)
        self.set_creation_date(report.made_at)

    def write_head(self) -> None:
        """What it is of, and how it was counted."""
        title, sites, period = self._head_lines
        self.write_lines([title], 20, style="B")
        self.write_lines([sites], 13, style="B")
        self.write_lines([period], 13)
        self.ln(2)
        self.write_lines([self.say(key) for key in self._notes()], 9.5, SECOND)
        self.ln(5)

    def write_chart(self, ticks: Sequence[str], figures: Sequence[Figures]) -> None:
        """Bars of new visitors on those who returned, with their legend."""
        chart, left, width = chart_of(figures), self.l_margin + _AXIS_WIDTH, self.epw - _AXIS_WIDTH
        top, foot = self.get_y() + 4, self.get_y() + 4 + _CHART_HEIGHT
        self._lines(chart, left, width, foot)
        for bar in chart.bars:
            x, wide = left + bar.x * width, bar.width * width
            returning, new = bar.returning * _CHART_HEIGHT, bar.new * _CHART_HEIGHT
            self._block(x, foot - returning, wide, returning, _RETURNING)
            self._block(x, foot - returning - new, wide, new, _NEW)
            if len(chart.bars) <= _MOST_NUMBERED_BARS:
                self.ink(8, INK, "B")
                middle = x + wide / 2
                self._centred(f"{bar.visitors:,}", middle, foot - returning - new - 4.4)
        self.ink(8, SECOND)
        for number in shown_ticks(ticks, int(width / _TICK_WIDTH)):
            bar = chart.bars[number]
            self._centred(ticks[number], left + (bar.x + bar.width / 2) * width, foot + 1)
        self.set_y(foot + 7)
        self._legend()
        self.set_y(max(self.get_y(), top) + 8)

    def write_figures(self, name: str, rows: Sequence[tuple[str, Figures]], total: Figures) -> None:
        """A table with a line for each row and the total at its end; its head comes again on each page."""
        self._figures_head(name)
        for number, (label, figures) in enumerate(rows, start=1):
            together = 2 if number == len(rows) else 1  # the total never stands alone on a page
            if self.will_page_break(ROW_MM * together):
                self.add_page()
                self._figures_head(name)
            self._figures_row(label, figures)
        self._figures_row(self.say("store.report.total"), total, "B")
        self.ln(7)

    # -- the parts ------------------------------------------------------------------------------------

    def _notes(self) -> list[str]:
        notes = ["store.report_file.counted"]
        if self._has_crossings():
            notes.append("store.report_file.crossings")
        if not self._report.covers_chain:
            notes.append("store.report_file.only_here")
        return notes

    def _has_crossings(self) -> bool:
        total = self._report.total[0].figures
        return bool(total.came_in or total.went_out)

    def _columns(self) -> Sequence[tuple[str, str]]:
        """The word and the figure of each; crossings only where there were any."""
        return (*_COLUMNS, *_CROSSINGS) if self._has_crossings() else _COLUMNS

    def _block(self, x: float, y: float, width: float, height: float, color: tuple[int, int, int]) -> None:
        if height > 0:
            self.set_fill_color(*color)
            self.rect(x, y, width, height, style="F")

    def _centred(self, text: str, middle: float, y: float) -> None:
        width = self.get_string_width(text) + 2
        self.set_xy(middle - width / 2, y)
        self.cell(width, 4, text, align=Align.C)

    def _lines(self, chart: Chart, left: float, width: float, foot: float) -> None:
        """The lines behind the bars, with their values at the left."""
        self.set_draw_color(*RULE)
        self.set_line_width(0.2)
        self.ink(8, SECOND)
        for value in chart.lines:
            y = foot - value / chart.lines[-1] * _CHART_HEIGHT
            self.line(left, y, left + width, y)
            self.set_xy(self.l_margin, y - 2)
            self.cell(_AXIS_WIDTH - 2, 4, f"{value:,}", align=Align.R)

    def _legend(self) -> None:
        self.set_x(self.l_margin + _AXIS_WIDTH)
        for key, color in (("store.report.new", _NEW), ("store.report.returning", _RETURNING)):
            self._block(self.get_x(), self.get_y() + 0.8, 3, 3, color)
            self.ink(9, SECOND)
            self.set_x(self.get_x() + 4)
            text = self.say(key)
            self.cell(self.get_string_width(text) + 6, 4.6, text)
        self.ln()

    def _figures_head(self, name: str) -> None:
        self.ink(8.5, SECOND, "B")
        self._line_of_table(name, [self.say(f"store.report.{key}") for key, _ in self._columns()])
        self.rule(0.4)

    def _figures_row(self, label: str, figures: Figures, style: str = "") -> None:
        self.ink(9.5, INK, style)
        self._line_of_table(label, [f"{getattr(figures, figure):,}" for _, figure in self._columns()])
        self.rule(0.1)

    def _line_of_table(self, first: str, others: Sequence[str]) -> None:
        width = min(_WIDEST_FIGURE, (self.epw - _FIRST_WIDTH) / len(others))
        first_width = self.epw - width * len(others)
        self.cell(first_width, ROW_MM, self.fitted(first, first_width - 2))
        self.set_text_shaping(not all(text.isascii() for text in others))  # which takes most of the time
        for text in others:
            self.cell(width, ROW_MM, text, align=Align.R)
        self.set_text_shaping(True)
        self.ln()


def _sites(report: Report, language: Language) -> str:
    names = list(report.site_names.values())
    if len(names) > 1 and not report.query.site_ids:
        return sentence(language, "store.period.chain")
    return ", ".join(names)
