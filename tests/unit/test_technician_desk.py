"""The technician's desk: settings that work at once, rights, secrets, certainty, recorder and bundle."""

from __future__ import annotations

import threading
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.capture.types import CameraState
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language
from kiosk.settings import Settings
from kiosk.staff.told import PaperSaved
from kiosk.staff.types import AuditAction, Right, Role
from kiosk.technician.live import LiveSettings
from kiosk.technician.settings_file import settings_at_start
from kiosk.technician.told import (
    CertaintyShown,
    EndAsked,
    RecorderShown,
    SelfTestChanged,
    SettingsShown,
    TestState,
)
from tests.technician_world import TechnicianWorld
from ui.technician_facade import TechnicianCommands


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TechnicianWorld]:
    with TechnicianWorld(tmp_path) as made:
        yield made


def test_it_is_what_the_pages_talk_to(world: TechnicianWorld) -> None:
    commands: TechnicianCommands = world.desk
    assert commands.bus is world.bus


def test_a_change_is_saved_works_at_once_and_is_undone(world: TechnicianWorld) -> None:
    shown, told = world.heard(SettingsShown), list[tuple[Settings, Settings]]()
    world.live.on_change(lambda before, after: told.append((before, after)))
    world.desk.change_setting("session", "thanks_s", "45")
    world.done()
    assert world.live.settings.session.thanks_s == 45
    assert [(before.session.thanks_s, after.session.thanks_s) for before, after in told] == [(30, 45)]
    assert "thanks_s = 45" in (world.home / "kiosk.toml").read_text()
    (version,) = shown[-1].versions
    assert (version.by, version.changed) == ("Nok", ("session.thanks_s",))
    world.desk.undo_settings()
    world.done()
    assert world.live.settings.session.thanks_s == 30
    assert shown[-1].versions == ()
    assert world.audited == [
        (AuditAction.SETTINGS_CHANGED, "session.thanks_s"),
        (AuditAction.SETTINGS_UNDONE, ""),
    ]


def test_what_waits_for_the_next_start_is_said(world: TechnicianWorld) -> None:
    shown = world.heard(SettingsShown)
    world.desk.change_setting("delivery", "port", 8400)
    world.desk.change_setting("delivery", "link_days", 10)
    world.done()
    assert shown[-1].pending == ("delivery.port",)
    world.desk.undo_settings()
    world.desk.undo_settings()
    world.done()
    assert shown[-1].pending == ()


def test_the_log_names_who_asked_though_somebody_else_is_there_when_it_is_done(
    world: TechnicianWorld,
) -> None:
    asked, goes_on = world.who, threading.Event()
    for jobs in world.desk.workers:
        jobs.submit(lambda: goes_on.wait(10) and None)  # type: ignore[attr-defined]
    world.desk.change_setting("session", "thanks_s", "45")
    world.desk.set_secret("line_token", "t-123456")
    world.desk.run_tests("disk")
    world.desk.undo_settings()
    assert asked is not None
    world.who = replace(asked, staff_id="2", name="Malee")
    goes_on.set()
    world.done()
    assert len(world.audited_by) == 4
    assert {who.name for who in world.audited_by if who} == {"Nok"}


def test_a_value_that_does_not_fit_changes_nothing_and_is_said(world: TechnicianWorld) -> None:
    shown = world.heard(SettingsShown)
    world.desk.change_setting("camera", "fps", 500)
    world.done()
    assert [notice.code for notice in world.notices] == [ErrorCode.SETTING_INVALID]
    assert world.live.settings == world.settings
    assert len(shown) == 1
    assert world.audited == []


@pytest.mark.parametrize(
    ("section", "key", "value", "code"),
    [
        ("vision", "engine", "insightface", ErrorCode.SETTING_INVALID),
        ("payment", "slip_check_url", "https://slips.example", ErrorCode.SECRET_MISSING),
        ("photos", "store", "minio", ErrorCode.SECRET_MISSING),
    ],
)
def test_what_would_keep_the_kiosk_from_its_next_start_is_refused(
    world: TechnicianWorld, section: str, key: str, value: str, code: ErrorCode
) -> None:
    world.desk.change_setting(section, key, value)
    world.done()
    assert [notice.code for notice in world.notices] == [code]
    assert world.live.settings == world.settings
    assert settings_at_start(world.home, {}).settings == world.settings


def test_a_slip_service_over_plain_http_is_refused_and_one_with_its_key_is_kept(
    world: TechnicianWorld,
) -> None:
    world.secrets["slip_check_key"] = "k-123456"
    world.desk.change_setting("payment", "slip_check_url", "http://slips.example")
    world.desk.change_setting("payment", "slip_check_url", "https://slips.example")
    world.done()
    assert [notice.code for notice in world.notices] == [ErrorCode.SETTING_INVALID]
    assert world.live.settings.payment.slip_check_url == "https://slips.example"


