"""The desk for reports: the newest wish is answered, files are written, what goes wrong is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.events import Event, EventBus
from kiosk.language import Language
from kiosk.visits.ports import VisitQuery
from kiosk.visits.report_desk import PAGE, ReportDesk
from kiosk.visits.reports import Report, ReportQuery, Span
from kiosk.visits.told import ReportReady, ReportSaved, StoreNotice, VisitsListed
from kiosk.visits.types import Gender, Visit
from tests.fake_reports import Came, FakeReports

ZONE = ZoneInfo("Asia/Bangkok")
NOW = datetime(2026, 11, 20, 7, 32, tzinfo=UTC)
QUERY = ReportQuery(Span.DAY, date(2026, 11, 1), date(2026, 11, 3))
OTHER = replace(QUERY, by=Span.WEEK)
AWAY = KnownError(ErrorCode.CENTRE_UNREACHABLE, "The centre is away.")


def reports(visitors: int) -> FakeReports:
    came = [Came(datetime(2026, 11, 2, 5, tzinfo=UTC), "river")] * visitors
    return FakeReports(ZONE, lambda: NOW, {"river": "Riverside"}, came)


@dataclass
class Book:
    """So many visits, one a minute."""

    count: int = 0
    error: KnownError | None = None

    def visits(self, query: VisitQuery) -> list[Visit]:
        if self.error:
            raise self.error
        all_of_them = [
            Visit(
                visit_id=f"visit-{number}",
                kiosk_id="kiosk",
                site_id="river",
                stream_id="door",
                person_id=None,
                name="",
                gender=Gender.UNKNOWN,
                is_returning=False,
                number=None,
                began_at=NOW - timedelta(minutes=number),
                ended_at=None,
                picture_key="here.jpg",
            )
            for number in range(self.count)
        ]
        wanted = [visit for visit in all_of_them if query.since <= visit.began_at < query.until]
        return wanted[query.offset : query.offset + query.limit]


@dataclass
class Chain:
    """A centre that may be away."""

    visitors: int = 0
    book: Book = field(default_factory=Book)
    error: KnownError | None = None

    def report(self, query: ReportQuery) -> Report:
        if self.error:
            raise self.error
        return reports(self.visitors).report(query)

    def visits(self, query: VisitQuery) -> list[Visit]:
        if self.error:
            raise self.error
        return [replace(visit, picture_key=None) for visit in self.book.visits(query)]


class Screen:
    """Asks a desk, runs its jobs when told to, and hears what comes."""

    def __init__(self, folder: Path, chain: Chain | None = None, book: Book | None = None) -> None:
        self.bus, self.notices, self.jobs = EventBus(), list[StoreNotice](), list[Callable[[], None]]()
        self.heard: list[Event] = []
        for kind in (ReportReady, ReportSaved, VisitsListed):
            self.bus.subscribe(kind, self.heard.append)
        self.language = Language.ENGLISH
        self.desk = ReportDesk(
            reports(1),
            chain,
            book or Book(),
            folder,
            self.jobs.append,
            self.bus,
            self.notices.append,
            lambda: self.language,
        )

    def run(self) -> list[Event]:
        """Does what waits; what was heard of it."""
        self.heard.clear()
        while self.jobs:
            self.jobs.pop(0)()
        return list(self.heard)


@pytest.fixture
def alone(tmp_path: Path) -> Screen:
    return Screen(tmp_path)


def test_a_machine_that_stands_alone_knows_the_whole_chain(alone: Screen) -> None:
    alone.desk.ask(QUERY)
    (ready,) = alone.run()
    assert isinstance(ready, ReportReady)
    assert (ready.report.query, ready.report.covers_chain) == (QUERY, True)
    assert ready.report.total[0].figures.visitors == 1


def test_of_several_wishes_only_the_newest_is_answered(alone: Screen) -> None:
    for query in (QUERY, OTHER, QUERY, OTHER):
        alone.desk.ask(query)
    (ready,) = alone.run()
    assert isinstance(ready, ReportReady)
    assert ready.report.query == OTHER


def test_an_answer_that_comes_after_another_wish_is_not_shown(tmp_path: Path) -> None:
    class Impatient(Chain):
        def report(self, query: ReportQuery) -> Report:
            if query == QUERY:
                screen.desk.ask(OTHER)  # while the centre is still being asked
            return super().report(query)

    screen = Screen(tmp_path, Impatient())
    screen.desk.ask(QUERY)
    (ready,) = screen.run()
    assert isinstance(ready, ReportReady)
    assert ready.report.query == OTHER


def test_the_chain_is_asked_and_while_it_is_away_the_report_says_so(tmp_path: Path) -> None:
    chain = Chain(visitors=9)
    screen = Screen(tmp_path, chain)
    screen.desk.ask(QUERY)
    (ready,) = screen.run()
    assert isinstance(ready, ReportReady)
    assert (ready.report.covers_chain, ready.report.total[0].figures.visitors) == (True, 9)
    chain.error = AWAY
    screen.desk.ask(QUERY)
    (ready,) = screen.run()
    assert isinstance(ready, ReportReady)
    assert (ready.report.covers_chain, ready.report.total[0].figures.visitors) == (False, 1)
    assert screen.notices == []


def test_a_span_that_makes_no_sense_is_told_and_nothing_is_shown(tmp_path: Path) -> None:
    screen = Screen(tmp_path, Chain())
    screen.desk.ask(replace(QUERY, until=date(2026, 10, 1)))
    assert screen.run() == []
    assert [notice.code for notice in screen.notices] == [ErrorCode.REPORT_SPAN]
    screen.desk.save("csv")
    assert screen.run() == []
    assert len(screen.notices) == 2


@pytest.mark.parametrize(("ending", "begins"), [("csv", b"\xef\xbb\xbfby,"), ("pdf", b"%PDF")])
def test_the_report_that_is_shown_is_saved(alone: Screen, tmp_path: Path, ending: str, begins: bytes) -> None:
    alone.desk.ask(QUERY)
    alone.desk.save(ending)
    _, saved = alone.run()
    assert isinstance(saved, ReportSaved)
    assert saved.path.parent == tmp_path
    assert saved.path.name == f"visitors-by-day-2026-11-01-to-2026-11-03-made-20261120-1432.{ending}"
    assert saved.path.read_bytes().startswith(begins)


def test_a_pdf_is_in_the_language_of_the_screen(alone: Screen) -> None:
    alone.desk.ask(QUERY)
    alone.run()
    files = []
    for language in Language:
        alone.language = language
        alone.desk.save("pdf")
        (saved,) = alone.run()
        assert isinstance(saved, ReportSaved)
        files.append(saved.path.read_bytes())
    assert files[0] != files[1]
    assert b"/Lang (th)" in files[0]
    assert b"/Lang (en)" in files[1]


def test_a_file_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="ascii")
    screen = Screen(tmp_path / "file")
    screen.desk.ask(QUERY)
    screen.desk.save("csv")
    (ready,) = screen.run()
    assert isinstance(ready, ReportReady)
    assert [notice.code for notice in screen.notices] == [ErrorCode.FOLDER_NOT_WRITABLE]


def test_another_ending_is_a_bug(alone: Screen) -> None:
    with pytest.raises(BugError):
        alone.desk.save("xlsx")


def test_visits_come_page_by_page(tmp_path: Path) -> None:
    screen = Screen(tmp_path, book=Book(2 * PAGE + 20))
    pages = []
    for offset in (0, PAGE, 2 * PAGE):
        screen.desk.list_visits(NOW - timedelta(days=1), NOW + timedelta(days=1), offset=offset)
        (page,) = screen.run()
        assert isinstance(page, VisitsListed)
        pages.append(page)
    assert [(page.offset, len(page.visits), page.has_more) for page in pages] == [
        (0, PAGE, True),
        (PAGE, PAGE, True),
        (2 * PAGE, 20, False),
    ]
    assert len({visit.visit_id for page in pages for visit in page.visits}) == 2 * PAGE + 20


def test_a_full_last_page_has_nothing_behind_it(tmp_path: Path) -> None:
    screen = Screen(tmp_path, book=Book(PAGE))
    screen.desk.list_visits(NOW - timedelta(days=1), NOW + timedelta(days=1))
    (page,) = screen.run()
    assert isinstance(page, VisitsListed)
    assert (len(page.visits), page.has_more) == (PAGE, False)


def test_visits_of_the_chain_bear_the_pictures_that_are_here(tmp_path: Path) -> None:
    chain = Chain(book=Book(10))
    screen = Screen(tmp_path, chain, Book(3))
    screen.desk.list_visits(NOW - timedelta(days=1), NOW + timedelta(days=1))
    (page,) = screen.run()
    assert isinstance(page, VisitsListed)
    assert [visit.picture_key for visit in page.visits] == ["here.jpg"] * 3 + [None] * 7
    assert page.covers_chain
    chain.error = AWAY
    screen.desk.list_visits(NOW - timedelta(days=1), NOW + timedelta(days=1))
    (page,) = screen.run()
    assert isinstance(page, VisitsListed)
    assert (len(page.visits), page.covers_chain) == (3, False)


def test_visits_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    broken = KnownError(ErrorCode.DATABASE_DAMAGED, "It is damaged.")
    screen = Screen(tmp_path, book=Book(error=broken))
    screen.desk.list_visits(NOW - timedelta(days=1), NOW)
    assert screen.run() == []
    assert [notice.code for notice in screen.notices] == [ErrorCode.DATABASE_DAMAGED]
