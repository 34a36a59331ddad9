"""`kiosk visits` as staff and scripts type it, at a shop and at its centre."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kiosk.archive import DATABASE_FILE
from kiosk.central.enrolment import Enrolment
from kiosk.database.engine import open_database
from kiosk.database.tenant import TenantDatabase
from kiosk.errors import ErrorCode
from tests.centre import CentreServer
from tests.command_line import answer, kiosk, refusal
from tests.fake_reports import Came
from tests.file_keyring import keyring_in
from tests.visit_rows import add_sites, add_visits

FIRST = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)
NOVEMBER = ("--since", "2026-11-01", "--until", "2026-11-30")
VISITS = [
    Came(FIRST + timedelta(hours=number), "hill" if number % 3 else "river", "female", number % 4 == 0)
    for number in range(60)
]


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """The data folder of a shop with visits at two sites."""
    home = tmp_path / "shop"
    fill(home / DATABASE_FILE, "", VISITS)
    return home


def fill(path: Path, tenant_id: str, visits: list[Came]) -> None:
    database = open_database(path)
    rows = TenantDatabase(database, tenant_id)
    add_sites(rows, {"river": "ร้านริมน้ำ", "hill": "=Hilltop"})
    add_visits(rows, visits)
    database.close()


def lines(printed: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(printed.removeprefix("\ufeff"), newline="")))


def test_a_report_is_printed_as_json_as_csv_and_for_people(shop: Path, tmp_path: Path) -> None:
    told = answer(kiosk(shop, "visits", "report", "--by", "weekday", *NOVEMBER, "--json"))
    assert (told["by"], told["since"], told["timezone"], told["covers_chain"]) == (
        "weekday",
        "2026-11-01",
        "Asia/Bangkok",
        True,
    )
    assert told["total"][0]["visitors"] == 60
    assert sum(row["visitors"] for row in told["rows"] if not row["site_id"]) == 60
    assert {site["name"] for site in told["sites"]} == {"ร้านริมน้ำ", "=Hilltop"}

    written = kiosk(shop, "visits", "report", *NOVEMBER, "--csv")
    assert (written.returncode, written.stdout[0]) == (0, "\ufeff")
    rows = lines(written.stdout)
    assert len(rows) == 30 * 3
    assert {row["site"] for row in rows} == {"", "ร้านริมน้ำ", "'=Hilltop"}
    assert sum(int(row["visitors"]) for row in rows if not row["site_id"]) == 60

    shown = kiosk(shop, "visits", "report", "--by", "month", *NOVEMBER, COLUMNS="100").stdout
    assert "November 2026" in shown
    assert "=Hilltop" in shown

    pdf = tmp_path / "out" / "november.pdf"
    missing = kiosk(shop, "visits", "report", *NOVEMBER, "--pdf", pdf)
    assert (missing.returncode, pdf.parent.exists()) == (2, False)
    assert "There is no folder" in missing.stderr
    for forms in (("--json", "--csv"), ("--csv", "--pdf", pdf), ("--json", "--pdf", pdf)):
        assert kiosk(shop, "visits", "report", *forms).returncode == 2, forms
    assert kiosk(shop, "visits", "list", "--json", "--csv").returncode == 2
    pdf.parent.mkdir()
    done = kiosk(shop, "visits", "report", *NOVEMBER, "--site", "ร้านริมน้ำ", "--pdf", pdf, "--language", "en")
    assert (done.returncode, str(pdf) in done.stdout) == (0, True)
    assert pdf.read_bytes().startswith(b"%PDF")


def test_a_report_of_one_site_is_asked_for_by_its_name(shop: Path) -> None:
    told = answer(kiosk(shop, "visits", "report", *NOVEMBER, "--site", "=hilltop", "--json"))
    assert (told["site_ids"], told["total"][0]["visitors"]) == (["hill"], 40)
    unknown = kiosk(shop, "visits", "report", *NOVEMBER, "--site", "nowhere", "--json")
    assert refusal(unknown) == ErrorCode.SITE_UNKNOWN
    nonsense = kiosk(shop, "visits", "report", "--since", "2026-12-01", "--until", "2026-11-01", "--json")
    assert refusal(nonsense) == ErrorCode.REPORT_SPAN
    assert refusal(kiosk(shop, "visits", "report", "--chain", "--json")) == ErrorCode.NOT_ENROLLED
    wrong = kiosk(shop, "visits", "report", "--since", "yesterday")
    assert wrong.returncode == 2
    assert "2026-11-30" in wrong.stderr


def test_without_days_a_report_is_of_this_month_until_today(shop: Path) -> None:
    before = datetime.now(UTC)
    told = answer(kiosk(shop, "visits", "report", "--json"))
    assert told["since"].endswith("-01")
    assert before - timedelta(days=1) < datetime.fromisoformat(f"{told['until']}T12:00:00+00:00")
    assert told["since"][:7] == told["until"][:7]


def test_visits_are_listed_without_names_unless_asked(shop: Path) -> None:
    listed = answer(kiosk(shop, "visits", "list", *NOVEMBER, "--json"))
    assert len(listed) == 60
    assert listed[0]["began_at"] > listed[1]["began_at"]
    assert not {"name", "person_id", "picture_key"} & listed[0].keys()
    of_river = lines(kiosk(shop, "visits", "list", *NOVEMBER, "--site", "river", "--csv").stdout)
    assert [row["began_at"] for row in of_river][-1] == "2026-11-03 10:00:00"
    assert len(of_river) == 20
    named = lines(kiosk(shop, "visits", "list", *NOVEMBER, "--names", "--csv").stdout)
    assert "name" in named[0]
    shown = kiosk(shop, "visits", "list", *NOVEMBER, COLUMNS="100").stdout
    assert "The newest 50" in shown
    other = answer(kiosk(shop, "visits", "list", "--since", "2026-10-01", "--until", "2026-10-31", "--json"))
    assert other == []


def test_the_chain_is_asked_at_its_centre_and_its_absence_is_said(shop: Path, tmp_path: Path) -> None:
    keys = keyring_in(tmp_path / "keys")
    with CentreServer(tmp_path / "centre") as centre:
        tenant_id = centre.add_tenant("Shops")
        rows = TenantDatabase(centre.centre.database, tenant_id)
        add_sites(rows, {"river": "ร้านริมน้ำ", "hill": "=Hilltop", "sea": "Seaside"})
        add_visits(rows, [*VISITS, Came(FIRST, "sea")])
        enrolment = Enrolment(centre.centre.database, centre.centre.clock, centre.settings.access)
        code = enrolment.new_code(tenant_id, prefix="X7").code
        answer(kiosk(shop, "sync", "enrol", code, "--json", **keys, KIOSK_CENTRAL__URL=centre.url))
        here = answer(kiosk(shop, "visits", "report", *NOVEMBER, "--json", **keys))
        assert (here["covers_chain"], here["total"][0]["visitors"]) == (False, 60)
        chain = kiosk(shop, "visits", "report", *NOVEMBER, "--chain", "--json", **keys)
        told = answer(chain)
        assert (told["covers_chain"], told["total"][0]["visitors"], chain.stderr) == (True, 61, "")
        more = {"CENTRAL_HOME": str(tmp_path / "centre")}
        there = answer(
            kiosk(shop, "central", "visits", "report", "--tenant", "Shops", *NOVEMBER, "--json", **more)
        )
        assert there["rows"] == told["rows"]
        refused = kiosk(shop, "central", "visits", "report", "--tenant", "Nobody", "--json", **more)
        assert refusal(refused) == ErrorCode.TENANT_UNKNOWN
        centre.stop()
        away = kiosk(shop, "visits", "report", *NOVEMBER, "--chain", "--json", **keys)
        assert (answer(away)["covers_chain"], answer(away)["total"][0]["visitors"]) == (False, 60)
        assert "only what this machine knows" in away.stderr
