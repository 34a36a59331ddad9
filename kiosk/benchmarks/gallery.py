"""Search and import measured beside their floors: the bare matrix product; the bare decode and model runs."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import cv2
import numpy as np

from kiosk.clock import SystemClock
from kiosk.database.engine import open_database
from kiosk.database.photos import SqlPhotoRepository
from kiosk.gallery.decision import decide
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey, Thresholds
from kiosk.photos.decoding import load_upright
from kiosk.photos.folder_scan import picture_files
from kiosk.photos.folder_store import FolderObjectStore
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.types import PhotoEvent
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, FaceEngine, FloatArray

_FACES_A_PHOTO = 2.5
_CONTRACT = "benchmark"
_THRESHOLDS = Thresholds(match=0.42, maybe=0.30, kin=0.47)
_IMPORT_WORKERS = 2


def measure_search(photos: int = 10_000, searches: int = 40) -> dict[str, float]:
    """Searches an exact index of so many photos (2.5 faces each) and decides, on random unit vectors.

    `search_p50_ms`, `search_p95_ms`; floor: `product_p50_ms`, the matrix product over the same vectors in
    plain memory; `search_ratio` of the two medians; `open_ms`, opening the file with all checks.
    """
    faces = int(photos * _FACES_A_PHOTO)
    vectors = _unit_rows(faces + searches)
    keys = [FaceKey(f"{face % photos:032x}", face // photos) for face in range(faces)]
    with tempfile.TemporaryDirectory() as folder:
        index = ExactIndex(Path(folder), _CONTRACT)
        index.add("event", keys, [Embedding(row, _CONTRACT) for row in vectors[:faces]])
        index.close()
        index = ExactIndex(Path(folder), _CONTRACT)
        open_ms = _milliseconds(lambda: index.faces("event"))
        search_ms, product_ms = [], []
        for probe in vectors[faces:]:
            search_ms.append(_milliseconds(partial(_search, index, probe)))
            product_ms.append(_milliseconds(partial(np.matmul, vectors[:faces], probe)))
        index.close()
    p50, floor = float(np.median(search_ms)), float(np.median(product_ms))
    return {
        "faces": faces,
        "open_ms": open_ms,
        "search_p50_ms": p50,
        "search_p95_ms": float(np.percentile(search_ms, 95)),
        "product_p50_ms": floor,
        "search_ratio": p50 / floor,
    }


def measure_import(
    pictures: Path, engine: FaceEngine, count: int = 12, size: tuple[int, int] = (6000, 4000)
) -> dict[str, float]:
    """Imports so many photos of a camera's size, made from the pictures of a folder.

    `import_ms_per_photo`; floor: `floor_ms_per_photo`, the same files decoded by OpenCV and run through the
    models on as many threads, with nothing stored; `import_ratio`. Raises KnownError for a folder that is
    missing and for weights that are.
    """
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        card = root / "card"
        _make_card(pictures, card, count, size)
        warm_up = load_upright(next(iter(picture_files(card)))).pixels()
        engine.embed(warm_up, engine.detect(warm_up))
        floor_ms = _milliseconds(lambda: _bare_run(picture_files(card), engine)) / count
        clock = SystemClock()
        database = open_database(root / "kiosk.db", clock)
        index = ExactIndex(root / "index", engine.contract_id)
        try:
            photos = SqlPhotoRepository(database)
            event = PhotoEvent("benchmark", "Benchmark", "Benchmark", datetime.now(UTC))
            photos.add_event(event)
            store = FolderObjectStore(root / "objects")
            importer = PhotoImporter(event, photos, store, engine, index, clock)
            report = importer.import_folder(card)
        finally:
            index.close()
            database.close()
    import_ms = report.seconds * 1000 / report.taken
    return {
        "photos": report.taken,
        "faces": report.faces,
        "megapixels": size[0] * size[1] / 1e6,
        "import_ms_per_photo": import_ms,
        "floor_ms_per_photo": floor_ms,
        "import_ratio": import_ms / floor_ms,
    }


def _search(index: ExactIndex, probe: FloatArray) -> None:
    decide(index.search("event", Embedding(probe, _CONTRACT), min_similarity=_THRESHOLDS.maybe), _THRESHOLDS)


def _make_card(pictures: Path, card: Path, count: int, size: tuple[int, int]) -> None:
    """Fills a folder with photos of one size, each with a corner of its own, so that none is a duplicate."""
    card.mkdir()
    sources = picture_files(pictures)
    for number in range(count):
        pixels = load_upright(sources[number % len(sources)]).pixels()
        large = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
        large[:64, :64] = (160, 80, number % 256)
        _, encoded = cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, 90])
        (card / f"IMG_{number:04d}.jpg").write_bytes(encoded.tobytes())


def _bare_run(files: Sequence[Path], engine: FaceEngine) -> None:
    def run(path: Path) -> None:
        decoded = cv2.imdecode(np.frombuffer(path.read_bytes(), np.uint8), cv2.IMREAD_COLOR)
        pixels = np.asarray(decoded, np.uint8)
        engine.embed(pixels, engine.detect(pixels))

    with ThreadPoolExecutor(_IMPORT_WORKERS) as pool:
        list(pool.map(run, files))


def _unit_rows(count: int) -> FloatArray:
    rows = np.random.default_rng(1).standard_normal((count, EMBEDDING_SIZE), np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def _milliseconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000
