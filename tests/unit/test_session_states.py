"""The journey's table: every page can be left, every page can end, nothing else is possible."""

from __future__ import annotations

import pytest

from kiosk.errors import BugError
from kiosk.session.states import TRANSITIONS, Action, Screen, next_screen


def test_the_whole_journey_from_attract_to_attract() -> None:
    screen = Screen.ATTRACT
    for action in (
        Action.START,
        Action.AGREE,
        Action.SHOT,
        Action.FOUND,
        Action.OPEN_PHOTO,
        Action.CLOSE_PHOTO,
        Action.OPEN_BASKET,
        Action.PAY,
        Action.PAID,
        Action.FINISH,
        Action.CLOSE,
    ):
        screen = next_screen(screen, action)
    assert screen is Screen.ATTRACT


@pytest.mark.parametrize("screen", list(Screen))
def test_every_page_can_be_closed_and_every_page_can_fail(screen: Screen) -> None:
    assert next_screen(screen, Action.CLOSE) is Screen.ATTRACT
    assert next_screen(screen, Action.FAIL) is Screen.OUT_OF_SERVICE


@pytest.mark.parametrize("screen", list(Screen))
def test_every_page_can_be_reached_from_attract(screen: Screen) -> None:
    reached = {Screen.ATTRACT}
    while True:
        further = {TRANSITIONS[key] for key in TRANSITIONS if key[0] in reached} - reached
        if not further:
            break
        reached |= further
    assert screen in reached


def test_the_camera_page_is_reached_only_with_consent_or_from_a_search_that_had_it() -> None:
    sources = {(screen, action) for (screen, action), to in TRANSITIONS.items() if to is Screen.CAPTURE}
    assert {screen for screen, action in sources if action is Action.AGREE} == {Screen.CONSENT}
    assert {action for _, action in sources} == {Action.AGREE, Action.RETAKE, Action.BACK}
    assert all(
        screen in (Screen.SEARCHING, Screen.RESULTS, Screen.NO_MATCH)
        for screen, action in sources
        if action is not Action.AGREE
    )


def test_photos_are_delivered_only_after_payment_or_by_an_order_code() -> None:
    actions = {action for (_, action), to in TRANSITIONS.items() if to is Screen.DELIVERY}
    assert actions == {Action.PAID, Action.OPEN_ORDER}


def test_back_leads_where_the_page_was_entered_from_when_the_table_leaves_it_open() -> None:
    assert next_screen(Screen.MANUAL, Action.BACK, came_from=Screen.NO_MATCH) is Screen.NO_MATCH
    assert next_screen(Screen.CONSENT, Action.BACK, came_from=Screen.MANUAL) is Screen.ATTRACT


def test_an_illegal_step_is_a_bug_and_says_which() -> None:
    with pytest.raises(BugError, match="paid is not possible on the page attract"):
        next_screen(Screen.ATTRACT, Action.PAID)
