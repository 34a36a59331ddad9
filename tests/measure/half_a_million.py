"""A kiosk that knows half a million photos: what it takes of memory and disk, and how long a search takes."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil

from kiosk.app import Outside, open_kiosk
from kiosk.archive import DATABASE_FILE
from kiosk.benchmarks.bare import bare_product_ms
from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.clock import SystemClock
from kiosk.database.engine import open_database
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey
from kiosk.payments.promptpay_staff import PromptPayGateway
from kiosk.photos.types import PreviewSize, preview_key
from kiosk.settings import Settings
from kiosk.sync.fetched_folder import FetchedFolder
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, FloatArray
from tests.measure.made_event import face_values, photo_id_of, photo_values, unit_vectors, write_bare
from tests.measure.own_process import in_own_process

_EVENTS = 10
_BYTES_A_FACE = 2 * 3000
"""About, in rows and index, so that a disk with too little room is known before it is full."""
_KEPT_FREE = 10 * 10**9
_SEARCHES = 200
_AT_ONCE = 5000
_NOISE = 0.02
_THUMBNAILS = {PreviewSize.SMALL: 5_000, PreviewSize.MEDIUM: 18_000}
"""Bytes of a usual one."""
_PATIENCE_S = 120.0
_REST_S = 1.5
_SEED = 9


@dataclass(frozen=True, slots=True)
class _Known:
    """Megabytes that a kiosk's process has for itself and with what it maps, and milliseconds of searches."""

    own_mb: float
    resident_mb: float
    own_after_all_mb: float
    took_ms: list[float]


