"""The index of a million faces: ten events of 100,000, beside the bare work and the indexes of others.

The crowd is made: each person's faces lie around a centre, near and less near, in directions of unequal
spread, so that strangers come as close to one another as those of a recogniser do. All events hold the same
crowd; the second to tenth are copies of the first one's file, so opening finds them in the system's cache.
Others hold one event, graphs a fifth of it.
"""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psutil

from kiosk.benchmarks.bare import median_ms
from kiosk.benchmarks.figure import Figure, Goal, PeerValue, percentile
from kiosk.benchmarks.peers.index_peers import CONTRACT, EVENT, PEERS, IndexPeer, PortPeer, Rows, key_of
from kiosk.gallery.calibration import KIN_RATE
from kiosk.gallery.calibration_file import shipped_calibration
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.expansion import REACH
from kiosk.paths import models_folder
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, FloatArray

_FACES_OF_A_PERSON = 8
_PROBES = 100
_PHOTOS_A_SECOND = 30
_SPREAD = 0.3
_CHECKED_BYTES = 564
"""Of a face, when its file is opened: all but the vector."""
_OWN = "kiosk"
_SEED = 11


@dataclass(frozen=True, slots=True, eq=False)
class _Crowd:
    """Faces and probes of the same people, with the true hits of each probe: the faces from `least` on."""

    faces: FloatArray
    probes: FloatArray
    hits: tuple[frozenset[int], ...]
    least: float

    def first(self, faces: int | None) -> _Crowd:
        """The crowd with no more than so many faces."""
        if faces is None or faces >= len(self.faces):
            return self
        within = tuple(frozenset(row for row in hits if row < faces) for hits in self.hits)
        return _Crowd(self.faces[:faces], self.probes, within, self.least)


@dataclass(frozen=True, slots=True)
class _Run:
    """One index on one event: times in milliseconds, `insert` in faces a second, memory in megabytes."""

    insert: float
    open_ms: float
    p50_ms: float
    p95_ms: float
    equal: float
    memory_mb: float


def measure_index(events: int = 10, faces: int = 100_000) -> list[Figure]:
    """The kiosk's index with all events, then each peer with one. Takes two to three minutes."""
    crowd = _crowd(faces)
    with TemporaryDirectory(prefix="kiosk-index-") as name:
        home = Path(name)
        own = _run(PortPeer(_OWN, _own_index), _folder(home, _OWN), crowd)
        others = {peer: _run_or_reason(peer, home, crowd) for peer in PEERS}
        for number in range(1, events):
            shutil.copytree(home / _OWN / EVENT, home / _OWN / f"{EVENT}{number}")
        return [
            *_figures_of_all(home / _OWN, events, crowd, others),
            *_figures_of_one(own, others, crowd, home),
        ]


def _figures_of_all(folder: Path, events: int, crowd: _Crowd, others: dict[str, _Run | str]) -> list[Figure]:
    """Opening every event, and searching them in turn."""
    index = _own_index(folder)
    names = [EVENT, *(f"{EVENT}{number}" for number in range(1, events))]
    open_ms = _ms(lambda: [index.count(name) for name in names])
    probes = [Embedding(probe, CONTRACT) for probe in crowd.probes]
    search = partial(index.search, min_similarity=crowd.least)
    turns = [(names[turn % events], probe) for turn, probe in enumerate(probes * 3)]
    took = [_ms(partial(search, name, probe)) for name, probe in turns]
    bare = [_ms(partial(np.matmul, crowd.faces, probe)) for probe in crowd.probes]
    adding = _while_adding(index, probes, crowd.least)
    index.close()
    product = f"matrix product, {len(crowd.faces)} x {EMBEDDING_SIZE} float32"
    return [
        *(
            Figure(
                f"index.search_p{percent}",
                percentile(took, percent),
                "ms",
                percentile(bare, percent),
                product,
                goal,
                peers=_peers(others, f"p{percent}_ms"),
            )
            for percent, goal in ((95, Goal(at_most=15)), (50, None))
        ),
        Figure("index.search_while_adding_p95", percentile(adding, 95), "ms", percentile(bare, 95), product),
        Figure(
            "index.open",
            open_ms,
            "ms",
            events * _read_ms(len(crowd.faces)),
            f"the {events * len(crowd.faces) * _CHECKED_BYTES // 10**6} MB that are checked, added up",
            Goal(at_most=1000),
        ),
    ]


def _figures_of_one(own: _Run, others: dict[str, _Run | str], crowd: _Crowd, home: Path) -> list[Figure]:
    """What is compared with one event each."""
    written = _bare_write_rate(home / "bare", crowd.faces)
    held_mb = crowd.faces.nbytes / 1e6
    unmapped = "the vectors; mapped files, which the kiosk's are, are counted nowhere"
    return [
        Figure(
            "index.equal_results",
            own.equal,
            "of 1",
            goal=Goal(at_least=0.999),
            peers=_peers(others, "equal"),
            more_is_better=True,
        ),
        Figure("index.open_event", own.open_ms, "ms", peers=_peers(others, "open_ms")),
        Figure("index.memory", own.memory_mb, "MB", held_mb, unmapped, peers=_peers(others, "memory_mb")),
        Figure(
            "index.insert",
            own.insert,
            "faces/s",
            written,
            "vectors to the disk, a thousand at a time",
            peers=_peers(others, "insert"),
            more_is_better=True,
        ),
    ]


