"""The flight recorder's time line, and certainty in words."""

from __future__ import annotations

import pytest

from kiosk.language import Language
from kiosk.staff.told import StaffNotice
from kiosk.technician.told import RecorderShown
from tests.gui.conftest import PORTRAIT, WIDE
from tests.gui.fake_technician import CERTAINTY, NOW, FakeTechnician, a_moment
from tests.gui.technician_places import OpenScreen, at_place, calls_of, nameless, too_small, walked
from tests.gui.visiting import says, touch
from ui import moment
from ui.translator import Translator
from ui.view_models.technician_certainty import ONE_IN, nearest
from ui.view_models.technician_recorder import LANES
from ui.view_models.technician_words import code_text, notice_text

SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])


@pytest.fixture(autouse=True)
def _at_05_41(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW)


@SHAPES
@pytest.mark.parametrize("language", Language)
def test_the_newest_is_on_top_under_its_hour(
    open_screen: OpenScreen, size: tuple[int, int], language: Language
) -> None:
    screen = at_place(open_screen, "recorder", size, language=language)
    rows = screen.objects["TechnicianRecorder"].property("moments").rows
    assert [row["time"] for row in rows] == sorted((row["time"] for row in rows), reverse=True)
    assert says(screen, "05:00")
    assert says(screen, "05:40:36")
    assert too_small(screen, "page.recorder") == []
    assert nameless(screen, "page.recorder") == []


def test_a_code_is_told_with_its_sentence_and_a_word_without_one_stays_readable(
    open_screen: OpenScreen,
) -> None:
    screen = at_place(open_screen, "recorder", PORTRAIT)
    assert says(screen, "Camera lost")
    assert says(screen, "C-102")
    assert says(screen, "look at its cable")
    assert says(screen, "something of later")


@pytest.mark.parametrize("lane", LANES)
def test_one_lane_is_shown_and_touched_again_all_of_them(open_screen: OpenScreen, lane: str) -> None:
    screen = at_place(open_screen, "recorder")
    recorder = screen.objects["TechnicianRecorder"]
    touch(screen, f"lane.{lane}")
    screen.until(lambda: {row["lane"] for row in recorder.property("moments").rows} == {lane})
    touch(screen, f"lane.{lane}")
    screen.until(lambda: len({row["lane"] for row in recorder.property("moments").rows}) == len(LANES))


def test_moments_of_a_lane_that_is_no_longer_looked_at_come_too_late(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "recorder")
    touch(screen, "lane.camera")
    late = RecorderShown("printer", (a_moment(2, "printer", "printer_jammed"),), has_more=False)
    screen.kiosk.technician.publish(late)
    screen.serve(30)
    lanes = {row["lane"] for row in screen.objects["TechnicianRecorder"].property("moments").rows}
    assert lanes == {"camera"}


def test_what_was_earlier_comes_when_it_is_asked_for(open_screen: OpenScreen) -> None:
    def prepared(desk: FakeTechnician) -> None:
        moments = tuple(a_moment(number, "system", "started") for number in range(450))
        desk.recorder = RecorderShown("", moments, has_more=True)

    screen = at_place(open_screen, "recorder", prepare=prepared)
    recorder = screen.objects["TechnicianRecorder"]
    assert len(recorder.property("moments").rows) == 200
    recorder.more()  # type: ignore[attr-defined]
    screen.until(lambda: len(recorder.property("moments").rows) == 400)
    assert [call[2] for call in calls_of(screen, "show_recorder")] == [200, 400]


def test_a_pin_that_was_wrong_is_told_without_its_values() -> None:
    words = Translator()
    words.show_language(Language.ENGLISH)
    assert code_text("K-101", words) == "The PIN is wrong."
    assert code_text("K-102", words) == "Too many wrong PINs. Locked for a while."
    refused = StaffNotice("staff.error.K-101", "K-101", {"n": "1"})
    assert notice_text(refused, words) == "The PIN is wrong. 1 try left."


def test_the_bundle_is_made_and_lies_somewhere(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "recorder")
    touch(screen, "recorder.bundle")
    assert calls_of(screen, "make_bundle") == [("make_bundle", None)]
    screen.until(lambda: says(screen, "kiosk-K7-2026-11-20.zip"))


@SHAPES
@pytest.mark.parametrize("language", Language)
def test_certainty_is_said_by_what_visitors_meet(
    open_screen: OpenScreen, size: tuple[int, int], language: Language
) -> None:
    screen = at_place(open_screen, "certainty", size, language=language)
    assert says(screen, CERTAINTY.words)
    assert says(screen, "1 ใน 1,000" if language is Language.THAI else "1 in 1,000")
    assert too_small(screen, "page.certainty") == []
    assert nameless(screen, "page.certainty") == []


def test_a_step_is_told_in_words_before_it_is_used(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "certainty")
    assert screen.wait_for("certainty.save").property("enabled") is False
    touch(screen, "certainty.sure.3")
    assert says(screen, "One visitor in 100 meets a stranger's photo")
    assert calls_of(screen, "set_certainty") == []
    touch(screen, "certainty.save")
    assert calls_of(screen, "set_certainty") == [("set_certainty", 1 / 100, 1 / 20)]


def test_maybe_is_never_stricter_than_sure(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "certainty")
    touch(screen, "certainty.maybe.0")
    certainty = screen.objects["TechnicianCertainty"]
    assert (certainty.property("sure"), certainty.property("maybe")) == (0, 0)
    touch(screen, "certainty.sure.5")
    assert (certainty.property("sure"), certainty.property("maybe")) == (5, 5)


def test_the_words_follow_the_language_and_what_was_chosen_stays(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "certainty")
    touch(screen, "certainty.sure.3")
    screen.objects["Translator"].ask("th")  # type: ignore[attr-defined]
    screen.until(lambda: len(calls_of(screen, "show_certainty")) == 2)
    screen.serve(30)
    assert screen.objects["TechnicianCertainty"].property("sure") == 3


@pytest.mark.parametrize(
    ("share", "one_in"), [(0.0005, 1000), (0.002, 500), (0.0065, 200), (0.05, 20), (0.5, 20)]
)
def test_a_share_between_two_steps_is_shown_as_the_nearer(share: float, one_in: int) -> None:
    assert ONE_IN[nearest(share)] == one_in


def test_keyboard_and_switch_choose_steps_in_reading_order(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "certainty")
    touch(screen, "certainty.sure.3")
    expected = [f"certainty.{part}.{step}" for part in ("sure", "maybe") for step in range(6)]
    assert walked(screen, expected[0]) == [*expected, "certainty.save"]
