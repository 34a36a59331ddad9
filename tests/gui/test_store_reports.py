"""Reports and the list of visits on the store's screen: what is asked, what is drawn, what is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.errors import ErrorCode
from kiosk.language import Language
from kiosk.visits.report_spans import Spans
from kiosk.visits.reports import Figures, ReportQuery, Span
from kiosk.visits.told import ReportReady, ReportSaved, VisitsListed
from tests.gui.conftest import PORTRAIT, WIDE, StoreScreen
from tests.gui.fake_store import NOW, SITE, SITES, FakeStore, a_store_view, a_visit
from tests.gui.store_samples import LONG, a_report, some_visits
from tests.gui.visiting import says, touch
from ui import moment
from ui.translator import Venue
from ui.view_models.store_period import Days, days_of
from ui.view_models.store_reports import axis_of

OpenStore = Callable[..., StoreScreen]
BOTH_SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])
TODAY = date(2026, 11, 20)  # a Friday
HERE = (SITE.site_id,)


@pytest.fixture(autouse=True)
def _at_14_32(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW)


def last(screen: StoreScreen, command: str) -> tuple[Any, ...]:
    """The last such command."""
    return next(call for call in reversed(screen.store.calls) if call[0] == command)


def asked(screen: StoreScreen) -> ReportQuery:
    query = last(screen, "ask")[1]
    assert isinstance(query, ReportQuery)
    return query


def answered(screen: StoreScreen, **changes: Any) -> None:
    """The report that was asked for last is there."""
    screen.store.publish(ReportReady(a_report(asked(screen), **changes)))
    screen.until(lambda: not screen.objects["Reports"].property("isWaiting"))


def on_reports(open_store: OpenStore, size: tuple[int, int] = WIDE, **view: Any) -> StoreScreen:
    screen = open_store(FakeStore(a_store_view(**view)), size)
    screen.go("reports")
    return screen


# which days, which shop


@pytest.mark.parametrize(
    ("choice", "today", "since", "until"),
    [
        (Days.TODAY, TODAY, TODAY, TODAY),
        (Days.WEEK, TODAY, date(2026, 11, 16), TODAY),
        (Days.WEEK, date(2026, 11, 16), date(2026, 11, 16), date(2026, 11, 16)),
        (Days.MONTH, TODAY, date(2026, 11, 1), TODAY),
        (Days.LAST_MONTH, TODAY, date(2026, 10, 1), date(2026, 10, 31)),
        (Days.LAST_MONTH, date(2026, 1, 31), date(2025, 12, 1), date(2025, 12, 31)),
        (Days.LAST_MONTH, date(2028, 3, 30), date(2028, 2, 1), date(2028, 2, 29)),
    ],
)
def test_days_are_those_of_the_calendar(choice: Days, today: date, since: date, until: date) -> None:
    assert days_of(choice, today) == (since, until)


@BOTH_SHAPES
def test_the_page_asks_for_the_hours_of_today_in_this_shop(
    open_store: OpenStore, size: tuple[int, int]
) -> None:
    screen = on_reports(open_store, size)
    assert asked(screen) == ReportQuery(Span.HOUR, TODAY, TODAY, HERE)
    assert says(screen, "Counting …")
    answered(screen)
    assert says(screen, "10:00")


def test_today_is_the_day_at_the_venue(open_store: OpenStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: datetime(2026, 11, 20, 17, 30, tzinfo=UTC))
    screen = on_reports(open_store)
    assert asked(screen).since == date(2026, 11, 21)


def test_days_are_chosen_by_touch_and_divided_as_it_suits_them(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    touch(screen, "period.3")
    assert asked(screen) == ReportQuery(Span.DAY, date(2026, 10, 1), date(2026, 10, 31), HERE)
    for place, by in enumerate(Span):
        touch(screen, f"report.by.{place}")
        assert asked(screen) == ReportQuery(by, date(2026, 10, 1), date(2026, 10, 31), HERE)
    touch(screen, "period.2")
    assert asked(screen).by is Span.MONTH  # somebody chose it
    touch(screen, "period.0")
    assert asked(screen) == ReportQuery(Span.HOUR, TODAY, TODAY, HERE)


def test_other_days_are_picked_from_a_calendar_by_touch(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    touch(screen, "period.4")
    screen.wait_for("ReportsDaysSheet")
    assert says(screen, "November 2026")
    assert not screen.wait_for("day.2026-11-21").isEnabled()  # tomorrow
    assert not screen.wait_for("days.after").isEnabled()
    touch(screen, "days.before")
    touch(screen, "day.2026-10-12")
    touch(screen, "day.2026-10-05")  # before it: begins anew
    touch(screen, "days.after")
    touch(screen, "day.2026-11-03")
    assert says(screen, "5 Oct 2026 – 3 Nov 2026")
    touch(screen, "days.take")
    assert asked(screen) == ReportQuery(Span.DAY, date(2026, 10, 5), date(2026, 11, 3), HERE)
    screen.until(lambda: screen.find("ReportsDaysSheet") is None)


def test_a_calendar_that_is_put_away_changes_nothing(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    touch(screen, "period.4")
    touch(screen, "day.2026-11-02")
    touch(screen, "days.cancel")
    assert [call for call in screen.store.calls if call[0] == "ask"] == [("ask", asked(screen))]
    assert screen.objects["Period"].property("choice") == "today"


def test_the_calendar_of_thailand_has_buddhist_years(open_store: OpenStore) -> None:
    screen = on_reports(open_store, language=Language.THAI)
    touch(screen, "period.4")
    screen.until(lambda: says(screen, "พฤศจิกายน 2569"))


def test_shops_are_this_one_another_or_all(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    touch(screen, "period.shop")
    touch(screen, "shop.site-2")
    assert asked(screen).site_ids == ("site-2",)
    touch(screen, "period.shop")
    touch(screen, "shop.")
    assert asked(screen).site_ids == ()
    answered(screen)
    assert says(screen, "By shop")
    assert says(screen, "Old town shop")


def test_the_shops_of_a_large_chain_are_scrolled_to(open_store: OpenStore) -> None:
    chain = tuple(replace(SITE, site_id=f"site-{number}", name=f"Shop {number}") for number in range(1, 30))
    screen = on_reports(open_store, sites=chain)
    screen.objects["Period"].pickSite("")
    report = a_report(asked(screen))
    of_all = report.total[0]
    screen.store.publish(
        ReportReady(
            replace(
                report,
                site_names={site.site_id: site.name for site in chain},
                total=(of_all, *(replace(of_all, site_id=site.site_id) for site in chain)),
            )
        )
    )
    table = screen.wait_for("report.table")
    screen.until(lambda: float(table.property("contentHeight")) > 29 * 48)
    assert table.height() > 300
    total = screen.wait_for("report.total")
    assert total.mapToScene(QPointF(0, 0)).y() < 1080
    table.setProperty("contentY", float(table.property("contentHeight")) - table.height())
    screen.until(lambda: says(screen, "Shop 29"))


def test_a_single_shop_is_not_asked_which(open_store: OpenStore) -> None:
    assert on_reports(open_store, sites=(SITE,)).find("period.shop") is None


def test_a_shop_that_is_gone_is_not_asked_about_any_more(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    screen.objects["Period"].pickSite("site-2")
    screen.store.show(replace(screen.store.view, sites=(SITE, SITES[2])))
    screen.until(lambda: asked(screen).site_ids == HERE)


# what is drawn


@pytest.mark.parametrize(
    ("most", "axis"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (5, [0, 1, 2, 3, 4, 5]),
        (6, [0, 2, 4, 6]),
        (44, [0, 10, 20, 30, 40, 50]),
        (67, [0, 20, 40, 60, 80]),
        (101, [0, 50, 100, 150]),
        (12480, [0, 5000, 10000, 15000]),
    ],
)
def test_the_axis_has_few_round_numbers_and_holds_the_highest_bar(most: int, axis: list[int]) -> None:
    assert axis_of(most) == axis


def bars(screen: StoreScreen) -> list[QQuickItem]:
    """What is drawn for each row, from the left."""
    listed = screen.wait_for("report.bars")
    content = listed.property("contentItem")
    found = [item for item in content.childItems() if item.property("modelData") is not None]
    return sorted((item for item in found if item.isVisible()), key=lambda item: item.x())


@BOTH_SHAPES
@pytest.mark.parametrize(("choice", "by", "count"), [("last_month", "day", 31), ("last_month", "weekday", 7)])
def test_a_whole_month_of_bars_is_seen_without_moving_anything(
    open_store: OpenStore, size: tuple[int, int], choice: str, by: str, count: int
) -> None:
    screen = on_reports(open_store, size)
    screen.objects["Period"].pick(choice)
    screen.objects["Reports"].divide(by)
    answered(screen)
    screen.until(lambda: len(bars(screen)) == count)
    listed = screen.wait_for("report.bars")
    assert float(listed.property("contentWidth")) <= listed.width() + 1
    assert bars(screen)[0].width() >= 20


def test_bars_are_as_high_as_their_figures(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    screen.objects["Period"].pick("last_month")
    answered(screen)
    screen.until(lambda: len(bars(screen)) == 31)
    rows = screen.objects["Reports"].property("rows")
    highest = max(rows, key=lambda row: row["visitors"])
    unit = float(bars(screen)[0].property("unit"))
    for row, bar in zip(rows, bars(screen), strict=True):
        returning, new = [item for item in bar.childItems() if item.inherits("QQuickRectangle")][:2]
        assert returning.height() == pytest.approx(row["returning"] * unit)
        assert new.height() == pytest.approx(row["new"] * unit, abs=3)
        assert new.y() + new.height() <= returning.y()
    assert highest["visitors"] * unit <= screen.wait_for("report.bars").height()


def test_the_hours_before_the_first_visitor_and_after_the_last_are_left_out(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    answered(screen)
    rows = screen.objects["Reports"].property("rows")
    assert [rows[0]["label"], rows[-1]["label"]] == ["10:00", "20:00"]
    assert [row["label"] for row in rows if row["isRunning"]] == ["14:00"]
    assert says(screen, "14:00 still running")


def test_the_hours_of_several_days_are_all_there_and_can_be_moved_to(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    screen.objects["Period"].pick("week")
    screen.objects["Reports"].divide("hour")
    answered(screen)
    assert len(screen.objects["Reports"].property("rows")) == 5 * 24
    listed = screen.wait_for("report.bars")
    screen.until(lambda: float(listed.property("contentWidth")) > listed.width())
    listed.forceActiveFocus()
    QTest.keyClick(screen.window, Qt.Key.Key_Right)
    assert float(listed.property("contentX")) > 100
    assert says(screen, "16 Nov 10:00")


def nothing_is_cut(screen: StoreScreen) -> bool:
    texts = [item for item in screen.items() if item.inherits("QQuickText") and item.property("text")]
    return not [item.property("text") for item in texts if item.property("truncated")]


@BOTH_SHAPES
def test_an_hour_that_comes_twice_says_which_it_is(
    open_store: OpenStore, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    berlin = ZoneInfo("Europe/Berlin")
    monkeypatch.setattr(Venue, "zone", berlin)
    screen = on_reports(open_store, size, timezone=berlin.key)
    period = screen.objects["Period"]
    period.beginPicking()
    period.pickDay("2026-10-25")
    period.takePicked()
    screen.objects["Reports"].divide("hour")
    report = a_report(asked(screen))
    hours = Spans(report.query, berlin).begins
    rows = tuple(replace(report.rows[0], begins=begins, figures=Figures(2, 1, 1)) for begins in hours)
    screen.store.publish(ReportReady(replace(report, rows=rows)))
    screen.until(lambda: says(screen, "02:00 (UTC+02:00)"))
    labels = [row["label"] for row in screen.objects["Reports"].property("rows")]
    assert labels[1:5] == ["01:00", "02:00 (UTC+02:00)", "02:00 (UTC+01:00)", "03:00"]
    assert nothing_is_cut(screen)


@BOTH_SHAPES
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("by", Span)
def test_no_row_has_a_name_too_long_for_its_place(
    open_store: OpenStore, size: tuple[int, int], language: Language, by: Span
) -> None:
    screen = on_reports(open_store, size, language=language)
    screen.objects["Period"].pick("last_month")
    screen.objects["Reports"].divide(str(by))
    answered(screen)
    screen.serve(50)
    assert nothing_is_cut(screen)


@BOTH_SHAPES
@pytest.mark.parametrize("language", Language)
def test_the_table_has_every_figure_and_a_total_and_nothing_is_cut(
    open_store: OpenStore, size: tuple[int, int], language: Language
) -> None:
    screen = on_reports(open_store, size, language=language)
    screen.objects["Period"].pick("last_month")
    screen.objects["Period"].pickSite("")
    screen.objects["Reports"].divide("week")
    report = a_report(asked(screen))
    screen.store.publish(ReportReady(report))
    table = screen.wait_for("report.total")
    texts = [item.property("text") for item in table.childItems() if item.inherits("QQuickText")]
    figures = report.total[0].figures
    assert texts[1:9] == [
        f"{number:,}"
        for number in (
            figures.visitors,
            figures.new,
            figures.returning,
            figures.female,
            figures.male,
            figures.unknown,
            figures.came_in,
            figures.went_out,
        )
    ]
    screen.serve(50)
    for item in screen.items():
        if item.inherits("QQuickText") and item.property("text"):
            assert item.property("font").pixelSize() >= 20, item.property("text")
            assert not item.property("truncated"), item.property("text")
            area = QRectF(item.mapToScene(QPointF(0, 0)), item.size())
            assert area.left() >= -1, item.property("text")


def test_a_span_without_visits_says_so(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    report = a_report(asked(screen))
    nobody = tuple(replace(row, figures=type(row.figures)()) for row in report.rows)
    screen.store.publish(ReportReady(replace(report, rows=nobody)))
    screen.until(lambda: says(screen, "No visits in these days."))


def test_a_report_of_one_machine_alone_says_so(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    answered(screen, covers_chain=False)
    assert says(screen, "The centre is away: only what this machine knows.")
    touch(screen, "period.1")
    answered(screen)
    screen.until(lambda: screen.find("report.onlyHere") is None)


def test_the_answer_to_what_was_chosen_before_is_not_shown(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    before = asked(screen)
    touch(screen, "period.3")
    screen.store.publish(ReportReady(a_report(before)))
    screen.serve(30)
    assert screen.objects["Reports"].property("isWaiting")


def test_a_report_that_failed_is_asked_for_again(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    screen.store.tell("store.notice.failed", str(ErrorCode.REPORT_SPAN))
    screen.until(lambda: says(screen, "The report could not be made."))
    screen.store.calls.clear()
    touch(screen, "report.again")
    assert asked(screen) == ReportQuery(Span.HOUR, TODAY, TODAY, HERE)
    answered(screen)
    assert not says(screen, "The report could not be made.")


# what is written


@pytest.mark.parametrize("ending", ["csv", "pdf"])
def test_a_report_is_saved_and_where_is_said(open_store: OpenStore, ending: str) -> None:
    screen = on_reports(open_store)
    assert not screen.wait_for(f"report.{ending}").isEnabled()  # nothing to save yet
    answered(screen)
    touch(screen, f"report.{ending}")
    assert last(screen, "save") == ("save", ending)
    assert not screen.wait_for(f"report.{ending}").isEnabled()
    path = Path("reports") / f"visits-2026-11-20.{ending}"
    screen.store.publish(ReportSaved(path))
    screen.until(lambda: says(screen, f"Written to {path}"))
    assert screen.wait_for(f"report.{ending}").isEnabled()
    touch(screen, "period.1")
    assert not says(screen, "Written to")


def test_a_file_that_could_not_be_written_can_be_tried_again(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    answered(screen)
    touch(screen, "report.csv")
    screen.store.tell("store.notice.failed", str(ErrorCode.DISK_FULL))
    screen.until(lambda: screen.wait_for("report.csv").isEnabled())
    assert not says(screen, "The report could not be made.")


# visits


def on_visits(open_store: OpenStore, size: tuple[int, int] = WIDE, **view: Any) -> StoreScreen:
    screen = open_store(FakeStore(a_store_view(**view)), size)
    screen.go("visits")
    return screen


def listed(screen: StoreScreen, count: int = 24, offset: int = 0, *, has_more: bool = False) -> None:
    screen.store.publish(VisitsListed(some_visits(count, offset), offset, has_more))
    screen.until(lambda: screen.objects["Visits"].property("count") == count)


def test_visits_are_asked_for_from_midnight_to_midnight_at_the_venue(open_store: OpenStore) -> None:
    screen = on_visits(open_store)
    since, until = datetime(2026, 11, 19, 17, tzinfo=UTC), datetime(2026, 11, 20, 17, tzinfo=UTC)
    assert last(screen, "list_visits") == ("list_visits", since, until, SITE.site_id, 0)
    assert says(screen, "Looking …")


@BOTH_SHAPES
def test_a_visit_says_who_when_and_where(open_store: OpenStore, size: tuple[int, int]) -> None:
    screen = on_visits(open_store, size)
    listed(screen)
    for words in ("Visitor", "Mali", "visit 2", "today, 14:29, still here", "Front door · Riverside shop"):
        assert says(screen, words), words
    assert says(screen, "today, 14:02 – 14:14")


def test_somebody_who_is_known_is_opened_and_the_list_is_found_where_it_was(open_store: OpenStore) -> None:
    screen = on_visits(open_store)
    listed(screen, has_more=True)
    touch(screen, "visits.more")
    assert last(screen, "list_visits")[-1] == 24
    listed(screen, 8, 24)
    assert says(screen, "25 – 32")
    touch(screen, "visit.visit-25")
    screen.wait_for("page.person")
    assert last(screen, "show") == ("show", "person-mali")
    touch(screen, "head.back")
    screen.wait_for("page.visits")
    assert last(screen, "list_visits")[-1] == 24
    listed(screen, 8, 24)
    touch(screen, "visits.before")
    assert last(screen, "list_visits")[-1] == 0


def test_a_list_of_one_machine_alone_says_so(open_store: OpenStore) -> None:
    screen = on_visits(open_store)
    screen.store.publish(VisitsListed(some_visits(3), 0, has_more=False, covers_chain=False))
    screen.until(lambda: says(screen, "The centre is away: only what this machine knows."))
    listed(screen)
    assert screen.find("visits.onlyHere") is None


def test_a_visitor_without_a_name_cannot_be_opened(open_store: OpenStore) -> None:
    screen = on_visits(open_store)
    listed(screen)
    assert not screen.wait_for("visit.visit-0").isEnabled()


def test_days_and_shop_of_the_reports_are_those_of_the_visits(open_store: OpenStore) -> None:
    screen = on_reports(open_store)
    touch(screen, "period.3")
    screen.objects["Period"].pickSite("")
    touch(screen, "report.visits")
    screen.wait_for("page.visits")
    since, until = datetime(2026, 9, 30, 17, tzinfo=UTC), datetime(2026, 10, 31, 17, tzinfo=UTC)
    assert last(screen, "list_visits") == ("list_visits", since, until, "", 0)


def test_other_days_begin_at_the_first_page(open_store: OpenStore) -> None:
    screen = on_visits(open_store)
    listed(screen, has_more=True)
    touch(screen, "visits.more")
    touch(screen, "period.1")
    assert last(screen, "list_visits")[-1] == 0
    screen.store.publish(VisitsListed(some_visits(8, 24), 24, has_more=False))
    screen.serve(30)
    assert screen.objects["Visits"].property("isWaiting")


def test_no_visits_are_told_in_words_and_none_is_held_later(open_store: OpenStore) -> None:
    screen = on_visits(open_store)
    screen.store.publish(VisitsListed((), 0, has_more=False))
    screen.until(lambda: says(screen, "No visits in these days."))
    listed(screen)
    screen.go("wall")
    assert screen.objects["Visits"].property("rows") == []


@BOTH_SHAPES
@pytest.mark.parametrize("language", Language)
def test_a_long_name_leaves_room_for_the_rest(
    open_store: OpenStore, size: tuple[int, int], language: Language
) -> None:
    screen = on_visits(open_store, size, language=language)
    visit = a_visit(7, LONG.name, 30, 1234)
    screen.store.publish(VisitsListed((visit,), 0, has_more=False))
    row = screen.wait_for("visit.visit-7")
    screen.window.grabWindow()
    words = [item for item in screen.items() if item.inherits("QQuickText") and _is_in(item, row)]
    areas = [
        QRectF(item.mapToScene(QPointF(0, 0)), item.size()).adjusted(1, 1, -1, -1)
        for item in words
        if item.property("text")
    ]
    assert len(areas) >= 3
    assert not any(one.intersects(other) for place, one in enumerate(areas) for other in areas[:place])


def _is_in(item: QQuickItem, row: QQuickItem) -> bool:
    above: QQuickItem | None = item
    while above is not None and above is not row:
        above = above.parentItem()
    return above is row


@BOTH_SHAPES
@pytest.mark.parametrize("place", ["reports", "visits"])
def test_what_is_touched_is_large_enough(open_store: OpenStore, place: str, size: tuple[int, int]) -> None:
    screen = open_store(FakeStore(), size)
    screen.go(place)
    if place == "reports":
        answered(screen)
    else:
        listed(screen, has_more=True)
    screen.window.grabWindow()
    small = [
        (item.objectName(), item.width(), item.height())
        for item in screen.items()
        if item.inherits("QQuickAbstractButton") and min(item.width(), item.height()) < 64
    ]
    assert small == []
