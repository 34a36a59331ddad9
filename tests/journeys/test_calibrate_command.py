"""Staff set and read the calibration with one command."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from kiosk.errors import ErrorCode
from kiosk.paths import program_root
from tests.command_line import answer, kiosk, refusal
from tests.journeys.conftest import EVENT


def test_the_calibration_is_shown_for_the_event_and_takes_other_targets(drawn_home: Path) -> None:
    shown = answer(kiosk(drawn_home, "calibrate", "--json"))
    assert shown["is_of_this_engine"]
    assert shown["targets"] == {"sure": 0.002, "maybe": 0.05}
    assert shown["rows"][0]["event"] == EVENT
    assert [row["faces"] for row in shown["rows"][1:]] == [1_000, 3_000, 10_000, 30_000, 100_000]
    assert shown["checked"] is None
    stricter = answer(kiosk(drawn_home, "calibrate", "--sure", "0.0005", "--json"))
    assert stricter["rows"][1]["sure_from"] > shown["rows"][1]["sure_from"]
    assert stricter["rows"][1]["sure_one_in"] == 2_000
    assert answer(kiosk(drawn_home, "calibrate", "--json"))["targets"] == {"sure": 0.0005, "maybe": 0.05}
    doctor = json.loads(kiosk(drawn_home, "doctor", "--json", KIOSK_KIOSK__LANGUAGE="en").stdout)
    (certainty,) = (one for one in doctor if one["part"] == "certainty")
    assert "About 1 in 2,000 visitors will see a stranger’s photo" in certainty["detail"]


def test_fewer_strangers_behind_maybe_than_among_the_sure_ones_is_refused(drawn_home: Path) -> None:
    before = answer(kiosk(drawn_home, "calibrate", "--json"))["targets"]
    refused = kiosk(drawn_home, "calibrate", "--sure", "0.1", "--maybe", "0.05")
    assert refused.returncode == 2
    assert "less than among the sure" in " ".join(refused.stderr.replace("│", " ").split())
    assert answer(kiosk(drawn_home, "calibrate", "--json"))["targets"] == before


def test_fixed_thresholds_of_the_settings_are_what_the_table_tells(drawn_home: Path) -> None:
    fixed = answer(kiosk(drawn_home, "calibrate", "--json", KIOSK_VISION__MATCH_THRESHOLD="0.3"))
    assert {row["sure_from"] for row in fixed["rows"]} == {0.3}
    one_in = [row["sure_one_in"] for row in fixed["rows"][1:]]
    assert one_in == sorted(one_in, reverse=True)


def test_a_folder_without_labels_cannot_calibrate(drawn_home: Path, tmp_path: Path) -> None:
    shutil.copy(program_root() / "README.md", tmp_path)
    assert refusal(kiosk(drawn_home, "calibrate", tmp_path, "--json")) == ErrorCode.EVALUATION_FOLDER_INVALID
