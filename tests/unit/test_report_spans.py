"""The spans of reports as calendars have them, what they are called, and how a chart shows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest

from kiosk.language import Language
from kiosk.visits.report_chart import chart_of, shown_ticks
from kiosk.visits.report_spans import Spans, moments_of
from kiosk.visits.report_words import labels_in, period_in, ticks_in
from kiosk.visits.reports import Figures, ReportQuery, Span

BANGKOK = ZoneInfo("Asia/Bangkok")


def spans(by: Span, since: str, until: str, zone: str) -> Spans:
    return Spans(ReportQuery(by, date.fromisoformat(since), date.fromisoformat(until)), ZoneInfo(zone))


@pytest.mark.parametrize(
    ("by", "since", "until", "zone", "step_s"),
    [
        (Span.DAY, "2026-11-01", "2026-11-30", "Asia/Bangkok", 86400),
        (Span.WEEK, "2026-11-02", "2026-11-29", "Asia/Bangkok", 7 * 86400),
        (Span.DAY, "2026-10-01", "2026-10-31", "Europe/Berlin", 3600),
        (Span.HOUR, "2026-11-03", "2026-11-03", "Asia/Kathmandu", 3600),
        (Span.HOUR, "2026-04-05", "2026-04-05", "Australia/Lord_Howe", 1800),
    ],
)
def test_the_database_counts_in_the_widest_steps_that_there_are(
    by: Span, since: str, until: str, zone: str, step_s: int
) -> None:
    assert spans(by, since, until, zone).step_s == step_s


@pytest.mark.parametrize("year", [2026])
def test_in_no_zone_of_the_world_a_moment_is_lost_or_counted_twice(year: int) -> None:
    """Days follow each other without a gap, and hours of each change of the clocks do."""
    for zone in sorted(available_timezones() - {"localtime"}):
        days = spans(Span.DAY, f"{year}-01-01", f"{year}-12-31", zone)
        local = [begins.astimezone(UTC) for begins in days.begins]
        assert len(local) in (365, 366), zone
        lengths = {later - earlier for earlier, later in pairwise(local)}
        assert all(timedelta(hours=22) <= each <= timedelta(hours=26) for each in lengths), zone
        assert all(
            begins.date() == date(year, 1, 1) + timedelta(days=n) for n, begins in enumerate(days.begins)
        )
        assert (days.until_s - days.since_s) % days.step_s == 0
        for n, (earlier, later) in enumerate(pairwise(local)):
            if later - earlier != timedelta(days=1):
                day = days.begins[n].date().isoformat()
                hours = spans(Span.HOUR, day, day, zone)
                assert hours.since_s == int(earlier.timestamp()), zone
                assert hours.until_s == int(later.timestamp()), zone
                labels = {(begins.hour, begins.utcoffset()) for begins in hours.begins}
                assert len(labels) == len(hours.begins), zone


def test_two_days_last_from_their_first_moment_until_after_their_last() -> None:
    assert moments_of(date(2026, 11, 1), date(2026, 11, 2), BANGKOK) == (
        datetime(2026, 10, 31, 17, tzinfo=UTC),
        datetime(2026, 11, 2, 17, tzinfo=UTC),
    )


# -- words ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("since", "until", "english", "thai"),
    [
        (date(2026, 11, 1), date(2026, 11, 1), "1 Nov 2026", "1 พ.ย. 2569"),
        (date(2026, 11, 1), date(2026, 11, 30), "1–30 Nov 2026", "1–30 พ.ย. 2569"),
        (date(2026, 11, 30), date(2027, 1, 2), "30 Nov 2026 – 2 Jan 2027", "30 พ.ย. 2569 – 2 ม.ค. 2570"),
    ],
)
def test_a_period_is_told_as_short_as_it_can_be(since: date, until: date, english: str, thai: str) -> None:
    assert period_in(Language.ENGLISH, since, until) == english
    assert period_in(Language.THAI, since, until) == thai


def test_an_hour_that_comes_twice_bears_its_offset() -> None:
    day = date(2026, 10, 25)
    query = ReportQuery(Span.HOUR, day, day)
    labels = labels_in(Language.ENGLISH, query, Spans(query, ZoneInfo("Europe/Berlin")).begins)
    assert labels[1:5] == ["01:00", "02:00 (UTC+02:00)", "02:00 (UTC+01:00)", "03:00"]
    assert len(set(labels)) == 25


@pytest.mark.parametrize(
    ("by", "label", "tick"),
    [
        (Span.HOUR, "2 Nov 00:00", "2 Nov"),
        (Span.DAY, "Mon 2 Nov 2026", "2 Nov"),
        (Span.WEEKDAY, "Monday", "Mon"),
        (Span.MONTH, "November 2026", "Nov 26"),
    ],
)
def test_spans_are_called_by_what_they_are(by: Span, label: str, tick: str) -> None:
    query = ReportQuery(by, date(2026, 11, 2), date(2026, 11, 8))
    begins = Spans(query, BANGKOK).begins
    assert labels_in(Language.ENGLISH, query, begins)[0] == label
    assert ticks_in(Language.ENGLISH, query, begins)[0] == tick


def test_of_the_hours_of_several_days_each_day_is_named_once_below_a_chart() -> None:
    query = ReportQuery(Span.HOUR, date(2026, 11, 2), date(2026, 11, 3))
    ticks = ticks_in(Language.ENGLISH, query, Spans(query, BANGKOK).begins)
    assert [(number, tick) for number, tick in enumerate(ticks) if tick] == [(0, "2 Nov"), (24, "3 Nov")]


# -- the chart ------------------------------------------------------------------------------------


def test_a_bar_is_as_high_as_its_visitors_and_no_bar_leaves_the_chart() -> None:
    figures = [Figures(visitors=n, new=n - n // 3, returning=n // 3) for n in (0, 1, 7, 39, 12)]
    chart = chart_of(figures)
    assert chart.lines == (0, 10, 20, 30, 40)
    for bar, counted in zip(chart.bars, figures, strict=True):
        assert (bar.new + bar.returning) * 40 == pytest.approx(counted.visitors)
        assert bar.x >= 0
        assert bar.x + bar.width <= 1
    assert all(left.x + left.width < right.x for left, right in pairwise(chart.bars))


@pytest.mark.parametrize("top", [0, 1, 2, 5, 9, 10, 99, 101, 1234, 99_999])
def test_the_lines_of_a_chart_are_few_and_round_and_reach_the_highest_bar(top: int) -> None:
    lines = chart_of([Figures(visitors=top, new=top)]).lines
    assert 2 <= len(lines) <= 5
    assert lines[0] == 0
    assert lines[-1] >= max(top, 1)
    assert len({b - a for a, b in pairwise(lines)}) == 1
    assert str(lines[1]).rstrip("0") in ("1", "2", "5")


def test_no_more_ticks_are_drawn_than_have_room() -> None:
    ticks = [f"day {number}" if number % 24 == 0 else "" for number in range(24 * 30)]
    shown = shown_ticks(ticks, 12)
    assert 5 < len(shown) <= 12
    assert all(ticks[number] for number in shown)
    assert shown_ticks(["a", "b"], 12) == [0, 1]
    assert shown_ticks([], 12) == []
