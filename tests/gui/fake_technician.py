"""A technician's desk for the screens alone: notes every command, tells of a machine as one stands.

What the screens hold the real desk to: a row of the self-test whose `actions` count paper names its supply in
`params["supply"]` and what is left of it in `params["left"]`; one that prints names its queue in
`params["queue"]`. The words of a row, of its title and of its advice are all filled in from its `params`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from kiosk.events import Event, EventBus
from kiosk.staff.told import PaperSaved
from kiosk.technician.told import (
    CertaintyShown,
    FieldKind,
    Recorded,
    RecorderShown,
    Scalar,
    SelfTestChanged,
    SettingField,
    SettingsShown,
    SettingsVersion,
    TestRow,
    TestState,
    WizardShown,
)
from kiosk.updates.care import UpdatesShown
from kiosk.updates.journal import Outcome, Result
from ui.technician_facade import TechnicianCommands

NOW = datetime(2026, 11, 19, 22, 41, tzinfo=UTC)
"""05:41 at the venue, on the morning of the run."""


class FakeTechnician:
    """Obeys ui.technician_facade.TechnicianCommands; `calls` holds (command, arguments) in order. What is
    asked for is answered at once from `settings`, `tests`, `recorder`, `certainty` and `wizard`."""

    def __init__(self, bus: EventBus | None = None) -> None:
        self.bus = bus or EventBus()
        self.calls: list[tuple[Any, ...]] = []
        self.settings = a_settings_view()
        self.tests = a_tested_machine()
        self.recorder = a_morning()
        self.certainty = CERTAINTY
        self.updates = AN_UPDATE
        self.wizard = a_wizard("language")

    def publish(self, event: Event) -> None:
        """As if the desk had published it."""
        self.bus.publish(event)

    def __getattr__(self, command: str) -> Callable[..., None]:
        real = inspect.signature(getattr(TechnicianCommands, command))

        def note(*arguments: Any, **named: Any) -> None:
            real.bind(self, *arguments, **named)
            self.calls.append((command, *arguments, *named.items()))

        return note

    # what shows something answers at once

    def show_settings(self) -> None:
        self.calls.append(("show_settings",))
        self.publish(self.settings)

    def show_certainty(self) -> None:
        self.calls.append(("show_certainty",))
        self.publish(self.certainty)

    def show_recorder(self, lane: str = "", most: int = 200) -> None:
        self.calls.append(("show_recorder", lane, most))
        moments = tuple(m for m in self.recorder.moments if lane in ("", m.lane))
        self.publish(RecorderShown(lane, moments[:most], has_more=len(moments) > most))

    def run_tests(self, name: str = "") -> None:
        self.calls.append(("run_tests", name))
        self.publish(self.tests)

    def make_bundle(self, folder: object = None) -> None:
        self.calls.append(("make_bundle", folder))
        self.publish(PaperSaved("bundle", "/srv/kiosk/Documents/kiosk-K7-2026-11-20.zip"))

    def end_kiosk(self, restart: bool) -> None:
        self.calls.append(("end_kiosk", restart))

    def show_updates(self) -> None:
        self.calls.append(("show_updates",))
        self.publish(self.updates)

    def begin_wizard(self) -> None:
        self.calls.append(("begin_wizard",))
        self.publish(self.wizard)


# -- updates

AN_UPDATE = UpdatesShown(
    version="0.1.0",
    ready="0.2.0",
    last=Result(Outcome.DONE, "0.1.0", "0.0.9", NOW - timedelta(days=3)),
    before="0.0.9",
    has_centre=True,
    hours=("02:00", "05:00"),
)


# -- settings


def a_field(
    name: str,
    kind: FieldKind,
    value: Scalar | Mapping[str, Scalar],
    standard: Scalar | Mapping[str, Scalar],
    **changes: Any,
) -> SettingField:
    """The setting `section.key` with sentences of its own."""
    section, _, key = name.partition(".")
    usual = SettingField(section, key, kind, f"setting.{name}.title", f"setting.{name}.text", value, standard)
    return replace(usual, **changes)


FIELDS = (
    a_field("kiosk.operator", FieldKind.TEXT, "River Photos", "Photo Kiosk"),
    a_field("kiosk.contact", FieldKind.TEXT, "ซุ้มข้อมูล 08:00-17:00", ""),
    a_field("kiosk.code_prefix", FieldKind.TEXT, "K7", "K1", is_live=False),
    a_field("kiosk.language", FieldKind.CHOICE, "th", "th", choices=("th", "en")),
    a_field("camera.source", FieldKind.TEXT, "auto", "auto", by_environment=True, is_live=False),
    a_field("camera.width", FieldKind.NUMBER, 1280, 1280, unit="px", lowest=320, highest=4096),
    a_field("camera.fps", FieldKind.NUMBER, 30, 30, unit="fps", lowest=1, highest=120),
    a_field("sales.prints", FieldKind.SWITCH, True, False),
    a_field(
        "sales.print_baht",
        FieldKind.TABLE,
        {"10x15": 50, "13x18": 90, "20x25": 150},
        {"10x15": 50, "13x18": 80, "20x25": 150},
        unit="baht",
        lowest=1,
        highest=1_000_000,
    ),
    a_field("sales.prints_per_order", FieldKind.NUMBER, 20, 20, lowest=1, highest=1000),
    a_field(
        "payment.gateway",
        FieldKind.CHOICE,
        "promptpay",
        "promptpay",
        choices=("promptpay", "paynoi", "central"),
    ),
    a_field("payment.promptpay_id", FieldKind.TEXT, "", ""),
    a_field(
        "printing.printer", FieldKind.CHOICE, "cups", "off", choices=("off", "cups", "windows"), is_live=False
    ),
    a_field("printing.queues", FieldKind.TABLE, {"10x15": "dnp", "20x25/matte": "epson"}, {}),
    a_field("printing.frame", FieldKind.PATH, None, None),
    a_field("printing.warn_at", FieldKind.NUMBER, 10, 10, lowest=0),
    a_field("session.idle_warning_s", FieldKind.NUMBER, 90.0, 90.0, unit="s", lowest=1),
    a_field("staff.lock_minutes", FieldKind.NUMBER, 15, 15, unit="min", lowest=1, highest=1440),
)
VERSIONS = (
    SettingsVersion("12", NOW - timedelta(minutes=20), "Nok", ("sales.print_baht",)),
    SettingsVersion("11", NOW - timedelta(hours=9), "Ben", ("printing.queues", "printing.printer")),
    SettingsVersion("10", NOW - timedelta(days=1), "Nok", ("kiosk.contact",)),
    SettingsVersion("9", NOW - timedelta(days=3), "", ()),
)


def a_settings_view(**changes: Any) -> SettingsShown:
    """The settings of a kiosk at a run by the river."""
    return replace(SettingsShown(FIELDS, VERSIONS, pending=("printing.printer",)), **changes)


# -- self-test


def a_row(name: str, state: TestState = TestState.PASSED, **changes: Any) -> TestRow:
    """A row with the sentences of its name; `params` are its measured values."""
    room = name.partition(".")[0]
    usual = TestRow(name, state, f"test.{room}.title", f"test.{room}.words", took_s=1.2)
    return replace(usual, **changes)


_PRINTER_ACTIONS = ("count_matches", "set_count", "test_print")
CAMERA = a_row(
    "camera",
    params={"width": "1280", "height": "720", "fps": "30.0", "age": "21"},
    facts=(("test.fact.source", "webcam:0"), ("test.fact.got", "1280×720, 30.0")),
)
SHOT = a_row("shot", params={"ms": "14"}, actions=("test_shot",), facts=(("test.fact.light", "142"),))
MODELS = a_row("models", params={"n": "3"})
INDEX = a_row("index", params={"photos": "12,480", "faces": "31,022"})
PRINTER_A = a_row(
    "printer.dnp",
    params={
        "name": "A",
        "size": "10×15",
        "left": "284",
        "took": "11",
        "queue": "dnp",
        "supply": "10x15/glossy",
    },
    actions=_PRINTER_ACTIONS,
    words_key="test.printer.words.printed",
    facts=(("test.fact.queue", "dnp"), ("test.fact.kiosk_counter", "284"), ("test.fact.ink", "61 %")),
)
PRINTER_B = a_row(
    "printer.epson",
    TestState.LOOK,
    params={
        "name": "B",
        "size": "20×25",
        "left": "6",
        "took": "14",
        "queue": "epson",
        "supply": "20x25/matte",
        "more": "4",
    },
    advice_key="test.printer.advice.paper_low",
    actions=_PRINTER_ACTIONS,
    words_key="test.printer.words.printed",
    facts=(("test.fact.queue", "epson"), ("test.fact.kiosk_counter", "6"), ("test.fact.ink", "18 %")),
)
PAYMENT = a_row("payment", params={"took": "4", "baht": "1.00"}, actions=("pay_one_baht",))
TOUCH = a_row("touch", params={"points": "9", "all": "9", "mm": "2.0"}, actions=("touch",))
STORAGE = a_row("disk", params={"free": "412", "off": "0.2"})
NETWORK = a_row("network", params={"address": "192.168.1.20", "ms": "3", "waiting": "0", "parked": "0"})
MAIL = a_row("mail", params={"ms": "140"})
LINE = a_row("line", TestState.SKIPPED, words_key="test.line.words.none")
AWAY = a_row(
    "network",
    TestState.FAILED,
    words_key="test.network.words.away",
    params={"waiting": "7", "parked": "0", "ms": "3000", "code": "N-101"},
    advice_key="test.network.advice.away",
    code="N-101",
)
ROWS = (CAMERA, SHOT, MODELS, INDEX, PRINTER_A, PRINTER_B, PAYMENT, TOUCH, STORAGE, NETWORK, MAIL, LINE)


def a_tested_machine(*rows: TestRow, **changes: Any) -> SelfTestChanged:
    """A machine of which one row needs somebody."""
    return replace(SelfTestChanged(rows or ROWS, is_running=False, took_s=38.2), **changes)


def a_machine_under_test() -> SelfTestChanged:
    """The same, three rows on its way."""
    done = ROWS[:3]
    running = replace(ROWS[3], state=TestState.RUNNING, took_s=None)
    rest = tuple(replace(row, state=TestState.WAITING, advice_key="", took_s=None) for row in ROWS[4:])
    return a_tested_machine(*done, running, *rest, is_running=True, took_s=0.0)


# -- why


def a_moment(minutes: float, lane: str, what: str, code: str = "", **facts: str) -> Recorded:
    """So many minutes before now."""
    return Recorded(NOW - timedelta(minutes=minutes), lane, what, code, facts)


def a_morning() -> RecorderShown:
    """What happened since the kiosk was switched on."""
    return RecorderShown(
        "",
        (
            a_moment(0.4, "system", "self_test", passed="10", look="1", failed="0", took_s="38"),
            a_moment(1, "printer", "supply_low", supply="20x25/matte", left="6"),
            a_moment(3, "payment", "order_paid"),
            a_moment(4, "camera", "camera_live"),
            a_moment(4.2, "camera", "camera_lost", "C-102"),
            a_moment(9, "staff", "signed_in", role="technician"),
            a_moment(16, "network", "centre_online", waiting="0"),
            a_moment(31, "network", "centre_offline", "N-101", waiting="7"),
            a_moment(48, "error", "worker_failed", "A-105", worker="watch", given_up="no"),
            a_moment(63, "printer", "printer_jammed", queue="dnp", reason="media-jam"),
            a_moment(64, "payment", "payment_short"),
            a_moment(66, "system", "something_of_later"),
            a_moment(118, "system", "started", version="1.4.0"),
        ),
        has_more=True,
    )


CERTAINTY = CertaintyShown(
    sure_share=0.002,
    maybe_share=0.05,
    words="One visitor in 500 meets a stranger's photo among the sure ones, and one in 20 behind “maybe”.",
    origin="Thresholds as they come with the kiosk, for 12,480 photos.",
    can_change=True,
)

# -- first run

STEPS = ("language", "mode", "staff", "camera", "event", "printer", "payment", "centre", "test")


def a_wizard(step: str, **changes: Any) -> WizardShown:
    """The wizard at a step, on a machine with two cameras and two print queues."""
    choices = {"camera": ("webcam:0", "webcam:1"), "printer": ("dnp", "epson")}.get(step, ())
    values: Mapping[str, str] = {
        "language": "th",
        "mode": "event",
        "event": "River Run 2026",
        "source": "webcam:0",
        "gateway": "promptpay",
    }
    return replace(WizardShown(step, STEPS, values, choices), **changes)
