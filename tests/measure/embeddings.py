"""Embeddings for a kiosk straight from Milvus in pages, or through the centre's API: which is quicker."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import numpy as np

from kiosk.benchmarks.figure import Figure, PeerValue
from kiosk.gallery.milvus_index import MilvusIndex
from kiosk.gallery.types import FaceKey
from kiosk.sync.client import CentralClient
from kiosk.sync.login import Credentials
from kiosk.sync.pull import CHANGES_PATH, LARGEST_PAGE, PAGE_LIMIT, read_page
from kiosk.sync.records import Kind
from kiosk.sync.wire import PAGE_TYPE, PROTOCOL
from kiosk.vision.types import EMBEDDING_SIZE, Embedding
from tests.measure.made_event import CONTRACT, make_event, photo_id_of, unit_vectors
from tests.measure.own_process import in_own_process
from tests.peers.centre import CentreProcess
from tests.peers.milvus import MilvusServer
from tests.peers.network import NetworkNamespace
from tests.peers.postgres import PostgresServer
from tests.peers.processes import PeerMissingError

EVENT = "measured"
_MILVUS_PAGE = 1000
_FACES_A_PHOTO = 2
_AT_ONCE = 5000


def measure_embeddings(faces: int = 40_000) -> list[Figure]:
    """Faces a second until their vectors are arrays, each way in a process of its own, in turn."""
    with TemporaryDirectory(prefix="measure-embeddings-") as name, ExitStack() as stack:
        folder = Path(name)
        through_api = _through_api(folder, stack, faces)
        try:
            straight = PeerValue("straight from Milvus, pages of 1000", _straight(folder, stack, faces))
        except PeerMissingError as missing:
            straight = PeerValue("straight from Milvus, pages of 1000", None, str(missing))
    return [Figure("embeddings.through_api", through_api, "faces/s", peers=(straight,), more_is_better=True)]


def _through_api(folder: Path, stack: ExitStack, faces: int) -> float:
    try:
        url = stack.enter_context(PostgresServer()).new_database("embeddings")
    except PeerMissingError:
        url = ""
    with CentreProcess(folder / "centre", url) as centre:
        device_id = uuid4().hex
        tenant_id = centre.add_tenant("measured")
        key = centre.enrol_devices(tenant_id, {device_id: "K1"})[device_id]
        with centre.database() as database:
            make_event(database, tenant_id, EVENT, faces // _FACES_A_PHOTO, faces)
        took_s: float = in_own_process(take_from_api, centre.url, device_id, key, faces)
    return faces / took_s


def take_from_api(url: str, device_id: str, key: str, faces: int) -> float:
    """Seconds; in a process of its own."""
    client = CentralClient(url, Credentials(device_id, key))
    client.get_json("/api/system/version")
    began_s = time.perf_counter()
    taken = 0
    cursor, has_more = 0, True
    while has_more:
        asked = {"cursor": cursor, "limit": PAGE_LIMIT, "protocol": PROTOCOL}
        page = read_page(client.get_bytes(CHANGES_PATH, asked, LARGEST_PAGE, PAGE_TYPE))
        cursor, has_more = page.cursor, page.has_more
        found = [
            face["embedding"]
            for change in page.changes
            if change.kind == Kind.PHOTO and change.record
            for face in change.record["faces"]
        ]
        taken += len(np.frombuffer(b"".join(found), dtype="<f4").reshape(-1, EMBEDDING_SIZE))
    took_s = time.perf_counter() - began_s
    client.close()
    if taken != faces:
        raise RuntimeError(f"{taken} of {faces} faces came")
    return took_s


def _straight(folder: Path, stack: ExitStack, faces: int) -> float:
    network = stack.enter_context(NetworkNamespace())
    (folder / "milvus").mkdir()
    server = stack.enter_context(MilvusServer(folder / "milvus", network))
    index = MilvusIndex(server.url, CONTRACT)
    vectors = unit_vectors(faces, np.random.default_rng(1))
    for first in range(0, faces, _AT_ONCE):
        part = range(first, min(first + _AT_ONCE, faces))
        keys = [
            FaceKey(photo_id_of(EVENT, place // _FACES_A_PHOTO), place % _FACES_A_PHOTO) for place in part
        ]
        index.add(EVENT, keys, [Embedding(vectors[place], CONTRACT) for place in part])
    index.close()
    took_s: float = in_own_process(take_from_milvus, server.url, faces)
    return faces / took_s


def take_from_milvus(url: str, faces: int) -> float:
    """Seconds; in a process of its own."""
    from pymilvus import MilvusClient

    client = MilvusClient(uri=url)
    [collection] = client.list_collections()
    client.query(collection, filter=f'event_id == "{EVENT}"', output_fields=["count(*)"])
    began_s = time.perf_counter()
    rows = client.query_iterator(
        collection,
        batch_size=_MILVUS_PAGE,
        filter=f'event_id == "{EVENT}"',
        output_fields=["photo_id", "ordinal", "vector"],
        consistency_level="Strong",
    )
    taken = 0
    while batch := rows.next():
        taken += len(np.asarray([row["vector"] for row in batch], dtype=np.float32))
    rows.close()
    took_s = time.perf_counter() - began_s
    client.close()
    if taken != faces:
        raise RuntimeError(f"{taken} of {faces} faces came")
    return took_s
