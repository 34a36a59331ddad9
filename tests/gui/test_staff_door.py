"""The hidden way in, signing in, and what is behind it for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from kiosk.language import Language
from kiosk.session.states import Screen as Page
from kiosk.staff.told import StaffNotice
from kiosk.staff.types import Role
from tests.gui.conftest import WIDE, Screen
from tests.gui.fake_kiosk import FakeKiosk, a_view
from tests.gui.fake_staff import MEMBERS, NOK, NOW, PIN, PLOY, TOM, a_staff_view
from tests.gui.visiting import SHAPES, OpenScreen, on_page, says, touch
from ui import moment

CORNER = QPoint(60, 60)


@pytest.fixture(autouse=True)
def _at_08_24(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moment, "now", lambda: NOW)


def press(screen: Screen, seconds: float, at: QPoint = CORNER) -> None:
    """A finger that stays so long."""
    nothing = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(screen.window, Qt.MouseButton.LeftButton, nothing, at)
    screen.serve(round(seconds * 1000))
    QTest.mouseRelease(screen.window, Qt.MouseButton.LeftButton, nothing, at)
    screen.serve(50)


def names(screen: Screen) -> list[str]:
    """Of the places on the rail."""
    return [item.objectName()[5:] for item in screen.items() if item.objectName().startswith("rail.")]


def come_in(screen: Screen, name: str = "nok", pin: str = PIN) -> None:
    """Through the door, with a PIN."""
    screen.kiosk.staff.open()
    touch(screen, f"signIn.who.{name}")
    for digit in pin:
        touch(screen, f"key{digit}")
    touch(screen, "signIn.enter")


def test_the_corner_opens_when_it_is_held_for_three_seconds(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.CONSENT)
    press(screen, 0.05)
    nothing = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(screen.window, Qt.MouseButton.LeftButton, nothing, CORNER)
    screen.serve(2700)
    assert ("open",) not in screen.kiosk.staff.calls
    screen.until(lambda: ("open",) in screen.kiosk.staff.calls)
    QTest.mouseRelease(screen.window, Qt.MouseButton.LeftButton, nothing, CORNER)
    screen.wait_for("staff.signIn")
    assert screen.find("page.consent") is None


def test_elsewhere_nothing_opens_and_the_page_below_gets_its_touch(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.LIGHTBOX, WIDE)
    door = screen.wait_for("staff.door")
    assert (door.x(), door.y(), door.width(), door.height()) == (0, 0, 120, 120)
    press(screen, 3.2, QPoint(300, 300))
    assert screen.kiosk.staff.calls == []


def test_a_keyboard_has_a_key_of_its_own(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.window.requestActivate()
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    screen.until(lambda: screen.window.isActive())
    QTest.keyClick(screen.window, Qt.Key.Key_S, both)
    screen.wait_for("staff.signIn")


def test_the_visitor_finds_their_page_as_it_was(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    screen.kiosk.staff.open()
    screen.wait_for("staff.signIn")
    assert screen.find("page.results") is None
    touch(screen, "signIn.leave")
    screen.wait_for("page.results")
    assert screen.find("staff.layer") is None
    assert [call for call in screen.kiosk.calls if call != ("keep_alive",)] == []


def test_staff_speak_their_own_language_and_leave_the_visitors(open_screen: OpenScreen) -> None:
    kiosk = FakeKiosk(a_view(Page.ATTRACT, language=Language.ENGLISH))
    kiosk.staff.view = replace(kiosk.staff.view, language=Language.THAI)
    screen = open_screen(kiosk)
    screen.wait_for("page.attract")
    screen.kiosk.staff.open()
    screen.until(lambda: says(screen, "สำหรับเจ้าหน้าที่"))
    touch(screen, "foot.english")
    screen.until(lambda: says(screen, "Who are you?"))
    assert ("show_language", Language.ENGLISH) in kiosk.staff.calls
    touch(screen, "foot.thai")
    touch(screen, "signIn.leave")
    screen.wait_for("page.attract")
    assert screen.objects["Translator"].property("language") == "en"
    assert not any(call[0] == "set_language" for call in kiosk.calls)


@SHAPES
def test_the_right_pin_opens_the_day_and_a_wrong_one_says_so(
    open_screen: OpenScreen, size: tuple[int, int]
) -> None:
    screen = on_page(open_screen, Page.ATTRACT, size)
    come_in(screen, pin="0001")
    screen.until(lambda: says(screen, "The PIN is wrong. 4 tries left."))
    for digit in PIN:
        touch(screen, f"key{digit}")
    touch(screen, "signIn.enter")
    screen.wait_for("staff.page.today")
    assert ("sign_in", "nok", PIN) in screen.kiosk.staff.calls


def test_a_pin_may_be_typed_on_a_keyboard(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.kiosk.staff.open()
    touch(screen, "signIn.who.ploy")
    screen.window.requestActivate()
    screen.until(lambda: screen.window.isActive())
    for digit in PIN:
        QTest.keyClick(screen.window, digit)
    QTest.keyClick(screen.window, Qt.Key.Key_Return)
    screen.wait_for("staff.page.today")


def test_whoever_is_locked_out_is_told_until_when_and_cannot_type(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    locked = replace(NOK, locked_until=NOW + timedelta(minutes=5))
    screen.kiosk.staff.show(a_staff_view(None, members=(locked, *MEMBERS[1:])))
    touch(screen, "signIn.who.nok")
    screen.until(lambda: says(screen, "Locked until 08:29."))
    assert not screen.wait_for("key1").isEnabled()
    touch(screen, "signIn.who.ploy")
    screen.until(lambda: screen.wait_for("key1").isEnabled())
    assert not says(screen, "Locked until")


def test_where_everybody_has_to_wait_a_sentence_of_its_own_says_so(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    notice = StaffNotice("staff.error.K-102", "K-102", {"until": NOW.isoformat()})
    screen.kiosk.staff.show(
        replace(a_staff_view(None), notice=notice, paced_until=NOW + timedelta(seconds=30))
    )
    touch(screen, "signIn.who.nok")
    assert screen.wait_for("key1").isEnabled()
    screen.kiosk.staff.show(
        replace(a_staff_view(None), notice=replace(notice), paced_until=NOW + timedelta(seconds=40))
    )
    screen.until(lambda: says(screen, "Too many wrong PINs here. Wait a minute, then try again."))
    assert screen.wait_for("key1").isEnabled()


def test_the_last_try_is_said_as_one(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    tired = replace(NOK, failed_tries=3)
    screen.kiosk.staff.show(a_staff_view(None, members=(tired, *MEMBERS[1:])))
    touch(screen, "signIn.who.nok")
    screen.until(lambda: says(screen, "2 tries left"))
    for digit in "0001":
        touch(screen, f"key{digit}")
    touch(screen, "signIn.enter")
    screen.until(lambda: says(screen, "The PIN is wrong. 1 try left."))
    touch(screen, "signIn.who.ploy")
    screen.until(lambda: not says(screen, "left"))


def test_the_only_one_who_works_here_is_chosen_once_they_are_known(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.kiosk.staff.show(a_staff_view(None, members=()))
    screen.wait_for("staff.signIn")
    assert not screen.wait_for("key1").isEnabled()
    screen.kiosk.staff.show(a_staff_view(None, members=(NOK,)))
    screen.until(lambda: screen.wait_for("key1").isEnabled())
    assert screen.wait_for("signIn.enter").property("reason") == "Type at least 4 digits"


AIDS = ("largerText", "lower", "highContrast", "lessMotion")


def test_the_visitors_aids_rest_while_staff_are_there(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.RESULTS)
    theme = screen.objects["Theme"]
    for aid in AIDS:
        theme.setProperty(aid, True)
    screen.kiosk.staff.open()
    screen.wait_for("staff.signIn")
    assert not any(theme.property(aid) for aid in AIDS)
    touch(screen, "signIn.leave")
    screen.wait_for("page.results")
    assert all(theme.property(aid) for aid in AIDS)
    screen.kiosk.staff.open()
    screen.wait_for("staff.signIn")
    screen.kiosk.show(a_view(Page.ATTRACT))
    touch(screen, "signIn.leave")
    screen.wait_for("page.attract")
    assert not any(theme.property(aid) for aid in AIDS)


def test_what_went_wrong_on_a_page_stays_behind_with_it(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.kiosk.staff.show(a_staff_view(NOK))
    notice = StaffNotice("staff.error.K-104", "K-104", {})
    screen.kiosk.staff.show(replace(screen.kiosk.staff.view, notice=notice))
    screen.wait_for("staff.toast")
    touch(screen, "rail.money")
    screen.wait_for("staff.page.money")
    screen.until(lambda: screen.find("staff.toast") is None)
    assert ("clear_notice",) in screen.kiosk.staff.calls


def test_who_left_is_not_offered(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.kiosk.staff.open()
    screen.wait_for("signIn.who.nok")
    assert screen.find("signIn.who.somchai") is None


EVERYONE = ["today", "money", "orders", "printers", "photos"]


@pytest.mark.parametrize(
    ("member", "places"),
    [
        (NOK, [*EVERYONE, "outbox", "wishes"]),
        (
            PLOY,
            [*EVERYONE, "vouchers", "outbox", "wishes", "day", "members", "log", "selftest", "recorder"],
        ),
        (
            TOM,
            [
                "printers",
                "outbox",
                "members",
                "log",
                "selftest",
                "recorder",
                "settings",
                "certainty",
                "updates",
            ],
        ),
    ],
    ids=[Role.STAFF, Role.MANAGER, Role.TECHNICIAN],
)
def test_only_places_with_a_right_are_on_the_rail(
    open_screen: OpenScreen, member: object, places: list[str]
) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.kiosk.staff.show(a_staff_view(member))  # type: ignore[arg-type]
    screen.wait_for("rail.printers")
    assert [name for name in names(screen) if name not in ("who", "leave")] == places
    navigator = screen.kiosk_window.engine.staff.navigator
    assert navigator.property("place") == places[0]
    for place in ("settings", "members", "day"):
        navigator.go(place)
        assert (navigator.property("place") == place) is (place in places)


def test_signing_out_leaves_nothing_of_the_day(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.kiosk.staff.show(a_staff_view(NOK))
    screen.wait_for("staff.page.today")
    screen.kiosk.staff.show(a_staff_view(None))
    screen.wait_for("staff.signIn")
    assert screen.find("staff.page.today") is None
    assert screen.objects["StaffToday"].property("figures") == []
    assert screen.objects["StaffNavigator"].property("page") == ""


def test_a_touch_on_the_staffs_pages_is_told_to_them(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.kiosk.staff.show(a_staff_view(NOK))
    touch(screen, "rail.money")
    assert ("touch",) in screen.kiosk.staff.calls


def test_where_nobody_works_yet_the_wizard_begins_and_stays_whole_to_its_end(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.kiosk.staff.show(a_staff_view(None, is_set_up=False, members=()))
    screen.wait_for("page.wizard")
    screen.kiosk.staff.show(a_staff_view(TOM))
    screen.serve(50)
    screen.wait_for("page.wizard")
    assert names(screen) == []
    screen.kiosk.staff.close()
    screen.wait_for("page.attract")
    screen.kiosk.staff.show(a_staff_view(TOM))
    screen.wait_for("rail.settings")


def test_a_first_run_that_was_left_goes_on_when_a_technician_comes_in(open_screen: OpenScreen) -> None:
    screen = on_page(open_screen, Page.ATTRACT)
    screen.kiosk_window.engine.staff.wants_wizard = lambda: True
    screen.kiosk.staff.show(a_staff_view(NOK))
    screen.wait_for("rail.today")
    screen.kiosk.staff.close()
    screen.wait_for("page.attract")
    screen.kiosk.staff.show(a_staff_view(TOM))
    screen.wait_for("page.wizard")
    screen.kiosk.staff.show(a_staff_view(TOM, is_busy=True))
    screen.serve(50)
    screen.wait_for("page.wizard")
    screen.kiosk.staff.close()
    screen.wait_for("page.attract")
