"""Reports of a chain's month, and of its year: on a file, on a server, and as a kiosk asks its centre."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from datetime import date, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.database.engine import Database, open_database
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_reports import SqlVisitReports
from kiosk.language import Language
from kiosk.sync.chain_reports import ChainReports
from kiosk.sync.client import CentralClient
from kiosk.sync.login import Credentials
from kiosk.visits.ports import Reports
from kiosk.visits.report_csv import report_csv
from kiosk.visits.report_pdf import report_pdf
from kiosk.visits.reports import ReportQuery, Span
from tests.measure.made_month import ZONE, fill, site_ids
from tests.peers.centre import CentreProcess
from tests.peers.postgres import PostgresServer
from tests.peers.processes import PeerMissingError

_FIRST = date(2026, 11, 1)
_MONTH = [_FIRST + timedelta(days=number) for number in range(30)]
_YEAR = [date(2026, 1, 1) + timedelta(days=number) for number in range(365)]
_GOAL = Goal(at_most=500)
_BARE = {
    ("sqlite", True): "substr(began_at, 1, 13)",
    ("sqlite", False): "substr(began_at, 1, 10)",
    ("postgresql", True): "date_trunc('hour', began_at)",
    ("postgresql", False): "date_trunc('day', began_at)",
}
"""By hour, or else by day."""
_CHAIN = "measured"


def measure_month(visits: int = 100_000, sites: int = 5, times: int = 20) -> list[Figure]:
    """Each kind of report of the whole month, and one of a single site, so many times."""
    queries = {by.value: ReportQuery(by, _MONTH[0], _MONTH[-1]) for by in Span}
    queries["day, one site"] = ReportQuery(Span.DAY, _MONTH[0], _MONTH[-1], (site_ids(sites)[0],))
    queries["year by month"] = ReportQuery(Span.MONTH, _YEAR[0], _YEAR[-1])
    of = f"a bare count of the same {visits} visits, {sites} sites"
    with TemporaryDirectory(prefix="measure-month-") as name, ExitStack() as stack:
        figures: list[Figure] = []
        for kind, database in _databases(stack, Path(name)):
            fill(database, _CHAIN, _MONTH, visits, sites)
            rows = TenantDatabase(database, _CHAIN)
            reports = SqlVisitReports(rows, ZONE)
            for called, query in queries.items():
                floor = _median_ms(partial(_count_bare, database, kind, query), 5)
                figures += _asked(f"month.{kind}.{called}", reports, query, times, floor, of)
        return [*figures, *_written(reports, times)]


def measure_year(visits: int = 1_200_000, sites: int = 5, times: int = 5) -> list[Figure]:
    """A year of such months, by month: twelve times as many visits."""
    query = ReportQuery(Span.MONTH, _YEAR[0], _YEAR[-1])
    of = f"a bare count of the same {visits} visits, {sites} sites"
    with TemporaryDirectory(prefix="measure-year-") as name, ExitStack() as stack:
        figures: list[Figure] = []
        for kind, database in _databases(stack, Path(name)):
            fill(database, _CHAIN, _YEAR, visits, sites)
            floor = _median_ms(partial(_count_bare, database, kind, query), 3)
            reports = SqlVisitReports(TenantDatabase(database, _CHAIN), ZONE)
            figures += _asked(f"year.{kind}.month", reports, query, times, floor, of)
        return figures


def measure_chain_report(visits: int = 100_000, sites: int = 5, times: int = 10) -> list[Figure]:
    """The same month, as a kiosk asks its centre on PostgreSQL for it."""
    with TemporaryDirectory(prefix="measure-chain-") as name, ExitStack() as stack:
        url = stack.enter_context(PostgresServer()).new_database("chain")
        centre = stack.enter_context(CentreProcess(Path(name), url))
        tenant_id = centre.add_tenant("Shops")
        with centre.database() as database:
            fill(database, tenant_id, _MONTH, visits, sites)
            local = SqlVisitReports(TenantDatabase(database, tenant_id), ZONE)
            ((device_id, key),) = centre.enrol_devices(tenant_id, {"kiosk": "K1"}).items()
            client = CentralClient(centre.url, Credentials(device_id, key))
            stack.callback(client.close)
            chain = ChainReports(lambda: client)
            figures: list[Figure] = []
            for by in Span:
                query = ReportQuery(by, _MONTH[0], _MONTH[-1])
                floor = _median_ms(partial(local.report, query), 5)
                name = f"month.through_centre.{by}"
                figures += _asked(name, chain, query, times, floor, "counted beside the centre")
        return figures


def _databases(stack: ExitStack, folder: Path) -> list[tuple[str, Database]]:
    """An empty one of each kind that there is."""
    urls: dict[str, str | Path] = {"sqlite": folder / "kiosk.db"}
    with suppress(PeerMissingError):
        urls["postgresql"] = stack.enter_context(PostgresServer()).new_database("month")
    opened = [(kind, open_database(url)) for kind, url in urls.items()]
    for _, database in opened:
        stack.callback(database.close)
    return opened


def _asked(
    name: str, reports: Reports, query: ReportQuery, times: int, floor_ms: float, floor_is: str
) -> list[Figure]:
    assert reports.report(query).total[0].figures.visitors > 0, "nothing to count"
    took_ms = _all_ms(partial(reports.report, query), times)
    return [
        Figure(f"{name} p50", percentile(took_ms, 50), "ms", floor_ms, floor_is),
        Figure(f"{name} p95", percentile(took_ms, 95), "ms", floor_ms, floor_is),
        Figure(f"{name} worst", max(took_ms), "ms", floor_ms, floor_is, _GOAL),
    ]


def _written(reports: Reports, times: int) -> list[Figure]:
    """How long a report takes to become a file; the chart and the letters of PDFs are drawn each time."""
    figures = []
    for by in (Span.DAY, Span.HOUR):
        report = reports.report(ReportQuery(by, _MONTH[0], _MONTH[-1]))
        of = f"{len(report.rows)} rows"
        csv_ms = _all_ms(partial(report_csv, report), times)
        pdf_ms = _all_ms(partial(report_pdf, report, Language.THAI), max(2, times // 4))
        figures.append(Figure(f"month.csv.{by} p95, {of}", percentile(csv_ms, 95), "ms"))
        figures.append(Figure(f"month.pdf.{by} p95, {of}", percentile(pdf_ms, 95), "ms"))
    return figures


def _count_bare(database: Database, kind: str, query: ReportQuery) -> None:
    """The same visits, counted by time and site and nothing else."""
    step = _BARE[kind, query.by is Span.HOUR]
    site = f" AND site_id = '{query.site_ids[0]}'" if query.site_ids else ""
    counted = f"SELECT {step}, site_id, count(*) FROM visits WHERE tenant_id = '{_CHAIN}'{site} GROUP BY 1, 2"
    with database.reading() as session:
        session.connection().exec_driver_sql(counted).all()


def _all_ms(work: Callable[[], object], times: int) -> list[float]:
    took_ms = []
    for _ in range(times):
        began_s = time.perf_counter()
        work()
        took_ms.append((time.perf_counter() - began_s) * 1000)
    return took_ms


def _median_ms(work: Callable[[], object], times: int) -> float:
    return percentile(_all_ms(work, times), 50)
