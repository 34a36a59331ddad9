"""Reports and lists of visits as the centre answers them, and as a kiosk reads them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, field_validator

from kiosk.sync.record_parts import Count, Id, Moment, Record, Text
from kiosk.visits.report_folding import MOST_ROWS
from kiosk.visits.reports import Figures, Report, ReportQuery, ReportRow, Span
from kiosk.visits.types import Gender, Visit

_MOST_SITES = 10_000
_MOST_VISITS = 500

SiteKey = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{0,64}$")]


class SiteAnswer(Record):
    """A site that the report is of."""

    site_id: Id
    name: Text


class RowAnswer(Record):
    """Figures of a span, from its local beginning on; without a `site_id` of all sites together. Visits of
    staff are in none; whoever is not known is among the `new`."""

    begins: Moment
    site_id: SiteKey
    visitors: Count
    new: Count
    returning: Count
    female: Count
    male: Count
    unknown: Count
    came_in: Count
    went_out: Count


class ReportAnswer(Record):
    """A report. `since` and `until` are days at the venue, both included; `rows` in the order of time, each
    span first for all sites together and then, where there are several, by site; `total` likewise."""

    by: Span
    since: date
    until: date
    site_ids: Annotated[list[Id], Field(max_length=_MOST_SITES)]
    made_at: Moment
    timezone: Text
    sites: Annotated[list[SiteAnswer], Field(max_length=_MOST_SITES)]
    rows: Annotated[list[RowAnswer], Field(max_length=MOST_ROWS)]
    total: Annotated[list[RowAnswer], Field(min_length=1, max_length=_MOST_SITES)]

    @field_validator("timezone")
    @classmethod
    def _is_a_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (OSError, ValueError, ZoneInfoNotFoundError) as unknown:
            raise ValueError("there is no such time zone") from unknown
        return name


class VisitAnswer(Record):
    """One stay of a visitor, without pictures and embeddings. `person_id` and `name` only of somebody who
    agreed to be known."""

    visit_id: Id
    kiosk_id: Id
    site_id: Id
    stream_id: Id
    person_id: Id | None
    name: Text = Field(repr=False)
    gender: Gender
    is_returning: bool
    number: Count | None
    began_at: Moment
    ended_at: Moment | None


class VisitListAnswer(Record):
    """Visits, the newest first; `has_more` behind them."""

    visits: Annotated[list[VisitAnswer], Field(max_length=_MOST_VISITS)]
    has_more: bool


def answer_of(report: Report) -> ReportAnswer:
    """What is answered."""
    query = report.query
    return ReportAnswer(
        by=query.by,
        since=query.since,
        until=query.until,
        site_ids=list(query.site_ids),
        made_at=report.made_at,
        timezone=report.timezone,
        sites=[SiteAnswer(site_id=site_id, name=name) for site_id, name in report.site_names.items()],
        rows=[_row_answer(row) for row in report.rows],
        total=[_row_answer(row) for row in report.total],
    )


def report_in(answer: ReportAnswer) -> Report:
    """What was answered."""
    zone = ZoneInfo(answer.timezone)
    return Report(
        query=ReportQuery(answer.by, answer.since, answer.until, tuple(answer.site_ids)),
        made_at=answer.made_at,
        timezone=answer.timezone,
        site_names={site.site_id: site.name for site in answer.sites},
        rows=tuple(_row_in(row, zone) for row in answer.rows),
        total=tuple(_row_in(row, zone) for row in answer.total),
        covers_chain=True,
    )


def visit_answer(visit: Visit) -> VisitAnswer:
    """What is answered of a visit: its picture lies at the machine that took it."""
    return VisitAnswer.model_validate(visit)


def visit_in(answer: VisitAnswer) -> Visit:
    """What was answered of it."""
    return Visit(**answer.model_dump(), picture_key=None)


def _row_answer(row: ReportRow) -> RowAnswer:
    figures = row.figures
    return RowAnswer(
        begins=row.begins,
        site_id=row.site_id,
        visitors=figures.visitors,
        new=figures.new,
        returning=figures.returning,
        female=figures.female,
        male=figures.male,
        unknown=figures.unknown,
        came_in=figures.came_in,
        went_out=figures.went_out,
    )


def _row_in(answer: RowAnswer, zone: ZoneInfo) -> ReportRow:
    figures = answer.model_dump(exclude={"begins", "site_id"})
    begins: datetime = answer.begins.astimezone(zone)
    return ReportRow(begins, answer.site_id, Figures(**figures))
