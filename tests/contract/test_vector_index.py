"""What every vector index promises; the exact index defines it, the others are held against it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.at_rest.rotation import Rotation
from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.rotated_index import RotatedIndex
from kiosk.gallery.types import FaceKey, VectorIndex
from kiosk.vision.types import Embedding
from tests.peers.milvus import MilvusServer

CONTRACT = "recogniser-1/aligned-112/0011aabb"
ROTATION = Rotation(bytes(32))
OpenIndex = Callable[..., VectorIndex]


def face(photo: int, ordinal: int = 0) -> FaceKey:
    return FaceKey(f"{photo:032x}", ordinal)


def embedding(seed: int, contract_id: str = CONTRACT) -> Embedding:
    vector = np.random.default_rng(seed).standard_normal(512).astype(np.float32)
    return Embedding(vector / np.linalg.norm(vector), contract_id)


def near(of: Embedding, similarity: float, seed: int) -> Embedding:
    """An embedding at this cosine from another."""
    other = embedding(seed).vector
    aside = other - (other @ of.vector) * of.vector
    aside /= np.linalg.norm(aside)
    vector = similarity * of.vector + np.sqrt(1 - similarity**2) * aside
    return Embedding(vector.astype(np.float32), of.contract_id)


def open_exact(folder: Path, contract_id: str = CONTRACT) -> VectorIndex:
    return ExactIndex(folder / "exact", contract_id)


def open_rotated(folder: Path, contract_id: str = CONTRACT) -> VectorIndex:
    return RotatedIndex(ExactIndex(folder / "exact", f"{contract_id}+0011"), contract_id, lambda _: ROTATION)


def open_milvus(folder: Path, contract_id: str = CONTRACT) -> VectorIndex:
    from kiosk.gallery.milvus_index import MilvusIndex

    return MilvusIndex(str(folder / "faces.db"), contract_id)


def open_milvus_server(server: MilvusServer, contract_id: str = CONTRACT) -> VectorIndex:
    from kiosk.gallery.milvus_index import MilvusIndex

    return MilvusIndex(server.url, contract_id, index_type="FLAT")


@pytest.fixture(
    params=[
        pytest.param(open_exact, id="exact"),
        pytest.param(open_rotated, id="rotated"),
        pytest.param(open_milvus, id="milvus"),
        pytest.param(open_milvus_server, id="milvus-server", marks=pytest.mark.real_server),
    ]
)
def open_index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[OpenIndex]:
    """Opens this test's index; what is left open is closed, and the server is emptied."""
    is_server = request.param is open_milvus_server
    place = request.getfixturevalue("milvus_server") if is_server else tmp_path
    opened: list[VectorIndex] = []

    def opener(contract_id: str = CONTRACT) -> VectorIndex:
        opened.append(request.param(place, contract_id))
        return opened[-1]

    yield opener
    for index in opened:
        index.close()
    if is_server:  # row by row: a collection takes seconds to make again
        for contract_id in {index.contract_id for index in opened}:
            emptied = open_milvus_server(place, contract_id)
            for event_id in ("wedding", "marathon"):
                emptied.drop(event_id)
            emptied.close()


def test_finds_each_face_by_itself_with_similarity_one(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1), face(1, 1), face(2)], [embedding(1), embedding(2), embedding(3)])

    for key, seed in ((face(1), 1), (face(1, 1), 2), (face(2), 3)):
        best = index.search("wedding", embedding(seed), limit=1)
        assert [candidate.face for candidate in best] == [key]
        assert best[0].similarity == pytest.approx(1.0, abs=1e-3)


def test_search_is_exact_best_first_and_limited(open_index: OpenIndex) -> None:
    index = open_index()
    faces = [face(number) for number in range(300)]
    embeddings = [embedding(number) for number in range(300)]
    index.add("wedding", faces, embeddings)
    probe = embedding(1000)
    expected = sorted(
        ((probe.similarity(other), key) for key, other in zip(faces, embeddings, strict=True)), reverse=True
    )

    found = index.search("wedding", probe, limit=20)

    assert [candidate.face for candidate in found] == [key for _, key in expected[:20]]
    assert [candidate.similarity for candidate in found] == pytest.approx(
        [similarity for similarity, _ in expected[:20]], abs=1e-4
    )


