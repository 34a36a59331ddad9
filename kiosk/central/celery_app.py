"""The import queue of a centre on servers: Celery on Redis, one task for each file.

A task carries a file's name and nothing else. It is acknowledged when the file is done with, so a worker that
dies leaves it to another; and whatever gets lost all the same (Redis emptied, a worker killed) is found in
SQL by a sweep and told again.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import cv2
import structlog
from celery import Celery, signals
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from kiosk.central.importing import FileImport
from kiosk.clock import Clock
from kiosk.database.uploads import FileName, FileState, SqlUploads
from kiosk.errors import KnownError

_log = structlog.get_logger(__name__)
QUEUE = "imports"
IMPORT_TASK = "central.import_file"
LEFT_ALONE_S = 120.0
"""A file that nothing happened to for so long is told again; an import takes seconds."""
_SWEEP_EVERY_S = 15.0
_MOST_AT_A_SWEEP = 1000
_VISIBILITY_S = 600
"""After so long Redis gives a task that nobody acknowledged to another worker."""

_UNREACHABLE = (OperationalError, RedisError, OSError)


def make_celery(redis_url: str) -> Celery:
    """The application that both who sends and who works speaks through; it connects when it is used. Over
    TLS (`rediss://`) the server has to prove who it is, which Celery by itself does not ask for."""
    app = Celery("central", broker=redis_url)
    if redis_url.startswith("rediss://"):
        app.conf.broker_use_ssl = {"ssl_cert_reqs": ssl.CERT_REQUIRED, "ssl_check_hostname": True}
    app.conf.update(
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_acks_late=True,
        task_reject_on_worker_lost=True,
        worker_prefetch_multiplier=1,
        worker_hijack_root_logger=False,
        worker_enable_remote_control=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={
            "visibility_timeout": _VISIBILITY_S,
            "socket_connect_timeout": 3,
            "socket_timeout": 30,
            "socket_keepalive": True,
        },
    )
    return app


class CeleryQueue:
    """Sends names to the workers (`kiosk.central.import_queue.ImportQueue`), and sweeps.

    Every 15 s files that were begun and left alone are sent again; those that only wait are when the queue is
    empty, so that a long queue is not sent twice. Several processes may sweep: each file goes to one.
    """

    def __init__(
        self, redis_url: str, uploads: SqlUploads, clock: Clock, left_alone_s: float | None = None
    ) -> None:
        self._app = make_celery(redis_url)
        self._uploads = uploads
        self._clock = clock
        self._left_alone = timedelta(seconds=left_alone_s or LEFT_ALONE_S)
        self._every_s = min(_SWEEP_EVERY_S, self._left_alone.total_seconds())
        self._is_closed = threading.Event()
        self._lock = threading.Lock()
        self._sweeper: threading.Thread | None = None

    def start(self) -> None:
        with self._lock:
            if self._sweeper is None and not self._is_closed.is_set():
                self._sweeper = threading.Thread(target=self._sweep_on, name="import-sweep", daemon=True)
                self._sweeper.start()

    def submit(self, files: Sequence[FileName]) -> None:
        try:
            with self._app.connection_for_write() as connection, self._app.amqp.Producer(connection) as way:
                for upload_id, ordinal in files:
                    self._app.send_task(IMPORT_TASK, (upload_id, ordinal), producer=way, retry=False)
        except _UNREACHABLE as error:
            _log.warning("import_queue_unreachable", error=type(error).__name__, files=len(files))

    def sweep(self) -> int:
        """Sends again what was left alone; returns how many. Raises KnownError DATABASE_*."""
        now = self._clock.now()
        states = [FileState.IMPORTING]
        if self._is_empty():
            states.append(FileState.WAITING)
        found = self._uploads.left_alone(states, now - self._left_alone, now, _MOST_AT_A_SWEEP)
        if found:
            _log.warning("uploads_sent_again", files=len(found))
            self.submit(found)
        return len(found)

    def close(self) -> None:
        self._is_closed.set()
        with self._lock:
            if self._sweeper is not None:
                self._sweeper.join(10)
        self._app.close()

    def _sweep_on(self) -> None:
        while not self._is_closed.wait(self._every_s):
            try:
                self.sweep()
            except KnownError as error:
                _log.warning("sweep_failed", code=error.code, detail=error.detail)

    def _is_empty(self) -> bool:
        """Whether no task waits; False where Redis does not answer, which has nothing sent then."""
        try:
            with self._app.connection_for_write() as connection:
                return int(connection.default_channel.client.llen(QUEUE)) == 0
        except _UNREACHABLE as error:
            _log.warning("import_queue_unreachable", error=type(error).__name__)
            return False


def run_worker(redis_url: str, importing: FileImport, threads: int) -> int:
    """Imports until it is told to end (SIGTERM: what is at work is finished first); returns the exit status.

    `threads` files are at work at once, each on one thread; more machines or processes go on beside it.
    """
    cv2.setNumThreads(1)
    app = make_celery(redis_url)

    def import_file(upload_id: str, ordinal: int) -> None:
        try:
            importing.run((upload_id, ordinal))
        except KnownError as error:  # the file waits again, and the sweep finds it
            _log.warning("import_postponed", code=error.code, detail=error.detail)

    app.task(name=IMPORT_TASK)(import_file)
    signals.setup_logging.connect(_leave_logging_alone, weak=False)
    worker: Any = app.Worker(
        pool="threads",
        concurrency=threads,
        loglevel="WARNING",
        quiet=True,
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
    )
    worker.start()
    return int(worker.exitcode or 0)


def _leave_logging_alone(**_: object) -> None:
    """Celery would put its own in the place of the kiosk's."""
