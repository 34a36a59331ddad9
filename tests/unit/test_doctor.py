"""The doctor: looks at every part, makes nothing, and one ill part keeps none from being looked at."""

from __future__ import annotations

import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

import kiosk.doctor
from kiosk.archive import DATABASE_FILE
from kiosk.at_rest.own_keys import IDS_FILE
from kiosk.database import files
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.sync_state import SqlEnrolment
from kiosk.doctor import Finding, examine
from kiosk.errors import ErrorCode, KnownError
from kiosk.photos.types import PhotoEvent
from kiosk.runtime.single_instance import SingleInstance
from kiosk.technician.settings_file import settings_at_start
from kiosk.vision.manifest import read_manifest
from tests.visit import EVENT_ID, START, photo

PARTS = {
    *("camera", "weights", "secrets", "database", "event", "watch", "certainty", "index", "photos"),
    *("disk", "prices", "printer", "payment", "mail", "line", "centre", "delivery"),
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder of a kiosk without a camera and without a network."""
    monkeypatch.setenv("KIOSK_CAMERA__SOURCE", str(tmp_path / "none.mp4"))
    monkeypatch.setenv("KIOSK_DELIVERY__HOST", "127.0.0.1")
    monkeypatch.setenv("KIOSK_DELIVERY__PORT", "0")
    return tmp_path


def look(home: Path) -> dict[str, Finding]:
    return {finding.part: finding for finding in examine(home)}


def add_event(home: Path, photos: int) -> None:
    database = open_database(home / DATABASE_FILE)
    rows = SqlPhotoRepository(database)
    rows.add_event(PhotoEvent(EVENT_ID, "Run", "", START))
    for number in range(1, photos + 1):
        rows.add_photo(photo(number), [])
    database.close()


def test_what_nobody_foresaw_is_told_and_the_other_parts_are_looked_at(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ImportError("No module named 'insightface'")

    monkeypatch.setattr(kiosk.doctor, "choose_engines", broken)
    found = look(home)
    assert set(found) == PARTS
    assert not found["weights"].is_ok
    assert "insightface" in found["weights"].detail
    assert found["weights"].next_step
    assert found["database"].is_ok


def test_looking_makes_no_database_where_there_is_none(home: Path) -> None:
    found = look(home)
    assert not (home / DATABASE_FILE).exists()
    assert found["database"].is_ok
    assert "none yet" in found["database"].detail
    assert found["event"].code == ErrorCode.EVENT_NONE


def test_backups_that_fail_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add_event(home, photos=1)
    files.back_up(home / DATABASE_FILE, datetime(2020, 1, 1, tzinfo=UTC))

    def full(*_: object) -> Path:
        raise KnownError(ErrorCode.DISK_FULL, "full")

    monkeypatch.setattr(files, "back_up", full)
    assert "look at the room on the disk" in look(home)["database"].detail


def test_an_event_is_well_that_has_photos_and_is_the_one_of_the_settings(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_event(home, photos=0)
    assert look(home)["event"].code == ErrorCode.EVENT_WITHOUT_PHOTOS
    database = open_database(home / DATABASE_FILE)
    SqlPhotoRepository(database).add_photo(photo(1), [])
    database.close()
    event = look(home)["event"]
    assert (event.is_ok, event.detail) == (True, "Run, photos on sale: 1")
    monkeypatch.setenv("KIOSK_EVENT__NAME", "Other Run")
    event = look(home)["event"]
    assert (event.is_ok, event.code) == (False, ErrorCode.EVENT_UNKNOWN)
    assert event.next_step


def test_a_secret_of_faces_that_is_gone_is_told(home: Path) -> None:
    assert look(home)["secrets"].is_ok
    (home / IDS_FILE).write_text("0123456789abcdef")
    secrets = look(home)["secrets"]
    assert (secrets.is_ok, secrets.code) == (False, ErrorCode.KEY_LOST)
    assert "templates recover" in secrets.next_step


def test_a_port_is_free_or_held_by_the_kiosk_that_runs_or_by_something_else(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("KIOSK_DELIVERY__PORT", str(other.getsockname()[1]))
        assert look(home)["delivery"].code == ErrorCode.PORT_TAKEN
        with SingleInstance(home):
            delivery = look(home)["delivery"]
        assert delivery.is_ok
        assert "held by the kiosk that runs" in delivery.detail
    delivery = look(home)["delivery"]
    assert delivery.is_ok
    assert "is free" in delivery.detail


def test_a_price_list_without_a_single_photo_is_remarked_on(home: Path) -> None:
    assert look(home)["prices"].detail == "5 packages"
    (home / "kiosk.toml").write_text('[[sales.packages]]\nname = "Five"\nphotos = 5\nbaht = 250\n')
    prices = look(home)["prices"]
    assert prices.is_ok
    assert "none for a single photo" in prices.detail


def test_servers_that_do_not_answer_are_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
        monkeypatch.setattr("kiosk.secrets.find_secret", lambda name: name)
        monkeypatch.setenv("KIOSK_GALLERY__INDEX", "milvus")
        monkeypatch.setenv("KIOSK_GALLERY__MILVUS_URI", f"http://{nobody}")
        monkeypatch.setenv("KIOSK_PHOTOS__STORE", "minio")
        monkeypatch.setenv("KIOSK_PHOTOS__MINIO_ENDPOINT", nobody)
        monkeypatch.setenv("KIOSK_PHOTOS__MINIO_SECURE", "false")
        found = look(home)
    assert found["index"].code == ErrorCode.INDEX_UNREACHABLE
    assert found["photos"].code == ErrorCode.OBJECT_STORE_UNREACHABLE


def test_the_challenge_of_the_settings_is_looked_at_with_the_weights(
    home: Path, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_CAPTURE__LIVENESS", "challenge")
    assert "liveness challenge" in look(home)["weights"].detail
    monkeypatch.setenv("KIOSK_CAPTURE__PASSIVE_PACK", str(home))
    found = look(home)["weights"]
    assert not found.is_ok
    assert found.code == ErrorCode.WEIGHTS_MISSING


def test_the_networks_that_read_numbers_are_looked_at_where_the_event_wants_them(
    home: Path, weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_event(home, photos=1)
    assert "numbers" not in look(home)["weights"].detail
    database = open_database(home / DATABASE_FILE)
    SqlPhotoRepository(database).add_event(PhotoEvent(EVENT_ID, "Run", "", START, reads_numbers=True))
    database.close()
    assert "numbers on shirts" in look(home)["weights"].detail
    models = Path(shutil.copytree(weights, tmp_path / "models"))
    monkeypatch.setattr("kiosk.doctor.models_folder", lambda: models)
    (models / read_manifest(models).entry("text_reader").file).unlink()
    found = look(home)["weights"]
    assert (found.is_ok, found.code) == (False, ErrorCode.WEIGHTS_MISSING)
    assert found.next_step


def test_a_centre_is_asked_once_the_kiosk_is_enrolled(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "stands alone" in look(home)["centre"].detail
    monkeypatch.setenv("KIOSK_CENTRAL__URL", "http://127.0.0.1:9")
    assert look(home)["centre"].code == ErrorCode.NOT_ENROLLED
    database = open_database(home / DATABASE_FILE)
    assert look(home)["centre"].code == ErrorCode.NOT_ENROLLED
    SqlEnrolment(database).enrol("Run of the year", "X7")
    monkeypatch.setattr("kiosk.secrets.find_secret", lambda name: name)
    assert look(home)["centre"].code == ErrorCode.CENTRE_UNREACHABLE
    monkeypatch.delenv("KIOSK_CENTRAL__URL")
    assert "stands alone" in look(home)["centre"].detail
    SqlEnrolment(database).enrol("Run of the year", "X7", "http://127.0.0.1:9")
    database.close()
    assert look(home)["centre"].code == ErrorCode.CENTRE_UNREACHABLE, "the address of the enrolment is kept"


def test_a_mistake_in_the_settings_is_told_with_its_line_and_the_rest_is_looked_at(home: Path) -> None:
    (home / "kiosk.toml").write_text("[camera]\nfps = 25\n")
    settings_at_start(home)
    (home / "kiosk.toml").write_text("[camera]\n\nfps = 2500\n")
    found = look(home)
    assert set(found) == {"settings", *PARTS}
    assert "line 3" in found["settings"].detail
    assert found["settings"].code == ErrorCode.SETTING_INVALID


def test_the_mail_server_and_line_are_really_asked(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_MAIL__SERVER", "127.0.0.1")
    monkeypatch.setenv("KIOSK_MAIL__PORT", "9")
    monkeypatch.setenv("KIOSK_MAIL__SECURITY", "none")
    monkeypatch.setenv("KIOSK_MAIL__SENDER", "photos@example.org")
    monkeypatch.setenv("KIOSK_LINE__ACCOUNT", "@photos")
    monkeypatch.setattr(kiosk.doctor, "read_secret", lambda name: "token")
    monkeypatch.setenv("KIOSK_LINE__API_URL", "http://127.0.0.1:9")
    found = look(home)
    assert found["mail"].code == ErrorCode.MAIL_UNREACHABLE
    assert found["line"].code == ErrorCode.LINE_UNREACHABLE


def test_a_print_server_that_is_away_is_said(home: Path) -> None:
    (home / "kiosk.toml").write_text(
        '[printing]\nprinter = "cups"\nserver = "http://127.0.0.1:9"\nqueues = {"10x15" = "dnp"}\n'
    )
    found = look(home)["printer"]
    assert found.code == ErrorCode.PRINTER_UNREACHABLE
    assert "dnp" in found.detail
