"""Results, lightbox and the ways without a face: what is asked, shown and kept; thousands of photos."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from kiosk.gallery.types import Certainty
from kiosk.session.states import Screen as Page
from kiosk.session.view import Notice
from kiosk.vision.types import Pixels
from tests.gui.conftest import WIDE, Screen
from tests.gui.fake_kiosk import (
    FIVE,
    MAYBE,
    TILES,
    FakeKiosk,
    a_shop,
    a_view,
    some_results,
)
from tests.gui.visiting import MANY, SHAPES, OpenScreen, many_tiles, on_page, says, touched
from ui.pictures import PhotoView
from ui.view_models.photo_list import PhotoListModel


@SHAPES
def test_the_maybe_list_opens_in_place_and_asks_photo_by_photo(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, Page.RESULTS, size)
    assert screen.find("results.isMe.photo-20") is None
    assert touched(screen, "results.maybe") == []
    assert touched(screen, "results.isMe.photo-20") == [("this_is_me", "photo-20")]
    assert touched(screen, "results.notMe.photo-21") == [("not_me", "photo-21")]
    assert touched(screen, "results.disc.photo-20") == [("choose", "photo-20")]


def test_a_hidden_photo_can_be_brought_back(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    touched(screen, "results.maybe")
    touched(screen, "results.notMe.photo-21")
    notice = Notice("results.not_me.done", is_success=True)
    screen.kiosk.show(replace(screen.kiosk.view, notice=notice, results=some_results(maybe=MAYBE[:1])))
    assert touched(screen, "toast.action") == [("undo_not_me", "photo-21")]


def test_each_hidden_photo_has_its_own_way_back(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    touched(screen, "results.maybe")
    for photo_id in ("photo-21", "photo-22"):
        touched(screen, f"results.notMe.{photo_id}")
        notice = Notice("results.not_me.done", is_success=True)
        screen.kiosk.show(replace(screen.kiosk.view, notice=notice))
        assert touched(screen, "toast.action") == [("undo_not_me", photo_id)]
        screen.until(lambda: screen.find("toast.action") is None)


def test_no_photo_of_a_visit_stays_in_the_lightbox(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.LIGHTBOX)
    assert screen.objects["Lightbox"].property("photoId") == "photo-9"
    screen.kiosk.show(a_view(Page.ATTRACT))
    screen.wait_for("page.attract")
    assert screen.objects["Lightbox"].property("photoId") == ""
    assert screen.objects["Lightbox"].property("count") == 0


@SHAPES
def test_the_lightbox_covers_no_watermark_and_its_words_lie_on_the_photo(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    square = some_results(sure=tuple(replace(tile, height=tile.width) for tile in TILES))
    screen = on_page(open_screen, Page.LIGHTBOX, size, results=square)
    photo, play = screen.wait_for("lightbox.photo"), screen.wait_for("lightbox.slideshow")
    assert play.mapToScene(QPointF(play.width(), 0)).x() < photo.width() / 2
    if size != WIDE:
        taken = screen.wait_for("lightbox.taken")
        edge = (photo.height() - photo.width()) / 2
        assert edge > 0
        assert taken.y() >= edge


@SHAPES
def test_few_photos_are_shown_larger_and_whole(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    many = on_page(open_screen, Page.RESULTS, size).wait_for("results.tile.photo-1").width()
    few = some_results(sure=TILES[:3], total=3, maybe=())
    screen = on_page(open_screen, Page.RESULTS, size, results=few)
    tile, grid = screen.wait_for("results.tile.photo-3"), screen.wait_for("results.grid")
    assert tile.width() > 1.3 * many
    assert tile.mapToItem(grid, QPointF(0, tile.height())).y() <= grid.height()


def test_photos_that_grow_show_nothing_of_their_old_size(open_screen: OpenScreen) -> None:
    def seen(after: bool) -> QImage:
        screen = open_screen(FakeKiosk(a_view(Page.ATTRACT)))
        screen.wait_for("page.attract")
        screen.objects["Theme"].setProperty("largerText", not after)
        screen.kiosk.show(a_view(Page.RESULTS, results=some_results(sure=TILES[:6], maybe=())))
        all_ready(screen)
        screen.objects["Theme"].setProperty("largerText", True)
        all_ready(screen)
        tile = screen.wait_for("results.tile.photo-1")
        at = tile.mapToScene(QPointF(0, 0)).toPoint()
        return screen.window.grabWindow().copy(at.x(), at.y(), int(tile.width()), int(tile.height()))

    assert seen(after=True) == seen(after=False)


def all_ready(screen: Screen) -> None:
    """Each photo of the page is drawn as large as its tile."""
    screen.wait_for("results.tile.photo-1")
    screen.serve(50)
    views = [item for item in screen.items() if isinstance(item, PhotoView)]
    screen.until(lambda: all(view.property("isReady") for view in views))
    screen.serve(50)


def test_results_that_did_not_change_are_not_drawn_anew(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    told: list[None] = []
    screen.objects["Results"].changed.connect(lambda: told.append(None))
    screen.kiosk.show(replace(screen.kiosk.view, shop=a_shop("photo-1")))
    screen.until(lambda: says(screen, "1 photo chosen"))
    assert told == []
    screen.kiosk.show(replace(screen.kiosk.view, results=some_results(favourites_only=True)))
    screen.until(lambda: told != [])


def test_with_maybes_alone_their_list_is_open(open_screen: OpenScreen) -> None:
    results = some_results(sure=(), total=0)
    screen = on_page(open_screen, Page.RESULTS, results=results, shop=a_shop())
    assert says(screen, "4 photos that may be you")
    assert screen.find("results.isMe.photo-20") is not None
    assert screen.find("results.slideshow") is None


def test_a_filter_keeps_the_other_ones(open_screen: OpenScreen) -> None:
    hours = some_results().times
    results = some_results(filter_place="Bridge", favourites_only=True)
    screen = on_page(open_screen, Page.RESULTS, results=results)
    kept = {"place": "Bridge", "photographer": None, "favourites_only": True}
    touched(screen, "results.filter")
    [call] = touched(screen, "filter.time.1")
    assert call[0] == "set_filter"
    assert dict(call[1:]) == kept | {"since": hours[1], "until": hours[1] + timedelta(hours=1)}
    [call] = touched(screen, "filter.place.any")
    assert dict(call[1:]) == kept | {"place": None, "since": None, "until": None}
    [call] = touched(screen, "filter.photographer.0")
    assert dict(call[1:])["photographer"] == "Nok"
    assert touched(screen, "filter.done") == []
    screen.until(lambda: screen.find("FilterSheet") is None)
    [call] = touched(screen, "results.favourites")
    assert dict(call[1:])["favourites_only"] is False


def test_a_filter_without_a_photo_offers_all_again(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS, results=some_results(sure=(), favourites_only=True))
    assert says(screen, "12 photos of you")
    assert touched(screen, "results.showAll") == [("set_filter",)]


def test_the_blur_is_explained_only_where_faces_are_blurred(open_screen: OpenScreen) -> None:
    screen = on_page(
        open_screen, Page.RESULTS, WIDE, results=some_results(by_face=False, is_blurred=False, maybe=())
    )
    grid = screen.wait_for("results.grid")
    grid.setProperty("contentY", grid.property("contentHeight"))
    screen.serve(30)
    assert not says(screen, "blurred")
    assert says(screen, "12 photos")
    assert not says(screen, "of you")


def test_the_bar_says_count_price_and_the_one_hint(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    assert says(screen, "3 photos chosen")
    assert says(screen, "237")
    assert says(screen, "2 more photos and the package is cheaper: 5 for 299 baht")
    assert says(screen, "+62 baht")
    screen.kiosk.show(replace(screen.kiosk.view, shop=a_shop(*FIVE)))
    screen.until(lambda: says(screen, "This is the lowest price for 5 photos"))
    screen.kiosk.show(replace(screen.kiosk.view, shop=a_shop("photo-1")))
    screen.until(lambda: says(screen, "1 photo chosen"))


def test_with_nothing_chosen_the_basket_says_why_it_cannot_be_opened(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS, results=some_results(), shop=a_shop())
    assert not screen.wait_for("results.basket").isEnabled()
    assert says(screen, "Touch the circle on a photo to choose it")


def test_thousands_of_photos_make_a_screenful_of_tiles(open_screen: OpenScreen) -> None:
    tiles = many_tiles()
    screen = on_page(open_screen, Page.RESULTS, results=some_results(sure=tiles, total=MANY, maybe=()))
    assert says(screen, "5,000 photos of you")
    grid = screen.wait_for("results.grid")
    for share in (0.3, 0.6, 0.99):
        grid.setProperty("contentY", grid.property("contentHeight") * share)
        screen.serve(30)
        made = grid.property("contentItem").childItems()
        assert 0 < sum(item.objectName().startswith("results.tile.") for item in made) < 100
    assert screen.find(f"results.tile.photo-{MANY - 40}") is not None


def test_choosing_one_of_thousands_tells_one_tile_alone(open_screen: OpenScreen) -> None:
    tiles = many_tiles()
    screen = on_page(open_screen, Page.RESULTS, results=some_results(sure=tiles, total=MANY, maybe=()))
    model = screen.objects["Results"].property("sure")
    told: list[tuple[str, int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append(("changed", first.row(), last.row())))
    model.rowsInserted.connect(lambda _at, first, last: told.append(("in", first, last)))
    model.rowsRemoved.connect(lambda _at, first, last: told.append(("out", first, last)))
    model.modelReset.connect(lambda: told.append(("reset", 0, 0)))
    grid = screen.wait_for("results.grid")
    grid.setProperty("contentY", 40_000)
    changed = list(tiles)
    changed[300] = replace(tiles[300], is_chosen=True)
    screen.kiosk.show(
        replace(screen.kiosk.view, results=some_results(sure=tuple(changed), total=MANY, maybe=()))
    )
    screen.until(lambda: bool(told))
    assert told == [("changed", 300, 300)]
    assert grid.property("contentY") == 40_000
    told.clear()
    del changed[17]
    screen.kiosk.show(
        replace(screen.kiosk.view, results=some_results(sure=tuple(changed), total=MANY, maybe=()))
    )
    screen.until(lambda: bool(told))
    assert told == [("out", 17, 17)]


def test_back_on_the_results_the_language_changes_in_place(open_screen: OpenScreen) -> None:
    tiles = many_tiles()
    screen = on_page(open_screen, Page.RESULTS, results=some_results(sure=tiles, total=MANY, maybe=()))
    page, grid = screen.find("page.results"), screen.wait_for("results.grid")
    grid.setProperty("contentY", 2000)
    screen.touch(screen.wait_for("foot.thai"))
    screen.until(lambda: says(screen, "เจอรูปของคุณ 5,000 รูป"))
    assert screen.find("page.results") == page
    assert grid.property("contentY") == 2000


def test_no_picture_of_one_visitor_is_shown_to_the_next(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    asked: list[str] = []
    real = screen.kiosk.pictures.photo_pixels

    def noted(photo_id: str, size: Any) -> Pixels:
        asked.append(photo_id)
        return real(photo_id, size)

    screen.kiosk.pictures.photo_pixels = noted
    screen.kiosk.show(a_view(Page.ATTRACT))
    screen.wait_for("page.attract")
    screen.serve(100)
    asked.clear()
    screen.kiosk.show(a_view(Page.RESULTS))
    screen.wait_for("page.results")
    screen.until(lambda: "photo-1" in asked)


def test_the_slideshow_turns_without_a_command_and_any_touch_takes_over_there(
    open_screen: OpenScreen,
) -> None:
    screen = on_page(open_screen, Page.LIGHTBOX, results=some_results(sure=many_tiles(), total=MANY))
    lightbox = screen.objects["Lightbox"]
    lightbox._slides.setInterval(20)
    assert touched(screen, "lightbox.slideshow") == []
    screen.until(lambda: lightbox.property("position") > 12)
    calls = touched(screen, "lightbox.choose")
    shown = calls[0][1]
    assert calls == [("open_photo", shown), ("choose", shown)]
    assert not lightbox.property("isPlaying")


def test_the_slideshow_ends_at_the_last_photo(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.LIGHTBOX, lightbox_photo_id="photo-11")
    lightbox = screen.objects["Lightbox"]
    lightbox._slides.setInterval(20)
    touched(screen, "lightbox.slideshow")
    screen.until(lambda: not lightbox.property("isPlaying"))
    assert screen.kiosk.calls[-1] == ("open_photo", "photo-12")


def test_the_slideshow_of_the_results_plays_when_the_photo_is_open(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    assert touched(screen, "results.slideshow") == [("open_photo", "photo-1")]
    screen.kiosk.show(a_view(Page.LIGHTBOX, lightbox_photo_id="photo-1"))
    screen.wait_for("page.lightbox")
    assert screen.objects["Lightbox"].property("isPlaying")
    screen.kiosk.show(a_view(Page.RESULTS))
    screen.wait_for("page.results")
    assert not screen.objects["Lightbox"].property("isPlaying")


def test_a_double_tap_enlarges_within_the_edges_and_another_one_shows_all(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.LIGHTBOX)
    photo = screen.wait_for("lightbox.photo")
    corner = photo.mapToScene(QPointF(200, 300)).toPoint()

    def double_tap() -> None:
        QTest.mouseDClick(screen.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, corner)

    double_tap()
    screen.until(lambda: photo.property("zoom") == 2.5)
    assert photo.property("panX") > 0
    screen.serve(600)  # longer than two taps of one double tap
    double_tap()
    screen.until(lambda: photo.property("zoom") == 1)
    assert photo.property("panX") == 0


def test_a_sweep_turns_the_page(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.LIGHTBOX)
    screen.kiosk.calls.clear()
    where = [QPointF(800 - 60 * step, 700).toPoint() for step in range(8)]
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QTest.mousePress(screen.window, left, none, where[0])
    for point in where:
        QTest.mouseMove(screen.window, point)
        screen.serve(5)
    QTest.mouseRelease(screen.window, left, none, where[-1])
    screen.until(lambda: ("open_photo", "photo-10") in screen.kiosk.calls)


def test_a_maybe_is_asked_about_and_a_bought_photo_cannot_be_bought_again(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.LIGHTBOX, lightbox_photo_id="photo-21")
    assert says(screen, "2 of 4")
    assert touched(screen, "lightbox.isMe") == [("this_is_me", "photo-21")]
    bought = tuple(replace(tile, is_bought=True) for tile in TILES)
    screen.kiosk.show(a_view(Page.LIGHTBOX, results=some_results(sure=bought)))
    screen.until(lambda: says(screen, "Yours"))
    assert not screen.wait_for("lightbox.choose").isEnabled()


def test_at_the_ends_there_is_no_way_further(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.LIGHTBOX, lightbox_photo_id="photo-1")
    assert screen.find("lightbox.previous") is None
    screen.kiosk.show(a_view(Page.LIGHTBOX, lightbox_photo_id="photo-12"))
    screen.until(lambda: screen.find("lightbox.next") is None)


def test_a_time_and_a_place_are_looked_up_together(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.MANUAL)
    hour = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    touched(screen, "manual.hour.1")
    touched(screen, "manual.place.2")
    assert touched(screen, "manual.search") == [
        ("find_by_time", hour, hour + timedelta(hours=1), "Finish line")
    ]
    touched(screen, "manual.hour.any")
    assert touched(screen, "manual.search") == [("find_by_time", None, None, "Finish line")]


@SHAPES
def test_a_photo_number_is_typed_and_survives_a_change_of_language(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, Page.MANUAL, size)
    touched(screen, "manual.number")
    assert not screen.wait_for("manual.search").isEnabled()
    for digit in "1207":
        touched(screen, f"key{digit}")
    screen.touch(screen.wait_for("foot.thai"))
    screen.until(lambda: says(screen, "หมายเลขรูป"))
    assert says(screen, "1207")
    assert touched(screen, "manual.search") == [("find_by_number", "1207")]


def test_the_next_visitor_finds_nothing_picked(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.MANUAL)
    touched(screen, "manual.number")
    touched(screen, "key7")
    screen.kiosk.show(a_view(Page.ATTRACT))
    screen.wait_for("page.attract")
    manual = screen.objects["Manual"]
    assert (manual.property("way"), manual.property("number")) == ("time", "")


def test_no_match_leads_to_the_way_that_was_touched(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.NO_MATCH)
    assert screen.find("noMatch.maybe") is None
    touched(screen, "noMatch.number")
    assert screen.objects["Manual"].property("way") == "number"
    screen.kiosk.show(a_view(Page.NO_MATCH, results=some_results(sure=(), total=0)))
    screen.until(lambda: screen.find("noMatch.maybe") is not None)
    assert touched(screen, "noMatch.maybe") == [("show_maybe",)]


def test_an_order_code_can_be_typed_on_the_manual_page(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.MANUAL)
    assert touched(screen, "manual.order") == []
    assert screen.wait_for("OrderSheet")


def test_a_list_of_thousands_takes_a_filter_in_one_removal_and_one_insertion(qtbot: Any) -> None:
    tiles = many_tiles()
    model = PhotoListModel()
    model.show(tiles)
    told: list[str] = []
    model.rowsInserted.connect(lambda *_: told.append("in"))
    model.rowsRemoved.connect(lambda *_: told.append("out"))
    model.dataChanged.connect(lambda *_: told.append("changed"))
    model.show(tiles[::2])
    assert told.count("out") == 1
    assert told.count("in") <= 1
    assert "changed" not in told
    assert model.rowCount() == MANY // 2


def test_a_maybe_that_becomes_sure_is_no_maybe_any_more(open_screen: OpenScreen) -> None:
    moved = replace(MAYBE[0], certainty=Certainty.MATCH)
    screen = on_page(
        open_screen, Page.RESULTS, results=some_results(sure=(moved, *TILES), maybe=MAYBE[1:], total=13)
    )
    assert says(screen, "13 photos of you")
    tile = screen.wait_for("results.tile.photo-20")
    assert not tile.property("isMaybe")
    assert QRectF(0, 0, 1080, 1920).contains(tile.mapRectToScene(tile.boundingRect()))
