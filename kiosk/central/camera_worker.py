"""A process that watches cameras: it leases streams from the centre's database, beside others of its kind."""

from __future__ import annotations

import re
import secrets
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import structlog

from kiosk.adapters import choose_engines, choose_gender, choose_store
from kiosk.archive import thresholds_of
from kiosk.central.camera_health import CameraHealth, serve_health
from kiosk.central.camera_posts import CameraPosts, Tools
from kiosk.central.centre import open_central_database
from kiosk.central.home import make_home
from kiosk.central.leased_streams import LeasedStreams
from kiosk.central.secrets import CentralSecrets, open_secrets
from kiosk.central.settings import CentralSettings
from kiosk.clock import Clock, SystemClock
from kiosk.database.engine import Database
from kiosk.database.leases import SqlLeases
from kiosk.errors import ErrorCode, KnownError
from kiosk.events import EventBus
from kiosk.runtime.ending import ended_by_signals
from kiosk.runtime.memory import give_back_large_blocks
from kiosk.runtime.worker import Worker
from kiosk.streams.stream_camera import stream_camera
from kiosk.streams.wall import Wall
from kiosk.visits.stay_rules import StayRules
from kiosk.visits.types import StreamState

_log = structlog.get_logger(__name__)

_MOST_STEP_S = 2.0
_LOOK_AT_LEASES_EVERY_S = 0.25
_TELL_EVERY_S = 60.0
_STOP_TIMEOUT_S = 5.0
_UNFIT_FOR_AN_ID = re.compile(r"[^0-9A-Za-z_.-]")


class CameraWorker:
    """Watches the streams that it holds a lease of. `run` on one thread until it is told to stop."""

    def __init__(
        self, leased: LeasedStreams, posts: CameraPosts, wall: Wall, health: CameraHealth, step_s: float
    ) -> None:
        """`step_s`: how often it asks."""
        self._leased = leased
        self._posts = posts
        self._wall = wall
        self._health = health
        self._step_s = step_s
        self._told_s = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Returns once everything is ended and given back. The database may be away for a while."""
        self._wall.start()
        fence = Worker("lease fence", self._keep_fence, EventBus())
        fence.start()
        try:
            while not stop.is_set():
                try:
                    self._step()
                except KnownError as fault:
                    _log.warning("camera_worker_fault", code=fault.code, detail=fault.detail)
                self._tell()
                stop.wait(self._step_s)
        finally:
            fence.stop()
            self._end()

    def _step(self) -> None:
        self._health.beat()
        self._leased.step()
        self._wall.refresh()
        self._posts.keep({stream.stream_id for stream in self._leased.streams()})
        self._leased.let_go()
        self._posts.refresh()
        self._health.is_at_work()

    def _keep_fence(self, stop: threading.Event) -> None:
        """Ends the watch of whatever is not held any more, also while the database does not answer."""
        watched = self._watched()
        while not stop.wait(_LOOK_AT_LEASES_EVERY_S):
            if self._watched() != watched:
                self._wall.refresh()
                watched = self._watched()

    def _watched(self) -> set[str]:
        return {stream.stream_id for stream in self._leased.streams()}

    def _end(self) -> None:
        is_down = self._wall.stop(_STOP_TIMEOUT_S)
        self._posts.keep(())
        try:
            self._leased.leave()
        except KnownError as fault:  # then they end by themselves
            _log.warning("leases_left", code=fault.code, detail=fault.detail)
        _log.info("camera_worker_ended", is_wall_down=is_down)

    def _tell(self) -> None:
        """A line of figures a minute, and the newest ones for whoever asks."""
        statuses = self._wall.statuses()
        states = Counter(status.state for status in statuses)
        self._health.figures = {
            "streams": len(statuses),
            "live": states[StreamState.LIVE],
            "frames_per_s": round(sum(status.frames_per_s for status in statuses), 1),
            "looks_per_s": round(sum(status.looks_per_s for status in statuses), 1),
            "dropped": sum(status.dropped for status in statuses),
            "unwatched": self._leased.unwatched,
            "behind_s": round(max((status.behind_s or 0.0 for status in statuses), default=0.0), 2),
        }
        if time.monotonic() - self._told_s >= _TELL_EVERY_S:
            self._told_s = time.monotonic()
            _log.info("camera_worker_figures", **self._health.figures)


def watch_cameras(
    home: Path,
    settings: CentralSettings,
    most: int,
    health_port: int = 0,
    on_ready: Callable[[str, int], None] = lambda worker_id, port: None,
) -> None:
    """Watches up to `most` streams until it is told to end (SIGTERM, Ctrl-C); `on_ready` hears the worker's
    id and where its health is told (0: nowhere).

    Raises KnownError: DATABASE_*, SECRET_MISSING, WEIGHTS_*, SETTING_INVALID, PORT_TAKEN.
    """
    _check(settings)
    give_back_large_blocks()
    clock, lease_s = SystemClock(), settings.cameras.lease_s
    make_home(home)
    known_secrets = open_secrets(home, is_embedded=not settings.database.url)
    database = open_central_database(home, settings, known_secrets, clock, gives_up_s=lease_s / 3)
    health = CameraHealth(clock, lease_s)
    try:
        leased = LeasedStreams(SqlLeases(database), _new_id(), most, lease_s, clock)
        worker = _worker(home, settings, known_secrets, database, leased, health, clock)
        with serve_health(health, health_port) as port, ended_by_signals() as stop:
            _log.info("camera_worker_started", worker=leased.holder, most=most)
            on_ready(leased.holder, port)
            worker.run(stop)
    finally:
        database.close()


def _check(settings: CentralSettings) -> None:
    """What a worker keeps must be where the centre finds it, and deletes it in time."""
    if settings.database.url and settings.store.keeps_pictures and settings.photos.store == "folder":
        raise KnownError(
            ErrorCode.SETTING_INVALID,
            "Pictures of visits would lie on this machine's own disk, where the centre cannot delete them.",
            'Set photos.store to "minio" as at the centre, or store.keeps_pictures to false.',
        )


def _worker(
    home: Path,
    settings: CentralSettings,
    known_secrets: CentralSecrets,
    database: Database,
    leased: LeasedStreams,
    health: CameraHealth,
    clock: Clock,
) -> CameraWorker:
    bus = EventBus()
    engine = choose_engines(settings.vision).live
    tools = Tools(
        database=database,
        store=choose_store(home, settings.photos, known_secrets.read),
        engine=engine,
        gender=choose_gender(settings.vision),
        thresholds=thresholds_of(database, settings.vision, engine.contract_id),
        rules=StayRules.of(settings.store),
        clock=clock,
        bus=bus,
    )
    posts = CameraPosts(tools, leased)
    wall = Wall(
        leased,
        posts.looker,
        lambda stream: stream_camera(stream, known_secrets.read),
        bus,
        clock,
        count_line=posts.count_line,
    )
    step_s = min(_MOST_STEP_S, settings.cameras.lease_s / 5)
    return CameraWorker(leased, posts, wall, health, step_s)


def _new_id() -> str:
    """Of this process: a paused one must not be taken for the one that came after it."""
    host = _UNFIT_FOR_AN_ID.sub("-", socket.gethostname())[:50]
    return f"{host}-{secrets.token_hex(4)}"
