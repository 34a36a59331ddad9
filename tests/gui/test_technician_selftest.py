"""The self-test: what was measured, what to do, and what else can be done with each part."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from kiosk.language import Language
from kiosk.payments.promptpay import transfer_payload
from kiosk.technician.told import TestState
from tests.gui.conftest import PORTRAIT, WIDE, Screen
from tests.gui.fake_technician import (
    AWAY,
    NOW,
    ROWS,
    FakeTechnician,
    a_machine_under_test,
    a_tested_machine,
)
from tests.gui.technician_places import (
    OpenScreen,
    at_place,
    calls_of,
    enter,
    nameless,
    too_small,
    walked,
)
from tests.gui.visiting import says, touch
from ui import moment
from ui.view_models.technician_touch import POINTS

SHAPES = pytest.mark.parametrize("size", [PORTRAIT, WIDE], ids=["portrait", "wide"])


@pytest.fixture(autouse=True)
def _at_05_41(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW)


@SHAPES
@pytest.mark.parametrize("language", Language)
def test_every_row_says_what_was_measured(
    open_screen: OpenScreen, size: tuple[int, int], language: Language
) -> None:
    screen = at_place(open_screen, "selftest", size, language=language)
    for row in ROWS:
        assert screen.find(f"test.row.{row.name}") is not None
    assert says(screen, "1280×720")
    assert says(screen, "412 GB")
    assert too_small(screen, "page.selftest") == []
    assert nameless(screen, "page.selftest") == []


def test_the_first_who_comes_finds_all_tests_run_and_the_next_the_same_results(
    open_screen: OpenScreen,
) -> None:
    screen = at_place(open_screen, "selftest")
    screen.objects["StaffNavigator"].go("recorder")  # type: ignore[attr-defined]
    screen.wait_for("page.recorder")
    screen.objects["StaffNavigator"].go("selftest")  # type: ignore[attr-defined]
    screen.wait_for("page.selftest")
    assert calls_of(screen, "run_tests") == [("run_tests", "")]


def test_what_needs_somebody_is_looked_at_first_with_what_to_do(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    assert says(screen, "10 passed, 1 needs you")
    assert says(screen, "all tests took 14 s")
    assert screen.objects["TechnicianTests"].property("selected") == "printer.epson"
    assert says(screen, "Little paper left: 6 sheets")


def test_what_failed_comes_before_what_only_wants_a_look(open_screen: OpenScreen) -> None:
    def prepared(desk: FakeTechnician) -> None:
        desk.tests = a_tested_machine(*ROWS[:-3], AWAY)

    screen = at_place(open_screen, "selftest", prepare=prepared)
    assert screen.objects["TechnicianTests"].property("selected") == "network"
    assert says(screen, "N-101")
    assert says(screen, "Look at the network and at the address of the centre")


def test_tests_that_run_are_counted_and_can_be_stopped(open_screen: OpenScreen) -> None:
    def prepared(desk: FakeTechnician) -> None:
        desk.tests = a_machine_under_test()

    screen = at_place(open_screen, "selftest", prepare=prepared)
    assert says(screen, "3 of 12 done")
    touch(screen, "test.runAll")
    assert calls_of(screen, "stop_tests") == [("stop_tests",)]


def test_one_test_is_run_again_or_all_of_them(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    touch(screen, "test.row.camera")
    touch(screen, "test.again")
    assert screen.objects["TechnicianTests"].property("selected") == "camera"
    touch(screen, "test.runAll")
    assert calls_of(screen, "run_tests")[1:] == [("run_tests", "camera"), ("run_tests", "")]


def test_a_printer_prints_a_page_and_its_paper_is_counted(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    touch(screen, "test.print")
    touch(screen, "test.countMatches")
    touch(screen, "test.setCount")
    enter(screen, "40", "NumberSheet")
    assert calls_of(screen, "test_print") == [("test_print", "epson")]
    counted = [call for call in screen.kiosk.staff.calls if call[0] == "count_supply"]
    assert counted == [("count_supply", "20x25/matte", 6), ("count_supply", "20x25/matte", 40)]


def test_the_test_shot_shows_what_the_camera_sees(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    assert screen.find("technician.live") is None
    touch(screen, "test.row.shot")
    live = screen.wait_for("technician.live")
    screen.until(lambda: bool(live.property("hasPicture")))
    touch(screen, "test.again")
    assert calls_of(screen, "run_tests")[-1] == ("run_tests", "shot")
    touch(screen, "test.row.models")
    screen.until(lambda: live.property("active") is False)
    assert calls_of(screen, "look") == [("look", True), ("look", False)]


def test_the_camera_goes_off_with_the_page_and_stays_on_after_a_test(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    touch(screen, "test.row.shot")
    screen.wait_for("technician.live")
    for told in (a_machine_under_test(), a_tested_machine()):
        screen.kiosk.technician.publish(told)
        screen.serve(30)
    screen.objects["StaffNavigator"].go("settings")  # type: ignore[attr-defined]
    screen.wait_for("page.settings")
    assert calls_of(screen, "look") == [("look", True), ("look", True), ("look", False)]


def test_one_baht_is_paid_by_a_code_and_the_wait_can_be_ended(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    touch(screen, "test.row.payment")
    touch(screen, "test.pay")
    assert calls_of(screen, "test_payment") == [("test_payment",)]
    code = transfer_payload("0812345678", 100)
    screen.kiosk.technician.publish(replace(a_tested_machine(), qr_payload=code, qr_due_satang=100))
    screen.wait_for("test.qr")
    assert says(screen, "1 baht")
    assert screen.find("test.moneyCame") is None
    touch(screen, "test.stopPayment")
    assert calls_of(screen, "stop_tests") == [("stop_tests",)]


def test_where_only_a_person_sees_the_money_they_say_that_it_came(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    touch(screen, "test.row.payment")
    code = transfer_payload("0812345678", 100)
    told = replace(a_tested_machine(), qr_payload=code, qr_due_satang=100, needs_person=True)
    screen.kiosk.technician.publish(told)
    touch(screen, "test.moneyCame")
    assert calls_of(screen, "test_payment") == [("test_payment",)]


def test_whoever_leaves_the_page_waits_for_no_payment(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    code = transfer_payload("0812345678", 100)
    screen.kiosk.technician.publish(replace(a_tested_machine(), qr_payload=code, qr_due_satang=100))
    screen.serve(30)
    screen.objects["StaffNavigator"].go("settings")  # type: ignore[attr-defined]
    assert calls_of(screen, "stop_tests") == [("stop_tests",)]


def press(screen: Screen, share: tuple[float, float], beside: int = 0) -> None:
    """A finger on a point of the glass, so many pixels to the right of it."""
    size = screen.window.size()
    place = QPoint(round(share[0] * size.width()) + beside, round(share[1] * size.height()))
    QTest.mouseClick(screen.window, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)


@SHAPES
def test_nine_points_measure_how_far_beside_a_finger_is_felt(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = at_place(open_screen, "selftest", size)
    touch(screen, "test.row.touch")
    touch(screen, "test.touch")
    screen.wait_for("touch.cancel")
    touched = screen.objects["TechnicianTouch"]
    touched.begin(*size, 0.0)  # type: ignore[attr-defined]  # a screen that does not know its size: 24 inches
    for number, point in enumerate(POINTS):
        assert says(screen, f"Point {number + 1} of 9")
        press(screen, point, beside=18 if number == 4 else 0)
        screen.serve(10)
    screen.until(lambda: screen.find("touch.cancel") is None)
    [(_, points, largest_mm)] = calls_of(screen, "note_touch")
    assert points == 9
    assert largest_mm == pytest.approx(18 / 3.61, abs=0.3)


def test_the_touch_test_can_be_left_without_a_result(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    touch(screen, "test.row.touch")
    touch(screen, "test.touch")
    screen.wait_for("touch.cancel")
    screen.objects["StaffNavigator"].closeSheet()  # type: ignore[attr-defined]
    screen.until(lambda: screen.find("touch.cancel") is None)
    assert calls_of(screen, "note_touch") == []


def test_the_support_bundle_says_where_it_lies_or_why_it_was_not_made(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    touch(screen, "test.bundle")
    screen.until(lambda: says(screen, "kiosk-K7-2026-11-20.zip"))
    screen.kiosk.technician.make_bundle = lambda folder=None: None  # type: ignore[method-assign]
    touch(screen, "test.bundle")
    assert says(screen, "Making it")
    screen.kiosk.staff.tell("no.such.sentence", "T-104")
    screen.until(lambda: says(screen, "T-104"))
    assert not says(screen, "Making it")


def test_keyboard_and_switch_come_to_every_row_and_action_in_reading_order(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "selftest")
    rows = [f"test.row.{row.name}" for row in ROWS]
    actions = [
        "test.runAll",
        "test.bundle",
        "test.end",
        "test.countMatches",
        "test.setCount",
        "test.print",
        "test.again",
    ]
    assert walked(screen, rows[0]) == rows + actions


def test_a_part_that_is_not_here_is_told_apart_from_one_that_passed(open_screen: OpenScreen) -> None:
    states = {row.name: row.state for row in ROWS}
    screen = at_place(open_screen, "selftest")
    assert states["line"] is TestState.SKIPPED
    assert says(screen, "nothing to test")