def measure_half_a_million(
    photos: int = 500_000, faces: int = 1_200_000, previewed: int = 1500
) -> list[Figure]:
    """Ten events of equal size; the largest that fits the disk, if that is less. Thumbnails of `previewed`
    photos come."""
    with TemporaryDirectory(prefix="measure-half-") as name:
        home = Path(name) / "kiosk"
        room = max(0, shutil.disk_usage(name).free - _KEPT_FREE)
        share = min(1.0, room / (faces * _BYTES_A_FACE))
        photos, faces = int(photos * share), int(faces * share)
        before = in_own_process(look_at, Path(name) / "empty", 0, 0)
        in_own_process(fill, home, photos // _EVENTS, faces // _EVENTS)
        database, index = _size(home, "kiosk.db*"), _size(home / "index", "**/*")
        known: _Known = in_own_process(look_at, home, _EVENTS, faces // _EVENTS)
        thumbnails = in_own_process(fill_thumbnails, Path(name) / "fetched", previewed)
    of = f"{photos} photos, {faces} faces in {_EVENTS} events"
    event = faces // _EVENTS
    vectors_mb = faces * EMBEDDING_SIZE * 4 / 1e6
    product_ms = bare_product_ms(event)
    product = f"matrix product, {event} x {EMBEDDING_SIZE} float32"
    return [
        Figure(
            "half_a_million.memory", known.own_mb, "MB", before.own_mb, f"a kiosk without a photo; with {of}"
        ),
        Figure(
            "half_a_million.memory, all events searched",
            known.own_after_all_mb,
            "MB",
            before.own_mb,
            f"a kiosk without a photo; {known.resident_mb:.0f} MB with mapped files",
        ),
        Figure("half_a_million.database", database / 1e6, "MB", vectors_mb, "the vectors alone, as float32"),
        Figure("half_a_million.index", index / 1e6, "MB", vectors_mb, "the vectors alone, as float32"),
        Figure("half_a_million.search_p50", percentile(known.took_ms, 50), "ms", product_ms, product),
        Figure(
            "half_a_million.search_p95",
            percentile(known.took_ms, 95),
            "ms",
            product_ms,
            product,
            Goal(at_most=50),
        ),
        *_of_thumbnails(thumbnails, photos),
    ]


def _of_thumbnails(found: tuple[float, float, int], photos: int) -> list[Figure]:
    on_disk_mb, quota_mb, came = found
    all_gb = photos * sum(_THUMBNAILS.values()) / 1e9
    wish = f"the quota; {came} thumbnails came, and those of all photos would take {all_gb:.1f} GB"
    within = Goal(ratio_at_most=1.0)
    return [Figure("half_a_million.thumbnails", on_disk_mb, "MB", quota_mb, wish, within)]


# -- in processes of their own ----------------------------------------------------------------------


def fill(home: Path, photos: int, faces: int) -> None:
    """Rows of all events, and their indexes."""
    home.mkdir(parents=True)
    contract = _contract()
    open_database(home / DATABASE_FILE).close()
    index = ExactIndex(home / "index", contract)
    vectors = unit_vectors(faces, np.random.default_rng(_SEED))
    for number in range(_EVENTS):
        event_id = f"event-{number}"
        done = 0
        for first in range(0, photos, _AT_ONCE):
            part = range(first, min(first + _AT_ONCE, photos))
            several = [faces * (place + 1) // photos - faces * place // photos for place in part]
            rows = [photo_values(event_id, place) for place in part]
            own = vectors[done : done + sum(several)]
            done += len(own)
            write_bare(home / DATABASE_FILE, event_id, rows, face_values(rows, several, own, contract))
            keys = [
                FaceKey(row["photo_id"], ordinal)
                for row, count in zip(rows, several, strict=True)
                for ordinal in range(count)
            ]
            index.add(event_id, keys, [Embedding(vector, contract) for vector in own])
    index.close()


def look_at(home: Path, events: int, faces: int) -> _Known:
    """A whole kiosk without a screen, once it has come to rest."""
    home.mkdir(parents=True, exist_ok=True)
    current = f"event-{events - 1}"
    settings = Settings.model_validate(
        {
            "delivery": {"host": "127.0.0.1", "port": 0},
            "camera": {"source": str(home)},
            "event": {"name": current} if events else {},
        }
    )
    kiosk = open_kiosk(home, settings, Outside(gateway=PromptPayGateway("0801234567", "Shop")))
    kiosk.start()
    try:
        index = kiosk.archive.index
        if events:
            _wait(lambda: kiosk.view.event is not None and index.count(current) >= faces)
        time.sleep(_REST_S)
        probes = [_probe(faces, number) for number in range(_SEARCHES if events else 0)]
        took = [_search_ms(kiosk.archive.search.find, current, probe, index.contract_id) for probe in probes]
        own_mb, resident_mb = _memory_mb()
        for number in range(events):
            probe = _probe(faces, 0)
            kiosk.archive.search.find(f"event-{number}", (Embedding(probe, index.contract_id),))
        return _Known(own_mb, max(resident_mb, _memory_mb()[1]), _memory_mb()[0], took)
    finally:
        kiosk.stop()


def fill_thumbnails(root: Path, photos: int) -> tuple[float, float, int]:
    """Half as many again as the quota holds: megabytes on the disk, those of the quota, how many came."""
    quota = photos * sum(_THUMBNAILS.values()) * 2 // 3
    folder = FetchedFolder(root, quota, SystemClock())
    for place in range(photos):
        for size, length in _THUMBNAILS.items():
            folder.add(preview_key("event", photo_id_of("event", place), size), bytes(length))
    held = folder.passing_bytes
    folder.close()
    on_disk = sum(path.stat().st_size for path in root.rglob("*.jpg"))
    if held < on_disk:
        raise RuntimeError(f"{on_disk} bytes lie there, and {held} are counted")
    return on_disk / 1e6, quota / 1e6, photos * len(_THUMBNAILS)


def _probe(faces: int, number: int) -> FloatArray:
    """Near a face of the event; all events have the same faces, in photos of their own."""
    vectors = unit_vectors(min(faces, _SEARCHES), np.random.default_rng(_SEED))
    noise = np.random.default_rng(number).standard_normal(EMBEDDING_SIZE).astype(np.float32) * _NOISE
    near = vectors[number % len(vectors)] + noise
    return np.asarray(near / np.linalg.norm(near), np.float32)


def _search_ms(find: Callable[..., object], event_id: str, probe: FloatArray, contract: str) -> float:
    began_s = time.perf_counter()
    find(event_id, (Embedding(probe, contract),))
    return (time.perf_counter() - began_s) * 1000


def _memory_mb() -> tuple[float, float]:
    """What the process has for itself, and what is resident with mapped files."""
    told = psutil.Process().memory_full_info()
    return told.uss / 1e6, told.rss / 1e6


def _contract() -> str:
    from kiosk.adapters import choose_engines

    return choose_engines(Settings().vision).photos.contract_id


def _size(folder: Path, pattern: str) -> int:
    """Bytes on the disk: files may be longer than what is in them."""
    return sum(path.stat().st_blocks * 512 for path in folder.glob(pattern) if path.is_file())


def _wait(is_so: Callable[[], bool]) -> None:
    until_s = time.monotonic() + _PATIENCE_S
    while not is_so():
        if time.monotonic() > until_s:
            raise RuntimeError("the kiosk does not come to rest")
        time.sleep(0.1)
