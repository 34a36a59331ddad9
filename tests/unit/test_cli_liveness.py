"""`kiosk evaluate-liveness` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from kiosk.cli_liveness import app


def test_a_folder_without_films_and_pictures_is_refused_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "home"))
    folder = tmp_path / "faces"
    folder.mkdir()
    outcome = CliRunner().invoke(app, ["evaluate-liveness", str(folder), "--json"])
    assert outcome.exit_code == 2
    assert json.loads(outcome.stdout)["error"]["code"] == "E-103"


def test_a_film_without_a_face_passes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_HOME", str(tmp_path / "home"))
    (tmp_path / "faces").mkdir()
    (tmp_path / "faces" / "film.mp4").write_bytes(b"no film")
    outcome = CliRunner().invoke(app, ["evaluate-liveness", str(tmp_path / "faces"), "--json"])
    assert outcome.exit_code == 0
    told = json.loads(outcome.stdout)
    assert told["films"] == [{"file": "film.mp4", "looks": 0, "passed": []}]
    assert told["pictures"] == 0
    assert told["false_acceptance"] == 0.0
