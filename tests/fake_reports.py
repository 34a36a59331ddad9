"""Reports of visits counted one by one in plain Python: what every other way to count is held against."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.reports import Figures, Report, ReportQuery, ReportRow, Span

_LOOKS_EVERY = timedelta(minutes=15)


@dataclass(frozen=True)
class Came:
    """A visit, as far as reports are about it."""

    at: datetime
    site_id: str
    gender: str = "unknown"
    is_returning: bool = False

    def figures(self) -> Figures:
        return Figures(
            visitors=1,
            new=int(not self.is_returning),
            returning=int(self.is_returning),
            female=int(self.gender == "female"),
            male=int(self.gender == "male"),
            unknown=int(self.gender not in ("female", "male")),
        )


@dataclass(frozen=True)
class Crossed:
    """Crossings of the line of a stream within an hour."""

    hour: datetime
    site_id: str
    came_in: int
    went_out: int
    stream_id: str = "door"

    def figures(self) -> Figures:
        return Figures(came_in=self.came_in, went_out=self.went_out)


@dataclass
class FakeReports:
    """Looks at each visit and asks the calendar of the venue where it belongs."""

    zone: ZoneInfo
    now: Callable[[], datetime]
    sites: dict[str, str] = field(default_factory=dict)
    visits: list[Came] = field(default_factory=list)
    crossings: list[Crossed] = field(default_factory=list)

    def report(self, query: ReportQuery) -> Report:
        labels = _labels(query, self.zone)
        if not 1 <= len(labels) <= 1000 or (query.until - query.since).days >= 3660:
            raise KnownError(ErrorCode.REPORT_SPAN, "Too many rows, or none.")
        if set(query.site_ids) - self.sites.keys():
            raise KnownError(ErrorCode.SITE_UNKNOWN, "No such site.")
        wanted = query.site_ids or tuple(self.sites)
        names = dict(
            sorted(((each, self.sites[each]) for each in wanted), key=lambda s: (s[1].casefold(), s[0]))
        )
        counted = [(each.at, each.site_id, each.figures()) for each in self.visits]
        counted += [(each.hour, each.site_id, each.figures()) for each in self.crossings]

        def count(label: Hashable, site_id: str) -> Figures:
            total = Figures()
            for at, at_site, figures in counted:
                local = at.astimezone(self.zone)
                is_asked = query.since <= local.date() <= query.until and at_site in names
                fits = label is None or _label(query.by, local) == label
                if is_asked and fits and site_id in ("", at_site):
                    total = total + figures
            return total

        shown = ["", *names] if len(names) > 1 else [""]
        rows = [
            ReportRow(begins, site_id, count(label, site_id))
            for label, begins in labels.items()
            for site_id in shown
        ]
        begins = min(labels.values(), key=lambda local: local.timestamp())
        total = [ReportRow(begins, site_id, count(None, site_id)) for site_id in shown]
        return Report(query, self.now(), self.zone.key, names, tuple(rows), tuple(total), covers_chain=True)


def _label(by: Span, local: datetime) -> Hashable:
    """What the moments of one span share."""
    if by is Span.HOUR:
        return local.date(), local.hour, local.utcoffset()
    if by is Span.DAY:
        return local.date()
    if by is Span.WEEKDAY:
        return local.weekday()
    if by is Span.WEEK:
        return local.isocalendar()[:2]
    return local.year, local.month


def _labels(query: ReportQuery, zone: ZoneInfo) -> dict[Hashable, datetime]:
    """Every span that there is, with its first moment: by walking through the time on the clock."""
    labels: dict[Hashable, datetime] = {}
    moment = datetime.combine(_day_before(query.since), time(), UTC)
    end = datetime.combine(query.until + timedelta(days=2), time(), UTC)
    while moment < end:
        local = moment.astimezone(zone)
        if query.since <= local.date() <= query.until:
            labels.setdefault(_label(query.by, local), local)
        moment += _LOOKS_EVERY
    if query.by is Span.WEEKDAY:
        return dict(sorted(labels.items(), key=lambda each: each[1].weekday()))
    return labels


def _day_before(day: date) -> date:
    return day - timedelta(days=1)
