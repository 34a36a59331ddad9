"""`kiosk session` with the real kiosk in a real window: real keys, real kills, and a technician's way out."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.virtual_display import (
    NEEDED,
    NEEDED_BY_CAGE,
    START_S,
    RunningSession,
    VirtualDisplay,
    missing_of,
)
from tests.watching import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a virtual display is a thing of Linux")

SIZE = (1080, 1920)
WHOLE = f"0,0 {SIZE[0]}x{SIZE[1]}"
KEYS = (
    *("alt+F4", "alt+Tab", "alt+Escape", "alt+space", "alt+F2", "ctrl+q", "ctrl+w", "ctrl+n", "ctrl+t"),
    *("F11", "F1", "F5", "F12", "Escape", "Super_L", "super+d", "super+l", "super+Tab", "Print", "Menu"),
    *("ctrl+alt+Delete", "ctrl+alt+BackSpace", "ctrl+alt+t", "ctrl+alt+F1", "ctrl+alt+F2", "ctrl+alt+l"),
    *("ctrl+shift+Escape", "ctrl+shift+q", "ctrl+shift+i", "ctrl+p", "ctrl+o", "ctrl+s", "ctrl+c", "ctrl+v"),
    *("shift+F10", "alt+shift+F4", "XF86PowerOff", "XF86Sleep", "XF86HomePage", "XF86Explorer", "Help"),
)
"""As a keyboard that somebody plugs in sends them: ways out, file picker (Ctrl+O), print dialog (Ctrl+P)."""
_HANGS = """
import re, signal, time

def sleep(*_):
    time.sleep(3600)

def reckon(*_):
    re.match("(a+)+$", "a" * 64 + "b")  # for ever, and no other thread of Python moves

signal.signal(signal.SIGUSR1, sleep)
signal.signal(signal.SIGUSR2, reckon)
"""
"""Laid into the kiosk's process from outside: a signal, which Python hears on the UI thread, hangs it."""

Open = Callable[..., RunningSession]


@pytest.fixture
def display() -> Iterator[VirtualDisplay]:
    if missing := missing_of(NEEDED):
        pytest.skip(f"{missing} is not here")
    opened = VirtualDisplay(SIZE)
    yield opened
    opened.close()


@pytest.fixture
def open_session(drawn_home: Path, display: VirtualDisplay, tmp_path: Path) -> Iterator[Open]:
    opened: list[RunningSession] = []

    def open_one(**more: str | bool) -> RunningSession:
        opened.append(RunningSession(drawn_home, display, tmp_path, **more))  # type: ignore[arg-type]
        return opened[-1]

    yield open_one
    for each in opened:
        each.end()


def moments(home: Path) -> list[dict[str, str]]:
    """What the flight recorder holds."""
    lines = [line for path in (home / "recorder").glob("*") for line in path.read_text().splitlines()]
    return [json.loads(line) for line in lines if line.strip()]


def the_window(display: VirtualDisplay) -> str:
    """The one window that is to be seen: it lies over the whole screen, and no dialog is beside it."""
    windows = display.windows()
    assert [window.split(" ", 1)[1] for window in windows] == [WHOLE], windows
    return windows[0]


def code_of_the_crash_that_is_told(home: Path) -> str:
    wait_until(lambda: any(moment["what"] == "crashed" for moment in moments(home)), START_S)
    return [moment["code"] for moment in moments(home) if moment["what"] == "crashed"][-1]


def test_real_keys_lead_nowhere_a_killed_screen_comes_back_and_the_next_start_says_so(
    open_session: Open, display: VirtualDisplay
) -> None:
    session = open_session()
    session.wait_served()
    assert "READY=1" in session.notes()
    wait_until(display.windows, 20)
    before = the_window(display)
    display.do("key", "--delay", "30", *KEYS)
    time.sleep(0.5)
    assert the_window(display) == before
    (pid,) = session.pids()
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(session.pids()) == 2, 30)
    assert code_of_the_crash_that_is_told(session.home) == "A-108"
    assert list((session.home / "logs").glob("crash-*.txt"))
    assert session.end() == 0


