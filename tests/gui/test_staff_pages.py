"""The staff's pages: each is drawn whole, can be reached without touch, and gives its commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtQuick import QQuickItem
from PySide6.QtTest import QTest

from kiosk.errors import ErrorCode
from kiosk.language import Language, sentences
from kiosk.printing.types import PrinterState, PrintState
from kiosk.sales.types import VoucherKind
from kiosk.staff.types import AuditAction, DecisionAction, DecisionKind, Role
from tests.gui.conftest import PORTRAIT, WIDE
from tests.gui.fake_staff import NOW, PHOTOS
from tests.gui.staff_places import OpenScreen, at_place, done, named, type_on_keypad
from tests.gui.technician_places import nameless, too_small
from tests.gui.visiting import SHAPES, says, touch
from ui import moment
from ui.staff_navigator import PAGES
from ui.view_models import staff_photos
from ui.view_models.staff_photos import places, subfolders

PLACES = tuple(place for place, file in PAGES.items() if file.startswith("staff/"))


@pytest.fixture(autouse=True)
def _at_08_24(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW)


def texts(page: QQuickItem) -> Iterator[QQuickItem]:
    """What is written on a page."""
    for child in page.childItems():
        if child.isVisible():
            if child.inherits("QQuickText") and child.property("text"):
                yield child
            yield from texts(child)


@SHAPES
@pytest.mark.parametrize("place", PLACES)
def test_each_page_can_be_touched_read_and_heard(
    open_screen: OpenScreen, place: str, size: tuple[int, int]
) -> None:
    screen = at_place(open_screen, place, size)
    name = f"staff.page.{place}"
    assert too_small(screen, name) == []
    assert nameless(screen, name) == []
    page = screen.wait_for(name)
    for text in texts(page):
        assert text.property("font").pixelSize() >= 20, text.property("text")


@pytest.mark.parametrize("place", PLACES)
def test_keyboard_and_switch_reach_every_control_in_order(open_screen: OpenScreen, place: str) -> None:
    screen = at_place(open_screen, place, PORTRAIT)
    screen.window.requestActivate()
    buttons = [
        item.objectName()
        for item in screen.items()
        if item.inherits("QQuickAbstractButton") and item.isEnabled() and item.objectName()
    ]
    reached: list[str] = []
    for _ in range(len(buttons) + 40):
        QTest.keyClick(screen.window, Qt.Key.Key_Tab)
        focused = screen.window.activeFocusItem()
        if focused is not None:
            reached.append(focused.objectName())
    assert set(buttons) <= set(reached)
    assert "staff.door" not in reached
    rail = [name for name in dict.fromkeys(reached) if name.startswith("rail.")]
    assert rail == [name for name in buttons if name.startswith("rail.")]


def test_the_oldest_decision_is_gold_and_no_other(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "money")
    gold = [item.objectName() for item in named(screen, "decide.") if item.property("kind") == "primary"]
    assert gold == ["decide.pay-1.give_back"]


@SHAPES
def test_a_decision_is_asked_for_once_more_and_then_made(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = at_place(open_screen, "today", size)
    assert done(screen, "decide.pay-2.confirm") == []
    assert done(screen, "decide.cancel") == []
    touch(screen, "decide.pay-2.confirm")
    assert done(screen, "decide.confirm") == [("decide", "pay-2", DecisionAction.CONFIRM, None)]


def test_what_came_instead_is_typed(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "money")
    touch(screen, "decide.pay-3.take_rest")
    touch(screen, "decide.other")
    assert not screen.wait_for("decide.confirm").isEnabled()
    type_on_keypad(screen, "99.2")
    assert done(screen, "decide.confirm") == [("decide", "pay-3", DecisionAction.TAKE_REST, 9920)]


def test_a_slip_is_looked_for_and_taken(open_screen: OpenScreen) -> None:
    from kiosk.staff.told import SlipLooked

    screen = at_place(open_screen, "money")
    assert done(screen, "decide.pay-1.scan_slip") == [("scan_slip", "pay-1")]
    assert screen.wait_for("slip.live").property("active")
    screen.kiosk.staff.publish(SlipLooked("found", "pay-1", 7946, "นาย ส***"))
    assert done(screen, "slip.take") == [("take_slip", 7946)]
    screen.kiosk.staff.publish(SlipLooked("failed", "pay-1", code="Y-109"))
    screen.until(lambda: says(screen, "This slip was used before."))
    assert done(screen, "slip.again") == [("scan_slip", "pay-1")]
    screen.kiosk.staff.publish(SlipLooked("found", "pay-1"))
    type_on_keypad(screen, "79.46")
    assert done(screen, "slip.take") == [("take_slip", 7946)]
    assert done(screen, "slip.close") == [("stop_scanning",)]


@pytest.mark.parametrize(
    ("place", "name", "command"),
    [
        ("today", "today.order.order-4r1d", ("show_order", "order-4r1d")),
        ("order", "order.resend", ("resend", "order-4q9t")),
        ("order", "order.reprint.job-5", ("reprint", "job-5")),
        ("order", "order.cancel.job-6", ("cancel_print", "job-6")),
        ("printers", "printer.resume.B", ("resume_printer", "B")),
        ("printers", "held.again.job-1", ("reprint", "job-1")),
        ("printers", "held.cancel.job-2", ("cancel_print", "job-2")),
        ("outbox", "outbox.retry.out-1", ("retry", "parked", "out-1")),
        ("outbox", "outbox.retry.note-1", ("retry", "notice", "note-1")),
        ("outbox", "outbox.retry.send-2", ("retry", "sending", "send-2")),
        ("wishes", "wish.order.order-4n8f", ("show_order", "order-4n8f")),
        ("vouchers", "voucher.print.RUN50", ("print_vouchers", ("RUN50",))),
        ("day", "day.close", ("close_day", date(2026, 11, 20))),
        ("day", "day.payouts", ("save_payouts", date(2026, 11, 1), date(2026, 11, 20))),
        ("today", "rail.leave", ("close",)),
    ],
)
def test_a_touch_gives_its_command_once(
    open_screen: OpenScreen, place: str, name: str, command: tuple[Any, ...]
) -> None:
    screen = at_place(open_screen, place)
    assert done(screen, name) == [command]


def test_money_is_given_back_with_a_reason_and_never_more_than_there_is(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "order")
    touch(screen, "order.refund")
    assert not screen.wait_for("refund.confirm").isEnabled()
    touch(screen, "refund.reason.1")
    for _ in range(2):
        touch(screen, "keyerase")
    type_on_keypad(screen, "9")
    assert screen.wait_for("amount.field").property("text") == "399.9"
    assert not screen.wait_for("refund.confirm").isEnabled()
    for _ in range(2):
        touch(screen, "keyerase")
    assert done(screen, "refund.confirm") == [("refund", "order-4q9t", 39900, "Print not good")]


def test_paper_is_counted(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "printers")
    touch(screen, "supply.count.20x25/matte")
    type_on_keypad(screen, "50")
    assert done(screen, "count.confirm") == [("count_supply", "20x25/matte", 50)]


def test_photos_are_approved_all_or_those_that_were_touched(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "photos")
    everything = tuple(photo.photo_id for photo in PHOTOS)
    assert done(screen, "photos.approve") == [("approve", everything)]
    touch(screen, "photos.photo.photo-3")
    touch(screen, "photos.photo.photo-1")
    assert done(screen, "photos.reject") == [("reject", ("photo-1", "photo-3"))]


def test_a_button_touched_twice_judges_the_touched_photos_and_no_others(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "photos")
    touch(screen, "photos.photo.photo-2")
    assert done(screen, "photos.approve") == [("approve", ("photo-2",))]
    assert done(screen, "photos.approve") == []
    assert done(screen, "photos.reject") == []


def test_an_import_begins_in_a_folder_of_what_is_plugged_in(
    open_screen: OpenScreen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = tmp_path / "nok" / "CARD"
    (card / "DCIM" / "100EOS").mkdir(parents=True)
    monkeypatch.setattr(staff_photos, "DRIVE_ROOTS", (tmp_path, tmp_path / "none"))
    assert [row["path"] for row in places("/srv/run")] == ["/srv/run", str(card)]
    assert [row["name"] for row in subfolders(card)] == ["DCIM"]
    assert subfolders(tmp_path / "pulled out") == []
    screen = at_place(open_screen, "photos")
    touch(screen, "photos.import")
    touch(screen, f"folder.{card}")
    touch(screen, f"folder.{card / 'DCIM'}")
    assert done(screen, "folder.import") == [("start_import", card / "DCIM")]


def test_vouchers_are_made_shown_and_printed(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "vouchers")
    touch(screen, "vouchers.make")
    touch(screen, "voucher.kind.0")
    touch(screen, "voucher.percent.more")
    touch(screen, "voucher.count.less")
    made = done(screen, "voucher.make")
    assert made == [("make_vouchers", VoucherKind.PERCENT, 15, 9, 1, 7), ("list_vouchers",)]
    assert says(screen, "CREW-9ABC")
    printed = done(screen, "vouchers.print")
    assert printed == [("print_vouchers", tuple(f"CREW-{number}ABC" for number in range(1, 10)))]


def test_somebody_is_added_with_a_pin_that_is_typed_twice(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "members")
    touch(screen, "members.add")
    assert not screen.wait_for("member.save").isEnabled()
    touch(screen, "member.name")
    for letter in "mai":
        touch(screen, f"key.{letter}")
    touch(screen, "key.done")
    touch(screen, "member.role.1")
    touch(screen, "member.save")
    screen.wait_for("StaffPinSheet")
    type_on_keypad(screen, "8264")
    touch(screen, "pin.enter")
    type_on_keypad(screen, "8265")
    touch(screen, "pin.enter")
    screen.until(lambda: says(screen, "The two were not the same."))
    for _ in range(2):
        type_on_keypad(screen, "8264")
        screen.kiosk.staff.calls.clear()
        touch(screen, "pin.enter")
    assert ("add_member", "mai", Role.MANAGER, "8264") in screen.kiosk.staff.calls


def test_somebody_is_changed(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "members")
    touch(screen, "members.change.nok")
    touch(screen, "member.active")
    assert done(screen, "member.save") == [("change_member", "nok", "นก", Role.STAFF, False)]


def test_a_notice_is_said_with_its_code_and_goes_when_it_is_read(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "money")
    screen.kiosk.staff.tell("staff.error.K-110", "K-110")
    screen.until(lambda: says(screen, "This slip is over your limit."))
    assert says(screen, "(K-110)")
    touch(screen, "toast.action")
    screen.until(lambda: ("clear_notice",) in screen.kiosk.staff.calls)
    screen.kiosk.staff.tell("staff.error.X-999", "X-999")
    screen.until(lambda: says(screen, "This did not work (X-999)."))


def test_what_is_not_drawn_otherwise_is_not_drawn_anew(open_screen: OpenScreen) -> None:
    """A button that is being touched lives on while figures change around it."""
    screen = at_place(open_screen, "today", WIDE)
    button = screen.wait_for("decide.pay-1.give_back")
    view = screen.kiosk.staff.view
    assert view.today is not None
    screen.kiosk.staff.show(replace(view, today=replace(view.today, orders=47)))
    screen.until(lambda: says(screen, "47"))
    assert screen.wait_for("decide.pay-1.give_back") is button


@pytest.mark.parametrize("language", Language)
def test_everything_that_staff_can_meet_has_its_words(language: Language) -> None:
    known = sentences(language)
    rooms = ("R-", "M-", "K-", "Q-", "L-", "D-")
    wanted = [f"staff.error.{code}" for code in ErrorCode if code.startswith(rooms)]
    wanted += [f"staff.log.{action}" for action in AuditAction]
    wanted += [f"staff.done.{action}" for action in AuditAction]
    wanted += [f"staff.decision.{kind}" for kind in DecisionKind]
    wanted += [f"staff.decision.{kind}.todo" for kind in DecisionKind]
    wanted += [f"staff.action.{action}.means" for action in DecisionAction]
    wanted += [f"staff.decided.{action}" for action in DecisionAction]
    wanted += [f"staff.printer.{state}" for state in PrinterState]
    wanted += [f"staff.print.{state}" for state in PrintState]
    wanted += [f"staff.role.{role}.may" for role in Role]
    assert [key for key in wanted if key not in known] == []
