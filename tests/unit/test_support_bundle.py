"""The support bundle: what it tells, and that nothing of a person or a key gets into it."""

from __future__ import annotations

import base64
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import structlog

from kiosk.clock import ManualClock
from kiosk.database.engine import open_database
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.crash import CrashLog
from kiosk.runtime.logs import configure_logging
from kiosk.settings import Settings
from kiosk.technician.bundle import Bundles, masked_settings
from kiosk.technician.bundle_guard import check, unsafe
from kiosk.technician.recorder import FlightRecorder
from tests.technician_world import empty_database

_PIXELS = np.random.default_rng(7).integers(0, 256, (64, 64, 3), dtype=np.uint8)
_NUMBERS = np.random.default_rng(7).normal(size=128).astype(np.float32)
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + _PIXELS.tobytes()
SECRET = "hunter2-of-the-bank"
PLANTED = {
    "phone": "0812345678",
    "phone with dashes": "081-234-5678",
    "phone abroad": "+66 81 234 5678",
    "landline": "02 123 4567",
    "citizen": "1-1037-00123-45-6",
    "e-mail": "somchai.j@example.com",
    "payment code": "00020101021129370016A000000677010111011300668123456785802TH53037645406100.006304ABCD",
    "api key": "skLive9aB8cD7eF6gH5iJ4kL3",
    "hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "line user": "U4af4980629abcdef0123456789abcdef",
    "embedding": ", ".join(f"{number:.6f}" for number in _NUMBERS),
    "embedding in short": " ".join(f"{number:.3f}" for number in _NUMBERS),
    "pixels": " ".join(str(number) for number in _PIXELS.ravel()[:300]),
    "picture": base64.b64encode(JPEG).decode(),
    "private key": "-----BEGIN EC PRIVATE KEY-----",
    "login": "rtsp://admin:pa55@camera.example/1",
    "own secret": SECRET,
    "own account": "0899999999",
}


class World:
    """A data folder in which something was planted wherever text can be."""

    def __init__(self, home: Path, planted: str = "") -> None:
        self.home = home
        self.clock = ManualClock()
        (home / "kiosk.db").write_bytes(empty_database())
        self.database = open_database(home / "kiosk.db", self.clock)
        self.recorder = FlightRecorder(home, EventBus(), self.clock)
        self.settings = settings_with(planted) if planted else Settings()
        self.findings: list[dict[str, Any]] = [
            {"part": "camera", "detail": f"well {planted}".strip(), "params": {"queue": [planted]}}
        ]
        self.bundles = Bundles(
            home,
            self.clock,
            lambda: self.settings,
            self.database,
            self.recorder,
            lambda: self.findings,
            lambda: [SECRET],
        )

    def everything(self, path: Path) -> dict[str, str]:
        with zipfile.ZipFile(path) as archive:
            return {name: archive.read(name).decode("utf-8") for name in archive.namelist()}


def settings_with(text: str) -> Settings:
    texts = {
        "kiosk": ("operator", "contact"),
        "event": ("name", "watch_folder"),
        "camera": ("source",),
        "payment": ("receiver_name", "paynoi_url", "paynoi_key_id", "paynoi_account"),
        "printing": ("tray", "frame"),
        "mail": ("server", "user", "sender"),
        "line": ("account",),
        "delivery": ("public_url", "wifi_name"),
        "store": ("site",),
        "central": ("url",),
    }
    values: dict[str, dict[str, Any]] = {name: dict.fromkeys(keys, text) for name, keys in texts.items()}
    values["payment"]["promptpay_id"] = "0899999999"
    values["printing"]["queues"] = {"10x15": text}
    values["sales"] = {"packages": [{"name": text, "baht": 10}]}
    return Settings.model_validate(values)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    configure_logging(tmp_path / "logs")
    return tmp_path


def test_it_tells_what_helps(home: Path) -> None:
    world = World(home)
    world.recorder.note("camera", "camera_lost", "C-102")
    structlog.get_logger("kiosk.test").warning("worker_fault", worker="camera", code=ErrorCode.CAMERA_LOST)
    path = world.bundles.make()
    assert path == home / "bundles" / "kiosk-K1-20261120-080000.zip"
    told = world.everything(path)
    assert set(told) == {
        *("about.json", "settings.json", "findings.json", "tables.json"),
        *("recorder.jsonl", "log.jsonl", "crashes.jsonl"),
    }
    assert json.loads(told["about.json"])["disk"] in ("ok", "low", "full")
    assert json.loads(told["settings.json"])["camera"]["fps"] == 30
    assert json.loads(told["tables.json"])["orders"] == 0
    assert json.loads(told["recorder.jsonl"])["what"] == "camera_lost"
    line = json.loads(told["log.jsonl"].splitlines()[-1])
    assert (line["event"], line["worker"], line["code"]) == ("worker_fault", "camera", "C-102")


