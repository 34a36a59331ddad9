"""What an index does when the world breaks it: it says so, and the rebuild brings everything back."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import ErrorCode, KnownError
from kiosk.gallery.blocks import BLOCK, BLOCK_FACES
from kiosk.gallery.codes import encode
from kiosk.gallery.event_file import HEADER_BYTES
from kiosk.gallery.exact_index import ExactIndex
from kiosk.gallery.types import FaceKey
from kiosk.vision.types import Embedding
from tests.peers.milvus import MilvusServer

CONTRACT = "recogniser-1"


def face(photo: int, ordinal: int = 0) -> FaceKey:
    return FaceKey(f"{photo:08x}" * 4, ordinal)


def embedding(seed: int) -> Embedding:
    vector = np.random.default_rng(seed).standard_normal(512).astype(np.float32)
    return Embedding(vector / np.linalg.norm(vector), CONTRACT)


@pytest.fixture
def index_file(tmp_path: Path) -> Path:
    """The closed file of an event of ten faces."""
    index = ExactIndex(tmp_path, CONTRACT)
    index.add("wedding", [face(number) for number in range(10)], [embedding(number) for number in range(10)])
    index.close()
    return tmp_path / "wedding" / "faces.index"


def reopened(index_file: Path) -> ExactIndex:
    return ExactIndex(index_file.parents[1], CONTRACT)


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(offset)
        file.write(data)


def place_of(numbers: str, row: int, byte: int = 0) -> int:
    """Where in the file a number of a face of the first block stands."""
    offset = HEADER_BYTES + BLOCK.fields[numbers][1]
    return offset + row * (BLOCK.fields[numbers][0].itemsize // BLOCK_FACES) + byte


@pytest.mark.parametrize(
    "offset",
    [
        pytest.param(0, id="magic"),
        pytest.param(8, id="version"),
        pytest.param(12, id="dimensions"),
        pytest.param(48, id="count"),
        pytest.param(56, id="count check"),
        pytest.param(place_of("codes", 0, 100), id="code"),
        pytest.param(place_of("codes", 9, 511), id="last code"),
        pytest.param(place_of("keys", 9, 5), id="photo id"),
        pytest.param(place_of("keys", 9, 16), id="ordinal"),
        pytest.param(place_of("vector_sums", 4, 7), id="vector's checksum"),
        pytest.param(place_of("sums", 4), id="checksum"),
        pytest.param(place_of("scales", 3, 2), id="scale"),
        pytest.param(place_of("residuals", 3, 2), id="residual"),
        pytest.param(place_of("marks", 2), id="mark"),
    ],
)
def test_a_flipped_byte_is_found_at_opening_and_dropping_heals(index_file: Path, offset: int) -> None:
    original = index_file.read_bytes()[offset]
    overwrite(index_file, offset, bytes([original ^ 0x41]))
    index = reopened(index_file)

    for use in (
        lambda: index.faces("wedding"),
        lambda: index.count("wedding"),
        lambda: index.search("wedding", embedding(1)),
        lambda: index.embeddings("wedding", [face(1)]),
        lambda: index.add("wedding", [face(20)], [embedding(20)]),
        lambda: index.remove_photos("wedding", [face(1).photo_id]),
    ):
        with pytest.raises(KnownError) as refused:
            use()
        assert refused.value.code is ErrorCode.INDEX_DAMAGED

    index.drop("wedding")
    index.add("wedding", [face(1)], [embedding(1)])
    assert index.faces("wedding") == {face(1)}
    index.close()


def test_a_file_of_another_contract_is_refused_until_it_is_dropped(index_file: Path) -> None:
    overwrite(index_file, 16, b"another contract")
    index = reopened(index_file)

    with pytest.raises(KnownError) as refused:
        index.search("wedding", embedding(1))

    assert refused.value.code is ErrorCode.CONTRACT_MISMATCH
    index.drop("wedding")
    assert index.faces("wedding") == set()
    index.close()


def test_a_file_of_the_version_before_is_refused_until_it_is_dropped(index_file: Path) -> None:
    index_file.write_bytes(b"FACEIDX\n\x01\0\0\0" + bytes(3_000_000))
    index = reopened(index_file)

    with pytest.raises(KnownError) as refused:
        index.faces("wedding")

    assert refused.value.code is ErrorCode.INDEX_DAMAGED
    index.drop("wedding")
    assert index.faces("wedding") == set()
    index.close()


@pytest.mark.parametrize("numbers", ["codes", "keys", "sums", "scales", "residuals", "marks"])
def test_a_page_that_never_reached_the_disk_is_found_at_opening(index_file: Path, numbers: str) -> None:
    overwrite(index_file, place_of(numbers, 0), bytes(BLOCK.fields[numbers][0].itemsize // BLOCK_FACES * 10))

    index = reopened(index_file)
    with pytest.raises(KnownError) as refused:
        index.search("wedding", embedding(1))

    assert refused.value.code is ErrorCode.INDEX_DAMAGED
    index.close()


@pytest.mark.parametrize("damage", [b"\x3f", bytes(2048), os.urandom(700)], ids=["byte", "zeros", "noise"])
def test_a_damaged_vector_is_never_served(index_file: Path, damage: bytes) -> None:
    overwrite(index_file, place_of("vectors", 7), damage)
    index = reopened(index_file)

    assert index.search("wedding", embedding(3), min_similarity=0.9)[0].face == face(3)
    for use in (
        lambda: index.search("wedding", embedding(7), min_similarity=0.9),
        lambda: index.search("wedding", embedding(3), min_similarity=0.9),  # from now on nothing is trusted
        lambda: index.count("wedding"),
        lambda: index.faces("wedding"),
    ):
        with pytest.raises(KnownError) as refused:
            use()
        assert refused.value.code is ErrorCode.INDEX_DAMAGED
    index.close()


def test_a_damaged_vector_that_no_search_came_near_is_found_by_the_comparison_with_sql(
    index_file: Path,
) -> None:
    overwrite(index_file, place_of("vectors", 7, 2047), b"\x11")
    index = reopened(index_file)

    with pytest.raises(KnownError) as refused:
        index.faces("wedding")

    assert refused.value.code is ErrorCode.INDEX_DAMAGED
    index.close()


def test_the_embedding_of_a_damaged_vector_is_never_given_back(index_file: Path) -> None:
    overwrite(index_file, place_of("vectors", 7, 1000), b"\x11\x11\x11")
    index = reopened(index_file)

    assert set(index.embeddings("wedding", [face(3)])) == {face(3)}
    with pytest.raises(KnownError) as refused:
        index.embeddings("wedding", [face(3), face(7)])

    assert refused.value.code is ErrorCode.INDEX_DAMAGED
    index.close()


@pytest.mark.parametrize(
    "size",
    [0, 10, HEADER_BYTES - 1, HEADER_BYTES, HEADER_BYTES + 5000, HEADER_BYTES + BLOCK.itemsize - 1],
)
def test_a_file_cut_short_is_found_at_opening(index_file: Path, size: int) -> None:
    os.truncate(index_file, size)
    index = reopened(index_file)

    with pytest.raises(KnownError) as refused:
        index.faces("wedding")

    assert refused.value.code is ErrorCode.INDEX_DAMAGED
    index.close()


def test_a_torn_tail_that_was_never_counted_is_ignored(index_file: Path) -> None:
    for numbers, size in (("codes", 512), ("vectors", 2048), ("keys", 24), ("sums", 8), ("marks", 4)):
        overwrite(index_file, place_of(numbers, 10), os.urandom(3 * size))
    with index_file.open("ab") as file:
        file.write(os.urandom(100_000))
    index = reopened(index_file)

    assert len(index.faces("wedding")) == 10
    index.add("wedding", [face(10)], [embedding(10)])
    assert index.search("wedding", embedding(10), limit=1)[0].face == face(10)
    more = range(11, 11 + BLOCK_FACES)
    index.add("wedding", [face(number) for number in more], [embedding(number) for number in more])
    assert len(index.faces("wedding")) == 11 + BLOCK_FACES
    index.close()


def test_damage_to_one_event_leaves_the_others_searchable(index_file: Path) -> None:
    index = reopened(index_file)
    index.add("marathon", [face(1)], [embedding(1)])
    index.close()
    overwrite(index_file, 0, b"x")
    index = reopened(index_file)

    assert index.faces("marathon") == {face(1)}
    index.close()


def traces_of(seed: int, key: FaceKey) -> list[bytes]:
    """What would give a face away: its numbers, their code, its photo's id."""
    vector = embedding(seed).vector
    return [vector.tobytes()[:64], encode(vector[None]).codes.tobytes()[:32], bytes.fromhex(key.photo_id)]


