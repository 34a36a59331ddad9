"""The flight recorder: what it hears of, what never gets into it, and how it outlives power cuts."""

from __future__ import annotations

import importlib
import logging
import re
import subprocess
import sys
import time
import typing
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog

import kiosk
from kiosk.capture.types import CameraChanged, CameraState
from kiosk.checkout.types import GatewayAsked, PaymentChanged
from kiosk.clock import ManualClock
from kiosk.errors import ErrorCode
from kiosk.events import Event, EventBus
from kiosk.language import Language, sentences
from kiosk.payments.types import PaymentState
from kiosk.printing.types import PrintersChanged, PrinterState, PrinterStatus, Supply
from kiosk.runtime.logs import configure_logging
from kiosk.runtime.types import WorkerFailed
from kiosk.runtime.worker import Worker
from kiosk.session.states import Screen
from kiosk.sync.status import SyncState
from kiosk.technician.moments import READERS, Moment, fitting
from kiosk.technician.recorder import FlightRecorder
from kiosk.technician.recorder_files import RecorderFiles
from kiosk.technician.told import Recorded
from kiosk.visits.types import StreamState

PLANTED = (
    "0812345678",
    "081-234-5678",
    "+66 81 234 5678",
    "1103700123456",
    "somchai@example.com",
    "สมชาย ใจดี",
    "Somchai Jaidee",
    "sk_live_9aB8cD7eF6gH5iJ4kL3",
    "00020101021129370016A000000677010111011300668123456785802TH53037645406100.006304ABCD",
    "U4af4980629abcdef0123456789abcdef",
    "data:image/jpeg;base64,/9j/4AAQSkZJRg",
    "https://photos.example/l/9aB8cD7eF6gH5iJ4kL3",
)
PLANTED_FLOAT = 0.123456789


class World:
    def __init__(self, home: Path) -> None:
        self.home = home
        self.bus = EventBus()
        self.clock = ManualClock()
        self.recorder = FlightRecorder(home, self.bus, self.clock)

    def read(self, lane: str = "") -> list[Recorded]:
        return list(self.recorder.read(lane)[0])

    def written(self) -> str:
        self.recorder.flush()
        return "".join(path.read_text() for path in sorted((self.home / "recorder").glob("*")))


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_moment_is_read_before_and_after_it_is_written(world: World) -> None:
    world.bus.publish(CameraChanged(CameraState.LOST, ErrorCode.CAMERA_LOST))
    world.clock.advance(1)
    world.bus.publish(PaymentChanged("order", "payment", PaymentState.PAID))
    now = world.clock.now()
    expected = [
        Recorded(now, "payment", "payment_paid"),
        Recorded(now - timedelta(seconds=1), "camera", "camera_lost", "C-102"),
    ]
    assert world.read() == expected
    world.recorder.flush()
    assert world.read() == expected
    assert world.read("camera") == expected[1:]
    assert FlightRecorder(world.home, EventBus(), world.clock).read("")[0] == tuple(expected)


def test_what_has_not_changed_is_told_once(world: World) -> None:
    for _ in range(5):
        world.bus.publish(GatewayAsked(True))
    world.bus.publish(GatewayAsked(False))
    world.bus.publish(GatewayAsked(True))
    assert [one.what for one in world.read("payment")] == [
        "gateway_reached",
        "gateway_not_reached",
        "gateway_reached",
    ]


def test_printers_and_paper_are_told_by_queue(world: World) -> None:
    empty = PrinterStatus("dnp", PrinterState.PAPER_EMPTY, ("media-empty-error",))
    paper = Supply("10x15/glossy", 4, 10, 0)
    world.bus.publish(PrintersChanged((empty,), (paper,), frozenset()))
    assert [(one.what, one.facts) for one in world.read("printer")] == [
        ("supply_low", {"supply": "10x15/glossy", "left": "4"}),
        ("printer_paper_empty", {"queue": "dnp", "reason": "media-empty-error"}),
    ]


def test_what_nobody_counted_is_not_said_to_be_enough(world: World) -> None:
    world.bus.publish(PrintersChanged((), (Supply("ink/dnp", None, 10, 0),), frozenset()))
    assert [(one.what, one.facts) for one in world.read("printer")] == [
        ("supply_uncounted", {"supply": "ink/dnp"})
    ]


