"""What it costs that faces lie unreadable on the disk: searches in a turned index beside a plain one, faces
written and read sealed beside plain ones, a re-issue."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sqlalchemy import insert

from kiosk.at_rest.rotation import Rotation
from kiosk.at_rest.vault import GivenKeys, PassingKeys, Vault
from kiosk.benchmarks.figure import Figure
from kiosk.database.engine import Database, open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.database.tables import FaceRow
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.rotated_index import RotatedIndex
from kiosk.gallery.types import FaceKey, VectorIndex
from kiosk.photos.types import PhotoEvent
from kiosk.vision.types import Embedding, FloatArray
from tests.visit import EVENT_ID, START, photo

FACES, SEARCHES, ROWS = 100_000, 60, 20_000
CONTRACT = "measured"


def measure_at_rest() -> list[Figure]:
    """About two minutes on two cores that nothing else uses."""
    rows = _units(FACES)
    with TemporaryDirectory(prefix="at-rest-") as folder:
        return [*_searches(Path(folder), rows), *_rows(Path(folder), rows[:ROWS])]


def _searches(folder: Path, rows: FloatArray) -> list[Figure]:
    rotation = Rotation(bytes(32))
    plain: VectorIndex = ExactIndex(folder / "plain", CONTRACT)
    turned = RotatedIndex(ExactIndex(folder / "turned", "turned"), CONTRACT, lambda _: rotation)
    faces = [FaceKey(f"{number // 8:032x}", number % 8) for number in range(len(rows))]
    filled = {}
    for name, index in (("plain", plain), ("turned", turned)):
        began_s = time.perf_counter()
        for start in range(0, len(rows), 1000):
            part = slice(start, start + 1000)
            index.add("run", faces[part], [Embedding(row, CONTRACT) for row in rows[part]])
        filled[name] = time.perf_counter() - began_s
    probes = [Embedding(row, CONTRACT) for row in _units(SEARCHES, 5)]
    took: dict[str, list[float]] = {"plain": [], "turned": []}
    for probe in probes:  # by turns, so that other work on the machine meets both
        for name, index in (("plain", plain), ("turned", turned)):
            took[name].append(_seconds(lambda i=index, p=probe: i.search("run", p, min_similarity=0.2)))  # type: ignore[misc]
    plain.close()
    turned.close()
    middle = {name: statistics.median(times) * 1000 for name, times in took.items()}
    late = {name: float(np.percentile(times, 95)) * 1000 for name, times in took.items()}
    return [
        Figure("a search, 100,000 faces, p50", middle["turned"], "ms", middle["plain"], "not turned"),
        Figure("a search, 100,000 faces, p95", late["turned"], "ms", late["plain"], "not turned"),
        Figure("100,000 faces into the index", filled["turned"], "s", filled["plain"], "not turned"),
    ]


def _rows(folder: Path, rows: FloatArray) -> list[Figure]:
    took: dict[tuple[str, str], float] = {}
    vaults = {"plain": None, "sealed": Vault(PassingKeys())}
    for name, vault in vaults.items():
        database = open_database(folder / f"{name}.db", vault=vault)
        took[name, "write"] = _seconds(lambda d=database: _fill(d, rows))  # type: ignore[misc]
        photos = SqlPhotoRepository(database)
        read = [_seconds(lambda p=photos: p.photo_faces(photo(1).photo_id)) for _ in range(3)]  # type: ignore[misc]
        took[name, "read"] = min(read)
        database.close()
    opened: dict[str, list[float]] = {"plain": [], "sealed": []}
    for _ in range(5):
        for name, vault in vaults.items():
            took_s = _seconds(lambda n=name, v=vault: open_database(folder / f"{n}.db", vault=v).close())  # type: ignore[misc]
            opened[name].append(took_s)
    plain_open, sealed_open = (statistics.median(opened[name]) for name in ("plain", "sealed"))
    made = statistics.median(_seconds(lambda s=seed: Rotation(bytes([s]) * 32)) for seed in range(5))  # type: ignore[misc]
    rotation = Rotation(bytes(32))
    one_by_one = _seconds(lambda: [rotation.turn(row) for row in rows])
    before = open_database(folder / "again.db", vault=_given(at_rest_key="11" * 32))
    _fill(before, rows)
    before.close()
    again = _given(at_rest_key="22" * 32, at_rest_key_before="11" * 32)
    anew = _seconds(lambda: open_database(folder / "again.db", vault=again).close())
    count = len(rows)
    return [
        Figure(f"a database of {count} faces opened", sealed_open, "s", plain_open, "in clear"),
        Figure("a rotation made of its secret, once a start", made, "s"),
        Figure(f"{count} faces written", took["sealed", "write"], "s", took["plain", "write"], "in clear"),
        Figure(f"{count} faces read", took["sealed", "read"], "s", took["plain", "read"], "in clear"),
        Figure(f"{count} faces turned one by one, instead", one_by_one, "s"),
        Figure(f"{count} faces under a new secret", anew, "s", took["sealed", "write"], "writing them"),
    ]


def _given(**secrets: str) -> Vault:
    return Vault(GivenKeys(secrets.__getitem__, secrets.get))


def _fill(database: Database, rows: FloatArray) -> None:
    photos = SqlPhotoRepository(database)
    photos.add_event(PhotoEvent(EVENT_ID, "Run", "", START))
    photos.add_photo(photo(1), [])
    box = {"x1": 0.0, "y1": 0.0, "x2": 9.0, "y2": 9.0, "score": 0.9, "contract_id": CONTRACT}
    values = [
        {"photo_id": photo(1).photo_id, "ordinal": place, "embedding": row, **box}
        for place, row in enumerate(rows)
    ]
    with database.writing() as session:
        session.execute(insert(FaceRow), values)


def _units(count: int, seed: int = 1) -> FloatArray:
    rows = np.random.default_rng(seed).standard_normal((count, 512)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def _seconds(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return time.perf_counter() - began_s
