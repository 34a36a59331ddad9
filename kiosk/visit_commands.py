"""What a shop counted, on the command line, beside a running one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from kiosk.adapters import choose_centre
from kiosk.database.sites import SqlSites
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_list import SqlVisitList
from kiosk.database.visit_reports import SqlVisitReports
from kiosk.store_commands import Shop, shop_at
from kiosk.sync.chain_reports import ChainReports
from kiosk.sync_commands import no_centre
from kiosk.visits.ports import VisitQuery
from kiosk.visits.report_fallback import ChainElseOwn
from kiosk.visits.report_spans import moments_of
from kiosk.visits.reports import Report, ReportQuery, Span
from kiosk.visits.store_rules import site_named
from kiosk.visits.types import Visit

_AT_ONCE = 20_000


@dataclass(frozen=True, slots=True)
class Days:
    """The days asked for, both included; what is open is this month until today."""

    since: date | None = None
    until: date | None = None

    def at(self, now: datetime, zone: ZoneInfo) -> tuple[date, date]:
        """As days at the venue."""
        until = self.until or now.astimezone(zone).date()
        return self.since or until.replace(day=1), until


@dataclass(frozen=True, slots=True)
class ListedVisits:
    """Visits with the names of their sites; times are those of `zone`."""

    visits: Sequence[Visit]
    site_names: dict[str, str]
    zone: ZoneInfo


def report_here(home: Path, by: Span, days: Days, sites: Sequence[str]) -> Report:
    """What this machine counted. Raises KnownError: REPORT_SPAN, SITE_UNKNOWN, DATABASE_*, SETTING_*."""
    with shop_at(home) as shop, _door(shop) as chain:
        report = report_of(shop.tenant, _zone(shop), by, days, sites)
        return replace(report, covers_chain=chain is None)


def report_of_chain(home: Path, by: Span, days: Days, sites: Sequence[str]) -> Report:
    """What the chain counted, as its centre says; while that is away what this machine did. Raises as
    `report_here`, and NOT_ENROLLED where there is no centre."""
    with shop_at(home) as shop, _door(shop) as chain:
        if chain is None:
            raise no_centre()
        zone = _zone(shop)
        own = SqlVisitReports(shop.tenant, zone)
        query = _query(shop.tenant, zone, by, days, sites)
        return ChainElseOwn(chain, own, SqlVisitList(shop.tenant)).report(query)


def report_of(rows: TenantDatabase, zone: ZoneInfo, by: Span, days: Days, sites: Sequence[str]) -> Report:
    """What is counted in a database. Raises KnownError: REPORT_SPAN, SITE_UNKNOWN, DATABASE_*."""
    return SqlVisitReports(rows, zone).report(_query(rows, zone, by, days, sites))


def visits_here(home: Path, days: Days, sites: Sequence[str], most: int | None = None) -> ListedVisits:
    """The visits that this machine knows of, the newest first. Raises KnownError: SITE_UNKNOWN, DATABASE_*,
    SETTING_*."""
    with shop_at(home) as shop:
        zone = _zone(shop)
        since, until = moments_of(*days.at(shop.tenant.clock.now(), zone), zone)
        query = VisitQuery(since, until, _site_ids(shop.tenant, sites), limit=min(most or _AT_ONCE, _AT_ONCE))
        names = {site.site_id: site.name for site in shop.sites.sites()}
        return ListedVisits(list(_pages(SqlVisitList(shop.tenant), query, most)), names, zone)


def _pages(visits: SqlVisitList, query: VisitQuery, most: int | None) -> Iterator[Visit]:
    while page := visits.visits(query):
        yield from page
        query = replace(query, offset=query.offset + len(page))
        if len(page) < query.limit or (most is not None and query.offset >= most):
            return


def _query(rows: TenantDatabase, zone: ZoneInfo, by: Span, days: Days, sites: Sequence[str]) -> ReportQuery:
    since, until = days.at(rows.clock.now(), zone)
    return ReportQuery(by, since, until, _site_ids(rows, sites))


def _site_ids(rows: TenantDatabase, names: Collection[str]) -> tuple[str, ...]:
    """The ids of sites by their names, or by their ids. Raises KnownError(SITE_UNKNOWN)."""
    known = SqlSites(rows).sites()
    return tuple(dict.fromkeys(site_named(known, name).site_id for name in names))


@contextmanager
def _door(shop: Shop) -> Iterator[ChainReports | None]:
    """The way to the chain; None for a machine that stands alone."""
    door = choose_centre(shop.settings.central, shop.tenant.database, shop.tenant.clock)
    if door is None:
        yield None
        return
    try:
        yield ChainReports(door.client)
    finally:
        door.close()


def _zone(shop: Shop) -> ZoneInfo:
    return ZoneInfo(shop.settings.kiosk.timezone)
