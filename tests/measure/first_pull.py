"""A fresh kiosk takes in a whole event: until its rows are on disk and its index is true."""

from __future__ import annotations

import os
import socket
import sqlite3
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from kiosk.benchmarks.figure import Figure, Goal
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.pulled import SqlPulled
from kiosk.gallery.exact_index import ExactIndex
from kiosk.photos.index_sync import verify_and_rebuild
from kiosk.sync.client import CentralClient
from kiosk.sync.login import Credentials
from kiosk.sync.pull import CHANGES_PATH, LARGEST_PAGE, PAGE_LIMIT, Puller
from kiosk.sync.wire import PAGE_TYPE, PROTOCOL, unpack_page
from tests.measure.made_event import (
    BEGAN,
    CONTRACT,
    FACE_COLUMNS,
    MadeEvent,
    face_values,
    insert_into,
    make_event,
    photo_values,
    stored_moment,
    unit_vectors,
)
from tests.measure.own_process import OwnProcess, in_own_process
from tests.peers.centre import CentreProcess
from tests.peers.postgres import PostgresServer
from tests.peers.processes import LOOPBACK, PeerMissingError

EVENT = "measured"


@dataclass(frozen=True, slots=True)
class _Pull:
    """Seconds until everything is on disk, and until the index is true as well."""

    rows_s: float
    all_s: float
    faces: int


@dataclass(frozen=True, slots=True)
class _Bare:
    """Seconds of the bare transfer and of the bare rows, and how many bytes the pages have."""

    transfer_s: float
    rows_s: float
    page_bytes: int


def measure_first_pull(photos: int = 40_000, faces: int = 100_000) -> list[Figure]:
    """Of a centre on PostgreSQL and of one on a file, with the floors beside the first."""
    figures: list[Figure] = []
    with TemporaryDirectory(prefix="measure-pull-") as name, ExitStack() as stack:
        folder = Path(name)
        try:
            url = stack.enter_context(PostgresServer()).new_database("pull")
        except PeerMissingError:
            url = ""
        for database_url, of in ((url, "PostgreSQL"), ("", "a file")):
            if of == "PostgreSQL" and not url:
                continue
            with CentreProcess(folder / f"centre-{len(figures)}", database_url) as centre:
                figures += _measure(centre, folder / f"kiosk-{len(figures)}", photos, faces, of)
    return figures


def _measure(centre: CentreProcess, folder: Path, photos: int, faces: int, of: str) -> list[Figure]:
    device_id = uuid4().hex
    tenant_id = centre.add_tenant("measured")
    key = centre.enrol_devices(tenant_id, {device_id: "K1"})[device_id]
    with centre.database() as database:
        event = make_event(database, tenant_id, EVENT, photos, faces)
    pull: _Pull = in_own_process(pull_into, folder / "kiosk", centre.url, device_id, key)
    assert pull.faces == event.faces, f"{pull.faces} of {event.faces} faces came"
    bare = _bare(folder / "bare", centre.url, device_id, key, event)
    size = f"{bare.page_bytes / 1e6:.0f} MB"
    rate, floor = bare.page_bytes / pull.all_s / 1e6, bare.page_bytes / bare.transfer_s / 1e6
    where = f"pull.first, centre on {of}"
    return [
        Figure(
            where,
            pull.all_s,
            "s",
            bare.rows_s,
            f"bare executemany of the same {photos} + {faces} rows into SQLite",
            Goal(at_most=60),
        ),
        Figure(
            f"{where}: rate",
            rate,
            "MB/s",
            floor,
            f"the same {size} from memory over the same server and client to a file, synced",
            Goal(ratio_at_least=0.5),
            more_is_better=True,
        ),
        Figure(f"{where}: rows alone", pull.rows_s, "s", bare.transfer_s, f"the bare transfer of {size}"),
    ]


def pull_into(home: Path, url: str, device_id: str, key: str) -> _Pull:
    """In the kiosk's process: pulls, then makes the index true."""
    home.mkdir(parents=True)
    database = open_database(home / "kiosk.db")
    index = ExactIndex(home / "index", CONTRACT)
    client = CentralClient(url, Credentials(device_id, key))
    began_s = time.perf_counter()
    for _ in Puller(client, SqlPulled(database, CONTRACT)).pull():
        pass
    rows_s = time.perf_counter() - began_s
    verify_and_rebuild(index, SqlPhotoRepository(database), EVENT)
    all_s = time.perf_counter() - began_s
    found = _Pull(rows_s, all_s, index.count(EVENT))
    index.close()
    client.close()
    database.close()
    return found


