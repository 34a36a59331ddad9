"""Settings as forms: each typed with what suits it, refused at its field, undone with one tap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kiosk.language import Language
from kiosk.settings import Settings
from kiosk.technician.forms import fields_of
from kiosk.technician.told import FieldKind
from tests.gui.conftest import PORTRAIT, WIDE
from tests.gui.fake_technician import FIELDS, FakeTechnician, a_field, a_settings_view
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

CHANGED = "change_setting"


def _of_a_new_kiosk(desk: FakeTechnician) -> None:
    desk.settings = a_settings_view(fields=fields_of(Settings(), {}), versions=(), pending=())


@pytest.mark.parametrize(
    ("size", "language"),
    [
        pytest.param(PORTRAIT, Language.THAI, id="portrait-th"),
        pytest.param(WIDE, Language.ENGLISH, id="wide-en"),
        pytest.param(PORTRAIT, Language.ENGLISH, id="portrait-en", marks=pytest.mark.slow),
        pytest.param(WIDE, Language.THAI, id="wide-th", marks=pytest.mark.slow),
    ],
)
def test_every_setting_of_a_kiosk_has_its_words_and_its_control(
    open_screen: OpenScreen, size: tuple[int, int], language: Language
) -> None:
    screen = at_place(open_screen, "settings", size, _of_a_new_kiosk, language=language)
    settings = screen.objects["TechnicianSettings"]
    shown = settings.property("fields")
    for section in Settings.model_fields:
        settings.show(section)  # type: ignore[attr-defined]
        screen.serve(20)
        assert all(row["title"] and row["words"] and row["worksText"] for row in shown.rows)
        assert [row["name"] for row in shown.rows if screen.find(f"setting.{row['name']}") is None] == []
        assert clipped(screen, "page.settings") == []
        assert nameless(screen, "page.settings") == []
        assert too_small(screen, "page.settings") == []


def test_a_text_is_typed_and_changed_at_once(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "setting.kiosk.operator.value")
    enter(screen, "river crew")
    assert calls_of(screen, CHANGED) == [(CHANGED, "kiosk", "operator", "river crew")]


def test_a_number_says_its_range_and_takes_none_beside_it(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "section.camera")
    touch(screen, "setting.camera.fps.value")
    write(screen, "121", "NumberSheet")
    assert says(screen, "From 1 to 120")
    done = screen.wait_for("number.done")
    assert done.property("enabled") is False
    enter(screen, "25", "NumberSheet")
    assert calls_of(screen, CHANGED) == [(CHANGED, "camera", "fps", 25)]


def test_a_fraction_is_taken_where_there_are_parts(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "section.session")
    touch(screen, "setting.session.idle_warning_s.value")
    enter(screen, "45.5", "NumberSheet")
    assert calls_of(screen, CHANGED) == [(CHANGED, "session", "idle_warning_s", 45.5)]


def test_a_switch_turns_and_a_choice_is_picked(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "section.sales")
    touch(screen, "setting.sales.prints.value")
    touch(screen, "section.payment")
    touch(screen, "setting.payment.gateway.1")
    assert calls_of(screen, CHANGED) == [
        (CHANGED, "sales", "prints", False),
        (CHANGED, "payment", "gateway", "paynoi"),
    ]


def test_rows_of_a_table_are_changed_added_and_removed(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "section.printing")
    touch(screen, "setting.printing.queues.row.10x15")
    enter(screen, "dnp2")
    touch(screen, "setting.printing.queues.add")
    write(screen, "13x18")
    touch(screen, "key.done")
    screen.until(lambda: says(screen, "Printer of each paper: 13x18"))
    enter(screen, "dnp3")
    touch(screen, "setting.printing.queues.remove.20x25/matte")
    assert [call[3] for call in calls_of(screen, CHANGED)] == [
        {"10x15": "dnp2", "20x25/matte": "epson"},
        {"10x15": "dnp", "20x25/matte": "epson", "13x18": "dnp3"},
        {"10x15": "dnp"},
    ]


def test_prices_in_a_table_are_numbers(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "section.sales")
    touch(screen, "setting.sales.print_baht.row.13x18")
    enter(screen, "85", "NumberSheet")
    assert calls_of(screen, CHANGED)[0][3] == {"10x15": 50, "13x18": 85, "20x25": 150}


def test_what_differs_from_the_standard_is_marked_and_goes_back_with_one_tap(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    assert says(screen, "Standard: K1 · from the next start on")
    touch(screen, "setting.kiosk.code_prefix.standard")
    assert calls_of(screen, CHANGED) == [(CHANGED, "kiosk", "code_prefix", "K1")]
    assert screen.find("setting.kiosk.language.standard") is None


def test_what_a_variable_sets_cannot_be_changed_here(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "section.camera")
    assert says(screen, "Fixed by KIOSK_CAMERA__SOURCE")
    assert screen.find("setting.camera.source.value") is None


def test_a_value_that_is_refused_is_said_at_its_field(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "setting.kiosk.code_prefix.value")
    enter(screen, "toolong")
    screen.kiosk.technician.publish(a_settings_view())  # as they are still
    screen.kiosk.staff.tell("no.such.sentence", "A-102")
    problem = screen.wait_for("setting.kiosk.code_prefix.problem")
    assert "A-102" in str(problem.property("text"))
    fields = tuple(replace(field, value="K8") if field.key == "code_prefix" else field for field in FIELDS)
    screen.kiosk.technician.publish(a_settings_view(fields=fields))
    screen.until(lambda: screen.find("setting.kiosk.code_prefix.problem") is None)


def test_undo_takes_one_tap_and_the_last_changes_say_who_when_and_what(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "settings.versions")
    screen.wait_for("VersionsSheet")
    for words in ("Nok", "Ben", "Price of a print"):
        assert says(screen, words)
    touch(screen, "versions.close")
    screen.until(lambda: screen.find("VersionsSheet") is None)
    touch(screen, "settings.undo")
    assert calls_of(screen, "undo_settings") == [("undo_settings",)]


def test_a_file_that_was_edited_into_nonsense_is_said_on_top(open_screen: OpenScreen) -> None:
    def broken(desk: FakeTechnician) -> None:
        desk.settings = a_settings_view(problem="Line 12.")

    screen = at_place(open_screen, "settings", prepare=broken)
    assert screen.find("settings.problem") is not None
    assert says(screen, "Line 12.")


def test_a_secret_is_never_shown_and_nobody_elses_number_is_typed_anew(open_screen: OpenScreen) -> None:
    blotted = a_field("payment.promptpay_id", FieldKind.TEXT, "••••••4567", "")
    fields = tuple(blotted if field.key == "promptpay_id" else field for field in FIELDS)

    def prepared(desk: FakeTechnician) -> None:
        desk.settings = a_settings_view(fields=fields)

    screen = at_place(open_screen, "settings", prepare=prepared)
    touch(screen, "section.payment")
    touch(screen, "setting.payment.promptpay_id.value")
    assert screen.wait_for("text.field").property("text") == ""
    enter(screen, "0812345678")
    touch(screen, "secret.paynoi_api_key")
    write(screen, "hush")
    assert screen.wait_for("text.field").property("text") == "••••"
    enter(screen, "hush")
    assert calls_of(screen, CHANGED, "set_secret") == [
        (CHANGED, "payment", "promptpay_id", "0812345678"),
        ("set_secret", "paynoi_api_key", "hush"),
    ]
    assert not says(screen, "hush")


def test_what_was_typed_for_one_page_never_reaches_another(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "setting.kiosk.operator.value")
    write(screen, "left behind")
    screen.objects["StaffNavigator"].go("recorder")  # type: ignore[attr-defined]
    screen.wait_for("page.recorder")
    assert screen.objects["TechnicianEntry"].property("label") == ""
    assert calls_of(screen, CHANGED) == []


def test_keyboard_and_switch_come_to_sections_then_fields(open_screen: OpenScreen) -> None:
    screen = at_place(open_screen, "settings")
    touch(screen, "section.payment")
    sections = list(dict.fromkeys(f"section.{field.section}" for field in FIELDS))
    assert walked(screen, sections[0]) == sections
    fields = [f"setting.payment.gateway.{number}" for number in range(3)]
    assert walked(screen, fields[0]) == [*fields, "setting.payment.promptpay_id.value"]