def test_without_limit_every_face_from_the_least_similarity_on_is_found(open_index: OpenIndex) -> None:
    index = open_index()
    probe = embedding(1)
    index.add(
        "wedding",
        [face(number) for number in range(4)],
        [near(probe, 0.9, 2), near(probe, 0.5, 3), near(probe, 0.3, 4), near(probe, -0.7, 5)],
    )

    assert [hit.face for hit in index.search("wedding", probe, min_similarity=0.4)] == [face(0), face(1)]
    assert [hit.face for hit in index.search("wedding", probe)] == [face(0), face(1), face(2), face(3)]


def test_more_faces_than_a_page_of_any_server_are_all_found(open_index: OpenIndex) -> None:
    index = open_index()
    rows = np.random.default_rng(5).standard_normal((2500, 512)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    faces = [face(number) for number in range(len(rows))]
    index.add("wedding", faces, [Embedding(row, CONTRACT) for row in rows])

    assert {hit.face for hit in index.search("wedding", embedding(7))} == set(faces)
    assert index.faces("wedding") == set(faces)


def test_a_limit_above_the_number_of_faces_is_harmless(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1), face(2)], [embedding(1), embedding(2)])

    assert len(index.search("wedding", embedding(1), limit=2)) == 2
    assert len(index.search("wedding", embedding(1), limit=50)) == 2


def test_events_never_see_each_other_even_with_the_same_photo_id(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1)], [embedding(1)])
    index.add("marathon", [face(1)], [embedding(2)])

    assert index.search("wedding", embedding(2))[0].similarity < 0.5
    assert index.search("marathon", embedding(2))[0].similarity == pytest.approx(1.0, abs=1e-3)


def test_an_unknown_event_has_no_faces(open_index: OpenIndex) -> None:
    index = open_index()
    index.remove_photos("nowhere", [face(1).photo_id])
    index.drop("nowhere")

    assert index.search("nowhere", embedding(1)) == []
    assert index.faces("nowhere") == set()


def test_adding_a_face_again_replaces_it(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1), face(2)], [embedding(1), embedding(2)])
    index.add("wedding", [face(1)], [embedding(3)])

    assert index.faces("wedding") == {face(1), face(2)}
    found = index.search("wedding", embedding(3))
    assert [hit.face for hit in found] == [face(1), face(2)]
    assert index.search("wedding", embedding(1))[0].similarity < 0.5


def test_one_call_with_the_same_face_twice_keeps_the_later(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1), face(1)], [embedding(1), embedding(2)])

    assert [hit.similarity for hit in index.search("wedding", embedding(2))] == pytest.approx([1.0], abs=1e-3)


def test_adding_nothing_is_harmless(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [], [])

    assert index.faces("wedding") == set()


def test_removed_photos_are_never_found_again(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1), face(1, 1), face(2)], [embedding(1), embedding(2), embedding(3)])
    index.remove_photos("wedding", [face(1).photo_id, face(99).photo_id])

    assert index.faces("wedding") == {face(2)}
    assert [hit.face for hit in index.search("wedding", embedding(1))] == [face(2)]


def test_removal_in_one_event_leaves_the_other_alone(open_index: OpenIndex) -> None:
    index = open_index()
    for event in ("wedding", "marathon"):
        index.add(event, [face(1)], [embedding(1)])
    index.remove_photos("wedding", [face(1).photo_id])

    assert index.faces("wedding") == set()
    assert index.faces("marathon") == {face(1)}


def test_the_embeddings_of_held_faces_come_back_as_they_were_added(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1), face(1, 1), face(2)], [embedding(1), embedding(2), embedding(3)])
    index.add("marathon", [face(1)], [embedding(4)])

    held = index.embeddings("wedding", [face(1, 1), face(2), face(1, 1)])

    assert set(held) == {face(1, 1), face(2)}
    assert held[face(1, 1)].vector == pytest.approx(embedding(2).vector, abs=1e-6)
    assert held[face(2)].vector == pytest.approx(embedding(3).vector, abs=1e-6)
    assert {one.contract_id for one in held.values()} == {CONTRACT}
    assert held[face(2)].vector.dtype == np.float32


def test_the_embeddings_of_faces_that_it_does_not_hold_are_left_out(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1), face(2), face(3)], [embedding(1), embedding(2), embedding(3)])
    index.add("wedding", [face(3)], [embedding(5)])
    index.remove_photos("wedding", [face(1).photo_id])

    held = index.embeddings("wedding", [face(1), face(2), face(3), face(4)])

    assert set(held) == {face(2), face(3)}
    assert held[face(3)].vector == pytest.approx(embedding(5).vector, abs=1e-6)
    assert index.embeddings("wedding", []) == {}
    assert index.embeddings("nowhere", [face(2)]) == {}