# -- the floors -------------------------------------------------------------------------------------


def _bare(folder: Path, url: str, device_id: str, key: str, event: MadeEvent) -> _Bare:
    folder.mkdir(parents=True)
    pages = _kept_pages(folder, url, device_id, key)
    with socket.create_server((LOOPBACK, 0)) as probe:
        port = probe.getsockname()[1]
    server = OwnProcess(serve_pages, [str(page) for page in pages], port)
    try:
        transfer_s: float = in_own_process(take_pages, port, len(pages), folder / "taken")
    finally:
        server.kill()
    rows_s: float = in_own_process(write_bare_rows, folder / "bare.db", event)
    return _Bare(transfer_s, rows_s, sum(page.stat().st_size for page in pages))


def _kept_pages(folder: Path, url: str, device_id: str, key: str) -> list[Path]:
    """The pages that a kiosk is sent, each in a file."""
    client = CentralClient(url, Credentials(device_id, key))
    pages: list[Path] = []
    cursor, has_more = 0, True
    while has_more:
        asked = {"cursor": cursor, "limit": PAGE_LIMIT, "protocol": PROTOCOL}
        data = client.get_bytes(CHANGES_PATH, asked, LARGEST_PAGE, PAGE_TYPE)
        page = unpack_page(data)
        cursor, has_more = page.cursor, page.has_more
        pages.append(folder / f"page-{len(pages)}")
        pages[-1].write_bytes(data)
    client.close()
    return pages


def serve_pages(paths: list[str], port: int) -> None:
    """The bare server: the pages from its memory, by number."""
    pages = [Path(path).read_bytes() for path in paths]

    def page(request: Request) -> Response:
        return Response(pages[int(request.query_params["cursor"])], media_type=PAGE_TYPE)

    app = Starlette(routes=[Route(CHANGES_PATH, page)])
    uvicorn.run(app, host=LOOPBACK, port=port, log_config=None, access_log=False, ws="none")


def take_pages(port: int, count: int, path: Path) -> float:
    """The bare client: the kiosk's HTTP, into a file that is synced once."""
    client = CentralClient(f"http://{LOOPBACK}:{port}", None)
    _wait_for(port)
    began_s = time.perf_counter()
    with path.open("wb") as file:
        for number in range(count):
            file.write(client.get_bytes(CHANGES_PATH, {"cursor": number}, LARGEST_PAGE, PAGE_TYPE))
        file.flush()
        os.fsync(file.fileno())
    took_s = time.perf_counter() - began_s
    client.close()
    return took_s


def write_bare_rows(path: Path, event: MadeEvent) -> float:
    """The same rows by the driver's executemany, into a database of the same tables, made as the kiosk's is;
    synced once at the end."""
    open_database(path).close()
    several = [
        event.faces * (place + 1) // event.photos - event.faces * place // event.photos
        for place in range(event.photos)
    ]
    photos = [photo_values(EVENT, place) for place in range(event.photos)]
    vectors = unit_vectors(event.faces, np.random.default_rng(1))
    faces = [tuple(face.values()) for face in face_values(photos, several, vectors, CONTRACT)]
    rows = [
        tuple(stored_moment(value) if name in _MOMENTS else value for name, value in photo.items())
        for photo in photos
    ]
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "INSERT INTO events (event_id, name, name_th, created_at, place) VALUES (?, '', '', ?, '')",
        (EVENT, stored_moment(BEGAN)),
    )
    began_s = time.perf_counter()
    connection.executemany(insert_into("photos", photos[0]), rows)
    connection.executemany(insert_into("faces", FACE_COLUMNS), faces)
    connection.commit()
    took_s = time.perf_counter() - began_s
    connection.close()
    return took_s


_MOMENTS = ("taken_at", "imported_at")


def _wait_for(port: int) -> None:
    until_s = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > until_s:
                raise
            time.sleep(0.05)
