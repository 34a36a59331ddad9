"""Reports and lists of visits as CSV (`kiosk.csv_file`).

The headers are stable and English, for programs. Times are the venue's, as spreadsheets know them, with the
offset from UTC beside them: an hour may come twice a year.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from kiosk.csv_file import csv_bytes
from kiosk.visits.report_folding import ALL_SITES
from kiosk.visits.report_words import utc_offset
from kiosk.visits.reports import Report
from kiosk.visits.types import Visit

_REPORT_HEADER = (
    "by",
    "begins",
    "utc_offset",
    "site",
    "site_id",
    "visitors",
    "new",
    "returning",
    "female",
    "male",
    "gender_unknown",
    "came_in",
    "went_out",
    "covers_chain",
)
_VISIT_HEADER = (
    "began_at",
    "ended_at",
    "utc_offset",
    "site",
    "site_id",
    "camera_id",
    "gender",
    "returning",
    "visit_number",
    "visit_id",
)


def report_csv(report: Report) -> bytes:
    """A line for each row of the report; in those of several sites together no site is named. Without the
    totals, so that a sum over the lines of a site is right."""
    only_site = next(iter(report.site_names)) if len(report.site_names) == 1 else ALL_SITES
    lines = [
        (
            report.query.by.value,
            f"{row.begins:%Y-%m-%d %H:%M}",
            utc_offset(row.begins),
            report.site_names.get(row.site_id or only_site, ""),
            row.site_id or only_site,
            row.figures.visitors,
            row.figures.new,
            row.figures.returning,
            row.figures.female,
            row.figures.male,
            row.figures.unknown,
            row.figures.came_in,
            row.figures.went_out,
            _yes(report.covers_chain),
        )
        for row in report.rows
    ]
    return csv_bytes(_REPORT_HEADER, lines)


def visits_csv(
    visits: Iterable[Visit], site_names: Mapping[str, str], zone: ZoneInfo, *, with_names: bool = False
) -> bytes:
    """A line for each visit. Who it was only where that is asked for; pictures never."""

    def shown(moment: datetime | None) -> str:
        return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else ""

    lines = [
        (
            shown(visit.began_at),
            shown(visit.ended_at),
            utc_offset(visit.began_at.astimezone(zone)),
            site_names.get(visit.site_id, ""),
            visit.site_id,
            visit.stream_id,
            visit.gender.value,
            _yes(visit.is_returning),
            visit.number if visit.number is not None else "",
            visit.visit_id,
            *([visit.name] if with_names else []),
        )
        for visit in visits
    ]
    return csv_bytes((*_VISIT_HEADER, *(["name"] if with_names else [])), lines)


def _yes(fact: bool) -> str:
    return "yes" if fact else "no"
