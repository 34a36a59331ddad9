"""Counts of visits by span and site, in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from kiosk.database.people_tables import LineCountRow, SiteRow, VisitRow
from kiosk.database.seconds import Second
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_list import check_sites
from kiosk.visits.report_folding import Slice, fold
from kiosk.visits.report_spans import Spans
from kiosk.visits.reports import Figures, Report, ReportQuery
from kiosk.visits.types import Gender


class SqlVisitReports:
    """The `Reports` of a tenant, by the calendar of `zone`. Any thread.

    The database counts on the grid of the report's spans, so that what it hands over is small. Crossings of
    lines are kept by the hour of UTC: where the clocks are half an hour or a quarter off from that, all of an
    hour counts where it begins.
    """

    def __init__(self, tenant_database: TenantDatabase, zone: ZoneInfo) -> None:
        self._database = tenant_database
        self._zone = zone

    def report(self, query: ReportQuery) -> Report:
        """Also raises SITE_UNKNOWN."""
        spans = Spans(query, self._zone)
        with self._database.reading() as session:
            check_sites(session, query.site_ids)
            names = _site_names(session)
            slices = [*_visits(session, query, spans), *_crossings(session, query, spans)]
        return fold(query, self._zone, spans, slices, names, self._database.clock.now())


def _site_names(session: Session) -> dict[str, str]:
    rows = session.execute(select(SiteRow.site_id, SiteRow.name))
    return {row.site_id: row.name for row in rows}


def _visits(session: Session, query: ReportQuery, spans: Spans) -> Iterator[Slice]:
    counts = (
        func.count(),
        func.count().filter(VisitRow.is_returning),
        func.count().filter(VisitRow.gender == Gender.FEMALE.value),
        func.count().filter(VisitRow.gender == Gender.MALE.value),
    )
    rows = _by_step(VisitRow.began_at, VisitRow.site_id, query, spans, *counts)
    for step, site_id, visitors, returning, female, male in session.execute(rows):
        figures = Figures(
            visitors=visitors,
            new=visitors - returning,
            returning=returning,
            female=female,
            male=male,
            unknown=visitors - female - male,
        )
        yield Slice(step, site_id, figures)


def _crossings(session: Session, query: ReportQuery, spans: Spans) -> Iterator[Slice]:
    sums = (func.sum(LineCountRow.came_in), func.sum(LineCountRow.went_out))
    rows = _by_step(LineCountRow.hour, LineCountRow.site_id, query, spans, *sums)
    for step, site_id, came_in, went_out in session.execute(rows):
        yield Slice(step, site_id, Figures(came_in=int(came_in), went_out=int(went_out)))


def _by_step(
    moment: InstrumentedAttribute[datetime],
    site_id: InstrumentedAttribute[str],
    query: ReportQuery,
    spans: Spans,
    *counts: ColumnElement[Any],
) -> Select[Any]:
    """What is counted in each step of the grid at each site."""
    step = ((Second(moment) - spans.since_s) // spans.step_s).label("step")
    rows = (
        select(step, site_id, *counts)
        .where(moment >= _utc(spans.since_s), moment < _utc(spans.until_s))
        .group_by(step, site_id)
    )
    return rows.where(site_id.in_(query.site_ids)) if query.site_ids else rows


def _utc(second: int) -> datetime:
    return datetime.fromtimestamp(second, UTC)
