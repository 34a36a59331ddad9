"""Finding by the number on a shirt: offered only where the event reads numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kiosk.session.states import Screen as Page
from kiosk.session.view import SessionView
from tests.gui.fake_kiosk import a_view, some_results
from tests.gui.visiting import SHAPES, OpenScreen, on_page, says, touched


def of_runners(page: Page, **changes: Any) -> SessionView:
    view = a_view(page, **changes)
    assert view.event is not None
    return replace(view, event=replace(view.event, reads_numbers=True))


@SHAPES
def test_a_bib_number_is_typed_with_six_digits_at_most(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, Page.MANUAL, size)
    screen.kiosk.show(of_runners(Page.MANUAL))
    screen.until(lambda: screen.find("manual.bib") is not None)
    touched(screen, "manual.bib")
    assert says(screen, "Type your bib number")
    assert not screen.wait_for("manual.search").isEnabled()
    for digit in "0120789":
        touched(screen, f"key{digit}")
    assert touched(screen, "manual.search") == [("find_by_shirt_number", "012078")]


def test_what_was_typed_for_a_photo_is_not_taken_for_a_bib(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.MANUAL)
    screen.kiosk.show(of_runners(Page.MANUAL))
    touched(screen, "manual.number")
    touched(screen, "key7")
    touched(screen, "manual.bib")
    assert not screen.wait_for("manual.search").isEnabled()
    touched(screen, "key8")
    touched(screen, "manual.number")
    assert touched(screen, "manual.search") == [("find_by_number", "7")]


def test_an_event_that_reads_no_numbers_offers_none(open_screen: OpenScreen) -> None:
    for page, control in ((Page.MANUAL, "manual.bib"), (Page.NO_MATCH, "noMatch.bib")):
        assert on_page(open_screen, page).find(control) is None


def test_nobody_stays_with_a_way_that_is_offered_no_more(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.MANUAL)
    screen.kiosk.show(of_runners(Page.MANUAL))
    touched(screen, "manual.bib")
    screen.kiosk.show(a_view(Page.MANUAL))
    screen.until(lambda: screen.objects["Manual"].property("way") == "time")


def test_no_match_leads_to_the_bib_number(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.NO_MATCH)
    screen.kiosk.show(of_runners(Page.NO_MATCH))
    screen.until(lambda: screen.find("noMatch.bib") is not None)
    assert touched(screen, "noMatch.bib") == [("go_manual",)]
    assert screen.objects["Manual"].property("way") == "bib"


def test_photos_with_a_wrong_digit_are_asked_about_and_said_to_be_such(open_screen: OpenScreen) -> None:
    only_maybe = some_results(by_face=False, sure=(), total=0)
    screen = on_page(open_screen, Page.RESULTS, results=only_maybe)
    assert says(screen, "4 photos that may be you")
    assert says(screen, "A digit is read differently here. Touch to look.")
    assert touched(screen, "results.isMe.photo-20") == [("this_is_me", "photo-20")]


@pytest.mark.parametrize("reads_numbers", [False, True])
def test_the_consent_names_the_bib_only_where_it_is_a_way(
    open_screen: OpenScreen, reads_numbers: bool
) -> None:
    screen = on_page(open_screen, Page.CONSENT)
    if reads_numbers:
        screen.kiosk.show(of_runners(Page.CONSENT))
    way = "bib number" if reads_numbers else "photo number"
    screen.until(lambda: says(screen, f"time, place or {way} instead"))
