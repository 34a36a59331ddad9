"""What every report of visits is: counted in SQL, and one by one in plain Python."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.clock import ManualClock
from kiosk.database.engine import Database, open_database
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_reports import SqlVisitReports
from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.ports import Reports
from kiosk.visits.reports import Figures, Report, ReportQuery, ReportRow, Span
from tests.empty_databases import ON_SERVER, empty_url
from tests.fake_reports import Came, Crossed, FakeReports
from tests.visit_rows import add_crossings, add_sites, add_visits

NOW = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
BANGKOK, BERLIN = ZoneInfo("Asia/Bangkok"), ZoneInfo("Europe/Berlin")
KATHMANDU, LORD_HOWE = ZoneInfo("Asia/Kathmandu"), ZoneInfo("Australia/Lord_Howe")
SITES = {"river": "Riverside", "hill": "Hilltop"}
Make = Callable[..., Reports]


@pytest.fixture(params=["memory", "sqlite", ON_SERVER])
def reports_of(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Make]:
    """Makes the reports of a chain whose visits are these."""

    def in_memory(zone: ZoneInfo, visits: list[Came], crossings: list[Crossed] | None = None) -> Reports:
        return FakeReports(zone, lambda: NOW, dict(SITES), visits, crossings or [])

    def in_sql(zone: ZoneInfo, visits: list[Came], crossings: list[Crossed] | None = None) -> Reports:
        theirs = TenantDatabase(database, "chain", ManualClock(NOW))
        add_sites(theirs, SITES)
        add_visits(theirs, visits)
        add_crossings(theirs, crossings or [])
        return SqlVisitReports(theirs, zone)

    if request.param == "memory":
        yield in_memory
        return
    database = open_database(empty_url(request, tmp_path))
    yield in_sql
    database.close()


def at(text: str, zone: ZoneInfo = BANGKOK, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def asked(by: Span, since: str, until: str, *site_ids: str) -> ReportQuery:
    return ReportQuery(by, date.fromisoformat(since), date.fromisoformat(until), site_ids)


def visitors(report: Report, site_id: str = "") -> dict[str, int]:
    """By the local beginning of each row."""
    return {
        row.begins.isoformat(timespec="minutes"): row.figures.visitors
        for row in report.rows
        if row.site_id == site_id
    }


def test_who_came_is_counted_by_gender_and_by_whether_they_were_here_before(reports_of: Make) -> None:
    visits = [
        Came(at("2026-11-03 10:00"), "river", "female"),
        Came(at("2026-11-03 10:20"), "river", "male", is_returning=True),
        Came(at("2026-11-03 10:40"), "hill", "unknown"),
        Came(at("2026-11-03 10:50"), "hill", "word of an older version", is_returning=True),
    ]
    crossings = [Crossed(at("2026-11-03 10:00"), "river", came_in=7, went_out=5)]
    report = reports_of(BANGKOK, visits, crossings).report(asked(Span.DAY, "2026-11-03", "2026-11-03"))
    begins = datetime(2026, 11, 3, tzinfo=BANGKOK)
    together = Figures(visitors=4, new=2, returning=2, female=1, male=1, unknown=2, came_in=7, went_out=5)
    river = Figures(visitors=2, new=1, returning=1, female=1, male=1, came_in=7, went_out=5)
    hill = Figures(visitors=2, new=1, returning=1, unknown=2)
    rows = (
        ReportRow(begins, "", together),
        ReportRow(begins, "hill", hill),
        ReportRow(begins, "river", river),
    )
    assert report.rows == report.total == rows
    assert list(report.site_names.items()) == [("hill", "Hilltop"), ("river", "Riverside")]
    assert (report.made_at, report.timezone, report.covers_chain) == (NOW, "Asia/Bangkok", True)


def test_a_report_of_one_site_has_the_rows_of_that_site_only(reports_of: Make) -> None:
    visits = [Came(at("2026-11-03 10:00"), "river"), Came(at("2026-11-03 11:00"), "hill")]
    report = reports_of(BANGKOK, visits).report(asked(Span.DAY, "2026-11-03", "2026-11-04", "hill"))
    assert [(row.site_id, row.figures.visitors) for row in report.rows] == [("", 1), ("", 0)]
    assert [(row.site_id, row.figures.visitors) for row in report.total] == [("", 1)]
    assert report.site_names == {"hill": "Hilltop"}


def test_a_day_is_the_venues_and_ends_at_its_midnight(reports_of: Make) -> None:
    visits = [
        Came(at("2026-11-02 23:59:59.999999"), "river"),
        Came(at("2026-11-03 00:00:00"), "river"),
        Came(at("2026-11-03 23:59:59.999999"), "river"),
        Came(at("2026-11-04 23:59:59.999999"), "river"),
        Came(at("2026-11-05 00:00:00"), "river"),
    ]
    report = reports_of(BANGKOK, visits).report(asked(Span.DAY, "2026-11-03", "2026-11-04"))
    assert visitors(report) == {"2026-11-03T00:00+07:00": 2, "2026-11-04T00:00+07:00": 1}


def test_a_day_has_the_hours_that_it_had_there(reports_of: Make) -> None:
    visits = [
        Came(at("2026-10-25 02:30", BERLIN), "river"),
        Came(at("2026-10-25 02:30", BERLIN, fold=1), "river"),
        Came(at("2026-10-25 02:40", BERLIN, fold=1), "river"),
        Came(at("2026-10-25 23:30", BERLIN), "river"),
    ]
    reports = reports_of(BERLIN, visits)
    long_day = visitors(reports.report(asked(Span.HOUR, "2026-10-25", "2026-10-25")))
    assert len(long_day) == 25
    assert (long_day["2026-10-25T02:00+02:00"], long_day["2026-10-25T02:00+01:00"]) == (1, 2)
    assert long_day["2026-10-25T23:00+01:00"] == 1
    assert visitors(reports.report(asked(Span.DAY, "2026-10-25", "2026-10-25"))) == {
        "2026-10-25T00:00+02:00": 4
    }
    short_day = visitors(reports.report(asked(Span.HOUR, "2026-03-29", "2026-03-29")))
    assert len(short_day) == 23
    assert "2026-03-29T02:00+01:00" not in short_day


def test_hours_begin_where_they_do_in_zones_a_part_of_an_hour_off(reports_of: Make) -> None:
    visits = [
        Came(at("2026-11-03 09:59:59", KATHMANDU), "river"),
        Came(at("2026-11-03 10:00:00", KATHMANDU), "river"),
        Came(at("2026-11-03 10:59:59", KATHMANDU), "river"),
    ]
    rows = visitors(reports_of(KATHMANDU, visits).report(asked(Span.HOUR, "2026-11-03", "2026-11-03")))
    assert len(rows) == 24
    assert (rows["2026-11-03T09:00+05:45"], rows["2026-11-03T10:00+05:45"]) == (1, 2)


def test_an_hour_in_which_the_clocks_are_put_back_by_half_is_told_in_two(reports_of: Make) -> None:
    visits = [
        Came(at("2026-04-05 01:40", LORD_HOWE), "river"),
        Came(at("2026-04-05 01:40", LORD_HOWE, fold=1), "river"),
    ]
    rows = visitors(reports_of(LORD_HOWE, visits).report(asked(Span.HOUR, "2026-04-05", "2026-04-05")))
    assert len(rows) == 25
    assert (rows["2026-04-05T01:00+11:00"], rows["2026-04-05T01:30+10:30"]) == (1, 1)


def test_weeks_begin_on_mondays_also_across_years(reports_of: Make) -> None:
    visits = [
        Came(at("2025-12-28 12:00"), "river"),  # a Sunday: before what is asked for
        Came(at("2025-12-31 12:00"), "river"),
        Came(at("2026-01-04 12:00"), "river"),  # the Sunday of the same week
        Came(at("2026-01-05 00:00"), "river"),
    ]
    report = reports_of(BANGKOK, visits).report(asked(Span.WEEK, "2025-12-30", "2026-01-18"))
    assert visitors(report) == {
        "2025-12-30T00:00+07:00": 2,
        "2026-01-05T00:00+07:00": 1,
        "2026-01-12T00:00+07:00": 0,
    }
    assert [row.begins.isocalendar().week for row in report.rows if not row.site_id] == [1, 2, 3]


def test_months_without_visits_are_there_as_zeros(reports_of: Make) -> None:
    visits = [Came(at("2026-02-28 23:59"), "hill"), Came(at("2026-04-01 00:00"), "hill")]
    report = reports_of(BANGKOK, visits).report(asked(Span.MONTH, "2026-01-15", "2026-04-30"))
    assert list(visitors(report, "hill").values()) == [0, 1, 0, 1]
    assert list(visitors(report, "river").values()) == [0, 0, 0, 0]
    assert next(iter(visitors(report))) == "2026-01-15T00:00+07:00"


def test_all_mondays_are_one_row_and_the_first_one(reports_of: Make) -> None:
    visits = [
        Came(at("2026-11-01 12:00"), "river"),  # a Sunday
        Came(at("2026-11-02 12:00"), "river"),
        Came(at("2026-11-09 12:00"), "river"),
    ]
    report = reports_of(BANGKOK, visits).report(asked(Span.WEEKDAY, "2026-11-01", "2026-11-30"))
    rows = [row for row in report.rows if not row.site_id]
    assert [row.begins.weekday() for row in rows] == list(range(7))
    assert [row.figures.visitors for row in rows] == [2, 0, 0, 0, 0, 0, 1]
    assert rows[0].begins.date() == date(2026, 11, 2)


def test_a_chain_without_visits_has_a_report_of_zeros(reports_of: Make) -> None:
    report = reports_of(BANGKOK, []).report(asked(Span.MONTH, "2026-01-01", "2026-12-31"))
    assert len(report.rows) == 12 * 3
    assert {row.figures for row in (*report.rows, *report.total)} == {Figures()}


@pytest.mark.parametrize(
    "query",
    [
        asked(Span.DAY, "2026-11-03", "2026-11-02"),
        asked(Span.HOUR, "2026-11-01", "2026-12-31"),
        asked(Span.DAY, "2023-01-01", "2026-11-02"),
        asked(Span.MONTH, "2000-01-01", "2026-11-02"),
    ],
)
def test_a_span_that_nobody_reads_is_refused(reports_of: Make, query: ReportQuery) -> None:
    with pytest.raises(KnownError) as refused:
        reports_of(BANGKOK, []).report(query)
    assert refused.value.code is ErrorCode.REPORT_SPAN


def test_a_site_that_there_is_not_is_refused(reports_of: Make) -> None:
    with pytest.raises(KnownError) as refused:
        reports_of(BANGKOK, []).report(asked(Span.DAY, "2026-11-03", "2026-11-03", "river", "nowhere"))
    assert refused.value.code is ErrorCode.SITE_UNKNOWN


def test_of_another_chain_nothing_is_counted_and_no_site_is_named(tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")
    ours, theirs = (TenantDatabase(database, name, ManualClock(NOW)) for name in ("ours", "theirs"))
    add_sites(ours, {"river": "Riverside"})
    add_sites(theirs, {"their-river": "Their riverside"})
    add_visits(theirs, [Came(at("2026-11-03 10:00"), "their-river")])
    add_crossings(theirs, [Crossed(at("2026-11-03 10:00"), "their-river", 7, 5)])
    report = SqlVisitReports(ours, BANGKOK).report(asked(Span.DAY, "2026-11-03", "2026-11-03"))
    assert report.site_names == {"river": "Riverside"}
    assert report.total[0].figures == Figures()
    with pytest.raises(KnownError) as refused:
        SqlVisitReports(ours, BANGKOK).report(asked(Span.DAY, "2026-11-03", "2026-11-03", "their-river"))
    assert refused.value.code is ErrorCode.SITE_UNKNOWN
    database.close()


# -- whatever comes, wherever, by whatever calendar -------------------------------------------------

_CHANGES = [
    ("Europe/Berlin", date(2026, 3, 29)),
    ("Europe/Berlin", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)),
    ("Australia/Lord_Howe", date(2026, 10, 4)),
    ("Africa/Cairo", date(2026, 4, 24)),
    ("Africa/Cairo", date(2026, 10, 30)),
    ("America/Havana", date(2026, 11, 1)),
    ("Asia/Beirut", date(2026, 3, 29)),
    ("Asia/Kathmandu", date(2026, 11, 3)),
]
"""Days on which clocks are changed: at night, at midnight, by half an hour; and one a quarter off."""


@st.composite
def _asked(draw: st.DrawFn) -> tuple[ReportQuery, ZoneInfo]:
    by = draw(st.sampled_from(Span))
    if draw(st.booleans()):
        zone, since = draw(st.sampled_from(_CHANGES))
        days = draw(st.integers(0, 1))
    else:
        zone = draw(st.sampled_from(sorted(available_timezones() - {"localtime"})))
        since = draw(st.dates(date(2015, 1, 1), date(2035, 12, 1)))
        days = draw(st.integers(0, 3) if by is Span.HOUR else st.integers(0, 70))
    sites = draw(st.sampled_from([(), ("a",), ("b", "a"), ("a", "b", "c")]))
    return ReportQuery(by, since, since + timedelta(days=days), sites), ZoneInfo(zone)


@st.composite
def _case(draw: st.DrawFn) -> tuple[ReportQuery, ZoneInfo, list[Came], list[Crossed]]:
    query, zone = draw(_asked())
    first = datetime.combine(query.since, datetime.min.time())
    last = datetime.combine(query.until, datetime.max.time())
    moments = st.datetimes(first - timedelta(days=1), last + timedelta(days=1), timezones=st.just(UTC))
    on_the_dot = moments.map(
        lambda moment: moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    )
    barely_before = on_the_dot.map(lambda moment: moment - timedelta(microseconds=1))
    visits = st.builds(
        Came,
        st.one_of(moments, on_the_dot, barely_before),
        st.sampled_from("abc"),
        st.sampled_from(["female", "male", "unknown", ""]),
        st.booleans(),
    )
    hours = moments.map(lambda moment: moment.replace(minute=0, second=0, microsecond=0))
    crossings = st.builds(Crossed, hours, st.sampled_from("abc"), st.integers(0, 9), st.integers(0, 9))
    many = draw(st.lists(visits, min_size=5, max_size=60))
    lines = draw(st.lists(crossings, max_size=5, unique_by=lambda each: each.hour))
    return query, zone, many, lines


@pytest.fixture(scope="module")
def shared_file(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    database = open_database(tmp_path_factory.mktemp("property") / "kiosk.db")
    yield database
    database.close()


_tenants = (f"t{number}" for number in range(10**9))


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(case=_case())
def test_a_report_says_what_counting_one_by_one_says(
    shared_file: Database, case: tuple[ReportQuery, ZoneInfo, list[Came], list[Crossed]]
) -> None:
    """Each example is a chain of its own."""
    query, zone, visits, crossings = case
    tenant = next(_tenants)
    ours = TenantDatabase(shared_file, tenant, ManualClock(NOW))

    def own(site_id: str) -> str:
        return f"{tenant}-{site_id}"

    names = {own("a"): "Ähre", own("b"): "berg", own("c"): "Café"}
    add_sites(ours, names)
    visits = [replace(visit, site_id=own(visit.site_id)) for visit in visits]
    crossings = [replace(each, site_id=own(each.site_id)) for each in crossings]
    add_visits(ours, visits, prefix=tenant)
    add_crossings(ours, crossings, prefix=tenant)
    query = replace(query, site_ids=tuple(map(own, query.site_ids)))
    counted = SqlVisitReports(ours, zone).report(query)
    one_by_one = FakeReports(zone, lambda: NOW, names, visits, crossings).report(query)
    assert _written(counted) == _written(one_by_one)
    assert counted == one_by_one


def _written(report: Report) -> list[Any]:
    """With the offsets of the beginnings, which two moments of one zone are not compared by."""
    return [(row.begins.isoformat(), row.site_id, row.figures) for row in (*report.rows, *report.total)]
