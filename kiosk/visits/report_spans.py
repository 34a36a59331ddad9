"""The spans of a report as the calendar of the venue has them, in UTC seconds."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.reports import ReportQuery, Span

MOST_SPANS = 1000
_MOST_DAYS = {Span.HOUR: MOST_SPANS // 24, Span.DAY: MOST_SPANS}
_MOST_DAYS_ELSE = 3660
_YEARS = range(2000, 2200)
_DAY = timedelta(days=1)
_HOUR_S = 3600
_MINUTE_S = 60


class Spans:
    """What the rows of a report stand for, from `since_s` until before `until_s` (seconds since 1970).
    Immutable.

    Each beginning is whole steps of `step_s` after `since_s`, the widest step that there is: days in Bangkok
    have a grid of days, where a change of the clocks is among them one of hours, hours in Kathmandu one of
    hours from a quarter past.
    """

    def __init__(self, query: ReportQuery, zone: ZoneInfo) -> None:
        """Raises KnownError(REPORT_SPAN) for days that end before they begin, and for more rows than anybody
        reads."""
        _check(query)
        self._pieces = list(_pieces(query, zone))
        self.since_s, self.until_s = self._pieces[0], _first_second(query.until + _DAY, zone)
        self.step_s = math.gcd(*(piece_s - self.since_s for piece_s in (*self._pieces, self.until_s)))
        locally = [datetime.fromtimestamp(piece_s, zone) for piece_s in self._pieces]
        if query.by is Span.WEEKDAY:
            present = sorted({local.weekday() for local in locally})
            self._rows = [present.index(local.weekday()) for local in locally]
        else:
            self._rows = list(range(len(locally)))
        self.begins = [locally[self._rows.index(row)] for row in range(max(self._rows) + 1)]
        """The local beginning of each row, in the order of the rows."""

    def row_at(self, moment_s: int) -> int:
        """The row of a moment between `since_s` and `until_s`."""
        return self._rows[bisect_right(self._pieces, moment_s) - 1]


def moments_of(since: date, until: date, zone: tzinfo) -> tuple[datetime, datetime]:
    """From when until before when two days and all between them last there, in UTC."""
    first_s, end_s = _first_second(since, zone), _first_second(until + _DAY, zone)
    return datetime.fromtimestamp(first_s, UTC), datetime.fromtimestamp(end_s, UTC)


def _check(query: ReportQuery) -> None:
    days = (query.until - query.since).days + 1
    most = _MOST_DAYS.get(query.by, _MOST_DAYS_ELSE)
    if days < 1:
        raise _refused("The report would end before it begins.", "Choose an end on or after its beginning.")
    if query.since.year not in _YEARS or query.until.year not in _YEARS:
        raise _refused(f"Reports are of the years {_YEARS.start} to {_YEARS.stop - 1}.", "Choose other days.")
    if days > most:
        raise _refused(
            f"By {query.by} a report has at most {most} days, not {days}.",
            "Choose fewer days, or longer spans.",
        )


def _refused(detail: str, next_step: str) -> KnownError:
    return KnownError(ErrorCode.REPORT_SPAN, detail, next_step)


def _pieces(query: ReportQuery, zone: ZoneInfo) -> Iterator[int]:
    """Where the spans begin, one behind the other; of weekdays each day."""
    days = [query.since + _DAY * number for number in range((query.until - query.since).days + 1)]
    for day in days:
        if query.by is Span.HOUR:
            yield from _hours(day, zone)
        elif day == query.since or _begins_span(query.by, day):
            yield _first_second(day, zone)


def _begins_span(by: Span, day: date) -> bool:
    if by is Span.WEEK:
        return day.weekday() == 0
    return by is not Span.MONTH or day.day == 1


def _hours(day: date, zone: ZoneInfo) -> Iterator[int]:
    """Where the hours of a day begin. One in which the clocks are changed ends there."""
    first_s, end_s = _first_second(day, zone), _first_second(day + _DAY, zone)
    if end_s - first_s == _DAY.total_seconds():
        yield from range(first_s, end_s, _HOUR_S)
        return
    yield first_s
    for before_s, moment_s in pairwise(range(first_s, end_s, _MINUTE_S)):
        if _hour_of(before_s, zone) != _hour_of(moment_s, zone):
            yield moment_s


def _hour_of(moment_s: int, zone: ZoneInfo) -> tuple[int, timedelta | None]:
    local = datetime.fromtimestamp(moment_s, zone)
    return local.hour, local.utcoffset()


def _first_second(day: date, zone: tzinfo) -> int:
    """When a day begins there: at midnight, or when the clocks jump over it."""
    return int(datetime.combine(day, time(), zone).timestamp())