def test_one_who_cannot_follow_brings_all_back(world: TechnicianWorld) -> None:
    heard: list[float] = []

    def refuse(before: Settings, after: Settings) -> None:
        raise KnownError(ErrorCode.GATEWAY_NOT_CONFIGURED, "no")

    world.live.on_change(lambda before, after: heard.append(after.session.thanks_s))
    world.live.on_change(refuse)
    world.live.on_change(lambda before, after: heard.append(-1))
    world.desk.change_setting("session", "thanks_s", 45)
    world.done()
    assert heard == [45, 30]
    assert world.live.settings.session.thanks_s == 30
    assert "thanks_s" not in (world.home / "kiosk.toml").read_text()
    assert [notice.code for notice in world.notices] == [ErrorCode.GATEWAY_NOT_CONFIGURED]


def test_a_listener_that_cannot_go_back_keeps_none_from_it() -> None:
    live, heard = LiveSettings(Settings()), list[str]()

    def stubborn(before: Settings, after: Settings) -> None:
        if after.session.thanks_s == 30:
            raise ValueError("I stay")

    def broken(before: Settings, after: Settings) -> None:
        raise ZeroDivisionError

    live.on_change(lambda before, after: heard.append(f"{after.session.thanks_s:.0f}"))
    live.on_change(stubborn)
    live.on_change(broken)
    session = live.settings.session.model_copy(update={"thanks_s": 45})
    with pytest.raises(ZeroDivisionError):
        live.change(live.settings.model_copy(update={"session": session}))
    assert heard == ["45", "30"]
    assert live.settings.session.thanks_s == 30


COMMANDS: dict[str, tuple[object, ...]] = {
    "show_settings": (),
    "change_setting": ("session", "thanks_s", 45),
    "undo_settings": (),
    "set_secret": ("line_token", "x"),
    "run_tests": (),
    "test_print": ("dnp",),
    "test_payment": (),
    "note_touch": (9, 1.0),
    "show_certainty": (),
    "set_certainty": (0.01, 0.05),
    "show_recorder": (),
    "make_bundle": (),
}


def test_without_the_right_a_command_does_nothing_but_say_so(world: TechnicianWorld) -> None:
    assert world.who is not None
    for who in (None, replace(world.who, role=Role.STAFF), replace(world.who, is_active=False)):
        world.who = who
        for command, arguments in COMMANDS.items():
            getattr(world.desk, command)(*arguments)
    world.done()
    assert [notice.code for notice in world.notices] == [ErrorCode.RIGHT_MISSING] * 3 * len(COMMANDS)
    assert world.live.settings == world.settings
    assert not world.secrets
    assert not world.audited
    assert not (world.home / "bundles").exists()


def test_a_manager_sees_the_recorder_and_changes_no_setting(world: TechnicianWorld) -> None:
    assert world.who is not None
    world.who = replace(world.who, role=Role.MANAGER)
    shown = world.heard(RecorderShown)
    world.desk.show_recorder()
    world.desk.change_setting("session", "thanks_s", 45)
    world.done()
    assert len(shown) == 1
    assert not world.who.may(Right.SETTINGS)
    assert world.live.settings.session.thanks_s == 30


def test_a_secret_goes_into_the_keyring_and_the_parts_hear_of_it(world: TechnicianWorld) -> None:
    told: list[Settings] = []
    world.live.on_change(lambda before, after: told.append(after))
    world.desk.set_secret("line_token", " abc ")
    world.desk.set_secret("central_device_key", "mine")
    world.desk.set_secret("line_secret", " ")
    world.done()
    assert world.secrets == {"line_token": "abc"}
    assert told == [world.settings]
    assert world.audited == [(AuditAction.SECRET_SET, "line_token")]
    assert len(world.notices) == 2


def test_certainty_is_said_in_the_language_of_the_screen_and_set_at_once(world: TechnicianWorld) -> None:
    shown = world.heard(CertaintyShown)
    world.desk.show_certainty()
    world.done()
    before = world.archive.thresholds("nowhere").match
    assert shown[-1].can_change
    assert "1 in" in shown[-1].words
    world.language = Language.THAI
    world.desk.set_certainty(0.05, 0.2)
    world.done()
    assert (round(shown[-1].sure_share, 3), round(shown[-1].maybe_share, 3)) == (0.05, 0.2)
    assert "1 ใน" in shown[-1].words
    assert world.archive.thresholds("nowhere").match < before
    assert [name for name in world.live.settings.vision if name[0].endswith("false_hits")] == [
        ("sure_false_hits", 0.05),
        ("maybe_false_hits", 0.2),
    ]
    world.desk.set_certainty(0.2, 0.05)
    world.done()
    assert [notice.code for notice in world.notices] == [ErrorCode.SETTING_INVALID]


