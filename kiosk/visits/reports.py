"""What a report of visits is: which spans, which sites, and its rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Span(StrEnum):
    """What a row of a report stands for. HOUR is each hour of the days asked for, WEEKDAY all Mondays
    together, WEEK an ISO 8601 week from Monday on. A day has the hours that it had there: 23, 24 or 25."""

    HOUR = "hour"
    DAY = "day"
    WEEKDAY = "weekday"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class ReportQuery:
    """`since` and `until` are days at the venue, both included. No `site_ids`: all sites."""

    by: Span
    since: date
    until: date
    site_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Figures:
    """Visits of a row, staff never among them. `new` are those not known to have been here before: whoever is
    counted without being known is among them. `came_in` and `went_out` are crossings of lines."""

    visitors: int = 0
    new: int = 0
    returning: int = 0
    female: int = 0
    male: int = 0
    unknown: int = 0
    came_in: int = 0
    went_out: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(
            self.visitors + other.visitors,
            self.new + other.new,
            self.returning + other.returning,
            self.female + other.female,
            self.male + other.male,
            self.unknown + other.unknown,
            self.came_in + other.came_in,
            self.went_out + other.went_out,
        )


@dataclass(frozen=True, slots=True)
class ReportRow:
    """`begins` is the local beginning of the span, as far as it is asked for: of a month asked for from the
    15th on that day, of a weekday the first one. `site_id` is empty for the row of all sites together."""

    begins: datetime
    site_id: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class Report:
    """`rows` in the order of time (weekdays from Monday on), spans without visits included, each first for
    all sites together and then, where there is more than one, by site in the order of `site_names`; `total`
    likewise. `site_names` are those that the report is of, by name. `covers_chain` is False where only what
    this machine knows is in it, since the centre could not be asked."""

    query: ReportQuery
    made_at: datetime
    timezone: str
    site_names: dict[str, str]
    rows: tuple[ReportRow, ...]
    total: tuple[ReportRow, ...]
    covers_chain: bool
