"""`kiosk session` with real processes that are really killed, frozen and broken."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kiosk.runtime.crash import CrashLog
from kiosk.supervisor.notify import ServiceNotes
from kiosk.supervisor.rules import RESTART, Fault, Limits
from kiosk.supervisor.session import Session
from tests.watching import wait_until

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

QUICK = Limits(
    starting_s=20,
    serving_s=1.0,
    stopping_s=5,
    dying_s=2,
    first_pause_s=0.01,
    longest_pause_s=0.05,
    call_s=0.6,
    stall_s=5,
)
STUB = [sys.executable, "-m", "tests.faults.screen_stub"]


class Watched:
    """A session on a thread, as systemd and a technician see it."""

    def __init__(
        self,
        home: Path,
        plan: list[str],
        call: Callable[[Fault, float], list[str]] | None,
        most_faults: int,
    ) -> None:
        self.home = home
        self._log = home / "starts"
        self.called: list[str] = []
        self._call = call
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(home / "notify"))
        self._socket.setblocking(False)
        self.stop = threading.Event()
        self.status: int | None = None
        self._session = Session(
            home,
            [*STUB, str(self._log), *plan],
            self._words,
            limits=replace(QUICK, most_faults=most_faults),
            notes=ServiceNotes(str(home / "notify")),
        )
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _words(self, fault: Fault, again_s: float) -> list[str]:
        self.called.append(fault.code)
        if self._call is None:
            return [*STUB, str(self.home / f"call-{len(self.called)}"), "end"]
        return self._call(fault, again_s)

    def _run(self) -> None:
        self.status = self._session.run(self.stop)

    def starts(self) -> list[str]:
        return self._log.read_text().splitlines() if self._log.exists() else []

    def pid(self, start: int) -> int:
        wait_until(lambda: len(self.starts()) > start, 20)
        return int(self.starts()[start].split()[1])

    def notes(self) -> list[str]:
        """What systemd was told since the last time."""
        told = []
        while True:
            try:
                told.append(self._socket.recv(1000).decode())
            except BlockingIOError:
                return told

    def told(self) -> dict[str, Any]:
        """What the newest start was told of the one before."""
        path = self.home / "starts.told"
        wait_until(lambda: path.exists() and path.stat().st_size > 0, 20)
        return dict(json.loads(path.read_text()))

    def end(self) -> int | None:
        self.stop.set()
        self._thread.join(30)
        self._socket.close()
        assert not self._thread.is_alive()
        return self.status

    def join(self) -> int | None:
        self._thread.join(30)
        return self.end()


Open = Callable[..., Watched]


@pytest.fixture
def open_session(tmp_path: Path) -> Iterator[Open]:
    opened: list[Watched] = []

    def open_one(
        *plan: str, call: Callable[[Fault, float], list[str]] | None = None, most_faults: int = 5
    ) -> Watched:
        opened.append(Watched(tmp_path, list(plan), call, most_faults))
        return opened[-1]

    yield open_one
    for each in opened:
        if each.status is None:
            each.end()


def test_a_screen_that_is_killed_comes_back_and_the_next_start_says_so(open_session: Open) -> None:
    session = open_session("serve")
    os.kill(session.pid(0), signal.SIGKILL)
    assert session.pid(1) != session.pid(0)
    crash = session.told()
    assert (crash["where"], crash["code"]) == ("screen", "A-108")
    assert "SIGKILL" in crash["summary"]
    assert session.end() == 0
    assert session.called == []


def test_a_screen_that_is_frozen_is_ended_and_comes_back_with_the_places_in_its_code(
    open_session: Open,
) -> None:
    session = open_session("hang", "serve")
    session.pid(1)
    crash = session.told()
    assert crash["code"] == "A-109"
    assert any("screen_stub.py" in place for place in crash["places"])


def test_a_stopped_process_is_ended_as_well(open_session: Open) -> None:
    session = open_session("serve")
    wait_until(lambda: "READY=1" in session.notes(), 20)
    os.kill(session.pid(0), signal.SIGSTOP)
    session.pid(1)
    assert session.told()["code"] == "A-109"


def test_a_frozen_worker_is_a_reason_to_start_again(open_session: Open) -> None:
    session = open_session("freeze", "serve")
    session.pid(1)
    crash = session.told()
    assert crash["code"] == "A-110"
    assert "camera" in crash["summary"]


def test_a_death_in_native_code_is_told_with_its_places(open_session: Open) -> None:
    session = open_session("abort", "serve")
    session.pid(1)
    crash = session.told()
    assert "SIGABRT" in crash["summary"]
    assert any("screen_stub.py" in place for place in crash["places"])


@pytest.mark.slow
def test_a_screen_that_crashes_at_once_five_times_calls_staff_and_then_tries_again(
    open_session: Open,
) -> None:
    session = open_session(*["crash"] * 5, "serve")
    session.pid(5)
    assert session.called == ["A-108"]
    assert [line.split()[0] for line in session.starts()] == [*["crash"] * 5, "serve"]
    assert session.end() == 0


@pytest.mark.slow
def test_what_the_screen_says_it_cannot_go_on_for_stands_on_the_screen_that_calls(open_session: Open) -> None:
    session = open_session("refuse", most_faults=2)
    wait_until(lambda: len(session.called) == 2, 30)  # after a call one more fault calls again: no loop
    assert session.end() == 0
    assert session.called[0] == "A-102"
    assert len(session.starts()) == 3


def test_staff_who_want_another_try_get_it_at_once(open_session: Open, tmp_path: Path) -> None:
    def call(_fault: Fault, _again_s: float) -> list[str]:
        return [*STUB, str(tmp_path / "call"), "restart"]

    session = open_session("crash", "crash", "serve", call=call, most_faults=2)
    session.pid(2)
    assert session.called == ["A-108"]
    session.end()


def test_where_nothing_can_be_shown_the_session_ends_for_a_new_display(open_session: Open) -> None:
    session = open_session("crash", call=lambda *_: ["/nowhere/at/all"], most_faults=1)
    assert session.join() == 1


@pytest.mark.parametrize(("plan", "starts"), [(["end"], 1), (["restart", "end"], 2)])
def test_staff_end_it_or_start_it_anew(open_session: Open, plan: list[str], starts: int) -> None:
    session = open_session(*plan)
    assert session.join() == 0
    assert len(session.starts()) == starts
    assert CrashLog(session.home / "logs").previous_crash() is None
    assert RESTART == 75


def test_a_signal_ends_the_screen_in_order(open_session: Open) -> None:
    session = open_session("serve")
    pid = session.pid(0)
    wait_until(lambda: "READY=1" in session.notes(), 20)
    assert session.end() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert CrashLog(session.home / "logs").previous_crash() is None


def test_the_watchdog_is_fed_only_while_the_screen_beats(open_session: Open) -> None:
    session = open_session("serve")
    pid = session.pid(0)
    told: list[str] = []
    wait_until(lambda: told.extend(session.notes()) or told.count("WATCHDOG=1") > 3, 20)
    assert told[0] == "WATCHDOG=1"  # while it starts
    assert "READY=1" in told
    assert "STATUS=serves" in told
    os.kill(pid, signal.SIGSTOP)
    session.notes()
    later: list[str] = []
    wait_until(lambda: later.extend(session.notes()) or any("A-109" in note for note in later), 20)
    assert later.count("WATCHDOG=1") <= 1  # of a beat from before


def test_a_screen_that_calls_staff_is_not_told_as_one_that_serves(open_session: Open, tmp_path: Path) -> None:
    """Whoever has just updated this program takes it for good only while it serves."""
    session = open_session(
        "crash", call=lambda *_: [*STUB, str(tmp_path / "calling"), "serve"], most_faults=2
    )
    told: list[str] = []
    calls = "STATUS=calls staff: A-108"
    wait_until(lambda: told.extend(session.notes()) or calls in told, 20)
    later: list[str] = []
    wait_until(lambda: later.extend(session.notes()) or later.count("WATCHDOG=1") > 3, 20)
    assert "STATUS=serves" not in [*told[told.index(calls) :], *later]


def test_a_screen_whose_supervisor_is_gone_notices(tmp_path: Path) -> None:
    from kiosk.supervisor.child import Child

    script = (
        "import sys,time;from kiosk.supervisor.child import Child;"
        f"c=Child({[*STUB, str(tmp_path / 'starts'), 'serve']!r});print(c.pid,flush=True);time.sleep(60)"
    )
    supervisor = Child([sys.executable, "-c", script])
    starts = tmp_path / "starts"
    wait_until(starts.exists, 20)
    pid = int(starts.read_text().split()[1])
    os.kill(supervisor.pid, signal.SIGKILL)

    def is_gone() -> bool:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        state = Path(f"/proc/{pid}/stat")
        return state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z"

    wait_until(is_gone, 20)
    supervisor.end(5)
