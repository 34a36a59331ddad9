"""Camera workers of a centre as real processes, on real cameras: clips of people over RTSP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import cv2
import numpy as np
from sqlalchemy import select

from kiosk.camera.types import Pixels
from kiosk.clock import SystemClock
from kiosk.database.central_tables import TenantRow
from kiosk.database.engine import Database, open_database
from kiosk.database.leases import SqlLeases
from kiosk.database.people_tables import StayRow, StreamRow, VisitRow
from kiosk.database.sites import SqlSites
from kiosk.database.streams import SqlStreams
from kiosk.database.tenant import TenantDatabase
from kiosk.paths import program_root
from kiosk.visits.types import StreamDraft
from tests.command_line import command, environment
from tests.door_pictures import HEADS, pictures_of
from tests.film import write_film
from tests.rtsp_server import Guard, RtspServer, Served, free_port

FPS = 5
SIZE = (640, 480)
PERSON_S, PAUSE_S = 6, 2
GUARD = Guard("view", "p@ss word")
LEASE_S = 5.0
PATIENCE_S = 150.0


def people_film(folder: Path, name: str, clips: Path, people: Sequence[str]) -> Served:
    """One person after the other before a camera, with nobody in between."""
    pictures: list[Pixels] = []
    for person in people:
        taken = pictures_of(clips / "extras" / HEADS[person], FPS)
        pictures += [_framed(taken[n % len(taken)]) for n in range(PERSON_S * FPS)]
        pictures += [np.full((SIZE[1], SIZE[0], 3), 60, np.uint8)] * (PAUSE_S * FPS)
    path = write_film(folder / f"{name}.film", pictures, FPS, kbit=1500)
    return Served(path, FPS, len(pictures))


def _framed(pixels: Pixels) -> Pixels:
    """In the middle of a picture of a camera's shape."""
    height = SIZE[1]
    width = round(pixels.shape[1] * height / pixels.shape[0])
    scaled = cv2.resize(pixels, (min(width, SIZE[0]), height), interpolation=cv2.INTER_AREA)
    frame = np.full((height, SIZE[0], 3), 60, np.uint8)
    left = (SIZE[0] - scaled.shape[1]) // 2
    frame[:, left : left + scaled.shape[1]] = scaled
    return frame


class Worker:
    """A process of `kiosk central camera-worker`."""

    def __init__(self, home: Path, name: str, variables: dict[str, str], streams: int = 8) -> None:
        self.port = free_port()
        self._log = (home / f"{name}.log").open("w+", encoding="utf-8")
        self._process = subprocess.Popen(
            command("central", "camera-worker", "--json", "--streams", streams, "--health-port", self.port),
            cwd=program_root(),
            env=environment(home / name, **{"CENTRAL_HOME": str(home / name), **variables}),
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self._process.stdout is not None
        said = ""
        for line in iter(self._process.stdout.readline, ""):
            said += line
            if line.startswith("}"):
                break
        assert said, self.log
        self.worker_id: str = json.loads(said)["worker_id"]

    @property
    def log(self) -> str:
        self._log.flush()
        return Path(self._log.name).read_text(encoding="utf-8")

    def figures(self, path: str = "/readyz") -> dict[str, Any]:
        """What it tells of itself; nothing where it does not answer."""
        try:
            with urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=2) as answer:
                return dict(json.load(answer))
        except (URLError, TimeoutError, OSError):
            return {}

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> int:
        """Asks it to; the exit status."""
        self.signal(signal.SIGTERM)
        return self._process.wait(30)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def close(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()
        self._log.close()


@dataclass
class CameraSite:
    """A centre's database with cameras of one site, and the workers that watch them. Left, it ends them."""

    home: Path
    url: str
    films: dict[str, Served]
    streams: list[str] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.database: Database = open_database(self.url, keeps_changes=True)
        self.rtsp = RtspServer({f"/{name}": film for name, film in self.films.items()}, GUARD)
        self.rtsp.start()
        secrets = self.home / "secrets"
        secrets.mkdir()
        now = SystemClock().now()
        with self.database.writing() as session:
            session.add(TenantRow(tenant_id="chain", name="Chain", created_at=now))
        tenant = TenantDatabase(self.database, "chain")
        site = SqlSites(tenant).add("Siam")
        for name in self.films:
            draft = StreamDraft(site.site_id, name, self.rtsp.address(f"/{name}"), GUARD.user)
            stream = SqlStreams(tenant, "").add(draft)
            (secrets / stream.password_name).write_text(GUARD.password, encoding="utf-8")
            self.streams.append(stream.stream_id)

    def __enter__(self) -> CameraSite:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.workers:
            worker.close()
        self.rtsp.stop()
        self.database.close()

    def start_worker(self, streams: int = 8) -> Worker:
        variables = {
            "CENTRAL_DATABASE__URL": self.url,
            "CENTRAL_CAMERAS__LEASE_S": str(LEASE_S),
            "CENTRAL_SECRETS": str(self.home / "secrets"),
            "CENTRAL_STORE__KEEPS_PICTURES": "false",
            "CENTRAL_VISION__THREADS": "1",
            "PYTHONWARNINGS": "error::DeprecationWarning:kiosk",
        }
        variables |= {name: os.environ[name] for name in ("KIOSK_MODELS",) if name in os.environ}
        worker = Worker(self.home, f"worker-{len(self.workers)}", variables, streams)
        self.workers.append(worker)
        return worker

    def shares(self) -> dict[str, int]:
        """How many streams each worker has that is there."""
        return {one.worker_id: one.streams for one in SqlLeases(self.database).workers()}

    def holders(self) -> dict[str, str | None]:
        """Who holds each stream."""
        with self.database.reading() as session:
            return {row.stream_id: row.lease_holder for row in session.scalars(select(StreamRow))}

    def visits(self) -> set[str]:
        with self.database.reading() as session:
            return set(session.scalars(select(VisitRow.visit_id)))

    def reconnect(self) -> None:
        """After the server was away."""
        self.database.close()
        self.database = open_database(self.url, keeps_changes=True)

    def last_seen(self) -> dict[str, float]:
        """When the last person was seen by each stream."""
        with self.database.reading() as session:
            seen = select(StayRow.stream_id, StayRow.last_seen_at).order_by(StayRow.last_seen_at)
            return {stream_id: at.timestamp() for stream_id, at in session.execute(seen)}


def wait_for(what: str, is_so: Callable[[], bool], workers: Iterable[Worker] = ()) -> float:
    """Seconds until it was so."""
    began_s = time.monotonic()
    while not is_so():
        logs = "\n".join(worker.log[-3000:] for worker in workers)
        assert time.monotonic() - began_s < PATIENCE_S, f"{what}\n{logs}"
        time.sleep(0.1)
    return time.monotonic() - began_s
