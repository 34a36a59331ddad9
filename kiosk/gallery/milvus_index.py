"""Faces in Milvus: a Milvus Lite file beside the kiosk, or a server or cluster by its address."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.checks import (
    check_contract,
    checked_event_id,
    checked_photo_id,
    locked_for_one_process,
    newest_of_each,
)
from kiosk.gallery.types import Candidate, FaceKey
from kiosk.vision.types import EMBEDDING_SIZE, Embedding, FloatArray

_CONNECT_TIMEOUT_S = 5.0
_CALL_TIMEOUT_S = 20.0
_ROWS_A_CALL = 1000
_HITS_A_CALL = 16384
"""Milvus answers at most so many rows at once."""
_FIRST_HITS = 256
"""Asked for first: Milvus takes long over what it might answer, and a visitor is in fewer photos."""
_RADIUS_SLACK = 1e-5
"""Milvus leaves out what is exactly at the radius, and sums in another order than NumPy."""
_STRONG = "Strong"
_PARTITIONS = 64
_EXACT: dict[str, object] = {"index_type": "FLAT", "metric_type": "IP", "params": {}}
_GRAPH: dict[str, object] = {
    "index_type": "HNSW",
    "metric_type": "IP",
    "params": {"M": 16, "efConstruction": 200},
}
_INDEXES = {"FLAT": _EXACT, "HNSW": _GRAPH}
_LEAST_EF = 512
"""How far HNSW looks around: of 100,000 faces it finds every one that 512 can see from the probe on, of those
similar enough to count; with 256 it misses one in 400."""


class MilvusIndex:
    """Searches by the inner product of unit vectors, in one collection for each embedding contract.

    The collection's name carries the contract, so faces of other weights are never met. Its fields:

    | field | type | |
    |---|---|---|
    | `face` | VARCHAR(128), primary key | `{event_id}/{photo_id}/{ordinal}` |
    | `event_id` | VARCHAR(64), partition key | a search reads one of 64 partitions |
    | `photo_id`, `ordinal` | VARCHAR(32), INT32 | |
    | `vector` | FLOAT_VECTOR(512), `FLAT` or `HNSW`, `IP` | |

    An event belongs to one tenant, so what keeps events apart keeps tenants apart. FLAT compares with every
    face of the partition and is exact: 107 ms a search (p95 168) in an event of 100,000, of which 50 ms are
    the wait for what was written last. HNSW (`M` 16, `efConstruction` 200, `ef` 512) takes 86 ms (p95 133)
    and finds the same once Milvus has built its graph, which takes two minutes; faces that came in since are
    looked up in an interim index that misses one in five, unless the server's setting
    `queryNode.segcore.interimIndex.enableIndex` is false. So FLAT it is, up to several hundred thousand faces
    in a partition. (Milvus 2.3.5, two cores shared with others.)

    A Milvus Lite file, and a collection on a server that is there from before, has no partition key and does
    without. Reads are strongly consistent: what `add` wrote, the next `search` sees. Thread-safe. A Milvus
    Lite file belongs to one process at a time (INDEX_LOCKED); a server to any number.

    Raises KnownError: INDEX_UNREACHABLE, INDEX_LOCKED, INDEX_DAMAGED (a Lite file that does not open).
    """

    def __init__(self, uri: str, contract_id: str, token: str = "", index_type: str | None = None) -> None:
        """`uri` is a path that ends in `.db`, or `http://host:port`; `token` is "user:password" or a key.

        `index_type` is "FLAT" or "HNSW": an index of the other type is built anew from the vectors, which
        stay. None takes what is there, FLAT where there is nothing; so does a Milvus Lite file always.
        """
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # its errors are told as KnownError
        self._contract_id = contract_id
        self._collection = _collection_of(contract_id)
        self._lite_path = "" if "://" in uri else str(Path(uri).resolve())
        self._lock = locked_for_one_process(Path(f"{self._lite_path}.lock")) if self._lite_path else None
        self._guard = threading.Lock()
        self._client: Any = None
        self._is_partitioned = False
        self._is_exact = True
        try:
            self._client = _connect(self._lite_path or uri, token)
            with _known():
                self._prepare_collection(None if self._lite_path else index_type)
        except BaseException:
            self.close()
            raise

    @property
    def collection(self) -> str:
        """The collection's name."""
        return self._collection

    @property
    def contract_id(self) -> str:
        return self._contract_id

    def add(self, event_id: str, faces: Sequence[FaceKey], embeddings: Sequence[Embedding]) -> None:
        checked_event_id(event_id)
        newest, vectors = newest_of_each(self._contract_id, faces, embeddings)
        rows = [_row(event_id, face, vector) for face, vector in zip(newest, vectors, strict=True)]
        with _known():
            for start in range(0, len(rows), _ROWS_A_CALL):
                part = rows[start : start + _ROWS_A_CALL]
                if self._is_partitioned:
                    # Milvus 2.3 puts what is upserted into the partition of its primary key, where no search
                    # of the event looks.
                    known = [row["face"] for row in part]
                    self._client.delete(self._collection, ids=known, timeout=_CALL_TIMEOUT_S)
                    self._client.insert(self._collection, part, timeout=_CALL_TIMEOUT_S)
                else:
                    self._client.upsert(self._collection, part, timeout=_CALL_TIMEOUT_S)

    def remove_photos(self, event_id: str, photo_ids: Sequence[str]) -> None:
        in_event = _in_event(event_id)
        with _known():
            for start in range(0, len(photo_ids), _ROWS_A_CALL):
                part = [checked_photo_id(photo_id) for photo_id in photo_ids[start : start + _ROWS_A_CALL]]
                named = ", ".join(f'"{photo_id}"' for photo_id in part)
                self._delete(f"{in_event} and photo_id in [{named}]")

    def search(
        self, event_id: str, probe: Embedding, *, min_similarity: float = -1.0, limit: int | None = None
    ) -> list[Candidate]:
        check_contract(self._contract_id, probe)
        in_event = _in_event(event_id)
        found: dict[FaceKey, float] = {}
        highest = None
        most = _FIRST_HITS
        while limit is None or len(found) < limit:
            page = self._nearest(in_event, probe, min_similarity, highest, most)
            known = len(found)
            found.update(page)
            if len(page) < most or (len(found) == known and most == _HITS_A_CALL):
                break
            highest = min(page.values())
            most = min(8 * most, _HITS_A_CALL)
        hits = [Candidate(face, cosine) for face, cosine in found.items() if cosine >= min_similarity]
        return sorted(hits, key=lambda hit: (-hit.similarity, hit.face))[:limit]

    def faces(self, event_id: str) -> set[FaceKey]:
        with _known():
            rows = self._client.query_iterator(
                self._collection,
                batch_size=_HITS_A_CALL,
                filter=_in_event(event_id),
                output_fields=["photo_id", "ordinal"],
                consistency_level=_STRONG,
            )
            held: set[FaceKey] = set()
            while batch := rows.next():
                held.update(FaceKey(row["photo_id"], row["ordinal"]) for row in batch)
            rows.close()
        return held

    def count(self, event_id: str) -> int:
        with _known():
            answer = self._client.query(
                self._collection,
                filter=_in_event(event_id),
                output_fields=["count(*)"],
                consistency_level=_STRONG,
                timeout=_CALL_TIMEOUT_S,
            )
        return int(answer[0]["count(*)"])

    def embeddings(self, event_id: str, faces: Sequence[FaceKey]) -> dict[FaceKey, Embedding]:
        checked_event_id(event_id)
        wanted = {_primary_key(event_id, face): face for face in faces}
        names = list(wanted)
        found: dict[FaceKey, Embedding] = {}
        with _known():
            for start in range(0, len(names), _ROWS_A_CALL):
                rows = self._client.query(
                    self._collection,
                    ids=names[start : start + _ROWS_A_CALL],
                    output_fields=["vector"],
                    consistency_level=_STRONG,
                    timeout=_CALL_TIMEOUT_S,
                )
                for row in rows:
                    vector = np.asarray(row["vector"], np.float32)
                    found[wanted[row["face"]]] = Embedding(vector, self._contract_id)
        return found

    def drop(self, event_id: str) -> None:
        with _known():
            self._delete(_in_event(event_id))

    def empty_for_good(self) -> bool:
        """As `LeavesTraces` says. A Lite file keeps what was deleted in its segments, and compacts none."""
        if not self._lite_path:
            return False
        with _known():
            self._client.drop_collection(self._collection)
            self._prepare_collection(None)
        return True

    def drop_contracts(self, contract_ids: Sequence[str]) -> None:
        """Forgets all that is held of other contracts."""
        with _known():
            for name in {_collection_of(one) for one in contract_ids} - {self._collection}:
                if self._client.has_collection(name):
                    self._client.drop_collection(name)

    def close(self) -> None:
        with self._guard:
            client, self._client = self._client, None
            if client is not None:
                client.close()
                if self._lite_path:
                    _let_go_of_lite(self._lite_path)
            if self._lock is not None:
                self._lock.release()

    def _prepare_collection(self, index_type: str | None) -> None:
        if not self._client.has_collection(self._collection):
            self._make_collection(_INDEXES[index_type or "FLAT"])
        fields = self._client.describe_collection(self._collection)["fields"]
        self._is_partitioned = any(field.get("is_partition_key") for field in fields)
        name = self._client.list_indexes(self._collection)[0]
        built = self._client.describe_index(self._collection, name)["index_type"]
        if index_type not in (None, built):
            self._build_again(name, _INDEXES[str(index_type)])
            built = index_type
        self._is_exact = built == "FLAT"
        self._client.load_collection(self._collection)  # after a restart nothing is loaded

    def _make_collection(self, kind: dict[str, object]) -> None:
        from pymilvus import DataType

        is_partitioned = not self._lite_path
        schema = self._client.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("face", DataType.VARCHAR, is_primary=True, max_length=128)
        schema.add_field("event_id", DataType.VARCHAR, max_length=64, is_partition_key=is_partitioned)
        schema.add_field("photo_id", DataType.VARCHAR, max_length=32)
        schema.add_field("ordinal", DataType.INT32)
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=EMBEDDING_SIZE)
        parts = {"num_partitions": _PARTITIONS} if is_partitioned else {}
        self._client.create_collection(
            self._collection,
            schema=schema,
            index_params=self._index_of(kind),
            consistency_level=_STRONG,
            **parts,
        )

    def _build_again(self, name: str, kind: dict[str, object]) -> None:
        """Another index over the same vectors; nothing is searched meanwhile."""
        self._client.release_collection(self._collection)
        self._client.drop_index(self._collection, name)
        self._client.create_index(self._collection, self._index_of(kind))

    def _index_of(self, kind: dict[str, object]) -> Any:
        params = self._client.prepare_index_params()
        params.add_index("vector", **kind)
        return params

    def _nearest(
        self, in_event: str, probe: Embedding, lowest: float, highest: float | None, most: int
    ) -> dict[FaceKey, float]:
        """The best faces within the similarities asked for, at most so many."""
        bounds: dict[str, float] = {"radius": max(lowest, -1.0) - _RADIUS_SLACK}
        if highest is not None:
            bounds["range_filter"] = highest + _RADIUS_SLACK
        if not self._is_exact:
            bounds["ef"] = max(_LEAST_EF, most)
        with _known():
            answers = self._client.search(
                self._collection,
                data=[probe.vector],
                anns_field="vector",
                filter=in_event,
                limit=most,
                search_params={"metric_type": "IP", "params": bounds},
                output_fields=["photo_id", "ordinal"],
                consistency_level=_STRONG,
                timeout=_CALL_TIMEOUT_S,
            )
        return {
            FaceKey(hit["entity"]["photo_id"], hit["entity"]["ordinal"]): min(
                1.0, max(-1.0, float(hit["distance"]))
            )
            for hit in answers[0]
        }

    def _delete(self, which: str) -> None:
        self._client.delete(self._collection, filter=which, timeout=_CALL_TIMEOUT_S)


