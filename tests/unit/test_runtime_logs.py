"""What may be written down, and what is blotted out."""

from __future__ import annotations

import json
import logging
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import structlog

from kiosk.errors import ErrorCode, KnownError
from kiosk.runtime.blotting import BLOT, blot_text, blot_value, is_forbidden_key
from kiosk.runtime.logs import configure_logging


@pytest.fixture
def log_file(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    level, handlers = root.level, list(root.handlers)
    configure_logging(tmp_path)
    yield tmp_path / "kiosk.jsonl"
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)
    structlog.reset_defaults()


def lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize(
    "secret",
    [
        "0812345678",
        "+66812345678",
        "081-234-5678",
        "0066812345678",
        "1101700230708",
        "1-1017-00230-70-8",
        "00020101021129370016A000000677010111011300668012345675802TH530376463046197",
        "somebody@example.com",
        "bQ7x-9KdLm2_PzR4tVwYcA",
        "5e" * 32,
    ],
)
def test_numbers_and_secrets_of_people_are_blotted_out_of_texts(secret: str) -> None:
    assert secret not in blot_text(f"sent to {secret} today")
    assert BLOT in blot_text(f"sent to {secret} today")


FACE = np.random.default_rng(7).normal(size=512).astype(np.float32) / 23
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + np.random.default_rng(7).bytes(400)


@pytest.mark.parametrize(
    "said",
    [str(FACE), repr(FACE), str(FACE.tolist()), repr(FACE.tobytes()), repr(JPEG), b64encode(JPEG).decode()],
    ids=["str", "repr", "list", "bytes", "picture", "base64"],
)
def test_no_face_gets_into_the_log_by_the_text_of_an_error(said: str) -> None:
    blotted = blot_text(f"cannot read {said} of photo 7")
    assert blotted.startswith("cannot read ")
    assert not any(said[start : start + 40] in blotted for start in range(0, len(said) - 40, 10))


def test_the_password_in_an_address_is_blotted_and_the_host_stays() -> None:
    blotted = blot_text("cannot open rtsp://guard:hidden@door.example/stream")
    assert "hidden" not in blotted
    assert "door.example/stream" in blotted


@pytest.mark.parametrize(
    "harmless",
    [
        "photo 20261120_153000.jpg of 4500000 bytes",
        "order 3f2a9c0e7b114d5f8a6e2c1d0b9a8f7e paid 49900 satang",
        "2026-11-20T15:30:00.123456+00:00",
        "127.0.0.1:8554",
        "camera_changed",
        "similarity 0.353241569042206",
        "took 0.25 s, 1.50 s, 0.10 s",
        "key_id 9f86d081884c7d65 is gone",
    ],
)
def test_what_staff_need_stays_readable(harmless: str) -> None:
    assert blot_text(harmless) == harmless


@pytest.mark.parametrize(
    "key",
    [
        "pixels",
        "embedding",
        "probe",
        "phone",
        "phone_number",
        "promptpay_id",
        "api_key",
        "token",
        "link_token",
    ],
)
def test_forbidden_names_are_never_written(key: str) -> None:
    assert is_forbidden_key(key)


@pytest.mark.parametrize(
    "key", ["frame_width", "face_count", "faces", "photo_id", "event_id", "pinned", "code"]
)
def test_counts_and_ids_are_written(key: str) -> None:
    assert not is_forbidden_key(key)


def test_only_listed_types_of_values_pass() -> None:
    assert blot_value(np.zeros(512, np.float32)) == f"{BLOT} ndarray"
    assert blot_value([0.1] * 512) == f"{BLOT} list"
    assert blot_value(b"\xff\xd8") == f"{BLOT} bytes"
    assert blot_value(object()) == f"{BLOT} object"
    assert blot_value({"path": Path("a.jpg"), "token": "x"}) == {"path": "a.jpg", "token": BLOT}
    assert blot_value(datetime(2026, 11, 20, tzinfo=UTC)) == "2026-11-20T00:00:00+00:00"
    assert blot_value([1, 2.5, True, None, ErrorCode.DISK_FULL]) == [1, 2.5, True, None, "D-101"]


def test_the_log_file_holds_json_lines_without_anything_personal(log_file: Path) -> None:
    log = structlog.get_logger("kiosk.test")
    log.info("sent", phone="0812345678", embedding=np.zeros(4), order_id="A-1", note="call 0812345678")
    (line,) = lines(log_file)
    assert line["event"] == "sent"
    assert line["order_id"] == "A-1"
    assert line["level"] == "info"
    assert "0812345678" not in json.dumps(line)
    assert line["embedding"] == BLOT


def test_a_traceback_in_the_log_shows_no_secret(log_file: Path) -> None:
    try:
        raise KnownError(ErrorCode.GATEWAY_REFUSED, "payee 0812345678 unknown")
    except KnownError:
        structlog.get_logger("kiosk.test").exception("pay_failed")
    (line,) = lines(log_file)
    assert "KnownError" in str(line["exception"])
    assert "0812345678" not in str(line["exception"])


def test_libraries_are_heard_from_warnings_on_and_blotted_too(log_file: Path) -> None:
    logging.getLogger("urllib3").info("chatter")
    logging.getLogger("urllib3").warning("retrying %s", "rtsp://guard:hidden@door.example")
    (line,) = lines(log_file)
    assert "hidden" not in str(line["event"])


def test_configuring_again_does_not_write_twice(log_file: Path) -> None:
    configure_logging(log_file.parent)
    structlog.get_logger("kiosk.test").info("once")
    assert len(lines(log_file)) == 1