def test_it_reads_as_far_as_asked(world: World) -> None:
    for number in range(30):
        world.recorder.note("system", f"step_{number}")
        world.clock.advance(60)
    moments, has_more = world.recorder.read(most=10)
    assert [one.what for one in moments] == [f"step_{number}" for number in range(29, 19, -1)]
    assert has_more
    moments, has_more = world.recorder.read(since=world.clock.now() - timedelta(minutes=5))
    assert len(moments) == 5
    assert not has_more


def every_event() -> list[type[Event]]:
    """Of all rooms, in the order of their names."""
    root = Path(kiosk.__file__).parent
    found = []
    for path in sorted(root.rglob("*.py")):
        for name in re.findall(r"^class (\w+)\(Event\):", path.read_text(encoding="utf-8"), re.M):
            module = ".".join(("kiosk", *path.relative_to(root).with_suffix("").parts))
            found.append(getattr(importlib.import_module(module), name))
    return found


def planted(kind: Any, text: str) -> Any:
    """A value of this type that holds the text wherever a text can be."""
    origin, inside = typing.get_origin(kind), typing.get_args(kind)
    if kind is str or kind is Any:
        return text
    if kind is bytes:
        return text.encode()
    if origin is typing.Annotated:
        return planted(inside[0], text)
    if inside and type(None) in inside:
        return planted(next(one for one in inside if one is not type(None)), text)
    if origin in (tuple, list, Sequence, frozenset, set) or (
        origin and origin is not dict and len(inside) == 1
    ):
        return tuple(planted(one, text) for one in inside if one is not ...)
    if origin in (dict, Mapping) or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return {planted(inside[0], text): planted(inside[1], text)}
    if inside:
        return planted(inside[0], text)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    if isinstance(kind, type) and is_dataclass(kind):
        return made(kind, text)
    if kind is datetime:
        return datetime(2026, 11, 20, tzinfo=UTC)
    simple: dict[Any, Any] = {int: 812345678, float: PLANTED_FLOAT, bool: True, date: date(2026, 11, 20)}
    return simple.get(kind, np.full(128, PLANTED_FLOAT, np.float32))


def made(kind: Any, text: str) -> Any:
    """One of a dataclass, whatever its own checks would say to it."""
    hints = typing.get_type_hints(kind, include_extras=True)
    one = object.__new__(kind)
    for field in fields(kind):
        object.__setattr__(one, field.name, planted(hints[field.name], text))
    return one


@pytest.mark.parametrize("text", PLANTED)
def test_no_event_of_the_program_brings_anything_personal_in(world: World, text: str) -> None:
    kinds = every_event()
    assert set(READERS) < set(kinds)
    for kind in kinds:
        world.bus.publish(made(kind, text))
    written = world.written()
    assert written
    assert len(world.read()) >= len(READERS)  # it heard of each
    for one in (*PLANTED, str(PLANTED_FLOAT)[:6], "812345678", "somchai", "สมชาย"):
        assert one.casefold() not in written.casefold()


@pytest.mark.parametrize("text", PLANTED)
def test_a_moment_lets_words_and_small_numbers_through_and_nothing_else(text: str) -> None:
    assert fitting(Moment("camera", text)) is None
    assert fitting(Moment(text, "camera_lost")) is None
    kept = fitting(Moment("camera", "camera_lost", text, {"queue": text, text: "1"}))
    assert kept == Moment("camera", "camera_lost", "", {})


def test_the_errors_of_the_log_are_heard_by_their_code(world: World, tmp_path: Path) -> None:
    configure_logging(tmp_path / "logs")
    log = structlog.get_logger("kiosk.test")
    worker = Worker("recorder", world.recorder.run, world.bus)
    worker.start()
    while not any(type(each).__name__ == "_HeardErrors" for each in _root_handlers()):
        pass
    for _ in range(3):
        log.warning("worker_fault", code=ErrorCode.PRINTER_UNREACHABLE, detail="of 0812345678")
    log.info("quiet", code=ErrorCode.PRINTER_JAMMED)
    log.warning("no code at all", name="Somchai")
    assert worker.stop()
    assert [(one.what, one.code) for one in world.read("error")] == [("worker_fault", "R-101")]
    assert "0812345678" not in world.written()
    assert not any(type(each).__name__ == "_HeardErrors" for each in _root_handlers())


def _root_handlers() -> list[Any]:
    return list(logging.getLogger().handlers)