def test_fixed_thresholds_cannot_be_changed_in_words(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text("[vision]\nmatch_threshold = 0.5\n")
    with TechnicianWorld(tmp_path) as world:
        shown = world.heard(CertaintyShown)
        world.desk.show_certainty()
        world.done()
        assert not shown[-1].can_change


def test_the_problem_of_a_file_edited_by_hand_is_shown(world: TechnicianWorld) -> None:
    shown = world.heard(SettingsShown)
    world.desk.change_setting("session", "thanks_s", 45)
    world.done()
    (world.home / "kiosk.toml").write_text("[session]\nthanks = 45\n")
    world.desk.show_settings()
    world.done()
    assert "line 2" in shown[-1].problem
    assert next(one for one in shown[-1].fields if one.key == "thanks_s").value == 45


def test_the_camera_is_on_while_a_technician_looks_through_it(world: TechnicianWorld) -> None:
    world.desk.look(True)
    world.done()
    world.wait(lambda: world.view.newest_frame() is not None)
    world.desk.look(False)
    world.done()
    assert world.view.state is CameraState.OFF


def test_a_camera_that_was_on_before_stays_on(world: TechnicianWorld) -> None:
    world.view.start()
    world.desk.look(True)
    world.desk.look(False)
    world.done()
    assert world.view.state is not CameraState.OFF
    world.view.stop()


def test_a_visitor_who_comes_while_the_rest_is_tested_keeps_the_camera(world: TechnicianWorld) -> None:
    models = world.desk._self_test._before[2]

    def come(event: SelfTestChanged) -> None:
        if any(row.name == models.name and row.state is TestState.RUNNING for row in event.rows):
            world.view.start()

    world.bus.subscribe(SelfTestChanged, come)
    world.desk.run_tests()
    world.done()
    assert world.row("camera").state is not TestState.WAITING
    assert world.view.state is not CameraState.OFF


def test_nobody_looks_through_the_camera_without_the_right(world: TechnicianWorld) -> None:
    world.who = None
    world.desk.look(True)
    world.done()
    assert world.view.state is CameraState.OFF
    assert [notice.code for notice in world.notices] == [ErrorCode.RIGHT_MISSING]


def test_the_recorder_is_read_by_lane(world: TechnicianWorld) -> None:
    world.recorder.note("camera", "camera_lost", "C-102")
    world.recorder.note("system", "started")
    shown = world.heard(RecorderShown)
    world.desk.show_recorder("camera", 10)
    world.done()
    assert [one.what for one in shown[-1].moments] == ["camera_lost"]
    assert not shown[-1].has_more


def test_a_bundle_is_made_without_the_secrets_of_the_keyring(world: TechnicianWorld, tmp_path: Path) -> None:
    saved = world.heard(PaperSaved)
    world.secrets["mail_password"] = "camera"  # a word that stands in every bundle
    world.desk.run_tests()
    world.done()
    world.desk.make_bundle(tmp_path / "stick")
    world.done()
    assert [paper.what for paper in saved] == ["bundle"]
    with zipfile.ZipFile(saved[0].path) as archive:
        assert all(b"camera" not in archive.read(name) for name in archive.namelist())
        assert b"models" in archive.read("findings.json")
    assert world.audited[-1][0] is AuditAction.BUNDLE_MADE
    assert not world.notices


@pytest.mark.parametrize(
    ("restart", "action"), [(True, AuditAction.KIOSK_RESTARTED), (False, AuditAction.KIOSK_ENDED)]
)
def test_a_technician_ends_the_kiosk_which_is_in_the_log(
    world: TechnicianWorld, restart: bool, action: AuditAction
) -> None:
    asked = world.heard(EndAsked)
    world.desk.end_kiosk(restart)
    world.done()
    assert asked == [EndAsked(restart)]
    assert world.audited == [(action, "")]


def test_nobody_else_ends_the_kiosk(world: TechnicianWorld) -> None:
    asked = world.heard(EndAsked)
    technician = world.who
    assert technician is not None
    for who in (None, replace(technician, role=Role.STAFF), replace(technician, role=Role.MANAGER)):
        world.who = who
        world.desk.end_kiosk(False)
        world.done()
    assert asked == []
    assert world.audited == []
    assert [notice.code for notice in world.notices] == [ErrorCode.RIGHT_MISSING] * 3