def _collection_of(contract_id: str) -> str:
    return f"faces_{hashlib.sha256(contract_id.encode()).hexdigest()[:16]}"


def _row(event_id: str, face: FaceKey, vector: FloatArray) -> dict[str, object]:
    return {
        "face": _primary_key(event_id, face),
        "event_id": event_id,
        "photo_id": face.photo_id,
        "ordinal": face.ordinal,
        "vector": vector,
    }


def _primary_key(event_id: str, face: FaceKey) -> str:
    return f"{event_id}/{checked_photo_id(face.photo_id)}/{face.ordinal}"


def _in_event(event_id: str) -> str:
    return f'event_id == "{checked_event_id(event_id)}"'


def _connect(uri: str, token: str) -> Any:
    if "://" not in uri and find_spec("milvus_lite") is None:
        raise KnownError(
            ErrorCode.INDEX_UNREACHABLE,
            "Milvus in a file is not part of this program.",
            'Set gallery.index to "exact", or gallery.milvus_uri to the address of a server.',
        )
    from pymilvus import MilvusClient
    from pymilvus.exceptions import MilvusException

    try:
        return MilvusClient(uri=uri, token=token, timeout=_CONNECT_TIMEOUT_S)
    except MilvusException as error:
        if "://" in uri:
            raise _unreachable(error) from error
        if type(error.__cause__ or error.__context__).__name__ == "DataDirLockedError":
            raise KnownError(
                ErrorCode.INDEX_LOCKED, "Another process holds the face index.", "Close the other kiosk."
            ) from error
        raise KnownError(
            ErrorCode.INDEX_DAMAGED,
            "The Milvus Lite file does not open.",
            "Move it away: it is rebuilt from the database.",
        ) from error


@contextmanager
def _known() -> Iterator[None]:
    from grpc import RpcError
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except (MilvusException, RpcError, OSError) as error:  # a time-out comes as gRPC's own
        raise _unreachable(error) from error


def _unreachable(error: Exception) -> KnownError:
    return KnownError(
        ErrorCode.INDEX_UNREACHABLE,
        f"Milvus does not answer as it should ({type(error).__name__}).",
        "Check the address, the network and the server.",
    )


def _let_go_of_lite(path: str) -> None:
    """Closing the client leaves the file locked; only this frees it."""
    from milvus_lite.server_manager import server_manager_instance

    server_manager_instance.release_server(path)
