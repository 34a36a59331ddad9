"""Photos that wait at a centre on servers are imported by one Celery worker of one thread, and by two."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from kiosk.benchmarks.camera_card import CAMERA_SIZE, demo_pictures, heads, write_cards
from kiosk.benchmarks.figure import Figure, Goal
from kiosk.central.settings import CentralSettings, DatabaseSection, QueueSection
from kiosk.paths import models_folder, program_root
from kiosk.settings import GallerySection, PhotosSection
from kiosk.vision.open_engine import OpenFaceEngine
from tests.central_site import Site, site_at
from tests.centre import SIGNING_KEY, UNHURRIED, CentreServer
from tests.command_line import command, environment
from tests.peers.milvus import MilvusServer
from tests.peers.network import NetworkNamespace
from tests.peers.postgres import PostgresServer
from tests.peers.redis import RedisServer
from tests.peers.s3 import S3Server

_KINDS = 4
"""Pictures that differ; files of the same picture differ by a byte behind its end."""
_FACES = 5
_WARM_UP = 3
"""Files that are imported before anything is measured, for each worker: so each has loaded its weights."""
_PATIENCE_S = 240.0


def measure_import_workers(photos: int = 24, size: tuple[int, int] = CAMERA_SIZE) -> list[Figure]:
    """Photos a second of `photos` with one worker and of twice as many with two, between the first that was
    done and the last."""
    with TemporaryDirectory(prefix="measure-import-") as name, ExitStack() as stack:
        folder = Path(name)
        pictures = [path.read_bytes() for path in _cards(folder, size)]
        settings = stack.enter_context(_servers(folder))
        site = site_at(stack.enter_context(CentreServer(folder / "centre", settings)))
        workers = stack.enter_context(_Workers(folder, settings))
        workers.start()
        _import(site, pictures, _WARM_UP, 0)
        alone = _import(site, pictures, photos, 1)
        workers.start()
        _import(site, pictures, 4 * _WARM_UP, 2)
        time.sleep(2)  # a worker that had no part in the warming up has loaded its weights by then
        both = _import(site, pictures, 2 * photos, 3)
    megapixels = size[0] * size[1] / 1e6
    load = f"{megapixels:.0f} megapixels, {_FACES} faces; PostgreSQL, Redis, Milvus and S3 beside"
    return [
        Figure("import.one_worker", alone, "photos/s", floor_is=load, more_is_better=True),
        Figure(
            "import.two_workers",
            both,
            "photos/s",
            alone,
            f"one worker of one thread; {load}",
            Goal(ratio_at_least=1.7),
            more_is_better=True,
        ),
    ]


def _cards(folder: Path, size: tuple[int, int]) -> list[Path]:
    people = heads(OpenFaceEngine(models_folder()), demo_pictures())
    return write_cards(folder / "cards", people, _FACES, _KINDS, size)


def _import(site: Site, pictures: list[bytes], count: int, batch: int) -> float:
    """Photos a second."""
    sent: list[str] = []
    with _held(site):
        for number in range(count):
            data = pictures[number % len(pictures)] + bytes([batch, number % 256])
            more = {"upload_id": sent[0]} if sent else {}
            answer = site.send({f"{batch}-{number}.jpg": data}, **more)
            answer.raise_for_status()
            sent.append(answer.json()["upload_id"])
    uploads = site.server.centre.uploads
    until_s = time.monotonic() + _PATIENCE_S
    first_s, first = 0.0, 0
    while True:
        done = uploads.counts(sent[0])["taken"]
        if done and not first:
            first_s, first = time.monotonic(), done
        if done == count:
            took_s = time.monotonic() - first_s
            return (count - first) / took_s if took_s > 0 else 0.0
        if time.monotonic() > until_s:
            raise RuntimeError(f"{done} of {count} photos were imported: {uploads.counts(sent[0])}")
        time.sleep(0.02)


@contextmanager
def _held(site: Site) -> Iterator[None]:
    """Workers hear of the files once all have been sent."""
    queue = site.server.centre.imports
    waiting: list[tuple[str, int]] = []
    with patch.object(type(queue), "submit", lambda _self, files: waiting.extend(files)):
        yield
    queue.submit(waiting)


@contextmanager
def _servers(folder: Path) -> Iterator[CentralSettings]:
    """Settings of a centre on servers alone, while they run."""
    for name in ("redis", "milvus", "s3", "secrets"):
        (folder / name).mkdir()
    with ExitStack() as stack:
        postgres = stack.enter_context(PostgresServer())
        redis = stack.enter_context(RedisServer(folder / "redis"))
        network = stack.enter_context(NetworkNamespace())
        milvus = stack.enter_context(MilvusServer(folder / "milvus", network))
        s3 = stack.enter_context(S3Server(folder / "s3"))
        keys = {"minio_access_key": s3.access_key, "minio_secret_key": s3.secret_key}
        for name, secret in {"signing_key": SIGNING_KEY, "at_rest_key": "5e" * 32, **keys}.items():
            (folder / "secrets" / name).write_text(secret, encoding="utf-8")
        stack.enter_context(patch.dict(os.environ, {"CENTRAL_SECRETS": str(folder / "secrets")}))
        yield CentralSettings(
            access=UNHURRIED,
            database=DatabaseSection(url=postgres.new_database("imports")),
            queue=QueueSection(redis_url=redis.url),
            gallery=GallerySection(index="milvus", milvus_uri=milvus.url),
            photos=PhotosSection(
                store="minio", minio_endpoint=s3.endpoint, minio_bucket="imports", minio_secure=False
            ),
        )


class _Workers:
    """Processes of `kiosk central worker --threads 1`; they end with the block."""

    def __init__(self, folder: Path, settings: CentralSettings) -> None:
        self._folder = folder
        self._given = {
            "CENTRAL_HOME": str(folder / "worker"),
            "CENTRAL_DATABASE__URL": settings.database.url,
            "CENTRAL_QUEUE__REDIS_URL": settings.queue.redis_url,
            "CENTRAL_GALLERY__INDEX": "milvus",
            "CENTRAL_GALLERY__MILVUS_URI": settings.gallery.milvus_uri,
            "CENTRAL_PHOTOS__STORE": "minio",
            "CENTRAL_PHOTOS__MINIO_ENDPOINT": settings.photos.minio_endpoint,
            "CENTRAL_PHOTOS__MINIO_BUCKET": settings.photos.minio_bucket,
            "CENTRAL_PHOTOS__MINIO_SECURE": "false",
            "CENTRAL_VISION__THREADS": "1",
        }
        self._started: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        """One more."""
        (self._folder / "worker").mkdir(exist_ok=True)
        with (self._folder / "worker.log").open("ab") as said:
            self._started.append(
                subprocess.Popen(
                    command("central", "worker", "--threads", "1"),
                    cwd=program_root(),
                    env=environment(self._folder, **self._given),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                )
            )

    def __enter__(self) -> _Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._started:
            process.kill()
        for process in self._started:
            process.wait()