def test_a_removed_face_leaves_neither_vector_nor_code_nor_key_on_the_disk(index_file: Path) -> None:
    assert all(trace in index_file.read_bytes() for trace in traces_of(4, face(4)))
    index = reopened(index_file)
    index.remove_photos("wedding", [face(4).photo_id])

    on_disk = index_file.read_bytes()
    index.close()

    assert not any(trace in on_disk for trace in traces_of(4, face(4)))
    assert not any(trace in index_file.read_bytes() for trace in traces_of(4, face(4)))


def test_a_replaced_face_leaves_neither_its_former_vector_nor_code_on_the_disk(index_file: Path) -> None:
    index = reopened(index_file)
    index.add("wedding", [face(4)], [embedding(40)])
    index.close()

    on_disk = index_file.read_bytes()
    assert not any(trace in on_disk for trace in traces_of(4, face(4))[:2])
    assert all(trace in on_disk for trace in traces_of(40, face(4)))


def test_the_file_shrinks_at_opening_after_most_faces_were_removed(tmp_path: Path) -> None:
    index = ExactIndex(tmp_path, CONTRACT)
    index.add("wedding", [face(number) for number in range(9000)], [embedding(1)] * 9000)
    index.remove_photos("wedding", [face(number).photo_id for number in range(1, 9000)])
    index.close()
    before = (tmp_path / "wedding" / "faces.index").stat().st_size
    index = ExactIndex(tmp_path, CONTRACT)

    assert index.faces("wedding") == {face(0)}
    assert index.search("wedding", embedding(1))[0].face == face(0)
    assert (tmp_path / "wedding" / "faces.index").stat().st_size < before / 2
    index.close()


