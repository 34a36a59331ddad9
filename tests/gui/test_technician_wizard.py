"""The first run: one question a page, nothing clipped, nothing lost on the way back."""

from __future__ import annotations

import pytest

from kiosk.language import Language
from tests.gui.conftest import PORTRAIT, WIDE, Screen
from tests.gui.fake_technician import STEPS, FakeTechnician, a_wizard
from tests.gui.technician_places import (
    OpenScreen,
    at_place,
    calls_of,
    clipped,
    enter,
    nameless,
    too_small,
    walked,
    write,
)
from tests.gui.visiting import says, touch

SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])
ANSWER = "answer_wizard"


def asked(
    open_screen: OpenScreen,
    step: str,
    size: tuple[int, int] = WIDE,
    language: Language = Language.ENGLISH,
    **changes: object,
) -> Screen:
    """The wizard asks this question."""

    def prepared(desk: FakeTechnician) -> None:
        desk.wizard = a_wizard(step, **changes)

    return at_place(open_screen, "wizard", size, prepared, language=language)


def ask(screen: Screen, step: str) -> None:
    """The wizard goes on to this question."""
    screen.kiosk.technician.publish(a_wizard(step))
    screen.until(lambda: screen.objects["TechnicianWizard"].property("step") == step)


@SHAPES
@pytest.mark.parametrize("language", Language)
def test_every_question_fits_its_page(
    open_screen: OpenScreen, size: tuple[int, int], language: Language
) -> None:
    screen = asked(open_screen, STEPS[0], size, language)
    for step in STEPS:
        ask(screen, step)
        screen.serve(30)
        assert clipped(screen, "page.wizard") == []
        assert too_small(screen, "page.wizard") == []
        assert nameless(screen, "page.wizard") == []


def test_a_language_is_shown_at_once_and_answered(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "language")
    touch(screen, "wizard.choice.0")
    screen.until(lambda: screen.objects["Translator"].property("language") == "th")
    touch(screen, "wizard.next")
    assert calls_of(screen, ANSWER) == [(ANSWER, "language", {"language": "th"})]


def test_a_pin_is_typed_twice_hidden_and_must_be_the_same(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "staff")
    assert screen.wait_for("wizard.next").property("enabled") is False
    touch(screen, "wizard.field.name")
    enter(screen, "mali")
    for field, pin in (("pin", "482913"), ("pin_again", "482914")):
        touch(screen, f"wizard.field.{field}")
        enter(screen, pin, "NumberSheet")
    assert says(screen, "The two PINs differ")
    assert not says(screen, "482913")
    touch(screen, "wizard.field.pin_again")
    enter(screen, "482913", "NumberSheet")
    touch(screen, "wizard.next")
    assert calls_of(screen, ANSWER) == [(ANSWER, "staff", {"name": "mali", "pin": "482913"})]


def test_a_pin_that_is_too_short_is_not_taken(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "staff")
    touch(screen, "wizard.field.pin")
    write(screen, "481", "NumberSheet")
    assert says(screen, "At least 4 figures")
    assert screen.wait_for("number.done").property("enabled") is False


def test_a_pin_is_forgotten_when_its_page_is_left(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "staff")
    touch(screen, "wizard.field.pin")
    enter(screen, "482913", "NumberSheet")
    for step in ("camera", "staff"):
        ask(screen, step)
    assert not says(screen, "●")


def test_the_camera_is_chosen_by_what_it_sees(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "camera")
    live = screen.wait_for("technician.live")
    screen.until(lambda: bool(live.property("hasPicture")))
    touch(screen, "wizard.choice.1")
    touch(screen, "wizard.next")
    ask(screen, "event")
    screen.serve(30)
    assert calls_of(screen, ANSWER) == [(ANSWER, "camera", {"source": "webcam:1"})]
    assert calls_of(screen, "look") == [("look", True), ("look", False)]


def test_a_network_camera_is_named_by_its_address(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "camera")
    touch(screen, "wizard.choice.2")
    assert says(screen, "Enter its address first")
    touch(screen, "wizard.field.address")
    enter(screen, "door")
    touch(screen, "wizard.next")
    assert calls_of(screen, ANSWER) == [(ANSWER, "camera", {"source": "door"})]


def test_a_machine_without_a_camera_says_so(open_screen: OpenScreen) -> None:
    assert not says(asked(open_screen, "camera"), "No camera was found")
    assert says(asked(open_screen, "camera", choices=("auto",)), "No camera was found")


def test_a_kiosk_without_a_printer_says_so(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "printer")
    touch(screen, "wizard.choice.2")
    assert says(screen, "Staff hand prints out")
    touch(screen, "wizard.next")
    assert calls_of(screen, ANSWER) == [(ANSWER, "printer", {"queue": ""})]


def test_what_is_typed_follows_how_visitors_pay(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "payment")
    assert says(screen, "Enter the account first")
    touch(screen, "wizard.choice.1")
    touch(screen, "wizard.field.secret")
    enter(screen, "simulator")
    assert not says(screen, "simulator")
    touch(screen, "wizard.next")
    assert calls_of(screen, ANSWER) == [(ANSWER, "payment", {"gateway": "paynoi", "secret": "simulator"})]


def test_a_kiosk_may_stand_alone(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "centre")
    assert says(screen, "Go on without")
    touch(screen, "wizard.next")
    assert calls_of(screen, ANSWER) == [(ANSWER, "centre", {})]


def test_what_is_wrong_is_said_and_what_was_typed_stays(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "event")
    touch(screen, "wizard.field.event")
    enter(screen, "night run")
    touch(screen, "wizard.next")
    assert says(screen, "One moment")
    screen.kiosk.technician.publish(a_wizard("event", code="A-102"))
    screen.wait_for("wizard.problem")
    assert says(screen, str(screen.objects["TechnicianWizard"].property("problemText"))[:20])
    assert says(screen, "night run")
    touch(screen, "wizard.next")
    assert calls_of(screen, ANSWER) == [(ANSWER, "event", {"event": "night run"})] * 2


def test_a_number_that_nobody_can_be_paid_by_is_said_to_whoever_typed_it(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "payment")
    screen.kiosk.technician.publish(a_wizard("payment", code="Y-105"))
    screen.wait_for("wizard.problem")
    assert says(screen, "as the bank has it")


def test_the_way_back_is_on_every_page_but_the_first(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "language")
    assert screen.find("wizard.back") is None
    screen.kiosk.technician.publish(a_wizard("mode"))
    touch(screen, "wizard.back")
    assert calls_of(screen, "back_wizard") == [("back_wizard",)]


def test_at_the_end_everything_is_tested_and_the_kiosk_begins(open_screen: OpenScreen) -> None:
    screen = asked(open_screen, "test")
    assert calls_of(screen, "run_tests") == [("run_tests", "")]
    assert says(screen, "10 passed, 1 needs you")
    screen.kiosk.technician.publish(a_wizard("test", is_done=True))
    screen.until(lambda: says(screen, "The kiosk is ready"))
    touch(screen, "wizard.next")
    assert ("close",) in screen.kiosk.staff.calls


@SHAPES
def test_keyboard_and_switch_answer_in_reading_order(open_screen: OpenScreen, size: tuple[int, int]) -> None:
    screen = asked(open_screen, "payment", size)
    expected = [
        *(f"wizard.choice.{number}" for number in range(3)),
        "wizard.field.promptpay_id",
        "wizard.field.receiver_name",
        "wizard.back",
    ]
    assert walked(screen, expected[0]) == expected
