"""Workers, the queue of jobs, and the supervisor."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.crash import CrashLog
from kiosk.runtime.types import WorkerFailed
from kiosk.runtime.worker import JobQueue, Supervisor, Worker
from tests.watching import heard, wait_until


def wait_for_stop(stop: threading.Event) -> None:
    stop.wait(10)


def test_a_worker_runs_on_a_thread_of_its_name_until_it_is_stopped() -> None:
    names: list[str] = []

    def run(stop: threading.Event) -> None:
        names.append(threading.current_thread().name)
        stop.wait(10)

    worker = Worker("camera", run, EventBus())
    worker.start()
    wait_until(lambda: names)
    assert worker.is_alive
    assert worker.stop()
    assert names == ["camera"]
    assert not worker.is_alive


def test_a_transient_fault_is_tried_again_and_told_to_nobody() -> None:
    bus, runs = EventBus(), []
    failures = heard(bus, WorkerFailed)

    def run(stop: threading.Event) -> None:
        runs.append(1)
        if len(runs) < 3:
            raise KnownError(ErrorCode.CAMERA_LOST, "gone")
        stop.wait(10)

    worker = Worker("camera", run, bus)
    worker.start()
    wait_until(lambda: len(runs) == 3)
    assert worker.is_alive
    assert worker.stop()
    assert failures == []


def test_a_permanent_fault_ends_the_worker_and_is_told_with_its_code() -> None:
    bus, runs = EventBus(), []
    failures = heard(bus, WorkerFailed)

    def run(_stop: threading.Event) -> None:
        runs.append(1)
        raise KnownError(ErrorCode.WEIGHTS_HASH, "changed")

    worker = Worker("faces", run, bus)
    worker.start()
    wait_until(lambda: not worker.is_alive)
    assert len(runs) == 1
    assert failures == [WorkerFailed("faces", "F-102", has_given_up=True)]


def test_a_bug_is_recorded_told_and_tried_again_a_bounded_number_of_times(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.runtime.worker.FIRST_DELAY_S", 0.001)
    bus, runs = EventBus(), []
    failures = heard(bus, WorkerFailed)
    crash_log = CrashLog(tmp_path)
    crash_log.install()

    def run(_stop: threading.Event) -> None:
        runs.append(1)
        raise ZeroDivisionError("ours")

    try:
        worker = Worker("faces", run, bus)
        worker.start()
        wait_until(lambda: not worker.is_alive)
    finally:
        crash_log.uninstall()
    assert len(runs) == 5
    assert [failure.has_given_up for failure in failures] == [False] * 4 + [True]
    crash = CrashLog(tmp_path).previous_crash()
    assert crash is not None
    assert (crash.where, crash.count) == ("faces", 5)
    assert "ZeroDivisionError" in crash.summary


def test_a_pause_before_the_next_try_ends_at_once_when_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.runtime.worker.FIRST_DELAY_S", 60.0)
    monkeypatch.setattr("kiosk.runtime.worker.LONGEST_DELAY_S", 60.0)
    tried = threading.Event()

    def run(_stop: threading.Event) -> None:
        tried.set()
        raise KnownError(ErrorCode.CAMERA_LOST, "gone")

    worker = Worker("camera", run, EventBus())
    worker.start()
    assert tried.wait(5)
    assert worker.stop(timeout_s=5)


def test_stopping_a_worker_that_does_not_listen_is_bounded_and_says_so() -> None:
    release = threading.Event()
    worker = Worker("stuck", lambda _stop: release.wait(10) and None, EventBus())
    worker.start()
    assert not worker.stop(timeout_s=0.05)
    assert worker.is_alive
    release.set()
    wait_until(lambda: not worker.is_alive)


def test_a_worker_that_was_given_up_on_does_not_come_back_to_life() -> None:
    release, ends = threading.Event(), []

    def run(stop: threading.Event) -> None:
        release.wait(10)
        ends.append(stop.is_set())
        stop.wait(10)

    worker = Worker("stuck", run, EventBus())
    worker.start()
    assert not worker.stop(timeout_s=0.05)
    worker.start()
    release.set()
    wait_until(lambda: len(ends) == 2)
    assert sorted(ends) == [False, True]
    assert worker.stop()


def test_starting_a_running_worker_is_a_bug() -> None:
    worker = Worker("camera", wait_for_stop, EventBus())
    worker.start()
    with pytest.raises(BugError):
        worker.start()
    assert worker.stop()


def test_jobs_run_one_after_the_other_in_their_order() -> None:
    done: list[int] = []
    queue = JobQueue("payments", EventBus())
    queue.submit(lambda: done.append(0))
    queue.start()
    for number in range(1, 50):
        queue.submit(lambda number=number: done.append(number))
    wait_until(lambda: len(done) == 50)
    assert done == list(range(50))
    assert queue.stop()


def test_a_job_that_raises_does_not_keep_the_next_from_running() -> None:
    bus, done = EventBus(), []
    failures = heard(bus, WorkerFailed)

    def lost() -> None:
        raise KnownError(ErrorCode.GATEWAY_TIMEOUT, "slow")

    def bad() -> None:
        raise ValueError("ours")

    queue = JobQueue("payments", bus)
    queue.start()
    for job in (lost, bad, lambda: done.append(1)):
        queue.submit(job)
    wait_until(lambda: done)
    assert [failure.code for failure in failures] == ["Y-102", ""]
    assert queue.stop()


def test_a_stopped_queue_finishes_the_job_in_hand_and_drops_the_rest() -> None:
    begun, release, done = threading.Event(), threading.Event(), []

    def first() -> None:
        begun.set()
        release.wait(10)
        done.append("first")

    queue = JobQueue("delivery", EventBus())
    queue.start()
    queue.submit(first)
    queue.submit(lambda: done.append("second"))
    assert begun.wait(5)
    threading.Timer(0.05, release.set).start()
    assert queue.stop()
    assert done == ["first"]


def test_a_queue_can_be_waited_for_until_all_is_done_and_no_longer_than_allowed() -> None:
    queue = JobQueue("records", EventBus())
    assert not queue.finish(timeout_s=10.0), "without a thread nothing is waited for"
    done: list[int] = []
    for number in range(5):
        queue.submit(partial(done.append, number))
    queue.start()
    assert queue.finish(timeout_s=10.0)
    assert done == [0, 1, 2, 3, 4]
    release = threading.Event()
    queue.submit(lambda: release.wait(10) and None)
    assert not queue.finish(timeout_s=0.05)
    release.set()
    assert queue.stop()


def test_the_supervisor_starts_in_order_stops_in_the_opposite_and_tells_who_lives() -> None:
    order: list[str] = []

    def job(name: str) -> Worker:
        def run(stop: threading.Event) -> None:
            order.append(name)
            stop.wait(10)

        return Worker(name, run, EventBus())

    workers = [job("camera"), job("faces")]
    supervisor = Supervisor(workers)
    supervisor.start()
    wait_until(lambda: len(order) == 2)
    assert supervisor.alive() == {"camera": True, "faces": True}
    assert supervisor.stop() == ()
    assert supervisor.alive() == {"camera": False, "faces": False}


def test_the_supervisor_names_who_did_not_end_and_keeps_its_bound() -> None:
    release = threading.Event()
    deaf = [Worker(f"deaf {n}", lambda _stop: release.wait(10) and None, EventBus()) for n in range(4)]
    supervisor = Supervisor([*deaf, Worker("polite", wait_for_stop, EventBus())])
    supervisor.start()
    began_s = time.monotonic()
    assert set(supervisor.stop(timeout_s=0.2)) == {worker.name for worker in deaf}
    assert time.monotonic() - began_s < 5.0
    release.set()
    wait_until(lambda: not any(supervisor.alive().values()))


def test_when_one_cannot_start_those_before_it_are_stopped() -> None:
    running = Worker("second", wait_for_stop, EventBus())
    running.start()
    first = Worker("first", wait_for_stop, EventBus())
    with pytest.raises(BugError):
        Supervisor([first, running]).start()
    assert not first.is_alive
    assert running.stop()


def test_nothing_of_a_job_is_kept_once_it_has_run() -> None:
    class Face:
        """What nobody may keep."""

    def job_with(face: Face) -> Callable[[], None]:
        return lambda: ran.append(type(face).__name__)

    ran: list[str] = []
    face = Face()
    kept = weakref.ref(face)
    queue = JobQueue("search", EventBus())
    queue.submit(job_with(face))
    del face
    queue.start()
    try:
        wait_until(lambda: ran)
        wait_until(lambda: kept() is None, timeout_s=2)
    finally:
        queue.stop()
