"""What the spans of a report are called, in the language of its reader."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime

from kiosk.language import Language, sentence
from kiosk.visits.reports import ReportQuery, Span

_BUDDHIST_OFFSET = 543


def year_in(language: Language, year: int) -> int:
    """In Thai Buddhist."""
    return year + _BUDDHIST_OFFSET if language is Language.THAI else year


def date_in(language: Language, day: date) -> str:
    """Such as "20 Nov 2026"; in Thai "20 พ.ย. 2569"."""
    return sentence(
        language,
        "phone.date",
        day=day.day,
        month=_short_month(language, day),
        year=year_in(language, day.year),
    )


def period_in(language: Language, since: date, until: date) -> str:
    """Both days included: "1–30 Nov 2026", "30 Nov 2026 – 2 Jan 2027"; one day is that day."""
    if since == until:
        return date_in(language, since)
    if (since.year, since.month) == (until.year, until.month):
        return f"{since.day}–{date_in(language, until)}"
    return f"{date_in(language, since)} – {date_in(language, until)}"


def labels_in(
    language: Language, query: ReportQuery, begins: Sequence[datetime], *, with_year: bool = True
) -> list[str]:
    """What the spans that begin so are called; days and weeks `with_year` where nothing else tells it. An
    hour that comes twice, when the clocks are put back, bears its offset from UTC."""
    has_days = query.since != query.until
    labels = [_label(language, query.by, local, has_days, with_year) for local in begins]
    often = Counter(labels)
    return [
        f"{label} ({utc_offset(local)})" if often[label] > 1 else label
        for label, local in zip(labels, begins, strict=True)
    ]


def ticks_in(language: Language, query: ReportQuery, begins: Sequence[datetime]) -> list[str]:
    """As `labels_in`, as short as below the bars of a chart; empty where it would say what the one before
    said: of the hours of several days only the first of each day has one."""
    ticks = [_tick(language, query, local) for local in begins]
    return [tick if tick != before else "" for before, tick in zip(["", *ticks], ticks, strict=False)]


def utc_offset(local: datetime) -> str:
    """Such as UTC+07:00."""
    return f"UTC{local.isoformat()[-6:]}"


def _label(language: Language, by: Span, local: datetime, has_days: bool, with_year: bool) -> str:
    day = local.date()
    day_and_month = f"{day.day} {_short_month(language, day)}"
    date_text = date_in(language, day) if with_year else day_and_month
    if by is Span.HOUR:
        time = f"{local:%H:%M}"
        return f"{day_and_month} {time}" if has_days else time
    if by is Span.DAY:
        weekday = sentence(language, f"store.weekday.{day.weekday()}")
        return f"{weekday} {date_text}"
    if by is Span.WEEKDAY:
        return sentence(language, f"store.weekday.{day.weekday()}.long")
    if by is Span.WEEK:
        number = day.isocalendar().week
        return sentence(language, "store.report.week", n=number, day=date_text)
    return f"{sentence(language, f'store.month.{day.month}')} {year_in(language, day.year)}"


def _tick(language: Language, query: ReportQuery, local: datetime) -> str:
    day = local.date()
    if query.by is Span.HOUR and query.since == query.until:
        return f"{local:%H}"
    if query.by is Span.WEEKDAY:
        return sentence(language, f"store.weekday.{day.weekday()}")
    if query.by is Span.MONTH:
        return f"{_short_month(language, day)} {year_in(language, day.year) % 100:02d}"
    return f"{day.day} {_short_month(language, day)}"


def _short_month(language: Language, day: date) -> str:
    return sentence(language, "phone.months").split()[day.month - 1]
