"""Several people on the screens: asking a friend, any of us or all of us, one face or all deleted."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPointF

from kiosk.capture.types import CameraState
from kiosk.gallery.types import FaceKey, GroupRule
from kiosk.session.states import Screen as Page
from kiosk.session.view import Notice
from tests.gui.conftest import WIDE, Screen
from tests.gui.fake_kiosk import TILES, a_group, a_view, some_results
from tests.gui.group_pictures import OF_ALL, OF_TWO
from tests.gui.visiting import SHAPES, OpenScreen, on_page, says, touched

TWO = {"group": a_group(2), "results": OF_TWO}


@SHAPES
def test_a_friend_is_asked_from_the_results(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    screen = on_page(open_screen, Page.RESULTS, size)
    assert screen.find("results.rule.0") is None
    assert touched(screen, "results.friend") == [("add_friend",)]


def test_nobody_is_asked_to_join_without_a_face_search_or_a_camera(open_screen: OpenScreen) -> None:
    browsing = some_results(by_face=False, is_blurred=False, people=(), maybe=())
    screen = on_page(open_screen, Page.RESULTS, results=browsing, group=a_group(0))
    assert screen.find("results.friend") is None
    screen = on_page(open_screen, Page.RESULTS, camera=CameraState.NONE)
    assert screen.find("results.friend") is None


@SHAPES
def test_a_group_chooses_between_any_and_all_of_them(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    screen = on_page(open_screen, Page.RESULTS, size, **TWO)
    assert says(screen, "12 photos of your group")
    assert touched(screen, "results.rule.1") == [("show", GroupRule.ALL)]
    all_of_them = replace(OF_ALL, sure=TILES[:3], total=3)
    screen.kiosk.show(replace(screen.kiosk.view, results=all_of_them))
    screen.until(lambda: says(screen, "3 photos of you together"))
    assert touched(screen, "results.rule.0") == [("show", GroupRule.ANY)]


def test_where_nobody_stands_together_any_of_us_is_one_touch_away(open_screen: OpenScreen) -> None:
    nothing = replace(OF_ALL, sure=(), maybe=(), total=0)
    screen = on_page(open_screen, Page.RESULTS, group=a_group(2), results=nothing)
    assert says(screen, "No photo with all of you yet")
    assert screen.find("results.showAll") is None
    assert touched(screen, "results.showAny") == [("show", GroupRule.ANY)]


def test_the_friend_is_spoken_to_on_the_consent_page_and_can_refuse(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.CONSENT, group=a_group(1, is_adding=True))
    assert says(screen, "Now your friend")
    assert says(screen, "Each person decides for themselves")
    assert says(screen, "No, back to the photos")
    assert touched(screen, "consent.decline") == [("decline",)]
    assert touched(screen, "consent.agree") == [("agree",)]


def test_a_friend_whose_company_has_gone_is_sent_back_to_no_photos(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.CONSENT, group=a_group(1, is_adding=True))
    screen.kiosk.show(a_view(Page.CONSENT, group=a_group(0)))
    screen.until(lambda: says(screen, "Go on without my face"))
    assert says(screen, "May we use your face")


def test_the_first_visitor_is_not_taken_for_a_friend(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.CONSENT)
    assert says(screen, "May we use your face")
    assert not says(screen, "friend")


def test_the_picture_of_somebody_who_has_gone_is_drawn_no_more(
    open_screen: OpenScreen, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = on_page(open_screen, Page.NO_MATCH, group=a_group(2), holds_face=True, results=None)
    still = screen.wait_for("no_match.still")
    screen.until(lambda: bool(still.property("isReady")))
    monkeypatch.setattr(screen.kiosk.pictures, "shot_still", lambda: None)
    screen.kiosk.show(replace(screen.kiosk.view, group=a_group(1)))
    screen.until(lambda: bool(still.property("isMissing")))


@pytest.mark.parametrize("page", [Page.SEARCHING, Page.NO_MATCH])
def test_no_picture_is_drawn_once_the_face_is_deleted(open_screen: OpenScreen, page: Page) -> None:
    screen = on_page(open_screen, page, holds_face=True, results=None)
    still = screen.wait_for(f"{page}.still")
    screen.until(lambda: bool(still.property("isReady")))
    screen.kiosk.show(replace(screen.kiosk.view, holds_face=False, group=a_group(0)))
    screen.until(lambda: not still.property("isReady"))


def test_a_new_picture_of_the_same_person_blurs_others_anew(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS, group=a_group(2), results=OF_TWO)
    loader = screen.kiosk_window.engine.pictures
    before = loader.look
    screen.kiosk.show(replace(screen.kiosk.view, results=replace(OF_TWO, faces=(FaceKey("photo-1", 3),))))
    screen.until(lambda: loader.look != before)


def people_sheet(open_screen: OpenScreen, size: tuple[int, int], count: int = 3) -> Screen:
    screen = on_page(open_screen, Page.RESULTS, size, group=a_group(count), results=OF_TWO)
    assert touched(screen, "results.people") == []
    screen.wait_for("TogetherSheet")
    return screen


@SHAPES
def test_one_of_the_group_is_taken_out_or_looks_again(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    screen = people_sheet(open_screen, size)
    assert touched(screen, "together.again.person-2") == [("look_again", "person-2")]
    assert touched(screen, "together.takeOut.person-3") == [("take_out", "person-3")]
    screen.until(lambda: screen.find("TogetherSheet") is None)


@SHAPES
def test_eight_are_the_most_and_all_of_them_can_be_touched(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = people_sheet(open_screen, size, count=8)
    assert screen.find("together.add") is None
    assert says(screen, "Up to 8 people")
    for place in range(1, 9):
        button = screen.wait_for(f"together.takeOut.person-{place}")
        corner = button.mapToScene(QPointF(button.width(), button.height()))
        assert (corner.x() <= size[0], corner.y() <= size[1]) == (True, True)
        assert button.mapToScene(QPointF(0, 0)).y() >= 0


@SHAPES
def test_my_data_deletes_one_face_only_after_a_second_yes(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, Page.RESULTS, size, **TWO)
    touched(screen, "foot.myData")
    assert says(screen, "Pictures of 2 faces")
    assert touched(screen, "myData.delete.person-2") == []
    assert touched(screen, "myData.cancel") == []
    touched(screen, "myData.delete.person-2")
    assert touched(screen, "myData.deleteFace") == [("withdraw", "person-2")]


def test_my_data_deletes_all_faces_only_after_a_second_yes(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS, WIDE, **TWO)
    touched(screen, "foot.myData")
    assert touched(screen, "myData.deleteFace") == []
    assert says(screen, "Delete all face pictures")
    assert touched(screen, "myData.deleteFace") == [("withdraw",)]


def test_a_group_speaks_of_us(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.LIGHTBOX, **TWO)
    assert says(screen, "None of us")
    screen.kiosk.show(replace(screen.kiosk.view, results=OF_ALL))
    screen.until(lambda: says(screen, "Not all of us"))


def test_pictures_are_drawn_anew_when_somebody_leaves(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS, **TWO)
    asked: list[str] = []
    real = screen.kiosk.pictures.photo_pixels

    def noted(photo_id: str, size: object) -> object:
        asked.append(photo_id)
        return real(photo_id, size)  # type: ignore[arg-type]

    screen.serve(300)
    screen.kiosk.pictures.photo_pixels = noted  # type: ignore[method-assign,assignment]
    left = some_results(people=("person-1",))
    screen.kiosk.show(replace(screen.kiosk.view, group=a_group(1), results=left))
    screen.until(lambda: {"photo-1", "photo-4"} <= set(asked))


def test_the_kind_that_went_is_counted_and_comes_back_by_one_touch(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    touched(screen, "results.maybe")
    touched(screen, "results.notMe.photo-21")
    notice = Notice("results.not_me.kind", (("n", "3"),), is_success=True)
    screen.kiosk.show(replace(screen.kiosk.view, notice=notice))
    screen.until(lambda: says(screen, "3 photos of this person taken out"))
    assert touched(screen, "toast.action") == [("undo_not_me", "photo-21")]


def test_the_receipt_counts_the_faces(open_screen: OpenScreen) -> None:
    view = a_view(Page.THANKS)
    assert view.receipt is not None
    screen = on_page(open_screen, Page.THANKS, receipt=replace(view.receipt, face_count=3))
    assert says(screen, "Pictures of 3 faces")