def test_more_embeddings_than_a_page_of_any_server_all_come_back(open_index: OpenIndex) -> None:
    index = open_index()
    faces = [face(number) for number in range(1100)]
    embeddings = [embedding(number) for number in range(1100)]
    index.add("wedding", faces, embeddings)

    held = index.embeddings("wedding", faces)

    assert set(held) == set(faces)
    assert all(
        np.allclose(held[key].vector, one.vector, atol=1e-7)
        for key, one in zip(faces, embeddings, strict=True)
    )


def test_it_counts_the_faces_of_an_event(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1), face(1, 1), face(2)], [embedding(1), embedding(2), embedding(3)])
    index.add("wedding", [face(1)], [embedding(4)])
    index.add("marathon", [face(1)], [embedding(1)])

    assert index.count("wedding") == 3
    index.remove_photos("wedding", [face(1).photo_id])
    assert index.count("wedding") == 1
    assert index.count("nowhere") == 0


def test_a_dropped_event_is_empty_and_can_be_filled_again(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1)], [embedding(1)])
    index.add("marathon", [face(2)], [embedding(2)])
    index.drop("wedding")

    assert index.search("wedding", embedding(1)) == []
    assert index.faces("marathon") == {face(2)}
    index.add("wedding", [face(3)], [embedding(3)])
    assert index.faces("wedding") == {face(3)}


def test_everything_is_there_after_a_restart(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1), face(2, 65535)], [embedding(1), embedding(2)])
    index.add("wedding", [face(3)], [embedding(3)])
    index.remove_photos("wedding", [face(1).photo_id])
    index.close()

    index = open_index()

    assert index.faces("wedding") == {face(2, 65535), face(3)}
    assert index.search("wedding", embedding(3), limit=1)[0].face == face(3)


def test_closing_lets_go_so_that_it_can_be_opened_again_and_twice_is_harmless(open_index: OpenIndex) -> None:
    index = open_index()
    index.close()
    index.close()

    open_index().add("wedding", [face(1)], [embedding(1)])


def test_a_second_opening_of_a_local_index_is_refused(
    open_index: OpenIndex, request: pytest.FixtureRequest
) -> None:
    if "milvus-server" in request.node.callspec.id:
        pytest.skip("a server serves many")
    open_index()

    with pytest.raises(KnownError) as refused:
        open_index()

    assert refused.value.code is ErrorCode.INDEX_LOCKED


def test_embeddings_of_another_contract_are_refused(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1)], [embedding(1)])
    stranger = embedding(1, "another-recogniser")

    with pytest.raises(KnownError) as on_add:
        index.add("wedding", [face(2), face(3)], [embedding(2), stranger])
    with pytest.raises(KnownError) as on_search:
        index.search("wedding", stranger)

    assert on_add.value.code is on_search.value.code is ErrorCode.CONTRACT_MISMATCH
    assert index.faces("wedding") == {face(1)}


def test_faces_stored_under_another_contract_are_never_served(open_index: OpenIndex) -> None:
    index = open_index()
    index.add("wedding", [face(1)], [embedding(1)])
    index.close()

    index = open_index("another-recogniser")

    # An index may refuse the event until it is dropped, or keep each contract's faces apart.
    code = ErrorCode.CONTRACT_MISMATCH
    try:
        held = index.faces("wedding")
    except KnownError as error:
        held, code = set(), error.code
    assert held == set()
    assert code is ErrorCode.CONTRACT_MISMATCH
    index.drop("wedding")
    index.add("wedding", [face(2)], [embedding(2, "another-recogniser")])
    assert index.faces("wedding") == {face(2)}


def test_searching_while_adding_sees_whole_faces_only(open_index: OpenIndex) -> None:
    index = open_index()
    probe = embedding(0)
    index.add("wedding", [face(0)], [probe])
    failures: list[str] = []
    is_done = threading.Event()

    def search() -> None:
        while not is_done.is_set():
            found = index.search("wedding", probe, min_similarity=0.5)
            if [hit.face for hit in found] != [face(0)]:
                failures.append(str(found))

    searcher = threading.Thread(target=search)
    searcher.start()
    try:
        for batch in range(1, 40):
            keys = [face(batch * 100 + offset) for offset in range(20)]
            index.add("wedding", keys, [embedding(batch * 100 + offset) for offset in range(20)])
    finally:
        is_done.set()
        searcher.join(20)

    assert not failures
    assert len(index.faces("wedding")) == 1 + 39 * 20
