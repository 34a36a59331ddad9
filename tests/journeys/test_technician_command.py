"""`kiosk settings`, `selftest`, `recorder`, `bundle`: the real command on a data folder."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

from kiosk.clock import SystemClock
from kiosk.events import EventBus
from kiosk.technician.recorder import FlightRecorder
from tests.command_line import kiosk


def test_settings_are_shown_changed_listed_and_taken_back(tmp_path: Path) -> None:
    (tmp_path / "kiosk.toml").write_text('# mine\n[payment]\npromptpay_id = "0812345678"\n')
    shown = kiosk(tmp_path, "settings", "show", "payment").stdout
    assert "payment.promptpay_id = ••••••5678  (changed)" in shown
    assert "0812345678" not in shown
    assert kiosk(tmp_path, "settings", "set", "camera.fps", "25").returncode == 0
    assert kiosk(tmp_path, "settings", "set", "sales.prints", "on").returncode == 0
    assert kiosk(tmp_path, "settings", "set", "printing.queues", '{"10x15": "dnp"}').returncode == 0
    told = json.loads(kiosk(tmp_path, "settings", "show", "--json").stdout)
    values = {f"{one['section']}.{one['key']}": one["value"] for one in told["settings"]}
    assert (values["camera.fps"], values["sales.prints"]) == (25, True)
    assert values["printing.queues"] == {"10x15": "dnp"}
    kept = json.loads(kiosk(tmp_path, "settings", "versions", "--json").stdout)
    assert [one["changed"] for one in kept] == [["printing.queues"], ["sales.prints"], ["camera.fps"]]
    assert kiosk(tmp_path, "settings", "undo").returncode == 0
    assert kiosk(tmp_path, "settings", "set", "camera.fps", "--standard").returncode == 0
    text = (tmp_path / "kiosk.toml").read_text()
    assert text.startswith('# mine\n[payment]\npromptpay_id = "0812345678"\n')
    assert "queues" not in text
    assert "fps" not in text


def test_what_does_not_fit_is_one_clear_line(tmp_path: Path) -> None:
    refused = kiosk(tmp_path, "settings", "set", "camera.fps", "900")
    assert refused.returncode == 2
    assert refused.stderr.startswith("A-102 ")
    told = json.loads(kiosk(tmp_path, "settings", "set", "camera.feet", "9", "--json").stdout)
    assert told["error"]["code"] == "A-101"
    assert kiosk(tmp_path, "settings", "undo").stderr.startswith("T-102 ")
    assert not (tmp_path / "kiosk.toml").exists()


def test_a_file_edited_into_nonsense_is_said_and_the_last_good_one_is_shown(tmp_path: Path) -> None:
    assert kiosk(tmp_path, "settings", "set", "camera.fps", "25").returncode == 0
    (tmp_path / "kiosk.toml").write_text("[camera]\nfps = 2o\n")
    shown = kiosk(tmp_path, "settings", "show", "camera")
    assert "camera.fps = 25" in shown.stdout
    assert "line 2" in shown.stderr


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    nothing = kiosk(tmp_path, "recorder")
    assert (nothing.returncode, nothing.stdout, nothing.stderr) == (0, "", "Nothing yet.\n")
    shown = kiosk(tmp_path, "settings", "show", "vision").stdout
    assert "vision.match_threshold = unset" in shown
    assert "None" not in shown


def test_the_recorder_and_the_bundle(tmp_path: Path) -> None:
    recorder = FlightRecorder(tmp_path, EventBus(), SystemClock())
    recorder.note("camera", "camera_lost", "C-102")
    recorder.note("printer", "printer_ready", facts={"queue": "dnp"})
    recorder.flush(is_last=True)
    lines = kiosk(tmp_path, "recorder").stdout.splitlines()
    assert "Printer is ready" in lines[0]
    assert lines[1].endswith("Camera lost  C-102")
    told = json.loads(kiosk(tmp_path, "recorder", "--lane", "printer", "--json").stdout)
    assert [one["facts"] for one in told["moments"]] == [{"queue": "dnp"}]
    made = json.loads(
        kiosk(
            tmp_path, "bundle", "--out", tmp_path / "stick", "--json", KIOSK_CAMERA__SOURCE="none.mp4"
        ).stdout
    )
    with zipfile.ZipFile(made["path"]) as archive:
        findings = json.loads(archive.read("findings.json"))
        assert b"camera_lost" in archive.read("recorder.jsonl")
    assert {"camera", "printer", "mail"} <= {one["part"] for one in findings}


def test_the_self_test_measures_and_says_what_failed(tmp_path: Path) -> None:
    one = kiosk(tmp_path, "selftest", "--only", "models")
    assert one.returncode == 0
    assert "every sha256 as in the manifest" in one.stdout
    (row,) = json.loads(kiosk(tmp_path, "selftest", "--only", "payment", "--json").stdout)
    assert (row["state"], row["code"]) == ("failed", "Y-110")
    assert kiosk(tmp_path, "selftest", "--only", "coffee").stderr.startswith("T-103 ")
