"""The first run: each answer is checked and kept at once, a power cut resumes, and it never comes again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kiosk.database.staff import SqlStaffRepository
from kiosk.errors import ErrorCode
from kiosk.staff.pins import PinHashes
from kiosk.staff.types import AuditAction, Role
from kiosk.technician import wizard as wizard_module
from kiosk.technician.found import found_cameras
from kiosk.technician.told import SelfTestChanged, WizardShown
from tests.technician_world import TechnicianWorld

ANSWERS: dict[str, dict[str, str]] = {
    "language": {"language": "en"},
    "mode": {"mode": "event"},
    "staff": {"name": "Nok", "pin": "739164"},
    "camera": {"source": "webcam:1"},
    "event": {"event": "River Run"},
    "printer": {"queue": "dnp"},
    "payment": {"gateway": "promptpay", "promptpay_id": "081-234-5678", "receiver_name": "River"},
    "centre": {"url": "", "code": ""},
    "test": {},
}


@pytest.fixture(autouse=True)
def machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two cameras, two queues, and hashes that take no time."""
    quick = PinHashes(time_cost=1, memory_kib=64)
    monkeypatch.setattr(wizard_module, "PinHashes", lambda: quick)
    monkeypatch.setattr(wizard_module, "found_cameras", lambda: ("webcam:0", "webcam:1"))
    monkeypatch.setattr(wizard_module, "found_queues", lambda server: ("dnp", "epson"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TechnicianWorld]:
    with TechnicianWorld(tmp_path) as made:
        made.who = None
        yield made


def ask(world: TechnicianWorld, step: str = "", **values: str) -> WizardShown:
    """What is shown after an answer, or at the beginning."""
    shown = world.heard(WizardShown)
    if step:
        world.desk.answer_wizard(step, values)
    else:
        world.desk.begin_wizard()
    world.done()
    return shown[-1]


def test_from_the_first_question_to_the_last(world: TechnicianWorld) -> None:
    assert world.desk.needs_wizard
    shown = ask(world)
    assert shown.step == "language"
    for step, values in ANSWERS.items():
        assert (shown.step, shown.code, shown.is_done) == (step, "", False)
        shown = ask(world, step, **values)
    assert shown.is_done
    assert not world.desk.needs_wizard
    settings = world.live.settings
    assert settings.kiosk.language == "en"
    assert settings.camera.source == "webcam:1"
    assert settings.event.name == "River Run"
    assert world.archive.photos.event_by_name("River Run") is not None
    assert settings.sales.prints
    assert settings.printing.printer in ("cups", "windows")
    assert settings.printing.queues == {"10x15": "dnp", "13x18": "dnp", "20x25": "dnp"}
    assert settings.payment.promptpay_id == "081-234-5678"
    (member,) = SqlStaffRepository(world.archive.database).members()
    assert (member.name, member.role) == ("Nok", Role.TECHNICIAN)
    assert world.audited[-1] == (AuditAction.SET_UP, "")
    assert not world.notices


def test_what_the_machine_has_is_offered(world: TechnicianWorld) -> None:
    shown = ask(world)
    offered = {}
    for step in ANSWERS:
        offered[step] = shown.choices
        shown = ask(world, step, **ANSWERS[step])
    assert offered["camera"] == ("auto", "webcam:0", "webcam:1")
    assert offered["printer"] == ("dnp", "epson")


@pytest.mark.parametrize(
    ("step", "values", "code"),
    [
        ("language", {"language": "xx"}, ErrorCode.SETTING_INVALID),
        ("mode", {"mode": "circus"}, ErrorCode.SETTING_INVALID),
        ("staff", {"name": "Nok", "pin": "1234"}, ErrorCode.PIN_WEAK),
        ("staff", {"name": "", "pin": "739164"}, ErrorCode.STAFF_UNKNOWN),
        ("camera", {"source": "webcam:x"}, ErrorCode.SETTING_INVALID),
        ("event", {"event": " "}, ErrorCode.SETTING_INVALID),
        ("payment", {"gateway": "promptpay", "promptpay_id": ""}, ErrorCode.PROMPTPAY_ID_INVALID),
        ("payment", {"gateway": "promptpay", "promptpay_id": "12"}, ErrorCode.PROMPTPAY_ID_INVALID),
        ("centre", {"url": "http://127.0.0.1:9", "code": ""}, ErrorCode.ENROLMENT_INVALID),
        ("centre", {"url": "http://127.0.0.1:9", "code": "ABCD-EFGH"}, ErrorCode.CENTRE_UNREACHABLE),
    ],
)
def test_an_answer_that_does_not_fit_is_said_and_asked_again(
    world: TechnicianWorld, step: str, values: dict[str, str], code: ErrorCode
) -> None:
    ask(world)
    wizard_module.SqlMeta(world.archive.database).set("wizard_step", step)
    shown = ask(world, step, **values)
    assert (shown.step, shown.code) == (step, code)
    assert "pin" not in shown.values
    assert world.live.settings == world.settings
    assert ask(world).step == step


def test_who_came_and_which_secret_was_set_is_in_the_log_and_no_secret_is_told_again(
    world: TechnicianWorld,
) -> None:
    ask(world)
    for step in ("language", "mode", "staff", "camera", "event", "printer"):
        ask(world, step, **ANSWERS[step])
    shown = ask(world, "payment", gateway="nonsense", paynoi_url="https://pay.noi", secret="k-77142")
    assert shown.code == ErrorCode.SETTING_INVALID
    assert shown.values["paynoi_url"] == "https://pay.noi"
    assert "k-77142" not in str(shown)
    assert (AuditAction.STAFF_ADDED, "Nok") in world.audited
    assert (AuditAction.SECRET_SET, "paynoi_api_key") in world.audited


def test_a_power_cut_resumes_at_the_same_question(tmp_path: Path) -> None:
    with TechnicianWorld(tmp_path) as world:
        world.who = None
        ask(world)
        for step in ("language", "mode"):
            ask(world, step, **ANSWERS[step])
    with TechnicianWorld(tmp_path) as world:
        world.who = None
        assert world.live.settings.kiosk.language == "en"
        assert ask(world).step == "staff"


def test_back_goes_to_the_question_before_and_who_works_here_is_asked_once(world: TechnicianWorld) -> None:
    ask(world)
    for step in ("language", "mode", "staff"):
        ask(world, step, **ANSWERS[step])
    shown = world.heard(WizardShown)
    world.desk.back_wizard()
    world.done()
    assert shown[-1].step == "mode"
    assert ask(world, "mode", mode="event").step == "camera"
    for _ in range(5):
        world.desk.back_wizard()
    world.done()
    assert shown[-1].step == "language"
    assert shown[-1].values == {"language": "en"}


def test_an_answer_that_comes_twice_is_taken_once(world: TechnicianWorld) -> None:
    ask(world)
    ask(world, "language", language="en")
    assert ask(world, "language", language="th").step == "mode"
    assert world.live.settings.kiosk.language == "en"


def test_a_shop_is_asked_less(world: TechnicianWorld) -> None:
    ask(world)
    ask(world, "language", language="en")
    shown = ask(world, "mode", mode="store")
    assert shown.steps == ("language", "mode", "staff", "centre", "test")


def test_without_prints_the_printer_is_off(world: TechnicianWorld) -> None:
    ask(world)
    for step in ("language", "mode", "staff", "camera", "event"):
        ask(world, step, **ANSWERS[step])
    assert ask(world, "printer", queue="").step == "payment"
    assert world.live.settings.printing.printer == "off"


def test_where_somebody_works_it_wants_a_technician(tmp_path: Path) -> None:
    with TechnicianWorld(tmp_path) as world:
        ask(world)
        for step in ("language", "mode", "staff"):
            ask(world, step, **ANSWERS[step])
    with TechnicianWorld(tmp_path) as world:  # a power cut: nobody is at it any more
        who, world.who = world.who, None
        assert world.desk.needs_wizard
        world.desk.answer_wizard("camera", {"source": "webcam:1"})
        world.done()
        assert [notice.code for notice in world.notices] == [ErrorCode.RIGHT_MISSING]
        assert world.live.settings.camera.source == "auto"
        world.who = who
        assert ask(world).step == "camera"


def test_the_pin_is_in_no_file_but_as_its_hash(world: TechnicianWorld) -> None:
    ask(world)
    for step in ("language", "mode", "staff"):
        ask(world, step, **ANSWERS[step])
    world.recorder.flush()
    for path in world.home.rglob("*"):
        if path.is_file():
            assert b"739164" not in path.read_bytes(), path


def test_each_webcam_of_the_kernel_is_found_once(tmp_path: Path) -> None:
    for name, index in (("video0", "0"), ("video1", "1"), ("video2", "0"), ("video10", "0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "index").write_text(f"{index}\n")
    assert found_cameras(tmp_path) == ("webcam:0", "webcam:2", "webcam:10")
    assert found_cameras(tmp_path / "none") == ()


def test_on_the_last_page_everything_is_tested_though_nobody_is_signed_in(world: TechnicianWorld) -> None:
    world.desk.run_tests("disk")
    world.done()
    assert [notice.code for notice in world.notices] == [ErrorCode.RIGHT_MISSING]
    told = world.heard(SelfTestChanged)
    ask(world)
    world.desk.run_tests("disk")
    world.wait(lambda: told and not told[-1].is_running)
    assert len(world.notices) == 1
