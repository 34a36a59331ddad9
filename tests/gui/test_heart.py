"""The screen beats on its own thread, and only while every worker moves."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from kiosk.events import EventBus
from kiosk.runtime.heartbeat import VARIABLE, Heartbeat, inherited_heartbeat
from kiosk.runtime.worker import Worker
from ui.heart import Heart


class Listener:
    """The other end of the pipe."""

    def __init__(self) -> None:
        self.fd, self.writing = os.pipe()
        os.set_blocking(self.fd, False)
        os.set_blocking(self.writing, False)

    def lines(self) -> list[str]:
        try:
            return os.read(self.fd, 100_000).decode().split("\n")[:-1]
        except BlockingIOError:
            return []


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[Listener]:
    monkeypatch.setattr("ui.heart.BEAT_EVERY_S", 0.05)
    made = Listener()
    yield made
    for fd in (made.fd, made.writing):
        try:
            os.close(fd)
        except OSError:
            continue


def test_it_beats_while_the_loop_runs_and_says_that_it_stops(qtbot: QtBot, listener: Listener) -> None:
    heart = Heart(Heartbeat(listener.writing), threading.Event(), lambda _: None)
    heard: list[str] = []
    qtbot.waitUntil(lambda: len(heard.extend(listener.lines()) or heard) >= 3)
    heart.close()
    assert set(heard) == {"beat"}
    assert listener.lines()[-1] == "stopping"


def test_a_frozen_worker_stops_the_beat_and_is_named(qtbot: QtBot, listener: Listener) -> None:
    stuck = threading.Event()
    worker = Worker("camera", lambda _: stuck.wait(20) and None, EventBus(), silent_s=0.2)
    worker.start()
    heart = Heart(Heartbeat(listener.writing), threading.Event(), lambda _: None)
    heard: list[str] = []
    qtbot.waitUntil(lambda: "frozen camera" in (heard.extend(listener.lines()) or heard))
    assert heard[0] == "beat"
    assert "beat" not in heard[heard.index("frozen camera") :]
    stuck.set()
    heart.close()
    worker.stop()


def test_a_worker_that_gave_up_is_named_as_well(qtbot: QtBot, listener: Listener) -> None:
    heart = Heart(Heartbeat(listener.writing), threading.Event(), lambda _: None, lambda: ["search"])
    heard: list[str] = []
    qtbot.waitUntil(lambda: "frozen search" in (heard.extend(listener.lines()) or heard))
    heart.close()


def test_a_signal_and_a_listener_that_is_gone_end_the_screen(qtbot: QtBot, listener: Listener) -> None:
    ended: list[int] = []
    stop = threading.Event()
    heart = Heart(Heartbeat(listener.writing), stop, ended.append)
    qtbot.wait(100)
    assert ended == []
    stop.set()
    qtbot.waitUntil(lambda: ended != [])
    stop.clear()
    ended.clear()
    os.close(listener.fd)
    qtbot.waitUntil(lambda: ended != [])
    heart.close()
    assert set(ended) == {0}


def test_a_listener_that_is_busy_keeps_nobody_waiting(listener: Listener) -> None:
    heartbeat = Heartbeat(listener.writing)
    for _ in range(50_000):
        heartbeat.beat()
    assert not heartbeat.is_alone


def test_only_the_process_itself_has_the_pipe(listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not inherited_heartbeat().is_heard
    os.set_inheritable(listener.writing, True)
    monkeypatch.setenv(VARIABLE, str(listener.writing))
    heartbeat = inherited_heartbeat()
    assert heartbeat.is_heard
    assert not os.get_inheritable(listener.writing)
    assert VARIABLE not in os.environ
    monkeypatch.setenv(VARIABLE, "nonsense")
    assert not inherited_heartbeat().is_heard
    monkeypatch.setenv(VARIABLE, "99999")
    assert not inherited_heartbeat().is_heard