@pytest.mark.slow
@pytest.mark.parametrize("how", ["stopped", "sleeps", "reckons"])
def test_a_frozen_screen_comes_back(
    open_session: Open, display: VirtualDisplay, tmp_path: Path, how: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(_HANGS)
    session = open_session(PYTHONPATH=str(tmp_path))
    session.wait_served()
    began_s = time.monotonic()
    hang = {"stopped": signal.SIGSTOP, "sleeps": signal.SIGUSR1, "reckons": signal.SIGUSR2}[how]
    os.kill(session.pids()[0], hang)
    wait_until(lambda: len(session.pids()) == 2, 60)
    assert time.monotonic() - began_s < 30
    wait_until(lambda: session.status_line() == "serves", START_S)
    assert "A-109" in session.told()
    assert code_of_the_crash_that_is_told(session.home) == "A-109"
    the_window(display)
    if how == "sleeps":
        (kept,) = (session.home / "logs").glob("crash-*.txt")
        assert "sitecustomize.py" in kept.read_text(), "the place in the code where it hung"


@pytest.mark.slow
def test_nothing_can_be_reached_while_a_screen_is_dead_and_the_next_one_is_not_there_yet(
    open_session: Open, display: VirtualDisplay
) -> None:
    session = open_session()
    session.wait_served()
    wait_until(display.windows, 20)
    first = session.pids()[0]
    os.kill(first, signal.SIGKILL)
    seen: set[str] = set()
    while len(session.pids()) < 2 or not display.windows():
        display.do("key", "--delay", "5", *KEYS[:12])
        display.do("mousemove", "540", "960", "click", "3")
        seen |= {window.split(" ", 1)[1] for window in display.windows()}
        time.sleep(0.2)
    assert seen <= {WHOLE}
    wait_until(lambda: session.status_line() == "serves", START_S)
    assert len(session.pids()) == 2, session.told()


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_kiosk_that_cannot_start_calls_staff_with_the_code_of_why(
    open_session: Open, display: VirtualDisplay
) -> None:
    session = open_session(KIOSK_CAMERA__NONSENSE="1")
    wait_until(lambda: session.status_line().startswith("calls staff: "), 300)
    wait_until(display.windows, 30)
    before = the_window(display)
    code = session.status_line().removeprefix("calls staff: ")
    assert code == "A-101"
    display.do("key", "--delay", "30", *KEYS)
    assert the_window(display) == before
    # The hidden gesture: the corner held for three seconds, then the button.
    display.do("mousemove", "40", "40", "mousedown", "1", "sleep", "3.5", "mouseup", "1")
    starts = len(session.pids())
    display.do("mousemove", "540", "1768", "click", "1")
    wait_until(lambda: len(session.pids()) > starts, 30)
    assert session.end() == 0


@pytest.mark.slow
def test_as_the_package_starts_it_in_cage_no_key_leads_out_and_a_killed_screen_comes_back(
    open_session: Open, display: VirtualDisplay
) -> None:
    if missing := missing_of(NEEDED_BY_CAGE):
        pytest.skip(f"{missing} is not here")
    session = open_session(in_cage=True)
    session.wait_served()
    assert "READY=1" in session.notes()
    (window,) = display.windows()
    number = window.split()[0]
    display.do("windowmove", number, "0", "0")
    display.do("windowsize", "--sync", number, *map(str, SIZE))
    wait_until(lambda: is_drawn_to_the_edge(display), 30)
    display.do("mousemove", "540", "1000")
    display.do("key", "--delay", "30", *KEYS)
    time.sleep(0.5)
    assert len(session.pids()) == 1
    the_window(display)
    assert not session.is_over()
    os.kill(session.pids()[0], signal.SIGKILL)
    wait_until(lambda: len(session.pids()) == 2, 30)
    assert not session.is_over(), "cage stays: the supervisor is what it shows"
    wait_until(lambda: session.status_line() == "serves", START_S)
    wait_until(lambda: is_drawn_to_the_edge(display), START_S)
    assert session.end() == 0


def is_drawn_to_the_edge(display: VirtualDisplay) -> bool:
    """The page's ground reaches all four corners of a picture that shows more than the ground."""
    picture = display.picture()
    corners = {tuple(picture[y, x]) for y in (3, -3) for x in (3, -3)}
    return (0, 0, 0) not in corners and len(set(map(tuple, picture[::40, ::40].reshape(-1, 3)))) > 5