def test_a_line_half_written_by_a_power_cut_is_passed_over(world: World) -> None:
    world.recorder.note("system", "first")
    world.recorder.flush()
    path = world.home / "recorder" / "now.jsonl"
    with path.open("ab") as file:
        file.write(b'{"at": "2026-11-20T08:0')
    world.recorder.note("system", "second")
    world.recorder.flush()
    assert [one.what for one in world.read()] == ["second", "first"]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "null",
        "[]",
        '{"at": 3}',
        '{"at": "2026-11-20", "lane": "camera", "what": "x"}',
        "\x00\x00",
        '"x"',
        '{"at": "2026-11-20T08:00:00+00:00", "lane": "camera", "what": "x", "facts": ["a"]}',
    ],
)
def test_nonsense_in_the_file_is_passed_over(world: World, line: str) -> None:
    world.recorder.note("system", "first")
    world.recorder.flush()
    with (world.home / "recorder" / "now.jsonl").open("a") as file:
        file.write(line + "\n")
    assert [one.what for one in world.read()] == ["first"]


def test_the_ring_stays_within_its_size(tmp_path: Path) -> None:
    files = RecorderFiles(tmp_path, file_bytes=1000)
    for number in range(400):
        files.add([f"line {number:04} " + "x" * 40])
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert len(sizes) <= 5
    assert max(sizes) <= 1100
    lines = list(files.newest_first())
    assert lines[0].startswith("line 0399")
    assert [line[:9] for line in lines] == sorted((line[:9] for line in lines), reverse=True)
    assert len(lines) >= 60


def test_a_disk_that_takes_nothing_loses_moments_only(world: World, caplog: pytest.LogCaptureFixture) -> None:
    (world.home / "recorder").write_text("in the way")
    world.recorder.note("system", "first")
    world.recorder.flush()
    assert world.read() == []


_WRITES = """
import sys
import time
from pathlib import Path
from kiosk.clock import SystemClock
from kiosk.events import EventBus
from kiosk.technician.recorder import FlightRecorder
recorder = FlightRecorder(Path(sys.argv[1]), EventBus(), SystemClock())
for number in range(1_000_000):
    recorder.note("system", f"step_{number}")
    recorder.flush()
    print(number, flush=True)
"""


def test_what_was_written_before_a_kill_is_there(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", _WRITES, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    last = 0
    while last < 300:
        last = int(process.stdout.readline())
    process.kill()
    rest = process.stdout.read().split()
    process.wait()
    process.stdout.close()
    last = int(rest[-2]) if len(rest) > 1 else last
    moments, _ = FlightRecorder(tmp_path, EventBus(), ManualClock()).read(most=1_000_000)
    assert {f"step_{number}" for number in range(last + 1)} <= {one.what for one in moments}


def test_a_worker_that_failed_is_told(world: World) -> None:
    world.bus.publish(WorkerFailed("folder-watch", "", has_given_up=True))
    (one,) = world.read("error")
    assert one.facts == {"worker": "folder-watch", "given_up": "yes"}


@pytest.mark.parametrize("language", list(Language))
def test_each_moment_has_its_words(language: Language) -> None:
    states = {
        "camera": CameraState,
        "stream": StreamState,
        "printer": PrinterState,
        "centre": SyncState,
        "payment": PaymentState,
        "page": Screen,
    }
    whats = {f"{name}_{state.value}" for name, kind in states.items() for state in kind}
    whats |= {"shot_taken", "shot_refused", "supply_out", "supply_low", "supply_enough", "print_moved"}
    whats |= {"supply_uncounted"}
    whats |= {"message_moved", "gateway_reached", "gateway_not_reached", "order_paid", "worker_failed"}
    whats |= {"staff_open", "staff_closed", "signed_in", "nobody_signed_in", "staff_told", "out_of_service"}
    whats |= {"self_test", "self_test_running", "started", "stopped"}
    assert {f"recorder.what.{what}" for what in whats} <= set(sentences(language))


@pytest.mark.slow
def test_a_flood_stays_within_twenty_megabytes_and_a_quiet_lane_is_found_quickly(world: World) -> None:
    world.recorder.note("camera", "camera_lost", "C-102")
    for _ in range(25):
        for _ in range(9_000):
            world.recorder.note("payment", "payment_paid", facts={"worker": "a-worker-with-a-long-name"})
        world.recorder.flush()
    folder = world.home / "recorder"
    assert sum(path.stat().st_size for path in folder.iterdir()) <= 20_000_000
    began_s = time.process_time()
    assert world.read("printer") == []
    assert time.process_time() - began_s < 1.0