def _peers(others: dict[str, _Run | str], what: str) -> tuple[PeerValue, ...]:
    return tuple(
        PeerValue(name, None, run) if isinstance(run, str) else PeerValue(name, getattr(run, what))
        for name, run in others.items()
    )


def _run_or_reason(name: str, home: Path, crowd: _Crowd) -> _Run | str:
    try:
        peer = PEERS[name]()
    except ImportError as missing:
        return f"{missing.name or name} is not installed"
    return _run(peer, _folder(home, name), crowd.first(peer.most_faces))


def _run(peer: IndexPeer, folder: Path, crowd: _Crowd) -> _Run:
    fill_ms = _ms(lambda: peer.fill(folder, crowd.faces))
    before_mb = _own_memory_mb()
    open_ms = _ms(lambda: peer.open(folder))
    found: list[Rows] = []
    took: list[float] = []
    for probe in crowd.probes:
        began_s = time.perf_counter()
        found.append(peer.search(probe, crowd.least))
        took.append((time.perf_counter() - began_s) * 1000)
    memory_mb = max(0.0, _own_memory_mb() - before_mb)
    peer.close()
    pairs = [(set(rows.tolist()), hits) for rows, hits in zip(found, crowd.hits, strict=True)]
    equal = sum(len(rows & hits) for rows, hits in pairs) / sum(len(rows | hits) for rows, hits in pairs)
    rate = len(crowd.faces) / fill_ms * 1000
    return _Run(rate, open_ms, percentile(took, 50), percentile(took, 95), equal, memory_mb)


def _while_adding(index: ExactIndex, probes: list[Embedding], least: float) -> list[float]:
    """Milliseconds of searches while another thread adds photos of three faces, far more than import does."""
    is_done = threading.Event()

    def add_until_done() -> None:
        photo = 1 << 64
        while not is_done.wait(1 / _PHOTOS_A_SECOND):
            keys = [key_of(photo + face) for face in range(3)]
            index.add(EVENT, keys, [probes[photo % len(probes)]] * 3)
            photo += 3

    with ThreadPoolExecutor(1, "kiosk-adding") as adder:
        adding = adder.submit(add_until_done)
        try:
            took = [_ms(partial(index.search, EVENT, probe, min_similarity=least)) for probe in probes]
        finally:
            is_done.set()
        adding.result()  # a figure without adding would be another one
    return took


def _crowd(faces: int) -> _Crowd:
    rng = np.random.default_rng(_SEED)
    spread = ((1 + np.arange(EMBEDDING_SIZE)) ** -_SPREAD).astype(np.float32)
    turned = (
        np.linalg.qr(rng.standard_normal((EMBEDDING_SIZE, EMBEDDING_SIZE), np.float32))[0] * spread[:, None]
    )
    people = max(1, faces // _FACES_OF_A_PERSON)

    def directions(count: int) -> FloatArray:
        rows = rng.standard_normal((count, EMBEDDING_SIZE), np.float32) @ turned
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    def near(people_seen: FloatArray, aside: float) -> FloatArray:
        rows = people_seen + rng.uniform(0.4, aside, (len(people_seen), 1)).astype(np.float32) * directions(
            len(people_seen)
        )
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows

    centres = directions(people)
    held = near(centres[rng.integers(0, people, faces)], 1.3)
    probes = near(centres[rng.integers(0, people, _PROBES)], 0.8)
    least = _least()
    return _Crowd(held, probes, tuple(_true_hits(held, probe, least) for probe in probes), least)


def _least() -> float:
    """From which similarity on a visitor's search asks for faces, calibrated as shipped: in an event of
    100,000 those are hundreds of strangers', among which kin are looked for."""
    curve = shipped_calibration(models_folder(), CONTRACT).curve
    return curve.similarity_at(KIN_RATE) - REACH


def _true_hits(faces: FloatArray, probe: FloatArray, least: float) -> frozenset[int]:
    """Every face compared, as `ExactIndex` defines it."""
    hits: set[int] = set()
    for start in range(0, len(faces), 10_000):
        cosines = faces[start : start + 10_000].astype(np.float64) @ probe.astype(np.float64)
        hits.update((start + np.flatnonzero(cosines.astype(np.float32) >= np.float32(least))).tolist())
    return frozenset(hits)


def _read_ms(faces: int) -> float:
    """For as many bytes as are checked of so many faces, read once from memory and added up."""
    checked = np.ones(_CHECKED_BYTES * faces // 8, np.uint64)
    return median_ms(lambda: checked.sum())


def _bare_write_rate(path: Path, vectors: FloatArray) -> float:
    """Faces a second that a file takes in, a thousand at a time, each brought to the disk."""

    def write() -> None:
        with path.open("wb", buffering=0) as file:
            for start in range(0, len(vectors), 1000):
                file.write(vectors[start : start + 1000].tobytes())
                os.fsync(file.fileno())

    return len(vectors) / _ms(write) * 1000


def _own_index(folder: Path) -> ExactIndex:
    return ExactIndex(folder, CONTRACT)


def _folder(home: Path, name: str) -> Path:
    folder = home / name
    folder.mkdir()
    return folder


def _own_memory_mb() -> float:
    """What the process holds besides mapped files, which the system takes back when it needs room."""
    memory = psutil.Process().memory_info()
    return float(memory.rss - getattr(memory, "shared", 0)) / 1e6


def _ms(work: Callable[[], object]) -> float:
    began_s = time.perf_counter()
    work()
    return (time.perf_counter() - began_s) * 1000
