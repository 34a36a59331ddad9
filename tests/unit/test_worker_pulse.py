"""A worker's look at its stop event is its sign of life."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kiosk.events import EventBus
from kiosk.runtime.pulse import frozen_workers
from kiosk.runtime.worker import JobQueue, Worker
from tests.watching import wait_until

QUICK_S = 0.2


@contextmanager
def working(run: Callable[[threading.Event], None]) -> Iterator[Worker]:
    worker = Worker("probe", run, EventBus(), silent_s=QUICK_S)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def stays_well(for_s: float = 3 * QUICK_S) -> bool:
    until_s = time.monotonic() + for_s
    while time.monotonic() < until_s:
        if "probe" in frozen_workers():
            return False
        time.sleep(0.02)
    return True


def test_a_worker_that_looks_and_one_that_waits_are_well() -> None:
    def look(stop: threading.Event) -> None:
        while not stop.is_set():
            time.sleep(0.01)

    with working(look):
        assert stays_well()
    with working(lambda stop: stop.wait() and None):
        assert stays_well()
    assert "probe" not in frozen_workers(time.monotonic() + 3600)  # it has ended


def test_a_worker_that_hangs_is_frozen_until_it_moves_again() -> None:
    stuck, seen = threading.Event(), threading.Event()

    def hang(stop: threading.Event) -> None:
        stuck.wait(10)
        while not stop.is_set():
            seen.set()
            time.sleep(0.01)

    with working(hang):
        wait_until(lambda: "probe" in frozen_workers())
        stuck.set()
        assert seen.wait(5)
        assert stays_well()


def test_the_look_of_another_thread_is_nobodys_life() -> None:
    taken: list[threading.Event] = []
    stuck = threading.Event()

    def hang(stop: threading.Event) -> None:
        taken.append(stop)
        stuck.wait(10)

    with working(hang):
        wait_until(lambda: bool(taken))

        def looked_at() -> bool:
            taken[0].is_set()
            taken[0].wait(0.001)
            return "probe" in frozen_workers()

        wait_until(looked_at)
        stuck.set()


def test_one_that_was_told_to_end_and_does_not_is_given_up_not_frozen() -> None:
    stuck = threading.Event()
    with working(lambda _: stuck.wait(10) and None) as worker:
        wait_until(lambda: "probe" in frozen_workers())
        worker.request_stop()
        assert "probe" not in frozen_workers()
        stuck.set()


def test_a_queue_without_jobs_is_well_and_a_job_that_hangs_is_frozen() -> None:
    jobs, stuck = JobQueue("probe", EventBus(), longest_job_s=QUICK_S), threading.Event()
    jobs.start()
    try:
        assert stays_well()
        jobs.submit(lambda: stuck.wait(10) and None)
        wait_until(lambda: "probe" in frozen_workers())
        jobs.beat()  # it goes on after all
        assert "probe" not in frozen_workers()
        stuck.set()
        jobs.finish(5)
        assert stays_well()
    finally:
        stuck.set()
        jobs.stop()


def test_what_gave_up_on_a_bug_is_started_anew_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.runtime.worker.FIRST_DELAY_S", 0.001)
    monkeypatch.setattr("kiosk.runtime.worker.LONGEST_DELAY_S", 0.002)
    runs: list[int] = []

    def run(stop: threading.Event) -> None:
        runs.append(1)
        if len(runs) <= 5:
            raise ZeroDivisionError("ours")
        stop.wait(10)

    worker = Worker("sync", run, EventBus())
    worker.start()
    wait_until(lambda: not worker.is_alive)
    worker.revive()
    assert not worker.is_alive  # not at once
    monkeypatch.setattr("kiosk.runtime.worker.REVIVE_AFTER_S", 0.0)
    worker.revive()
    wait_until(lambda: len(runs) == 6)
    assert worker.is_alive
    assert worker.stop()
    worker.revive()
    assert not worker.is_alive  # it was stopped, and gave up on nothing
