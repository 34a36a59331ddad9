"""From the last byte of a photo in the watched folder until it is on sale and searchable."""

from __future__ import annotations

import threading
import time
import uuid
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from kiosk.archive import Archive, open_archive
from kiosk.benchmarks.camera_card import demo_pictures, heads, write_cards
from kiosk.benchmarks.figure import Figure, Goal, percentile
from kiosk.benchmarks.importing import floor_ms
from kiosk.errors import ErrorCode, KnownError
from kiosk.event_folder import EventFolder
from kiosk.photos.types import PhotoEvent
from kiosk.settings import Settings

_FACES = 5
_PIECES = 8
_PAUSE_S = 0.05
_LONGEST_S = 60.0
_BETWEEN_S = 0.3
_GOAL_S = 3.0


def measure_watch(photos: int = 12, size: tuple[int, int] = (6000, 4000)) -> list[Figure]:
    """Photos of 24 megapixels, one at a time, written in pieces as a camera's cable or FTP does.

    Raises KnownError FOLDER_MISSING (the installer brings the demo's pictures), WEIGHTS_*.
    """
    pictures = demo_pictures()
    with TemporaryDirectory(prefix="kiosk-bench-") as root:
        folder = Path(root) / "watched"
        folder.mkdir()
        archive = open_archive(Path(root) / "home", Settings())
        try:
            engine = archive.engines.photos
            card = write_cards(Path(root) / "card", heads(engine, pictures), _FACES, photos, size)
            took_s = _watch(archive, card, folder)
            floor_s = float(np.mean([floor_ms(engine, path) for path in card])) / 1000
        finally:
            archive.close()
    floor_is = "decoding, the same passes of the models at 1920 wide, and the encodes, one core"
    return [
        Figure(
            f"watch.p{percent}", percentile(took_s, percent), "s", floor_s, floor_is, Goal(at_most=_GOAL_S)
        )
        for percent in (50, 95)
    ]


def _watch(archive: Archive, files: list[Path], folder: Path) -> list[float]:
    """Seconds for each file from its last byte until its photo and faces are there."""
    event = PhotoEvent(uuid.uuid4().hex, "Watch", "Watch", archive.clock.now())
    archive.photos.add_event(event)
    is_over = threading.Event()
    watch = EventFolder(archive, folder, event)
    thread = threading.Thread(target=watch.run, args=(is_over.is_set, lambda _: None), daemon=True)
    thread.start()
    try:
        return [
            _until_on_sale(archive, event.event_id, path, folder, done) for done, path in enumerate(files)
        ]
    finally:
        is_over.set()
        thread.join(_LONGEST_S)


def _until_on_sale(archive: Archive, event_id: str, source: Path, folder: Path, before: int) -> float:
    time.sleep(_BETWEEN_S)
    data = source.read_bytes()
    step = -(-len(data) // _PIECES)
    with (folder / source.name).open("wb") as file:
        for start in range(0, len(data), step):
            file.write(data[start : start + step])
            file.flush()
            time.sleep(_PAUSE_S)
    written_s = time.perf_counter()
    while archive.photos.count(event_id) == before:
        if time.perf_counter() - written_s > _LONGEST_S:
            raise KnownError(ErrorCode.PHOTO_UNKNOWN, f"{source.name} did not go on sale.")
        time.sleep(0.005)
    while archive.index.count(event_id) < archive.photos.face_count(event_id):
        time.sleep(0.005)
    return time.perf_counter() - written_s