WRITER = """
    import sys
    from pathlib import Path
    import numpy as np
    from kiosk.gallery.exact_index import ExactIndex
    from kiosk.gallery.types import FaceKey
    from kiosk.vision.types import Embedding

    index = ExactIndex(Path(sys.argv[1]), "recogniser-1")
    for number in range(1_000_000):
        vector = np.zeros(512, np.float32)
        vector[number % 512] = 1
        index.add("wedding", [FaceKey(f"{number:08x}" * 4, 0)], [Embedding(vector, "recogniser-1")])
        print(number, flush=True)
"""


def test_a_killed_writer_loses_nothing_that_was_added_and_frees_the_lock(tmp_path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    with writer:
        last = -1
        for line in writer.stdout:
            last = int(line)
            if last == 700:
                writer.send_signal(signal.SIGKILL)
    index = ExactIndex(tmp_path, CONTRACT)
    held = index.faces("wedding")

    assert held >= {face(number) for number in range(last + 1)}
    assert len(held) <= last + 2
    index.close()


REPLACER = """
    import sys
    from pathlib import Path
    import numpy as np
    from kiosk.gallery.exact_index import ExactIndex
    from kiosk.gallery.types import FaceKey
    from kiosk.vision.types import Embedding

    index = ExactIndex(Path(sys.argv[1]), "recogniser-1")
    keys = [FaceKey(f"{number:08x}" * 4, 0) for number in range(200)]
    for turn in range(1_000_000):
        vector = np.zeros(512, np.float32)
        vector[turn % 512] = 1
        index.add("wedding", keys, [Embedding(vector, "recogniser-1")] * 200)
        index.remove_photos("wedding", [key.photo_id for key in keys[:20]])
        print(turn, flush=True)
"""


@pytest.mark.parametrize("turns", [3, 40])
def test_a_writer_killed_while_it_replaces_and_removes_leaves_no_face_twice(
    tmp_path: Path, turns: int
) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(REPLACER), str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    with writer:
        for line in writer.stdout:
            if int(line) == turns:
                writer.send_signal(signal.SIGKILL)
                break
    index = ExactIndex(tmp_path, CONTRACT)
    every = [face(number) for number in range(200)]
    held = index.faces("wedding")

    assert held <= set(every)
    assert index.count("wedding") == len(held)
    assert set(index.embeddings("wedding", every)) == held
    assert len(index.search("wedding", embedding(1))) == len(held)
    index.close()


def test_a_full_disk_is_said_and_leaves_what_was_there_searchable(tmp_path: Path) -> None:
    index = ExactIndex(tmp_path, CONTRACT)
    index.add("wedding", [face(1)], [embedding(1)])
    size = (tmp_path / "wedding" / "faces.index").stat().st_size
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 1000, hard))
    try:
        with pytest.raises(KnownError) as refused:
            index.add("wedding", [face(number) for number in range(2, 5000)], [embedding(2)] * 4998)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)

    assert refused.value.code is ErrorCode.DISK_FULL
    assert index.faces("wedding") == {face(1)}
    index.add("wedding", [face(number) for number in range(2, 5000)], [embedding(2)] * 4998)
    assert len(index.faces("wedding")) == 4999
    index.close()


