"""A Milvus server with an HNSW graph promises what every vector index does.

Without an interim index few faces are compared one by one, so that the promises of exactness hold.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from kiosk.gallery.milvus_index import MilvusIndex
from tests.contract.test_vector_index import *  # noqa: F403 - the same tests, over another `open_index`
from tests.contract.test_vector_index import CONTRACT, OpenIndex, embedding, face
from tests.peers.milvus import MilvusServer


@pytest.fixture(params=["milvus-server-graph"])
def open_index(milvus_server: MilvusServer) -> Iterator[OpenIndex]:
    """Opens this test's index; what is left open is closed, and the server is emptied."""
    opened: list[MilvusIndex] = []

    def opener(contract_id: str = CONTRACT) -> MilvusIndex:
        opened.append(MilvusIndex(milvus_server.url, contract_id, index_type="HNSW"))
        return opened[-1]

    yield opener
    for index in opened:
        index.close()
    for contract_id in {index.contract_id for index in opened}:
        emptied = MilvusIndex(milvus_server.url, contract_id)
        for event_id in ("wedding", "marathon"):
            emptied.drop(event_id)
        emptied.close()


def test_another_kind_of_index_is_built_over_the_faces_that_are_there(milvus_server: MilvusServer) -> None:
    exact = MilvusIndex(milvus_server.url, "recogniser-2", index_type="FLAT")
    faces = [face(number) for number in range(50)]
    exact.add("wedding", faces, [embedding(number, "recogniser-2") for number in range(50)])
    exact.close()

    graph = MilvusIndex(milvus_server.url, "recogniser-2", index_type="HNSW")
    found = graph.search("wedding", embedding(7, "recogniser-2"), min_similarity=0.5)
    held = graph.faces("wedding")
    graph.drop("wedding")
    graph.close()

    assert [hit.face for hit in found] == [face(7)]
    assert held == set(faces)


def test_a_collection_from_before_without_a_partition_key_goes_on(milvus_server: MilvusServer) -> None:
    from pymilvus import DataType, MilvusClient

    first = MilvusIndex(milvus_server.url, "recogniser-3")
    name = first.collection
    first.close()
    client = MilvusClient(uri=milvus_server.url)
    client.drop_collection(name)
    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field("face", DataType.VARCHAR, is_primary=True, max_length=128)
    schema.add_field("event_id", DataType.VARCHAR, max_length=64)
    schema.add_field("photo_id", DataType.VARCHAR, max_length=32)
    schema.add_field("ordinal", DataType.INT32)
    schema.add_field("vector", DataType.FLOAT_VECTOR, dim=512)
    params = client.prepare_index_params()
    params.add_index("vector", index_type="FLAT", metric_type="IP")
    client.create_collection(name, schema=schema, index_params=params, consistency_level="Strong")

    index = MilvusIndex(milvus_server.url, "recogniser-3")
    index.add("wedding", [face(1), face(2)], [embedding(1, "recogniser-3"), embedding(2, "recogniser-3")])
    index.add("wedding", [face(1)], [embedding(3, "recogniser-3")])
    found = index.search("wedding", embedding(3, "recogniser-3"), limit=1)
    count = index.count("wedding")
    index.close()
    client.drop_collection(name)
    client.close()

    assert [hit.face for hit in found] == [face(1)]
    assert count == 2
