"""From counts on a grid of UTC time to the rows of a report."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from kiosk.errors import ErrorCode, KnownError
from kiosk.visits.report_spans import Spans
from kiosk.visits.reports import Figures, Report, ReportQuery, ReportRow

MOST_ROWS = 20_000
ALL_SITES = ""
"""As the id of a site: all of the chain."""

_NONE = Figures()


@dataclass(frozen=True, slots=True)
class Slice:
    """What was counted at a site within a step of the grid of `Spans`."""

    step: int
    site_id: str
    figures: Figures


def fold(
    query: ReportQuery,
    zone: ZoneInfo,
    spans: Spans,
    slices: Iterable[Slice],
    names: Mapping[str, str],
    made_at: datetime,
) -> Report:
    """The report of what was counted. `names` are those of the chain's sites. Raises KnownError(REPORT_SPAN)
    where so many spans of so many sites are more rows than anybody reads."""
    sums: dict[tuple[int, str], Figures] = defaultdict(Figures)
    for part in slices:
        row = spans.row_at(spans.since_s + part.step * spans.step_s)
        sums[row, part.site_id] += part.figures
    site_names = _names_of(query, names, {site_id for _, site_id in sums})
    if len(spans.begins) * (len(site_names) + 1) > MOST_ROWS:
        raise KnownError(
            ErrorCode.REPORT_SPAN,
            f"A report of {len(spans.begins)} spans at {len(site_names)} sites has too many rows.",
            "Choose fewer days, longer spans, or some of the sites.",
        )
    rows = tuple(
        row
        for number, begins in enumerate(spans.begins)
        for row in _rows(begins, {site_id: sums.get((number, site_id), _NONE) for site_id in site_names})
    )
    totals = dict.fromkeys(site_names, _NONE)
    for (_, site_id), figures in sums.items():
        totals[site_id] += figures
    return Report(
        query=query,
        made_at=made_at,
        timezone=zone.key,
        site_names=site_names,
        rows=rows,
        total=tuple(_rows(datetime.fromtimestamp(spans.since_s, zone), totals)),
        covers_chain=True,
    )


def _rows(begins: datetime, by_site: Mapping[str, Figures]) -> Iterator[ReportRow]:
    """That of all sites together, and where there is more than one that of each."""
    yield ReportRow(begins, ALL_SITES, sum(by_site.values(), _NONE))
    if len(by_site) > 1:
        for site_id, figures in by_site.items():
            yield ReportRow(begins, site_id, figures)


def _names_of(query: ReportQuery, names: Mapping[str, str], counted: set[str]) -> dict[str, str]:
    """The sites asked for, else all there are, by name; one that has none is called by its id."""
    wanted = query.site_ids or {*names, *counted}
    called = {site_id: names.get(site_id, site_id) for site_id in wanted}
    return dict(sorted(called.items(), key=lambda each: (each[1].casefold(), each[0])))
