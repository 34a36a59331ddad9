"""Visits of a chain over HTTP: its admins and kiosks ask, and a kiosk goes on while the centre is away."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import requests

from kiosk.central.principal import Role
from kiosk.database.engine import open_database
from kiosk.database.tenant import TenantDatabase
from kiosk.database.visit_list import SqlVisitList
from kiosk.database.visit_reports import SqlVisitReports
from kiosk.errors import ErrorCode, KnownError
from kiosk.sync.chain_reports import ChainReports
from kiosk.sync.client import CentralClient
from kiosk.sync.connection import Timeouts
from kiosk.sync.login import Credentials
from kiosk.visits.ports import VisitQuery
from kiosk.visits.report_fallback import ChainElseOwn
from kiosk.visits.reports import ReportQuery, Span
from kiosk.visits.types import Visit
from tests.centre import CentreServer
from tests.fake_reports import Came, Crossed
from tests.visit_rows import add_crossings, add_sites, add_visits

BANGKOK = ZoneInfo("Asia/Bangkok")
NOVEMBER = {"by": "day", "since": "2026-11-01", "until": "2026-11-30"}
QUERY = ReportQuery(Span.DAY, date(2026, 11, 1), date(2026, 11, 30))
FIRST = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)
SPAN = {"since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00+07:00"}
VISITS = [
    Came(FIRST + timedelta(hours=number), "hill" if number % 3 else "river", "female", number % 2 == 0)
    for number in range(120)
]


@dataclass
class Chain:
    """A tenant of a running centre with visits at two sites, and one of its kiosks."""

    server: CentreServer
    tenant_id: str
    kiosk: ChainReports

    @property
    def rows(self) -> TenantDatabase:
        return TenantDatabase(self.server.centre.database, self.tenant_id, self.server.centre.clock)

    def ask(self, path: str, params: dict[str, Any], role: Role = Role.ADMIN) -> tuple[int, Any]:
        """The status, and the answer or its error code."""
        headers = self.server.headers(self.tenant_id, role)
        answer = requests.get(f"{self.server.url}{path}", params=params, headers=headers, timeout=10)
        told = answer.json()
        return answer.status_code, told["error"]["code"] if "error" in told else told


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with CentreServer(tmp_path_factory.mktemp("centre")) as server:
        tenant_id = server.add_tenant("River shops")
        client = CentralClient(
            server.url, Credentials(*server.enrol_device(tenant_id)), timeouts=Timeouts(1.0, 5.0, 8.0)
        )
        made = Chain(server, tenant_id, ChainReports(lambda: client))
        add_sites(made.rows, {"river": "Riverside", "hill": "ร้านบนเขา"})
        add_visits(made.rows, VISITS)
        add_crossings(made.rows, [Crossed(FIRST, "river", 9, 8)])
        yield made
        client.close()


def test_a_kiosk_is_told_what_the_centre_counted(chain: Chain) -> None:
    counted = SqlVisitReports(chain.rows, BANGKOK)
    for by in Span:
        for sites in ((), ("hill",), ("hill", "river")):
            query = replace(QUERY, by=by, site_ids=sites)
            told = chain.kiosk.report(query)
            assert told == replace(counted.report(query), made_at=told.made_at)
            offsets = [row.begins.utcoffset() for row in told.rows]
            assert set(offsets) == {timedelta(hours=7)}
    assert told.covers_chain
    assert told.total[0].figures.visitors == 120


def test_a_kiosk_is_told_the_visits_of_the_chain_page_by_page(chain: Chain) -> None:
    asked = VisitQuery(FIRST, FIRST + timedelta(days=9), limit=50)
    pages = [chain.kiosk.visits(replace(asked, offset=offset)) for offset in (0, 50, 100, 150)]
    assert [len(page) for page in pages] == [50, 50, 20, 0]
    assert [visit for page in pages for visit in page] == SqlVisitList(chain.rows).visits(
        replace(asked, limit=500)
    )
    of_river = chain.kiosk.visits(replace(asked, site_ids=("river",), limit=200))
    assert {visit.site_id for visit in of_river} == {"river"}
    assert len(of_river) == 40


def test_an_answer_says_whether_there_are_more_visits(chain: Chain) -> None:
    status, page = chain.ask("/api/visits", {**SPAN, "limit": 119})
    assert (status, len(page["visits"]), page["has_more"]) == (200, 119, True)
    status, page = chain.ask("/api/visits", {**SPAN, "limit": 120})
    assert (status, len(page["visits"]), page["has_more"]) == (200, 120, False)
    assert "picture_key" not in page["visits"][0]


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.ADMIN, 200), (Role.DEVICE, 200), (Role.PHOTOGRAPHER, 403), (Role.CUSTOMER, 403)],
)
def test_admins_and_kiosks_may_ask_and_nobody_else(chain: Chain, role: Role, status: int) -> None:
    for path, params in (("/api/visits/report", NOVEMBER), ("/api/visits", SPAN)):
        assert chain.ask(path, params, role)[0] == status
        assert requests.get(f"{chain.server.url}{path}", params=params, timeout=10).status_code == 401


def test_another_chain_is_told_nothing(chain: Chain) -> None:
    other = Chain(chain.server, chain.server.add_tenant("Hill shops"), chain.kiosk)
    status, report = other.ask("/api/visits/report", NOVEMBER)
    assert (status, report["sites"], report["total"][0]["visitors"]) == (200, [], 0)
    assert other.ask("/api/visits", SPAN) == (200, {"visits": [], "has_more": False})
    for path, params in (("/api/visits/report", NOVEMBER), ("/api/visits", SPAN)):
        theirs, none = (other.ask(path, {**params, "site": site}) for site in ("river", "nowhere"))
        assert theirs == none == (404, ErrorCode.SITE_UNKNOWN)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({**NOVEMBER, "until": "2026-10-01"}, ErrorCode.REPORT_SPAN),
        ({**NOVEMBER, "by": "hour", "until": "2027-10-01"}, ErrorCode.REPORT_SPAN),
        ({**NOVEMBER, "since": "0001-01-01"}, ErrorCode.REPORT_SPAN),
        ({**NOVEMBER, "until": "9999-12-31"}, ErrorCode.REPORT_SPAN),
        ({**NOVEMBER, "by": "minute"}, ErrorCode.REQUEST_INVALID),
        ({**NOVEMBER, "since": "yesterday"}, ErrorCode.REQUEST_INVALID),
        ({**NOVEMBER, "site": "a b"}, ErrorCode.REQUEST_INVALID),
        ({**NOVEMBER, "site": [f"site-{number}" for number in range(101)]}, ErrorCode.REQUEST_INVALID),
    ],
)
def test_a_report_that_makes_no_sense_is_refused(chain: Chain, params: Any, code: ErrorCode) -> None:
    assert chain.ask("/api/visits/report", params) == (422, code)


def test_a_kiosk_hears_why_a_report_is_refused(chain: Chain) -> None:
    with pytest.raises(KnownError) as refused:
        chain.kiosk.report(replace(QUERY, until=date(2026, 10, 1)))
    assert refused.value.code is ErrorCode.REPORT_SPAN


def test_while_the_centre_is_away_a_kiosk_says_what_it_knows_itself(chain: Chain, tmp_path: Path) -> None:
    database = open_database(tmp_path / "kiosk.db")
    own = TenantDatabase(database, "")
    add_sites(own, {"river": "Riverside"})
    add_visits(own, [Came(FIRST, "river")])
    known = ChainElseOwn(chain.kiosk, SqlVisitReports(own, BANGKOK), SqlVisitList(own))
    assert known.report(QUERY).covers_chain
    asked = VisitQuery(FIRST, FIRST + timedelta(days=9), limit=500)
    assert len(known.visits(asked).visits) == 120
    chain.server.stop()
    alone, listed = known.report(QUERY), known.visits(asked)
    assert (alone.covers_chain, alone.total[0].figures.visitors) == (False, 1)
    assert (listed.covers_chain, len(listed.visits)) == (False, 1)
    chain.server.start()
    assert known.report(QUERY).total[0].figures.visitors == 120
    database.close()


def test_a_visit_that_was_seen_here_has_its_picture_also_among_those_of_the_chain(
    chain: Chain, tmp_path: Path
) -> None:
    database = open_database(tmp_path / "kiosk.db")
    own = TenantDatabase(database, "")
    add_sites(own, {"river": "Riverside"})
    add_visits(own, VISITS[:1])

    class WithPictures:
        def visits(self, query: VisitQuery) -> list[Visit]:
            return [replace(visit, picture_key="a.jpg") for visit in SqlVisitList(own).visits(query)]

    known = ChainElseOwn(chain.kiosk, SqlVisitReports(own, BANGKOK), WithPictures())
    listed = known.visits(VisitQuery(FIRST, FIRST + timedelta(days=9), limit=500)).visits
    assert [visit.visit_id for visit in listed if visit.picture_key] == ["visit-0"]
    assert len(listed) == 120
    database.close()
