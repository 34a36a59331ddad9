"""Workers of a centre on real servers: a file is taken once, whoever dies in the middle of it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import pytest
import requests

from kiosk.central.celery_app import CeleryQueue
from kiosk.central.principal import Role
from kiosk.central.settings import CentralSettings, DatabaseSection, QueueSection
from kiosk.paths import program_root
from kiosk.settings import GallerySection, PhotosSection
from tests.bad_pictures import REFUSED, write_mixed_folder
from tests.central_site import Site, site_at
from tests.centre import SIGNING_KEY, UNHURRIED, CentreServer
from tests.command_line import command, environment
from tests.peers.milvus import MilvusServer
from tests.peers.postgres import PostgresServer
from tests.peers.redis import RedisServer
from tests.peers.s3 import S3Server

SIX_PEOPLE = Path(str(files("insightface"))) / "data" / "images" / "t1.jpg"
PEOPLE = 6
LEFT_ALONE_S = 2.0
PATIENCE_S = 60.0
StartWorker = Callable[[], subprocess.Popen[bytes]]


@pytest.fixture
def settings(
    postgres_server: PostgresServer,
    redis_server: RedisServer,
    milvus_server: MilvusServer,
    s3_server: S3Server,
    weights: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[CentralSettings]:
    """Of a centre on servers alone."""
    from redis import Redis

    with Redis.from_url(redis_server.url) as client:
        client.flushdb()
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    for name, secret in {
        "signing_key": SIGNING_KEY,
        "at_rest_key": "5e" * 32,
        "minio_access_key": s3_server.access_key,
        "minio_secret_key": s3_server.secret_key,
    }.items():
        (secrets / name).write_text(secret, encoding="utf-8")
    monkeypatch.setenv("CENTRAL_SECRETS", str(secrets))
    yield CentralSettings(
        access=UNHURRIED,
        database=DatabaseSection(url=postgres_server.new_database(f"imports_{uuid.uuid4().hex[:8]}")),
        queue=QueueSection(redis_url=redis_server.url),
        gallery=GallerySection(index="milvus", milvus_uri=milvus_server.url),
        photos=PhotosSection(
            store="minio",
            minio_endpoint=s3_server.endpoint,
            minio_bucket=f"imports-{uuid.uuid4().hex[:8]}",
            minio_secure=False,
            minio_public_url=f"http://{s3_server.endpoint}",
        ),
    )
    milvus_server.drop_collections()


@pytest.fixture
def site(settings: CentralSettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr("kiosk.central.celery_app.LEFT_ALONE_S", LEFT_ALONE_S)
    with CentreServer(tmp_path / "centre", settings) as server:
        yield site_at(server)


@pytest.fixture
def start_worker(settings: CentralSettings, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts `kiosk central worker` in a process of its own; what is left of them is killed."""
    home = tmp_path / "worker"
    home.mkdir()
    (home / "signing.key").write_text(SIGNING_KEY, encoding="ascii")
    photos, queue = settings.photos, settings.queue
    given = {
        "CENTRAL_HOME": str(home),
        "CENTRAL_DATABASE__URL": settings.database.url,
        "CENTRAL_QUEUE__REDIS_URL": queue.redis_url,
        "CENTRAL_GALLERY__INDEX": "milvus",
        "CENTRAL_GALLERY__MILVUS_URI": settings.gallery.milvus_uri,
        "CENTRAL_PHOTOS__STORE": "minio",
        "CENTRAL_PHOTOS__MINIO_ENDPOINT": photos.minio_endpoint,
        "CENTRAL_PHOTOS__MINIO_BUCKET": photos.minio_bucket,
        "CENTRAL_PHOTOS__MINIO_SECURE": "false",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        with (home / "said.txt").open("ab") as said:
            process = subprocess.Popen(
                command("central", "worker", "--threads", "1"),
                cwd=program_root(),
                env=environment(tmp_path, **given),
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        started.append(process)
        return process

    with ExitStack() as stack:
        for end in (lambda: [process.wait() for process in started], lambda: [p.kill() for p in started]):
            stack.callback(end)
        yield start


def wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until, "it does not come about"
        time.sleep(0.01)


def is_stopped_in_the_middle(process: subprocess.Popen[bytes], is_at_work: Callable[[], bool]) -> bool:
    """Holds a process; whether it is at work, else it goes on."""
    os.kill(process.pid, signal.SIGSTOP)
    if is_at_work():
        return True
    os.kill(process.pid, signal.SIGCONT)
    return False


def leads_to_the_store(site: Site, original: bytes) -> None:
    """Where the store has addresses, an original is got there, by whoever has the address."""
    led = site.call("GET", f"/api/photos/{site.photo_id(original)}/original", Role.DEVICE)
    assert led.status_code == 307
    assert led.headers["X-Content-SHA256"] == sha256(original).hexdigest()
    assert requests.get(led.headers["Location"], timeout=10).content == original


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(
    site: Site, start_worker: StartWorker, tmp_path: Path
) -> None:
    centre = site.server.centre
    write_mixed_folder(tmp_path / "card")
    group = SIX_PEOPLE.read_bytes()
    pictures = {f"IMG_{number}.jpg": group + bytes([number]) for number in range(4)}
    broken = {name: (tmp_path / "card" / name).read_bytes() for name in REFUSED}
    first = start_worker()
    upload_id = site.send({**pictures, **broken}).json()["upload_id"]
    counts = centre.uploads.counts

    wait_until(lambda: counts(upload_id)["taken"] > 0)
    wait_until(lambda: is_stopped_in_the_middle(first, lambda: counts(upload_id)["importing"] > 0))
    os.kill(first.pid, signal.SIGKILL)
    first.wait()
    second = start_worker()
    found = site.settled(upload_id)
    assert {name: file["state"] for name, file in found.items() if name in pictures} == dict.fromkeys(
        pictures, "taken"
    )
    assert {name: file["error_code"] for name, file in found.items() if name in broken} == dict(REFUSED)
    photos = centre.archive.photos.photos(site.event_id)
    assert Counter(photo.file_name for photo in photos) == Counter(list(pictures))
    assert sorted(photo.number for photo in photos) == [1, 2, 3, 4]
    assert centre.archive.index.count(site.event_id) == PEOPLE * len(pictures)
    leads_to_the_store(site, pictures["IMG_0.jpg"])
    second.send_signal(signal.SIGTERM)
    assert second.wait(20) == 0
    # Deleting what waited is the last act, after the row is marked.
    wait_until(lambda: not list(centre.archive.store.keys("uploads/")))


@pytest.mark.slow
def test_names_that_the_queue_lost_are_found_in_the_rows(site: Site, settings: CentralSettings) -> None:
    from redis import Redis

    centre = site.server.centre
    upload_id = site.send({"a.jpg": b"x", "b.jpg": b"y"}).json()["upload_id"]
    with Redis.from_url(settings.queue.redis_url) as client:
        assert client.llen("imports") == 2
        client.flushdb()
        queue = CeleryQueue(settings.queue.redis_url, centre.uploads, centre.clock, left_alone_s=0.2)
        time.sleep(0.3)
        assert queue.sweep() == 2
        assert client.llen("imports") == 2
        time.sleep(0.3)
        assert queue.sweep() == 0, "what stands in the queue is not sent twice"
        queue.close()
    assert centre.uploads.counts(upload_id)["waiting"] == 2
