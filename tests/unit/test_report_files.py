"""Reports as files: CSV that programs read and spreadsheets cannot be fooled by, and PDF that people read."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fpdf import FPDF

from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language, sentence
from kiosk.visits.report_csv import report_csv, visits_csv
from kiosk.visits.report_files import file_name, write_file
from kiosk.visits.report_pdf import report_pdf
from kiosk.visits.reports import Report, ReportQuery, Span
from kiosk.visits.types import Gender, Visit
from tests.fake_reports import Came, Crossed, FakeReports

BANGKOK, BERLIN = ZoneInfo("Asia/Bangkok"), ZoneInfo("Europe/Berlin")
MADE = datetime(2026, 11, 20, 7, 32, tzinfo=UTC)
FIRST = datetime(2026, 11, 3, 3, 0, tzinfo=UTC)
RIVER = "ร้านริมน้ำ สาขาปากเกร็ด"
NAMES = {"river": RIVER, "hill": "Hilltop"}
VISITS = [
    Came(FIRST + timedelta(minutes=7 * number), "hill" if number % 3 else "river", "female", number % 4 == 0)
    for number in range(200)
]


def a_report(
    by: Span = Span.DAY,
    since: date = date(2026, 11, 1),
    until: date = date(2026, 11, 7),
    site_ids: tuple[str, ...] = (),
    names: dict[str, str] | None = None,
    zone: ZoneInfo = BANGKOK,
) -> Report:
    reports = FakeReports(zone, lambda: MADE, names or NAMES, VISITS, [Crossed(FIRST, "river", 9, 8)])
    return reports.report(ReportQuery(by, since, until, site_ids))


def read(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


# -- CSV ------------------------------------------------------------------------------------------


def test_every_row_of_the_report_is_a_line_that_a_program_reads() -> None:
    report = a_report()
    lines = read(report_csv(report))
    assert len(lines) == len(report.rows) == 7 * 3
    of_river = [line for line in lines if line["site"] == RIVER]
    assert sum(int(line["visitors"]) for line in of_river) == 67
    assert [line["begins"] for line in of_river[:2]] == ["2026-11-01 00:00", "2026-11-02 00:00"]
    together = next(line for line in lines if line["site_id"] == "" and line["visitors"] != "0")
    assert together == {
        "by": "day",
        "begins": "2026-11-03 00:00",
        "utc_offset": "UTC+07:00",
        "site": "",
        "site_id": "",
        "visitors": "120",
        "new": "90",
        "returning": "30",
        "female": "120",
        "male": "0",
        "gender_unknown": "0",
        "came_in": "9",
        "went_out": "8",
        "covers_chain": "yes",
    }
    assert {line["covers_chain"] for line in read(report_csv(replace(report, covers_chain=False)))} == {"no"}


def test_excel_knows_it_for_utf_8_and_lines_end_as_rfc_4180_says() -> None:
    data = report_csv(a_report())
    assert data.startswith(b"\xef\xbb\xbfby,begins,")
    assert data.count(b"\r\n") == data.count(b"\n") == 22
    assert RIVER.encode() in data


def test_the_only_site_of_a_report_is_named_in_each_line() -> None:
    assert {line["site"] for line in read(report_csv(a_report(site_ids=("river",))))} == {RIVER}


def test_an_hour_that_comes_twice_is_told_apart_by_its_offset() -> None:
    day = date(2026, 10, 25)
    lines = read(report_csv(a_report(Span.HOUR, day, day, ("hill",), zone=BERLIN)))
    twice = [line["utc_offset"] for line in lines if line["begins"] == "2026-10-25 02:00"]
    assert twice == ["UTC+02:00", "UTC+01:00"]


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("http://x","y")',
        "+1+1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "＝1",
        '=1","=2',
    ],
)
def test_a_name_that_looks_like_a_formula_is_none_to_a_spreadsheet(name: str) -> None:
    names = {"river": name, "hill": "Hilltop"}
    cells = [line["site"] for line in read(report_csv(a_report(names=names)))]
    assert f"'{name}" in cells
    assert name not in cells
    listed = [line["site"] for line in read(visits_csv([a_visit()], names, BANGKOK))]
    assert listed == [f"'{name}"]


def test_commas_quotes_and_line_breaks_of_names_stay_within_their_cells() -> None:
    odd = 'Shop "A", upper\r\nfloor'
    lines = read(report_csv(a_report(names={"river": odd, "hill": "Hilltop"})))
    assert {line["site"] for line in lines} == {"", odd, "Hilltop"}


def a_visit(name: str = "") -> Visit:
    return Visit(
        visit_id="visit",
        kiosk_id="kiosk",
        site_id="river",
        stream_id="door",
        person_id="person" if name else None,
        name=name,
        gender=Gender.FEMALE,
        is_returning=True,
        number=4,
        began_at=FIRST,
        ended_at=None,
        picture_key="visits/visit.jpg",
    )


def test_a_list_of_visits_names_nobody_unless_asked_and_never_a_picture() -> None:
    data = visits_csv([a_visit("Mali")], NAMES, BANGKOK)
    assert b"Mali" not in data
    assert b"jpg" not in data
    assert b"person" not in data
    (line,) = read(data)
    assert (line["began_at"], line["ended_at"], line["utc_offset"]) == (
        "2026-11-03 10:00:00",
        "",
        "UTC+07:00",
    )
    assert (line["site"], line["gender"], line["returning"], line["visit_number"]) == (
        RIVER,
        "female",
        "yes",
        "4",
    )
    (named,) = read(visits_csv([a_visit("=Mali")], NAMES, BANGKOK, with_names=True))
    assert named["name"] == "'=Mali"


# -- PDF ------------------------------------------------------------------------------------------


@pytest.fixture
def text_of(tmp_path: Path) -> Callable[[bytes], list[str]]:
    """The words on each page, without blanks: Thai marks are read as letters of their own."""
    program = shutil.which("pdftotext")
    if program is None:
        pytest.skip("pdftotext (poppler-utils) is not installed")

    def read_it(data: bytes) -> list[str]:
        path = tmp_path / "report.pdf"
        path.write_bytes(data)
        told = subprocess.run(
            [program, "-layout", "-enc", "UTF-8", path, "-"], capture_output=True, check=True, timeout=60
        )
        assert not told.stderr
        pages = told.stdout.decode("utf-8").split("\f")[:-1]
        return [as_read(page) for page in pages]

    return read_it


def as_read(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def test_an_english_report_says_what_it_is_of_and_how_it_was_counted(
    text_of: Callable[[bytes], list[str]],
) -> None:
    first, *_ = text_of(report_pdf(a_report(), Language.ENGLISH))
    for words in (
        "Visitors by day",
        "All the chain",
        "1–7 Nov 2026",
        "each stay is one visit, staff are not counted, and whoever is not known counts as new",
        "crossings of the lines",
        RIVER,
        "Tue 3 Nov 2026 120 90 30 120 0 0 9 8",
        "Sun 1 Nov 2026 0 0 0 0 0 0 0 0",
        "Total 200 150 50 200 0 0 9 8",
        "Made 20 Nov 2026 14:32, times of Asia/Bangkok",
        "Page 1 of 1",
    ):
        assert as_read(words) in first, words
    assert as_read("this machine") not in first


def in_thai(key: str, **params: object) -> str:
    return sentence(Language.THAI, key, **params)


def test_a_thai_report_bears_buddhist_years(text_of: Callable[[bytes], list[str]]) -> None:
    report = a_report(Span.WEEK, date(2026, 11, 2), date(2026, 12, 6), ("river",))
    (page,) = text_of(report_pdf(replace(report, covers_chain=False), Language.THAI))
    for words in (
        in_thai("store.report_file.by.week"),
        RIVER,
        "2 พ.ย. 2569 – 6 ธ.ค. 2569",
        in_thai("store.report_file.counted"),
        in_thai("store.report.week", n=45, day="2 พ.ย. 2569"),
        in_thai("store.report_file.only_here"),
        "20 พ.ย. 2569 14:32 น.",
        in_thai("sheet.page", page=1, pages=1),
    ):
        assert as_read(words) in page, words
    assert "2026" not in page


def test_a_long_report_has_a_head_on_every_page_and_all_its_rows(
    text_of: Callable[[bytes], list[str]],
) -> None:
    pages = text_of(report_pdf(a_report(Span.HOUR), Language.ENGLISH))
    assert len(pages) == 5
    for number, page in enumerate(pages, start=1):
        assert f"Page{number}of5" in page
        assert "HourVisitorsNew" in page
    rows = [row for page in pages for row in re.findall(r"Nov\d\d:00", page)]
    assert len(rows) == 7 * 24


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("by", Span)
def test_every_kind_of_report_becomes_a_pdf(by: Span, language: Language) -> None:
    data = report_pdf(a_report(by), language)
    assert data.startswith(b"%PDF-")
    assert data.rstrip().endswith(b"%%EOF")
    assert b"/FontFile2" in data, "its letters are in it"


def test_thai_marks_are_set_where_they_belong(monkeypatch: pytest.MonkeyPatch) -> None:
    """They are shaped: without that the same letters stand elsewhere on the page."""
    report = a_report(site_ids=("river",))
    shaped = report_pdf(report, Language.THAI)
    assert report_pdf(report, Language.THAI) == shaped, "the same report is the same file"
    monkeypatch.setattr(FPDF, "set_text_shaping", lambda *_: None)
    assert report_pdf(report, Language.THAI) != shaped


def test_a_report_without_visits_becomes_a_pdf(text_of: Callable[[bytes], list[str]]) -> None:
    report = a_report(since=date(2026, 1, 1), until=date(2026, 1, 3))
    (page,) = text_of(report_pdf(report, Language.ENGLISH))
    assert "Total000000" in page
    assert as_read("crossings") not in page, "nothing is said of lines where there are none"


# -- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("site_ids", "name"),
    [
        ((), "visitors-by-day-2026-11-01-to-2026-11-07-made-20261120-1432.csv"),
        (("hill",), "visitors-by-day-2026-11-01-to-2026-11-07-Hilltop-made-20261120-1432.csv"),
        (
            ("river",),
            "visitors-by-day-2026-11-01-to-2026-11-07-ร้านริมน้ำ-สาขาปากเกร็ด-made-20261120-1432.csv",
        ),
    ],
)
def test_a_file_is_called_by_what_is_in_it(site_ids: tuple[str, ...], name: str) -> None:
    assert file_name(a_report(site_ids=site_ids), "csv") == name


def test_a_sites_name_leads_to_no_other_folder() -> None:
    names = {"river": "../../etc: a<b>c|d?e*f\x00", "hill": "Hilltop"}
    name = file_name(a_report(site_ids=("river",), names=names), "pdf")
    assert name == "visitors-by-day-2026-11-01-to-2026-11-07-etc-a-b-c-d-e-f-made-20261120-1432.pdf"


def test_a_file_is_there_whole_and_alone_and_replaces_an_older_one(tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    for data in (b"one", b"two"):
        path = write_file(folder, "a.csv", data)
        assert path.read_bytes() == data
    assert list(folder.iterdir()) == [path]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file", encoding="ascii")
    with pytest.raises(KnownError) as refused:
        write_file(tmp_path / "reports", "a.csv", b"one")
    assert refused.value.code is ErrorCode.FOLDER_NOT_WRITABLE
