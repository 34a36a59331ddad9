"""From the results to the thanks page: what each control does, what each state says, thousands of photos."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from kiosk.gallery.types import Certainty
from kiosk.language import Language
from kiosk.payments.qr import qr_png
from kiosk.sales.types import Finish, PrintSize
from kiosk.session.states import Screen as Page
from kiosk.session.view import Notice, PayStage, PhotoTile, Problem
from tests.gui.conftest import PORTRAIT, WIDE, Screen
from tests.gui.fake_kiosk import (
    DELIVERING,
    FIVE,
    MAYBE,
    PAYING,
    RECEIPT,
    TILES,
    VOUCHER,
    FakeKiosk,
    a_problem,
    a_shop,
    a_view,
    some_results,
)
from ui.view_models.photo_ids import PhotoIdModel
from ui.view_models.photo_list import PhotoListModel

SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])
OpenScreen = Callable[..., Screen]
MANY = 5000
ALIVE = ("keep_alive",)


def _on(open_screen: OpenScreen, page: Page, size: tuple[int, int] = PORTRAIT, **changes: Any) -> Screen:
    screen = open_screen(FakeKiosk(a_view(page, **changes)), size)
    screen.wait_for(f"page.{page}")
    screen.serve(30)
    return screen


def _touch(screen: Screen, name: str) -> list[tuple[Any, ...]]:
    """Touches the control; the commands that came of it."""
    screen.kiosk.calls.clear()
    screen.touch(screen.wait_for(name))
    return [call for call in screen.kiosk.calls if call != ALIVE]


def _says(screen: Screen, text: str) -> bool:
    shown = (str(item.property("text") or "") for item in screen.items() if item.inherits("QQuickText"))
    return any(text in words.replace("\u200b", "").replace("\u00a0", " ") for words in shown)


def _many() -> tuple[PhotoTile, ...]:
    first = TILES[0]
    return tuple(
        replace(
            first,
            photo_id=f"photo-{number}",
            number=number,
            taken_at=first.taken_at + timedelta(seconds=number),
        )
        for number in range(MANY)
    )


# -- every control gives its command -----------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "name", "command"),
    [
        (Page.RESULTS, "results.tile.photo-1", ("open_photo", "photo-1")),
        (Page.RESULTS, "results.disc.photo-1", ("choose", "photo-1")),
        (Page.RESULTS, "results.disc.photo-2", ("unchoose", "photo-2")),
        (Page.RESULTS, "results.basket", ("open_basket",)),
        (Page.RESULTS, "results.slideshow", ("open_photo", "photo-1")),
        (Page.RESULTS, "foot.back", ("back",)),
        (Page.LIGHTBOX, "lightbox.choose", ("choose", "photo-9")),
        (Page.LIGHTBOX, "lightbox.close", ("close_photo",)),
        (Page.LIGHTBOX, "lightbox.next", ("open_photo", "photo-10")),
        (Page.LIGHTBOX, "lightbox.previous", ("open_photo", "photo-8")),
        (Page.LIGHTBOX, "lightbox.favourite", ("toggle_favourite", "photo-9")),
        (Page.LIGHTBOX, "lightbox.notMe", ("not_me", "photo-9")),
        (Page.LIGHTBOX, "foot.back", ("back",)),
        (Page.BASKET, "basket.pay", ("pay",)),
        (Page.BASKET, "basket.remove.photo-3", ("unchoose", "photo-3")),
        (Page.BASKET, "foot.back", ("back",)),
        (Page.PAYMENT, "payment.check", ("check_payment",)),
        (Page.PAYMENT, "foot.back", ("back",)),
        (Page.PROBLEM, "problem.payRest", ("pay_rest",)),
        (Page.PROBLEM, "problem.staff", ("ask_staff",)),
        (Page.PROBLEM, "problem.refund", ("ask_staff",)),
        (Page.DELIVERY, "delivery.finish", ("finish",)),
        (Page.THANKS, "thanks.close", ("close",)),
        (Page.NO_MATCH, "noMatch.retake", ("retake",)),
        (Page.NO_MATCH, "noMatch.time", ("go_manual",)),
        (Page.NO_MATCH, "noMatch.number", ("go_manual",)),
        (Page.NO_MATCH, "noMatch.all", ("find_all",)),
        (Page.MANUAL, "manual.all", ("find_all",)),
        (Page.MANUAL, "manual.search", ("find_by_time", None, None, None)),
        (Page.MANUAL, "foot.back", ("back",)),
    ],
)
@SHAPES
def test_a_touch_gives_its_command_once(
    open_screen: OpenScreen, page: Page, name: str, command: tuple[Any, ...], size: tuple[int, int]
) -> None:
    screen = _on(open_screen, page, size)
    assert _touch(screen, name) == [command]


@pytest.mark.parametrize(
    "page",
    [
        Page.NO_MATCH,
        Page.MANUAL,
        Page.LIGHTBOX,
        Page.BASKET,
        Page.PAYMENT,
        Page.PROBLEM,
        Page.DELIVERY,
        Page.THANKS,
    ],
)
@SHAPES
def test_keyboard_and_switch_reach_every_control(
    open_screen: OpenScreen, page: Page, size: tuple[int, int]
) -> None:
    screen = _on(open_screen, page, size)
    screen.window.requestActivate()
    buttons = {
        item.objectName()
        for item in screen.items()
        if item.inherits("QQuickAbstractButton") and item.isEnabled()
    }
    reached = set()
    for _ in range(2 * len(buttons) + 4):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        focused = screen.window.activeFocusItem()
        if focused is not None:
            reached.add(focused.objectName())
    assert buttons <= reached


# -- results -------------------------------------------------------------------------------------


@SHAPES
def test_the_maybe_list_opens_in_place_and_asks_photo_by_photo(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = _on(open_screen, Page.RESULTS, size)
    assert screen.find("results.isMe.photo-20") is None
    assert _touch(screen, "results.maybe") == []
    assert _touch(screen, "results.isMe.photo-20") == [("this_is_me", "photo-20")]
    assert _touch(screen, "results.notMe.photo-21") == [("not_me", "photo-21")]
    assert _touch(screen, "results.disc.photo-20") == [("choose", "photo-20")]


def test_a_hidden_photo_can_be_brought_back(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.RESULTS)
    _touch(screen, "results.maybe")
    _touch(screen, "results.notMe.photo-21")
    notice = Notice("results.not_me.done", is_success=True)
    screen.kiosk.show(replace(screen.kiosk.view, notice=notice, results=some_results(maybe=MAYBE[:1])))
    assert _touch(screen, "toast.action") == [("undo_not_me", "photo-21")]


def test_with_maybes_alone_their_list_is_open(open_screen: OpenScreen) -> None:
    results = some_results(sure=(), total=0)
    screen = _on(open_screen, Page.RESULTS, results=results, shop=a_shop())
    assert _says(screen, "4 photos that may be you")
    assert screen.find("results.isMe.photo-20") is not None
    assert screen.find("results.slideshow") is None


def test_a_filter_keeps_the_other_ones(open_screen: OpenScreen) -> None:
    hours = some_results().times
    results = some_results(filter_place="Bridge", favourites_only=True)
    screen = _on(open_screen, Page.RESULTS, results=results)
    kept = {"place": "Bridge", "photographer": None, "favourites_only": True}
    _touch(screen, "results.filter")
    [call] = _touch(screen, "filter.time.1")
    assert call[0] == "set_filter"
    assert dict(call[1:]) == kept | {"since": hours[1], "until": hours[1] + timedelta(hours=1)}
    [call] = _touch(screen, "filter.place.any")
    assert dict(call[1:]) == kept | {"place": None, "since": None, "until": None}
    [call] = _touch(screen, "filter.photographer.0")
    assert dict(call[1:])["photographer"] == "Nok"
    assert _touch(screen, "filter.done") == []
    screen.until(lambda: screen.find("FilterSheet") is None)
    [call] = _touch(screen, "results.favourites")
    assert dict(call[1:])["favourites_only"] is False


def test_a_filter_without_a_photo_offers_all_again(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.RESULTS, results=some_results(sure=(), favourites_only=True))
    assert _says(screen, "12 photos of you")
    assert _touch(screen, "results.showAll") == [("set_filter",)]


def test_the_blur_is_explained_only_where_faces_are_blurred(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.RESULTS, WIDE, results=some_results(by_face=False, maybe=()))
    grid = screen.wait_for("results.grid")
    grid.setProperty("contentY", grid.property("contentHeight"))
    screen.serve(30)
    assert not _says(screen, "blurred")
    assert _says(screen, "12 photos")
    assert not _says(screen, "of you")


def test_the_bar_says_count_price_and_the_one_hint(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.RESULTS)
    assert _says(screen, "3 photos chosen")
    assert _says(screen, "237")
    assert _says(screen, "2 more photos and the package is cheaper: 5 for 299 baht")
    assert _says(screen, "+62 baht")
    screen.kiosk.show(replace(screen.kiosk.view, shop=a_shop(*FIVE)))
    screen.until(lambda: _says(screen, "This is the lowest price for 5 photos"))
    screen.kiosk.show(replace(screen.kiosk.view, shop=a_shop("photo-1")))
    screen.until(lambda: _says(screen, "1 photo chosen"))


def test_with_nothing_chosen_the_basket_says_why_it_cannot_be_opened(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.RESULTS, results=some_results(), shop=a_shop())
    assert not screen.wait_for("results.basket").isEnabled()
    assert _says(screen, "Touch the circle on a photo to choose it")


def test_thousands_of_photos_make_a_screenful_of_tiles(open_screen: OpenScreen) -> None:
    tiles = _many()
    screen = _on(open_screen, Page.RESULTS, results=some_results(sure=tiles, total=MANY, maybe=()))
    assert _says(screen, "5,000 photos of you")
    grid = screen.wait_for("results.grid")
    for share in (0.3, 0.6, 0.99):
        grid.setProperty("contentY", grid.property("contentHeight") * share)
        screen.serve(30)
        made = grid.property("contentItem").childItems()
        assert 0 < sum(item.objectName().startswith("results.tile.") for item in made) < 100
    assert screen.find(f"results.tile.photo-{MANY - 40}") is not None


def test_choosing_one_of_thousands_tells_one_tile_alone(open_screen: OpenScreen) -> None:
    tiles = _many()
    screen = _on(open_screen, Page.RESULTS, results=some_results(sure=tiles, total=MANY, maybe=()))
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
    tiles = _many()
    screen = _on(open_screen, Page.RESULTS, results=some_results(sure=tiles, total=MANY, maybe=()))
    page, grid = screen.find("page.results"), screen.wait_for("results.grid")
    grid.setProperty("contentY", 2000)
    screen.touch(screen.wait_for("foot.thai"))
    screen.until(lambda: _says(screen, "เจอรูปของคุณ 5,000 รูป"))
    assert screen.find("page.results") == page
    assert grid.property("contentY") == 2000


def test_no_picture_of_one_visitor_is_shown_to_the_next(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.RESULTS)
    asked: list[str] = []
    real = screen.kiosk.pictures.photo_bytes

    def noted(photo_id: str, size: Any) -> bytes:
        asked.append(photo_id)
        return real(photo_id, size)

    screen.kiosk.pictures.photo_bytes = noted
    screen.kiosk.show(a_view(Page.ATTRACT))
    screen.wait_for("page.attract")
    screen.serve(100)
    asked.clear()
    screen.kiosk.show(a_view(Page.RESULTS))
    screen.wait_for("page.results")
    screen.until(lambda: "photo-1" in asked)


# -- lightbox --------------------------------------------------------------------------------------


def test_the_slideshow_turns_without_a_command_and_any_touch_takes_over_there(
    open_screen: OpenScreen,
) -> None:
    screen = _on(open_screen, Page.LIGHTBOX, results=some_results(sure=_many(), total=MANY))
    lightbox = screen.objects["Lightbox"]
    lightbox._slides.setInterval(20)
    assert _touch(screen, "lightbox.slideshow") == []
    screen.until(lambda: lightbox.property("position") > 12)
    calls = _touch(screen, "lightbox.choose")
    shown = calls[0][1]
    assert calls == [("open_photo", shown), ("choose", shown)]
    assert not lightbox.property("isPlaying")


def test_the_slideshow_ends_at_the_last_photo(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.LIGHTBOX, lightbox_photo_id="photo-11")
    lightbox = screen.objects["Lightbox"]
    lightbox._slides.setInterval(20)
    _touch(screen, "lightbox.slideshow")
    screen.until(lambda: not lightbox.property("isPlaying"))
    assert screen.kiosk.calls[-1] == ("open_photo", "photo-12")


def test_the_slideshow_of_the_results_plays_when_the_photo_is_open(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.RESULTS)
    assert _touch(screen, "results.slideshow") == [("open_photo", "photo-1")]
    screen.kiosk.show(a_view(Page.LIGHTBOX, lightbox_photo_id="photo-1"))
    screen.wait_for("page.lightbox")
    assert screen.objects["Lightbox"].property("isPlaying")
    screen.kiosk.show(a_view(Page.RESULTS))
    screen.wait_for("page.results")
    assert not screen.objects["Lightbox"].property("isPlaying")


def test_a_double_tap_enlarges_within_the_edges_and_another_one_shows_all(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.LIGHTBOX)
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
    screen = _on(open_screen, Page.LIGHTBOX)
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
    screen = _on(open_screen, Page.LIGHTBOX, lightbox_photo_id="photo-21")
    assert _says(screen, "2 of 4")
    assert _touch(screen, "lightbox.isMe") == [("this_is_me", "photo-21")]
    bought = tuple(replace(tile, is_bought=True) for tile in TILES)
    screen.kiosk.show(a_view(Page.LIGHTBOX, results=some_results(sure=bought)))
    screen.until(lambda: _says(screen, "Yours"))
    assert not screen.wait_for("lightbox.choose").isEnabled()


def test_at_the_ends_there_is_no_way_further(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.LIGHTBOX, lightbox_photo_id="photo-1")
    assert screen.find("lightbox.previous") is None
    screen.kiosk.show(a_view(Page.LIGHTBOX, lightbox_photo_id="photo-12"))
    screen.until(lambda: screen.find("lightbox.next") is None)


# -- basket ----------------------------------------------------------------------------------------


def test_prints_are_offered_only_where_they_are_sold(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.BASKET)
    assert screen.find("basket.addPrint") is None
    screen.kiosk.show(a_view(Page.BASKET, shop=a_shop("photo-2", prints=True)))
    screen.until(lambda: screen.find("basket.more.0") is not None)
    size, glossy = PrintSize.S10X15, Finish.GLOSSY
    assert _touch(screen, "basket.more.0") == [("set_print", "photo-2", size, glossy, 3)]
    assert _touch(screen, "basket.fewer.0") == [("set_print", "photo-2", size, glossy, 1)]
    assert _touch(screen, "basket.matte.0") == [
        ("set_print", "photo-2", size, glossy, 0),
        ("set_print", "photo-2", size, Finish.MATTE, 2),
    ]
    assert _touch(screen, "basket.glossy.0") == []


def test_a_print_is_added_by_photo_size_and_paper(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.BASKET, WIDE, shop=a_shop("photo-2", "photo-3", prints=True))
    screen.objects["Navigator"].openSheet("PrintSheet")
    screen.wait_for("PrintSheet")
    assert not screen.wait_for("print.add").isEnabled()
    _touch(screen, "print.photo.photo-3")
    _touch(screen, "print.size.1")
    _touch(screen, "print.matte")
    assert _touch(screen, "print.add") == [("set_print", "photo-3", PrintSize.S13X18, Finish.MATTE, 1)]
    screen.until(lambda: screen.find("PrintSheet") is None)


def test_a_voucher_is_typed_and_its_refusal_stays_on_the_sheet(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.BASKET)
    _touch(screen, "basket.voucher")
    screen.wait_for("VoucherSheet")
    for letter in "run50":
        QTest.keyClick(screen.window, letter)
    assert _touch(screen, "keyDone") == [("apply_voucher", "RUN50")]
    screen.kiosk.show(replace(screen.kiosk.view, notice=Notice("error.voucher_unknown")))
    screen.until(lambda: _says(screen, "This code is not known here"))
    assert screen.find("VoucherSheet") is not None
    screen.kiosk.show(a_view(Page.BASKET, shop=a_shop(*FIVE, voucher=VOUCHER)))
    screen.until(lambda: screen.find("VoucherSheet") is None)
    assert _says(screen, "Voucher RUN50: 50 baht off")
    assert _touch(screen, "basket.voucherRemove") == [("remove_voucher",)]


def test_the_basket_says_which_package_is_in_use_and_what_it_saves(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.BASKET)
    assert _says(screen, "Starter: 5 photos")
    assert _says(screen, "This is the lowest price for 5 photos")
    assert _says(screen, "One by one this would be 395 baht")
    assert [pack["times"] for pack in screen.objects["Basket"].property("packages")] == [0, 1, 0, 0, 0]


def test_an_empty_basket_cannot_be_paid_and_says_so(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.BASKET, shop=a_shop())
    assert not screen.wait_for("basket.pay").isEnabled()
    assert _says(screen, "Nothing chosen yet")


def test_taking_one_photo_out_moves_one_thumbnail(qtbot: Any) -> None:
    model = PhotoIdModel()
    model.show(FIVE)
    told: list[tuple[str, int]] = []
    model.rowsRemoved.connect(lambda _at, first, _last: told.append(("out", first)))
    model.rowsInserted.connect(lambda _at, first, _last: told.append(("in", first)))
    model.modelReset.connect(lambda: told.append(("reset", 0)))
    model.show(FIVE[:2] + FIVE[3:])
    model.show((*FIVE[:2], *FIVE[3:], "photo-1"))
    assert told == [("out", 2), ("in", 4)]
    assert [model.data(model.index(row), next(iter(model.roleNames()))) for row in range(5)] == [
        *FIVE[:2],
        *FIVE[3:],
        "photo-1",
    ]


# -- paying ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({}, "Waiting for your bank. This page moves on by itself."),
        ({"is_last_quarter": True}, "This code works until 14:52."),
        ({"stage": PayStage.CHECKING}, "Asking the bank"),
        ({"stage": PayStage.NOT_YET}, "Not here yet. Banks sometimes need a minute."),
        ({"stage": PayStage.STAFF, "confirms_by_itself": False}, "Our staff will confirm it."),
        ({"stage": PayStage.EXPIRED}, "This code has ended."),
    ],
)
@SHAPES
def test_each_stage_of_paying_says_what_goes_on(
    open_screen: OpenScreen, changes: dict[str, Any], sentence: str, size: tuple[int, int]
) -> None:
    screen = _on(open_screen, Page.PAYMENT, size, pay=replace(PAYING, **changes))
    assert _says(screen, sentence)
    assert _says(screen, "The 24 satang tell us that the payment is yours.")


def test_the_end_of_a_code_is_said_only_in_its_last_quarter(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.PAYMENT)
    assert not _says(screen, "14:52")


def test_while_the_code_is_prepared_nothing_can_be_checked(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.PAYMENT, pay=None)
    assert not screen.wait_for("payment.check").isEnabled()
    assert not _says(screen, "Pay exactly")


def test_while_the_bank_is_asked_a_second_touch_does_nothing(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.PAYMENT, pay=replace(PAYING, stage=PayStage.CHECKING))
    assert _touch(screen, "payment.check") == []


def test_an_ended_code_is_taken_away_and_a_new_one_is_the_first_choice(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.PAYMENT, pay=replace(PAYING, stage=PayStage.EXPIRED))
    assert not _says(screen, "PromptPay")
    assert _touch(screen, "payment.renew") == [("renew_payment",)]
    assert _touch(screen, "payment.check") == [("check_payment",)]


def test_a_code_that_did_not_come_says_that_nothing_was_charged(open_screen: OpenScreen) -> None:
    pay = replace(PAYING, stage=PayStage.EXPIRED, qr_payload=None)
    screen = _on(open_screen, Page.PAYMENT, pay=pay, notice=Notice("error.qr_failed"))
    assert _says(screen, "Nothing was charged; please try again.")
    assert screen.find("payment.renew") is not None


def test_a_gateways_own_picture_is_shown_as_it_is(open_screen: OpenScreen) -> None:
    pay = replace(PAYING, qr_payload=None, qr_png=qr_png("anything"))
    screen = _on(open_screen, Page.PAYMENT, pay=pay)
    image = next(item for item in screen.items() if item.inherits("QQuickImage") and item.width() > 300)
    screen.until(lambda: image.property("implicitWidth") > 100)


def test_without_a_bank_app_the_staff_are_called(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.PAYMENT)
    assert _touch(screen, "payment.noApp") == []
    assert _touch(screen, "payment.askStaff") == [("ask_staff",)]
    screen.kiosk.show(replace(screen.kiosk.view, notice=Notice("common.staff_called")))
    screen.until(lambda: _says(screen, "We have told our staff."))


@pytest.mark.parametrize(
    ("problem", "title", "control", "command"),
    [
        (Problem.SHORT, "99.24 baht still to pay", "problem.payRest", "pay_rest"),
        (Problem.LATE, "Your payment came a little later", "problem.check", "check_payment"),
        (Problem.OVER, "We received 100.76 baht more", "problem.check", "check_payment"),
        (Problem.TWICE, "Your payment arrived twice", "problem.check", "check_payment"),
        (Problem.UNKNOWN, "We are asking the bank", "problem.check", "check_payment"),
    ],
)
def test_each_problem_says_what_came_and_what_to_do(
    open_screen: OpenScreen, problem: Problem, title: str, control: str, command: str
) -> None:
    screen = _on(open_screen, Page.PROBLEM, pay=a_problem(problem))
    assert _says(screen, title)
    assert _says(screen, "K7-4Q2M")
    assert _touch(screen, control) == [(command,)]
    assert (screen.find("problem.refund") is not None) is (problem is Problem.SHORT)


# -- taking along --------------------------------------------------------------------------------------


def test_the_way_by_wifi_is_told_only_where_there_is_one(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.DELIVERY)
    assert _says(screen, "PhotoKiosk")
    assert _says(screen, "Works until 20 Dec 2026, up to 10 downloads")
    screen.kiosk.show(a_view(Page.DELIVERY, deliver=replace(DELIVERING, wifi_name="")))
    screen.until(lambda: not _says(screen, "Wi-Fi"))


def test_the_receipt_holds_code_lines_total_and_time(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.DELIVERY, deliver=replace(DELIVERING, print_copies=2))
    _touch(screen, "delivery.receipt")
    screen.wait_for("ReceiptSheet")
    for words in ("K7-4Q2M", "5 photos", "× 2", "20 Nov 2026 · 08:16", "399", ".24"):
        assert _says(screen, words)


def test_the_privacy_receipt_names_only_what_was_there(open_screen: OpenScreen) -> None:
    receipt = replace(RECEIPT, face_deleted_at=None, had_consent=False)
    screen = _on(open_screen, Page.THANKS, receipt=receipt)
    assert not _says(screen, "Picture of your face")
    assert not _says(screen, "Record that you agreed")
    assert _says(screen, "Everything you looked at here")
    assert _says(screen, "Your 5 photos, for download")
    assert _says(screen, "until 20 Dec 2026")


def test_thai_dates_count_buddhist_years(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.THANKS, language=Language.THAI)
    assert _says(screen, "20 พ.ย. 2569")


# -- without a face --------------------------------------------------------------------------------------


def test_a_time_and_a_place_are_looked_up_together(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.MANUAL)
    hour = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
    _touch(screen, "manual.hour.1")
    _touch(screen, "manual.place.2")
    assert _touch(screen, "manual.search") == [
        ("find_by_time", hour, hour + timedelta(hours=1), "Finish line")
    ]
    _touch(screen, "manual.hour.any")
    assert _touch(screen, "manual.search") == [("find_by_time", None, None, "Finish line")]


@SHAPES
def test_a_photo_number_is_typed_and_survives_a_change_of_language(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = _on(open_screen, Page.MANUAL, size)
    _touch(screen, "manual.number")
    assert not screen.wait_for("manual.search").isEnabled()
    for digit in "1207":
        _touch(screen, f"key{digit}")
    screen.touch(screen.wait_for("foot.thai"))
    screen.until(lambda: _says(screen, "หมายเลขรูป"))
    assert _says(screen, "1207")
    assert _touch(screen, "manual.search") == [("find_by_number", "1207")]


def test_the_next_visitor_finds_nothing_picked(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.MANUAL)
    _touch(screen, "manual.number")
    _touch(screen, "key7")
    screen.kiosk.show(a_view(Page.ATTRACT))
    screen.wait_for("page.attract")
    manual = screen.objects["Manual"]
    assert (manual.property("way"), manual.property("number")) == ("time", "")


def test_no_match_leads_to_the_way_that_was_touched(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.NO_MATCH)
    assert screen.find("noMatch.maybe") is None
    _touch(screen, "noMatch.number")
    assert screen.objects["Manual"].property("way") == "number"
    screen.kiosk.show(a_view(Page.NO_MATCH, results=some_results(sure=(), total=0)))
    screen.until(lambda: screen.find("noMatch.maybe") is not None)
    assert _touch(screen, "noMatch.maybe") == [("show_maybe",)]


def test_an_order_code_can_be_typed_on_the_manual_page(open_screen: OpenScreen) -> None:
    screen = _on(open_screen, Page.MANUAL)
    assert _touch(screen, "manual.order") == []
    assert screen.wait_for("OrderSheet")


# -- the list ----------------------------------------------------------------------------------------------


def test_a_list_of_thousands_takes_a_filter_in_one_removal_and_one_insertion(qtbot: Any) -> None:
    tiles = _many()
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
    screen = _on(
        open_screen, Page.RESULTS, results=some_results(sure=(moved, *TILES), maybe=MAYBE[1:], total=13)
    )
    assert _says(screen, "13 photos of you")
    tile = screen.wait_for("results.tile.photo-20")
    assert not tile.property("isMaybe")
    assert QRectF(0, 0, 1080, 1920).contains(tile.mapRectToScene(tile.boundingRect()))
