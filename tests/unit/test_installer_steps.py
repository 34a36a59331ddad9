"""Each step says one line; a failed one says what, why and what next; two set-ups never run at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from installer import steps
from installer.environment import Stamp, mark_of, program
from installer.steps import OWN_LINE, StepFailedError, only_one, reason_in, run_logged, run_step

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _own_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(steps, "LOG", tmp_path / "installer.log")


def test_a_step_is_one_line_with_its_outcome(capsys: pytest.CaptureFixture[str]) -> None:
    run_step("Weights", lambda: "there")
    line = capsys.readouterr().out
    assert line.count("\n") == 1
    assert line.split()[:2] == ["Weights", "there"]


def test_a_failed_command_says_what_why_and_what_next_in_one_line(tmp_path: Path) -> None:
    script = "import sys; print('noise'); print('ERROR: no space left'); print('more'); sys.exit(3)"
    with pytest.raises(StepFailedError) as stopped:
        run_logged([sys.executable, "-c", script], "Dependencies", "Free some space.")
    assert str(stopped.value).startswith("Dependencies: ERROR: no space left. Free some space.")
    assert "\n" not in str(stopped.value)
    assert "noise" in (tmp_path / "installer.log").read_text(encoding="utf-8")


def test_a_part_that_runs_by_itself_passes_its_own_line_on() -> None:
    script = f"print('{OWN_LINE}Download: it broke. Try again.'); raise SystemExit(1)"
    with pytest.raises(StepFailedError) as stopped:
        run_logged([sys.executable, "-c", script], "Weights", "unused")
    assert str(stopped.value) == "Download: it broke. Try again."


def test_a_program_that_is_not_there_is_a_failed_step() -> None:
    with pytest.raises(StepFailedError, match="cannot be started"):
        run_logged(["no-such-program-anywhere"], "System libraries", "Install it.")


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        (
            "WARNING: x\nNewConnectionError(...)\nERROR: no matching distribution",
            "no connection to the package index",
        ),
        ("fine\nE: Unable to locate package\nlast", "E: Unable to locate package"),
        ("one\n\ntwo\n", "two"),
        ("", "it failed without a word"),
    ],
)
def test_the_reason_is_the_line_that_says_most(output: str, reason: str) -> None:
    assert reason_in(output) == reason


def test_a_second_set_up_says_that_it_waits_and_then_goes_on(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    script = (
        "from pathlib import Path; from installer.steps import only_one\n"
        f"with only_one(Path({str(lock)!r})): print('in', flush=True)"
    )
    with only_one(lock):
        second = subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert second.stdout is not None
        assert "waiting" in second.stdout.readline()
        assert second.poll() is None
    rest, _ = second.communicate(timeout=30)
    assert rest == "in\n"
    assert second.returncode == 0


def test_a_stamp_fits_only_what_was_finished(tmp_path: Path) -> None:
    stamp = Stamp(tmp_path / "done.json")
    assert not stamp.fits("one")
    stamp.put("one")
    assert stamp.fits("one")
    assert not stamp.fits("two")
    stamp.clear()
    assert not stamp.fits("one")


def test_a_damaged_stamp_means_that_the_work_is_done_again(tmp_path: Path) -> None:
    file = tmp_path / "done.json"
    file.write_bytes(b"\xff\x00 half")
    assert not Stamp(file).fits("one")


def test_another_lock_asks_for_another_installation(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1", encoding="utf-8")
    before = mark_of(lock)
    assert mark_of(lock) == before
    lock.write_text("a==2", encoding="utf-8")
    assert mark_of(lock) != before


def test_a_corrected_release_of_python_asks_for_nothing_and_another_python_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = mark_of()
    monkeypatch.setattr(sys, "version", "3.11.99 (main, built later)")
    assert mark_of() == before
    monkeypatch.setattr(sys, "base_prefix", "/another/python")
    assert mark_of() != before


def test_programs_are_found_where_each_platform_keeps_them() -> None:
    venv = Path("v")
    assert program("python", "linux", venv) == Path("v/bin/python")
    assert program("python", "darwin", venv) == Path("v/bin/python")
    assert program("lint-imports", "win32", venv) == Path("v/Scripts/lint-imports.exe")
