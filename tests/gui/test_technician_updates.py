"""Updates on the technician's pages: what is ready, when, how the last one went, and the way back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.language import Language
from kiosk.updates.journal import Outcome, Result
from kiosk.updates.wish import When, Wish
from tests.gui.conftest import PORTRAIT, WIDE
from tests.gui.fake_staff import TOM
from tests.gui.fake_technician import AN_UPDATE, NOW, FakeTechnician
from tests.gui.technician_places import OpenScreen, at_place, calls_of, nameless, too_small
from tests.gui.visiting import says, touch


@pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])
@pytest.mark.parametrize("language", Language)
def test_the_page_says_what_is_ready_and_when(
    open_screen: OpenScreen, size: tuple[int, int], language: Language
) -> None:
    screen = at_place(open_screen, "updates", size, language=language)
    assert says(screen, "0.2.0")
    assert says(screen, "02:00")
    assert too_small(screen, "page.updates") == []
    assert nameless(screen, "page.updates") == []


def test_now_tonight_and_never_are_told(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "updates")
    touch(screen, "updates.now")
    touch(screen, "updates.tonight")
    screen.kiosk.technician.publish(replace(AN_UPDATE, wish=Wish(When.TONIGHT, TOM.name, NOW)))
    screen.wait_for("updates.never")
    touch(screen, "updates.never")
    assert calls_of(screen, "choose_update") == [
        ("choose_update", "now"),
        ("choose_update", "tonight"),
        ("choose_update", ""),
    ]


def test_the_way_back_is_asked_for_twice(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "updates")
    touch(screen, "updates.undo")
    assert calls_of(screen, "choose_update") == []
    assert says(screen, "Touch again")
    touch(screen, "updates.undo")
    assert calls_of(screen, "choose_update") == [("choose_update", "undo")]


def test_what_was_taken_back_says_why(open_screen: OpenScreen) -> None:
    def prepare(technician: FakeTechnician) -> None:
        last = Result(Outcome.ROLLED_BACK, "0.2.0", "0.1.0", NOW, "U-110", "weights: F-102")
        technician.updates = replace(AN_UPDATE, ready="", last=last, before="")

    screen = at_place(open_screen, "updates", prepare=prepare)
    assert says(screen, "Version 0.2.0 was taken back; 0.1.0 runs")
    assert says(screen, "did not pass its self-test")


def test_the_stick_is_looked_at_once_at_a_time(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "updates")
    touch(screen, "updates.stick")
    assert screen.wait_for("updates.stick").property("isWaiting") is True
    touch(screen, "updates.check")
    assert [call[0] for call in calls_of(screen, "look_for_update", "check_for_update")] == [
        "look_for_update",
        "check_for_update",
    ]
