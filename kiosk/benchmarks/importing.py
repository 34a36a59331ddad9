"""Importing photos, beside the bare decode and the bare models."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import cv2
import numpy as np

from kiosk.archive import Archive, open_archive
from kiosk.benchmarks.bare import median_ms
from kiosk.benchmarks.figure import Figure
from kiosk.errors import ErrorCode, KnownError
from kiosk.paths import program_root
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.types import PhotoEvent
from kiosk.settings import Settings

_WIDTH, _HEIGHT = 6000, 4000
_QUALITY = 90
_LONG_SIDE = 1280


def measure_import(photos: int = 12, size: tuple[int, int] = (_WIDTH, _HEIGHT)) -> list[Figure]:
    """Photos a second from 24-megapixel JPEGs, made of the demo's pictures, into an empty event.

    Raises KnownError FOLDER_MISSING (the installer brings the demo's pictures), WEIGHTS_*.
    """
    pictures = demo_pictures()
    with TemporaryDirectory(prefix="kiosk-bench-") as folder:
        camera_card = Path(folder) / "card"
        camera_card.mkdir()
        for number in range(photos):
            write_large(pictures[number % len(pictures)], camera_card / f"IMG_{number:04}.jpg", size)
        archive = open_archive(Path(folder) / "home", Settings())
        try:
            archive.engines.photos.warm_up()
            photos_per_s = _import(archive, camera_card)
            floor = float(np.mean([floor_ms(archive, path) for path in sorted(camera_card.iterdir())]))
        finally:
            archive.close()
    floor_is = "decoding at full size, detector and recogniser at 1280 wide, one core"
    return [Figure("import", photos_per_s, "photos/s", 1000 / floor, floor_is)]


def demo_pictures() -> list[Path]:
    """What large photos are made of. Raises KnownError(FOLDER_MISSING): they were not fetched."""
    pictures = sorted((program_root() / ".cache" / "demo" / "photos").glob("*.jpg"))
    if not pictures:
        raise KnownError(
            ErrorCode.FOLDER_MISSING,
            "The demo's pictures are not there.",
            "Fetch them with: python3 -m installer run",
        )
    return pictures


def write_large(source: Path, target: Path, size: tuple[int, int]) -> None:
    """The picture at a camera's size; a number in its corner keeps any two files different."""
    pixels = cv2.imdecode(np.fromfile(source, np.uint8), cv2.IMREAD_COLOR)
    large = cv2.resize(pixels, size, interpolation=cv2.INTER_CUBIC)
    cv2.putText(large, target.stem, (40, size[1] - 40), cv2.FONT_HERSHEY_PLAIN, 8, (255, 255, 255), 4)
    _, encoded = cv2.imencode(".jpg", large, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    target.write_bytes(encoded.tobytes())


def _import(archive: Archive, folder: Path) -> float:
    event = PhotoEvent(uuid.uuid4().hex, "Import", "Import", archive.clock.now())
    archive.photos.add_event(event)
    importer = PhotoImporter(
        event,
        archive.photos,
        archive.store,
        archive.engines.photos,
        archive.index,
        archive.clock,
        ZoneInfo(archive.settings.kiosk.timezone),
    )
    began_s = time.perf_counter()
    report = importer.import_folder(folder)
    return report.taken / (time.perf_counter() - began_s)


def floor_ms(archive: Archive, path: Path) -> float:
    """Decoding one file and running the models once on it."""
    data, engine = np.fromfile(path, np.uint8), archive.engines.photos

    def work() -> None:
        pixels = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
        scale = _LONG_SIDE / max(pixels.shape[:2])
        small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        small = small.astype(np.uint8, copy=False)
        engine.embed(small, engine.detect(small))

    return median_ms(work, times=3)