@pytest.mark.parametrize("what", PLANTED)
def test_nothing_that_was_planted_is_in_it(home: Path, what: str) -> None:
    planted = PLANTED[what]
    world = World(home, planted)
    log = structlog.get_logger("kiosk.test")
    log.warning("photo_of", name=planted, code=planted, worker=planted, state=planted, detail=planted)
    log.warning(planted, kind=planted)
    raw = {"event": planted, "code": planted, "logger": planted, "worker": planted, "thread_name": planted}
    with (home / "logs" / "kiosk.jsonl").open("a") as file:
        file.write(json.dumps(raw) + "\n" + planted + "\n" + json.dumps({"exception": planted}) + "\n")
    CrashLog(home / "logs").record(planted, ValueError(planted))
    (home / "logs" / "crash-1.txt").write_text(
        planted + "\n" + json.dumps({"summary": planted, "places": [planted]})
    )
    (home / "recorder").mkdir()
    moment = {
        "at": "2026-11-20T08:00:00+00:00",
        "lane": "camera",
        "what": planted,
        "facts": {"queue": planted},
    }
    (home / "recorder" / "now.jsonl").write_text(json.dumps(moment) + "\n" + planted + "\n")
    (home / planted.replace("/", "_")[:80]).mkdir()
    told = world.everything(world.bundles.make())
    for piece in (planted, planted.replace("-", "").replace(" ", ""), planted[:40]):
        for name, text in told.items():
            assert piece not in text, name


@pytest.mark.parametrize("what", PLANTED)
def test_the_guard_refuses_what_slipped_through(what: str) -> None:
    known = [SECRET, "0899999999", "899999999"]
    for text in (PLANTED[what], json.dumps({"a": [1, PLANTED[what]]}), f"well, {PLANTED[what]}, then"):
        with pytest.raises(KnownError) as refused:
            check("log.jsonl", text.encode(), known)
        assert refused.value.code is ErrorCode.BUNDLE_UNSAFE
        assert PLANTED[what] not in str(refused.value)


@pytest.mark.parametrize(
    "data",
    [
        JPEG,
        b"\x89PNG\r\n\x1a\n" + _PIXELS.tobytes(),
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"PK\x03\x04nested",
        b"SQLite format 3\x00",
        _NUMBERS.tobytes(),
        b"\x93NUMPY\x01\x00",
        json.dumps([float(number) for number in _NUMBERS]).encode(),
        json.dumps(_PIXELS.ravel()[:100].tolist()).encode(),
        json.dumps([float(number) for number in _NUMBERS], indent=1).replace("\n", " ").encode(),
        b"text and " + JPEG,
    ],
)
def test_the_guard_knows_pictures_and_face_numbers(data: bytes) -> None:
    assert unsafe(data) is not None


@pytest.mark.parametrize(
    "text",
    [
        '{"at": "2026-11-20T08:00:00.123456+00:00", "lane": "printer", "what": "printer_ready"}',
        '"made_at": "2026-11-20T08:00:00+00:00", "version": "0.1.0", "python": "3.11.7"',
        '{"free_mb": 412000, "memory_mb": 512, "orders": 100000, "faces": 310220}',
        '"server": "http://localhost:631", "zone": "Asia/Bangkok", "prices": {"10x15": 50, "13x18": 80}',
        '"places": ["kiosk/app.py:120 in _watch_payments", "kiosk/checkout/till.py:88 in sweep"]',
        "",
    ],
)
def test_the_guard_lets_ordinary_lines_through(text: str) -> None:
    assert unsafe(text.encode()) is None


def test_one_that_is_unsafe_leaves_no_file(home: Path) -> None:
    world = World(home)
    world.findings.append({"0812345678": "a key is not looked for"})
    with pytest.raises(KnownError) as refused:
        world.bundles.make()
    assert refused.value.code is ErrorCode.BUNDLE_UNSAFE
    assert not list(home.rglob("*.zip"))


def test_it_can_be_written_to_a_usb_stick_and_a_full_or_missing_one_is_told(
    home: Path, tmp_path: Path
) -> None:
    world = World(home)
    assert world.bundles.make(tmp_path / "stick").parent == tmp_path / "stick"
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(KnownError) as failed:
        world.bundles.make(tmp_path / "file")
    assert failed.value.code is ErrorCode.FOLDER_NOT_WRITABLE


def test_ten_bundles_are_kept(home: Path) -> None:
    world = World(home)
    for _ in range(12):
        world.bundles.make()
        world.clock.advance(1)
    kept = sorted(path.name for path in (home / "bundles").iterdir())
    assert len(kept) == 10
    assert kept[-1].endswith("080011.zip")


def test_names_of_people_in_the_settings_are_only_said_to_be_there() -> None:
    told = masked_settings(settings_with("Somchai Jaidee"))
    assert told["payment"]["receiver_name"] == "(set)"
    assert told["kiosk"]["operator"] == "(set)"
    assert told["payment"]["promptpay_id"] == "(set)"
    assert told["kiosk"]["timezone"] == "Asia/Bangkok"
