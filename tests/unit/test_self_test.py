"""The self-test: each row a measured value, each failure an advice; one baht; a page; cancelled at once."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from kiosk.capture.types import CameraState
from kiosk.clock import SystemClock
from kiosk.database.notices import SqlNotices
from kiosk.errors import ErrorCode, KnownError
from kiosk.language import Language, sentence, sentences
from kiosk.payments.nobody_paid import NobodyPaid
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.printing.types import PrinterState
from kiosk.settings import LineSection, PrintingSection
from kiosk.staff.types import AuditAction
from kiosk.sync.status import SyncState, SyncStatus
from kiosk.technician.told import SelfTestChanged, TestRow, TestState
from tests.fake_gateway import FakeGateway
from tests.fake_printer import FakePrinter
from tests.painted_faces import scene
from tests.peers.line import LinePeer
from tests.peers.mail import PASSWORD, MailPeer, make_certificates
from tests.technician_world import TechnicianWorld

NAMES = (
    *("camera", "shot", "models", "index", "printer", "payment"),
    *("touch", "disk", "backup", "network", "mail", "line"),
)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[TechnicianWorld]:
    with TechnicianWorld(tmp_path) as made:
        yield made


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Frames are counted for less long."""
    monkeypatch.setattr("kiosk.technician.camera_tests._COUNTED_S", 0.5)


def run(world: TechnicianWorld, name: str = "") -> TestRow:
    world.desk.run_tests(name)
    world.done()
    return world.row(name or "camera")


def with_printer(world: TechnicianWorld, **queues: str) -> FakePrinter:
    names = queues or {"10x15": "dnp"}
    printing = PrintingSection(printer="cups", queues={key.lstrip("s"): name for key, name in names.items()})
    world.live.change(world.live.settings.model_copy(update={"printing": printing}))
    printer = FakePrinter(SystemClock(), queues=dict.fromkeys(names.values()), sheet_s=0.1)
    world.printer = printer
    return printer


def words_of(row: TestRow) -> str:
    """Every sentence of a row is there in both languages and is filled in from its params."""
    keys = [key for key in (row.title_key, row.words_key, row.advice_key) if key]
    for language in Language:
        for key in keys:
            sentence(language, key, **row.params)
    assert all(word in sentences(Language.THAI) for word, _ in row.facts)
    return sentence(Language.ENGLISH, row.words_key, **row.params)


def test_all_of_a_machine_that_is_well(world: TechnicianWorld) -> None:
    with_printer(world)
    world.supply("10x15/glossy", 284)
    told = world.heard(SelfTestChanged)
    world.desk.run_tests()
    world.done()
    rows = {row.name: row for row in told[-1].rows}
    assert tuple(rows) == tuple(name if name != "printer" else "printer.dnp" for name in NAMES)
    states = {name: row.state for name, row in rows.items()}
    skipped = {name for name, state in states.items() if state is TestState.SKIPPED}
    assert skipped == {"index", "payment", "touch", "mail", "line"}
    assert set(states.values()) <= {TestState.PASSED, TestState.SKIPPED}
    assert words_of(rows["camera"]).startswith("640×360, ")
    assert 10 <= float(rows["camera"].params["fps"]) <= 31
    assert "face found in" in words_of(rows["shot"])
    assert words_of(rows["printer.dnp"]) == "ready, 284 sheets left"
    assert "GB free" in words_of(rows["disk"])
    assert all(
        any(sign.isdecimal() for sign in words_of(row)) for row in rows.values() if row.name not in skipped
    )
    assert not told[-1].is_running
    assert told[-1].took_s > 0.5
    assert world.view.state is CameraState.OFF  # as it was before
    assert world.audited == [(AuditAction.SELF_TEST, "")]


def test_rows_wait_run_and_pass_one_after_the_other(world: TechnicianWorld) -> None:
    told = world.heard(SelfTestChanged)
    run(world)
    for event in told:
        assert sum(row.state is TestState.RUNNING for row in event.rows) <= 1
    assert told[0].is_running
    assert all(row.state is TestState.WAITING for row in told[0].rows)
    again = len(told)
    run(world, "disk")
    states = [row.state for row in told[again].rows]
    assert states.count(TestState.WAITING) == 1  # the others keep what they found


