"""The crash log, with real interpreters that really die."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from kiosk.runtime.crash import CrashLog, record_crash

_ROOT = Path(__file__).resolve().parents[2]
_INSTALL = """
from pathlib import Path
from kiosk.runtime.crash import CrashLog
CrashLog(Path({folder!r})).install()
"""


def die(folder: Path, code: str) -> int:
    script = _INSTALL.format(folder=str(folder)) + code
    return subprocess.run(
        [sys.executable, "-c", script], cwd=_ROOT, capture_output=True, check=False
    ).returncode


def test_an_exception_nobody_caught_is_told_at_the_next_start_once(tmp_path: Path) -> None:
    code = "def pay(phone):\n    raise ValueError('no answer for ' + phone)\npay('0812345678')"
    assert die(tmp_path, code) == 1
    crash = CrashLog(tmp_path).previous_crash()
    assert crash is not None
    assert crash.where == "main"
    assert crash.summary.startswith("ValueError: no answer")
    assert crash.places[-1].endswith("in pay")
    assert "0812345678" not in crash.summary + crash.kept_as.read_text(encoding="utf-8")
    assert CrashLog(tmp_path).previous_crash() is None


def test_an_exception_on_another_thread_is_told_with_the_threads_name(tmp_path: Path) -> None:
    die(
        tmp_path,
        "import threading\nt = threading.Thread(target=lambda: 1 / 0, name='search')\nt.start(); t.join()",
    )
    crash = CrashLog(tmp_path).previous_crash()
    assert crash is not None
    assert crash.where == "search"
    assert crash.summary.startswith("ZeroDivisionError")


def test_a_death_in_native_code_is_told(tmp_path: Path) -> None:
    assert die(tmp_path, "import faulthandler; faulthandler._sigsegv()") != 0
    crash = CrashLog(tmp_path).previous_crash()
    assert crash is not None
    assert crash.where == "native code"
    assert "Fatal Python error" in crash.summary


def test_an_orderly_end_leaves_no_crash(tmp_path: Path) -> None:
    assert die(tmp_path, "pass") == 0
    assert CrashLog(tmp_path).previous_crash() is None


def test_an_interrupt_by_the_keyboard_is_no_crash(tmp_path: Path) -> None:
    die(tmp_path, "raise KeyboardInterrupt")
    assert CrashLog(tmp_path).previous_crash() is None


def test_an_error_whose_text_fails_is_no_second_crash(tmp_path: Path) -> None:
    class SlyError(Exception):
        def __str__(self) -> str:
            record_crash("inner", self)
            raise RuntimeError("no text")

    crash_log = CrashLog(tmp_path)
    crash_log.install()
    try:
        record_crash("outer", SlyError())
        record_crash("after", ValueError("still works"))
    finally:
        crash_log.uninstall()
    crash = CrashLog(tmp_path).previous_crash()
    assert crash is not None
    assert (crash.where, crash.count) == ("after", 1)


def test_a_folder_that_cannot_be_written_does_not_raise(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    CrashLog(blocked).record("search", ValueError("lost"))
    assert blocked.read_text(encoding="utf-8") == "in the way"


def test_half_a_line_of_a_power_cut_is_passed_over(tmp_path: Path) -> None:
    CrashLog(tmp_path).record("search", ValueError("whole"))
    with (tmp_path / "crash.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"at": "2026-11')
    crash = CrashLog(tmp_path).previous_crash()
    assert crash is not None
    assert crash.summary == "ValueError: whole"


def test_only_the_last_ten_crashes_are_kept(tmp_path: Path) -> None:
    for _ in range(13):
        CrashLog(tmp_path).record("search", ValueError("again"))
        assert CrashLog(tmp_path).previous_crash() is not None
    assert len(list(tmp_path.glob("crash-*.txt"))) == 10


def test_a_crash_that_cannot_be_set_aside_does_not_keep_the_kiosk_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert die(tmp_path, "raise ValueError('broken')") == 1
    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_text", full)
        assert CrashLog(tmp_path).previous_crash() is None
    crash = CrashLog(tmp_path).previous_crash()
    assert crash is not None
    assert crash.summary == "ValueError: broken"


def test_a_native_death_and_what_was_seen_of_it_from_outside_are_told_as_one(tmp_path: Path) -> None:
    assert die(tmp_path, "import faulthandler; faulthandler._sigabrt()") != 0
    CrashLog(tmp_path).note("screen", "It gave no sign of life for 15 s.", "A-109")
    crash = CrashLog(tmp_path).previous_crash()
    assert crash is not None
    assert (crash.code, crash.where) == ("A-109", "screen")
    assert crash.summary == "It gave no sign of life for 15 s."
    assert crash.places
    assert "Fatal Python error" in crash.kept_as.read_text(encoding="utf-8")
    assert CrashLog(tmp_path).previous_crash() is None


def test_a_code_that_nobody_knows_is_none(tmp_path: Path) -> None:
    CrashLog(tmp_path).note("screen", "It ended.", "Z-999")
    crash = CrashLog(tmp_path).previous_crash()
    assert crash is not None
    assert crash.code == ""
