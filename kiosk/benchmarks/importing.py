"""Importing photos, beside the bare work in it and beside a plain loop over another library."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import psutil

from kiosk.archive import Archive, open_archive
from kiosk.benchmarks.bare import median_ms
from kiosk.benchmarks.camera_card import CAMERA_SIZE, demo_pictures, heads, write_cards
from kiosk.benchmarks.figure import Figure, Goal, NotMeasured, PeerValue
from kiosk.benchmarks.peers import FacePeer, open_face_analysis
from kiosk.errors import BugError
from kiosk.photos.importer import PhotoImporter
from kiosk.photos.types import PhotoEvent
from kiosk.settings import Settings
from kiosk.vision.scaling import reduced
from kiosk.vision.types import FaceEngine, Pixels

_FEW, _CROWD = 5, 40
_FINEST_SIDE = 1920
_PREVIEWS = ((1620, 85), (800, 90), (300, 85), (150, 80))
_THREADS = 2
_FLOOR_IS = "decoding at half the size, the same passes of the models at 1920 wide, the encodes; two threads"
_RATE_GOALS = (("import", 6.0), ("import.crowd", 3.0))
"""Photos a second, at least."""
_SHARE_OF_FLOOR = 0.7
_PEER = "FaceAnalysis with the same recogniser in a plain loop, no previews"
_TIMES_THE_PEER = 2.0
_ROUNDS = 2
_MEMORY_GOAL_MB = 1024.0
_SAMPLE_S = 0.02


def measure_import(
    photos: int = 12, size: tuple[int, int] = CAMERA_SIZE, crowd: int = _CROWD
) -> list[Figure]:
    """Photos a second from 24-megapixel JPEGs with five faces and with a crowd, into an empty event, and the
    most memory that this process took meanwhile.

    Raises KnownError FOLDER_MISSING (the installer brings the demo's pictures), WEIGHTS_*.
    """
    with TemporaryDirectory(prefix="kiosk-bench-") as root:
        archive = open_archive(Path(root) / "home", Settings())
        try:
            people = heads(archive.engines.photos, demo_pictures())
            few = write_cards(Path(root) / "few", people, _FEW, photos, size)
            many = write_cards(Path(root) / "many", people, crowd, max(2, photos // 2), size)
            before_mb = _memory_mb()
            with _most_memory_mb() as most_mb:
                _import(archive, few)
                _import(archive, many)
            peer = open_face_analysis()
            rates = [_rates(archive, peer, paths) for paths in (few, many)]
        finally:
            archive.close()
    memory_is = f"before the import of {len(few) + len(many)} photos, models loaded"
    return [
        *(_rate_figure(*goal, one) for goal, one in zip(_RATE_GOALS, rates, strict=True)),
        Figure("import.memory", most_mb(), "MB", before_mb, memory_is, Goal(at_most=_MEMORY_GOAL_MB)),
    ]


@dataclass(frozen=True, slots=True)
class _Rates:
    """Photos a second: the import, the bare work in it, the peer."""

    own: float
    bare: float
    peer: PeerValue


def _rates(archive: Archive, peer: FacePeer | NotMeasured, paths: Sequence[Path]) -> _Rates:
    """The best of each over some rounds in turn, so that all of them meet the machine in the same mood."""
    engine = archive.engines.photos
    own, bare, beside = [], [], []
    for _ in range(_ROUNDS):
        own.append(_import(archive, paths))
        bare.append(_bare_rate(engine, paths))
        if not isinstance(peer, NotMeasured):
            beside.append(_loop_rate(peer, paths))
    if isinstance(peer, NotMeasured):
        return _Rates(max(own), max(bare), PeerValue(_PEER, None, peer.reason))
    return _Rates(max(own), max(bare), PeerValue(_PEER, max(beside), times_at_least=_TIMES_THE_PEER))


def _rate_figure(name: str, at_least: float, rates: _Rates) -> Figure:
    return Figure(
        name,
        rates.own,
        "photos/s",
        rates.bare,
        _FLOOR_IS,
        Goal(at_least=at_least, ratio_at_least=_SHARE_OF_FLOOR),
        peers=(rates.peer,),
        more_is_better=True,
    )


def floor_ms(engine: FaceEngine, path: Path) -> float:
    """Milliseconds of the bare work in importing one file, on one thread: see `bare_work`."""
    return median_ms(lambda: bare_work(engine, path), times=3)


def bare_work(engine: FaceEngine, path: Path) -> None:
    """What cannot be left out: decoding a file at half its size, the models' passes over it, and encoding its
    previews."""
    small = _at_width(_decoded(path, cv2.IMREAD_REDUCED_COLOR_2), _FINEST_SIDE)
    engine.embed(small, engine.detect(small))
    for width, quality in _PREVIEWS:
        small = _at_width(small, width)
        cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, quality])


def _at_width(pixels: Pixels, width: int) -> Pixels:
    if pixels.shape[1] <= width:
        return pixels
    return reduced(pixels, (width, max(1, round(pixels.shape[0] * width / pixels.shape[1]))))


def _import(archive: Archive, paths: Sequence[Path]) -> float:
    """Into a new event, so that the same files can be taken again."""
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
    report = importer.import_folder(paths[0].parent)
    took_s = time.perf_counter() - began_s
    if report.taken != len(paths) or report.faces == 0:
        raise BugError(f"{report.taken} of {len(paths)} photos were taken, with {report.faces} faces")
    return report.taken / took_s


def _bare_rate(engine: FaceEngine, paths: Sequence[Path]) -> float:
    began_s = time.perf_counter()
    with ThreadPoolExecutor(_THREADS) as threads:
        list(threads.map(lambda path: bare_work(engine, path), paths))
    return len(paths) / (time.perf_counter() - began_s)


def _loop_rate(peer: FacePeer, paths: Sequence[Path]) -> float:
    """A plain loop on all cores, which stores nothing and makes no previews."""
    began_s = time.perf_counter()
    for path in paths:
        peer.faces(_decoded(path))
    return len(paths) / (time.perf_counter() - began_s)


def _decoded(path: Path, colours: int = cv2.IMREAD_COLOR) -> Pixels:
    return np.asarray(cv2.imdecode(np.fromfile(path, np.uint8), colours), np.uint8)


def _memory_mb() -> float:
    return float(psutil.Process().memory_info().rss) / 2**20


@contextmanager
def _most_memory_mb() -> Iterator[Callable[[], float]]:
    """Watches this process's memory; what is given tells the most of it that was seen."""
    most, is_over = [_memory_mb()], threading.Event()

    def watch() -> None:
        while not is_over.wait(_SAMPLE_S):
            most[0] = max(most[0], _memory_mb())

    watcher = threading.Thread(target=watch, name="bench-memory")
    watcher.start()
    try:
        yield lambda: most[0]
    finally:
        is_over.set()
        watcher.join()