HOLDER = """
    import sys, time
    from kiosk.gallery.milvus_index import MilvusIndex

    index = MilvusIndex(sys.argv[1], "recogniser-1")
    print("held", flush=True)
    time.sleep(100)
"""


@pytest.mark.slow
def test_a_milvus_file_of_another_process_is_refused_until_that_one_is_killed(tmp_path: Path) -> None:
    from kiosk.gallery.milvus_index import MilvusIndex

    path = str(tmp_path / "faces.db")
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(HOLDER), path], stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(KnownError) as refused:
            MilvusIndex(path, CONTRACT)
        holder.kill()

    assert refused.value.code is ErrorCode.INDEX_LOCKED
    index = MilvusIndex(path, CONTRACT)
    index.add("wedding", [face(1)], [embedding(1)])
    assert index.faces("wedding") == {face(1)}
    index.close()


def test_a_milvus_server_that_is_away_is_said(tmp_path: Path) -> None:
    from kiosk.gallery.milvus_index import MilvusIndex

    with pytest.raises(KnownError) as refused:
        MilvusIndex("http://127.0.0.1:9", CONTRACT)

    assert refused.value.code is ErrorCode.INDEX_UNREACHABLE


@pytest.fixture
def own_milvus(milvus_server: MilvusServer) -> Iterator[MilvusServer]:
    """The server, emptied after the test however that went."""
    yield milvus_server
    milvus_server.drop_collections()


@pytest.mark.slow
def test_a_milvus_server_that_dies_is_said_and_serves_what_it_held_once_it_is_back(
    own_milvus: MilvusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.gallery import milvus_index

    index = milvus_index.MilvusIndex(own_milvus.url, CONTRACT)
    index.add("wedding", [face(1)], [embedding(1)])
    monkeypatch.setattr(milvus_index, "_CALL_TIMEOUT_S", 2.0)
    own_milvus.kill()
    try:
        with pytest.raises(KnownError) as refused:
            index.search("wedding", embedding(1))
        index.close()
    finally:
        own_milvus.start()
    monkeypatch.undo()

    assert refused.value.code is ErrorCode.INDEX_UNREACHABLE
    index = milvus_index.MilvusIndex(own_milvus.url, CONTRACT)
    assert index.faces("wedding") == {face(1)}
    index.close()


@pytest.mark.slow
def test_a_cut_link_to_a_milvus_server_is_said_and_the_same_index_serves_once_it_is_mended(
    own_milvus: MilvusServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kiosk.gallery import milvus_index

    index = milvus_index.MilvusIndex(own_milvus.url, CONTRACT)
    index.add("wedding", [face(1)], [embedding(1)])
    monkeypatch.setattr(milvus_index, "_CALL_TIMEOUT_S", 2.0)
    own_milvus.network.cut()
    try:
        with pytest.raises(KnownError) as refused:
            index.search("wedding", embedding(1))
    finally:
        own_milvus.network.mend()
    monkeypatch.undo()

    assert refused.value.code is ErrorCode.INDEX_UNREACHABLE
    assert [hit.face for hit in index.search("wedding", embedding(1))] == [face(1)]
    index.close()


def test_a_milvus_path_that_does_not_open_is_said_and_not_held(tmp_path: Path) -> None:
    from kiosk.gallery.milvus_index import MilvusIndex

    (tmp_path / "faces.db").write_bytes(os.urandom(5000))
    with pytest.raises(KnownError) as refused:
        MilvusIndex(str(tmp_path / "faces.db"), CONTRACT)

    assert refused.value.code is ErrorCode.INDEX_DAMAGED
    (tmp_path / "faces.db").unlink()
    MilvusIndex(str(tmp_path / "faces.db"), CONTRACT).close()
