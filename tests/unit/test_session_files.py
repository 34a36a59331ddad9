"""The kiosk's session on Linux: the unit as systemd reads it, and the script with real processes in it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest

from kiosk.settings import HoursSection
from tests.watching import wait_until

LINUX = Path(__file__).resolve().parents[2] / "installer" / "package" / "linux"
UNIT = LINUX / "photo-kiosk.service"
SCRIPT = LINUX / "photo-kiosk-session.sh"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the session of Linux")

# What stands for the programs of a display: each writes down how it was started.
_CAGE = """#!/bin/sh
if [ "$1" = -h ]; then echo " -r  Rotate"; exit; fi
echo "cage $*" >>"$LOG"
while [ "$1" != -- ]; do shift; done
shift
export WAYLAND_DISPLAY=wayland-9
exec "$@"
"""
_XINIT = """#!/bin/sh
echo "xinit $*" >>"$LOG"
export DISPLAY=:9
exec "$1" "$2"
"""
_XSET = """#!/bin/sh
echo "xset $*" >>"$LOG"
"""
_KIOSK = """#!/bin/sh
echo "kiosk $* on $QT_QPA_PLATFORM" >>"$LOG"
trap 'echo ended >>"$LOG"; exit 0' TERM
while [ -z "$STATUS" ]; do sleep 0.05; done
exit "$STATUS"
"""


class Machine:
    """A machine with these programs, on which the session is started."""

    def __init__(self, folder: Path, *programs: str) -> None:
        self.log = folder / "log"
        self._bin = folder / "bin"
        self._bin.mkdir()
        texts = {"cage": _CAGE, "Xwayland": "#!/bin/sh\n", "xinit": _XINIT, "xset": _XSET}
        for name, text in {**{name: texts[name] for name in programs}, "kiosk": _KIOSK}.items():
            (self._bin / name).write_text(text)
            (self._bin / name).chmod(0o755)
        for tool in ("sh", "cat", "rm", "ls", "sleep", "kill", "sed", "grep"):
            (self._bin / tool).symlink_to(shutil.which(tool) or "/bin/false")
        self._folder = folder

    def start(self, **more: str) -> subprocess.Popen[bytes]:
        environment = {
            "PATH": str(self._bin),
            "LOG": str(self.log),
            "KIOSK_PROGRAM": str(self._bin / "kiosk"),
            "RUNTIME_DIRECTORY": str(self._folder),
            "STATUS": "",
            **more,
        }
        return subprocess.Popen([str(SCRIPT)], env=environment, stderr=subprocess.DEVNULL)

    def said(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


def test_the_script_is_one_that_any_shell_reads() -> None:
    assert os.access(SCRIPT, os.X_OK)
    assert subprocess.run(["sh", "-n", SCRIPT], check=False).returncode == 0


def test_systemd_finds_nothing_wrong_with_the_unit(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not here")
    there = tmp_path / UNIT.name
    there.write_text(UNIT.read_text().replace("/opt/photo-kiosk/photo-kiosk-session.sh", "/bin/true"))
    done = subprocess.run(
        [program, "verify", "--recursive-errors=no", str(there)], capture_output=True, text=True, check=False
    )
    if "not booted with systemd" in done.stderr.lower():
        pytest.skip("systemd-analyze needs a running systemd here")
    assert (done.returncode, done.stderr.strip()) == (0, "")


@pytest.mark.parametrize(
    "line",
    [
        "Type=notify",
        "NotifyAccess=all",
        "WatchdogSec=60",
        "Restart=always",
        "StartLimitIntervalSec=0",
        "RestartPreventExitStatus=0",
        "User=kiosk",
        "NoNewPrivileges=yes",
        "Environment=KIOSK_HOME=/var/lib/photo-kiosk",
        "WantedBy=graphical.target",
    ],
)
def test_the_unit_comes_back_for_ever_and_only_staff_end_it(line: str) -> None:
    assert line in UNIT.read_text().splitlines()


def test_cage_is_first_and_lets_nobody_change_the_console(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "cage", "Xwayland", "xinit")
    session = machine.start()
    wait_until(lambda: len(machine.said()) == 2)
    assert machine.said()[0] == f"cage -- {SCRIPT} inside"  # no -s
    assert machine.said()[1] == "kiosk session on wayland"
    session.send_signal(signal.SIGTERM)
    assert session.wait(10) == 0
    assert machine.said()[-1] == "ended"  # in order, by its own signal


@pytest.mark.parametrize(("turn", "turned"), [("right", "-r"), ("over", "-r -r"), ("left", "-r -r -r")])
def test_a_monitor_that_stands_upright_is_turned(tmp_path: Path, turn: str, turned: str) -> None:
    machine = Machine(tmp_path, "cage", "Xwayland")
    assert machine.start(KIOSK_TURN=turn, STATUS="0").wait(10) == 0
    assert machine.said()[0] == f"cage {turned} -- {SCRIPT} inside"


@pytest.mark.parametrize("programs", [("xinit", "xset"), ("cage", "xinit", "xset")])
def test_without_cage_or_what_cage_needs_it_is_a_bare_x_server(
    tmp_path: Path, programs: tuple[str, ...]
) -> None:
    machine = Machine(tmp_path, *programs)
    session = machine.start()
    wait_until(lambda: len(machine.said()) == 3)
    words = machine.said()[0].split()
    assert words[:3] == ["xinit", str(SCRIPT), "inside"]
    assert "-dontvtswitch" in words
    assert "-nolisten tcp" in machine.said()[0]
    assert machine.said()[1] == "xset s off s noblank -dpms"
    assert machine.said()[2] == "kiosk session on xcb"
    session.send_signal(signal.SIGTERM)
    assert session.wait(10) == 0


@pytest.mark.parametrize("status", ["0", "1"])
def test_its_status_is_the_sessions_own(tmp_path: Path, status: str) -> None:
    session = Machine(tmp_path, "cage", "Xwayland").start(STATUS=status)
    assert session.wait(10) == int(status)


def test_a_display_that_goes_without_a_word_is_no_end_by_staff(tmp_path: Path) -> None:
    machine = Machine(tmp_path, "cage", "Xwayland")
    session = machine.start()
    wait_until(lambda: len(machine.said()) == 2)
    wait_until((tmp_path / "session.pid").exists)
    time.sleep(0.2)
    children = Path(f"/proc/{session.pid}/task/{session.pid}/children")
    if not children.exists():
        pytest.skip("the kernel does not tell a process's children")
    for child in children.read_text().split():
        os.kill(int(child), signal.SIGKILL)  # cage
    assert session.wait(10) == 1
    os.kill(int((tmp_path / "session.pid").read_text()), signal.SIGKILL)


@pytest.mark.parametrize(
    ("opens", "closes", "now", "is_open"),
    [
        ("", "", "03:00", True),
        ("09:00", "", "03:00", True),
        ("9:00", "22:00", "08:59", False),
        ("9:00", "22:00", "09:00", True),
        ("09:00", "22:00", "21:59", True),
        ("09:00", "22:00", "22:00", False),
        ("18:00", "02:00", "23:30", True),
        ("18:00", "02:00", "01:59", True),
        ("18:00", "02:00", "02:00", False),
        ("18:00", "02:00", "12:00", False),
        ("10:00", "10:00", "03:00", True),
    ],
)
def test_opening_hours_of_a_day_and_past_midnight(opens: str, closes: str, now: str, is_open: bool) -> None:
    hour, minute = map(int, now.split(":"))
    hours = HoursSection(opens=opens, closes=closes)
    assert hours.are_open(datetime(2026, 11, 30, hour, minute)) is is_open


@pytest.mark.parametrize("wrong", ["24:00", "9", "9.00", "noon", "12:60", "-1:00"])
def test_what_is_no_time_of_day_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="opens"):
        HoursSection(opens=wrong)
