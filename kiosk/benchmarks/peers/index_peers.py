"""Vector indexes of others, as their documentation uses them, holding one event of the benchmark's crowd."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from kiosk.gallery.types import FaceKey, VectorIndex
from kiosk.vision.types import Embedding, FloatArray

Rows = NDArray[np.int64]
CONTRACT = "benchmark"
EVENT = "event"
_BATCH = 1000
_NEAREST = 512
"""So many hits a graph is asked for: hardly a probe of the crowd has more among `GRAPH_FACES`."""
_GRAPH_LINKS, _BUILD_EFFORT, _GRAPH_EFFORT = 16, 40, 512
"""The effort of building is faiss's own choice."""
GRAPH_FACES = 20_000
"""So many faces the graphs hold: building one of an event takes minutes."""


class IndexPeer(Protocol):
    """An index that is filled once, closed, opened from its files and searched."""

    name: str
    most_faces: int | None
    """It is to hold no more of an event's faces than so many."""

    def fill(self, folder: Path, vectors: FloatArray) -> None:
        """Takes in n x 512 unit vectors and writes them to files in `folder`."""
        ...

    def open(self, folder: Path) -> None:
        """Opens what `fill` wrote, ready to search."""
        ...

    def search(self, probe: FloatArray, least: float) -> Rows:
        """The rows of the vectors with at least this cosine."""
        ...

    def close(self) -> None: ...


class PortPeer:
    """Any index behind the kiosk's port: the kiosk's own, and Milvus Lite."""

    most_faces: int | None = None

    def __init__(self, name: str, open_index: Callable[[Path], VectorIndex]) -> None:
        self.name = name
        self._open_index = open_index
        self._index: VectorIndex | None = None

    def fill(self, folder: Path, vectors: FloatArray) -> None:
        index = self._open_index(folder)
        for start in range(0, len(vectors), _BATCH):
            part = vectors[start : start + _BATCH]
            keys = [key_of(row) for row in range(start, start + len(part))]
            index.add(EVENT, keys, [Embedding(vector, CONTRACT) for vector in part])
        index.close()

    def open(self, folder: Path) -> None:
        self._index = self._open_index(folder)
        self._index.count(EVENT)

    def search(self, probe: FloatArray, least: float) -> Rows:
        assert self._index is not None  # noqa: S101 - opened before
        hits = self._index.search(EVENT, Embedding(probe, CONTRACT), min_similarity=least)
        return np.array([int(hit.face.photo_id, 16) for hit in hits], np.int64)

    def close(self) -> None:
        if self._index is not None:
            self._index.close()
            self._index = None


class FaissPeer:
    """faiss, exact (`Flat`) or as a graph (`HNSW`), with one thread to search."""

    def __init__(self, kind: str) -> None:
        import faiss

        self.name = f"faiss {kind}"
        self._is_graph = kind == "HNSW"
        self.most_faces = GRAPH_FACES if self._is_graph else None
        self._faiss: Any = faiss
        self._index: Any = None

    def fill(self, folder: Path, vectors: FloatArray) -> None:
        faiss, size = self._faiss, vectors.shape[1]
        if self._is_graph:
            index = faiss.IndexHNSWFlat(size, _GRAPH_LINKS, faiss.METRIC_INNER_PRODUCT)
            index.hnsw.efConstruction = _BUILD_EFFORT
        else:
            index = faiss.IndexFlatIP(size)
        index.add(vectors)
        faiss.write_index(index, str(folder / "faces.faiss"))

    def open(self, folder: Path) -> None:
        self._index = self._faiss.read_index(str(folder / "faces.faiss"))
        self._faiss.omp_set_num_threads(1)
        if self._is_graph:
            self._index.hnsw.efSearch = _GRAPH_EFFORT

    def search(self, probe: FloatArray, least: float) -> Rows:
        if not self._is_graph:
            _, _, rows = self._index.range_search(probe[None], least)
            return np.asarray(rows, np.int64)
        cosines, rows = self._index.search(probe[None], _NEAREST)
        return np.asarray(rows[0][cosines[0] >= least], np.int64)

    def close(self) -> None:
        self._index = None


class UsearchPeer:
    """usearch as a graph of float32 vectors."""

    name = "usearch HNSW"
    most_faces: int | None = GRAPH_FACES

    def __init__(self) -> None:
        from usearch.index import Index

        self._new: Any = lambda: Index(
            ndim=512,
            metric="ip",
            dtype="f32",
            connectivity=_GRAPH_LINKS,
            expansion_add=_BUILD_EFFORT,
            expansion_search=_GRAPH_EFFORT,
        )
        self._index: Any = None

    def fill(self, folder: Path, vectors: FloatArray) -> None:
        index = self._new()
        index.add(np.arange(len(vectors)), vectors)
        index.save(str(folder / "faces.usearch"))

    def open(self, folder: Path) -> None:
        self._index = self._new()
        self._index.load(str(folder / "faces.usearch"))

    def search(self, probe: FloatArray, least: float) -> Rows:
        matches = self._index.search(probe, _NEAREST)
        return np.asarray(matches.keys[1 - matches.distances >= least], np.int64)

    def close(self) -> None:
        self._index = None


def key_of(row: int) -> FaceKey:
    """The key of a row of the crowd; `PortPeer` reads the row back from it."""
    return FaceKey(f"{row:032x}", 0)


def milvus_lite(folder: Path) -> VectorIndex:
    """The kiosk's own way to Milvus, on a Lite file."""
    from kiosk.gallery.milvus_index import MilvusIndex

    return MilvusIndex(str(folder / "faces.db"), CONTRACT)


PEERS: dict[str, Callable[[], IndexPeer]] = {
    "faiss Flat": lambda: FaissPeer("Flat"),
    f"faiss HNSW of {GRAPH_FACES} faces": lambda: FaissPeer("HNSW"),
    f"usearch HNSW of {GRAPH_FACES} faces": UsearchPeer,
    "Milvus Lite": lambda: PortPeer("Milvus Lite", milvus_lite),
}
"""By name, each made (or failing with ImportError) when it is its turn."""
