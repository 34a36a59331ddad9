"""Workers: one named thread a job, watched, started again after a fault, stopped within a bound."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Protocol

import structlog

from kiosk.errors import BugError, ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.backoff import pause_s
from kiosk.runtime.crash import record_crash
from kiosk.runtime.pulse import SILENT_S, StopEvent
from kiosk.runtime.types import WorkerFailed

_log = structlog.get_logger(__name__)

PERMANENT = frozenset(
    {
        ErrorCode.SETTING_UNKNOWN,
        ErrorCode.SETTING_INVALID,
        ErrorCode.WEIGHTS_MISSING,
        ErrorCode.WEIGHTS_HASH,
        ErrorCode.WEIGHTS_UNUSABLE,
        ErrorCode.MANIFEST_INVALID,
        ErrorCode.CONTRACT_MISMATCH,
        ErrorCode.DATABASE_NEWER,
    }
)
"""Faults that no second try mends: somebody has to come."""

FIRST_DELAY_S = 0.25
LONGEST_DELAY_S = 5.0
HEALTHY_AFTER_S = 5.0
MOST_BUGS = 5
REVIVE_AFTER_S = 300.0
STOP_TIMEOUT_S = 3.0
LONGEST_JOB_S = 300.0


class Supervised(Protocol):
    """Something with a thread of its own."""

    @property
    def name(self) -> str: ...

    @property
    def is_alive(self) -> bool: ...

    def start(self) -> None: ...

    def request_stop(self) -> None:
        """Tells it to end, without waiting."""
        ...

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        """Tells it to end and waits, at most `timeout_s`; whether it has ended."""
        ...

    def revive(self) -> None:
        """Starts it anew where it gave up on a bug, once a while has passed."""
        ...


class Worker:
    """Runs `run(stop)` on a thread called `name` until it returns or `stop` is set.

    Policy. A KnownError: again after a pause of 0.25 s that doubles up to 5 s, with jitter (50 to 100 %);
    a permanent one (see PERMANENT) ends the worker. Any other exception is a bug: recorded in the crash log
    and tried again, at most 5 times. A run of 5 s without a fault starts both counts afresh. `run` must look
    at `stop` at least every two seconds; a pause here ends at once. One that has not looked for `silent_s` is
    frozen (`kiosk.runtime.pulse`). The thread is a daemon, so one that is stuck in a driver cannot keep the
    process alive. May be started again after it was stopped.
    """

    def __init__(
        self, name: str, run: Callable[[StopEvent], None], bus: EventBus, *, silent_s: float = SILENT_S
    ) -> None:
        self.name = name
        self._run = run
        self._bus = bus
        self._silent_s = silent_s
        self._gave_up_s: float | None = None
        self._stop = self._new_stop()
        self._thread: threading.Thread | None = None

    @property
    def is_alive(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    def start(self) -> None:
        """Starts the thread. Raises BugError if it runs already."""
        if self.is_alive and not self._stop.is_set():
            raise BugError(f"worker {self.name} runs already")
        # Each thread has its own event: one that was given up on must not be woken to life again.
        self._stop = self._new_stop()
        self._gave_up_s = None
        self._thread = threading.Thread(
            target=self._supervise, args=(self._stop,), name=self.name, daemon=True
        )
        self._thread.start()

    def _new_stop(self) -> StopEvent:
        return StopEvent(self.name, self._silent_s)

    def revive(self) -> None:
        """Starts anew what gave up on a bug five minutes ago or longer; else does nothing."""
        gave_up_s = self._gave_up_s
        if gave_up_s is not None and time.monotonic() - gave_up_s >= REVIVE_AFTER_S and not self.is_alive:
            self.start()

    def beat(self) -> None:
        """A sign of life of work that takes long in one go; from any thread."""
        self._stop.beat()

    def request_stop(self) -> None:
        self._stop.set()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        self._stop.set()
        if self._thread is None or self._thread is threading.current_thread():
            return self._thread is None
        self._thread.join(timeout_s)
        if self._thread.is_alive():
            _log.warning("worker_did_not_end", worker=self.name, timeout_s=timeout_s)
            return False
        return True

    def _supervise(self, stop: StopEvent) -> None:
        with stop.beating():
            self._run_again_and_again(stop)

    def _run_again_and_again(self, stop: StopEvent) -> None:
        faults = bugs = 0
        while not stop.is_set():
            began_s = time.monotonic()
            try:
                self._run(stop)
                return
            except KnownError as error:
                fault: Exception = error
            except Exception as error:  # noqa: BLE001 - whatever it is, the other workers go on
                fault = error
            if time.monotonic() - began_s >= HEALTHY_AFTER_S:
                faults = bugs = 0
            faults += 1
            bugs += not isinstance(fault, KnownError)
            if self._is_final(fault, bugs):
                return
            stop.wait(pause_s(faults, FIRST_DELAY_S, LONGEST_DELAY_S))

    def _is_final(self, fault: Exception, bugs: int) -> bool:
        """Records and tells the fault; whether the worker ends with it."""
        if isinstance(fault, KnownError):
            is_final = fault.code in PERMANENT
            _log.warning("worker_fault", worker=self.name, code=fault.code, detail=fault.detail)
            if is_final:
                self._bus.publish(WorkerFailed(self.name, fault.code, has_given_up=True))
            return is_final
        record_crash(self.name, fault)
        is_final = bugs >= MOST_BUGS
        if is_final:
            self._gave_up_s = time.monotonic()
        self._bus.publish(WorkerFailed(self.name, "", has_given_up=is_final))
        return is_final


class JobQueue:
    """Runs submitted jobs one after the other on a thread called `name`.

    A job that raises is recorded and told (WorkerFailed); the next one runs all the same. At stop the job in
    hand is finished, the waiting ones are dropped: what must survive is in the database. Nothing of a job is
    kept once it has run. A job that takes longer than `longest_job_s`, without a `beat`, is frozen.
    """

    def __init__(self, name: str, bus: EventBus, *, longest_job_s: float = LONGEST_JOB_S) -> None:
        self.name = name
        self._bus = bus
        self._jobs: deque[Callable[[], None]] = deque()
        self._changed = threading.Condition()
        self._worker = Worker(name, self._work, bus, silent_s=longest_job_s)

    @property
    def is_alive(self) -> bool:
        return self._worker.is_alive

    def start(self) -> None:
        """Starts the thread; jobs submitted before wait for it."""
        self._worker.start()

    def submit(self, job: Callable[[], None]) -> None:
        """Adds a job at the end. Returns at once; callable from any thread."""
        with self._changed:
            self._jobs.append(job)
            self._changed.notify()

    def request_stop(self) -> None:
        self._worker.request_stop()
        with self._changed:
            self._jobs.clear()
            self._changed.notify()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> bool:
        self.request_stop()
        return self._worker.stop(timeout_s)

    def finish(self, timeout_s: float) -> bool:
        """Waits until all that was submitted so far is done; False when it was not within `timeout_s`."""
        done = threading.Event()
        self.submit(done.set)
        return self.is_alive and done.wait(timeout_s)

    def beat(self) -> None:
        """The job in hand goes on."""
        self._worker.beat()

    def revive(self) -> None:
        self._worker.revive()

    def _work(self, stop: StopEvent) -> None:
        while True:
            with self._changed, stop.resting():
                self._changed.wait_for(lambda: stop.is_set() or self._jobs)
                if stop.is_set():
                    return
                job = self._jobs.popleft()
            try:
                job()
            except KnownError as error:
                _log.warning("job_fault", worker=self.name, code=error.code, detail=error.detail)
                self._bus.publish(WorkerFailed(self.name, error.code, has_given_up=False))
            except Exception as error:  # noqa: BLE001 - one bad job must not keep the others from running
                record_crash(self.name, error)
                self._bus.publish(WorkerFailed(self.name, "", has_given_up=False))
            del job  # or what it holds, such as a face, would stay until the next one comes


class Supervisor:
    """Starts workers in their order and stops them in the opposite one."""

    def __init__(self, workers: Sequence[Supervised]) -> None:
        self._workers = tuple(workers)

    def start(self) -> None:
        """Starts all. If one cannot be started, those before it are stopped and its exception raised."""
        for index, worker in enumerate(self._workers):
            try:
                worker.start()
            except Exception:
                Supervisor(self._workers[:index]).stop()
                raise

    def request_stop(self) -> None:
        """Tells all to end, without waiting."""
        for worker in reversed(self._workers):
            worker.request_stop()

    def stop(self, timeout_s: float = STOP_TIMEOUT_S) -> tuple[str, ...]:
        """Stops all within `timeout_s` together; the names of those that have not ended by then."""
        deadline_s = time.monotonic() + timeout_s
        stuck = []
        self.request_stop()
        for worker in reversed(self._workers):
            if not worker.stop(max(0.0, deadline_s - time.monotonic())):
                stuck.append(worker.name)
        return tuple(stuck)

    def revive(self) -> None:
        """Starts anew whatever gave up a while ago. To be called now and then."""
        for worker in self._workers:
            worker.revive()

    def alive(self) -> dict[str, bool]:
        """Which of them have a living thread, by name."""
        return {worker.name: worker.is_alive for worker in self._workers}
