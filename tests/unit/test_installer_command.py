"""What the two commands start, on which platform, and what they stop at."""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

import pytest

from installer import checks
from installer.__main__ import demo_command, has_screen

ROOT = Path(__file__).resolve().parents[2]


def asked(
    headless: bool = False, store: bool = False, photos: str | None = None, out: str | None = None
) -> argparse.Namespace:
    return argparse.Namespace(headless=headless, store=store, photos=photos, out=out)


@pytest.mark.parametrize(
    ("platform", "environment", "screen"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("linux", {"DISPLAY": ""}, False),
        ("darwin", {}, True),
        ("win32", {}, True),
    ],
)
def test_a_screen_is_told_from_none(platform: str, environment: dict[str, str], screen: bool) -> None:
    assert has_screen(platform, environment) is screen


def test_without_a_screen_the_scripted_visitor_walks() -> None:
    assert "--headless" not in demo_command(asked(), screen=True)
    assert "--headless" in demo_command(asked(), screen=False)
    assert "--headless" in demo_command(asked(headless=True), screen=True)


def test_a_shop_is_shown_when_it_is_asked_for() -> None:
    assert "--store" in demo_command(asked(store=True), screen=True)
    assert "--store" not in demo_command(asked(), screen=True)


def test_folders_are_handed_on_as_seen_from_where_the_command_was_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    command = demo_command(asked(photos="mine", out="shots"), screen=True)
    assert command[command.index("--photos") + 1] == str(tmp_path / "mine")
    assert command[command.index("--out") + 1] == str(tmp_path / "shots")


def test_every_check_is_named_and_a_failed_one_is_reported(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = (
        [sys.executable, "-c", ""],
        [sys.executable, "-c", "print('line too long'); raise SystemExit(1)"],
    )
    monkeypatch.setattr(checks, "commands", lambda: {"style": good, "types": bad})
    assert checks.run_checks() == ["types"]
    said = capsys.readouterr().out
    assert "style" in said
    assert "line too long" in said


def test_style_types_floors_and_screens_are_all_checked() -> None:
    names = list(checks.commands())
    assert names[:4] == ["ruff check", "ruff format", "mypy", "import floors"]
    assert ("qmllint" in names) == any((ROOT / "ui" / "qml").rglob("*.qml"))


def test_an_unknown_word_stops_before_anything_is_set_up() -> None:
    command = [sys.executable, "-m", "installer", "run", "--fast"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--fast" in done.stderr
    assert "Setting up" not in done.stdout


@pytest.mark.parametrize(("cores", "workers"), [(1, "2"), (2, "3"), (64, "4")])
def test_tests_run_side_by_side_and_what_is_asked_for_wins(cores: int, workers: str) -> None:
    command = checks.test_command(["-n", "0", "tests/unit"], cores)
    assert command[3:5] == ["-n", workers]
    assert command[-3:] == ["-n", "0", "tests/unit"]


_UNSTEADY = """
import pathlib
def test_good(): pass
def test_bad():
    seen = pathlib.Path(__file__).with_name("seen")
    if not seen.exists():
        seen.touch()
        raise AssertionError
"""
_BROKEN = "def test_bad(): raise AssertionError"


@pytest.mark.parametrize(
    ("body", "is_good", "said"),
    [(_UNSTEADY, True, "Unsteady: test_one.py::test_bad"), (_BROKEN, False, "Once more, alone.")],
)
def test_what_fails_is_run_once_more_alone_and_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    body: str,
    is_good: bool,
    said: str,
) -> None:
    (tmp_path / "test_one.py").write_text(body, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = slow: long", encoding="utf-8")
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # some take long to load
    monkeypatch.setenv("PYTEST_PLUGINS", "xdist.plugin")
    monkeypatch.setattr(checks, "ROOT", tmp_path)
    monkeypatch.setattr(checks, "program", lambda _: Path(sys.executable))
    monkeypatch.setattr(checks.os, "cpu_count", lambda: 1)
    assert checks.run_tests([]) is is_good
    assert said in capfd.readouterr().out