def test_a_view_that_a_visitor_looks_at_stays_on(world: TechnicianWorld) -> None:
    world.view.start()
    assert run(world, "shot").state is TestState.PASSED
    assert world.view.state is CameraState.LIVE


def test_no_camera_is_said_with_what_to_do(world: TechnicianWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.technician.camera_tests._FIRST_FRAME_S", 1.0)
    world.camera.is_gone.set()
    row = run(world, "camera")
    assert (row.state, row.code) in {
        (TestState.FAILED, ErrorCode.CAMERA_NOT_FOUND),
        (TestState.FAILED, ErrorCode.CAMERA_LOST),
    }
    assert "cable" in sentence(Language.ENGLISH, row.advice_key, **row.params)
    assert row.took_s is not None
    words_of(row)


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (scene, "test.shot.words.dark"),
        (lambda: scene((320, 180, 20, 1)), "test.shot.words.turned"),
        (lambda: scene((320, 180, 150, 1), (90, 180, 150, 2)), "test.shot.words.turned"),
    ],
)
def test_a_shot_says_what_to_mend(
    world: TechnicianWorld, view: object, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.technician.camera_tests._SHOT_S", 0.2)
    assert callable(view)
    world.camera.view = view
    row = run(world, "shot")
    assert (row.state, row.words_key) == (TestState.LOOK, words)
    assert row.advice_key
    words_of(row)


def test_a_part_with_a_bug_keeps_none_from_being_tested(
    world: TechnicianWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Path) -> int:
        raise ZeroDivisionError

    monkeypatch.setattr("kiosk.technician.gallery_tests.check_weights", broken)
    run(world)
    row = world.row("models")
    assert (row.state, row.code) == (TestState.FAILED, "ZeroDivisionError")
    words_of(row)
    assert world.row("disk").state is TestState.PASSED


def test_one_that_is_unknown_is_said(world: TechnicianWorld) -> None:
    world.desk.run_tests("coffee")
    world.desk.test_print("coffee")
    world.done()
    assert [notice.code for notice in world.notices] == [ErrorCode.TEST_UNKNOWN] * 2


def test_stop_ends_it_within_two_seconds(world: TechnicianWorld) -> None:
    world.camera.is_gone.set()  # it would wait for eight seconds
    told = world.heard(SelfTestChanged)
    world.desk.run_tests()
    world.wait(lambda: told and told[-1].rows and world.row("camera").state is TestState.RUNNING)
    began_s = time.monotonic()
    world.desk.stop_tests()
    world.done()
    assert time.monotonic() - began_s < 2
    assert world.row("line").state is TestState.SKIPPED


# -- printers


@pytest.mark.parametrize(
    ("trouble", "code", "advice"),
    [
        ("pause", ErrorCode.PRINTER_PAUSED, "paused"),
        ("empty", ErrorCode.PAPER_EMPTY, "paper_empty"),
        ("switch_off", ErrorCode.PRINTER_UNREACHABLE, "offline"),
    ],
)
def test_what_a_printer_lacks_is_said(
    world: TechnicianWorld, trouble: str, code: ErrorCode, advice: str
) -> None:
    printer = with_printer(world)
    getattr(printer, trouble)()
    row = run(world, "printer.dnp")
    assert (row.state, row.code, row.advice_key) == (TestState.FAILED, code, f"test.printer.advice.{advice}")
    words_of(row)


@pytest.mark.parametrize("state", list(PrinterState))
def test_every_state_of_a_printer_has_words(state: PrinterState) -> None:
    well = {PrinterState.READY, PrinterState.PRINTING, PrinterState.PAPER_LOW}
    assert state in well or f"test.printer.words.{state.value}" in sentences(Language.ENGLISH)


def test_paper_that_runs_low_wants_somebody(world: TechnicianWorld) -> None:
    with_printer(world, s10x15="dnp", s20x25="epson")
    world.supply("10x15/glossy", 284)
    world.supply("20x25/glossy", None)
    world.supply("20x25/matte", 6)
    run(world)
    low, well = world.row("printer.epson"), world.row("printer.dnp")
    assert (low.state, well.state) == (TestState.LOOK, TestState.PASSED)
    assert low.actions == ("count_matches", "set_count", "test_print")
    assert {**low.params} == {
        "name": "epson",
        "queue": "epson",
        "size": "20×25",
        "supply": "20x25/matte",
        "left": "6",
        "more": "4",
    }
    assert words_of(low) == "ready, 6 sheets left"
    assert ("test.fact.kiosk_counter", "6") in low.facts


def test_paper_that_nobody_counted_wants_counting(world: TechnicianWorld) -> None:
    with_printer(world)
    row = run(world, "printer.dnp")
    assert (row.state, row.actions) == (TestState.LOOK, ("set_count", "test_print"))
    assert row.params["supply"].startswith("10x15/")
    words_of(row)


def test_a_test_page_comes_out_is_timed_and_counted(world: TechnicianWorld) -> None:
    printer = with_printer(world)
    world.supply("10x15/glossy", 284)
    world.desk.test_print("dnp")
    world.done()
    row = world.row("printer.dnp")
    assert row.state is TestState.PASSED
    assert words_of(row).startswith("test print done in ")
    assert words_of(row).endswith("283 sheets left")
    assert sum(printer.put_out.values()) == 1
    assert run(world, "printer.dnp").params["took"] == row.params["took"]


def test_a_page_that_does_not_come_out_is_taken_back(world: TechnicianWorld) -> None:
    printer = with_printer(world)
    printer.empty()
    told = world.heard(SelfTestChanged)
    world.desk.test_print("dnp")
    world.wait(lambda: told and world.row("printer.dnp").state is TestState.RUNNING)
    time.sleep(0.2)
    world.desk.stop_tests()
    world.done()
    assert (world.row("printer.dnp").state, world.row("printer.dnp").code) == (TestState.FAILED, "R-104")
    printer.mend()
    time.sleep(0.3)
    assert not printer.put_out


# -- payment


def test_one_baht_is_paid_confirmed_and_noted_to_be_given_back(world: TechnicianWorld) -> None:
    gateway = FakeGateway(SystemClock(), extra_satang=7)
    world.gateway = gateway
    told = world.heard(SelfTestChanged)
    world.desk.test_payment()
    world.wait(lambda: told and told[-1].qr_payload)
    assert told[-1].qr_due_satang == 107
    assert not told[-1].needs_person
    gateway.pay("F0001")
    world.done()
    row = world.row("payment")
    assert row.state is TestState.PASSED
    assert words_of(row).startswith("1.07 baht paid and confirmed in ")
    assert (told[-1].qr_payload, told[-1].qr_png, told[-1].qr_due_satang) == (None, None, 0)
    (notice,) = SqlNotices(world.archive.database).open_notices()
    assert (notice.code, notice.subject) == (ErrorCode.TEST_MONEY, "F0001")
    assert "1.07" in notice.detail
    assert run(world, "payment").state is TestState.PASSED  # as it was tested


def test_one_baht_that_nobody_pays_is_called_off(world: TechnicianWorld) -> None:
    told = world.heard(SelfTestChanged)
    world.desk.test_payment()
    world.wait(lambda: told and told[-1].qr_payload)
    world.desk.stop_tests()
    world.done()
    row = world.row("payment")
    assert (row.state, row.words_key) == (TestState.LOOK, "test.payment.words.no_money")
    words_of(row)
    assert SqlNotices(world.archive.database).open_count() == 0
    assert told[-1].qr_payload is None


def test_a_baht_that_came_after_a_power_cut_is_noted_later(tmp_path: Path) -> None:
    gateway = FakeGateway(SystemClock(), extra_satang=0)
    with TechnicianWorld(tmp_path) as world:
        world.gateway = gateway
        cut = replace_received(world)
        world.desk.test_payment()
        cut.wait(10)
        world.done()
    gateway.pay("F0001")
    with TechnicianWorld(tmp_path) as world:
        world.gateway = gateway
        assert run(world, "payment").state is TestState.SKIPPED
        (notice,) = SqlNotices(world.archive.database).open_notices()
        assert notice.subject == "F0001"
        run(world, "payment")
        assert SqlNotices(world.archive.database).open_count() == 1


def replace_received(world: TechnicianWorld) -> threading.Event:
    """The power is cut while the money is awaited: nothing after that is done."""
    reached = threading.Event()

    def cut(*_: object) -> int:
        reached.set()
        raise SystemError("power cut")

    world.desk._self_test._payment._received = cut  # type: ignore[method-assign,assignment]
    return reached


def test_where_staff_confirm_the_code_is_checked_and_a_person_says_that_it_came(
    world: TechnicianWorld,
) -> None:
    world.gateway = PromptPayGateway("0812345678", "River")
    assert run(world, "payment").state is TestState.PASSED
    assert "1.00 baht" in words_of(world.row("payment"))
    told = world.heard(SelfTestChanged)
    world.desk.test_payment()
    world.wait(lambda: told and told[-1].qr_payload)
    assert told[-1].needs_person
    world.desk.test_payment()
    world.done()
    row = world.row("payment")
    assert (row.state, row.words_key) == (TestState.PASSED, "test.payment.words.by_person")
    words_of(row)
    assert SqlNotices(world.archive.database).open_count() == 1


def test_a_gateway_that_is_away_is_said(world: TechnicianWorld) -> None:
    gateway = FakeGateway(SystemClock())
    gateway.fail_next["create"].append(ErrorCode.GATEWAY_UNREACHABLE)
    world.gateway = gateway
    world.desk.test_payment()
    world.done()
    row = world.row("payment")
    assert (row.state, row.code) == (TestState.FAILED, ErrorCode.GATEWAY_UNREACHABLE)
    words_of(row)


def test_nobody_to_be_paid_is_no_fault_of_the_network(world: TechnicianWorld) -> None:
    world.gateway = NobodyPaid(KnownError(ErrorCode.GATEWAY_NOT_CONFIGURED, "Nobody is paid."))
    for test in (partial(world.desk.run_tests, "payment"), world.desk.test_payment):
        test()
        world.done()
        row = world.row("payment")
        assert (row.state, row.code) == (TestState.FAILED, ErrorCode.GATEWAY_NOT_CONFIGURED)
        assert row.advice_key == "test.payment.advice.nobody"
        words_of(row)


# -- the machine


@pytest.mark.parametrize(
    ("points", "error_mm", "state"),
    [(9, 2.0, TestState.PASSED), (9, 11.0, TestState.LOOK), (7, 1.0, TestState.FAILED)],
)
def test_touch_is_what_the_nine_points_measured(
    world: TechnicianWorld, points: int, error_mm: float, state: TestState
) -> None:
    world.desk.note_touch(points, error_mm)
    world.done()
    row = world.row("touch")
    assert row.state is state
    assert str(points) in words_of(row)


def test_the_clock_is_compared_with_the_centres(world: TechnicianWorld) -> None:
    now = world.clock.now()
    assert "not compared" in words_of(run(world, "disk"))
    world.status = SyncStatus(SyncState.ONLINE, now, last_pull_at=now, clock_off_s=-2)
    assert words_of(run(world, "disk")).endswith("clock 2 s off")
    world.status = replace(world.status, clock_off_s=4000)
    row = run(world, "disk")
    assert (row.state, row.code) == (TestState.LOOK, ErrorCode.CLOCK_OFF)
    words_of(row)


def test_a_real_mail_server_lets_us_in_or_not(
    world: TechnicianWorld, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with MailPeer(make_certificates(tmp_path / "tls"), security="none") as peer:
        mail = peer.settings()
        world.live.change(world.live.settings.model_copy(update={"mail": mail}))
        row = run(world, "mail")
        assert row.state is TestState.PASSED
        assert "logged in within" in words_of(row)
        assert not peer.taken
    row = run(world, "mail")
    assert (row.state, row.code) == (TestState.FAILED, ErrorCode.MAIL_UNREACHABLE)
    words_of(row)
    assert PASSWORD not in str(row)


def test_line_takes_the_token_or_not(world: TechnicianWorld) -> None:
    with LinePeer() as peer:
        line = LineSection(account="@photos", api_url=peer.url)
        world.live.change(world.live.settings.model_copy(update={"line": line}))
        assert run(world, "line").code == ErrorCode.SECRET_MISSING
        world.secrets["line_token"] = "wrong"
        assert run(world, "line").code == ErrorCode.LINE_TOKEN_REFUSED
        world.secrets["line_token"] = peer.token
        row = run(world, "line")
        assert row.state is TestState.PASSED
        assert words_of(row).startswith("@photos: token accepted")
